"""The records of the cluster zone, as CoreDNS' kubernetes plugin answers them from Services, EndpointSlices and Pods.

domain/dns.md, "Records". `Zone.ask` answers one question; what lies outside the zone is `UNKNOWN` here unless an
ExternalHost of the project has the name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from designer.engine.controlplane.addresses import canonical, parse_address
from designer.engine.controlplane.names import reverse_address
from designer.engine.controlplane.published import (
    KUBEADM,
    ZoneOptions,
    endpoint_label,
    items_of,
    published_endpoints,
    srv_values,
)
from designer.engine.controlplane.state import ControlPlaneState, PodState, ServiceState
from designer.model import ClusterSettings, ExternalHost

RecordType = Literal["A", "AAAA", "SRV", "PTR", "CNAME", "TXT"]
ResponseCode = Literal["NOERROR", "NODATA", "NXDOMAIN", "SERVFAIL", "UNKNOWN"]
ADDRESS_TYPES: tuple[RecordType, ...] = ("A", "AAAA")
MAX_CNAMES = 8
ENDED = ("Succeeded", "Failed")
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
    """The cluster's names and those of the ExternalHosts; `hosts` by lower-case name.

    The server is configured as kubeadm does it; `corednschain.ServedZone` is the same behind a Corefile.
    """

    control: ControlPlaneState
    domain: str
    hosts: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    options: ZoneOptions = KUBEADM

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
        """The answer for an absolute `name` of the kubernetes plugin, CNAMEs followed; of outside for other names."""
        name = name.lower().removesuffix(".")
        if not self.holds(name):
            if qtype == "PTR" and reverse_address(name) is not None:
                return self._reverse(name)
            return self.outside(name, qtype)
        labels = name[: -len(self.domain)].rstrip(".").split(".") if name != self.domain else []
        if qtype == "TXT" and labels != ["dns-version"]:
            # Services() answers no other name of this type, and does not look whether there is one.
            return Answer("NODATA", canonical=name, rule="the zone has one TXT record, that of dns-version")
        exposed = self.options.namespaces
        if exposed and len(labels) > 1 and labels[-1] in ("svc", "pod") and labels[-2] not in exposed:
            return self._no(name, f"the Corefile exposes namespaces {', '.join(exposed)} only")
        match labels[::-1]:
            case [] | ["svc"] | ["pod"]:
                return Answer("NODATA", canonical=name, rule="the name exists but has no record of this type")
            case ["svc", namespace]:
                return self._namespace(name, namespace)
            case ["pod", namespace, *rest] if len(rest) <= 3:
                return self._pod(name, namespace, rest[0] if rest else "", qtype)
            case ["svc", namespace, service, *rest] if len(rest) <= 2:
                return self._service(name, namespace, service, tuple(reversed(rest)), qtype, depth)
            case ["dns", "ns"]:
                return self._own_server(name, qtype)
            case ["dns-version"] if qtype == "TXT":
                return Answer("NOERROR", ("1.1.0",), name, "version of the DNS schema")
        return self._no(name, "no record of the cluster zone has this form")

    def answer(self, name: str, qtype: RecordType, depth: int = 0) -> Answer:
        """What the cluster's DNS answers for an absolute `name`, CNAMEs followed."""
        return self.ask(name, qtype, depth)

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
        if qtype not in ADDRESS_TYPES:
            return Answer("UNKNOWN", (), name, f"{rule}; of its records the project knows addresses alone", oid)
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
        ip = canonical(ip)
        if self.options.pods == "disabled":
            return self._no(name, "`pods disabled`: CoreDNS has no records of Pods")
        if self.options.pods == "verified" and not self._is_pod(namespace, ip):
            return self._no(name, f"`pods verified`: no Pod of namespace {namespace} has address {ip}")
        rule = f"Pod record: `pods {self.options.pods}` "
        rule += "echoes any address without checking" if self.options.pods == "insecure" else "found the Pod"
        if qtype in ADDRESS_TYPES and _matches(ip, qtype):
            return Answer("NOERROR", (ip,), name, rule)
        return Answer("NODATA", canonical=name, rule=rule)

    def _is_pod(self, namespace: str, ip: str) -> bool:
        """Whether a Pod of the namespace has the address as its first one.

        CoreDNS watches Pods that have not ended and are not being deleted, by `status.podIP` (object/pod.go, ToPod).
        """
        pods: Iterable[PodState] = self.control.pods.values()
        return any(
            pod.namespace == namespace and pod.ips[:1] == (ip,) and pod.phase not in ENDED and not pod.terminating
            for pod in pods
        )

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
        if not self.options.endpoints and (service.headless or endpoint):
            return Answer("NXDOMAIN", (), name, "`noendpoints`: CoreDNS has no records of endpoints", service.id)
        if (
            not self.options.empty_service
            and not service.headless
            and not published_endpoints(self.control, service, self.options)
        ):
            rule = "`ignore empty_service`: the Service has no ready endpoint"
            return Answer("NXDOMAIN", (), name, rule, service.id)
        items = items_of(self.control, service, endpoint, port, protocol, self.options)
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
        return self._aliased(name, service, target, qtype, depth)

    def _aliased(self, name: str, service: ServiceState, target: str, qtype: RecordType, depth: int) -> Answer:
        """What the CNAME of an ExternalName Service leads to.

        A target in the zone is looked for by the same plugin alone, any other by the whole server; where nothing is
        found, the name itself exists and has no address: NODATA, never NXDOMAIN, and so for CNAMEs in a circle or
        more than eight of them (plugin/backend_lookup.go, A; coredns issue 6088).
        """
        rule = f"ExternalName: CNAME to {target}"
        if depth >= MAX_CNAMES or target == name:
            return Answer("NODATA", (), name, f"{rule}; the CNAMEs lead in a circle", service.id)
        inside = self.holds(target)
        answer = self.ask(target, qtype, depth + 1) if inside else self.answer(target, qtype, depth + 1)
        if answer.rcode in ("NOERROR", "UNKNOWN"):
            return Answer(answer.rcode, answer.values, answer.canonical, f"{rule}; {answer.rule}", service.id)
        return Answer("NODATA", (), name, f"{rule}; {answer.rule}", service.id)

    def _reverse(self, name: str) -> Answer:
        ip = reverse_address(name) or ""
        names: list[str] = []
        for service in self.control.services.values():
            if self.options.namespaces and service.namespace not in self.options.namespaces:
                continue
            own = f"{service.name}.{service.namespace}.svc.{self.domain}."
            if ip in service.cluster_ips:
                return Answer("NOERROR", (own,), name, "reverse record of the ClusterIP", service.id)
            names += [
                f"{endpoint_label(end, address, self.options.pod_names)}.{own}"
                for end, address in published_endpoints(self.control, service, self.options)
                if address == ip and (end.hostname or not self.options.ptr_hostname_only)
            ]
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
