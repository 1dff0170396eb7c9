"""The way of one Service port as a chain: port, target port, container port, the endpoints of the Pods; what is broken.

`domain/services.md`, "From selector to EndpointSlice"; `domain/pitfalls.md`, "Services and endpoints".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import ServiceState
from designer.present.chain_ends import Ends, given_ends, pod_ends
from designer.present.match_notes import Mood
from designer.present.words import count_text

Step = Literal["port", "entry", "target", "container", "endpoint", "note"]
# Endpoints shown of each group; the section Endpoints has the rest.
MOST_ENDPOINTS = 8


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One line of a chain: `main` in the data typeface, `rest` beside it.

    `step` says what it is; entries and endpoints hang below the step before them. `oid` is the object that it leads to,
    `field` the field that decides about it: a key of the port's own entry (``targetPort``), or a path (``spec.type``).
    """

    step: Step
    main: str
    rest: str = ""
    mood: Mood = "ok"
    oid: str = ""
    field: str = ""


Chain = tuple[ChainLink, ...]


def port_chain(
    state: ClusterState, namespace: str, name: str, spec: Mapping[str, Any], port: Mapping[str, Any]
) -> Chain:
    """The chain of a port of a Service as its data says; () while the port has no number.

    `spec` and `port` are what a person has typed, so that the chain can be read before it is kept; addresses are those
    that the Service has now.
    """
    number = port.get("port")
    if not isinstance(number, int):
        return ()
    oid = f"Service:{namespace}/{name}"
    service = state.control.services.get(oid)
    if spec.get("type") == "ExternalName":
        return _alias(spec, number)
    headless = spec.get("clusterIP") == "None"
    first = [
        _port_link(port, number),
        *_entries(state, oid, service, port, number),
        _target_link(port, number, headless),
    ]
    selector = spec.get("selector")
    if not selector:
        return (*first, *_given(state, oid, port, "No selector: endpoints are written by hand."))
    observed = [part for part in state.control.slices.get(oid, ()) if part.origin == "observed"]
    if observed and service is not None and _is_kept(service, port):
        return (*first, *_given(state, oid, port, "As the EndpointSlices of the input say."))
    found = pod_ends(state, namespace, selector, port, service, bool(spec.get("publishNotReadyAddresses")), name)
    if not found:
        return (*first, ChainLink("note", "✕ no Pod", "the selector matches none", "error", field="spec.selector"))
    return (*first, *_groups(found))


def _alias(spec: Mapping[str, Any], number: int) -> Chain:
    name = spec.get("externalName") or "no name yet"
    return (
        ChainLink("port", f"port {number}", "says nothing: DNS answers with an alias", field="port"),
        ChainLink("target", name, "clients connect to it, on the port that they choose", field="spec.externalName"),
    )


def _port_link(port: Mapping[str, Any], number: int) -> ChainLink:
    words = [port.get("name"), port.get("appProtocol") and f"appProtocol {port['appProtocol']}"]
    return ChainLink(
        "port", f"port {number}/{_protocol(port)}", " · ".join(str(word) for word in words if word), field="port"
    )


def _protocol(port: Mapping[str, Any]) -> str:
    return port.get("protocol") or "TCP"


def _is_kept(service: ServiceState, port: Mapping[str, Any]) -> bool:
    """Whether the Service has this very port: what was seen in a dump says nothing about another."""
    number, target = port["port"], port.get("targetPort") or port["port"]
    return any((p.port, p.protocol, p.target_port) == (number, _protocol(port), target) for p in service.ports)


def _entries(
    state: ClusterState, oid: str, service: ServiceState | None, port: Mapping[str, Any], number: int
) -> list[ChainLink]:
    """Where the port is reached."""
    if service is None:
        if state.project.get(oid) is None:
            return []
        return [ChainLink("entry", "✕ not in the cluster", "the API server refuses this Service", "error", oid)]
    if service.headless:
        return [ChainLink("entry", "the Pods' addresses", "headless: DNS gives them", field="spec.clusterIP")]
    links = [ChainLink("entry", _at(ip, number), "ClusterIP", field="spec.clusterIP") for ip in service.cluster_ips]
    mine = [p for p in service.ports if (p.port, p.protocol) == (number, _protocol(port)) and p.node_port]
    given = "node port, on every Node" if port.get("nodePort") else "node port (given), on every Node"
    links += [ChainLink("entry", f"*:{p.node_port}", given, field="nodePort") for p in mine]
    links += [
        ChainLink("entry", _at(entry.ip or entry.hostname or "", number), "load balancer", field="spec.type")
        for entry in service.load_balancer
    ]
    links += [
        ChainLink("entry", _at(ip, number), "external IP", field="spec.externalIPs") for ip in service.external_ips
    ]
    if service.pending:
        links.append(ChainLink("entry", "! no load balancer address", service.pending, "warning", field="spec.type"))
    return links


def _at(address: str, number: int) -> str:
    return f"[{address}]:{number}" if ":" in address else f"{address}:{number}"


def _target_link(port: Mapping[str, Any], number: int, headless: bool) -> ChainLink:
    target = port.get("targetPort") or None
    if headless:
        if isinstance(target, int) and target != number:
            words = "not used: headless translates no port"
            return ChainLink("target", f"! targetPort {target}", words, "warning", field="targetPort")
        words = "clients connect to the Pods themselves"
        return ChainLink("target", f"targetPort {target or number}", words, field="targetPort")
    if target is None:
        return ChainLink("target", f"targetPort {number}", "the same, as none is set", field="targetPort")
    words = "a name, looked up on each Pod" if isinstance(target, str) else ""
    return ChainLink("target", f"targetPort {target}", words, field="targetPort")


def _given(state: ClusterState, oid: str, port: Mapping[str, Any], words: str) -> Chain:
    found = given_ends(state, oid, port)
    if not found:
        rest = "no EndpointSlice has a port of this name" if state.control.slices.get(oid) else "no EndpointSlice"
        return (ChainLink("note", "✕ no endpoints", rest, "error", field="spec.selector"),)
    return (ChainLink("note", "endpoints as given", words, field="spec.selector"), *_groups(found))


def _groups(groups: tuple[Ends, ...]) -> Chain:
    links: list[ChainLink] = []
    total = sum(len(group.ends) for group in groups)
    for group in groups:
        count = count_text(total, "Pod" if group.of_pods else "endpoint")
        share = f"{len(group.ends)} of {count}"
        ready = sum(end.ready for end in group.ends)
        words = [share, group.rest, "" if ready or group.missing else "none is ready: nobody answers"]
        mood: Mood = "error" if not ready and not group.missing else group.mood
        if group.missing and len(group.ends) == total:
            mood = "error"
        sign = {"ok": "", "warning": "! ", "error": "✕ "}[mood]
        main, rest = f"{sign}{group.main}", " · ".join(word for word in words if word)
        links.append(ChainLink("container", main, rest, mood, group.owner, "" if group.owner else "targetPort"))
        for end in group.ends[:MOST_ENDPOINTS]:
            links.append(ChainLink("endpoint", end.main, end.rest, end.mood, end.oid))
        if len(group.ends) > MOST_ENDPOINTS:
            links.append(ChainLink("endpoint", f"and {len(group.ends) - MOST_ENDPOINTS} more"))
    return tuple(links)
