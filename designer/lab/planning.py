"""make_plan: a ClusterState as a lab. Pure: the same cluster gives the same plan."""

from __future__ import annotations

from designer.engine.cni import Routing
from designer.engine.cni.ranges import is_address
from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import Family, PodState
from designer.engine.netfilter import render_iptables, render_nft
from designer.engine.netfilter.ipvs_render import render_ipset
from designer.engine.trace.delivery import containers_of, control_plane
from designer.engine.trace.ground import Ground
from designer.engine.trace.indices import ENDED
from designer.engine.trace.programs import KUBELET_PORT, UNSPECIFIED, endpoints
from designer.lab.fabric import Outsider, add_fabric, add_neighbours, add_ways_in, gateway_of, links_of, outsiders
from designer.lab.nodes import add_links, add_node, add_pod, add_routes, built_pods
from designer.lab.plan import FABRIC, Draft, LabPlan, Listening, node_space, pod_space
from designer.lab.policies import policy_rules
from designer.lab.policy_ends import Ends
from designer.lab.virtual import IPVS, add_virtual_servers
from designer.model import ContainerPort

PROTOCOLS = ("TCP", "UDP", "SCTP")
# What iptables' programs are loaded with, by family, where the machine does not name others.
RESTORE: tuple[str, str] = ("iptables-restore", "ip6tables-restore")


def make_plan(state: ClusterState, restore: tuple[str, str] = RESTORE, no_sctp: str = "") -> LabPlan:
    """The lab of a cluster; `restore` are the names of iptables-restore and ip6tables-restore on the machine.

    `no_sctp` says why SCTP cannot be sent there, "" where it can.
    """
    ground, draft = Ground.of(state), Draft()
    others, pods = outsiders(ground), built_pods(ground)
    families = families_in_use(ground)
    routings = tuple(Routing.of(ground.cni, ground.settings, ground.control, family) for family in families)
    links = links_of(ground, routings)
    # The Nodes' cards come first, as on a machine: where a device has no address of its own, the kernel takes one of
    # the first device that has any.
    add_fabric(draft, ground, links, others)
    for node in ground.control.nodes.values():
        add_node(draft, ground, node)
    for pod in pods:
        add_pod(draft, ground, pod)
    add_links(draft, ground, pods)
    add_neighbours(draft, ground, others)
    for routing in routings:
        for node in ground.control.nodes.values():
            own = next((r.destination for r in routing.table(node.name) if r.kind == "link"), None)
            if own is not None:
                add_routes(draft, ground, node, routing, gateway_of(ground, own, others))
    ends = Ends.of(ground)
    marks = add_ways_in(draft, ground, links, others)
    for name in ground.control.nodes:
        for family in families:
            _add_rules(draft, ground, name, family, restore[0 if family == 4 else 1])
            if ground.mode == IPVS:
                add_virtual_servers(draft, ground, name, family)
        text = policy_rules(ends, name)
        if text:
            draft.add("load", node_space(name), tool=("nft", "-f", "-"), text=text)
    refusing = () if no_sctp else tuple(space for space, _ in draft.spaces if space != FABRIC)
    listeners = _listeners(ground, pods, others, refusing)
    outside = tuple((address, one.space) for one in others for address in one.addresses)
    return LabPlan(tuple(draft.spaces), draft.in_order(), listeners, marks, outside, _left_out(ground, pods), no_sctp)


def families_in_use(ground: Ground) -> tuple[Family, ...]:
    """The families of which a Node has an address, IPv4 first."""
    held = [address for node in ground.control.nodes.values() for address in node.addresses if is_address(address)]
    families: tuple[Family, ...] = (4, 6)
    return tuple(family for family in families if any((":" in a) == (family == 6) for a in held))


def _add_rules(draft: Draft, ground: Ground, node: str, family: Family, restore: str) -> None:
    """The engine's own text of everything that the Node's netfilter holds in one family."""
    rules, space = ground.rules(node, family), node_space(node)
    sets = "".join(render_ipset(each) for each in rules.iptables.sets.values())
    if sets:
        draft.add("load", space, tool=("ipset", "restore"), text=sets)
    text = render_iptables(rules.iptables)
    if text:
        draft.add("load", space, tool=(restore,), text=text)
    if rules.nftables is not None:
        draft.add("load", space, tool=("nft", "-f", "-"), text=render_nft(rules.nftables))


def _listeners(
    ground: Ground, pods: tuple[PodState, ...], others: tuple[Outsider, ...], refusing: tuple[str, ...]
) -> tuple[Listening, ...]:
    """What listens, in the order in which the engine asks; a port of a machine is listened on once.

    `refusing` are the namespaces that refuse SCTP where nothing listens; none where no SCTP is sent.
    """
    wanted = [(pod_space(pod.id), p.protocol, p.containerPort, pod.id) for pod in pods for p in pod_ports(pod)]
    for node in ground.control.nodes.values():
        space = node_space(node.name)
        for pod in ground.pods_on(node.name):
            if pod.host_network and pod.phase not in ENDED:
                wanted += [(space, p.protocol, p.containerPort, pod.id) for p in pod_ports(pod)]
        wanted.append((space, "TCP", KUBELET_PORT, node.id))
        wanted += [(space, "TCP", port, node.id) for host, port in endpoints(ground).values() if host in UNSPECIFIED]
        for service in ground.control.services.values():
            if service.health_check_node_port:
                wanted.append((space, "TCP", service.health_check_node_port, node.id))
        for pieces in ground.control.slices.values():
            for number in {p.port for piece in pieces for p in piece.ports if p.port is not None}:
                if any(control_plane(ground, address, number) for address in node.addresses):
                    wanted.append((space, "TCP", number, node.id))
    wanted += [(one.space, protocol, port, one.who) for one in others for protocol, port in one.ports]
    wanted += [(space, "SCTP", 0, "") for space in refusing]
    found: dict[tuple[str, str, int], str] = {}
    for space, protocol, port, who in wanted:
        if protocol in PROTOCOLS and (refusing or protocol != "SCTP"):
            found.setdefault((space, protocol, port), who)
    return tuple(Listening(number, *key, who) for number, (key, who) in enumerate(found.items()))


def pod_ports(pod: PodState) -> list[ContainerPort]:
    """The ports that the Pod's running containers declare."""
    return [port for container in containers_of(pod) for port in container.ports]


def _left_out(ground: Ground, pods: tuple[PodState, ...]) -> tuple[str, ...]:
    """Sentences about running Pods that have no namespace."""
    built = {pod.key for pod in pods}
    gone = [
        pod
        for pod in ground.control.pods.values()
        if not pod.host_network and pod.phase not in ENDED and pod.ips and pod.key not in built
    ]
    return tuple(
        f"Pod {pod.namespace}/{pod.name} is not built: its Node or its address is not its own." for pod in gone
    )
