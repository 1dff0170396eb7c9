"""NetworkPolicies written and rewritten: rules added, narrowed and taken away, new policies, default deny.

Peers and ports are plain data as Kubernetes has them (``{"podSelector": {…}}``, ``{"protocol": "TCP", "port": 80}``).
The functions on a policy return a new policy; the edits at the end return one undoable step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from designer.edits import shapes
from designer.edits.edit import Edit, refusal, refused
from designer.edits.names import free_name
from designer.edits.validity import address, dns_subdomain
from designer.model import DaemonSet, NetworkPolicy, Project, Service
from designer.model.dnscache import cache_addresses, cache_daemon

Direction = Literal["ingress", "egress"]
DIRECTIONS: tuple[Direction, ...] = ("ingress", "egress")
Data = dict[str, Any]
# Direction → the word of its type, and the field of a rule that holds its peers.
TYPES: dict[str, str] = {"ingress": "Ingress", "egress": "Egress"}
PEERS: dict[str, str] = {"ingress": "from", "egress": "to"}
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
KUBE_DNS_NAMESPACE = "kube-system"
# What the kube-dns Service of kubeadm, kops, kind and the managed clusters selects.
KUBE_DNS_LABELS = {"k8s-app": "kube-dns"}
KUBE_DNS = "Service:kube-system/kube-dns"
DNS_PORT = 53


def rule_of(direction: str, peers: Sequence[Data], ports: Sequence[Data]) -> Data:
    """One rule; an empty list of peers or ports is left out, which means any."""
    made: Data = {}
    if peers:
        made[PEERS[direction]] = list(peers)
    if ports:
        made["ports"] = list(ports)
    return made


def rules_of(policy: NetworkPolicy, direction: str) -> list[Data]:
    """The rules of one direction as plain data, in their order."""
    return [dict(rule.dump()) for rule in getattr(policy.spec, direction)]


def with_rules(policy: NetworkPolicy, direction: str, rules: Iterable[Data]) -> NetworkPolicy:
    """The policy with these rules in a direction; it goes on isolating in the same directions as before."""
    data = policy.dump()
    spec = data.setdefault("spec", {})
    # Without policyTypes the presence of egress rules decides: a rule more or less must not change that.
    types = policy.spec.policyTypes or (("Ingress", "Egress") if policy.spec.egress else ("Ingress",))
    spec["policyTypes"] = list(types)
    kept = list(rules)
    if kept:
        spec[direction] = kept
    else:
        spec.pop(direction, None)
    return NetworkPolicy.model_validate(data)


def with_rule(policy: NetworkPolicy, direction: str, rule: Data) -> NetworkPolicy:
    """The policy with one rule more, at the end."""
    return with_rules(policy, direction, [*rules_of(policy, direction), rule])


def with_changed_rule(policy: NetworkPolicy, direction: str, index: int, rules: Sequence[Data]) -> NetworkPolicy:
    """The policy with `rules` in the place of its rule `index` (none: the rule is taken away)."""
    found = rules_of(policy, direction)
    return with_rules(policy, direction, [*found[:index], *rules, *found[index + 1 :]])


def pod_peer(labels: Mapping[str, str], namespace: str, own: str) -> Data:
    """The peer that means Pods with these labels in `namespace`, in a policy of namespace `own`."""
    peer: Data = {"podSelector": {"matchLabels": dict(labels)} if labels else {}}
    if namespace != own:
        peer["namespaceSelector"] = {"matchLabels": {NAMESPACE_LABEL: namespace}}
    return peer


def address_peer(ip: str) -> Data:
    """The peer that means one address outside the cluster."""
    return {"ipBlock": {"cidr": f"{ip}/{128 if ':' in ip else 32}"}}


def port_entries(protocol: str, numbers: Iterable[int]) -> list[Data]:
    """Entries of ``ports`` for single numbers."""
    return [{"protocol": protocol, "port": number} for number in numbers]


def new_policy(
    project: Project, namespace: str, base: str, labels: Mapping[str, str], rules: Mapping[Direction, Sequence[Data]]
) -> NetworkPolicy:
    """A policy with a free name that selects Pods by labels (none: all of the namespace) and isolates them.

    `rules` holds the rules by direction; an empty list of rules closes the direction.
    """
    spec: Data = {"podSelector": {"matchLabels": dict(labels)} if labels else {}}
    spec["policyTypes"] = [TYPES[direction] for direction in DIRECTIONS if direction in rules]
    spec |= {direction: list(found) for direction, found in rules.items() if found}
    name = free_name(project, "NetworkPolicy", namespace, _name(base))
    made = shapes.build("NetworkPolicy", name, namespace, spec=spec)
    assert isinstance(made, NetworkPolicy)
    return made


def _name(base: str) -> str:
    """A valid name made of a text: at most 63 characters, as every name is that the program makes."""
    letters = "".join(c if c.isascii() and (c.isalnum() or c in "-.") else "-" for c in base.lower())
    return letters[:63].strip("-.") or "policy"


def dns_rule(project: Project) -> Data:
    """The egress rule that lets Pods ask the cluster's DNS, over UDP and TCP.

    Pods and ports are those behind the Service kube-system/kube-dns: policies see packets after its translation.
    """
    service = project.find(Service, KUBE_DNS)
    labels = (service.spec.selector if service is not None else None) or KUBE_DNS_LABELS
    found = [] if service is None else [(port.protocol, port.targetPort or port.port) for port in service.spec.ports]
    asked: list[Data] = []
    for protocol in ("UDP", "TCP"):
        targets = dict.fromkeys(
            target for one, target in found if one == protocol and _is_dns(service, protocol, target)
        )
        asked += [{"protocol": protocol, "port": target} for target in targets or (DNS_PORT,)]
    return rule_of("egress", [pod_peer(labels, KUBE_DNS_NAMESPACE, "")], asked)


def cache_rule(project: Project) -> Data | None:
    """The egress rule that lets Pods ask NodeLocal DNSCache, None where the project has none.

    Policies see its addresses on the Pod's own Node, that of the DNS Service among them, and not the DNS Pods.
    """
    daemon = cache_daemon(project.of(DaemonSet))
    if daemon is None:
        return None
    service, record = project.find(Service, KUBE_DNS), project.ledger.services.get(KUBE_DNS)
    given = () if service is None else service.spec.clusterIPs or tuple(filter(None, (service.spec.clusterIP,)))
    addresses = cache_addresses(daemon, given or (record.clusterIPs if record is not None else ()))
    ports: list[Data] = [{"protocol": protocol, "port": DNS_PORT} for protocol in ("UDP", "TCP")]
    return rule_of("egress", [address_peer(one) for one in addresses if not address(one)], ports)


def dns_rules(project: Project) -> list[Data]:
    """The egress rules that names need: to the cluster's DNS, and to NodeLocal DNSCache where there is one."""
    cached = cache_rule(project)
    return [dns_rule(project), *([cached] if cached is not None else [])]


def _is_dns(service: Service | None, protocol: str, target: int | str) -> bool:
    """Whether a target port stands behind the Service's port 53, not behind that of its metrics."""
    ports = () if service is None else service.spec.ports
    return any(p.port == DNS_PORT and p.protocol == protocol and (p.targetPort or p.port) == target for p in ports)


def default_deny(project: Project, namespace: str, directions: Sequence[str], keep_dns: bool) -> Edit:
    """The edit that isolates every Pod of a namespace in these directions.

    With `keep_dns` egress to the cluster's DNS stays open. Other policies of the namespace go on allowing what they
    allow: policies only ever add.
    """
    label = f"Deny by default in {namespace or 'a namespace'}"
    wanted = [direction for direction in DIRECTIONS if direction in directions]
    if not wanted:
        problem = refusal("EDIT-10", "No direction is chosen", fix="Choose ingress, egress or both.")
        return refused(label, project, problem)
    if dns_subdomain(namespace) or namespace not in project.namespaces():
        problem = refusal("EDIT-10", f"There is no namespace {namespace}", fix="Choose a namespace of the project.")
        return refused(label, project, problem)
    rules: dict[Direction, list[Data]] = {direction: [] for direction in wanted}
    if keep_dns and "egress" in rules:
        rules["egress"] = dns_rules(project)
    base = "default-deny" if len(wanted) == 2 else f"default-deny-{wanted[0]}"
    made = new_policy(project, namespace, base, {}, rules)
    return Edit(label, project.with_object(made), None, (made.id,))
