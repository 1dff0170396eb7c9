"""The table of plugins."""

from __future__ import annotations

from collections.abc import Callable

from designer.engine.cni import calico, cilium, flannel, weave
from designer.engine.cni.profile import CniProfile
from designer.model import ClusterSettings

PROFILES: dict[str, Callable[[ClusterSettings], CniProfile]] = {
    "calico": calico.profile,
    "flannel": flannel.profile,
    "weave": weave.profile,
    "cilium": cilium.profile,
}


def profile_for(settings: ClusterSettings) -> CniProfile:
    """The profile of the cluster's network plugin with its backend."""
    return PROFILES[settings.cni.plugin](settings)
