"""The event list of a trace as CSV: one line a hop of each way."""

from __future__ import annotations

import csv
import io
from typing import Final

from designer.engine.trace.hops import TraceResult
from designer.model import VERDICTS
from designer.present.event_rows import coming_text, leaving_text, times_of
from designer.present.trace_rows import trace_rows

TITLES: Final = (
    "way", "share", "verdict", "hop", "milliseconds", "direction", "layer", "place", "what", "outcome", "packet in",
    "packet out", "decided by", "reason",
)  # fmt: skip


def trace_csv(result: TraceResult) -> str:
    """All ways of a trace, hop by hop, under a line of titles (RFC 4180).

    The share of a way is exact (``1/3``); the milliseconds are those of the animation at 1×, not of a network.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(TITLES)
    for way, path in enumerate(result.trace.paths(), start=1):
        for row, time in zip(trace_rows(path), times_of(path.hops), strict=True):
            hop = row.hop
            writer.writerow(
                (
                    way, f"{path.share.numerator}/{path.share.denominator}", VERDICTS[path.verdict], row.number, time,
                    hop.direction, row.layer, row.place, row.what, row.outcome, coming_text(hop), leaving_text(hop),
                    "" if row.decided_by == "–" else row.decided_by, hop.reason,
                )
            )  # fmt: skip
    return text.getvalue()
