"""NetworkPolicy v1 evaluated slowly and literally from the specification; shares nothing with the engine.

It reads the model's objects only. One question: may a connection from S to D on a port pass, seen from one direction?
"""

import ipaddress

from designer.engine.controlplane.state import PodState
from designer.model import LabelSelector, NetworkPolicy
from designer.model.networking import NetworkPolicyPeer, NetworkPolicyPort

# The other end: a Pod, or an address outside the cluster.
End = PodState | str


def selected(selector: LabelSelector, labels: dict[str, str]) -> bool:
    for key in selector.matchLabels:
        if key not in labels or labels[key] != selector.matchLabels[key]:
            return False
    for expression in selector.matchExpressions:
        has = expression.key in labels
        inside = has and labels[expression.key] in expression.values
        wanted = {"In": inside, "NotIn": not inside, "Exists": has, "DoesNotExist": not has}[expression.operator]
        if not wanted:
            return False
    return True


def isolates(policy: NetworkPolicy, direction: str, pod: PodState) -> bool:
    if policy.namespace != pod.namespace or not selected(policy.spec.podSelector, dict(pod.labels)):
        return False
    types = list(policy.spec.policyTypes)
    if not types:
        types = ["Ingress"]
        if len(policy.spec.egress) > 0:
            types.append("Egress")
    return {"ingress": "Ingress", "egress": "Egress"}[direction] in types


def peer_matches(
    policy: NetworkPolicy, peer: NetworkPolicyPeer, end: End, namespaces: dict[str, dict[str, str]]
) -> bool:
    if peer.ipBlock is not None:
        addresses = [end] if isinstance(end, str) else list(end.ips)
        for address in map(ipaddress.ip_address, addresses):
            excepted = any(address in ipaddress.ip_network(out) for out in peer.ipBlock.except_)
            if address in ipaddress.ip_network(peer.ipBlock.cidr) and not excepted:
                return True
        return False
    if isinstance(end, str):
        return False
    if peer.namespaceSelector is None:
        in_namespace = end.namespace == policy.namespace
    else:
        labels = {**namespaces.get(end.namespace, {}), "kubernetes.io/metadata.name": end.namespace}
        in_namespace = selected(peer.namespaceSelector, labels)
    return in_namespace and (peer.podSelector is None or selected(peer.podSelector, dict(end.labels)))


def port_matches(entry: NetworkPolicyPort, protocol: str, number: int, destination: End) -> bool:
    if (entry.protocol or "TCP") != protocol:
        return False
    if entry.port is None:
        return True
    if isinstance(entry.port, str):
        if isinstance(destination, str):
            return False
        for container in destination.spec.containers:
            for port in container.ports:
                if port.name == entry.port and port.protocol == protocol and port.containerPort == number:
                    return True
        return False
    return entry.port <= number <= (entry.port if entry.endPort is None else entry.endPort)


def allowed(
    policies: list[NetworkPolicy],
    namespaces: dict[str, dict[str, str]],
    direction: str,
    pod: PodState,
    end: End,
    protocol: str,
    number: int,
) -> bool:
    """Whether `pod` (the destination for ingress, the source for egress) lets the connection with `end` pass."""
    mine = [p for p in policies if isolates(p, direction, pod)]
    if not mine:
        return True
    destination = pod if direction == "ingress" else end
    for policy in mine:
        if direction == "ingress":
            rules = [(rule.from_, rule.ports) for rule in policy.spec.ingress]
        else:
            rules = [(rule.to, rule.ports) for rule in policy.spec.egress]
        for peers, ports in rules:
            if peers and not any(peer_matches(policy, peer, end, namespaces) for peer in peers):
                continue
            if ports and not any(port_matches(port, protocol, number, destination) for port in ports):
                continue
            return True
    return False
