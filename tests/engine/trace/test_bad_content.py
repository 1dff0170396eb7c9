"""Objects as they come, with values that are no addresses or ports: an answer all the same, never an exception."""

import pytest

from designer.model import VERDICTS
from tests.engine.trace.clusters import ask, cluster, dns, make, node, pod, policy, service

ODD_SLICE = make("EndpointSlice", "es", None, labels={"kubernetes.io/service-name": "web"}).replace(
    addressType="IPv4", endpoints=[{"addresses": ["oops"]}], ports=[{"port": 1}]
)
STATE = cluster(
    make("Node", "node-1", status={"addresses": [{"type": "InternalIP", "address": "nonsense"},
                                                 {"type": "InternalIP", "address": "192.168.10.11"}]}),
    make("Node", "node-2", status={"addresses": [{"type": "Hostname", "address": "h"}]}),
    node(3),
    pod("a", 1),
    pod("b", 3, app="web"),
    pod("odd", 1, status={"podIP": "1.2.3", "podIPs": [{"ip": "zzz"}]}),
    pod("big", 3, port=99999),
    service("web", type="LoadBalancer", externalIPs=["bad"], status={"loadBalancer": {"ingress": [{"ip": "worse"}]}}),
    service("junk", app="web", clusterIP="junk", clusterIPs=["junk"]),
    service("ports", app="web", ports=[{"port": 70000, "targetPort": "x y"}, {"port": 0, "name": "z"}]),
    make("ExternalClient", "range", {"addresses": ["x", "198.51.100.0/24"], "ports": ["443"]}),
    make("ExternalHost", "host", {"addresses": ["10.0.0.300"], "names": ["h.example.com", ""], "ports": ["x"]}),
    ODD_SLICE,
    policy("odd", {"matchLabels": {"app": "web"}}, ingress=[{"from": [{"ipBlock": {"cidr": "bad"}}]}]),
    *dns(),
)  # fmt: skip

SOURCES = ("a", "Pod:default/odd", "node-1", "node-2", "range", "host", "internet", "Pod:default/big")
TARGETS = (
    "Service:default/web", "Service:default/junk", "Service:default/ports", "ports:70000", "web", "http://web",
    "ExternalClient:range", "ExternalHost:host", "h.example.com:80", "198.51.100.9:443", "node-1:30080",
    "node-2:30080", "Pod:default/odd:80", "Pod:default/big", "worse:80",
)  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("target", TARGETS)
def test_always_an_answer(source: str, target: str) -> None:
    found = ask(STATE, source, target)
    assert found.verdict in VERDICTS
    assert found.reason


def test_an_address_range_outside_answers_for_every_address_in_it() -> None:
    assert ask(STATE, "a", "198.51.100.9:443").verdict == "delivered"
    assert ask(STATE, "a", "198.51.100.9:80").verdict == "connection-refused"
    assert ask(STATE, "a", "198.51.101.9:443").verdict == "cannot-tell"


def test_an_address_that_is_none_leads_nowhere() -> None:
    assert ask(STATE, "a", "Pod:default/odd:80").verdict == "no-route"


def test_an_empty_cluster() -> None:
    empty = cluster(nodes=0)
    assert ask(empty, "internet", "10.0.0.1:80").verdict == "cannot-tell"
    assert ask(empty, "a", "b").verdict == "cannot-tell"
