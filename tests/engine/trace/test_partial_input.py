"""What a project does not show: a part of a cluster says nothing of the rest.

The API server makes Service default/kubernetes itself and keeps it (pkg/controlplane/controller/kubernetesservice): a
project without it shows a part of a cluster.
"""

import pytest

from designer.engine.checks import check
from designer.engine.compile import compile_project
from designer.manifests import read_texts
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, dns, make, pod, service

NODE = """
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 172.18.0.2}], conditions: [{type: Ready, status: "True"}]}
---
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: %s, labels: {app: %s}}
spec: {nodeName: %s, containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
status: {phase: Running, podIP: %s, conditions: [{type: Ready, status: "True"}]}
---
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
"""
KUBERNETES = make("Service", "kubernetes", {"clusterIP": "10.96.0.1", "ports": [{"port": 443, "targetPort": 6443}]})


@pytest.mark.parametrize("address", ["10.96.0.1", "10.96.0.10", "10.100.1.1"])
def test_an_unknown_cluster_ip_of_a_part_of_a_cluster_cannot_be_told(address: str) -> None:
    found = ask(cluster(pod("a", 1), service("web")), "a", f"{address}:443")
    assert found.verdict == "cannot-tell"
    assert "default/kubernetes, which every cluster has" in found.reason


def test_an_unknown_cluster_ip_of_a_whole_cluster_is_nobodys() -> None:
    """kube-proxy.md section 4: in iptables mode an unallocated ClusterIP leaks out by the default route."""
    found = ask(cluster(pod("a", 1), service("web"), KUBERNETES), "a", "10.100.1.1:443")
    assert found.verdict == "dropped"
    assert "no Service has it" in found.reason


@pytest.mark.parametrize("name", ["kubernetes", "kubernetes.default", "kubernetes.default.svc.cluster.local"])
def test_the_api_servers_name_exists_in_every_cluster(name: str) -> None:
    found = ask(cluster(pod("a", 1), *dns()), "a", f"https://{name}/")
    assert found.verdict == "cannot-tell"
    assert "default/kubernetes, which every cluster has" in found.reason
    elsewhere = cluster(pod("a", 1, namespace="shop"), *dns())
    assert ask(elsewhere, "Pod:shop/a", "https://kubernetes/").verdict == "name-not-found", "it is in namespace default"


@pytest.mark.parametrize("where", [1, 3])
def test_the_address_of_an_ended_pod_leads_to_the_pod_that_has_it_now(where: int) -> None:
    """An ended Pod has no sandbox, so its address is free (ipam.md section 1, lifetime of a Pod IP)."""
    ended = pod("a-job", where, status={"podIP": "10.244.9.9", "podIPs": [{"ip": "10.244.9.9"}], "phase": "Succeeded"})
    status = {"podIP": "10.244.9.9", "podIPs": [{"ip": "10.244.9.9"}], "phase": "Running"}
    state = cluster(ended, pod("web", 2, status={**status, "conditions": [{"type": "Ready", "status": "True"}]}),
                    pod("z", 1), plugin="calico", backend="bgp")  # fmt: skip
    for source in ("z", "node-2"):
        found = ask(state, source, "10.244.9.9:8080")
        assert found.verdict == "delivered", found.reason
        ends = [hop.at for hop in found.trace.paths()[0].hops if hop.kind == "deliver"]
        assert ends[0] == "Pod:default/web"
    route = next(hop for hop in ask(state, "node-2", "10.244.9.9:8080").trace.paths()[0].hops if hop.kind == "route")
    assert "a-job" not in route.reason and "dev cali" in route.reason


def test_pods_on_nodes_that_the_input_lacks_are_endpoints_that_cannot_be_followed() -> None:
    """A dump of Pods and Services with some of the Nodes: the cluster's own EndpointSlices hold every running Pod."""
    text = NODE + POD % ("a", "a", "n1", "10.244.0.5") + SERVICE
    far, near = POD % ("far", "web", "n9", "10.244.9.9"), POD % ("near", "web", "n1", "10.244.0.6")
    for pods, expected in ((far, {"cannot-tell": "1"}), (far + near, {"delivered": "1/2", "cannot-tell": "1/2"})):
        state = compile_project(read_texts([("input.yaml", text + pods)]).project)
        found = ask(state, "a", "Service:default/web")
        assert {path.verdict: str(path.share) for path in found.trace.paths()} == expected
        assert "runs on n9, which is no Node of the project" in found.reason


def test_pods_drawn_on_a_node_that_is_gone_are_no_endpoints() -> None:
    """The endpoint controller passes over Pods whose Node it does not find (pkg/controller/.../reconciler.go)."""
    found = ask(cluster(pod("a", 1), pod("b", 9, app="web"), service("web")), "a", "Service:default/web")
    assert found.verdict == "rejected"


@pytest.mark.parametrize(
    "destination", ["10.244.0.9:8080", "Pod:default/one", "Pod:default/two", "Service:default/web"]
)
def test_an_address_that_an_input_gives_to_two_pods_leads_to_neither(destination: str) -> None:
    """A running Pod's address is its own (ipam.md section 1): an input of two moments does not say who has it now."""
    twice = POD % ("one", "web", "n1", "10.244.0.9") + POD % ("two", "web", "n1", "10.244.0.9")
    text = NODE + POD % ("a", "a", "n1", "10.244.0.5") + twice + SERVICE
    found = ask(compile_project(read_texts([("input.yaml", text)]).project), "a", destination)
    assert found.verdict == "cannot-tell"
    assert "default/one and default/two" in found.reason


SLICE = """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: web-x
  labels: {kubernetes.io/service-name: web, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io}
addressType: IPv4
ports: [{name: "", port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.4.0.9], nodeName: %s, conditions: {ready: true, serving: true, terminating: false}}]
---
"""
BALANCED = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  {type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.5%s}]}}
---
"""


@pytest.mark.parametrize("mode", ["", ", ipMode: Proxy"])
def test_a_local_balancer_whose_endpoints_are_on_nodes_that_the_input_lacks(mode: str) -> None:
    """services.md 3: Local sends to Nodes with endpoints; which these are stands in the slice, not in the project."""
    state = compile_project(read_texts([("part.yaml", NODE + BALANCED % mode + SLICE % "gke-1")]).project)
    found = ask(state, "internet", "http://203.0.113.5")
    assert (found.verdict, "gke-1, which the project does not have" in found.reason) == ("cannot-tell", True)
    text = (NODE + BALANCED % mode + SLICE % "n1").replace("ready: true,", "ready: false,")
    known = ask(compile_project(read_texts([("part.yaml", text)]).project), "internet", "http://203.0.113.5")
    assert known.verdict == "no-route"


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.1.1", "0.0.0.0"])
def test_a_slice_with_a_special_address_does_not_exist(address: str) -> None:
    """pkg/apis/core/validation, `ValidateEndpointIP`: the API server refuses it, so nothing is translated to it."""
    by_hand = SLICE.replace("managed-by: endpointslice-controller.k8s.io", "managed-by: me").replace(
        "10.4.0.9", address
    )
    result = read_texts([("part.yaml", NODE + BALANCED % "" + by_hand % "n1")])
    state = compile_project(result.project)
    assert state.control.slices["Service:default/web"][0].endpoints == ()
    assert [p.object for p in check(state) if p.code == "EPS-02"] == ["EndpointSlice:default/web-x"]


@pytest.mark.parametrize(("mode", "plugin"), [("iptables", "calico"), ("nftables", "flannel"), ("ipvs", "calico")])
def test_the_api_servers_endpoints_are_in_every_cluster(mode: str, plugin: str) -> None:
    """API servers write the slice of Service default/kubernetes themselves, shown or not."""
    state = cluster(pod("a", 1), KUBERNETES, plugin=plugin, kubeProxy={"mode": mode})
    found = ask(state, "a", "10.96.0.1:443")
    assert found.verdict == "cannot-tell" and "leads to the API servers" in found.reason
    assert ask(state, "a", "10.96.0.1:80").verdict != "cannot-tell", "a port that it does not have is not asked about"


def test_under_cilium_too() -> None:
    assert ask(cluster(pod("a", 1), KUBERNETES, plugin="cilium"), "a", "10.96.0.1:443").verdict == "cannot-tell"


ANOTHERS = make("EndpointSlice", "other", None, labels={"kubernetes.io/service-name": "other"})


@pytest.mark.parametrize(
    ("uid", "slices", "verdict"), [("1", (), "cannot-tell"), ("1", (ANOTHERS,), "rejected"), ("", (), "rejected")]
)
def test_a_seen_service_without_selector_has_the_endpoints_that_are_not_shown(
    uid: str, slices: tuple[KubeObject, ...], verdict: str
) -> None:
    """A dump without EndpointSlices says nothing of them; one with some shows all, and a manifest is all there is."""
    spec = {"clusterIP": "10.96.0.7", "ports": [{"port": 80}]}
    own = make("Service", "own", spec, **({"uid": uid} if uid else {}))
    assert ask(cluster(pod("a", 1), own, *slices), "a", "10.96.0.7:80").verdict == verdict
