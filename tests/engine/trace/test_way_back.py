"""Replies that take another way than the request.

`domain/kube-proxy.md` section 2: "The node that did the DNAT must see the reply, or the client gets packets from the
wrong source address." A Pod's call of another node's nodePort with policy Local goes to any endpoint without a mark
(section 3, "EXT with Local": source is local pod), so only where the plugin translated nothing either does the endpoint
see the Pod's own address and answer it directly.
"""

from fractions import Fraction
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from tests.engine.trace.clusters import ask, cluster, make, pod, service

LOCAL: dict[str, Any] = {
    "type": "NodePort",
    "externalTrafficPolicy": "Local",
    "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}],
}


def routed(nat_outgoing: bool) -> ClusterState:
    web = [pod(f"w{number}", number, app="web") for number in (1, 2, 3)]
    return cluster(
        pod("a", 1), *web, service("web", **LOCAL), plugin="calico", backend="bgp", cni={"natOutgoing": nat_outgoing}
    )


def test_reply_past_the_node_that_translated_is_lost() -> None:
    """Of three endpoints only the one on the called node answers through it."""
    found = ask(routed(nat_outgoing=False), "a", "node-2:30080")
    assert found.verdict == "dropped" and found.mixed
    assert found.reason.startswith("2 of 3 of the connections: ")
    ends = {path.labels[-1].split()[0]: path for path in found.trace.paths()}
    assert {name: path.verdict for name, path in ends.items()} == {"w1": "dropped", "w2": "delivered", "w3": "dropped"}
    assert {path.share for path in ends.values()} == {Fraction(1, 3)}
    for name, node in (("w1", "node-1"), ("w3", "node-3")):
        assert f"straight from {node} to a, past node-2" in ends[name].reason
        assert "instead of 192.168.10.12" in ends[name].reason


def test_translated_source_brings_the_reply_back() -> None:
    """natOutgoing gives the call the node's address (cni.md section 5): it is external there, hence local endpoints."""
    found = ask(routed(nat_outgoing=True), "a", "node-2:30080")
    assert [(path.verdict, path.share) for path in found.trace.paths()] == [("delivered", Fraction(1))]


def test_own_node_sees_every_reply() -> None:
    found = ask(routed(nat_outgoing=False), "a", "node-1:30080")
    assert {path.verdict for path in found.trace.paths()} == {"delivered"}
    assert len(found.trace.paths()) == 3


@pytest.mark.parametrize(
    ("backend", "nat_outgoing", "verdict"),
    [("vxlan", True, "delivered"), ("vxlan", False, "dropped"), ("bgp", False, "cannot-tell")],
)
def test_an_answer_from_outside_needs_a_way_to_the_source_that_was_seen(
    backend: str, nat_outgoing: bool, verdict: str
) -> None:
    """Seen on a kernel whose outside knows no Pod range: without natOutgoing the host's answer finds nobody."""
    api = make("ExternalHost", "api", {"addresses": ["198.51.100.20"], "ports": ["443"]})
    state = cluster(pod("a", 1), api, plugin="calico", backend=backend, cni={"natOutgoing": nat_outgoing})
    assert ask(state, "a", "198.51.100.20:443").verdict == verdict
