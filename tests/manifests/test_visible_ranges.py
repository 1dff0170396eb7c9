"""Ranges of an input that shows addresses but does not name the ranges.

Why they matter: domain/kube-proxy.md section 6: what lies outside clusterCIDR is no Pod to kube-proxy and is
masqueraded, so a Pod range that does not hold the Pods turns every answer about policies behind a ClusterIP around.
"""

import pytest

from designer.engine.checks import check
from designer.engine.cni.ranges import contains
from designer.engine.compile import compile_project
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.manifests import ImportResult, read_texts
from designer.model import effective_kube_proxy

NODES = """
apiVersion: v1
kind: Node
metadata: {name: w1}
%s
status:
  addresses: [{type: InternalIP, address: 172.18.0.2}]
  conditions: [{type: Ready, status: "True"}]
---
"""
PODS = """
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a}}
spec: {nodeName: w1, containers: [{name: c, image: x}]}
status: {phase: Running, podIP: %(a)s, podIPs: [{ip: %(a)s}], conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, labels: {app: b}}
spec: {nodeName: w1, containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
status: {phase: Running, podIP: %(b)s, podIPs: [{ip: %(b)s}], conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Service
metadata: {name: b}
spec: {clusterIP: 10.96.4.4, clusterIPs: [10.96.4.4], selector: {app: b}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: only-a}
spec: {podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]}
---
"""
IP_POOL = """
apiVersion: crd.projectcalico.org/v1
kind: IPPool
metadata: {name: default-ipv4-ippool}
spec: {cidr: 192.168.0.0/16, ipipMode: Always, natOutgoing: true}
"""
WEAVE = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: weave-net, namespace: kube-system}
spec:
  selector: {matchLabels: {name: weave-net}}
  template:
    metadata: {labels: {name: weave-net}}
    spec: {hostNetwork: true, containers: [{name: weave, image: weave}]}
"""


def read(*parts: str) -> ImportResult:
    return read_texts([("input.yaml", "".join(parts))])


def verdict(found: ImportResult) -> tuple[str, str]:
    result, problems = ask(compile_project(found.project), Request("Pod:default/a", "10.96.4.4:80"))
    assert result is not None and not problems
    return result.verdict, result.reason


@pytest.mark.parametrize(
    ("plugin", "a", "b"),
    [
        (IP_POOL, "192.168.7.1", "192.168.7.2"),
        ("", "192.168.7.1", "192.168.7.2"),
        (WEAVE, "10.32.0.2", "10.44.0.3"),
    ],
    ids=["calico's pool", "Pods alone", "weave"],
)
def test_the_call_of_a_pod_by_its_service_keeps_its_source(plugin: str, a: str, b: str) -> None:
    """Section 7: pod -> ClusterIP -> pod is not masqueraded, so the policy that allows Pod a lets it through."""
    assert verdict(read(NODES % "", PODS % {"a": a, "b": b}, plugin))[0] == "delivered"


def test_pod_ranges_of_nodes_come_before_the_plugins_pool() -> None:
    """nodeipam gives podCIDRs out of --cluster-cidr, which kubeadm also writes as kube-proxy's clusterCIDR."""
    cluster = read(NODES % "spec: {podCIDR: 10.244.0.0/24}", IP_POOL).project.cluster
    assert (cluster.podCIDRs, cluster.cni.pool) == (("10.244.0.0/16",), ("192.168.0.0/16",))


def test_a_given_cluster_cidr_stands() -> None:
    proxy = "---\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.0.0.0/8\n"
    cluster = read(NODES % "", WEAVE, proxy).project.cluster
    assert effective_kube_proxy(cluster).clusterCIDR == "10.0.0.0/8"


def test_service_range_stays_clear_of_the_pod_range() -> None:
    """k3s: Pods in 10.42.0.0/16, Services in 10.43.0.0/16; kubeadm's /12 around 10.43.0.1 would hold both."""
    spec = "spec: {clusterIP: 10.43.0.1, ports: [{port: 443}]}"
    service = f"apiVersion: v1\nkind: Service\nmetadata: {{name: kubernetes}}\n{spec}\n"
    cluster = read(NODES % "spec: {podCIDR: 10.42.0.0/24}", service).project.cluster
    assert (cluster.podCIDRs, cluster.serviceCIDRs) == (("10.42.0.0/16",), ("10.43.0.0/16",))


CLUSTER_IP = "---\napiVersion: v1\nkind: Service\nmetadata: {name: %s%s}\nspec: {clusterIP: %s, ports: [{port: 80}]}\n"
UID = ", uid: 6f5d0f1e-0000-4000-8000-00000000000%d"


@pytest.mark.parametrize(
    ("uid", "addresses", "ranges"),
    [
        ("", ("10.96.1.1", "172.30.0.1"), ("10.96.0.0/12",)),
        ("", ("10.43.0.1", "10.43.0.2", "10.96.0.9"), ("10.32.0.0/12",)),
        (UID, ("10.96.1.1", "172.30.0.1"), ("10.96.0.0/12", "172.30.0.0/16")),
        (UID, ("10.43.0.1", "10.43.9.2"), ("10.32.0.0/12",)),
    ],
    ids=["a slip", "most stand elsewhere", "an API server gave out both", "k3s"],
)
def test_service_ranges_are_no_wider_than_an_api_server_takes(
    uid: str, addresses: tuple[str, ...], ranges: tuple[str, ...]
) -> None:
    """kube-apiserver refuses a --service-cluster-ip-range shorter than /12 (cmd/kube-apiserver/app/options)."""
    texts = [CLUSTER_IP % (f"s{n}", uid % n if uid else "", ip) for n, ip in enumerate(addresses)]
    found = read(*texts)
    assert found.project.cluster.serviceCIDRs == ranges
    state = compile_project(found.project)
    refused = [p.object for p in state.problems if p.code == "IP-10"]
    outside = [f"Service:default/s{n}" for n, ip in enumerate(addresses) if not any(contains(r, ip) for r in ranges)]
    assert refused == outside
    assert not [p for p in check(state) if p.code in ("IP-02", "IP-03", "IP-04")]


def test_addresses_of_a_service_cidr_object_widen_no_range() -> None:
    extra = "---\napiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: more}\n"
    extra += "spec: {cidrs: [172.30.0.0/16]}\n"
    found = read(CLUSTER_IP % ("a", "", "10.96.1.1"), CLUSTER_IP % ("b", "", "172.30.0.1"), extra)
    assert found.project.cluster.serviceCIDRs == ("10.96.0.0/12",)
    assert not [p for p in compile_project(found.project).problems if p.code == "IP-10"]


def test_nodes_far_apart_make_no_overlap() -> None:
    """What holds 10.0.1.5 and 10.200.1.6 holds the Pods' and the Services' range as well, and is nobody's network."""
    nodes = "".join(
        f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: n{ip[3]}}}\n"
        f"status: {{addresses: [{{type: InternalIP, address: {ip}}}]}}\n"
        for ip in ("10.0.1.5", "10.200.1.6")
    )
    problems = check(compile_project(read(nodes).project))
    assert not [p for p in problems if p.code in ("IP-01", "IP-03")]


STORED = """---
apiVersion: v1
kind: Service
metadata: {name: web, uid: %s}
spec:
  type: NodePort
  clusterIP: 10.96.0.9
  ports: [{name: a, port: 80, nodePort: 20080}, {name: b, port: 81, nodePort: 31000}]
"""


@pytest.mark.parametrize(
    ("uid", "given", "expected", "kept"),
    [
        ("6f5d0f1e-0000-4000-8000-000000000001", "", (20080, 32767), True),
        ('""', "", (30000, 32767), False),
        ("6f5d0f1e-0000-4000-8000-000000000001", "30000-31500", (30000, 31500), False),
    ],
)
def test_node_ports_that_an_api_server_gave_lie_in_its_range(
    uid: str, given: str, expected: tuple[int, int], kept: bool
) -> None:
    """A dump of a cluster with another --service-node-port-range: a Service that is stored (it has a uid) exists."""
    kubeadm = "---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n"
    kubeadm += f"  - {{name: service-node-port-range, value: {given}}}\n"
    found = read(NODES % "", STORED % uid, kubeadm if given else "")
    control = compile_project(found.project).control
    assert found.project.cluster.nodePortRange == expected
    assert ("Service:default/web" in control.services) is kept
    assert ("setting:nodePortRange" in found.project.cluster.assumed) is kept
    if kept:
        assert [port.node_port for port in control.services["Service:default/web"].ports] == [20080, 31000]
