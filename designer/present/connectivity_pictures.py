"""Who can reach whom as pictures: a graph in DOT, and a grid in SVG with sources down and destinations across."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from xml.sax.saxutils import escape

import numpy as np

from designer.engine.policy.matrix import MatrixPeer
from designer.engine.policy.ports import NO_PORTS, PortSet
from designer.engine.policy.porttable import EVERYTHING, NOTHING
from designer.engine.reach import INGRESS_CONTROLLER, Reach, undecided
from designer.present.dot_text import dot_graph, dot_text

CELL, LETTER, MARGIN = 16, 6.6, 8
LEGEND = (
    ("all", "all ports"),
    ("some", "some ports (see the cell's title)"),
    ("unsure", "cannot tell (see the cell's title)"),
    ("same", "not asked"),
)
STYLE = (
    "text{font:11px sans-serif;fill:#1c2733}.all{fill:#2f7d4f}.some{fill:#e2a12b}.same{fill:#d5dae0}"
    ".unsure{fill:url(#unsure)}"
    ".line{stroke:#c4ccd4;stroke-width:.5}.space{stroke:#55616d;stroke-width:1}"
)
# Cells of which nothing, or not everything, can be told are hatched, over what is open for sure.
HATCH = (
    '<defs><pattern id="unsure" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M1 0V5" stroke="#1c2733" stroke-width="1.2"/></pattern></defs>'
)


def connectivity_dot(found: Reach) -> Iterator[str]:
    """A digraph; ``dot -Tsvg`` draws it. Only who reaches somebody or is reached stands in it."""
    edges: list[str] = []
    names: dict[str, None] = {}
    peers, table = found.matrix.peers, found.matrix.table
    for src, positions, numbers in found.rows():
        for at, number in zip(positions, numbers, strict=True):
            names.setdefault(src.text)
            names.setdefault(peers[at].text)
            edges.append(_edge(src.text, peers[at].text, table[number].text()))
    for src_text, dst_text, ports in _unsure(found):
        names |= {src_text: None, dst_text: None}
        edges.append(_edge(src_text, dst_text, f"cannot tell: {ports.text()}", ", style=dashed"))
    for dst, ports in found.ingress_lines():
        names.setdefault(INGRESS_CONTROLLER)
        names.setdefault(dst.text)
        edges.append(_edge(INGRESS_CONTROLLER, dst.text, ports.text()))
    yield from dot_graph(names, edges)


def _edge(src: str, dst: str, ports: str, style: str = "") -> str:
    return f"  {dot_text(src)} -> {dot_text(dst)} [label={dot_text(ports)}{style}];\n"


def _unsure(found: Reach) -> Iterator[tuple[str, str, PortSet]]:
    """What cannot be told, by pair."""
    joined: dict[tuple[str, str], PortSet] = {}
    for one in undecided(found):
        pair = (one.src, one.dst)
        joined[pair] = joined.get(pair, NO_PORTS) | one.ports
    for (src, dst), ports in joined.items():
        yield src, dst, ports


def connectivity_svg(found: Reach) -> Iterator[str]:
    """A grid: a cell is filled where every port is open, and of another colour where some are; titles say which."""
    peers = found.matrix.peers
    keep = _shown(found)
    ways = {dst.text: ports.text() for dst, ports in found.ingress_lines()}
    unsure = list(_unsure(found))
    from_outside = bool(ways) or any(src == INGRESS_CONTROLLER for src, _, _ in unsure)
    rows = [peers[at].text for at in keep] + ([INGRESS_CONTROLLER] if from_outside else [])
    longest = max((len(name) for name in rows), default=0)
    side = MARGIN + longest * LETTER + 6
    width = side + len(keep) * CELL + MARGIN
    height = side + len(rows) * CELL + 24 * len(LEGEND) + MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}">\n'
    yield f"<title>Who can reach whom: sources down, destinations across</title>\n<style>{STYLE}</style>\n{HATCH}\n"
    yield f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>\n'
    yield from _names(rows, [peers[at] for at in keep], side)
    for row, at in enumerate(keep):
        yield from _cells(found, at, keep, row, side)
    place = {peers[at].text: number for number, at in enumerate(keep)}
    for src_text, dst_text, ports in unsure:
        x, y = side + place[dst_text] * CELL, side + place.get(src_text, len(keep)) * CELL
        yield _rect(x, y, CELL, "unsure", f"{src_text} => {dst_text} : cannot tell {ports.text()}")
    for column, at in enumerate(keep if ways else ()):
        if text := ways.get(peers[at].text):
            title = f"{INGRESS_CONTROLLER} => {peers[at].text} : {text}"
            yield _rect(side + column * CELL, side + len(keep) * CELL, CELL, "some", title)
    yield from _lines(rows, [peers[at] for at in keep], side)
    for number, (kind, words) in enumerate(LEGEND):
        y = side + len(rows) * CELL + 10 + number * 22
        yield _rect(side, y, CELL, kind, words)
        yield f'<text x="{side + CELL + 6:.1f}" y="{y + 12:.1f}">{words}</text>\n'
    yield "</svg>\n"


def _shown(found: Reach) -> list[int]:
    """The peers that stand in the grid: all, or those that the asked ones reach or are reached by."""
    count = len(found.matrix.peers)
    if found.focus is None:
        return list(range(count))
    wanted = set(found.focus)
    for src, positions, _ in found.rows():
        wanted |= {found.matrix.layout.index[src.text], *positions}
    wanted |= {found.matrix.layout.index[dst.text] for dst, _ in found.ingress_lines()}
    index = found.matrix.layout.index
    wanted |= {index[text] for src, dst, _ in _unsure(found) for text in (src, dst) if text in index}
    return sorted(wanted)


def _names(rows: list[str], columns: list[MatrixPeer], side: float) -> Iterator[str]:
    for number, name in enumerate(rows):
        y = side + number * CELL + 12
        yield f'<text x="{side - 5:.1f}" y="{y:.1f}" text-anchor="end">{escape(name)}</text>\n'
    for number, peer in enumerate(columns):
        x = side + number * CELL + 12
        yield f'<text transform="translate({x:.1f} {side - 5:.1f}) rotate(-90)">{escape(peer.text)}</text>\n'


def _cells(found: Reach, at: int, keep: list[int], row: int, side: float) -> Iterator[str]:
    """The filled cells of one source; neighbours that say the same are one rectangle."""
    peers, table = found.matrix.peers, found.matrix.table
    src = peers[at]
    numbers = found.matrix.numbers(src)[np.array(keep, dtype=np.int64)].tolist() if keep else []
    if found.focus is not None and at not in found.focus:
        numbers = [n if keep[i] in found.focus else NOTHING for i, n in enumerate(numbers)]
    y = side + row * CELL
    kinds = [
        "same" if keep[i] == at or (src.is_range and peers[keep[i]].is_range) else str(number)
        for i, number in enumerate(numbers)
    ]
    start = 0
    for kind, run in groupby(kinds):
        length = len(list(run))
        x = side + start * CELL
        if kind == "same":
            yield _rect(x, y, CELL * length, "same", "not asked")
        elif kind == str(EVERYTHING):
            yield _rect(x, y, CELL * length, "all", f"{src.text}: all connections")
        elif kind != str(NOTHING):
            words = f"{src.text} => {peers[keep[start]].text} : {table[int(kind)].text()}"
            yield _rect(x, y, CELL * length, "some", words if length == 1 else f"{src.text}: {table[int(kind)].text()}")
        start += length


def _rect(x: float, y: float, width: float, kind: str, title: str) -> str:
    size = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{CELL}"'
    return f'<rect class="{kind}" {size}><title>{escape(title)}</title></rect>\n'


def _lines(rows: list[str], columns: list[MatrixPeer], side: float) -> Iterator[str]:
    """The lines of the grid, stronger ones between namespaces."""
    right, bottom = side + len(columns) * CELL, side + len(rows) * CELL
    for number, kind in enumerate(_borders(rows)):
        y = side + number * CELL
        yield f'<path class="{kind}" d="M{MARGIN} {y:.1f}H{right:.1f}"/>\n'
    for number, kind in enumerate(_borders([peer.text for peer in columns])):
        x = side + number * CELL
        yield f'<path class="{kind}" d="M{x:.1f} {MARGIN}V{bottom:.1f}"/>\n'


def _borders(names: list[str]) -> list[str]:
    spaces = [name.partition("/")[0] if "/" in name else "" for name in names]
    inner = ["line" if a == b else "space" for a, b in pairwise(spaces)]
    return ["space", *inner, "space"]
