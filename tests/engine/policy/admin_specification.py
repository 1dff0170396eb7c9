"""Admin tier, NetworkPolicy, Baseline tier: a slow and literal reading of NPEP-285 that shares nothing with the engine.

Policies are plain specs of ClusterNetworkPolicy v1alpha2 without experimental fields. Policies of one tier have
different priorities.
"""

import ipaddress
from typing import Any

from designer.engine.controlplane.state import PodState
from designer.model import LabelSelector, NetworkPolicy
from tests.engine.policy import specification
from tests.engine.policy.specification import End, selected


def labels_of(namespace: str, spaces: dict[str, dict[str, str]]) -> dict[str, str]:
    return {**spaces.get(namespace, {}), "kubernetes.io/metadata.name": namespace}


def in_pods(entry: dict[str, Any], pod: PodState, spaces: dict[str, dict[str, str]]) -> bool:
    """`subject` and the peers `namespaces` and `pods`."""
    space = labels_of(pod.namespace, spaces)
    if "namespaces" in entry:
        return selected(LabelSelector.model_validate(entry["namespaces"]), space)
    inner = entry["pods"]
    return selected(LabelSelector.model_validate(inner["namespaceSelector"]), space) and selected(
        LabelSelector.model_validate(inner["podSelector"]), dict(pod.labels)
    )


def peer_matches(entry: dict[str, Any], end: End, spaces: dict[str, dict[str, str]]) -> bool:
    if "networks" in entry:
        address = end if isinstance(end, str) else end.ips[0]
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(net) for net in entry["networks"])
    return not isinstance(end, str) and in_pods(entry, end, spaces)


def protocol_matches(entry: dict[str, Any], protocol: str, port: int) -> bool:
    ((name, inner),) = entry.items()
    if name.upper() != protocol:
        return False
    if "destinationPort" not in inner:
        return True
    wanted = inner["destinationPort"]
    if "number" in wanted:
        return bool(wanted["number"] == port)
    return bool(wanted["range"]["start"] <= port <= wanted["range"]["end"])


def tier_says(
    found: list[dict[str, Any]], tier: str, direction: str, subject: PodState, end: End, protocol: str, port: int,
    spaces: dict[str, dict[str, str]],
) -> str:  # fmt: skip
    """Accept, Deny, Pass, or "" where no rule matches."""
    for spec in sorted((spec for spec in found if spec["tier"] == tier), key=lambda spec: int(spec["priority"])):
        if not in_pods(spec["subject"], subject, spaces):
            continue
        for rule in spec.get(direction, []):
            peers = rule["from" if direction == "ingress" else "to"]
            if not any(peer_matches(entry, end, spaces) for entry in peers):
                continue
            if "protocols" in rule and not any(protocol_matches(e, protocol, port) for e in rule["protocols"]):
                continue
            return str(rule["action"])
    return ""


def allowed(
    found: list[dict[str, Any]], policies: list[NetworkPolicy], spaces: dict[str, dict[str, str]], direction: str,
    subject: PodState, end: End, protocol: str, port: int,
) -> bool:  # fmt: skip
    said = tier_says(found, "Admin", direction, subject, end, protocol, port, spaces)
    if said in ("Accept", "Deny"):
        return said == "Accept"
    word = "Ingress" if direction == "ingress" else "Egress"
    for policy in policies:
        types = policy.spec.policyTypes or (("Ingress", "Egress") if policy.spec.egress else ("Ingress",))
        selects = policy.namespace == subject.namespace and selected(policy.spec.podSelector, dict(subject.labels))
        if selects and word in types:
            return specification.allowed(policies, spaces, direction, subject, end, protocol, port)
    return tier_says(found, "Baseline", direction, subject, end, protocol, port, spaces) != "Deny"
