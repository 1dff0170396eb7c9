"""Nodes and datapath: `domain/pitfalls.md`, "Nodes, ports, capacity, datapath"; NODE-01 comes from the scheduler."""

from __future__ import annotations

from collections.abc import Iterator

from designer.edits.servicerules import version_of
from designer.engine.checks.survey import Survey, short, shown
from designer.engine.controlplane.addresses import parse_net
from designer.engine.kubeproxy.startup import refusals, too_old_kernel
from designer.model import Node, Problem, effective_kube_proxy, replaces_kube_proxy

# The version of kube-proxy whose rules this program writes; and the first whose nftables mode takes node ports on
# primary addresses only (reference README, "Node ports").
KUBE_PROXY_VERSION = (1, 36)
NODE_PORTS_PRIMARY_SINCE = (1, 31)
NO_LOAD_BALANCER = "node.kubernetes.io/exclude-from-external-load-balancers"
TOLERATES_SMALL = ("flannel",)


def host_port_clash(s: Survey) -> Iterator[Problem]:
    """NODE-02: two hostNetwork Pods of one Node declare the same port."""
    seen: dict[tuple[str, str, int], str] = {}
    told: set[tuple[str, str, int]] = set()
    for pod in s.pods:
        if not pod.host_network or pod.node is None:
            continue
        ports = {(port.protocol, port.containerPort) for c in pod.spec.containers for port in c.ports}
        for protocol, number in sorted(ports):
            other = seen.setdefault((pod.node, protocol, number), pod.id)
            owners = (pod.owner or pod.id, protocol, number)
            if other != pod.id and owners not in told:
                told.add(owners)
                title = f"{short(pod.id)} and {short(other)} both listen on {number}/{protocol} of Node {pod.node}"
                why = "hostNetwork Pods share the Node's ports: the second one fails with address in use."
                fix = "Give one of them another port, or keep them on different Nodes."
                yield s.problem("NODE-02", "warning", pod.owner or pod.id, "spec", title, why, fix)


def mtu(s: Survey) -> Iterator[Problem]:
    """NODE-03: Pod MTU and encapsulation together exceed the link's MTU."""
    cni, link = s.state.cni, s.project.cluster.cni.linkMTU
    cidrs = s.project.cluster.podCIDRs
    four, six = any(":" not in cidr for cidr in cidrs), any(":" in cidr for cidr in cidrs)
    for used, wrap in ((four, cni.encapsulation_v4), (six, cni.encapsulation_v6)):
        if used and wrap is not None and cni.mtu + wrap.overhead > link:
            title = f"Pod MTU {cni.mtu} and {wrap.overhead} bytes of {wrap.name} exceed the link's MTU {link}"
            why = "Small packets pass, large ones are lost between Nodes."
            fix = f"Set the Pod MTU to {link - wrap.overhead} and create the Pods anew."
            yield s.problem("NODE-03", "error", "", "cni.linkMTU", title, why, fix)
            return


def needs_one_link(s: Survey) -> Iterator[Problem]:
    """NODE-05: a datapath without encapsulation and Nodes in different subnets."""
    if not s.state.cni.needs_same_link:
        return
    net = parse_net(s.project.cluster.nodeNetwork)
    outside = [
        node.name
        for node in s.control.nodes.values()
        if net and any(":" not in a and not _inside(a, s.project.cluster.nodeNetwork) for a in node.addresses)
    ]
    if outside and len(outside) < len(s.control.nodes):
        title = f"{s.state.cni.title}: {shown(outside)} are not on the link of the other Nodes"
        why = "Without encapsulation the next hop must be on the same link."
        yield s.problem("NODE-05", "error", "", "cni.backend", title, why, "Use an encapsulating backend.")


def _inside(address: str, cidr: str) -> bool:
    outer, inner = parse_net(cidr), parse_net(f"{address}/32")
    return outer is not None and inner is not None and outer.first <= inner.first <= outer.last


def bridge_flags(s: Survey) -> Iterator[Problem]:
    """NODE-06 and NODE-07: a bridge that hides packets from netfilter, or does not reflect them."""
    cni = s.state.cni
    if cni.bridge and not cni.bridge_netfilter:
        title = f"br_netfilter is off, and {cni.title} uses the bridge {cni.bridge}"
        why = "Replies between two Pods of one Node bypass NAT: Service calls that stay on a Node hang."
        fix = "Load br_netfilter, with net.bridge.bridge-nf-call-iptables at 1."
        yield s.problem("NODE-06", "warning", "", "cni.bridgeNetfilter", title, why, fix)
    if cni.bridge and not cni.hairpin:
        title = f"Hairpin mode is off on {cni.bridge}"
        why = "A Pod that is given itself by its own Service gets no answer."
        yield s.problem("NODE-07", "warning", "", "cni.hairpin", title, why, "Switch hairpin mode on.")


def cluster_cidr(s: Survey) -> Iterator[Problem]:
    """NODE-12: kube-proxy's clusterCIDR does not cover the Pods' ranges."""
    proxy = effective_kube_proxy(s.project.cluster)
    if proxy.detectLocalMode != "ClusterCIDR" or not proxy.clusterCIDR:
        return
    given = [net for text in proxy.clusterCIDR.split(",") if (net := parse_net(text.strip())) is not None]
    for text in s.state.cni.pools or s.project.cluster.podCIDRs:
        pool = parse_net(text)
        families = {net.family for net in given}
        if pool is None or pool.family not in families:
            continue
        if not any(n.family == pool.family and n.first <= pool.first and pool.last <= n.last for n in given):
            title = f"kube-proxy's clusterCIDR {proxy.clusterCIDR} does not cover the Pod range {text}"
            why = "Pods outside clusterCIDR count as external: their source address is masqueraded."
            fix = f"Set clusterCIDR to {text}."
            yield s.problem("NODE-12", "warning", "", "kubeProxy.clusterCIDR", title, why, fix)


def not_ready(s: Survey) -> Iterator[Problem]:
    """NODE-14: a Node that is not Ready, or has no podCIDR where the plugin needs one."""
    for node in s.control.nodes.values():
        lacks = s.project.cluster.cni.plugin in TOLERATES_SMALL and not node.pod_cidrs
        if node.ready and not lacks:
            continue
        what = "has no podCIDR" if lacks else "is not Ready"
        why = "Its Pods are marked as not ready: Services send nothing to them."
        why = "Its network plugin cannot start without a podCIDR." if lacks else why
        fix = "Widen the Pod CIDR of the cluster." if lacks else "See the Node's conditions."
        field = "spec.podCIDRs" if lacks else "status.conditions"
        yield s.problem("NODE-14", "error", node.id, field, f"Node {node.name} {what}", why, fix)


def excluded_from_load_balancers(s: Survey) -> Iterator[Problem]:
    """NODE-16: a Node that external load balancers leave out."""
    for node in s.control.nodes.values():
        if NO_LOAD_BALANCER in node.labels:
            title = f"Node {node.name} gets no traffic from external load balancers"
            why = f"It has the label {NO_LOAD_BALANCER}; its value does not matter."
            yield s.problem(
                "NODE-16", "info", node.id, "metadata.labels", title, why, "Remove the label if that is not meant."
            )


def weave(s: Survey) -> Iterator[Problem]:
    """NODE-17: Weave Net."""
    if s.project.cluster.cni.plugin == "weave":
        title = "Weave Net is archived"
        why = "No fixes since 2022, IPv4 only, no endPort and no named ports in policies."
        yield s.problem("NODE-17", "warning", "", "cni.plugin", title, why, "Move to a plugin that is maintained.")


def old_kernel(s: Survey) -> Iterator[Problem]:
    """NODE-18: kube-proxy in nftables mode on a Node whose kernel is too old for it."""
    if replaces_kube_proxy(s.project.cluster):
        return
    for node in s.project.of(Node):
        version = too_old_kernel(s.project.cluster, node)
        if version:
            title = f"Node {node.metadata.name}: kernel {version} is too old for nftables mode"
            why = "kube-proxy asks for Linux 5.13 and does not start on an older one: the Node has no Service rules."
            fix = "Update the kernel, or choose iptables mode."
            yield s.problem("NODE-18", "error", node.id, "status.nodeInfo.kernelVersion", title, why, fix)


def proxy_refused(s: Survey) -> Iterator[Problem]:
    """NODE-19: settings with which kube-proxy does not start."""
    if replaces_kube_proxy(s.project.cluster):
        return
    for refusal in refusals(s.project.cluster):
        title = f"kube-proxy does not start: {refusal.title}"
        why = "Its own validation refuses this setting, so no Node gets rules for Services."
        yield s.problem("NODE-19", "error", "", refusal.field, title, why, refusal.fix)


def other_version(s: Survey) -> Iterator[Problem]:
    """NODE-21: the cluster is of another Kubernetes version than the kube-proxy whose rules are written."""
    version = version_of(s.project.cluster)
    if version == KUBE_PROXY_VERSION or replaces_kube_proxy(s.project.cluster):
        return
    known = ".".join(map(str, KUBE_PROXY_VERSION))
    title = (
        f"Kubernetes {s.project.cluster.kubernetesVersion}: Services are traced through the rules of kube-proxy {known}"
    )
    why = "Other versions write some rules otherwise."
    if s.project.cluster.kubeProxy.mode == "nftables" and version < NODE_PORTS_PRIMARY_SINCE:
        why = "Before 1.31 nftables mode took node ports on every address of a Node, not on the primary one alone."
    fix = "Where it matters, lay the text of a Node of the cluster beside the tables."
    yield s.problem("NODE-21", "info", "", "kubernetesVersion", title, why, fix)


def lenient_arp(s: Survey) -> Iterator[Problem]:
    """NODE-20: ipvs mode without strictARP where load balancer addresses are announced by ARP."""
    proxy = s.project.cluster.kubeProxy
    if proxy.mode != "ipvs" or proxy.ipvsStrictARP or replaces_kube_proxy(s.project.cluster):
        return
    held = [service for service in s.control.services.values() if any(e.ip for e in service.load_balancer)]
    if held and s.project.cluster.loadBalancer.pools and s.project.cluster.loadBalancer.ipMode == "VIP":
        title = f"ipvs mode without strictARP: every Node answers ARP for {short(held[0].id)}'s address"
        why = (
            "kube-ipvs0 makes load balancer addresses local on all Nodes, and Linux answers ARP for any local address: "
            "MetalLB in L2 mode cannot choose the Node that takes the traffic."
        )
        fix = "Set ipvs.strictARP to true, unless the addresses are announced by BGP only."
        yield s.problem("NODE-20", "warning", "", "kubeProxy.ipvsStrictARP", title, why, fix)
