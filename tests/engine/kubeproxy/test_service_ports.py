"""Which Services kube-proxy serves and which endpoints a node uses (domain/services.md section 3 and its tables)."""

from dataclasses import replace
from typing import Any

import pytest

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    LoadBalancerAddress,
    NodeState,
    ServicePortState,
    ServiceState,
)
from designer.engine.kubeproxy import tables_text
from designer.engine.kubeproxy.service_ports import (
    ServicePort,
    canonical_address,
    canonical_cidr,
    categorize,
    service_ports,
)
from designer.model import FrozenMap
from tests.engine.kubeproxy.small_cluster import cluster, endpoint, service, settings

# Conditions (ready, serving, terminating) by the rows of the table of Pod states.
RUNNING_READY = {"ready": True, "serving": True, "terminating": False}
NOT_READY = {"ready": False, "serving": False, "terminating": False}
DELETED_READY = {"ready": False, "serving": True, "terminating": True}
DELETED_NOT_READY = {"ready": False, "serving": False, "terminating": True}
PUBLISHED_DELETED = {"ready": True, "serving": True, "terminating": True}

LOCAL: dict[str, Any] = {"internal_policy": "Local"}
EXTERNAL_LOCAL: dict[str, Any] = {"type": "NodePort", "node_port": 30080, "external_policy": "Local"}


def only(control: ControlPlaneState) -> ServicePort:
    ((port,),) = service_ports(control, 4).ports
    return port


def used(
    endpoints: list[EndpointState], node: str = "node-1", zone: str | None = "a", /, **fields: Any
) -> tuple[Any, ...]:
    """(cluster, local, reachable, exists), endpoints by their addresses."""
    found = categorize(only(cluster(service(**fields), endpoints)), node, zone)
    lists = [[e.ip for e in part] for part in (found.cluster, found.local, found.reachable)]
    return (*lists, found.exists)


def at(ip: str, state: dict[str, bool], **more: Any) -> EndpointState:
    return endpoint(ip, **state, **more)


A, A2, B, B2 = "10.244.1.5", "10.244.1.6", "10.244.2.7", "10.244.2.8"


@pytest.mark.parametrize(
    ("state", "normal", "alone"),
    [
        (RUNNING_READY, True, True),
        (NOT_READY, False, False),
        (DELETED_READY, False, True),
        (DELETED_NOT_READY, False, False),
        (PUBLISHED_DELETED, True, True),
    ],
)
def test_pod_states(state: dict[str, bool], normal: bool, alone: bool) -> None:
    beside = used([at(A, state), at(B, RUNNING_READY)])
    assert (A in beside[0], B in beside[0]) == (normal, True)
    assert used([at(A, state)]) == (([A], [], [A], True) if alone else ([], [], [], False))


def test_cluster_list_falls_back_to_all_serving_terminating_anywhere() -> None:
    assert used([at(A, DELETED_READY), at(B, DELETED_READY), at(B2, DELETED_NOT_READY)])[0] == [A, B]


def test_local_list_falls_back_on_its_own() -> None:
    # Ready ones elsewhere, a terminating one here: Cluster uses the ready ones, Local the terminating one (KEP-1669).
    found = used([at(A, DELETED_READY), at(B, RUNNING_READY)], **EXTERNAL_LOCAL)
    assert found == ([B], [A], [A, B], True)


def test_local_list_is_this_nodes_ready_endpoints() -> None:
    endpoints = [at(A, RUNNING_READY), at(A2, DELETED_READY), at(B, RUNNING_READY)]
    assert used(endpoints, **LOCAL) == ([], [A], [A], True)
    assert used(endpoints, "node-2", **LOCAL) == ([], [B], [B], True)


def test_internal_local_without_external_traffic_has_no_cluster_list_but_knows_others_exist() -> None:
    assert used([at(B, RUNNING_READY)], **LOCAL) == ([], [], [], True)
    assert used([at(B, NOT_READY)], **LOCAL) == ([], [], [], False)


def test_external_local_keeps_a_cluster_list_for_short_circuit() -> None:
    assert used([at(B, RUNNING_READY)], **EXTERNAL_LOCAL) == ([B], [], [B], True)


# --- hints

ZONED = [at(A, RUNNING_READY, for_zones=("a",)), at(B, RUNNING_READY, for_zones=("b",))]


@pytest.mark.parametrize(
    ("node", "zone", "expected"),
    [("node-1", "a", [A]), ("node-2", "b", [B]), ("node-3", "c", [A, B]), ("node-1", None, [A, B])],
)
def test_zone_hints(node: str, zone: str | None, expected: list[str]) -> None:
    assert used(ZONED, node, zone)[0] == expected


def test_one_ready_endpoint_without_hint_disables_hints() -> None:
    assert used([*ZONED, at(A2, RUNNING_READY)])[0] == [A, A2, B]


def test_an_endpoint_that_is_not_ready_needs_no_hint() -> None:
    assert used([*ZONED, at(A2, NOT_READY)])[0] == [A]


def test_node_hints_go_before_zone_hints() -> None:
    endpoints = [
        at(A, RUNNING_READY, for_zones=("a",), for_nodes=("node-1",)),
        at(A2, RUNNING_READY, for_zones=("a",), for_nodes=("node-9",)),
    ]
    assert used(endpoints, "node-1")[0] == [A]
    assert used(endpoints, "node-5")[0] == [A, A2]  # no endpoint for the node: the zone decides


def test_local_policy_ignores_hints() -> None:
    endpoints = [at(A, RUNNING_READY, for_zones=("b",)), at(B, RUNNING_READY, for_zones=("b",))]
    assert used(endpoints, **LOCAL)[1] == [A]
    # zone "b" for node-1: the cluster list is both; zone "a" matches no hint: both as well
    assert used(endpoints, "node-1", "b", **EXTERNAL_LOCAL)[:2] == ([A, B], [A])


# --- what is read


def test_endpoints_are_sorted_as_text() -> None:
    found = only(cluster(service(), [endpoint(f"10.244.2.{i}") for i in (2, 10, 9)]))
    assert [e.text for e in found.endpoints] == ["10.244.2.10:8080", "10.244.2.2:8080", "10.244.2.9:8080"]


def slices_of(*pieces: EndpointSliceState) -> ControlPlaneState:
    web = service()
    return ControlPlaneState(services=FrozenMap({web.id: web}), slices=FrozenMap({web.id: pieces}))


def piece(name: str, port: EndpointPortState, *addresses: str, **fields: Any) -> EndpointSliceState:
    state = EndpointSliceState("default", name, "web", "IPv4", (port,), tuple(endpoint(a) for a in addresses))
    return replace(state, **fields)


HTTP = EndpointPortState("http", "TCP", 8080)


def test_slices_with_different_numbers_for_one_name_are_joined() -> None:
    control = slices_of(piece("x", HTTP, A), piece("y", replace(HTTP, port=9090), B))
    assert [e.text for e in only(control).endpoints] == [f"{A}:8080", f"{B}:9090"]


GHOST = EndpointState((A,), False, False, True, node="node-1")
RUNNING = EndpointState((A,), node="node-2")
DRAINING = EndpointState((A,), False, True, True, node="node-3")


@pytest.mark.parametrize(
    ("given", "node", "usable"),
    [
        ((GHOST, RUNNING), "node-2", True),
        ((RUNNING, GHOST), "node-2", True),
        ((RUNNING, DRAINING), "node-2", True),
        ((GHOST, DRAINING), "node-1", False),
        ((DRAINING, GHOST), "node-3", True),
        ((RUNNING, replace(RUNNING, node="node-4")), "node-4", True),
        ((RUNNING, replace(RUNNING, ready=False, serving=False)), "node-2", False),
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_of_an_endpoint_given_twice_the_last_that_does_not_terminate_counts(
    given: tuple[EndpointState, ...], node: str, usable: bool, apart: bool
) -> None:
    """`addEndpoints` of pkg/proxy/endpointslicecache.go: the first is kept unless one that is not terminating follows.

    So a running Pod beats one that still terminates with the same address, on whatever Node (kubernetes/kubernetes
    pull request 135593). Whether both stand in one slice or in two makes no difference.
    """
    pieces = [given] if not apart else [(one,) for one in given]
    port = only(slices_of(*(replace(piece(f"x{i}", HTTP), endpoints=ends) for i, ends in enumerate(pieces))))
    assert (port.count, [e.node for e in port.endpoints], port.usable) == (1, [node], usable)
    nodes = {"node-1": NodeState("node-1", ("192.168.10.11",), ("192.168.10.11",))}
    control = replace(cluster(service(), nodes=nodes), slices=FrozenMap({"Service:default/web": port.slices}))
    text, _ = tables_text(control, settings(), "node-1", "iptables")
    assert ("has no endpoints" in text) != usable


def test_an_endpoint_in_two_slices_counts_once() -> None:
    port = only(slices_of(piece("x", HTTP, A), piece("y", HTTP, A, B)))
    assert (port.count, [e.ip for e in port.endpoints]) == (2, [A, B])


@pytest.mark.parametrize(
    "fields",
    [
        {"ports": (EndpointPortState("other", "TCP", 8080),)},
        {"ports": (EndpointPortState("http", "UDP", 8080),)},
        {"ports": (EndpointPortState("http", "TCP", None),)},
        {"ports": ()},
        {"address_type": "IPv6"},
        {"address_type": "FQDN"},
        {"labels": FrozenMap({"service.kubernetes.io/headless": ""})},
        {"labels": FrozenMap({"service.kubernetes.io/service-proxy-name": "mine"})},
    ],
)
def test_slices_that_do_not_count(fields: dict[str, Any]) -> None:
    port = only(slices_of(piece("x", HTTP, A, **fields)))
    assert (port.count, port.usable, port.endpoints) == (0, False, ())


@pytest.mark.parametrize(
    "web",
    [
        service(headless=True, cluster_ips=()),
        service(type="ExternalName", cluster_ips=(), external_name="example.com"),
        service(cluster_ips=("fd00:10:96::a",)),
        service(labels=FrozenMap({"service.kubernetes.io/service-proxy-name": "mine"})),
        service(labels=FrozenMap({"service.kubernetes.io/headless": ""})),
    ],
)
def test_services_that_kube_proxy_leaves_alone(web: ServiceState) -> None:
    assert service_ports(cluster(web, [endpoint(A)]), 4).ports == ((),)


def test_a_port_without_a_name_has_no_colon() -> None:
    web = service(ports=(ServicePortState("", "TCP", 80, 8080),))
    assert only(cluster(web)).name == "default/web"


def test_only_addresses_of_the_family_count() -> None:
    web = service(
        type="LoadBalancer",
        external_ips=("198.51.100.7", "2001:db8::7"),
        load_balancer=(
            LoadBalancerAddress("203.0.113.10"),
            LoadBalancerAddress("2001:db8::10"),
            LoadBalancerAddress("203.0.113.11", ip_mode="Proxy"),
            LoadBalancerAddress(None, hostname="lb.example.com"),
        ),
        source_ranges=("198.51.100.9/24", " 10.0.0.0/8", "fd00::/8"),
    )
    port = only(cluster(web))
    assert port.external_ips == ("198.51.100.7",)
    assert port.vips == ("203.0.113.10",)
    assert port.source_ranges == ("198.51.100.0/24", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("fields", "health", "external_local"),
    [
        ({"type": "LoadBalancer", "external_policy": "Local"}, 32100, True),
        ({"type": "LoadBalancer"}, 0, False),
        ({"type": "NodePort", "external_policy": "Local"}, 0, True),
        ({"type": "ClusterIP", "external_policy": "Local"}, 0, False),
        ({"type": "ClusterIP", "external_policy": "Local", "external_ips": ("198.51.100.7",)}, 0, True),
    ],
)
def test_external_local_policy_needs_a_way_in(fields: dict[str, Any], health: int, external_local: bool) -> None:
    port = only(cluster(service(health_check_node_port=32100, **fields)))
    assert (port.health_check_port, port.external_local) == (health, external_local)


def test_unchanged_services_keep_their_ports() -> None:
    control = cluster(service(), [endpoint(A)])
    other = service(name="other", cluster_ips=("10.96.0.11",))
    before = service_ports(control, 4)
    grown = replace(control, services=FrozenMap({**control.services, other.id: other}))
    after = service_ports(grown, 4, before)
    assert after.ports[0] is before.ports[0]
    assert [port.name for ports in after.ports for port in ports] == ["default/web:http", "default/other:http"]
    changed = replace(grown, services=grown.services.set(other.id, replace(other, affinity_seconds=60)))
    last = service_ports(changed, 4, after)
    assert last.ports[0] is before.ports[0]
    assert [port.affinity_seconds for ports in last.ports for port in ports] == [None, 60]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("010.096.0.01", "10.96.0.1"),
        ("FD00:0::A", "fd00::a"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("fe80::1%eth0", None),
        ("web", None),
        ("", None),
    ],
)
def test_addresses_are_written_canonically(text: str, expected: str | None) -> None:
    """`ParseIPSloppy` of k8s.io/utils/net, then `IP.String` of Go: leading zeros, and IPv4 in the clothes of IPv6."""
    assert canonical_address(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1.2.3/8", "10.0.0.0/8"),
        (" 10.0.0.0/08 ", "10.0.0.0/8"),
        ("10.0.0.0", None),
        ("10.0.0.0/255.0.0.0", None),
        ("x/8", None),
        ("::1/64", "::/64"),
    ],
)
def test_cidrs_are_written_canonically(text: str, expected: str | None) -> None:
    assert canonical_cidr(text) == expected


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
def test_external_ips_may_be_switched_off(mode: str) -> None:
    """Feature gate AllowServiceExternalIPs, on in 1.36 (`domain/services.md` section 2, KEP-5707)."""
    control = cluster(service(type="NodePort", node_port=30080, external_ips=("192.0.2.55",)), [endpoint(A)])
    with_them, _ = tables_text(control, settings(), "node-1", mode)
    without, _ = tables_text(control, settings(allowServiceExternalIPs=False), "node-1", mode)
    assert "192.0.2.55" in with_them
    assert "192.0.2.55" not in without
    assert "30080" in without


def test_a_switch_of_external_ips_reaches_ports_that_were_kept() -> None:
    control = cluster(service(external_ips=("192.0.2.55",)), [endpoint(A)])
    before = service_ports(control, 4)
    ((port,),) = service_ports(control, 4, before, external_ips=False).ports
    assert port.external_ips == ()
