"""Conflicts between rules: who wins, who loses and why, and the objects that nobody serves."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.compile import ClusterState
from designer.engine.l7.entries import Entry
from designer.engine.l7.gateway.attaching import CODES
from designer.engine.l7.gateway.objects import REFUSED
from designer.engine.l7.routes import ControllerRoutes
from designer.present.condition_rows import shown_ids
from designer.present.words import object_text

NO_PARENT = CODES["NoMatchingParent"]
# Object id, what is in conflict, who wins ("" where that is open or nobody does), why.
ConflictRow = tuple[str, str, str, str]
UNDECIDED = "cannot tell"
# Problems of objects of Gateway API that get no condition: refused by the API server, or named no parent that is there.
UNHEARD = (REFUSED, NO_PARENT)


def conflict_rows(state: ClusterState) -> list[ConflictRow]:
    """Every rule that another one takes the place of, and every object that nobody serves."""
    rows = [row for routes in state.routes.controllers.values() for row in _of_controller(routes)]
    rows += [(item.ingress, "all its rules", "", f"Nobody serves it: {item.reason}") for item in state.routes.unserved]
    return list(dict.fromkeys((*rows, *_of_gateways(state))))


def _of_gateways(state: ClusterState) -> Iterator[ConflictRow]:
    """Conditions that say that something does not come about, and objects that get none because nobody serves them."""
    ids = shown_ids(state)
    for one in state.gateways.conditions:
        bad = one.status == "True" if one.type == "Conflicted" else one.status != "True"
        if bad and one.type in ("Accepted", "Conflicted", "Programmed", "ResolvedRefs"):
            where = " · ".join(part for part in (one.listener, one.parent) if part)
            said = f"{one.reason}: {one.message}" if one.message else one.reason
            yield ids.get(one.object, ""), f"{one.type}{f' ({where})' if where else ''}", "", said
    for problem in state.gateways.problems:
        if problem.code in UNHEARD:
            yield problem.object, problem.field, "", problem.title


def _of_controller(routes: ControllerRoutes) -> Iterator[ConflictRow]:
    title = routes.profile.title
    if routes.servers is not None:
        for server in routes.servers.servers.values():
            for location in server.locations:
                for entry in location.lost:
                    winner = location.entry.text if location.entry is not None and not location.doubt else UNDECIDED
                    why = location.doubt or f"{title} takes the oldest Ingress with this host and path"
                    yield entry.ingress, _where(entry), winner, why
        return
    first: dict[tuple[str, str, str], Entry] = {}
    for entry in routes.entries:
        path = entry.path if entry.path_type == "Exact" else entry.path.rstrip("/")
        other = first.setdefault((entry.host, entry.path_type, path), entry)
        if other is not entry and other.backend != entry.backend:
            why = f"{other.text} has the same host and path, and whom {title} takes is not defined"
            yield entry.ingress, _where(entry), UNDECIDED, why


def _where(entry: Entry) -> str:
    return f"{entry.host or '*'}{entry.path} ({entry.path_type})"


def conflict_summary(rows: list[ConflictRow]) -> str:
    """The rows in one sentence."""
    if not rows:
        return "No rule is in the way of another, and every object is served."
    open_ones = sum(row[2] == UNDECIDED for row in rows)
    unserved = sum(not row[2] for row in rows)
    lost = len(rows) - open_ones - unserved
    told = (
        (lost, "loses to another rule", "lose to another rule"),
        (open_ones, "is not decided", "are not decided"),
        (unserved, "is not served or not accepted", "are not served or not accepted"),
    )
    parts = [f"{count} {one if count == 1 else several}" for count, one, several in told if count]
    return f"{len(rows)} found: {', '.join(parts)}."


def shown_conflicts(rows: list[ConflictRow]) -> list[tuple[str, str, str, str, str]]:
    """The rows for a table: object in words, what, winner, why, and the object's id."""
    return [(object_text(oid), what, winner, why, oid) for oid, what, winner, why in rows]
