"""Cilium's policies at layers 3 and 4, evaluated slowly and literally from its documentation; shares nothing with the
engine. Pods and outside addresses are the only ends; a NetworkPolicy takes part as one more that allows."""

import ipaddress
from typing import Any

from designer.engine.controlplane.state import PodState
from designer.model import NetworkPolicy
from tests.engine.policy import specification
from tests.engine.policy.specification import End, selected

Found = list[tuple[str, dict[str, Any]]]
SPACE = "k8s:io.kubernetes.pod.namespace"


def identity(pod: PodState) -> dict[str, str]:
    return {**pod.labels, SPACE: pod.namespace}


def is_endpoint(labels: dict[str, str], own: str, end: End) -> bool:
    if isinstance(end, str):
        return False
    wanted = dict(labels)
    if own and SPACE not in wanted:
        wanted[SPACE] = own
    return all(identity(end).get(key) == value for key, value in wanted.items())


def is_peer(rule: dict[str, Any], word: str, own: str, end: End) -> bool:
    """Whether the one list of peers of a rule means an end; a rule without list and with ports means everybody."""
    outside = isinstance(end, str)
    if f"{word}Endpoints" in rule:
        return any(is_endpoint(one.get("matchLabels", {}), own, end) for one in rule[f"{word}Endpoints"])
    if f"{word}Entities" in rule:
        answers = {"all": True, "world": outside, "cluster": not outside, "host": False, "remote-node": False}
        return any(answers[name] for name in rule[f"{word}Entities"])
    if f"{word}CIDR" in rule:
        return outside and any(ipaddress.ip_address(end) in ipaddress.ip_network(c) for c in rule[f"{word}CIDR"])  # type: ignore[arg-type]
    if f"{word}CIDRSet" in rule:
        for one in rule[f"{word}CIDRSet"]:
            inside = outside and ipaddress.ip_address(end) in ipaddress.ip_network(one["cidr"])  # type: ignore[arg-type]
            if inside and not any(
                ipaddress.ip_address(end) in ipaddress.ip_network(out)  # type: ignore[arg-type]
                for out in one.get("except", [])
            ):
                return True
        return False
    return "toPorts" in rule


def is_port(rule: dict[str, Any], protocol: str, port: int) -> bool:
    if "toPorts" not in rule:
        return True
    for group in rule["toPorts"]:
        for one in group["ports"]:
            low = int(one["port"])
            if one.get("protocol", "ANY") in (protocol, "ANY") and (low == 0 or low <= port <= one.get("endPort", low)):
                return True
    return False


def allowed(
    found: Found, policies: list[NetworkPolicy], spaces: dict[str, dict[str, str]], direction: str, subject: PodState,
    end: End, protocol: str, port: int,
) -> bool:  # fmt: skip
    word = "from" if direction == "ingress" else "to"
    mine = [
        (own, spec)
        for own, spec in found
        if own in ("", subject.namespace)
        and all(subject.labels.get(k) == v for k, v in spec["endpointSelector"].get("matchLabels", {}).items())
    ]

    def hit(field: str) -> bool:
        return any(
            is_peer(rule, word, own, end) and is_port(rule, protocol, port)
            for own, spec in mine
            for rule in spec.get(field, [])
        )

    if hit(f"{direction}Deny"):
        return False
    closed = any(
        spec.get("enableDefaultDeny", {}).get(direction, True)
        for _, spec in mine
        if spec.get(direction) or spec.get(f"{direction}Deny")
    )
    kind = "Ingress" if direction == "ingress" else "Egress"
    isolated = any(
        policy.namespace == subject.namespace
        and selected(policy.spec.podSelector, dict(subject.labels))
        and kind in (policy.spec.policyTypes or (("Ingress", "Egress") if policy.spec.egress else ("Ingress",)))
        for policy in policies
    )
    if hit(direction):
        return True
    if isolated and specification.allowed(policies, spaces, direction, subject, end, protocol, port):
        return True
    return not closed and not isolated
