"""Texts and their documents: bytes decoded, text split at ``---`` so that one broken document does not lose the rest.

A line that starts with ``---`` ends a document wherever it stands (YAML 1.2, section 9.1.2 forbids it inside scalars),
so splitting needs no parser; kubectl splits its input the same way.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from designer.model import Problem

# The encodings that a byte order mark announces, longest mark first.
MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

MARKER = re.compile(r"^(---(?=[ \t\r\n]|$)|\.\.\.(?=[ \t\r\n]|$)|%[A-Z])", re.MULTILINE)
HAS_CONTENT = re.compile(r"^[ \t]*[^\s#]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its text, the 1-based line of the file that its first line is, its index in the file."""

    text: str
    line: int
    index: int


def decode(data: bytes, file: str) -> tuple[str | None, Problem | None]:
    """The text of `data` (None with a problem when it is no text): UTF-8, or what its byte order mark says.

    UTF-16 without a mark is recognised by the NUL bytes beside the first ASCII character.
    """
    encoding = "utf-8"
    for mark, name in MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    else:
        if len(data) >= 2 and (data[0] == 0) != (data[1] == 0):
            encoding = "utf-16-be" if data[0] == 0 else "utf-16-le"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, Problem(
            "READ-01",
            "error",
            f"{file} is not {encoding.upper()} text (byte {error.start + 1})",
            why="Manifests are UTF-8 text.",
            fix="Save the file as UTF-8, or leave it out if it is not a manifest.",
            file=file,
            line=line,
        )
    if "\0" in text:
        return None, Problem(
            "READ-01",
            "error",
            f"{file} holds a NUL byte: it is not a text file",
            why="Manifests are UTF-8 text.",
            fix="Leave the file out, or save it as UTF-8 text.",
            file=file,
            line=text.count("\n", 0, text.index("\0")) + 1,
        )
    return text, None


def split(text: str) -> tuple[Document, ...]:
    """The documents of a text, without those that are empty or hold only comments; indices count the others.

    Directives (``%YAML 1.2``) are left out: every document is read by the same rules.
    """
    pieces: list[tuple[int, str]] = []
    start, lead = 0, ""
    for match in MARKER.finditer(text):
        at, mark = match.start(), match.group()
        if mark.startswith("%"):
            if not HAS_CONTENT.search(text, start, at):
                end = text.find("\n", at)
                start, lead = (len(text) if end < 0 else end + 1), ""
            continue
        pieces.append((start, lead + text[start:at]))
        # What follows on the marker's line belongs to the document; blanks keep its columns.
        start, lead = at + 3, "   "
    pieces.append((start, lead + text[start:]))
    found: list[Document] = []
    line, counted = 1, 0
    for offset, piece in pieces:
        line += text.count("\n", counted, offset)
        counted = offset
        if HAS_CONTENT.search(piece):
            found.append(Document(piece, line, len(found)))
    return tuple(found)
