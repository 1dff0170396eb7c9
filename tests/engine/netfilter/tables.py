"""Small tables for tests, and the shortest way to walk them."""

from designer.engine.netfilter import (
    Chain,
    Hook,
    IpSet,
    Outcome,
    Packet,
    Program,
    Rule,
    Table,
    WalkContext,
    built_in_chains,
    walk,
)
from designer.engine.netfilter.matches import Match
from designer.engine.netfilter.program import TableName
from designer.engine.netfilter.targets import Accept, Target

# A node: loopback, a card, a bridge, an interface without addresses.
NODE = WalkContext(
    {
        "lo": ("127.0.0.1", "::1"),
        "eth0": ("192.168.10.11", "fd00:192:168:10::b"),
        "cni0": ("10.244.1.1",),
        "cali1": (),
    }
)


def rule(*parts: Match | Target) -> Rule:
    """A rule of matches and, last, perhaps a target."""
    last = parts[-1] if parts and isinstance(parts[-1], Target) else None
    return Rule(tuple(p for p in parts if not isinstance(p, Target)), last)


def table(name: TableName, policy_drop: str = "", /, **chains: list[Rule]) -> Table:
    """A table of chains by name; `policy_drop` names the built-in chain whose policy is DROP."""
    built_in = built_in_chains(name, {key: tuple(rules) for key, rules in chains.items()})
    base = tuple(Chain(c.name, c.rules, "DROP" if c.name == policy_drop else c.policy) for c in built_in)
    known = {c.name for c in base}
    return Table(name, base + tuple(Chain(key, tuple(rules)) for key, rules in chains.items() if key not in known))


def go(
    packet: Packet, hook: Hook, *tables: Table, context: WalkContext = NODE, sets: dict[str, IpSet] | None = None
) -> tuple[Outcome, ...]:
    return walk(Program(packet.family, "node-1", tables, sets or {}), hook, packet, context)


def one(
    packet: Packet, hook: Hook, *tables: Table, context: WalkContext = NODE, sets: dict[str, IpSet] | None = None
) -> Outcome:
    """The only outcome of a walk without chance."""
    outcomes = go(packet, hook, *tables, context=context, sets=sets)
    assert len(outcomes) == 1
    return outcomes[0]


def matches(packet: Packet, match: Match, context: WalkContext = NODE, sets: dict[str, IpSet] | None = None) -> bool:
    """Whether a rule with just this match is hit."""
    outcome = one(packet, "FORWARD", table("filter", FORWARD=[rule(match, Accept())]), context=context, sets=sets)
    return bool(outcome.hits)


def where(outcome: Outcome) -> list[str]:
    """The rules hit, as ``CHAIN 0``."""
    return [f"{hit.chain} {hit.index}" for hit in outcome.hits]
