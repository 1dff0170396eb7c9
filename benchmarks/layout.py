"""How long the automatic layout takes for 500 and 5,000 objects, and how many edges cross at 500.

Run from the root of the checkout: ``python -m benchmarks.layout [--quick]``. The target for crossings is 1.15 times
graphviz `dot`, which is not called here: the count is printed for a comparison by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial

from benchmarks import clusters
from benchmarks.measuring import heading, measure
from designer.edits.arrange import auto_layout
from designer.edits.edit import Edit
from designer.model import Project

SIZES = (
    (clusters.Size(20, 150, 1, 150, 160), 10.0),
    (clusters.Size(480, 1500, 1, 1500, 1500), 50.0),
)
BOX = (160.0, 64.0)


def edges_of(project: Project) -> list[tuple[str, str]]:
    """Service to workload, policy to workload, and every workload to a Node."""
    nodes = sorted(project.objects["Node"])
    found = []
    for number, oid in enumerate(project.objects["Deployment"]):
        found.append((oid, nodes[number * 7 % len(nodes)]))
        for kind, word in (("Service", "app"), ("NetworkPolicy", "allow")):
            other = oid.replace("Deployment:", f"{kind}:").replace("/app-", f"/{word}-")
            if project.get(other) is not None:
                found.append((other, oid))
    return found


def _laid_out(
    project: Project,
    boxes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    _prepared: object,
    only_new: bool = False,
) -> Edit:
    return auto_layout(project, "nodes", boxes, edges, only_new=only_new)


def main(quick: bool) -> None:
    """Print one table a size."""
    for size, target in SIZES[:1] if quick else SIZES:
        project = clusters.project(size)
        boxes = {obj.id: BOX for obj in project.all()}
        edges = edges_of(project)
        heading(f"{len(boxes):,} objects, {len(edges):,} edges")
        measure("lay out all", partial(_laid_out, project, boxes, edges), target=target)
        placed = auto_layout(project, "nodes", boxes, edges).project
        more = {**boxes, "Service:ns0/new": BOX}
        measure(
            "one new object among them",
            partial(_laid_out, placed, more, edges, only_new=True),
        )


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
