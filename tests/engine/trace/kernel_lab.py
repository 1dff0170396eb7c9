"""What a Linux kernel does with single calls in a small cluster: the lab's plan and worker without its comparison."""

from __future__ import annotations

from functools import cache
from typing import Any

from designer.engine.compile import ClusterState, compile_project
from designer.lab.capabilities import Capabilities, capabilities, check_system
from designer.lab.client import LabError, Worker
from designer.lab.plan import LabPlan, node_space, pod_space
from designer.lab.planning import make_plan
from designer.lab.run import PATIENT, needs
from tests.engine.trace.clusters import make

OUTSIDE = "192.168.10.99"
# Each caller's calls: address and TCP port.
Calls = dict[str, list[tuple[str, int]]]
ENDS = {"reset": "rejected", "icmp": "rejected"}


@cache
def _able() -> Capabilities | None:
    try:
        check_system()
        with Worker() as worker:
            return capabilities(worker)
    except LabError:
        return None


def possible() -> bool:
    """Whether this machine can build labs with everything that the small clusters of these tests need."""
    found = _able()
    return found is not None and not found.missing(
        "settings", "bridge", "bridge-netfilter", "vxlan", "iptables", "statistic", "recent", "nft", "ipset"
    )


def observe(state: ClusterState, calls: Calls) -> dict[str, list[str]]:
    """For each call the source and TTL that the answering Pod saw, or ``rejected`` or ``dropped``.

    Callers are Pods of namespace default, Nodes, and ``outside``, a machine on the Nodes' own link.
    """
    client = make("ExternalClient", "outside", {"addresses": [OUTSIDE]})
    state = compile_project(state.project.with_objects([client]))
    with Worker() as worker:
        able = capabilities(worker)
        assert not needs(state, able)
        plan = make_plan(state, able.restore)
        for _ in worker.ask(plan.data()):
            pass
        wanted = [(name, number) for name, made in calls.items() for number in range(len(made))]
        probes = [_sent(state, plan, place, name, calls[name][number]) for place, (name, number) in enumerate(wanted)]
        found: dict[int, str] = {}
        for answer in worker.ask({"do": "probe", "probes": probes}):
            found.update((probe, _shown(end)) for probe, end in answer.get("ends", ()))
    return {name: [found[wanted.index((name, n))] for n in range(len(made))] for name, made in calls.items()}


def _sent(state: ClusterState, plan: LabPlan, place: int, caller: str, call: tuple[str, int]) -> list[Any]:
    address, port = call
    if caller == "outside":
        space = dict(plan.outsiders)[OUTSIDE]
    else:
        space = node_space(caller) if caller in state.control.nodes else pod_space(f"Pod:default/{caller}")
    node = next((one.name for one in state.control.nodes.values() if address in one.addresses), "")
    mark = dict(plan.entries).get(node, 0) if caller == "outside" else 0
    return [place, space, 4, "TCP", address, port, mark, PATIENT]


def _shown(end: list[Any]) -> str:
    return f"{end[2]} ttl {end[3]}" if end[0] == "answered" else ENDS.get(end[0], "dropped")
