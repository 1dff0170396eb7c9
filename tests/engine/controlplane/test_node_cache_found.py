"""Whether a query comes to NodeLocal DNSCache: kubernetes/dns, cmd/node-cache/app/cache_app.go, and its add-on's notes.

With kube-proxy in ipvs mode "node-local-dns Pods listen on <node-local-address> only" (k8s.io, "Using NodeLocal
DNSCache"); an eBPF data plane translates a Service's address before any rule of the Node.
"""

from dataclasses import replace

import pytest

from designer.engine.controlplane.cachefinding import answers_at, node_cache
from designer.engine.controlplane.corefile import Corefile
from designer.engine.controlplane.nodecache import NodeCache
from tests.engine.trace.clusters import settings
from tests.engine.trace.test_node_cache import cache, shop

VIP, LOCAL = "10.96.0.10", "169.254.20.10"
FOUND = NodeCache(
    "DaemonSet:kube-system/node-local-dns", (LOCAL, VIP), frozenset({"node-1"}), frozenset({"node-1", "node-2"}),
    "Service:kube-system/kube-dns-upstream", Corefile(""),
)  # fmt: skip


@pytest.mark.parametrize(
    ("plugin", "mode", "node", "server", "said"),
    [
        ("calico", "iptables", "node-1", VIP, "yes"),
        ("calico", "nftables", "node-1", VIP, "yes"),
        ("calico", "ipvs", "node-1", VIP, "unknown"),
        ("calico", "ipvs", "node-1", LOCAL, "yes"),
        ("cilium", "iptables", "node-1", VIP, "unknown"),
        ("calico", "iptables", "node-2", VIP, "unknown"),
        ("calico", "iptables", "node-3", VIP, "no"),
        ("calico", "iptables", "node-1", "10.96.0.53", "no"),
    ],
)
def test_who_answers(plugin: str, mode: str, node: str, server: str, said: str) -> None:
    assert answers_at(FOUND, settings(plugin, kubeProxy={"mode": mode}), node, server, (VIP,)) == said


def test_no_cache_answers_nothing() -> None:
    assert answers_at(None, settings(), "node-1", VIP, (VIP,)) == "no"


@pytest.mark.parametrize(("change", "ready"), [({}, True), ({"ready": False}, False), ({"terminating": True}, False)])
def test_a_pod_that_is_not_ready_may_have_taken_its_rules_away(change: dict[str, bool], ready: bool) -> None:
    """TeardownNetworking removes device and rules when it stops; where it is not ready nobody can tell."""
    state = shop(*cache())
    pods = {
        oid: replace(one, **change) if one.owner == FOUND.id else one  # type: ignore[arg-type]
        for oid, one in state.control.pods.items()
    }
    found = node_cache(state.project, pods, state.control.services, {})
    assert found is not None
    assert found.addresses == (LOCAL, VIP)
    assert ("node-1" in found.ready, "node-1" in found.running) == (ready, True)
