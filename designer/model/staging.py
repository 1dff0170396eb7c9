"""Policies that are staged: kept and shown, and not enforced yet.

A NetworkPolicy is staged by an annotation of the program's own; Calico has kinds for it (`StagedNetworkPolicy`,
`StagedGlobalNetworkPolicy`, `StagedKubernetesNetworkPolicy` of ``projectcalico.org/v3``), which nothing enforces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from designer.model.meta import KubeObject
from designer.model.networking import NetworkPolicy

STAGED_ANNOTATION: Final = "design.cluster-network-designer/staged"
CALICO_API: Final = "projectcalico.org/v3"
STAGED_KUBERNETES: Final = "StagedKubernetesNetworkPolicy"
# Calico's staged kinds → apiVersion and kind of what they become.
STAGED_KINDS: Final[dict[str, tuple[str, str]]] = {
    "StagedNetworkPolicy": (CALICO_API, "NetworkPolicy"),
    "StagedGlobalNetworkPolicy": (CALICO_API, "GlobalNetworkPolicy"),
    STAGED_KUBERNETES: (NetworkPolicy.API_VERSION, NetworkPolicy.KIND),
}
CALICO_GROUPS: Final = ("projectcalico.org", "crd.projectcalico.org")


def is_staged(obj: KubeObject) -> bool:
    """Whether an object is a NetworkPolicy that is marked as staged."""
    return isinstance(obj, NetworkPolicy) and obj.metadata.annotations.get(STAGED_ANNOTATION) == "true"


def staged_kind(data: Mapping[str, Any]) -> str:
    """The staged kind of a kept object, "" where it is none."""
    kind, group = str(data.get("kind")), str(data.get("apiVersion")).partition("/")[0]
    return kind if kind in STAGED_KINDS and group in CALICO_GROUPS else ""
