"""`domain/pitfalls.md`, rows SVC-23, SVC-29, DNS-09, NODE-08, NODE-13 and NODE-15."""

from typing import Any

import pytest

from designer.model import ForeignObject
from tests.engine.checks.clusters import NODES, Data, deployment, node, obj, only, service, told

BALANCED: Data = {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False}


def cloud(name: str) -> tuple[Data, ...]:
    return tuple(node(f"n{i}", f"192.168.10.1{i}", spec={"providerID": f"{name}://zone/i-{i}"}) for i in (1, 2))


@pytest.mark.parametrize(("provider", "count"), [("aws", 1), ("openstack", 1), ("digitalocean", 1), ("hcloud", 1),
                                                 ("azure", 0), ("gce", 0), ("kind", 0)])  # fmt: skip
def test_svc_23_node_ports_that_a_load_balancer_needs(provider: str, count: int) -> None:
    assert len(told("SVC-23", deployment(), service(**BALANCED), nodes=cloud(provider))) == count


def test_svc_23_load_balancers_that_need_none() -> None:
    aws = cloud("aws")
    assert told("SVC-23", deployment(), service(type="LoadBalancer"), nodes=aws) == []
    assert told("SVC-23", deployment(), service(**BALANCED, loadBalancerClass="service.k8s.aws/nlb"), nodes=aws) == []
    to_pods = service(**BALANCED)
    to_pods["metadata"]["annotations"] = {"service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip"}
    assert told("SVC-23", deployment(), to_pods, nodes=aws) == []
    given = service(**BALANCED)
    given["spec"]["ports"][0]["nodePort"] = 30080
    assert told("SVC-23", deployment(), given, nodes=aws) == []


def caller(url: str, **spec: Any) -> Data:
    env = {"env": [{"name": "API", "value": url}]}
    return deployment("agent", ports=(), container=env, **spec)


def node_port() -> Data:
    made = service(type="NodePort")
    made["spec"]["ports"][0]["nodePort"] = 30080
    return made


HOST = {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}


@pytest.mark.parametrize("url", ["http://localhost:30080", "127.0.0.1:30080/x", "http://[::1]:30080"])
def test_svc_29_localhost_in_nftables_mode(url: str) -> None:
    nft = {"kubeProxy": {"mode": "nftables"}}
    found = only("SVC-29", deployment(), node_port(), caller(url, **HOST), **nft)
    assert (found.object, found.field) == (
        "Deployment:shop/agent",
        "spec.template.spec.containers[0].env[0].value",
    )
    assert "30080" in found.title


def test_svc_29_where_localhost_works_or_is_another() -> None:
    parts, nft = (deployment(), node_port()), {"kubeProxy": {"mode": "nftables"}}
    local = "http://localhost:30080"
    assert told("SVC-29", *parts, caller(local, **HOST)) == [], "iptables mode takes it"
    assert len(told("SVC-29", *parts, caller(local, **HOST), kubeProxy={"localhostNodePorts": False})) == 1
    assert told("SVC-29", *parts, caller(local), **nft) == [], "a Pod's own localhost is the Pod"
    assert told("SVC-29", *parts, caller("http://localhost:30081", **HOST), **nft) == [], "no node port"
    assert told("SVC-29", *parts, caller("http://mylocalhost:30080", **HOST), **nft) == []


DNS_PORT = {"port": 53, "protocol": "UDP"}
DNS_SERVICE = obj(
    "Service",
    "kube-dns",
    "kube-system",
    spec={"selector": {"k8s-app": "kube-dns"}, "clusterIP": "10.96.0.10", "ports": [DNS_PORT]},
)


def corefile(*lines: str) -> tuple[ForeignObject, ...]:
    text = ".:53 {\n" + "\n".join(lines) + "\n}\n"
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "coredns"}, "data": {"Corefile": text}}
    return (ForeignObject("v1/ConfigMap:kube-system/coredns", data),)


@pytest.mark.parametrize(
    ("target", "loops"),
    [("127.0.0.53", True), ("127.0.0.1:53", True), ("::1", True), ("[::1]:53", True), ("10.96.0.10", True),
     ("dns://127.0.0.1", True), ("127.0.0.1:5353", False), ("8.8.8.8", False), ("/etc/resolv.conf", False)],
)  # fmt: skip
def test_dns_09_forward_loop(target: str, loops: bool) -> None:
    """dns.md 2, row 'loop': as far as the Corefile says it; a Node's own resolv.conf is no part of a project."""
    found = told("DNS-09", DNS_SERVICE, kept=corefile(f"forward . {target}", "loop"))
    assert len(found) == loops


def test_dns_09_says_what_the_loop_plugin_does() -> None:
    with_loop = only("DNS-09", DNS_SERVICE, kept=corefile("forward . 127.0.0.53", "loop"))
    assert "CrashLoopBackOff" in with_loop.why
    assert "CrashLoopBackOff" not in only("DNS-09", DNS_SERVICE, kept=corefile("forward . 127.0.0.53")).why


def edge(*where: str) -> list[Data]:
    """An Ingress controller with a Pod on each of these Nodes, and an Ingress that it serves."""
    pods = [deployment(f"edge-{i}", labels={"app": "edge"}, replicas=1, nodeName=name) for i, name in enumerate(where)]
    spec = {"profile": "ingress-nginx", "workload": "Deployment:shop/edge", "controller": "k8s.io/ingress-nginx"}
    row = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
    rules = {"ingressClassName": "nginx", "rules": [{"host": "a.example.com", "http": {"paths": [row]}}]}
    return [
        *pods,
        deployment("edge", replicas=len(where)),
        obj("IngressController", "edge", "shop", spec=spec),
        obj("IngressClass", "nginx", spec={"controller": "k8s.io/ingress-nginx"}),
        obj("Ingress", "web", "shop", spec=rules),
    ]


def test_node_08_one_node_for_a_controller() -> None:
    parts = edge()[1:]
    single = [deployment("edge", replicas=1), *parts]
    (words,) = told("NODE-08", *single)
    assert "goes through one Pod, on Node" in words
    spread = [deployment("edge", replicas=2), *parts]
    assert told("NODE-08", *spread) == [], "one Pod on each of two Nodes is half and half"
    assert told("NODE-08", *single, nodes=NODES[:1]) == [], "with one Node there is no other way"


def test_node_08_an_address_of_layer_2() -> None:
    kinds = {"L2Advertisement": "metallb.io/v1beta1/L2Advertisement:metallb-system/all",
             "BGPAdvertisement": "metallb.io/v1beta1/BGPAdvertisement:metallb-system/all"}  # fmt: skip
    layer2, bgp = (ForeignObject(oid, {"kind": kind}) for kind, oid in kinds.items())
    pools = {"loadBalancer": {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}}
    one = (deployment(), service(type="LoadBalancer"))
    assert len(told("NODE-08", *one, kept=(layer2,), **pools)) == 1
    assert told("NODE-08", *one, kept=(layer2, bgp), **pools) == []
    assert told("NODE-08", *one, service("api", {"app": "web"}, type="LoadBalancer"), kept=(layer2,), **pools) == []


def test_node_13_two_cards() -> None:
    two = node("n3", "192.168.10.13")
    two["status"]["addresses"].append({"type": "InternalIP", "address": "172.16.0.13"})
    assert told("NODE-13", nodes=(*NODES, two)) == ["Node n3 has 2 internal addresses: 192.168.10.13, 172.16.0.13"]
    both = node("n3", "192.168.10.13")
    both["status"]["addresses"] += [{"type": "InternalIP", "address": "fd00::13"},
                                    {"type": "ExternalIP", "address": "203.0.113.13"}]  # fmt: skip
    assert told("NODE-13", nodes=(*NODES, both)) == [], "one of each family, and one that is outside"


def test_node_15_a_taint_keeps_endpoints_away() -> None:
    taint = [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]
    nodes = (NODES[0], node("n2", "192.168.10.12", spec={"taints": taint}))
    tolerant = [{"key": "gpu", "operator": "Exists"}]
    client = deployment("client", labels={"app": "client"}, replicas=1, nodeName="n2", tolerations=tolerant)
    local = service(internalTrafficPolicy="Local")
    found = only("NODE-15", deployment(), local, client, nodes=nodes)
    assert found.object == "Deployment:shop/web"
    assert "n2" in found.title
    assert "taint" in found.why
    assert told("NODE-15", deployment(tolerations=tolerant), local, client, nodes=nodes) == []
    assert told("NODE-15", deployment(), service(), client, nodes=nodes) == [], "policy Cluster asks any Node"
