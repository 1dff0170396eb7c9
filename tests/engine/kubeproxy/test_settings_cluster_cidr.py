"""clusterCIDR: what kubeadm writes, and a configuration that names none (`domain/kube-proxy.md`, "detectLocalMode")."""

import pytest

from designer.model import ClusterSettings, KubeProxySettings, effective_kube_proxy


@pytest.mark.parametrize(
    ("given", "pods", "meant"),
    [
        (None, ("10.244.0.0/16",), "10.244.0.0/16"),
        (None, ("10.244.0.0/16", "fd00:10:244::/56"), "10.244.0.0/16,fd00:10:244::/56"),
        ("", ("10.244.0.0/16",), ""),
        ("10.1.0.0/16", ("10.244.0.0/16",), "10.1.0.0/16"),
    ],
)
def test_cluster_cidr_follows_the_pod_ranges_until_it_is_said(
    given: str | None, pods: tuple[str, ...], meant: str
) -> None:
    settings = ClusterSettings(podCIDRs=pods, kubeProxy=KubeProxySettings(clusterCIDR=given))
    assert effective_kube_proxy(settings).clusterCIDR == meant
