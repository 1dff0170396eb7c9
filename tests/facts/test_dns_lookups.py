"""Lookups as a Pod makes them, and their packets: domain/dns.md sections 2, 4, 5 and 6."""

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace.lookup import Lookup, look_up
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, dns, make, pod, policy, service

UDP_53 = {"ports": [{"port": 53, "protocol": "UDP"}]}
TCP_53 = {"ports": [{"port": 53, "protocol": "TCP"}]}
CLOSED: dict[str, Any] = {"policyTypes": ["Egress"]}


def shop(*more: KubeObject, spec: dict[str, Any] | None = None, **settings: Any) -> ClusterState:
    """A Pod in `shop`, Services cart in `shop` and in `pay`, one of the world outside; Nodes search corp.example."""
    objects = [
        pod("asks", 1, namespace="shop", **(spec or {})),
        pod("b", 2, app="cart", namespace="shop"),
        service("cart", namespace="shop", clusterIP="10.96.7.7"),
        service("cart", namespace="pay", clusterIP="10.96.8.8"),
        make("Namespace", "pay"),
        make("ExternalHost", "github", {"addresses": ["192.0.2.7"], "names": ["api.github.com"]}),
    ]
    return cluster(*objects, *more, nodeSearchDomains=["corp.example"], **settings)


def look(name: str, *more: KubeObject, kind: str = "", servers: tuple[KubeObject, ...] | None = None,
         **spec: Any) -> Lookup:  # fmt: skip
    """The lookup by Pod shop/asks."""
    found, problems = look_up(shop(*(servers or dns()), *more, spec=spec), "Pod:shop/asks", name, kind)
    assert found is not None, problems
    return found


FULL = "cart.pay.svc.cluster.local"


@pytest.mark.parametrize(
    ("row", "name", "cost", "value"),
    [
        ("dns.md 4, rows 'cart', 'A and AAAA'", "cart", "2 queries", "10.96.7.7"),
        ("dns.md 4, rows 'cart.pay', 'Few dots'", "cart.pay", "4 queries, 2 of them NXDOMAIN", "10.96.8.8"),
        ("dns.md 4, row 'Full name'", FULL, "10 queries, 8 of them NXDOMAIN", "10.96.8.8"),
        ("dns.md 4, rows 'Full name with dot', 'Trailing dot'", f"{FULL}.", "2 queries", "10.96.8.8"),
        ("dns.md 4, row 'Outside name'", "api.github.com", "10 queries, 8 of them NXDOMAIN", "192.0.2.7"),
        ("dns.md 4, row 'Outside name with dot'", "api.github.com.", "2 queries", "192.0.2.7"),
    ],
)
def test_count(row: str, name: str, cost: str, value: str) -> None:
    found = look(name)
    assert (found.status, found.resolution.cost, found.answers) == ("ok", cost, (value,)), row


def test_enough_dots() -> None:
    """dns.md 4, row 'Enough dots': with ndots 2 a name of two dots is asked as it is first."""
    found = look("api.github.com", dnsConfig={"options": [{"name": "ndots", "value": "2"}]})
    assert [query.name for query in found.resolution.queries] == ["api.github.com"] * 2


def test_nodata_goes_on() -> None:
    """dns.md 4, row 'NODATA goes on': the Namespace's own name has no record, the next try is made."""
    found = look("pay")  # pay.svc.cluster.local is the Namespace: NODATA
    codes = {query.name: query.rcode for query in found.resolution.queries}
    assert codes == {"pay.shop.svc.cluster.local": "NXDOMAIN", "pay.svc.cluster.local": "NODATA",
                     "pay.cluster.local": "NXDOMAIN", "pay.corp.example": "NXDOMAIN", "pay": "NXDOMAIN"}  # fmt: skip


def test_wildcard_in_a_search_domain() -> None:
    """dns.md 4, row 'Wildcard in a search domain': every name outside resolves to it."""
    wild = make("ExternalHost", "wild", {"addresses": ["192.0.2.99"], "names": ["*.corp.example"]})
    assert look("intranet", wild).answers == ("192.0.2.99",)


def test_short_names() -> None:
    """dns.md 4, row 'Short names', and dns.md 6, row 'Wrong namespace': it says the name that would do."""
    only = service("only", namespace="pay", clusterIP="10.96.9.1")
    found = look("only", only)
    assert found.status == "name-not-found"
    assert "only resolves only in namespace pay; from shop use only.pay" in found.reason
    assert look("only.pay", only).answers == ("10.96.9.1",)


def test_namespace_com() -> None:
    """dns.md 4, row 'Namespace com': Service github in it answers for github.com."""
    found = look("github.com", service("github", namespace="com", clusterIP="10.96.9.9"))
    assert (found.answers, found.resolution.canonical) == (("10.96.9.9",), "github.com.svc.cluster.local")


def test_what_is_shown() -> None:
    """dns.md 6, rows 'resolv.conf is shown', 'Queries are shown', 'Rule of each record'."""
    found = look("cart.pay")
    assert found.conf is not None
    assert found.conf.text.splitlines()[0] == "nameserver 10.96.0.10"
    assert [(q.type, q.rcode, q.server, q.by) for q in found.resolution.queries] == [
        ("A", "NXDOMAIN", "10.96.0.10", "CoreDNS"), ("AAAA", "NXDOMAIN", "10.96.0.10", "CoreDNS"),
        ("A", "NOERROR", "10.96.0.10", "CoreDNS"), ("AAAA", "NODATA", "10.96.0.10", "CoreDNS")]  # fmt: skip
    assert found.resolution.queries[2].rule == "Service record: its ClusterIP"
    outside = look("api.github.com.").resolution.queries[0]
    assert outside.by == "upstream, through CoreDNS"


def test_resolved_without_endpoints() -> None:
    """dns.md 6, row 'Resolved without endpoints': the name is found, and the call fails for another reason."""
    assert look("cart.pay").status == "ok"
    found = ask(shop(*dns()), "Pod:shop/asks", "cart.pay:80")
    assert found.verdict in ("rejected", "dropped")


def test_a_missing_governing_service() -> None:
    """dns.md 6, row 'StatefulSet Pod name': which conditions its record has."""
    member = pod("web-0", 2, app="web", namespace="shop", hostname="web-0", subdomain="other")
    found = look("web-0.web.shop.svc.cluster.local.", member)
    assert found.status == "name-not-found"
    assert "the governing Service is missing, not headless, has another name than spec.serviceName" in found.reason


def test_an_external_name_is_said_to_be_a_cname() -> None:
    """dns.md 6, row 'ExternalName': the CNAME and what it stands for."""
    out = make("Service", "out", {"type": "ExternalName", "externalName": "api.github.com"}, namespace="shop")
    found = look("out", out)
    assert (found.answers, found.resolution.canonical) == (("192.0.2.7",), "api.github.com")
    assert "CNAME to api.github.com" in found.reason


def test_host_network_is_said() -> None:
    """dns.md 6, row 'hostNetwork': the reason and the remedy."""
    found = look("cart.shop.svc.cluster.local", hostNetwork=True)
    assert (found.status, found.answers) == ("name-not-found", ())
    assert "ClusterFirst is ignored with hostNetwork; set ClusterFirstWithHostNet" in found.reason


KUBE_DNS = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}  # fmt: skip
TO_DNS = {"to": [KUBE_DNS]}
WEB = {"to": [{"podSelector": {}}], "ports": [{"port": 8080}]}


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ([], "name-not-found"),
        ([WEB], "name-not-found"),
        ([UDP_53], "ok"),
        ([{**TO_DNS, **UDP_53}], "ok"),
        ([TCP_53], "name-not-found"),  # pitfalls NP-04: the resolver asks by UDP
        ([{"to": [{"ipBlock": {"cidr": "10.96.0.10/32"}}], **UDP_53}], "name-not-found"),  # the VIP is not the Pod
    ],
)
def test_egress_that_forgets_dns(rules: list[dict[str, Any]], status: str) -> None:
    """dns.md 5, row 'Pods to CoreDNS', and dns.md 6, row 'Policy': the query is checked as the packet that it is."""
    closed = policy("closed", {}, "shop", policyTypes=["Egress"], egress=rules)
    found = look("cart", closed)
    assert found.status == status
    traced = ask(shop(*dns(), closed), "Pod:shop/asks", "cart:80")
    assert (traced.verdict == "name-not-found") == (status == "name-not-found")
    if status == "name-not-found":
        assert found.reason.startswith("DNS denied by NetworkPolicy shop/closed. ")
        assert traced.reason.startswith("DNS denied by NetworkPolicy shop/closed. ")


def test_ingress_of_the_dns_pods() -> None:
    """dns.md 5, row 'Pods to CoreDNS': kube-dns itself may be closed to a namespace."""
    closed = policy("dns-only-pay", {"matchLabels": {"k8s-app": "kube-dns"}}, "kube-system", policyTypes=["Ingress"],
                    ingress=[{"from": [{"namespaceSelector": {"matchLabels":
                                                              {"kubernetes.io/metadata.name": "pay"}}}]}])  # fmt: skip
    found = look("cart", closed)
    assert found.status == "name-not-found"
    assert found.reason.startswith("DNS denied by NetworkPolicy kube-system/dns-only-pay. ")


def test_the_port_of_the_pod_counts() -> None:
    """dns.md 5, row 'Port 53 of the Pod': policies see the port after DNAT; a DNS Pod may listen on another."""
    ports = [{"name": "dns", "containerPort": 5353, "protocol": "UDP"}]
    labels = {"k8s-app": "kube-dns"}
    server = pod("coredns", 3, ports=ports, namespace="kube-system", labels=labels)
    spec = {"selector": labels, "clusterIP": "10.96.0.10",
            "ports": [{"name": "dns", "port": 53, "protocol": "UDP", "targetPort": "dns"}]}  # fmt: skip
    servers = (server, make("Service", "kube-dns", spec, namespace="kube-system"))
    closed = policy("closed", {}, "shop", policyTypes=["Egress"], egress=[UDP_53])
    opened = policy("closed", {}, "shop", policyTypes=["Egress"],
                    egress=[{"ports": [{"port": 5353, "protocol": "UDP"}]}])  # fmt: skip
    assert look("cart", closed, servers=servers).status == "name-not-found"
    assert look("cart", opened, servers=servers).status == "ok"


def test_use_vc_asks_by_tcp() -> None:
    """dns.md 2, row 'Truncation': resolv.conf(5), `use-vc` forces TCP."""
    closed = policy("closed", {}, "shop", policyTypes=["Egress"], egress=[UDP_53])
    found = look("cart", closed, dnsConfig={"options": [{"name": "use-vc"}]})
    assert found.status == "name-not-found"
    assert "The TCP query to 10.96.0.10, port 53" in found.reason


@pytest.mark.parametrize(("ends", "status"), [(28, "ok"), (29, "cannot-tell")])
def test_a_long_answer_needs_tcp(ends: int, status: str) -> None:
    """dns.md 2, row 'Truncation': more than 512 bytes are cut and asked for again by TCP, which is closed here.

    12 for the header, 34 for a name of 32 characters, 4 for type and class, 16 a record: 28 records make 498 bytes
    and 29 make 514.
    """
    name = "many12345.shop.svc.cluster.local"
    assert 12 + len(name) + 2 + 4 + 16 * 28 <= 512 < 12 + len(name) + 2 + 4 + 16 * 29
    many = [pod(f"m{n}", 2, app="many12345", namespace="shop") for n in range(ends)]
    closed = policy("closed", {}, "shop", policyTypes=["Egress"], egress=[UDP_53])
    found = look(f"{name}.", *many, service("many12345", namespace="shop", clusterIP="None"), closed)
    assert found.status == status
    if status == "cannot-tell":
        assert "514 bytes" in found.reason


def test_both_transports_are_told() -> None:
    """dns.md 5, row 'Pods to CoreDNS': UDP and TCP, each with what becomes of it."""
    found = look("cart", policy("closed", {}, "shop", policyTypes=["Egress"], egress=[UDP_53]))
    assert [(c.protocol, c.verdict, c.policies) for c in found.carried] == [
        ("UDP", "delivered", ()), ("TCP", "denied", ("NetworkPolicy:shop/closed",))]  # fmt: skip


def test_the_next_server_is_asked_when_one_does_not_answer() -> None:
    """resolv.conf(5): the servers are asked in the order listed, the next one on time-out."""
    spec = {"selector": {"k8s-app": "second"}, "clusterIP": "10.96.0.53", "ports": [{"port": 53, "protocol": "UDP"}]}
    second = make("Service", "dns-2", spec, namespace="kube-system")
    backend = pod("second", 2, namespace="kube-system", labels={"k8s-app": "second"},
                  ports=[{"containerPort": 53, "protocol": "UDP"}])  # fmt: skip
    closed = policy("closed", {"matchLabels": {"k8s-app": "kube-dns"}}, "kube-system", policyTypes=["Ingress"])
    found = look("cart", second, backend, closed, dnsConfig={"nameservers": ["10.96.0.53"]})
    assert [(c.server, c.verdict) for c in found.carried][:2] == [("10.96.0.10", "denied"), ("10.96.0.53", "delivered")]
    assert found.status == "ok"


def test_node_local_cache_leaves_a_denial_open() -> None:
    """dns.md 2, row 'NodeLocal DNSCache', and dns.md 5, row 'NodeLocal': the Node answers, not the DNS Pods."""
    labels = {"k8s-app": "node-local-dns"}
    body = {"metadata": {"labels": labels}, "spec": {"hostNetwork": True, "containers": [{"name": "c"}]}}
    spec = {"selector": {"matchLabels": labels}, "template": body}
    cache = make("DaemonSet", "node-local-dns", spec, namespace="kube-system")
    closed = policy("closed", {}, "shop", policyTypes=["Egress"], egress=[])
    found = look("cart", cache, closed)
    assert found.status == "cannot-tell"
    assert "NodeLocal DNSCache" in found.reason


@pytest.mark.parametrize(("where", "status"), [({}, "ok"), ({"to": [{"namespaceSelector": {}}]}, "cannot-tell")])
def test_node_local_cache_is_no_dns_pod_to_a_policy(where: dict[str, Any], status: str) -> None:
    """dns.md 5, row 'NodeLocal': a policy must allow the Node; one that allows the DNS Pods alone does not."""
    labels = {"k8s-app": "node-local-dns"}
    body = {"metadata": {"labels": labels}, "spec": {"hostNetwork": True, "containers": [{"name": "c"}]}}
    spec = {"selector": {"matchLabels": labels}, "template": body}
    cache = make("DaemonSet", "node-local-dns", spec, namespace="kube-system")
    ports = [*UDP_53["ports"], *TCP_53["ports"]]
    allowing = policy("dns", {}, "shop", policyTypes=["Egress"], egress=[{"ports": ports, **where}])
    assert look("cart", allowing).status == "ok", "without the cache either policy lets the query through"
    assert look("cart", cache, allowing).status == status


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
def test_no_dns_pod_is_ready(mode: str) -> None:
    """dns.md 5, row 'Pods to CoreDNS': without a ready DNS Pod no lookup succeeds (pitfalls DNS-07).

    It is no time-out: kube-proxy.md, "no usable endpoint anywhere", and IPVS (ip_vs_leave) send port unreachable.
    """
    down = {"conditions": [{"type": "Ready", "status": "False"}], "phase": "Running"}
    server = pod("coredns", 3, namespace="kube-system", labels={"k8s-app": "kube-dns"}, status=down,
                 ports=[{"name": "dns", "containerPort": 53, "protocol": "UDP"}])  # fmt: skip
    state = shop(server, dns()[1], kubeProxy={"mode": mode})
    found, _ = look_up(state, "Pod:shop/asks", "cart", "")
    assert found is not None
    assert found.status == "name-not-found"
    assert found.carried[-1].verdict == "rejected"
    assert "refused at once" in found.reason
    traced = ask(state, "Pod:shop/asks", "http://cart")
    assert (traced.verdict, "refused at once" in traced.reason) == ("name-not-found", True)


@pytest.mark.parametrize(
    ("kind", "name", "answers"),
    [
        ("SRV", "_http._tcp.named", ("0 100 80 named.shop.svc.cluster.local.",)),
        ("PTR", "10.96.7.7", ("cart.shop.svc.cluster.local.",)),
        ("PTR", "7.7.96.10.in-addr.arpa", ("cart.shop.svc.cluster.local.",)),
        ("CNAME", "out", ("api.github.com.",)),
        ("A", "cart", ("10.96.7.7",)),
        ("TXT", "dns-version.cluster.local.", ("1.1.0",)),
        ("TXT", "cart.shop.svc.cluster.local.", ()),
        ("AAAA", "cart", ()),
    ],
)
def test_any_type(kind: str, name: str, answers: tuple[str, ...]) -> None:
    named = service("named", namespace="shop", ports=[{"name": "http", "port": 80}])
    out = make("Service", "out", {"type": "ExternalName", "externalName": "api.github.com"}, namespace="shop")
    found = look(name, named, out, kind=kind)
    assert found.answers == answers
    assert {query.type for query in found.resolution.queries} == {kind}
    assert found.status == ("ok" if answers else "name-not-found")
