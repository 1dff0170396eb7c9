"""The rules of one node say most of those of the next: what is shared among nodes changes none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from designer.engine.controlplane.state import ControlPlaneState, Family
from designer.engine.kubeproxy import families_of, iptables, iptables_service, ipvs, nftables
from designer.engine.kubeproxy.iptables_service import PortRules
from designer.engine.kubeproxy.node_view import NodeView
from designer.engine.kubeproxy.service_ports import ServicePort
from designer.engine.netfilter import render_iptables, render_ipvs, render_nft
from designer.model import ClusterSettings, FrozenMap
from tests.engine.kubeproxy.random_manifests import manifests
from tests.engine.kubeproxy.test_ipvs_random import imported

Cluster = tuple[ControlPlaneState, ClusterSettings]


def edits(control: ControlPlaneState) -> Iterator[ControlPlaneState]:
    """The cluster as it is, then with each Service in turn going by other policies, and without its slices."""
    yield control
    for oid, web in control.services.items():
        other = "Cluster" if web.internal_policy == "Local" else "Local"
        for changed in (replace(web, internal_policy=other), replace(web, external_policy=other)):
            yield replace(control, services=FrozenMap({**dict(control.services.items()), oid: changed}))
        yield replace(control, slices=FrozenMap({k: v for k, v in control.slices.items() if k != oid}))


def iptables_text(found: Cluster, node: str, family: Family, cache: Any = None) -> str:
    return render_iptables(iptables.build(*found, node, family, cache))


def nftables_text(found: Cluster, node: str, family: Family, cache: Any = None) -> str:
    return render_nft(nftables.build(*found, node, family, cache))


def ipvs_text(found: Cluster, node: str, family: Family, cache: Any = None) -> str:
    return render_ipvs(ipvs.build(*found, node, family, cache))


@pytest.mark.parametrize(
    ("text", "cache"),
    [
        (iptables_text, iptables.RuleCache),
        (nftables_text, nftables.RuleCache),
        (ipvs_text, ipvs.RuleCache),
    ],
    ids=["iptables", "nftables", "ipvs"],
)
def test_every_node_has_the_rules_that_it_has_alone(text: Callable[..., str], cache: Callable[[], Any]) -> None:
    kept, differing = cache(), 0
    families: tuple[Family, Family] = (4, 6)
    for seed in range(6):
        whole, settings = imported(manifests(seed))
        for control in edits(whole):
            for family in families:
                texts = set()
                for node in control.nodes:
                    if family in families_of(control, node):
                        shared = text((control, settings), node, family, kept)
                        assert shared == text((control, settings), node, family)
                        texts.add(shared)
                differing += len(texts) > 1
    assert differing > 20  # some go by policy Local: nodes do differ


def test_the_rules_of_a_service_are_made_for_one_node(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, settings = next(found for seed in range(20) if len((found := imported(manifests(seed)))[0].nodes) > 1)
    real, made = iptables_service.service_rules, list[str]()

    def counted(ports: tuple[ServicePort, ...], view: NodeView, comments: bool) -> PortRules:
        made.append(view.node)
        return real(ports, view, comments)

    monkeypatch.setattr(iptables, "service_rules", counted)
    cache, (first, second, *_others) = iptables.RuleCache(), whole.nodes
    for node in (first, second):
        iptables.build(whole, settings, node, 4, cache)
    assert made.count(first) > made.count(second)
