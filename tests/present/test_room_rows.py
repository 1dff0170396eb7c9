"""Room left in words: counted by hand, every end of a range has its sentence, JSON follows its schema."""

import json
from typing import Any, get_args

import jsonschema

from designer.engine.capacity import forecast
from designer.engine.capacity.limits import End
from designer.engine.compile import ClusterState, compile_project
from designer.present.room_rows import (
    ENDS,
    headline,
    limit_rows,
    node_rows,
    rollout_rows,
    room_json,
    room_text,
    surge_text,
)
from designer.resources import read_text
from tests.engine.controlplane.clusters import deployment, nodes, project, service, thing

SMALL: dict[str, Any] = {
    "cni": {"plugin": "flannel", "backend": "vxlan"},
    "podCIDRs": ("10.244.0.0/26",),
    "nodeCIDRMaskV4": 28,
}


def small() -> ClusterState:
    return compile_project(project(*nodes(3), deployment("web", 38), service("kubernetes"), **SMALL))


def test_what_ends_first_is_said_with_its_range() -> None:
    # 13 Pods a Node: of 39 addresses 38 are used, and the spread leaves the last one on node-3.
    found = forecast(small())
    said = headline(found, "flannel")
    assert said.startswith("First to run out, counted in objects: 0 more Pods on node-1 (10.244.0.0/28).")
    assert "gets no address" in said
    assert [row[:4] for row in limit_rows(found, "flannel") if row[0] == "Pods"] == [
        ("Pods", "10.244.0.0/28", 0, 13),
        ("Pods", "10.244.0.0/26", 1, 39),
        ("Pods", "maxPods of all Nodes", 3 * 110 - 38, 330),
    ]
    assert limit_rows(found, "flannel")[0][-1] == "Node:node-1"


def test_nodes_and_rolling_updates_as_rows() -> None:
    found = forecast(small())
    assert [row[:5] for row in node_rows(found)] == [
        ("node-1", 13, 110, 0, 0), ("node-2", 13, 110, 0, 0), ("node-3", 12, 110, 1, 1),
    ]  # fmt: skip
    # 25 % of 38 is 9.5: ten beside, nine missing; one finds room.
    (row,) = rollout_rows(found)
    assert row == ("Deployment default/web", 38, 10, 1, "Goes on in steps of 1, until old Pods have ended.",
                   "Deployment:default/web")  # fmt: skip
    assert "up to 10 Pods" in surge_text(found)
    assert "not all of them find room" in surge_text(found)


def test_an_update_that_cannot_begin_says_so() -> None:
    strategy = {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    web = thing("Deployment", "web", "default", spec={"replicas": 2, "strategy": strategy})
    (row,) = rollout_rows(forecast(compile_project(project(*nodes(1), web, maxPods=2))))
    assert row[3] == 0
    assert row[4].startswith("Cannot begin")


def test_every_end_of_a_range_has_a_sentence() -> None:
    assert set(ENDS) == set(get_args(End))


def test_text_says_what_is_not_counted() -> None:
    text = room_text(small())
    assert "10.244.0.0/28, Pods of node-1: 13 used, 3 reserved" in text
    assert "CPU and memory, which can end it earlier, are not counted" in text
    assumed = room_text(compile_project(project(*nodes(1), assumed=("setting:podCIDRs",))))
    assert "The input does not say podCIDRs: it is assumed." in assumed


def test_many_nodes_do_not_flood_a_terminal() -> None:
    text = room_text(compile_project(project(*nodes(30), cni={"plugin": "flannel", "backend": "vxlan"})))
    assert "and 20 more ranges of Nodes" in text
    assert "and 20 Nodes with as much room or more" in text


def test_json_follows_its_schema_and_adds_up() -> None:
    value = room_json(small())
    jsonschema.validate(value, json.loads(read_text("schemas", "addresses.schema.json")))
    assert all(one["used"] + one["reserved"] + one["free"] == one["size"] for one in value["ranges"])
    assert [one["left"] for one in value["limits"]] == sorted(one["left"] for one in value["limits"])
