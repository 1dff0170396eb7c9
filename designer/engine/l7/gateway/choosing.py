"""Which match of all attached HTTPRoutes and GRPCRoutes takes a request, found without asking each of them.

Entries are kept by the host name of their route, then by path or by gRPC service and method, so that a request asks
those only that can match. Precedence: host name, then `Entry.rank` (HTTPRouteRule and GRPCRouteRule, ``matches``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from designer.engine.l7.asked import Asked
from designer.engine.l7.gateway.hostnames import patterns_of
from designer.engine.l7.gateway.matching import EXACT, PREFIX, GrpcMatch, HttpMatch, call_of
from designer.engine.l7.gateway.profiles import GatewayProfile
from designer.engine.l7.gateway.routes import Entry

MAX_LOSERS = 5
MAX_LOOKED_AT = 60  # of candidates that lost; more explain nothing


@dataclass(frozen=True, slots=True)
class Lost:
    """A candidate that matches the request too, and why it did not win."""

    entry: Entry
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The winner, None for none; `doubt` says why that is not sure; `losers` matched too."""

    entry: Entry | None
    doubt: str = ""
    losers: tuple[Lost, ...] = ()


@dataclass(slots=True)
class HostGroup:
    """The entries of one host name: by exact path, by prefix, by gRPC call, and those with an expression."""

    exact: dict[str, list[Entry]] = field(default_factory=dict)
    prefix: dict[str, list[Entry]] = field(default_factory=dict)
    calls: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)
    loose: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Put an entry where a request will look for it."""
        lists, key = self._place(entry)
        if lists is None:
            self.loose.append(entry)
        else:
            lists.setdefault(key, []).append(entry)

    def sort(self) -> None:
        """Bring every list into the order of precedence."""
        for lists in (self.exact.values(), self.prefix.values(), self.calls.values()):
            for found in lists:
                if len(found) > 1:
                    found.sort(key=_rank)
        self.loose.sort(key=_loose_rank)

    def plain(self, asked: Asked) -> Iterator[Entry]:
        """Entries without expression in path or method that may match, in order of precedence."""
        yield from self.exact.get(asked.path, ())
        if self.prefix:
            path = asked.path.rstrip("/") if asked.path.endswith("/") else asked.path
            while True:
                yield from self.prefix.get(path, ())
                if not path:
                    break
                path = path[: path.rfind("/")]
        if self.calls and asked.is_grpc:
            service, method = call_of(asked.path)
            for key in dict.fromkeys(((service, method), (service, ""), ("", method), ("", ""))):
                yield from self.calls.get(key, ())

    def expressed(self, asked: Asked) -> Iterator[Entry]:
        """Entries with an expression in path or method, those of gRPC for gRPC calls only."""
        return (entry for entry in self.loose if isinstance(entry.match, HttpMatch) or asked.is_grpc)

    def changed(self, gone: Iterable[Entry], new: Iterable[Entry]) -> HostGroup:
        """Another group without and with these entries; this one stays as it is, what did not change is shared."""
        made = HostGroup(dict(self.exact), dict(self.prefix), dict(self.calls), list(self.loose))
        for entry in gone:
            lists, key = made._place(entry)
            if lists is None:
                made.loose = [one for one in made.loose if one is not entry]
                continue
            left = [one for one in lists[key] if one is not entry]
            if left:
                lists[key] = left
            else:
                del lists[key]
        for entry in new:
            lists, key = made._place(entry)
            if lists is not None:
                lists[key] = sorted([*lists.get(key, ()), entry], key=_rank)
            else:
                made.loose.append(entry)
        made.loose.sort(key=_loose_rank)
        return made

    def _place(self, entry: Entry) -> tuple[dict[Any, list[Entry]] | None, Any]:
        """The lists and the key under which an entry stands; None for those with an expression."""
        match = entry.match
        if isinstance(match, HttpMatch):
            lists = {EXACT: self.exact, PREFIX: self.prefix}.get(match.type)
            return lists, match.path
        return (self.calls, (match.service, match.method)) if match.patterns is None else (None, None)


def _rank(entry: Entry) -> tuple[object, ...]:
    return entry.rank


def _loose_rank(entry: Entry) -> tuple[object, ...]:
    """Longer expressions first, as implementations that rank them do."""
    match = entry.match
    length = len(match.text) if isinstance(match, HttpMatch) else len(match.service) + len(match.method)
    return (-length, *entry.rank[2:])


@dataclass(slots=True)
class RouteIndex:
    """All entries that are attached to one listener, by host name."""

    groups: dict[str, HostGroup] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> RouteIndex:
        """The index of entries."""
        made = cls()
        groups = made.groups
        for entry in entries:
            group = groups.get(entry.hostname)
            if group is None:
                group = groups[entry.hostname] = HostGroup()
            group.add(entry)
        for group in groups.values():
            group.sort()
        return made

    def changed(self, gone: Iterable[Entry], new: Iterable[Entry]) -> RouteIndex:
        """Another index without and with these entries; host names that did not change are shared."""
        by_host: dict[str, tuple[list[Entry], list[Entry]]] = {}
        for entry in gone:
            by_host.setdefault(entry.hostname, ([], []))[0].append(entry)
        for entry in new:
            by_host.setdefault(entry.hostname, ([], []))[1].append(entry)
        groups = dict(self.groups)
        for hostname, (lost, added) in by_host.items():
            groups[hostname] = groups.get(hostname, HostGroup()).changed(lost, added)
        return RouteIndex(groups)

    def choose(self, asked: Asked, profile: GatewayProfile) -> Choice:
        """The entry that takes a request, with those that lost."""
        groups = [group for pattern in patterns_of(asked.host) if (group := self.groups.get(pattern)) is not None]
        for index, group in enumerate(groups):
            choice = _choose(group, asked, profile)
            if choice.doubt or choice.entry is not None:
                if choice.entry is None or choice.doubt:
                    return choice
                return Choice(choice.entry, "", _losers(choice.entry, groups[index:], asked, profile))
        return Choice(None)


def _choose(group: HostGroup, asked: Asked, profile: GatewayProfile) -> Choice:
    """The winner inside one host name."""
    whole = profile.regex_whole
    plain = _first(group.plain(asked), asked, whole)
    if not group.loose:
        return plain
    fits = [(entry, entry.match.fits(asked, whole)) for entry in group.expressed(asked)]
    sure = [entry for entry, fit in fits if fit]
    unsure = [entry for entry, fit in fits if fit is None]
    if plain.doubt or not (sure or unsure):
        return plain
    if unsure:
        return _unless_equal(plain, [*unsure, *sure], _unread(unsure[0], profile))
    if profile.regex_rank == "unknown":
        place = f"{profile.title} decides by itself where regular expressions stand among other paths"
        return _unless_equal(plain, sure, place)
    before = plain.entry is None or (
        profile.regex_rank == "before-prefix"
        and isinstance(plain.entry.match, HttpMatch)
        and plain.entry.match.type != EXACT
    )
    return Choice(sure[0]) if before else plain


def _unless_equal(plain: Choice, others: list[Entry], why: str) -> Choice:
    """The winner where all candidates belong to one rule; else the doubt, with all of them as candidates."""
    every = [plain.entry, *others] if plain.entry is not None else others
    first = every[0]
    if all(entry.route is first.route and entry.rule == first.rule for entry in every) and "dialect" not in why:
        return Choice(first)
    return Choice(None, f"{why}: {' and '.join(entry.shown for entry in every[:3])}")


def _unread(entry: Entry, profile: GatewayProfile) -> str:
    return f"whether a regular expression of {entry.shown} takes this request depends on the dialect of {profile.title}"


def _first(entries: Iterable[Entry], asked: Asked, whole: bool | None) -> Choice:
    """The first entry that matches; a doubt where an earlier one may match."""
    doubtful: Entry | None = None
    for entry in entries:
        fit = entry.match.fits(asked, whole)
        if fit is None and doubtful is None:
            doubtful = entry
        elif fit:
            if doubtful is None or (doubtful.route is entry.route and doubtful.rule == entry.rule):
                return Choice(entry)
            break
    if doubtful is None:
        return Choice(None)
    why = "whether a regular expression matches the value depends on the implementation's dialect"
    return Choice(None, f"{why}: {doubtful.shown}")


def _losers(winner: Entry, groups: list[HostGroup], asked: Asked, profile: GatewayProfile) -> tuple[Lost, ...]:
    """Other rules that match the request, the best first, each once."""
    found: list[Lost] = []
    seen = {(winner.route.id, winner.rule)}
    candidates = (entry for group in groups for entry in (*group.plain(asked), *group.expressed(asked)))
    for entry in islice(candidates, MAX_LOOKED_AT):
        if (entry.route.id, entry.rule) in seen or not entry.match.fits(asked, profile.regex_whole):
            continue
        seen.add((entry.route.id, entry.rule))
        found.append(Lost(entry, why_lost(winner, entry)))
        if len(found) == MAX_LOSERS:
            break
    return tuple(found)


_HTTP_REASONS = (
    "an Exact path goes first",
    "a longer prefix goes first",
    "a match by method goes first",
    "more headers go first",
    "more query parameters go first",
)
_GRPC_REASONS = ("a longer service goes first", "a longer method goes first", "more headers go first")
_LAST_REASONS = ("the older route goes first", "the route goes first by name", "the earlier rule goes first")


def why_lost(winner: Entry, loser: Entry) -> str:
    """In which rule of precedence an entry is behind the winner."""
    if winner.hostname != loser.hostname:
        return f"host name {winner.hostname or '*'} is more specific than {loser.hostname or '*'}"
    loose = [isinstance(e.match, HttpMatch) and e.match.pattern is not None for e in (winner, loser)]
    if any(loose):
        return "the implementation ranks regular expressions so"
    reasons = _GRPC_REASONS if isinstance(winner.match, GrpcMatch) else _HTTP_REASONS
    padded = (*reasons, *[""] * (len(_HTTP_REASONS) - len(reasons)), *_LAST_REASONS)
    ranks = zip(padded, winner.rank, loser.rank, strict=False)
    return next((reason for reason, mine, other in ranks if mine != other), _LAST_REASONS[-1])
