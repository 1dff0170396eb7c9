"""Who is meant: a source and a destination as a person gives them, as Pods that policies can select, or addresses.

Policies see packets behind the translation of Services, so a destination that is a Service is its Pods and their own
ports (`domain/policies.md` section 3). Pods of one workload are alike to a policy: a Pod stands for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from designer.engine.cni.ranges import is_address, network
from designer.engine.compile import ClusterState
from designer.engine.controlplane.endpointslices import resolve_target
from designer.engine.controlplane.state import PodState, ServicePortState, ServiceState
from designer.engine.policy.matchers import FINISHED_PHASES, Peer
from designer.engine.policy.peers import owners_elsewhere, visible_pods
from designer.engine.policy.ports import named_ports
from designer.engine.trace.request import Parsed
from designer.model import (
    GENERATED_LABELS,
    AnyWorkload,
    ExternalClient,
    ExternalHost,
    FrozenMap,
    LabelSelector,
    Problem,
    labels_match,
    object_id,
    split_id,
)

CODE = "REP-01"


@dataclass(frozen=True, slots=True)
class End:
    """One end: `pods` of one namespace, or `addresses` outside the cluster; `text` names it for a person.

    `names` are the ids under which the matrix may list it; `labels` are sets of labels that may select just these Pods,
    best first. `service` is the id of the Service by whose name it was given. `blocks` are the CIDRs of `addresses`, of
    which a range is stood for by its first and last.
    """

    text: str
    pods: tuple[PodState, ...] = ()
    addresses: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    labels: tuple[FrozenMap[str, str], ...] = ()
    service: str = ""

    @property
    def namespace(self) -> str:
        """The namespace of its Pods, "" for addresses."""
        return self.pods[0].namespace if self.pods else ""

    @property
    def short(self) -> str:
        """Its bare name, for names of policies."""
        return self.text.partition("[")[0].rpartition("/")[2] if self.pods else self.addresses[0]

    @property
    def host_network(self) -> bool:
        """Whether one of its Pods uses its Node's network."""
        return any(pod.host_network for pod in self.pods)

    def peers(self) -> tuple[Peer, ...]:
        """What the other end's policies see of it, one for each Pod or address."""
        return (*(Peer.of_pod(pod) for pod in self.pods), *(Peer.of_address(one) for one in self.addresses))


@dataclass(frozen=True, slots=True)
class Target:
    """The destination with its port: `number_of` gives by Pod key the number on which that Pod is asked.

    `numbers` are all of them, in order; `name` is the port's name where the Service asks for it by name.
    """

    end: End
    protocol: str
    numbers: tuple[int, ...]
    number_of: FrozenMap[str, int] = field(default_factory=FrozenMap)
    name: str = ""

    def number(self, pod: PodState | None) -> int:
        """The port on which a Pod is asked."""
        return self.number_of.get(pod.key, self.numbers[0]) if pod is not None else self.numbers[0]

    @property
    def text(self) -> str:
        """``shop/cart[Deployment] on TCP 7070``."""
        return f"{self.end.text} on {self.protocol} {', '.join(map(str, self.numbers))}"


class Unclear(Exception):  # noqa: N818 - an answer, caught where the question was asked
    """Nobody, or more than one, is meant: the problem says what to write."""

    def __init__(self, title: str, fix: str) -> None:
        super().__init__(title)
        self.problem = Problem(CODE, "error", title, fix=fix)


@dataclass(frozen=True, slots=True)
class Directory:
    """The Pods of a cluster by the workload that they are of, those of workloads without Pods too."""

    state: ClusterState
    groups: dict[str, tuple[PodState, ...]]

    @classmethod
    def of(cls, state: ClusterState) -> Directory:
        """The directory of `state`."""
        elsewhere = owners_elsewhere(state.project)
        running = [pod for pod in state.control.pods.values() if pod.phase not in FINISHED_PHASES]
        known = {pod.key for pod in running}
        templates = [pod for pod in visible_pods(state.project, state.control) if pod.key not in known]
        groups: dict[str, list[PodState]] = {}
        for pod in (*running, *templates):
            groups.setdefault(pod.owner or elsewhere.get(pod.id, pod.id), []).append(pod)
        return cls(state, {oid: tuple(found) for oid, found in groups.items()})

    def end(self, oid: str) -> End:
        """The workload, or Pod of no workload, with this id."""
        return make_end(self.state, (oid,), self.groups[oid], "")

    def called(self, text: str, near: str = "default") -> str:
        """The id of what a short text means; raises `Unclear`. ``cart``, ``shop/cart``, ``shop/cart[Deployment]``.

        Of several with the same bare name the one in namespace `near` is meant.
        """
        bare = text.removesuffix("]").partition("[")[0]
        found = [oid for oid in sorted(self.groups) if text in (oid, shown(oid)) or bare == "/".join(split_id(oid)[1:])]
        exact = [oid for oid in found if text in (oid, shown(oid))]
        if not found and "/" not in text:
            found = [oid for oid in sorted(self.groups) if split_id(oid)[2] == text]
            exact = [oid for oid in found if split_id(oid)[1] == near]
        if not found:
            found = [oid for oid in sorted(self.groups) for pod in self.groups[oid] if text in (pod.id, pod.name)]
            found = list(dict.fromkeys(found)) or self._pod_by_path(text)
        chosen = exact if len(exact) == 1 else found
        if not chosen:
            raise Unclear(f"Nothing in this project is called {text}", _known(self))
        if len(chosen) > 1:
            names = ", ".join(map(shown, chosen[:5]))
            raise Unclear(f"{text} could be {names}", f"Say which, for example {shown(chosen[0])}.")
        return chosen[0]

    def _pod_by_path(self, text: str) -> list[str]:
        return [oid for oid in sorted(self.groups) for pod in self.groups[oid] if f"{pod.namespace}/{pod.name}" == text]


def _known(directory: Directory) -> str:
    names = [shown(oid) for oid in sorted(directory.groups)]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"Name a workload or an address. There are: {', '.join(names[:8])}{more}." if names else "Add a workload."


def shown(oid: str) -> str:
    """``shop/cart[Deployment]``, as the matrix names it."""
    kind, namespace, name = split_id(oid)
    return f"{namespace}/{name}[{kind}]"


def make_end(state: ClusterState, owners: tuple[str, ...], pods: tuple[PodState, ...], service: str) -> End:
    """The end that these Pods are, with the labels that may select them."""
    hints: list[FrozenMap[str, str]] = []
    found = state.control.services.get(service)
    if found is not None and found.selector and len(owners) > 1:
        hints.append(found.selector)
    for oid in owners:
        workload = state.project.get(oid)
        selector = getattr(workload.spec, "selector", None) if isinstance(workload, AnyWorkload) else None
        if isinstance(selector, LabelSelector) and not selector.matchExpressions and selector.matchLabels:
            hints.append(selector.matchLabels)
    common = set.intersection(*(set(pod.labels.items()) for pod in pods)) if pods else set()
    # A policy that names a generated label ends with the next rollout.
    lasting = {key: value for key, value in sorted(common) if key not in GENERATED_LABELS}
    if len(lasting) > 1:
        hints += [FrozenMap({key: lasting[key]}) for key in ("app", "app.kubernetes.io/name") if key in lasting]
    hints.append(FrozenMap(lasting))
    text = shown(owners[0]) if len(owners) == 1 else "/".join(split_id(service)[1:]) + "[Service]"
    names = frozenset((*owners, *(pod.id for pod in pods)))
    return End(text, pods, (), (), names, tuple(dict.fromkeys(hints)), service)


def outside_end(text: str, given: tuple[str, ...]) -> End:
    """Something outside the cluster by its addresses or ranges; what is neither is left out."""
    found = tuple(dict.fromkeys(one for entry in given if (one := network(entry)) is not None))
    ends = (str(one[place]) for one in found for place in (0, -1))
    return End(text, (), tuple(dict.fromkeys(ends)), tuple(map(str, found)))


def find_source(directory: Directory, text: str) -> End:
    """The source that a text means; raises `Unclear`."""
    text = text.strip()
    if not text:
        raise Unclear("No source is given", "Name a workload, a Pod or an address outside the cluster.")
    thing = _elsewhere(directory, text)
    return thing if thing is not None else directory.end(directory.called(text))


def _elsewhere(directory: Directory, text: str) -> End | None:
    """An address, a Node or something outside that a text means; None where it names a workload."""
    project, bare = directory.state.project, text.strip("[]")
    if is_address(bare):
        peer = directory.state.policies.peer_at(bare)
        if peer.pod is not None:
            return directory.end(directory.called(peer.pod.id))
        if peer.node:
            raise _node(peer.node)
        for service in directory.state.control.services.values():
            if bare in service.cluster_ips:
                what = f"{bare} is the ClusterIP of Service {service.namespace}/{service.name}"
                raise Unclear(f"{what}: policies never see it", "Name the Service, or the workload behind it.")
        return outside_end(bare, (bare,))
    for kind in (ExternalClient, ExternalHost):
        for oid in (text, object_id(kind.KIND, "", text)):
            thing = project.find(kind, oid)
            if isinstance(thing, ExternalClient | ExternalHost):
                end = outside_end(thing.name, thing.spec.addresses)
                if not end.addresses:
                    raise Unclear(f"{thing.name} has no address of its own in this project", "Give it an address.")
                return end
    node = text.removeprefix("Node:")
    if node in directory.state.control.nodes and not any(split_id(oid)[2] == text for oid in directory.groups):
        raise _node(node)
    return None


def _node(name: str) -> Unclear:
    why = f"{name} is a Node: policies cannot select Nodes, and what a Node sends to its own Pods always passes"
    return Unclear(why, "Name a workload or an address outside the cluster.")


def find_target(directory: Directory, source: End, parsed: Parsed) -> Target:
    """The destination that was typed; raises `Unclear`."""
    service = _service_of(directory, source, parsed)
    if service is not None:
        return _behind(directory, service, _port_of(service, parsed))
    opened = _behind_node_port(directory, parsed)
    if opened is not None:
        return _behind(directory, *opened)
    text = parsed.host
    elsewhere = _elsewhere(directory, text)
    end = elsewhere if elsewhere is not None else directory.end(directory.called(text, source.namespace or "default"))
    if parsed.port_name and end.pods:
        numbers = {
            p.key: found[0] for p in end.pods if (found := named_ports(p.spec, parsed.port_name, parsed.protocol))
        }
        if numbers:
            chosen = tuple(sorted(set(numbers.values())))
            return Target(end, parsed.protocol, chosen, FrozenMap(numbers), parsed.port_name)
        raise Unclear(f"{end.text} has no port called {parsed.port_name}", "Give its number.")
    if parsed.port is None:
        declared = _declared(end, parsed)
        raise Unclear(f"No port is given for {text}", f"Write {text}:{declared or 80}, with the port of the container.")
    return Target(end, parsed.protocol, (parsed.port,))


def _declared(end: End, parsed: Parsed) -> int | None:
    for pod in end.pods:
        for container in pod.spec.containers:
            for port in container.ports:
                if port.protocol == parsed.protocol:
                    return port.containerPort
    return None


def _service_of(directory: Directory, source: End, parsed: Parsed) -> ServiceState | None:
    """The Service that a destination names, by its id, its name, its DNS name or its address."""
    services = directory.state.control.services
    if parsed.kind == "address":
        return next((one for one in services.values() if parsed.host in _addresses(one)), None)
    if parsed.kind == "object":
        rest = parsed.host.partition(":")[2]
        oid = parsed.host if "/" in rest else f"Service:default/{rest}"
        found = services.get(oid)
        if found is None and parsed.host.startswith("Service:"):
            raise Unclear(f"There is no Service {rest}", "Name a Service of the project, or the workload itself.")
        return found
    if "/" in parsed.host:
        return services.get(f"Service:{parsed.host}")
    name, _, rest = parsed.host.rstrip(".").partition(".")
    if not rest:
        return services.get(object_id("Service", source.namespace or "default", name))
    namespace, _, more = rest.partition(".")
    zone = f"svc.{directory.state.project.cluster.dnsDomain}"
    return services.get(object_id("Service", namespace, name)) if more in ("", "svc", zone) else None


def _behind_node_port(directory: Directory, parsed: Parsed) -> tuple[ServiceState, ServicePortState] | None:
    """The Service and its port whose node port is asked for at an address of a Node; None for anything else."""
    if parsed.kind != "address" or parsed.port is None or not directory.state.policies.peer_at(parsed.host).node:
        return None
    return next(
        (
            (service, port)
            for service in directory.state.control.services.values()
            for port in service.ports
            if port.node_port == parsed.port and port.protocol == parsed.protocol
        ),
        None,
    )


def _addresses(service: ServiceState) -> tuple[str, ...]:
    """Every address that leads to a Service."""
    balanced = (one.ip for one in service.load_balancer if one.ip)
    return (*service.cluster_ips, *service.external_ips, *balanced)


def _behind(directory: Directory, service: ServiceState, port: ServicePortState) -> Target:
    """The Pods behind a port of a Service, with their own ports."""
    pods, addresses = _endpoints(directory, service)
    name = f"{service.namespace}/{service.name}"
    if service.external_name:
        raise Unclear(f"Service {name} is another name of {service.external_name}", "Give an address in its place.")
    if not pods and not addresses:
        raise Unclear(f"Nobody is behind Service {name}", "Correct its selector, or name the workload itself.")
    if not pods:
        number = port.target_port if isinstance(port.target_port, int) else port.port
        return Target(outside_end(f"{name}[Service]", addresses), port.protocol, (number,))
    numbers = {pod.key: n for pod in pods if (n := resolve_target(port, pod.spec)) is not None}
    if not numbers:
        raise Unclear(
            f"No Pod behind Service {name} has a port called {port.target_port}",
            "Correct targetPort of the Service, or name the workload with the port of its container.",
        )
    answering = tuple(pod for pod in pods if pod.key in numbers)
    owners = tuple(dict.fromkeys(oid for oid, found in directory.groups.items() if any(p in answering for p in found)))
    if len(owners) == 1:
        answering = directory.groups[owners[0]]
    end = make_end(directory.state, owners, answering, service.id)
    called = port.target_port if isinstance(port.target_port, str) else ""
    return Target(end, port.protocol, tuple(sorted(set(numbers.values()))), FrozenMap(numbers), called)


def _endpoints(directory: Directory, service: ServiceState) -> tuple[tuple[PodState, ...], tuple[str, ...]]:
    """The Pods behind a Service, ready or not, and addresses of slices that no Pod has."""
    if service.selector:
        groups = directory.groups.values()
        return (
            tuple(
                pod
                for found in groups
                for pod in found
                if pod.namespace == service.namespace and labels_match(service.selector, pod.labels)
            ),
            (),
        )
    slices = directory.state.control.slices.get(service.id, ())
    held = [address for one in slices for endpoint in one.endpoints for address in endpoint.addresses]
    peers = [directory.state.policies.peer_at(address) for address in dict.fromkeys(held)]
    pods = tuple(peer.pod for peer in peers if peer.pod is not None)
    return pods, tuple(peer.address for peer in peers if peer.pod is None and not peer.node)


def _port_of(service: ServiceState, parsed: Parsed) -> ServicePortState:
    """The Service port that was asked for; the only one where none was."""
    ports = [p for p in service.ports if not parsed.said_protocol or p.protocol == parsed.protocol]
    if parsed.port_name:
        ports = [p for p in ports if p.name == parsed.port_name]
    elif parsed.port is not None:
        ports = [p for p in ports if p.port == parsed.port]
    preferred = [p for p in ports if p.protocol == parsed.protocol] or ports
    if len(preferred) == 1:
        return preferred[0]
    name = f"{service.namespace}/{service.name}"
    has = ", ".join(f"{p.port}/{p.protocol.lower()}" for p in service.ports) or "none"
    if not preferred:
        asked = parsed.port_name or (parsed.port if parsed.port is not None else parsed.protocol)
        raise Unclear(f"Service {name} has no port {asked}", f"It has {has}.")
    raise Unclear(f"Service {name} has several ports", f"Say which: {has}.")


def pod_ranges(state: ClusterState) -> tuple[str, ...]:
    """The ranges that Pods' addresses come from; where no input says, all that plugins give them by default."""
    known = (*state.project.cluster.podCIDRs, *state.cni.pools)
    return tuple(dict.fromkeys((*known, *map(str, state.policies.enforcement.pod_ranges))))
