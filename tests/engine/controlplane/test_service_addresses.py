"""ClusterIPs, node ports, load balancer addresses and families: domain/ipam.md, sections 5 to 8 and 10."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from designer.edits.servicefamilies import service_families
from designer.engine.controlplane import allocation, control_plane
from designer.engine.controlplane.addresses import parse_net
from designer.engine.controlplane.bands import cluster_ip_band, node_port_band
from designer.model import Project, Service
from tests.engine.controlplane.clusters import allocated, codes, project, service, settings, thing

DUAL = {"serviceCIDRs": ["10.96.0.0/16", "fd00:96::/112"], "podCIDRs": ["10.244.0.0/16", "fd00:10:244::/48"]}


def ips(done: Project, name: str, namespace: str = "default") -> tuple[str, ...]:
    return done.ledger.services[f"Service:{namespace}/{name}"].clusterIPs


def ports(done: Project, name: str) -> dict[str, int]:
    return dict(done.ledger.services[f"Service:default/{name}"].nodePorts)


# ClusterIP bands: the table


@pytest.mark.parametrize(
    ("cidr", "usable", "offset", "static_last", "first_dynamic", "last"),
    [
        ("10.96.0.0/12", 1_048_574, 256, "10.96.1.0", "10.96.1.1", "10.111.255.254"),
        ("10.96.0.0/16", 65_534, 256, "10.96.1.0", "10.96.1.1", "10.96.255.254"),
        ("10.0.0.0/22", 1_022, 64, "10.0.0.64", "10.0.0.65", "10.0.3.254"),
        ("10.0.0.0/24", 254, 16, "10.0.0.16", "10.0.0.17", "10.0.0.254"),
        ("10.0.0.0/28", 14, 0, None, "10.0.0.1", "10.0.0.14"),
    ],
)
def test_band_table(
    cidr: str, usable: int, offset: int, static_last: str | None, first_dynamic: str, last: str
) -> None:
    net = parse_net(cidr)
    assert net is not None
    band = cluster_ip_band(net)
    assert band.last - band.first + 1 == usable
    assert band.offset == offset
    assert str(ip_address(band.first + band.offset)) == first_dynamic
    assert str(ip_address(band.last)) == last
    if static_last is not None:
        assert band.is_static(int(ip_address(static_last)))
    assert not band.is_static(int(ip_address(first_dynamic)))


def test_the_last_address_of_an_ipv6_range_is_usable() -> None:
    net = parse_net("fd00:96::/112")
    assert net is not None
    assert str(ip_address(cluster_ip_band(net).last)) == "fd00:96::ffff"


def test_node_port_bands() -> None:
    band = node_port_band(30000, 32767)
    assert (band.offset, band.first + band.offset, band.last) == (86, 30086, 32767)


def test_drawn_cluster_ips_come_from_the_upper_band() -> None:
    done, _ = allocated(project(*[service(f"s{i}") for i in range(30)], serviceCIDRs=["10.0.0.0/24"]))
    numbers = [int(ips(done, f"s{i}")[0].rpartition(".")[2]) for i in range(30)]
    assert all(17 <= n <= 254 for n in numbers)
    assert len(set(numbers)) == 30


def test_the_lower_band_is_used_when_the_upper_is_full_then_the_range_is_full() -> None:
    """services.md 9, row 'A full range names the Service': from 1.36."""
    # /27: 30 usable, offset 16: 14 dynamic addresses, .17 to .30.
    done, problems = allocated(project(*[service(f"s{i:02}") for i in range(31)], serviceCIDRs=["10.0.0.0/27"]))
    numbers = [int(ips(done, f"s{i:02}")[0].rpartition(".")[2]) for i in range(30)]
    assert sorted(numbers) == list(range(1, 31))
    assert set(numbers[:14]) == set(range(17, 31))
    assert codes(problems) == ["IP-11"]
    assert 'failed to allocate a serviceIP for Service "s30": range is full' in problems[0].title
    assert "Service:default/s30" not in done.ledger.services
    older = project(*[service(f"s{i:02}") for i in range(31)], serviceCIDRs=["10.0.0.0/27"], kubernetesVersion="1.35")
    assert "failed to allocate a serviceIP: range is full" in allocated(older)[1][0].title


def test_kubernetes_has_the_first_and_kube_dns_the_tenth_address() -> None:
    done, _ = allocated(project(service("kubernetes"), service("kube-dns", "kube-system")))
    assert ips(done, "kubernetes") == ("10.96.0.1",)
    assert ips(done, "kube-dns", "kube-system") == ("10.96.0.10",)


def test_a_static_request_may_be_in_either_band_and_is_never_drawn() -> None:
    low, high = service("low", clusterIP="10.0.0.5"), service("high", clusterIP="10.0.0.200")
    others = [service(f"s{i:03}") for i in range(252)]
    done, problems = allocated(project(low, high, *others, serviceCIDRs=["10.0.0.0/24"]))
    assert (ips(done, "low"), ips(done, "high"), problems) == (("10.0.0.5",), ("10.0.0.200",), ())
    assert len({ip for r in done.ledger.services.values() for ip in r.clusterIPs}) == 254


def test_taken_cluster_ip_is_rejected_with_the_upstream_text() -> None:
    done, problems = allocated(project(service("a", clusterIP="10.96.0.5"), service("b", clusterIP="10.96.0.5")))
    assert set(done.ledger.services) == {"Service:default/a"}
    assert "failed to allocate IP 10.96.0.5: provided IP is already allocated" in problems[0].title
    assert "Service:default/b" not in control_plane(done)[0].services


def test_who_was_there_first_keeps_its_address() -> None:
    done, _ = allocated(project(service("z")))
    taken = ips(done, "z")[0]
    done, problems = allocated(done.with_object(service("a", clusterIP=taken)))
    assert set(done.ledger.services) == {"Service:default/z"}
    assert "provided IP is already allocated" in problems[0].title


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("1.36", "failed to allocate IP 10.97.0.1: the provided network does not match the current range"),
        ("1.32", "the provided IP (10.97.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16"),
    ],
)
def test_cluster_ip_outside_the_range(version: str, text: str) -> None:
    """services.md 9, row 'ClusterIP text before 1.33'."""
    start = project(service("a", clusterIP="10.97.0.1"), serviceCIDRs=["10.96.0.0/16"], kubernetesVersion=version)
    done, problems = allocated(start)
    assert (codes(problems), dict(done.ledger.services)) == (["IP-10"], {})
    assert text in problems[0].title


def test_a_service_cidr_object_adds_a_range() -> None:
    more = thing("ServiceCIDR", "more", spec={"cidrs": ["10.97.0.0/28"]})
    done, problems = allocated(
        project(more, service("a", clusterIP="10.97.0.3"), *[service(f"s{i:02}") for i in range(20)],
                serviceCIDRs=["10.96.0.0/28"])
    )  # fmt: skip
    assert problems == ()
    assert ips(done, "a") == ("10.97.0.3",)
    assert sum(r.clusterIPs[0].startswith("10.97.") for r in done.ledger.services.values()) == 7  # 14 fit the first


# Node ports


def node_port(name: str, number: int | None = None, protocol: str = "TCP", **spec: Any) -> Any:
    port = {"port": 53, "protocol": protocol, **({"nodePort": number} if number else {})}
    return service(name, type="NodePort", ports=[port], **spec)


def test_drawn_node_ports_come_from_the_upper_band() -> None:
    done, _ = allocated(project(*[node_port(f"s{i}") for i in range(20)]))
    found = [ports(done, f"s{i}")["53/TCP"] for i in range(20)]
    assert all(30086 <= n <= 32767 for n in found)
    assert len(set(found)) == 20


def test_two_services_may_not_share_a_node_port_even_with_other_protocols() -> None:
    done, problems = allocated(project(node_port("a", 30053), node_port("b", 30053, "UDP")))
    assert set(done.ledger.services) == {"Service:default/a"}
    assert codes(problems) == ["SVC-26"]
    assert "spec.ports[0].nodePort: provided port is already allocated" in problems[0].title


def test_entries_with_the_same_port_share_one_node_port() -> None:
    both = [{"name": "u", "port": 53, "protocol": "UDP"}, {"name": "t", "port": 53, "protocol": "TCP"}]
    done, _ = allocated(project(service("dns", type="NodePort", ports=both)))
    assert ports(done, "dns")["53/UDP"] == ports(done, "dns")["53/TCP"]
    explicit = [{**entry, "nodePort": 30053} for entry in both]
    done, problems = allocated(project(service("dns", type="NodePort", ports=explicit)))
    assert (ports(done, "dns"), problems) == ({"53/UDP": 30053, "53/TCP": 30053}, ())


def test_entries_with_different_ports_and_the_same_node_port_fail_even_with_other_protocols() -> None:
    both = [
        {"name": "u", "port": 53, "protocol": "UDP", "nodePort": 30053},
        {"name": "t", "port": 54, "protocol": "TCP", "nodePort": 30053},
    ]
    _, problems = allocated(project(service("dns", type="NodePort", ports=both)))
    assert codes(problems) == ["SVC-26"]


def test_node_port_outside_the_range() -> None:
    _, problems = allocated(project(node_port("a", 8080)))
    assert codes(problems) == ["SVC-27"]
    assert "provided port is not in the valid range. The range of valid ports is 30000-32767" in problems[0].title


def test_node_port_range_full() -> None:
    _, problems = allocated(project(node_port("a"), node_port("b"), nodePortRange=[30000, 30000]))
    assert "failed to allocate a nodePort: range is full" in problems[0].title


def test_health_check_node_port_only_for_load_balancers_with_policy_local() -> None:
    start = project(
        service("local", type="LoadBalancer", externalTrafficPolicy="Local"),
        service("cluster", type="LoadBalancer"),
        service("given", type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=30001),
    )
    done, problems = allocated(start)
    found = {oid.partition("/")[2]: r.healthCheckNodePort for oid, r in done.ledger.services.items()}
    assert (found["cluster"], found["given"], problems) == (None, 30001, ())
    assert found["local"] is not None
    assert found["local"] not in ports(done, "local").values()


def test_health_check_node_port_taken() -> None:
    start = project(
        node_port("a", 30001),
        service("b", type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=30001),
    )
    _, problems = allocated(start)
    text = "failed to allocate requested HealthCheck NodePort 30001: provided port is already allocated"
    assert text in problems[0].title


def test_no_node_ports_where_they_are_switched_off_but_explicit_ones_are_honoured() -> None:
    off: dict[str, Any] = {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False}
    two = [{"name": "a", "port": 80}, {"name": "b", "port": 81, "nodePort": 30081}]
    done, _ = allocated(project(service("lb", ports=two, **off)))
    assert ports(done, "lb") == {"81/TCP": 30081}


def test_switching_node_ports_off_later_removes_nothing() -> None:
    """services.md 5, row 'Node ports stay'."""
    done, _ = allocated(project(service("lb", type="LoadBalancer")))
    before = ports(done, "lb")
    done, _ = allocated(done.with_object(service("lb", type="LoadBalancer", allocateLoadBalancerNodePorts=False)))
    assert ports(done, "lb") == before != {}


def test_type_cluster_ip_has_no_node_port_any_more() -> None:
    done, _ = allocated(project(node_port("a")))
    done, _ = allocated(done.with_object(service("a", ports=[{"port": 53}])))
    assert ports(done, "a") == {}


# Load balancer pools


POOLS = {"loadBalancer": {"pools": [{"name": "one", "addresses": ["203.0.113.8/30"]}]}}


def test_the_lowest_free_address_of_the_pool() -> None:
    start = project(*[service(f"s{i}", type="LoadBalancer") for i in range(5)], **POOLS)
    done, _ = allocated(start)
    found = [done.ledger.services[f"Service:default/s{i}"].loadBalancerIPs for i in range(5)]
    assert found == [("203.0.113.8",), ("203.0.113.9",), ("203.0.113.10",), ("203.0.113.11",), ()]
    state = control_plane(done)[0].services["Service:default/s4"]
    assert state.pending == 'Failed to allocate IP for "default/s4": no available IPs'


def test_a_freed_load_balancer_address_is_the_lowest_again() -> None:
    done, _ = allocated(project(service("a", type="LoadBalancer"), service("b", type="LoadBalancer"), **POOLS))
    done, _ = allocated(done.without("Service:default/a").with_object(service("c", type="LoadBalancer")))
    assert done.ledger.services["Service:default/c"].loadBalancerIPs == ("203.0.113.8",)
    assert done.ledger.services["Service:default/b"].loadBalancerIPs == ("203.0.113.9",)


def test_no_pool_means_pending() -> None:
    done, _ = allocated(project(service("a", type="LoadBalancer")))
    state = control_plane(done)[0].services["Service:default/a"]
    assert (state.load_balancer, bool(state.pending)) == ((), True)


def test_a_status_of_the_manifest_wins_and_is_marked_as_used() -> None:
    given = service("z", type="LoadBalancer")
    given = given.replace(status={"loadBalancer": {"ingress": [{"ip": "203.0.113.8"}]}})
    done, _ = allocated(project(given, service("a", type="LoadBalancer"), **POOLS))
    assert done.ledger.services["Service:default/z"].loadBalancerIPs == ("203.0.113.8",)
    assert done.ledger.services["Service:default/a"].loadBalancerIPs == ("203.0.113.9",)


def test_a_load_balancer_class_is_left_to_its_controller() -> None:
    done, _ = allocated(project(service("a", type="LoadBalancer", loadBalancerClass="x.io/y"), **POOLS))
    assert done.ledger.services["Service:default/a"].loadBalancerIPs == ()


def test_an_asked_address_outside_the_pools_stays_pending() -> None:
    found = allocation(project(service("a", type="LoadBalancer", loadBalancerIP="198.51.100.1"), **POOLS))
    assert "is not allowed in config" in found.waiting["Service:default/a"]


def test_the_pool_annotation_chooses_the_pool() -> None:
    two = [
        {"name": "one", "addresses": ["203.0.113.0/28"]},
        {"name": "two", "addresses": ["198.51.100.5-198.51.100.9"]},
    ]
    chosen = service("a", metadata={"annotations": {"metallb.io/address-pool": "two"}}, type="LoadBalancer")
    done, _ = allocated(project(chosen, loadBalancer={"pools": two}))
    assert done.ledger.services["Service:default/a"].loadBalancerIPs == ("198.51.100.5",)


# Families: the table


@pytest.mark.parametrize(
    ("policy", "single", "dual"),
    [
        (None, ("IPv4",), ("IPv4",)),
        ("SingleStack", ("IPv4",), ("IPv4",)),
        ("PreferDualStack", ("IPv4",), ("IPv4", "IPv6")),
        ("RequireDualStack", None, ("IPv4", "IPv6")),
    ],
)
def test_family_table(policy: str | None, single: tuple[str, ...] | None, dual: tuple[str, ...]) -> None:
    spec = {"ipFamilyPolicy": policy} if policy else {}
    found = service_families(_service(**spec), (4,))
    if single is None:
        assert found.refusal == "this cluster is not configured for dual-stack services"
    else:
        assert (found.names, found.refusal) == (single, "")
    assert service_families(_service(**spec), (4, 6)).names == dual


def _service(**spec: Any) -> Service:
    made = service("a", **spec)
    assert isinstance(made, Service)
    return made


def test_single_stack_takes_the_first_asked_family() -> None:
    made = _service(ipFamilyPolicy="SingleStack", ipFamilies=["IPv6"])
    assert service_families(made, (4, 6)).names == ("IPv6",)


def test_prefer_dual_stack_appends_the_missing_family() -> None:
    made = _service(ipFamilyPolicy="PreferDualStack", ipFamilies=["IPv6"])
    assert service_families(made, (4, 6)).names == ("IPv6", "IPv4")


def test_headless_without_selector_gets_both_families_even_on_a_single_stack_cluster() -> None:
    assert service_families(_service(clusterIP="None"), (4,)).names == ("IPv4", "IPv6")
    assert service_families(_service(clusterIP="None", selector={"a": "b"}), (4,)).names == ("IPv4",)


def test_an_absent_family_is_not_configured_on_this_cluster() -> None:
    done, problems = allocated(project(service("a", ipFamilies=["IPv6"])))
    assert "not configured on this cluster" in problems[0].title
    assert dict(done.ledger.services) == {}


def test_require_dual_stack_on_a_single_stack_cluster_is_ip_14() -> None:
    _, problems = allocated(project(service("a", ipFamilyPolicy="RequireDualStack")))
    assert codes(problems) == ["IP-14"]


def test_a_dual_stack_service_has_an_address_of_each_family() -> None:
    done, _ = allocated(project(service("a", ipFamilyPolicy="RequireDualStack"), **DUAL))
    first, second = ips(done, "a")
    assert first.startswith("10.96.")
    assert second.startswith("fd00:96::")


def test_a_second_address_is_added_and_released_without_touching_the_first() -> None:
    done, _ = allocated(project(service("a"), **DUAL))
    first = ips(done, "a")
    done, _ = allocated(done.with_object(service("a", ipFamilyPolicy="PreferDualStack")))
    assert ips(done, "a")[:1] == first
    assert len(ips(done, "a")) == 2
    done, _ = allocated(done.with_object(service("a", ipFamilyPolicy="SingleStack")))
    assert ips(done, "a") == first


def test_services_without_a_cluster_ip() -> None:
    start = project(service("h", clusterIP="None"), service("e", type="ExternalName", externalName="a.example"))
    done, problems = allocated(start)
    assert (ips(done, "h"), ips(done, "e"), problems) == ((), (), ())


def test_a_new_service_range_gives_new_addresses() -> None:
    done, _ = allocated(project(service("a")))
    done, _ = allocated(replace(done, cluster=settings(serviceCIDRs=["10.43.0.0/16"])))
    assert ips(done, "a")[0].startswith("10.43.")
