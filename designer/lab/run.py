"""run_lab: the cluster built, packets sent, the kernel's answer beside the engine's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace.ground import Ground
from designer.lab.asking import RELAYED, make_probes
from designer.lab.capabilities import Capabilities, capabilities, check_system
from designer.lab.choices import attempts_of, compare_all, unshared
from designer.lab.client import Cancel, LabError, Worker, never
from designer.lab.compare import Observed, compare, observed
from designer.lab.plan import LabPlan, node_space
from designer.lab.planning import make_plan
from designer.lab.prediction import Prediction, untestable
from designer.lab.probes import Aimed, Probe, drawn, probe_of
from designer.lab.report import LabReport
from designer.lab.sequences import SequenceRow, compare_sequence
from designer.lab.virtual import IPVS, NOT_COMPARED
from designer.model import replaces_kube_proxy

# What is built in one go, and how many connections are compared rule by rule.
MAX_NODES, MAX_PODS = 60, 600
TRACED = 100
# How many requests of a scope are tried where nobody says it, and named where none can be.
USUAL_SAMPLE, NAMED = 10_000, 200
# What every lab needs of a machine.
NEEDED = ("settings", "bridge", "iptables", "statistic", "nft")
# Seconds at first and when repeated. The repetition outlasts the kernel's own repetition of a SYN (1 s), which some
# refusals need to be seen; where silence is expected less is enough, and while rules are traced nobody else sends.
PATIENT, QUIET, ONCE, TRACING = (0.4, 1.3), (0.25, 0.25), (0.6, 0.0), (0.12, 0.0)
Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, of: int) -> None:
    """A progress that nobody hears."""


def run_lab(
    state: ClusterState,
    scope: str = "scenarios",
    sample: int | None = None,
    mode: str | None = None,
    progress: Progress = silent,
    cancel: Cancel = never,
    traced: int = TRACED,
) -> LabReport:
    """What a Linux kernel does with the requests of a scope, beside what the engine says.

    `mode` takes another mode of kube-proxy than the cluster's; `progress` hears (step, done, of); when `cancel` says
    so, CancelledError is raised and nothing stays. Raises LabError where the lab cannot be built here.
    """
    check_system()
    state = in_mode(state, mode)
    why = unbuildable(state)
    if why:
        return not_built(state, scope, sample, why)
    progress("plan", 0, 1)
    with Worker(cancel) as worker:
        able = capabilities(worker)
        lacking = needs(state, able)
        if lacking:
            raise LabError(f"The lab cannot be built here. {lacking}")
        lab = Lab(state, make_plan(state, able.restore, able.missing("sctp")), worker, progress)
        if scope == "scenarios":
            probes = make_probes(state, lab.plan, scope)
            if any(probe.note for probe in probes):
                lab.plan = replace(lab.plan, left_out=(*lab.plan.left_out, RELAYED))
        else:
            aimed, total = drawn(state, scope, sample or USUAL_SAMPLE)
            probes = predicted(Ground.of(state), lab.plan, aimed, progress)
            if total > len(probes):
                said = f"{len(probes):,} of {total:,} requests were tried; give a larger sample for more."
                lab.plan = replace(lab.plan, left_out=(*lab.plan.left_out, said))
        lab.build()
        return lab.report(scope, probes, able, traced)


def predicted(ground: Ground, plan: LabPlan, aimed: Sequence[Aimed], progress: Progress) -> tuple[Probe, ...]:
    """First packets as probes with their predictions, one after the other: large clusters take their time."""
    found = []
    for done, one in enumerate(aimed):
        progress("plan", done, len(aimed))
        found.append(probe_of(ground, plan, one))
    return tuple(found)


def not_built(state: ClusterState, scope: str, sample: int | None, why: str) -> LabReport:
    """The report where no lab can be built: the scope's requests, none of them testable and why."""
    ground, plan = Ground.of(state), LabPlan((), (), ())
    probes = make_probes(state, plan, scope, min(sample or NAMED, NAMED))
    rows = tuple(compare(ground, replace(probe, prediction=untestable(why)), ()) for probe in probes)
    return LabReport(state.project.cluster.kubeProxy.mode, scope, rows, (), 0, (), (why,), probes)


def in_mode(state: ClusterState, mode: str | None) -> ClusterState:
    """The cluster with kube-proxy in another mode; itself where it is in that mode already."""
    cluster = state.project.cluster
    if mode is None or cluster.kubeProxy.mode == mode:
        return state
    proxy = cluster.kubeProxy.model_copy(update={"mode": mode})
    project = replace(state.project, cluster=cluster.model_copy(update={"kubeProxy": proxy}))
    return compile_project(project)


def unbuildable(state: ClusterState) -> str:
    """Why no lab is built of this cluster, as a sentence; "" where it can be."""
    settings, cni = state.project.cluster, state.cni
    eats = replaces_kube_proxy(settings)
    if eats or cni.datapath is not None:
        return f"The eBPF programs of {cni.title} cannot be loaded in the lab: compare the plugin's other data planes."
    nodes, pods = len(state.control.nodes), len(state.control.pods)
    if nodes > MAX_NODES or pods > MAX_PODS:
        return (
            f"The cluster has {nodes} Nodes and {pods} Pods; the lab builds up to {MAX_NODES} and {MAX_PODS}. "
            "Take a part of it."
        )
    if not nodes:
        return "The cluster has no Nodes."
    return ""


def needs(state: ClusterState, able: Capabilities) -> str:
    """What the machine lacks for this cluster, "" for nothing."""
    names = [*NEEDED]
    ground = Ground.of(state)
    if state.cni.bridge:
        names.append("bridge-netfilter")
    wraps = [wrap for wrap in (state.cni.encapsulation_v4, state.cni.encapsulation_v6) if wrap is not None]
    names += ["vxlan" if wrap.transport == "UDP" else "ipip" for wrap in wraps]
    if ground.mode == IPVS:
        names.append(IPVS)
    if any(":" in address for node in state.control.nodes.values() for address in node.addresses):
        names.append("ipv6")
    if any(service.affinity_seconds is not None for service in state.control.services.values()):
        names.append("recent")
    if any(ground.rules(name, 4).iptables.sets for name in state.control.nodes):
        names.append("ipset")
    return able.missing(*names)


@dataclass(slots=True)
class Lab:
    """A built lab, and what is done with it."""

    state: ClusterState
    plan: LabPlan
    worker: Worker
    progress: Progress = silent

    def build(self) -> None:
        """Build all of it; what could not listen is said. Raises LabError where a step fails."""
        deaf: list[int] = []
        for answer in self.worker.ask(self.plan.data()):
            if "built" in answer:
                self.progress("build", int(answer["built"]), int(answer["of"]))
            deaf = answer.get("deaf", [])
        said = tuple(
            f"Nothing could listen on {one.protocol} port {one.port} in {one.space}: what calls it there is refused."
            for one in map(self.plan.listeners.__getitem__, deaf)
        )
        self.plan = replace(self.plan, left_out=(*self.plan.left_out, *said))

    def send(self, probes: Sequence[Probe]) -> list[list[Observed]]:
        """The ends of each probe, tried as often as its prediction needs; none for those that are not testable."""
        found: list[list[Observed]] = [[] for _ in probes]
        command = [
            _sent(number, probe, patience_for(probe.prediction))
            for number, (probe, attempts) in enumerate(zip(probes, attempts_of(probes), strict=True))
            for _ in range(attempts)
        ]
        done = 0
        for answer in self.worker.ask({"do": "probe", "probes": command}):
            for number, end in answer.get("ends", ()):
                found[number].append(observed(self.plan, end))
                done += 1
            self.progress("probes", done, len(command))
        return found

    def trace(self, probes: Sequence[Probe]) -> tuple[SequenceRow, ...]:
        """The rules that the kernel hits for each of these probes beside those of the prediction."""
        ground, rows = Ground.of(self.state), []
        spaces = [node_space(name) for name in self.state.control.nodes]
        command = [_sent(number, probe, TRACING) for number, probe in enumerate(probes)]
        for answer in self.worker.ask({"do": "trace", "spaces": spaces, "probes": command}):
            if "traced" in answer:
                number, end, seen = answer["traced"]
                rows.append(compare_sequence(ground, probes[number], observed(self.plan, end), seen))
                self.progress("rules", len(rows), len(command))
        return tuple(rows)

    def report(self, scope: str, probes: tuple[Probe, ...], able: Capabilities, traced: int) -> LabReport:
        """Everything sent and compared."""
        ground = Ground.of(self.state)
        ends = self.send(probes)
        rows = compare_all(ground, probes, ends)
        chosen = traceable(probes, traced) if not able.missing("trace") and ground.mode != IPVS else ()
        sequences = self.trace(chosen) if chosen else ()
        mode = self.state.project.cluster.kubeProxy.mode
        count = sum(map(len, ends)) + len(sequences)
        answered = tuple(tuple(sorted({end.who for end in found if end.kind == "answered"})) for found in ends)
        beside = (unshared(probes, attempts_of(probes)), NOT_COMPARED if ground.mode == IPVS else "")
        said = (*self.plan.left_out, *filter(None, beside))
        return LabReport(mode, scope, rows, sequences, count, able.lines(), said, probes, answered)


def traceable(probes: Sequence[Probe], most: int) -> tuple[Probe, ...]:
    """The probes whose rules can be compared, evenly chosen: TCP, and no session affinity, which remembers."""
    found = [p for p in probes if p.protocol == "TCP" and not p.prediction.untestable and not p.prediction.sticky]
    if len(found) <= most:
        return tuple(found)
    return tuple(found[place * len(found) // most] for place in range(most))


def _sent(number: int, probe: Probe, patience: tuple[float, float]) -> list[Any]:
    return [number, probe.space, probe.family, probe.protocol, probe.address, probe.port, probe.mark, patience]


def patience_for(prediction: Prediction) -> tuple[float, float]:
    """How many seconds an answer is waited for at first, and when the probe is repeated (0: it is not).

    Where some choices are expected to end in silence, a repetition would only choose anew.
    """
    silence = [end.kind in ("silent", "unreachable") for end in prediction.shares]
    return QUIET if all(silence) else ONCE if any(silence) else PATIENT
