"""Kinds of policies beside NetworkPolicy that the program evaluates: they stay kept objects, by API group and kind.

Sources: NPEP-285 (`policy.networking.k8s.io`), Calico's and Cilium's API types; `domain/policies.md` sections 5 to 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

ADMIN_GROUP: Final = "policy.networking.k8s.io"
# Calico's own API group, and the one in which it stores the same objects.
CALICO_GROUPS: Final = ("projectcalico.org", "crd.projectcalico.org")
CILIUM_GROUP: Final = "cilium.io"
# API group → its kinds of policies.
POLICY_KINDS: Final[dict[str, frozenset[str]]] = {
    ADMIN_GROUP: frozenset({"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"}),
    **dict.fromkeys(CALICO_GROUPS, frozenset({"NetworkPolicy", "GlobalNetworkPolicy"})),
    CILIUM_GROUP: frozenset({"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"}),
}


def is_policy(data: Mapping[str, Any]) -> bool:
    """Whether a kept object is a policy of a kind that the program evaluates."""
    return str(data.get("kind")) in POLICY_KINDS.get(group_of(data), ())


def group_of(data: Mapping[str, Any]) -> str:
    """The API group of a kept object: the part of its apiVersion before the slash."""
    return str(data.get("apiVersion")).partition("/")[0]
