"""What a person can be offered as the source and the destination of a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import ServiceState
from designer.model import WORKLOAD_KINDS, ExternalClient, ExternalHost, Ingress, split_id

# More than a person scrolls through; whatever is typed is understood without being in the list.
MOST_CHOICES = 2000


@dataclass(frozen=True, slots=True)
class Choice:
    """One offer. `text` stands in the field, `value` is what the engine is asked with, `kind` names its icon."""

    text: str
    value: str
    kind: str


def source_choices(state: ClusterState) -> tuple[Choice, ...]:
    """Who can send, in this order: clients, workloads, Pods that stand for themselves, Nodes, all other Pods."""
    found: list[Choice] = []
    project = state.project
    for client in project.of(ExternalClient):
        found.append(_choice(client.id))
    for kind in WORKLOAD_KINDS:
        found += [_choice(workload.id) for workload in project.of(kind)]
    alone = [pod.id for pod in state.control.pods.values() if pod.owner is None]
    found += [_choice(oid) for oid in alone]
    found += [_choice(f"Node:{name}") for name in state.control.nodes]
    for pod in state.control.pods.values():
        if len(found) >= MOST_CHOICES:
            break
        if pod.owner is not None:
            found.append(_choice(pod.id))
    found += [_choice(host.id) for host in project.of(ExternalHost)]
    return tuple(dict.fromkeys(found[:MOST_CHOICES]))


def source_text(source: str) -> str:
    """An object id as it stands in the source field: ``frontend · default``; anything else as it is."""
    kind, namespace, name = split_id(source)
    if not kind[:1].isupper() or not name:
        return source
    return f"{name} · {namespace}" if namespace else name


def _choice(oid: str) -> Choice:
    return Choice(source_text(oid), oid, split_id(oid)[0])


def destination_choices(state: ClusterState) -> tuple[Choice, ...]:
    """What can be asked for: Services, hosts and paths of Ingresses, load balancers, node ports, hosts outside."""
    found: list[Choice] = []
    for service in state.control.services.values():
        found += _service_choices(service)
        if len(found) >= MOST_CHOICES:
            break
    for ingress in state.project.of(Ingress):
        found += _ingress_choices(ingress)
    node = next((node for node in state.control.nodes.values() if node.addresses), None)
    for service in state.control.services.values():
        if len(found) >= MOST_CHOICES:
            break
        found += _outside_choices(service, node.addresses[0] if node else "")
    for host in state.project.of(ExternalHost):
        for name in host.spec.names or host.spec.addresses:
            found.append(Choice(f"https://{_bracketed(name)}", f"https://{_bracketed(name)}", "ExternalHost"))
    return tuple(dict.fromkeys(found[:MOST_CHOICES]))


def _service_choices(service: ServiceState) -> Iterator[Choice]:
    name = f"{service.name}.{service.namespace}"
    for port in service.ports:
        text = _request_text(name, port.port, port.protocol)
        yield Choice(text, text, "Service")
    if not service.ports:
        yield Choice(name, name, "Service")


def _request_text(host: str, port: int, protocol: str) -> str:
    """A destination as a person would type it: http for TCP port 80, else host and port, the protocol unless TCP."""
    if protocol == "TCP":
        return {80: f"http://{host}", 443: f"https://{host}"}.get(port, f"{host}:{port}")
    return f"{host}:{port}/{protocol.lower()}"


def _ingress_choices(ingress: Ingress) -> Iterator[Choice]:
    secured = {host for tls in ingress.spec.tls or () for host in tls.hosts or ()}
    for rule in ingress.spec.rules or ():
        if not rule.host or rule.host.startswith("*"):
            continue
        scheme = "https" if rule.host in secured else "http"
        for path in (rule.http.paths or ()) if rule.http else ():
            text = f"{scheme}://{rule.host}{path.path or '/'}"
            yield Choice(text, text, "Ingress")


def _outside_choices(service: ServiceState, node: str) -> Iterator[Choice]:
    for address in service.load_balancer:
        for port in service.ports:
            if address.ip:
                text = _request_text(_bracketed(address.ip), port.port, port.protocol)
                yield Choice(text, text, "Service")
    for port in service.ports:
        if port.node_port and node:
            text = _request_text(_bracketed(node), port.node_port, port.protocol)
            text = f"http://{text}" if port.protocol == "TCP" and "://" not in text else text
            yield Choice(text, text, "Node")


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
