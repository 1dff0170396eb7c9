"""What workloads call by name, as their own manifests say it: names, ports and policies that do not let them.

`domain/pitfalls.md`, "Services and endpoints", "DNS", "Network policies" and, of "Cross-checks worth running on every
model", the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from designer.engine.calls import NamedHost, hosts_in, service_named, texts_of
from designer.engine.checks.survey import Survey, Template, short, shown
from designer.engine.controlplane.dns import Resolution, candidates, resolv_conf, resolve
from designer.engine.controlplane.records import ADDRESS_TYPES
from designer.engine.controlplane.state import PodState, ServiceState
from designer.engine.policy import Peer, PolicyVerdict
from designer.model import ExternalHost, Problem, StatefulSet, replaces_kube_proxy

# What becomes of a packet to a ClusterIP on a port that the Service has not (`domain/kube-proxy.md`).
UNDEFINED_PORT = {
    "iptables": "No rule takes such a packet, so it leaves the Node and is lost: clients wait until they time out.",
    "nftables": "The Node refuses it: the address is a Service's, the port is not.",
    "ipvs": "The address is the Node's own, and nothing listens there: the connection is refused.",
}
_SERVICE_LINK = re.compile(r"\$\((?P<stem>[A-Z0-9_]+)_SERVICE_(?:HOST|PORT)\)")
API_SERVER_STEM = "KUBERNETES"


@dataclass(frozen=True, slots=True)
class Mention:
    """A host name that a template's containers are given, and where it stands."""

    template: Template
    said: str
    path: str
    named: NamedHost


def _mentions(s: Survey) -> Iterator[Mention]:
    """Every host name that a template names, each once for a template."""
    domain = s.project.cluster.dnsDomain
    for template in s.templates:
        told: set[NamedHost] = set()
        for said, path, text in texts_of(template.spec):
            for named in hosts_in(text, domain):
                if named not in told:
                    told.add(named)
                    yield Mention(template, said, f"{template.path}.{path}", named)


def _service(s: Survey, mention: Mention) -> ServiceState | None:
    oid = service_named(mention.named.host, mention.template.namespace, s.project.cluster.dnsDomain)
    return s.control.services.get(oid)


def short_name_of_another_namespace(s: Survey) -> Iterator[Problem]:
    """DNS-01: a name without namespace, of a Service that is only in another one."""
    by_name: dict[str, list[str]] = {}
    for service in s.control.services.values():
        by_name.setdefault(service.name, []).append(service.namespace)
    for mention in _mentions(s):
        host, template = mention.named.host, mention.template
        homes = by_name.get(host, [])
        if not homes or template.namespace in homes or _looked_up(s, template, host).status == "ok":
            continue
        title = f"{short(template.id)}: {mention.said} names {host}, which is a Service of namespace {shown(homes)}"
        why = f"The search list tries {host} in namespace {template.namespace} only: the name is not found."
        yield s.problem("DNS-01", "error", template.id, mention.path, title, why, f"Write {host}.{homes[0]}.")


def undefined_port(s: Survey) -> Iterator[Problem]:
    """SVC-11: a Service is called on a port that it has not."""
    settings = s.project.cluster
    for mention in _mentions(s):
        service, port = _service(s, mention), mention.named.asked_port
        if service is None or port is None or not service.cluster_ips or not service.ports:
            continue
        if any(entry.port == port for entry in service.ports):
            continue
        title = (
            f"{short(mention.template.id)}: {mention.said} calls {short(service.id)} on port {port}, which it has not"
        )
        why = UNDEFINED_PORT[settings.kubeProxy.mode] if not replaces_kube_proxy(settings) else "Nothing answers there."
        known = ", ".join(str(entry.port) for entry in service.ports)
        yield s.problem("SVC-11", "error", mention.template.id, mention.path, title, why, f"Its ports are {known}.")


def many_queries(s: Survey) -> Iterator[Problem]:
    """DNS-02: names outside the cluster, tried with every search domain first (`domain/dns.md`, query counts)."""
    own = f".{s.project.cluster.dnsDomain}"
    found: dict[str, tuple[Mention, dict[str, int]]] = {}
    for mention in _mentions(s):
        host, pod = mention.named.host, _pod_of(s, mention.template)
        if pod is None or not _is_outside_name(host) or _service(s, mention) is not None:
            continue
        tried = candidates(host, resolv_conf(pod, s.control, s.project.cluster))
        if tried[0] != host and not _looked_up(s, mention.template, host).canonical.endswith(own):
            found.setdefault(mention.template.id, (mention, {}))[1][host] = len(tried) * len(ADDRESS_TYPES)
    for oid, (mention, hosts) in found.items():
        title = f"{short(oid)}: looking up {shown(hosts)} takes up to {max(hosts.values())} queries"
        why = "A name with fewer dots than ndots is tried with each search domain first, for A and for AAAA."
        fix = "End the name with a dot, or set dnsConfig option ndots: 1."
        yield s.problem("DNS-02", "info", oid, mention.path, title, why, fix)


def _is_outside_name(host: str) -> bool:
    """Whether it may be a public name: two labels and more, the last of letters."""
    last = host.rpartition(".")[2]
    return "." in host and len(last) > 1 and last.isalpha() and last not in ("svc", "local")


def peers_before_ready(s: Survey) -> Iterator[Problem]:
    """DNS-06: a StatefulSet whose Pods look for each other by names that exist only when they are ready."""
    for workload in s.project.of(StatefulSet):
        governing = s.control.services.get(f"Service:{workload.namespace}/{workload.spec.serviceName}")
        spec = workload.spec.template.spec
        probed = any((container.model_extra or {}).get("readinessProbe") for container in spec.containers)
        if governing is None or governing.publish_not_ready or not governing.headless or not probed:
            continue
        peer = re.compile(rf"(?<![-.\w]){re.escape(workload.name)}-\d+\.{re.escape(governing.name)}(?![-\w])")
        for said, path, text in texts_of(spec):
            hit = peer.search(text)
            if hit is None:
                continue
            title = (
                f"{short(workload.id)}: {said} names its own Pod {hit.group()}, which has no name before it is ready"
            )
            why = f"{short(governing.id)} publishes ready Pods only; Pods that wait for each other never become ready."
            fix = f"Set publishNotReadyAddresses: true in Service {governing.name}."
            yield s.problem("DNS-06", "warning", workload.id, f"spec.template.spec.{path}", title, why, fix)
            break


def service_variables(s: Survey) -> Iterator[Problem]:
    """IP-16: a variable of a Service link that no container gets."""
    stems: dict[str, set[str]] = {}
    for service in s.control.services.values():
        if service.cluster_ips:
            stems.setdefault(service.namespace, set()).add(service.name.upper().replace("-", "_"))
    for template in s.templates:
        linked = (template.spec.model_extra or {}).get("enableServiceLinks") is not False
        own = {variable.name for c in template.spec.containers for variable in c.env}
        for said, path, text in texts_of(template.spec):
            for match in _SERVICE_LINK.finditer(text):
                stem, name = match["stem"], match.group()[2:-1]
                if stem == API_SERVER_STEM or name in own or (linked and stem in stems.get(template.namespace, ())):
                    continue
                title = f"{short(template.id)}: {said} uses $({name}), a variable that no container gets"
                why = (
                    "Variables are made for Services with a ClusterIP of the same namespace, when the container starts."
                    if linked
                    else "enableServiceLinks: false leaves these variables out."
                )
                fix = "Use the Service's DNS name."
                yield s.problem("IP-16", "info", template.id, f"{template.path}.{path}", title, why, fix)


def one_side_only(s: Survey) -> Iterator[Problem]:
    """NP-02: a call that the policies of one side provide for and those of the other side deny."""
    told: set[tuple[str, str, str]] = set()
    for mention in _mentions(s):
        source, service = _pod_of(s, mention.template), _service(s, mention)
        if source is None or not source.ips or service is None:
            continue
        for target, port in _ends(s, service, mention.named.asked_port):
            out, into = _both_sides(s, source, target, port)
            if (out.value, into.value) not in (("denied", "allowed"), ("allowed", "denied")):
                continue
            closed, other = (out, into) if out.value == "denied" else (into, out)
            key = (mention.template.id, service.id, closed.direction)
            if not closed.isolating or not other.isolating or key in told:
                continue
            told.add(key)
            yield _told_one_side(s, mention, service, port, closed)


def _told_one_side(s: Survey, mention: Mention, service: ServiceState, port: int, closed: PolicyVerdict) -> Problem:
    who, whom = short(mention.template.id), short(service.id)
    if closed.direction == "egress":
        title = f"{who} may not send to {whom}, though the Pods behind it let it in"
        fix = f"Allow egress from {who} to these Pods on port {port}."
    else:
        title = f"{whom}: its Pods do not let {who} in, though {who} may send to them"
        fix = f"Allow ingress from {who} on port {port}."
    why = f"Both sides must allow a connection. {closed.reason[0].upper()}{closed.reason[1:]}."
    return s.problem("NP-02", "error", closed.isolating[0], f"spec.{closed.direction}", title, why, fix)


def _ends(s: Survey, service: ServiceState, asked: int | None) -> Iterator[tuple[PodState, int]]:
    """A Pod of each set of labels behind a Service, with the port on which it is called over TCP."""
    names = {entry.name for entry in service.ports if entry.protocol == "TCP" and asked in (None, entry.port)}
    seen: set[tuple[int, int]] = set()
    for part in s.control.slices.get(service.id, ()):
        for entry in part.ports:
            if entry.port is None or entry.protocol != "TCP" or entry.name not in names:
                continue
            for endpoint in part.endpoints:
                pod = s.control.pods.get(endpoint.pod or "")
                key = (id(pod.labels), entry.port) if pod is not None else (0, 0)
                if pod is not None and pod.ips and key not in seen:
                    seen.add(key)
                    yield pod, entry.port


def _both_sides(s: Survey, source: PodState, target: PodState, port: int) -> tuple[PolicyVerdict, PolicyVerdict]:
    policies = s.state.policies
    out = policies.check("egress", source, Peer.of_pod(target, target.ips[0]), "TCP", port)
    return out, policies.check("ingress", target, Peer.of_pod(source, source.ips[0]), "TCP", port)


def _looked_up(s: Survey, template: Template, host: str) -> Resolution:
    """The lookup of a name by a Pod of the template."""
    return resolve(host, _pod_of(s, template), s.control, s.project.cluster, s.project.of(ExternalHost))


def _pod_of(s: Survey, template: Template) -> PodState | None:
    """A Pod of the template, None where it has none."""
    return s.pod_by_source.get(template.id)
