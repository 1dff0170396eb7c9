"""compile_project: the passes that make a ClusterState of a project, in one table.

Each pass names what it reads; it runs only when one of those objects is another one than in the previous compilation,
and when its result equals the old one, the old object is handed on, so that the passes after it rest too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from designer.engine.cni import CniProfile, NodeSenders, profile_for
from designer.engine.controlplane import Allocation, allocation, control_plane
from designer.engine.controlplane.allocate import READ_KINDS
from designer.engine.controlplane.build import corefile_maps, namespace_names
from designer.engine.controlplane.madeup import made_up, pod_ranges
from designer.engine.controlplane.sources import source_line
from designer.engine.controlplane.state import ControlPlaneState, Family
from designer.engine.kubeproxy import iptables, ipvs, nftables
from designer.engine.l7 import RouteTable, compile_routes
from designer.engine.l7.gateway import GatewayTable, compile_gateways
from designer.engine.memo import Memo
from designer.engine.netfilter import IpvsProgram, NftProgram, Program
from designer.engine.policy import PolicySet, compile_policies
from designer.engine.reporter import SILENT, Reporter
from designer.model import (
    WORKLOAD_KINDS,
    EndpointSlice,
    Ingress,
    IngressClass,
    IngressController,
    KubeObject,
    Namespace,
    NetworkPolicy,
    Node,
    Problem,
    Project,
    Service,
)
from designer.model.collector import collector_paused

ProgramKey = tuple[str, Family]


@dataclass(frozen=True, slots=True)
class ClusterState:
    """What a cluster with this project would be: everything that a request, a table or a check is answered from.

    `project` has an allocated ledger. `problems` are those of the passes (allocation, API server, policies, routes,
    Gateways), in their order. Lazy caches are filled after construction and never change what is answered: those of
    programs, and `memo`, which later compilations of the same chain read.
    """

    project: Project
    control: ControlPlaneState
    cni: CniProfile
    policies: PolicySet
    routes: RouteTable
    gateways: GatewayTable
    problems: tuple[Problem, ...]
    memo: Memo = field(default_factory=Memo, compare=False, repr=False)
    programs: dict[ProgramKey, Program] = field(default_factory=dict, compare=False, repr=False)
    nft_programs: dict[ProgramKey, NftProgram] = field(default_factory=dict, compare=False, repr=False)
    ipvs_programs: dict[ProgramKey, IpvsProgram] = field(default_factory=dict, compare=False, repr=False)

    def program(self, node: str, family: Family) -> Program:
        """What kube-proxy writes in iptables mode on a Node in one family, made when first asked for.

        Raises KeyError for no such Node; so do the other modes' methods.
        """
        key = (node, family)
        found = self.programs.get(key)
        if found is None:
            cache = self.memo.slot("kubeproxy").setdefault("rules", iptables.RuleCache())
            found = iptables.build(self.control, self.project.cluster, node, family, cache)
            self.programs[key] = found
        return found

    def nft_program(self, node: str, family: Family) -> NftProgram:
        """What it writes in nftables mode."""
        key = (node, family)
        found = self.nft_programs.get(key)
        if found is None:
            cache = self.memo.slot("kubeproxy").setdefault("nft rules", nftables.RuleCache())
            found = nftables.build(self.control, self.project.cluster, node, family, cache)
            self.nft_programs[key] = found
        return found

    def ipvs_program(self, node: str, family: Family) -> IpvsProgram:
        """What it writes in ipvs mode."""
        key = (node, family)
        found = self.ipvs_programs.get(key)
        if found is None:
            cache = self.memo.slot("kubeproxy").setdefault("ipvs ports", ipvs.RuleCache())
            found = ipvs.build(self.control, self.project.cluster, node, family, cache)
            self.ipvs_programs[key] = found
        return found


@dataclass(slots=True)
class _Work:
    """One compilation: the project, the memo of the chain, and the results so far by pass."""

    project: Project
    memo: Memo
    results: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pass:
    """One step: its name, the objects that it reads, and what it does with them."""

    name: str
    reads: Callable[[_Work], tuple[Any, ...]]
    run: Callable[[_Work], Any]


_Kinds = tuple[type[KubeObject], ...]


def _slices(project: Project, kinds: _Kinds) -> tuple[Any, ...]:
    return tuple(project.slice(kind) for kind in kinds)


_CONTROLLED: _Kinds = (*READ_KINDS, EndpointSlice, Namespace)
_ROUTED: _Kinds = (Ingress, IngressClass, IngressController, Service, *WORKLOAD_KINDS)


def _allocate(work: _Work) -> Allocation:
    return allocation(work.project)


def _control(work: _Work) -> tuple[ControlPlaneState, tuple[Problem, ...]]:
    return control_plane(work.project, work.memo, work.results["allocation"].waiting)


PASSES: tuple[Pass, ...] = (
    Pass(
        "allocation",
        lambda w: (w.project.cluster, w.project.ledger, *_slices(w.project, READ_KINDS)),
        _allocate,
    ),
    Pass(
        "control",
        lambda w: (
            w.project.cluster,
            w.project.ledger,
            w.results["allocation"].waiting,
            namespace_names(w.project, w.memo),
            *corefile_maps(w.project),
            *_slices(w.project, _CONTROLLED),
        ),
        _control,
    ),
    Pass("cni", lambda w: (w.project.cluster,), lambda w: profile_for(w.project.cluster)),
    Pass(
        "policies",
        lambda w: (
            w.project.slice(NetworkPolicy),
            w.project.cluster,
            w.project.provenance,
            w.project.foreign,
            w.results["control"][0],
        ),
        lambda w: _policies(w),
    ),
    Pass(
        "routes",
        lambda w: (w.project.provenance, w.project.foreign, w.results["control"][0], *_slices(w.project, _ROUTED)),
        lambda w: compile_routes(w.project, w.results["control"][0], w.memo),
    ),
    Pass(
        "gateways",
        lambda w: (w.project.foreign, w.results["control"][0]),
        lambda w: compile_gateways(w.project, w.results["control"][0], w.memo),
    ),
    Pass(
        "problems",
        lambda w: (
            w.project.provenance,
            w.results["allocation"].problems,
            w.results["control"][1],
            w.results["policies"].problems,
            w.results["routes"].problems,
            w.results["gateways"].problems,
        ),
        lambda w: _problems(w),
    ),
)


def _policies(work: _Work) -> PolicySet:
    """The policies under the plugin's engine, which is told what of the addresses no input says."""
    project, control, cni = work.project, work.results["control"][0], work.results["cni"]
    reads = (cni, project.cluster, control.nodes)
    senders = work.memo.once("senders", reads, lambda: NodeSenders(cni, project.cluster, control.nodes))
    engine = work.memo.once(
        "policy engine",
        (cni, project.cluster, project.ledger.pods, project.slice(Node)),
        lambda: replace(cni.enforcement, made_up=made_up(project), pod_ranges=pod_ranges(project)),
    )
    return compile_policies(project, control, engine, work.memo, senders)


def _problems(work: _Work) -> tuple[Problem, ...]:
    """All problems of the passes, each once, with file and line where the object came from one."""
    results = work.results
    parts = (
        results["allocation"].problems,
        results["control"][1],
        results["policies"].problems,
        results["routes"].problems,
        results["gateways"].problems,
    )
    return tuple(dict.fromkeys(_placed(work.project, problem) for part in parts for problem in part))


def _placed(project: Project, problem: Problem) -> Problem:
    if problem.file or not problem.object:
        return problem
    file, line = source_line(project, problem.object, problem.field)
    return replace(problem, file=file, line=line) if file else problem


@collector_paused()
def compile_project(
    project: Project, previous: ClusterState | None = None, reporter: Reporter | None = None
) -> ClusterState:
    """The cluster that `project` describes; what `previous` shares with it is taken from there.

    A ledger that does not fit the objects is allocated first, so any project may be compiled. `reporter` hears of every
    pass and may raise to cancel; nothing is half done then.
    """
    reporter = reporter or SILENT
    memo = previous.memo if previous is not None else Memo()
    work = _Work(project, memo)
    for number, step in enumerate(PASSES):
        reporter.step(step.name, number, len(PASSES))
        result = memo.once(step.name, step.reads(work), lambda step=step: step.run(work))  # type: ignore[misc]
        work.results[step.name] = result
        if step.name == "allocation" and result.ledger is not project.ledger:
            # For the project with the new ledger the answer is the same: the next compilation knows it already.
            work.project = replace(project, ledger=result.ledger)
            memo.settle(step.name, step.reads(work), result)
    results = work.results
    control = results["control"][0]
    same = previous is not None and previous.control is control and previous.project.cluster is project.cluster
    return ClusterState(
        project=work.project,
        control=control,
        cni=results["cni"],
        policies=results["policies"],
        routes=results["routes"],
        gateways=results["gateways"],
        problems=results["problems"],
        memo=memo,
        programs=previous.programs if previous is not None and same else {},
        nft_programs=previous.nft_programs if previous is not None and same else {},
        ipvs_programs=previous.ipvs_programs if previous is not None and same else {},
    )
