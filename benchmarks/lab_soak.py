"""Random clusters against a Linux kernel: ``python -m benchmarks.lab_soak [--connections N] [--seed S] [--out DIR]``.

For each seed a cluster is drawn, in iptables and in nftables mode; every Service port from everywhere and a sample of
the Pod matrix are sent and compared with the traces, some of them rule by rule. What differs is written as a project
that is as small as it still differs. The exit status is 1 when anything did.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.lab_clusters import random_project
from designer.engine.compile import ClusterState, compile_project
from designer.lab.client import LabError
from designer.lab.compare import Row
from designer.lab.report import LabReport
from designer.lab.run import run_lab
from designer.lab.sequences import SequenceRow
from designer.model import Project
from designer.storage import save_file

MODES = ("iptables", "nftables")
SCOPES = (("services", 500), ("matrix", 200), ("strays", 150))
TRACED = 30
# So many differences of one run are made small; one fault often shows many times.
REDUCED = 2
Different = Row | SequenceRow


def reports(project: Project, state: ClusterState) -> Iterator[LabReport]:
    """The lab's report of each scope."""
    for scope, sample in SCOPES:
        yield run_lab(state, scope, sample, traced=TRACED)


def different(report: LabReport) -> list[Different]:
    """Everything of a report that differs."""
    rows: list[Different] = [row for row in report.rows if row.status == "different"]
    return rows + [row for row in report.sequences if row.status == "different"]


def shows(project: Project, found: Different, scope: str) -> bool:
    """Whether the same difference, by source and destination address, still shows in a smaller project."""
    try:
        report = run_lab(compile_project(project), scope, traced=TRACED)
    except LabError:
        return False
    return any((one.source, _port(one)) == (found.source, _port(found)) for one in different(report))


def _port(row: Different) -> str:
    return row.destination.partition(" ")[0] + row.destination.rpartition(":")[2]


def reduced(project: Project, found: Different, scope: str) -> Project:
    """The project without every object that the difference does not need; the ledger stays, so do addresses."""
    for oid in sorted(oid for kind in project.objects.values() for oid in kind):
        smaller = project.without(oid)
        if shows(smaller, found, scope):
            project = smaller
    return project


def write(project: Project, name: str, out: Path) -> None:
    """The project as a file."""
    out.mkdir(parents=True, exist_ok=True)
    save_file(out / f"{name}.cnd", project, force=True)


def one_cluster(seed: int, mode: str, out: Path | None, total: Counter[str]) -> None:
    """One cluster in one mode; its counts go into `total`, its differences to the screen and to `out`."""
    state = compile_project(random_project(seed, mode))
    project = state.project
    for report in reports(project, state):
        total["connections"] += report.connections
        total["requests"] += len(report.rows)
        total["traced"] += len(report.sequences)
        total["not testable"] += report.count("not-testable")
        found = different(report)
        total["different"] += len(found)
        total.update(f"why: {row.why[:44]}" for row in report.rows if row.status == "not-testable")
        if found:
            print(f"seed {seed}, {mode}, {report.scope}: {len(found)} differ", flush=True)
            only = replace(report, rows=tuple(r for r in report.rows if r.status == "different")[:3],
                           sequences=tuple(r for r in report.sequences if r.status == "different")[:2])  # fmt: skip
            print(only.text(), flush=True)
        if out is not None:
            for number, row in enumerate(found[:REDUCED]):
                name = f"seed-{seed}-{mode}-{report.scope}-{number}"
                write(reduced(project, row, report.scope), name, out)


def main(arguments: list[str]) -> int:
    """Run until so many connections were sent; 1 when anything differed."""
    parser = argparse.ArgumentParser(prog="lab_soak", description=__doc__)
    parser.add_argument("--connections", type=int, default=100_000)
    parser.add_argument("--clusters", type=int, default=50, help="at least so many clusters")
    parser.add_argument("--seed", type=int, default=1, help="the first cluster's")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--out", type=Path, help="where differences are written as small projects")
    parser.add_argument("--quick", action="store_true", help="two clusters")
    args = parser.parse_args(arguments)
    wanted, clusters = (1, 2) if args.quick else (args.connections, args.clusters)
    total: Counter[str] = Counter()
    begun = time.monotonic()
    seed = args.seed
    while (total["connections"] < wanted or total["clusters"] < clusters) and time.monotonic() - begun < args.seconds:
        for mode in MODES:
            try:
                one_cluster(seed, mode, args.out, total)
            except LabError as error:
                print(f"seed {seed}, {mode}: {error} {error.remedy}", flush=True)
                total["not built"] += 1
        total["clusters"] += 1
        seed += 1
    seconds = time.monotonic() - begun
    for name, count in sorted(total.items()):
        print(f"{count:8,} {name}")
    print(f"{seconds:8.0f} s; seeds {args.seed} to {seed - 1}")
    return 1 if total["different"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
