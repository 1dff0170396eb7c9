"""Manifests → project: `read_texts` for texts, `read_paths` for files, folders and standard input.

Bad content never raises: what cannot be read is a problem, and the rest is read. Secrets are never read: of a Secret
only that it exists is kept (apiVersion, kind, metadata without annotations, type), because an Ingress names it. Nor is
``metadata.managedFields`` kept, the API server's own bookkeeping, which it refuses in a manifest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from designer.manifests.assume import assume
from designer.manifests.cleaning import clean, container_lines
from designer.manifests.cluster_settings import build_settings, gather_settings, is_settings
from designer.manifests.converters import CONVERTERS, converted
from designer.manifests.documents import decode
from designer.manifests.folding import Folded, fold
from designer.manifests.ingress_controllers import detect
from designer.manifests.kustomize import patch_files
from designer.manifests.mirroring import mirrored
from designer.manifests.raw_objects import Gathered, RawObject, gather
from designer.manifests.refusing import refusals
from designer.manifests.report import ImportReport, ReportEntry
from designer.manifests.seen_nodes import seen_nodes
from designer.manifests.unused import is_evaluated, unused_problems
from designer.manifests.validating import validated
from designer.model import (
    EMPTY_PROJECT,
    KIND_BY_NAME,
    WORKLOAD_KINDS,
    ClusterSettings,
    ForeignObject,
    FrozenMap,
    KubeObject,
    Ledger,
    Problem,
    Project,
    Provenance,
)
from designer.model.collector import collector_paused
from designer.model.design import DESIGN_API
from designer.model.policykinds import is_policy
from designer.model.staging import STAGED_ANNOTATION, uncarried

SUFFIXES = (".yaml", ".yml", ".json")
# Kinds whose verdicts and problems cite lines of single fields.
LINED_KINDS = frozenset(
    (
        "NetworkPolicy",
        "Service",
        "Ingress",
        "IngressClass",
        "EndpointSlice",
        "IngressController",
        "Pod",
        *(kind.KIND for kind in WORKLOAD_KINDS),
    )
)
SECRET_REFERENCE = "SecretReference"  # the program's own kind: that a Secret exists
SECRET_FIELDS = ("apiVersion", "kind", "type", "immutable")
SECRET_METADATA = ("name", "namespace", "labels", "uid", "ownerReferences")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """A project made of manifests, the report of what became of everything, and the problems found on the way.

    `empty` says that nothing at all was read; the project is then the empty one, without assumptions. `texts` holds the
    texts by name, so that an export can edit them and keep their comments.
    """

    project: Project
    report: ImportReport
    problems: tuple[Problem, ...] = ()
    texts: FrozenMap[str, str] = field(default_factory=FrozenMap)

    @property
    def empty(self) -> bool:
        """Whether nothing was read."""
        return self.project is EMPTY_PROJECT


@dataclass(slots=True)
class Intake:
    """Objects taken so far, by id, in the order of the input, with where they came from."""

    objects: dict[str, KubeObject] = field(default_factory=dict)
    foreign: dict[str, ForeignObject] = field(default_factory=dict)
    provenance: dict[str, Provenance] = field(default_factory=dict)
    sources: dict[str, RawObject] = field(default_factory=dict)
    entries: list[ReportEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def keep(self, raw: RawObject, data: dict[str, Any], reason: str, text: str) -> None:
        """Keep an object that the program does not work with."""
        oid = raw.kept_id
        if not raw.name:
            oid = f"{oid}#{len(self.foreign)}"
        self.note_duplicate(oid, raw, oid in self.foreign)
        self.foreign[oid] = ForeignObject(oid, data, reason)
        lines = container_lines(raw.data, leaves="gateway" in raw.api_version) if is_evaluated(raw) else {}
        self.provenance[oid] = Provenance(
            file=raw.file, line=raw.line, document=raw.document, fieldLines=FrozenMap(lines)
        )
        self.entries.append(ReportEntry("kept", text, oid, raw.file, raw.line))

    def note_duplicate(self, oid: str, raw: RawObject, known: bool) -> None:
        """Warn when an object is in the input twice; the later one stands, as with ``kubectl apply``."""
        if not known:
            return
        first = self.provenance[oid]
        self.problems.append(
            Problem(
                "READ-08",
                "warning",
                f"{raw.shown} is in the input twice: {first.file} line {first.line} and {raw.file} line {raw.line}",
                object=oid,
                why="The later one replaces the earlier one, as `kubectl apply` does.",
                fix="Remove one of the two.",
                file=raw.file,
                line=raw.line,
            )
        )


def read_texts(
    texts: Iterable[tuple[str, str]],
    *,
    base: ClusterSettings | None = None,
    assuming: bool = True,
) -> ImportResult:
    """The project that manifests describe; `texts` are pairs of name and text, read in order.

    `base` gives the settings that the input does not say. Without `assuming`, nothing is added to what was read.
    """
    pairs = tuple(texts)
    with collector_paused():
        gathered = Gathered()
        patches = patch_files(pairs)
        for name, text in pairs:
            if name in patches:
                gathered.skip(name, 1, f"{name} is a patch of {patches[name]}, which is not applied.")
            else:
                gather(name, text, gathered)
        return build(gathered, FrozenMap(dict(pairs)), base, assuming)


def build(gathered: Gathered, texts: FrozenMap[str, str], base: ClusterSettings | None, assuming: bool) -> ImportResult:
    """The result that the gathered objects give."""
    draft = gather_settings(gathered.objects)
    intake = Intake()
    for raw in gathered.objects:
        take(raw, intake)
    problems = [*gathered.problems, *draft.problems, *intake.problems]
    problems += unused_problems(intake.foreign, intake.provenance)
    entries = [*intake.entries, *draft.entries, *gathered.entries]
    if not intake.objects and not intake.foreign and not draft.values and draft.whole is None:
        return ImportResult(EMPTY_PROJECT, ImportReport(tuple(entries)), in_order(problems), texts)
    noted = len(draft.problems)
    cluster = build_settings(draft, base or ClusterSettings())
    problems += draft.problems[noted:]
    folded = fold(intake.objects)
    project = assemble(intake, folded, cluster)
    entries += folded.entries
    for piece, place, entry in mirrored(folded.objects, intake.foreign, intake.provenance):
        project = replace(project.with_object(piece), provenance=project.provenance.set(piece.id, place))
        entries.append(entry)
    for controller, entry in detect(folded.objects):
        project = project.with_object(controller)
        entries.append(entry)
    if assuming:
        project, assumed = assume(project, draft, seen_nodes(intake.objects.values(), project.cluster))
        entries += assumed
    return ImportResult(project, ImportReport(tuple(entries)), in_order(problems), texts)


def assemble(intake: Intake, folded: Folded, cluster: ClusterSettings) -> Project:
    """The project of everything that was taken."""
    provenance = {oid: place for oid, place in intake.provenance.items() if oid not in folded.gone}
    for oid, obj in folded.objects.items():
        lines = (
            container_lines(intake.sources[oid].data, leaves=obj.KIND == "Service") if obj.KIND in LINED_KINDS else {}
        )
        if lines:
            provenance[oid] = provenance[oid].model_copy(update={"fieldLines": FrozenMap(lines)})
    return replace(
        Project(cluster=cluster).with_objects(list(folded.objects.values())),
        ledger=Ledger(pods=FrozenMap(folded.records)),
        foreign=FrozenMap(intake.foreign),
        provenance=FrozenMap(provenance),
    )


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Problems by file and line, the way a person goes through them; equal ones once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line, *p.sort_key)))


def take(raw: RawObject, intake: Intake) -> None:
    """Take one object: as a model object, as a kept one, or not at all."""
    if is_settings(raw):
        return
    data = clean(raw.data)
    data.setdefault("apiVersion", raw.api_version)
    metadata = data.get("metadata")
    if isinstance(metadata, dict):
        metadata.pop("managedFields", None)
        if raw.kind == "NetworkPolicy" or is_policy(data):
            without_mark(metadata)
    held = uncarried(data)
    if held is not None:
        raw, data = staged_policy(raw), held
        if raw.kept_id in intake.foreign:
            text = f"{raw.shown}: the staged policy is not taken, because the input has the policy already."
            intake.entries.append(ReportEntry("skipped", text, "", raw.file, raw.line))
            return
    if raw.kind == SECRET_REFERENCE and raw.api_version == DESIGN_API:
        raw, data = referenced_secret(raw, data)
    if raw.kind == "Secret":
        text = f"{raw.shown}: only that it exists is kept; Secrets are never read."
        intake.keep(raw, without_secret(data), "Secrets are never read", text)
        return
    converter = CONVERTERS.get((raw.api_version, raw.kind))
    if converter is None:
        reason, told = "unknown kind", "the program does not evaluate this kind"
        if raw.kind in KIND_BY_NAME:
            known = KIND_BY_NAME[raw.kind].API_VERSION
            reason = told = f"apiVersion {raw.api_version or '(none)'} of {raw.kind} is not known; {known} is"
        intake.keep(raw, data, reason, f"{raw.shown} ({raw.api_version}): kept as it is; {told}.")
        return
    obj, problems = validated(converter.kind, converted(data, converter), raw)
    intake.problems += problems
    if obj is None:
        reason = problems[0].title if problems else "not readable"
        intake.keep(raw, data, reason, f"{raw.shown}: kept as it is, because it is not valid.")
        return
    intake.problems += refusals(obj, raw)
    intake.note_duplicate(obj.id, raw, obj.id in intake.objects)
    intake.objects.pop(obj.id, None)
    intake.objects[obj.id] = obj
    intake.sources[obj.id] = raw
    intake.provenance[obj.id] = Provenance(file=raw.file, line=raw.line, document=raw.document)
    renamed = "" if raw.api_version == converter.kind.API_VERSION else f", converted from {raw.api_version}"
    intake.entries.append(ReportEntry("read", f"{raw.shown}{renamed}", obj.id, raw.file, raw.line))


def without_mark(metadata: dict[str, Any]) -> None:
    """Nothing; takes the mark of a staged policy away: what stands in manifests as a policy is enforced."""
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict) and STAGED_ANNOTATION in annotations:
        kept = {key: value for key, value in annotations.items() if key != STAGED_ANNOTATION}
        metadata["annotations"] = kept
        if not kept:
            del metadata["annotations"]


def staged_policy(raw: RawObject) -> RawObject:
    """The policy that an export of this program holds in an object of its own, because nobody enforces it yet."""
    policy = raw.data["spec"]["policy"]
    return replace(raw, data=policy, api_version=policy["apiVersion"], kind=policy["kind"])


def referenced_secret(raw: RawObject, data: dict[str, Any]) -> tuple[RawObject, dict[str, Any]]:
    """The Secret that an export of this program says exists."""
    spec = data.get("spec")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": data.get("metadata", {})}
    if isinstance(spec, dict) and "type" in spec:
        secret["type"] = spec["type"]
    return replace(raw, data=secret, api_version="v1", kind="Secret"), secret


def without_secret(data: dict[str, Any]) -> dict[str, Any]:
    """A Secret without anything that could hold its data; annotations can (``last-applied-configuration``)."""
    kept = {key: data[key] for key in SECRET_FIELDS if key in data}
    metadata = data.get("metadata")
    if isinstance(metadata, dict):
        kept["metadata"] = {key: metadata[key] for key in SECRET_METADATA if key in metadata}
    return kept


def read_paths(
    paths: Sequence[str | Path],
    stdin: bytes | str | None = None,
    *,
    base: ClusterSettings | None = None,
    assuming: bool = True,
) -> ImportResult:
    """The project that files and folders describe; ``-`` stands for `stdin`.

    Folders are read with everything below them in sorted order: files ending in .yaml, .yml or .json, without hidden
    folders; links that lead in a circle are followed once. Files that cannot be read are problems.
    """
    problems: list[Problem] = []
    texts: list[tuple[str, str]] = []
    names: set[str] = set()
    for path in paths:
        if str(path) == "-":
            data = stdin.encode() if isinstance(stdin, str) else stdin
            add_text("-", data or b"", texts, problems)
            continue
        for name, file in files_of(Path(path), problems):
            if name in names:
                name = str(file)  # the same name in two folders
            names.add(name)
            try:
                data = file.read_bytes()
            except (OSError, ValueError) as error:
                problems.append(unreadable(name, error))
            else:
                add_text(name, data, texts, problems)
    result = read_texts(texts, base=base, assuming=assuming)
    if result.empty and not problems and not result.problems:
        problems.append(nothing_there(paths, result.report))
    return replace(result, problems=in_order([*problems, *result.problems])) if problems else result


def nothing_there(paths: Sequence[str | Path], report: ImportReport) -> Problem:
    """The problem of paths that hold no object at all; what was skipped says why."""
    names = ", ".join("standard input" if str(path) == "-" else str(path) for path in paths)
    skipped = [entry.text.replace("- holds", "It holds", 1) for entry in report.of("skipped")][:3]
    usual = "Manifests are files ending in .yaml, .yml or .json that hold objects with apiVersion and kind."
    return Problem(
        "READ-10",
        "error",
        f"There is no Kubernetes object in {names or 'no path at all'}",
        why=" ".join(skipped) or usual,
        fix="Give a manifest file, a folder that holds some, or - for standard input.",
    )


def add_text(name: str, data: bytes, texts: list[tuple[str, str]], problems: list[Problem]) -> None:
    """Decode a file and add its text, or its problem."""
    text, problem = decode(data, name)
    if text is not None:
        texts.append((name, text))
    elif problem is not None:
        problems.append(problem)


def unreadable(name: str, error: Exception) -> Problem:
    """The problem of a file that the system does not give."""
    said = getattr(error, "strerror", None) or str(error)
    return Problem(
        "READ-00",
        "error",
        f"{name} cannot be read: {said}",
        fix="Check the path and its permissions.",
        file=name,
    )


def files_of(path: Path, problems: list[Problem]) -> list[tuple[str, Path]]:
    """The manifest files of a path with the names that messages use (below a folder: relative to it)."""
    try:
        if path.is_dir():
            return folder_files(path, problems)
        if path.exists():
            return [(path.name, path)]
        problems.append(unreadable(str(path), FileNotFoundError(0, "there is no such file or folder")))
    except (OSError, ValueError) as error:
        problems.append(unreadable(str(path), error))
    return []


def folder_files(root: Path, problems: list[Problem]) -> list[tuple[str, Path]]:
    """The manifest files below a folder, sorted by their path."""
    found: list[tuple[str, Path]] = []
    seen: set[tuple[int, int]] = set()

    def note(error: OSError) -> None:
        problems.append(unreadable(str(error.filename or root), error))

    for folder, folders, names in os.walk(root, onerror=note, followlinks=True):
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and (name.endswith(SUFFIXES) or name == "Kustomization"):
                file = Path(folder, name)
                found.append((file.relative_to(root).as_posix(), file))
    return sorted(found)


__all__ = ["ImportResult", "read_paths", "read_texts"]
