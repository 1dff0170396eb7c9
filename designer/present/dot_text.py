"""Graphs in Graphviz' DOT language: workloads in boxes of their namespaces, an edge for each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def dot_text(text: str) -> str:
    """A text quoted as DOT wants it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def dot_graph(names: Iterable[str], edges: Iterable[str]) -> Iterator[str]:
    """The whole graph: `names` (``ns/name[Kind]``, others stand outside of namespaces), then the edges as they are."""
    yield "digraph connectivity {\n  rankdir=LR;\n  node [shape=box];\n"
    spaces: dict[str, list[str]] = {}
    for name in names:
        namespace, slash, _ = name.partition("/")
        spaces.setdefault(namespace if slash else "", []).append(name)
    for number, (namespace, members) in enumerate(sorted(spaces.items())):
        if namespace:
            yield f"  subgraph cluster_{number} {{\n    label={dot_text(namespace)};\n"
            yield "".join(f"    {dot_text(name)} [label={dot_text(name.partition('/')[2])}];\n" for name in members)
            yield "  }\n"
        else:
            yield "".join(f"  {dot_text(name)} [shape=ellipse];\n" for name in members)
    yield from edges
    yield "}\n"
