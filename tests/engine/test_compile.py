"""compile_project: incremental equals from scratch, unchanged parts stay the same objects, cancelling is harmless."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.engine.compile import PASSES, ClusterState, compile_project
from designer.engine.controlplane import allocate
from designer.engine.memo import Memo
from designer.engine.netfilter import render_iptables, render_ipvs, render_nft
from designer.engine.reporter import CancelledError
from designer.model import EMPTY_PROJECT, Canvas, FrozenMap, Note, Project
from tests.engine.controlplane.clusters import deployment, nodes, project, service, thing
from tests.engine.controlplane.random_projects import EDITS, Edit, start


def shop() -> Project:
    return project(
        *nodes(2),
        deployment("web", 3),
        deployment("db", 1),
        service("web", selector={"app": "web"}),
        service("db", selector={"app": "db"}),
    )


def parts(state: ClusterState) -> tuple[object, ...]:
    return state.control, state.cni, state.routes, state.problems


@settings(max_examples=50)
@given(st.lists(EDITS, max_size=10))
def test_incremental_equals_from_scratch(edits: list[Edit]) -> None:
    state = compile_project(start())
    for edit in edits:
        state = compile_project(edit(state.project), state)
        allocate(EMPTY_PROJECT)  # forgets its last answer
        fresh = compile_project(state.project)
        assert parts(state) == parts(fresh)
        assert state.project.ledger is fresh.project.ledger
        for node in state.control.nodes:
            assert render_iptables(state.program(node, 4)) == render_iptables(fresh.program(node, 4))
            assert render_nft(state.nft_program(node, 4)) == render_nft(fresh.nft_program(node, 4))
            assert render_ipvs(state.ipvs_program(node, 4)) == render_ipvs(fresh.ipvs_program(node, 4))


def test_any_project_may_be_compiled_its_ledger_is_allocated_first() -> None:
    state = compile_project(shop())
    assert state.project.ledger == allocate(shop())[0]
    assert len(state.control.pods) == 4


def test_compiling_the_same_project_again_hands_everything_on() -> None:
    first = compile_project(shop())
    second = compile_project(first.project, first)
    assert second.control is first.control
    assert second.policies is first.policies
    assert second.routes is first.routes
    assert second.programs is first.programs


def test_what_the_engine_does_not_read_runs_no_pass() -> None:
    first = compile_project(shop())
    ran: list[str] = []
    canvas = Canvas(notes=FrozenMap({"n": Note(text="hello")}))
    second = compile_project(replace(first.project, canvas=canvas), first)
    for step in PASSES:
        if getattr(second, step.name, None) is not getattr(first, step.name, None):
            ran.append(step.name)
    assert ran == []
    assert second.project.canvas is canvas


def test_an_edit_leaves_what_it_does_not_concern_the_same_objects() -> None:
    first = compile_project(shop())
    second = compile_project(first.project.with_object(deployment("db", 2)), first)
    before, after = first.control, second.control
    assert after is not before
    assert after.slices["Service:default/web"] is before.slices["Service:default/web"]
    assert after.slices["Service:default/db"] is not before.slices["Service:default/db"]
    assert after.services is before.services
    assert after.nodes is before.nodes
    assert all(after.pods[oid] is pod for oid, pod in before.pods.items())
    assert second.cni is first.cni


def test_early_cut_off_a_change_without_effect_stops_at_the_control_plane() -> None:
    first = compile_project(shop())
    touched = first.project.with_object(
        thing("Deployment", "web", "default", metadata={"annotations": {"note": "x"}},
              spec=first.project.get("Deployment:default/web").dump()["spec"])  # type: ignore[union-attr]
    )  # fmt: skip
    second = compile_project(touched, first)
    assert second.control.slices is first.control.slices
    assert second.control.pods is first.control.pods
    assert second.control is first.control
    assert second.policies is first.policies


def test_problems_of_all_passes_come_together_with_their_place_in_the_input() -> None:
    from designer.model import Provenance

    start_project = project(
        deployment("web", 1), service("bad", externalTrafficPolicy="Local"), service("out", clusterIP="192.0.2.1")
    )
    place = Provenance(file="a.yaml", line=7, fieldLines=FrozenMap({"spec.externalTrafficPolicy": 12}))
    start_project = replace(start_project, provenance=FrozenMap({"Service:default/bad": place}))
    found = {p.code: p for p in compile_project(start_project).problems}
    assert {"SCH-02", "IP-10", "SVC-V17"} <= set(found)
    assert (found["SVC-V17"].file, found["SVC-V17"].line) == ("a.yaml", 12)


def test_no_such_node() -> None:
    with pytest.raises(KeyError):
        compile_project(shop()).program("nobody", 4)


class StopAt:
    """A reporter that cancels before one pass."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: list[str] = []

    def step(self, name: str, done: int, total: int) -> None:
        assert (done, total) == (len(self.heard), len(PASSES))
        self.heard.append(name)
        if name == self.name:
            raise CancelledError


@pytest.mark.parametrize("name", [step.name for step in PASSES])
def test_a_cancelled_compilation_spoils_nothing(name: str) -> None:
    first = compile_project(shop())
    edit = first.project.with_object(deployment("web", 5))
    stop = StopAt(name)
    with pytest.raises(CancelledError):
        compile_project(edit, first, stop)
    assert stop.heard[-1] == name
    done = compile_project(edit, first)
    assert parts(done) == parts(compile_project(edit))


def test_a_memo_forgets_items_that_are_no_longer_asked_for() -> None:
    memo = Memo()
    made: list[str] = []

    def make(text: str) -> str:
        made.append(text)
        return text

    for keys in (("a", "b"), ("a",), ("a", "b")):
        group = memo.group("g")
        for key in keys:
            group.once(key, (key,), make)
        group.close()
    assert made == ["a", "b", "b"]
