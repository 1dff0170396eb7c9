"""Lines of a node's rules picked out: chains, the lines of one Service, the rules that a hop hit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from designer.engine.netfilter import RuleHit
from designer.model import split_id
from designer.present.table_rows import TableLine

_CHAIN = re.compile(r"KUBE-(?:SVC|SVL|EXT|FW|SEP)-[A-Z2-7]{16}")


def chains_of(lines: Iterable[TableLine]) -> tuple[str, ...]:
    """Every chain once, in the order of the text."""
    return tuple(dict.fromkeys(line.chain for line in lines if line.chain))


def service_lines(lines: Sequence[TableLine], service: str) -> tuple[TableLine, ...]:
    """The lines that belong to a Service (an object id): those that name it, and the chains that these lead to.

    kube-proxy names the Service as ``namespace/name`` in the comment of its rules. Chains whose rules name it,
    or that such a rule names, are its own, with their declarations and all their rules.
    """
    _, namespace, name = split_id(service)
    named = re.compile(rf"(?<![\w./-]){re.escape(f'{namespace}/{name}')}(?![\w.-])")
    mentions = [line for line in lines if named.search(line.text)]
    chains = {line.chain for line in mentions if _CHAIN.fullmatch(line.chain)}
    chains |= {chain for line in mentions for chain in _CHAIN.findall(line.text)}
    numbers = {line.number for line in mentions}
    return tuple(line for line in lines if line.number in numbers or line.chain in chains)


def hit_lines(lines: Sequence[TableLine], family: str, hits: Sequence[RuleHit]) -> tuple[int, ...]:
    """Numbers of the lines of the rules that were hit, in the order of the hits; only kube-proxy's rules have one."""
    places = {(line.table, line.chain, line.index): line for line in lines if line.family == family and line.index >= 0}
    numbers: dict[int, None] = {}
    for hit in hits:
        line = places.get((hit.table, hit.chain, hit.index))
        # A CNI plugin's own rules stand in the same built-in chains: the text has to agree too.
        if line is not None and line.text == hit.text:
            numbers[line.number] = None
    return tuple(numbers)
