"""What a trace stands on: a compiled cluster with the look-ups that following a packet needs.

The ground of a state is made once and kept with it. Its caches only hold results of pure functions of the state.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from designer.engine.cni import (
    NODE_DEVICE,
    CniProfile,
    Route,
    Routing,
    bridge_address,
    device_address,
    host_address,
    host_device,
    hostport_program,
    masquerade_program,
    node_devices,
    same_link,
    tunnel_address,
)
from designer.engine.cni.ranges import contains, is_address
from designer.engine.controlplane.state import ControlPlaneState, Family, NodeState, PodState, ServiceState
from designer.engine.kubeproxy import families_of
from designer.engine.kubeproxy.replacement import Frontend, frontends_of
from designer.engine.netfilter import (
    Hook,
    Outcome,
    Packet,
    Program,
    RuleStack,
    VirtualServer,
    WalkContext,
    combine,
    walk_stack,
)
from designer.engine.trace.indices import (
    NodeIndices,
    OutsideIndices,
    PodIndices,
    ServiceIndices,
    Shelf,
    node_indices,
    outside_indices,
    pod_indices,
    service_indices,
)
from designer.model import ClusterSettings, ExternalClient, ExternalHost, replaces_kube_proxy
from designer.model.collector import collector_paused

if TYPE_CHECKING:
    from designer.engine.compile import ClusterState

# The canvas' place for everything outside the cluster that is no object of the project.
OUTSIDE = "outside"


def family_of(address: str) -> Family:
    """6 for an address with a colon, else 4."""
    return 6 if ":" in address else 4


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The state, and indices over it: Pods and Nodes by address, programs and routes by node.

    `past_doubts`: packets go on behind an egress check that cannot be told, as if it had let them out (`either_way`).
    """

    state: ClusterState
    shelf: Shelf
    pods: PodIndices
    services: ServiceIndices
    nodes: NodeIndices
    outside: OutsideIndices
    past_doubts: bool = False
    _stacks: dict[tuple[str, Family], RuleStack] = field(default_factory=dict)
    _servers: dict[tuple[str, Family], dict[tuple[str, str, int], VirtualServer]] = field(default_factory=dict)
    _frontends: dict[tuple[str, str, Family], tuple[Frontend, ...]] = field(default_factory=dict)
    _routing: dict[Family, Routing] = field(default_factory=dict)
    _contexts: dict[str, WalkContext] = field(default_factory=dict)

    @classmethod
    def of(cls, state: ClusterState) -> Ground:
        """The ground for traces through `state`: the one that was made before where there is one."""
        kept = state.memo.slot("trace")
        ground: Ground | None = kept.get("ground")
        if ground is None or ground.state is not state:
            ground = kept["ground"] = cls._made(state, Shelf(state.memo.slot("trace indices")))
        return ground

    @classmethod
    @collector_paused()
    def _made(cls, state: ClusterState, shelf: Shelf) -> Ground:
        control, project = state.control, state.project
        hosts, clients = project.slice(ExternalHost), project.slice(ExternalClient)
        return cls(
            state,
            shelf,
            shelf.once("pods", (control.pods,), lambda last: pod_indices(control.pods, last)),
            shelf.once("services", (control.services,), lambda last: service_indices(control.services, last)),
            shelf.once("nodes", (control.nodes,), lambda _: node_indices(control.nodes)),
            shelf.once("outside", (hosts, clients), lambda _: outside_indices((*hosts.values(), *clients.values()))),
        )

    @property
    def pods_by_ip(self) -> dict[str, PodState]:
        """Running Pods by address; of two with one address the first by id."""
        return self.pods.by_ip

    @property
    def nodes_by_ip(self) -> dict[str, NodeState]:
        """Nodes by the addresses that the world outside may know."""
        return self.nodes.by_ip

    @property
    def control(self) -> ControlPlaneState:
        """What the control plane made."""
        return self.state.control

    @property
    def settings(self) -> ClusterSettings:
        """The cluster's settings."""
        return self.state.project.cluster

    @property
    def cni(self) -> CniProfile:
        """The network plugin's profile."""
        return self.state.cni

    @property
    def mode(self) -> str:
        """kube-proxy's mode, "" where it does not run."""
        return "" if replaces_kube_proxy(self.settings) else self.settings.kubeProxy.mode

    @property
    def proxy(self) -> str:
        """What answers for Services on the nodes, by name."""
        return replaces_kube_proxy(self.settings) or "kube-proxy"

    def assumes(self, setting: str) -> bool:
        """Whether a setting was taken for granted because the input does not say it."""
        return f"setting:{setting}" in self.settings.assumed

    def node(self, name: str) -> NodeState:
        """The Node of that name, which must exist."""
        return self.control.nodes[name]

    def rules(self, node: str, family: Family) -> RuleStack:
        """Everything that the node's netfilter holds: kube-proxy's rules in its mode, then the plugin's."""
        key = (node, family)
        if key not in self._stacks:
            mode = self.mode
            own = Program(family, node, ())
            if mode == "iptables":
                own = self.state.program(node, family)
            elif mode == "ipvs":
                own = self.state.ipvs_program(node, family).rules
            ports = hostport_program(self.cni, self.settings, self.pods_on(node), self.node(node), family)
            iptables = combine(
                own,
                Program(family, node, ()) if self.cni.plugin == "cilium" else ports,
                masquerade_program(self.cni, self.settings, self.pods_on(node), self.node(node), family),
            )
            self._stacks[key] = RuleStack(
                iptables, self.state.nft_program(node, family) if mode == "nftables" else None
            )
        return self._stacks[key]

    def walk(self, node: str, hook: Hook, packet: Packet) -> tuple[Outcome, ...]:
        """All ways that a packet can leave a hook of the node."""
        context = self.context(node)
        server = self.virtual_server(node, packet)
        if server is not None:
            context = replace(context, virtual_server=(server.address, server.protocol, server.port))
        return walk_stack(self.rules(node, packet.family), hook, packet, context)

    def virtual_server(self, node: str, packet: Packet) -> VirtualServer | None:
        """The virtual server that the node's IPVS has for the packet's destination, None when it has none."""
        if self.mode != "ipvs":
            return None
        key = (node, packet.family)
        if key not in self._servers:
            servers = self.state.ipvs_program(node, packet.family).servers
            self._servers[key] = {(s.address, s.protocol, s.port): s for s in servers}
        return self._servers[key].get((packet.dst, packet.protocol.lower(), packet.dport))

    def frontends(self, node: str, service: ServiceState, family: Family) -> tuple[Frontend, ...]:
        """The frontends that a Service has in the node's eBPF tables."""
        key = (node, service.id, family)
        if key not in self._frontends:
            found = frontends_of(self.control, self.settings, self.node(node), service, family)
            self._frontends[key] = found
        return self._frontends[key]

    def route(self, node: str, destination: str) -> Route | None:
        """The route that the node takes to an address, None when it has none."""
        family = family_of(destination)
        if family not in self._routing:
            reads = (self.cni, self.settings, self.control.pods, self.control.nodes)
            self._routing[family] = self.shelf.once(
                f"routing {family}",
                reads,
                lambda _: Routing.of(self.cni, self.settings, self.control, family),
            )
        return self._routing[family].find(node, destination)

    def pods_on(self, node: str) -> tuple[PodState, ...]:
        """The Pods of a node, by id."""
        return tuple(self.pods.by_node.get(node, ()))

    def context(self, node: str) -> WalkContext:
        """What rules may ask about the node: its interfaces with their addresses, and where its own packets go."""
        if node not in self._contexts:
            self._contexts[node] = self._make_context(self.node(node))
        return self._contexts[node]

    def is_local(self, node: str, address: str) -> bool:
        """Whether the address is one of the node's own."""
        return self.context(node).is_local(address)

    def source_address(self, node: str, destination: str) -> str | None:
        """The address that a process of the node sends from: that of the interface towards `destination`."""
        if self.is_local(node, destination):
            return _own_source(self, self.node(node), destination)
        route = self.route(node, destination)
        if route is None:
            return None
        if route.kind == "pod" and family_of(destination) == 6:
            # A Pod's own device has none: the kernel takes the nearest of the node's others (RFC 6724).
            return self.context(node).masquerade_address(Packet(6, "", destination, out_iface=route.device))
        return device_address(self.cni, self.node(node), route.device, family_of(destination))

    def outside_at(self, address: str) -> ExternalClient | ExternalHost | None:
        """What outside the cluster has this address, or the range that it lies in; None for nothing of the project."""
        found = self.outside.by_ip.get(address)
        return found or next((thing for cidr, thing in self.outside.ranges if contains(cidr, address)), None)

    def services_at(self, address: str) -> tuple[ServiceState, ...]:
        """The Services that have this address: ClusterIP, external IP or load balancer IP; by id."""
        return tuple(self.services.by_ip.get(address, ()))

    def node_port(self, protocol: str, port: int) -> ServiceState | None:
        """The Service that has this node port, None when none has."""
        return self.services.by_node_port.get((protocol, port))

    def _make_context(self, node: NodeState) -> WalkContext:
        cni = self.cni
        families: tuple[Family, ...] = (4, 6)
        interfaces: dict[str, list[str]] = {NODE_DEVICE: list(dict.fromkeys(filter(is_address, node.addresses)))}
        for family in families:
            bridge, tunnel = bridge_address(cni, node, family), tunnel_address(cni, node, family)
            wrap = cni.encapsulation(family)
            if cni.bridge and bridge:
                interfaces.setdefault(cni.bridge, []).append(bridge)
            if wrap is not None and tunnel:
                interfaces.setdefault(wrap.device, []).append(tunnel)
            own = host_address(cni, node, family)
            if own:
                interfaces.setdefault(host_device(cni), []).append(own)
        held = {address for addresses in interfaces.values() for address in addresses}
        others = [*filter(is_address, node.interface_addresses)]
        if self.mode == "ipvs":
            # The dummy device kube-ipvs0 makes every address of a Service one of the node's own.
            others += [a for f in families_of(self.control, node.name) for a in self._bound(node.name, f)]
        rest = frozenset(address for address in others if address not in held)

        def outgoing(destination: str) -> str:
            route = self.route(node.name, destination)
            return "lo" if destination in held or destination in rest else (route.device if route else "")

        bridges = frozenset({cni.bridge} if cni.bridge and cni.bridge_netfilter else ())
        told = (address.partition("/") for d in node_devices(cni, self.settings, node) for address in d.addresses)
        prefixes = {address: int(length) for address, _, length in told if length}
        found = {name: tuple(addresses) for name, addresses in interfaces.items()}
        return WalkContext(found, rest, {}, outgoing, bridges, prefixes=prefixes)

    def _bound(self, node: str, family: Family) -> tuple[str, ...]:
        return self.state.ipvs_program(node, family).addresses


def _own_source(ground: Ground, node: NodeState, destination: str) -> str:
    """What the node calls one of its own addresses from: that address, unless it is a further one of a subnet.

    IPv4 calls those secondary; their local route names the subnet's first address as the source (fib_add_ifaddr).
    """
    if ":" in destination or destination not in node.addresses:
        return destination
    near = (a for a in node.addresses if is_address(a) and ":" not in a)
    return next((a for a in near if same_link(ground.settings, a, destination)), destination)
