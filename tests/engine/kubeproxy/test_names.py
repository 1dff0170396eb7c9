"""Names of chains: the test vectors of domain/kube-proxy.md and the well-known names of the reference's README."""

import pytest

from designer.engine.kubeproxy.names import chain_suffix


@pytest.mark.parametrize(
    ("name", "protocol", "endpoint", "suffix"),
    [
        ("ns1/svc1:p80", "tcp", "", "XPGD46QRK7WJZT7O"),
        ("ns1/svc1:p80", "tcp", "10.180.0.1:80", "SXIVWICOYRO3J4NJ"),
        ("default/kubernetes:https", "tcp", "", "NPX46M4PTMTKRN6Y"),
        ("kube-system/kube-dns:dns", "udp", "", "TCOU7JCQXEZGVUNU"),
        ("kube-system/kube-dns:dns-tcp", "tcp", "", "ERIFXISQEP7F7OF4"),
    ],
)
def test_vectors(name: str, protocol: str, endpoint: str, suffix: str) -> None:
    """kube-proxy.md 3, row 'names of chains'."""
    assert chain_suffix(name, protocol, endpoint) == suffix
