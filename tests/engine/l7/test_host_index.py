"""The index of entries by host and path leaves out nothing that the matching rules let in."""

import random

import pytest

from designer.engine.l7.entries import Backend, Entry
from designer.engine.l7.host_index import HostIndex
from designer.engine.l7.matching import host_rank, path_matches
from designer.engine.l7.profiles import PROFILES

HOSTS = ("", "a.com", "x.a.com", "*.a.com", "*.com", "com", "y.x.a.com")
PATHS = ("/", "", "/a", "/a/", "/ab", "/a/b", "/a/b/c", "/(x)", "//a")


@pytest.mark.parametrize("name", sorted(PROFILES))
@pytest.mark.parametrize("seed", range(4))
def test_every_entry_that_may_match_is_found_in_its_place(name: str, seed: int) -> None:
    chance, profile = random.Random(seed), PROFILES[name]
    kinds = ("Prefix", "Exact", "ImplementationSpecific")
    entries = [
        Entry(f"Ingress:d/{n}", chance.choice(HOSTS), chance.choice(PATHS), chance.choice(kinds), Backend("", ""), 0, 0,
              doubt=chance.choice(("", "", "", "open")))
        for n in range(60)
    ]  # fmt: skip
    index = HostIndex.of(entries, profile)
    for host in (*HOSTS, "b.a.com", "z.org"):
        fitting = [(rank, e) for e in entries if (rank := host_rank(e.host, host)) is not None]
        assert index.entries(host) == fitting
        for path in (*PATHS, "/a/b/c/d", "/abc", "/z"):
            wanted = [
                e for rank, e in sorted(fitting, key=lambda item: item[0])
                if e.doubt or path_matches(e.path, e.path_type, path, profile) is not False
            ]  # fmt: skip
            found = [e for _, group in index.ranked(host) for e in group.for_path(path)]
            assert [e for e in found if e in wanted] == wanted
