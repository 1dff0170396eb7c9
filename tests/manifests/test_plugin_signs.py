"""The network plugin of a dump that has neither its DaemonSet nor its configuration: Pods of it and notes on Nodes.

The annotations' names: flannel-io/flannel `pkg/subnet/kube`, projectcalico/calico `libcalico-go`, `resources/node.go`.
"""

import pytest

from designer.manifests import ImportResult, read_texts

NODE = """---
apiVersion: v1
kind: Node
metadata: {name: %s, annotations: {%s}}
"""
POD = """---
apiVersion: v1
kind: Pod
metadata:
  name: %(owner)s-x7k2p
  namespace: kube-system
  ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: %(owner)s, uid: "1", controller: true}]
spec: {nodeName: w1, hostNetwork: true, containers: [{name: main, image: x, env: [%(env)s]}]}
"""
VXLAN = "projectcalico.org/IPv4Address: 10.0.0.5/24, projectcalico.org/IPv4VXLANTunnelAddr: 10.244.4.0"
IPIP = "projectcalico.org/IPv4Address: 10.0.0.5/24, projectcalico.org/IPv4IPIPTunnelAddr: 10.244.4.0"
BARE = "projectcalico.org/IPv4Address: 10.0.0.5/24"
FLANNEL = "flannel.alpha.coreos.com/backend-type: %s"


def read(*parts: str) -> ImportResult:
    return read_texts([("dump.yaml", "".join(parts))])


def plugin(result: ImportResult) -> tuple[str, str, bool]:
    """Plugin and backend, and whether they were taken for granted."""
    cluster = result.project.cluster
    return cluster.cni.plugin, cluster.cni.backend, "setting:cni" in cluster.assumed


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (VXLAN, ("calico", "vxlan", False)),
        (IPIP, ("calico", "ipip", False)),
        (BARE, ("calico", "bgp", False)),
        (FLANNEL % "vxlan", ("flannel", "vxlan", False)),
        (FLANNEL % "host-gw", ("flannel", "host-gw", False)),
        (FLANNEL % "vxlan" + ", " + BARE, ("calico", "vxlan", True)),
        ("a: b", ("calico", "vxlan", True)),
    ],
    ids=["vxlan", "ipip", "bgp", "flannel", "host-gw", "canal is nobody's", "no sign"],
)
def test_nodes_tell_the_plugin(annotations: str, expected: tuple[str, str, bool]) -> None:
    result = read(NODE % ("w1", annotations), NODE % ("w2", annotations))
    assert plugin(result) == expected
    said = [e.text for e in result.report.entries if e.kind == "set" and "`cni.plugin`" in e.text]
    assert len(said) == (0 if expected[2] else 1)


@pytest.mark.parametrize(
    ("owner", "env", "name"),
    [
        ("kube-flannel-ds", "", "flannel"),
        ("weave-net", "{name: IPALLOC_RANGE, value: 10.8.0.0/16}", "weave"),
        ("cilium", "", "cilium"),
    ],
)
def test_pods_of_its_daemonset_tell_the_plugin(owner: str, env: str, name: str) -> None:
    result = read(NODE % ("w1", ""), POD % {"owner": owner, "env": env})
    assert plugin(result)[::2] == (name, False)
    assert result.project.cluster.cni.pool == (("10.8.0.0/16",) if env else ())


def test_nodes_tell_the_encapsulation_of_a_plugin_that_its_pods_tell() -> None:
    pod = POD % {"owner": "calico-node", "env": ""}
    assert plugin(read(NODE % ("w1", IPIP), pod)) == ("calico", "ipip", False)
    assert plugin(read(NODE % ("w1", IPIP), pod.replace("calico-node", "weave-net")))[0] == "weave"


def test_a_plugin_without_a_profile_is_said_once() -> None:
    pods = [(POD % {"owner": "aws-node", "env": ""}).replace("x7k2p", end) for end in ("aaaaa", "bbbbb")]
    problems = read(NODE % ("w1", ""), *pods).problems
    assert ["Amazon VPC CNI" in p.title for p in problems if p.code == "READ-11"] == [True]


def test_kube_proxy_that_runs_beside_cilium_answers_for_services() -> None:
    cilium, proxy = (POD % {"owner": owner, "env": ""} for owner in ("cilium", "kube-proxy"))
    assert read(NODE % ("w1", ""), cilium, proxy).project.cluster.cni.kubeProxyReplacement is False
