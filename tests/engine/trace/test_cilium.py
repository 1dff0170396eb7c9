"""Cilium with kube-proxy's replacement, path by path (`domain/cni.md` section 6).

Facts of cilium/cilium: bpf/bpf_sock.c, bpf/bpf_lxc.c, bpf/lib/nodeport.h, bpf/lib/nat.h, pkg/loadbalancer/writer and
reconciler, Documentation/network/kubernetes/kubeproxy-free.rst, Documentation/network/concepts/masquerading.rst.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from designer.model import KubeObject
from tests.engine.trace.clusters import address, ask, cluster_ip, dns, make, pod, policy, service
from tests.engine.trace.ebpf import CLIENT, headers, host_ip, kinds, of_kind, seen, shop, way_to


def cilium(*more: KubeObject, backend: str = "vxlan", **cni: Any) -> ClusterState:
    return shop(*more, plugin="cilium", backend=backend, **cni)


def text(found: TraceResult) -> str:
    return " ".join(h.reason for p in found.trace.paths() for h in p.hops)


# A and B: Pod to Pod.
def test_a_pod_of_the_same_node_gets_the_packet_from_device_to_device() -> None:
    state = cilium()
    (path,) = ask(state, "a", "Pod:default/web-1").trace.paths()
    assert kinds(path)[1:] == ["send@node-1", "interface@node-1", "policy@node-1", "policy@node-1", "interface@node-1",
                               "deliver@node-1"]  # fmt: skip
    assert all(h.place.split(" · ")[1].startswith("lxc") for h in of_kind(path, "interface")[1:])
    assert seen(path) == address(state, "a")
    assert of_kind(path, "deliver")[0].after.ttl == 63  # type: ignore[union-attr]


def test_a_pod_of_another_node_is_reached_through_the_tunnel_with_addresses_as_they_are() -> None:
    state = cilium()
    (path,) = ask(state, "a", "Pod:default/web-2").trace.paths()
    (wrapped,) = of_kind(path, "encapsulate")
    assert wrapped.after is not None
    assert (wrapped.after.outer_src, wrapped.after.outer_dst) == ("192.168.10.11", "192.168.10.12")
    assert wrapped.decided_by[0].text == "VXLAN, UDP 8472"
    assert "dev cilium_host" in of_kind(path, "route")[0].reason
    assert len(headers(path)) == 1, "no address changes on the way"
    assert path.verdict == "delivered"


def test_native_routing_wraps_nothing_and_needs_to_know_the_routes() -> None:
    unsure = ask(cilium(backend="native"), "a", "Pod:default/web-2")
    assert unsure.verdict == "cannot-tell"
    assert "autoDirectNodeRoutes" in unsure.reason
    (path,) = ask(cilium(backend="native", autoDirectNodeRoutes=True), "a", "Pod:default/web-2").trace.paths()
    assert path.verdict == "delivered"
    assert not of_kind(path, "encapsulate")
    assert "via 192.168.10.12 dev eth0" in of_kind(path, "route")[0].reason


# C: Pod to ClusterIP.
def test_connect_is_given_the_endpoint_and_no_packet_carries_the_cluster_ip() -> None:
    """policies.md 3, row 'ClusterIP by Cilium at the socket'."""
    state = cilium()
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "delivered"
    assert [p.share for p in found.trace.paths()] == [Fraction(1, 2), Fraction(1, 2)]
    vip = cluster_ip(state, "web")
    for path in found.trace.paths():
        (looked,) = of_kind(path, "lookup")
        assert looked.at == "Pod:default/a"
        assert looked.before is not None and looked.before.dst == vip
        later = path.hops[path.hops.index(looked) + 1 :]
        assert all(vip not in (h.after.src, h.after.dst) for h in later if h.after is not None)
        assert f"{vip}:80, the address that it called" in path.hops[-1].reason
        assert seen(path) == address(state, "a")


def test_host_namespace_only_leaves_the_translation_to_the_pod_s_device() -> None:
    """kubeproxy-free.rst, "Socket LoadBalancer Bypass in Pod Namespace"."""
    state = cilium(socketLBHostNamespaceOnly=True)
    path = way_to(ask(state, "a", "Service:default/web"), "web-2")
    (looked,) = of_kind(path, "lookup")
    assert looked.at == "Node:node-1"
    vip, own, end = cluster_ip(state, "web"), address(state, "a"), address(state, "web-2")
    assert headers(path) == [f"{own}:41822 → {vip}:80", f"{own}:41822 → {end}:8080"]
    assert headers(path, "reply") == [f"{end}:8080 → {own}:41822", f"{vip}:80 → {own}:41822"]


def test_udp_is_translated_at_the_socket_too() -> None:
    found = ask(cilium(*dns(3)), "a", "10.96.0.10:53/udp")
    assert found.verdict == "delivered"
    assert of_kind(found.trace.paths()[0], "lookup")[0].at == "Pod:default/a"


@pytest.mark.parametrize(("host_only", "verdict", "words"), [(False, "rejected", "no route to host"),
                                                             (True, "rejected", "port unreachable")])  # fmt: skip
def test_a_service_without_endpoints_refuses(host_only: bool, verdict: str, words: str) -> None:
    """`__sock4_xlate_fwd` returns EHOSTUNREACH; a packet gets ICMP port unreachable (`tail_no_service_ipv4`)."""
    state = cilium(service("none", app="nobody"), socketLBHostNamespaceOnly=host_only)
    found = ask(state, "a", "Service:default/none")
    assert (found.verdict, words in found.reason) == (verdict, True)
    assert not any(h.kind == "wire" for p in found.trace.paths() for h in p.hops)


def test_no_backend_response_drop_holds_for_packets() -> None:
    state = cilium(service("none", app="nobody"), socketLBHostNamespaceOnly=True, noBackendResponse="drop")
    assert ask(state, "a", "Service:default/none").verdict == "dropped"


# D: the node's own processes.
def test_a_node_s_process_calls_remote_pods_from_cilium_host() -> None:
    state = cilium()
    (path,) = ask(state, "node-3", f"{address(state, 'web-2')}:8080").trace.paths()
    assert seen(path) == host_ip(state, "node-3")
    assert of_kind(path, "encapsulate")


def test_a_node_s_process_is_always_let_into_its_own_pods_and_not_into_those_of_other_nodes() -> None:
    """`determineAllowLocalhostIngress`; a remote node is the identity remote-node, which no selector holds."""
    state = cilium(policy("closed", {"app": "web"}, policyTypes=["Ingress"]))
    assert ask(state, "node-1", f"{address(state, 'web-1')}:8080").verdict == "delivered"
    assert ask(state, "node-1", f"{address(state, 'web-2')}:8080").verdict == "denied"


def test_a_node_s_process_is_translated_at_connect() -> None:
    state = cilium()
    path = way_to(ask(state, "node-3", "Service:default/web"), "web-1")
    assert of_kind(path, "lookup")[0].at == "Node:node-3"
    assert seen(path) == host_ip(state, "node-3")
    assert path.verdict == "delivered"


def test_the_loopback_address_takes_node_ports_of_the_node_s_own_processes() -> None:
    assert ask(cilium(), "node-3", "127.0.0.1:30080").verdict == "delivered"


# E: from outside to a node port.
def test_an_endpoint_of_the_same_node_sees_the_client() -> None:
    state = cilium()
    found = ask(state, CLIENT, "192.168.10.11:30080")
    path = way_to(found, "web-1")
    assert seen(path) == CLIENT
    assert headers(path, "reply")[-1] == f"192.168.10.11:30080 → {CLIENT}:41822"
    assert found.verdict == "delivered"


def test_an_endpoint_of_another_node_sees_cilium_host_through_a_tunnel() -> None:
    """`tail_nodeport_nat_egress_ipv4`: IPV4_GATEWAY where there is a tunnel endpoint."""
    state = cilium()
    path = way_to(ask(state, CLIENT, "192.168.10.11:30080"), "web-2")
    assert seen(path) == host_ip(state, "node-1")
    assert [h.node for h in of_kind(path, "ebpf", "reply")] == ["node-2", "node-1"], "the answer takes the way back"
    assert headers(path, "reply")[-1] == f"192.168.10.11:30080 → {CLIENT}:41822"


def test_an_endpoint_of_another_node_sees_the_node_with_native_routing() -> None:
    state = cilium(backend="native", autoDirectNodeRoutes=True)
    assert seen(way_to(ask(state, CLIENT, "192.168.10.11:30080"), "web-2")) == "192.168.10.11"


@pytest.mark.parametrize(
    ("backend", "block", "verdict"),
    [
        ("vxlan", {"cidr": "0.0.0.0/0"}, "delivered"),
        ("vxlan", {"cidr": "203.0.113.0/24"}, "denied"),
        ("vxlan", {"cidr": "0.0.0.0/0", "except": ["192.0.2.0/24"]}, "denied"),
        ("native", {"cidr": "0.0.0.0/0"}, "denied"),
    ],
)
def test_what_policies_take_a_handed_on_client_for(backend: str, block: dict[str, Any], verdict: str) -> None:
    """In the tunnel the identity of the world, which only a block of every address holds; else the remote node's."""
    rules = [{"from": [{"ipBlock": block}]}]
    allowed = policy("outside", {"app": "web"}, policyTypes=["Ingress"], ingress=rules)
    state = cilium(allowed, backend=backend, autoDirectNodeRoutes=True)
    found = ask(state, CLIENT, "192.168.10.11:30080")
    by_label = {p.labels[-1].split(" ")[0]: p.verdict for p in found.trace.paths()}
    assert by_label["web-2"] == verdict


@pytest.mark.parametrize(("mode", "backend", "how"), [("dsr", "native", "option"), ("dsr", "geneve", "Geneve"),
                                                      ("hybrid", "native", "option")])  # fmt: skip
def test_direct_server_return_keeps_the_client_and_answers_straight(mode: str, backend: str, how: str) -> None:
    """kubeproxy-free.rst, "Direct Server Return (DSR)": the endpoint's node answers with the Service's address."""
    state = cilium(backend=backend, autoDirectNodeRoutes=True, loadBalancerMode=mode)
    found = ask(state, CLIENT, "192.168.10.11:30080")
    path = way_to(found, "web-2")
    assert seen(path) == CLIENT
    assert any("DSR" in h.reason and how in h.reason for h in path.hops)
    assert [h.node for h in of_kind(path, "ebpf", "reply")] == ["node-2"]
    assert headers(path, "reply")[-1] == f"192.168.10.11:30080 → {CLIENT}:41822"
    assert of_kind(path, "wire", "reply")[-1].place.startswith("node-2 →")


def test_hybrid_masks_udp() -> None:
    lookup = service("dns", app="web", type="NodePort",
                     ports=[{"port": 53, "protocol": "UDP", "targetPort": 5353, "nodePort": 30053}])  # fmt: skip
    ports = [{"containerPort": 5353, "protocol": "UDP"}]
    state = cilium(lookup, pod("web-3", 3, app="web", ports=ports), backend="native", autoDirectNodeRoutes=True,
                   loadBalancerMode="hybrid")  # fmt: skip
    assert seen(way_to(ask(state, CLIENT, "192.168.10.11:30053/udp"), "web-3")) == "192.168.10.11"


def test_direct_server_return_does_not_go_with_vxlan() -> None:
    found = ask(cilium(loadBalancerMode="dsr"), CLIENT, "192.168.10.13:30080")
    assert found.verdict == "cannot-tell"
    assert "Geneve" in found.reason


def test_policy_local_refuses_on_a_node_without_endpoints_and_holds_from_outside_only() -> None:
    """kubeproxy-free.rst, the table of traffic policies: East-West goes by internalTrafficPolicy."""
    local = service("local", app="web", type="NodePort", externalTrafficPolicy="Local",
                    ports=[{"port": 80, "targetPort": 8080, "nodePort": 30082}])  # fmt: skip
    state = cilium(local)
    refused = ask(state, CLIENT, "192.168.10.13:30082")
    assert refused.verdict == "rejected"
    assert "Local" in refused.reason
    assert [p.labels for p in ask(state, CLIENT, "192.168.10.11:30082").trace.paths()] == [()]
    assert len(ask(state, "a", "192.168.10.13:30082").trace.paths()) == 2, "from inside, all endpoints"


def test_internal_policy_local_holds_for_node_ports_called_from_inside() -> None:
    inner = service("inner", app="web", type="NodePort", internalTrafficPolicy="Local",
                    ports=[{"port": 80, "targetPort": 8080, "nodePort": 30083}])  # fmt: skip
    found = ask(cilium(inner), "a", "192.168.10.12:30083")
    assert way_to(found, "web-1").share == Fraction(1)
    assert len(ask(cilium(inner), CLIENT, "192.168.10.12:30083").trace.paths()) == 2


def test_maglev_chooses_by_a_hash_from_outside_and_at_random_from_inside() -> None:
    state = cilium(loadBalancerAlgorithm="maglev")
    outside = ask(state, CLIENT, "192.168.10.13:30080")
    assert len(outside.trace.paths()) == 1
    assert "Maglev" in text(outside)
    assert len(ask(state, "a", "Service:default/web").trace.paths()) == 2


# F: load balancer addresses.
def balanced(**spec: Any) -> KubeObject:
    status = {"loadBalancer": {"ingress": [{"ip": "198.51.100.10"}]}}
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30081}]
    return service("lb", app="web", type="LoadBalancer", status=status, ports=ports, **spec)


def test_a_load_balancer_address_is_looked_up_on_the_node() -> None:
    found = ask(cilium(balanced()), CLIENT, "198.51.100.10:80")
    assert found.verdict == "delivered"
    assert headers(found.trace.paths()[0], "reply")[-1] == f"198.51.100.10:80 → {CLIENT}:41822"


def test_source_ranges_hold_at_the_load_balancer_address_from_outside_only() -> None:
    """kubeproxy-free.rst, "LoadBalancer Source Ranges Checks": neither inside the cluster nor at the node port."""
    state = cilium(balanced(loadBalancerSourceRanges=["192.0.2.0/24"]))
    assert ask(state, CLIENT, "198.51.100.10:80").verdict == "dropped"
    assert ask(state, "192.0.2.9", "198.51.100.10:80").verdict == "delivered"
    assert ask(state, CLIENT, "192.168.10.11:30081").verdict == "delivered"
    assert ask(state, "a", "198.51.100.10:80").verdict == "delivered"


def test_external_ips_are_left_alone_from_inside() -> None:
    """`sock4_skip_xlate`: the guard against CVE-2020-8554."""
    state = cilium(service("ext", app="web", externalIPs=["198.51.100.77"]))
    found = ask(state, "a", "198.51.100.77:80")
    assert found.verdict == "cannot-tell"
    assert "CVE-2020-8554" in found.reason
    assert ask(state, CLIENT, "198.51.100.77:80").verdict == "delivered"


# G: to the outside.
DB = make("ExternalHost", "db", {"addresses": ["203.0.113.50"], "ports": ["5432"]})


@pytest.mark.parametrize(("more", "source"), [({}, "192.168.10.11"), ({"natOutgoing": False}, "pod"),
                                              ({"nativeRoutingCIDRs": ["203.0.113.0/24"]}, "pod")])  # fmt: skip
def test_what_leaves_the_cluster_gets_the_node_s_address(more: dict[str, Any], source: str) -> None:
    state = cilium(DB, **more)
    (path,) = ask(state, "a", "ExternalHost:db").trace.paths()
    assert seen(path) == (address(state, "a") if source == "pod" else source)


@pytest.mark.parametrize(("backend", "masked"), [("vxlan", True), ("native", False)])
def test_other_nodes_see_the_pod_where_packets_are_routed_natively(backend: str, masked: bool) -> None:
    """`snat_v4_needs_masquerade`: a tunnel does not carry what is for the Node itself, so it is masked."""
    host = pod("agent", 2, 9000, hostNetwork=True)
    state = cilium(host, backend=backend, autoDirectNodeRoutes=True)
    (path,) = ask(state, "a", "192.168.10.12:9000").trace.paths()
    assert seen(path) == ("192.168.10.11" if masked else address(state, "a"))
    assert path.verdict == "delivered"


def test_egress_rules_decide_about_the_pod_s_own_node() -> None:
    """`policy_can_egress` knows no exception for the host, and ipBlock never holds a Node."""
    host = pod("agent", 1, 9000, hostNetwork=True)
    rules = [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]
    closed = policy("p", {"app": "a"}, policyTypes=["Egress"], egress=rules)
    assert ask(cilium(host, closed), "a", "192.168.10.11:9000").verdict == "denied"
    every = policy("p", {"app": "a"}, policyTypes=["Egress"], egress=[{}])
    assert ask(cilium(host, every), "a", "192.168.10.11:9000").verdict == "delivered"
    assert ask(cilium(host, closed, policyCIDRMatchNodes=True), "a", "192.168.10.11:9000").verdict == "delivered"


@pytest.mark.parametrize(
    ("mode", "closed", "verdict"),
    [("default", False, "delivered"), ("default", True, "denied"), ("always", False, "denied"),
     ("never", True, "delivered")],
)  # fmt: skip
def test_the_modes_of_policy_enforcement(mode: str, closed: bool, verdict: str) -> None:
    """Cilium's "Policy Enforcement Modes": always is on for endpoints that no rule selects, never off for all."""
    more = [policy("p", {"app": "web"}, policyTypes=["Ingress"])] if closed else []
    state = cilium(*more, policyEnforcement=mode)
    assert ask(state, "a", "Pod:default/web-1").verdict == verdict
    # The local host is let in whatever the mode is (determineAllowLocalhostIngress).
    assert ask(state, "Node:node-1", "Pod:default/web-1").verdict == "delivered"


def test_always_lets_pass_what_policies_of_both_ends_allow() -> None:
    into = policy("in", {"app": "web"}, ingress=[{}])
    out = policy("out", {"app": "a"}, policyTypes=["Egress"], egress=[{}])
    assert ask(cilium(into, policyEnforcement="always"), "a", "Pod:default/web-2").verdict == "denied"
    assert ask(cilium(into, out, policyEnforcement="always"), "a", "Pod:default/web-2").verdict == "delivered"


# H: a Pod that calls itself.
def test_a_socket_to_itself_never_leaves_the_pod() -> None:
    """policies.md 2, row 'Containers of one Pod'."""
    state = cilium(service("own", app="a"), policy("closed", {"app": "a"}, policyTypes=["Ingress", "Egress"]))
    (path,) = ask(state, "a", "Service:default/own").trace.paths()
    assert kinds(path)[1:] == ["lookup@node-1", "send@node-1", "deliver@node-1"]
    assert (path.verdict, seen(path)) == ("delivered", address(state, "a"))


def test_a_packet_to_itself_gets_the_loopback_address_and_no_policy_is_asked() -> None:
    state = cilium(service("own", app="a"), policy("closed", {"app": "a"}, policyTypes=["Ingress", "Egress"]),
                   socketLBHostNamespaceOnly=True)  # fmt: skip
    (path,) = ask(state, "a", "Service:default/own").trace.paths()
    assert (path.verdict, seen(path)) == ("delivered", "169.254.42.1")
    assert not of_kind(path, "policy")


# I: hostPorts.
def test_a_host_port_is_a_frontend_of_its_node_alone() -> None:
    """kubeproxy-free.rst, "Container HostPort Support": no netfilter rule; not within the node port range."""
    ports = [{"containerPort": 8080, "hostPort": 8088}, {"containerPort": 8081, "hostPort": 31000}]
    state = cilium(pod("edge", 2, ports=ports))
    (path,) = ask(state, CLIENT, "192.168.10.12:8088").trace.paths()
    assert (path.verdict, seen(path)) == ("delivered", CLIENT)
    assert of_kind(path, "lookup")
    assert not of_kind(path, "rules")
    assert ask(state, CLIENT, "192.168.10.11:8088").verdict == "cannot-tell", "nothing of the project listens there"
    assert ask(state, CLIENT, "192.168.10.12:31000").verdict == "cannot-tell"


# J: straight to a Pod.
def test_outside_knows_no_way_into_the_tunnels() -> None:
    state = cilium()
    assert ask(state, CLIENT, f"{address(state, 'a')}:8080").verdict == "no-route"


# Which endpoints there are.
def test_zone_hints_count_with_service_topology_alone() -> None:
    """kubeproxy-free.rst, "Traffic Distribution and Topology Aware Hints"."""
    zones = [make("Node", f"node-{n}", status={"addresses": [{"type": "InternalIP", "address": f"192.168.10.1{n}"}]},
                  labels={"topology.kubernetes.io/zone": f"z{n}"}) for n in (1, 2, 3)]  # fmt: skip
    near = service("near", app="web", trafficDistribution="PreferClose")
    off = ask(cilium(near, *zones), "a", "Service:default/near")
    assert len(off.trace.paths()) == 2
    assert "serviceTopology is off" in text(off)
    on = ask(cilium(near, *zones, serviceTopology=True), "a", "Service:default/near")
    assert way_to(on, "web-1").share == Fraction(1)


def test_without_a_ready_endpoint_those_that_end_stand_in() -> None:
    """`updateFrontend` of bpf_reconciler.go, by KEP-1669."""
    ports = [{"name": "", "port": 8080, "protocol": "TCP"}]
    ends = [{"addresses": ["10.0.1.77"], "conditions": {"ready": False, "serving": True, "terminating": True}}]
    given = make("EndpointSlice", "old-1", labels={"kubernetes.io/service-name": "old"})
    given = type(given).model_validate({**given.dump(), "addressType": "IPv4", "ports": ports, "endpoints": ends})
    old = make("Service", "old", {"ports": [{"port": 80, "targetPort": 8080}]})
    found = ask(cilium(given, old), "a", "Service:default/old")
    assert "those that terminate and still serve" in text(found)
