"""What differs between two texts of a node's rules: the lines that went and came, under their family and table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from designer.present.rule_rows import chain_of
from designer.present.table_rows import TableLine

GONE, COME = "-", "+"
# Parts longer than this are compared as sets of lines: their order is then not told.
MOST_ORDERED = 3000
Key = tuple[str, str, str, str]


def changed_lines(before: Sequence[TableLine], after: Sequence[TableLine]) -> tuple[TableLine, ...]:
    """The lines of `before` that are gone and those of `after` that are new, with `sign` ``-`` and ``+``.

    Each part of the text (a chain's rules, the declarations of a table, the elements of a set) stands for itself, in
    the order of `after`; the number of a line is that of its own text. Headings (family, ``*table``) stand before the
    first change below them. Nothing when the texts are the same.
    """
    old, new = _parts(before), _parts(after)
    heading: tuple[str, str] = ("", "")
    found: list[TableLine] = []
    for key in _order(old, new):
        lines = list(_differences(old.get(key, []), new.get(key, [])))
        if not lines:
            continue
        family, table, _, _ = key
        if family != heading[0]:
            found.append(TableLine(0, f"#### {family}", family))
        if table and (family, table) != heading:
            found.append(TableLine(0, f"*{table}", family, table))
        heading = (family, table)
        found += lines
    return tuple(found)


def changed_parts(lines: Sequence[TableLine]) -> tuple[tuple[int, int], ...]:
    """For each of the lines that `changed_lines` gives the part of its text that differs, (0, 0) for none or for all.

    Lines that went are laid beside those that came right after them, the first beside the first; a part ends at words.
    """
    found = [(0, 0)] * len(lines)
    place = 0
    while place < len(lines):
        gone = _run(lines, place, GONE)
        come = _run(lines, gone, COME)
        for one, other in zip(range(place, gone), range(gone, come), strict=False):
            found[one], found[other] = _unlike(lines[one].text, lines[other].text)
        place = max(come, place + 1)
    return tuple(found)


def _run(lines: Sequence[TableLine], start: int, sign: str) -> int:
    """Where the run of lines with a sign ends that begins at `start`."""
    return next((place for place in range(start, len(lines)) if lines[place].sign != sign), len(lines))


def _unlike(one: str, other: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """The parts of two texts between their like beginnings and ends, in whole words; nothing where little is alike."""
    most = min(len(one), len(other))
    first = next((place for place in range(most) if one[place] != other[place]), most)
    first = one.rfind(" ", 0, first) + 1
    last = next((place for place in range(most - first) if one[-1 - place] != other[-1 - place]), most - first)
    while last and one[len(one) - last] != " ":
        last -= 1
    if first + last < most / 2:
        return (0, 0), (0, 0)
    return (first, len(one) - last), (first, len(other) - last)


def _parts(lines: Sequence[TableLine]) -> dict[Key, list[TableLine]]:
    parts: dict[Key, list[TableLine]] = {}
    for line in lines:
        if line.text.startswith(("####", "*", "COMMIT", "## ")) or not line.text:
            continue
        parts.setdefault(_key(line), []).append(line)
    return parts


def _key(line: TableLine) -> Key:
    """Family, table, what kind of line, and the chain or set that it belongs to."""
    if line.index >= 0:
        return line.family, line.table, "-A", line.chain
    if line.table:
        return line.family, line.table, ":", ""
    words = line.text.split(" ", 5)
    if words[:1] == ["add"]:
        return line.family, "", " ".join(words[:2]), chain_of(line) or "".join(words[4:5])
    return line.family, "", "", ""


def _order(old: dict[Key, list[TableLine]], new: dict[Key, list[TableLine]]) -> list[Key]:
    """Every key once: those of `new` in their order, those that only `old` has behind the last of their table."""
    order = list(new)
    places = {key[:2]: place for place, key in enumerate(order)}
    behind: dict[int, list[Key]] = {}
    for key in old:
        if key not in new:
            behind.setdefault(places.get(key[:2], len(order) - 1), []).append(key)
    if not order:
        return list(old)
    return [each for place, key in enumerate(order) for each in (key, *behind.get(place, ()))]


def _differences(old: Sequence[TableLine], new: Sequence[TableLine]) -> Iterator[TableLine]:
    first, last = _same_ends([line.text for line in old], [line.text for line in new])
    old, new = old[first : len(old) - last], new[first : len(new) - last]
    if max(len(old), len(new)) > MOST_ORDERED:
        yield from _as_sets(old, new)
        return
    matcher = SequenceMatcher(None, [line.text for line in old], [line.text for line in new], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            yield from (replace(line, sign=GONE) for line in old[a:b])
            yield from (replace(line, sign=COME) for line in new[c:d])


def _same_ends(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many lines are the same at the beginning, and how many of the rest at the end."""
    if old == new:
        return len(old), 0
    most = min(len(old), len(new))
    first = next((place for place in range(most) if old[place] != new[place]), most)
    last = next((place for place in range(most - first) if old[-1 - place] != new[-1 - place]), most - first)
    return first, last


def _as_sets(old: Sequence[TableLine], new: Sequence[TableLine]) -> Iterator[TableLine]:
    for lines, others, sign in ((old, new, GONE), (new, old, COME)):
        spare = Counter(line.text for line in others)
        for line in lines:
            if spare[line.text]:
                spare[line.text] -= 1
            else:
                yield replace(line, sign=sign)
