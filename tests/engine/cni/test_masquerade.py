"""Masquerade programs against `domain/cni.md` section 5, by walking them."""

from fractions import Fraction

import pytest

from designer.engine.cni import masquerade_program, profile_for
from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.netfilter import Packet, WalkContext, walk
from designer.model import EMPTY_MAP, ClusterSettings, CniSettings, PodSpec

NODE = NodeState("node-1", ("192.168.10.11",), ("192.168.10.11",), ("10.244.1.0/24",))
WEAVE_NODE = NodeState("node-1", ("192.168.10.11",), ("192.168.10.11",), ("10.244.1.0/24",), bridge_ips=("10.32.0.1",))
LOCAL_WEAVE_POD = PodState("Pod:default/a", "default", "a", "node-1", ("10.32.0.2",), EMPTY_MAP, PodSpec())


def left_source(plugin: str, backend: str, src: str, dst: str, out: str, mark: int = 0, nat: bool = True) -> str:
    """The source with which a packet leaves the node through the plugin's rules."""
    settings = ClusterSettings(
        cni=CniSettings.model_validate({"plugin": plugin, "backend": backend, "natOutgoing": nat})
    )
    node = WEAVE_NODE if plugin == "weave" else NODE
    pods = (LOCAL_WEAVE_POD,) if plugin == "weave" else ()
    program = masquerade_program(profile_for(settings), settings, pods, node, 4)
    context = WalkContext(
        {
            "eth0": ("192.168.10.11",),
            "cni0": ("10.244.1.1",),
            "flannel.1": ("10.244.1.0",),
            "weave": ("10.32.0.1",),
        }
    )
    packet = Packet(4, src, dst, "TCP", 40000, 80, mark=mark, out_iface=out)
    (outcome,) = walk(program, "POSTROUTING", packet, context)
    assert outcome.share == Fraction(1)
    return outcome.packet.src


CASES = (
    # Flannel, in the order of its rules: marked; local Pods to the cluster and back; outside to local Pods; cluster to
    # multicast; cluster to outside; outside to remote Pods.
    ("flannel", "10.244.1.5", "8.8.8.8", "eth0", 0x4000, "10.244.1.5"),
    ("flannel", "10.244.1.5", "10.244.2.7", "flannel.1", 0, "10.244.1.5"),
    ("flannel", "10.244.2.7", "10.244.1.5", "cni0", 0, "10.244.2.7"),
    ("flannel", "203.0.113.7", "10.244.1.5", "cni0", 0, "203.0.113.7"),
    ("flannel", "10.244.1.5", "224.0.0.5", "eth0", 0, "10.244.1.5"),
    ("flannel", "10.244.1.5", "8.8.8.8", "eth0", 0, "192.168.10.11"),
    ("flannel", "10.244.1.5", "192.168.10.12", "eth0", 0, "192.168.10.11"),
    ("flannel", "203.0.113.7", "10.244.2.7", "flannel.1", 0, "10.244.1.0"),
    # Calico: from a pool to no pool, node addresses included.
    ("calico", "10.244.1.5", "8.8.8.8", "eth0", 0, "192.168.10.11"),
    ("calico", "10.244.1.5", "192.168.10.12", "eth0", 0, "192.168.10.11"),
    ("calico", "10.244.1.5", "10.244.2.7", "eth0", 0, "10.244.1.5"),
    ("calico", "203.0.113.7", "10.244.2.7", "eth0", 0, "203.0.113.7"),
    # Weave Net: both ways, its local Pods excepted.
    ("weave", "10.32.0.2", "8.8.8.8", "eth0", 0, "192.168.10.11"),
    ("weave", "10.32.0.2", "10.40.0.3", "weave", 0, "10.32.0.2"),
    ("weave", "203.0.113.7", "10.40.0.3", "weave", 0, "10.32.0.1"),
    ("weave", "203.0.113.7", "10.32.0.2", "weave", 0, "203.0.113.7"),
)


@pytest.mark.parametrize(("plugin", "src", "dst", "out", "mark", "expected"), CASES)
def test_source_on_the_way_out(plugin: str, src: str, dst: str, out: str, mark: int, expected: str) -> None:
    backend = {"flannel": "vxlan", "calico": "bgp", "weave": "fastdp"}[plugin]
    assert left_source(plugin, backend, src, dst, out, mark) == expected


def test_nat_outgoing_off_keeps_the_pod_s_address() -> None:
    assert left_source("calico", "bgp", "10.244.1.5", "8.8.8.8", "eth0", nat=False) == "10.244.1.5"


def test_a_node_without_pod_cidr_has_no_flannel_rules() -> None:
    settings = ClusterSettings(cni=CniSettings(plugin="flannel"))
    bare = NodeState("node-1", ("192.168.10.11",), ("192.168.10.11",))
    assert masquerade_program(profile_for(settings), settings, (), bare, 4).tables == ()


@pytest.mark.parametrize(
    ("src", "expected"), [("192.168.10.11", "10.244.1.3"), ("10.244.1.3", "10.244.1.3"), ("10.244.1.5", "10.244.1.5")]
)
def test_calico_s_tunnel_rule(src: str, expected: str) -> None:
    # Felix: out of the tunnel, source local to the node but not to the tunnel: masqueraded; Pods are not local.
    settings = ClusterSettings(cni=CniSettings(plugin="calico", backend="ipip"))
    program = masquerade_program(profile_for(settings), settings, (), NODE, 4)
    context = WalkContext({"eth0": ("192.168.10.11",), "tunl0": ("10.244.1.3",)})
    (outcome,) = walk(program, "POSTROUTING", Packet(4, src, "10.244.2.7", out_iface="tunl0"), context)
    assert outcome.packet.src == expected
