"""A lab's report as the value that a project keeps, and a kept one as a report again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.trace.ground import Ground
from designer.lab.compare import Row
from designer.lab.probes import Probe
from designer.lab.report import LabReport
from designer.lab.sequences import SequenceRow
from designer.model import Verification, VerifiedRow, VerifiedRules


def kept(report: LabReport, state: ClusterState, tested: str, date: str) -> Verification:
    """A report as a project keeps it: small, and without a word about the machine.

    `state` is the cluster that was built, `tested` its fingerprint, `date` the minute in UTC as ISO 8601 writes it.
    Sequences of rules are kept in full where they differ; elsewhere only that they were compared.
    """
    ground = Ground.of(state)
    waiting = list(report.sequences)
    rows = []
    for place, row in enumerate(report.rows):
        probe = report.probes[place] if place < len(report.probes) else None
        answered = report.answered[place] if place < len(report.answered) else ()
        rows.append(_row(ground, row, probe, answered, _taken(waiting, row)))
    told: dict[str, Any] = {"leftOut": report.left_out} if report.left_out else {}
    return Verification(
        date=date, mode=report.mode, scope=report.scope, tested=tested, connections=report.connections,
        rows=tuple(rows), **told,
    )  # fmt: skip


def restored(found: Verification) -> LabReport:
    """A kept result as a report, for its text and its JSON; the machine's abilities are not known any more."""
    rows = tuple(
        Row(row.source, row.destination, row.protocol, row.status, row.predicted, row.observed, row.attempts, row.why)
        for row in found.rows
    )
    sequences = tuple(
        SequenceRow(row.source, row.destination, rules.status, rules.predicted, rules.observed, rules.why)
        for row in found.rows
        if (rules := row.rules) is not None
    )
    return LabReport(found.mode, found.scope, rows, sequences, found.connections, (), found.leftOut)


def called(ground: Ground, address: str, port: int, protocol: str) -> str:
    """The id of what has an address: a Service before the Pod, Node or outsider behind it; "" for nothing known."""
    services = [s for s in ground.services_at(address) if any(p.port == port for p in s.ports)]
    if services:
        return services[0].id
    pod = ground.pods_by_ip.get(address)
    if pod is not None:
        return pod.id
    node, balanced = ground.nodes_by_ip.get(address), ground.node_port(protocol, port)
    if balanced is not None and (node is not None or address in ("127.0.0.1", "::1")):
        return balanced.id
    if node is not None:
        return f"Node:{node.name}"
    outside = ground.outside_at(address) if address else None
    return outside.id if outside is not None else ""


def _taken(waiting: list[SequenceRow], row: Row) -> SequenceRow | None:
    """The traced connection of a row, out of those that no row has yet; only TCP is traced."""
    if row.protocol != "TCP" or row.status == "not-testable":
        return None
    for place, one in enumerate(waiting):
        if (one.source, one.destination) == (row.source, row.destination):
            return waiting.pop(place)
    return None


def _row(
    ground: Ground, row: Row, probe: Probe | None, answered: Sequence[str], rules: SequenceRow | None
) -> VerifiedRow:
    """One row; what says nothing is not written."""
    told: dict[str, Any] = {
        "predicted": row.predicted,
        "observed": row.observed,
        "why": row.why,
        "attempts": row.attempts,
    }
    if probe is not None:
        ends = [way.end for way in probe.prediction.ways]
        told |= {
            "address": probe.address,
            "port": probe.port,
            "entry": probe.entry,
            "scenario": probe.scenario,
            "target": called(ground, probe.address, probe.port, row.protocol),
            "answerers": tuple(dict.fromkeys((*(e.who for e in ends if e.kind == "answered"), *answered))),
        }
    if rules is not None:
        sides = {"predicted": rules.predicted, "observed": rules.observed, "why": rules.why}
        differs = rules.status == "different"
        told["rules"] = VerifiedRules(status=rules.status, **(sides if differs else {}))
    return VerifiedRow(
        source=row.source, destination=row.destination, status=row.status, protocol=row.protocol,
        **{name: value for name, value in told.items() if value},
    )  # fmt: skip
