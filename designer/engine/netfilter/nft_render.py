"""nftables tables as nft commands that create them, sorted by the names of objects.

Every statement has one writer; `_WRITERS` is the whole grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain as joined
from typing import Any

from designer.engine.netfilter import matches as m
from designer.engine.netfilter import nft_statements as s
from designer.engine.netfilter import targets as t
from designer.engine.netfilter.nft_program import (
    Contents,
    GroupText,
    NftChain,
    NftElement,
    NftProgram,
    NftRule,
    NftSet,
    NftTable,
    Verdict,
)
from designer.engine.netfilter.render import address_and_port, hex_mark

_PORT_FIELDS = {"l4proto": "meta l4proto", "dport": "th dport"}


def _unequal(negated: bool) -> str:
    return "!= " if negated else ""


def _interface(pattern: str) -> str:
    """An interface name in nft's spelling, where ``*`` stands for any ending."""
    return f"{pattern[:-1]}*" if pattern.endswith("+") else pattern


def _fields(fields: tuple[s.Field, ...], ip: str) -> str:
    return " . ".join([_PORT_FIELDS.get(name, f"{ip} {name}") for name in fields])


def _ct_state(match: m.CtStateIs, ip: str) -> str:
    kind = "status" if match.states[0] in ("DNAT", "SNAT") else "state"
    return f"ct {kind} {_unequal(match.negated)}{','.join(match.states).lower()}"


def _mark_is(match: m.MarkIs, ip: str) -> str:
    value = hex_mark(match.value) if match.value else "0"
    return f"mark and {hex_mark(match.mask)} {'!=' if match.negated else '=='} {value}"


def _fib(match: m.AddrType, ip: str) -> str:
    return f"fib {'saddr' if match.end == 'src' else 'daddr'} type {_unequal(match.negated)}local"


def _address_in(match: s.AddressIn, ip: str) -> str:
    cidrs = ("," if match.tight else " , ").join(match.cidrs)
    return f"{ip} {match.end} {_unequal(match.negated)}{{ {cidrs} }}"


def _choose_chain(target: s.ChooseChain, ip: str) -> str:
    choices = " , ".join([f"{number} : goto {name}" for number, name in enumerate(target.chains)])
    return f"numgen random mod {len(target.chains)} vmap {{ {choices} }}"


def _choose_endpoint(target: s.ChooseEndpoint, ip: str) -> str:
    choices = " , ".join([f"{number} : {address} . {port}" for number, (address, port) in enumerate(target.endpoints)])
    return f"dnat {ip} addr . port to numgen random mod {len(target.endpoints)} map {{ {choices} }}"


# Type → its words; `ip` is "ip" or "ip6", the family whose addresses are meant.
_WRITERS: dict[type, Callable[[Any, str], str]] = {
    m.Proto: lambda x, ip: f"meta l4proto {_unequal(x.negated)}{x.name}",
    m.Source: lambda x, ip: f"{ip} saddr {_unequal(x.negated)}{x.cidr}",
    m.Destination: lambda x, ip: f"{ip} daddr {_unequal(x.negated)}{x.cidr}",
    m.InInterface: lambda x, ip: f"iifname {_unequal(x.negated)}{_interface(x.name)}",
    m.MarkIs: _mark_is,
    m.CtStateIs: _ct_state,
    m.AddrType: _fib,
    s.AddressIn: _address_in,
    s.Lookup: lambda x, ip: f"{_fields(x.fields, ip)} @{x.set_name}",
    s.UpdateSet: lambda x, ip: f"update @{x.set_name} {{ {ip} saddr }}",
    s.VerdictBy: lambda x, ip: f"{_fields(x.fields, ip)} vmap @{x.map_name}",
    s.ChooseChain: _choose_chain,
    s.ChooseEndpoint: _choose_endpoint,
    t.Jump: lambda x, ip: f"jump {x.chain}",
    t.Goto: lambda x, ip: f"goto {x.chain}",
    t.Return: lambda x, ip: "return",
    t.Accept: lambda x, ip: "accept",
    t.Drop: lambda x, ip: "drop",
    t.Reject: lambda x, ip: "reject",
    t.SetMark: lambda x, ip: f"mark set mark {x.style} {hex_mark(x.value)}",
    t.Dnat: lambda x, ip: f"dnat to {address_and_port(x.address, x.port)}",
    t.Masquerade: lambda x, ip: "masquerade" + (" fully-random" if x.random_fully else ""),
}


def render_statement(statement: s.Statement, ip: str) -> str:
    """One statement; `ip` is "ip" or "ip6"."""
    return _WRITERS[type(statement)](statement, ip)


def render_nft_rule(rule: NftRule, ip: str) -> str:
    """The rule as it stands in its chain: statements, then the comment."""
    words = [_WRITERS[type(statement)](statement, ip) for statement in rule.statements]
    return " ".join([*words, f'comment "{rule.comment}"'] if rule.comment else words)


def render_verdict(verdict: Verdict) -> str:
    """``drop`` or ``goto CHAIN``."""
    return "drop" if isinstance(verdict, t.Drop) else f"goto {verdict.chain}"


def render_element(element: NftElement) -> str:
    """The element as it stands between braces: key, comment, verdict."""
    text = " . ".join(element.key)
    if element.comment:
        text += f' comment "{element.comment}"'
    return text if element.verdict is None else f"{text} : {render_verdict(element.verdict)}"


def render_nft(program: NftProgram) -> str:
    """The table as nft commands: table, chains, sets, maps, rules, elements, each sorted by name; ends with a break.

    Elements of a set stand in the order of adding.
    """
    table = program.table
    where = f"{table.family} {table.name}"
    texts = [group.text(partial(_group_text, table=table)) for group in table.groups]
    chains = [_chain_text(chain, table) for chain in table.chains]
    chains += [chain for text in texts for chain in text.chains]
    chains.sort()
    sets = [(own.name, _set_line(own, table)) for own in table.sets if not own.verdicts]
    sets += [line for text in texts for line in text.sets]
    maps = sorted([(own.name, _set_line(own, table)) for own in table.sets if own.verdicts])
    put: dict[str, list[NftElement]] = {}
    for name, element in joined.from_iterable([text.elements for text in texts]):
        put.setdefault(name, []).append(element)
    parts = [f'add table {where} {{ comment "{table.comment}" ; }}\n']
    parts.extend([declaration for _, declaration, _ in chains])
    parts.extend([line for _, line in sorted(sets)])
    parts.extend([line for _, line in maps])
    parts.extend([rules for _, _, rules in chains])
    for own in sorted(table.sets, key=lambda each: (each.verdicts, each.name)):
        elements = _with(own, put.get(own.name, ())).elements.values()
        parts.extend([f"add element {where} {own.name} {{ {render_element(element)} }}\n" for element in elements])
    return "".join(parts)


def _with(own: NftSet, more: Iterable[NftElement]) -> NftSet:
    """The set with the elements that groups put into it."""
    added = tuple(more)
    if not added:
        return own
    return NftSet(own.name, own.types, verdicts=own.verdicts, parts=(tuple(own.elements.values()), added))


def _group_text(contents: Contents, table: NftTable) -> GroupText:
    return GroupText(
        tuple([_chain_text(chain, table) for chain in contents.chains]),
        tuple([(own.name, _set_line(own, table)) for own in contents.sets]),
        contents.elements,
    )


def _chain_text(chain: NftChain, table: NftTable) -> tuple[str, str, str]:
    """Name, declaration and rules of a chain, each line with its break."""
    where = f"{table.family} {table.name} {chain.name}"
    facts = []
    if chain.hook:
        facts.append(f"type {chain.hook.type} hook {chain.hook.hook} priority {chain.hook.priority} ;")
    if chain.comment:
        facts.append(f'comment "{chain.comment}" ;')
    declaration = f"add chain {where} {{ {' '.join(facts)} }}\n" if facts else f"add chain {where}\n"
    rules = "".join([f"add rule {where} {render_nft_rule(rule, table.family)}\n" for rule in chain.rules])
    return chain.name, declaration, rules


def _set_line(own: NftSet, table: NftTable) -> str:
    facts = [f"type {' . '.join(own.types)}{' : verdict' if own.verdicts else ''} ;"]
    if own.flags:
        facts.append(f"flags {','.join(own.flags)} ;")
    if own.timeout is not None:
        facts.append(f"timeout {own.timeout}s ;")
    if own.comment:
        facts.append(f'comment "{own.comment}" ;')
    kind = "map" if own.verdicts else "set"
    return f"add {kind} {table.family} {table.name} {own.name} {{ {' '.join(facts)} }}\n"
