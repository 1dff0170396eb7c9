"""A small language for what a CRD lets into the API server: types, patterns, limits, and rules between fields.

A node of a schema says with `check` what it refuses of a value: `Finding`s of the field's path, what is wrong and what
to do. The schemas themselves are tables in `schemas` and `route_schemas`. Unknown fields are pruned by the API server,
so they say nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Protocol

from pydantic import ValidationError

from designer.model import LabelSelector

# Field path, what is wrong with it, what to do.
Finding = tuple[str, str, str]
Findings = list[Finding]


class Node(Protocol):
    """One place of a schema."""

    def check(self, value: Any, path: str, found: Findings) -> None:
        """Add to `found` what the API server refuses of `value`, which stands at `path`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text: its pattern (`says` words it), its lengths, the values that it may have (empty: any)."""

    pattern: re.Pattern[str] | None = None
    says: str = ""
    least: int = 0
    most: int = 0
    words: tuple[str, ...] = ()

    def check(self, value: Any, path: str, found: Findings) -> None:
        """Type, words, length, then pattern; one finding at most."""
        if not isinstance(value, str):
            found.append((path, f"must be a text, not {_typed(value)}", "Put it in quotes."))
        elif self.words and value not in self.words:
            known = ", ".join(self.words)
            found.append((path, f'"{value}" is none of {known}', f"Use one of {known}."))
        elif len(value) < self.least:
            found.append((path, "must not be empty", "Give it a value."))
        elif self.most and len(value) > self.most:
            found.append((path, f"has {len(value)} characters; at most {self.most} are allowed", "Shorten it."))
        elif self.pattern is not None and not self.pattern.search(value):
            found.append((path, f'"{value}" is not valid: {self.says}', f"Write it so that it is {self.says}."))


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `low` to `high`; `words` are the only ones allowed (empty: all)."""

    low: int
    high: int
    words: tuple[int, ...] = ()

    def check(self, value: Any, path: str, found: Findings) -> None:
        """Type and limits."""
        if isinstance(value, bool) or not isinstance(value, int):
            found.append(
                (path, f"must be a whole number, not {_typed(value)}", "Write it as a number, without quotes.")
            )
        elif self.words and value not in self.words:
            known = ", ".join(map(str, self.words))
            found.append((path, f"{value} is none of {known}", f"Use one of {known}."))
        elif not self.low <= value <= self.high:
            limits = f"from {self.low} to {self.high}"
            found.append((path, f"{value} is out of range", f"Give a number {limits}."))


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def check(self, value: Any, path: str, found: Findings) -> None:
        """Its type."""
        if not isinstance(value, bool):
            found.append((path, f"must be true or false, not {_typed(value)}", "Write true or false."))


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector."""

    def check(self, value: Any, path: str, found: Findings) -> None:
        """Whether the model can read it."""
        try:
            LabelSelector.model_validate(value)
        except ValidationError:
            found.append((path, "is no label selector", "Use matchLabels and matchExpressions."))


@dataclass(frozen=True, slots=True)
class Labels:
    """A map of texts to texts with at most `most` entries; `keys` is the pattern of their names."""

    most: int = 16
    keys: re.Pattern[str] | None = None

    def check(self, value: Any, path: str, found: Findings) -> None:
        """Its type, its entries' types, its size."""
        if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
            found.append((path, "must be a mapping of texts", "Write `key: value` lines below it."))
        elif len(value) > self.most:
            found.append((path, f"has {len(value)} entries; at most {self.most} are allowed", "Remove some."))
        elif self.keys is not None and (wrong := next((k for k in value if not self.keys.fullmatch(str(k))), None)):
            fix = "Write letters, digits, dashes, dots and underscores, after a domain and a slash where there is one."
            found.append((path, f'"{wrong}" is no name of a label or annotation', fix))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of `of` with limits; `key` is the field by which its entries must differ, "=" the whole entry."""

    of: Node
    least: int = 0
    most: int = 16
    key: str = ""

    def check(self, value: Any, path: str, found: Findings) -> None:
        """Type, size, each entry, then doubles."""
        if value.__class__ is not list and (not isinstance(value, Sequence) or isinstance(value, str)):
            found.append((path, f"must be a list, not {_typed(value)}", "Begin each entry with a dash."))
            return
        if len(value) < self.least:
            found.append((path, "must have at least one entry", "Add an entry."))
        if len(value) > self.most:
            found.append((path, f"has {len(value)} entries; at most {self.most} are allowed", "Split the object."))
        check = self.of.check
        for index, item in enumerate(value):
            check(item, f"{path}[{index}]", found)
        if self.key and len(value) > 1:
            self._doubles(value, path, found)

    def _doubles(self, value: Sequence[Any], path: str, found: Findings) -> None:
        seen: list[Any] = []
        for index, item in enumerate(value):
            one = item if self.key == "=" else item.get(self.key) if isinstance(item, Mapping) else None
            if one is not None and one in seen:
                here = f"{path}[{index}]" if self.key == "=" else f"{path}[{index}].{self.key}"
                found.append((here, f'"{one}" is in the list twice', "Remove one of the two."))
            seen.append(one)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule between fields (CEL in the CRD): `holds` is asked for the mapping; `at` is the field below it to blame."""

    says: str
    fix: str
    holds: Callable[[Mapping[str, Any]], bool]
    at: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping: its fields, those that must be there, and the rules between them (asked when all fields are right).

    Where `sound` holds, no rule is broken: asked first, it spares asking each of them.
    """

    fields: Mapping[str, Node]
    needed: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = field(default=())
    sound: Callable[[Mapping[str, Any]], bool] | None = None

    def check(self, value: Any, path: str, found: Findings) -> None:
        """Type, missing fields, each known field, then the rules."""
        if value.__class__ is not dict and not isinstance(value, Mapping):
            found.append((path, f"must be a mapping, not {_typed(value)}", "Write its fields below it."))
            return
        before = len(found)
        for name in self.needed:
            if name not in value:
                here = f"{path}.{name}" if path else name
                found.append((here, "must be given", f"Add `{name}`."))
        fields = self.fields
        for name, inner in value.items():
            node = fields.get(name)
            if node is not None:
                node.check(inner, f"{path}.{name}" if path else name, found)
        if len(found) == before and not (self.sound is not None and self.sound(value)):
            broken: dict[str, Finding] = {}  # the first rule of each field: one message is enough to mend it
            for rule in self.rules:
                if not rule.holds(value):
                    here = f"{path}.{rule.at}" if rule.at else path
                    broken.setdefault(here, (here, rule.says, rule.fix))
            found += broken.values()


def misspelt(node: Node, value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The path of each field that a mapping does not have, with the field that it is nearly called and that is missing.

    Other unknown fields may be those of a newer version of the CRD, and are no finding.
    """
    if isinstance(node, Listing) and isinstance(value, Sequence) and not isinstance(value, str):
        for index, item in enumerate(value):
            yield from misspelt(node.of, item, f"{path}[{index}]")
    elif isinstance(node, Fields) and isinstance(value, Mapping):
        missing = [name for name in node.fields if name not in value]
        for name, inner in value.items():
            known = node.fields.get(name)
            if known is not None:
                yield from misspelt(known, inner, f"{path}.{name}")
            elif meant := get_close_matches(str(name), missing, 1):
                yield f"{path}.{name}", meant[0]


def _typed(value: Any) -> str:
    """A value as a message shows it: short, with its type."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "a list"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
