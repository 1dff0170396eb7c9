"""Statements that only nftables has (nft(8)): sets, maps, verdict maps and choices by a random number, as values.

What iptables and nftables share (addresses, interfaces, marks, jumps, translation, …) are the values of `matches` and
`targets`; `nft_render` writes them in nft's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.engine.netfilter import matches as m
from designer.engine.netfilter import targets as t

# What of a packet is looked up: an address, the transport protocol, or its destination port.
Field = Literal["saddr", "daddr", "l4proto", "dport"]


@dataclass(frozen=True, slots=True)
class AddressIn:
    """``ip saddr != { a , b }``: the address at one end ("saddr" or "daddr") lies in one of the `cidrs`.

    With `tight`, the list is written without blanks.
    """

    end: Literal["saddr", "daddr"]
    cidrs: tuple[str, ...]
    negated: bool = False
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """``ip daddr . meta l4proto @set``: the packet's `fields` together are an element of the set."""

    fields: tuple[Field, ...]
    set_name: str


@dataclass(frozen=True, slots=True)
class UpdateSet:
    """``update @set { ip saddr }``: notes the source in a set, or renews its time there; goes on."""

    set_name: str


@dataclass(frozen=True, slots=True)
class VerdictBy:
    """``ip daddr . th dport vmap @map``: what the map says for the `fields`; goes on where it says nothing."""

    fields: tuple[Field, ...]
    map_name: str


@dataclass(frozen=True, slots=True)
class ChooseChain:
    """``numgen random mod N vmap { 0 : goto a , … }``: goes to one of N chains, each with the same chance."""

    chains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChooseEndpoint:
    """``dnat ip addr . port to numgen random mod N map { 0 : 10.0.0.1 . 80 , … }``: one of N addresses and ports."""

    endpoints: tuple[tuple[str, int], ...]


Statement = m.Match | t.Target | AddressIn | Lookup | UpdateSet | VerdictBy | ChooseChain | ChooseEndpoint
