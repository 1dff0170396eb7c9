"""Policies that are staged: kept and shown, and not enforced yet.

Calico has kinds for it (`StagedNetworkPolicy`, `StagedGlobalNetworkPolicy`, `StagedKubernetesNetworkPolicy` of
``projectcalico.org/v3``), which nothing enforces. Every other kind is staged by an annotation of the program's own,
which no cluster knows: it is never written into manifests (`edits.staging.exported`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from designer.model.design import DESIGN_API
from designer.model.meta import KubeObject
from designer.model.networking import NetworkPolicy
from designer.model.policykinds import CALICO_GROUPS, group_of, is_policy

STAGED_ANNOTATION: Final = "design.cluster-network-designer/staged"
CALICO_API: Final = "projectcalico.org/v3"
STAGED_KUBERNETES: Final = "StagedKubernetesNetworkPolicy"
# Calico's staged kinds → apiVersion and kind of what they become.
STAGED_KINDS: Final[dict[str, tuple[str, str]]] = {
    "StagedNetworkPolicy": (CALICO_API, "NetworkPolicy"),
    "StagedGlobalNetworkPolicy": (CALICO_API, "GlobalNetworkPolicy"),
    STAGED_KUBERNETES: (NetworkPolicy.API_VERSION, NetworkPolicy.KIND),
}
# The program's own kind, in which manifests hold a staged policy whose kind has no staged form: `spec.policy` is it.
STAGED_POLICY: Final = "StagedPolicy"


def is_staged(obj: KubeObject) -> bool:
    """Whether an object is a NetworkPolicy that is marked as staged."""
    return isinstance(obj, NetworkPolicy) and obj.metadata.annotations.get(STAGED_ANNOTATION) == "true"


def staged_kind(data: Mapping[str, Any]) -> str:
    """The staged kind of a kept object, "" where it is none."""
    kind = str(data.get("kind"))
    return kind if kind in STAGED_KINDS and group_of(data) in CALICO_GROUPS else ""


def is_marked(data: Mapping[str, Any]) -> bool:
    """Whether a kept object is a policy that is marked as staged."""
    metadata = data.get("metadata")
    given = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return isinstance(given, Mapping) and given.get(STAGED_ANNOTATION) == "true" and is_policy(data)


def is_kept_staged(data: Mapping[str, Any]) -> bool:
    """Whether a kept object is a staged policy: by its kind, or by the mark."""
    return bool(staged_kind(data)) or is_marked(data)


def form_in_force(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What a staged kept policy is once it is enforced, and Calico's ``stagedAction``: "Set" where it says none.

    What is stored under Calico's inner API group stays there.
    """
    kind = staged_kind(data)
    if not kind:
        return marked(data, False), "Set"
    spec = dict(data["spec"]) if isinstance(data.get("spec"), Mapping) else {}
    action = str(spec.pop("stagedAction", "") or "Set")
    api, made = STAGED_KINDS[kind]
    if api == CALICO_API:
        api = str(data.get("apiVersion"))
    return {**data, "apiVersion": api, "kind": made, "spec": spec}, action


def staged_form(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """A kept policy in its staged form: Calico has kinds for its own, others are marked; None for what is no policy."""
    if not is_policy(data):
        return None
    if group_of(data) in CALICO_GROUPS:
        return {**data, "kind": f"Staged{data['kind']}"}
    return marked(data, True)


def marked(data: Mapping[str, Any], staged: bool) -> dict[str, Any]:
    """An object's data with the mark of a staged policy, or without it."""
    given = data.get("metadata")
    metadata = dict(given) if isinstance(given, Mapping) else {}
    known = metadata.pop("annotations", None)
    annotations = dict(known) if isinstance(known, Mapping) else {}
    annotations.pop(STAGED_ANNOTATION, None)
    if staged:
        annotations[STAGED_ANNOTATION] = "true"
    if annotations:
        metadata["annotations"] = annotations
    return {**data, "metadata": metadata}


def carried(data: Mapping[str, Any]) -> dict[str, Any]:
    """The object in which manifests hold a marked policy: no cluster knows its kind, so none enforces it.

    Its name begins with the policy's kind: policies of two kinds may have one name.
    """
    policy = marked(data, False)
    given = policy["metadata"]
    named = {"name": f"{str(data['kind']).lower()}-{given.get('name')}"}
    if "namespace" in given:
        named["namespace"] = given["namespace"]
    return {"apiVersion": DESIGN_API, "kind": STAGED_POLICY, "metadata": named, "spec": {"policy": policy}}


def uncarried(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The marked policy that an object of the program's own kind holds; None where it is none, or holds none."""
    if data.get("apiVersion") != DESIGN_API or data.get("kind") != STAGED_POLICY:
        return None
    spec = data.get("spec")
    policy = spec.get("policy") if isinstance(spec, Mapping) else None
    if not isinstance(policy, Mapping) or not is_policy(policy):
        return None
    metadata = policy.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return marked(policy, True) if isinstance(name, str) and name else None
