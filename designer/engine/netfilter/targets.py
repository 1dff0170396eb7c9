"""The targets of an iptables rule as values (iptables-extensions(8)); a rule without target only counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Jump:
    """``-j CHAIN``: go on in a chain; coming back goes on with the next rule."""

    chain: str


@dataclass(frozen=True, slots=True)
class Goto:
    """``-g CHAIN``: go on in a chain; coming back goes on where the *calling* chain was left."""

    chain: str


@dataclass(frozen=True, slots=True)
class Return:
    """``-j RETURN``: back to the calling chain, in a built-in chain its policy."""


@dataclass(frozen=True, slots=True)
class Accept:
    """``-j ACCEPT``: done with this table; the packet goes on to the next one."""


@dataclass(frozen=True, slots=True)
class Drop:
    """``-j DROP``: gone without a word."""


@dataclass(frozen=True, slots=True)
class Reject:
    """``-j REJECT``: gone, with an answer; `reject_with` "" is the family's port-unreachable."""

    reject_with: str = ""


@dataclass(frozen=True, slots=True)
class SetMark:
    """``-j MARK``; goes on with the next rule.

    `style` "or" is ``--or-mark value``, "xor" ``--xor-mark value``, "xset" ``--set-xmark value/mask`` (clears the bits
    of `mask`, then flips those of `value`).
    """

    style: Literal["or", "xor", "xset"]
    value: int
    mask: int = 0xFFFFFFFF

    def apply(self, mark: int) -> int:
        """The mark afterwards."""
        if self.style == "or":
            return mark | self.value
        return (mark if self.style == "xor" else mark & ~self.mask & 0xFFFFFFFF) ^ self.value


@dataclass(frozen=True, slots=True)
class Dnat:
    """``-j DNAT --to-destination address[:port]``; `port` None keeps the packet's."""

    address: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Snat:
    """``-j SNAT --to-source address``; the source port is kept where it is free (always, with `random_fully` never)."""

    address: str
    random_fully: bool = False


@dataclass(frozen=True, slots=True)
class Masquerade:
    """``-j MASQUERADE``: the source becomes the address of the outgoing interface."""

    random_fully: bool = False


Target = Jump | Goto | Return | Accept | Drop | Reject | SetMark | Dnat | Snat | Masquerade
