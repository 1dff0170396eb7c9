"""A lab as data: namespaces, the steps that build them, what listens; nothing in it depends on the machine.

The worker carries the steps out in their order. A `Step` names what it does, where, and its arguments by the names that
`worker.building` gives them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

FABRIC = "fabric"
# The length of an address by family, and the range that every address is in.
BITS = {4: 32, 6: 128}
EVERYBODY: dict[int, str] = {4: "0.0.0.0/0", 6: "::/0"}
# The order in which steps are carried out: what a step needs is done before it.
PHASES = ("link", "port", "address", "neighbour", "route", "rule", "setting", "load")
PHASE_OF = {
    "veth": "link",
    "bridge": "link",
    "vxlan": "link",
    "ipip": "link",
    "forwarding": "neighbour",
}

Settings = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do in a namespace."""

    do: str
    space: str
    told: tuple[tuple[str, Any], ...]

    def get(self, name: str) -> Any:
        """An argument; None where the step has none of that name."""
        return dict(self.told).get(name)

    def with_told(self, **values: Any) -> Step:
        """The same step with other arguments."""
        return replace(self, told=tuple({**dict(self.told), **values}.items()))

    def data(self) -> dict[str, Any]:
        """The step as the worker reads it."""
        return {"do": self.do, "space": self.space, **dict(self.told)}


@dataclass(frozen=True, slots=True)
class Listening:
    """What listens: `who` is the id of the object that answers, `number` how the worker calls it.

    SCTP's port 0 is what refuses calls to every other port: the kernel's part, where it has no SCTP of its own.
    """

    number: int
    space: str
    protocol: str
    port: int
    who: str


@dataclass(frozen=True, slots=True)
class LabPlan:
    """All of it. `spaces` are names with their kernel settings; `entries` the marks by which an outsider picks a Node.

    `outsiders` are the namespaces of what is outside by their addresses; `left_out` says what of the cluster is not
    built, and why; `no_sctp` why no SCTP is sent ("" where it is).
    """

    spaces: tuple[tuple[str, Settings], ...]
    steps: tuple[Step, ...]
    listeners: tuple[Listening, ...]
    entries: tuple[tuple[str, int], ...] = ()
    outsiders: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    no_sctp: str = ""

    def data(self) -> dict[str, Any]:
        """The plan as the worker's command."""
        return {
            "do": "build",
            "spaces": [[name, [list(pair) for pair in settings]] for name, settings in self.spaces],
            "steps": [step.data() for step in self.steps],
            "listeners": [[one.number, one.space, one.protocol, one.port] for one in self.listeners],
        }


def node_space(name: str) -> str:
    """The namespace of a Node."""
    return f"node {name}"


def pod_space(oid: str) -> str:
    """The namespace of a Pod, given by its object id."""
    return f"pod {oid.partition(':')[2]}"


@dataclass(slots=True)
class Draft:
    """A plan in the making: steps gather by phase, link addresses are handed out."""

    spaces: list[tuple[str, Settings]] = field(default_factory=list)
    steps: dict[str, list[Step]] = field(default_factory=lambda: {phase: [] for phase in PHASES})
    left_out: list[str] = field(default_factory=list)
    _macs: dict[tuple[str, str], str] = field(default_factory=dict)
    _done: set[Step] = field(default_factory=set)

    def add(self, do: str, space: str, **told: Any) -> None:
        """One more step; the same one twice is done once."""
        step = Step(do, space, tuple(told.items()))
        if step not in self._done:
            self._done.add(step)
            self.steps[PHASE_OF.get(do, do)].append(step)

    def mac(self, space: str, device: str) -> str:
        """The link address of a device, the same each time it is asked for."""
        number = len(self._macs) + 1
        return self._macs.setdefault(
            (space, device), "02:00:" + ":".join(f"{number:08x}"[i : i + 2] for i in (0, 2, 4, 6))
        )

    def veth(self, space: str, name: str, other: str, peer: str, mtu: int) -> None:
        """A pair of devices between two namespaces."""
        self.add("veth", space, name=name, mac=self.mac(space, name), peer_space=other, peer=peer,
                 peer_mac=self.mac(other, peer), mtu=mtu)  # fmt: skip

    def in_order(self) -> tuple[Step, ...]:
        """All steps, phase by phase; routes by a next hop after those that lead to it."""
        self.steps["route"].sort(key=lambda step: bool(step.get("via")))
        return tuple(step for phase in PHASES for step in self.steps[phase])


def replaced(plan: LabPlan, steps: Iterable[Step]) -> LabPlan:
    """The same plan with other steps."""
    return replace(plan, steps=tuple(steps))
