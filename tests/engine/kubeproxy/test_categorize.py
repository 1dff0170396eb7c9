"""Which endpoints a node uses, branch by branch of `CategorizeEndpoints` in pkg/proxy/topology.go of Kubernetes.

Every row is a small cluster seen from node-1 in zone a: two endpoints there (A, A2) and two on node-2 (B, B2).
"""

from typing import Any, NamedTuple

import pytest

from designer.engine.kubeproxy.service_ports import categorize, service_ports
from tests.engine.kubeproxy.small_cluster import cluster, endpoint, service

A, A2, B, B2 = "10.244.1.5", "10.244.1.6", "10.244.2.7", "10.244.2.8"
READY = {"ready": True, "serving": True, "terminating": False}
UNREADY = {"ready": False, "serving": False, "terminating": False}
LEAVING = {"ready": False, "serving": True, "terminating": True}
GONE = {"ready": False, "serving": False, "terminating": True}
# Serving and not terminating, yet not ready: only a hand-written slice says so. It is no stand-in.
ODD = {"ready": False, "serving": True, "terminating": False}

PLAIN: dict[str, Any] = {}
INSIDE: dict[str, Any] = {"internal_policy": "Local"}
NODE_PORT: dict[str, Any] = {"type": "NodePort", "node_port": 30080}
OUTSIDE = {**NODE_PORT, "external_policy": "Local"}
BOTH = {**OUTSIDE, **INSIDE}
INSIDE_ONLY = {**NODE_PORT, **INSIDE}

End = tuple[str, dict[str, bool], tuple[str, ...], tuple[str, ...]]


def end(ip: str, state: dict[str, bool] = READY, zones: str = "", nodes: tuple[str, ...] = ()) -> End:
    """An endpoint with its conditions and hints; `zones` are letters."""
    return ip, state, tuple(zones), nodes


class Row(NamedTuple):
    """What a Service, its endpoints and their hints make of the four answers."""

    name: str
    fields: dict[str, Any]
    ends: tuple[End, ...]
    cluster: list[str]
    local: list[str]
    reachable: list[str]
    exists: bool


NODE_1, NODE_2 = ("node-1",), ("node-2",)
HINTED = (end(A, zones="a"), end(A2, zones="b"), end(B, zones="a"), end(B2, zones="b"))

ROWS = (
    Row("no endpoint", PLAIN, (), [], [], [], False),
    Row("none ready", PLAIN, (end(A, UNREADY), end(B, GONE)), [], [], [], False),
    Row("serving but neither ready nor terminating", PLAIN, (end(A, ODD),), [], [], [], False),
    Row("some ready", PLAIN, (end(A, UNREADY), end(B)), [B], [], [B], True),
    Row("all terminating", PLAIN, (end(A, LEAVING), end(B, LEAVING), end(B2, GONE)), [A, B], [], [A, B], True),
    Row("zone", PLAIN, HINTED, [A, B], [], [A, B], True),
    Row("several zones in a hint", PLAIN, (end(A, zones="cb"), end(B, zones="ca")), [B], [], [B], True),
    Row("no hint for this zone", PLAIN, (end(A, zones="b"), end(B, zones="c")), [A, B], [], [A, B], True),
    Row("one ready without hint", PLAIN, (end(A, zones="a"), end(B)), [A, B], [], [A, B], True),
    Row("unready without hint", PLAIN, (end(A, zones="a"), end(A2, UNREADY), end(B, zones="b")), [A], [], [A],
        True),
    Row("only unready in this zone", PLAIN, (end(A, UNREADY, "a"), end(B, zones="b")), [B], [], [B], True),
    Row("hints of terminating ones", PLAIN, (end(A, LEAVING, "b"), end(B, LEAVING, "a")), [A, B], [], [A, B],
        True),
    Row("node", PLAIN, (end(A, READY, "a", NODE_1), end(A2, READY, "a", NODE_2)), [A], [], [A], True),
    Row("no hint for this node: zone", PLAIN, (end(A, READY, "b", NODE_2), end(B, READY, "a", NODE_2)), [B], [], [B],
        True),
    Row("one ready without node hint: zone", PLAIN, (end(A, READY, "b", NODE_1), end(B, zones="a")), [B], [], [B],
        True),
    Row("node hint alone", PLAIN, (end(A, READY, "", NODE_1), end(B, READY, "", NODE_2)), [A], [], [A], True),
    Row("internal Local, none", INSIDE, (), [], [], [], False),
    Row("internal Local, all elsewhere", INSIDE, (end(B), end(B2)), [], [], [], True),
    Row("internal Local, some here", INSIDE, (end(A), end(B)), [], [A], [A], True),
    Row("internal Local, leaving elsewhere", INSIDE, (end(A, GONE), end(B, LEAVING)), [], [], [], True),
    Row("internal Local ignores hints", INSIDE, HINTED, [], [A, A2], [A, A2], True),
    Row("internal Local, external Cluster", INSIDE_ONLY, (end(A), end(B)), [A, B], [A], [A, B], True),
    Row("internal Local, external Cluster, hints", INSIDE_ONLY, HINTED, [A, B], [A, A2], [A, A2, B], True),
    Row("external Local", OUTSIDE, (end(A), end(B)), [A, B], [A], [A, B], True),
    Row("external Local, hints", OUTSIDE, HINTED, [A, B], [A, A2], [A, A2, B], True),
    Row("external Local, leaving here", OUTSIDE, (end(A, LEAVING), end(A2, UNREADY), end(B), end(B2, LEAVING)), [B],
        [A], [A, B], True),
    Row("external Local, all leaving", OUTSIDE, (end(A, LEAVING), end(B, LEAVING)), [A, B], [A], [A, B], True),
    Row("external Local, ready and leaving here", OUTSIDE, (end(A), end(A2, LEAVING)), [A], [A], [A], True),
    Row("external Local, not exposed", {"external_policy": "Local"}, (end(A), end(B)), [A, B], [], [A, B], True),
    Row("both Local, some here", BOTH, (end(A), end(B)), [A, B], [A], [A, B], True),
    Row("both Local, all elsewhere", BOTH, (end(B), end(B2)), [B, B2], [], [B, B2], True),
    Row("both Local, leaving elsewhere", BOTH, (end(B, LEAVING), end(B2, LEAVING)), [B, B2], [], [B, B2], True),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_endpoints_of_a_node(row: Row) -> None:
    ends = [endpoint(ip, for_zones=zones, for_nodes=nodes, **state) for ip, state, zones, nodes in row.ends]
    ((port,),) = service_ports(cluster(service(**row.fields), ends), 4).ports
    found = categorize(port, "node-1", "a")
    lists = [[e.ip for e in part] for part in (found.cluster, found.local, found.reachable)]
    assert (*lists, found.exists) == (row.cluster, row.local, row.reachable, row.exists)


@pytest.mark.parametrize("zone", [None, ""])
def test_a_node_without_zone_uses_no_zone_hint(zone: str | None) -> None:
    ends = [endpoint(A, for_zones=("a",)), endpoint(B, for_zones=("b",))]
    ((port,),) = service_ports(cluster(service(), ends), 4).ports
    assert [e.ip for e in categorize(port, "node-1", zone).cluster] == [A, B]


def test_an_endpoint_without_node_is_local_nowhere() -> None:
    """`isLocal` of pkg/proxy/endpointslicecache.go: only a nodeName that is this node's makes an endpoint local."""
    ((port,),) = service_ports(cluster(service(**BOTH), [endpoint(A, node=None)]), 4).ports
    found = categorize(port, "node-1", "a")
    assert ([e.ip for e in found.cluster], found.local, found.exists) == ([A], (), True)
