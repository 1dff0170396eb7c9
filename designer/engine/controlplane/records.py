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
from designer.engine.controlplane.published import endpoint_label, items_of, ready_endpoints, srv_values
from designer.engine.controlplane.state import ControlPlaneState, ServiceState
from designer.model import ClusterSettings, ExternalHost

RecordType = Literal["A", "AAAA", "SRV", "PTR", "CNAME", "TXT"]
ResponseCode = Literal["NOERROR", "NODATA", "NXDOMAIN", "SERVFAIL", "UNKNOWN"]
ADDRESS_TYPES: tuple[RecordType, ...] = ("A", "AAAA")
MAX_CNAMES = 8
DNS_SERVICE = "Service:kube-system/kube-dns"


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
        if not self.holds(name):
            if qtype == "PTR" and reverse_address(name) is not None:
                return self._reverse(name)
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
            case ["dns", "ns"]:
                return self._own_server(name, qtype)
            case ["dns-version"] if qtype == "TXT":
                return Answer("NOERROR", ("1.1.0",), name, "version of the DNS schema")
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

    def _own_server(self, name: str, qtype: RecordType) -> Answer:
        """``ns.dns`` in the zone: the name that the zone's NS and SOA records give to the DNS server itself."""
        service = self.control.services.get(DNS_SERVICE)
        values = tuple(ip for ip in (service.cluster_ips if service else ()) if _matches(ip, qtype))
        known = bool(values) and qtype in ADDRESS_TYPES
        return Answer("NOERROR" if known else "NODATA", values if known else (), name, "the DNS server itself")

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
        endpoint = before[0] if len(before) == 1 else ""
        port, protocol = (label.removeprefix("_") for label in before) if len(before) == 2 else ("", "")
        items = items_of(self.control, service, endpoint, port, protocol)
        if not items:
            return Answer("NXDOMAIN", (), name, _nothing(service, endpoint, port, protocol), service.id)
        if qtype == "SRV":
            values = srv_values(items, f"{service.name}.{service.namespace}.svc.{self.domain}")
            rule = f"SRV record: {'endpoint' if service.headless or endpoint else 'Service'} port"
            return Answer("NOERROR" if values else "NODATA", values, name, rule, service.id)
        if qtype not in ADDRESS_TYPES:
            return Answer("NODATA", canonical=name, rule="no record of this type", object=service.id)
        values = tuple(dict.fromkeys(item.address for item in items if _matches(item.address, qtype)))
        rule = "Service record: its ClusterIP"
        if endpoint or service.headless:
            rule = "endpoint record" if endpoint else "headless Service: every ready endpoint"
        return Answer("NOERROR" if values else "NODATA", values, name, rule, service.id)

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
        if qtype not in ADDRESS_TYPES:
            return Answer("NODATA", (), name, "ExternalName: it has no record of this type", service.id)
        if depth >= MAX_CNAMES:
            return Answer("SERVFAIL", (), name, "the CNAMEs of ExternalName Services lead in a circle", service.id)
        answer = self.ask(target, qtype, depth + 1)
        if answer.rcode == "SERVFAIL":
            return answer
        rule = f"ExternalName: CNAME to {target}; {answer.rule}"
        return Answer(answer.rcode, answer.values, answer.canonical, rule, service.id)

    def _reverse(self, name: str) -> Answer:
        ip = reverse_address(name) or ""
        names: list[str] = []
        for service in self.control.services.values():
            own = f"{service.name}.{service.namespace}.svc.{self.domain}."
            if ip in service.cluster_ips:
                return Answer("NOERROR", (own,), name, "reverse record of the ClusterIP", service.id)
            ends = ready_endpoints(self.control, service)
            names += [f"{endpoint_label(e, a)}.{own}" for e, a in ends if a == ip]
        if names:
            return Answer("NOERROR", tuple(dict.fromkeys(names)), name, "reverse record of an endpoint")
        return Answer("UNKNOWN", canonical=name, rule="upstream: no Service has this address")


def _nothing(service: ServiceState, endpoint: str, port: str, protocol: str) -> str:
    """Why nothing is published."""
    if endpoint:
        return f"no ready endpoint of the Service is called {endpoint}"
    if port or protocol:
        return f"no port {port}/{protocol} that is published"
    return "headless Service has no ready endpoint"


def reverse_name(ip: str) -> str:
    """The name under which an address is asked for, without trailing dot: ``7.1.244.10.in-addr.arpa``."""
    return ipaddress.ip_address(ip).reverse_pointer


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
