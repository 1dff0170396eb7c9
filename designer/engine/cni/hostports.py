"""hostPorts of Pods as the CNI plugin `portmap` writes them (`domain/cni.md` section 6, I).

A packet to one of the node's own addresses and the port goes to the Pod. Its source is kept, but for hairpin calls and
calls from the node's IPv4 loopback, which are marked and masqueraded. What counts as hairpin is the Pod's address with
the mask that its interface has (containernetworking/plugins, `plugins/meta/portmap/portmap_iptables.go`): the Pod alone
where plugins route it by a /32, all Pods of the node's range or of the whole segment where it stands on a bridge.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable
from hashlib import sha256
from ipaddress import ip_interface

from designer.engine.cni.devices import pod_device
from designer.engine.cni.profile import CniProfile
from designer.engine.controlplane.podports import UNSPECIFIED, host_ports
from designer.engine.controlplane.state import Family, NodeState, PodState
from designer.engine.netfilter.matches import (
    AddrType,
    Comment,
    Destination,
    DestinationPort,
    MarkIs,
    Match,
    Proto,
    Source,
)
from designer.engine.netfilter.program import Chain, Program, Rule, Table, built_in_chains
from designer.engine.netfilter.targets import Dnat, Jump, Masquerade, SetMark
from designer.model import ClusterSettings, ContainerPort

MARK = 0x2000


def hostport_program(
    profile: CniProfile, settings: ClusterSettings, pods: Iterable[PodState], node: NodeState, family: Family
) -> Program:
    """The portmap rules of `node`, whose Pods are `pods`; a program without tables where none has a hostPort."""
    chains: list[Chain] = []
    entries: list[Rule] = []
    for pod in pods:
        if pod.phase in ("Succeeded", "Failed"):
            continue
        ports, ip = host_ports(pod), pod.ip(family)
        if ports and ip:
            hairpin = str(ip_interface(pod_device(profile, settings, pod, node, family).address).network)
            chain = _pod_chain(pod, ports, ip, hairpin)
            chains.append(chain)
            entries += _entries(pod, ports, chain.name)
    if not chains:
        return Program(family, node.name, ())
    local = Rule((AddrType("dst"),), Jump("CNI-HOSTPORT-DNAT"))
    masq = Rule((Comment("CNI portfwd requiring masquerade"),), Jump("CNI-HOSTPORT-MASQ"))
    built_in = built_in_chains("nat", {"PREROUTING": (local,), "OUTPUT": (local,), "POSTROUTING": (masq,)})
    shared = (
        Chain("CNI-HOSTPORT-SETMARK", (Rule((Comment("CNI portfwd masquerade mark"),), SetMark("or", MARK)),)),
        Chain("CNI-HOSTPORT-MASQ", (Rule((MarkIs(MARK, MARK),), Masquerade()),)),
        Chain("CNI-HOSTPORT-DNAT", tuple(entries)),
    )
    return Program(family, node.name, (Table("nat", (*built_in, *shared, *chains)),))


def _entries(pod: PodState, ports: tuple[ContainerPort, ...], chain: str) -> list[Rule]:
    return [
        Rule(
            (
                Comment(f'dnat name: "{pod.namespace}/{pod.name}" port {port.hostPort}'),
                Proto(port.protocol.lower()),
                DestinationPort(port.hostPort or 0),
            ),
            Jump(chain),
        )
        for port in ports
    ]


def _pod_chain(pod: PodState, ports: tuple[ContainerPort, ...], ip: str, hairpin: str) -> Chain:
    """The Pod's own chain: what comes from `hairpin`, a CIDR, gets the mark."""
    is_v6 = ":" in ip
    rules: list[Rule] = []
    for port in ports:
        match: tuple[Match, ...] = (Proto(port.protocol.lower()), DestinationPort(port.hostPort or 0))
        if port.hostIP not in (None, *UNSPECIFIED):
            if (":" in (port.hostIP or "")) != is_v6:
                continue
            match = (*match, Destination(port.hostIP or ""))
        rules.append(Rule((Source(hairpin), *match), Jump("CNI-HOSTPORT-SETMARK")))
        if not is_v6:
            rules.append(Rule((Source("127.0.0.1"), *match), Jump("CNI-HOSTPORT-SETMARK")))
        rules.append(Rule(match, Dnat(ip, port.containerPort)))
    return Chain(_chain_name(pod), tuple(rules))


def _chain_name(pod: PodState) -> str:
    """A name of the plugin's form; the real one comes from the container's id."""
    digest = b32encode(sha256(pod.key.encode()).digest()).decode("ascii")
    return f"CNI-DN-{digest[:21]}"
