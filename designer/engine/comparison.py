"""What differs between two states of a cluster: settings, addresses, what becomes of requests, who may call whom.

Used to read what another network plugin or another mode of kube-proxy would change, before it is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from designer.engine.cni import CniProfile
from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import ServiceState
from designer.engine.policy.matrix import connectivity
from designer.engine.trace.ask import ask, scenario_request
from designer.engine.trace.hops import Path, Request, TraceResult
from designer.model import replaces_kube_proxy, scenarios_in_order

# "mode": what kube-proxy's modes answer otherwise by design, whether or not somebody asks it today.
Topic = Literal["cluster", "address", "request", "policy", "mode"]
# With more workloads than this the matrix is left out, and a row says so: it has the square of them as pairs.
MOST_PEERS = 250
NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same: `subject` is what, `aspect` in which way, `object` its id ("": the cluster)."""

    topic: Topic
    subject: str
    aspect: str
    before: str
    after: str
    object: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences by topic, and how many requests were asked on both sides."""

    differences: tuple[Difference, ...]
    asked: int

    @property
    def verdicts_changed(self) -> bool:
        """Whether a request that both states understand ends otherwise."""
        ended = [each for each in self.of("request") if each.aspect == "verdict"]
        return any(NOT_UNDERSTOOD not in each.before and NOT_UNDERSTOOD not in each.after for each in ended)

    def of(self, topic: Topic) -> tuple[Difference, ...]:
        """Those of one topic."""
        return tuple(each for each in self.differences if each.topic == topic)


def compare(before: ClusterState, after: ClusterState, requests: Sequence[Request]) -> Comparison:
    """What differs between two states; each request is traced in both.

    A request that one of the states does not understand (its sender is not there) is told as such.
    """
    found = [*_settings(before, after), *_pod_addresses(before, after), *_service_addresses(before, after)]
    for request in requests:
        found += _answers(before, after, request)
    if len({_service_proxy(state) for state in (before, after)}) == 2:
        found += _by_design(before, after)
    found += _policies(before, after)
    return Comparison(tuple(found), len(requests))


# --- the cluster as a whole


def _settings(before: ClusterState, after: ClusterState) -> Iterator[Difference]:
    for aspect, old, new in zip(_ASPECTS, _facts(before), _facts(after), strict=True):
        if old != new:
            yield Difference("cluster", "Cluster", aspect, old, new)
    was, now = (_flat(state.project.cluster.dump()) for state in (before, after))
    for path in sorted(was.keys() | now.keys()):
        if not path.startswith(_TOLD) and was.get(path) != now.get(path):
            yield Difference("cluster", "Cluster", path, was.get(path, "default"), now.get(path, "default"))


# Settings that the aspects above tell in words, and those that say nothing about the network.
_TOLD = ("cni.plugin", "cni.backend", "kubeProxy.mode", "assumed", "name", "seed")


def _flat(data: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Every setting that is not at its default by its path, lists as one text."""
    found: dict[str, str] = {}
    for key, value in data.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping):
            found |= _flat(value, f"{path}.")
        else:
            found[path] = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return found


_ASPECTS = (
    "network plugin",
    "kube-proxy",
    "NetworkPolicies",
    "between Nodes, IPv4",
    "between Nodes, IPv6",
    "MTU of Pods",
    "Pod address ranges",
)


def _facts(state: ClusterState) -> tuple[str, ...]:
    profile, instead = state.cni, replaces_kube_proxy(state.project.cluster)
    return (
        profile.title,
        f"none, {instead} answers for Services" if instead else state.project.cluster.kubeProxy.mode,
        _enforcement(profile),
        _wire(profile, 4),
        _wire(profile, 6),
        str(profile.mtu),
        ", ".join(profile.pools or state.project.cluster.podCIDRs),
    )


def _enforcement(profile: CniProfile) -> str:
    enforced = profile.enforcement
    if enforced.reason:
        return f"not enforced: {enforced.reason}"
    ways = [name for name, known in (("ingress", enforced.ingress), ("egress", enforced.egress)) if known]
    return f"enforced by {enforced.engine}, {' and '.join(ways)}"


def _wire(profile: CniProfile, family: Literal[4, 6]) -> str:
    if family not in profile.families:
        return "no such Pod addresses"
    wrap = profile.encapsulation(family)
    if wrap is None:
        return "routed as they are"
    where = " where the subnets differ" if wrap.when == "cross-subnet" else ""
    return f"{wrap.text}, {wrap.overhead} bytes more{where}"


# --- addresses


def _pod_addresses(before: ClusterState, after: ClusterState) -> Iterator[Difference]:
    old = {pod.id: (", ".join(pod.ips) or "none", pod.host_network) for pod in before.control.pods.values()}
    new = {pod.id: (", ".join(pod.ips) or "none", pod.host_network) for pod in after.control.pods.values()}
    for oid, (was, _) in old.items():
        now = new.get(oid, ("no such Pod", False))[0]
        if was != now:
            yield Difference("address", _name(oid), "Pod address", was, now, oid)
    for oid, (now, _) in new.items():
        if oid not in old:
            yield Difference("address", _name(oid), "Pod address", "no such Pod", now, oid)


def _service_addresses(before: ClusterState, after: ClusterState) -> Iterator[Difference]:
    old, new = before.control.services, after.control.services
    for oid in dict.fromkeys((*old, *new)):
        was, now = (_reached_at(side, oid) for side in (old, new))
        if was != now:
            yield Difference("address", _name(oid), "Service addresses", was, now, oid)


def _reached_at(services: Mapping[str, ServiceState], oid: str) -> str:
    service = services.get(oid)
    if service is None:
        return "no such Service"
    own = (
        *service.cluster_ips,
        *service.external_ips,
        *(entry.ip or entry.hostname for entry in service.load_balancer),
    )
    ports = sorted({port.node_port for port in service.ports if port.node_port})
    return ", ".join([*map(str, own), *(f"node port {port}" for port in ports)]) or "none"


# --- requests


def _answers(before: ClusterState, after: ClusterState, request: Request) -> Iterator[Difference]:
    subject = f"{_name(request.source)} → {request.destination}"
    old, new = _answer(before, request), _answer(after, request)
    for aspect, was, now in zip(_ANSWERED, old, new, strict=True):
        # Where nobody answers on one side, the verdict says it: there is nothing to compare.
        if was != now and was and now:
            yield Difference("request", subject, aspect, was, now, request.source)


_ANSWERED = ("verdict", "shares", "on the wire", "source seen")


def _answer(state: ClusterState, request: Request) -> tuple[str, str, str, str]:
    result, problems = ask(state, request)
    if result is None:
        return (f"{NOT_UNDERSTOOD}: {problems[0].title}", "", "", "")
    paths = result.trace.paths()
    return _verdict(result), _shares(paths), _listed(map(_on_the_wire, paths)), _listed(_seen(state, p) for p in paths)


def _verdict(result: TraceResult) -> str:
    if not result.mixed:
        return str(result.verdict)
    totals: dict[str, Fraction] = {}
    for path in result.trace.paths():
        totals[path.verdict] = totals.get(path.verdict, Fraction(0)) + path.share
    return ", ".join(f"{share} {verdict}" for verdict, share in totals.items())


def _shares(paths: Sequence[Path]) -> str:
    """How the requests spread over those that answer: ``web-1 1/2, web-2 1/2``, in the order of their names."""
    totals: dict[str, Fraction] = {}
    for path in paths:
        end = next((hop.at for hop in reversed(path.hops) if hop.kind == "deliver" and hop.direction == "request"), "")
        if end:
            totals[_name(end)] = totals.get(_name(end), Fraction(0)) + path.share
    return ", ".join(f"{name} {totals[name]}" for name in sorted(totals))


def _on_the_wire(path: Path) -> str:
    if path.verdict == "cannot-tell":
        return "not known"
    wrapped = [hop.decided_by[0].text for hop in path.hops if hop.kind == "encapsulate" and hop.direction == "request"]
    crossed = any(hop.kind == "wire" and hop.direction == "request" for hop in path.hops)
    return " then ".join(wrapped) or ("as it is" if crossed else "does not leave the Node")


def _seen(state: ClusterState, path: Path) -> str:
    """Whose address the receiver sees: a name where the address has an owner, since the address itself may change."""
    address = next((dict(hop.details)["Source seen"] for hop in path.hops if "Source seen" in dict(hop.details)), "")
    if not address:
        return ""
    for node in state.control.nodes.values():
        devices = {
            **dict.fromkeys(node.tunnel_ips, "the tunnel of "),
            **dict.fromkeys(node.bridge_ips, "the bridge of "),
        }
        if address in node.addresses or address in devices:
            return f"{devices.get(address, '')}Node {node.name}"
    sender = next((pod.id for pod in state.control.pods.values() if address in pod.ips and not pod.host_network), "")
    return f"Pod {_name(sender)}" if sender else address


def _listed(parts: Iterable[str]) -> str:
    return "; ".join(sorted({part for part in parts if part}))


# --- modes of kube-proxy, and what stands in its place


def _service_proxy(state: ClusterState) -> str:
    """What answers for Services: a mode of kube-proxy, or what stands in its place."""
    return replaces_kube_proxy(state.project.cluster) or state.project.cluster.kubeProxy.mode


def _by_design(before: ClusterState, after: ClusterState) -> Iterator[Difference]:
    """What the two do otherwise with packets that few clusters mean to send, told as verdicts."""
    for words, request in _where_modes_differ(before):
        for found in _answers(before, after, request):
            if found.aspect == "verdict":
                yield replace(found, topic="mode", aspect=words)


def _where_modes_differ(state: ClusterState) -> Iterator[tuple[str, Request]]:
    """A port that a ClusterIP has not, and a node port at localhost and at a second address of a Node.

    `domain/kube-proxy.md` section 4, "Visible differences"; the first Service and Node that has such a thing.
    """
    services, nodes = state.control.services.values(), tuple(state.control.nodes.values())
    known = next((each for each in services if each.cluster_ips and not each.headless), None)
    sender = _sender(state, known.id, known.namespace) if known is not None else ""
    if known is not None and sender:
        unused = next(number for number in range(1, 65536) if number not in {port.port for port in known.ports})
        yield "a port that the ClusterIP has not", Request(sender, f"{_host(known.cluster_ips[0])}:{unused}")
    ports = (port for each in services for port in each.ports)
    number = next((port.node_port for port in ports if port.node_port and port.protocol == "TCP"), None)
    if number is None or not nodes:
        return
    yield "a node port at localhost", Request(nodes[0].id, f"127.0.0.1:{number}")
    for node in nodes:
        others = [each for each in node.interface_addresses if each not in node.addresses]
        if others:
            yield "a node port at a second address", Request("client", f"{_host(others[0])}:{number}")
            return


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


# --- policies


def _policies(before: ClusterState, after: ClusterState) -> Iterator[Difference]:
    old, new = (connectivity(each.project, each.control, each.policies) for each in (before, after))
    most = max(len(old.peers), len(new.peers))
    if most > MOST_PEERS:
        words = f"not compared: {most} workloads and ranges, more than {MOST_PEERS}"
        yield Difference("policy", "Who may call whom", "ports", words, words)
        return
    was = {(each.src.text, each.dst.text): each.ports.text() for each in old.connections()}
    now = {(each.src.text, each.dst.text): each.ports.text() for each in new.connections()}
    for pair in sorted(was.keys() | now.keys()):
        if was.get(pair) != now.get(pair):
            yield Difference("policy", f"{pair[0]} → {pair[1]}", "ports", was.get(pair, "none"), now.get(pair, "none"))


def _name(oid: str) -> str:
    """``shop/web`` of ``Pod:shop/web``; what is no id stays as it is."""
    kind, colon, rest = oid.partition(":")
    return rest if colon and kind.isalpha() and kind[:1].isupper() else oid


def usual_requests(state: ClusterState, most: int = 60) -> tuple[Request, ...]:
    """Requests that tell most about a cluster: its saved ones, then each Service port from a Pod and from outside.

    The Pod is a workload's of the Service's namespace where there is one that is not behind the Service itself.
    """
    found = [scenario_request(each) for each in scenarios_in_order(state.project.scenarios)]
    node = next((each for each in state.control.nodes.values() if each.addresses), None)
    for service in state.control.services.values():
        if len(found) >= most:
            break
        sender = _sender(state, service.id, service.namespace)
        for port in service.ports:
            proto = "" if port.protocol == "TCP" else f"/{port.protocol.lower()}"
            if sender:
                found.append(Request(sender, f"{service.name}.{service.namespace}:{port.port}{proto}"))
            if port.node_port and node is not None:
                found.append(Request("client", f"{_host(node.addresses[0])}:{port.node_port}{proto}"))
    return tuple(dict.fromkeys(found))[:most]


def _sender(state: ClusterState, service: str, namespace: str) -> str:
    behind = {end.pod for each in state.control.slices.get(service, ()) for end in each.endpoints if end.pod}
    fit = [pod for pod in state.control.pods.values() if pod.ips and not pod.host_network and pod.id not in behind]
    chosen = next((pod for pod in fit if pod.namespace == namespace), fit[0] if fit else None)
    return (chosen.owner or chosen.id) if chosen is not None else ""
