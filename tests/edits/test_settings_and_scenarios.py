"""Cluster settings by path, the network plugin, scenarios, and two projects as one."""

from dataclasses import replace
from typing import Any

import pytest

from designer.edits import create
from designer.edits.combine import combine
from designer.edits.scenarios import (
    expect_of_scenario,
    move_scenario,
    remove_scenario,
    rename_scenario,
    save_scenario,
)
from designer.edits.settings import set_cluster, use_cni, use_settings
from designer.model import (
    EMPTY_PROJECT,
    CniSettings,
    FrozenMap,
    Ledger,
    PodRecord,
    Project,
    Scenario,
    scenarios_in_order,
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("podCIDRs", ["10.200.0.0/16", "fd00::/56"]),
        ("podCIDRs[0]", "10.200.0.0/16"),
        ("kubeProxy.mode", "ipvs"),
        ("loadBalancer.pools[+]", {"name": "a", "addresses": ["192.0.2.10-192.0.2.20", "192.0.2.64/28"]}),
        ("nodePortRange", [30000, 30100]),
    ],
)
def test_a_setting_is_changed(path: str, value: Any) -> None:
    edit = set_cluster(EMPTY_PROJECT, path, value)
    assert edit.ok, edit.problems
    assert edit.project.cluster != EMPTY_PROJECT.cluster and edit.merge_key == f"cluster:{path}"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("podCIDRs", ["10.200.0.0"], None),
        ("podCIDRs", ["10.200.0.1/16"], "write 10.200.0.0/16"),
        ("kubeProxy.mode", "userspace", "iptables, nftables or ipvs"),
        ("cni.backend", "ipip-never", "no backend"),
        ("nodePortRange", [30000, 20000], "not a range"),
        ("nodeCIDRMaskV4", 33, "32 or less"),
        ("loadBalancer.pools[+]", {"addresses": ["a-b"]}, "must be a range"),
        ("unheardOf", 1, "no setting"),
        ("podCIDRs[5]", "10.0.0.0/8", "does not exist"),
        ("", 1, "empty"),
    ],
)
def test_a_wrong_setting_is_refused(path: str, value: Any, words: str | None) -> None:
    edit = set_cluster(EMPTY_PROJECT, path, value)
    if words is None:
        assert edit.ok  # an address alone is a range of one address
        return
    assert not edit.ok and edit.project is EMPTY_PROJECT and words in edit.problems[0].title


def test_what_a_person_set_is_no_longer_assumed() -> None:
    """In the names that an import gives (`manifests.assume`); the settings that stand beside it stay assumed."""
    pods, cni, services = "setting:podCIDRs", "setting:cni", "setting:serviceCIDRs"
    cluster = EMPTY_PROJECT.cluster.replace(assumed=(pods, cni, services))
    project = replace(EMPTY_PROJECT, cluster=cluster)
    assert set_cluster(project, "podCIDRs[0]", "10.1.0.0/16").project.cluster.assumed == (cni, services)
    assert use_cni(project, "flannel").project.cluster.assumed == (pods, services)


def test_the_plugin_brings_its_default_backend_and_leaves_the_pool_of_the_old_one() -> None:
    project = set_cluster(EMPTY_PROJECT, "cni.pool", ["10.5.0.0/16"]).project
    cni = use_cni(project, "flannel").project.cluster.cni
    assert (cni.plugin, cni.backend, cni.pool) == ("flannel", "vxlan", ())
    assert use_cni(project, "calico", "bgp").project.cluster.cni == CniSettings(backend="bgp", pool=("10.5.0.0/16",))
    assert not use_cni(project, "antrea").ok and not use_cni(project, "weave", "bgp").ok


SCENARIO = Scenario(name="shop", source="Pod:default/web", destination="http://shop", expect="delivered")


def test_scenarios_are_kept_renamed_and_removed() -> None:
    kept = save_scenario(EMPTY_PROJECT, SCENARIO).project
    assert kept.scenarios == {"shop": SCENARIO}
    other = SCENARIO.replace(name="cart")
    renamed = save_scenario(kept, other, replaces="shop").project
    assert renamed.scenarios == {"cart": other}
    assert remove_scenario(renamed, "cart").project.scenarios == {}


@pytest.mark.parametrize("change", [{"name": " "}, {"expect": "perhaps"}, {}])
def test_a_scenario_that_cannot_be_kept_is_refused(change: dict[str, str]) -> None:
    kept = save_scenario(EMPTY_PROJECT, SCENARIO).project
    assert not save_scenario(kept, SCENARIO.replace(**change)).ok
    assert not remove_scenario(kept, "none").ok


def test_an_import_replaces_objects_of_the_same_id_and_keeps_the_rest() -> None:
    mine = create.create(create.create(EMPTY_PROJECT, "Node").project, "Service").project
    key = "Pod:default/p"
    other = replace(
        create.create(Project(), "Service").project.without("Service:default/web"),
        ledger=Ledger(pods=FrozenMap({key: PodRecord(name="p")})),
        scenarios=FrozenMap({"shop": SCENARIO}),
    )
    other = create.create(other, "Deployment").project
    edit = combine(mine, other)
    assert {obj.id for obj in edit.project.all()} == {"Node:node-1", "Service:default/web", "Deployment:default/web"}
    assert edit.project.cluster is mine.cluster and key in edit.project.ledger.pods
    assert edit.project.scenarios == {"shop": SCENARIO} and edit.select == ("Deployment:default/web",)


def test_plugin_and_mode_are_taken_together_and_only_where_they_differ() -> None:
    project = Project()
    cni = project.cluster.cni
    assert use_settings(project).project is project
    assert use_settings(project, cni.plugin, cni.backend, project.cluster.kubeProxy.mode).project is project
    both = use_settings(project, "weave", "", "ipvs")
    assert (both.project.cluster.cni.plugin, both.project.cluster.kubeProxy.mode) == ("weave", "ipvs")
    assert both.label == "Use weave, ipvs"
    refused = use_settings(project, "frannel", "", "ipvs")
    assert not refused.ok and refused.project is project


def _three() -> Project:
    project = EMPTY_PROJECT
    for name in "bac":
        project = save_scenario(project, Scenario(name=name, source="Node:n", destination="web:80")).project
    return project


def _names(project: Project) -> str:
    return "".join(each.name for each in scenarios_in_order(project.scenarios))


def test_scenarios_stand_by_name_until_somebody_moves_one() -> None:
    project = _three()
    assert _names(project) == "abc"
    assert all("order" not in each.dump() for each in project.scenarios.values())
    project = move_scenario(project, "c", -1).project
    assert _names(project) == "acb"
    assert _names(move_scenario(project, "c", -99).project) == "cab"
    assert _names(move_scenario(project, "a", 99).project) == "cba"
    added = save_scenario(project, Scenario(name="aa", source="Node:n", destination="web:80")).project
    assert [each.name for each in scenarios_in_order(added.scenarios)] == ["a", "c", "b", "aa"]


def test_a_renamed_scenario_keeps_its_place_and_expectation() -> None:
    project = move_scenario(_three(), "a", 1).project
    project = expect_of_scenario(project, "a", "denied").project
    edit = rename_scenario(project, "a", " z ")
    assert edit.ok and edit.label == "Rename scenario a"
    assert _names(edit.project) == "bzc"
    assert edit.project.scenarios["z"].expect == "denied"
    assert not rename_scenario(project, "a", "b").ok
    assert not rename_scenario(project, "a", "  ").ok


def test_what_is_expected_can_be_taken_back() -> None:
    project = expect_of_scenario(_three(), "a", "denied").project
    assert project.scenarios["a"].expect == "denied"
    assert expect_of_scenario(project, "a", None).project.scenarios["a"].expect is None
    refused = expect_of_scenario(project, "a", "nonsense")
    assert not refused.ok and refused.project is project


def test_a_scenario_that_is_not_there_is_told() -> None:
    for edit in (move_scenario(_three(), "x", 1), rename_scenario(_three(), "x", "y"),
                 expect_of_scenario(_three(), "x", None)):  # fmt: skip
        assert not edit.ok and edit.problems[0].title == "There is no scenario x"
