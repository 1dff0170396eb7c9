"""iptables and nftables mode side by side: in drawn clusters the same packet meets the same fate, by their own rules.

Where the modes differ by design nothing is asked (README, "Where the modes of kube-proxy differ"): load balancers
without any endpoint, the node's own calls of external IPs without any, and node ports at addresses not taken.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from designer.engine.controlplane.state import ControlPlaneState, Family
from designer.engine.kubeproxy import iptables, nftables, takes_node_ports
from designer.engine.kubeproxy.service_ports import ServicePort, service_ports
from designer.engine.netfilter import Hook, NftProgram, Outcome, Packet, Program, WalkContext, walk, walk_nft
from designer.model import ClusterSettings
from tests.engine.kubeproxy.drawn_clusters import drawn_cluster, drawn_settings
from tests.engine.kubeproxy.small_cluster import (
    CLIENT,
    EXTERNAL_IP,
    NODE_1,
    ON_NODE_1,
    POD_B,
    cluster,
    endpoint,
    rules,
    service,
)
from tests.engine.kubeproxy.small_cluster import settings as small_settings

NODE = "node-1"
HOME: dict[int, str] = {4: "192.168.10.1", 6: "fd00:192::1"}
ON_NODE = WalkContext({"eth0": tuple(HOME.values()), "cni0": ("10.244.1.1", "fd00:10:244:1::1")})


class Sender(NamedTuple):
    """Who sends, by family, through which interface, and the first hook that sees it."""

    sources: dict[int, str]
    interface: str
    hook: Hook


SENDERS = (
    Sender({4: "10.244.1.200", 6: "fd00:10:244:1::c8"}, "cni0", "PREROUTING"),  # a Pod of the node, on a bridge
    Sender({4: "10.244.1.200", 6: "fd00:10:244:1::c8"}, "cali1", "PREROUTING"),  # or on a device of its own
    Sender({4: "192.0.2.99", 6: "2001:db8:99::1"}, "eth0", "PREROUTING"),
    Sender({4: "198.18.0.7", 6: "2001:db8:f::7"}, "eth0", "PREROUTING"),  # in some source ranges
    Sender(HOME, "", "OUTPUT"),
)


class Fate(NamedTuple):
    """Where a packet goes, how often, what the filter says, and whether its source is masqueraded."""

    to: tuple[str, int]
    share: Fraction
    verdict: str
    masqueraded: bool


def fates(program: Program | NftProgram, packet: Packet, hook: Hook, bit: int) -> list[Fate]:
    """What becomes of a packet at its first hook and, where nothing has translated it, at the next one."""
    found = []
    for outcome in _walk(program, hook, packet):
        verdict = outcome.verdict
        if verdict == "accept" and not outcome.dnat and hook == "PREROUTING":
            after: Hook = "INPUT" if ON_NODE.is_local(packet.dst) else "FORWARD"
            (last,) = _walk(program, after, outcome.packet)
            verdict = last.verdict
        masqueraded = outcome.dnat and bool(outcome.packet.mark & 1 << bit)
        found.append(Fate((outcome.packet.dst, outcome.packet.dport), outcome.share, verdict, masqueraded))
    return sorted(found)


def _walk(program: Program | NftProgram, hook: Hook, packet: Packet) -> tuple[Outcome, ...]:
    return (walk if isinstance(program, Program) else walk_nft)(program, hook, packet, ON_NODE)  # type: ignore[arg-type]


def destinations(port: ServicePort, family: Family, hook: Hook, taken: bool) -> Iterator[tuple[str, int]]:
    """Addresses and ports to ask for at a hook; `taken` says whether node ports are taken at the node's address."""
    yield port.cluster_ip, port.port
    outside = (*port.external_ips, *port.vips) if port.usable else port.external_ips if hook != "OUTPUT" else ()
    for address in outside:
        yield address, port.port
    if port.node_port and taken:
        yield HOME[family], port.node_port


@pytest.mark.parametrize("seed", range(24))
def test_a_packet_meets_the_same_fate(seed: int) -> None:
    control = drawn_cluster(seed)
    settings = drawn_settings(seed)
    proxy = settings.kubeProxy.model_copy(update={"masqueradeAll": settings.kubeProxy.nftablesMasqueradeAll})
    asked = sum(_compare(control, settings.model_copy(update={"kubeProxy": proxy}), family) for family in FAMILIES)
    assert asked >= len(SENDERS)


FAMILIES: tuple[Family, ...] = (4, 6)


def _compare(control: ControlPlaneState, settings: ClusterSettings, family: Family) -> int:
    """How many packets were asked about."""
    one = iptables.build(control, settings, NODE, family)
    other = nftables.build(control, settings, NODE, family)
    asked = 0
    taken = takes_node_ports(control.nodes[NODE], settings, HOME[family])
    for port in [port for own in service_ports(control, family).ports for port in own]:
        for sender in SENDERS:
            for address, number in destinations(port, family, sender.hook, taken):
                more: dict[str, Any] = (
                    {"out_iface": "eth0"} if sender.hook == "OUTPUT" else {"in_iface": sender.interface}
                )
                source = sender.sources[family]
                protocol: Any = port.protocol.upper()
                packet = Packet(family, source, address, protocol, 41822, number, **more)
                of_iptables = fates(one, packet, sender.hook, settings.kubeProxy.masqueradeBit)
                of_nftables = fates(other, packet, sender.hook, settings.kubeProxy.nftablesMasqueradeBit)
                assert of_nftables == of_iptables, (port.name, port.protocol, source, sender.interface, address, number)
                asked += 1
    return asked


def test_the_nodes_own_call_of_an_external_ip_without_endpoints() -> None:
    """iptables mode asks KUBE-EXTERNAL-SERVICES in INPUT and FORWARD only; nftables mode has one map for all hooks."""
    control = cluster(service(external_ips=(EXTERNAL_IP,)))
    packet = Packet(4, NODE_1, EXTERNAL_IP, "TCP", 41822, 80, out_iface="eth0")
    assert [o.verdict for o in walk(rules(control), "OUTPUT", packet, ON_NODE_1)] == ["accept"]
    program = nftables.build(control, small_settings(), NODE, 4)
    assert [o.verdict for o in walk_nft(program, "OUTPUT", packet, ON_NODE_1)] == ["reject"]


def test_a_node_port_at_an_address_left_out() -> None:
    """iptables mode looks for node ports without endpoints at every local address (``--dst-type LOCAL``)."""
    control = cluster(service(type="NodePort", node_port=30080, external_policy="Local"), [endpoint(POD_B)])
    fields = {"nodePortAddresses": ("203.0.113.0/24",)}
    packet = Packet(4, CLIENT, NODE_1, "TCP", 41822, 30080, in_iface="eth0")
    assert [o.verdict for o in walk(rules(control, **fields), "INPUT", packet, ON_NODE_1)] == ["drop"]
    program = nftables.build(control, small_settings(**fields), NODE, 4)
    assert [o.verdict for o in walk_nft(program, "INPUT", packet, ON_NODE_1)] == ["accept"]
