"""HTTPRoutes and GRPCRoutes with common host names share no listener: who keeps it, and what the other one loses.

The older route keeps it (GRPCRouteSpec ``hostnames``: exactly one of the two is accepted).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from designer.engine.l7.gateway.attaching import Attachment
from designer.engine.l7.gateway.hostnames import intersect, patterns_of
from designer.engine.l7.gateway.listeners import Listener
from designer.engine.l7.gateway.objects import HTTP_KINDS
from designer.engine.l7.gateway.world import Trouble

SEPARATED = "HostnameConflict"
Attachments = tuple[Attachment, ...]


@dataclass(slots=True)
class _Kept:
    """The routes of one kind that keep a listener, the oldest first, with the places of the first that has a host name.

    `own` is by host name; `below` by wildcard, for the host names that fall under it and itself.
    """

    found: list[Attachment] = field(default_factory=list)
    own: dict[str, int] = field(default_factory=dict)
    below: dict[str, int] = field(default_factory=dict)

    def add(self, one: Attachment, names: Iterable[str]) -> None:
        place = len(self.found)
        self.found.append(one)
        for name in names:
            self.own.setdefault(name, place)
            for wildcard in _covering(name):
                self.below.setdefault(wildcard, place)

    def rival(self, names: Iterable[str]) -> Attachment | None:
        """The oldest route with a host name in common with these."""
        if not self.found:
            return None
        places: list[int] = []
        for name in names:
            if not name:
                return self.found[0]  # every host name is common
            places += [self.own[other] for other in (name, *_covering(name), "") if other in self.own]
            if name in self.below:
                places.append(self.below[name])
        return self.found[min(places)] if places else None


def _covering(name: str) -> Iterator[str]:
    """The wildcards under which a host name falls; a wildcard falls under itself."""
    plain = name
    if name.startswith("*."):
        yield name
        plain = name[2:]
    yield from (pattern for pattern in patterns_of(plain) if pattern.startswith("*."))


# What decides about a route in `separated`: attachments that are alike in it lose alike.
Signature = tuple[tuple[object, ...], ...]


def losing_routes(
    every: Mapping[str, Attachments],
    before: Mapping[str, Attachments] | None,
    changed: Mapping[str, Attachments | None],
) -> dict[str, Attachments]:
    """The attachments of routes that lose a listener to one of another kind, by route.

    `before` is what an earlier call gave (None: nothing is kept), `changed` the routes that differ since, as they were.
    Where nothing changed that decides, what each loses stays.
    """
    if before is not None and all(
        was is not None and oid in every and _signature(was) == _signature(every[oid]) for oid, was in changed.items()
    ):
        return {oid: _again(kept, every[oid]) if oid in changed else kept for oid, kept in before.items()}
    order = sorted(every)
    kinds = {one.state.route.kind for attachments in every.values() for one in attachments}
    if not kinds.issuperset(HTTP_KINDS):
        return {}
    listed = [(oid, one) for oid in order for one in every[oid]]
    found = separated([one for _, one in listed])
    losing = {listed[place][0] for place in found}
    made: dict[str, list[Attachment]] = {}
    for place, (oid, one) in enumerate(listed):
        if oid in losing:
            made.setdefault(oid, []).append(found.get(place, one))
    return {oid: tuple(attachments) for oid, attachments in made.items()}


def _signature(attachments: Attachments) -> Signature:
    return tuple(
        (one.state.route.kind, one.state.route.age, one.state.hostnames, one.accepted,
         tuple(listener.key for listener in one.listeners))
        for one in attachments
    )  # fmt: skip


def _again(kept: Attachments, new: Attachments) -> Attachments:
    """Attachments of a route that changed otherwise, with what the earlier ones had lost."""
    found = []
    for was, one in zip(kept, new, strict=True):
        keys = {listener.key for listener in was.listeners}
        listeners = [listener for listener in one.listeners if listener.key in keys]
        gone = was.refused if was.refused is not None and was.refused.reason == SEPARATED else one.refused
        found.append(replace(one, listeners=listeners, refused=gone))
    return tuple(found)


def separated(attachments: Sequence[Attachment]) -> dict[int, Attachment]:
    """Those attachments that lose a listener, by their place: each as it is without it, refused where none is left."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(attachments):
        if one.accepted and one.state.route.kind in HTTP_KINDS:
            for listener in one.listeners:
                places.setdefault(listener.key, []).append(place)
    changed: dict[int, Attachment] = {}
    for key, found in places.items():
        if len({attachments[place].state.route.kind for place in found}) == 1:
            continue
        kept = {kind: _Kept() for kind in HTTP_KINDS}
        for place in sorted(found, key=lambda place: attachments[place].state.route.age):
            one = attachments[place]
            listener = next(x for x in one.listeners if x.key == key)
            names = [h for h in one.state.hostnames or ("",) if intersect(h, listener.hostname)]
            kind = one.state.route.kind
            rival = kept[HTTP_KINDS[1 - HTTP_KINDS.index(kind)]].rival(names)
            if rival is None:
                kept[kind].add(one, names)
            else:
                changed[place] = _without(changed.get(place, one), listener, rival)
    return changed


def _without(one: Attachment, listener: Listener, rival: Attachment) -> Attachment:
    left = [other for other in one.listeners if other.key != listener.key]
    if left:
        return replace(one, listeners=left)
    text = f"{rival.state.route.shown} has the same host names on listener {listener.name} and goes before it"
    return replace(one, listeners=[], refused=Trouble(SEPARATED, text))
