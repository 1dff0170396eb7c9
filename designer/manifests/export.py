"""Project → manifest files, which import to an equal project.

Objects go back to the files that they came from; what has no file goes to ``<namespace>/<kind>-<name>.yaml``
(``cluster/…`` for cluster-scoped kinds). Settings and the program's own kinds go to ``cluster.yaml``. What was assumed
is written only when it was changed: an import assumes it again. Pods of workloads that a running cluster had go to
``observed-pods.yaml``. Of a Secret only a reference is written, so that nobody applies an emptied one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from designer.manifests.assume import kept_assumptions, still_assumed
from designer.manifests.original_text import Edited, edit_texts
from designer.manifests.read import SECRET_REFERENCE
from designer.manifests.settings_text import settings_documents
from designer.manifests.writer import to_json, to_yaml
from designer.model import WORKLOAD_KINDS, AnyWorkload, PodRecord, Project, split_id, template_of
from designer.model.design import DESIGN_API

SETTINGS_FILE = "cluster.yaml"
OTHER_SETTINGS_FILE = "cluster-settings.yaml"
PODS_FILE = "observed-pods.yaml"
STDIN_FILE = "manifests.yaml"
PODS_NOTE = "# Pods as they were seen in a running cluster: for reading, not for `kubectl apply`.\n"


def export(project: Project, originals: Mapping[str, str] | None = None) -> tuple[tuple[str, str], ...]:
    """The files of `project` as pairs of name and text, sorted by name; names are relative and never lead outside.

    With the `originals` (file name → text, as `ImportResult.texts` gives them), those texts are edited: comments, order
    and documents that did not change stay as they are.
    """
    edited = edit_texts(project, originals) if originals else Edited()
    kept = {safe_name(name): text for name, text in edited.texts.items() if text.strip()}
    files: dict[str, list[tuple[tuple[int, int, str], dict[str, Any]]]] = {}
    assumed = still_assumed(project)
    own: list[dict[str, Any]] = []
    for obj in project.all():
        if obj.id in edited.covered or obj.id in assumed:
            continue
        data = obj.dump()
        if obj.apiVersion == DESIGN_API:
            own.append(data)
        else:
            files.setdefault(file_for(project, obj.id), []).append((place(project, obj.id), data))
    for oid in sorted(project.foreign):
        data = project.foreign[oid].data
        if oid in edited.covered:
            continue
        if data.get("kind") == "Secret":
            own.append(secret_reference(data))
        elif data.get("apiVersion") == DESIGN_API:
            own.append(data)
        else:
            files.setdefault(file_for(project, oid), []).append((place(project, oid), data))
    texts = {name: joined(name, kept.get(name, ""), found) for name, found in files.items()}
    texts = {**kept, **texts}
    pods = observed_pods(project, edited.covered)
    if pods:
        texts[free_name(PODS_FILE, texts)] = PODS_NOTE + documents(pods)
    settings = settings_documents(project.cluster, kept_assumptions(project, assumed))
    if edited.settings_hold:
        settings = ()
    if settings or own:
        name = safe_name(edited.settings_home) if edited.settings_home else settings_file(texts)
        rest = texts.get(name, "")
        texts[name] = documents([*settings, *own]) + ("---\n" + rest.removeprefix("---\n") if rest.strip() else "")
    return tuple(sorted(texts.items()))


def settings_file(texts: Mapping[str, str]) -> str:
    """The name of the file with the settings; another one when the input has a file of that name."""
    return free_name(SETTINGS_FILE if SETTINGS_FILE not in texts else OTHER_SETTINGS_FILE, texts)


def free_name(name: str, texts: Mapping[str, str]) -> str:
    """`name`, with a number before its ending when `texts` has it already."""
    stem, number, free = name.removesuffix(".yaml"), 2, name
    while free in texts:
        free, number = f"{stem}-{number}.yaml", number + 1
    return free


def documents(found: list[dict[str, Any]]) -> str:
    """YAML documents, each after its marker but the first."""
    return "---\n".join(to_yaml(data) for data in found)


def joined(name: str, text: str, found: list[tuple[tuple[int, int, str], dict[str, Any]]]) -> str:
    """`text` with further objects of the same file, in the order in which they stood there."""
    data = [entry for _, entry in sorted(found, key=lambda pair: pair[0])]
    if name.endswith(".json") and not text:
        return to_json(data[0] if len(data) == 1 else {"apiVersion": "v1", "kind": "List", "items": data})
    if not text.strip():
        return documents(data)
    return text.rstrip("\n") + "\n---\n" + documents(data)


def place(project: Project, oid: str) -> tuple[int, int, str]:
    """What objects of one file are sorted by: document, line, id."""
    origin = project.provenance.get(oid)
    return (origin.document, origin.line, oid) if origin else (0, 0, oid)


def file_for(project: Project, oid: str) -> str:
    """The file that an object is written to."""
    origin = project.provenance.get(oid)
    if origin is not None and origin.file:
        return safe_name(origin.file)
    kind, namespace, name = split_id(oid)
    return safe_name(f"{namespace or 'cluster'}/{kind.rpartition('/')[2].lower()}-{name}.yaml")


def safe_name(name: str) -> str:
    """A relative file name without steps upwards, whatever the project file says."""
    if name in ("-", ""):
        return STDIN_FILE
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", "..", ".")]
    clean = [part.replace(":", "_").replace("\0", "_") for part in parts]
    if not clean:
        return STDIN_FILE
    return "/".join(clean) if clean[-1].endswith((".yaml", ".yml", ".json")) else "/".join(clean) + ".yaml"


def secret_reference(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is written of a Secret: that it exists, and its type."""
    spec = {key: data[key] for key in ("type",) if key in data}
    return {
        "apiVersion": DESIGN_API,
        "kind": SECRET_REFERENCE,
        "metadata": data.get("metadata", {}),
        **({"spec": spec} if spec else {}),
    }


def observed_pods(project: Project, covered: frozenset[str]) -> list[dict[str, Any]]:
    """Pods of workloads with what a running cluster gave them; `covered` are those that stand in an edited text."""
    found = []
    for key in sorted(project.ledger.pods):
        record = project.ledger.pods[key]
        owner = project.get(key.partition("#")[0].partition("@")[0])
        if not record.observed or not isinstance(owner, WORKLOAD_KINDS):
            continue
        if f"Pod:{owner.namespace}/{record.name}" not in covered:
            found.append(observed_pod(owner, record))  # type: ignore[arg-type]
    return found


def observed_pod(owner: AnyWorkload, record: PodRecord) -> dict[str, Any]:
    """The manifest of one observed Pod, from which an import makes the same record."""
    template = template_of(owner)
    labels = record.labels if record.labels is not None else template.metadata.labels.merged(record.added or {})
    metadata: dict[str, Any] = {"name": record.name, "namespace": owner.namespace, "labels": dict(labels)}
    if record.terminating:
        metadata["deletionTimestamp"] = "1970-01-01T00:00:00Z"
    reference = {"apiVersion": owner.API_VERSION, "kind": owner.KIND, "name": owner.name, "controller": True}
    metadata["ownerReferences"] = [reference]
    ready = "True" if record.ready else "False"
    status: dict[str, Any] = {"phase": record.phase, "conditions": [{"type": "Ready", "status": ready}]}
    if record.ips:
        status |= {"podIP": record.ips[0], "podIPs": [{"ip": ip} for ip in record.ips]}
    spec = {"nodeName": record.node} if record.node else {}
    # Only what differs from the template: a Pod without containers is taken to be as its template says.
    own = record.spec.dump() if record.spec is not None else {}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {**spec, **own}, "status": status}
