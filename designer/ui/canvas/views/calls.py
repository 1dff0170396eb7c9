"""Who calls whom, as the manifests name it: Services written in environment, arguments and commands, and scenarios.

Only whole host names count: with a port or a scheme, or in a form that ends in the cluster's own domain. A bare word
may be anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.model import PodSpec

_HOST = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)?(?P<host>[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class Call:
    """A workload (or something outside) that calls a Service: `port` None where it is not written; `said` where."""

    source: str
    service: str
    port: int | None
    said: str


def calls_of(state: ClusterState) -> tuple[Call, ...]:
    """Every call that the manifests or the scenarios name, by source and Service, each once."""
    found: dict[tuple[str, str, int | None], Call] = {}
    for pod in callers(state).values():
        for said, text in _texts(pod.spec):
            for service, port in _named(state, pod.namespace, text):
                call = Call(pod.owner or pod.id, service, port, said)
                found.setdefault((call.source, service, port), call)
    for name in sorted(state.project.scenarios):
        scenario = state.project.scenarios[name]
        namespace = scenario.source.partition(":")[2].partition("/")[0] if "/" in scenario.source else "default"
        for service, port in _named(state, namespace, scenario.destination):
            source = _caller_id(state, scenario.source)
            found.setdefault((source, service, port), Call(source, service, port, f"scenario {name}"))
    return tuple(found[key] for key in sorted(found, key=str))


def callers(state: ClusterState) -> dict[str, PodState]:
    """One Pod for each workload, by the workload's id (or its own when it stands for itself)."""
    found: dict[str, PodState] = {}
    for pod in state.control.pods.values():
        found.setdefault(pod.owner or pod.id, pod)
    return dict(sorted(found.items()))


def _caller_id(state: ClusterState, source: str) -> str:
    pod = state.control.pods.get(source)
    return (pod.owner or pod.id) if pod else source


def _texts(spec: PodSpec) -> list[tuple[str, str]]:
    texts = []
    for container in (*spec.containers, *spec.initContainers):
        texts += [(f"env {variable.name}", variable.value) for variable in container.env if variable.value]
        texts += [("arguments", text) for text in (*container.command, *container.args)]
    return texts


def _named(state: ClusterState, namespace: str, text: str) -> list[tuple[str, int | None]]:
    domain = f".{state.project.cluster.dnsDomain}"
    found = []
    for match in _HOST.finditer(text):
        host, port = match["host"], match["port"]
        whole = host.endswith((".svc", f".svc{domain}"))
        if not (match["scheme"] or port or whole):
            continue
        name, _, rest = host.removesuffix(domain).removesuffix(".svc").partition(".")
        service = f"Service:{rest or namespace}/{name}"
        if service in state.control.services:
            found.append((service, int(port) if port else _default_port(match["scheme"])))
    return found


def _default_port(scheme: str | None) -> int | None:
    return {"http://": 80, "https://": 443}.get(scheme or "")
