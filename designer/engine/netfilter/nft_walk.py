"""The evaluator of nftables: a packet walked through the base chains of one hook, statement by statement.

It answers with the same values as `walk` does for iptables. Every random choice splits the walk; each outcome keeps its
exact share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from designer.engine.netfilter import nft_statements as s
from designer.engine.netfilter import targets as t
from designer.engine.netfilter.evaluate import TESTS, WalkContext
from designer.engine.netfilter.nft_program import NftChain, NftProgram, NftRule, NftTable
from designer.engine.netfilter.nft_render import render_nft_rule, render_statement
from designer.engine.netfilter.packet import Packet, in_network
from designer.engine.netfilter.program import Hook
from designer.engine.netfilter.walk import Outcome, RuleHit, nat_applies, translated

# The kernel refuses to load a table whose jumps go deeper than this, or in a circle.
_MAX_DEPTH = 16
_MAX_HITS = 10_000


@dataclass(slots=True)
class _Place:
    """A chain being read, and the next of its rules."""

    chain: NftChain
    at: int = 0


@dataclass(slots=True)
class _Way:
    """One way through one base chain; `action` is what the rule before has said and is still to be carried out."""

    outcome: Outcome
    places: list[_Place]
    action: t.Target | None = None


def walk_nft(program: NftProgram, hook: Hook, packet: Packet, context: WalkContext) -> tuple[Outcome, ...]:
    """All ways that a packet can leave a hook, in the order of the rules; their shares add up to exactly 1.

    Base chains come by priority; dropped and rejected packets see no further one. Chains of type nat are asked only for
    the packet that begins a connection. Later packets and replies are not a matter of rules: see `conntrack`.
    `WalkContext.recent` holds, by the name of a set, whom its rules have noted and how many seconds ago.
    """
    going = [Outcome(Fraction(1), packet, "accept")]
    for base in program.table.base_chains(hook.lower()):
        going = [after for outcome in going for after in walk_base(program, base, hook, outcome, context)]
    return tuple(going)


def walk_base(program: NftProgram, base: NftChain, hook: Hook, outcome: Outcome, context: WalkContext) -> list[Outcome]:
    """What becomes of an outcome so far in one base chain; itself where that chain does not see the packet."""
    nat = base.hook is not None and base.hook.type == "nat"
    if outcome.verdict != "accept" or (nat and not nat_applies(outcome.packet)):
        return [outcome]
    found: list[Outcome] = []
    waiting = [_Way(outcome, [_Place(base)])]
    while waiting:
        found.append(_follow(waiting, program.table, context, hook))
    return found


def _follow(waiting: list[_Way], table: NftTable, context: WalkContext, hook: Hook) -> Outcome:
    """The outcome of the way that waits last, followed to the end of the base chain; others that it opens wait then."""
    way = waiting.pop()
    while True:
        if way.action is not None:
            action, way.action = way.action, None
            end = _act(action, way, table, context, hook)
            if end is not None:
                return end
        if not way.places:
            return way.outcome
        place = way.places[-1]
        if place.at >= len(place.chain.rules):
            way.places.pop()
            continue
        index, rule = place.at, place.chain.rules[place.at]
        place.at += 1
        choices = _run(rule, way, table, context)
        if choices is None:
            continue
        before = replace(way.outcome, share=way.outcome.share / max(len(choices), 1))
        first, *others = choices or (None,)
        for action in reversed(others):
            places = [_Place(each.chain, each.at) for each in way.places]
            waiting.append(_Way(_hit(before, table, place.chain, index, action), places, action))
        way.outcome, way.action = _hit(before, table, place.chain, index, first), first


def _hit(outcome: Outcome, table: NftTable, chain: NftChain, index: int, action: t.Target | None) -> Outcome:
    """The outcome with the rule among its hits; its target is what it said, or its last statement."""
    rule = chain.rules[index]
    target = render_statement(rule.statements[-1] if action is None else action, table.family)
    hit = RuleHit(table.name, chain.name, index, render_nft_rule(rule, table.family), target, rule.comment)
    return replace(outcome, hits=(*outcome.hits, hit))


def _run(rule: NftRule, way: _Way, table: NftTable, context: WalkContext) -> tuple[t.Target, ...] | None:
    """What the rule says: None when a statement does not fit, else the actions it chooses from, all with one chance.

    None to choose from means that the walk goes on. What statements did before one that does not fit stays done.
    """
    for statement in rule.statements:
        packet = way.outcome.packet
        match statement:
            case t.SetMark():
                way.outcome = replace(way.outcome, packet=replace(packet, mark=statement.apply(packet.mark)))
            case s.UpdateSet(name):
                way.outcome = replace(way.outcome, noted=(*way.outcome.noted, (name, packet.src)))
            case s.AddressIn():
                address = packet.src if statement.end == "saddr" else packet.dst
                if any(in_network(address, cidr) for cidr in statement.cidrs) == statement.negated:
                    return None
            case s.Lookup():
                if not _holds(statement, way.outcome, table, context):
                    return None
            case s.VerdictBy(fields, name):
                verdicts = table.set(name)
                found = verdicts.elements.get(_key(fields, packet)) if verdicts else None
                return (found.verdict,) if found is not None and found.verdict is not None else None
            case s.ChooseChain(chains):
                return tuple([t.Goto(chain) for chain in chains])
            case s.ChooseEndpoint(endpoints):
                return tuple([t.Dnat(address, port) for address, port in endpoints])
            case (
                t.Jump()
                | t.Goto()
                | t.Return()
                | t.Accept()
                | t.Drop()
                | t.Reject()
                | t.Dnat()
                | t.Snat()
                | t.Masquerade()
            ):
                return (statement,)
            case _:
                if not TESTS[type(statement)](statement, packet, context, {}):
                    return None
    return ()


def _key(fields: tuple[s.Field, ...], packet: Packet) -> tuple[str, ...]:
    """The packet's fields as the key of a set."""
    texts = {
        "saddr": packet.src,
        "daddr": packet.dst,
        "l4proto": packet.protocol.lower(),
        "dport": str(packet.dport),
    }
    return tuple([texts[name] for name in fields])


def _holds(lookup: s.Lookup, outcome: Outcome, table: NftTable, context: WalkContext) -> bool:
    """Whether the set holds the packet's fields, written there or noted by a rule not too long ago."""
    own = table.set(lookup.set_name)
    if own is None:
        return False
    key = _key(lookup.fields, outcome.packet)
    if own.holds(key) or (len(key) == 1 and (own.name, key[0]) in outcome.noted):
        return True
    age = context.recent.get(own.name, {}).get(key[0]) if len(key) == 1 else None
    return age is not None and (own.timeout is None or age < own.timeout)


def _act(action: t.Target, way: _Way, table: NftTable, context: WalkContext, hook: Hook) -> Outcome | None:
    """What an action does: the outcome when it ends the base chain, None when the walk goes on."""
    match action:
        case t.Jump(name) | t.Goto(name):
            chain = table.chain(name)
            if chain is None or len(way.places) >= _MAX_DEPTH or len(way.outcome.hits) >= _MAX_HITS:
                # nft refuses a table that jumps nowhere or in circles, so no node can hold this rule.
                raise ValueError(f"table {table.name} cannot be loaded: {name} is not there or goes in a circle")
            if isinstance(action, t.Goto):
                way.places.pop()
            way.places.append(_Place(chain))
            return None
        case t.Return():
            way.places.pop()
            return None
        case t.Drop():
            return replace(way.outcome, verdict="drop")
        case t.Reject(answer):
            return replace(way.outcome, verdict="reject", reject_with=answer)
        case t.Dnat() | t.Snat() | t.Masquerade():
            return translated(action, way.outcome, context, hook)
        case _:
            return way.outcome
