"""Texts that objects came from, edited: what did not change stays to the letter, what did keeps its comments.

Each document is looked at alone. One whose objects are unchanged is copied; one with a changed object is edited through
ruamel.yaml and read back: if the edit does not give exactly the object (shared anchors can do that), the document is
written anew without its comments.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString, SingleQuotedScalarString

from designer.manifests.assume import kept_assumptions, still_assumed
from designer.manifests.cleaning import clean
from designer.manifests.cluster_settings import SETTINGS_KIND, build_settings, gather_settings, is_settings
from designer.manifests.folding import fold
from designer.manifests.json_reader import looks_like_json
from designer.manifests.kustomize import patch_files
from designer.manifests.raw_objects import Gathered, RawObject, gather
from designer.manifests.read import Intake, take
from designer.manifests.writer import needs_quotes, to_json, to_yaml
from designer.model import ClusterSettings, ForeignObject, KubeObject, Project

# Longer documents are dumps without comments, and ruamel.yaml would take minutes for them.
EDITED_BELOW = 1_000_000
MARKER_LINE = re.compile(r"^---(?=[ \t\r\n]|$)", re.MULTILINE)
OFFSET_LISTS = re.compile(r"^( *)[^\s#-][^\n]*:[ \t]*\n(?:[ \t]*#[^\n]*\n)*\1  +- ", re.MULTILINE)

Known = KubeObject | ForeignObject
# What becomes of an object of a text, and the object where it was changed.
Plan = tuple[str, Known | None]


@dataclass(frozen=True, slots=True)
class Edited:
    """New texts by file name, and the ids of the objects that stand in them."""

    texts: dict[str, str] = field(default_factory=dict)
    covered: frozenset[str] = frozenset()
    settings_home: str = ""  # the file that holds the program's own settings document, "" where there is none
    settings_hold: bool = False  # whether that document still says what the project has


@dataclass(slots=True)
class Editor:
    """What is needed to decide about each document."""

    project: Project
    gone: dict[str, str]
    home: str = ""
    hold: bool = False
    covered: set[str] = field(default_factory=set)

    def wanted(self, raw: RawObject) -> Plan:
        """What becomes of an object of the text: "same", "changed" (with the object), or "drop"."""
        if is_settings(raw):
            same = self.hold if raw.file == self.home else settings_hold(raw, self.project.cluster)
            return ("same", None) if same else ("drop", None)
        intake = Intake()
        take(raw, intake)
        for oid in intake.objects:
            return self.wanted_object(oid, intake.objects[oid])
        oid = raw.kept_id
        found = [known for known in self.project.foreign if known == oid or known.startswith(oid + "#")]
        self.covered.update(found)
        if oid in found and oid in intake.foreign and self.project.foreign[oid].data != intake.foreign[oid].data:
            return "changed", self.project.foreign[oid]
        return ("same", None) if found else ("drop", None)

    def wanted_object(self, oid: str, here: KubeObject) -> Plan:
        """The same for an object of a known kind; `here` is what this document makes of it."""
        if oid in self.covered:
            return "drop", None  # in the input twice: the first place takes what the project has
        now = self.project.get(oid)
        if now is not None:
            self.covered.add(oid)
            return ("same", None) if now == here else ("changed", now)
        owner = self.gone.get(oid)
        if owner is None or self.project.get(owner) is None:
            return "drop", None
        if here.KIND != "Pod":
            return "same", None
        records = (r for key, r in self.project.ledger.pods.items() if key.startswith((owner + "#", owner + "@")))
        if any(record.observed and record.name == here.name for record in records):
            self.covered.add(oid)
            return "same", None
        return "drop", None


def settings_hold(raw: RawObject, cluster: ClusterSettings) -> bool:
    """Whether the project's settings are still those that a configuration document says."""
    draft = gather_settings([raw])
    return draft.whole is None and build_settings(draft, cluster) == cluster


def edit_texts(project: Project, originals: Mapping[str, str]) -> Edited:
    """`originals` with the objects as `project` has them now."""
    gathered = Gathered()
    patches = patch_files(originals.items())
    for name in originals:
        if name not in patches:
            gather(name, originals[name], gathered)
    intake = Intake()
    for raw in gathered.objects:
        take(raw, intake)
    cluster = project.cluster.replace(assumed=tuple(sorted(kept_assumptions(project, still_assumed(project)))))
    editor = Editor(project, fold(intake.objects).gone)
    for raw in gathered.objects:
        if raw.kind == SETTINGS_KIND and is_settings(raw):
            editor.home, editor.hold = raw.file, gather_settings([raw]).whole == cluster
    texts = {name: text if name in patches else edit_text(name, text, editor) for name, text in originals.items()}
    return Edited(texts, frozenset(editor.covered), editor.home, editor.hold)


def edit_text(name: str, text: str, editor: Editor) -> str:
    """One file's text with its objects as they are now."""
    if looks_like_json(text):
        return edit_json(name, text, editor)
    starts = [match.start() for match in MARKER_LINE.finditer(text)]
    bounds = [0, *(start for start in starts if start > 0), len(text)]
    pieces = [edit_document(name, text[a:b], editor) for a, b in pairwise(bounds)]
    return "".join(pieces)


def objects_in(name: str, text: str) -> list[RawObject]:
    """The objects of a text."""
    gathered = Gathered()
    gather(name, text, gathered)
    return gathered.objects


def edit_document(name: str, text: str, editor: Editor) -> str:
    """One document, its marker included, with its objects as they are now; "" when none is left."""
    raws = objects_in(name, text)
    plans = [editor.wanted(raw) for raw in raws]
    if all(what == "same" for what, _ in plans):
        return text
    if all(what == "drop" for what, _ in plans):
        return ""
    edited = edit_with_comments(text, raws, plans) if len(text) < EDITED_BELOW else None
    if edited is not None:
        for candidate in (in_form_of(text, *edited), edited[1]):
            if candidate is not None and reads_as(name, candidate, raws, plans):
                return candidate
    marker = "---\n" if MARKER_LINE.match(text) else ""
    left = [final(raw, obj) for raw, (what, obj) in zip(raws, plans, strict=True) if what != "drop"]
    return marker + "---\n".join(to_yaml(data) for data in left)


def final(raw: RawObject, obj: Known | None) -> dict[str, Any]:
    """The data of an object to write: the changed object's, or the text's own."""
    data: dict[str, Any] = clean(raw.data) if obj is None else data_of(obj)
    return data


def data_of(obj: Known) -> dict[str, Any]:
    """The data of an object, also of one that is only kept."""
    return obj.data if isinstance(obj, ForeignObject) else obj.dump()


def reads_as(name: str, text: str, raws: list[RawObject], plans: list[Plan]) -> bool:
    """Whether `text` holds exactly what it should."""
    expected = [(raw, obj) for raw, (what, obj) in zip(raws, plans, strict=True) if what != "drop"]
    found = objects_in(name, text)
    if len(found) != len(expected):
        return False
    for now, (before, obj) in zip(found, expected, strict=True):
        if obj is None:
            if clean(now.data) != clean(before.data):
                return False
        else:
            intake = Intake()
            take(now, intake)
            if isinstance(obj, ForeignObject):
                here = intake.foreign.get(obj.id)
                same = here is not None and here.data == obj.data
            else:
                same = intake.objects.get(obj.id) == obj
            if not same:
                return False
    return True


def edit_with_comments(text: str, raws: list[RawObject], plans: list[Plan]) -> tuple[str, str] | None:
    """`text` as ruamel.yaml writes it before and after the edit; None when it cannot read it.

    Changed objects are edited in place, dropped items of a list are removed.
    """
    yaml = round_trip(text)
    try:
        root = yaml.load(text)
        before = written(yaml, root)
        nodes = [root] if len(raws) == 1 and "items" not in root else list(root["items"])
        if len(nodes) != len(raws):
            return None
        for node, (_, obj) in zip(nodes, plans, strict=True):
            if obj is not None:
                edit_mapping(node, data_of(obj))
        if nodes[0] is not root:
            for index in range(len(nodes) - 1, -1, -1):
                if plans[index][0] == "drop":
                    del root["items"][index]
        return before, written(yaml, root)
    except (YAMLError, KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None


def round_trip(text: str) -> YAML:
    """A reader and writer that keeps comments and quotes, with the indentation of `text`."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    if OFFSET_LISTS.search(text):
        yaml.indent(mapping=2, sequence=4, offset=2)
    # A document that starts with a marker is written with one.
    yaml.explicit_start = bool(MARKER_LINE.match(text))
    return yaml


def written(yaml: YAML, root: Any) -> str:
    """The text of a document."""
    stream = io.StringIO()
    yaml.dump(root, stream)
    return stream.getvalue()


def indentation(line: str) -> int:
    """How many blanks a line starts with."""
    return len(line) - len(line.lstrip(" "))


def in_form_of(text: str, before: str, after: str) -> str | None:
    """`after` with the lines that the edit did not touch as `text` has them.

    ruamel.yaml evens out indentation and blanks; `before` is its form of `text`, so a line of `before` that `after` has
    too is taken from `text`. None when the two do not correspond line by line.
    """
    lines, old, new = (part.splitlines(keepends=True) for part in (text, before, after))
    if len(lines) != len(old):
        return None
    found: list[str] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found += lines[i1:i2]
            continue
        for line in new[j1:j2]:
            shift = _shift(line, i1 if i1 < i2 else i1 - 1, lines, old)
            found.append(" " * shift + line if shift >= 0 else line[min(-shift, indentation(line)) :])
    return "".join(found)


def _shift(line: str, at: int, lines: list[str], old: list[str]) -> int:
    """How much further right than in `old` a new line stands: as the nearest line from `at` upwards that is no deeper.

    One file may write one list level with its key and another one further in: the line above may be of the other kind.
    """
    depth = indentation(line)
    for place in range(min(at, len(old) - 1), -1, -1):
        if old[place].strip() and indentation(old[place]) <= depth:
            return indentation(lines[place]) - indentation(old[place])
    return 0


def edit_mapping(node: CommentedMap, wanted: Mapping[str, Any]) -> None:
    """Make `node` hold `wanted`, touching only what differs; nulls, which mean absent, stay."""
    for key in [key for key in node if str(key) not in wanted and node[key] is not None]:
        del node[key]
    for key, value in wanted.items():
        if key not in node:
            node[key] = made(value)
        else:
            node[key] = edited_value(node[key], value)


def edited_value(node: Any, wanted: Any) -> Any:
    """`node` made to hold `wanted`, or a new node where the type differs."""
    if isinstance(node, CommentedMap) and isinstance(wanted, dict):
        edit_mapping(node, wanted)
        return node
    if isinstance(node, CommentedSeq) and isinstance(wanted, list):
        for index in range(len(node) - 1, len(wanted) - 1, -1):
            del node[index]
        for index, value in enumerate(wanted):
            if index < len(node):
                node[index] = edited_value(node[index], value)
            else:
                node.append(made(value))
        return node
    if node == wanted and type(wanted) in type(node).__mro__:
        return node
    return made(wanted)


def made(value: Any) -> Any:
    """New nodes for plain data, with texts quoted where kubectl would read them as something else."""
    if isinstance(value, dict):
        return CommentedMap((made(key), made(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return CommentedSeq(made(inner) for inner in value)
    if isinstance(value, str):
        if "\n" in value:
            return LiteralScalarString(value)
        return SingleQuotedScalarString(value) if needs_quotes(value) else value
    return value


def edit_json(name: str, text: str, editor: Editor) -> str:
    """A JSON text with its objects as they are now; to the letter when none changed."""
    raws = objects_in(name, text)
    plans = [editor.wanted(raw) for raw in raws]
    if all(what == "same" for what, _ in plans):
        return text
    left = [final(raw, obj) for raw, (what, obj) in zip(raws, plans, strict=True) if what != "drop"]
    if not left:
        return ""
    return to_json(left[0] if len(left) == 1 else {"apiVersion": "v1", "kind": "List", "items": left})
