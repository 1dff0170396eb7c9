"""Calico's eBPF data plane, path by path (`domain/cni.md` section 6).

Facts of projectcalico/calico: felix/design/bpf-services.md, bpf-host-networking.md and bpf-overview.md,
felix/bpf-gpl/nat_lookup.h, connect.h and tc.c, felix/bpf/proxy/syncer.go, the FelixConfiguration reference.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.model import KubeObject
from tests.engine.trace.clusters import address, ask, cluster_ip, dns, make, pod, policy, service
from tests.engine.trace.ebpf import CLIENT, headers, host_ip, of_kind, seen, shop, way_to


def calico(*more: KubeObject, backend: str = "ebpf", **cni: Any) -> ClusterState:
    return shop(*more, plugin="calico", backend=backend, **cni)


# A and B: Pod to Pod.
def test_pods_are_joined_by_the_pool_s_encapsulation() -> None:
    wrapped = of_kind(ask(calico(), "a", "Pod:default/web-2").trace.paths()[0], "encapsulate")
    assert [h.decided_by[0].text for h in wrapped] == ["VXLAN, UDP 4789, VNI 4096"]
    (plain,) = ask(calico(backend="ebpf-bgp"), "a", "Pod:default/web-2").trace.paths()
    assert not of_kind(plain, "encapsulate")
    assert plain.verdict == "delivered"


# C: Pod to ClusterIP.
def test_connect_is_given_the_endpoint_for_tcp() -> None:
    """bpfConnectTimeLoadBalancing is TCP by default."""
    state = calico()
    found = ask(state, "a", "Service:default/web")
    assert [p.share for p in found.trace.paths()] == [Fraction(1, 2), Fraction(1, 2)]
    for path in found.trace.paths():
        assert of_kind(path, "lookup")[0].at == "Pod:default/a"
        assert not any(cluster_ip(state, "web") in text for text in headers(path)[1:])
        assert seen(path) == address(state, "a")


@pytest.mark.parametrize(("setting", "at"), [("TCP", "Node:node-1"), ("Enabled", "Pod:default/a"),
                                             ("Disabled", "Node:node-1")])  # fmt: skip
def test_udp_is_translated_at_the_pod_s_device_unless_the_setting_is_enabled(setting: str, at: str) -> None:
    found = ask(calico(*dns(3), connectTimeLoadBalancing=setting), "a", "10.96.0.10:53/udp")
    assert found.verdict == "delivered"
    assert of_kind(found.trace.paths()[0], "lookup")[0].at == at


def test_what_is_translated_at_the_device_is_translated_back_there() -> None:
    state = calico(connectTimeLoadBalancing="Disabled")
    path = way_to(ask(state, "a", "Service:default/web"), "web-2")
    vip, own, end = cluster_ip(state, "web"), address(state, "a"), address(state, "web-2")
    assert headers(path) == [f"{own}:41822 → {vip}:80", f"{own}:41822 → {end}:8080"]
    assert headers(path, "reply")[-1] == f"{vip}:80 → {own}:41822"


@pytest.mark.parametrize(("setting", "words"), [("TCP", "operation not permitted"), ("Disabled", "port unreachable")])
def test_a_service_without_endpoints_refuses(setting: str, words: str) -> None:
    """connect.h denies the call; tc.c answers NAT_NO_BACKEND with ICMP port unreachable."""
    state = calico(service("none", app="nobody"), connectTimeLoadBalancing=setting)
    found = ask(state, "a", "Service:default/none")
    assert found.verdict == "rejected"
    assert words in found.reason


def test_policies_see_the_endpoint_and_the_pod() -> None:
    rules = [{"from": [{"podSelector": {"matchLabels": {"app": "a"}}}], "ports": [{"port": 8080}]}]
    state = calico(policy("in", {"app": "web"}, policyTypes=["Ingress"], ingress=rules))
    assert ask(state, "a", "Service:default/web").verdict == "delivered"


# D: the node's own processes.
def test_a_node_s_process_calls_remote_pods_from_the_tunnel_s_address() -> None:
    state = calico()
    path = way_to(ask(state, "node-3", "Service:default/web"), "web-2")
    assert of_kind(path, "lookup")[0].at == "Node:node-3"
    assert seen(path) == host_ip(state, "node-3")


def test_a_node_s_udp_goes_through_the_bpfnat_devices_and_gets_the_tunnel_s_address() -> None:
    """bpf-host-networking.md, "Mode selection" (UDPOnly) and "The tunnel trouble"."""
    state = calico(*dns(2))
    found = ask(state, "node-3", "10.96.0.10:53/udp")
    (path,) = found.trace.paths()
    assert "bpfout.cali" in of_kind(path, "lookup")[0].place
    assert seen(path) == host_ip(state, "node-3")
    assert found.verdict == "delivered"


def test_a_node_s_process_is_let_into_its_own_pods() -> None:
    """tc.c: "Host to workload traffic always allowed"."""
    state = calico(policy("closed", {"app": "web"}, policyTypes=["Ingress"]))
    assert ask(state, "node-1", f"{address(state, 'web-1')}:8080").verdict == "delivered"


# E: from outside to a node port.
def test_the_client_s_address_stays_on_every_node() -> None:
    """bpf-services.md, "NodePort: happy path" and "Return path (non-DSR)"."""
    state = calico()
    found = ask(state, CLIENT, "192.168.10.11:30080")
    near, far = way_to(found, "web-1"), way_to(found, "web-2")
    assert (near.share, far.share) == (Fraction(1, 2), Fraction(1, 2))
    assert (seen(near), seen(far)) == (CLIENT, CLIENT)
    assert not of_kind(near, "encapsulate")
    (wrapped,) = of_kind(far, "encapsulate")
    assert "VNI 13242816" in wrapped.decided_by[0].text, "0xca11c0"
    assert wrapped.after is not None
    assert wrapped.after.text() == f"{CLIENT}:41822 → 192.168.10.11:30080", "translated where it is unwrapped"
    (back,) = of_kind(far, "encapsulate", "reply")
    assert back.node == "node-2"
    assert of_kind(far, "wire", "reply")[-1].node == "node-1"
    assert headers(far, "reply")[-1] == f"192.168.10.11:30080 → {CLIENT}:41822"
    assert found.verdict == "delivered"


def test_the_tunnel_of_requests_is_there_without_an_overlay_too() -> None:
    assert of_kind(way_to(ask(calico(backend="ebpf-bgp"), CLIENT, "192.168.10.11:30080"), "web-2"), "encapsulate")


def test_direct_server_return_answers_from_the_endpoint_s_node() -> None:
    """bpf-services.md, "DSR": the backend node swaps in the ingress node's address."""
    path = way_to(ask(calico(externalServiceMode="DSR"), CLIENT, "192.168.10.11:30080"), "web-2")
    assert seen(path) == CLIENT
    assert not of_kind(path, "encapsulate", "reply")
    assert of_kind(path, "wire", "reply")[-1].node == "node-2"
    assert headers(path, "reply")[-1] == f"192.168.10.11:30080 → {CLIENT}:41822"


def test_a_node_without_endpoints_shares_out_by_their_number() -> None:
    state = calico(pod("web-3", 2, app="web"))
    found = ask(state, CLIENT, "192.168.10.13:30080")
    shares = {p.labels: p.share for p in found.trace.paths()}
    assert set(shares.values()) == {Fraction(1, 3)}
    assert sorted(labels[0].split(" (")[0] for labels in shares) == ["on node-2", "on node-2", "web-1"]


def test_policies_see_the_client() -> None:
    rules = [{"from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}]
    state = calico(policy("outside", {"app": "web"}, policyTypes=["Ingress"], ingress=rules))
    assert ask(state, CLIENT, "192.168.10.13:30080").verdict == "delivered"
    assert ask(state, "198.51.100.1", "192.168.10.13:30080").verdict == "denied"


def test_policy_local_refuses_on_a_node_without_endpoints() -> None:
    local = service("local", app="web", type="NodePort", externalTrafficPolicy="Local",
                    ports=[{"port": 80, "targetPort": 8080, "nodePort": 30082}])  # fmt: skip
    state = calico(local)
    assert ask(state, CLIENT, "192.168.10.13:30082").verdict == "rejected"
    assert way_to(ask(state, CLIENT, "192.168.10.11:30082"), "web-1").share == Fraction(1)
    assert len(ask(state, "a", "192.168.10.13:30082").trace.paths()) == 2, "callers inside count as internal traffic"


# F: load balancer addresses.
def test_source_ranges_hold_for_everybody() -> None:
    """syncer.go, `writeLBSrcRangeSvcNATKeys`; connect() has no source yet, so the packet is held against them."""
    status = {"loadBalancer": {"ingress": [{"ip": "198.51.100.10"}]}}
    lb = service("lb", app="web", type="LoadBalancer", status=status, loadBalancerSourceRanges=["192.0.2.0/24"],
                 ports=[{"port": 80, "targetPort": 8080, "nodePort": 30081}])  # fmt: skip
    state = calico(lb)
    assert ask(state, CLIENT, "198.51.100.10:80").verdict == "dropped"
    assert ask(state, "192.0.2.9", "198.51.100.10:80").verdict == "delivered"
    assert ask(state, "a", "198.51.100.10:80").verdict == "dropped"


def test_external_ips_know_no_traffic_policy() -> None:
    """syncer.go, `applyDerived`: only node ports and load balancer addresses carry the Local flags."""
    ext = service("ext", app="web", externalIPs=["198.51.100.77"], externalTrafficPolicy="Local", type="NodePort",
                  ports=[{"port": 80, "targetPort": 8080, "nodePort": 30084}])  # fmt: skip
    found = ask(calico(ext), CLIENT, "198.51.100.77:80")
    assert (found.verdict, len(found.trace.paths())) == ("delivered", 2), "node-3 too, which has no endpoint"


# G: to the outside.
@pytest.mark.parametrize(("out", "source"), [(True, "192.168.10.11"), (False, "pod")])
def test_nat_outgoing_masks_what_leaves_the_pools(out: bool, source: str) -> None:
    db = make("ExternalHost", "db", {"addresses": ["203.0.113.50"], "ports": ["5432"]})
    state = calico(db, natOutgoing=out)
    (path,) = ask(state, "a", "ExternalHost:db").trace.paths()
    assert seen(path) == (address(state, "a") if source == "pod" else source)


# H: a Pod that calls itself.
def test_a_socket_to_itself_never_leaves_the_pod() -> None:
    state = calico(service("own", app="a"), policy("closed", {"app": "a"}, policyTypes=["Ingress", "Egress"]))
    (path,) = ask(state, "a", "Service:default/own").trace.paths()
    assert (path.verdict, seen(path)) == ("delivered", address(state, "a"))
    assert not of_kind(path, "policy")


def test_a_packet_to_itself_is_masked_with_the_node_s_address() -> None:
    """bpf-services.md, "Pod-service-self (no CTLB)"."""
    (path,) = ask(calico(service("own", app="a"), connectTimeLoadBalancing="Disabled"), "a",
                  "Service:default/own").trace.paths()  # fmt: skip
    assert (path.verdict, seen(path)) == ("delivered", "192.168.10.11")


# I: hostPorts.
def test_a_host_port_is_portmap_s() -> None:
    """bpf-conntrack-flowstate.md, "3rd-party DNAT on host traffic"."""
    state = calico(pod("edge", 2, ports=[{"containerPort": 8080, "hostPort": 8088}]))
    (path,) = ask(state, CLIENT, "192.168.10.12:8088").trace.paths()
    assert (path.verdict, seen(path)) == ("delivered", CLIENT)
    assert of_kind(path, "rules")
    assert headers(path, "reply")[-1] == f"192.168.10.12:8088 → {CLIENT}:41822"


def test_a_host_port_that_the_node_calls_itself_is_left_open_and_named() -> None:
    state = calico(pod("edge", 2, ports=[{"containerPort": 8080, "hostPort": 8088}]))
    for caller in ("node-2", "web-2"):
        found = ask(state, caller, "192.168.10.12:8088")
        assert found.verdict == "cannot-tell"
        assert "It is a hostPort of Pod default/edge" in found.reason


# What differs between versions is not guessed.
def test_terminating_endpoints_alone_cannot_be_told() -> None:
    ports = [{"name": "", "port": 8080, "protocol": "TCP"}]
    ends = [{"addresses": ["10.244.1.77"], "conditions": {"ready": False, "serving": True, "terminating": True}}]
    given = make("EndpointSlice", "old-1", labels={"kubernetes.io/service-name": "old"})
    given = type(given).model_validate({**given.dump(), "addressType": "IPv4", "ports": ports, "endpoints": ends})
    old = make("Service", "old", {"ports": [{"port": 80, "targetPort": 8080}]})
    found = ask(calico(given, old), "a", "Service:default/old")
    assert found.verdict == "cannot-tell"
    assert "between its versions" in found.reason
