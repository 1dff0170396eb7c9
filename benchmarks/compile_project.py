"""How long it takes from an edit to a compiled cluster: from scratch, after one edit, after moving a shape.

Run from the root of the checkout: ``python -m benchmarks.compile_project [--quick]``. An edit is measured as a session
does it: addresses are handed out, then the project is compiled with the last state at hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from benchmarks import clusters
from benchmarks.measuring import heading, measure
from designer.edits.arrange import place
from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane import allocate
from designer.model import EMPTY_PROJECT, Placement, Project
from designer.session.pipeline import differs_for_engine

SIZES = ((clusters.Size(20, 200, 10, 200, 200), 50.0), (clusters.Size(5000, 3000, 50, 2000, 200), 250.0))


def compiled(project: Project, previous: ClusterState | None = None) -> ClusterState:
    """The state of a project, its addresses handed out first, as a session does after every edit."""
    if previous is not None and not differs_for_engine(previous.project, project):
        return previous
    ledger, _ = allocate(project)
    return compile_project(project if ledger is project.ledger else replace(project, ledger=ledger), previous)


class Work:
    """A cluster that is edited again and again: each edit follows the one before."""

    def __init__(self, size: clusters.Size) -> None:
        self.state = compiled(clusters.project(size))
        self.numbers = count(1)

    def edit(self, make: Callable[[Project, int], Project]) -> Callable[[], Project]:
        """What prepares the next edit of a kind."""
        return lambda: make(self.state.project, next(self.numbers))

    def follow(self, project: Project) -> None:
        """Compile the edited project; the next edit starts from it."""
        self.state = compiled(project, self.state)


def table(size: clusters.Size, target: float, rounds: int) -> None:
    """Print the rows of one size."""
    heading(str(size))
    fresh = clusters.project(size)
    known = compiled(fresh).project

    def forget() -> None:
        allocate(EMPTY_PROJECT)

    measure("from scratch, nothing allocated", lambda _: compiled(fresh), prepare=forget, rounds=min(3, rounds))
    measure("a saved project, addresses known", lambda _: compiled(known), prepare=forget, rounds=min(3, rounds))
    work = Work(size)
    edits: dict[str, Callable[[Project, int], Project]] = {
        "one Service edited": lambda p, n: p.with_object(clusters.service(7, 1000 + n)),
        "one policy edited": lambda p, n: p.with_object(clusters.policy(7, size.workloads, 1000 + n)),
        "one more or one less Pod": lambda p, n: p.with_object(clusters.deployment(7, size.replicas + n % 2)),
        "labels of one workload edited": lambda p, n: p.with_object(
            clusters.deployment(7, size.replicas, f"tier{n % 2}")
        ),
    }
    for name, make in edits.items():
        measure(name, work.follow, prepare=work.edit(make), target=target, rounds=rounds)
    measure(
        "one shape moved (no pass runs)",
        work.follow,
        prepare=work.edit(lambda p, n: place(p, "nodes", {"Node:node-1": Placement(x=n, y=0)}).project),
        beside="0.02 ms was seen possible",
    )


def main(quick: bool) -> None:
    """Print one table a size."""
    for size, target in SIZES[:1] if quick else SIZES:
        table(size, target, 3 if quick or size.nodes > 1000 else 7)


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
