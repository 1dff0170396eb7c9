"""Calico's search for addresses: what it remembers of full pools changes no answer."""

import random

import pytest

from designer.engine.controlplane.calicoblocks import CalicoBlocks
from designer.engine.controlplane.ipambooks import BlockPools, NoAddressError, NodeBook
from designer.engine.controlplane.state import Family

NODES = tuple(f"node-{number}" for number in range(5))
# Four blocks of four addresses in IPv4 and two in IPv6: both run out, one before the other.
POOLS = ("10.50.0.0/28", "fd00:50::/125")
SIZES: dict[Family, int] = {4: 30, 6: 126}


class Forgetful(CalicoBlocks):
    """Searches every block each time."""

    def take(self, node: str) -> tuple[str, ...]:
        """The addresses of a new Pod, nothing remembered of earlier searches."""
        self._claimed.clear()
        self._dry.clear()
        return super().take(node)


def answer(books: CalicoBlocks, node: str) -> tuple[str, ...] | str:
    try:
        return books.take(node)
    except NoAddressError as failure:
        return str(failure)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_what_is_remembered_of_full_pools_changes_no_answer(seed: int, strict: bool) -> None:
    chance = random.Random(seed)
    made = [
        kind({name: NodeBook(name, ()) for name in NODES}, BlockPools(POOLS, SIZES), (), strict)
        for kind in (CalicoBlocks, Forgetful)
    ]
    held: list[tuple[str, str]] = []
    refused = 0
    for _ in range(150):
        if held and chance.random() < 0.35:
            node, ip = held.pop(chance.randrange(len(held)))
            for books in made:
                books.release(node, ip)
            continue
        node = chance.choice(NODES)
        remembering, forgetful = (answer(books, node) for books in made)
        assert remembering == forgetful
        if isinstance(remembering, str):
            refused += 1
        else:
            held += [(node, ip) for ip in remembering]
    assert refused, "the pools never ran out: nothing was tried"
