"""The records of the cluster zone, as CoreDNS' kubernetes plugin answers them from Services, EndpointSlices and Pods.

domain/dns.md, "Records". `Zone.ask` answers one question; what lies outside the zone is `UNKNOWN` here unless an
ExternalHost of the project has the name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from designer.engine.controlplane.addresses import parse_address
from designer.engine.controlplane.state import ControlPlaneState, EndpointState, ServiceState
from designer.model import ClusterSettings, ExternalHost

RecordType = Literal["A", "AAAA", "SRV", "PTR", "CNAME", "TXT"]
ResponseCode = Literal["NOERROR", "NODATA", "NXDOMAIN", "SERVFAIL", "UNKNOWN"]
ADDRESS_TYPES: tuple[RecordType, ...] = ("A", "AAAA")
MAX_CNAMES = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name server says: code, values, the name that the values belong to (after CNAMEs), and the rule behind it.

    `object` is the id of the Service or ExternalHost that the answer comes from, "" where there is none.
    """

    rcode: ResponseCode
    values: tuple[str, ...] = ()
    canonical: str = ""
    rule: str = ""
    object: str = ""


def dashed(ip: str) -> str:
    """An address as one label: ``10-244-1-7``, ``2001-db8--1``; a trailing ``-`` gets a 0."""
    text = ip.replace(".", "-").replace(":", "-")
    return f"{text}0" if text.endswith("-") else text


def endpoint_label(endpoint: EndpointState, address: str) -> str:
    """The first label of an endpoint's own name: its hostname, else its dashed address."""
    return endpoint.hostname or dashed(address)


def _matches(address: str, qtype: RecordType) -> bool:
    return (":" in address) == (qtype == "AAAA")


@dataclass(frozen=True, slots=True)
class Zone:
    """The cluster's names and those of the ExternalHosts; `hosts` by lower-case name."""

    control: ControlPlaneState
    domain: str
    hosts: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, control: ControlPlaneState, settings: ClusterSettings, hosts: Iterable[ExternalHost]) -> Zone:
        """The zone of a cluster."""
        known: dict[str, tuple[str, tuple[str, ...]]] = {}
        for host in sorted(hosts, key=lambda h: h.id):
            for name in host.spec.names:
                known.setdefault(name.lower().removesuffix("."), (host.id, host.spec.addresses))
        return cls(control, settings.dnsDomain.lower().strip("."), known)

    def holds(self, name: str) -> bool:
        """Whether a name (no trailing dot) lies in the cluster zone."""
        return name == self.domain or name.endswith(f".{self.domain}")

    def ask(self, name: str, qtype: RecordType, depth: int = 0) -> Answer:
        """The answer for an absolute `name`, CNAMEs followed."""
        name = name.lower().removesuffix(".")
        if qtype == "PTR":
            return self._reverse(name)
        if not self.holds(name):
            return self.outside(name, qtype)
        labels = name[: -len(self.domain)].rstrip(".").split(".") if name != self.domain else []
        match labels[::-1]:
            case [] | ["svc"] | ["pod"]:
                return Answer("NODATA", canonical=name, rule="the name exists but has no record of this type")
            case ["svc", namespace]:
                return self._namespace(name, namespace)
            case ["pod", namespace, *rest] if len(rest) <= 1:
                return self._pod(name, namespace, rest[0] if rest else "", qtype)
            case ["svc", namespace, service, *rest] if len(rest) <= 2:
                return self._service(name, namespace, service, tuple(reversed(rest)), qtype, depth)
            case ["dns-version"]:
                values = ("1.1.0",) if qtype == "TXT" else ()
                return Answer("NOERROR" if values else "NODATA", values, name, "version of the DNS schema")
        return self._no(name, "no record of the cluster zone has this form")

    def outside(self, name: str, qtype: RecordType) -> Answer:
        """The answer for a name outside the cluster zone."""
        wildcard = f"*.{name.partition('.')[2]}"
        found = self.hosts.get(name) or self.hosts.get(wildcard)
        if found is None:
            return Answer("UNKNOWN", canonical=name, rule="upstream: no ExternalHost of the project has this name")
        oid, addresses = found
        values = tuple(a for a in addresses if parse_address(a) and _matches(a, qtype))
        rule = f"upstream: {oid.partition(':')[2]} has this name"
        if not addresses:
            return Answer("UNKNOWN", (), name, f"{rule}, but no address", oid)
        return Answer("NOERROR" if values else "NODATA", values, name, rule, oid)

    def _no(self, name: str, rule: str) -> Answer:
        return Answer("NXDOMAIN", canonical=name, rule=rule)

    def _namespace(self, name: str, namespace: str) -> Answer:
        if namespace in self.control.namespaces:
            return Answer("NODATA", canonical=name, rule=f"namespace {namespace} exists; it has no record itself")
        return self._no(name, f"no namespace {namespace}")

    def _pod(self, name: str, namespace: str, label: str, qtype: RecordType) -> Answer:
        if namespace not in self.control.namespaces:
            return self._no(name, f"no namespace {namespace}")
        if not label:
            return Answer("NODATA", canonical=name, rule=f"namespace {namespace} exists; it has no record itself")
        plain = label.count("-") == 3 and "--" not in label
        ip = label.replace("-", "." if plain else ":")
        if parse_address(ip) is None:
            return self._no(name, "the label is no dashed address")
        rule = "Pod record: `pods insecure` echoes any address without checking"
        if qtype in ADDRESS_TYPES and _matches(ip, qtype):
            return Answer("NOERROR", (ip,), name, rule)
        return Answer("NODATA", canonical=name, rule=rule)

    def _service(
        self, name: str, namespace: str, label: str, before: tuple[str, ...], qtype: RecordType, depth: int
    ) -> Answer:
        service = self.control.services.get(f"Service:{namespace}/{label}")
        if service is None:
            known = namespace in self.control.namespaces
            return self._no(
                name, f"no Service {label} in namespace {namespace}" if known else f"no namespace {namespace}"
            )
        if service.type == "ExternalName":
            return self._external(name, service, before, qtype, depth)
        if len(before) == 2:
            return self._srv(name, service, before, qtype)
        if before:
            return self._endpoint(name, service, before[0], qtype)
        if qtype not in ADDRESS_TYPES:
            return Answer("NODATA", canonical=name, rule="no record of this type", object=service.id)
        if not service.headless:
            values = tuple(ip for ip in service.cluster_ips if _matches(ip, qtype))
            rule = "Service record: its ClusterIP"
            return Answer("NOERROR" if values else "NODATA", values, name, rule, service.id)
        ends = self.ready_endpoints(service)
        if not ends:
            return Answer("NXDOMAIN", (), name, "headless Service has no ready endpoint", service.id)
        values = tuple(dict.fromkeys(a for _, a in ends if _matches(a, qtype)))
        rule = "headless Service: every ready endpoint"
        return Answer("NOERROR" if values else "NODATA", values, name, rule, service.id)

    def ready_endpoints(self, service: ServiceState) -> tuple[tuple[EndpointState, str], ...]:
        """(endpoint, address) of every endpoint that CoreDNS publishes: those that are ready."""
        return tuple(
            (endpoint, address)
            for part in self.control.slices.get(service.id, ())
            if part.address_type in {"IPv4", "IPv6"}
            for endpoint in part.endpoints
            if endpoint.ready
            for address in endpoint.addresses
        )

    def _endpoint(self, name: str, service: ServiceState, label: str, qtype: RecordType) -> Answer:
        found = [a for e, a in self.ready_endpoints(service) if endpoint_label(e, a).lower() == label]
        if not found:
            return Answer("NXDOMAIN", (), name, f"no ready endpoint of the Service is called {label}", service.id)
        values = tuple(dict.fromkeys(a for a in found if _matches(a, qtype)))
        return Answer("NOERROR" if values else "NODATA", values, name, "endpoint record", service.id)

    def _srv(self, name: str, service: ServiceState, before: tuple[str, ...], qtype: RecordType) -> Answer:
        port_name, protocol = (label.removeprefix("_") for label in before)
        if not all(label.startswith("_") for label in before):
            return self._no(name, "no record of the cluster zone has this form")
        own = f"{service.name}.{service.namespace}.svc.{self.domain}"
        targets: list[tuple[int, str]] = []
        if not service.headless:
            targets = [(p.port, own) for p in service.ports if (p.name, p.protocol.lower()) == (port_name, protocol)]
        else:
            for part in self.control.slices.get(service.id, ()):
                numbers = [
                    p.port for p in part.ports if (p.name, p.protocol.lower()) == (port_name, protocol) and p.port
                ]
                ends = [(e, a) for e in part.endpoints if e.ready for a in e.addresses]
                targets += [(n or 0, f"{endpoint_label(e, a)}.{own}") for n in numbers for e, a in ends]
        targets = list(dict.fromkeys(targets))
        if not targets:
            return Answer("NXDOMAIN", (), name, f"no port {port_name}/{protocol} that is published", service.id)
        if qtype != "SRV":
            return Answer("NODATA", canonical=name, rule="SRV name", object=service.id)
        weight = 100 // len(targets)
        values = tuple(f"0 {weight} {number} {target}." for number, target in targets)
        return Answer(
            "NOERROR",
            values,
            name,
            "SRV record: Service port" if not service.headless else "SRV record: endpoint port",
            service.id,
        )

    def _external(
        self, name: str, service: ServiceState, before: tuple[str, ...], qtype: RecordType, depth: int
    ) -> Answer:
        target = (service.external_name or "").lower().removesuffix(".")
        if before:
            return Answer("NXDOMAIN", (), name, "ExternalName Services have no records below them", service.id)
        if not target or parse_address(target) is not None:
            rule = f"ExternalName with the address {target}: CoreDNS makes a CNAME of names only"
            return Answer("NXDOMAIN", (), name, rule, service.id)
        if qtype == "CNAME":
            return Answer("NOERROR", (f"{target}.",), name, "ExternalName: CNAME", service.id)
        if depth >= MAX_CNAMES:
            return Answer("SERVFAIL", (), name, "the CNAMEs of ExternalName Services lead in a circle", service.id)
        answer = self.ask(target, qtype, depth + 1)
        if answer.rcode == "SERVFAIL":
            return answer
        rule = f"ExternalName: CNAME to {target}; {answer.rule}"
        return Answer(answer.rcode, answer.values, answer.canonical, rule, service.id)

    def _reverse(self, name: str) -> Answer:
        ip = reverse_address(name)
        if ip is None:
            return self._no(name, "no reverse name of an address")
        names: list[str] = []
        for service in self.control.services.values():
            own = f"{service.name}.{service.namespace}.svc.{self.domain}."
            if ip in service.cluster_ips:
                return Answer("NOERROR", (own,), name, "reverse record of the ClusterIP", service.id)
            names += [f"{endpoint_label(e, a)}.{own}" for e, a in self.ready_endpoints(service) if a == ip]
        if names:
            return Answer("NOERROR", tuple(dict.fromkeys(names)), name, "reverse record of an endpoint")
        return Answer("UNKNOWN", canonical=name, rule="upstream: no Service has this address")


def reverse_address(name: str) -> str | None:
    """The address that an ``in-addr.arpa`` or ``ip6.arpa`` name stands for; None when it is none."""
    if name.endswith(".in-addr.arpa"):
        text = ".".join(reversed(name.removesuffix(".in-addr.arpa").split(".")))
    elif name.endswith(".ip6.arpa"):
        digits = "".join(reversed(name.removesuffix(".ip6.arpa").split(".")))
        text = ":".join(digits[i : i + 4] for i in range(0, len(digits), 4))
    else:
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
