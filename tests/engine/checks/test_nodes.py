"""`domain/pitfalls.md`, "Nodes, ports, capacity, datapath", and the table of checks itself."""

from dataclasses import replace

from designer.engine.checks import CHECKS, check
from tests.engine.checks.clusters import NODES, compiled, deployment, node, told


def test_node_02_ports_of_host_network_pods() -> None:
    def agent(name: str, port: int, where: str) -> dict[str, object]:
        return deployment(name, replicas=1, ports=({"containerPort": port},), hostNetwork=True, nodeName=where,
                          dnsPolicy="ClusterFirstWithHostNet")  # fmt: skip

    assert len(told("NODE-02", agent("a", 9100, "n1"), agent("b", 9100, "n1"))) == 1
    assert told("NODE-02", agent("a", 9100, "n1"), agent("b", 9100, "n2")) == []
    assert told("NODE-02", agent("a", 9100, "n1"), agent("b", 9101, "n1")) == []


def test_node_03_mtu() -> None:
    state = compiled(cni={"plugin": "flannel", "backend": "vxlan"})
    assert not any(p.code == "NODE-03" for p in check(state)), "1450 + 50 = 1500"
    large = replace(state, cni=replace(state.cni, mtu=1500))
    found = [p for p in check(large) if p.code == "NODE-03"]
    assert [p.fix for p in found] == ["Set the Pod MTU to 1450 and create the Pods anew."]


def test_node_05_one_link() -> None:
    far = (NODES[0], node("n2", "192.168.20.12"))
    assert len(told("NODE-05", nodes=far, cni={"plugin": "flannel", "backend": "host-gw"})) == 1
    assert told("NODE-05", nodes=far, cni={"plugin": "flannel", "backend": "vxlan"}) == []
    assert told("NODE-05", cni={"plugin": "flannel", "backend": "host-gw"}) == []


def test_node_06_and_07_bridge() -> None:
    bridge = {"plugin": "flannel", "backend": "vxlan"}
    assert len(told("NODE-06", cni={**bridge, "bridgeNetfilter": False})) == 1
    assert len(told("NODE-07", cni={**bridge, "hairpin": False})) == 1
    assert told("NODE-06", cni=bridge) == told("NODE-07", cni=bridge) == []
    assert told("NODE-07", cni={"plugin": "calico", "hairpin": False}) == [], "Calico does not bridge"


def test_node_12_cluster_cidr() -> None:
    assert len(told("NODE-12", kubeProxy={"clusterCIDR": "10.0.0.0/16"})) == 1
    assert told("NODE-12", kubeProxy={"clusterCIDR": "10.244.0.0/16"}) == []


def test_node_14_not_ready() -> None:
    broken = node("n3", "192.168.10.13")
    broken["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    assert told("NODE-14", nodes=(*NODES, broken)) == ["Node n3 is not Ready"]
    assert told("NODE-14") == []


def test_node_14_is_a_follower_of_an_exhausted_range() -> None:
    tight = {"podCIDRs": ["10.244.0.0/24"], "cni": {"plugin": "flannel", "backend": "vxlan"}}
    assert len(told("IP-05", **tight)) == 1
    assert told("NODE-14", **tight) == []


def test_node_16_excluded_from_load_balancers() -> None:
    marked = node("n3", "192.168.10.13", {"node.kubernetes.io/exclude-from-external-load-balancers": "false"})
    assert len(told("NODE-16", nodes=(*NODES, marked))) == 1, "the label counts whatever its value"
    assert told("NODE-16") == []


def test_node_17_weave() -> None:
    assert told("NODE-17", cni={"plugin": "weave", "backend": "fastdp"}) == ["Weave Net is archived"]
    assert told("NODE-17") == []


def test_no_code_is_given_by_two_checks() -> None:
    codes = [code for found, _ in CHECKS for code in found]
    assert len(codes) == len(set(codes))


def test_an_empty_project_has_no_problems() -> None:
    assert check(compiled(nodes=())) == ()
