"""Runs of the lab for the tests of the window: made up, told when to go on, never a kernel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from designer.lab.client import CancelledError
from designer.model import Project, Verification, VerifiedRow, VerifiedRules
from designer.storage import fingerprint
from designer.ui.bridge.lab import Machine, Wish

ABLE = Machine(("✓ network namespaces, as an ordinary user", "– SCTP: not there. Load it."))
RULES = VerifiedRules(
    status="different",
    predicted=("node-1 prerouting: nat PREROUTING 1, nat KUBE-SERVICES 7",),
    observed=("node-1 prerouting: nat PREROUTING 1, nat KUBE-SERVICES 8",),
    why="At prerouting of node-1 the kernel hit other rules.",
)


def pods_of(project: Project, workload: str) -> tuple[str, ...]:
    """The ids of a workload's Pods."""
    records = project.ledger.pods.items()
    return tuple(
        f"Pod:default/{record.name}" for key, record in records if key.startswith(f"Deployment:default/{workload}")
    )


def rows_for(project: Project) -> tuple[VerifiedRow, ...]:
    """Of the sample “First steps”: one saved request confirmed, one that differs, one that cannot be tried."""
    names = sorted(project.scenarios)
    pods = pods_of(project, "backend")
    backend = project.ledger.services["Service:default/backend"].clusterIPs[0]
    frontend = project.ledger.services["Service:default/frontend"].clusterIPs[0]
    caller = pods_of(project, "frontend")[0]
    return (
        VerifiedRow(
            source=caller, destination=f"{names[0]} ({backend}:80)", status="confirmed", predicted=("no answer",),
            observed=("4 × no answer",), attempts=4, address=backend, port=80, scenario=names[0],
            target="Service:default/backend", answerers=pods,
        ),
        VerifiedRow(
            source="Node:node-1", destination=f"default/frontend ({frontend}:80)", status="different",
            predicted=("no answer",), observed=("1 × connection refused",), attempts=1, address=frontend, port=80,
            target="Service:default/frontend", why="Observed and not predicted: connection refused.", rules=RULES,
        ),
        VerifiedRow(
            source=caller, destination=names[-1], status="not-testable", why="No packet is sent.", scenario=names[-1]
        ),
    )  # fmt: skip


def result_for(project: Project, mode: str = "iptables") -> Verification:
    """A kept result of this very cluster."""
    return Verification(
        date="2026-11-23T15:02Z", mode=mode, scope="services", tested=fingerprint(project), connections=5,
        rows=rows_for(project),
    )  # fmt: skip


@dataclass
class FakeLab:
    """Stands for `bridge.lab.verify`: goes on when `go` is set, fails with `error`, hears of being cancelled."""

    go: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None
    wishes: list[Wish] = field(default_factory=list)
    cancelled: bool = False

    def __call__(
        self, project: Project, wish: Wish, progress: Callable[[str, int, int], None], cancel: Callable[[], bool]
    ) -> Verification:
        """A result of `project`, when it may go on."""
        self.wishes.append(wish)
        progress("plan", 0, 1)
        progress("build", 3, 10)
        while not self.go.wait(0.01):
            if cancel():
                self.cancelled = True
                raise CancelledError
        if self.error is not None:
            raise self.error
        return result_for(project, wish.mode)
