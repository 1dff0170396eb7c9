"""A name looked up the way a process in a Pod does it: /etc/hosts, search list, ndots, A and AAAA for each try.

domain/dns.md, "Resolution algorithm" (glibc-like) and its table of query counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from designer.engine.controlplane.addresses import canonical as canonical_ip
from designer.engine.controlplane.addresses import parse_address
from designer.engine.controlplane.cachedzone import cached_zone
from designer.engine.controlplane.cachefinding import answers_at
from designer.engine.controlplane.corednsautopath import AUTOPATH
from designer.engine.controlplane.corednschain import ServedZone, zone_for
from designer.engine.controlplane.names import reverse_address, reverse_name
from designer.engine.controlplane.records import (
    ADDRESS_TYPES,
    DNS_SERVICE,
    RecordType,
    ResponseCode,
    Zone,
)
from designer.engine.controlplane.resolvconf import (
    ResolvConf,
    effective_policy,
    hosts_addresses,
    hosts_file,
    resolv_conf,
)
from designer.engine.controlplane.state import ControlPlaneState, PodState, ServiceState
from designer.model import ClusterSettings, ExternalHost

Status = Literal["ok", "name-not-found", "cannot-tell"]

# The Service that the API server makes of itself, in every cluster.
API_SERVER = "default/kubernetes"
THROUGH_CACHE = ", through NodeLocal DNSCache"
CACHED = f"CoreDNS{THROUGH_CACHE}"
MAX_NAME = 253
OWN_REVERSE = "the cluster's DNS has this reverse name, which is not asked; what the Node's resolver says is not known"


@dataclass(frozen=True, slots=True)
class Query:
    """One question to a name server: absolute name (no trailing dot), type, code, values, rule and the server asked.

    `rcode` UNKNOWN means that a resolver outside the cluster decides. `by` says who has the answer.
    """

    name: str
    type: RecordType
    rcode: ResponseCode
    answers: tuple[str, ...]
    rule: str
    server: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The whole lookup of `name`.

    `addresses` are the values of the first try that had an answer, A before AAAA; `canonical` the name that they belong
    to; `object` the id of the Service or ExternalHost behind it; `reason` says in words why the status is what it is.
    """

    name: str
    queries: tuple[Query, ...]
    addresses: tuple[str, ...]
    canonical: str
    status: Status
    reason: str
    object: str = ""

    @property
    def cost(self) -> str:
        """``8 queries, 6 of them NXDOMAIN``: what the lookup costs."""
        count = len(self.queries)
        missed = sum(query.rcode == "NXDOMAIN" for query in self.queries)
        said = "no query" if not count else "1 query" if count == 1 else f"{count} queries"
        return f"{said}, {missed} of them NXDOMAIN" if missed and count > 1 else f"{said}: NXDOMAIN" if missed else said


def candidates(name: str, conf: ResolvConf) -> tuple[str, ...]:
    """The absolute names that are tried, in order."""
    if name.endswith("."):
        return (name[:-1],)
    listed = tuple(name if domain == "." else f"{name}.{domain.removesuffix('.')}" for domain in conf.searches)
    # The search ends at a name that no query carries (glibc: res_mkquery fails, NO_RECOVERY).
    listed = tuple(takewhile(lambda one: len(one) <= MAX_NAME, listed))
    # With the root on the search list, the name is not asked for again as it is (glibc, res_query.c, root_on_list).
    return tuple(dict.fromkeys((name, *listed) if name.count(".") >= conf.ndots else (*listed, name)))


def resolve(
    name: str,
    pod: PodState | None,
    control: ControlPlaneState,
    settings: ClusterSettings,
    hosts: Iterable[ExternalHost] = (),
    types: tuple[RecordType, ...] = ADDRESS_TYPES,
) -> Resolution:
    """What `name` resolves to for a process in `pod`; without a Pod, for a Node or a client outside the cluster.

    `types` are the records asked for with each try; an address asked for by PTR stands for its reverse name.
    """
    name = name.strip()
    if parse_address(name) is not None:
        if types != ("PTR",):
            return Resolution(name, (), (canonical_ip(name),), name, "ok", "it is an address, nothing is looked up")
        name = f"{reverse_name(canonical_ip(name))}."
    zone = zone_for(control, settings, hosts, pod)
    cached = False
    conf = ResolvConf("Default", (), settings.nodeSearchDomains, (), True)
    if pod is not None:
        listed = hosts_addresses(hosts_file(pod, settings), name)
        found = tuple(ip for ip in listed if ("AAAA" if ":" in ip else "A") in types)
        if found:
            return Resolution(name, (), found, name, "ok", "/etc/hosts of the Pod has the name; DNS is not asked")
        conf = resolv_conf(pod, control, settings)
        # Without the Service kubelet would fall back to the Node's resolver, unless it exists and the input lacks it.
        cached = _asks_cache(pod, conf, control, settings)
        if effective_policy(pod) == "ClusterFirst" or cached:
            trouble = _dns_trouble(name, control)
            if trouble is not None and not (cached and trouble.status == "name-not-found"):
                return trouble
            if cached and control.cache is not None:
                plain = zone_for(control, settings, hosts)
                zone = cached_zone(plain, control.cache, control, trouble is not None)
        if conf.policy in ("None", "ClusterFirst") and not _asks_cluster(conf, control) and not cached:
            return (
                Resolution(name, (), (), "", "cannot-tell", _foreign_server(conf))
                if name.lower().removesuffix(".") not in zone.hosts
                else _walk(name, pod, conf, zone, control, types)
            )
    return _walk(name, pod, conf, zone, control, types)


def _cluster_servers(control: ControlPlaneState) -> tuple[str, ...]:
    service = control.services.get(DNS_SERVICE)
    return () if service is None else service.cluster_ips


def _asks_cluster(conf: ResolvConf, control: ControlPlaneState) -> bool:
    """Whether the cluster's DNS is the server that answers: the first one listed (resolv.conf(5), `nameserver`).

    A resolver goes to the next server on time-out only, not on NXDOMAIN; kubelet puts a Node's servers before those of
    `dnsConfig` (pkg/kubelet/network/dns, appendDNSConfig).
    """
    return not conf.from_node and bool(conf.nameservers) and conf.nameservers[0] in _cluster_servers(control)


def _asks_cache(pod: PodState, conf: ResolvConf, control: ControlPlaneState, settings: ClusterSettings) -> bool:
    """Whether the first server that the Pod asks is NodeLocal DNSCache on its own Node."""
    if conf.from_node or not conf.nameservers or control.cache is None:
        return False
    vips = _cluster_servers(control)
    return answers_at(control.cache, settings, pod.node or "", conf.nameservers[0], vips) == "yes"


def _foreign_server(conf: ResolvConf) -> str:
    if not conf.nameservers:
        return "dnsPolicy None without a nameserver: the API server rejects such a Pod"
    return f"the Pod asks {conf.nameservers[0]} first, and what that server answers is not known"


def _dns_trouble(name: str, control: ControlPlaneState) -> Resolution | None:
    """Why the cluster's DNS gives no answer at all, None when it does."""
    slices = control.slices.get(DNS_SERVICE, ())
    ends = [endpoint for part in slices for endpoint in part.endpoints]
    if any(e.ready or e.serving for e in ends):
        return None
    if ends:
        reason = "no Pod of Service kube-system/kube-dns is ready: every lookup fails"
        return Resolution(name, (), (), "", "name-not-found", reason)
    reason = "Service kube-system/kube-dns has no endpoint in the project, so who answers DNS is not known"
    return Resolution(name, (), (), "", "cannot-tell", reason)


def _walk(
    name: str,
    pod: PodState | None,
    conf: ResolvConf,
    zone: Zone,
    control: ControlPlaneState,
    types: tuple[RecordType, ...],
) -> Resolution:
    queries: list[Query] = []
    server = conf.nameservers[0] if conf.nameservers else "the Node's resolver"
    asks_cluster = _asks_cluster(conf, control) or (isinstance(zone, ServedZone) and zone.behind is not None)
    tried = candidates(name, conf)
    as_typed = name.removesuffix(".").lower()
    for candidate in tried:
        if asks_cluster and _left_out(candidate, zone, control):
            reason = f"Service {API_SERVER}, which every cluster has, is not in this project: its address is not known"
            return Resolution(name, tuple(queries), (), candidate, "cannot-tell", reason)
        values: list[str] = []
        canonical, found_in = candidate, ""
        for qtype in types:
            query, answer_name, oid = _question(zone, candidate, qtype, server, asks_cluster, as_typed)
            queries.append(query)
            values += query.answers
            canonical, found_in = (
                (answer_name or canonical, oid or found_in) if query.answers else (canonical, found_in)
            )
        pair = queries[-len(types) :]
        if values:
            reason = next(q.rule for q in pair if q.answers)
            return Resolution(name, tuple(queries), tuple(values), canonical, "ok", reason, found_in)
        if any(q.rcode == "SERVFAIL" for q in pair) and len(conf.nameservers) > 1:
            reason = (
                f"{server} answers SERVFAIL ({pair[0].rule}), so the resolver asks {conf.nameservers[1]} next, and what"
            )
            return Resolution(
                name, tuple(queries), (), canonical, "cannot-tell", f"{reason} that server answers is not known"
            )
        if any(q.rcode == "UNKNOWN" for q in pair):
            reason = _unknown_reason(queries, pair[0], name, pod, conf, control, asks_cluster)
            return Resolution(name, tuple(queries), (), canonical, "cannot-tell", reason)
    reason = _missing_reason(name, pod, queries, control, asks_cluster)
    return Resolution(name, tuple(queries), (), "", "name-not-found", reason)


def _left_out(candidate: str, zone: Zone, control: ControlPlaneState) -> bool:
    """Whether the name is that of the Service that the API server makes itself, and the project lacks it.

    Such a project shows a part of a cluster (pkg/controlplane/controller/kubernetesservice).
    """
    return (
        candidate.lower() == f"kubernetes.default.svc.{zone.domain}" and f"Service:{API_SERVER}" not in control.services
    )


def _question(
    zone: Zone, candidate: str, qtype: RecordType, server: str, asks_cluster: bool, as_typed: str
) -> tuple[Query, str, str]:
    """One query, the name that its answer belongs to, and the object behind it."""
    lower = candidate.lower()
    if zone.holds(lower) and not asks_cluster:
        rule = "the cluster's names are known to the cluster's DNS only, which is not asked"
        return Query(candidate, qtype, "NXDOMAIN", (), rule, server, server), "", ""
    answer = zone.answer(lower, qtype) if asks_cluster else zone.outside(lower, qtype)
    if qtype == "PTR" and not asks_cluster and _of_cluster(zone, lower):
        return Query(candidate, qtype, "UNKNOWN", (), OWN_REVERSE, server, server), "", ""
    rcode, rule = answer.rcode, answer.rule
    if rcode == "UNKNOWN" and not answer.object:
        if zone.holds(lower):
            rule = f"CoreDNS: it is not the one that answers for this name of the cluster's zone; {rule}"
        elif lower != as_typed:
            rcode = "NXDOMAIN"
            rule = "search domain of the Node: no ExternalHost has this name, so it is taken not to exist"
        elif "." not in lower:
            rcode = "NXDOMAIN"
            rule = "a single label is no name of the public DNS"
    through = zone.holds(lower) or (qtype == "PTR" and rcode == "NOERROR")
    aliased = rule.startswith(("ExternalName: CNAME to ", AUTOPATH))
    by = "CoreDNS" if through and not aliased else "upstream, through CoreDNS"
    if through and zone.holds(answer.canonical or lower):
        by = "CoreDNS"
    if isinstance(zone, ServedZone) and zone.behind is not None:
        by = CACHED if by == "CoreDNS" else f"upstream{THROUGH_CACHE}"
    return (
        Query(candidate, qtype, rcode, answer.values, rule, server, by if asks_cluster else server),
        answer.canonical,
        answer.object,
    )


def _of_cluster(zone: Zone, name: str) -> bool:
    """Whether the cluster's DNS alone has a reverse name."""
    return reverse_address(name) is not None and zone.ask(name, "PTR").rcode == "NOERROR"


def _unknown_reason(
    queries: list[Query],
    query: Query,
    name: str,
    pod: PodState | None,
    conf: ResolvConf,
    control: ControlPlaneState,
    asks_cluster: bool,
) -> str:
    """Words for a name that the world outside has to answer, and why the cluster's DNS did not."""
    if query.rule.startswith("CoreDNS: "):
        return f"{query.name}: {query.rule}"
    outside = query.name
    if query.rule.startswith(AUTOPATH):
        outside = query.rule.removeprefix(AUTOPATH).partition(";")[0]
    if query.rule.startswith("ExternalName: CNAME to "):
        # The name is the cluster's own; what it stands for is not.
        outside = f"{query.name} is an {query.rule.partition(';')[0]}, which"
    text = f"{outside} is outside the cluster: what it resolves to depends on the upstream resolver."
    if (balanced := _balanced(query.name, control)) is not None:
        who = f"{balanced.namespace}/{balanced.name}"
        text = f"{outside} is the load balancer of Service {who}, and the project does not say its address. kube-proxy "
        text += "knows no host names, so the call leaves the cluster for the load balancer."
    first, _, rest = name.removesuffix(".").partition(".")
    namespace = rest.removesuffix(".svc")
    known = f"Service:{namespace}/{first}" in control.services
    if namespace in control.namespaces and asks_cluster and not known:
        text = f"There is no Service {first} in namespace {namespace}. Asked as it is, {text}"
    elif asks_cluster and known and queries[0].name == query.name:
        text = f"ndots:{conf.ndots} has {query.name} asked as it is before the search list is tried. So, {text}"
    elif asks_cluster and queries[0].name != query.name:
        text = f"The cluster's DNS does not know it ({queries[0].rule}). Asked as it is, {text}"
    elif not asks_cluster and (service := _meant(name.removesuffix("."), control)) is not None:
        text = f"{_unasked(service, pod)}. To the Node's resolver, {text}"
    if pod is not None and pod.host_network and conf.policy == "Default" and _wants_cluster(pod):
        text += " The Pod uses the Node's DNS: dnsPolicy ClusterFirst is ignored with hostNetwork."
    return f"{text} Add an external host with this name to say it."


def _balanced(name: str, control: ControlPlaneState) -> ServiceState | None:
    """The Service whose load balancer has this host name, None where none has."""
    plain = name.removesuffix(".").lower()
    return next(
        (s for s in control.services.values() if any((e.hostname or "").lower() == plain for e in s.load_balancer)),
        None,
    )


def _wants_cluster(pod: PodState) -> bool:
    return pod.spec.dnsPolicy in {None, "ClusterFirst"}


def _unasked(service: ServiceState, pod: PodState | None) -> str:
    """That the name is the cluster's DNS' alone, which this process does not ask; without a Pod it is a Node's."""
    who = "a Node" if pod is None else f"a Pod with dnsPolicy {pod.spec.dnsPolicy or 'ClusterFirst'}"
    name = f"{service.namespace}/{service.name}"
    return f"Service {name} is a name of the cluster's DNS only, and {who} does not ask that"


def _meant(plain: str, control: ControlPlaneState) -> ServiceState | None:
    """The Service that ``name`` or ``name.namespace…`` would be in cluster DNS, None where no Service is called so."""
    first, _, rest = plain.partition(".")
    found = control.services.get(f"Service:{rest.partition('.')[0]}/{first}")
    return found or next((s for s in control.services.values() if s.name == plain), None)


def _missing_reason(
    name: str, pod: PodState | None, queries: list[Query], control: ControlPlaneState, asks_cluster: bool
) -> str:
    """Words for a name that nothing has."""
    plain = name.removesuffix(".")
    failed = next((query for query in queries if query.rcode == "SERVFAIL"), None)
    if failed is not None:
        return f"SERVFAIL for {failed.name}: {failed.rule}"
    for query in queries:
        if "headless Service has no ready endpoint" in query.rule or query.rule.startswith("ExternalName"):
            return f"{query.name}: {query.rule}"
    if pod is not None and pod.host_network and _wants_cluster(pod):
        return "Pod uses node DNS: dnsPolicy ClusterFirst is ignored with hostNetwork; set ClusterFirstWithHostNet"
    if not asks_cluster and (service := _meant(plain, control)) is not None:
        return _unasked(service, pod)
    if (
        pod is not None
        and asks_cluster
        and name == f"{plain}."
        and f"Service:{pod.namespace}/{plain}" in control.services
    ):
        return f"the final dot asks for {plain} as it is, without the search list; without it, {plain} is the Service"
    if pod is not None and asks_cluster and "." not in plain:
        others = [s.namespace for s in control.services.values() if s.name == plain and s.namespace != pod.namespace]
        if others:
            where = ", ".join(others)
            return f"{plain} resolves only in namespace {where}; from {pod.namespace} use {plain}.{others[0]}"
    labels = plain.split(".")
    if len(labels) >= 2:
        for other in control.pods.values():
            if other.name == labels[0] and other.spec.hostname == labels[0]:
                return (
                    f"no record {'.'.join(labels[:2])}...: the governing Service is missing, not headless, has another "
                    "name than spec.serviceName, or the Pod is not ready"
                )
    empty = next((query for query in queries if query.rcode == "NODATA"), None)
    if empty is not None:
        types = " or ".join(dict.fromkeys(query.type for query in queries))
        return f"{empty.name} exists and has no {types} record: {empty.rule}"
    return f"no server has a record of {plain}: {queries[0].rule}" if queries else f"no server has a record of {plain}"
