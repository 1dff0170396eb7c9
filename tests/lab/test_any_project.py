"""Whatever a project holds: a plan, and probes with a prediction or a reason; nothing raised, no kernel asked."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings

from designer.engine.compile import ClusterState
from designer.lab.asking import make_probes
from designer.lab.planning import make_plan
from designer.lab.probes import AIMS
from designer.lab.run import unbuildable
from tests.engine.trace.test_random import clusters


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(state=clusters())
def test_a_plan_and_probes_of_any_cluster(state: ClusterState) -> None:
    if unbuildable(state):
        return
    plan = make_plan(state)
    spaces = [name for name, _ in plan.spaces]
    assert len(spaces) == len(set(spaces))
    assert {step.space for step in plan.steps} <= set(spaces)
    assert json.loads(json.dumps(plan.data()))["do"] == "build"
    for scope in AIMS:
        for probe in make_probes(state, plan, scope, 25):
            told = probe.prediction
            assert bool(told.untestable) == (not told.ways)
            assert told.untestable or sum(told.shares.values()) == 1
            assert told.untestable or probe.space in spaces
