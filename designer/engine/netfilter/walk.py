"""The evaluator: a packet walked through the tables of one hook, rule by rule, as the kernel does it.

Every random choice splits the walk; each outcome keeps its exact share. The work grows with the rules that are read,
not with the number of ways: a chain of n endpoints costs n steps and gives n outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from designer.engine.netfilter import targets as t
from designer.engine.netfilter.evaluate import TESTS, WalkContext
from designer.engine.netfilter.matches import (
    Destination,
    InInterface,
    OutInterface,
    Proto,
    RandomChance,
    RecentCheck,
    RecentSet,
    Source,
)
from designer.engine.netfilter.packet import Packet
from designer.engine.netfilter.program import Chain, Hook, Program, Rule, Table
from designer.engine.netfilter.render import render_rule, render_target

Verdict = Literal["accept", "drop", "reject"]

# Hook → its tables in the kernel's order of priority (mangle -150, nat -100 for the destination, filter 0, nat 100 for
# the source).
HOOK_TABLES: dict[str, tuple[str, ...]] = {
    "PREROUTING": ("mangle", "nat"),
    "INPUT": ("mangle", "filter", "nat"),
    "FORWARD": ("mangle", "filter"),
    "OUTPUT": ("mangle", "nat", "filter"),
    "POSTROUTING": ("mangle", "nat"),
}

# More rules on one way than this, or a jump deeper than this, is a circle: iptables refuses to load such tables.
_MAX_HITS = 10_000
_MAX_DEPTH = 256

# What is written into a rule's own header and not asked of a module.
_HEADER = (Proto, Source, Destination, InInterface, OutInterface)


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that matched: where it stands (`index` from 0), how it is written, and what it did.

    `target` is the target's text without ``-j`` ("" for a rule that only counts), `comment` the rule's comment.
    """

    table: str
    chain: str
    index: int
    text: str
    target: str
    comment: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way that the hook can end.

    `share` is its exact part of all connections; the shares of a walk add up to 1. `packet` is the packet afterwards.
    `hits` are the rules that matched, in order. `dnat`, `snat` and `masquerade` say what this hook translated;
    `random_port` that the kernel picks the new source port by chance (the packet keeps showing the old one).
    `reject_with` is the answer of a rejection ("" for the family's port-unreachable). `policy` names the built-in chain
    ("filter FORWARD") whose policy decided a drop. `noted` are the entries made in recent lists: (list, address).
    """

    share: Fraction
    packet: Packet
    verdict: Verdict
    hits: tuple[RuleHit, ...] = ()
    dnat: bool = False
    snat: bool = False
    masquerade: bool = False
    random_port: bool = False
    reject_with: str = ""
    policy: str = ""
    noted: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Frame:
    """A chain being read: the positions still to look at begin at `at`."""

    chain: Chain
    positions: Sequence[int]
    at: int = 0

    def copy(self) -> _Frame:
        return _Frame(self.chain, self.positions, self.at)


@dataclass(slots=True)
class _State:
    """One way through one table, on its way."""

    outcome: Outcome
    frames: list[_Frame]


def nat_applies(packet: Packet) -> bool:
    """Whether the kernel consults the nat table: only for the packet that begins a connection.

    RELATED connections begin one too; an ICMP error that is RELATED is translated with the connection it belongs to.
    """
    return packet.ct_state == "NEW" or (packet.ct_state == "RELATED" and packet.protocol != "ICMP")


def walk(program: Program, hook: Hook, packet: Packet, context: WalkContext) -> tuple[Outcome, ...]:
    """All ways that a packet can leave a hook, in the order of the rules; their shares add up to exactly 1.

    Protocols are TCP, UDP, SCTP and ICMP; ``-p tcp`` and its kin tell them apart, port matches never fit ICMP. Tables
    come in the kernel's order; dropped and rejected packets see no further table. Connections are taken to be tracked,
    as they are wherever any rule asks for their state or translates. Translating a connection's later packets and its
    replies is not a matter of rules: see `conntrack`.
    """
    going = [Outcome(Fraction(1), packet, "accept")]
    for name in HOOK_TABLES[hook]:
        going = [after for outcome in going for after in walk_table(program, name, hook, outcome, context)]
    return tuple(going)


def walk_table(program: Program, name: str, hook: Hook, outcome: Outcome, context: WalkContext) -> list[Outcome]:
    """What becomes of an outcome so far in one table of a hook; itself where that table does not see the packet."""
    table = program.table(name)
    base = table.chain(hook) if table else None
    if table is None or base is None or outcome.verdict != "accept":
        return [outcome]
    if name == "nat" and not nat_applies(outcome.packet):
        return [outcome]
    return _walk_table(program, table, base, outcome, context, hook)


def _frame(chain: Chain, packet: Packet) -> _Frame:
    return _Frame(chain, chain.candidates(packet.dst, packet.dport))


def _walk_table(
    program: Program, table: Table, base: Chain, start: Outcome, context: WalkContext, hook: Hook
) -> list[Outcome]:
    """The outcomes of one table, from one outcome of the tables before it."""
    finished: list[Outcome] = []
    waiting = [_State(start, [_frame(base, start.packet)])]
    while waiting:
        state = waiting.pop()
        end: Outcome | None = None
        while end is None:
            frame = state.frames[-1]
            if frame.at >= len(frame.positions):
                end = _leave(state, base, table)
                continue
            position = frame.positions[frame.at]
            frame.at += 1
            rule = frame.chain.rules[position]
            chance, noted = _test(rule, state, program, context)
            if chance == 0:
                continue
            if chance != 1:
                other = replace(state.outcome, share=state.outcome.share * (1 - chance))
                waiting.append(_State(other, [frame.copy() for frame in state.frames]))
                state.outcome = replace(state.outcome, share=state.outcome.share * chance)
            if noted:
                state.outcome = replace(state.outcome, noted=state.outcome.noted + noted)
            hit = RuleHit(
                table.name,
                frame.chain.name,
                position,
                render_rule(rule, frame.chain.name),
                render_target(rule.target),
                rule.comment,
            )
            state.outcome = replace(state.outcome, hits=(*state.outcome.hits, hit))
            end = _act(rule.target, state, table, base, context, hook)
        finished.append(end)
    return finished


def _test(
    rule: Rule, state: _State, program: Program, context: WalkContext
) -> tuple[Fraction | int, tuple[tuple[str, str], ...]]:
    """The chance that the rule matches: 0, 1, or what its random match says; and what a match puts into recent lists.

    The kernel asks for addresses, interfaces and protocol first, wherever they are written, then for the modules in
    order. A module that notes the packet does so when it is reached, even if a later one then does not match.
    """
    chance: Fraction | int = 1
    packet = state.outcome.packet
    noted: list[tuple[str, str]] = []
    matches = rule.matches
    if any(type(match) is RecentSet for match in matches):
        matches = tuple(sorted(matches, key=lambda match: type(match) not in _HEADER))
    for match in matches:
        if isinstance(match, RandomChance):
            chance = chance * match.probability
            continue
        if isinstance(match, RecentSet):
            noted.append(_entry(match, packet))
            continue
        if isinstance(match, RecentCheck) and _entry(match, packet) in (*state.outcome.noted, *noted):
            fits = not match.negated  # this very packet was noted before
        else:
            fits = TESTS[type(match)](match, packet, context, program.sets)
        if not fits:
            if noted:
                state.outcome = replace(state.outcome, noted=(*state.outcome.noted, *noted))
            return 0, ()
    return chance, tuple(noted)


def _entry(match: RecentSet | RecentCheck, packet: Packet) -> tuple[str, str]:
    """What a recent match writes down or looks for: list and address."""
    return match.name, packet.dst if match.by_dest else packet.src


def _leave(state: _State, base: Chain, table: Table) -> Outcome | None:
    """The end of a chain: back to the caller (None), or the policy of the built-in chain."""
    state.frames.pop()
    if state.frames:
        return None
    if base.policy == "DROP":
        return replace(state.outcome, verdict="drop", policy=f"{table.name} {base.name}")
    return state.outcome


def _act(
    target: t.Target | None, state: _State, table: Table, base: Chain, context: WalkContext, hook: Hook
) -> Outcome | None:
    """What a matching rule does: the outcome when it ends the table, None when the walk goes on."""
    outcome = state.outcome
    match target:
        case None:
            return None
        case t.Jump(name) | t.Goto(name):
            chain = table.chain(name)
            if chain is None or len(state.frames) >= _MAX_DEPTH or len(outcome.hits) >= _MAX_HITS:
                # iptables-restore refuses a table that jumps nowhere or in circles, so no node can hold this rule.
                raise ValueError(
                    f"table {table.name} cannot be loaded: the jump to {name} leads nowhere or in a circle"
                )
            if isinstance(target, t.Goto):
                state.frames.pop()
                if not state.frames:
                    # Coming back from a chain that a built-in chain went to means that chain's policy.
                    state.frames.append(_Frame(base, ()))
            state.frames.append(_frame(chain, outcome.packet))
            return None
        case t.Return():
            return _leave(state, base, table)
        case t.SetMark():
            state.outcome = replace(outcome, packet=replace(outcome.packet, mark=target.apply(outcome.packet.mark)))
            return None
        case t.Accept():
            return outcome
        case t.Drop():
            return replace(outcome, verdict="drop")
        case t.Reject(answer):
            return replace(outcome, verdict="reject", reject_with=answer)
        case _:
            return translated(target, outcome, context, hook)


def translated(target: t.Dnat | t.Snat | t.Masquerade, outcome: Outcome, context: WalkContext, hook: Hook) -> Outcome:
    """The outcome after address translation, which always ends the nat table."""
    packet = outcome.packet
    if isinstance(target, t.Dnat):
        port = packet.dport if target.port is None else target.port
        changed = replace(packet, dst=target.address, dport=port, dnat=True)
        if hook == "OUTPUT" and context.outgoing is not None:
            changed = replace(changed, out_iface=context.outgoing(target.address))
        return replace(outcome, packet=changed, dnat=True)
    if isinstance(target, t.Snat):
        changed = replace(packet, src=target.address, snat=True)
        return replace(outcome, packet=changed, snat=True, random_port=target.random_fully)
    address = context.masquerade_address(packet)
    if address is None:
        return replace(outcome, verdict="drop", masquerade=True)
    changed = replace(packet, src=address, snat=True)
    return replace(outcome, packet=changed, masquerade=True, snat=True, random_port=target.random_fully)
