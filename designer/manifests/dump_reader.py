"""The fast way through large YAML dumps: a strict reader for the plain form that kubectl and `to_yaml` write.

It takes one row after the other and knows only: ``key:``, ``key: value``, ``- `` in front of them, one-line scalars,
``{}``, ``[]`` and block texts without blank rows, all of it ASCII. At the first row that is anything else (anchors,
comments, folded texts, flow collections, an indentation that does not fit) it gives up, and the real reader takes the
text; so whatever it does read is what `yaml_reader.read_document` would have given, lines included. Tests compare both.
"""

from __future__ import annotations

import re
from typing import Any, cast

import orjson

from designer.manifests.yaml_reader import MAX_DEPTH, LineDict, LineList, read_document, resolve
from designer.model import Problem

BIG = 200_000  # characters: texts below are read by the real reader at once

ROW = re.compile(r"( *)((?:- )*)(?:([A-Za-z][-\w./]*):(?: (.+))?|(.+))\Z")
UNUSUAL = re.compile(r"[^\n -~]")
DOUBLE = re.compile(r'"(?:[^"\\]|\\["\\/bfnrt])*"\Z')
SINGLE = re.compile(r"'(?:[^']|'')*'\Z")
PLAIN = re.compile(r"(?:[A-Za-z0-9/._+(<=~$^;]|-[0-9A-Za-z./])(?:[^:# ]|:(?=[^ ])|#|(?: +)(?=[^# ])(?<! #))*\Z")
LIST_HEAD = re.compile(r"^items:\n(?=- )", re.MULTILINE)
ITEM = re.compile(r"^- ", re.MULTILINE)
AFTER_ITEMS = re.compile(r"^(?![ -]|\Z)", re.MULTILINE)


class Unusual(Exception):  # noqa: N818 - not an error: the real reader takes over
    """The text is not in the plain form."""


def scalar(text: str) -> Any:
    """The value of a one-line scalar; raises Unusual for everything that is not plainly one."""
    first = text[0]
    if first == '"':
        if DOUBLE.match(text):
            return orjson.loads(text)
        raise Unusual
    if first == "'":
        if SINGLE.match(text):
            return text[1:-1].replace("''", "'")
        raise Unusual
    if ": " in text or " #" in text or text[-1] in ": " or not PLAIN.match(text):
        raise Unusual
    try:
        return resolve(text)
    except ValueError:
        raise Unusual from None


class Known:
    """What the scalars and keys that were met mean; the pieces of one dump share it."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.keys: set[str] = set()


class Rows:
    """Reads the rows of one text; `line` is the file's line of its first row."""

    def __init__(self, text: str, line: int, known: Known) -> None:
        self.rows = text.split("\n")
        if self.rows[-1] == "":
            self.rows.pop()
        self.line = line
        self.known = known.values
        self.keys = known.keys
        self.stack: list[tuple[int, Any]] = []
        self.at = 0
        # The mapping and key that wait for their value on the rows below, and the mapping's column.
        self.waiting: tuple[LineDict, str] | None = None
        self.waiting_column = -1
        self.root: Any = None

    def read(self) -> Any:
        """The value of the whole text; raises Unusual."""
        match = ROW.match
        while self.at < len(self.rows):
            found = match(self.rows[self.at])
            if found is None:
                raise Unusual
            blanks, dashes, key, value, item = found.groups()
            column = len(blanks)
            number = self.line + self.at
            self.at += 1
            if dashes:
                holder = self.list_at(column, number)
                for _ in range(len(dashes) // 2 - 1):
                    column += 2
                    inner = LineList(number)
                    self.add(holder, inner, number)
                    self.push(column, inner)
                    holder = inner
                column += 2
                if key is None:
                    self.add(holder, self.value(item, number), number)
                    continue
                mapping = LineDict(number)
                self.add(holder, mapping, number)
                self.push(column, mapping)
            elif key is None:
                raise Unusual
            else:
                top = self.stack[-1] if self.stack and self.waiting is None else (-1, None)
                # Most rows are the next key of the innermost mapping.
                here = top[0] == column and type(top[1]) is LineDict
                mapping = cast(LineDict, top[1]) if here else self.mapping_at(column, number)
            self.pair(mapping, column, key, value, number)
        return self.root

    def push(self, column: int, container: Any) -> None:
        """Open a mapping or list whose rows start at `column`."""
        if len(self.stack) >= MAX_DEPTH:
            raise Unusual
        if self.root is None:
            self.root = container
        self.stack.append((column, container))

    @staticmethod
    def add(holder: LineList, value: Any, number: int) -> None:
        """Put a value at the end of a list."""
        holder.append(value)
        holder.item_lines.append(number)

    def list_at(self, column: int, number: int) -> LineList:
        """The list whose dashes stand at `column`, opened for the waiting key where there is one."""
        waiting, self.waiting = self.waiting, None
        if waiting is not None and column >= self.waiting_column:
            opened = LineList(number)
            waiting[0][waiting[1]] = opened
            self.push(column, opened)
            return opened
        stack = self.stack
        while stack and stack[-1][0] > column:
            stack.pop()
        if not stack and self.root is None:
            opened = LineList(number)
            self.push(column, opened)
            return opened
        if not stack or stack[-1][0] != column or not isinstance(stack[-1][1], LineList):
            raise Unusual
        return stack[-1][1]

    def mapping_at(self, column: int, number: int) -> LineDict:
        """The mapping whose keys stand at `column`, opened for the waiting key where there is one."""
        waiting, self.waiting = self.waiting, None
        if waiting is not None and column > self.waiting_column:
            opened = LineDict(number)
            waiting[0][waiting[1]] = opened
            self.push(column, opened)
            return opened
        stack = self.stack
        while stack and (stack[-1][0] > column or (stack[-1][0] == column and isinstance(stack[-1][1], LineList))):
            stack.pop()
        if not stack and self.root is None:
            opened = LineDict(number)
            self.push(column, opened)
            return opened
        if not stack or stack[-1][0] != column:
            raise Unusual
        found: LineDict = stack[-1][1]
        return found

    def pair(self, mapping: LineDict, column: int, key: str, value: str | None, number: int) -> None:
        """Put one key and its value into a mapping."""
        if key not in self.keys:
            if resolve(key) is not key:
                raise Unusual
            self.keys.add(key)
        if key in mapping:
            raise Unusual
        mapping.key_lines[key] = number
        if value is None:
            mapping[key] = None
            self.waiting, self.waiting_column = (mapping, key), column
        elif value in ("|", "|-"):
            mapping[key] = self.block(column, value)
        else:
            mapping[key] = self.value(value, number)

    def value(self, text: str, number: int) -> Any:
        """The value of a scalar or an empty collection."""
        if text == "{}":
            return LineDict(number)
        if text == "[]":
            return LineList(number)
        try:
            return self.known[text]
        except KeyError:
            value = scalar(text)
            if len(text) < 64:
                self.known[text] = value
            return value

    def block(self, column: int, style: str) -> str:
        """The text of a block below a key at `column`; blank rows are left to the real reader."""
        rows, start = self.rows, self.at
        first = rows[start] if start < len(rows) else ""
        depth = len(first) - len(first.lstrip(" "))
        if depth <= column or not first.strip():
            raise Unusual
        lead = " " * depth
        while self.at < len(rows) and rows[self.at].startswith(lead) and rows[self.at].strip():
            self.at += 1
        if self.at < len(rows):
            after = rows[self.at]
            if not after.strip() or len(after) - len(after.lstrip(" ")) > column:
                raise Unusual
        text = "\n".join(row[depth:] for row in rows[start : self.at])
        return text + "\n" if style == "|" else text


def read_plain(text: str, line: int, known: Known | None = None) -> Any:
    """The value of a text in the plain form; raises Unusual for any other."""
    if UNUSUAL.search(text):
        raise Unusual
    return Rows(text, line, known or Known()).read()


def read_dump(text: str, line: int, file: str) -> tuple[Any, Problem | None]:
    """What `read_document` gives, faster where the text is in the plain form.

    A ``List`` is read item by item, so that one unusual item costs only its own time.
    """
    try:
        head = LIST_HEAD.search(text)
        return (read_plain(text, line) if head is None else read_list(text, line, file, head.end())), None
    except Unusual:
        return read_document(text, line, file)


def read_list(text: str, line: int, file: str, start: int) -> LineDict:
    """A list whose items start at `start`; raises Unusual where its parts do not stand alone."""
    after = AFTER_ITEMS.search(text, start)
    end = after.start() if after else len(text)
    outline = outer(text[:start], line, file)
    if outline.get("items", 0) is not None:
        raise Unusual
    items = LineList(line + text.count("\n", 0, start))
    known = Known()
    bounds = [match.start() for match in ITEM.finditer(text, start, end)]
    number = items.line
    for index, at in enumerate(bounds):
        piece = text[at : bounds[index + 1] if index + 1 < len(bounds) else end]
        try:
            found = read_plain(piece, number, known)
        except Unusual:
            found, problem = read_document(piece, number, file)
            if problem is not None or not isinstance(found, LineList):
                raise Unusual from None
        if len(found) != 1:
            raise Unusual
        Rows.add(items, found[0], found.item_lines[0])
        number += piece.count("\n")
    outline["items"] = items
    if end < len(text):
        rest = outer(text[end:], number, file)
        if outline.keys() & rest.keys():
            raise Unusual
        outline.update(rest)
        outline.key_lines.update(rest.key_lines)
    return outline


def outer(text: str, line: int, file: str) -> LineDict:
    """The mapping that a part of a list's own fields is."""
    found, problem = read_document(text, line, file)
    if problem is not None or not isinstance(found, LineDict):
        raise Unusual
    return found
