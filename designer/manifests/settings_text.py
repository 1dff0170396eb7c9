"""`ClusterSettings` → documents: kube-proxy's and kubeadm's own, and one of the program's that says everything."""

from __future__ import annotations

from typing import Any

from designer.manifests.cluster_settings import PROXY_FIELDS, SETTINGS_KIND
from designer.model import ClusterSettings
from designer.model.design import DESIGN_API


def settings_documents(cluster: ClusterSettings, assumed: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """The documents of `cluster`; `assumed` are the assumptions that still hold."""
    return (whole(cluster, assumed), kubeadm_document(cluster), proxy_document(cluster))


def whole(cluster: ClusterSettings, assumed: tuple[str, ...]) -> dict[str, Any]:
    """The program's own document, which an import takes before the two others."""
    spec = {key: value for key, value in cluster.dump().items() if key != "assumed"}
    if assumed:
        spec["assumed"] = sorted(assumed)
    return {"apiVersion": DESIGN_API, "kind": SETTINGS_KIND, "metadata": {"name": "settings"}, "spec": spec}


def proxy_document(cluster: ClusterSettings) -> dict[str, Any]:
    """A KubeProxyConfiguration with the fields that the settings have."""
    data: dict[str, Any] = {"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration"}
    settings = cluster.kubeProxy
    for path, setting, _ in PROXY_FIELDS:
        value = getattr(settings, setting.removeprefix("kubeProxy."))
        if value is None:  # clusterCIDR alone: kubeadm writes the Pods' ranges
            value = ",".join(cluster.podCIDRs)
        group, _, name = path.rpartition(".")
        holder = data.setdefault(group, {}) if group else data
        holder[name] = list(value) if isinstance(value, tuple) else value
    return data


def kubeadm_document(cluster: ClusterSettings) -> dict[str, Any]:
    """A kubeadm ClusterConfiguration (v1beta4) with the fields that the settings have."""
    low, high = cluster.nodePortRange
    masks = [("ipv4", cluster.nodeCIDRMaskV4)] if any(":" not in cidr for cidr in cluster.podCIDRs) else []
    masks += [("ipv6", cluster.nodeCIDRMaskV6)] if any(":" in cidr for cidr in cluster.podCIDRs) else []
    mask_args = [
        {"name": "node-cidr-mask-size" if len(masks) == 1 else f"node-cidr-mask-size-{family}", "value": str(mask)}
        for family, mask in masks
    ]
    return {
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "ClusterConfiguration",
        "clusterName": cluster.name,
        "kubernetesVersion": f"v{cluster.kubernetesVersion}.0",
        "networking": {
            "podSubnet": ",".join(cluster.podCIDRs),
            "serviceSubnet": ",".join(cluster.serviceCIDRs),
            "dnsDomain": cluster.dnsDomain,
        },
        "apiServer": {"extraArgs": [{"name": "service-node-port-range", "value": f"{low}-{high}"}]},
        "controllerManager": {"extraArgs": mask_args},
    }
