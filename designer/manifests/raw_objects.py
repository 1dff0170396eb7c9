"""Texts → raw objects: one mapping with apiVersion and kind each; lists taken apart, templates recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from designer.manifests.documents import Document, split
from designer.manifests.dump_reader import BIG, read_dump
from designer.manifests.json_reader import looks_like_json, read_json
from designer.manifests.kustomize import changing_fields, is_kustomization, unapplied
from designer.manifests.report import ReportEntry
from designer.manifests.yaml_reader import read_document
from designer.model import KIND_BY_NAME, Problem, object_id

TEMPLATE = re.compile(
    r"\{\{-?\s*(?:[.$]|/\*|(?:if|else|range|end|with|include|template|define|block|toYaml|quote|printf|tpl)\b)"
)
MAX_LIST_DEPTH = 5


@dataclass(frozen=True, slots=True)
class RawObject:
    """An object as the input has it, with its place: file, 1-based line (0 unknown), document index."""

    data: dict[str, Any]
    api_version: str
    kind: str
    file: str
    line: int
    document: int

    @property
    def name(self) -> str:
        """``metadata.name``, "" where there is none."""
        return self.meta("name")

    @property
    def namespace(self) -> str:
        """``metadata.namespace``, "" where there is none."""
        return self.meta("namespace")

    @property
    def kept_id(self) -> str:
        """The id that it has when it is only kept: ``apiVersion/Kind:namespace/name``."""
        return object_id(f"{self.api_version or '?'}/{self.kind}", self.namespace, self.name)

    def meta(self, key: str) -> str:
        """A text field of the metadata, "" where it is absent or no text."""
        metadata = self.data.get("metadata")
        value = metadata.get(key) if isinstance(metadata, dict) else None
        return value if isinstance(value, str) else ""

    @property
    def shown(self) -> str:
        """The object as messages name it."""
        name = self.name if len(self.name) <= 253 else self.name[:40] + "…"
        return f"{self.kind} {self.namespace + '/' if self.namespace else ''}{name or '(no name)'}"


@dataclass(slots=True)
class Gathered:
    """What the texts held, collected while reading."""

    objects: list[RawObject] = field(default_factory=list)
    entries: list[ReportEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def skip(self, file: str, line: int, text: str) -> None:
        """Note something that is not taken."""
        self.entries.append(ReportEntry("skipped", text, "", file, line))


def gather(name: str, text: str, into: Gathered) -> None:
    """Read one text and add what it holds to `into`."""
    base = PurePosixPath(name).name
    if is_kustomization(name):
        skip_kustomization(name, 1, into)
        if fields := changing_fields(text, name):
            into.problems.append(unapplied(name, fields))
        return
    if base == "Chart.yaml":
        into.skip(name, 1, f"{name} describes a Helm chart; its templates are read after `helm template`.")
        return
    if looks_like_json(text):
        values, problem = read_json(text, name)
        if values is not None:
            for index, value in enumerate(values):
                take(value, name, getattr(value, "line", 1), index, into)
            return
        if base.endswith(".json") or base == "-":
            into.problems += [problem] if problem else []
            return
    documents = split(text)
    if not documents:
        into.skip(name, 0, f"{name} holds no document: it is empty or holds only comments.")
    templates: list[Document] = []
    reader = read_dump if len(text) >= BIG else read_document
    for document in documents:
        value, problem = reader(document.text, document.line, name)
        if problem is None:
            take(value, name, document.line, document.index, into)
        elif TEMPLATE.search(document.text):
            templates.append(document)
        else:
            into.problems.append(problem)
    if templates:
        into.problems.append(template_problem(name, templates[0].line))


def template_problem(file: str, line: int) -> Problem:
    """The problem of a file that is a template, not a manifest."""
    return Problem(
        "READ-03",
        "error",
        f"{file} is a Helm template, not a manifest",
        why="It holds `{{ … }}`, whose values come from the chart; what Kubernetes would get is not known here.",
        fix="Render the chart first: `helm template <chart> > manifests.yaml`, then open that file.",
        file=file,
        line=line,
    )


def skip_kustomization(file: str, line: int, into: Gathered) -> None:
    """Say that a kustomization is not applied."""
    folder = str(PurePosixPath(file).parent)
    text = f"{file} is a kustomization, which is not applied."
    into.skip(file, line, f"{text} To read its result: `kubectl kustomize {folder} > manifests.yaml`.")


def take(value: Any, file: str, line: int, document: int, into: Gathered, depth: int = 0) -> None:
    """Add the object or objects that a document's value is."""
    at = getattr(value, "line", 0) or line
    if value is None:
        return
    if isinstance(value, list) and value and depth < MAX_LIST_DEPTH and all(isinstance(v, dict) for v in value):
        for item in value:
            take(item, file, at, document, into, depth + 1)
        return
    if not isinstance(value, dict):
        into.problems.append(no_object(file, at, "holds no mapping"))
        return
    kind, api = value.get("kind"), value.get("apiVersion")
    if is_list(value, kind):
        for item in value.get("items") or ():
            take_item(item, str(kind), api, file, at, document, into, depth)
        return
    if not isinstance(kind, str) or not kind:
        if "kustomize.config.k8s.io" in str(api) or ("resources" in value and "metadata" not in value):
            skip_kustomization(file, at, into)
        elif any(key in value for key in ("apiVersion", "metadata", "spec", "kind")):
            into.problems.append(no_object(file, at, "has no `kind`"))
        else:
            into.skip(file, at, f"{file}, line {at}: this is no Kubernetes object (no apiVersion, no kind).")
        return
    if isinstance(api, str) and api.startswith("kustomize.config.k8s.io/"):
        skip_kustomization(file, at, into)
        return
    metadata = value.get("metadata")
    named = metadata.get("name") if isinstance(metadata, dict) else None
    if "{{" in kind or (isinstance(named, str) and TEMPLATE.search(named)):
        into.problems.append(template_problem(file, at))
        return
    into.objects.append(RawObject(value, api_of(kind, api, file, at, into), kind, file, at, document))


def is_list(value: dict[str, Any], kind: Any) -> bool:
    """Whether a mapping is a list of objects; other kinds may end in "List" too, but have no `items`."""
    if not isinstance(kind, str) or not kind.endswith("List") or (kind != "List" and "items" not in value):
        return False
    return isinstance(value.get("items"), (list, type(None)))


def take_item(
    item: Any, list_kind: str, api: Any, file: str, line: int, document: int, into: Gathered, depth: int
) -> None:
    """Add one item of a ``List`` or a typed list (``PodList``), whose items need not name their kind."""
    if item is None:
        return
    if isinstance(item, dict) and "kind" not in item and list_kind != "List":
        item["kind"] = list_kind.removesuffix("List")
        if isinstance(api, str) and "apiVersion" not in item:
            item["apiVersion"] = api
    if depth < MAX_LIST_DEPTH:
        take(item, file, line, document, into, depth + 1)
    else:
        into.problems.append(no_object(file, line, "is a list in a list in a list"))


def api_of(kind: str, api: Any, file: str, line: int, into: Gathered) -> str:
    """The object's apiVersion; a known kind that names none gets the current one, with a warning."""
    if isinstance(api, str) and api:
        return api
    known = KIND_BY_NAME.get(kind)
    if known is None:
        return ""
    into.problems.append(
        Problem(
            "READ-05",
            "warning",
            f"a {kind} has no `apiVersion`; it is read as {known.API_VERSION}",
            field="apiVersion",
            why="Kubernetes refuses an object without apiVersion.",
            fix=f"Add `apiVersion: {known.API_VERSION}`.",
            file=file,
            line=line,
        )
    )
    return known.API_VERSION


def no_object(file: str, line: int, what: str) -> Problem:
    """The problem of a document that is no Kubernetes object."""
    return Problem(
        "READ-04",
        "warning",
        f"{file}, line {line}: a document {what}, so it is no Kubernetes object",
        why="Every Kubernetes object is a mapping with apiVersion, kind and metadata.",
        fix="Leave the file out if it is something else, or add apiVersion and kind.",
        file=file,
        line=line,
    )
