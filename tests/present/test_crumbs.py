"""The way to an object: cluster, Namespace, workload, Pod."""

from __future__ import annotations

import pytest

from designer.engine.compile import compile_project
from designer.present.crumbs import crumbs_of
from tests.ui.canvas.projects import project_of
from tests.ui.canvas.test_collapse import ZONED


@pytest.mark.parametrize(
    ("oid", "way"),
    [
        ("", ["cluster"]),
        ("outside", ["cluster"]),
        ("Service:shop/cart", ["cluster", "shop", "cart"]),
        ("Namespace:shop", ["cluster", "shop"]),
        ("Node:node-1", ["cluster", "a", "node-1"]),
        ("Zone:a", ["cluster", "a"]),
        ("ExternalClient:client", ["cluster", "client"]),
        ("Deployment:shop/cart", ["cluster", "shop", "cart"]),
    ],
)
def test_ways(oid: str, way: list[str]) -> None:
    state = compile_project(project_of(ZONED))
    assert [crumb.words for crumb in crumbs_of(state, oid)] == way


def test_a_derived_pod_comes_after_its_workload() -> None:
    state = compile_project(project_of(ZONED))
    pod = next(iter(state.control.pods.values()))
    way = crumbs_of(state, pod.id)
    assert [crumb.oid for crumb in way] == ["", "Namespace:shop", "Deployment:shop/cart", pod.id]
