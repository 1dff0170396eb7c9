"""What a change leaves in doubt is told: never "nothing closes", where one of the sides cannot be told."""

from __future__ import annotations

from designer.engine.compile import compile_project
from designer.engine.reach import reach, reach_change
from designer.engine.repair import isolate_namespace
from designer.present.repair_rows import isolation_summary, line_rows
from tests.present.matrix_cluster import POLICIES, WORKLOADS, project_of

# Weave Net does not know endPort (domain/cni.md, feature table): whether it takes the policy cannot be told.
DOUBTED = POLICIES.replace("ports: [{port: 6379}]", "ports: [{port: 6379, endPort: 6400}]")
WEB, REDIS = "shop/web[Deployment]", "data/redis[Deployment]"


def test_default_deny_over_a_policy_in_doubt_says_that_it_cannot_be_told() -> None:
    """Before, web reaches redis if the plugin drops the policy; with default deny surely not: neither is a closing."""
    state = compile_project(project_of(*WORKLOADS, DOUBTED, plugin="weave"))
    found = isolate_namespace(state, "data", ("ingress",), False)
    (line,) = [one for one in found.closes if (one.src, one.dst) == (WEB, REDIS)]
    assert line.unclear and line.before and not line.after
    assert "cannot be told" in isolation_summary(found)
    assert ("? cannot tell", WEB, REDIS) in [row[:3] for row in line_rows(found.closes)]


def test_all_lines_of_a_change_are_told_and_only_the_doubtful_ones_are_marked() -> None:
    sure = reach(compile_project(project_of(*WORKLOADS, POLICIES, plugin="weave")))
    unsure = reach(compile_project(project_of(*WORKLOADS, DOUBTED, plugin="weave")))
    change = reach_change(sure, unsure)
    assert change.unclear
    told = [(one.src, one.dst) for one in change.lines if one.unclear]
    assert told == [(one.src, one.dst) for one in change.unclear]
    assert len(change.lines) == sum(map(len, (change.opened, change.closed, change.changed, change.unclear)))
