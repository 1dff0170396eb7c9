"""Who enforces NetworkPolicy: what the manifests of plugins and of programs beside them say.

Authorities are named at `designer.manifests.policy_controllers`; the DaemonSets are those of each project's manifests.
"""

from collections.abc import Mapping

import pytest
import yaml

from designer.engine.cni import profile_for
from designer.manifests import ImportResult, read_texts

FLANNEL = yaml.safe_dump(
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-flannel-cfg", "namespace": "kube-flannel"},
     "data": {"net-conf.json": '{"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan"}}'}}
)  # fmt: skip


def daemon(name: str, *containers: Mapping[str, object]) -> str:
    labels = {"k8s-app": name}
    spec = {"selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": list(containers)}}}  # fmt: skip
    made = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name, "namespace": "kube-system"},
            "spec": spec}  # fmt: skip
    return yaml.safe_dump(made)


IMAGE = "example.com/kube-network-policies:v1"


def kube_router(*args: str) -> str:
    return daemon("kube-router", {"name": "kube-router", "args": list(args)})


def k3s(args: str = '["server"]', version: str = "v1.31.4+k3s1") -> str:
    notes = {"flannel.alpha.coreos.com/backend-type": "vxlan", "k3s.io/node-args": args}
    made = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "w1", "annotations": notes},
            "status": {"nodeInfo": {"kubeletVersion": version}}}  # fmt: skip
    return yaml.safe_dump(made)


def read(*parts: str) -> ImportResult:
    return read_texts([("dump.yaml", "---\n".join(parts))])


def engine(*parts: str) -> tuple[str, bool]:
    """Who enforces, as the profile has it, and whether anything is enforced."""
    enforcement = profile_for(read(*parts).project.cluster).enforcement
    return enforcement.engine, enforcement.ingress and enforcement.egress


WEAVE = {"name": "weave", "image": "weaveworks/weave-kube:2.8.1"}
NPC = {"name": "weave-npc", "image": "weaveworks/weave-npc:2.8.1"}


def test_weave_net_enforces_by_its_controller() -> None:
    assert engine(daemon("weave-net", WEAVE, NPC)) == ("Weave Net", True)
    off = {**WEAVE, "env": [{"name": "EXPECT_NPC", "value": "0"}]}
    assert engine(daemon("weave-net", off)) == ("Weave Net", False)
    assert engine(daemon("weave-net", off, NPC)) == ("Weave Net", False), "no rule leads to the controller"


def test_weave_net_that_expects_a_controller_that_is_not_there() -> None:
    found = read(daemon("weave-net", WEAVE))
    (problem,) = [one for one in found.problems if one.code == "READ-11"]
    assert "weave-npc" in problem.title
    assert "EXPECT_NPC" in problem.fix


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((FLANNEL,), ("Flannel", False)),
        ((k3s(),), ("kube-router", True)),
        ((k3s('["server","--disable-network-policy"]'),), ("Flannel", False)),
        ((k3s(version="v1.31.4"),), ("Flannel", False)),
        ((FLANNEL, daemon("kube-flannel-ds", {"image": "flannel"}, {"image": IMAGE})),
         ("kube-network-policies", True)),
        ((FLANNEL, daemon("kube-network-policies", {"image": IMAGE})),
         ("kube-network-policies", True)),
        ((FLANNEL, kube_router("--run-router=false", "--run-firewall=true")),
         ("kube-router", True)),
        ((FLANNEL, kube_router("--run-router=false", "--run-firewall=false")),
         ("Flannel", False)),
    ],
    ids=["alone", "k3s", "k3s without", "no k3s", "in the chart", "beside it", "kube-router", "its firewall off"],
)  # fmt: skip
def test_flannel_enforces_by_a_program_beside_it(parts: tuple[str, ...], expected: tuple[str, bool]) -> None:
    assert engine(*parts) == expected


@pytest.mark.parametrize(
    ("containers", "enforced"),
    [
        ([{"name": "aws-node"}, {"name": "aws-eks-nodeagent", "args": ["--enable-network-policy=true"]}], True),
        ([{"name": "aws-node"}, {"name": "aws-eks-nodeagent", "args": ["--enable-network-policy=false"]}], False),
        ([{"name": "aws-node"}, {"name": "aws-network-policy-agent", "args": []}], False),
        ([{"name": "aws-node"}], False),
    ],
    ids=["on", "off", "by default", "no agent"],
)
def test_amazons_plugin_enforces_where_its_agent_is_told_to(
    containers: list[Mapping[str, object]], enforced: bool
) -> None:
    found = read(daemon("aws-node", *containers))
    assert profile_for(found.project.cluster).enforcement.ingress is enforced
    assert [one.code for one in found.problems if one.code == "READ-11"], "the plugin itself is not known"


def test_kube_router_without_its_firewall() -> None:
    assert engine(kube_router("--run-firewall=false"))[1] is False
    assert engine(kube_router("--run-router=true"))[1] is True


def test_who_enforces_is_said_with_its_source() -> None:
    found = read(k3s())
    assert any("`cni.policyController` is kube-router" in one.text for one in found.report.entries)
