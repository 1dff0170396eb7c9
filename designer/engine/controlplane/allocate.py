"""allocate: the ledger reconciled with the objects. What once got a name, place or address keeps it.

The steps in their order: node addresses and podCIDRs, Pods (which exist, where they run), their addresses, Services.
 Pure: every choice that Kubernetes leaves to chance is drawn from the cluster's seed and the ledger's counters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from designer.engine.controlplane.addresses import Net, parse_address, parse_nets
from designer.engine.controlplane.affinity import not_followed
from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.ipambooks import NodeBook, PodIpam, to_record
from designer.engine.controlplane.nodenetwork import (
    NodeAddresses,
    cluster_families,
    give_cidrs,
    given_addresses,
    rings,
)
from designer.engine.controlplane.podallocation import PodBooks, address, place, settle, want_pods
from designer.engine.controlplane.podips import pod_ipam, tunnel_families, write_back
from designer.engine.controlplane.scheduler import Scheduler, natural_key
from designer.engine.controlplane.serviceallocation import ServiceAllocation, allocate_services, service_nets
from designer.engine.controlplane.servicevalidation import accepted
from designer.engine.controlplane.workloadpods import sources
from designer.engine.memo import Memo, same
from designer.model import (
    WORKLOAD_KINDS,
    DaemonSet,
    FrozenMap,
    KubeObject,
    Ledger,
    Node,
    NodeRecord,
    Pod,
    PodRecord,
    Problem,
    Project,
    Service,
    ServiceCIDR,
    ServiceRecord,
    split_id,
)

V = TypeVar("V")

# Plugins that hand out Pod addresses from Node.spec.podCIDRs: without one the Node runs no Pod.
NEEDS_POD_CIDR = frozenset({"flannel"})


# The kinds of objects that an allocation depends on.
READ_KINDS: tuple[type[KubeObject], ...] = (Node, Pod, Service, ServiceCIDR, *WORKLOAD_KINDS)


@dataclass(frozen=True, slots=True)
class Allocation:
    """A reconciled ledger, what could not be handed out, and why what waits is waiting (by Pod key and Service id)."""

    ledger: Ledger
    problems: tuple[Problem, ...]
    waiting: FrozenMap[str, str]


NO_ALLOCATION = Allocation(Ledger(), (), FrozenMap())
NO_SERVICES = ServiceAllocation(FrozenMap(), (), {})


@dataclass(frozen=True, slots=True)
class _Answer:
    """An allocation with what it was made from."""

    reads: tuple[object, ...] = ()
    services_reads: tuple[object, ...] = ()
    found: Allocation = NO_ALLOCATION
    services: ServiceAllocation = NO_SERVICES


# The last answer: an editor asks for the ledger, then compiles with it, and each asks here; most edits touch no
# Service. It saves time and changes no answer.
_last = _Answer()


def allocate(project: Project) -> tuple[Ledger, tuple[Problem, ...]]:
    """The ledger that fits the objects of `project`, and what could not be handed out.

    Idempotent: for a project that has this ledger the answer is this very object. Records of what no longer exists are
    dropped, their addresses are free again in the order of the network plugin.
    """
    found = allocation(project)
    return found.ledger, found.problems


def allocation(project: Project, memo: Memo | None = None) -> Allocation:
    """`allocate` with the words of scheduler, plugin and load balancer for what waits. `memo` only saves time."""
    global _last
    last = _last
    if same(last.reads, _reads(project, project.ledger)):
        return last.found
    answer = _allocation(project, memo or Memo(), last)
    _last = answer
    return answer.found


def _reads(project: Project, ledger: Ledger) -> tuple[object, ...]:
    return (project.cluster, ledger, *(project.slice(kind) for kind in READ_KINDS))


def _services_reads(project: Project, records: FrozenMap[str, ServiceRecord]) -> tuple[object, ...]:
    return (project.cluster, records, project.slice(Service), project.slice(ServiceCIDR))


def _allocation(project: Project, memo: Memo, last: _Answer) -> _Answer:
    old, settings = project.ledger, project.cluster
    draws = Draws(settings.seed, old.draws)
    problems: list[Problem] = []
    node_ips, cidrs, pointers = _node_network(project, problems)
    books = _node_books(old, cidrs)
    ipam = pod_ipam(settings, books, lambda: draws)
    pods, left = _pods(project, draws)
    problems += _unfollowed(pods)
    problems += _unplaced(pods)
    problems += _on_unknown_nodes(pods)
    waiting = dict(pods.refused)
    waiting |= _addresses(project, pods, ipam, books, node_ips, left, problems)
    nodes = {name: to_record(books[name], old.nodes.get(name), node_ips[name]) for name in books}
    services = last.services
    if not same(last.services_reads, _services_reads(project, old.services)):
        services = _services(project, draws, memo)
    problems += services.problems
    waiting |= services.waiting
    ledger = _ledger(old, pods.records, nodes, services.records, pointers, draws)
    found = Allocation(ledger, tuple(sorted(problems, key=lambda p: p.sort_key)), FrozenMap(waiting))
    # Both are idempotent: with the new records the answer is the same.
    return _Answer(_reads(project, ledger), _services_reads(project, ledger.services), found, services)


def _services(project: Project, draws: Draws, memo: Memo) -> ServiceAllocation:
    settings = project.cluster
    nets = service_nets(settings, project.slice(ServiceCIDR).values())
    checked = memo.group("accepted")
    found = allocate_services(
        project.slice(Service),
        project.ledger.services,
        settings,
        nets,
        draws,
        lambda s: checked.once(s.id, (s, settings), accepted),
    )
    checked.close()
    return found


def _creation_order(project: Project) -> list[Node]:
    """Nodes in the order of their creation: recorded ones first, then by time, then naturally by name."""
    known = project.ledger.nodes
    return sorted(
        project.slice(Node).values(),
        key=lambda n: (n.name not in known, n.metadata.creationTimestamp or "~", natural_key(n.name)),
    )


def _node_network(
    project: Project, problems: list[Problem]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], dict[str, int]]:
    """Addresses and podCIDRs by Node name, and nodeipam's positions by cluster CIDR."""
    old, settings = project.ledger, project.cluster
    order = _creation_order(project)
    given = {node.name: given_addresses(node) for node in order}
    empty = NodeRecord()
    used = [ip for ips in given.values() for ip in ips]
    used += [ip for name in given for ip in old.nodes.get(name, empty).addresses]
    source = NodeAddresses(settings, used)
    networks = parse_nets((settings.nodeNetwork, settings.nodeNetworkV6))
    node_ips = {}
    for node in order:
        have = given[node.name] or old.nodes.get(node.name, empty).addresses
        if not given[node.name]:
            by_family = {6 if ":" in ip else 4: ip for ip in have if _inside(ip, networks)}
            wanted = cluster_families(settings)
            drawn = {f: by_family.get(f) or source.take(f) for f in wanted}
            if not all(drawn.values()):
                problems.append(_no_node_address(node))
            ips = tuple(ip for ip in drawn.values() if ip)
            have = have if ips == have else ips
        node_ips[node.name] = have
    ring_of = rings(settings, dict(old.cidrPointer))
    recorded = [(node, old.nodes.get(node.name, empty).podCIDRs) for node in order]
    cidrs, cidr_problems = give_cidrs(recorded, ring_of)
    needed = settings.cni.plugin in NEEDS_POD_CIDR
    problems += cidr_problems if needed else [replace(p, severity="warning") for p in cidr_problems]
    return node_ips, cidrs, {ring.cluster.text: ring.pointer for ring in ring_of.values()}


def _inside(ip: str, networks: tuple[Net, ...]) -> bool:
    found = parse_address(ip)
    return found is not None and any(net.family == found[0] and net.has(found[1]) for net in networks)


def _no_node_address(node: Node) -> Problem:
    return Problem(
        "IP-05",
        "error",
        f"Node {node.name} gets no address: the node network is full",
        object=node.id,
        field="status.addresses",
        why="A Node needs an address of each family of the cluster.",
        fix="Use a larger node network in the cluster settings, or give the Node an InternalIP.",
    )


def _node_books(old: Ledger, cidrs: Mapping[str, tuple[str, ...]]) -> dict[str, NodeBook]:
    """The IPAM state of every Node, in the order of their creation."""
    books = {}
    empty = NodeRecord()
    for name, texts in cidrs.items():
        record = old.nodes.get(name, empty)
        books[name] = NodeBook(
            name,
            parse_nets(texts),
            list(record.blocks),
            list(record.freed),
            dict(record.lastReserved),
            list(record.tunnelIps),
        )
    return books


def _pods(project: Project, draws: Draws) -> tuple[PodBooks, list[tuple[str, str]]]:
    """The Pods that exist with their Nodes, and the (Node, address) pairs that dropped Pods leave."""
    old = dict(project.ledger.pods.items())
    nodes = {node.name: node for node in _creation_order(project)}
    books = PodBooks(nodes, old, draws, project.cluster.seed, frozenset(project.ledger.nodes))
    scheduler = Scheduler(nodes, project.cluster.maxPods)
    recorded: dict[str, list[str]] = defaultdict(list)
    for key, record in old.items():
        if record.terminating or "@" in key:
            recorded[key.rpartition("@" if "@" in key else "#")[0]].append(key)
    for source in sources(project):
        daemons = source.kind == DaemonSet.KIND
        eligible = scheduler.eligible(source.spec, source.kind) if daemons else ()
        staying = scheduler.staying(source.spec, source.kind) if daemons else ()
        want_pods(books, source, recorded.get(source.oid, []), eligible, staying)
    homeless = settle(books)
    if homeless:
        place(books, homeless, scheduler)
    left = []
    for key, record in old.items():
        if key not in books.records and record.node is not None:
            left += [(record.node, ip) for ip in record.ips]
    return books, left


def _unfollowed(pods: PodBooks) -> list[Problem]:
    """One problem for each thing that makes Pods and asks for a placement that is not followed here."""
    seen: dict[str, tuple[str, ...]] = {}
    for source in pods.sources.values():
        if source.oid not in seen:
            seen[source.oid] = not_followed(source.spec)
    return [
        Problem(
            "SCH-01",
            "info",
            f"{oid.replace(':', ' ')}: {', '.join(names)} not considered when placing its Pods",
            object=oid,
            field="spec.template.spec" if split_id(oid)[0] != "Pod" else "spec",
            why="Followed here: nodeName, nodeSelector, required node affinity, taints, hostPorts and maxPods.",
            fix="Where the Node matters, set spec.nodeName, or open a dump that says where the Pods run.",
        )
        for oid, names in seen.items()
        if names
    ]


def _on_unknown_nodes(pods: PodBooks) -> list[Problem]:
    """One problem for each Node that Pods of the input run on and that the input does not have."""
    counts: dict[str, int] = {}
    for record in pods.records.values():
        if record.node is not None and record.node not in pods.nodes:
            counts[record.node] = counts.get(record.node, 0) + 1
    return [
        Problem(
            "SCH-03",
            "warning",
            f"Node {name} is not in the project: {count} Pod{'s' if count > 1 else ''} of the input run on it",
            object=f"Node:{name}",
            why="EndpointSlices leave out Pods on unknown Nodes, and nothing is known of the network there.",
            fix="Add the Nodes to the input (kubectl get nodes -o yaml).",
        )
        for name, count in sorted(counts.items())
    ]


def _unplaced(pods: PodBooks) -> list[Problem]:
    """One problem for each thing of whose Pods some fit on no Node."""
    by_source: dict[str, list[str]] = {}
    for key in pods.refused:
        by_source.setdefault(pods.sources[key].oid, []).append(key)
    return [
        Problem(
            "NODE-01" if "free ports" in pods.refused[keys[0]] else "SCH-02",
            "error",
            f"{oid.replace(':', ' ')}: {len(keys)} Pod{'s' if len(keys) > 1 else ''} Pending, no Node takes "
            f"{'them' if len(keys) > 1 else 'it'}",
            object=oid,
            why=f"FailedScheduling: {pods.refused[keys[0]]}",
            fix="Add a Node that fits, tolerate the taint, or correct the node selector.",
        )
        for oid, keys in by_source.items()
    ]


def _addresses(
    project: Project,
    pods: PodBooks,
    ipam: PodIpam,
    books: dict[str, NodeBook],
    node_ips: Mapping[str, tuple[str, ...]],
    left: list[tuple[str, str]],
    problems: list[Problem],
) -> dict[str, str]:
    """Give addresses to Pods, write the books, report Nodes on which Pods got none. Returns the words by Pod key."""
    pods.released += left
    write_back(ipam)
    recorded = project.ledger.nodes
    anew = any(
        name not in recorded or to_record(book, recorded[name], recorded[name].addresses) is not recorded[name]
        for name, book in books.items()
    )
    expected = bool(tunnel_families(project.cluster)) or project.cluster.cni.plugin in {"weave", "cilium"}
    anew = anew or any(bool(book.own) != expected for book in books.values())
    failures = address(pods, ipam, node_ips, anew)
    write_back(ipam)
    by_node: dict[str, list[str]] = {}
    for key in failures:
        by_node.setdefault(pods.records[key].node or "", []).append(key)
    for node, keys in by_node.items():
        problems.append(
            Problem(
                "IP-06",
                "error",
                f"Node {node}: {len(keys)} Pod{'s' if len(keys) > 1 else ''} without an address",
                object=f"Node:{node}",
                why=failures[keys[0]],
                fix="Give the Node a larger range, or run fewer Pods on it.",
            )
        )
    return failures


def _ledger(
    old: Ledger,
    pods: dict[str, PodRecord],
    nodes: dict[str, NodeRecord],
    services: FrozenMap[str, ServiceRecord],
    pointers: dict[str, int],
    draws: Draws,
) -> Ledger:
    """The new ledger; `old` itself, or parts of it, where nothing differs."""
    new = Ledger.model_construct(
        None,
        pods=_kept(old.pods, pods),
        nodes=_kept(old.nodes, nodes),
        services=services,
        cidrPointer=_kept(old.cidrPointer, pointers),
        draws=_kept(old.draws, draws.counts),
    )
    unchanged = (
        new.pods is old.pods
        and new.nodes is old.nodes
        and new.services is old.services
        and new.cidrPointer is old.cidrPointer
        and new.draws is old.draws
    )
    return old if unchanged else new


def _kept(old: FrozenMap[str, V], new: Mapping[str, V]) -> FrozenMap[str, V]:
    """`old` when it says the same as `new`; else a map of `new` with old values where they are equal."""
    before = dict(old.items())
    kept = {}
    same = len(before) == len(new)
    for key, value in new.items():
        known = before.get(key)
        equal = known is value or known == value
        same = same and equal
        kept[key] = known if equal and known is not None else value
    return old if same else FrozenMap(kept)
