"""What is taken for granted where the input does not say it: a usual kubeadm cluster.

Everything assumed is named in `ClusterSettings.assumed` (object ids as they are, settings as ``setting:path``) and in
the report with the way to say otherwise. Nothing is assumed that the input contradicts: what exists is left alone. An
input that has Nodes is taken as the cluster that it is: no Service is added to it, because each one changes the rules
of every Node.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from designer.manifests.report import ReportEntry
from designer.manifests.settings_draft import SettingsDraft
from designer.manifests.visible_ranges import assume_ranges, parsed
from designer.model import (
    AnyWorkload,
    ClusterSettings,
    Deployment,
    EndpointSlice,
    ExternalClient,
    KubeObject,
    LoadBalancerPool,
    Node,
    Pod,
    Project,
    Service,
    replaces_kube_proxy,
    template_of,
)

NODE_COUNT = 3
CLIENT_ADDRESS = "198.51.100.7"  # RFC 5737, TEST-NET-2
POOL = "203.0.113.10-203.0.113.250"  # RFC 5737, TEST-NET-3
SERVICE_RANGE = "10.96.0.0/12"  # kubeadm's default
# The API server's address: the first of the node network after the gateway, which no Node gets (Nodes start at .11).
API_SERVER_HOST = 10
SHOWN_NODES = 5  # names in a sentence
_SERVICE_RANGE_NOTE = {
    True: " (kubeadm's default).",
    False: ", as the ClusterIPs show. Set the ranges in the cluster settings or open a kubeadm ClusterConfiguration.",
}


@dataclass(slots=True)
class Assumptions:
    """Objects and settings that were added, with the report's words."""

    objects: list[KubeObject] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    entries: list[ReportEntry] = field(default_factory=list)

    def add(self, obj: KubeObject, text: str = "") -> None:
        """Assume an object; without `text` another entry speaks for it."""
        self.objects.append(obj)
        self.names.append(obj.id)
        if text:
            self.entries.append(ReportEntry("assumed", text, obj.id))

    def setting(self, path: str, text: str) -> None:
        """Assume a setting."""
        self.names.append(f"setting:{path}")
        self.entries.append(ReportEntry("assumed", text))


# Settings that the usual cluster needs and that a deciding text rests on: path, the given settings that answer it (by
# their beginning; kube-proxy's clusterCIDR is the Pods' range, a KubeProxyConfiguration without mode means iptables),
# and how the report words it, "" where the cluster has no use for it.
SETTINGS: tuple[tuple[str, tuple[str, ...], Callable[[ClusterSettings], str]], ...] = (
    (
        "cni",
        ("cni.",),
        lambda c: (
            f"The network plugin is {c.cni.plugin.capitalize()} ({c.cni.backend}), which enforces NetworkPolicy. "
            "Choose another one in the cluster settings."
        ),
    ),
    (
        "cni.kubeProxyReplacement",
        ("cni.kubeProxyReplacement",),
        lambda c: (
            "Cilium answers for Services in kube-proxy's place. A cilium-config or the cluster settings say otherwise."
            if c.cni.plugin == "cilium"
            else ""
        ),
    ),
    (
        "podCIDRs",
        ("podCIDRs", "kubeProxy.clusterCIDR"),
        lambda c: (
            f"Pods have addresses of {', '.join(c.podCIDRs)}. Set the ranges in the cluster settings or open a "
            "kubeadm ClusterConfiguration."
        ),
    ),
    (
        "serviceCIDRs",
        ("serviceCIDRs",),
        lambda c: (
            f"Services have addresses of {', '.join(c.serviceCIDRs)}"
            f"{_SERVICE_RANGE_NOTE[c.serviceCIDRs == (SERVICE_RANGE,)]}"
        ),
    ),
    (
        "kubeProxy.mode",
        ("kubeProxy.",),
        lambda c: (
            f"kube-proxy runs in {c.kubeProxy.mode} mode. A KubeProxyConfiguration or the cluster settings say "
            "otherwise."
            if not replaces_kube_proxy(c)
            else ""
        ),
    ),
)


def assume(project: Project, draft: SettingsDraft, seen: tuple[Node, ...] = ()) -> tuple[Project, list[ReportEntry]]:
    """`project` completed to a cluster that can carry a packet, and the report's entries about it.

    `seen` are the Nodes that its Pods name; where the input has no Nodes, they are its Nodes, else a usual number is.
    Settings that an export of this program wrote say themselves what was assumed: exactly that is assumed again.
    """
    if draft.whole is not None:
        return assume_listed(project, draft.whole.assumed)
    found = Assumptions()
    seen = () if project.slice(Node) else seen
    cluster = assume_ranges(project.with_objects(seen))
    said = [path for path, value in draft.values.items() if value != ""]
    for path, sources, words in SETTINGS:
        text = words(cluster)
        if text and not any(given.startswith(source) for source in sources for given in said):
            found.setting(path, text)
    assume_node_networks(project, cluster, found)
    if cluster.nodePortRange != project.cluster.nodePortRange:
        text = (
            "Services of the input have node ports outside Kubernetes' usual range, so the API server's range is taken "
        )
        text += "to be {}-{}. Set it in the cluster settings.".format(*cluster.nodePortRange)
        found.setting("nodePortRange", text)
    if not project.slice(Node):
        if seen:
            assume_seen_nodes(seen, found)
        else:
            assume_nodes(found)
        assume_dns(project, cluster, found)
        assume_api_service(project, cluster, found)
        assume_load_balancer(project, found)
    elif "Service:kube-system/kube-dns" not in project.slice(Service):
        text = (
            "Nothing about DNS: the input has Nodes but no Service kube-system/kube-dns, so who answers names is not "
        )
        found.entries.append(ReportEntry("assumed", text + "known. Open the manifests of kube-system as well."))
    if not project.slice(ExternalClient):
        assume_client(found)
    if "setting:loadBalancer.pools" in found.names:
        pools = (LoadBalancerPool(name="assumed", addresses=(POOL,)),)
        cluster = cluster.replace(loadBalancer=cluster.loadBalancer.replace(pools=pools))
    cluster = cluster.replace(assumed=tuple(sorted({*cluster.assumed, *found.names})))
    return replace(project.with_objects(found.objects), cluster=cluster), found.entries


def assume_listed(project: Project, listed: tuple[str, ...]) -> tuple[Project, list[ReportEntry]]:
    """`project` with those of the usual objects that are `listed` and that it lacks."""
    usual = usual_objects(project, listed)
    entries = [ReportEntry("assumed", f"{oid}, as when the project was exported.", oid) for oid in usual]
    return project.with_objects(list(usual.values())), entries


def usual_objects(project: Project, listed: tuple[str, ...]) -> dict[str, KubeObject]:
    """The objects of `listed` that a usual cluster has and `project` lacks, by id, in their usual form."""
    wanted = frozenset(listed)
    # What else the project has decides (a Service at DNS's usual address), so the usual objects themselves go first.
    bare = project.without(*(obj.id for obj in all_usual(Project(cluster=project.cluster))))
    return {obj.id: obj for obj in all_usual(bare) if obj.id in wanted and project.get(obj.id) is None}


def all_usual(project: Project) -> list[KubeObject]:
    """Every object that is assumed for a `project` without Nodes, DNS, API server and client."""
    found = Assumptions()
    assume_nodes(found)
    assume_dns(project, project.cluster, found)
    assume_api_service(project, project.cluster, found)
    assume_client(found)
    return found.objects


def came_from(project: Project, oid: str) -> bool:
    """Whether the object came from a file."""
    origin = project.provenance.get(oid)
    return origin is not None and bool(origin.file)


def still_assumed(project: Project) -> frozenset[str]:
    """Ids of objects that stand as they were assumed."""
    listed = project.cluster.assumed
    usual = usual_objects(project.without(*listed), listed)
    return frozenset(oid for oid, obj in usual.items() if project.get(oid) == obj and not came_from(project, oid))


def kept_assumptions(project: Project, assumed: frozenset[str]) -> tuple[str, ...]:
    """The entries of `ClusterSettings.assumed` that still hold: all settings, and the objects that were not changed."""
    return tuple(name for name in project.cluster.assumed if name.startswith("setting:") or name in assumed)


def assume_client(found: Assumptions) -> None:
    """A client outside the cluster, so that there is somebody to send a request."""
    client = ExternalClient.model_validate({"metadata": {"name": "client"}, "spec": {"addresses": [CLIENT_ADDRESS]}})
    found.add(client, f"A client outside the cluster, `client`, with the address {CLIENT_ADDRESS}.")


def assume_nodes(found: Assumptions) -> None:
    """Three Nodes without addresses, which the allocation gives them."""
    names = [f"node-{number}" for number in range(1, NODE_COUNT + 1)]
    for name in names:
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
        found.add(Node.model_validate({"metadata": {"name": name, "labels": labels}}))
    text = f"{NODE_COUNT} Nodes, {names[0]} to {names[-1]}. Add or remove Nodes, or open the Nodes' manifests as well."
    found.entries.append(ReportEntry("assumed", text))


def assume_seen_nodes(seen: tuple[Node, ...], found: Assumptions) -> None:
    """The Nodes that the input's Pods run on, of which nothing else is known.

    They are no part of the usual cluster: an export writes them, so `assumed` does not list them.
    """
    found.objects += seen
    names = ", ".join(node.name for node in seen[:SHOWN_NODES])
    more = f" and {len(seen) - SHOWN_NODES} more" if len(seen) > SHOWN_NODES else ""
    text = (
        f"The Nodes that the Pods run on, {names}{more}, with the addresses that the Pods show and without labels or "
        "taints. Open the Nodes as well (kubectl get nodes -o yaml)."
    )
    found.entries.append(ReportEntry("assumed", text))


def assume_node_networks(project: Project, cluster: ClusterSettings, found: Assumptions) -> None:
    """That Nodes whose addresses are far apart may stand in one network or in several: no object of Kubernetes says."""
    for name, usual in (("nodeNetwork", 24), ("nodeNetworkV6", 64)):
        network = parsed(getattr(cluster, name))
        if name not in project.cluster.model_fields_set and network is not None and network.prefixlen < usual:
            found.setting(
                name,
                f"The Nodes have addresses of {network}; whether that is one network or several is not known. Set it "
                "in the cluster settings.",
            )


def nth_address(ranges: tuple[str, ...], number: int, usual: str) -> str:
    """Address `number` of the first readable range (of `usual` where there is none), its last where it is smaller."""
    network = next((net for cidr in ranges if (net := parsed(cidr)) is not None), ipaddress.ip_network(usual))
    return str(network[min(number, network.num_addresses - 1)])


DNS_PORTS = (("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), ("metrics", 9153, "TCP"))
DNS_LABELS = {"k8s-app": "kube-dns"}


def assume_dns(project: Project, cluster: ClusterSettings, found: Assumptions) -> None:
    """kube-dns with CoreDNS behind it, at the tenth address of the Service range, as kubeadm sets it up."""
    if "Service:kube-system/kube-dns" in project.slice(Service):
        return
    address = nth_address(cluster.serviceCIDRs, 10, SERVICE_RANGE)
    taken = {service.spec.clusterIP for service in project.of(Service)}
    spec: dict[str, Any] = {
        "selector": DNS_LABELS,
        "ports": [{"name": name, "port": port, "protocol": p, "targetPort": port} for name, port, p in DNS_PORTS],
    }
    if address not in taken:
        spec |= {"clusterIP": address, "clusterIPs": [address]}
    metadata = {
        "name": "kube-dns",
        "namespace": "kube-system",
        "labels": {**DNS_LABELS, "kubernetes.io/name": "CoreDNS"},
    }
    found.add(Service.model_validate({"metadata": metadata, "spec": spec}))
    who = "kube-dns"
    if not any(pod_is_dns(obj) for obj in project.all()):
        found.add(coredns())
        who = "kube-dns and CoreDNS (2 Pods)"
    text = f"{who} in kube-system answer DNS at {address}. Open the manifests of kube-system to replace them."
    found.entries.append(ReportEntry("assumed", text, "Service:kube-system/kube-dns"))


def pod_is_dns(obj: KubeObject) -> bool:
    """Whether `obj` is, or makes, a Pod that the kube-dns Service selects."""
    if obj.namespace != "kube-system":
        return False
    if isinstance(obj, Pod):
        return obj.labels.get("k8s-app") == "kube-dns"
    return isinstance(obj, AnyWorkload) and template_of(obj).metadata.labels.get("k8s-app") == "kube-dns"


def coredns() -> Deployment:
    """CoreDNS as kubeadm deploys it, with the fields that matter here."""
    ports = [{"name": name, "containerPort": port, "protocol": protocol} for name, port, protocol in DNS_PORTS]
    container = {"name": "coredns", "image": "registry.k8s.io/coredns/coredns", "ports": ports}
    pod_spec = {
        "dnsPolicy": "Default",
        "serviceAccountName": "coredns",
        "tolerations": [
            {"key": "CriticalAddonsOnly", "operator": "Exists"},
            {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
        ],
        "containers": [container],
    }
    template = {"metadata": {"labels": DNS_LABELS}, "spec": pod_spec}
    spec = {"replicas": 2, "selector": {"matchLabels": DNS_LABELS}, "template": template}
    metadata = {"name": "coredns", "namespace": "kube-system", "labels": DNS_LABELS}
    return Deployment.model_validate({"metadata": metadata, "spec": spec})


def assume_api_service(project: Project, cluster: ClusterSettings, found: Assumptions) -> None:
    """The Service ``default/kubernetes`` and its EndpointSlice: the API server at an address beside the Nodes."""
    if "Service:default/kubernetes" in project.slice(Service):
        return
    address = nth_address(cluster.serviceCIDRs, 1, SERVICE_RANGE)
    version = ipaddress.ip_address(address).version
    network = (
        (cluster.nodeNetwork, "192.168.10.0/24") if version == 4 else (cluster.nodeNetworkV6, "fd00:192:168:10::/64")
    )
    server = nth_address((network[0],), API_SERVER_HOST, network[1])
    port = {"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}
    spec = {"clusterIP": address, "clusterIPs": [address], "ports": [port]}
    labels = {"component": "apiserver", "provider": "kubernetes"}
    metadata = {"name": "kubernetes", "namespace": "default", "labels": labels}
    text = f"The Service kubernetes leads to an API server at {server}:6443, which stands beside the Nodes."
    found.add(Service.model_validate({"metadata": metadata, "spec": spec}), text)
    if any(piece.labels.get("kubernetes.io/service-name") == "kubernetes" and piece.namespace == "default"
           for piece in project.of(EndpointSlice)):  # fmt: skip
        return
    piece = {
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": "kubernetes"},
        },
        "addressType": f"IPv{version}",
        "endpoints": [{"addresses": [server], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
    }
    found.add(EndpointSlice.model_validate(piece))


def assume_load_balancer(project: Project, found: Assumptions) -> None:
    """A pool of documentation addresses when Services of type LoadBalancer have none and no pool is given."""
    waiting = [
        service
        for service in project.of(Service)
        if service.spec.type == "LoadBalancer" and not service.status.loadBalancer.ingress
    ]
    if waiting and not project.cluster.loadBalancer.pools:
        text = f"A load balancer gives addresses of {POOL}."
        found.setting("loadBalancer.pools", text + " Set its pools in the cluster settings, or open MetalLB's pools.")
