"""Which endpoints a node uses by hints and policy, in every mode of kube-proxy: `domain/services.md` section 3."""

import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from tests.engine.trace.clusters import ask, cluster, make, node, pod, service


def zoned(mode: str) -> ClusterState:
    """node-1 and node-2 in zone a, node-3 in b, node-4 in c; endpoints on the first three."""
    machines = [node(n, labels={"topology.kubernetes.io/zone": zone}) for n, zone in enumerate("aabc", start=1)]
    asking = [pod(f"x{n}", n) for n in (1, 2, 3, 4)]
    serving = [pod(f"w{n}", n, app="w") for n in (1, 2, 3)]
    return cluster(
        *machines, *asking, *serving,
        service("zone", app="w", trafficDistribution="PreferSameZone"),
        service("close", app="w", trafficDistribution="PreferClose"),
        service("node", app="w", trafficDistribution="PreferSameNode"),
        service("both", app="w", trafficDistribution="PreferSameNode", internalTrafficPolicy="Local"),
        kubeProxy={"mode": mode},
    )  # fmt: skip


def chosen(found: TraceResult) -> dict[str, str]:
    """The Pods that the connection may reach, with their shares."""
    ends = {}
    for path in found.trace.paths():
        at = [h.at for h in path.hops if h.kind == "deliver" and h.direction == "request"]
        ends[at[-1].rpartition("/")[2] if at else path.verdict] = str(path.share)
    return ends


ALL = {"w1": "1/3", "w2": "1/3", "w3": "1/3"}
SAME_ZONE = {"w1": "1/2", "w2": "1/2"}


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("x1", "zone", SAME_ZONE),
        ("x1", "close", SAME_ZONE),
        ("x1", "node", {"w1": "1"}),
        ("node-2", "node", {"w2": "1"}),
        ("x3", "zone", {"w3": "1"}),
        ("x4", "zone", ALL),
        ("x4", "node", ALL),
        ("x2", "both", {"w2": "1"}),
    ],
)
def test_endpoints_by_hints(mode: str, source: str, name: str, expected: dict[str, str]) -> None:
    assert chosen(ask(zoned(mode), source, f"Service:default/{name}")) == expected


@pytest.mark.parametrize(
    ("mode", "expected"), [("iptables", SAME_ZONE), ("nftables", SAME_ZONE), ("ipvs", {"w1": "1"})]
)
@pytest.mark.parametrize("source", ["x1", "node-1"])
def test_policy_local_for_pods_and_the_node_itself(mode: str, expected: dict[str, str], source: str) -> None:
    """The short-circuit of `domain/services.md` section 3; ipvs mode has none (reference, "Traffic policies")."""
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    state = cluster(pod("x1", 1), pod("w1", 1, app="w"), pod("w2", 2, app="w"),
                    service("w", type="NodePort", ports=ports, externalTrafficPolicy="Local"),
                    kubeProxy={"mode": mode})  # fmt: skip
    assert chosen(ask(state, source, "node-1:30080")) == expected


@pytest.mark.parametrize(("source", "verdict"), [("x1", "cannot-tell"), ("x3", "delivered"), ("x4", "cannot-tell")])
def test_endpoints_that_auto_lends_leave_both_zones_open(source: str, verdict: str) -> None:
    """KEP-2433: Auto deals out by CPUs and chooses itself which endpoints it lends; zone c has one too many for a."""
    cpus = (("a", "4"), ("a", "4"), ("b", "4"), ("c", "4"))
    machines = [
        make(
            "Node",
            f"node-{number}",
            status={"addresses": [{"type": "InternalIP", "address": f"192.168.10.1{number}"}],
                    "allocatable": {"cpu": cpu}},
            labels={"topology.kubernetes.io/zone": zone},
        )
        for number, (zone, cpu) in enumerate(cpus, start=1)
    ]  # fmt: skip
    asking = [pod(f"x{number}", number) for number in (1, 3, 4)]
    serving = [pod(f"w{place}", where, app="w") for place, where in enumerate((1, 3, 4, 4))]
    called = service("w", app="w").replace(
        metadata={
            "name": "w",
            "namespace": "default",
            "annotations": {"service.kubernetes.io/topology-mode": "Auto"},
        }
    )
    found = ask(cluster(*machines, *asking, *serving, called), source, "Service:default/w")
    assert found.verdict == verdict
    if verdict == "delivered":
        assert chosen(found) == {"w1": "1"}
    else:
        assert "lends endpoints of Service default/w" in found.reason
