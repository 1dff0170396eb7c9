"""What a rule's decision means to the client, in words, with what decided.

Texts: `domain/services.md` section 8 and `domain/kube-proxy.md` section 3, "No endpoints".
"""

from __future__ import annotations

from designer.engine.controlplane.sources import source_line
from designer.engine.controlplane.state import EndpointState, ServiceState
from designer.engine.netfilter import Outcome, Packet, RuleHit
from designer.engine.trace import lacking
from designer.engine.trace.flight import endpoint
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Evidence

# Targets that do something; all others are jumps between chains.
EFFECTS = ("ACCEPT", "DROP", "REJECT", "DNAT", "SNAT", "MASQUERADE", "MARK", "drop", "reject", "dnat", "masquerade")

# Parts of kube-proxy's own comments, and what they mean.
MEANINGS: tuple[tuple[str, str], ...] = (
    ("has no endpoints", "{port} has no usable endpoint on any node, so it is refused at once (port unreachable)"),
    ("has no local endpoints", "{local}: time-out"),
    (
        "invalid ports of ClusterIPs",
        "the ClusterIP is that of {who}, but {number} is not a Service port: refused at once",
    ),
    ("not a Service port", "the address is that of {who}, but {number} is not a Service port: refused at once"),
    ("unallocated ClusterIPs", "no Service has this address of the Service range: time-out"),
    ("traffic not accepted by", "the source is not in loadBalancerSourceRanges: time-out"),
    ("block incoming localnet", "packets to 127.0.0.0/8 may not come from another machine: time-out"),
)

# What rules that say nothing themselves stand for: how their chain's name begins, the verdict, and what is said
# of the Service (nftables and ipvs mode, `domain/kube-proxy.md` sections 4 and 5).
SILENT_CHAINS: tuple[tuple[str, str, str], ...] = (
    ("reject-chain", "reject", "has no endpoints"),
    ("service-endpoints-check", "drop", "has no local endpoints"),
    ("nodeport-endpoints-check", "drop", "has no local endpoints"),
    ("firewall-", "drop", "traffic not accepted by its source ranges"),
    ("KUBE-SOURCE-RANGES-FIREWALL", "drop", "traffic not accepted by its source ranges"),
    ("KUBE-IPVS-OUT-FILTER", "drop", "traffic not accepted by its source ranges"),
    ("KUBE-IPVS-FILTER", "reject", "not a Service port"),
)


def deciding(outcome: Outcome) -> RuleHit | None:
    """The rule that decided: the last one hit with an effect, None where none had any."""
    return next((hit for hit in reversed(outcome.hits) if hit.target.partition(" ")[0] in EFFECTS), None)


def rejected(ground: Ground, outcome: Outcome, node: str = "") -> str:
    """Why a rule of `node` stopped the packet and what the client sees, as a sentence."""
    hit = deciding(outcome)
    if outcome.masquerade and outcome.verdict == "drop":
        return "MASQUERADE finds no address to write as the source, so the packet is dropped."
    said = "Rejected" if outcome.verdict == "reject" else "Dropped"
    if outcome.policy:
        return f"{said} by the policy of the chain {outcome.policy}: time-out."
    if hit is None:
        return f"{said} by the node's rules."
    service = _service_of(ground, hit)
    about = hit.comment
    if not about:
        service = service_called(ground, outcome.packet)
        about = _about(hit, outcome, service)
    meaning = next((text for part, text in MEANINGS if part in about), "")
    if not meaning:
        meaning = "the client is refused at once" if outcome.verdict == "reject" else "the client waits until time-out"
    meaning = meaning.format(**_named(ground, service, outcome.packet, node))
    shown = f" ({about})" if about else ""
    where = f"{hit.table} {hit.chain} rule {hit.index + 1}"
    port = lacking.called_port(service, outcome.packet) if service is not None else None
    why = lacking.why_none(ground, service, port) if "has no endpoints" in about else ""
    return f"{said} by {where}{shown}: {meaning}.{why}"


def _named(ground: Ground, service: ServiceState | None, packet: Packet, node: str) -> dict[str, str]:
    """What the places in `MEANINGS` stand for: the Service, the port that is called, and what it lacks on the node."""
    service = service or next(iter(ground.services_at(packet.dst)), None)
    who = "a Service" if service is None else f"Service {service.namespace}/{service.name}"
    port = lacking.called_port(service, packet) if service is not None else None
    return {
        "who": who,
        "number": f"{packet.dport}/{packet.protocol}",
        "port": who if port is None else f"port {port.port} of {who}",
        "local": lacking.none_here(service, packet, node),
    }


def _about(hit: RuleHit, outcome: Outcome, service: ServiceState | None) -> str:
    """What a rule without comment says of the Service that the packet calls, "" where it says nothing."""
    words = (text for name, verdict, text in SILENT_CHAINS if hit.chain.startswith(name) and verdict == outcome.verdict)
    found = next(words, "")
    packet = outcome.packet
    who = f"{service.namespace}/{service.name}" if service is not None else endpoint(packet.dst, packet.dport)
    return f"{who} {found}" if found else ""


def service_called(ground: Ground, packet: Packet) -> ServiceState | None:
    """The Service that a packet which nothing translated calls: by address and port, else by node port."""
    for service in ground.services_at(packet.dst):
        if any(p.port == packet.dport and p.protocol == packet.protocol for p in service.ports):
            return service
    return None if ground.services_at(packet.dst) else ground.node_port(packet.protocol, packet.dport)


def decided_by(ground: Ground, outcome: Outcome, node: str, before: Packet) -> tuple[Evidence, ...]:
    """The deciding rule of a walk, then the Service that it stands for; nothing where no rule had an effect."""
    hit = deciding(outcome)
    if hit is None:
        return ()
    rule = Evidence(f"{hit.table} {hit.chain} rule {hit.index + 1}: {hit.target}", f"Node:{node}", hit.text)
    service = _service_of(ground, hit)
    if service is None and (outcome.dnat or outcome.verdict != "accept"):
        service = service_at(ground, node, before)
    return (rule, *service_evidence(ground, service))


def service_evidence(ground: Ground, service: ServiceState | None) -> tuple[Evidence, ...]:
    """The Service as what decided, with the place where it is written; nothing for None."""
    if service is None:
        return ()
    file, line = source_line(ground.state.project, service.id)
    return (Evidence(f"{service.namespace}/{service.name}", service.id, "", file, line),)


def endpoint_label(ground: Ground, address: str, port: int) -> str:
    """How a choice is called: the Pod with its address and port, or these alone."""
    where, pod = endpoint(address, port), ground.pods_by_ip.get(address)
    return f"{pod.name} ({where})" if pod is not None else where


# How kube-proxy comments the rules by which a caller inside passes by policy Local, in iptables and nftables mode.
_PASSES_BY = ("pod traffic for ", "route LOCAL traffic for ", "short-circuit ")


def inside_note(outcome: Outcome) -> str:
    """A sentence where a caller inside is sent to any endpoint of a Service with externalTrafficPolicy Local."""
    if any(hit.comment.startswith(_PASSES_BY) for hit in outcome.hits):
        return " externalTrafficPolicy Local binds callers from outside; one inside the cluster gets any endpoint."
    return ""


def fallback_note(ground: Ground, node: str, before: Packet, after: Packet) -> str:
    """A sentence where an endpoint that is going away stands in, because none is ready (KEP-1669)."""
    service = service_at(ground, node, before) if before.dst != after.dst else None
    end = endpoint_at(ground, service, after.dst) if service is not None else None
    if end is None or end.ready or not (end.serving and end.terminating):
        return ""
    return f" No ready endpoint: {after.dst} is terminating and still serving."


def service_at(ground: Ground, node: str, packet: Packet) -> ServiceState | None:
    """The Service that a packet calls on a node: by its address and port, or by a node port; None where none."""
    for service in ground.services_at(packet.dst):
        if any(p.port == packet.dport and p.protocol == packet.protocol for p in service.ports):
            return service
    return ground.node_port(packet.protocol, packet.dport) if ground.is_local(node, packet.dst) else None


def sticky_note(ground: Ground, node: str, packet: Packet) -> str:
    """What session affinity means for the client's later connections, as a sentence after a space."""
    service = service_at(ground, node, packet)
    seconds = service.affinity_seconds if service is not None else None
    until = f"{seconds} s after its latest one" if seconds else "the time-out is over"
    return f" sessionAffinity: later connections from {packet.src} through {node} go to the same Pod, until {until}."


def endpoint_at(ground: Ground, service: ServiceState, address: str) -> EndpointState | None:
    """The Service's endpoint with this address, None when it has none."""
    ends = (end for part in ground.control.slices.get(service.id, ()) for end in part.endpoints)
    return next((end for end in ends if address in end.addresses), None)


def _service_of(ground: Ground, hit: RuleHit) -> ServiceState | None:
    """The Service that a rule's comment begins with, as kube-proxy writes it: ``ns/name:port …``."""
    name = hit.comment.partition(" ")[0].partition(":")[0]
    return ground.control.services.get(f"Service:{name}") if "/" in name else None


def why_none(ground: Ground, service: ServiceState | None, about: str) -> str:
    """What the Service's selector finds, as a sentence after a space, where `about` says that it has no endpoint."""
    return lacking.why_none(ground, service) if "has no endpoints" in about else ""
