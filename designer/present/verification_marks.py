"""Which saved requests, objects and pairs of objects a result of Verify on Linux is about, and what it says of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import Request
from designer.model import VERIFIED_WORDS, Verification, VerifiedRow
from designer.present.verification_rows import row_request, row_status

# One that differs outweighs all; what was confirmed for some is confirmed, though others could not be tried.
WEIGHT: Final = {"not-testable": 0, "confirmed": 1, "different": 2}
OUTSIDE: Final = "outside"
BALANCER: Final = "LoadBalancer"
K = TypeVar("K")


@dataclass(slots=True)
class VerificationMarks:
    """What is marked; the values are statuses. Pairs go from who asks to what is asked, and to what answered."""

    scenarios: dict[str, str] = field(default_factory=dict)
    requests: dict[Request, str] = field(default_factory=dict)
    pairs: dict[tuple[str, str], str] = field(default_factory=dict)
    objects: dict[str, Counter[str]] = field(default_factory=dict)

    def of_edge(self, source: str, targets: Iterable[str]) -> str:
        """What is said of an edge that leads to any of these things; "" where none of them was tried."""
        return worst(self.pairs[source, target] for target in targets if (source, target) in self.pairs)

    def words_of(self, oid: str) -> str:
        """``Verified on Linux: 4 requests confirmed, 1 different``; "" for what was not tried."""
        counts = self.objects.get(oid)
        if not counts:
            return ""
        told = [f"{counts[status]} {word}" for status, word in VERIFIED_WORDS.items() if counts[status]]
        return f"Verify on Linux: {', '.join(told)}"


def worst(statuses: Iterable[str]) -> str:
    """The status that outweighs the others, "" for none."""
    return max(statuses, key=lambda status: WEIGHT.get(status, 0), default="")


def marks_of(found: Verification | None, state: ClusterState) -> VerificationMarks:
    """Everything that a result marks in a cluster; nothing where there is no result."""
    marks = VerificationMarks()
    for row in found.rows if found is not None else ():
        status = row_status(row)
        if row.scenario:
            _weigh(marks.scenarios, row.scenario, status)
        request = row_request(row, state.project)
        if request is not None:
            _weigh(marks.requests, request, status)
        for pair in _pairs(row, state):
            _weigh(marks.pairs, pair, status)
        for oid in dict.fromkeys((row.target, *row.answerers)):
            if oid:
                marks.objects.setdefault(oid, Counter())[status] += 1
    return marks


def _weigh(found: dict[K, str], key: K, status: str) -> None:
    found[key] = worst((status, found.get(key, status)))


def _pairs(row: VerifiedRow, state: ClusterState) -> set[tuple[str, str]]:
    """Who and what a row connects, each by every name that a picture may know it by."""
    senders = set(_names(row.source, state))
    called = {*_names(row.target, state), *_balancer(row, state)}
    answerers = {name for oid in row.answerers for name in _names(oid, state)}
    if not answerers and row.target:
        # Nobody answers: what stands behind the Service was meant all the same.
        answerers = {name for oid in _behind(row.target, state) for name in _names(oid, state)}
    pairs = {(sender, end) for sender in senders for end in called | answerers}
    pairs |= {(end, row.target) for end in called if end != row.target}
    return pairs | {(end, answerer) for end in called for answerer in answerers if end != answerer}


def _names(oid: str, state: ClusterState) -> tuple[str, ...]:
    """The ids under which views draw a thing: itself, its workload, all outside."""
    pod = state.control.pods.get(oid)
    if pod is not None:
        return tuple(name for name in (pod.id, pod.owner) if name)
    if oid.startswith("ExternalClient:"):
        return oid, OUTSIDE
    return (oid,) if oid else ()


def _balancer(row: VerifiedRow, state: ClusterState) -> tuple[str, ...]:
    """The id of the load balancer that a request went to, if it went to one."""
    service = state.control.services.get(row.target)
    if service is None or row.address not in {entry.ip for entry in service.load_balancer}:
        return ()
    return (f"{BALANCER}:{service.namespace}/{service.name}",)


def _behind(target: str, state: ClusterState) -> tuple[str, ...]:
    slices = state.control.slices.get(target, ())
    return tuple(endpoint.pod for found in slices for endpoint in found.endpoints if endpoint.pod)
