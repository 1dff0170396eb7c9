"""Policy checkpoints: the egress check at the source's node and the ingress check at the destination's.

Both are asked with the addresses as the packet carries them there: after DNAT, and for engines in the FORWARD hook
before SNAT on the same node (`domain/policies.md` section 3).
"""

from __future__ import annotations

from dataclasses import replace

from designer.engine.cni import node_address
from designer.engine.controlplane.state import PodState
from designer.engine.policy import CompiledPolicy, Peer, PolicyVerdict
from designer.engine.policy.tiers import TierPolicy, tier_policies
from designer.engine.trace.flight import Flight, hop
from designer.engine.trace.ground import Ground, family_of
from designer.engine.trace.hops import Evidence, Trace

WORDS = {"allowed": "allowed", "denied": "denied", "not-applicable": "not enforced", "cannot-tell": "cannot tell"}


def egress(ground: Ground, flight: Flight, subject: PodState) -> Flight | Trace:
    """The flight behind the egress check of its sender, or the trace that ends at it."""
    packet = flight.packet
    peer = ground.state.policies.peer_at(packet.dst)
    if peer.pod is not None and peer.pod.key == subject.key:
        peer = replace(peer, hairpin=True)
    verdict = ground.state.policies.check("egress", subject, peer, packet.protocol, packet.dport)
    return _pass(ground, flight, subject, verdict)


def ingress(ground: Ground, flight: Flight, subject: PodState) -> Flight | Trace:
    """The flight behind the ingress check of its receiver, or the trace that ends at it."""
    packet = flight.packet
    peer = flight.identity or _sender(ground, flight, subject)
    if peer.pod is not None and peer.pod.key == subject.key:
        peer = replace(peer, hairpin=True)
    verdict = ground.state.policies.check("ingress", subject, peer, packet.protocol, packet.dport)
    return _pass(ground, flight, subject, verdict, _translated(flight))


def _sender(ground: Ground, flight: Flight, subject: PodState) -> Peer:
    """Who has the packet's source address; a Node by any of its own where it is not known which one it sends from."""
    policies = ground.state.policies
    peer = policies.peer_at(flight.packet.src)
    here = subject.node
    if not peer.node or here is None or peer.node == here or policies.owners.senders.way(peer.node, here) is not None:
        return peer
    own = node_address(ground.node(peer.node), family_of(flight.packet.src))
    return replace(peer, address=own, guessed=True) if own else peer


def own_node(node: str, address: str, ground: Ground, flight: Flight, subject: PodState) -> Flight | Trace:
    """The ingress check for a process of the Pod's own node."""
    verdict = ground.state.policies.check(
        "ingress", subject, Peer.of_node(node, address), flight.packet.protocol, flight.packet.dport
    )
    return _pass(ground, flight, subject, verdict)


def behind_ipvs(ground: Ground, flight: Flight, node: str, sender: PodState | None, receiver: PodState | None) -> str:
    """Why it is not known what the policy engine makes of a packet that IPVS sent on, "" where it is.

    Such packets take INPUT and never FORWARD: engines that look at FORWARD only are bypassed (`domain/kube-proxy.md`
    section 5), and in INPUT they would see the virtual server's address. What is allowed either way is known.
    """
    policies, packet = ground.state.policies, flight.packet
    engine = policies.enforcement
    if engine.sees_ipvs:
        return ""
    asked = []
    if sender is not None:
        ends = ((packet.dst, packet.dport), (flight.first.dst, flight.first.dport))
        asked += [policies.check("egress", sender, policies.peer_at(to), packet.protocol, port) for to, port in ends]
    if receiver is not None:
        own = flight.origin.node if flight.origin.kind == "node" and not flight.legs else ""
        peer = Peer.of_node(own, packet.src) if own else policies.peer_at(packet.src)
        asked.append(policies.check("ingress", receiver, peer, packet.protocol, packet.dport))
    if all(verdict.value in ("allowed", "not-applicable") for verdict in asked):
        return ""
    return (
        f"kube-proxy runs in ipvs mode: on {node} the packet never meets the FORWARD hook, where {engine.engine} "
        "checks policies, and a policy isolates one of its ends. Whether it is checked is not known."
    )


def _pass(ground: Ground, flight: Flight, subject: PodState, verdict: PolicyVerdict, note: str = "") -> Flight | Trace:
    """A checkpoint where nobody could do anything is no stop: no policy there, and an engine that has none."""
    if not verdict.isolating and not ground.state.policies.enforcement.enforces(verdict.direction):
        return flight
    node = subject.node or ""
    text = f"{verdict.text()}{note}"
    if verdict.value == "denied" and ground.assumes("cni"):
        text += f" Taken for granted: the network plugin is {ground.cni.title}, which enforces policies."
    stop = hop(
        flight,
        "policy",
        f"{node} · {verdict.direction} of {subject.name}",
        subject.id,
        f"{verdict.direction.capitalize()} policy of {subject.namespace}/{subject.name}",
        text,
        node=node,
        outcome=WORDS[verdict.value],
        decided_by=_deciders(ground, verdict),
        details=_details(verdict),
    )
    flight = flight.plus(stop)
    if verdict.value == "denied":
        return flight.end("denied", text, verdict.isolating)
    if verdict.value == "cannot-tell" and not (ground.past_doubts and verdict.direction == "egress"):
        return flight.end("cannot-tell", text, verdict.isolating)
    return flight


def _deciders(ground: Ground, verdict: PolicyVerdict) -> tuple[Evidence, ...]:
    """The rule that decided, or every policy that has a say."""
    if verdict.matched is not None:
        rule = verdict.matched
        return (Evidence(rule.policy_text, rule.policy, verdict.field, rule.file, rule.line),)
    policies = ground.state.policies
    known: dict[str, CompiledPolicy | TierPolicy] = {policy.id: policy for policy in policies.all()}
    known |= {policy.id: policy for policy in tier_policies(policies.tiers)}
    return tuple(
        Evidence(policy.text, policy.id, f"spec.{verdict.direction}", policy.file, policy.line)
        for oid in verdict.isolating
        if (policy := known.get(oid)) is not None
    )


def _details(verdict: PolicyVerdict) -> tuple[tuple[str, str], ...]:
    """What every rule of the isolating policies said, for the packet inspector."""
    rows = [("Peer seen", verdict.peer)]
    for note in verdict.notes:
        name = note.policy_text if note.rule is None else f"{note.policy_text} rule {note.rule + 1}"
        rows.append((name, ("matches: " if not note.failed else "") + note.reason))
    return tuple(rows)


def _translated(flight: Flight) -> str:
    """A sentence when the receiver's engine does not see the address that the sender has."""
    source = flight.packet.src
    if source in flight.origin.addresses or not flight.origin.addresses:
        return ""
    where = next((leg.node for leg in flight.legs if leg.entry.snat), "")
    if where:
        return f" The policy sees {source}: {flight.origin.name}'s own address was translated on {where}."
    return f" The policy sees {source}, the address of the interface by which {flight.origin.node} sent."
