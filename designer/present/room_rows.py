"""How much room is left, in words: ranges, what runs out first, every Node, rolling updates; as rows, text and JSON."""

from __future__ import annotations

from typing import Any, Final

from designer.engine.capacity import Forecast, Limit, NodeRoom, RangeUse, Rollout, forecast, range_uses
from designer.engine.capacity.limits import End
from designer.engine.compile import ClusterState
from designer.engine.controlplane.addresses import address_text
from designer.present.words import count_text, object_text

PLURALS: Final = {
    "Node": "Nodes",
    "Pod": "Pods",
    "Service": "Services",
    "node port": "node ports",
    "load balancer address": "load balancer addresses",
}
# What happens at the end of a range (domain/ipam.md 10): {where} is the Node, {plugin} the network plugin.
ENDS: Final[dict[End, str]] = {
    "no-pod-range": "A further Node gets no podCIDR (event CIDRNotAvailable) and can run no Pods.",
    "no-pod-range-needed": "A further Node gets no podCIDR (event CIDRNotAvailable); {plugin} does not need it.",
    "no-block": "A further Node gets no range: its Pods stay in ContainerCreating.",
    "borrows": "A further Node has no block of its own and borrows addresses from the blocks of others.",
    "no-node-address": "A further Node that is drawn gets no address; a real one has that of its machine.",
    "no-place": "A further Pod stays Pending: Too many pods.",
    "no-address": "A further Pod stays in ContainerCreating: it gets no address.",
    "strands": "A further Pod that the scheduler puts on {where} gets no address: it does not count addresses.",
    "refused": "A further Service is refused: range is full.",
    "static-next": "Addresses are then drawn from the static band, and can meet those that are asked for.",
    "port-refused": "A further Service of type NodePort or LoadBalancer is refused: range is full.",
    "port-static-next": "Ports are then drawn from the static band, and can meet those that are asked for.",
    "pending": "A further Service of type LoadBalancer stays <pending>.",
}
COUNTED: Final = (
    "Counted is what the input shows; CPU and memory, which can end it earlier, are not counted. "
    "Room for Pods is that of Pods without tolerations and node selectors."
)
PLUGINS: Final = {"calico": "Calico", "cilium": "Cilium", "flannel": "Flannel", "weave": "Weave Net"}
MOST_NODES: Final = 10

LimitRow = tuple[str, str, int, int, str, str]
NodeRow = tuple[str, int, int, int, int, str, str]
RolloutRow = tuple[str, int, int, int, str, str]


def part_text(use: RangeUse) -> str:
    """What a range is for: ``Services, static band``."""
    return f"{use.role}, {use.part}" if use.part else use.role


def span_text(use: RangeUse, low: int, high: int) -> str:
    """A part of a range: ``10.0.0.4``, ``10.0.0.4-10.0.0.7``, ``30000-30010``."""
    first, last = (str(n) if use.role == "Node ports" else address_text(use.family, n) for n in (low, high))
    return first if low == high else f"{first}-{last}"


def use_text(use: RangeUse) -> str:
    """A range in one line: ``10.244.0.0/24, Pods of node-1: 3 used, 3 reserved (…), 250 free``."""
    of = f" of {use.owner}" if use.owner else ""
    kept = f", {use.reserved} reserved" + (f" ({use.why})" if use.why else "") if use.reserved else ""
    return f"{use.range}, {part_text(use)}{of}: {use.used} used{kept}, {use.free} free"


def end_text(limit: Limit, plugin: str) -> str:
    """What happens when the range is full, and on what the number rests."""
    words = ENDS[limit.end].format(where=limit.where, plugin=PLUGINS.get(plugin, plugin))
    if limit.at_most:
        words += " It can come earlier, depending on where the scheduler puts Pods."
    if limit.assumed:
        words += f" The input does not say {limit.setting}: it is assumed."
    return words


def limit_text(limit: Limit) -> str:
    """``3 more Nodes (10.244.0.0/24 in /26)``."""
    most = "at most " if limit.at_most else ""
    where = f" on {limit.where}" if limit.where else ""
    noun = limit.thing if limit.left == 1 else PLURALS[limit.thing]
    return f"{most}{limit.left} more {noun}{where} ({limit.range})"


def headline(found: Forecast, plugin: str) -> str:
    """What runs out first, counted in objects, in a sentence or two."""
    first = found.first
    if first is None:
        return "No range of this cluster can run out."
    return f"First to run out, counted in objects: {limit_text(first)}. {end_text(first, plugin)}"


def limit_rows(found: Forecast, plugin: str) -> list[LimitRow]:
    """What, which range, how many more, of how many, what happens then; last the id of the Node that it is about."""
    return [
        (
            PLURALS[limit.thing].capitalize() if limit.thing[0].islower() else PLURALS[limit.thing],
            limit.range,
            limit.left,
            limit.size,
            end_text(limit, plugin),
            f"Node:{limit.where}" if limit.where else "",
        )
        for limit in found.limits
    ]


def node_note(room: NodeRoom) -> str:
    """What is to say of a Node's room."""
    if room.closed:
        return f"Not for Pods without tolerations: {room.closed}"
    if room.strands:
        return "Addresses end before places: the scheduler does not count them."
    return "" if room.left else "Full: Too many pods"


def node_rows(found: Forecast) -> list[NodeRow]:
    """Name, Pods, how many it may run, addresses left, how many more Pods, a note; last the Node's id."""
    return [
        (room.name, room.running, room.limit, room.addresses, room.left, node_note(room), f"Node:{room.name}")
        for room in found.nodes
    ]


def rollout_note(rollout: Rollout) -> str:
    """How a rolling update goes with the room that there is."""
    if rollout.stuck:
        return "Cannot begin: no new Pod finds room, and maxUnavailable lets no old one go first."
    if not rollout.surge:
        return "Old Pods go first: none is started beside them."
    if not rollout.slower:
        return "All of them find room."
    if rollout.room:
        return f"Goes on in steps of {rollout.room}, until old Pods have ended."
    ended = count_text(rollout.unavailable, "old Pod has ended", "old Pods have ended")
    return f"New Pods wait until {ended}."


def rollout_rows(found: Forecast) -> list[RolloutRow]:
    """Workload, Pods, Pods beside them at most (maxSurge), how many find room, how it goes; last the workload's id."""
    return [(object_text(one.oid), one.pods, one.surge, one.room, rollout_note(one), one.oid) for one in found.rollouts]


def surge_text(found: Forecast) -> str:
    """What all rolling updates at once would need, in a sentence or two."""
    if not found.surge:
        return "No rolling update starts Pods beside the old ones."
    slower = any(one.slower for one in found.rollouts)
    fits = "they find room" if found.surge <= found.room and not slower else "not all of them find room at once"
    return (
        f"All rolling updates at once start up to {count_text(found.surge, 'Pod')} beside the old ones (maxSurge); "
        f"{fits}. Pods that are terminating hold their addresses besides these."
    )


def room_text(state: ClusterState) -> str:
    """Ranges, forecast, Nodes with the least room and rolling updates, for a terminal."""
    found, plugin = forecast(state), state.project.cluster.cni.plugin
    uses = range_uses(state)
    own = [use for use in uses if use.role == "Pods" and use.owner]
    beyond = {id(use) for use in own[MOST_NODES:]}
    lines = ["Ranges", *(f"  {use_text(use)}" for use in uses if id(use) not in beyond)]
    if beyond:
        lines.append(f"  and {count_text(len(beyond), 'more range', 'more ranges')} of Nodes: see --output json")
    lines += ["", headline(found, plugin), ""]
    lines += ["Room left, least first"]
    lines += [f"  {limit_text(limit)}: {end_text(limit, plugin)}" for limit in found.limits]
    tight = sorted(found.nodes, key=lambda room: (room.left, room.name))
    if tight:
        lines += ["", "Nodes, fullest first"]
        lines += [f"  {_node_line(room)}" for room in tight[:MOST_NODES]]
        if len(tight) > MOST_NODES:
            lines.append(f"  and {count_text(len(tight) - MOST_NODES, 'Node')} with as much room or more")
    if found.rollouts:
        lines += ["", "Rolling updates"]
        lines += [
            f"  {name}: {count_text(pods, 'Pod')}, {surge} more during the update, room for {room}. {note}"
            for name, pods, surge, room, note, _ in rollout_rows(found)
        ]
        lines.append(f"  {surge_text(found)}")
    return "\n".join((*lines, "", COUNTED))


def _node_line(room: NodeRoom) -> str:
    note = node_note(room)
    held = f"{room.running} of {room.limit} Pods, {room.addresses} addresses left"
    return f"{room.name}: {count_text(room.left, 'more Pod', 'more Pods')} ({held})" + (f". {note}" if note else "")


def room_json(state: ClusterState) -> dict[str, Any]:
    """The same as JSON, after `resources/schemas/addresses.schema.json`."""
    found, plugin = forecast(state), state.project.cluster.cni.plugin
    return {
        "ranges": [_use_json(use) for use in range_uses(state)],
        "limits": [_limit_json(limit, plugin) for limit in found.limits],
        "nodes": [
            {"node": name, "pods": pods, "limit": limit, "addresses": addresses, "left": left, "note": note}
            for name, pods, limit, addresses, left, note, _ in node_rows(found)
        ],
        "rollouts": [
            {"object": oid, "pods": pods, "surge": surge, "room": room, "stuck": one.stuck, "note": note}
            for (_, pods, surge, room, note, oid), one in zip(rollout_rows(found), found.rollouts, strict=True)
        ],
    }


def _use_json(use: RangeUse) -> dict[str, Any]:
    return {
        "range": use.range,
        "for": use.role,
        "owner": use.owner,
        "part": use.part,
        "size": use.size,
        "used": use.used,
        "reserved": use.reserved,
        "free": use.free,
    }


def _limit_json(limit: Limit, plugin: str) -> dict[str, Any]:
    return {
        "what": limit.thing,
        "range": limit.range,
        "node": limit.where,
        "left": limit.left,
        "of": limit.size,
        "atMost": limit.at_most,
        "assumed": limit.assumed,
        "fails": not limit.soft,
        "then": end_text(limit, plugin),
    }
