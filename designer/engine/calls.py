"""Who calls whom, as the manifests name it: host names written in environment, arguments and commands, and scenarios.

Only whole host names count: with a port or a scheme, or in a form that ends in the cluster's own domain. A bare word
may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy.ports import MAX_PORT
from designer.model import PodSpec

DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class NamedHost:
    """A host name in a text: lower case as written, `port` and `scheme` None and "" where they are not written."""

    host: str
    port: int | None
    scheme: str

    @property
    def asked_port(self) -> int | None:
        """The port that is called: the written one, else that of ``http`` and ``https``; None where it is not known."""
        return self.port if self.port is not None else DEFAULT_PORTS.get(self.scheme)


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
        for said, _path, text in texts_of(pod.spec):
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


def texts_of(spec: PodSpec) -> Iterator[tuple[str, str, str]]:
    """Every text that containers get: what it is in words, its path below the Pod's spec, and the text."""
    for word in ("containers", "initContainers"):
        for index, container in enumerate(getattr(spec, word)):
            here = f"{word}[{index}]"
            for number, variable in enumerate(container.env):
                if variable.value:
                    yield f"env {variable.name}", f"{here}.env[{number}].value", variable.value
            for field in ("command", "args"):
                for number, text in enumerate(getattr(container, field)):
                    yield "arguments", f"{here}.{field}[{number}]", text


def hosts_in(text: str, domain: str) -> Iterator[NamedHost]:
    """The host names in a text that are whole: with a scheme or a port, or ending as names of the cluster do.

    `domain` is the cluster's own, without a dot in front. A port beyond 65535 is none.
    """
    for match in _HOST.finditer(text):
        host, port, scheme = match["host"], match["port"], match["scheme"] or ""
        whole = host.endswith((".svc", f".svc.{domain}"))
        if scheme or port or whole:
            number = int(port) if port else None
            yield NamedHost(host, number if number is not None and 0 < number <= MAX_PORT else None, scheme)


def service_named(host: str, namespace: str, domain: str) -> str:
    """The id that a Service has which a host name means for a caller in `namespace`; it need not exist."""
    name, _, rest = host.removesuffix(f".{domain}").removesuffix(".svc").partition(".")
    return f"Service:{rest or namespace}/{name}"


def _named(state: ClusterState, namespace: str, text: str) -> Iterator[tuple[str, int | None]]:
    domain = state.project.cluster.dnsDomain
    for found in hosts_in(text, domain):
        service = service_named(found.host, namespace, domain)
        if service in state.control.services:
            yield service, found.asked_port
