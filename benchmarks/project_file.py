"""How long a project of 10,000 objects takes to open and to save, and what the journal costs an edit.

Run from the root of the checkout: ``python -m benchmarks.project_file [--quick]``. Open and save are the file alone; a
session also hands out addresses, compiles, and begins a journal.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path

from benchmarks import clusters
from benchmarks.compile_project import compiled
from benchmarks.measuring import heading, measure
from designer.edits.arrange import with_placements
from designer.edits.edit import Edit
from designer.engine.controlplane import allocate
from designer.model import EMPTY_PROJECT, Placement, Project
from designer.session import Session
from designer.storage import Encoder, open_file, save_file

SIZE, QUICK = clusters.Size(80, 4000, 2, 4000, 1900), clusters.Size(20, 400, 2, 400, 180)


def drawn(size: clusters.Size) -> Project:
    """A project with its addresses and a place for every object, as it is saved."""
    project = compiled(clusters.project(size)).project
    places = {obj.id: Placement(x=n % 100 * 200, y=n // 100 * 100) for n, obj in enumerate(project.all())}
    return replace(project, canvas=with_placements(project.canvas, "nodes", places))


def table(folder: Path, project: Project) -> None:
    """Print the rows."""
    file = folder / "large.cnd"
    save_file(file, project)
    objects = sum(1 for _ in project.all())
    heading(f"{objects:,} objects, {len(project.ledger.pods):,} Pods, file of {file.stat().st_size / 1e6:.1f} MB")
    measure("open", lambda _: open_file(file), target=500)
    measure("save for the first time", lambda _: save_file(file, project), beside="≤ 150 ms was seen possible")
    encoder, numbers = Encoder(), count(1000)
    save_file(file, project, encoder=encoder)
    measure(
        "save after one edit",
        lambda edited: save_file(file, edited, encoder=encoder),
        prepare=lambda: project.with_object(clusters.service(7, next(numbers))),
        target=150,
    )
    measure("session: open, compile, begin a journal", lambda _: Session(journal_folder=folder / "j").open(file),
            prepare=lambda: allocate(EMPTY_PROJECT), rounds=3)  # fmt: skip
    session = Session(journal_folder=folder / "k")
    session.open(file)
    measure(
        "session: one Service edited, with journal",
        session.apply,
        prepare=lambda: Edit("Edit", session.project.with_object(clusters.service(7, next(numbers)))),
    )
    session.close()


def main(quick: bool) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        table(Path(folder), drawn(QUICK if quick else SIZE))


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
