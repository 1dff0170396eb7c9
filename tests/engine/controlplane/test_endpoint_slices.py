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
    """services.md 1, row 'Which Services'."""
    base = (*nodes(1), deployment("web", 1))
    assert slices(project(*base, service("web"))) == ()
    assert slices(project(*base, service("web", selector={}))) == ()
    assert (
        slices(project(*base, service("web", type="ExternalName", externalName="a.b", selector={"app": "web"}))) == ()
    )
    assert len(slices(project(*base, service("web", **WEB)))) == 1


def test_only_pods_of_the_same_namespace_with_all_labels() -> None:
    """services.md 1, row 'Which Pods'."""
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
    """services.md 1, row 'Which Pods'."""
    start = project(*nodes(1), pod("a", labels={"app": "web"}, status={"phase": phase}), service("web", **WEB))
    assert [s.endpoints for s in slices(start)] == [()]


@pytest.mark.parametrize(
    ("ready", "terminating", "publish", "expected"),
    [
        # ready, serving, terminating: the table of pod states
        pytest.param(True, False, False, (True, True, False), id="services.md 1, row 'Running, Ready'"),
        pytest.param(False, False, False, (False, False, False), id="services.md 1, row 'Running, not Ready'"),
        pytest.param(True, True, False, (False, True, True), id="services.md 1, row 'Deleted, still Ready'"),
        pytest.param(False, True, False, (False, False, True), id="services.md 1, row 'Deleted, not Ready'"),
        pytest.param(False, False, True, (True, False, False), id="services.md 1, row 'Not Ready, published'"),
        pytest.param(True, True, True, (True, True, True), id="services.md 1, row 'Deleted, published'"),
        pytest.param(False, True, True, (True, False, True), id="services.md 1, row 'Deleted, published': not Ready"),
    ],
)
def test_pod_state_table(ready: bool, terminating: bool, publish: bool, expected: tuple[bool, bool, bool]) -> None:
    """services.md 1, rows 'Terminating Pods stay', 'serving', 'terminating', 'ready'."""
    start = project(*nodes(1), deployment("web", 1), service("web", publishNotReadyAddresses=publish, **WEB))
    start = changed(start, "Deployment:default/web#0", ready=ready, terminating=terminating)
    (found,) = slices(start)
    (endpoint,) = found.endpoints
    assert (endpoint.ready, endpoint.serving, endpoint.terminating) == expected


def test_a_numeric_target_port_needs_no_container_port() -> None:
    """services.md 1, row 'Port: a number'."""
    start = project(*nodes(1), deployment("web", 1), service("web", ports=[{"port": 80, "targetPort": 9999}], **WEB))
    assert [p.port for p in slices(start)[0].ports] == [9999]


def test_a_named_target_port_is_looked_up_by_name_and_protocol() -> None:
    """services.md 1, row 'Port: a name'."""
    udp = [{"name": "http", "containerPort": 1, "protocol": "UDP"}, *HTTP]
    start = project(
        *nodes(1), deployment("web", 1, udp), service("web", ports=[{"port": 80, "targetPort": "http"}], **WEB)
    )
    assert [p.port for p in slices(start)[0].ports] == [8080]


def test_a_named_target_port_may_be_that_of_a_sidecar_but_not_of_an_init_container() -> None:
    """services.md 1, row 'Port: a name'."""

    def with_init(**more: Any) -> Project:
        init = [{"name": "side", "ports": [{"name": "metrics", "containerPort": 9090}], **more}]
        ports = [{"port": 80, "targetPort": "metrics"}]
        return project(*nodes(1), deployment("web", 1, initContainers=init), service("web", ports=ports, **WEB))

    assert [p.port for p in slices(with_init(restartPolicy="Always"))[0].ports] == [9090]
    assert slices(with_init())[0].ports == ()


def test_a_missing_named_port_is_omitted_for_that_pod() -> None:
    """services.md 1, row 'Named port missing'."""
    ports = [{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 81, "targetPort": "none"}]
    start = project(*nodes(1), deployment("web", 1, HTTP), service("web", ports=ports, **WEB))
    assert [(p.name, p.port) for p in slices(start)[0].ports] == [("a", 8080)]


def test_one_slice_group_for_each_distinct_set_of_ports() -> None:
    """services.md 1, row 'Different numbers for one name'."""

    def of(name: str, port: int) -> Any:
        container = {"name": "c", "ports": [{"name": "http", "containerPort": port}]}
        return pod(name, labels={"app": "web"}, spec={"containers": [container]})

    start = project(
        *nodes(1), of("a", 1), of("b", 2), of("c", 1), service("web", ports=[{"port": 80, "targetPort": "http"}], **WEB)
    )
    found = {s.ports[0].port: [e.pod for e in s.endpoints] for s in slices(start)}
    assert found == {1: ["Pod:default/a", "Pod:default/c"], 2: ["Pod:default/b"]}


def test_at_most_100_endpoints_a_slice() -> None:
    """services.md 1, row 'Slice size'."""
    start = project(*nodes(3), deployment("web", 201), service("web", **WEB))
    assert [len(s.endpoints) for s in slices(start)] == [100, 100, 1]
    assert len({s.name for s in slices(start)}) == 3


def test_an_empty_service_has_one_placeholder() -> None:
    """services.md 1, row 'Empty Service'."""
    (found,) = slices(project(*nodes(1), service("web", **WEB)))
    assert (found.endpoints, found.ports, found.address_type) == ((), (), "IPv4")


def test_names_and_labels() -> None:
    """services.md 1, row 'Slice names'."""
    start = project(*nodes(1), service("web", metadata={"labels": {"team": "x"}}, clusterIP="None", **WEB))
    (found,) = slices(start)
    assert found.name.startswith("web-")
    assert len(found.name) == len("web-") + 5
    assert found.labels["kubernetes.io/service-name"] == "web"
    assert found.labels["endpointslice.kubernetes.io/managed-by"] == "endpointslice-controller.k8s.io"
    assert found.labels["service.kubernetes.io/headless"] == ""
    assert found.labels["team"] == "x"


def test_a_long_name_is_cut_to_58_letters() -> None:
    """services.md 1, row 'Slice names': the API server keeps 58 and adds 5 (its names/generate.go)."""
    name = "w" * 63
    (found,) = slices(project(*nodes(1), service(name, **WEB)), name)
    assert (len(found.name), found.name[:58]) == (63, name[:58])


def test_hostname_only_with_hostname_and_subdomain_equal_to_the_service() -> None:
    """services.md 1, row 'Hostname'."""
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
    """services.md 1, row 'Zone, nodeName'."""
    start = project(zoned("node-1", "a"), deployment("web", 1), service("web", **WEB))
    (endpoint,) = slices(start)[0].endpoints
    assert (endpoint.node, endpoint.zone, endpoint.for_zones) == ("node-1", "a", ())


def test_a_host_network_pod_is_an_endpoint_with_its_nodes_address() -> None:
    start = project(*nodes(1), deployment("web", 1, hostNetwork=True), service("web", **WEB))
    state = state_of(start)
    (endpoint,) = state.slices["Service:default/web"][0].endpoints
    assert endpoint.addresses == state.nodes["node-1"].addresses[:1]


@pytest.mark.parametrize(("publish", "count"), [(False, 0), (True, 1)])
def test_a_pod_on_an_unknown_node_is_left_out_unless_published(publish: bool, count: int) -> None:
    """services.md 1, row 'Pod on unknown Node': it was there when the Pod got its place, and is gone."""
    start = project(*nodes(1), deployment("web", 1), service("web", publishNotReadyAddresses=publish, **WEB))
    done, _ = allocated(start)
    found = control_plane(done.without("Node:node-1"))[0].slices["Service:default/web"]
    assert sum(len(s.endpoints) for s in found) == count


def test_dual_stack_has_a_set_of_slices_a_family() -> None:
    """services.md 1, row 'Address'."""
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
