"""Addresses that are none, in Pods and EndpointSlices of an input: no endpoint, and an answer for every request.

The API server refuses such objects (validation of `podIPs` and of EndpointSlice addresses), so nothing leads to them.
"""

import pytest

from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, make, pod, service


def odd_pod(name: str, text: str) -> KubeObject:
    return pod(name, 2, app="web", status={"podIP": text, "podIPs": [{"ip": text}], "phase": "Running"})


@pytest.mark.parametrize("text", ["http", "10.0.0.1/8", "300.1.1.1", ""])
def test_a_pod_without_a_readable_address_is_no_endpoint(text: str) -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), odd_pod("c", text), service("web"))
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "delivered"
    assert found.mixed is False


@pytest.mark.parametrize("text", ["http", "10.0.0.1/8", "300.1.1.1"])
def test_an_endpoint_without_a_readable_address_is_not_chosen(text: str) -> None:
    """The readable endpoint takes every connection."""
    spec = {"addressType": "IPv4", "ports": [{"name": "", "port": 8080, "protocol": "TCP"}]}
    ends = [{"addresses": ["192.168.10.12"], "conditions": {"ready": True}}, {"addresses": [text]}]
    piece = make("EndpointSlice", "web-1", labels={"kubernetes.io/service-name": "web"})
    piece = type(piece).model_validate({**piece.dump(), **spec, "endpoints": ends})
    state = cluster(pod("a", 1), piece, make("Service", "web", {"ports": [{"port": 80, "targetPort": 8080}]}))
    found = ask(state, "a", "Service:default/web")
    assert [path.share for path in found.trace.paths()] == [1]
    assert found.verdict == "cannot-tell" and "node-2 itself" in found.reason
