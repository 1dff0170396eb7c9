"""allocate: the ledger reconciled with the objects. What once got a name, place or address keeps it.

The steps in their order: node addresses and podCIDRs, Pods (which exist, where they run), their addresses
(`podledger`), Services. Pure: every choice that Kubernetes leaves to chance is drawn from the cluster's seed and the
ledger's counters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.observations import implied
from designer.engine.controlplane.podledger import NO_PODS, PodLedger, allocate_pods, kept
from designer.engine.controlplane.serviceallocation import ServiceAllocation, allocate_services, service_nets
from designer.engine.controlplane.serviceclaims import claims
from designer.engine.controlplane.servicevalidation import accepted
from designer.engine.memo import Memo, same
from designer.model import (
    WORKLOAD_KINDS,
    EndpointSlice,
    FrozenMap,
    KubeObject,
    Ledger,
    Node,
    Pod,
    Problem,
    Project,
    Service,
    ServiceCIDR,
    ServiceRecord,
)
from designer.model.collector import collector_paused

# The kinds of objects that an allocation depends on.
READ_KINDS: tuple[type[KubeObject], ...] = (Node, Pod, Service, ServiceCIDR, EndpointSlice, *WORKLOAD_KINDS)


@dataclass(frozen=True, slots=True)
class Allocation:
    """A reconciled ledger, what could not be handed out, and why what waits is waiting (by Pod key and Service id)."""

    ledger: Ledger
    problems: tuple[Problem, ...]
    waiting: FrozenMap[str, str]


NO_ALLOCATION = Allocation(Ledger(), (), FrozenMap())
NO_SERVICES = ServiceAllocation(FrozenMap(), (), {})


@dataclass(frozen=True, slots=True)
class _Answer:
    """An allocation with what it was made from."""

    reads: tuple[object, ...] = ()
    services_reads: tuple[object, ...] = ()
    found: Allocation = NO_ALLOCATION
    services: ServiceAllocation = NO_SERVICES
    pods: PodLedger = NO_PODS
    memo: Memo = field(default_factory=Memo)


# The last answers, newest first: an editor asks for the ledger, then compiles with it, and each asks here; most edits
# touch no Service, and after an undo an edit starts from an earlier answer. They save time and change no answer.
KEPT = 3
_recent: tuple[_Answer, ...] = (_Answer(),)


def allocate(project: Project) -> tuple[Ledger, tuple[Problem, ...]]:
    """The ledger that fits the objects of `project`, and what could not be handed out.

    Idempotent: for a project that has this ledger the answer is this very object. Records of what no longer exists are
    dropped, their addresses are free again in the order of the network plugin.
    """
    found = allocation(project)
    return found.ledger, found.problems


def allocation(project: Project) -> Allocation:
    """`allocate` with the words of scheduler, plugin and load balancer for what waits."""
    global _recent
    recent, reads = _recent, _reads(project, project.ledger)
    for answer in recent:
        if same(answer.reads, reads):
            return answer.found
    # What the project was made of is the best start: every record that nothing was done to is the very same.
    last = next((answer for answer in recent if answer.reads and answer.reads[1] is project.ledger), recent[0])
    answer = _allocation(project, last)
    _recent = (answer, *recent)[:KEPT]
    return answer.found


def _reads(project: Project, ledger: Ledger) -> tuple[object, ...]:
    return (project.cluster, ledger, *(project.slice(kind) for kind in READ_KINDS))


def _services_reads(project: Project, records: FrozenMap[str, ServiceRecord]) -> tuple[object, ...]:
    return (project.cluster, records, project.slice(Service), project.slice(ServiceCIDR))


@collector_paused()
def _allocation(project: Project, last: _Answer) -> _Answer:
    old, settings = project.ledger, project.cluster
    draws = Draws(settings.seed, old.draws)
    pods = allocate_pods(project, draws, last.pods)
    services, reads = last.services, _services_reads(project, old.services)
    if not same(last.services_reads, reads) and not _claims_as_before(last, reads, project):
        services = _services(project, draws, last.memo)
    ledger = _ledger(old, pods, services.records, draws)
    problems = sorted((*pods.problems, *services.problems), key=lambda p: p.sort_key)
    waiting = {**pods.waiting, **services.waiting}
    seen = implied(project, ledger, waiting, last.memo)
    if seen is not ledger.implied:
        ledger = ledger.model_copy(update={"implied": seen})
    found = Allocation(ledger, tuple(problems), kept(last.found.waiting, waiting))
    # Both are idempotent: with the new records the answer is the same.
    return _Answer(_reads(project, ledger), _services_reads(project, ledger.services), found, services, pods, last.memo)


def _claims_as_before(last: _Answer, reads: tuple[object, ...], project: Project) -> bool:
    """Whether all that differs are Services that have what they want, and want now what they wanted before."""
    if len(last.services_reads) != len(reads) or not same((*last.services_reads[:2], last.services_reads[3]),
                                                         (*reads[:2], reads[3])):  # fmt: skip
        return False
    before, now = cast("FrozenMap[str, Service]", last.services_reads[2]), project.slice(Service)
    gone, changed = now.differing(before)
    return not gone and all(
        oid in last.services.records
        and oid in before
        and claims(now[oid]) == claims(before[oid])
        and accepted(now[oid], project.cluster)
        for oid in changed
    )


def _services(project: Project, draws: Draws, memo: Memo) -> ServiceAllocation:
    settings = project.cluster
    nets = service_nets(settings, project.slice(ServiceCIDR).values())
    checked = memo.group("accepted")
    found = allocate_services(
        project.slice(Service),
        project.ledger.services,
        settings,
        nets,
        draws,
        lambda s: checked.once(s.id, (s, settings), accepted),
    )
    checked.close()
    return found


def _ledger(old: Ledger, pods: PodLedger, services: FrozenMap[str, ServiceRecord], draws: Draws) -> Ledger:
    """The new ledger; `old` itself, or parts of it, where nothing differs."""
    new = Ledger.model_construct(
        None,
        pods=pods.records,
        nodes=pods.nodes,
        services=services,
        cidrPointer=pods.pointers,
        draws=kept(old.draws, draws.counts),
        implied=old.implied,
    )
    unchanged = (
        new.pods is old.pods
        and new.nodes is old.nodes
        and new.services is old.services
        and new.cidrPointer is old.cidrPointer
        and new.draws is old.draws
    )
    return old if unchanged else new
