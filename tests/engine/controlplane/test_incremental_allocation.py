"""What an allocation takes over from the one before changes nothing: edits from scratch give the same ledger."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from designer.engine.controlplane import allocate, allocation
from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.podledger import allocate_pods
from designer.model import Project
from tests.engine.controlplane.clusters import allocate_anew, deployment, nodes, project, service
from tests.engine.controlplane.random_projects import EDITS, Edit, start


def settled(edited: Project) -> Project:
    return replace(edited, ledger=allocate(edited)[0])


def larger() -> Project:
    """One with room for everything, so that nothing waits and most of it is at rest."""
    return project(
        *nodes(4), deployment("a", 6), deployment("b", 3), deployment("c", 2), service("a", selector={"app": "a"})
    )


@settings(max_examples=120)
@given(st.lists(EDITS, max_size=12), st.booleans())
def test_edit_by_edit_equals_from_scratch(edits: list[Edit], roomy: bool) -> None:
    first = larger() if roomy else start()
    kept, fresh = settled(first), replace(first, ledger=allocate_anew(first)[0])
    for edit in edits:
        kept = edit(kept)
        found = allocation(kept)
        fresh = edit(fresh)
        ledger, problems = allocate_anew(fresh)
        waiting = allocation(fresh).waiting
        assert found.ledger == ledger
        assert found.problems == problems
        assert found.waiting == waiting
        kept, fresh = replace(kept, ledger=found.ledger), replace(fresh, ledger=ledger)
        allocation(kept)  # what the next edit is compared with


def test_only_the_pods_of_what_was_edited_are_looked_at() -> None:
    first = settled(larger())
    before = allocate_pods(first, Draws(1, first.ledger.draws))
    before = allocate_pods(replace(first, cluster=first.cluster), Draws(1, first.ledger.draws), before)
    touched = first.with_object(deployment("b", 4))
    after = allocate_pods(touched, Draws(1, first.ledger.draws), before)
    new = [key for key in after.records if key not in before.records]
    assert new == ["Deployment:default/b#3"]
    assert all(after.records[key] is record for key, record in before.records.items())
    assert after.network is before.network
