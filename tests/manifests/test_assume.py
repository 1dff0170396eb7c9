"""What is assumed, and that nothing is that the input says; addresses by kubeadm's defaults (domain/ipam.md)."""

from designer.manifests import read_texts
from designer.manifests.read import ImportResult
from designer.model import Deployment, EndpointSlice, ExternalClient, Node, Service

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: %s, ports: [{port: 80}]}\n"
NODE = """apiVersion: v1
kind: Node
metadata: {name: w1}
spec: {podCIDR: %s}
status: {addresses: [{type: InternalIP, address: 172.18.0.2}]}
"""


def read(text: str) -> ImportResult:
    return read_texts([("f.yaml", text)])


def test_input_without_nodes_gets_a_usual_cluster() -> None:
    result = read(SERVICE % "LoadBalancer")
    project = result.project
    assert sorted(project.slice(Node)) == ["Node:node-1", "Node:node-2", "Node:node-3"]
    assert all(not node.status.addresses and not node.spec.podCIDRs for node in project.of(Node))
    dns = project.slice(Service)["Service:kube-system/kube-dns"]
    assert dns.spec.clusterIP == "10.96.0.10"
    assert [(p.name, p.port, p.protocol) for p in dns.spec.ports] == [
        ("dns", 53, "UDP"),
        ("dns-tcp", 53, "TCP"),
        ("metrics", 9153, "TCP"),
    ]
    coredns = project.slice(Deployment)["Deployment:kube-system/coredns"]
    assert coredns.spec.replicas == 2 and coredns.spec.template.metadata.labels == {"k8s-app": "kube-dns"}
    api = project.slice(Service)["Service:default/kubernetes"]
    assert (api.spec.clusterIP, api.spec.selector, api.spec.ports[0].targetPort) == ("10.96.0.1", None, 6443)
    (piece,) = project.of(EndpointSlice)
    assert piece.labels["kubernetes.io/service-name"] == "kubernetes"
    assert piece.endpoints[0].addresses == ("192.168.10.10",) and piece.ports[0].port == 6443
    (pool,) = project.cluster.loadBalancer.pools
    assert pool.addresses == ("203.0.113.10-203.0.113.250",)
    (client,) = project.of(ExternalClient)
    assert client.spec.addresses == ("198.51.100.7",)
    assert (project.cluster.cni.plugin, project.cluster.cni.backend) == ("calico", "vxlan")


def test_everything_assumed_is_listed_and_reported() -> None:
    result = read(SERVICE % "LoadBalancer")
    assert result.project.cluster.assumed == (
        "Deployment:kube-system/coredns",
        "EndpointSlice:default/kubernetes",
        "ExternalClient:client",
        "Node:node-1",
        "Node:node-2",
        "Node:node-3",
        "Service:default/kubernetes",
        "Service:kube-system/kube-dns",
        "setting:cni",
        "setting:kubeProxy.mode",
        "setting:loadBalancer.pools",
        "setting:podCIDRs",
        "setting:serviceCIDRs",
    )
    said = " ".join(entry.text for entry in result.report.of("assumed"))
    for words in (
        "3 Nodes",
        "Calico",
        "10.244.0.0/16",
        "10.96.0.0/12",
        "iptables",
        "kube-dns",
        "6443",
        "203.0.113.10-203.0.113.250",
    ):
        assert words in said


def test_no_pool_without_load_balancer_services() -> None:
    assert not read(SERVICE % "ClusterIP").project.cluster.loadBalancer.pools


def test_input_with_nodes_gets_no_services_nodes_or_pools() -> None:
    project = read(NODE % "10.244.7.0/24" + "---\n" + SERVICE % "LoadBalancer").project
    assert sorted(project.slice(Node)) == ["Node:w1"]
    assert sorted(project.slice(Service)) == ["Service:default/web"]
    assert not project.slice(Deployment) and not project.cluster.loadBalancer.pools
    assert project.cluster.podCIDRs == ("10.244.0.0/16",)
    assert project.cluster.nodeNetwork == "172.18.0.0/24"


def test_ranges_follow_what_the_input_shows() -> None:
    text = NODE % "10.42.3.0/24" + "---\n" + (SERVICE % "ClusterIP").replace("ports:", "clusterIP: 10.43.0.9, ports:")
    cluster = read(text).project.cluster
    assert cluster.podCIDRs == ("10.42.0.0/16",)
    # 10.43.0.9 in a /12, kubeadm's width, would be 10.32.0.0/12, which holds the Pods; /16 is the widest that does not.
    assert cluster.serviceCIDRs == ("10.43.0.0/16",)


def test_services_of_the_input_stand() -> None:
    own = """apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: 10.96.0.53, selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {name: kubernetes}
spec: {clusterIP: 10.96.0.1, ports: [{port: 443}]}
"""
    project = read(own).project
    assert project.slice(Service)["Service:kube-system/kube-dns"].spec.clusterIP == "10.96.0.53"
    assert not project.slice(Deployment) and not project.slice(EndpointSlice)


def test_ipv6_service_range_gives_ipv6_addresses() -> None:
    kubeadm = """apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking: {podSubnet: fd00:10:244::/56, serviceSubnet: fd00:10:96::/112}
---
"""
    project = read(kubeadm + SERVICE % "ClusterIP").project
    assert project.slice(Service)["Service:kube-system/kube-dns"].spec.clusterIP == "fd00:10:96::a"
    (piece,) = project.of(EndpointSlice)
    assert piece.addressType == "IPv6" and piece.endpoints[0].addresses == ("fd00:192:168:10::a",)


def test_nothing_is_assumed_for_nothing() -> None:
    result = read("# nothing\n")
    assert result.empty and not result.report.of("assumed")
