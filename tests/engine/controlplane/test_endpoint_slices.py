"""EndpointSlices: domain/services.md, "From selector to EndpointSlice" and "Hints"."""

from dataclasses import replace
from typing import Any

import pytest

from designer.engine.controlplane import control_plane, superseded
from designer.engine.controlplane.state import EndpointSliceState
from designer.model import PodRecord, Project
from tests.engine.controlplane.clusters import (
    allocated,
    deployment,
    nodes,
    pod,
    project,
    service,
    state_of,
    template,
    thing,
    with_record,
)

WEB: dict[str, Any] = {"selector": {"app": "web"}}
HTTP = [{"name": "http", "containerPort": 8080}]


def slices(start: Project, name: str = "web") -> tuple[EndpointSliceState, ...]:
    return state_of(start).slices.get(f"Service:default/{name}", ())


def changed(start: Project, key: str, **values: Any) -> Project:
    done, _ = allocated(start)
    return with_record(done, key, done.ledger.pods[key].model_copy(update=values))


def test_only_services_with_a_selector_that_is_not_empty() -> None:
    base = (*nodes(1), deployment("web", 1))
    assert slices(project(*base, service("web"))) == ()
    assert slices(project(*base, service("web", selector={}))) == ()
    assert (
        slices(project(*base, service("web", type="ExternalName", externalName="a.b", selector={"app": "web"}))) == ()
    )
    assert len(slices(project(*base, service("web", **WEB)))) == 1


def test_only_pods_of_the_same_namespace_with_all_labels() -> None:
    start = project(
        *nodes(1),
        pod("a", labels={"app": "web", "tier": "front"}),
        pod("b", labels={"app": "web"}),
        pod("c", "other", labels={"app": "web", "tier": "front"}),
        service("web", selector={"app": "web", "tier": "front"}),
    )
    (found,) = slices(start)
    assert [e.pod for e in found.endpoints] == ["Pod:default/a"]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_finished_pods_are_left_out(phase: str) -> None:
    start = project(*nodes(1), pod("a", labels={"app": "web"}, status={"phase": phase}), service("web", **WEB))
    assert [s.endpoints for s in slices(start)] == [()]


@pytest.mark.parametrize(
    ("ready", "terminating", "publish", "expected"),
    [
        # ready, serving, terminating: the table of pod states
        (True, False, False, (True, True, False)),
        (False, False, False, (False, False, False)),
        (True, True, False, (False, True, True)),
        (False, True, False, (False, False, True)),
        (False, False, True, (True, False, False)),
        (True, True, True, (True, True, True)),
        (False, True, True, (True, False, True)),
    ],
)
def test_pod_state_table(ready: bool, terminating: bool, publish: bool, expected: tuple[bool, bool, bool]) -> None:
    start = project(*nodes(1), deployment("web", 1), service("web", publishNotReadyAddresses=publish, **WEB))
    start = changed(start, "Deployment:default/web#0", ready=ready, terminating=terminating)
    (found,) = slices(start)
    (endpoint,) = found.endpoints
    assert (endpoint.ready, endpoint.serving, endpoint.terminating) == expected


def test_a_numeric_target_port_needs_no_container_port() -> None:
    start = project(*nodes(1), deployment("web", 1), service("web", ports=[{"port": 80, "targetPort": 9999}], **WEB))
    assert [p.port for p in slices(start)[0].ports] == [9999]


def test_a_named_target_port_is_looked_up_by_name_and_protocol() -> None:
    udp = [{"name": "http", "containerPort": 1, "protocol": "UDP"}, *HTTP]
    start = project(
        *nodes(1), deployment("web", 1, udp), service("web", ports=[{"port": 80, "targetPort": "http"}], **WEB)
    )
    assert [p.port for p in slices(start)[0].ports] == [8080]


def test_a_named_target_port_may_be_that_of_a_sidecar_but_not_of_an_init_container() -> None:
    def with_init(**more: Any) -> Project:
        init = [{"name": "side", "ports": [{"name": "metrics", "containerPort": 9090}], **more}]
        ports = [{"port": 80, "targetPort": "metrics"}]
        return project(*nodes(1), deployment("web", 1, initContainers=init), service("web", ports=ports, **WEB))

    assert [p.port for p in slices(with_init(restartPolicy="Always"))[0].ports] == [9090]
    assert slices(with_init())[0].ports == ()


def test_a_missing_named_port_is_omitted_for_that_pod() -> None:
    ports = [{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 81, "targetPort": "none"}]
    start = project(*nodes(1), deployment("web", 1, HTTP), service("web", ports=ports, **WEB))
    assert [(p.name, p.port) for p in slices(start)[0].ports] == [("a", 8080)]


def test_one_slice_group_for_each_distinct_set_of_ports() -> None:
    def of(name: str, port: int) -> Any:
        container = {"name": "c", "ports": [{"name": "http", "containerPort": port}]}
        return pod(name, labels={"app": "web"}, spec={"containers": [container]})

    start = project(
        *nodes(1), of("a", 1), of("b", 2), of("c", 1), service("web", ports=[{"port": 80, "targetPort": "http"}], **WEB)
    )
    found = {s.ports[0].port: [e.pod for e in s.endpoints] for s in slices(start)}
    assert found == {1: ["Pod:default/a", "Pod:default/c"], 2: ["Pod:default/b"]}


def test_at_most_100_endpoints_a_slice() -> None:
    start = project(*nodes(3), deployment("web", 201), service("web", **WEB))
    assert [len(s.endpoints) for s in slices(start)] == [100, 100, 1]
    assert len({s.name for s in slices(start)}) == 3


def test_an_empty_service_has_one_placeholder() -> None:
    (found,) = slices(project(*nodes(1), service("web", **WEB)))
    assert (found.endpoints, found.ports, found.address_type) == ((), (), "IPv4")


def test_names_and_labels() -> None:
    start = project(*nodes(1), service("web", metadata={"labels": {"team": "x"}}, clusterIP="None", **WEB))
    (found,) = slices(start)
    assert found.name.startswith("web-")
    assert len(found.name) == len("web-") + 5
    assert found.labels["kubernetes.io/service-name"] == "web"
    assert found.labels["endpointslice.kubernetes.io/managed-by"] == "endpointslice-controller.k8s.io"
    assert found.labels["service.kubernetes.io/headless"] == ""
    assert found.labels["team"] == "x"


def test_hostname_only_with_hostname_and_subdomain_equal_to_the_service() -> None:
    spec = {"hostname": "one", "subdomain": "web", "containers": [{"name": "c"}]}
    other = {"hostname": "two", "subdomain": "else", "containers": [{"name": "c"}]}
    start = project(
        *nodes(1),
        pod("a", labels={"app": "web"}, spec=spec),
        pod("b", labels={"app": "web"}, spec=other),
        service("web", clusterIP="None", **WEB),
    )
    assert [e.hostname for e in slices(start)[0].endpoints] == ["one", None]


def zoned(name: str, zone: str | None) -> Any:
    return thing("Node", name, metadata={"labels": {"topology.kubernetes.io/zone": zone} if zone else {}})


def test_zone_and_node_come_from_the_node() -> None:
    start = project(zoned("node-1", "a"), deployment("web", 1), service("web", **WEB))
    (endpoint,) = slices(start)[0].endpoints
    assert (endpoint.node, endpoint.zone, endpoint.for_zones) == ("node-1", "a", ())


@pytest.mark.parametrize(
    ("value", "zones", "names"),
    [
        ("PreferSameZone", ("a",), ()),
        ("PreferClose", ("a",), ()),
        ("PreferSameNode", ("a",), ("node-1",)),
    ],
)
def test_hints_of_traffic_distribution(value: str, zones: tuple[str, ...], names: tuple[str, ...]) -> None:
    start = project(zoned("node-1", "a"), deployment("web", 1), service("web", trafficDistribution=value, **WEB))
    (endpoint,) = slices(start)[0].endpoints
    assert (endpoint.for_zones, endpoint.for_nodes) == (zones, names)


def test_hints_only_for_ready_endpoints_and_known_zones() -> None:
    start = project(
        zoned("node-1", None), deployment("web", 1), service("web", trafficDistribution="PreferSameNode", **WEB)
    )
    (endpoint,) = slices(start)[0].endpoints
    assert (endpoint.for_zones, endpoint.for_nodes) == ((), ("node-1",))
    (endpoint,) = slices(changed(start, "Deployment:default/web#0", ready=False))[0].endpoints
    assert (endpoint.for_zones, endpoint.for_nodes) == ((), ())


def test_a_host_network_pod_is_an_endpoint_with_its_nodes_address() -> None:
    start = project(*nodes(1), deployment("web", 1, hostNetwork=True), service("web", **WEB))
    state = state_of(start)
    (endpoint,) = state.slices["Service:default/web"][0].endpoints
    assert endpoint.addresses == state.nodes["node-1"].addresses[:1]


@pytest.mark.parametrize(("publish", "count"), [(False, 0), (True, 1)])
def test_a_pod_on_an_unknown_node_is_left_out_unless_published(publish: bool, count: int) -> None:
    """Row "Pod on unknown Node"; the Node was there when the Pod got its place, and its object is gone."""
    start = project(*nodes(1), deployment("web", 1), service("web", publishNotReadyAddresses=publish, **WEB))
    done, _ = allocated(start)
    found = control_plane(done.without("Node:node-1"))[0].slices["Service:default/web"]
    assert sum(len(s.endpoints) for s in found) == count


# topology-mode Auto: KEP-2433; zone a has half of the CPUs, b and c a quarter each.
AUTO = {"annotations": {"service.kubernetes.io/topology-mode": "Auto"}}
CPUS = (("node-1", "a", "4"), ("node-2", "a", "3920m"), ("node-3", "b", "3.96"), ("node-4", "c", "3960m"))


def in_zones(*at: str, cpus: Any = CPUS, **spec: Any) -> Project:
    """A Pod of the Service on each of the Nodes `at`."""
    machines = [
        thing(
            "Node",
            name,
            metadata={"labels": {"topology.kubernetes.io/zone": zone}},
            status={"allocatable": {"cpu": cpu}} if cpu else {},
        )
        for name, zone, cpu in cpus
    ]
    serving = [
        pod(f"p{n}", labels={"app": "web"}, spec={"nodeName": name, "containers": [{"name": "c"}]})
        for n, name in enumerate(at)
    ]
    return project(*machines, *serving, service("web", metadata=AUTO, **WEB, **spec))


def auto(start: Project) -> tuple[list[str], list[str]]:
    """The zones that each endpoint is for, and what is said of it."""
    done, _ = allocated(start)
    state, problems = control_plane(done)
    (found,) = state.slices["Service:default/web"]
    return ["".join(e.for_zones) for e in found.endpoints], [p.title for p in problems if p.code == "SVC-16"]


def test_auto_leaves_endpoints_in_their_zones_where_they_fit_the_cpus() -> None:
    assert auto(in_zones("node-1", "node-2", "node-3", "node-4")) == (["a", "a", "b", "c"], [])


def test_auto_beats_the_field() -> None:
    start = in_zones("node-1", trafficDistribution="PreferSameZone")
    assert auto(start)[0] == [""]


def test_auto_lends_an_endpoint_to_the_zone_that_lacks_one() -> None:
    # 4 endpoints: a is to have 2, b and c 1 each; c has 2 and gives one to a.
    zones, said = auto(in_zones("node-1", "node-3", "node-4", "node-4"))
    assert sorted(zones) == ["a", "a", "b", "c"] and zones[:2] == ["a", "b"]
    assert said == ["Service default/web: topology-mode Auto lends 1 endpoint to other zones"]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        # Texts: domain/services.md, "Hints"
        (in_zones("node-1", "node-3"), "Insufficient number of endpoints (2 endpoints, 3 zones)"),
        # 3 endpoints: at least ceil(1.5 / 1.2) = 2 for a, ceil(0.75 / 1.2) = 1 for b and c: 4
        (in_zones("node-1", "node-3", "node-4"), "without exceeding overload threshold (3 endpoints, 3 zones)"),
        (in_zones("node-1", cpus=(("node-1", "a", ""), ("node-2", "b", "4"))), "Insufficient Node information"),
        (in_zones("node-1", cpus=(("node-1", "a", "4"), ("node-2", "a", "4"))), "Insufficient Node information"),
    ],
)
def test_auto_gives_no_hints(start: Project, words: str) -> None:
    zones, said = auto(start)
    assert set(zones) == {""}
    assert len(said) == 1 and words in said[0]


def test_auto_counts_neither_control_planes_nor_nodes_that_are_not_ready() -> None:
    start = in_zones("node-1", "node-2", "node-3", "node-4")
    control = {"labels": {"node-role.kubernetes.io/control-plane": ""}}
    down = {"conditions": [{"type": "Ready", "status": "False"}]}
    start = start.with_objects([thing("Node", "cp", metadata=control), thing("Node", "down", status=down)])
    assert auto(start) == (["a", "a", "b", "c"], [])


def test_dual_stack_has_a_set_of_slices_a_family() -> None:
    both = {
        "podCIDRs": ["10.244.0.0/16", "fd00:10:244::/48"],
        "serviceCIDRs": ["10.96.0.0/16", "fd00:96::/112"],
    }
    start = project(*nodes(1), deployment("web", 2), service("web", ipFamilyPolicy="PreferDualStack", **WEB), **both)
    assert [(s.address_type, len(s.endpoints)) for s in slices(start)] == [("IPv4", 2), ("IPv6", 2)]
    assert all(":" in a for e in slices(start)[1].endpoints for a in e.addresses)


def test_a_headless_service_without_ports_has_endpoints_without_ports() -> None:
    start = project(*nodes(1), deployment("web", 2), service("web", ports=[], clusterIP="None", **WEB))
    (found,) = slices(start)
    assert (found.ports, len(found.endpoints)) == ((), 2)


# Slices that the input gives


def given_slice(name: str, managed: bool, *endpoints: Any) -> Any:
    labels = {"kubernetes.io/service-name": "web"}
    if managed:
        labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io"
    return thing(
        "EndpointSlice",
        name,
        "default",
        metadata={"labels": labels},
        addressType="IPv4",
        endpoints=list(endpoints),
        ports=[{"name": "", "port": 80, "protocol": "TCP"}],
    )


def observed(number: int, **values: Any) -> PodRecord:
    return PodRecord(name=f"web-x-{number}", node="node-1", ips=(f"10.244.0.{number}",), observed=True, **values)


def endpoint(number: int, ready: bool = True) -> Any:
    return {
        "addresses": [f"10.244.0.{number}"],
        "conditions": {"ready": ready, "serving": ready},
        "nodeName": "node-1",
        "targetRef": {"kind": "Pod", "name": f"web-x-{number}", "namespace": "default"},
    }


def dumped(*endpoints: Any) -> Project:
    start = project(*nodes(1), deployment("web", 1), service("web", **WEB), given_slice("web-abcde", True, *endpoints))
    return allocated(with_record(start, "Deployment:default/web#0", observed(5)))[0]


def test_hand_written_slices_of_a_service_without_selector_are_manual() -> None:
    start = project(*nodes(1), service("web"), given_slice("mine", False, {"addresses": ["192.0.2.1"]}))
    (found,) = slices(start)
    assert (found.origin, found.name, found.endpoints[0].addresses) == ("manual", "mine", ("192.0.2.1",))
    assert (found.endpoints[0].ready, found.endpoints[0].serving, found.endpoints[0].terminating) == (True, True, False)


def test_observed_slices_are_kept() -> None:
    state, problems = control_plane(dumped(endpoint(5)))
    (found,) = state.slices["Service:default/web"]
    assert (found.origin, found.name, problems) == ("observed", "web-abcde", ())


def test_observed_slices_that_differ_from_the_observed_pods_are_kept_with_a_problem() -> None:
    state, problems = control_plane(dumped(endpoint(5, ready=False)))
    (found,) = state.slices["Service:default/web"]
    assert (found.origin, found.endpoints[0].ready) == ("observed", False)
    assert [(p.code, p.severity) for p in problems] == [("EPS-01", "warning")]


def test_observed_slices_no_longer_hold_once_a_pod_was_changed() -> None:
    grown, _ = allocated(dumped(endpoint(5)).with_object(deployment("web", 2)))
    state, problems = control_plane(grown)
    (found,) = state.slices["Service:default/web"]
    assert (found.origin, len(found.endpoints)) == ("derived", 2)
    assert [(p.code, p.severity) for p in problems] == [("EPS-01", "info")]
    empty, _ = allocated(dumped(endpoint(5)).with_object(deployment("web", 0)))
    assert control_plane(empty)[0].slices["Service:default/web"][0].endpoints == ()


def test_the_controllers_slices_outlive_the_selector_of_their_service() -> None:
    """Upstream: pkg/controller/endpointslice/endpointslice_controller.go, syncService returns before it writes."""
    bare, _ = allocated(dumped(endpoint(5)).with_object(service("web")))
    state, problems = control_plane(bare)
    (found,) = state.slices["Service:default/web"]
    assert (found.origin, found.endpoints[0].addresses) == ("observed", ("10.244.0.5",))
    assert [(p.code, p.severity) for p in problems] == [("EPS-01", "warning")]


def test_slices_that_hold_no_longer_are_named() -> None:
    seen = dumped(endpoint(5))
    assert superseded(seen, control_plane(seen)[0]) == ()
    grown, _ = allocated(seen.with_object(deployment("web", 2)))
    assert superseded(grown, control_plane(grown)[0]) == ("EndpointSlice:default/web-abcde",)


def test_observed_slices_without_any_pod_in_the_input_are_kept() -> None:
    start = project(*nodes(1), service("web", **WEB), given_slice("web-abcde", True, endpoint(5)))
    state, problems = control_plane(allocated(start)[0])
    assert [s.origin for s in state.slices["Service:default/web"]] == ["observed"]
    assert [(p.code, p.severity) for p in problems] == [("EPS-01", "info")]


def test_a_slice_that_names_no_service_is_nobodys() -> None:
    lost = thing("EndpointSlice", "lost", "default", addressType="IPv4")
    assert dict(state_of(project(lost)).slices) == {}


def test_template_labels_of_an_observed_pod_may_differ() -> None:
    start = project(*nodes(1), deployment("web", 1), service("web", **WEB))
    relabelled = replace(start, ledger=start.ledger)
    relabelled = with_record(relabelled, "Deployment:default/web#0", observed(5, labels={"app": "other"}))
    assert slices(allocated(relabelled)[0])[0].endpoints == ()
    assert template({"app": "web"})["metadata"]["labels"] == {"app": "web"}
