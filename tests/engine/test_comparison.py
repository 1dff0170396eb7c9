"""What a swap of the network plugin changes: `domain/cni.md` sections 2 (wire), 5 (sources) and 6 (enforcement)."""

from functools import lru_cache

from designer.edits.settings import set_cluster, use_cni
from designer.engine.comparison import Comparison, compare, usual_requests
from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace.hops import Request
from designer.model import Project
from designer.resources import resource_path
from designer.storage import open_file

API = Request("Deployment:shop/frontend", "http://api:8080")
DATA = Request("Deployment:shop/frontend", "db:5432")


@lru_cache(maxsize=1)
def shop() -> Project:
    project = open_file(resource_path("samples", "shop.cnd")).project
    assert project is not None
    return project


def state(plugin: str, backend: str | None = None) -> ClusterState:
    return compile_project(use_cni(shop(), plugin, backend).project)


def rows(found: Comparison, aspect: str) -> list[tuple[str, str]]:
    return [(each.before, each.after) for each in found.differences if each.aspect == aspect]


def test_a_cluster_does_not_differ_from_itself() -> None:
    same = state("calico")
    found = compare(same, same, usual_requests(same))
    assert found.differences == ()
    assert found.asked >= len(shop().scenarios)


def test_flannel_lets_everything_pass_that_calico_denies() -> None:
    """`domain/cni.md`: Flannel has no policy engine; the API accepts policies and nothing happens."""
    found = compare(state("calico"), state("flannel"), [DATA])
    assert rows(found, "verdict") == [("denied", "delivered")]
    ((before, after),) = rows(found, "NetworkPolicies")
    assert before.startswith("enforced by Calico") and after.startswith("not enforced")
    pairs = {each.subject: (each.before, each.after) for each in found.of("policy")}
    (opened,) = [ways for pair, ways in pairs.items() if pair.startswith("shop/frontend") and "→ shop/db" in pair]
    assert opened == ("none", "all connections")


def test_the_wire_of_each_plugin_is_told() -> None:
    """VNI 4096 on 4789 (Calico), VNI 1 on 8472 (Flannel); host-gw routes without a tunnel and keeps 1500 bytes."""
    found = compare(state("calico", "vxlan"), state("flannel", "host-gw"), [API])
    ((before, after),) = rows(found, "on the wire")
    assert "VXLAN, UDP 4789, VNI 4096" in before
    assert "VXLAN" not in after and "as it is" in after
    assert rows(found, "MTU of Pods") == [("1450", "1500")]
    flannel = compare(state("calico", "vxlan"), state("flannel", "vxlan"), [API])
    assert "VXLAN, UDP 8472, VNI 1" in rows(flannel, "on the wire")[0][1]


def test_a_sender_that_keeps_its_address_is_no_difference_though_the_address_is_another() -> None:
    found = compare(state("calico"), state("flannel"), [API])
    assert rows(found, "source seen") == []
    changed = {each.object for each in found.of("address")}
    assert changed == {pod.id for pod in state("calico").control.pods.values()}, "each plugin has an order of its own"


def test_modes_of_kube_proxy_share_alike() -> None:
    """Every mode spreads evenly: iptables by `statistic`, nftables by `numgen`; ipvs round robin by default."""
    one = state("calico")
    other = compile_project(set_cluster(one.project, "kubeProxy.mode", "nftables").project)
    found = compare(one, other, [API])
    assert [
        (each.topic, each.aspect, each.before, each.after) for each in found.differences if each.topic != "mode"
    ] == [("cluster", "kube-proxy", "iptables", "nftables")]


def test_shares_follow_the_endpoints() -> None:
    one = state("calico")
    api = next(obj for obj in one.project.all() if obj.id == "Deployment:shop/api")
    fewer = api.replace(spec={**api.dump()["spec"], "replicas": 1})
    two = compile_project(one.project.with_object(fewer))
    ((before, after),) = rows(compare(one, two, [API]), "shares")
    assert before.count("1/3") == 3 and after.endswith(" 1")


def test_a_sender_that_is_not_there_is_told() -> None:
    one = state("calico")
    other = compile_project(one.project.without("Deployment:shop/frontend"))
    ((before, after),) = rows(compare(one, other, [API]), "verdict")
    assert before == "delivered" and after.startswith("not understood")


def test_where_one_side_answers_only_the_verdict_and_the_wire_are_told() -> None:
    found = compare(state("calico"), state("flannel"), [DATA])
    assert {each.aspect for each in found.of("request")} <= {"verdict", "on the wire"}


def test_a_setting_that_no_request_notices_is_told_all_the_same() -> None:
    one = state("calico")
    other = compile_project(set_cluster(one.project, "kubeProxy.nodePortAddresses", ["192.168.10.0/24"]).project)
    found = compare(one, other, [])
    assert [(each.aspect, each.before, each.after) for each in found.differences] == [
        ("kubeProxy.nodePortAddresses", "default", "192.168.10.0/24")
    ]
