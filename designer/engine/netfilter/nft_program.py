"""One nftables table with its chains, sets and maps: what `nft list table` shows of one node, as values.

Chains and sets that belong together may stand in a `NftGroup`, which makes them when one is first asked for, and the
elements of a set may come in many parts: reading one Service of thousands does not make the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from designer.engine.netfilter.nft_statements import Statement
from designer.engine.netfilter.targets import Drop, Goto

FamilyName = Literal["ip", "ip6"]
Verdict = Goto | Drop


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a base chain is called: ``type nat hook prerouting priority -100``."""

    type: Literal["filter", "nat"]
    hook: Literal["prerouting", "input", "forward", "output", "postrouting"]
    priority: int


@dataclass(frozen=True, slots=True)
class NftRule:
    """Statements in their order: the first one that does not fit ends the rule. `comment` is "" without."""

    statements: tuple[Statement, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class NftChain:
    """A chain; `hook` makes it a base chain, whose policy is accept."""

    name: str
    rules: tuple[NftRule, ...]
    hook: Hook | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class NftElement:
    """An element of a set, or with `verdict` of a verdict map. `key` has one text for each part of the set's type."""

    key: tuple[str, ...]
    verdict: Verdict | None = None
    comment: str = ""


Elements = tuple[NftElement, ...]


@dataclass(frozen=True, slots=True)
class NftSet:
    """A named set, or with `verdicts` a verdict map. `types` are the types of its key's parts.

    `timeout` (seconds) is how long an element stays that a rule has noted; None for ever. `parts` hold the elements;
    `order` are the places of the parts in the order of adding, None for that of `parts`: see `elements`. `asked` tells
    whether groups put an element of that key into it, so that looking for one does not make them all.
    """

    name: str
    types: tuple[str, ...]
    comment: str = ""
    verdicts: bool = False
    flags: tuple[str, ...] = ()
    timeout: int | None = None
    parts: Sequence[Elements] = ()
    order: Sequence[int] | None = None
    asked: Callable[[tuple[str, ...]], bool] | None = field(default=None, compare=False, repr=False)
    _known: dict[tuple[str, ...], NftElement] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def elements(self) -> Mapping[tuple[str, ...], NftElement]:
        """Its elements by key. Of two with one key the later one counts, unless both say the same."""
        if not self._known:
            parts = self.parts if self.order is None else [self.parts[place] for place in self.order]
            for element in chain.from_iterable(parts):
                before = self._known.get(element.key)
                if before is None or before.verdict != element.verdict:
                    self._known[element.key] = element  # a memo: it changes nothing that anybody can see
        return self._known

    def holds(self, key: tuple[str, ...]) -> bool:
        """Whether an element of that key is in it; what rules have noted since is not known here."""
        return key in self.elements or (self.asked is not None and self.asked(key))


@dataclass(frozen=True, slots=True)
class Contents:
    """What a group holds: chains, sets, and elements of a set of the table, by the name of that set."""

    chains: tuple[NftChain, ...]
    sets: tuple[NftSet, ...] = ()
    elements: tuple[tuple[str, NftElement], ...] = ()


@dataclass(frozen=True, slots=True)
class GroupText:
    """The written lines of a group: of each chain (name, declaration, rules), of each set (name, declaration)."""

    chains: tuple[tuple[str, str, str], ...]
    sets: tuple[tuple[str, str], ...]
    elements: tuple[tuple[str, NftElement], ...]


@dataclass(frozen=True, slots=True, eq=False)
class NftGroup:
    """Chains and sets that are made together when one of the `entries` (names of chains) is first asked for.

    Only the entries may be gone to from outside the group. `make` is pure; its answer is kept.
    """

    entries: tuple[str, ...]
    make: Callable[[], Contents]
    _made: Contents | None = field(default=None, init=False, repr=False)
    _text: GroupText | None = field(default=None, init=False, repr=False)

    def contents(self, keep: bool = True) -> Contents:
        """What it holds; without `keep` it is made for this once if nobody has asked before."""
        made = self._made
        if made is None:
            made = self.make()
            if keep:
                object.__setattr__(self, "_made", made)  # a memo: it changes nothing that anybody can see
        return made

    def text(self, write: Callable[[Contents], GroupText]) -> GroupText:
        """The group as `write` writes it, written once and kept."""
        text = self._text
        if text is None:
            text = write(self.contents(keep=False))
            object.__setattr__(self, "_text", text)  # a memo, as above
        return text


@dataclass(frozen=True, slots=True, eq=False)
class NftTable:
    """A table: chains, sets and maps, and the groups made on demand."""

    family: FamilyName
    name: str
    comment: str
    chains: tuple[NftChain, ...]
    sets: tuple[NftSet, ...]
    groups: tuple[NftGroup, ...] = ()
    _chains: dict[str, NftChain] = field(default_factory=dict, init=False, compare=False, repr=False)
    _sets: dict[str, NftSet] = field(default_factory=dict, init=False, compare=False, repr=False)
    _entries: dict[str, NftGroup] = field(default_factory=dict, init=False, compare=False, repr=False)

    def chain(self, name: str) -> NftChain | None:
        """The chain of that name, None when there is none that has been made or is an entry of a group."""
        self._fill()
        if name not in self._chains and name in self._entries:
            made = self._entries[name].contents()
            self._chains.update((chain.name, chain) for chain in made.chains)
            self._sets.update((each.name, each) for each in made.sets)
        return self._chains.get(name)

    def set(self, name: str) -> NftSet | None:
        """The set or map of that name, without the elements that groups put into it; None as for `chain`."""
        self._fill()
        return self._sets.get(name)

    def _fill(self) -> None:
        if not self._chains:
            self._entries.update((entry, group) for group in self.groups for entry in group.entries)
            self._chains.update((chain.name, chain) for chain in self.chains)
            self._sets.update((each.name, each) for each in self.sets)

    def all_chains(self) -> Iterator[NftChain]:
        """Every chain, those of the groups made for this once."""
        yield from self.chains
        for group in self.groups:
            yield from group.contents(keep=False).chains

    def base_chains(self, hook: str) -> tuple[NftChain, ...]:
        """The base chains of a hook ("prerouting", …), lowest priority first, as the kernel calls them."""
        found = [(chain.hook.priority, chain) for chain in self.chains if chain.hook and chain.hook.hook == hook]
        return tuple([chain for _, chain in sorted(found, key=lambda pair: pair[0])])


@dataclass(frozen=True, slots=True, eq=False)
class NftProgram:
    """Everything of one family that kube-proxy's nftables mode holds on one node."""

    family: Literal[4, 6]
    node: str
    table: NftTable
