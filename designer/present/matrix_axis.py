"""Rows and columns of the matrix as a tree: groups of workloads, workloads, their Pods; sorted, filtered, opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, summarize_address_range
from typing import Literal

from designer.engine.controlplane.state import PodState
from designer.engine.policy.matrix import MatrixPeer
from designer.model import GENERATED_LABELS, FrozenMap
from designer.present.words import count_text

Level = Literal["group", "peer", "pod"]
Order = Literal["name", "open"]

EVERYWHERE = "0.0.0.0-255.255.255.255"
# The groups of what is no workload of a namespace, and of what has no label by which a person groups.
OUTSIDE = "outside"
UNLABELLED = "without this label"
OTHERS = "other values"
# Counts are kept for each pair of groups: more groups than these share the last one.
MOST_GROUPS = 200
# So many workloads are shown one by one at once.
FEW_WORKLOADS = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who may stand in a row: a workload or range of the matrix, or the Ingress controller of nobody's input.

    `name` is short, `text` that of the command line; `namespace` is "" for what has none.
    """

    name: str
    text: str
    namespace: str
    labels: FrozenMap[str, str]
    peer: MatrixPeer | None = None

    @property
    def is_workload(self) -> bool:
        """Whether it has Pods."""
        return self.peer is not None and not self.peer.is_range

    @property
    def shown(self) -> str:
        """``shop/cart``, the range, or the controller."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Group:
    """A group by its name, with the places of its entries."""

    name: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AxisNode:
    """A row or column. An open group is a band over its workloads; an open workload stands above its Pods.

    `group` and `entry` are places (-1: none); `opens` says whether there is more in it.
    """

    key: str
    level: Level
    name: str
    text: str
    group: int
    entry: int = -1
    pod: PodState | None = None
    open: bool = False
    opens: bool = False
    tint: str = ""

    @property
    def is_band(self) -> bool:
        """Whether it has no cells: its workloads stand one by one."""
        return self.level == "group" and self.open


def entry_of(peer: MatrixPeer) -> Entry:
    """How a peer of the matrix is shown."""
    if peer.is_range:
        return Entry(range_name(peer.text), peer.text, "", FrozenMap({}), peer)
    namespace, _, named = peer.text.partition("/")
    name, _, rest = named.partition("[")
    suffix = rest.partition("{")[2]
    labels = peer.pods[0].labels if peer.pods else FrozenMap[str, str]({})
    return Entry(f"{name} {{{suffix}" if suffix else name, peer.text, namespace, labels, peer)


def range_name(text: str) -> str:
    """A range of addresses as short as it can be said: ``anywhere``, ``192.0.2.0/24``, else its first and last."""
    if text == EVERYWHERE:
        return "anywhere"
    first, _, last = text.partition("-")
    try:
        networks = list(summarize_address_range(ip_address(first), ip_address(last)))
    except (ValueError, TypeError):
        return text
    return str(networks[0]) if len(networks) == 1 else text


def label_keys(entries: Iterable[Entry]) -> tuple[str, ...]:
    """The keys of labels by which workloads can be grouped, those of most workloads first."""
    counts: dict[str, int] = {}
    for entry in entries:
        for key in entry.labels if entry.is_workload else ():
            counts[key] = counts.get(key, 0) + 1
    return tuple(sorted(counts.keys() - GENERATED_LABELS, key=lambda key: (-counts[key], key)))


def groups_of(entries: Sequence[Entry], label: str = "") -> tuple[Group, ...]:
    """The groups of entries: by namespace, or by the value of a label; what is outside of the cluster comes last."""
    found: dict[str, list[int]] = {}
    last: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        if not entry.is_workload:
            last.setdefault(OUTSIDE, []).append(place)
        elif not label:
            found.setdefault(entry.namespace, []).append(place)
        elif label in entry.labels:
            found.setdefault(f"{label}={entry.labels[label]}", []).append(place)
        else:
            last.setdefault(UNLABELLED, []).append(place)
    names = sorted(found)
    groups = [Group(name, tuple(found[name])) for name in names[:MOST_GROUPS]]
    if len(names) > MOST_GROUPS:
        groups.append(Group(OTHERS, tuple(place for name in names[MOST_GROUPS:] for place in found[name])))
    return (*groups, *(Group(name, tuple(last[name])) for name in (UNLABELLED, OUTSIDE) if name in last))


@dataclass(frozen=True, slots=True)
class AxisChoice:
    """What a person chose for one axis: keys of what is open, words to look for, whom to keep, and the order.

    `keep` are places of entries, None for all; `weight` by place is what the order "open" goes by.
    """

    opened: frozenset[str] = frozenset()
    words: str = ""
    keep: frozenset[int] | None = None
    order: Order = "name"


def axis(
    entries: Sequence[Entry],
    groups: Sequence[Group],
    choice: AxisChoice,
    pods_of: Callable[[int], Sequence[PodState]],
    weight: Callable[[int], int],
) -> tuple[AxisNode, ...]:
    """The rows or columns that a person sees, from the first to the last.

    `pods_of` gives the Pods of an entry, `weight` how much is open to it; both are asked only where that matters.
    """
    asked = choice.words.casefold().split()
    kept: list[tuple[int, list[int]]] = []
    for number, group in enumerate(groups):
        members = [place for place in group.members if choice.keep is None or place in choice.keep]
        members = [place for place in members if _has(f"{group.name} {_sought(entries[place])}", asked)]
        if choice.order == "open":
            members.sort(key=lambda place: (-weight(place), entries[place].shown))
        elif members and entries[members[0]].is_workload:
            members.sort(key=lambda place: entries[place].shown)
        if members:
            kept.append((number, members))
    if choice.order == "open":
        kept.sort(key=lambda one: (groups[one[0]].name == OUTSIDE, -sum(map(weight, one[1])), groups[one[0]].name))
    nodes: list[AxisNode] = []
    for number, members in kept:
        nodes += _group_nodes(entries, groups[number], number, members, choice, pods_of)
    return tuple(nodes)


def _sought(entry: Entry) -> str:
    """The words by which an entry is found: addresses outside also as what a person calls them."""
    return entry.text if entry.is_workload else f"{entry.text} {entry.shown} internet"


def _group_nodes(
    entries: Sequence[Entry],
    group: Group,
    number: int,
    members: list[int],
    choice: AxisChoice,
    pods_of: Callable[[int], Sequence[PodState]],
) -> list[AxisNode]:
    key = group_key(group)
    opened = key in choice.opened
    words = f"{group.name}: {count_text(len(members), 'workload')}" if entries[members[0]].is_workload else group.name
    tint = group.name if group.name != OUTSIDE else ""
    nodes = [AxisNode(key, "group", group.name, words, number, open=opened, opens=True, tint=tint)]
    for place in members if opened else ():
        entry = entries[place]
        below = entry_key(entry)
        more = entry.is_workload and (below in choice.opened or len(pods_of(place)) > 1)
        shown = below in choice.opened and more
        name = entry.name if entry.namespace == group.name or not entry.namespace else entry.shown
        nodes.append(AxisNode(below, "peer", name, entry.shown, number, place, open=shown, opens=more, tint=tint))
        for pod in pods_of(place) if shown else ():
            text = f"Pod {pod.namespace}/{pod.name}"
            nodes.append(AxisNode(f"pod:{pod.key}", "pod", pod.name, text, number, place, pod, tint=tint))
    return nodes


def group_key(group: Group) -> str:
    """The key under which a group is open."""
    return f"group:{group.name}"


def entry_key(entry: Entry) -> str:
    """The key under which a workload is open."""
    return f"peer:{entry.text}"


def _has(text: str, words: Sequence[str]) -> bool:
    text = text.casefold()
    return all(word in text for word in words)
