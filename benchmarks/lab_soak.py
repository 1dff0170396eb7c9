"""Random clusters against a Linux kernel: ``python -m benchmarks.lab_soak [--connections N] [--seed S] [--out DIR]``.

For each seed hypothesis draws a cluster, in iptables and in nftables mode; every Service port from everywhere and a
sample of the Pod matrix are sent and compared with the traces, some of them rule by rule. Where something differs,
hypothesis makes the cluster smaller as long as something still does, what is not needed is taken out, and the project
is written. The exit status is 1 when anything differed. The same seed gives the same cluster as long as hypothesis
stays the same; a project that was written is opened by ``cluster-designer lab`` at any time.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import FlakyFailure

from benchmarks.lab_clusters import projects
from designer.engine.compile import ClusterState, compile_project
from designer.lab.client import LabError
from designer.lab.compare import Row
from designer.lab.report import LabReport
from designer.lab.run import run_lab
from designer.lab.sequences import SequenceRow
from designer.model import Project
from designer.storage import save_file

MODES = ("iptables", "nftables")
SCOPES = (("services", 500), ("matrix", 200), ("strays", 150), ("scenarios", None))
TRACED = 30
# What makes the same reason read otherwise in each row.
DETAIL = re.compile(r"\b(\w+/\w[\w-]*|node-\d|p\d|[0-9a-f]*[:.][0-9a-f:.]+)\b")
Different = Row | SequenceRow


class DiffersError(Exception):
    """The kernel does otherwise than the traces say."""


def reports(state: ClusterState) -> Iterator[LabReport]:
    """The lab's report of each scope."""
    for scope, sample in SCOPES:
        if scope != "scenarios" or state.project.scenarios:
            yield run_lab(state, scope, sample, traced=TRACED)


def different(report: LabReport) -> list[Different]:
    """Everything of a report that differs."""
    rows: list[Different] = [row for row in report.rows if row.status == "different"]
    return rows + [row for row in report.sequences if row.status == "different"]


def shows(project: Project, scope: str) -> bool:
    """Whether something of a scope differs in a project; False where no lab can be built of it."""
    try:
        return bool(different(run_lab(compile_project(project), scope, traced=TRACED)))
    except LabError:
        return False


def reduced(project: Project, scope: str) -> Project:
    """The project without every object that the difference does not need; the ledger stays, so do addresses."""
    for oid in sorted(oid for kind in project.objects.values() for oid in kind):
        smaller = project.without(oid)
        if shows(smaller, scope):
            project = smaller
    for oid in sorted(project.foreign):
        smaller = replace(project, foreign=project.foreign.without(oid))
        if shows(smaller, scope):
            project = smaller
    return project


def write(project: Project, name: str, out: Path) -> None:
    """The project as a file."""
    out.mkdir(parents=True, exist_ok=True)
    save_file(out / f"{name}.cnd", project, force=True)


@dataclass(slots=True)
class Soak:
    """One seed in one mode. Of its first difference `scope` is the scope and `smallest` the least cluster with one."""

    mode: str
    name: str
    total: Counter[str]
    with_plainest: bool
    calls: int = 0
    scope: str = ""
    smallest: Project | None = None

    def __call__(self, project: Project) -> None:
        """Nothing; raises DiffersError where something differs. Hypothesis tries its plainest cluster first."""
        self.calls += 1
        if self.calls == 1 and not self.with_plainest:
            return
        if self.scope:
            self.total["tries to make it smaller"] += 1
            differs = shows(project, self.scope)
        else:
            differs = self.whole(project)
        if differs:
            self.smallest = project
            raise DiffersError(self.name)

    def whole(self, project: Project) -> bool:
        """Whether anything of a cluster differs; its counts go into the total, what differs to the screen."""
        total, state = self.total, compile_project(project)
        total["clusters and modes"] += 1
        for report in reports(state):
            total["connections"] += report.connections
            total["requests"] += len(report.rows)
            total["traced"] += len(report.sequences)
            total["not testable"] += report.count("not-testable")
            found = different(report)
            total["different"] += len(found)
            total.update(f"why: {DETAIL.sub('…', row.why)[:60]}" for row in report.rows if row.status == "not-testable")
            if found:
                self.scope, self.smallest = report.scope, state.project
                self.show(report, len(found))
                return True
        return False

    def show(self, report: LabReport, count: int) -> None:
        """Nothing; the first differences of a report go to the screen."""
        print(f"{self.name}, {report.scope}: {count} differ", flush=True)
        only = replace(report, rows=tuple(r for r in report.rows if r.status == "different")[:3],
                       sequences=tuple(r for r in report.sequences if r.status == "different")[:2])  # fmt: skip
        print(only.text(), flush=True)


def one_cluster(number: int, mode: str, out: Path | None, total: Counter[str], with_plainest: bool) -> None:
    """The cluster of a seed in one mode; a difference is made small and written to `out`."""
    soak = Soak(mode, f"seed {number}, {mode}", total, with_plainest)

    @seed(number)
    @settings(
        max_examples=2, database=None, deadline=None, phases=(Phase.generate, *((Phase.shrink,) if out else ())),
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(projects(mode))
    def holds(project: Project) -> None:
        soak(project)

    try:
        holds()
    except DiffersError:
        pass
    except FlakyFailure:
        print(f"{soak.name}: it did not show again", flush=True)
    if out is not None and soak.smallest is not None:
        project = compile_project(soak.smallest).project
        write(reduced(project, soak.scope), f"seed-{number}-{mode}-{soak.scope}", out)


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
    number = args.seed
    while (total["connections"] < wanted or total["clusters"] < clusters) and time.monotonic() - begun < args.seconds:
        for mode in MODES:
            try:
                one_cluster(number, mode, args.out, total, number == args.seed)
            except LabError as error:
                print(f"seed {number}, {mode}: {error} {error.remedy}", flush=True)
                total["not built"] += 1
        total["clusters"] += 1
        number += 1
    seconds = time.monotonic() - begun
    for name, count in sorted(total.items()):
        print(f"{count:8,} {name}")
    print(f"{seconds:8.0f} s; seeds {args.seed} to {number - 1}")
    return 1 if total["different"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
