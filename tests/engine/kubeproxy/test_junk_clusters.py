"""Clusters with junk in them: whatever a manifest holds, each mode answers with rules or says in a problem why not."""

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest
import yaml

from designer.engine.compile import compile_project
from designer.engine.kubeproxy import tables_text
from designer.manifests import read_texts
from tests.engine.kubeproxy.random_manifests import manifests

JUNK: tuple[Any, ...] = (
    *(None, "", 0, -1, 70000, 2**40, 1.5, True, [], {}, ["x"], [None], [[]], {"a": 1}, " ", "é", "a" * 300),
    *("10.0.0.1", "::1", "10.0.0.0/8", "999.1.1.1", "10.0.0.1/33", "/", "0.0.0.0", "::", "::ffff:1.2.3.4"),
    *("fe80::1%eth0", "IPv4", "FQDN", "None", "tcp", "ICMP", "primary", "-1", ".nan"),
)


def places(data: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key and index in a document, as the way that leads to it."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*before, key)
        yield from places(value, (*before, key))


def spoil(random: Random, documents: list[Any]) -> None:
    """Takes something out, or puts junk or a whole document in its place, up to six times."""
    for _ in range(random.randint(1, 6)):
        document = random.choice(documents)
        ways = list(places(document))
        if not ways:
            continue
        *way, last = random.choice(ways)
        inner = document
        for key in way:
            inner = inner[key]
        if random.random() < 0.25:
            del inner[last]
        else:
            inner[last] = deepcopy(random.choice((*JUNK, random.choice(documents))))


@pytest.mark.parametrize("start", range(0, 60, 10))
def test_no_junk_makes_the_rules_fail(start: int) -> None:
    for seed in range(start, start + 10):
        documents = manifests(seed)
        spoil(Random(seed), documents)
        state = compile_project(read_texts([("cluster.yaml", yaml.safe_dump_all(documents))]).project)
        for node in state.control.nodes:
            for mode in ("iptables", "nftables", "ipvs"):
                text, problems = tables_text(state.control, state.project.cluster, node, mode)
                assert text or any(problem.severity == "error" for problem in problems), seed
