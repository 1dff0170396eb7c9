"""Rules that no request can reach, because another one takes every request that they match; only where that is sure.

Gateway API: of equal matches for one host name the older route goes first, then the earlier rule (HTTPRouteRule,
``matches``); the age of routes of which one has no creationTimestamp is not known. ingress-nginx: of one host and path
the oldest Ingress (`l7.nginx`); other controllers do not say. A rule that only may be shadowed keeps its lines.
"""

from __future__ import annotations

from collections.abc import Iterable

from designer.engine.l7 import RouteTable
from designer.engine.l7.gateway.routes import Action, Entry, RouteState

# An entry of an Ingress: its id, and the places of rule and path in it (None: the default backend).
IngressEntry = tuple[str, int | None, int | None]


def beaten_by(entries: Iterable[Entry]) -> dict[int, Entry]:
    """The entries of one listener that never take a request, by their identity, each with the one that takes theirs."""
    alike: dict[tuple[str, object], list[Entry]] = {}
    for entry in entries:
        alike.setdefault((entry.hostname, entry.match), []).append(entry)
    found: dict[int, Entry] = {}
    for group in alike.values():
        if len(group) == 1:
            continue
        group.sort(key=lambda entry: entry.rank)
        oldest = next((entry for entry in group if entry.route.created), None)
        first: dict[str, Entry] = {}
        for entry in group:
            winner = first.setdefault(entry.route.id, entry)
            if winner is entry and oldest is not None and entry.route.created:
                winner = oldest
            if winner is not entry:
                found[id(entry)] = winner
    return found


class LiveActions:
    """What the rules of routes do that some request reaches, gathered listener by listener."""

    def __init__(self) -> None:
        self._live: set[int] = set()
        self._kept: list[Action] = []  # so that no other action gets the identity of one that is gone
        self._dead: dict[tuple[str, int], tuple[Action, str, str]] = {}
        self._failing: dict[tuple[str, int], str] = {}

    def add(self, states: Iterable[RouteState]) -> None:
        """Nothing; takes the routes of one listener."""
        entries = [entry for state in states for entry in state.entries]
        beaten = beaten_by(entries)
        for entry in entries:
            self._kept.append(entry.action)
            if entry.action.filters.failing and entry.action.backends:
                why = f"{entry.shown}: not listed, a filter of it fails: {entry.action.filters.failing}."
                self._failing.setdefault((entry.route.id, entry.rule), why)
            if id(entry) not in beaten:
                self._live.add(id(entry.action))
            else:
                key = (entry.route.id, entry.rule)
                self._dead.setdefault(key, (entry.action, entry.shown, beaten[id(entry)].shown))

    def of(self, state: RouteState) -> tuple[Action, ...]:
        """The actions of a route that some request reaches."""
        return tuple(action for action in state.actions if id(action) in self._live)

    def notes(self) -> tuple[str, ...]:
        """A sentence for each rule with backends to which no request comes."""
        shadowed = (
            f"{shown}: not listed, {winner} takes all its requests."
            for action, shown, winner in self._dead.values()
            if id(action) not in self._live and action.backends and not action.filters.failing
        )
        return (*shadowed, *self._failing.values())


def lost_entries(routes: RouteTable, ingress: str) -> dict[IngressEntry, str]:
    """The entries of an Ingress that no request reaches at any of the controllers that serve it, each with the winner.

    An ingress-nginx canary is no loser: it takes a share of the requests of the entry whose place it has.
    """
    serving = [routes.controllers[oid] for oid in routes.serving(ingress)]
    found: dict[IngressEntry, str] | None = None
    for controller in serving:
        lost: dict[IngressEntry, str] = {}
        for server in controller.servers.servers.values() if controller.servers is not None else ():
            for location in server.locations:
                if location.entry is None or location.doubt or server.doubt:
                    continue
                for one in location.lost:
                    if one.ingress == ingress:
                        lost[(one.ingress, one.rule, one.path_index)] = location.entry.text
        found = lost if found is None else {key: winner for key, winner in found.items() if key in lost}
    return found or {}
