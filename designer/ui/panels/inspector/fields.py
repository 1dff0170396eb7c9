"""What a form's table is written in: fields, cells of repeated groups, and how values are read from text and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from designer.engine.compile import ClusterState
from designer.model import Project
from designer.present.match_notes import MatchNote
from designer.present.port_chain import Chain
from designer.present.selector_text import SelectorError, equality_text, parse_equality, parse_selector, selector_text

Data = dict[str, Any]
Options = tuple[tuple[Any, str], ...]
OptionSource = Options | Callable[[Project], Options]
# What a note is made from: the cluster, the object's namespace, the whole object as data, and the value beside it.
Note = Callable[[ClusterState, str, Data, Any], MatchNote]
# The same for a chain.
ChainMaker = Callable[[ClusterState, str, Data, Any], Chain]


@dataclass(frozen=True, slots=True)
class Converter:
    """Text to value and back. `read` raises ValueError with words for a person; an empty text means no value."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    mono: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry of a repeated group. `key` is a path in its data, `line` the line of the group that it stands on.

    `when` says from the entry's data whether it is shown.
    """

    key: str
    label: str
    editor: str = "text"
    line: int = 0
    stretch: int = 1
    options: OptionSource = ()
    placeholder: str = ""
    group: Group | None = None
    note: Note | None = None
    when: Callable[[Data], bool] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A list of groups of fields: its noun, cells, what a new one holds, and what is computed for each.

    `fresh` is a new entry, or makes one for the entries that there are. `note` is a line of words below the cells of
    an entry, `chain` the steps of where it leads. `tidy` brings an entry in order after a change of one of its cells.
    `single`: there is one or none, as in a field with editor "object", which holds the entry itself and no list.
    """

    noun: str
    cells: tuple[Cell, ...]
    fresh: Data | Callable[[list[Data]], Data] = field(default_factory=dict)
    note: Note | None = None
    chain: ChainMaker | None = None
    tidy: Callable[[Data], None] | None = None
    titled: bool = False
    empty: str = ""
    single: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: where it is, its words, its editor, and a note that is computed beside it.

    `when` says from the object's data whether the field is shown; `given` what it is while the object leaves it open;
    `unset` is the number that Kubernetes takes where the object says none.
    """

    path: str
    label: str
    editor: str = "text"
    hint: str = ""
    options: OptionSource = ()
    placeholder: str = ""
    least: int = 0
    most: int = 65535
    unset: int | None = None
    group: Group | None = None
    note: Note | None = None
    when: Callable[[Data], bool] | None = None
    given: Callable[[ClusterState, str], str] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under a header; "" for the first ones."""

    title: str
    fields: tuple[Field, ...]


def _text(text: str) -> str | None:
    return text.strip() or None


# What stands in a field for a text that is set and empty, where no text at all means something else.
NONE = "none"


def _or_none(text: str) -> str | None:
    return "" if text.strip().lower() == NONE else text.strip() or None


def _none_shown(value: Any) -> str:
    return NONE if value == "" else _written(value)


def _integer(text: str) -> int | str | None:
    text = text.strip()
    if not text:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise ValueError("Write a whole number.") from error


def _port(text: str) -> int | str | None:
    text = text.strip()
    return int(text) if text.isdecimal() and text.isascii() else text or None


def _entries(text: str) -> list[str] | None:
    found = [part for part in text.replace("\n", ",").replace(" ", ",").split(",") if part]
    return found or None


def _range(text: str) -> list[int] | None:
    if not text.strip():
        return None
    first, _, last = text.replace("–", "-").partition("-")
    try:
        return [int(first), int(last)]
    except ValueError as error:
        raise ValueError("Write two ports with a dash, such as 30000-32767.") from error


def _selector(text: str) -> Any:
    try:
        return parse_selector(text)
    except SelectorError as error:
        raise ValueError(str(error)) from error


def _equality(text: str) -> Any:
    try:
        return parse_equality(text)
    except SelectorError as error:
        raise ValueError(str(error)) from error


def _written(value: Any) -> str:
    return "" if value is None else str(value)


def _backend_port(text: str) -> Data | None:
    value = _port(text)
    if value is None:
        return None
    return {"number": value} if isinstance(value, int) else {"name": value}


def _backend_text(value: Any) -> str:
    return str(value.get("number") or value.get("name") or "") if isinstance(value, dict) else ""


CONVERTERS: dict[str, Converter] = {
    "text": Converter(_text, _written, mono=False),
    "mono": Converter(_text, _written),
    "or-none": Converter(_or_none, _none_shown),
    "int": Converter(_integer, _written),
    "port": Converter(_port, _written),
    "list": Converter(_entries, lambda value: ", ".join(map(str, value or ()))),
    "range": Converter(_range, lambda value: "-".join(map(str, value)) if value else ""),
    "selector": Converter(_selector, selector_text),
    "equality": Converter(_equality, equality_text),
    "backend-port": Converter(_backend_port, _backend_text),
}
