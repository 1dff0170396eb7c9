"""Ways that end at a Node, or crowd on one: `domain/pitfalls.md`, SVC-23, SVC-29, NODE-08, NODE-13 and NODE-15.

Not written, because no input decides them: NODE-04 (what a firewall between the Nodes lets through), NODE-09 and
NODE-11 (how many flows there are at a time), NODE-10 (how fast the Pods behind a UDP Service come and go).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from designer.engine.calls import callers, texts_of
from designer.engine.checks.survey import Survey, count, short, shown
from designer.engine.controlplane.scheduler import Scheduler, tolerations_of
from designer.engine.kubeproxy.local_drops import local_drops
from designer.model import IngressController, Node, Problem, Service, replaces_kube_proxy, split_id

# Clouds whose load balancers send to a node port of each Node, by the scheme of ``spec.providerID``: the controllers of
# AWS (instance targets), OpenStack (Octavia members), DigitalOcean and Hetzner. Those of Azure (floating address) and
# Google (packets passed through) send to the Service's own port.
BY_NODE_PORT = {"aws": "AWS", "openstack": "OpenStack", "digitalocean": "DigitalOcean", "hcloud": "Hetzner Cloud"}
# An AWS load balancer that sends to Pods themselves needs no node port (AWS Load Balancer Controller).
POD_TARGETS = {
    "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
    "service.beta.kubernetes.io/aws-load-balancer-type": "nlb-ip",
}
LOCALHOST = re.compile(r"(?<![\w.-])(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]):(\d{1,5})(?!\d)")
HOT = 0.6
METALLB = "metallb.io"


def no_node_ports(s: Survey) -> Iterator[Problem]:
    """SVC-23: a load balancer without node ports at a cloud whose load balancers send to node ports."""
    schemes = {str((n.spec.model_extra or {}).get("providerID", "")).partition("://")[0] for n in s.project.of(Node)}
    if len(schemes) != 1 or s.project.cluster.loadBalancer.pools:
        return
    cloud = BY_NODE_PORT.get(next(iter(schemes)))
    for service in s.project.of(Service) if cloud else ():
        spec, notes = service.spec, service.metadata.annotations
        own = s.control.services.get(service.id)
        if spec.type != "LoadBalancer" or spec.allocateLoadBalancerNodePorts is not False or own is None:
            continue
        if any(port.node_port for port in own.ports) or spec.loadBalancerClass:
            continue
        if any(notes.get(key) == value for key, value in POD_TARGETS.items()):
            continue
        title = f"{short(service.id)}: {cloud}'s load balancer has nowhere to send to"
        why = "It sends to a node port of each Node, and allocateLoadBalancerNodePorts: false allocates none."
        fix = "Remove allocateLoadBalancerNodePorts, or use a load balancer that sends to Pods."
        yield s.problem("SVC-23", "error", service.id, "spec.allocateLoadBalancerNodePorts", title, why, fix)


def node_port_on_localhost(s: Survey) -> Iterator[Problem]:
    """SVC-29: a hostNetwork Pod calls a node port by localhost, where kube-proxy does not take it."""
    proxy = s.project.cluster.kubeProxy
    if replaces_kube_proxy(s.project.cluster) or (proxy.mode != "nftables" and proxy.localhostNodePorts):
        return
    ports = {p.node_port: x.id for x in s.control.services.values() for p in x.ports if p.node_port}
    for oid, pod in callers(s.state).items():
        for said, path, text in texts_of(pod.spec) if pod.host_network else ():
            found = next((number for m in LOCALHOST.finditer(text) if (number := int(m[1])) in ports), None)
            if found is None:
                continue
            mode = "nftables mode" if proxy.mode == "nftables" else "localhostNodePorts: false"
            title = f"{short(oid)}: {said} calls node port {found} of {short(ports[found])} by localhost"
            why = f"With {mode} kube-proxy takes node ports at the Node's addresses only, not on localhost: refused."
            fix = "Call the Service's name, or an address of the Node."
            field = f"spec.template.spec.{path}" if split_id(oid)[0] != "Pod" else f"spec.{path}"
            yield s.problem("SVC-29", "error", oid, field, title, why, fix)
            break


def hot_spot(s: Survey) -> Iterator[Problem]:
    """NODE-08: one Node carries more than 60 % of what comes in through a controller, or all of a load balancer's."""
    ready = sum(node.ready for node in s.control.nodes.values())
    if ready < 2:
        return
    for controller in s.project.of(IngressController):
        routes = s.state.routes.controllers.get(controller.id)
        wanted = controller.spec.workload
        nodes = Counter(p.node for p in s.pods if p.node and p.ready and wanted and wanted in (p.owner, p.id))
        if not nodes or routes is None or not routes.ingresses:
            continue
        name, most = nodes.most_common(1)[0]
        if most > HOT * nodes.total():
            title = f"Node {name} carries {most} of {nodes.total()} shares of what {controller.name} takes in"
            why = f"Of the {count(nodes.total(), 'Pod')} of this Ingress controller {most} run there."
            if nodes.total() == 1:
                title = f"All that {controller.name} takes in goes through one Pod, on Node {name}"
                why = "While that Pod or its Node is away, nothing comes in; and that Node carries all of it."
            fix = "Give it more Pods and spread them over the Nodes (topologySpreadConstraints)."
            yield s.problem("NODE-08", "warning", controller.id, "spec.workload", title, why, fix)
    yield from _layer_two(s)


def _layer_two(s: Survey) -> Iterator[Problem]:
    kinds = [oid.partition(":")[0] for oid in s.project.foreign if oid.startswith(METALLB)]
    by_arp = any(kind.endswith("/L2Advertisement") for kind in kinds)
    if not by_arp or any(kind.endswith(("/BGPAdvertisement", "/BGPPeer")) for kind in kinds):
        return
    held = {e.ip: service for service in s.control.services.values() for e in service.load_balancer if e.ip}
    if len(held) == 1:
        address, service = next(iter(held.items()))
        title = f"One Node takes in all traffic of load balancer address {address}"
        why = (
            f"MetalLB in layer 2 mode answers for it from a single Node, and {short(service.id)} has the only address."
        )
        fix = "Announce the address by BGP, or give busy Services addresses of their own."
        yield s.problem("NODE-08", "warning", service.id, "spec.type", title, why, fix)


def several_cards(s: Survey) -> Iterator[Problem]:
    """NODE-13: a Node with two internal addresses of one family, each on a network card of its own."""
    for node in s.project.of(Node):
        inner = [a.address for a in node.status.addresses if a.type == "InternalIP"]
        for family in (4, 6):
            own = list(dict.fromkeys(a for a in inner if (":" in a) == (family == 6)))
            if len(own) > 1:
                title = f"Node {node.name} has {len(own)} internal addresses: {shown(own)}"
                why = (
                    "What comes in by one network card and is answered by another is dropped where rp_filter is strict "
                    "or a firewall sees one direction only; kubelet and plugin use the first address."
                )
                fix = "Give kubelet --node-ip, name the plugin's interface, and set rp_filter to 2 on such a Node."
                yield s.problem("NODE-13", "warning", node.id, "status.addresses", title, why, fix)


def kept_off(s: Survey) -> Iterator[Problem]:
    """NODE-15: Nodes with clients of an internalTrafficPolicy Local Service that none of its Pods may run on."""
    nodes = {node.name: node for node in s.project.of(Node)}
    scheduler = Scheduler(nodes, s.project.cluster.maxPods)
    for service, pods in s.services:
        if service.internal_policy != "Local" or service.headless:
            continue
        own = {pod.key for pod in pods}
        callers_on = {p.node for p in s.pods if p.key not in own and not s.is_assumed(p.owner or p.id)}
        drops = local_drops(s.control, s.project.cluster, service.id)
        bare = sorted({n for d in drops if d.traffic == "internal" for n in d.nodes if n in callers_on})
        sources = {pod.owner or pod.id: pod for pod in pods}
        for oid, pod in sorted(sources.items()):
            kind = split_id(oid)[0]
            off = [n for n in bare if scheduler.loads[n].blocks(pod.spec, tolerations_of(pod.spec, kind))]
            if off:
                reason = scheduler.loads[off[0]].blocks(pod.spec, tolerations_of(pod.spec, kind))
                title = f"{short(oid)}: its Pods may not run on {shown(off)}, where clients of {short(service.id)} are"
                why = f"{reason}; with internalTrafficPolicy Local these clients get no answer."
                fix = "Tolerate the taint or widen the node selector, or use Cluster."
                yield s.problem("NODE-15", "warning", oid, "spec.template.spec", title, why, fix)
