"""Names on the way: `domain/dns.md` sections 1, 3 and 6."""

from fractions import Fraction

import pytest

from tests.engine.trace.clusters import ask, cluster, dns, hops, make, pod, policy, service

STATE = cluster(
    pod("a", 1),
    pod("host", 1, hostNetwork=True),
    pod("b", 2, app="web", namespace="shop"),
    service("web", namespace="shop"),
    make("Service", "out", {"type": "ExternalName", "externalName": "api.example.com"}),
    make("Service", "ip", {"type": "ExternalName", "externalName": "198.51.100.20"}),
    make("ExternalHost", "api", {"addresses": ["198.51.100.20"], "names": ["api.example.com"], "ports": ["80/tcp"]}),
    *dns(),
)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("web.shop:80", "delivered"),
        ("web.shop.svc:80", "delivered"),
        ("web.shop.svc.cluster.local:80", "delivered"),
        ("web.shop.svc.cluster.local.:80", "delivered"),
        ("web:80", "name-not-found"),
        ("out:80", "delivered"),
        ("ip:80", "name-not-found"),
        ("out:443", "connection-refused"),
    ],
)
def test_names_from_a_pod(name: str, verdict: str) -> None:
    assert ask(STATE, "a", name).verdict == verdict


def test_short_names_work_in_their_namespace_only_and_it_says_so() -> None:
    found = ask(STATE, "a", "web:80")
    assert "resolves only in namespace shop" in found.reason
    assert "web.shop" in found.reason


def test_the_lookup_shows_resolv_conf_and_every_query() -> None:
    (lookup,) = hops(ask(STATE, "a", "web.shop.svc.cluster.local:80"), "resolve")
    rows = dict(lookup.details)
    # Section 4: four dots are fewer than ndots 5: three search tries and the name itself, A and AAAA each.
    assert rows["Queries"] == "8 queries, 6 of them NXDOMAIN"
    assert ("resolv.conf", "nameserver 10.96.0.10") in lookup.details
    assert lookup.decided_by[0].object == "Service:shop/web"


def test_host_network_pods_ask_the_node() -> None:
    found = ask(STATE, "Pod:default/host", "web.shop:80")
    assert found.verdict in ("name-not-found", "cannot-tell")
    assert "hostNetwork" in found.reason


def test_nodes_do_not_know_cluster_names() -> None:
    assert ask(STATE, "node-1", "web.shop.svc.cluster.local:80").verdict == "name-not-found"


def test_clients_outside_do_not_know_cluster_names() -> None:
    assert ask(STATE, "internet", "web.shop.svc.cluster.local:80").verdict == "name-not-found"


def test_node_names_are_addresses() -> None:
    found = ask(STATE, "a", "node-2:22")
    assert "read as the Node's address" in found.trace.hops[0].reason


def test_no_dns_pod_is_ready() -> None:
    service_only = dns()[1]
    down = pod("coredns", 3, namespace="kube-system", labels={"k8s-app": "kube-dns"},
               ports=[{"name": "dns", "containerPort": 53, "protocol": "UDP"}],
               status={"conditions": [{"type": "Ready", "status": "False"}]})  # fmt: skip
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), down, service_only)
    found = ask(state, "a", "web:80")
    assert found.verdict == "name-not-found"
    assert "kube-dns" in found.reason


def test_a_dns_answer_that_hangs_on_the_bridge() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), *dns(1), plugin="flannel",
                    cni={"bridgeNetfilter": False})  # fmt: skip
    found = ask(state, "a", "web:80")
    assert found.verdict == "name-not-found"
    assert "br_netfilter" in found.reason


def test_an_external_name_service_as_an_object_is_looked_up() -> None:
    found = ask(STATE, "a", "Service:default/out:80")
    assert found.verdict == "delivered"
    assert "api.example.com" in hops(found, "resolve")[0].reason


def test_one_of_two_dns_pods_unreachable_leaves_its_share_of_lookups_open() -> None:
    """Only a flow's first packet walks NAT rules (kube-proxy.md section 2): what is asked again from the same port
    goes to the same Pod, so that share is not delivered for sure."""
    second = dns(2)[0].replace(metadata={"name": "coredns-2", "namespace": "kube-system",
                                         "labels": {"k8s-app": "kube-dns", "open": "no"}})  # fmt: skip
    closed = policy("closed", {"matchLabels": {"open": "no"}}, "kube-system", policyTypes=["Ingress"])
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), *dns(), second, closed)
    found = ask(state, "a", "web:80")
    assert {path.verdict: path.share for path in found.trace.paths()} == {
        "delivered": Fraction(1, 2), "cannot-tell": Fraction(1, 2)}  # fmt: skip
    assert found.verdict == "cannot-tell" and found.mixed
    assert "gets no answer: Denied: kube-system/coredns-2 is isolated" in found.reason
    assert "1 of 2 may get no answer" in hops(found, "resolve")[0].reason
