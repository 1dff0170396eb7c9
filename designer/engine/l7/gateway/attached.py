"""What is attached to each listener, kept from one compilation to the next and changed route by route."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from designer.engine.l7.gateway.attaching import Attachment
from designer.engine.l7.gateway.choosing import RouteIndex
from designer.engine.l7.gateway.objects import HTTP_KINDS
from designer.engine.l7.gateway.routes import RouteState

ListenerKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Attached:
    """What is attached to one listener: routes by id, HTTP and gRPC entries, streams by host name, the oldest first."""

    states: Mapping[str, RouteState] = field(default_factory=dict)
    index: RouteIndex = field(default_factory=RouteIndex)
    streams: Mapping[str, tuple[RouteState, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, states: Mapping[str, RouteState]) -> Attached:
        """All of it, made of routes."""
        index = RouteIndex.of(entry for state in states.values() for entry in state.entries)
        return cls(states, index, _streams(states.values()))

    def changed(self, gone: Mapping[str, RouteState], new: Mapping[str, RouteState]) -> Attached:
        """The same without and with some routes; what did not change is shared."""
        states = {**self.states, **new}
        for oid in gone:
            if oid not in new:
                del states[oid]
        index = self.index.changed(
            (entry for state in gone.values() for entry in state.entries),
            (entry for state in new.values() for entry in state.entries),
        )
        touched = (*gone.values(), *new.values())
        if all(state.route.kind in HTTP_KINDS for state in touched):
            return Attached(states, index, self.streams)
        return Attached(states, index, _streams(states.values()))


NOTHING = Attached()


def _streams(states: Iterable[RouteState]) -> dict[str, tuple[RouteState, ...]]:
    found: dict[str, list[RouteState]] = {}
    for state in states:
        if state.route.kind not in HTTP_KINDS:
            for hostname in state.hostnames or ("",):
                found.setdefault(hostname, []).append(state)
    return {name: tuple(sorted(states, key=lambda state: state.route.age)) for name, states in found.items()}


def by_listener(attachments: Iterable[Attachment]) -> dict[ListenerKey, dict[str, RouteState]]:
    """Attached routes by listener and id."""
    found: dict[ListenerKey, dict[str, RouteState]] = {}
    for attachment in attachments:
        for listener in attachment.listeners:
            found.setdefault(listener.key, {})[attachment.state.route.id] = attachment.state
    return found


def attached_anew(attachments: Iterable[Attachment]) -> dict[ListenerKey, Attached]:
    """What is attached to each listener that has a route."""
    return {key: Attached.of(states) for key, states in by_listener(attachments).items()}


def attached_again(
    before: Mapping[ListenerKey, Attached], gone: Iterable[Attachment], new: Iterable[Attachment]
) -> dict[ListenerKey, Attached]:
    """`before` with the attachments of routes that changed."""
    lost, added = by_listener(gone), by_listener(new)
    found = dict(before)
    for key in (*lost, *(key for key in added if key not in lost)):
        found[key] = found.get(key, NOTHING).changed(lost.get(key, {}), added.get(key, {}))
    return found
