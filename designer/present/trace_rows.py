"""A trace as rows for the event list, as text for the terminal and as a JSON value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from designer.engine.trace.hops import HOP_KINDS, Evidence, Header, Hop, Path, TraceResult
from designer.present.words import object_text, place_text, share_text, verdict_text

DIRECTION_SIGNS = {"request": "→", "reply": "←"}


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One line of the event list: `number` from 1, the texts of each column, and the hop itself."""

    number: int
    direction: str
    layer: str
    place: str
    what: str
    packet: str
    decided_by: str
    outcome: str
    hop: Hop


def trace_rows(path: Path) -> tuple[TraceRow, ...]:
    """The rows of one way through a trace, in the order in which the packet meets them."""
    return tuple(
        TraceRow(
            number,
            DIRECTION_SIGNS[hop.direction],
            HOP_KINDS[hop.kind],
            hop.place,
            hop.what,
            packet_text(hop),
            decided_text(hop),
            hop.outcome,
            hop,
        )
        for number, hop in enumerate(path.hops, start=1)
    )


MOST_TOLD = 3


def trace_words_at(hops: Sequence[Hop], oid: str) -> str:
    """What the trace does at an object, for readers: ``hop 3 translated, hop 4 denied``; "" off its way."""
    found = [f"hop {number} {hop.outcome}".rstrip() for number, hop in enumerate(hops, start=1) if hop.at == oid]
    if not found:
        return ""
    told = [words for words in found if words.count(" ") > 1] or found
    more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    return f"In the trace of {len(hops)} hops: {', '.join(told[:MOST_TOLD])}{more}"


def packet_text(hop: Hop) -> str:
    """The packet as it leaves the hop; what changed is written as ``before ⇒ after``."""
    before, after = hop.before, hop.after
    if after is None:
        return before.text() if before else "–"
    inner = after.text()
    if before is not None and (before.src, before.sport, before.dst, before.dport) != (
        after.src,
        after.sport,
        after.dst,
        after.dport,
    ):
        inner = f"{before.text()} ⇒ {after.text()}"
    if after.outer_dst:
        return f"{after.tunnel} {after.outer_src} → {after.outer_dst} [{inner}]"
    return inner


def decided_text(hop: Hop) -> str:
    """What decided at the hop, in one line; ``–`` where nothing had to be decided."""
    if hop.decided_by:
        return "; ".join(evidence_text(evidence) for evidence in hop.decided_by)
    if hop.rules:
        last = hop.rules[-1]
        return f"{last.table}/{last.chain} rule {last.index + 1}"
    return "–"


def evidence_text(evidence: Evidence) -> str:
    """A piece of evidence with the line in the source that it stands on."""
    place = place_text(evidence.file, evidence.line)
    return f"{evidence.text} ({place})" if place else evidence.text


def changed_fields(before: Header | None, after: Header | None) -> tuple[tuple[str, str, str, bool], ...]:
    """Rows of the packet inspector: field, value before, value after, whether it changed; absent values are ""."""
    names = ("outer_src", "outer_dst", "tunnel", "protocol", "src", "sport", "dst", "dport", "mark", "ttl")
    rows = []
    for name in names:
        old = _field(before, name)
        new = _field(after, name)
        if old or new:
            rows.append((name, old, new, before is not None and after is not None and old != new))
    return tuple(rows)


def _field(header: Header | None, name: str) -> str:
    if header is None:
        return ""
    value = getattr(header, name)
    if name == "mark":
        return f"0x{value:x}" if value else ""
    return str(value) if value else ""


WHEN_ENFORCED = "When the staged policies are enforced:"


def trace_text(result: TraceResult, then: TraceResult | None = None) -> str:
    """The whole answer as text: each way with its share, its hops, every rule hit, and the verdict with its reason.

    `then` is what becomes of the request when staged policies are enforced.
    """
    request = result.request
    lines = [f"{object_text(request.source) if ':' in request.source else request.source} → {request.destination}"]
    paths = result.trace.paths()
    for number, path in enumerate(paths, start=1):
        if len(paths) > 1:
            lines += ["", f"Way {number} of {len(paths)}: {' · '.join(path.labels)} — {share_text(path.share)}"]
        lines += ["", *_path_lines(path)]
    lines += ["", *_end_lines(result)]
    if then is not None:
        lines += ["", WHEN_ENFORCED, *_end_lines(then)]
    return "\n".join(lines)


def _end_lines(result: TraceResult) -> list[str]:
    return [verdict_text(result.verdict) + (" (not on every way)" if result.mixed else ""), result.reason]


def staged_sentence(result: TraceResult, then: TraceResult) -> str:
    """What enforcing the staged policies does to a request, in one sentence."""
    after = verdict_text(then.verdict) + (" on some ways" if then.mixed else "")
    if (then.verdict, then.mixed) == (result.verdict, result.mixed):
        return f"{WHEN_ENFORCED} {after}, as now."
    return f"{WHEN_ENFORCED} {after}. {then.reason}"


def _path_lines(path: Path) -> list[str]:
    lines = []
    for row in trace_rows(path):
        outcome = f" [{row.outcome}]" if row.outcome else ""
        lines.append(f"{row.number:3} {row.direction} {row.place}: {row.what}{outcome}")
        lines.append(f"      {row.packet}")
        if row.hop.reason:
            lines.append(f"      {row.hop.reason}")
        if row.hop.decided_by:
            lines.append(f"      decided by {row.decided_by}")
        lines += [f"      · {hit.table}/{hit.chain}[{hit.index + 1}] {hit.text}" for hit in row.hop.rules]
    lines.append(f"    = {verdict_text(path.verdict)}: {path.reason}")
    return lines


def trace_json(result: TraceResult, then: TraceResult | None = None) -> dict[str, Any]:
    """The whole answer as a JSON value; see ``resources/schemas/trace.schema.json``."""
    request = result.request
    staged = {} if then is None else {"verdict": then.verdict, "mixed": then.mixed, "reason": then.reason}
    return {
        **({"whenEnforced": staged} if staged else {}),
        "request": {
            "source": request.source,
            "destination": request.destination,
            "protocol": request.protocol,
            "method": request.method,
        },
        "verdict": result.verdict,
        "mixed": result.mixed,
        "reason": result.reason,
        "paths": [_path_json(path) for path in result.trace.paths()],
    }


def _path_json(path: Path) -> dict[str, Any]:
    return {
        "share": f"{path.share.numerator}/{path.share.denominator}",
        "probability": float(path.share),
        "choices": list(path.labels),
        "verdict": path.verdict,
        "reason": path.reason,
        "policies": list(path.policies),
        "hops": [_hop_json(number, hop) for number, hop in enumerate(path.hops, start=1)],
    }


def _hop_json(number: int, hop: Hop) -> dict[str, Any]:
    return {
        "number": number,
        "kind": hop.kind,
        "layer": HOP_KINDS[hop.kind],
        "direction": hop.direction,
        "place": hop.place,
        "at": hop.at,
        "toward": hop.toward,
        "node": hop.node,
        "what": hop.what,
        "outcome": hop.outcome,
        "reason": hop.reason,
        "before": _header_json(hop.before),
        "after": _header_json(hop.after),
        "decidedBy": [
            {"text": e.text, "object": e.object, "field": e.field, "file": e.file, "line": e.line}
            for e in hop.decided_by
        ],
        "rules": [{"table": hit.table, "chain": hit.chain, "index": hit.index, "text": hit.text} for hit in hop.rules],
        "details": [{"name": name, "value": value} for name, value in hop.details],
    }


def _header_json(header: Header | None) -> dict[str, Any] | None:
    if header is None:
        return None
    value: dict[str, Any] = {
        "protocol": header.protocol,
        "src": header.src,
        "sport": header.sport,
        "dst": header.dst,
        "dport": header.dport,
        "mark": header.mark,
        "ttl": header.ttl,
    }
    if header.outer_dst:
        value |= {"outerSrc": header.outer_src, "outerDst": header.outer_dst, "tunnel": header.tunnel}
    return value
