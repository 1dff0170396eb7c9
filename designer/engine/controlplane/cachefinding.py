"""NodeLocal DNSCache: a CoreDNS on every Node that Pods ask in place of the cluster's DNS (KEP-1024).

The DaemonSet's program, node-cache, gives the Node the addresses behind ``-localip`` on a device of its own, takes
their port 53 out of connection tracking, so that kube-proxy's NAT never sees those packets, and listens there
(kubernetes/dns, cmd/node-cache/app/cache_app.go). With kube-proxy in ipvs mode the Service's address is on a device of
kube-proxy, and an eBPF data plane translates before any rule: there only an address of the cache's own is sure to lead
to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from designer.engine.controlplane.addresses import canonical
from designer.engine.controlplane.corefile import read_corefile
from designer.engine.controlplane.nodecache import CLUSTER, UPSTREAM, NodeCache
from designer.engine.controlplane.records import DNS_SERVICE
from designer.engine.controlplane.state import PodState, ServiceState
from designer.model import ClusterSettings, DaemonSet, Project, replaces_kube_proxy
from designer.model.dnscache import cache_addresses, cache_argument, cache_daemon

DOMAIN = "__PILLAR__DNS__DOMAIN__"
USUAL_SERVICE = "kube-dns-upstream"
# The add-on's own (cluster/addons/dns/nodelocaldns/nodelocaldns.yaml), as far as it decides answers.
USUAL = "".join(
    f"{zone}:53 {{\nforward . {to} {{\nforce_tcp\n}}\n}}\n"
    for zone, to in ((DOMAIN, CLUSTER), ("in-addr.arpa", CLUSTER), ("ip6.arpa", CLUSTER), (".", UPSTREAM))
)


def node_cache(
    project: Project, pods: Mapping[str, PodState], services: Mapping[str, ServiceState], texts: Mapping[str, str]
) -> NodeCache | None:
    """The cluster's NodeLocal DNSCache, None where it has none; `texts` are those of its ConfigMap."""
    found = cache_daemon(project.of(DaemonSet))
    if found is None:
        return None
    server = services.get(DNS_SERVICE)
    vips = server.cluster_ips if server is not None else ()
    mine = [pod for pod in pods.values() if pod.owner == found.id and pod.node]
    # With Cilium it is a Pod like others behind a CiliumLocalRedirectPolicy: its addresses are then on no device.
    bound = found.spec.template.spec.hostNetwork and cache_argument(found, "setupinterface") != "false"
    service = cache_argument(found, "upstreamsvc") or USUAL_SERVICE
    data = texts if "Corefile" in texts else {"Corefile": USUAL}
    written = {name: text.replace(DOMAIN, project.cluster.dnsDomain) for name, text in data.items()}
    return NodeCache(
        found.id,
        tuple(canonical(word) for word in cache_addresses(found, vips)),
        frozenset(pod.node or "" for pod in mine if bound and pod.ready and not pod.terminating),
        frozenset(pod.node or "" for pod in mine),
        f"Service:{found.namespace}/{service}",
        read_corefile(f"v1/ConfigMap:{found.namespace}/node-local-dns", written, {}),
    )


def answers_at(
    cache: NodeCache | None, settings: ClusterSettings, node: str, server: str, vips: tuple[str, ...]
) -> Literal["yes", "no", "unknown"]:
    """Whether a query from this Node to `server` comes to the cache; `vips` are the addresses of the DNS Service."""
    if cache is None or server not in cache.addresses or node not in cache.running:
        return "no"
    if node not in cache.ready:
        return "unknown"
    if server not in vips:
        return "yes"
    if replaces_kube_proxy(settings) or settings.kubeProxy.mode == "ipvs":
        return "unknown"
    return "yes"
