"""/etc/resolv.conf and /etc/hosts of a Pod, as kubelet writes them.

domain/dns.md, "Pod resolv.conf". What a Node's own resolv.conf holds is not known but for its search domains, which are
a cluster setting; kubelet's clusterDNS is what ConfigMap kube-system/kubelet-config says, and the ClusterIP of
kube-system/kube-dns where the input lacks that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from designer.engine.controlplane.records import DNS_SERVICE
from designer.engine.controlplane.state import ControlPlaneState, PodState
from designer.model import ClusterSettings

MAX_NAMESERVERS = 3
MAX_SEARCHES = 32
MAX_SEARCH_CHARACTERS = 2048
MAX_SEARCH_LENGTH = 253
MAX_HOSTNAME = 63
MAX_KERNEL_HOSTNAME = 64
CLUSTER_NDOTS = 5
# How the events begin with which kubelet says that it has cut the lists.
FORMING = "DNSConfigForming: "


@dataclass(frozen=True, slots=True)
class ResolvConf:
    """What a Pod's resolver reads.

    `policy` is the dnsPolicy in force (a hostNetwork Pod's ClusterFirst is Default). `from_node` says that nameservers
    of the Node, which are not known, come too. `events` are kubelet's, as text.
    """

    policy: str
    nameservers: tuple[str, ...]
    searches: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()
    from_node: bool = False
    events: tuple[str, ...] = ()

    @property
    def ndots(self) -> int:
        """How many dots make a name be tried as it is first; 1 unless set, 15 at most."""
        value = dict(self.options).get("ndots", "")
        return min(int(value), 15) if value.isdecimal() else 1

    @property
    def text(self) -> str:
        """The file; nameservers of the Node stand as a comment."""
        lines = [f"nameserver {ip}" for ip in self.nameservers]
        if self.from_node:
            lines.append("# and the nameservers of the Node's resolv.conf")
        if self.searches:
            lines.append(f"search {' '.join(self.searches)}")
        if self.options:
            lines.append("options " + " ".join(f"{k}:{v}" if v else k for k, v in self.options))
        return "\n".join(lines) + "\n"


def effective_policy(pod: PodState) -> str:
    """The dnsPolicy in force: with hostNetwork, ClusterFirst is silently Default."""
    policy = pod.spec.dnsPolicy or "ClusterFirst"
    if policy == "ClusterFirstWithHostNet":
        return "ClusterFirst"
    if policy == "ClusterFirst" and pod.host_network:
        return "Default"
    return policy


def cluster_dns(control: ControlPlaneState) -> tuple[str, ...]:
    """The name servers that kubelet gives to Pods: what its configuration says, else those of the DNS Service."""
    service = control.services.get(DNS_SERVICE)
    return control.kubelet_dns or (() if service is None else service.cluster_ips)


def resolv_conf(pod: PodState, control: ControlPlaneState, settings: ClusterSettings) -> ResolvConf:
    """The resolv.conf of `pod`."""
    policy = effective_policy(pod)
    events: list[str] = []
    nameservers: list[str] = []
    searches: list[str] = []
    options: dict[str, str] = {}
    dns = cluster_dns(control)
    if policy == "ClusterFirst" and not dns:
        events.append('MissingClusterDNS: kubelet does not have ClusterDNS IP configured; falling back to "Default"')
        policy = "Default"
    if policy == "ClusterFirst":
        zone = settings.dnsDomain
        nameservers += dns
        searches += [f"{pod.namespace}.svc.{zone}", f"svc.{zone}", zone, *_of_node(settings)]
        options["ndots"] = str(CLUSTER_NDOTS)
    elif policy == "Default":
        searches += _of_node(settings)
    config = pod.spec.dnsConfig
    if config is not None:
        nameservers += config.nameservers
        searches += config.searches
        options |= {o.name: o.value or "" for o in config.options if o.name}
    return ResolvConf(
        policy,
        _limited_nameservers(nameservers, events),
        _limited_searches(searches, events),
        tuple(options.items()),
        policy == "Default",
        tuple(events),
    )


def _of_node(settings: ClusterSettings) -> tuple[str, ...]:
    """The search domains of the Nodes, as kubelet reads them: without final dot (parseResolvConf)."""
    return tuple(name if name == "." else name.removesuffix(".") for name in settings.nodeSearchDomains)


def _limited_nameservers(found: list[str], events: list[str]) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(found))
    if len(unique) > MAX_NAMESERVERS:
        kept = " ".join(unique[:MAX_NAMESERVERS])
        events.append(
            f"{FORMING}Nameserver limits were exceeded, some nameservers have been omitted, the applied "
            f"nameserver line is: {kept}"
        )
    return unique[:MAX_NAMESERVERS]


def _limited_searches(found: list[str], events: list[str]) -> tuple[str, ...]:
    """The search list in kubelet's limits: cut to their number first, then without long names, then to the length.

    A name that is too long uses up its place (pkg/kubelet/network/dns, formDNSSearchFitsLimits).
    """
    unique = list(dict.fromkeys(found))
    kept = [name for name in unique[:MAX_SEARCHES] if len(name) <= MAX_SEARCH_LENGTH]
    while len(" ".join(kept)) > MAX_SEARCH_CHARACTERS:
        kept.pop()
    if len(kept) < len(unique):
        events.append(
            f"{FORMING}Search Line limits were exceeded, some search paths have been omitted, the applied "
            f"search line is: {' '.join(kept)}"
        )
    return tuple(kept)


def _override(pod: PodState) -> str:
    """`spec.hostnameOverride`, "" where it is not set (KEP-4762)."""
    return str((pod.spec.model_extra or {}).get("hostnameOverride") or "")


def pod_hostname(pod: PodState) -> str:
    """The short host name in a Pod; a name of more than 63 characters is cut (kubelet, truncatePodHostnameIfNeeded).

    `hostnameOverride` names the Pod inside only and makes no DNS record.
    """
    return _override(pod) or (pod.spec.hostname or pod.name)[:MAX_HOSTNAME].rstrip("-.")


def kernel_hostname(pod: PodState, settings: ClusterSettings) -> tuple[str, str]:
    """What ``hostname`` prints in the Pod, and why the Pod does not start ("" where it does).

    With `setHostnameAsFQDN` and a subdomain it is the whole name, of 64 characters at most (GetNodenameForKernel).
    """
    short = pod_hostname(pod)
    whole = f"{short}.{pod.spec.subdomain}.{pod.namespace}.svc.{settings.dnsDomain}"
    if not (pod.spec.model_extra or {}).get("setHostnameAsFQDN") or not pod.spec.subdomain or _override(pod):
        return short, ""
    if len(whole) > MAX_KERNEL_HOSTNAME:
        return whole, f"setHostnameAsFQDN: {whole} has {len(whole)} characters, and a host name at most 64"
    return whole, ""


def hosts_file(pod: PodState, settings: ClusterSettings) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(address, names) of the Pod's /etc/hosts: localhost, its own name (not with hostNetwork), then hostAliases."""
    lines: list[tuple[str, tuple[str, ...]]] = [("127.0.0.1", ("localhost",)), ("::1", ("localhost", "ip6-localhost"))]
    if not pod.host_network:
        hostname = pod_hostname(pod)
        names: tuple[str, ...] = (hostname,)
        if pod.spec.subdomain and not _override(pod):
            names = (f"{hostname}.{pod.spec.subdomain}.{pod.namespace}.svc.{settings.dnsDomain}", hostname)
        lines += [(ip, names) for ip in pod.ips]
    lines += [(alias.ip, alias.hostnames) for alias in pod.spec.hostAliases]
    return tuple(lines)


def hosts_addresses(lines: Iterable[tuple[str, tuple[str, ...]]], name: str) -> tuple[str, ...]:
    """The addresses that a hosts file has for `name`."""
    wanted = name.lower().removesuffix(".")
    return tuple(dict.fromkeys(ip for ip, names in lines if wanted in {n.lower() for n in names}))
