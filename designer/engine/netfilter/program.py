"""Rules, chains, tables and programs: what iptables holds on one node, as values.

A table may hold `ChainGroup`s besides its chains: chains that are made when first asked for. A walk makes only those on
its way; rendering makes all. Either way the same chains come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import compress, count
from operator import is_not
from typing import Literal

from designer.engine.netfilter.ipset import IpSet
from designer.engine.netfilter.matches import Comment, Destination, DestinationPort, Match
from designer.engine.netfilter.packet import canonical
from designer.engine.netfilter.targets import Target

Hook = Literal["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]
TableName = Literal["mangle", "nat", "filter"]

# The built-in chains of each table, in the order in which iptables-save lists them.
BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
}

# From this many rules on, a chain is looked up by destination instead of being read rule by rule.
_INDEX_FROM = 12
# Up to so many rules that are others, an index by destination is patched; beyond it is made anew.
_PATCH_UP_TO = 100

_Key = tuple[str | None, int | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches in the order of writing, and what happens when all of them match (None: nothing, the rule counts)."""

    matches: tuple[Match, ...]
    target: Target | None

    @property
    def comment(self) -> str:
        """Its comment, "" without."""
        return next((match.text for match in self.matches if isinstance(match, Comment)), "")


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain; `policy` is what a built-in chain does at its end, None for a user's chain (which returns)."""

    name: str
    rules: tuple[Rule, ...]
    policy: Literal["ACCEPT", "DROP"] | None = None
    _index: dict[_Key, list[int]] | None = field(default=None, init=False, compare=False, repr=False)

    def candidates(self, dst: str, dport: int) -> tuple[int, ...] | range:
        """Positions, in order, of all rules that may match a packet to `dst` and `dport`; the others cannot.

        Only rules with a plain single address or port as destination are told apart, so that finding one Service in a
        chain of thousands does not read them all.
        """
        if len(self.rules) < _INDEX_FROM:
            return range(len(self.rules))
        index = self._index
        if index is None:
            index = {}
            for position, rule in enumerate(self.rules):
                index.setdefault(_key(rule), []).append(position)
            self._keep(index)
        keys: tuple[_Key, ...] = ((dst, dport), (dst, None), (None, dport), (None, None))
        found = [index[key] for key in keys if index.get(key)]
        if len(found) == 1:
            return tuple(found[0])
        return tuple(sorted(position for positions in found for position in positions))

    def _keep(self, index: dict[_Key, list[int]]) -> None:
        object.__setattr__(self, "_index", index)  # a memo: it changes nothing that anybody can see

    def with_rules(self, rules: tuple[Rule, ...]) -> Chain:
        """A chain of this name with other rules; where few of them are others, what is known of this one is used."""
        if rules is self.rules:
            return self
        made, index = Chain(self.name, rules, self.policy), self._index
        if index is None or len(rules) != len(self.rules):
            return made
        changed = list(compress(count(), map(is_not, rules, self.rules)))
        if len(changed) > _PATCH_UP_TO:
            return made
        index = dict(index)
        for position in changed:
            old, new = _key(self.rules[position]), _key(rules[position])
            index[old] = [other for other in index[old] if other != position]
            index[new] = sorted([*index.get(new, ()), position])
        made._keep(index)
        return made


def _key(rule: Rule) -> _Key:
    dst: str | None = None
    dport: int | None = None
    for match in rule.matches:
        if isinstance(match, Destination) and not match.negated and "/" not in match.cidr:
            dst = canonical(match.cidr) if ":" in match.cidr else match.cidr
        elif isinstance(match, DestinationPort) and not match.negated and match.last is None:
            dport = match.first
    return dst, dport


@dataclass(frozen=True, slots=True, eq=False)
class ChainGroup:
    """Chains that are made together when one of the `entries` (names of some of them) is first asked for.

    Only the entries may be jumped to from outside the group. `make` is pure; its answer is kept.
    """

    entries: tuple[str, ...]
    make: Callable[[], tuple[Chain, ...]]
    _made: tuple[Chain, ...] | None = field(default=None, init=False, repr=False)
    _text: tuple[str, str] | None = field(default=None, init=False, repr=False)

    def chains(self, keep: bool = True) -> tuple[Chain, ...]:
        """The chains of the group; without `keep` they are made for this once if nobody has asked before."""
        made = self._made
        if made is None:
            made = self.make()
            if keep:
                object.__setattr__(self, "_made", made)  # a memo: it changes nothing that anybody can see
        return made

    def text(self, write: Callable[[tuple[Chain, ...]], tuple[str, str]]) -> tuple[str, str]:
        """Declarations and rules of the group as `write` writes them, written once and kept.

        Keeping text instead of chains keeps a big program's hundreds of thousands of values out of memory.
        """
        text = self._text
        if text is None:
            text = write(self.chains(keep=False))
            object.__setattr__(self, "_text", text)  # a memo, as above
        return text


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table: chains (built-in ones first), then the groups of chains made on demand."""

    name: TableName
    chains: tuple[Chain, ...]
    groups: tuple[ChainGroup, ...] = ()
    _known: dict[str, Chain] = field(default_factory=dict, init=False, compare=False, repr=False)
    _entries: dict[str, ChainGroup] = field(default_factory=dict, init=False, compare=False, repr=False)

    def chain(self, name: str) -> Chain | None:
        """The chain of that name, None when there is none that has been made or is an entry of a group."""
        if not self._known:
            self._entries.update((entry, group) for group in self.groups for entry in group.entries)
            self._known.update((chain.name, chain) for chain in self.chains)
        if name not in self._known and name in self._entries:
            self._known.update((chain.name, chain) for chain in self._entries[name].chains())
        return self._known.get(name)

    def all_chains(self) -> Iterator[Chain]:
        """Every chain, those of the groups made for this once."""
        yield from self.chains
        for group in self.groups:
            yield from group.chains(keep=False)


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Everything of one family that one node's netfilter holds: tables, and the ip sets that rules ask."""

    family: Literal[4, 6]
    node: str
    tables: tuple[Table, ...]
    sets: Mapping[str, IpSet] = field(default_factory=dict)

    def table(self, name: str) -> Table | None:
        """The table of that name, None when the program has nothing in it."""
        return next((table for table in self.tables if table.name == name), None)


def built_in_chains(table: TableName, rules: Mapping[str, tuple[Rule, ...]]) -> tuple[Chain, ...]:
    """All built-in chains of a table with policy ACCEPT, holding `rules` by chain name."""
    return tuple(Chain(name, rules.get(name, ()), "ACCEPT") for name in BUILT_IN[table])


def combine(first: Program, *others: Program) -> Program:
    """One program that holds all: rules of the same built-in chain stand in the order of the programs.

    For programs of the same node and family whose own chains have different names. Where two give a built-in chain
    different policies, the last one that says DROP wins, as setting a policy does.
    """
    programs = (first, *others)
    names = [table.name for program in programs for table in program.tables]
    tables = []
    for name in dict.fromkeys(names):
        parts = [table for program in programs if (table := program.table(name))]
        chains: dict[str, Chain] = {}
        for chain in (chain for part in parts for chain in part.chains):
            known = chains.get(chain.name)
            if known is None:
                chains[chain.name] = chain
                continue
            policy = "DROP" if "DROP" in (known.policy, chain.policy) else known.policy
            chains[chain.name] = Chain(chain.name, known.rules + chain.rules, policy)
        tables.append(Table(name, tuple(chains.values()), tuple(group for part in parts for group in part.groups)))
    sets = {name: value for program in programs for name, value in program.sets.items()}
    return Program(first.family, first.node, tuple(tables), sets)
