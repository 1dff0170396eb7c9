"""All rules of one family on one node: the tables of iptables and, where there is one, a table of nftables beside them.

The kernel calls both by priority: whose rules are whose does not matter to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from designer.engine.netfilter.evaluate import WalkContext
from designer.engine.netfilter.nft_program import NftProgram
from designer.engine.netfilter.nft_walk import walk_base
from designer.engine.netfilter.packet import Packet
from designer.engine.netfilter.program import Hook, Program
from designer.engine.netfilter.walk import HOOK_TABLES, Outcome, walk, walk_table

_Step = Callable[[Outcome, WalkContext], list[Outcome]]

# Table of iptables → its priority; that of nat depends on which end it translates.
_PRIORITIES = {"mangle": -150, "filter": 0}
_NAT_PRIORITIES: dict[str, int] = {"PREROUTING": -100, "OUTPUT": -100, "INPUT": 100, "POSTROUTING": 100}


@dataclass(frozen=True, slots=True, eq=False)
class RuleStack:
    """What one node's netfilter holds in one family; `nftables` is None where no such table is there."""

    iptables: Program
    nftables: NftProgram | None = None


def walk_stack(stack: RuleStack, hook: Hook, packet: Packet, context: WalkContext) -> tuple[Outcome, ...]:
    """All ways that a packet can leave a hook, as `walk` and `walk_nft` give them.

    Of several nat chains of a hook the first one that translates decides: the kernel asks no further one for this end
    of the connection (`nf_nat_inet_fn`). Of equal priorities nftables' chain is asked first.
    """
    if stack.nftables is None:
        return walk(stack.iptables, hook, packet, context)
    going = [(Outcome(Fraction(1), packet, "accept"), False)]
    for nat, step in _steps(stack, hook):
        after: list[tuple[Outcome, bool]] = []
        for outcome, settled in going:
            if nat and settled:
                after.append((outcome, settled))
                continue
            fresh = replace(outcome, dnat=False, snat=False)
            for found in step(fresh, context):
                done = nat and (found.dnat or found.snat)
                whole = replace(found, dnat=found.dnat or outcome.dnat, snat=found.snat or outcome.snat)
                after.append((whole, settled or done))
        going = after
    return tuple([outcome for outcome, _ in going])


def _steps(stack: RuleStack, hook: Hook) -> Iterator[tuple[bool, _Step]]:
    """Whether it translates, and what it does: every chain that stands at a hook, in the kernel's order."""
    found: list[tuple[int, int, bool, _Step]] = []
    if stack.nftables is not None:
        for base in stack.nftables.table.base_chains(hook.lower()):
            if base.hook is not None:
                step: _Step = partial(_nft_step, stack.nftables, base.name, hook)
                found.append((base.hook.priority, 0, base.hook.type == "nat", step))
    for name in HOOK_TABLES[hook]:
        priority = _NAT_PRIORITIES[hook] if name == "nat" else _PRIORITIES[name]
        found.append((priority, 1, name == "nat", partial(_iptables_step, stack.iptables, name, hook)))
    for _, _, nat, step in sorted(found, key=lambda item: item[:2]):
        yield nat, step


def _nft_step(program: NftProgram, name: str, hook: Hook, outcome: Outcome, context: WalkContext) -> list[Outcome]:
    base = program.table.chain(name)
    return [outcome] if base is None else walk_base(program, base, hook, outcome, context)


def _iptables_step(program: Program, name: str, hook: Hook, outcome: Outcome, context: WalkContext) -> list[Outcome]:
    return walk_table(program, name, hook, outcome, context)
