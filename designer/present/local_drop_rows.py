"""The Nodes on which Services with traffic policy Local answer nobody, as rows and in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.engine.kubeproxy.local_drops import LocalDrop, local_drops
from designer.present.words import count_text, short_name

# What such a Node does with a request: (what happens, what its sender sees).
OUTCOMES: dict[str, tuple[str, str]] = {
    "dropped": ("dropped", "The caller waits until its time-out."),
    "rejected": ("refused", "The caller gets an error at once."),
    "lost": ("reply lost", "The reply comes from another Node and is thrown away; the caller waits."),
}
TRAFFIC = {"external": "from outside", "internal": "to its ClusterIP"}
FIELDS = {"external": "externalTrafficPolicy", "internal": "internalTrafficPolicy"}


@dataclass(frozen=True, slots=True)
class LocalDropRow:
    """One Node that does not answer requests to one port of a Service: ids, and what a person reads."""

    service: str
    node: str
    name: str
    port: str
    traffic: str
    happens: str
    seen: str
    answering: str


def local_drop_rows(state: ClusterState) -> tuple[LocalDropRow, ...]:
    """Every Service port and Node at which requests go nowhere, in the order of the Services."""
    drops = local_drops(state.control, state.project.cluster)
    return tuple(row for drop in drops for row in _rows(drop))


def _rows(drop: LocalDrop) -> list[LocalDropRow]:
    happens, seen = OUTCOMES[drop.outcome]
    name = drop.service.partition(":")[2]
    port = f"{drop.port}/{drop.protocol}" + (" · IPv6" if drop.family == 6 else "")
    answering = ", ".join(drop.covered) or "none"
    return [
        LocalDropRow(drop.service, f"Node:{node}", name, port, TRAFFIC[drop.traffic], happens, seen, answering)
        for node in drop.nodes
    ]


def local_drop_summary(state: ClusterState, rows: Sequence[LocalDropRow]) -> str:
    """What was found, or why nothing was: ``2 Services do not answer on 3 Nodes. …``."""
    if rows:
        services = count_text(len({row.service for row in rows}), "Service")
        verb = "does" if services.startswith("1 ") else "do"
        nodes = count_text(len({row.node for row in rows}), "Node")
        return (
            f"{services} {verb} not answer on {nodes}: policy Local, and no ready endpoint there. Run a Pod on each of "
            "them (a DaemonSet), keep traffic away from them, or use policy Cluster."
        )
    local = [s for s in state.control.services.values() if "Local" in (s.external_policy, s.internal_policy)]
    if not local:
        return (
            "No Service has externalTrafficPolicy or internalTrafficPolicy Local: every Node sends to every endpoint."
        )
    names = ", ".join(short_name(service.id) for service in local[:5])
    return f"Every Node answers for the Services with policy Local ({names}), or they have no ready endpoint at all."
