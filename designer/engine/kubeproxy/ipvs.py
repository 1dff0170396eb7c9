"""ipvs mode: everything that kube-proxy v1.36.2 writes on one node, for one IP family.

Checked against what kube-proxy itself wrote (`tests/reference/kubeproxy`). strictARP changes sysctls, no rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address

from designer.engine.controlplane.state import ControlPlaneState, Family, NodeState
from designer.engine.kubeproxy.ipvs_assembly import Assembly, assemble
from designer.engine.kubeproxy.ipvs_rules import tables
from designer.engine.kubeproxy.ipvs_service import Gathered, IpvsView, gather
from designer.engine.kubeproxy.node_view import view_of
from designer.engine.kubeproxy.service_ports import PortMap, ServicePort, canonical_address, of_family, service_ports
from designer.engine.netfilter import IpvsProgram, Program
from designer.model import ClusterSettings, KubeProxySettings, effective_kube_proxy, split_id
from designer.model.collector import collector_paused

DUMMY_DEVICE = "kube-ipvs0"
DEFAULT_SCHEDULER = "rr"
# The schedulers of Linux itself (net/netfilter/ipvs). kube-proxy takes any name since 1.27, but does not start where
# the kernel has no module for it (`CanUseIPVSProxier` of pkg/proxy/ipvs/proxier.go).
SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "dh", "sed", "nq", "mh", "fo", "ovf", "twos")
# The longest name that the kernel takes for a scheduler (IP_VS_SCHEDNAME_MAXLEN, which counts the final zero).
_LONGEST_NAME = 15


# So many Services that are there no more are remembered, and as many again as there are.
MANY_KNOWN = 1_000


@dataclass(slots=True)
class RuleCache:
    """The Service ports that `build` read last time: after an edit only those of the edited Service are read anew.

    May be kept over any changes of cluster and settings and shared by all nodes.
    """

    ports: dict[Family, PortMap] = field(default_factory=dict)
    assembled: dict[tuple[str, Family], Assembly] = field(default_factory=dict)
    # By identity of its ports, with them and the scheduler: what a Service adds on every node that has nothing of it.
    elsewhere: dict[int, tuple[tuple[ServicePort, ...], str, Gathered]] = field(default_factory=dict)
    order: tuple[tuple[str, ...], tuple[int, ...]] = ((), ())


@collector_paused()
def build(
    control: ControlPlaneState,
    settings: ClusterSettings,
    node_name: str,
    family: Family,
    cache: RuleCache | None = None,
) -> IpvsProgram:
    """All that kube-proxy in ipvs mode writes on a node, in one family.

    Virtual servers, addresses and members of sets are sorted as text, sets by their names. Raises KeyError for a node
    that is not there.
    """
    view = ipvs_view(control.nodes[node_name], effective_kube_proxy(settings), family)
    before = cache.ports.get(family) if cache else None
    ports = service_ports(control, family, before, settings.kubeProxy.allowServiceExternalIPs)
    cache = cache or RuleCache()
    cache.ports[family] = ports
    last, turns = cache.assembled.get((node_name, family)), _turns(cache, ports.ids)
    made = assemble(view, turns, ports.ports, partial(_known_piece, cache, view), last)
    if len(cache.elsewhere) > MANY_KNOWN + 2 * len(ports.ids):
        cache.elsewhere.clear()
    cache.assembled[(node_name, family)] = made
    rules = Program(family, node_name, tables(made.book, view.node), made.held)
    return IpvsProgram(made.servers, DUMMY_DEVICE, made.addresses, rules)


def knows_scheduler(settings: ClusterSettings) -> bool:
    """Whether Linux itself has the scheduler of the settings; none at all is the default."""
    return (settings.kubeProxy.ipvsScheduler or DEFAULT_SCHEDULER) in SCHEDULERS


def may_have_scheduler(settings: ClusterSettings) -> bool:
    """Whether a kernel can have the scheduler of the settings at all, be it by a module of somebody's own."""
    name = settings.kubeProxy.ipvsScheduler or DEFAULT_SCHEDULER
    return len(name.encode()) <= _LONGEST_NAME and name.isprintable() and " " not in name


def _turns(cache: RuleCache, ids: tuple[str, ...]) -> tuple[int, ...]:
    """The places of Services by namespace and name: a fixed order where kube-proxy has none."""
    if cache.order[0] != ids:
        cache.order = (ids, tuple(sorted(range(len(ids)), key=lambda place: split_id(ids[place])[1:])))
    return cache.order[1]


def _known_piece(cache: RuleCache, view: IpvsView, ports: tuple[ServicePort, ...]) -> Gathered:
    """`_piece`, made once for all nodes that differ in nothing that it depends on."""
    if not all(_is_common(port, view.node.node) for port in ports):
        return _piece(ports, view)
    known = cache.elsewhere.get(id(ports))
    if known is None or known[0] is not ports or known[1] != view.scheduler:
        # With the ports themselves: while they are remembered, no others have their place in memory.
        known = cache.elsewhere[id(ports)] = (ports, view.scheduler, _piece(ports, view))
    return known[2]


def _is_common(port: ServicePort, node: str) -> bool:
    """Whether a port adds on this node what it adds on every other where it has no endpoint.

    Only its ClusterIP is served then, by all endpoints, whatever the addresses and the zone of the node.
    """
    if port.external or port.health_check_port or port.uses_local:
        return False
    return not any(e.node == node or e.nodes or e.zones for e in port.endpoints)


def _piece(ports: tuple[ServicePort, ...], view: IpvsView) -> Gathered:
    """What the ports of one Service need, by name and protocol."""
    book = Gathered()
    for port in sorted(ports, key=lambda port: (port.port_name, port.protocol)):
        gather(book, port, view)
    return book


def ipvs_view(node: NodeState, settings: KubeProxySettings, family: Family) -> IpvsView:
    """The view of one node in one family in ipvs mode."""
    view = view_of(node, settings, family)
    known = map(canonical_address, (*node.addresses, *node.interface_addresses))
    held = tuple(dict.fromkeys(a for a in known if a and of_family(a, family) and _counts(a)))
    if view.node_port_addresses is None:
        taking = held
    else:
        taking = tuple(a for a in view.node_port_addresses if not ip_address(a).is_loopback)
    return IpvsView(view, settings.ipvsScheduler or DEFAULT_SCHEDULER, held, taking)


def _counts(address: str) -> bool:
    """Whether kube-proxy takes an address for one of the node's own: not loopback, and in IPv6 not link-local."""
    known = ip_address(address)
    return not known.is_loopback and not (known.version == 6 and known.is_link_local)
