"""Which packet of a trace is seen at which device, as if each had a capture running on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from designer.engine.cni import NODE_DEVICE
from designer.engine.cni.devices import pod_device
from designer.engine.compile import ClusterState
from designer.engine.trace.hops import Header, Hop, Path
from designer.present.packet_bytes import Answer, Link

# Layer 3 tunnels have no Ethernet header on their device.
RAW_DEVICES: Final = ("tunl0",)


@dataclass(frozen=True, slots=True)
class Capture:
    """One packet at one device. `device` is unique in the cluster (``node-1 vxlan.calico``), `hop` counts from 0.

    `link` names the two ends of the link there; `raw` says that the device carries no Ethernet header.
    """

    device: str
    hop: int
    header: Header
    link: Link
    raw: bool
    answer: Answer
    text: str


def captures(path: Path, state: ClusterState) -> tuple[Capture, ...]:
    """What captures on every device would show of one way, in the order of its hops.

    A device that the trace only passes as part of a bridge has no capture of its own.
    """
    found: list[Capture] = []
    names = _Names(state, path)
    for index, hop in enumerate(path.hops):
        after = path.hops[index + 1] if index + 1 < len(path.hops) else None
        for device, header, link in (*_seen(hop, names), *_beyond_veth(hop, after, names)):
            raw = device.rpartition(" ")[2] in RAW_DEVICES
            answer = _answer(hop, path)
            found.append(Capture(device, index, header, link, raw, answer, f"hop {index + 1}: {hop.what}"))
    return tuple(found)


def _answer(hop: Hop, path: Path) -> Literal["", "accepted", "refused"]:
    if hop.direction == "request":
        return ""
    return "refused" if path.verdict == "connection-refused" else "accepted"


class _Names:
    """Names of devices by the ids that the hops of one way carry."""

    def __init__(self, state: ClusterState, path: Path) -> None:
        self._state = state
        wanted = {oid for hop in path.hops for oid in (hop.at, hop.toward)}
        self._pods = {pod.id: pod for pod in state.control.pods.values() if pod.id in wanted}

    def pod(self, oid: str) -> str:
        """The Pod's own end of its veth, "" for no Pod and for one that uses its node's network."""
        pod = self._pods.get(oid)
        return f"{pod.namespace}/{pod.name} eth0" if pod is not None and not pod.host_network else ""

    def veth(self, oid: str, family: Literal[4, 6]) -> str:
        """The node's end of a Pod's veth, "" for no Pod of a node."""
        pod = self._pods.get(oid)
        if pod is None or not pod.node or pod.host_network:
            return ""
        node = self._state.control.nodes.get(pod.node)
        made = pod_device(self._state.cni, self._state.project.cluster, pod, node, family)
        return f"{pod.node} {made.outside}"

    @staticmethod
    def card(oid: str) -> str:
        """The card of a node, or an outsider by its name; "" for a Pod."""
        kind, _, name = oid.partition(":")
        if not name or ":" in name:  # an address
            return oid
        return "" if kind == "Pod" else f"{name} {NODE_DEVICE}" if kind == "Node" else name


def _seen(hop: Hop, names: _Names) -> Iterator[tuple[str, Header, Link]]:
    """The devices that see a packet at a hop."""
    header = hop.after or hop.before
    if header is None:
        return
    family: Literal[4, 6] = 6 if ":" in header.dst else 4
    if hop.kind == "send" and (own := names.pod(hop.at)):
        yield own, header, Link(own, names.veth(hop.at, family))
    elif hop.kind == "interface" and (outside := names.veth(hop.at, family)):
        yield outside, header, Link(names.pod(hop.at), outside)
    elif hop.kind == "interface" and (outside := names.veth(hop.toward, family)):
        link = Link(outside, names.pod(hop.toward))
        yield outside, header, link
        yield link.receiver, header, link
    elif hop.kind == "wire":
        ends = Link(names.card(hop.at), names.card(hop.toward))
        for end in (ends.sender, ends.receiver):
            if end:
                yield end, header, ends
    elif hop.kind in ("encapsulate", "decapsulate"):
        inner = hop.before if hop.kind == "encapsulate" else hop.after
        outer = hop.after if hop.kind == "encapsulate" else hop.before
        device = hop.place.partition(" · ")[2]
        # Where eBPF wraps on the card itself, the packet inside is seen at no device.
        if inner is not None and outer is not None and device != NODE_DEVICE:
            yield f"{hop.node} {device}", inner, Link(f"{outer.outer_src} tunnel", f"{outer.outer_dst} tunnel")


def _beyond_veth(hop: Hop, after: Hop | None, names: _Names) -> Iterator[tuple[str, Header, Link]]:
    """The node's end of the veth of a Pod that answers: the trace of a reply goes on behind it."""
    header = hop.after or hop.before
    if hop.kind != "send" or header is None or after is None or after.kind == "interface" or after.at == hop.at:
        return
    family: Literal[4, 6] = 6 if ":" in header.dst else 4
    own, outside = names.pod(hop.at), names.veth(hop.at, family)
    if own and outside:
        yield outside, header, Link(own, outside)
