"""Policies on the way: `domain/policies.md` sections 2, 3 (NAT interplay) and 10 (vectors)."""

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from tests.engine.trace.clusters import ask, cluster, dns, hops, make, pod, policy, service

NODE_PORT = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
WEB = {"matchLabels": {"app": "web"}}
ENGINES = ["calico", "weave"]


def from_block(cidr: str) -> dict[str, Any]:
    return {"policyTypes": ["Ingress"], "ingress": [{"from": [{"ipBlock": {"cidr": cidr}}]}]}


def to_block(cidr: str) -> dict[str, Any]:
    return {"policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": cidr}}]}]}


def node_port_cluster(plugin: str, where: int, spec: dict[str, Any]) -> ClusterState:
    """A Service whose one Pod allows 203.0.113.0/24 only."""
    allowed = policy("clients", WEB, **from_block("203.0.113.0/24"))
    return cluster(pod("b", where, app="web"), service("web", **spec), allowed, plugin=plugin)


@pytest.mark.parametrize("plugin", ENGINES)
def test_policies_see_the_pod_behind_the_cluster_ip(plugin: str) -> None:
    # "pod -> ClusterIP (kube-proxy)": pod IP:targetPort, client pod IP.
    """policies.md 3, row 'ClusterIP by kube-proxy'."""
    only_a: dict[str, Any] = {
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "a"}}}], "ports": [{"port": 8080}]}]
    }
    state = cluster(pod("a", 1), pod("x", 1), pod("b", 2, app="web"), service("web"), policy("only-a", WEB, **only_a),
                    plugin=plugin)  # fmt: skip
    assert ask(state, "a", "Service:default/web").verdict == "delivered"
    denied = ask(state, "x", "Service:default/web")
    assert denied.verdict == "denied"
    assert denied.trace.paths()[0].policies == ("NetworkPolicy:default/only-a",)
    assert "default/only-a" in denied.reason
    stop = hops(denied, "policy")[-1]
    assert (stop.node, stop.outcome) == ("node-2", "denied")
    assert [proof.object for proof in stop.decided_by] == ["NetworkPolicy:default/only-a"]


@pytest.mark.parametrize("plugin", ENGINES)
def test_service_port_in_a_policy_does_not_match(plugin: str) -> None:
    # Section 10: "NP ingress ports [{port: 80}], Service 80->8080": deny; needs 8080.
    """policies.md 1, row 'Which port'."""
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"),
                    policy("eighty", WEB, ingress=[{"ports": [{"port": 80}]}]), plugin=plugin)  # fmt: skip
    assert ask(state, "a", "Service:default/web").verdict == "denied"


@pytest.mark.parametrize("plugin", ENGINES)
def test_ip_block_of_the_service_range_matches_nothing(plugin: str) -> None:
    # Section 10: "NP egress to ipBlock 10.96.0.0/12", x -> svc -> y: deny.
    """policies.md 8, row 'API server'."""
    vip = policy("vip", {"matchLabels": {"app": "a"}}, **to_block("10.96.0.0/12"))
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), vip, plugin=plugin)
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "denied"
    assert hops(found, "policy")[-1].node == "node-1", "denied at the source"


@pytest.mark.parametrize("plugin", ENGINES)
def test_node_port_cluster_same_node_sees_the_client(plugin: str) -> None:
    # "external -> nodePort/LB, Cluster, endpoint on same node": FORWARD engines see the client IP.
    """policies.md 3, row 'Node port, Cluster, same Node'."""
    spec: dict[str, Any] = {"type": "NodePort", "ports": NODE_PORT}
    state = node_port_cluster(plugin, 1, spec)
    assert ask(state, "internet", "node-1:30080").verdict == "delivered"


@pytest.mark.parametrize("plugin", ENGINES)
def test_node_port_cluster_other_node_sees_the_entry_node(plugin: str) -> None:
    # "same, endpoint on other node": the ingress node's interface address, so the clients' ipBlock misses.
    """policies.md 3, row 'Node port, Cluster, other Node'."""
    spec: dict[str, Any] = {"type": "NodePort", "ports": NODE_PORT}
    state = node_port_cluster(plugin, 2, spec)
    found = ask(state, "internet", "node-1:30080")
    assert found.verdict == "denied"
    assert "was translated on node-1" in found.reason


@pytest.mark.parametrize("plugin", ENGINES)
def test_node_port_local_sees_the_client(plugin: str) -> None:
    """policies.md 3, row 'Node port, Local'."""
    spec: dict[str, Any] = {"type": "NodePort", "ports": NODE_PORT, "externalTrafficPolicy": "Local"}
    state = node_port_cluster(plugin, 2, spec)
    assert ask(state, "internet", "node-2:30080").verdict == "delivered"


def test_pod_to_outside_is_checked_before_the_source_is_translated() -> None:
    """policies.md 3, row 'Pod to outside'."""
    state = cluster(pod("a", 1), policy("out", {"matchLabels": {"app": "a"}}, **to_block("198.51.100.0/24")))
    assert ask(state, "a", "8.8.8.8:443").verdict == "denied"
    assert ask(state, "a", "198.51.100.7:443").verdict == "cannot-tell", "allowed, and beyond the cluster unknown"


def test_own_node_reaches_its_pods_and_other_nodes_do_not() -> None:
    # Section 2: the Pod's node always, other nodes are ordinary external sources.
    state = cluster(pod("b", 1, app="web"), policy("closed", WEB, policyTypes=["Ingress"]))
    assert ask(state, "node-1", "Pod:default/b").verdict == "delivered"
    assert ask(state, "node-2", "Pod:default/b").verdict == "denied"


def test_a_pod_always_reaches_itself() -> None:
    # Section 10: x -> x by localhost: allow.
    state = cluster(pod("x", 1), policy("closed", {}, policyTypes=["Ingress", "Egress"]))
    assert ask(state, "x", "localhost:8080").verdict == "delivered"
    assert ask(state, "x", "Pod:default/x").verdict == "delivered"


@pytest.mark.parametrize(("source", "verdict"), [("a/x", "delivered"), ("b/x", "denied"), ("internet", "no-route")])
def test_pod_selector_means_the_policy_s_own_namespace(source: str, verdict: str) -> None:
    """policies.md 1, row 'podSelector alone'."""
    state = cluster(
        pod("x", 1, namespace="a"), pod("y", 2, namespace="a"), pod("x", 3, namespace="b"),
        policy("same", {}, "a", ingress=[{"from": [{"podSelector": {}}]}]),
    )  # fmt: skip
    assert ask(state, source, "Pod:a/y").verdict == verdict


@pytest.mark.parametrize(("plugin", "verdict"), [("calico", "denied"), ("flannel", "delivered")])
def test_flannel_ignores_policies(plugin: str, verdict: str) -> None:
    state = cluster(pod("a", 1), pod("b", 2), policy("closed", {}, policyTypes=["Ingress", "Egress"]), plugin=plugin)
    found = ask(state, "a", "Pod:default/b")
    assert found.verdict == verdict
    if plugin == "flannel":
        assert {hop.outcome for hop in hops(found, "policy")} == {"not enforced"}
        assert all("no policy engine" in hop.reason for hop in hops(found, "policy"))


def test_egress_denies_although_ingress_allows() -> None:
    """policies.md 1, row 'Two checks'; policies.md 4, row 'Both directions'; policies.md 9, row 'Egress side'."""
    state = cluster(pod("a", 1), pod("b", 2), policy("no-out", {"matchLabels": {"app": "a"}}, policyTypes=["Egress"]))
    found = ask(state, "a", "Pod:default/b")
    assert found.verdict == "denied"
    assert [hop.node for hop in hops(found, "policy")] == ["node-1"]


def test_dns_denied_fails_every_name() -> None:
    # Section 8: default deny egress: "forgot DNS -> everything fails by name".
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), *dns(),
                    policy("no-out", {"matchLabels": {"app": "a"}}, policyTypes=["Egress"],
                           egress=[{"to": [{"podSelector": WEB}]}]))  # fmt: skip
    found = ask(state, "a", "http://web")
    assert found.verdict == "name-not-found"
    assert found.reason.startswith("DNS denied by NetworkPolicy default/no-out.")
    assert found.trace.paths()[0].policies == ("NetworkPolicy:default/no-out",)
    assert ask(state, "a", "Service:default/web").verdict == "delivered", "by address it works"


@pytest.mark.parametrize(("protocols", "verdict"), [(["TCP"], "name-not-found"), (["UDP", "TCP"], "delivered")])
def test_dns_needs_udp(protocols: list[str], verdict: str) -> None:
    # Section 1: ports[].protocol defaults to TCP; a DNS rule needs UDP and TCP entries.
    """policies.md 8, row 'DNS'."""
    rule = {"to": [{"namespaceSelector": {}}], "ports": [{"port": 53, "protocol": p} for p in protocols]}
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), *dns(),
                    policy("out", {"matchLabels": {"app": "a"}}, policyTypes=["Egress"],
                           egress=[{"to": [{"podSelector": WEB}]}, rule]))  # fmt: skip
    assert ask(state, "a", "http://web").verdict == verdict


def test_dns_denied_at_the_dns_pods() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), *dns(),
                    policy("closed", {}, "kube-system", policyTypes=["Ingress"]))  # fmt: skip
    found = ask(state, "a", "http://web")
    assert found.verdict == "name-not-found"
    assert "kube-system/closed" in found.reason


def test_br_netfilter_off_hides_the_frame_from_the_engine() -> None:
    state = cluster(pod("a", 1), pod("b", 1), policy("closed", {}, policyTypes=["Ingress"]), plugin="weave",
                    cni={"bridgeNetfilter": False})  # fmt: skip
    assert ask(state, "a", "Pod:default/b").verdict == "cannot-tell"


def test_ingress_controller_needs_to_be_allowed() -> None:
    # "ingress controller -> pod": the controller's own Pod is the source.
    """policies.md 3, row 'Ingress controller'; policies.md 8, row 'Ingress controller'."""
    controller = make("IngressController", "edge", {"profile": "spec", "workload": "Pod:default/edge",
                                                    "service": "Service:default/edge"})  # fmt: skip
    kind = make("IngressClass", "edge", {"controller": "example.com/ingress-controller"})
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rules = [{"host": "shop.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    ingress = make("Ingress", "shop", {"ingressClassName": "edge", "rules": rules})
    objects = (pod("edge", 3, port=80), service("edge", 80, 80, type="LoadBalancer"), controller, kind, ingress,
               pod("b", 2, app="web"), service("web"))  # fmt: skip
    pools = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}
    closed = cluster(*objects, policy("closed", WEB, policyTypes=["Ingress"]), loadBalancer=pools)
    found = ask(closed, "internet", "http://shop.example.com/")
    assert found.verdict == "denied"
    assert "edge cannot get an answer from default/web" in found.reason
    opened = policy("edge-only", WEB, ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "edge"}}}]}])
    assert (
        ask(cluster(*objects, opened, loadBalancer=pools), "internet", "http://shop.example.com/").verdict
        == "delivered"
    )


@pytest.mark.parametrize("plugin", ["calico", "flannel", "weave", "cilium"])
def test_a_pod_reaches_itself_whatever_the_plugin(plugin: str) -> None:
    """`domain/policies.md` section 2: by localhost or its own address always; the packet never leaves the Pod."""
    closed = policy("p", {}, policyTypes=["Ingress", "Egress"])
    state = cluster(pod("a", 1), closed, plugin=plugin)
    for destination in ("localhost:8080", "Pod:default/a:8080"):
        assert ask(state, "a", destination).verdict == "delivered"


@pytest.mark.parametrize("plugin", ENGINES)
def test_egress_is_checked_with_the_port_behind_the_service(plugin: str) -> None:
    """policies.md 1, row 'Which port': the port that the Pod listens on, on the way out too."""
    client = {"matchLabels": {"app": "a"}}

    def answer(port: int) -> str:
        rule = policy("out", client, policyTypes=["Egress"], egress=[{"ports": [{"port": port}]}])
        state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), rule, plugin=plugin)
        return ask(state, "a", "Service:default/web").verdict

    assert (answer(8080), answer(80)) == ("delivered", "denied")


def test_the_way_out_of_a_pod_that_calls_its_own_service_is_left_open_where_it_is_isolated() -> None:
    """policies.md 3, row 'Hairpin': engines see the Pod's own address on both sides and treat it differently."""
    closed = policy("closed", WEB, policyTypes=["Egress"])
    state = cluster(pod("b", 1, app="web"), service("web"), closed, plugin="calico")
    found = ask(state, "b", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert "reaches itself through a Service" in found.reason
    assert [proof.object for proof in hops(found, "policy")[-1].decided_by] == ["NetworkPolicy:default/closed"]
