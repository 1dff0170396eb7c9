"""The canvas as a draw.io diagram: every drawn thing is a shape, every Pod a shape in its box, every edge a connector.

The format is draw.io's uncompressed XML: an ``mxfile`` with one ``diagram`` whose ``mxCell``s are vertices and edges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any
from xml.etree import ElementTree

from PySide6.QtCore import QPointF, QRectF

from designer.cli.desktop import RenderOptions
from designer.ui.canvas import facts as f
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.rows import RowsItem
from designer.ui.canvas.items.table import AnyItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.views import Edge
from designer.ui.kit.tokens import Theme

# Where the cells end that are written one by one.
END = "end"
TITLES = {"nodes": "By Node", "namespaces": "By Namespace", "traffic": "Traffic"}
TEXT = "html=0;whiteSpace=wrap;fontFamily=Inter;fontSize=11;"
HEAD = "verticalAlign=top;align=left;spacingLeft=10;spacingTop=6;"
# How a thing looks, by the facts that it shows: draw.io's own words for shapes.
STYLES: dict[type, str] = {
    f.ServiceFacts: "shape=hexagon;perimeter=hexagonPerimeter2;fixedSize=1;size=16;",
    f.OutsideFacts: "rounded=1;arcSize=50;",
    f.FrameFacts: f"rounded=1;arcSize=2;dashed=1;fillColor=none;container=0;{HEAD}",
    f.PodBoxFacts: f"rounded=1;arcSize=3;container=1;collapsible=0;{HEAD}",
    f.ControllerFacts: f"rounded=1;arcSize=6;container=1;collapsible=0;{HEAD}",
    f.GatewayFacts: f"rounded=1;arcSize=6;container=1;collapsible=0;{HEAD}",
    f.UnservedFacts: f"rounded=1;arcSize=6;dashed=1;container=1;collapsible=0;{HEAD}",
    f.NoteFacts: f"shape=note;size=12;{HEAD}",
    f.GroupFacts: f"rounded=1;arcSize=6;shadow=1;{HEAD}",
}
PLAIN = "rounded=1;arcSize=10;align=left;spacingLeft=10;"
POD = "rounded=1;arcSize=8;align=left;spacingLeft=8;fontSize=10;"
ROW = "rounded=0;strokeColor=none;align=left;spacingLeft=8;fontSize=10;fontFamily=JetBrains Mono;"
EDGE = "html=0;endArrow=block;endSize=5;curved=1;fontSize=10;"


def drawio_steps(scene: CanvasScene, area: QRectF, options: RenderOptions) -> Generator[None, None, bytes]:
    """The diagram of what a scene shows, from the corner of `area`, made shape by shape.

    A trace has no shapes of its own and stays out.
    """
    file = ElementTree.Element("mxfile", {"host": "Cluster Network Designer", "type": "device"})
    diagram = ElementTree.SubElement(file, "diagram", {"id": options.view, "name": TITLES.get(options.view, "Canvas")})
    page = {"page": "1", "pageWidth": str(round(area.width())), "pageHeight": str(round(area.height()))}
    model = ElementTree.SubElement(diagram, "mxGraphModel", {"grid": "1", "gridSize": "8", "math": "0", **page})
    # The ground of the theme: light words of the dark one could not be read on white.
    model.set("background", scene.theme.color("canvas").name())
    root = ElementTree.SubElement(model, "root")
    ElementTree.SubElement(root, "mxCell", {"id": "0"})
    ElementTree.SubElement(root, "mxCell", {"id": "1", "parent": "0"})
    ElementTree.SubElement(root, END)
    ElementTree.indent(file)
    frame = ElementTree.tostring(file, encoding="utf-8", xml_declaration=True)
    head, _end, tail = frame.partition(f"<{END} />".encode())
    # What comes between is written as it is made: the tree of a hundred thousand Pods would take seconds at its end.
    written = [head.rstrip(b" ")]
    for item in sorted(scene.drawn().values(), key=lambda item: not isinstance(item, FrameItem)):
        written.append(_written(partial(_thing, item=item, corner=area.topLeft(), theme=scene.theme)))
        yield
    for number, edge in enumerate(scene.edges.edges):
        written.append(_written(partial(_edge, number=number, edge=edge, scene=scene)))
        yield
    return b"".join(written) + b"      " + tail.lstrip()


def _written(add: Callable[[ElementTree.Element], None]) -> bytes:
    """The lines of the cells that `add` puts into the root."""
    root = ElementTree.Element("root")
    add(root)
    lines = []
    for cell in root:
        ElementTree.indent(cell, level=4)
        cell.tail = "\n"
        lines.append(b"        " + ElementTree.tostring(cell, encoding="utf-8"))
    return b"".join(lines)


def _thing(root: ElementTree.Element, item: AnyItem, corner: QPointF, theme: Theme) -> None:
    """Nothing; adds a thing with what is in it."""
    style = STYLES.get(type(item.facts), PLAIN) + TEXT + _colours(item, theme)
    _vertex(root, item.oid, "1", _words(item.facts), style, item.rect.translated(-corner))
    inside = {"strokeColor": theme.value("line"), "fillColor": theme.value("chip"), "fontColor": theme.value("text")}
    coloured = "".join(f"{key}={value};" for key, value in inside.items())
    for oid, words, rect, look in _parts(item):
        _vertex(
            root, f"{item.oid}/{oid}", item.oid, words, look + TEXT + coloured, rect.translated(-item.rect.topLeft())
        )


def _parts(item: AnyItem) -> Iterator[tuple[str, str, QRectF, str]]:
    """What stands in a thing: Pods, and the rules or listeners of a card."""
    if isinstance(item, PodBoxItem):
        for place, pod in enumerate(item.facts.pods):
            address = pod.ips[0] if pod.ips else "no address"
            yield pod.id, f"{pod.name}\n{address}", item.chip_rect(place), POD
    elif isinstance(item, RowsItem):
        for number, (row, rect) in enumerate(zip(item.facts.rows, item.row_rects(), strict=True)):
            yield f"row-{number}", row.text, rect, ROW


def _words(facts: Any) -> str:
    """The words of a thing: its name and the lines below it."""
    if isinstance(facts, f.NoteFacts):
        return facts.text
    if isinstance(facts, f.FrameFacts):
        return facts.title
    if isinstance(facts, f.GroupFacts):
        return f"{facts.name}\n{facts.pods}\n{facts.contents}"
    if isinstance(facts, f.PodBoxFacts):
        return "  ".join(part for part in (facts.name, facts.line, facts.corner) if part)
    line = getattr(facts, "line", "") or getattr(facts, "directions", "") or getattr(facts, "reason", "")
    return f"{facts.name}\n{line}" if line else str(facts.name)


def _colours(item: AnyItem, theme: Theme) -> str:
    """Line, fill and text in the colours of the theme; a namespace's tint where the thing has one."""
    tint = getattr(item.facts, "tint", None)
    line = theme.tint(tint).name() if tint is not None else theme.value("line_strong")
    if isinstance(item, FrameItem):
        return f"strokeColor={line};fontColor={theme.value('muted')};"
    fill = theme.value("warning_fill" if isinstance(item.facts, f.NoteFacts) else "node")
    return f"strokeColor={line};fillColor={fill};fontColor={theme.value('text')};"


def _vertex(root: ElementTree.Element, oid: str, parent: str, words: str, style: str, rect: QRectF) -> None:
    cell = {"id": clean(oid), "value": clean(words), "style": style, "vertex": "1", "parent": clean(parent)}
    place = {"x": rect.x(), "y": rect.y(), "width": rect.width(), "height": rect.height()}
    made = ElementTree.SubElement(root, "mxCell", cell)
    numbers = {key: f"{value:g}" for key, value in place.items()}
    ElementTree.SubElement(made, "mxGeometry", {**numbers, "as": "geometry"})


def _edge(root: ElementTree.Element, number: int, edge: Edge, scene: CanvasScene) -> None:
    """Nothing; adds a connector; one that belongs to a rule starts at the rule."""
    source = f"{edge.source}/row-{edge.row}" if edge.row >= 0 else edge.source
    dashed = "dashed=1;" if edge.kind == "selector" or edge.verdict or edge.weak else ""
    color = scene.theme.verdict_color(edge.verdict).name() if edge.verdict else scene.theme.value("line_strong")
    verdict = {"denied": "denied by policy", "cannot-tell": "cannot tell"}.get(edge.verdict, "")
    words = " · ".join(part for part in (edge.label, str(edge.count or ""), verdict) if part)
    cell = {"id": f"edge-{number}", "value": clean(words), "style": f"{EDGE}{dashed}strokeColor={color};", "edge": "1",
            "parent": "1", "source": clean(source), "target": clean(edge.target)}  # fmt: skip
    made = ElementTree.SubElement(root, "mxCell", cell)
    ElementTree.SubElement(made, "mxGeometry", {"relative": "1", "as": "geometry"})


# What XML 1.0 does not allow: control characters, lone surrogates, two code points that are none.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without characters that XML 1.0 does not allow."""
    return NOT_XML.sub("", text)
