"""Where the chain of a Service port ends: the Pods, or the endpoints written by hand, grouped by container port."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.controlplane.endpointslices import FAMILIES, pod_endpoint, resolve_target
from designer.engine.controlplane.podallocation import FINISHED
from designer.engine.controlplane.state import EndpointState, PodState, ServicePortState, ServiceState
from designer.model import ContainerPort
from designer.present.match_notes import Mood, pods_selected
from designer.present.words import short_name


@dataclass(frozen=True, slots=True)
class End:
    """One Pod or endpoint: its address with the port, what is to be said about it, the Pod that it leads to."""

    main: str
    rest: str
    ready: bool
    mood: Mood = "ok"
    oid: str = ""


@dataclass(frozen=True, slots=True)
class Ends:
    """Pods that have the same container port. `missing`: those that have none; `owner` declares the port."""

    main: str
    rest: str
    ends: tuple[End, ...]
    mood: Mood = "ok"
    missing: bool = False
    owner: str = ""
    of_pods: bool = True


Key = tuple[str, str, Mood, bool, int]


def pod_ends(
    state: ClusterState,
    namespace: str,
    selector: Mapping[str, str],
    port: Mapping[str, Any],
    service: ServiceState | None,
    publish: bool,
    name: str,
) -> tuple[Ends, ...]:
    """The Pods that the selector selects by the container port that the target port leads to in each; missing last."""
    wanted = service_port(port)
    families = service.ip_families if service is not None and service.ip_families else ("IPv4",)
    asked = ServiceState(namespace, name, "ClusterIP", (), (), publish_not_ready=publish)
    groups: dict[Key, list[tuple[PodState, End]]] = {}
    for pod in pods_selected(state, namespace, dict(selector)):
        key = _resolved(pod, wanted)
        groups.setdefault(key, []).append((pod, _pod_end(state, pod, asked, families, key[4])))
    found = []
    for (main, rest, mood, missing, _number), members in sorted(groups.items(), key=lambda item: item[0][3]):
        owner = members[0][0].owner or members[0][0].id
        found.append(Ends(main, rest, tuple(end for _, end in members), mood, missing, owner))
    return tuple(found)


def service_port(port: Mapping[str, Any]) -> ServicePortState:
    """A port of a Service's data with the defaults that the API server fills in."""
    number = port["port"]
    # The API server takes 0 and "" for no target port: domain/services.md, "API server validation", its defaults.
    return ServicePortState(
        port.get("name") or "", port.get("protocol") or "TCP", number, port.get("targetPort") or number
    )


def _resolved(pod: PodState, port: ServicePortState) -> Key:
    """What the target port is in a Pod: words, mood, whether it has none, and the number (0 for none)."""
    number = resolve_target(port, pod.spec)
    declared = tuple(_declared(pod))
    if number is None:
        other = next((p for _, p in declared if p.name == port.target_port), None)
        names = ", ".join(dict.fromkeys(f"{p.name}/{p.protocol}" for _, p in declared if p.name))
        if other is not None:
            return (f"{port.target_port} is {other.protocol}", f"the Service port is {port.protocol}", "error", True, 0)
        words = f"they have {names}" if names else "they name no port"
        return f"no {port.protocol} port named {port.target_port}", words, "warning", True, 0
    main = f"containerPort {number}"
    same = [(box, p) for box, p in declared if p.containerPort == number]
    match = next(((box, p) for box, p in same if p.protocol == port.protocol), None)
    if match is not None:
        box, found = match
        return main, f"{found.name} in {box}" if found.name else f"in {box}", "ok", False, number
    if same:
        return main, f"declared as {same[0][1].protocol}, not {port.protocol}", "warning", False, number
    if declared:
        return main, "declared by no container; works if something listens", "warning", False, number
    return main, "they declare no ports", "ok", False, number


def _declared(pod: PodState) -> Iterable[tuple[str, ContainerPort]]:
    sidecars = (box for box in pod.spec.initContainers if box.restartPolicy == "Always")
    return ((box.name, port) for box in (*pod.spec.containers, *sidecars) for port in box.ports)


def _pod_end(state: ClusterState, pod: PodState, asked: ServiceState, families: tuple[str, ...], number: int) -> End:
    made = {name: pod_endpoint(asked, pod, FAMILIES[name], state.control.nodes) for name in families}
    ends = [end for end in made.values() if end is not None]
    if not ends:
        return End(pod.name, _why_none(pod), False, "warning", pod.id)
    lacking = [name for name, end in made.items() if end is None]
    words = [pod.name, pod.node or "", _condition(ends[0]), *(f"no {name} address" for name in lacking)]
    ready = bool(ends[0].ready and number)
    mood: Mood = "ok" if ends[0].ready and not lacking else "warning"
    addresses = ", ".join(_address(address, number) for end in ends for address in end.addresses)
    return End(addresses, " · ".join(word for word in words if word), ready, mood, pod.id)


def _why_none(pod: PodState) -> str:
    if pod.phase in FINISHED:
        return f"{pod.phase}: it has ended"
    if not pod.ips:
        return f"no address: {pod.pending}" if pod.pending else "no address yet"
    return "its Node is not in the cluster" if pod.node else "on no Node yet"


def _condition(end: EndpointState) -> str:
    if end.terminating:
        return "terminating, still serving" if end.serving else "terminating"
    return "ready" if end.ready else "not ready"


def _address(address: str, number: int) -> str:
    host = f"[{address}]" if ":" in address and number else address
    return f"{host}:{number}" if number else host


def given_ends(state: ClusterState, oid: str, port: Mapping[str, Any]) -> tuple[Ends, ...]:
    """The endpoints of slices that are taken as they are: those whose port has the name of the Service port."""
    wanted = service_port(port)
    groups: dict[int | None, list[End]] = {}
    for part in state.control.slices.get(oid, ()):
        for each in part.ports:
            if (each.name, each.protocol) != (wanted.name, wanted.protocol):
                continue
            for end in part.endpoints:
                groups.setdefault(each.port, []).extend(_given_rows(end, each.port or 0))
    slices = state.control.slices.get(oid, ())
    owner = f"EndpointSlice:{slices[0].namespace}/{slices[0].name}" if slices else ""
    owner = owner if state.project.get(owner) is not None else ""
    return tuple(
        Ends(f"port {number}" if number else "every port", "", tuple(ends), owner=owner, of_pods=False)
        for number, ends in groups.items()
    )


def _given_rows(end: EndpointState, number: int) -> list[End]:
    where = [short_name(end.pod) if end.pod else "", end.node or "", _condition(end)]
    rest = " · ".join(word for word in where if word)
    mood: Mood = "ok" if end.ready else "warning"
    return [End(_address(address, number), rest, end.ready, mood, end.pod or "") for address in end.addresses]
