"""From one machine to the next: where a route leads, and the hops of the wire between.

Used by requests and replies alike (`domain/cni.md` section 6, steps 3 to 5 of B).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.engine.cni import NODE_DEVICE, Encapsulation, Route, node_address
from designer.engine.controlplane.state import PodState
from designer.engine.netfilter import Packet
from designer.engine.trace.flight import header
from designer.engine.trace.ground import Ground, family_of
from designer.engine.trace.hops import Direction, Evidence, Hop, Verdict


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a packet goes next: a Pod of this node, another node, the outside, or nowhere (with verdict and reason).

    `device` is where it comes in at the next node; `switched` says that a bridge over both carries it there without
    routing.
    """

    kind: Literal["pod", "node", "outside", "dead"]
    pod: PodState | None = None
    node: str = ""
    device: str = ""
    switched: bool = False
    encapsulation: Encapsulation | None = None
    verdict: Verdict = "no-route"
    reason: str = ""


def next_stop(ground: Ground, node: str, route: Route | None, destination: str) -> Stop:
    """Where `route` of `node` brings a packet for `destination`."""
    if route is None:
        return Stop("dead", reason=f"{node} has no route to {destination}.")
    if route.problem:
        return Stop("dead", reason=route.problem)
    if route.doubt:
        return Stop("dead", verdict="cannot-tell", reason=route.doubt)
    pod = ground.pods_by_ip.get(destination)
    if pod is not None and pod.node not in ground.control.nodes:
        reason = f"Pod {pod.namespace}/{pod.name} runs on {pod.node}, which is no Node of the project."
        return Stop("dead", verdict="cannot-tell", reason=reason)
    rival = ground.pods.rivals_by_ip.get(destination)
    if pod is not None and rival is not None:
        who = f"{pod.namespace}/{pod.name} and {rival.namespace}/{rival.name}"
        reason = f"{destination} is the address of two Pods of the input, {who}: who gets the packet is not known."
        return Stop("dead", verdict="cannot-tell", reason=reason)
    match route.kind:
        case "pod" | "local-pods":
            return _local(ground, node, route, destination, pod)
        case "blackhole":
            return Stop(
                "dead",
                reason=f"No Pod of {node} has {destination}; the route `{route.text}` discards it without an answer.",
            )
        case "segment":
            return _segment(ground, node, route, destination, pod)
        case "remote-pods":
            wrap = route.encapsulation
            return Stop("node", node=route.node, device=wrap.device if wrap else NODE_DEVICE, encapsulation=wrap)
    other = ground.nodes_by_ip.get(destination)
    if other is not None and other.name != node:
        return Stop("node", node=other.name, device=NODE_DEVICE)
    if pod is not None and pod.node:
        return Stop("dead", verdict="cannot-tell", reason=_stray(ground, pod, destination))
    return Stop("outside")


def crossing(ground: Ground, packet: Packet, ttl: int, node: str, stop: Stop, way: Direction) -> tuple[Hop, ...]:
    """The hops from `node` to the node of `stop`: wrapping where the route wraps, the wire, unwrapping."""
    wrap, there = stop.encapsulation, ground.node(stop.node)
    bare = header(packet, ttl)
    wire = f"{node} → {stop.node}"
    if wrap is None:
        reason = f"The frame goes from {node} to {stop.node} with the packet as it is."
        return (Hop("wire", way, wire, f"Node:{node}", wire, bare, bare, reason, node, f"Node:{stop.node}"),)
    family = wrap.underlay or family_of(packet.dst)
    sides = {"outer_src": node_address(ground.node(node), family), "outer_dst": node_address(there, family)}
    outer = header(packet, ttl, tunnel=wrap.text, **{key: value or "" for key, value in sides.items()})
    said = f"{wrap.text}: the outer header goes from {outer.outer_src} to {outer.outer_dst}, the packet inside stays."
    if ground.assumes("cni"):
        said += f" Taken for granted: the network plugin is {ground.cni.title}."
    if wrap.when == "cross-subnet" and ground.assumes("nodeNetwork" if family == 4 else "nodeNetworkV6"):
        said += f" Taken for granted: {node} and {stop.node} stand in different subnets."
    decided = (Evidence(wrap.text, f"Node:{node}"),)
    return (
        Hop("encapsulate", way, f"{node} · {wrap.device}", f"Node:{node}", f"Wrapped in {wrap.name}", bare, outer, said,
            node, outcome="wrapped", decided_by=decided),
        Hop("wire", way, wire, f"Node:{node}", wire, outer, outer,
            f"Between the nodes only the outer header counts: {outer.outer_src} → {outer.outer_dst}.",
            node, f"Node:{stop.node}"),
        Hop("decapsulate", way, f"{stop.node} · {wrap.device}", f"Node:{stop.node}", f"Unwrapped from {wrap.name}",
            outer, bare, f"{wrap.device} of {stop.node} takes the outer header off.", stop.node, outcome="unwrapped"),
    )  # fmt: skip


def _local(ground: Ground, node: str, route: Route, destination: str, pod: PodState | None) -> Stop:
    if pod is not None and pod.node == node:
        return Stop("pod", pod=pod, node=node, device=route.device)
    if pod is not None:
        return Stop("dead", verdict="cannot-tell", reason=_stray(ground, pod, destination))
    return Stop(
        "dead",
        reason=f"No Pod has {destination}: it belongs to {node} (`{route.text}`), where nobody answers for it.",
    )


def _segment(ground: Ground, node: str, route: Route, destination: str, pod: PodState | None) -> Stop:
    """Weave Net's one link over all nodes: who has the address gets the frame."""
    if pod is not None and pod.node == node:
        return Stop("pod", pod=pod, node=node, device=route.device)
    other = ground.nodes_by_ip.get(destination) or ground.nodes.by_bridge_ip.get(destination)
    owner = pod.node if pod is not None else (other.name if other is not None else None)
    if owner is None:
        return Stop("dead", reason=f"Nobody on the network {route.destination} has {destination}.")
    wrap = ground.cni.encapsulation(family_of(destination))
    return Stop("node", node=owner, device=route.device, switched=True, encapsulation=wrap)


def _stray(ground: Ground, pod: PodState, destination: str) -> str:
    return (
        f"{destination} is the address of Pod {pod.namespace}/{pod.name} on {pod.node}, but lies in no range that "
        f"{ground.cni.title} routes there."
    )
