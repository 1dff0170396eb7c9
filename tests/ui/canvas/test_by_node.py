"""The Pods of each Node, kept up over edits: the same as sorted out anew."""

import random

import pytest

from designer.engine.controlplane.state import PodState
from designer.model import FrozenMap, PodSpec
from designer.ui.canvas.describe import by_node

SPEC = PodSpec()


def pod(number: int, node: str | None) -> PodState:
    return PodState(
        key=f"Pod:ns/p{number:02d}",
        namespace="ns",
        name=f"p{number:02d}",
        node=node,
        ips=(),
        labels=FrozenMap({}),
        spec=SPEC,
        owner=None,
        ready=True,
    )


@pytest.mark.parametrize("seed", range(10))
def test_what_is_kept_up_is_what_is_sorted_out_anew(seed: int) -> None:
    chance = random.Random(seed)
    nodes = ["a", "b", "c", None]
    first = [pod(number, chance.choice(nodes)) for number in range(30)]
    pods: FrozenMap[str, PodState] = FrozenMap({found.id: found for found in first})
    known = by_node(pods)
    for _ in range(20):
        gone = chance.sample(sorted(pods), 2)
        fresh = [pod(number, chance.choice(nodes)) for number in chance.sample(range(40), 4)]
        before, pods = pods, pods.patched(gone, {found.id: found for found in fresh}, in_order=True)
        kept, anew = by_node(pods, before, known), by_node(pods)
        assert kept == anew
        untouched = {before[oid].node for oid in gone} | {found.node for found in fresh}
        untouched |= {before[found.id].node for found in fresh if found.id in before}
        assert all(kept[node] is known[node] for node in kept if node not in untouched)
        known = kept
