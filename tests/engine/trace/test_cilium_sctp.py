"""SCTP in Cilium: its documentation, "SCTP support (beta)": ports of SCTP packets are never rewritten."""

from designer.engine.cni.datapath import cilium_datapath
from designer.model import CniSettings
from tests.engine.trace.clusters import ask, pod, service
from tests.engine.trace.ebpf import shop


def test_a_port_that_would_have_to_be_rewritten_is_dropped() -> None:
    ports = [{"containerPort": 81, "protocol": "SCTP"}]
    one = pod("signal", 2, app="signal", ports=ports)
    other = service("signal", ports=[{"port": 80, "targetPort": 81, "protocol": "SCTP"}])
    found = ask(shop(one, other, plugin="cilium", enableSCTP=True), "a", "Service:default/signal:80/sctp")
    assert found.verdict == "dropped" and "never rewrites SCTP ports" in found.reason


def test_hybrid_is_direct_return_for_tcp_alone() -> None:
    """bpf/lib/nodeport.h, `nodeport_uses_dsr` under ENABLE_DSR_HYBRID."""
    hybrid = cilium_datapath(CniSettings(plugin="cilium", loadBalancerMode="hybrid", enableSCTP=True), "native")
    assert {name: hybrid.forward(name) for name in ("TCP", "UDP", "SCTP")} == {
        "TCP": "dsr", "UDP": "snat", "SCTP": "snat",
    }  # fmt: skip
