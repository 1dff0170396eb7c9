"""hostPorts of Pods as the CNI plugin `portmap` writes them (`domain/cni.md` section 6, I).

A packet to one of the node's own addresses and the port goes to the Pod. Its source is kept, but for the Pod calling
itself and for calls from the node's loopback, which are marked and masqueraded.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable
from hashlib import sha256

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
from designer.model import ContainerPort

MARK = 0x2000


def hostport_program(pods: Iterable[PodState], node: NodeState, family: Family) -> Program:
    """The portmap rules of `node`, whose Pods are `pods`; a program without tables where none has a hostPort."""
    chains: list[Chain] = []
    entries: list[Rule] = []
    for pod in pods:
        if pod.phase in ("Succeeded", "Failed"):
            continue
        ports, ip = host_ports(pod), pod.ip(family)
        if ports and ip:
            chain = _pod_chain(pod, ports, ip, family)
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


def _pod_chain(pod: PodState, ports: tuple[ContainerPort, ...], ip: str, family: Family) -> Chain:
    loopback = "127.0.0.1" if family == 4 else "::1"
    rules: list[Rule] = []
    for port in ports:
        match: tuple[Match, ...] = (Proto(port.protocol.lower()), DestinationPort(port.hostPort or 0))
        if port.hostIP not in (None, *UNSPECIFIED):
            if (":" in (port.hostIP or "")) != (family == 6):
                continue
            match = (*match, Destination(port.hostIP or ""))
        own = f"{ip}/{32 if family == 4 else 128}"
        rules.append(Rule((Source(own), *match), Jump("CNI-HOSTPORT-SETMARK")))
        rules.append(Rule((Source(loopback), *match), Jump("CNI-HOSTPORT-SETMARK")))
        rules.append(Rule(match, Dnat(ip, port.containerPort)))
    return Chain(_chain_name(pod), tuple(rules))


def _chain_name(pod: PodState) -> str:
    """A name of the plugin's form; the real one comes from the container's id."""
    digest = b32encode(sha256(pod.key.encode()).digest()).decode("ascii")
    return f"CNI-DN-{digest[:21]}"
