"""Scope → probes. A saved request is followed as the trace goes, connection by connection.

Through an Ingress controller a request becomes two connections: to the controller, and from its Pod to an endpoint.
Each is tried; which backend the controller chooses is the program's answer and nothing that a kernel knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from designer.engine.compile import ClusterState
from designer.engine.trace import Branch, Trace
from designer.engine.trace.ask import ask, scenario_request
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import RELAYS, Hop, Path, Request
from designer.engine.trace.origin import find_origin, pod_origin
from designer.lab.plan import LabPlan
from designer.lab.prediction import predict, untestable
from designer.lab.probes import Aimed, Probe, drawn, probe_of
from designer.model import scenarios_in_order

RELAYED = "Which backend an Ingress controller chooses is the program's own answer: the lab tries the connections."
RELAYED_NOTE = "The connection is tried; which backend the controller chooses is the program's own answer."


def make_probes(state: ClusterState, plan: LabPlan, scope: str, sample: int | None = None) -> tuple[Probe, ...]:
    """The probes of a scope: every saved request, or at most `sample` others (drawn by the cluster's own seed)."""
    ground = Ground.of(state)
    if scope == "scenarios":
        return tuple(replace(probe, scenario=name) for name, probe in _scenarios(ground, plan))
    return tuple(probe_of(ground, plan, one) for one in drawn(state, scope, sample)[0])


def _scenarios(ground: Ground, plan: LabPlan) -> Iterator[tuple[str, Probe]]:
    """The scenarios of the project by name; one that may go to several addresses is tried at each."""
    for scenario in scenarios_in_order(ground.state.project.scenarios):
        name = scenario.name
        request = scenario_request(scenario)
        result, problems = ask(ground.state, request)
        if result is None:
            why = " ".join(problem.title for problem in problems)
            yield name, Probe(scenario.source, scenario.name, "TCP", "", "", 0, 0, untestable(f"{why}."))
            continue
        paths = result.trace.paths()
        relayed = any(hop.kind in RELAYS for path in paths for hop in path.hops)
        for probe in (_relayed if relayed else _followed)(ground, plan, scenario.name, request, paths):
            yield name, probe


def _followed(ground: Ground, plan: LabPlan, name: str, request: Request, paths: tuple[Path, ...]) -> Iterator[Probe]:
    origin = find_origin(ground, request.source).origin
    groups: dict[tuple[str, int, str, str], list[Path]] = {}
    for path in paths:
        first = _first_packet(path.hops)
        if origin is None or first is None or first.after is None:
            yield Probe(request.source, name, "TCP", "", "", 0, 0, untestable(f"No packet is sent: {path.reason}"))
            continue
        entry = first.toward.partition(":")[2] if origin.kind == "outside" else ""
        groups.setdefault((first.after.dst, first.after.dport, first.after.protocol, entry), []).append(path)
    for (address, port, protocol, entry), found in groups.items():
        assert origin is not None
        aimed = Aimed(origin, address, port, protocol, entry, name)
        plain = probe_of(ground, plan, aimed)
        if plain.prediction.untestable:
            yield plain
            continue
        whole = sum((path.share for path in found), start=Fraction(0))
        tree = Trace((), None, "", tuple(_as_branch(path, whole) for path in found))
        told = predict(ground, tree)
        yield replace(plain, prediction=told)


def _relayed(ground: Ground, plan: LabPlan, name: str, request: Request, paths: tuple[Path, ...]) -> Iterator[Probe]:
    """Every connection that the ways of a request through Ingress controllers are made of, each once."""
    client = find_origin(ground, request.source).origin
    done: set[tuple[str, str, int, str]] = set()
    left: dict[str, None] = {}
    for path in paths:
        for hops in _connections(path):
            first = _first_packet(hops)
            pod = ground.control.pods.get(first.at) if first is not None else None
            origin = pod_origin(pod) if pod is not None else client
            if first is None or first.after is None or origin is None:
                continue
            entry = first.toward.partition(":")[2] if origin.kind == "outside" else ""
            key = (origin.id, first.after.dst, first.after.dport, entry)
            if key not in done:
                done.add(key)
                aimed = Aimed(origin, first.after.dst, first.after.dport, first.after.protocol, entry, name)
                yield replace(probe_of(ground, plan, aimed), note=RELAYED_NOTE)
        if path.verdict == "cannot-tell":
            left[path.reason] = None
    for reason in left:
        yield Probe(request.source, name, "TCP", "", "", 0, 0, untestable(f"The program leaves it open: {reason}"))


def _connections(path: Path) -> Iterator[tuple[Hop, ...]]:
    """The hops of each connection of a way: an answer by HTTP ends one."""
    found: list[Hop] = []
    for hop in path.hops:
        found.append(hop)
        if hop.kind in RELAYS:
            yield tuple(found)
            found = []
    yield tuple(found)


def _first_packet(hops: Sequence[Hop]) -> Hop | None:
    """The hop of the first packet as it leaves its sender: for somebody outside, as it reaches the cluster."""
    sends = [hop for hop in hops if hop.direction == "request" and hop.kind in ("send", "wire")]
    if not sends:
        return None
    outside = sends[0].at == "outside" or sends[0].at.startswith("External")
    wires = [hop for hop in sends if hop.kind == "wire"]
    return wires[0] if outside and wires else sends[0]


def _as_branch(path: Path, whole: Fraction) -> Branch:
    return Branch(path.share / whole, "", Trace(path.hops, path.verdict, path.reason, (), path.policies))
