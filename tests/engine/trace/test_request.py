"""What a person types, taken apart; and sources by every form."""

from typing import Any

import pytest

from designer.engine.trace.hops import Request
from designer.engine.trace.request import parse_request
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, cluster_ip, dns, hops, make, pod, service

# destination → kind, host, port, protocol, http, tls, path
FORMS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("http://frontend", ("name", "frontend", 80, "TCP", True, False, "/")),
    ("https://shop.example.com/cart", ("name", "shop.example.com", 443, "TCP", True, True, "/cart")),
    ("http://shop.example.com:8080/a/b?c=1", ("name", "shop.example.com", 8080, "TCP", True, False, "/a/b?c=1")),
    ("HTTP://Frontend/", ("name", "frontend", 80, "TCP", True, False, "/")),
    ("http://10.0.0.1/", ("address", "10.0.0.1", 80, "TCP", True, False, "/")),
    ("http://[fd00::1]:8080/", ("address", "fd00::1", 8080, "TCP", True, False, "/")),
    ("http://user:secret@web/x", ("name", "web", 80, "TCP", True, False, "/x")),
    ("cartservice.default.svc.cluster.local:7070",
     ("name", "cartservice.default.svc.cluster.local", 7070, "TCP", False, False, "/")),
    ("cart.shop:7070", ("name", "cart.shop", 7070, "TCP", False, False, "/")),
    ("10.96.0.10:53/udp", ("address", "10.96.0.10", 53, "UDP", False, False, "/")),
    ("10.96.0.10:53/UDP", ("address", "10.96.0.10", 53, "UDP", False, False, "/")),
    ("udp://10.96.0.10:53", ("address", "10.96.0.10", 53, "UDP", False, False, "/")),
    ("[fd00::1]:80", ("address", "fd00::1", 80, "TCP", False, False, "/")),
    ("[FD00:0::1]:80/sctp", ("address", "fd00::1", 80, "SCTP", False, False, "/")),
    ("::ffff:10.96.0.10", ("address", "10.96.0.10", None, "TCP", False, False, "/")),
    ("http://[::ffff:10.96.0.10]:81", ("address", "10.96.0.10", 81, "TCP", True, False, "/")),
    ("0.0.0.0:80", ("address", "127.0.0.1", 80, "TCP", False, False, "/")),
    ("[::]:80", ("address", "::1", 80, "TCP", False, False, "/")),
    ("10.0.0.1.example:80", ("name", "10.0.0.1.example", 80, "TCP", False, False, "/")),
    ("fd00::1", ("address", "fd00::1", None, "TCP", False, False, "/")),
    ("frontend", ("name", "frontend", None, "TCP", False, False, "/")),
    ("frontend.", ("name", "frontend.", None, "TCP", False, False, "/")),
    ("node-1:30080", ("name", "node-1", 30080, "TCP", False, False, "/")),
    ("Service:default/cart", ("object", "Service:default/cart", None, "TCP", False, False, "/")),
    ("Service:default/cart:7070", ("object", "Service:default/cart", 7070, "TCP", False, False, "/")),
    ("Service:kube-system/kube-dns:53/udp", ("object", "Service:kube-system/kube-dns", 53, "UDP", False, False, "/")),
    ("Node:node-1:30080", ("object", "Node:node-1", 30080, "TCP", False, False, "/")),
    ("Pod:shop/cart-0", ("object", "Pod:shop/cart-0", None, "TCP", False, False, "/")),
    ("shop/cart", ("name", "shop/cart", None, "TCP", False, False, "/")),
    ("shop/cart:80", ("name", "shop/cart", 80, "TCP", False, False, "/")),
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[form[0] for form in FORMS])
def test_forms(text: str, expected: tuple[Any, ...]) -> None:
    parsed, problems = parse_request(Request("a", text))
    assert not problems
    assert parsed is not None
    got = (parsed.kind, parsed.host, parsed.port, parsed.protocol, parsed.http, parsed.tls, parsed.path)
    assert got == expected


def test_port_by_name() -> None:
    parsed, _ = parse_request(Request("a", "cart:grpc"))
    assert parsed is not None
    assert (parsed.port, parsed.port_name) == (None, "grpc")


def test_protocol_of_the_request_is_the_default() -> None:
    parsed, _ = parse_request(Request("a", "10.0.0.1:53", protocol="udp"))
    assert parsed is not None
    assert parsed.protocol == "UDP"


BAD = ("", "   ", "http://", "http:///path", "ftp://x", "a:0", "a:65536", "a:b c", "a b", "[fd00::1", "[x]:80", "a//b",
       "10.0.0.1:80/icmp", "http://bad_host!/", "::::", "host:PORT", "/x", ":80",
       "10.96.10.300:80", "http://010.96.10.10", "10.96.10.300")  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_bad_destinations_say_how_to_write_them(text: str) -> None:
    parsed, problems = parse_request(Request("a", text))
    assert parsed is None
    (problem,) = problems
    assert problem.title
    assert problem.fix


def test_bad_protocol_and_port() -> None:
    assert parse_request(Request("a", "x:1", protocol="icmp"))[0] is None
    assert parse_request(Request("a", "x:1", sport=0))[0] is None


BODY: dict[str, Any] = {"containers": [{"name": "c", "ports": [{"containerPort": 8080}]}]}
TWO_PORTS = [{"name": "http", "port": 80, "targetPort": 8080}, {"name": "admin", "port": 81, "targetPort": 8081}]


def deployment(name: str, replicas: int, namespace: str = "default") -> KubeObject:
    template = {"metadata": {"labels": {"app": name}}, "spec": BODY}
    return make("Deployment", name, {"replicas": replicas, "template": template}, namespace=namespace)


CLUSTER = cluster(
    pod("solo", 1, namespace="shop"),
    deployment("web", 2),
    deployment("twin", 1, "one"),
    deployment("twin", 1, "two"),
    deployment("none", 0),
    make("ExternalClient", "laptop", {"addresses": ["198.51.100.3"]}),
    service("web", ports=TWO_PORTS),
    service("one", app="web"),
    pod("names", 2, ports=[{"containerPort": 5353, "protocol": "UDP"}, {"containerPort": 5353}]),
    service(
        "both",
        app="names",
        ports=[
            {"name": "tcp", "port": 81, "targetPort": 5353},
            {"name": "udp", "port": 53, "targetPort": 5353, "protocol": "UDP"},
        ],
    ),
    *dns(),
)


@pytest.mark.parametrize(
    "source",
    ["Pod:shop/solo", "solo", "shop/solo", "Deployment:default/web", "web", "default/web", "Node:node-1", "node-1",
     "ExternalClient:laptop", "laptop", "internet", "client", "198.51.100.77", "192.168.10.12"],
)  # fmt: skip
def test_sources(source: str) -> None:
    found = ask(CLUSTER, source, "node-3:22")
    assert found.verdict == "cannot-tell"
    assert "node-3 itself" in found.reason, "the source was understood: the packet got to the node"


def test_a_workload_is_stood_for_by_one_pod_and_says_so() -> None:
    found = ask(CLUSTER, "web", "node-3:22")
    assert "stands for default/web (2 Pods)" in found.trace.hops[0].reason


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "No source"),
        ("nobody", "Nothing in this project is called nobody"),
        ("twin", "could be Deployment:one/twin, Deployment:two/twin"),
        ("none", "has no Pods"),
        ("Pod:default/gone", "There is no Pod"),
        ("Node:node-9", "There is no Node"),
        ("Service:default/web", "A Service sends nothing"),
        ("IngressController:default/x", "names no workload"),
        ("127.0.0.1", "every machine's own loopback"),
        ("0.0.0.0", "no single machine's address"),
        ("224.0.0.9", "no single machine's address"),
        ("255.255.255.255", "no single machine's address"),
        (cluster_ip(CLUSTER, "one"), "is the ClusterIP of Service default/one"),
        ("10.244.1.200", "lies in the Pod range of Node node-2, and no Pod has it"),
    ],
)
def test_sources_that_cannot_send(source: str, words: str) -> None:
    found = ask(CLUSTER, source, "10.0.0.1:80")
    assert found.verdict == "cannot-tell"
    assert words in found.reason


def test_a_pod_has_its_name_before_the_client_that_is_assumed() -> None:
    """Manifests with a Pod `client` and nothing outside: the import adds a client of that name."""
    laptop = make("ExternalClient", "client", {"addresses": ["198.51.100.3"]})
    assumed = cluster(pod("client", 1), laptop, assumed=("ExternalClient:client",))
    found = ask(assumed, "client", "node-3:22")
    assert hops(found, "send")[0].at == "Pod:default/client"
    assert "Pod:default/client is meant" in found.trace.hops[0].reason
    drawn = ask(cluster(pod("client", 1), laptop), "client", "node-3:22")
    assert drawn.verdict == "cannot-tell"
    assert "client could be ExternalClient:client, Pod:default/client" in drawn.reason
    assert "could be Node:node-1, Pod:default/node-1" in ask(cluster(pod("node-1", 1)), "node-1", "node-3:22").reason


@pytest.mark.parametrize(
    ("destination", "verdict", "words"),
    [
        ("one", "delivered", "answers"),
        ("tcp://one.default", "delivered", "answers"),
        ("udp://one.default", "cannot-tell", "Service default/one has no UDP port. Its ports: 80/TCP."),
        ("web:http/udp", "cannot-tell", "has no UDP port called http"),
        ("udp://both.default", "delivered", "answers"),
        ("grpc://both.default", "delivered", "answers"),
        ("Pod:default/names/udp", "delivered", "answers"),
        ("Pod:shop/solo/udp", "cannot-tell", "No port is given for Pod shop/solo. It declares: 8080/TCP"),
        ("both.default", "cannot-tell", "81/TCP, 53/UDP"),
        ("web", "cannot-tell", "80/TCP, 81/TCP"),
        ("web:http", "delivered", "answers"),
        ("web:ftp", "cannot-tell", "no port called ftp"),
        ("shop/solo", "delivered", "answers"),
        ("solo.shop:8080", "cannot-tell", "There is no Service solo in namespace shop"),
        ("default/one", "delivered", "answers"),
        ("nowhere/nothing", "cannot-tell", "There is no Service, workload or Pod"),
        ("node-1", "cannot-tell", "No port is given for node-1"),
        ("10.1.2.3", "cannot-tell", "No port is given"),
        ("Deployment:default/web", "delivered", "answers"),
        ("Namespace:default", "cannot-tell", "Nothing can be sent to"),
        ("Service:default/missing", "cannot-tell", "There is no Service"),
        ("ExternalClient:laptop", "cannot-tell", "No port is given for laptop"),
    ],
)
def test_destinations(destination: str, verdict: str, words: str) -> None:
    found = ask(CLUSTER, "Pod:shop/solo" if destination != "one" and not destination.startswith("web") else "web",
                destination)  # fmt: skip
    assert (found.verdict, words in found.reason) == (verdict, True), found.reason
