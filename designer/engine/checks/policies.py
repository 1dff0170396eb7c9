"""NetworkPolicies as written: `domain/pitfalls.md`, "Network policies", what a policy's own text and labels show."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.checks.addressing import pod_ranges, service_ranges
from designer.engine.checks.survey import Survey, count, short, shown
from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, CompiledPolicy, Direction
from designer.engine.policy.matchers import BlockMatch, PodMatch, PortMatch, selector_text
from designer.engine.policy.ports import named_ports
from designer.engine.policy.validate import Network, parse_cidr
from designer.model import LabelSelector, NetworkPolicy, Problem, selector_matches

# A rule's place in a policy: direction, rule index, path of the rule, word of its peer list.
Place = tuple[Direction, int, str, str]


def places(policy: CompiledPolicy) -> Iterator[Place]:
    """Every rule of a policy."""
    for direction in DIRECTIONS:
        for rule in policy.rules(direction) or ():
            word = "from" if direction == "ingress" else "to"
            yield direction, rule.index, f"spec.{direction}[{rule.index}]", word


def not_enforced(s: Survey) -> Iterator[Problem]:
    """NP-01: policies, and a network plugin that does not enforce them."""
    engine, policies = s.state.policies.enforcement, s.state.policies.all()
    if policies and not (engine.ingress or engine.egress):
        title = f"{count(len(policies), 'NetworkPolicy')} without effect"
        why = f"{engine.reason or engine.engine}."
        fix = "Choose a network plugin that enforces policies (Calico, Cilium)."
        yield s.problem("NP-01", "error", "", "cni.plugin", title, why, fix)


def selects_nothing(s: Survey) -> Iterator[Problem]:
    """NP-11 and NP-22: a policy that selects no Pod, or only ones that live in another namespace."""
    for policy in s.state.policies.all():
        if not _is_specific(policy.selector) or _anybody(s, policy.namespace, policy.selector):
            continue
        text = selector_text(policy.selector)
        elsewhere = [name for name in s.namespaces_for(policy.selector) if name != policy.namespace]
        title = f"{short(policy.id)}: no Pod of namespace {policy.namespace} has {text}"
        if elsewhere:
            why = "A policy selects Pods of its own namespace only."
            fix = f"Move the policy to namespace {shown(elsewhere)}."
            yield s.problem("NP-22", "warning", policy.id, "spec.podSelector", title, why, fix)
            continue
        nearest = s.nearest(policy.selector.matchLabels, policy.namespace)
        fix = f"Nearest labels in the namespace: {nearest}." if nearest else "Correct the selector."
        yield s.problem("NP-11", "warning", policy.id, "spec.podSelector", title, "The policy has no effect.", fix)


def peer_matches_nothing(s: Survey) -> Iterator[Problem]:
    """NP-09 and NP-12: a peer entry that no Pod fits."""
    for policy in s.state.policies.all():
        for direction, index, path, word in places(policy):
            for number, peer in enumerate((policy.rules(direction) or ())[index].peers):
                if isinstance(peer, PodMatch) and not _peers_exist(s, peer):
                    yield _unmatched(s, policy, peer, f"{path}.{word}[{number}]")


def _unmatched(s: Survey, policy: CompiledPolicy, peer: PodMatch, path: str) -> Problem:
    title = f"{short(policy.id)}: no Pod fits the peer ({peer.text})"
    if peer.namespaces is None and peer.pods is not None:
        elsewhere = [name for name in s.namespaces_for(peer.pods) if name != policy.namespace]
        if elsewhere:
            why = "A podSelector alone means Pods of the policy's own namespace."
            fix = f"Add namespaceSelector matchLabels kubernetes.io/metadata.name: {elsewhere[0]} to the same entry."
            return s.problem("NP-09", "warning", policy.id, path, title, why, fix)
        nearest = s.nearest(peer.pods.matchLabels, policy.namespace)
        fix = f"Nearest labels in the namespace: {nearest}." if nearest else "Correct the labels."
    else:
        fix = "Correct the labels; a namespace is named by kubernetes.io/metadata.name."
    return s.problem("NP-12", "warning", policy.id, path, title, "This entry allows nothing.", fix)


def entries_that_look_like_one(s: Survey) -> Iterator[Problem]:
    """NP-08: an entry with only namespaceSelector, next to one with only podSelector."""
    for policy in s.state.policies.all():
        for direction, index, path, word in places(policy):
            peers = (policy.rules(direction) or ())[index].peers
            for number in range(1, len(peers)):
                first, second = peers[number - 1], peers[number]
                if not (isinstance(first, PodMatch) and isinstance(second, PodMatch)):
                    continue
                if first.namespaces is not None and first.pods is None and second.namespaces is None:
                    title = f"{short(policy.id)}: two entries mean {first.text} OR {second.text}"
                    why = "Each dash starts an entry, and entries are OR-ed."
                    fix = "If both are meant together, remove the dash before podSelector."
                    yield s.problem("NP-08", "warning", policy.id, f"{path}.{word}[{number}]", title, why, fix)


def egress_left_open(s: Survey) -> Iterator[Problem]:
    """NP-10: ``egress: []`` without the type Egress does not isolate."""
    for policy in s.project.of(NetworkPolicy):
        spec = policy.spec
        if "egress" in spec.model_fields_set and not spec.egress and not spec.policyTypes:
            title = f"{short(policy.id)}: egress: [] does not restrict anything"
            why = "Without policyTypes a policy is for Ingress only, unless it has an egress rule."
            yield s.problem(
                "NP-10", "warning", policy.id, "spec.egress", title, why, "Add policyTypes: [Ingress, Egress]."
            )


def named_port_unknown(s: Survey) -> Iterator[Problem]:
    """NP-13: a port name that no Pod concerned has."""
    for policy in s.state.policies.all():
        for direction, index, path, _ in places(policy):
            rule = (policy.rules(direction) or ())[index]
            if not any(port.name for port in rule.ports):
                continue
            targets = _targets(s, policy, direction, index)
            for number, port in enumerate(rule.ports):
                if port.name and targets and not any(named_ports(p.spec, port.name, port.protocol) for p in targets):
                    title = f"{short(policy.id)}: no Pod concerned has a {port.protocol} port named '{port.name}'"
                    why = "The name is looked up on the destination Pods; where it is missing the rule matches nothing."
                    fix = "Use the number, or name the container port."
                    yield s.problem("NP-13", "warning", policy.id, f"{path}.ports[{number}]", title, why, fix)


def service_port_in_rule(s: Survey) -> Iterator[Problem]:
    """NP-05: a rule with a Service's port where the Pods listen on another."""
    for policy in s.state.policies.all():
        for direction, index, path, _ in places(policy):
            rule = (policy.rules(direction) or ())[index]
            for number, port in enumerate(rule.ports):
                if port.name or port.is_range or (port.low, port.protocol) not in s.translated_ports:
                    continue
                found = _translated(s, {pod.key for pod in _targets(s, policy, direction, index)}, port)
                if found:
                    service, real = found
                    title = f"{short(policy.id)}: port {port.low} is the port of {service}, its Pods listen on {real}"
                    why = "Policies see packets after the Service's translation, with the port of the Pod."
                    yield s.problem("NP-05", "error", policy.id, f"{path}.ports[{number}]", title, why, f"Use {real}.")


def _translated(s: Survey, keys: set[str], port: PortMatch) -> tuple[str, int] | None:
    """The Service (as text) whose port a rule names, and the Pods' own port; None where the rule is right."""
    for service, entry in s.translated_ports[(port.low, port.protocol)]:
        mine = [pod for pod in s.selected[service.id] if pod.key in keys]
        if not mine or any(_declares(pod, port) for pod in mine):
            continue
        target = entry.target_port
        real = target if isinstance(target, int) else next(iter(named_ports(mine[0].spec, target, port.protocol)), 0)
        if real and real != port.low:
            return short(service.id), real
    return None


def _declares(pod: PodState, port: PortMatch) -> bool:
    return any(
        p.containerPort == port.low and p.protocol == port.protocol for c in pod.spec.containers for p in c.ports
    )


def blocks(s: Survey) -> Iterator[Problem]:
    """NP-06 and NP-14: an ipBlock of Service addresses, or of Pod addresses where the engine never matches them."""
    services = [net for text in service_ranges(s) if (net := parse_cidr(text))]
    pods = [net for text in pod_ranges(s) if (net := parse_cidr(text))]
    never = s.state.policies.enforcement.ip_block_matches_pods is False
    for policy in s.state.policies.all():
        for direction, index, path, word in places(policy):
            for number, peer in enumerate((policy.rules(direction) or ())[index].peers):
                if not isinstance(peer, BlockMatch):
                    continue
                here = f"{path}.{word}[{number}].ipBlock"
                if direction == "egress" and _within(peer.network, services):
                    title = f"{short(policy.id)}: {peer.text} is in the Service range"
                    why = "Policies see the backend's address, not the ClusterIP."
                    fix = "Allow the Pods behind the Service with podSelector."
                    yield s.problem("NP-06", "warning", policy.id, here, title, why, fix)
                if never and _within(peer.network, pods):
                    title = f"{short(policy.id)}: {peer.text} is in the Pod range"
                    why = f"{s.state.policies.enforcement.engine} never matches Pods by ipBlock."
                    yield s.problem("NP-14", "warning", policy.id, here, title, why, "Use podSelector.")


def host_network(s: Survey) -> Iterator[Problem]:
    """NP-15: policies that select hostNetwork Pods, or mean only such Pods by a peer."""
    for policy in s.state.policies.all() if s.has_host_network else ():
        chosen = [pod for pod in s.pods_for(policy.namespace, policy.selector) if pod.host_network]
        if chosen:
            title = f"{short(policy.id)}: does not hold for {shown(short(pod.id) for pod in chosen)} (hostNetwork)"
            why = "For hostNetwork Pods policies are undefined; network plugins treat them as their Node."
            fix = "Protect these Pods by other means, or take them off hostNetwork."
            yield s.problem("NP-15", "warning", policy.id, "spec.podSelector", title, why, fix)
        for direction, index, path, word in places(policy):
            for number, peer in enumerate((policy.rules(direction) or ())[index].peers):
                found = peer_pods(s, peer) if isinstance(peer, PodMatch) else ()
                if found and all(pod.host_network for pod in found):
                    title = f"{short(policy.id)}: the peer ({peer.text}) means hostNetwork Pods only"
                    why = "Their packets carry the Node's address, which selectors do not match."
                    fix = for_nodes(s, f"{word}Entities", "host, remote-node")
                    yield s.problem("NP-15", "warning", policy.id, f"{path}.{word}[{number}]", title, why, fix)


def for_nodes(s: Survey, field: str, entities: str) -> str:
    """How a policy names Nodes: by addresses, or as entities where an ipBlock never matches Nodes.

    What a Node sends to a Pod of another Node carries the tunnel's address, where there is one (`domain/policies.md`
    section 3).
    `field` and `entities` are those of a CiliumNetworkPolicy (`domain/policies.md` section 7, row "CIDR/ipBlock").
    """
    if s.state.policies.enforcement.ip_block_matches_nodes is False:
        return f"No ipBlock matches Nodes here: use {field} ({entities}) in a CiliumNetworkPolicy."
    return "Allow by ipBlock the addresses with which these Nodes arrive: their own, or those of their tunnel devices."


def unsupported(s: Survey) -> Iterator[Problem]:
    """NP-21: fields that the policy engine does not know."""
    engine = s.state.policies.enforcement
    for policy in s.state.policies.all():
        doubt = policy.doubt(engine) if engine.ingress or engine.egress else ""
        if doubt:
            title = f"{short(policy.id)}: {doubt}"
            fix = "List the ports one by one, by number."
            yield s.problem("NP-21", "warning", policy.id, "spec", title, "The policy may not work as written.", fix)


def peer_pods(s: Survey, peer: PodMatch) -> tuple[PodState, ...]:
    """The Pods that a peer entry means."""
    return tuple(pod for name in _peer_namespaces(s, peer) for pod in s.pods_for(name, peer.pods or LabelSelector()))


def _peer_namespaces(s: Survey, peer: PodMatch) -> tuple[str, ...]:
    if peer.namespaces is None:
        return (peer.own_namespace,)
    labels = s.state.policies.namespace_labels
    return tuple(n for n in s.state.policies.namespaces if selector_matches(peer.namespaces, labels(n)))


def _peers_exist(s: Survey, peer: PodMatch) -> bool:
    wanted = peer.pods or LabelSelector()
    if not _is_specific(wanted):
        return bool(_peer_namespaces(s, peer))
    return not set(s.namespaces_for(wanted)).isdisjoint(_peer_namespaces(s, peer))


def _targets(s: Survey, policy: CompiledPolicy, direction: Direction, index: int) -> tuple[PodState, ...]:
    """The Pods whose ports a rule speaks of: the selected ones for ingress, those of its peers for egress."""
    if direction == "ingress":
        return s.pods_for(policy.namespace, policy.selector)
    rule = (policy.rules(direction) or ())[index]
    return tuple(pod for peer in rule.peers if isinstance(peer, PodMatch) for pod in peer_pods(s, peer))


def _anybody(s: Survey, namespace: str, selector: LabelSelector) -> bool:
    return namespace in s.namespaces_for(selector)


def _is_specific(selector: LabelSelector) -> bool:
    return bool(selector.matchLabels or selector.matchExpressions)


def _within(network: Network, ranges: list[Network]) -> bool:
    return any(network.version == outer.version and network.subnet_of(outer) for outer in ranges)  # type: ignore[arg-type]
