"""YAML documents → plain values with line numbers, read the way kubectl reads them.

kubectl turns YAML into JSON with sigs.k8s.io/yaml, whose resolver (goyaml.v2 ``resolve.go``) is neither YAML 1.1 nor
1.2: ``yes``, ``on``, ``y`` and their opposites are booleans, ``1:30`` and dates are text, ``017`` and ``0o17`` are
octal, ``1_000`` is a number. Keys of mappings become text. Duplicate keys are refused, as kubectl's strict decoding
does.

The values come from libyaml's events, built on a stack of our own: no recursion, so depth cannot crash the reader, and
one pass gives data and lines. Mappings and sequences are `LineDict` and `LineList` until `cleaning` makes them plain.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import yaml

from designer.model import Problem

MAX_DEPTH = 200
MAX_EXPANSION = 500_000  # nodes that aliases may add to one document
MERGE = "<<"

BOOLEANS: dict[str, bool] = {
    form: value
    for value, words in ((True, ("y", "yes", "true", "on")), (False, ("n", "no", "false", "off")))
    for word in words
    for form in (word, word.capitalize(), word.upper())
}
NULLS = frozenset(("", "~", "null", "Null", "NULL"))
INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
NOT_NUMBERS = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
TAG = "tag:yaml.org,2002:"
SPECIAL_FIRST = frozenset("yYnNtTfFoO~0123456789+-.")
# Go's encoding/json writes a float as a whole number below this size, so kubectl sends `1e3` as 1000.
WHOLE_BELOW = 1e21


class LineDict(dict[str, Any]):
    """A mapping that knows the 1-based line where it starts and the line of each key."""

    __slots__ = ("key_lines", "line")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.key_lines: dict[str, int] = {}


class LineList(list[Any]):
    """A sequence that knows the 1-based line where it starts and the line of each item."""

    __slots__ = ("item_lines", "line")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.item_lines: list[int] = []


class RefusedError(Exception):
    """A document that cannot be read: the message, its remedy, and the position (1-based) in the document."""

    def __init__(self, message: str, fix: str, line: int, column: int = 0) -> None:
        super().__init__(message)
        self.message, self.fix, self.line, self.column = message, fix, line, column


def resolve(text: str) -> Any:
    """The value of a plain scalar as kubectl sees it: None, bool, int, float or the text itself.

    goyaml.v2 `resolve`; whole floats become int as in the JSON that kubectl makes of them. Infinity and NaN, which JSON
    cannot hold, raise ValueError.
    """
    if text and text[0] not in SPECIAL_FIRST:
        return None if text in NULLS else text
    if text in BOOLEANS:
        return BOOLEANS[text]
    if text in NULLS:
        return None
    first = text[0]
    if first == "." or first in "+-0123456789":
        if NOT_NUMBERS.match(text):
            raise ValueError(text)
        return number(text)
    return text


def number(text: str) -> Any:
    """The number that a plain scalar with a digit, sign or dot in front is, or the text itself."""
    # A text that starts with a dot goes to Go's ParseFloat as it is, the others lose their underscores first.
    plain = text if text[0] == "." else text.replace("_", "")
    if plain and INTEGER.match(plain):
        value = whole(plain)
        return value if -(2**63) <= value < 2**64 else as_json(float(value))
    if FLOAT.match(plain):
        value_or_inf = float(plain)
        return text if abs(value_or_inf) == float("inf") else as_json(value_or_inf)
    return text


def whole(plain: str) -> int:
    """The value of Go's integer literal `plain`, base by prefix (a leading 0 alone means octal)."""
    sign = -1 if plain[0] == "-" else 1
    digits = plain.lstrip("+-").lower()
    if digits.startswith(("0x", "0b", "0o")):
        return sign * int(digits, 0)
    if digits.startswith("0") and len(digits) > 1:
        return sign * int(digits, 8)
    if len(digits) > 400:
        raise ValueError(plain)
    return sign * int(digits)


def as_json(value: float) -> int | float:
    """The number as Go's JSON encoder writes it: whole numbers without a fraction."""
    return int(value) if value.is_integer() and abs(value) < WHOLE_BELOW else value


def scalar(event: yaml.ScalarEvent, line: int) -> Any:
    """The value of a scalar event; `line` is that of the event in its document."""
    tag, text = event.tag, event.value
    if tag is None or tag == "!":
        if tag == "!" or event.style:
            return text
        return resolved(text, text, line)
    kind = tag.removeprefix(TAG)
    if kind == "binary":
        try:
            return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise RefusedError("!!binary holds no valid base64", "Correct the base64 text.", line) from None
    if kind not in ("bool", "int", "float", "null"):
        return text  # !!str, !!timestamp and tags that Kubernetes does not know: text
    value = resolved(text, text, line)
    wanted = {"bool": bool, "int": int, "float": (int, float), "null": type(None)}[kind]
    if not isinstance(value, wanted):  # type: ignore[arg-type]
        raise RefusedError(f"`{shorten(text)}` is not a {kind}, which its tag says", "Remove the tag.", line)
    return value


def resolved(text: str, shown: str, line: int) -> Any:
    """`resolve` with its refusals worded."""
    try:
        return resolve(text)
    except ValueError:
        raise RefusedError(
            f"`{shorten(shown)}` is a number that JSON, and so Kubernetes, cannot hold",
            "Put it in quotes if text is meant, or write an ordinary number.",
            line,
        ) from None


def shorten(text: str) -> str:
    """`text`, cut where it would fill the message."""
    return text if len(text) <= 60 else text[:57] + "…"


def key_text(value: Any, line: int) -> str:
    """A mapping key as JSON has it: numbers and booleans become their text; others are refused."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise RefusedError("a key of a mapping is empty or not text", "Write a name before the colon.", line)


class Frame:
    """One open mapping or sequence on the builder's stack."""

    __slots__ = ("anchor", "before", "key", "key_line", "merges", "value")

    def __init__(self, value: LineDict | LineList, anchor: str | None, before: int) -> None:
        self.value = value
        self.anchor = anchor
        self.before = before
        self.key: str | None = None
        self.key_line = 0
        self.merges: list[Any] | None = None


class Builder:
    """Builds the value of one document from events; `offset` is added to libyaml's 0-based lines."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.stack: list[Frame] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open_anchors: set[str] = set()
        self.nodes = 0
        self.expanded = 0
        self.root: Any = None

    def line(self, event: Any) -> int:
        """The 1-based line of the file at which the event starts."""
        return int(event.start_mark.line) + self.offset

    def open(self, value: LineDict | LineList, event: Any) -> None:
        """Start a mapping or sequence."""
        if len(self.stack) >= MAX_DEPTH:
            raise RefusedError(
                f"the document is nested more than {MAX_DEPTH} levels deep",
                "No Kubernetes object is; look for brackets or indentation gone wrong.",
                value.line,
            )
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, LineDict) and top.key is None:
            raise RefusedError("a mapping or list is used as a key", "Write a name before the colon.", value.line)
        if event.anchor:
            self.open_anchors.add(event.anchor)
        self.stack.append(Frame(value, event.anchor, self.nodes + self.expanded))

    def close(self) -> None:
        """End the innermost mapping or sequence and hand it to the one around it."""
        frame = self.stack.pop()
        if frame.merges:
            merge(frame.value, frame.merges)
        if frame.anchor:
            self.open_anchors.discard(frame.anchor)
            self.anchors[frame.anchor] = (frame.value, self.nodes + self.expanded - frame.before + 1)
        self.add(frame.value, frame.value.line)

    def add(self, value: Any, line: int, merge_key: bool = False) -> None:
        """Put a finished value where it belongs."""
        self.nodes += 1
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        holder = frame.value
        if isinstance(holder, LineList):
            holder.append(value)
            holder.item_lines.append(line)
        elif frame.key is None:
            frame.key = MERGE if merge_key else key_text(value, line)
            frame.key_line = -line if merge_key else line
            if not merge_key and frame.key in holder:
                raise RefusedError(
                    f"the key `{shorten(frame.key)}` stands twice in one mapping (first on line "
                    f"{holder.key_lines[frame.key]})",
                    "Remove one of the two; Kubernetes refuses a manifest with both.",
                    line,
                )
        elif frame.key_line < 0:
            frame.merges = [*(frame.merges or ()), *merge_sources(value, line)]
            frame.key = None
        else:
            holder[frame.key] = value
            holder.key_lines[frame.key] = frame.key_line
            frame.key = None

    def alias(self, name: str, line: int) -> None:
        """Put the value of an anchor where its alias stands."""
        if name in self.open_anchors:
            raise RefusedError(f"the anchor `&{name}` holds itself", f"Remove the alias `*{name}` inside it.", line)
        if name not in self.anchors:
            raise RefusedError(
                f"the alias `*{name}` has no anchor `&{name}` before it", "Define the anchor first.", line
            )
        value, size = self.anchors[name]
        self.expanded += size
        if self.expanded > MAX_EXPANSION:
            raise RefusedError(
                f"its aliases expand to more than {MAX_EXPANSION:,} values",
                "Such a document only serves to fill memory; write the values out.",
                line,
            )
        self.add(value, line)

    def feed(self, event: Any) -> None:
        """Take the next event."""
        match event:
            case yaml.ScalarEvent():
                line = self.line(event)
                is_merge = event.value == MERGE and not event.style and event.tag in (None, TAG + "merge")
                at_key = bool(self.stack) and isinstance(self.stack[-1].value, LineDict) and self.stack[-1].key is None
                value = scalar(event, line)
                if event.anchor:
                    self.anchors[event.anchor] = (value, 1)
                self.add(value, line, merge_key=is_merge and at_key)
            case yaml.MappingStartEvent():
                self.open(LineDict(self.line(event)), event)
            case yaml.SequenceStartEvent():
                self.open(LineList(self.line(event)), event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.close()
            case yaml.AliasEvent():
                self.alias(event.anchor or "", self.line(event))


def merge_sources(value: Any, line: int) -> list[LineDict]:
    """The mappings that a merge key names, the strongest first."""
    sources = value if isinstance(value, LineList) else [value]
    if not all(isinstance(source, LineDict) for source in sources):
        raise RefusedError("`<<` takes a mapping or a list of mappings", "Point it at an anchor of a mapping.", line)
    return list(sources)


def merge(into: LineDict | LineList, sources: list[Any]) -> None:
    """Add the keys of `sources` that `into` lacks; what stands in the mapping itself wins, then the earlier source."""
    if isinstance(into, LineDict):
        for source in sources:
            for key, value in source.items():
                if key not in into:
                    into[key] = value
                    into.key_lines[key] = source.key_lines[key]


LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(text: str, line: int, file: str) -> tuple[Any, Problem | None]:
    """The value of one document, None with a problem when it is no YAML; `line` is where it starts in `file`."""
    builder = Builder(line)
    try:
        loader = LOADER(text)
        try:
            get_event = loader.get_event
            while (event := get_event()) is not None and not isinstance(event, yaml.StreamEndEvent):
                builder.feed(event)
        finally:
            loader.dispose()
    except RefusedError as refused:
        return None, broken(file, refused.line, 0, refused.message, refused.fix)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at, column = (mark.line + line, mark.column + 1) if mark else (line, 0)
        return None, syntax_problem(text, file, line, at, column, error)
    except (yaml.YAMLError, UnicodeError) as error:
        position = getattr(error, "position", 0)
        at = line + text.count("\n", 0, position)
        return None, broken(
            file, at, 0, "it holds a character that YAML forbids", "Remove control characters from the text."
        )
    return builder.root, None


# What libyaml says → what a person should look for. The first fragment found in its message decides.
ADVICE: tuple[tuple[str, str, str], ...] = (
    ("cannot start any token", "a character stands where YAML allows none", "Put the text in quotes."),
    (
        "mapping values are not allowed",
        "a colon stands where no key can be",
        "Check the indentation of this line, or put text that holds `: ` in quotes.",
    ),
    ("could not find expected ':'", "a key has no colon", "Write `key: value`, or check the indentation."),
    ("did not find expected key", "the indentation does not fit the lines above", "Align the keys of one mapping."),
    ("did not find expected '-' indicator", "the indentation does not fit the list above", "Align the `-` of a list."),
    ("did not find expected ',' or", "a bracket is not closed, or a comma is missing", "Close the bracket."),
    ("did not find expected node content", "a bracket is not closed, or a value is missing", "Close the bracket."),
    ("unexpected end of stream", "a quote is not closed", "Close the quote."),
    ("unknown escape character", "a backslash in double quotes stands before a wrong character", "Use single quotes."),
    ("unexpected document indicator", "a quote is not closed before the end of the document", "Close the quote."),
    ("undefined tag handle", "a tag (`!name!…`) is not declared", "Remove the tag."),
)


def syntax_problem(text: str, file: str, first: int, line: int, column: int, error: yaml.MarkedYAMLError) -> Problem:
    """What libyaml refused, in words; a tab in the indentation is named as such."""
    lines = text.split("\n")
    for at in (line, line - 1):
        row = lines[at - first] if 0 <= at - first < len(lines) else ""
        if "\t" in row[: len(row) - len(row.lstrip())]:
            column = row.index("\t") + 1
            return broken(file, at, column, "the line is indented with a tab", "Indent with spaces; YAML forbids tabs.")
    said = f"{error.context or ''} {error.problem or ''}"
    for fragment, message, fix in ADVICE:
        if fragment in said:
            return broken(file, line, column, message, fix)
    return broken(file, line, column, (error.problem or "it is not valid YAML").strip(), "Correct the YAML here.")


def broken(file: str, line: int, column: int, message: str, fix: str) -> Problem:
    """The problem of a document that cannot be read."""
    place = f"line {line}, column {column}" if column else f"line {line}"
    return Problem(
        "READ-02",
        "error",
        f"{file}, {place}: {message}",
        why="This document is not read; the other documents of the file are.",
        fix=fix,
        file=file,
        line=line,
    )
