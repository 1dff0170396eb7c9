"""What a change opens, closes and changes among those who can reach each other: text, JSON, CSV, Markdown and DOT."""

from __future__ import annotations

import csv
import io
from typing import Any

from designer.engine.reach import ChangedLine, ReachChange
from designer.present.connectivity_why import cell, ports_value
from designer.present.dot_text import dot_graph, dot_text

HEADER = ("change", "source", "destination", "before", "after")
# What happened to a line → how its edge is drawn, where that is not solid.
STYLES = {"closed": ", style=dashed", "unclear": ", style=dotted"}
# What happened to a line → the colour of its edge.
COLOURS = {"opened": "darkgreen", "closed": "red", "changed": "darkorange", "unclear": "gray40"}


def change_text(found: ReachChange) -> str:
    """A line each: ``opened: a => b : ports``; where ports changed, or a side cannot tell, before and after."""
    lines = [f"# {note}" for note in found.notes]
    lines += [f"# {name} is in NEW only." for name in found.appeared]
    lines += [f"# {name} is in OLD only." for name in found.gone]
    lines += [f"{what}: {one.src} => {one.dst} : {_ports(what, one)}" for what, one in _lines(found)]
    return "\n".join([*lines, *(["Nobody can reach more or less than before."] if found.empty else [])])


def change_json(found: ReachChange) -> dict[str, Any]:
    """See ``resources/schemas/connectivity-diff.schema.json``; ``unclear`` is there where a side cannot tell."""
    told: dict[str, Any] = {
        "opened": [{"src": one.src, "dst": one.dst, "ports": ports_value(one.after)} for one in found.opened],
        "closed": [{"src": one.src, "dst": one.dst, "ports": ports_value(one.before)} for one in found.closed],
        "changed": [
            {"src": one.src, "dst": one.dst, "before": ports_value(one.before), "after": ports_value(one.after)}
            for one in found.changed
        ],
        "workloads": {"added": list(found.appeared), "removed": list(found.gone)},
    }
    unclear = [
        {"src": one.src, "dst": one.dst, "before": ports_value(one.before), "after": ports_value(one.after)}
        for one in found.unclear
    ]
    return {**told, "unclear": unclear} if unclear else told


def change_csv(found: ReachChange) -> str:
    """A line each, ports in words."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((what, one.src, one.dst, one.before.text(), one.after.text()) for what, one in _lines(found))
    return out.getvalue()


def change_markdown(found: ReachChange) -> str:
    """A table for a review."""
    lines = [f"> {note}" for note in found.notes]
    lines += [f"> {name} is in NEW only." for name in found.appeared]
    lines += [f"> {name} is in OLD only." for name in found.gone]
    if found.empty:
        return "\n".join([*lines, *([""] if lines else []), "Nobody can reach more or less than before."])
    rows = [
        f"| {what} | {cell(one.src)} | {cell(one.dst)} | {one.before.text()} | {one.after.text()} |"
        for what, one in _lines(found)
    ]
    head = "| change | source | destination | before | after |\n|---|---|---|---|---|"
    return "\n".join([*lines, *([""] if lines else []), head, *rows])


def change_dot(found: ReachChange) -> str:
    """A graph of what changed: green opened, red and dashed closed, orange changed ports, gray and dotted unclear."""
    names = dict.fromkeys(name for _, one in _lines(found) for name in (one.src, one.dst))
    edges = (
        f"  {dot_text(one.src)} -> {dot_text(one.dst)} "
        f"[label={dot_text(f'{what}: {_ports(what, one)}')}, color={COLOURS[what]}, fontcolor={COLOURS[what]}"
        f"{STYLES.get(what, '')}];\n"
        for what, one in _lines(found)
    )
    return "".join(dot_graph(names, edges))


def _lines(found: ReachChange) -> list[tuple[str, ChangedLine]]:
    parts = (
        ("opened", found.opened), ("closed", found.closed), ("changed", found.changed), ("unclear", found.unclear)
    )  # fmt: skip
    return [(what, one) for what, lines in parts for one in lines]


def _ports(what: str, one: ChangedLine) -> str:
    if what == "changed":
        return f"{one.before.text()} -> {one.after.text()}"
    if what == "unclear":
        return f"perhaps {one.before.text()} -> perhaps {one.after.text()}, one side cannot tell"
    return (one.after if what == "opened" else one.before).text()
