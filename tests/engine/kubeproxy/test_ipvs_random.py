"""ipvs mode in random clusters, imported from manifests, against a second reading of what kube-proxy does."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from designer.engine.controlplane import allocate, control_plane
from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.kubeproxy import families_of, ipvs, tables_text
from designer.engine.netfilter import render_ipvs
from designer.manifests import read_texts
from designer.model import ClusterSettings, FrozenMap
from tests.engine.kubeproxy.ipvs_reading import Written, read
from tests.engine.kubeproxy.load_case import REFERENCE
from tests.engine.kubeproxy.random_manifests import manifests

REFERENCE_FILES = sorted(REFERENCE.glob("*/expected.ipvs.*.txt"))
SEEDS = range(60)


def imported(documents: list[Any]) -> tuple[ControlPlaneState, ClusterSettings]:
    project = read_texts([("cluster.yaml", yaml.safe_dump_all(documents))]).project
    ledger, _ = allocate(project)
    control, problems = control_plane(replace(project, ledger=ledger))
    assert not [p for p in problems if p.severity == "error"]
    return control, project.cluster


def parts(text: str) -> dict[int, Written]:
    """What a text in the reference's form says, a family at a time."""
    found: dict[int, Written] = {}
    out, part = Written(), ""
    for line in text.splitlines():
        words = line.split()
        if line.startswith("#### IPv"):
            out = found.setdefault(int(line[-1]), Written())
        elif line.startswith("## "):
            part = words[1]
        elif part == "addresses":
            out.bound.add(line)
        elif part == "ipvs" and words[0] == "-A":
            out.servers[words[1], words[2]] = " ".join(words[3:]), []
        elif part == "ipvs":
            out.servers[words[1], words[2]][1].append(words[4])
        elif words[0] == "add":
            out.put(words[1], words[2])
        elif line.startswith("-A KUBE-IPVS-OUT-FILTER"):
            options = dict(zip(words[2::2], words[3::2], strict=True))
            assert options["-s"] == options["--vaddr"]
            out.closed.append((options["-s"], options["--vproto"], int(options["--vport"])))
    return found


def comparable(written: Written, family: int) -> tuple[Any, ...]:
    """The parts in an order of their own, and sets under the names that they have in the family."""
    named = {
        (name if family == 4 or name.startswith("KUBE-6-") else name.replace("KUBE-", "KUBE-6-", 1)[:31]): sorted(
            member.removesuffix("/32").removesuffix("/128") for member in members
        )
        for name, members in written.sets.items()
        if members
    }
    servers = {place: (attributes, sorted(real)) for place, (attributes, real) in written.servers.items()}
    return servers, named, sorted(written.bound), Counter(written.closed)


@pytest.mark.parametrize("path", REFERENCE_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_second_reading_is_what_kube_proxy_wrote(path: Any) -> None:
    text = (path.parent / "cluster.yaml").read_text(encoding="utf-8")
    documents = [d for d in yaml.load_all(text, Loader=yaml.CSafeLoader) if d]
    expected = parts(path.read_text(encoding="utf-8"))
    found = dict(read(documents, path.name.split(".")[2]))
    assert list(found) == list(expected)
    for family, written in found.items():
        assert comparable(written, family) == comparable(expected[family], family)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_program_is_what_the_second_reading_says(seed: int) -> None:
    documents = manifests(seed)
    control, settings = imported(documents)
    for node in control.nodes:
        text, problems = tables_text(control, settings, node, "ipvs")
        assert not problems
        found, expected = parts(text), dict(read(documents, node))
        assert list(found) == list(expected)
        for family, written in expected.items():
            assert comparable(found[family], family) == comparable(written, family), node


def test_the_seeds_have_every_feature() -> None:
    """Else the test above would hold for want of trying: each set has members somewhere, and each rule is met."""
    found = [out for seed in SEEDS for doc in manifests(seed) if doc["kind"] == "Node"
             for _, out in read(manifests(seed), doc["metadata"]["name"])]  # fmt: skip
    filled = {name for out in found for name, members in out.sets.items() if members}
    assert len(filled) == 17
    assert any(out.closed for out in found)
    assert {"--sctp-service", "-t", "-u"} == {option for out in found for option, _ in out.servers}
    attributes = {text for out in found for text, _ in out.servers.values()}
    assert any(" -p " in text and text.endswith("-b mh-port") for text in attributes)


def edits(control: ControlPlaneState) -> Iterator[ControlPlaneState]:
    """The cluster as it is, then with each Service in turn gone, changed, and without its slices."""
    yield control
    for oid, web in control.services.items():
        yield replace(control, services=FrozenMap({k: v for k, v in control.services.items() if k != oid}))
        other = "Cluster" if web.internal_policy == "Local" else "Local"
        changed = replace(web, internal_policy=other, affinity_seconds=7)
        yield replace(control, services=FrozenMap({**dict(control.services.items()), oid: changed}))
        yield replace(control, slices=FrozenMap({k: v for k, v in control.slices.items() if k != oid}))


def test_a_cache_that_is_kept_over_edits_and_clusters_changes_nothing() -> None:
    cache, compared = ipvs.RuleCache(), 0
    for seed in range(8):
        whole, settings = imported(manifests(seed))
        for control in edits(whole):
            for node in control.nodes:
                for family in families_of(control, node):
                    kept = ipvs.build(control, settings, node, family, cache)
                    assert render_ipvs(kept) == render_ipvs(ipvs.build(control, settings, node, family))
                    compared += 1
    assert compared > 100
