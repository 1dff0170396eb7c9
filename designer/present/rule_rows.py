"""Lines of a node's rules picked out: chains, the lines of one Service, the rules that a hop hit."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from designer.engine.cni import NODE_DEVICE
from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.kubeproxy import tables_text
from designer.engine.netfilter import RuleHit
from designer.engine.trace.hops import Hop
from designer.model import ClusterSettings, FrozenMap, split_id
from designer.present.table_rows import TableLine

_CHAIN = re.compile(r"KUBE-(?:SVC|SVL|EXT|FW|SEP)-[A-Z2-7]{16}")
_NFT = re.compile(r"^add (?P<what>chain|rule) ip6? kube-proxy (?P<chain>\S+)")
# In nftables mode the names of chains hold the Service: ``service-WEZGB4Y6-shop/api/tcp/http``.
_HASHED = "-[A-Z2-7]{8}-"
# A Service as rules name it: in a comment, or in the name of an nftables chain.
_PLAIN_NAME = re.compile(rf"(?:^|[\s\"]|{_HASHED})([a-z0-9][a-z0-9-]*)/([a-z0-9][a-z0-9-]*)")


def chain_of(line: TableLine) -> str:
    """The chain that a line declares or adds to, in iptables and nftables syntax; "" for other lines."""
    if line.chain:
        return line.chain
    match = _NFT.match(line.text)
    return match["chain"] if match else ""


_JUMP = re.compile(r"(?: -[jg]| jump| goto) (?P<chain>[^\s,}]+)")


def jumps_to(line: TableLine, chains: Sequence[str]) -> str:
    """The chain that a rule, or the element of a verdict map, leads to; "" where it ends or decides itself."""
    return next((match["chain"] for match in _JUMP.finditer(line.text) if match["chain"] in chains), "")


def is_rule(line: TableLine) -> bool:
    """Whether a line is a rule of a chain, or a virtual server or destination of IPVS."""
    match = _NFT.match(line.text)
    return line.index >= 0 or (match is not None and match["what"] == "rule") or line.text.startswith(_VIRTUAL)


# In ipvs mode a virtual server is as a chain, and its real servers are what follows it.
_SERVER = re.compile(r"^-[Aa] (?P<server>(?:-t|-u|--sctp-service) \S+)")
_VIRTUAL = ("-A -t ", "-A -u ", "-A --sctp-service ", "-a -t ", "-a -u ", "-a --sctp-service ")
# What else a Service brings in that mode: members of sets, the rules that keep a node out, addresses (a line each).
_BROUGHT = re.compile(r"add |-A KUBE-IPVS-OUT-FILTER |[0-9a-f.:]+$")


def chains_of(lines: Iterable[TableLine]) -> tuple[str, ...]:
    """Every chain once, in the order of the text."""
    return tuple(dict.fromkeys(chain for line in lines if (chain := chain_of(line))))


def virtual_lines(control: ControlPlaneState, settings: ClusterSettings, service: str, node: str) -> tuple[str, ...]:
    """The lines that a Service (an object id) brings to a Node's text in ipvs mode, where rules name no Service."""
    found = control.services.get(service)
    if found is None:
        return ()
    alone = replace(control, services=FrozenMap({service: found}))
    text, _ = tables_text(alone, settings, node, "ipvs")
    return tuple(line for line in text.splitlines() if line.startswith(_VIRTUAL) or _BROUGHT.match(line))


def service_lines(lines: Sequence[TableLine], service: str, brought: Sequence[str] = ()) -> tuple[TableLine, ...]:
    """The lines that belong to a Service (an object id): those that name it, and the chains that these lead to.

    kube-proxy names the Service as ``namespace/name`` in the comment of its rules or in the name of its chains. Chains
    whose rules name it, or that such a rule names, are its own, with their declarations and all their rules. Where
    rules name no Service (ipvs mode), those that it has `brought` are its own, and all of its virtual servers.
    """
    _, namespace, name = split_id(service)
    own = re.escape(f"{namespace}/{name}")
    named = re.compile(rf"(?:(?<![\w./-])|(?<={_HASHED})){own}(?![\w.-])")
    servers = {match["server"] for text in brought if (match := _SERVER.match(text))}
    texts, plain = set(brought), f"{namespace}/{name}"
    # A plain look for the name first: a large cluster has hundreds of thousands of lines.
    mentions = [line for line in lines if line.text in texts or (plain in line.text and named.search(line.text))]
    if servers:
        virtual = [line for line in lines if line.text.startswith(_VIRTUAL)]
        mentions += [line for line in virtual if (match := _SERVER.match(line.text)) and match["server"] in servers]
    chains = {line.chain for line in mentions if _CHAIN.fullmatch(line.chain)}
    chains |= {chain for line in mentions for chain in _CHAIN.findall(line.text)}
    chosen = {id(line) for line in mentions}
    return tuple(line for line in lines if line.chain in chains or id(line) in chosen)


def service_of(lines: Sequence[TableLine], line: TableLine, services: Container[str]) -> str:
    """The id of the Service that a line is about: that which it names, else which its chain names; "" for none."""
    for candidate in (line, *(other for other in lines if line.chain and other.chain == line.chain)):
        for namespace, name in _PLAIN_NAME.findall(candidate.text):
            if f"Service:{namespace}/{name}" in services:
                return f"Service:{namespace}/{name}"
    return ""


def hit_lines(lines: Sequence[TableLine], family: str, hits: Sequence[RuleHit]) -> tuple[int, ...]:
    """Numbers of the lines of the rules that were hit, in the order of the hits; only kube-proxy's rules have one."""
    places = _rule_places(lines, family, frozenset(hit.chain for hit in hits)) if hits else {}
    numbers: dict[int, None] = {}
    for hit in hits:
        line = places.get((hit.table, hit.chain, hit.index))
        # A CNI plugin's own rules stand in the same built-in chains: the text has to agree too.
        if line is not None and (line.text == hit.text or line.text.endswith(f" {hit.text}")):
            numbers[line.number] = None
    return tuple(numbers)


_LOOKUP = re.compile(r"Service lookup: \S+ \((?P<kind>\w+)\) of (?P<name>\S+)")


def looked_up(lines: Sequence[TableLine], family: str, hop: Hop) -> tuple[int, ...]:
    """The number of the entry of a Service lookup table that a hop found; none for hops of other kinds."""
    header, match = hop.before, _LOOKUP.match(hop.decided_by[0].text) if hop.kind == "lookup" else None
    if header is None or match is None:
        return ()
    host = f"[{header.dst}]" if ":" in header.dst else header.dst
    anywhere = "[::]" if family == "IPv6" else "0.0.0.0"
    port = f":{header.dport}/{header.protocol}"
    fronts = (f"{host}{port}", f"{anywhere}{port}")
    side = "outside" if hop.place.endswith(f" {NODE_DEVICE}") else "inside"
    entries = []
    for line in lines:
        # A plain look for the port first: a large cluster has very many lines.
        cells = line.text.split(maxsplit=4) if line.family == family and port in line.text else []
        if len(cells) == 5 and cells[0] in fronts and (cells[1], cells[3]) == match.group("kind", "name"):
            entries.append((cells[2] not in (side, "anywhere"), line.number))
    return (min(entries)[1],) if entries else ()


def _rule_places(
    lines: Sequence[TableLine], family: str, chains: frozenset[str]
) -> dict[tuple[str, str, int], TableLine]:
    """The lines of one family's rules by table, chain and index, in the syntax of iptables, nftables and ipvsadm.

    Only those of `chains` (in ipvs mode: virtual servers); where a step of a trace looks, it looks for very few.
    """
    places: dict[tuple[str, str, int], TableLine] = {}
    counts: dict[str, int] = {}
    for line in lines:
        if (line.chain and line.chain not in chains) or line.family != family:
            continue
        if not line.chain and not any(chain in line.text for chain in chains):
            continue
        match = _NFT.match(line.text)
        if line.index >= 0:
            places[line.table, line.chain, line.index] = line
        elif match is not None and match["what"] == "rule":
            index = counts.get(match["chain"], 0)
            counts[match["chain"]] = index + 1
            places["kube-proxy", match["chain"], index] = line
        elif server := _SERVER.match(line.text):
            index = counts.get(server["server"], 0)
            counts[server["server"]] = index + 1
            places["ipvs", server["server"], index] = line
    return places
