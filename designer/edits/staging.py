"""Staging a policy, enforcing it, and the project as it would be with every staged policy enforced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from designer.edits.edit import Edit, missing, refusal, refused
from designer.model import ForeignObject, NetworkPolicy, Project, object_id, split_id
from designer.model.staging import (
    CALICO_API,
    STAGED_ANNOTATION,
    STAGED_KINDS,
    STAGED_KUBERNETES,
    is_staged,
    staged_kind,
)

Data = dict[str, Any]


def staged_ids(project: Project) -> tuple[str, ...]:
    """The ids of every staged policy: marked ones, then those that are staged by their kind."""
    marked = tuple(one.id for one in project.of(NetworkPolicy) if is_staged(one))
    return (*marked, *(oid for oid in sorted(project.foreign) if staged_kind(project.foreign[oid].data)))


def stage(project: Project, oid: str) -> Edit:
    """The edit that takes a policy out of force and keeps it: it says nothing to any packet until it is enforced."""
    label = f"Stage {_named(oid)}"
    policy = project.find(NetworkPolicy, oid)
    if policy is not None:
        if is_staged(policy):
            return refused(label, project, refusal("EDIT-10", f"{_named(oid)} is staged already", oid=oid))
        return Edit(label, project.with_object(_marked(policy, True)), None, (oid,))
    kept = project.foreign.get(oid)
    if kept is None:
        return missing(label, project, oid)
    kind = next((one for one, made in STAGED_KINDS.items() if made == _api(kept.data)), "")
    if not kind:
        problem = refusal(
            "EDIT-10",
            f"A {kept.data.get('kind')} cannot be staged",
            oid=oid,
            why="Only NetworkPolicies and Calico's own policies have a staged form.",
            fix="Copy it into another project, and delete it here.",
        )
        return refused(label, project, problem)
    return _renamed(project, kept, {**kept.data, "apiVersion": CALICO_API, "kind": kind}, label)


def enforce(project: Project, oid: str) -> Edit:
    """The edit that puts a staged policy into force."""
    label = f"Enforce {_named(oid)}"
    policy = project.find(NetworkPolicy, oid)
    if policy is not None and is_staged(policy):
        return Edit(label, project.with_object(_marked(policy, False)), None, (oid,))
    kept = project.foreign.get(oid)
    if kept is None or not staged_kind(kept.data):
        problem = refusal("EDIT-10", f"{_named(oid)} is not staged", oid=oid, fix="Choose a policy that is staged.")
        return refused(label, project, problem)
    made, why = _in_force(project, kept)
    if made is None:
        return refused(label, project, refusal("EDIT-10", why, oid=oid, fix="Correct it in its YAML."))
    return Edit(label, made)


def enforce_all(project: Project) -> Edit:
    """The edit that puts every staged policy into force; `problems` names those that cannot be read."""
    found = enforced(project)
    return Edit("Enforce the staged policies", found[0], None, (), tuple(refusal("EDIT-10", why) for why in found[1]))


def enforced(project: Project) -> tuple[Project, tuple[str, ...]]:
    """The project with every staged policy in force, and why some cannot be."""
    said = []
    for oid in staged_ids(project):
        policy = project.find(NetworkPolicy, oid)
        if policy is not None:
            project = project.with_object(_marked(policy, False))
            continue
        made, why = _in_force(project, project.foreign[oid])
        if made is not None:
            project = made
        else:
            said.append(why)
    return project, tuple(said)


def exported(project: Project) -> tuple[Project, tuple[str, ...]]:
    """The project with marked policies as Calico's staged kind, which nobody enforces; and the ids of those."""
    marked = tuple(one for one in project.of(NetworkPolicy) if is_staged(one))
    for one in marked:
        data = _marked(one, False).dump()
        data |= {"apiVersion": CALICO_API, "kind": STAGED_KUBERNETES}
        oid = f"{CALICO_API}/{object_id(STAGED_KUBERNETES, one.namespace, one.name)}"
        foreign = project.foreign.set(oid, ForeignObject(oid, data))
        origin = project.provenance.get(one.id)
        provenance = project.provenance if origin is None else project.provenance.set(oid, origin)
        project = replace(project.without(one.id), foreign=foreign, provenance=provenance)
    return project, tuple(one.id for one in marked)


def _named(oid: str) -> str:
    """``NetworkPolicy web``, also of an object that is kept."""
    kind, _, name = split_id(oid)
    return f"{kind.rpartition('/')[2]} {name}"


def _marked(policy: NetworkPolicy, staged: bool) -> NetworkPolicy:
    """The policy with the mark, or without it."""
    data = policy.dump()
    annotations = dict(data["metadata"].get("annotations") or {})
    annotations.pop(STAGED_ANNOTATION, None)
    if staged:
        annotations[STAGED_ANNOTATION] = "true"
    metadata = {**data["metadata"], "annotations": annotations}
    if not annotations:
        del metadata["annotations"]
    return NetworkPolicy.model_validate({**data, "metadata": metadata})


def _api(data: Mapping[str, Any]) -> tuple[str, str]:
    """API version and kind of a kept object, Calico's under the name of its public group."""
    api = str(data.get("apiVersion"))
    return (CALICO_API if api.endswith(CALICO_API) else api), str(data.get("kind"))


def _in_force(project: Project, kept: ForeignObject) -> tuple[Project | None, str]:
    """The project with a policy of a staged kind in force; None with the reason where it cannot be read.

    ``stagedAction`` Delete takes the policy of that name away; Learn and Ignore do nothing (Calico's API).
    """
    data = dict(kept.data)
    spec = dict(data["spec"]) if isinstance(data.get("spec"), Mapping) else {}
    action = spec.pop("stagedAction", "Set") or "Set"
    api, kind = STAGED_KINDS[staged_kind(data)]
    data |= {"apiVersion": api, "kind": kind, "spec": spec}
    rest = replace(project, foreign=project.foreign.without(kept.id))
    _, namespace, name = split_id(f"{kind}:{kept.id.partition(':')[2]}")
    native = kind == NetworkPolicy.KIND and api == NetworkPolicy.API_VERSION
    oid = object_id(kind, namespace or "default", name) if native else f"{api}/{kind}:{kept.id.partition(':')[2]}"
    if action in ("Learn", "Ignore"):
        return rest, ""
    if action == "Delete":
        return replace(rest.without(oid), foreign=rest.foreign.without(oid)), ""
    if not native:
        return _moved(rest, kept, ForeignObject(oid, data, kept.reason)), ""
    try:
        policy = NetworkPolicy.model_validate(data)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
        return None, f"{kept.id.partition('/')[2]} cannot be enforced: its field {where} cannot be read"
    return rest.with_object(policy), ""


def _renamed(project: Project, kept: ForeignObject, data: Data, label: str) -> Edit:
    """The edit that makes a kept object one of another kind."""
    oid = f"{data['apiVersion']}/{data['kind']}:{kept.id.partition(':')[2]}"
    rest = replace(project, foreign=project.foreign.without(kept.id))
    return Edit(label, _moved(rest, kept, ForeignObject(oid, data, kept.reason)), None, (oid,))


def _moved(project: Project, old: ForeignObject, new: ForeignObject) -> Project:
    """The project with a kept object in the place of another one, from the same lines of the same file."""
    origin = project.provenance.get(old.id)
    provenance = project.provenance if origin is None else project.provenance.without(old.id).set(new.id, origin)
    return replace(project, foreign=project.foreign.set(new.id, new), provenance=provenance)
