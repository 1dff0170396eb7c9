"""What the page beside the matrix tells: evidence of two workloads, pairs of two groups, who reaches a workload."""

from __future__ import annotations

from collections.abc import Callable

from designer.engine.policy.ports import ALL_PORTS
from designer.present.matrix_axis import AxisNode
from designer.present.matrix_evidence import pair_evidence, way_evidence
from designer.present.matrix_named import named_answer
from designer.present.matrix_request import Asked, declared_ports
from designer.present.matrix_table import MatrixTable
from designer.present.matrix_words import pair_title, ports_words, tally_words
from designer.ui.panels.matrix_detail import Detail

# So many pairs of two groups are listed.
MOST_PAIRS = 40
NOT_ASKED = "Nobody is asked whether it reaches itself, or how addresses outside reach each other."


def detail_of(
    table: MatrixTable, src: AxisNode, dst: AxisNode, asked: Asked | None, go_to: Callable[[int, int], object]
) -> Detail:
    """What is told of a cell; `go_to` shows the cell of two entries."""
    if src.level == "group" or dst.level == "group":
        return _of_groups(table, src, dst, go_to)
    line = ports_words(table, src, dst)
    if table.is_same(src, dst):
        return Detail(pair_title(src, dst), line, (NOT_ASKED,))
    source, target = table.end(src), table.end(dst)
    if target is None:
        return Detail(pair_title(src, dst), line)
    prefer = declared_ports(target)
    if asked is not None:
        prefer = ((asked.protocol, asked.port), *prefer)
    with table.lock:
        if source is None:
            evidence = tuple(way_evidence(table.found, target))
        else:
            evidence = tuple(pair_evidence(table.found, source, target, prefer))
    if table.wanted != ALL_PORTS:
        evidence = tuple(one for one in evidence if one.ports & table.wanted)
    trace = f"Trace {asked.protocol} {asked.port}" if asked is not None else ""
    return Detail(pair_title(src, dst), line, (), evidence, (), trace)


def detail_of_name(table: MatrixTable, node: AxisNode, go_to: Callable[[int, int], object], *, across: bool) -> Detail:
    """What is told of a row (whom it reaches) or a column (`across`: who reaches it), with the rules of each pair."""
    found = named_answer(table, node.entry, across=across)
    pairs = tuple((one.words, lambda one=one: go_to(one.source, one.target), one.why) for one in found.pairs)
    return Detail(found.title, "", found.sentences, (), pairs)


def _of_groups(table: MatrixTable, src: AxisNode, dst: AxisNode, go_to: Callable[[int, int], object]) -> Detail:
    sources, targets = _members(table, src), _members(table, dst)
    pairs: list[tuple[str, Callable[[], object], str]] = []
    more = 0
    for s in sources:
        codes = table.codes(s)
        for d in targets:
            if d >= table.size or codes[d] not in (1, 2, 3, 4):
                continue
            if len(pairs) == MOST_PAIRS:
                more += 1
                continue
            row = AxisNode("", "peer", "", table.entries[s].shown, 0, s)
            column = AxisNode("", "peer", "", table.entries[d].shown, 0, d)
            words = f"{pair_title(row, column)}: {ports_words(table, row, column)}"
            pairs.append((words, lambda s=s, d=d: go_to(s, d), ""))  # type: ignore[misc]
    told = (tally_words(table.tally(src, dst)), *(("What is open in it:",) if pairs else ()))
    if more:
        told = (*told, f"These are the first {MOST_PAIRS}; {more} more are open. Open the groups to see each.")
    return Detail(pair_title(src, dst), "", told, (), tuple(pairs))


def _members(table: MatrixTable, node: AxisNode) -> tuple[int, ...]:
    return table.groups[node.group].members if node.level == "group" else (node.entry,)
