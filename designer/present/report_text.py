"""The import report as text: what was assumed, read, set, folded, skipped and kept, each with file and line."""

from __future__ import annotations

from designer.manifests.report import ImportReport
from designer.present.words import count_text, object_text, place_text

# The order and the heading of each part of the report.
HEADINGS: dict[str, str] = {
    "assumed": "Assumed, because the input does not say it",
    "set": "Settings taken from the input",
    "read": "Read",
    "folded": "Pods folded into their owners",
    "kept": "Kept as they are (the program does not use them)",
    "skipped": "Skipped",
}


def report_text(report: ImportReport, *, details: bool = True) -> str:
    """The report as text; without `details` one line for each part."""
    lines: list[str] = []
    for kind, heading in HEADINGS.items():
        entries = [entry for entry in report.entries if entry.kind == kind]
        if not entries:
            continue
        lines.append(f"{heading}: {count_text(len(entries), 'entry', 'entries')}")
        if not details:
            continue
        for entry in entries:
            place = place_text(entry.file, entry.line)
            what = object_text(entry.object) if kind == "read" else entry.text
            lines.append(f"    {what}{f'  ({place})' if place else ''}")
    return "\n".join(lines)
