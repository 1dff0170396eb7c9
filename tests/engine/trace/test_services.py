"""Verdicts of Services: `domain/services.md` sections 3 and 8, `domain/kube-proxy.md` section 3, "No endpoints"."""

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, cluster_ip, dns, hops, make, pod, seen_source, service

NODE_PORT = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
NOT_READY = {"conditions": [{"type": "Ready", "status": "False"}], "phase": "Running"}
POOLS = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}


@pytest.mark.parametrize("plugin", ["calico", "flannel", "weave"])
def test_no_endpoint_anywhere_is_refused_at_once(plugin: str) -> None:
    state = cluster(pod("a", 1), service("web", type="NodePort", ports=NODE_PORT), plugin=plugin)
    for source, destination in (("a", "Service:default/web"), ("node-1", "Service:default/web"),
                                ("internet", "node-1:30080")):  # fmt: skip
        found = ask(state, source, destination)
        assert found.verdict == "rejected"
        assert "default/web has no endpoints" in found.reason
        assert "refused at once" in found.reason


def test_pods_that_are_not_ready_are_no_endpoints() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web", status=NOT_READY), service("web"))
    assert ask(state, "a", "Service:default/web").verdict == "rejected"


def test_publish_not_ready_addresses_leads_to_a_pod_that_may_not_answer() -> None:
    state = cluster(
        pod("a", 1), pod("b", 2, app="web", status=NOT_READY), service("web", publishNotReadyAddresses=True)
    )
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert "not Ready" in found.reason


def test_internal_policy_local_without_local_endpoint_is_dropped() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web", internalTrafficPolicy="Local"))
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "dropped"
    assert "has no local endpoints" in found.reason
    assert "time-out" in found.reason


def test_internal_policy_local_uses_the_local_endpoint() -> None:
    state = cluster(pod("a", 1), pod("b", 1, app="web"), pod("c", 2, app="web"),
                    service("web", internalTrafficPolicy="Local"))  # fmt: skip
    found = ask(state, "a", "Service:default/web")
    assert [path.labels for path in found.trace.paths()] == [()]
    assert found.verdict == "delivered"


def test_external_policy_local_is_short_circuited_for_pods_and_the_node() -> None:
    spec: dict[str, Any] = {"type": "NodePort", "ports": NODE_PORT, "externalTrafficPolicy": "Local"}
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web", **spec))
    assert ask(state, "a", "node-1:30080").verdict == "delivered"
    assert ask(state, "node-1", "node-1:30080").verdict == "delivered"
    assert ask(state, "internet", "node-1:30080").verdict == "dropped"


def test_undefined_port_follows_the_default_route() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"))
    found = ask(state, "a", f"{cluster_ip(state, 'web')}:81")
    assert found.verdict == "dropped"
    assert "not a Service port" in found.reason
    assert "time-out" in found.reason
    assert any("default" in hop.reason for hop in hops(found, "route"))


def test_headless_is_not_translated() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="db"), service("db", clusterIP="None"), *dns())
    right, wrong = ask(state, "a", "db:8080"), ask(state, "a", "db:80")
    assert right.verdict == "delivered"
    assert all(hop.outcome != "translated" for hop in hops(right, "rules"))
    assert wrong.verdict == "cannot-tell", "the Pod declares 8080 only, so whether 80 is listened on is not known"
    assert any("headless" in hop.reason for hop in wrong.trace.hops)


def test_headless_answers_with_every_ready_endpoint() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="db"), pod("c", 3, app="db"), service("db", clusterIP="None"), *dns())
    paths = ask(state, "a", "db:8080").trace.paths()
    assert [str(path.share) for path in paths] == ["1/2", "1/2"]


def test_named_target_port_that_no_pod_has_makes_no_endpoint() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web", target="grpc"))
    assert ask(state, "a", "Service:default/web").verdict == "rejected"


def test_undeclared_numeric_target_port_cannot_be_told() -> None:
    # services.md section 1: containerPort declaration is not required.
    state = cluster(pod("a", 1), pod("b", 2, app="web", port=None), service("web"))
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert "No container declares 8080/TCP" in found.reason


def test_terminating_fallback() -> None:
    gone = pod("b", 2, app="web")
    gone = gone.replace(metadata=gone.metadata.replace(deletionTimestamp="2026-01-01T00:00:00Z"))
    found = ask(cluster(pod("a", 1), gone, service("web")), "a", "Service:default/web")
    assert found.verdict == "delivered", "no ready endpoint: the serving, terminating one stands in"


def test_outside_cannot_reach_a_cluster_ip() -> None:
    state = cluster(pod("b", 2, app="web"), service("web"))
    by_address = ask(state, "internet", f"{cluster_ip(state, 'web')}:80")
    assert by_address.verdict == "no-route"
    assert ask(state, "internet", "Service:default/web").verdict == "no-route"


def test_session_affinity_is_said() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web", sessionAffinity="ClientIP"))
    found = ask(state, "a", "Service:default/web")
    assert any("sessionAffinity" in hop.reason for hop in hops(found, "rules"))


def ranges(plugin: str = "calico") -> ClusterState:
    spec: dict[str, Any] = {"type": "LoadBalancer", "loadBalancerSourceRanges": ["198.51.100.0/24"], "ports": NODE_PORT}
    good = make("ExternalClient", "good", {"addresses": ["198.51.100.9"]})
    bad = make("ExternalClient", "bad", {"addresses": ["203.0.113.9"]})
    return cluster(pod("b", 2, app="web"), service("web", **spec), good, bad, plugin=plugin, loadBalancer=POOLS)


@pytest.mark.parametrize("plugin", ["calico", "flannel", "weave"])
def test_load_balancer_source_ranges(plugin: str) -> None:
    state = ranges(plugin)
    assert ask(state, "good", "Service:default/web").verdict == "delivered"
    refused = ask(state, "bad", "Service:default/web")
    assert refused.verdict == "dropped"
    assert "loadBalancerSourceRanges" in refused.reason
    assert ask(state, "bad", "node-1:30080").verdict == "delivered", "node ports are not filtered"


def test_load_balancer_vip_any_node_alike() -> None:
    state = cluster(pod("b", 2, app="web"), service("web", type="LoadBalancer"), loadBalancer=POOLS)
    found = ask(state, "internet", "Service:default/web")
    assert found.verdict == "delivered"
    (balancer,) = hops(found, "loadbalancer")
    assert "all 3" in balancer.reason
    assert [row for row in balancer.details if row[0].startswith("Through")] == [
        (f"Through node-{n}", "delivered") for n in (1, 2, 3)
    ]


def test_load_balancer_local_uses_nodes_with_endpoints_only() -> None:
    spec: dict[str, Any] = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}
    state = cluster(pod("b", 2, app="web"), service("web", **spec), loadBalancer=POOLS)
    found = ask(state, "internet", "Service:default/web")
    assert (found.verdict, seen_source(found)) == ("delivered", "203.0.113.7")
    assert [hop.node for hop in hops(found, "wire")] == ["node-2"]


def test_load_balancer_local_without_endpoints() -> None:
    spec: dict[str, Any] = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}
    state = cluster(service("web", **spec), loadBalancer=POOLS)
    assert ask(state, "internet", "Service:default/web").verdict == "no-route"


def test_load_balancer_proxy_opens_its_own_connection() -> None:
    status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.80", "ipMode": "Proxy"}]}}
    state = cluster(pod("a", 1), pod("b", 2, app="web"),
                    service("web", type="LoadBalancer", ports=NODE_PORT, status=status))  # fmt: skip
    found = ask(state, "internet", "192.0.2.80:80")
    assert found.verdict == "delivered"
    packets = [hop.after for hop in hops(found, "wire")]
    assert packets[0] is not None
    assert (packets[0].dst, packets[0].dport, packets[0].src) == ("192.168.10.11", 30080, "192.0.2.80")
    back = hops(found, "deliver", "reply")[-1].after
    assert back is not None
    assert (back.src, back.sport, back.dst) == ("192.0.2.80", 80, "203.0.113.7")
    inside = ask(state, "a", "192.0.2.80:80")
    assert inside.verdict == "delivered", "from inside it goes out to the load balancer and comes back"
    assert [hop.kind for hop in inside.trace.paths()[0].hops].count("loadbalancer") >= 1


def test_pending_load_balancer() -> None:
    state = cluster(pod("b", 2, app="web"), service("web", type="LoadBalancer", allocateLoadBalancerNodePorts=False))
    assert ask(state, "internet", "Service:default/web").verdict == "no-route"


def test_entry_nodes_that_differ_are_told_apart() -> None:
    spec: dict[str, Any] = {"type": "NodePort", "ports": NODE_PORT, "externalTrafficPolicy": "Local"}
    state = cluster(pod("b", 2, app="web"), service("web", **spec))
    found = ask(state, "internet", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert "through node-1: dropped" in found.reason
    assert "through node-2: delivered" in found.reason


def test_kubernetes_service_leads_to_the_api_server() -> None:
    api = make("Service", "kubernetes", {"clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"],
                                         "ports": [{"name": "https", "port": 443, "targetPort": 6443}]})  # fmt: skip
    ends = make("EndpointSlice", "kubernetes", None, labels={"kubernetes.io/service-name": "kubernetes"})
    ends = ends.replace(
        addressType="IPv4",
        ports=[{"name": "https", "port": 6443, "protocol": "TCP"}],
        endpoints=[{"addresses": ["192.168.10.11"], "conditions": {"ready": True}}],
    )
    found = ask(cluster(pod("a", 2), api, ends), "a", "10.96.0.1:443")
    assert found.verdict == "delivered"
    assert "kube-apiserver" in found.reason


def test_external_hosts() -> None:
    known = make("ExternalHost", "api", {"addresses": ["198.51.100.20"], "names": ["api.example.com"],
                                         "ports": ["443/tcp"]})  # fmt: skip
    quiet = make("ExternalHost", "quiet", {"addresses": ["198.51.100.21"], "names": ["quiet.example.com"]})
    state = cluster(pod("a", 1), known, quiet, *dns())
    assert ask(state, "a", "https://api.example.com/v1").verdict == "delivered"
    assert ask(state, "a", "http://api.example.com/").verdict == "connection-refused"
    assert ask(state, "a", "https://quiet.example.com/").verdict == "cannot-tell"
    assert ask(state, "a", "https://unknown.example.com/").verdict == "cannot-tell"


def test_host_network_pod_behind_a_service() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web", hostNetwork=True), service("web"))
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "delivered"
    assert seen_source(found) == "192.168.10.11", "the Pod's address is masqueraded towards a node address"


def test_host_network_client_takes_the_output_hook() -> None:
    state = cluster(pod("a", 1, hostNetwork=True), pod("b", 2, app="web"), service("web"))
    found = ask(state, "Pod:default/a", "Service:default/web")
    assert found.verdict == "delivered"
    assert hops(found, "rules")[0].place == "node-1 · output"


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        (None, "matches 0 Pods."),
        (pod("b", 2, app="web", status=NOT_READY), "matches 1 Pod, none of them Ready"),
        (pod("b", 2, app="web", port=None), "targetPort http is not a container port"),
    ],
)
def test_no_endpoint_says_what_the_selector_finds(backend: KubeObject | None, words: str) -> None:
    objects = [pod("a", 1), service("web", target="http"), *([backend] if backend else [])]
    found = ask(cluster(*objects), "a", "Service:default/web")
    assert found.verdict == "rejected"
    assert words in found.reason
    assert hops(found, "rules")[-1].decided_by[-1].object == "Service:default/web"


def test_terminating_fallback_is_said() -> None:
    gone = pod("b", 2, app="web")
    gone = gone.replace(metadata=gone.metadata.replace(deletionTimestamp="2026-01-01T00:00:00Z"))
    found = ask(cluster(pod("a", 1), gone, service("web")), "a", "Service:default/web")
    assert "terminating and still serving" in hops(found, "rules")[0].reason


def test_short_circuit_is_said() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web", type="LoadBalancer"), loadBalancer=POOLS)
    vip = state.control.services["Service:default/web"].load_balancer[0].ip
    assert "the load balancer is not involved" in hops(ask(state, "a", f"{vip}:80"), "send")[0].reason


def test_a_translation_names_rule_and_service() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"))
    rule, named = hops(ask(state, "a", "Service:default/web"), "rules")[0].decided_by
    assert rule.text.startswith("nat KUBE-SEP-")
    assert rule.object == "Node:node-1"
    assert named.object == "Service:default/web"


def test_a_pod_on_a_node_that_is_not_there() -> None:
    for plugin in ("calico", "flannel"):
        state = cluster(pod("a", 1), pod("lost", 9, status={"podIP": "10.244.9.9"}), plugin=plugin)
        assert ask(state, "a", "Pod:default/lost").verdict in ("cannot-tell", "no-route")
        assert ask(state, "Pod:default/lost", "Pod:default/a").verdict == "cannot-tell"


def test_the_api_server_may_stand_on_a_machine_that_is_no_node() -> None:
    api = make("Service", "kubernetes", {"clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"],
                                         "ports": [{"name": "https", "port": 443, "targetPort": 6443}]})  # fmt: skip
    ends = make("EndpointSlice", "kubernetes", None, labels={"kubernetes.io/service-name": "kubernetes"})
    ends = ends.replace(
        addressType="IPv4",
        ports=[{"name": "https", "port": 6443, "protocol": "TCP"}],
        endpoints=[{"addresses": ["192.168.10.10"], "conditions": {"ready": True}}],
    )
    found = ask(cluster(pod("a", 2), api, ends), "a", "10.96.0.1:443")
    assert found.verdict == "delivered"
    assert seen_source(found) == "192.168.10.12", "beyond the Pods' range the node's address is written"
    assert ask(cluster(pod("a", 2), api, ends), "a", "192.168.10.10:22").verdict == "cannot-tell"


def test_a_pod_behind_an_exposed_service_names_it() -> None:
    state = cluster(pod("b", 2, app="web"), service("web", type="NodePort", ports=NODE_PORT))
    found = ask(state, "internet", "Pod:default/b")
    assert found.verdict == "no-route"
    assert "ask for Service default/web" in found.reason


def test_of_many_nodes_those_with_and_without_an_endpoint_are_followed() -> None:
    spec: dict[str, Any] = {"type": "NodePort", "ports": NODE_PORT, "externalTrafficPolicy": "Local"}
    state = cluster(pod("b", 9, app="web"), service("web", **spec), nodes=9)
    many = cluster(
        *[make("Node", f"n{i:02}", status={"addresses": [{"type": "InternalIP", "address": f"192.168.10.{i + 10}"}]})
          for i in range(40)],
        pod("b", 0, app="web", nodeName="n39"),
        service("web", **spec),
    )  # fmt: skip
    assert ask(state, "internet", "Service:default/web").verdict == "cannot-tell"
    found = ask(many, "internet", "Service:default/web")
    assert found.verdict == "cannot-tell", "n39 answers, the others drop"
    assert "through n39: delivered" in found.reason


def test_the_only_protocol_of_a_port_is_taken_where_none_is_given() -> None:
    sctp = [{"containerPort": 5000, "protocol": "SCTP"}]
    state = cluster(pod("a", 1), pod("b", 2, app="web", ports=sctp),
                    service("web", ports=[{"port": 5000, "protocol": "SCTP"}]))  # fmt: skip
    found = ask(state, "a", "Service:default/web:5000")
    assert found.verdict == "delivered"
    assert "is SCTP; no protocol was given" in found.trace.hops[0].reason
    assert ask(state, "a", f"tcp://{cluster_ip(state, 'web')}:5000").verdict == "dropped"


def test_endpoints_outside_the_cluster() -> None:
    legacy = make("Service", "legacy", {"ports": [{"port": 5432}]})
    ends = make("EndpointSlice", "legacy-1", None, labels={"kubernetes.io/service-name": "legacy"}).replace(
        addressType="IPv4",
        ports=[{"name": "", "port": 5432, "protocol": "TCP"}],
        endpoints=[{"addresses": ["198.51.100.30"], "conditions": {"ready": True}}],
    )
    db = make("ExternalHost", "db", {"addresses": ["198.51.100.30"], "ports": ["5432/tcp"]})
    found = ask(cluster(pod("a", 1), legacy, ends, db), "a", "Service:default/legacy")
    assert found.verdict == "delivered"
    assert seen_source(found) == "192.168.10.11"
    back = hops(found, "deliver", "reply")[-1].after
    assert back is not None
    assert (back.src, back.sport) == (cluster_ip(cluster(pod("a", 1), legacy, ends, db), "legacy"), 5432)


def test_a_load_balancer_with_a_host_name() -> None:
    status = {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}
    spec: dict[str, Any] = {"type": "LoadBalancer", "ports": NODE_PORT, "externalTrafficPolicy": "Local"}
    state = cluster(pod("b", 2, app="web"), service("web", status=status, **spec))
    for destination in ("Service:default/web", "http://lb.example.com/"):
        found = ask(state, "internet", destination)
        assert found.verdict == "delivered", found.reason
        assert [hop.toward for hop in hops(found, "wire")] == ["Node:node-2"], "only the Node with an endpoint"
        assert any("lb.example.com" in hop.reason for hop in hops(found, "resolve"))


def test_nodes_excluded_from_load_balancers_get_none_of_their_traffic() -> None:
    from tests.engine.trace.clusters import node

    excluded = {"node.kubernetes.io/exclude-from-external-load-balancers": ""}
    state = cluster(node(1, labels=excluded), node(2), pod("b", 1, app="web"), service("web", type="LoadBalancer"),
                    loadBalancer=POOLS)  # fmt: skip
    (balancer,) = hops(ask(state, "internet", "Service:default/web"), "loadbalancer")
    assert "node-2 is the only Node" in balancer.reason


def test_a_node_is_refused_by_its_own_node_port_without_endpoints() -> None:
    """KUBE-EXTERNAL-SERVICES stands in INPUT (kube-proxy.md section 3), which a node's packet to itself meets too."""
    state = cluster(pod("a", 1), service("web", type="NodePort", ports=NODE_PORT))
    for destination in ("node-1:30080", "127.0.0.1:30080"):
        found = ask(state, "node-1", destination)
        assert found.verdict == "rejected"
        assert "default/web has no endpoints" in found.reason


@pytest.mark.parametrize(("where", "answer"), [(1, "503: node-1 has none"), (2, "200: node-2 has 2 of its ready")])
def test_the_health_check_port_says_whether_the_node_has_endpoints(where: int, answer: str) -> None:
    """`domain/services.md` section 3, healthCheckNodePort: 200 with local ready endpoints, else 503."""
    spec: dict[str, Any] = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}
    state = cluster(pod("b", 2, app="web"), pod("c", 2, app="web"), pod("d", 1, app="web", status=NOT_READY),
                    service("web", **spec), loadBalancer=POOLS)  # fmt: skip
    port = state.control.services["Service:default/web"].health_check_node_port
    found = ask(state, "internet", f"node-{where}:{port}")
    assert found.verdict == "delivered"
    assert answer in found.reason


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
def test_a_service_of_another_proxy_is_not_known(mode: str) -> None:
    """kube-proxy does not see Services with this label (the reference's README, "How kube-proxy was run")."""
    spec = {"selector": {"app": "web"}, "type": "NodePort", "ports": NODE_PORT}
    other = make("Service", "web", spec, labels={"service.kubernetes.io/service-proxy-name": "mine"})
    state = cluster(pod("a", 1), pod("b", 2, app="web"), other, kubeProxy={"mode": mode})
    for destination in (f"{cluster_ip(state, 'web')}:80", "node-1:30080"):
        for source in ("a", "node-1"):
            found = ask(state, source, destination)
            assert found.verdict == "cannot-tell"
            assert "another proxy" in found.reason
