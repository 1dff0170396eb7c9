"""Entries of Ingress rules by host and path, so that a request is held against those only that it may concern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from designer.engine.l7.entries import Entry
from designer.engine.l7.matching import ANY_HOST, EXACT_HOST, WILDCARD_HOST, elements
from designer.engine.l7.profiles import SPEC, ControllerProfile

# An entry and its place among all, by which entries found in several ways come into one order again.
Placed = tuple[int, Entry]


@dataclass(slots=True)
class HostGroup:
    """The entries of one host in their order, and by what a path must be like to match.

    `exact` by path, `element` by the elements of a prefix, `character` by the prefix as text. `loose` are those that
    are always looked at: what matches them only the controller could say, or they carry a doubt.
    """

    every: list[Placed]
    exact: dict[str, list[Placed]] = field(default_factory=dict)
    element: dict[tuple[str, ...], list[Placed]] = field(default_factory=dict)
    character: dict[str, list[Placed]] = field(default_factory=dict)
    loose: list[Placed] = field(default_factory=list)

    def add(self, one: Placed, profile: ControllerProfile) -> None:
        """Put one of its entries where a path will look for it."""
        entry = one[1]
        rule = profile.prefix if entry.path_type == "Prefix" else profile.implementation_specific
        if entry.doubt:
            self.loose.append(one)
        elif entry.path_type == "Exact":
            self.exact.setdefault(entry.path, []).append(one)
        elif rule == "element":
            self.element.setdefault(elements(entry.path), []).append(one)
        elif rule == "character":
            self.character.setdefault(entry.path or "/", []).append(one)
        else:
            self.loose.append(one)

    def for_path(self, path: str) -> list[Entry]:
        """The entries that may match a path, in their order; those that are left out do not."""
        found = [*self.loose, *self.exact.get(path, ())]
        if self.element:
            parts = elements(path)
            for count in range(len(parts) + 1):
                found += self.element.get(parts[:count], ())
        if self.character:
            for count in range(len(path) + 1):
                found += self.character.get(path[:count], ())
        return [entry for _, entry in sorted(found, key=_place)]


def _place(one: Placed) -> int:
    return one[0]


@dataclass(frozen=True, slots=True)
class HostIndex:
    """Entries by the host as it is written, "" for every host; a host's group is made when one first asks for it."""

    by_host: dict[str, list[Placed]] = field(default_factory=dict)
    profile: ControllerProfile = SPEC
    _groups: dict[str, HostGroup] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry], profile: ControllerProfile) -> HostIndex:
        """The index of entries in this order."""
        found: dict[str, list[Placed]] = {}
        for one in enumerate(entries):
            host = one[1].host
            if host in found:
                found[host].append(one)
            else:
                found[host] = [one]
        return cls(found, profile)

    def ranked(self, host: str) -> list[tuple[int, HostGroup]]:
        """The groups whose host a request's host falls under, with its rank (`matching.host_rank`), best first."""
        return [(rank, self._group(key)) for rank, key in ranked_hosts(host) if key in self.by_host]

    def _group(self, host: str) -> HostGroup:
        group = self._groups.get(host)
        if group is None:
            group = HostGroup(self.by_host[host])
            for one in group.every:
                group.add(one, self.profile)
            self._groups[host] = group
        return group

    def entries(self, host: str) -> list[tuple[int, Entry]]:
        """All entries whose host fits with its rank, in their order."""
        fitting = [(rank, self.by_host[key]) for rank, key in ranked_hosts(host) if key in self.by_host]
        found = [(one, rank) for rank, placed in fitting for one in placed]
        return [(rank, one[1]) for one, rank in sorted(found, key=lambda item: item[0][0])]


def ranked_hosts(host: str) -> Sequence[tuple[int, str]]:
    """The hosts that a rule may have for a request's host, with their ranks, best first."""
    found = [(EXACT_HOST, host)] if host else []
    first, dot, rest = host.partition(".")
    if first and dot and f"*.{rest}" != host:
        found.append((WILDCARD_HOST, f"*.{rest}"))
    return (*found, (ANY_HOST, ""))
