"""Hints of endpoints, by trafficDistribution and topology-mode Auto: domain/services.md, "Hints".

The words of a refusal are those of staging/src/k8s.io/endpointslice/topologycache/event.go.
"""

from typing import Any

import pytest

from designer.engine.controlplane import control_plane
from designer.engine.controlplane.state import EndpointSliceState
from designer.model import Project
from tests.engine.controlplane.clusters import (
    allocated,
    deployment,
    pod,
    project,
    service,
    state_of,
    thing,
    with_record,
)

WEB: dict[str, Any] = {"selector": {"app": "web"}}


def slices(start: Project, name: str = "web") -> tuple[EndpointSliceState, ...]:
    return state_of(start).slices.get(f"Service:default/{name}", ())


def changed(start: Project, key: str, **values: Any) -> Project:
    done, _ = allocated(start)
    return with_record(done, key, done.ledger.pods[key].model_copy(update=values))


def zoned(name: str, zone: str | None) -> Any:
    return thing("Node", name, metadata={"labels": {"topology.kubernetes.io/zone": zone} if zone else {}})


@pytest.mark.parametrize(
    ("value", "zones", "names"),
    [
        pytest.param("PreferSameZone", ("a",), (), id="services.md 3, row 'PreferSameZone'"),
        pytest.param("PreferClose", ("a",), (), id="services.md 3, row 'PreferClose'"),
        pytest.param("PreferSameNode", ("a",), ("node-1",), id="services.md 3, row 'PreferSameNode'"),
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


# topology-mode Auto: KEP-2433; zone a has half of the CPUs, b and c a quarter each.
AUTO = {"annotations": {"service.kubernetes.io/topology-mode": "Auto"}}
CPUS = (("node-1", "a", "4"), ("node-2", "a", "3920m"), ("node-3", "b", "3.96"), ("node-4", "c", "3960m"))


CONTROL_PLANE = thing("Node", "cp", metadata={"labels": {"node-role.kubernetes.io/control-plane": ""}})


def in_zones(*at: str, cpus: Any = CPUS, **spec: Any) -> Project:
    """A Pod of the Service on each of the Nodes `at`."""
    machines = [
        thing(
            "Node",
            name,
            metadata={"labels": {"topology.kubernetes.io/zone": zone} if zone else {}},
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
    """services.md 3, row 'topology-mode Auto'."""
    assert auto(in_zones("node-1", "node-2", "node-3", "node-4")) == (["a", "a", "b", "c"], [])


def test_auto_beats_the_field() -> None:
    """services.md 3, row 'Annotation beats the field'."""
    start = in_zones("node-1", trafficDistribution="PreferSameZone")
    assert auto(start)[0] == [""]


def test_auto_lends_an_endpoint_to_the_zone_that_lacks_one() -> None:
    """services.md 3, row 'topology-mode Auto': zones borrow."""
    # 4 endpoints: a is to have 2, b and c 1 each; c has 2 and gives one to a.
    zones, said = auto(in_zones("node-1", "node-3", "node-4", "node-4"))
    assert sorted(zones) == ["a", "a", "b", "c"] and zones[:2] == ["a", "b"]
    assert said == ["Service default/web: topology-mode Auto lends 1 endpoint to other zones"]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        # Texts: domain/services.md, "Hints"
        pytest.param(in_zones("node-1", "node-3"), "Insufficient number of endpoints (2 endpoints, 3 zones)",
                     id="services.md 3, row 'Auto: too few endpoints'"),
        # 3 endpoints: at least ceil(1.5 / 1.2) = 2 for a, ceil(0.75 / 1.2) = 1 for b and c: 4
        pytest.param(in_zones("node-1", "node-3", "node-4"), "overload threshold (3 endpoints, 3 zones)",
                     id="services.md 3, row 'Auto: overload'"),
        pytest.param(in_zones("node-1", cpus=(("node-1", "a", ""), ("node-2", "b", "4"))), "CPU or zone not specified",
                     id="services.md 3, row 'Auto: no CPU or zone': CPU"),
        pytest.param(in_zones("node-1", cpus=(("node-1", "", "4"), ("node-2", "b", "4"))), "CPU or zone not specified",
                     id="services.md 3, row 'Auto: no CPU or zone': zone"),
        pytest.param(in_zones("node-1", cpus=(("node-1", "a", "4"), ("node-2", "a", "4"))), "Insufficient Node",
                     id="services.md 3, row 'Auto: one zone'"),
        # The control plane's Node is not counted, so it may lack a zone; an endpoint on it may not.
        pytest.param(in_zones("node-1", "node-3", "node-4", "cp").with_object(CONTROL_PLANE),
                     "do not have a zone specified", id="services.md 3, row 'Auto: endpoint without zone'"),
    ],
)  # fmt: skip
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
