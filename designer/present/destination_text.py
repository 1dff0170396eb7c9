"""What a person would type to ask for an object: the destination of a request that was chosen with the mouse."""

from __future__ import annotations

import re

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.model import ExternalHost, Ingress, split_id
from designer.present.request_choices import destination_choices

# Where no port is declared, the one that people mean.
USUAL_PORT = 80
_ID = re.compile(r"(?P<kind>[A-Z]\w*):(?P<namespace>[^/:\s]+)/(?P<name>[^/:\s]+):(?P<port>[^/:\s]+?)(?P<end>/\w+)?")
_WORDS = re.compile(
    r"(?P<name>[^/:\s()]+) \((?P<kind>[A-Z]\w*) in (?P<namespace>[^/:\s()]+)\)"
    r"(?:, port |:)(?P<port>[^/:\s]+?)(?P<end>/\w+)?"
)


def destination_text(state: ClusterState, oid: str) -> str:
    """A destination for `oid` as it can be typed: a Service by its name, a Pod by its address, an Ingress by its URL.

    "" for what nobody can be asked for (a policy, a Namespace). A workload stands for its first Pod.
    """
    kind, namespace, name = split_id(oid)
    if kind == "Service":
        wanted = f"{name}.{namespace}"
        return next((c.value for c in destination_choices(state) if _host(c.value) == wanted), oid)
    if kind == "Ingress":
        return _ingress(state, oid)
    if kind == "Node" and (node := state.control.nodes.get(name)) is not None and node.addresses:
        return f"{_bracketed(node.addresses[0])}:{USUAL_PORT}"
    if kind == "ExternalHost":
        found = state.project.get(oid)
        names = (*found.spec.names, *found.spec.addresses) if isinstance(found, ExternalHost) else ()
        return f"https://{_bracketed(names[0])}" if names else ""
    pod = state.control.pods.get(oid) or next((p for p in state.control.pods.values() if p.owner == oid), None)
    return _pod(pod) if pod is not None else ""


def callee_text(state: ClusterState, oid: str) -> str:
    """The same for a policy, which means Pods by their workload: ``Deployment:shop/cart:7070`` and no address."""
    pod = state.control.pods.get(oid) or next((p for p in state.control.pods.values() if p.owner == oid), None)
    return destination_text(state, oid) if pod is None else f"{pod.owner or pod.id}:{_port(pod)}"


def asked_words(destination: str) -> str:
    """A destination as a person reads it: ``redis-cart (Deployment in default), port 6379``; what is typed stays."""
    found = _ID.fullmatch(destination)
    if found is None:
        return destination
    return f"{found['name']} ({found['kind']} in {found['namespace']}), port {found['port']}{found['end'] or ''}"


def asked_value(words: str) -> str:
    """The destination that such words mean, also after somebody changed a part of them; anything else as it is."""
    found = _WORDS.fullmatch(" ".join(words.split()))
    if found is None:
        return words
    return f"{found['kind']}:{found['namespace']}/{found['name']}:{found['port']}{found['end'] or ''}"


def _pod(pod: PodState) -> str:
    return f"{_bracketed(pod.ips[0]) if pod.ips else pod.id}:{_port(pod)}"


def _port(pod: PodState) -> str:
    """The first port that a Pod declares, with its protocol where that is not TCP."""
    ports = [port for container in pod.spec.containers or () for port in container.ports or ()]
    number = ports[0].containerPort if ports and ports[0].containerPort else USUAL_PORT
    protocol = (ports[0].protocol or "TCP").lower() if ports else "tcp"
    return f"{number}" + ("" if protocol == "tcp" else f"/{protocol}")


def _ingress(state: ClusterState, oid: str) -> str:
    found = state.project.get(oid)
    if not isinstance(found, Ingress):
        return ""
    secured = {host for tls in found.spec.tls or () for host in tls.hosts or ()}
    for rule in found.spec.rules or ():
        if rule.host and not rule.host.startswith("*"):
            paths = (rule.http.paths or ()) if rule.http else ()
            path = paths[0].path if paths else "/"
            return f"{'https' if rule.host in secured else 'http'}://{rule.host}{path or '/'}"
    return ""


def _host(text: str) -> str:
    return text.partition("://")[2] or text.partition(":")[0] if "://" in text else text.partition(":")[0]


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
