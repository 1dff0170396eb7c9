"""Who can reach whom, as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
from typing import Any

from designer.engine.policy.matrix import Connectivity

CSV_HEADER = ("source", "destination", "protocol", "from", "to")


def connectivity_text(result: Connectivity) -> str:
    """One line a pair, ``source => destination : ports``; notes on what is left open come first."""
    notes = [f"# {note}" for note in result.notes]
    lines = [f"{line.src.text} => {line.dst.text} : {line.ports.text()}" for line in result.connections()]
    return "\n".join([*notes, *(lines or ["No workload can reach another."])])


def connectivity_csv(result: Connectivity) -> str:
    """The pairs as CSV, one line for each range of ports of a protocol."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for line in result.connections():
        for protocol, low, high in line.ports:
            writer.writerow((line.src.text, line.dst.text, protocol, low, high))
    return out.getvalue()


def connectivity_json(result: Connectivity) -> dict[str, Any]:
    """The pairs as a JSON value; see ``resources/schemas/connectivity.schema.json``."""
    return result.as_json()
