"""The same design in three modes: whatever they answer otherwise is one of the differences that the README lists.

Random clusters, asked from Pods, Nodes and outside; iptables mode is what the others are compared with.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import ServiceState
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, make, pod, service
from tests.facts.parties import NODES, PROFILES

NOT_READY = {"conditions": [{"type": "Ready", "status": "False"}], "phase": "Running"}
RANGES = (["203.0.113.0/24"], ["10.244.0.0/16"], ["192.168.10.0/24"])
RANGES_6 = ("2001:db8::/32", "fd00:10:244::/56", "fd00:192:168:10::/64")
NODES_6 = {number: f"fd00:192:168:10::1{number}" for number in NODES}
DUAL: dict[str, Any] = {"podCIDRs": ["10.244.0.0/16", "fd00:10:244::/56"],
                        "serviceCIDRs": ["10.96.0.0/12", "fd00:10:96::/112"]}  # fmt: skip
SOURCES = {"cl": 1, "hostcl": 2, "node-1": 1, "node-3": 3, "internet": 0}  # who asks, and on which Node


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `way` is what it calls (ClusterIP, unused port, external IP, load balancer, node port).

    `node` is the Node whose rules decide first, 0 where nothing says which.
    """

    source: str
    address: str
    port: int
    way: str
    node: int
    service: ServiceState
    ready_on: frozenset[int]
    cluster_cidr: str | None

    @property
    def own(self) -> bool:
        """Whether a process of a Node asks."""
        return self.source not in ("cl", "internet")

    @property
    def outer(self) -> bool:
        """Whether a way in from outside is called."""
        return self.way not in ("ClusterIP", "unused port")


Answer = tuple[tuple[str, str, str, str], ...]  # share, verdict, who answers, source seen; of every path

# Row of the README's table → which requests it speaks of; then what ipvs mode alone does otherwise.
BOTH: dict[str, Callable[[Asked], bool]] = {
    "a port that a ClusterIP does not have": lambda a: a.way == "unused port",
    "the Node's own call of a load balancer or external IP without endpoints": (
        lambda a: a.own and a.way in ("load balancer", "external IP") and not a.ready_on
    ),
    "source ranges of a load balancer without endpoints": (
        lambda a: a.way == "load balancer" and bool(a.service.source_ranges) and not a.ready_on
    ),
}
IPVS: dict[str, Callable[[Asked], bool]] = {
    "`internalTrafficPolicy: Local`, no endpoint here": (
        lambda a: a.way == "ClusterIP" and a.service.internal_policy == "Local" and a.node not in a.ready_on
    ),
    "`externalTrafficPolicy: Local`, no endpoint here": (
        lambda a: a.outer and a.service.external_policy == "Local" and a.node not in a.ready_on
    ),
    "the same, an endpoint here, called by a Pod or the Node": (
        lambda a: a.outer and a.service.external_policy == "Local" and a.node in a.ready_on and a.source != "internet"
    ),
    "without `clusterCIDR`, the Node's own call of a ClusterIP": (
        lambda a: a.own and a.way == "ClusterIP" and a.cluster_cidr == ""
    ),
}


def make_specs(rng: random.Random, six: bool) -> list[dict[str, Any]]:
    """Three Services that differ in type, policies, ranges, affinity and addresses; with `six` of both families."""
    found = []
    for place in range(3):
        kind = rng.choice(["ClusterIP", "NodePort", "LoadBalancer"])
        port: dict[str, Any] = {"port": 80, "targetPort": 8080}
        spec: dict[str, Any] = {"type": kind, "clusterIP": f"10.96.0.{100 + place}", "ports": [port],
                                "internalTrafficPolicy": rng.choice(["Cluster", "Cluster", "Local"])}  # fmt: skip
        if kind != "ClusterIP":
            port["nodePort"] = 30080 + place
            spec["externalTrafficPolicy"] = rng.choice(["Cluster", "Local"])
        if kind == "LoadBalancer":
            spec["status"] = {"loadBalancer": {"ingress": [{"ip": f"192.168.10.{200 + place}"}]}}
            if rng.random() < 0.4:
                spec["loadBalancerSourceRanges"] = rng.choice(RANGES)
        if rng.random() < 0.3:
            spec["externalIPs"] = [f"192.0.2.{50 + place}"]
        if rng.random() < 0.2:
            spec["sessionAffinity"] = "ClientIP"
        if six:
            add_ipv6(rng, spec, place)
        found.append(spec)
    return found


def add_ipv6(rng: random.Random, spec: dict[str, Any], place: int) -> None:
    """Gives a Service the second family, with an IPv6 address wherever it has one of IPv4."""
    spec |= {"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv4", "IPv6"],
             "clusterIPs": [spec["clusterIP"], f"fd00:10:96::{100 + place}"]}  # fmt: skip
    if "status" in spec:
        spec["status"]["loadBalancer"]["ingress"].append({"ip": f"fd00:192:168:10::{200 + place}"})
    if "loadBalancerSourceRanges" in spec:
        spec["loadBalancerSourceRanges"] = [*spec["loadBalancerSourceRanges"], rng.choice(RANGES_6)]
    if "externalIPs" in spec:
        spec["externalIPs"].append(f"2001:db8:2::{50 + place}")


def dual_node(number: int) -> KubeObject:
    pair = (NODES[number], NODES_6[number])
    addresses = [{"type": "InternalIP", "address": address} for address in pair]
    return make("Node", f"node-{number}", status={"addresses": addresses})


def make_clusters(seed: int, six: bool) -> dict[str, ClusterState]:
    """The same random cluster in each mode."""
    rng = random.Random(seed)
    profiles = [each for each in PROFILES if each[0] != "weave"] if six else PROFILES
    plugin, backend = profiles[seed % len(profiles)]
    pods = [pod("cl", 1), pod("hostcl", 2, 9000, hostNetwork=True)]
    for place in range(3):
        for where in rng.sample([1, 2, 3], rng.randint(0, 2)):
            status = None if rng.random() < 0.8 else NOT_READY
            pods.append(pod(f"s{place}-{where}", where, app=f"s{place}", status=status))
    services = [service(f"s{place}", **spec) for place, spec in enumerate(make_specs(rng, six))]
    usual = {"clusterCIDR": "10.244.0.0/16,fd00:10:244::/56"} if six else {}
    proxy: dict[str, Any] = {"clusterCIDR": ""} if rng.random() < 0.25 else usual
    if rng.random() < 0.15:
        proxy = {**proxy, "masqueradeAll": True, "nftablesMasqueradeAll": True}
    nodes, more = ([dual_node(n) for n in (1, 2, 3)], DUAL) if six else ([], {})
    return {
        mode: cluster(
            *nodes, *pods, *services, plugin=plugin, backend=backend, kubeProxy={"mode": mode, **proxy}, **more
        )
        for mode in ("iptables", "nftables", "ipvs")
    }


def requests_of(state: ClusterState, six: bool) -> list[Asked]:
    """Every Service by every address of a family, from everybody; and its ClusterIP at a port that it has not."""
    found = []
    nodes = NODES_6 if six else NODES
    for each in state.control.services.values():
        ends = [end for piece in state.control.slices.get(each.id, ()) for end in piece.endpoints if end.ready]
        ready = frozenset(int(end.node[-1]) for end in ends if end.node)
        ways = [(address, port, "ClusterIP" if port == 80 else "unused port", 0)
                for address in each.cluster_ips for port in (80, 81)]  # fmt: skip
        ways += [(address, 80, "external IP", 0) for address in each.external_ips]
        ways += [(entry.ip, 80, "load balancer", 0) for entry in each.load_balancer if entry.ip]
        ways += [(nodes[n], p.node_port, "node port", n) for p in each.ports if p.node_port for n in (1, 2)]
        ways = [way for way in ways if (":" in way[0]) is six]
        for source, at in SOURCES.items():
            cidr = state.project.cluster.kubeProxy.clusterCIDR
            found += [Asked(source, a, p, way, node or at, each, ready, cidr) for a, p, way, node in ways]
    return found


def answer(state: ClusterState, asked: Asked) -> Answer:
    paths = []
    host = f"[{asked.address}]" if ":" in asked.address else asked.address
    for path in ask(state, asked.source, f"{host}:{asked.port}").trace.paths():
        ends = [h for h in path.hops if h.direction == "request" and h.kind == "deliver"]
        seen = dict(ends[-1].details).get("Source seen", "") if ends else ""
        paths.append((str(path.share), path.verdict, ends[-1].at if ends else "", seen))
    return tuple(sorted(paths))


@pytest.mark.parametrize(("seed", "six"), [(seed, six) for six in (False, True) for seed in range(14)])
def test_modes_differ_only_by_design(seed: int, six: bool) -> None:
    states = make_clusters(seed, six)
    for asked in requests_of(states["iptables"], six):
        usual = answer(states["iptables"], asked)
        for mode, rows in (("nftables", BOTH), ("ipvs", {**BOTH, **IPVS})):
            found = answer(states[mode], asked)
            if found != usual:
                why = [row for row, fits in rows.items() if fits(asked)]
                assert why, (
                    f"{mode}: {asked.source} → {asked.address}:{asked.port} is {found}, in iptables mode {usual}"
                )


def test_the_random_clusters_show_every_difference() -> None:
    missing = {*BOTH, *IPVS}
    for seed in range(18):
        states = make_clusters(seed, False)
        for asked in requests_of(states["iptables"], False):
            fitting = [row for row, fits in {**BOTH, **IPVS}.items() if fits(asked)]
            if len(fitting) == 1 and answer(states["ipvs"], asked) != answer(states["iptables"], asked):
                missing -= set(fitting)
    assert not missing


@pytest.mark.parametrize("row", [*BOTH, *IPVS])
def test_the_readme_lists_each_difference(row: str) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"\n| {row} |" in readme
