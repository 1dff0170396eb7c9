"""Fields of policies that are kept as data: read one by one, refused with their path where they cannot be meant so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from designer.engine.controlplane.sources import source_line
from designer.engine.policy.ports import MAX_PORT
from designer.engine.policy.validate import Network, parse_cidr
from designer.model import ForeignObject, LabelSelector, Project, split_id


class RefusedError(Exception):
    """A field that the API server, or the plugin, does not take: its path, what is wrong, what to do.

    `why` says what comes of it where that is not "it does not exist"."""

    def __init__(self, path: str, said: str, fix: str, why: str = "") -> None:
        super().__init__(path, said, fix, why)
        self.path, self.said, self.fix, self.why = path, said, fix, why


class NotEvaluatedError(Exception):
    """A policy as a whole cannot be evaluated; why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept policy: its id, API group and version, kind, namespace ("" where it has none), name and data."""

    project: Project
    id: str
    group: str
    version: str
    kind: str
    namespace: str
    name: str
    data: Mapping[str, Any]

    @property
    def spec(self) -> Mapping[str, Any]:
        """Its spec; an empty one where there is none."""
        return mapping(self.data.get("spec", {}), "spec")

    def line(self, path: str = "") -> int:
        """The line of a field in the source, 0 where it came from no file."""
        return source_line(self.project, self.id, path)[1]

    @property
    def file(self) -> str:
        """The file that it came from, "" for none."""
        return source_line(self.project, self.id)[0]

    @property
    def shown(self) -> str:
        """``shop/web``, or ``deny-all`` of a kind without namespaces."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def kept(project: Project, one: ForeignObject, namespaced: frozenset[str]) -> Kept:
    """A kept object; one of a kind in `namespaced` without namespace stands in ``default``."""
    api, kind = str(one.data.get("apiVersion")), str(one.data.get("kind"))
    group, _, version = api.partition("/")
    _, namespace, name = split_id(f"{kind}:{one.id.partition(':')[2]}")
    metadata = one.data.get("metadata")
    given = metadata.get("namespace") if isinstance(metadata, Mapping) else None
    where = str(given or namespace or "default") if kind in namespaced else ""
    return Kept(project, one.id, group, version, kind, where, name, one.data)


def mapping(value: Any, path: str) -> Mapping[str, Any]:
    """`value` as a mapping."""
    if not isinstance(value, Mapping):
        raise RefusedError(path, "must be a mapping", "Write its fields below it.")
    return value


def items(value: Any, path: str) -> Sequence[Any]:
    """`value` as a list; an absent one is empty."""
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)):
        raise RefusedError(path, "must be a list", "Begin each entry with a dash.")
    return value


def text(value: Any, path: str) -> str:
    """`value` as a text."""
    if not isinstance(value, str):
        raise RefusedError(path, "must be a text", "Put it in quotes.")
    return value


def texts(value: Any, path: str) -> tuple[str, ...]:
    """`value` as a list of texts."""
    found = items(value, path)
    if not all(isinstance(one, str) for one in found):
        raise RefusedError(path, "must be a list of texts", "Put each entry in quotes.")
    return tuple(found)


def word(value: Any, path: str, allowed: Sequence[str]) -> str:
    """`value` as one of some words."""
    if not isinstance(value, str) or value not in allowed:
        raise RefusedError(path, f'"{value}" is none of {", ".join(allowed)}', f"Use one of {', '.join(allowed)}.")
    return value


def number(value: Any, path: str, low: int = 1, high: int = MAX_PORT) -> int:
    """`value` as a whole number between two."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RefusedError(path, f'"{value}" is no number from {low} to {high}', f"Give a number from {low} to {high}.")
    return value


def selector(value: Any, path: str) -> LabelSelector:
    """`value` as a label selector."""
    try:
        return LabelSelector.model_validate(mapping(value, path))
    except ValidationError:
        raise RefusedError(path, "is no label selector", "Use matchLabels and matchExpressions.") from None


def network(value: Any, path: str) -> Network:
    """`value` as a CIDR."""
    found = parse_cidr(value) if isinstance(value, str) else None
    if found is None:
        raise RefusedError(path, f'"{value}" is not a valid CIDR', "Write it like 10.1.2.0/24 or 2001:db8::/64.")
    return found
