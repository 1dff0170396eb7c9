"""Cluster DNS: domain/dns.md, "Records", "Pod resolv.conf" and "Resolution algorithm"."""

from typing import Any

import pytest

from designer.engine.controlplane.dns import Zone, hosts_file, resolv_conf, resolve
from designer.engine.controlplane.records import Answer, RecordType
from designer.engine.controlplane.state import ControlPlaneState
from designer.model import ClusterSettings, ExternalHost, Project
from tests.engine.controlplane.clusters import (
    FLANNEL,
    allocated,
    deployment,
    nodes,
    pod,
    project,
    service,
    settings,
    state_of,
    template,
    thing,
    with_record,
)

DNS = (
    thing(
        "Deployment",
        "coredns",
        "kube-system",
        spec={"replicas": 1, "template": template({"k8s-app": "kube-dns"})},
    ),
    service(
        "kube-dns",
        "kube-system",
        selector={"k8s-app": "kube-dns"},
        ports=[{"name": "dns", "port": 53, "protocol": "UDP"}],
    ),
)
CORP: dict[str, Any] = {"nodeSearchDomains": ["corp.example"]}


def client(**spec: Any) -> Any:
    return pod("client", "shop", spec={"containers": [{"name": "c"}], **spec})


def shop(*more: Any, **cluster: Any) -> Project:
    objects = (
        *nodes(1),
        *DNS,
        thing("Namespace", "pay"),
        service("cart", "shop", clusterIP="10.96.7.7"),
        service("cart", "pay", clusterIP="10.96.8.8", ports=[{"name": "http", "port": 80, "targetPort": 8080}]),
    )
    return project(*objects, *more, **FLANNEL, **cluster)


def look(name: str, start: Project, hosts: tuple[ExternalHost, ...] = ()) -> Any:
    state = state_of(start)
    found = state.pods.get("Pod:shop/client")
    return resolve(name, found, state, start.cluster, hosts)


def external(name: str, *addresses: str) -> ExternalHost:
    made = thing("ExternalHost", name.replace(".", "-"), spec={"names": [name], "addresses": list(addresses)})
    assert isinstance(made, ExternalHost)
    return made


GITHUB = external("api.github.com", "192.0.2.7")


# Resolution algorithm: the table of the worked example, with node search corp.example


@pytest.mark.parametrize(
    ("name", "count", "last"),
    [
        ("cart", 2, "cart.shop.svc.cluster.local"),
        ("cart.pay", 4, "cart.pay.svc.cluster.local"),
        ("cart.pay.svc.cluster.local", 10, "cart.pay.svc.cluster.local"),
        ("cart.pay.svc.cluster.local.", 2, "cart.pay.svc.cluster.local"),
        ("api.github.com", 10, "api.github.com"),
        ("api.github.com.", 2, "api.github.com"),
    ],
)
def test_query_count_table(name: str, count: int, last: str) -> None:
    found = look(name, shop(client(), **CORP), (GITHUB,))
    assert (found.status, len(found.queries), found.queries[-1].name) == ("ok", count, last)
    assert [q.type for q in found.queries[:2]] == ["A", "AAAA"]


def test_the_full_name_costs_8_queries_without_a_node_search_domain() -> None:
    assert len(look("cart.pay.svc.cluster.local", shop(client())).queries) == 8


def test_the_tries_in_order() -> None:
    found = look("cart.pay", shop(client(), **CORP))
    assert [(q.name, q.rcode) for q in found.queries] == [
        ("cart.pay.shop.svc.cluster.local", "NXDOMAIN"),
        ("cart.pay.shop.svc.cluster.local", "NXDOMAIN"),
        ("cart.pay.svc.cluster.local", "NOERROR"),
        ("cart.pay.svc.cluster.local", "NODATA"),
    ]
    assert (found.addresses, found.canonical, found.object) == (
        ("10.96.8.8",),
        "cart.pay.svc.cluster.local",
        "Service:pay/cart",
    )
    assert {q.server for q in found.queries} == {"10.96.0.10"}


def test_with_ndots_2_a_name_of_two_dots_is_tried_as_it_is_first() -> None:
    config = {"options": [{"name": "ndots", "value": "2"}]}
    found = look("api.github.com", shop(client(dnsConfig=config), **CORP), (GITHUB,))
    assert (found.addresses, len(found.queries)) == (("192.0.2.7",), 2)


def test_a_short_name_of_another_namespace_is_not_found_and_the_reason_says_which_would_be() -> None:
    start = shop(pod("client", "shop", spec={"containers": [{"name": "c"}]}), service("only", "pay"))
    found = look("only", start)
    assert (found.status, found.reason) == (
        "name-not-found",
        "only resolves only in namespace pay; from shop use only.pay",
    )


def test_a_name_of_the_cluster_zone_that_nothing_has_is_not_found() -> None:
    found = look("nobody.pay.svc.cluster.local.", shop(client()))
    assert (found.status, [q.rcode for q in found.queries]) == ("name-not-found", ["NXDOMAIN", "NXDOMAIN"])


def test_a_name_outside_that_no_external_host_has_cannot_be_told() -> None:
    found = look("www.example.com", shop(client()))
    assert (found.status, found.addresses) == ("cannot-tell", ())
    assert "upstream resolver" in found.reason


def test_a_namespace_called_com_hijacks_names() -> None:
    found = look("github.com", shop(client(), service("github", "com", clusterIP="10.96.9.9")))
    assert (found.addresses, found.canonical) == (("10.96.9.9",), "github.com.svc.cluster.local")


def test_a_wildcard_in_a_node_search_domain_takes_every_external_name() -> None:
    wildcard = external("*.corp.example", "192.0.2.99")
    found = look("www.example", shop(client(), **CORP), (wildcard,))
    assert found.status == "cannot-tell"  # www.example.corp.example has two labels before the zone
    found = look("intranet", shop(client(), **CORP), (wildcard,))
    assert found.addresses == ("192.0.2.99",)


def test_an_address_needs_no_lookup() -> None:
    found = look("10.96.7.7", shop(client()))
    assert (found.status, found.addresses, found.queries) == ("ok", ("10.96.7.7",), ())


def test_etc_hosts_comes_before_dns() -> None:
    aliases = [{"ip": "192.0.2.50", "hostnames": ["cart", "legacy.example"]}]
    start = shop(client(hostAliases=aliases))
    assert look("cart", start).addresses == ("192.0.2.50",)
    assert look("legacy.example", start).queries == ()
    own = state_of(start).pods["Pod:shop/client"]
    assert look("client", start).addresses == own.ips


def test_own_fully_qualified_name_stands_in_etc_hosts_with_a_subdomain() -> None:
    start = shop(client(hostname="h", subdomain="sub"))
    lines = hosts_file(state_of(start).pods["Pod:shop/client"], start.cluster)
    assert ("h.sub.shop.svc.cluster.local", "h") in [names for _, names in lines]


def test_no_ready_dns_pod_means_no_name_at_all() -> None:
    done, _ = allocated(shop(client()))
    key = "Deployment:kube-system/coredns#0"
    down = with_record(done, key, done.ledger.pods[key].model_copy(update={"ready": False}))
    found = look("cart", down)
    assert (found.status, found.queries) == ("name-not-found", ())
    assert "every lookup fails" in found.reason


def test_without_dns_pods_it_cannot_be_told() -> None:
    found = look("cart", shop(client()).without("Deployment:kube-system/coredns"))
    assert found.status == "cannot-tell"


def test_without_the_dns_service_it_cannot_be_told() -> None:
    # The input may simply not hold kube-system; kubeadm's kubelet asks the address all the same.
    found = look("cart", shop(client()).without("Service:kube-system/kube-dns"))
    assert found.status == "cannot-tell"
    assert "not known" in found.reason


def test_host_network_falls_back_to_the_nodes_dns() -> None:
    found = look("cart.pay.svc.cluster.local", shop(client(hostNetwork=True)))
    assert found.status == "name-not-found"
    assert "set ClusterFirstWithHostNet" in found.reason
    fixed = look("cart.pay", shop(client(hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet")))
    assert fixed.addresses == ("10.96.8.8",)


# resolv.conf


def conf(**spec: Any) -> Any:
    start = shop(client(**spec), **CORP)
    state = state_of(start)
    return resolv_conf(state.pods["Pod:shop/client"], state, start.cluster)


CLUSTER_SEARCH = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example")


@pytest.mark.parametrize(
    ("spec", "servers", "searches", "ndots"),
    [
        ({}, ("10.96.0.10",), CLUSTER_SEARCH, 5),
        ({"hostNetwork": True}, (), ("corp.example",), 1),
        ({"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}, ("10.96.0.10",), CLUSTER_SEARCH, 5),
        ({"dnsPolicy": "Default"}, (), ("corp.example",), 1),
        ({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.1"], "searches": ["x.y"]}}, ("192.0.2.1",),
         ("x.y",), 1),
    ],
)  # fmt: skip
def test_dns_policy_table(
    spec: dict[str, Any], servers: tuple[str, ...], searches: tuple[str, ...], ndots: int
) -> None:
    found = conf(**spec)
    assert (found.nameservers, found.searches, found.ndots) == (servers, searches, ndots)


def test_dns_config_is_merged() -> None:
    config = {
        "nameservers": ["192.0.2.1", "10.96.0.10"],
        "searches": ["svc.cluster.local", "extra.example"],
        "options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}],
    }
    found = conf(dnsConfig=config)
    assert found.nameservers == ("10.96.0.10", "192.0.2.1")
    assert found.searches == (*CLUSTER_SEARCH, "extra.example")
    assert found.options == (("ndots", "2"), ("edns0", ""))
    assert "options ndots:2 edns0" in found.text


def test_limits() -> None:
    found = conf(dnsConfig={"nameservers": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]})
    assert found.nameservers == ("10.96.0.10", "192.0.2.1", "192.0.2.2")
    assert found.events[0].startswith("DNSConfigForming")
    many = conf(dnsConfig={"searches": [f"d{i}.example" for i in range(40)]})
    assert len(many.searches) == 32
    assert "Search Line limits were exceeded" in many.events[0]
    long = conf(dnsConfig={"searches": ["a" * 60 + f"{i}." + "b" * 180 for i in range(20)]})
    assert len(" ".join(long.searches)) <= 2048
    assert conf(dnsConfig={"searches": ["a." * 130 + "b"]}).searches == CLUSTER_SEARCH


def test_without_cluster_dns_kubelet_falls_back_to_default() -> None:
    start = shop(client()).without("Service:kube-system/kube-dns")
    state = state_of(start)
    found = resolv_conf(state.pods["Pod:shop/client"], state, start.cluster)
    assert (found.policy, found.nameservers) == ("Default", ())
    assert found.events[0].startswith("MissingClusterDNS")


# Records


def records() -> tuple[ControlPlaneState, ClusterSettings]:
    db = thing(
        "StatefulSet",
        "web",
        "shop",
        spec={"replicas": 2, "serviceName": "peers", "template": template({"app": "web"}, [{"containerPort": 8080}])},
    )
    named = [{"name": "http", "port": 80, "targetPort": 8080}]
    start = shop(
        db,
        service("peers", "shop", clusterIP="None", selector={"app": "web"}, ports=named),
        service("vip", "shop", clusterIP="10.96.5.5", selector={"app": "web"}, ports=named),
        service("none", "shop", clusterIP="None", selector={"no": "body"}),
        service("out", "shop", type="ExternalName", externalName="api.github.com", ports=[]),
        service("loop", "shop", type="ExternalName", externalName="loop.shop.svc.cluster.local", ports=[]),
        service("inner", "shop", type="ExternalName", externalName="cart.pay.svc.cluster.local", ports=[]),
        service("address", "shop", type="ExternalName", externalName="192.0.2.1", ports=[]),
        service("six", "shop", ipFamilies=["IPv6"]),
        serviceCIDRs=["10.96.0.0/16", "fd00:96::/112"],
    )
    done, _ = allocated(start)
    return state_of(done), done.cluster


def ask(name: str, qtype: RecordType = "A") -> Answer:
    state, cluster = records()
    return Zone.of(state, cluster, (GITHUB,)).ask(name, qtype)


@pytest.mark.parametrize(
    ("name", "qtype", "rcode", "values"),
    [
        # Pods of web: node 10.244.0.0/24, coredns has .2, web-0 and web-1 follow.
        ("vip.shop.svc.cluster.local", "A", "NOERROR", ("10.96.5.5",)),
        ("vip.shop.svc.cluster.local", "AAAA", "NODATA", ()),
        ("six.shop.svc.cluster.local", "A", "NODATA", ()),
        ("cart.shop.svc.cluster.local", "A", "NOERROR", ("10.96.7.7",)),  # answered with zero endpoints
        ("_http._tcp.vip.shop.svc.cluster.local", "SRV", "NOERROR", ("0 100 80 vip.shop.svc.cluster.local.",)),
        ("_http._udp.vip.shop.svc.cluster.local", "SRV", "NXDOMAIN", ()),
        ("peers.shop.svc.cluster.local", "A", "NOERROR", ("10.244.0.3", "10.244.0.4")),
        (
            "_http._tcp.peers.shop.svc.cluster.local",
            "SRV",
            "NOERROR",
            (
                "0 50 8080 web-0.peers.shop.svc.cluster.local.",
                "0 50 8080 web-1.peers.shop.svc.cluster.local.",
            ),
        ),
        ("web-0.peers.shop.svc.cluster.local", "A", "NOERROR", ("10.244.0.3",)),
        ("web-0.vip.shop.svc.cluster.local", "A", "NXDOMAIN", ()),  # hostname only for the governing Service
        ("10-244-0-3.vip.shop.svc.cluster.local", "A", "NOERROR", ("10.244.0.3",)),
        ("none.shop.svc.cluster.local", "A", "NXDOMAIN", ()),
        ("out.shop.svc.cluster.local", "A", "NOERROR", ("192.0.2.7",)),
        ("out.shop.svc.cluster.local", "CNAME", "NOERROR", ("api.github.com.",)),
        ("inner.shop.svc.cluster.local", "A", "NOERROR", ("10.96.8.8",)),
        ("loop.shop.svc.cluster.local", "A", "NODATA", ()),  # backend_lookup.go, A: such CNAMEs are left out
        ("address.shop.svc.cluster.local", "A", "NXDOMAIN", ()),
        ("_http._tcp.out.shop.svc.cluster.local", "SRV", "NXDOMAIN", ()),
        ("10-244-1-7.shop.pod.cluster.local", "A", "NOERROR", ("10.244.1.7",)),  # echoed without checking
        ("10-244-1-777.shop.pod.cluster.local", "A", "NXDOMAIN", ()),
        ("10-244-1-7.nowhere.pod.cluster.local", "A", "NXDOMAIN", ()),
        ("shop.svc.cluster.local", "A", "NODATA", ()),
        ("nowhere.svc.cluster.local", "A", "NXDOMAIN", ()),
        ("nobody.shop.svc.cluster.local", "A", "NXDOMAIN", ()),
        ("5.5.96.10.in-addr.arpa", "PTR", "NOERROR", ("vip.shop.svc.cluster.local.",)),
        (
            "3.0.244.10.in-addr.arpa",
            "PTR",
            "NOERROR",
            ("web-0.peers.shop.svc.cluster.local.", "10-244-0-3.vip.shop.svc.cluster.local."),
        ),
        ("9.9.244.10.in-addr.arpa", "PTR", "UNKNOWN", ()),
    ],
)
def test_record_table(name: str, qtype: RecordType, rcode: str, values: tuple[str, ...]) -> None:
    found = ask(name, qtype)
    assert (found.rcode, found.values) == (rcode, values)


def test_headless_answers_lose_pods_that_are_not_ready_unless_published() -> None:
    def addresses(**spec: Any) -> tuple[str, ...]:
        start = project(
            *nodes(1),
            *DNS,
            deployment("web", 2),
            service("web", clusterIP="None", selector={"app": "web"}, **spec),
            **FLANNEL,
        )
        done, _ = allocated(start)
        key = "Deployment:default/web#0"
        down = with_record(done, key, done.ledger.pods[key].model_copy(update={"ready": False}))
        zone = Zone.of(state_of(down), settings(), ())
        return zone.ask("web.default.svc.cluster.local", "A").values

    assert len(addresses()) == 1
    assert len(addresses(publishNotReadyAddresses=True)) == 2


def test_an_endpoint_of_an_ipv6_address_that_ends_in_dashes_gets_a_0() -> None:
    from designer.engine.controlplane.dns import dashed

    assert dashed("10.244.1.7") == "10-244-1-7"
    assert dashed("2001:db8::1") == "2001-db8--1"
    assert dashed("2001:db8::") == "2001-db8--0"


def test_the_zone_is_a_setting() -> None:
    state, cluster = records()
    zone = Zone.of(state, cluster.replace(dnsDomain="k8s.example"), ())
    assert zone.ask("vip.shop.svc.k8s.example", "A").values == ("10.96.5.5",)
    assert zone.ask("vip.shop.svc.cluster.local", "A").rcode == "UNKNOWN"


def test_an_external_name_is_said_to_stand_for_a_name_outside() -> None:
    """domain/dns.md section 1: CNAME to `externalName`; the Service's own name is no name of the world outside."""
    alias = service("alias", "shop", type="ExternalName", externalName="api.example.com")
    found = look("alias", shop(client(), alias))
    assert found.status == "cannot-tell"
    assert "ExternalName: CNAME to api.example.com, which is outside the cluster" in found.reason
