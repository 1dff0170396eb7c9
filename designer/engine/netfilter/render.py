"""Programs as iptables-restore text, in the spelling that kube-proxy and its kin use.

Every match and target has one writer; the two tables at the end are the whole grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from designer.engine.netfilter import matches as m
from designer.engine.netfilter import targets as t
from designer.engine.netfilter.program import Chain, Program, Rule

_PLAIN = re.compile(r"[\w./:@%+=,-]+")
_TABLE_ORDER = ("mangle", "filter", "nat")


def _not(negated: bool) -> str:
    return "! " if negated else ""


def _ports(first: int, last: int | None) -> str:
    return str(first) if last is None else f"{first}:{last}"


def hex_mark(value: int) -> str:
    """A mark with eight digits: ``0x00004000``."""
    return f"0x{value:08x}"


def decimals(probability: Fraction) -> str:
    """The probability with ten decimals, rounded half to even on the exact value: ``0.3333333333``."""
    scaled = round(probability * 10**10)
    return f"{scaled // 10**10}.{scaled % 10**10:010d}"


def quoted(text: str) -> str:
    """The text as one word of iptables-restore: in double quotes unless it is plain."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def address_and_port(address: str, port: int | None) -> str:
    """``10.0.0.1:80``, ``[fd00::1]:80``, or the bare address without a port."""
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _proto(match: m.Proto) -> str:
    module = f"-m {match.name} " if match.module else ""
    return f"{module}{_not(match.negated)}-p {match.name}"


def _mark_is(match: m.MarkIs) -> str:
    mask = "" if match.mask == 0xFFFFFFFF else f"/{hex_mark(match.mask)}"
    return f"-m mark {_not(match.negated)}--mark {hex_mark(match.value)}{mask}"


def _addr_type(match: m.AddrType) -> str:
    limits = (" --limit-iface-in" if match.limit_in else "") + (" --limit-iface-out" if match.limit_out else "")
    return f"-m addrtype {_not(match.negated)}--{match.end}-type LOCAL{limits}"


def _recent_check(match: m.RecentCheck) -> str:
    seconds = "" if match.seconds is None else f" --seconds {match.seconds}"
    tail = (" --reap" if match.reap else "") + (" --rdest" if match.by_dest else "")
    return f"-m recent --name {match.name} {_not(match.negated)}--rcheck{seconds}{tail}"


def _set_mark(target: t.SetMark) -> str:
    if target.style == "xset":
        return f"MARK --set-xmark {hex_mark(target.value)}/{hex_mark(target.mask)}"
    return f"MARK --{target.style}-mark {hex_mark(target.value)}"


def _random_fully(target: t.Snat | t.Masquerade) -> str:
    return " --random-fully" if target.random_fully else ""


_MATCHES: dict[type, Callable[[Any], str]] = {
    m.Proto: _proto,
    m.Source: lambda x: f"{_not(x.negated)}-s {x.cidr}",
    m.Destination: lambda x: f"{_not(x.negated)}-d {x.cidr}",
    m.SourcePort: lambda x: f"{_not(x.negated)}--sport {_ports(x.first, x.last)}",
    m.DestinationPort: lambda x: f"{_not(x.negated)}--dport {_ports(x.first, x.last)}",
    m.InInterface: lambda x: f"{_not(x.negated)}-i {x.name}",
    m.OutInterface: lambda x: f"{_not(x.negated)}-o {x.name}",
    m.MarkIs: _mark_is,
    m.CtStateIs: lambda x: f"-m conntrack {_not(x.negated)}--ctstate {','.join(x.states)}",
    m.AddrType: _addr_type,
    m.Comment: lambda x: f"-m comment --comment {quoted(x.text)}",
    m.RandomChance: lambda x: f"-m statistic --mode random --probability {decimals(x.probability)}",
    m.RecentCheck: _recent_check,
    m.RecentSet: lambda x: f"-m recent --name {x.name} --set" + (" --rdest" if x.by_dest else ""),
    m.BridgedIn: lambda x: f"-m physdev {_not(x.negated)}--physdev-is-in",
    m.OfVirtualServer: lambda x: f"-m ipvs --vaddr {x.address} --vproto {x.protocol} --vport {x.port}",
    m.InSet: lambda x: f"-m set {_not(x.negated)}--match-set {x.name} {','.join(x.dims)}",
}

_TARGETS: dict[type, Callable[[Any], str]] = {
    t.Jump: lambda x: str(x.chain),
    t.Goto: lambda x: str(x.chain),
    t.Return: lambda x: "RETURN",
    t.Accept: lambda x: "ACCEPT",
    t.Drop: lambda x: "DROP",
    t.Reject: lambda x: "REJECT" + (f" --reject-with {x.reject_with}" if x.reject_with else ""),
    t.SetMark: _set_mark,
    t.Dnat: lambda x: f"DNAT --to-destination {address_and_port(x.address, x.port)}",
    t.Snat: lambda x: f"SNAT --to-source {x.address}{_random_fully(x)}",
    t.Masquerade: lambda x: f"MASQUERADE{_random_fully(x)}",
}


def render_target(target: t.Target | None) -> str:
    """The target without its ``-j`` or ``-g``; "" for a rule that only counts."""
    return "" if target is None else _TARGETS[type(target)](target)


def render_rule(rule: Rule, chain: str) -> str:
    """The rule as a line of iptables-restore: ``-A CHAIN … -j TARGET``."""
    words = [f"-A {chain}", *(_MATCHES[type(match)](match) for match in rule.matches)]
    if rule.target is not None:
        words.append(("-g " if isinstance(rule.target, t.Goto) else "-j ") + render_target(rule.target))
    return " ".join(words)


def chain_line(chain: Chain) -> str:
    """The declaration of a chain: ``:NAME POLICY [0:0]``."""
    return f":{chain.name} {chain.policy or '-'} [0:0]"


def render_iptables(program: Program) -> str:
    """The whole program as iptables-restore text: per table its chains, then the rules chain by chain.

    Tables come in the order mangle, filter, nat; built-in chains come first. Ends with a line break; "" for a program
    without tables.
    """
    parts: list[str] = []
    for table in sorted(program.tables, key=lambda table: _TABLE_ORDER.index(table.name)):
        texts = [_written(table.chains), *[group.text(_written) for group in table.groups]]
        parts.append(f"*{table.name}\n")
        parts.extend([declarations for declarations, _ in texts])
        parts.extend([rules for _, rules in texts])
        parts.append("COMMIT\n")
    return "".join(parts)


def _written(chains: tuple[Chain, ...]) -> tuple[str, str]:
    """Declarations and rules of some chains, each line with its line break."""
    declarations = "".join([f"{chain_line(chain)}\n" for chain in chains])
    return declarations, "".join([f"{render_rule(rule, chain.name)}\n" for chain in chains for rule in chain.rules])
