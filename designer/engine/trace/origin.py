"""Who sends: from what a person gives as the source to a Pod, a Node, or something outside the cluster."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from ipaddress import ip_address

from designer.engine.cni.ranges import contains, is_address
from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import OUTSIDE, Ground, family_of
from designer.engine.trace.indices import ENDED, outside_addresses
from designer.model import WORKLOAD_KINDS, ExternalClient, ExternalHost, IngressController, split_id

# Addresses for "somebody outside" whose address the project does not say (RFC 5737 and RFC 3849: documentation only).
ASSUMED_OUTSIDE = ("203.0.113.7", "2001:db8::7")
_BROADCAST = ip_address("255.255.255.255")
ANYBODY = ("internet", "outside", "client", "external")

WORKLOADS = tuple(kind.KIND for kind in WORKLOAD_KINDS)


@dataclass(frozen=True, slots=True)
class Found:
    """A sender with a note for the person ("" when there is nothing to say), or None with what is wrong."""

    origin: Origin | None
    note: str = ""


def find_origin(ground: Ground, source: str) -> Found:
    """The sender that `source` means: an object id, an address, or a short name such as ``shop/cart`` or ``node-1``."""
    text = source.strip()
    if not text:
        return Found(None, "No source is given. Name a Pod, a workload, a Node, an external client or an address.")
    kind, colon, rest = text.partition(":")
    if colon and kind[:1].isupper() and not is_address(text):
        return _by_id(ground, text, kind, rest)
    if is_address(text.strip("[]")):
        return _by_address(ground, str(ip_address(text.strip("[]"))))
    return _by_name(ground, text)


def pod_origin(pod: PodState) -> Origin:
    """The Pod as a sender; a hostNetwork Pod sends as its Node does."""
    kind = "node" if pod.host_network else "pod"
    return Origin("node" if kind == "node" else "pod", pod.id, pod.name, pod.ips, pod.node or "", pod)


def node_origin(node: NodeState) -> Origin:
    """A process of the Node as a sender."""
    return Origin("node", node.id, node.name, node.addresses, node.name)


def outside_origin(thing: ExternalClient | ExternalHost) -> Origin:
    """Something outside as a sender."""
    return Origin("outside", thing.id, thing.name, outside_addresses(thing) or ASSUMED_OUTSIDE)


def workload_pod(ground: Ground, oid: str) -> tuple[PodState | None, str]:
    """The Pod that stands for a workload: its first ready one, else its first running one; and which one was taken."""
    name = oid.partition(":")[2]
    pods = [pod for pod in ground.control.pods.values() if pod.owner == oid and pod.phase not in ENDED]
    if not pods:
        return None, f"{oid.partition(':')[0]} {name} has no Pods."
    placed = [pod for pod in pods if pod.node and pod.ips]
    if not placed:
        why = pods[0].pending or "it is Pending"
        return None, f"No Pod of {name} runs: {why}."
    chosen = next((pod for pod in placed if pod.ready and not pod.terminating), placed[0])
    return chosen, f"{chosen.name} stands for {name} ({len(pods)} Pods)." if len(pods) > 1 else ""


def _by_id(ground: Ground, oid: str, kind: str, rest: str) -> Found:
    if kind == "Pod":
        pod = ground.control.pods.get(oid) or ground.control.pods.get(f"Pod:default/{rest}")
        return Found(None, f"There is no Pod {rest}.") if pod is None else _pod(pod, ground.control.nodes)
    if kind in WORKLOADS:
        oid = oid if "/" in rest else f"{kind}:default/{rest}"
        pod, note = workload_pod(ground, oid)
        if pod is None:
            return Found(None, note)
        found = _pod(pod, ground.control.nodes)
        return replace(found, note=" ".join(text for text in (note, found.note) if text))
    if kind == "Node":
        node = ground.control.nodes.get(rest)
        return Found(None, f"There is no Node {rest}.") if node is None else Found(node_origin(node))
    if kind in ("ExternalClient", "ExternalHost"):
        thing = ground.state.project.get(oid)
        if isinstance(thing, ExternalClient | ExternalHost):
            note = (
                "" if outside_addresses(thing) else f"{thing.name} has no address; {ASSUMED_OUTSIDE[0]} stands for it."
            )
            return Found(outside_origin(thing), note)
        return Found(None, f"There is no {kind} {rest}.")
    if kind == "IngressController":
        thing = ground.state.project.get(oid)
        if isinstance(thing, IngressController) and thing.spec.workload:
            return find_origin(ground, thing.spec.workload)
        return Found(None, f"{rest} names no workload that runs it.")
    return Found(None, f"A {kind} sends nothing. Name a Pod, a workload, a Node or an external client as the source.")


def _pod(pod: PodState, known: Collection[str]) -> Found:
    if pod.phase in ENDED:
        return Found(None, f"Pod {pod.namespace}/{pod.name} has ended ({pod.phase}): it sends nothing.")
    if pod.node is None or not pod.ips:
        why = pod.pending or "it has no address yet"
        return Found(None, f"Pod {pod.namespace}/{pod.name} does not run: {why}.")
    if pod.node not in known:
        return Found(None, f"Pod {pod.namespace}/{pod.name} runs on {pod.node}, which is no Node of the project.")
    return Found(pod_origin(pod), "" if pod.ready else f"Pod {pod.name} is not Ready; it can send all the same.")


def _by_address(ground: Ground, address: str) -> Found:
    pod = ground.pods_by_ip.get(address)
    if pod is not None:
        return _pod(pod, ground.control.nodes)
    node = ground.nodes_by_ip.get(address)
    if node is not None:
        return Found(node_origin(node))
    thing = ground.outside_at(address)
    wrong = _no_sender(ground, address)
    if thing is None and wrong:
        return Found(None, f"{wrong} Name the Pod, the Node or the client that calls.")
    name = address if thing is None else thing.name
    return Found(Origin("outside", OUTSIDE if thing is None else thing.id, name, (address,)))


def _no_sender(ground: Ground, address: str) -> str:
    """Why no packet comes in from `address`, which no Pod and no Node has; "" when somebody outside may have it."""
    value = ip_address(address)
    if value.is_loopback:
        return f"{address} is every machine's own loopback address: no packet comes in from it."
    if value.is_multicast or value.is_unspecified or value == _BROADCAST:
        return f"{address} is no single machine's address: no packet comes from it."
    for service in ground.services_at(address):
        if address in service.cluster_ips:
            name = f"{service.namespace}/{service.name}"
            return f"{address} is the ClusterIP of Service {name}, and a Service sends nothing."
    for node in ground.control.nodes.values():
        if any(contains(cidr, address) for cidr in (*node.pod_cidrs, *node.blocks)):
            return f"{address} lies in the Pod range of Node {node.name}, and no Pod has it."
    return ""


def _by_name(ground: Ground, text: str) -> Found:
    """A short name: a workload or Pod, those of namespace default first, else a Node or something outside.

    Where both have the name the person must say which, but for a client that is only assumed to be there.
    """
    project = ground.state.project
    named = [oid for oid in (f"Node:{text}", f"ExternalClient:{text}", f"ExternalHost:{text}") if project.get(oid)]
    oids = find_runners(ground, text)
    sure = [oid for oid in named if oid not in ground.settings.assumed]
    if oids and sure:
        return Found(None, f"{text} could be {', '.join((*sure, *oids)[:5])}. Say which, for example {oids[0]}.")
    if named and not oids:
        return _by_id(ground, named[0], *named[0].split(":", 1))
    if len(oids) == 1 or (oids and _namespace(oids[0]) == "default" and _namespace(oids[1]) != "default"):
        found = _by_id(ground, oids[0], *oids[0].split(":", 1))
        other = f"{oids[0]} is meant; what is assumed outside the cluster is {named[0]}." if named else ""
        return replace(found, note=" ".join(part for part in (other, found.note) if part))
    if oids:
        return Found(None, f"{text} could be {', '.join(oids[:5])}. Say which, for example {oids[0]}.")
    if text.lower() in ANYBODY:
        clients = ground.state.project.of(ExternalClient)
        if clients:
            return Found(outside_origin(clients[0]), f"{clients[0].name} stands for {text}.")
        note = f"{ASSUMED_OUTSIDE[0]} stands for somebody outside the cluster."
        return Found(Origin("outside", OUTSIDE, "a client outside", ASSUMED_OUTSIDE), note)
    return Found(None, f"Nothing in this project is called {text}. Name a Pod, a workload, a Node or a client.")


def find_runners(ground: Ground, text: str) -> list[str]:
    """Ids of the workloads, else of the Pods, that a short name ``name`` or ``namespace/name`` may mean."""
    namespace, slash, name = text.rpartition("/")
    found: list[str] = []
    for kind in WORKLOADS:
        for oid in sorted(ground.state.project.objects.get(kind, {})):
            _, where, what = split_id(oid)
            if what == name and (not slash or where == namespace):
                found.append(oid)
    if not found:
        found = [
            p.id for p in ground.control.pods.values() if p.name == name and (not slash or p.namespace == namespace)
        ]
    return sorted(found, key=lambda oid: (_namespace(oid) != "default", oid))


def _namespace(oid: str) -> str:
    return split_id(oid)[1]


def address_towards(origin: Origin, destination: str) -> str | None:
    """The sender's own address of the destination's family, None when it has none or the destination is no address."""
    if not is_address(destination):
        return None
    family = family_of(destination)
    return next((a for a in origin.addresses if family_of(a) == family and is_address(a)), None)
