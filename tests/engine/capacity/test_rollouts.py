"""What rolling updates need: percentages as the Deployment controller rounds them, room counted by hand."""

from typing import Any

import pytest

from designer.engine.capacity import Rollout, forecast
from designer.engine.compile import compile_project
from designer.model import KubeObject
from tests.engine.controlplane.clusters import nodes, project, template, thing


def rollouts(*objects: KubeObject, **cluster: Any) -> dict[str, Rollout]:
    found = forecast(compile_project(project(*objects, **cluster))).rollouts
    return {rollout.oid: rollout for rollout in found}


def web(replicas: int | None, ports: list[dict[str, Any]] | None = None, **strategy: Any) -> KubeObject:
    spec: dict[str, Any] = {"template": template({"app": "web"}, ports), "strategy": strategy}
    if replicas is not None:
        spec["replicas"] = replicas
    return thing("Deployment", "web", "default", spec=spec)


# ResolveFenceposts and its table of test cases (pkg/controller/deployment/util/deployment_util_test.go):
# maxSurge is rounded up, maxUnavailable down, and both zero make maxUnavailable 1.
@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "wanted"),
    [
        ("0%", "0%", 0, (0, 1)),
        ("39%", "39%", 10, (4, 3)),
        ("50%", "39%", 10, (5, 3)),
        ("25%", "25%", 1, (1, 0)),
        ("25%", "25%", 4, (1, 1)),
        (3, 0, 10, (3, 0)),
        (0, 0, 10, (0, 1)),
    ],
)
def test_surge_and_unavailable_are_rounded_as_the_controller_does(
    surge: Any, unavailable: Any, replicas: int, wanted: tuple[int, int]
) -> None:
    found = rollouts(*nodes(1), web(replicas, rollingUpdate={"maxSurge": surge, "maxUnavailable": unavailable}))
    rollout = found["Deployment:default/web"]
    assert (rollout.surge, rollout.unavailable) == wanted


def test_the_default_is_a_quarter() -> None:
    rollout = rollouts(*nodes(1), web(10))["Deployment:default/web"]
    assert (rollout.pods, rollout.surge, rollout.unavailable) == (10, 3, 2)


def test_recreate_starts_nothing_beside_and_nonsense_says_nothing() -> None:
    assert not rollouts(*nodes(1), web(3, type="Recreate"))
    assert not rollouts(*nodes(1), web(3, rollingUpdate={"maxSurge": "many"}))


def test_room_is_what_places_and_addresses_leave() -> None:
    # Two Nodes of 5 places, 8 Pods: two more. A surge of 4 finds half of that.
    found = rollouts(*nodes(2), web(8, rollingUpdate={"maxSurge": "50%"}), maxPods=5)["Deployment:default/web"]
    assert (found.surge, found.room, found.slower, found.stuck) == (4, 2, True, False)
    full: dict[str, Any] = {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    none = rollouts(*nodes(2), web(10, **full), maxPods=5)["Deployment:default/web"]
    assert (none.room, none.stuck) == (0, True)
    waits = rollouts(*nodes(2), web(10), maxPods=5)["Deployment:default/web"]
    assert (waits.room, waits.stuck, waits.slower) == (0, False, True)


def test_a_host_port_that_every_node_has_given_away_leaves_no_room() -> None:
    ports = [{"containerPort": 80, "hostPort": 80}]
    taken = rollouts(*nodes(2), web(2, ports, rollingUpdate={"maxUnavailable": 0}))["Deployment:default/web"]
    assert (taken.room, taken.stuck) == (0, True)
    other = rollouts(*nodes(3), web(2, ports, rollingUpdate={"maxUnavailable": 0}))["Deployment:default/web"]
    assert (other.room, other.stuck) == (1, False)


def test_a_daemon_set_that_surges_needs_a_place_on_its_own_nodes() -> None:
    def agent(**update: Any) -> KubeObject:
        return thing("DaemonSet", "agent", "default",
                     spec={"template": template({"app": "agent"}), "updateStrategy": update})  # fmt: skip

    # The default is maxSurge 0: nothing starts beside the old Pods.
    assert not rollouts(*nodes(5), agent())
    found = rollouts(*nodes(5), agent(rollingUpdate={"maxSurge": "30%", "maxUnavailable": 0}))
    rollout = found["DaemonSet:default/agent"]
    # 30 % of five Nodes is rounded up (Kubernetes documentation, API of RollingUpdateDaemonSet).
    assert (rollout.pods, rollout.surge, rollout.room) == (5, 2, 5)
    full = rollouts(*nodes(5), agent(rollingUpdate={"maxSurge": 1, "maxUnavailable": 0}), maxPods=1)
    assert full["DaemonSet:default/agent"].stuck
