"""What was drawn with a Gateway follows its listeners, as a controller keeps it: ports of its Service and its proxies.

GEP-1762: the implementation makes the Service for the Gateway's listeners. Here the drawing is the implementation. What
came from an input stays as it is: there it is the input that says what the controller has made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from designer.edits import shapes
from designer.edits.keptreferences import kind_of, name_of
from designer.edits.names import numbered
from designer.edits.references import GATEWAY_LABEL
from designer.model import EMPTY_MAP, ForeignObject, KubeObject, Project, Service

TRANSPORTS = {"HTTP": "TCP", "HTTPS": "TCP", "TLS": "TCP", "TCP": "TCP", "UDP": "UDP"}
LISTENER_SETS = ("ListenerSet", "XListenerSet")
WORKLOADS = ("Deployment", "DaemonSet", "StatefulSet")
MAX_PORT = 65535
PRIVILEGED = 1024
OFFSET = 8000  # 80 is 8080 in the Pod: proxies run without root
# Port and transport of a listener.
Key = tuple[int, str]


def follow_listeners(before: Project, after: Project, oid: str) -> Project:
    """`after`, in which what was drawn with a Gateway has its listeners' ports; `oid`: it, or a ListenerSet."""
    for gateway in _gateways(after, oid):
        old, new = _wanted(before, gateway), _wanted(after, gateway)
        if old.keys() == new.keys():
            continue
        for service in _made(after, gateway, ("Service",)):
            assert isinstance(service, Service)
            after = _followed(after, gateway, service, old, new)
    return after


def _gateways(project: Project, oid: str) -> tuple[str, ...]:
    """The ids of the Gateways whose listeners an object says."""
    if kind_of(oid) == "Gateway":
        return (oid,)
    if kind_of(oid) not in LISTENER_SETS or oid not in project.foreign:
        return ()
    return tuple(g for g in project.foreign if kind_of(g) == "Gateway" and _belongs(project.foreign[oid], g))


def _spec(kept: ForeignObject | None) -> dict[str, Any]:
    found = kept.data.get("spec") if kept is not None else None
    return found if isinstance(found, dict) else {}


def _belongs(listener_set: ForeignObject, gateway: str) -> bool:
    ref = _spec(listener_set).get("parentRef")
    if not isinstance(ref, dict):
        return False
    _, _, namespace, name = name_of(gateway)
    return (ref.get("namespace") or name_of(listener_set.id)[2], ref.get("name")) == (namespace, name)


def _wanted(project: Project, gateway: str) -> dict[Key, str]:
    """Ports of the listeners with a name each, in their order; none for what no proxy could open."""
    sets = (one for one in project.foreign.values() if kind_of(one.id) in LISTENER_SETS and _belongs(one, gateway))
    found: dict[Key, str] = {}
    for owner in (project.foreign.get(gateway), *sets):
        listeners = _spec(owner).get("listeners")
        for listener in listeners if isinstance(listeners, list) else ():
            for key in _key(listener):
                found.setdefault(key, str(listener.get("name") or "listener"))
    return found


def _key(listener: Any) -> Iterator[Key]:
    if isinstance(listener, dict):
        port, transport = listener.get("port"), TRANSPORTS.get(str(listener.get("protocol")))
        if isinstance(port, int) and not isinstance(port, bool) and 0 < port <= MAX_PORT and transport:
            yield port, transport


def _made(project: Project, gateway: str, kinds: tuple[str, ...]) -> tuple[KubeObject, ...]:
    """What was drawn with a Gateway: it has its label, and no input holds it."""
    _, _, namespace, name = name_of(gateway)
    return tuple(
        obj
        for kind in kinds
        for obj in project.objects.get(kind, EMPTY_MAP).values()
        if obj.namespace == namespace and obj.labels.get(GATEWAY_LABEL) == name and obj.id not in project.provenance
    )


def _followed(project: Project, gateway: str, service: Service, old: dict[Key, str], new: dict[Key, str]) -> Project:
    data = service.dump()
    ports: list[dict[str, Any]] = data["spec"].get("ports", [])
    has = {(port["port"], port.get("protocol", "TCP")): port for port in ports}
    gone = [port for key, port in has.items() if key in old and key not in new]
    names = {str(port.get("name", "")) for port in ports if port not in gone}
    added: list[dict[str, Any]] = []
    for key, name in new.items():
        if key not in has:
            port, transport = key
            target = port if port >= PRIVILEGED else port + OFFSET
            name = numbered(name[:63], names)
            names.add(name)
            added.append(shapes.service_port(port, target, name, transport))
    kept = [port for port in ports if port not in gone] + added
    if not kept:  # a Service has a port; one that no listener uses is refused by the Gateway
        return project
    data["spec"]["ports"] = kept
    changed: list[KubeObject] = [Service.model_validate(data)]
    for workload in _made(project, gateway, WORKLOADS):
        changed.append(_opened(workload, gone, added))
    return project.with_objects(changed)


def _opened(workload: KubeObject, gone: list[dict[str, Any]], added: list[dict[str, Any]]) -> KubeObject:
    """The proxies with the container ports that the Service leads to."""
    data = workload.dump()
    containers = data["spec"]["template"]["spec"].get("containers") or [{}]
    declared = containers[0].get("ports", [])
    targets = {port["targetPort"] for port in gone}
    left = [port for port in declared if port["containerPort"] not in targets and port.get("name") not in targets]
    for port in added:
        transport = {"protocol": port["protocol"]} if "protocol" in port else {}
        left.append({"containerPort": port["targetPort"], **transport})
    containers[0]["ports"] = left
    return type(workload).model_validate(data)
