"""The three modes of kube-proxy on the same clusters: equal verdicts, shares and sources, but where the facts differ.

Facts: `domain/kube-proxy.md` sections 3 to 5 and 7, the reference's README ("Traffic policies and endpoints", "Node
ports"), `domain/services.md` sections 3 and 8.
"""

from fractions import Fraction
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from designer.model import KubeObject
from tests.engine.trace.clusters import (
    ask,
    cluster,
    cluster_ip,
    dns,
    hops,
    make,
    node,
    pod,
    policy,
    seen_source,
    service,
)

MODES = ("iptables", "nftables", "ipvs")
EVERY_MODE = pytest.mark.parametrize("mode", MODES)
POOLS = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}
NOT_READY = {"conditions": [{"type": "Ready", "status": "False"}], "phase": "Running"}


def ports(number: int) -> list[dict[str, Any]]:
    return [{"port": 80, "targetPort": 8080, "nodePort": number}]


def gone(name: str, where: int) -> KubeObject:
    """A Pod that is being deleted and still serves."""
    one = pod(name, where)
    return make("Pod", name, one.spec.dump(), labels={"app": name}, deletionTimestamp="2026-01-01T00:00:00Z")  # type: ignore[attr-defined]


def shop(mode: str, plugin: str = "calico", **proxy: Any) -> ClusterState:
    return cluster(
        pod("a", 1), pod("near", 1, app="web"), pod("far", 2, app="web"), pod("third", 3, app="web"),
        pod("only", 2), pod("host", 2, 9000, hostNetwork=True), gone("leaving", 3),
        service("web", type="NodePort", ports=ports(30080)),
        service("self", app="a"),
        service("sticky", app="web", sessionAffinity="ClientIP"),
        service("local", type="NodePort", app="only", ports=ports(30081), externalTrafficPolicy="Local"),
        service("inner", app="only", internalTrafficPolicy="Local"),
        service("none", type="NodePort", app="nobody", ports=ports(30082)),
        service("host", 9000, 9000), service("leaving"),
        service("extern", app="web", externalIPs=["192.0.2.55"]),
        service("lb", type="LoadBalancer", app="web", ports=ports(30083)),
        service("fenced", type="LoadBalancer", app="web", ports=ports(30084),
                loadBalancerSourceRanges=["10.244.0.0/16", "10.32.0.0/12", "198.51.100.0/24"]),
        make("ExternalClient", "good", {"addresses": ["198.51.100.9"]}),
        plugin=plugin, kubeProxy={"mode": mode, **proxy}, loadBalancer=POOLS,
    )  # fmt: skip


def vip(state: ClusterState, name: str) -> str:
    return state.control.services[f"Service:default/{name}"].load_balancer[0].ip or ""


def told(found: TraceResult) -> list[tuple[str, Fraction, str, str]]:
    """Of every path, in order of the endpoints: label, share, verdict, and the source that was seen."""
    rows = []
    for path in found.trace.paths():
        arrived = [h for h in path.hops if h.kind == "deliver" and h.direction == "request"]
        source = dict(arrived[-1].details).get("Source seen", "") if arrived else ""
        rows.append(("".join(path.labels), path.share, path.verdict, source))
    return sorted(rows)


# (source, destination); WEB and so on stand for the ClusterIP of a Service, LB: for the load balancer's address.
SAME = [
    ("a", "WEB:80"), ("a", "SELF:80"), ("a", "STICKY:80"), ("a", "HOST:9000"), ("a", "LEAVING:80"), ("a", "NONE:80"),
    ("node-1", "WEB:80"), ("node-1", "SELF:80"), ("node-2", "SELF:80"), ("node-1", "NONE:80"), ("host", "WEB:80"),
    ("host", "HOST:9000"), ("a", "node-1:30080"), ("a", "node-2:30080"), ("node-1", "node-1:30080"),
    ("node-1", "node-2:30080"), ("203.0.113.7", "node-1:30080"), ("203.0.113.7", "node-2:30080"),
    ("203.0.113.7", "node-2:30081"), ("203.0.113.7", "node-1:30082"), ("node-1", "node-1:30082"),
    ("a", "node-2:30081"), ("only", "node-2:30081"), ("a", "192.0.2.55:80"), ("node-3", "192.0.2.55:80"),
    ("203.0.113.7", "192.0.2.55:80"), ("a", "LB:80"), ("203.0.113.7", "LB:80"), ("a", "FENCED:80"),
    ("good", "FENCED:80"), ("203.0.113.7", "FENCED:80"), ("node-1", "FENCED:80"), ("only", "INNER:80"),
    ("a", "10.96.200.200:80"), ("a", "Pod:default/far:8080"), ("node-1", "Pod:default/far:8080"),
]  # fmt: skip


@pytest.mark.parametrize("plugin", ["calico", "flannel", "weave"])
@pytest.mark.parametrize(("source", "destination"), SAME)
def test_modes_agree(plugin: str, source: str, destination: str) -> None:
    """`domain/kube-proxy.md` section 7 (masquerade summary) and `domain/services.md` section 3 name no difference."""
    answers = {}
    for mode in MODES:
        state = shop(mode, plugin)
        name, _, port = destination.rpartition(":")
        if name in ("LB", "FENCED"):
            name = vip(state, name.lower())
        elif name.isupper() and name.isalpha():
            name = cluster_ip(state, name.lower())
        found = ask(state, source, f"{name}:{port}")
        answers[mode] = (found.verdict, told(found))
    assert answers["iptables"] == answers["nftables"]
    assert answers["iptables"] == answers["ipvs"]


@EVERY_MODE
def test_every_endpoint_has_its_exact_share_and_the_rule_is_named(mode: str) -> None:
    found = ask(shop(mode), "a", "Service:default/web")
    assert [path.share for path in found.trace.paths()] == [Fraction(1, 3)] * 3
    tables = {hit.table for path in found.trace.paths() for hop in path.hops for hit in hop.rules}
    own = {"iptables": "nat", "nftables": "kube-proxy", "ipvs": "ipvs"}[mode]
    assert own in tables
    stop = next(
        h for path in found.trace.paths() for h in path.hops if h.outcome == "translated" and h.before is not None
    )
    assert stop.decided_by[-1].object == "Service:default/web"


@EVERY_MODE
def test_the_reply_comes_from_the_address_that_was_called(mode: str) -> None:
    state = shop(mode)
    for path in ask(state, "a", "Service:default/web").trace.paths():
        last = path.hops[-1].after
        assert last is not None
        assert (last.src, last.sport) == (cluster_ip(state, "web"), 80)


@pytest.mark.parametrize(("mode", "verdict"), [("iptables", "dropped"), ("nftables", "rejected"), ("ipvs", "rejected")])
@pytest.mark.parametrize("source", ["a", "node-1"])
def test_a_port_that_a_cluster_ip_has_not(mode: str, verdict: str, source: str) -> None:
    """`domain/services.md` section 8, "Port not defined"."""
    state = shop(mode)
    found = ask(state, source, f"{cluster_ip(state, 'web')}:81")
    assert found.verdict == verdict
    assert "not a Service port" in found.reason


@pytest.mark.parametrize(("mode", "verdict"), [("iptables", "delivered"), ("nftables", "connection-refused"),
                                               ("ipvs", "connection-refused")])  # fmt: skip
def test_node_ports_on_loopback(mode: str, verdict: str) -> None:
    """`domain/kube-proxy.md` section 4, "Visible differences"; reference README, "Node ports" (ipvs: no loopback)."""
    assert ask(shop(mode), "node-1", "127.0.0.1:30080").verdict == verdict


def test_localhost_node_ports_switched_off() -> None:
    state = shop("iptables", localhostNodePorts=False)
    found = ask(state, "node-1", "127.0.0.1:30080")
    assert found.verdict == "connection-refused"
    assert "localhostNodePorts" in found.reason


@pytest.mark.parametrize(("mode", "verdict"), [("iptables", "delivered"), ("nftables", "connection-refused"),
                                               ("ipvs", "delivered")])  # fmt: skip
@pytest.mark.parametrize("addresses", [(), ("192.168.10.0/24",)])
def test_node_ports_on_a_second_address(mode: str, verdict: str, addresses: tuple[str, ...]) -> None:
    """SVC-29; with `nodePortAddresses` only the addresses in them, in every mode (reference README, "Node ports")."""
    second = "172.20.0.5"
    one = node(1, annotations={"cluster-network-designer/interface-addresses": second})
    state = cluster(one, node(2), pod("b", 2, app="web"), service("web", type="NodePort", ports=ports(30080)),
                    kubeProxy={"mode": mode, "nodePortAddresses": addresses})  # fmt: skip
    found = ask(state, "203.0.113.7", f"{second}:30080")
    assert found.verdict == ("connection-refused" if addresses else verdict)
    assert ask(state, "203.0.113.7", "192.168.10.11:30080").verdict == "delivered"


@pytest.mark.parametrize(("mode", "verdict"), [("iptables", "dropped"), ("nftables", "dropped"), ("ipvs", "rejected")])
def test_internal_policy_local_without_local_endpoint(mode: str, verdict: str) -> None:
    """`domain/services.md` section 3; ipvs: "its virtual server stays empty" (reference README): port unreachable."""
    found = ask(shop(mode), "a", "Service:default/inner")
    assert found.verdict == verdict
    assert "has no local endpoints" in found.reason


@EVERY_MODE
def test_internal_policy_local_where_only_another_node_has_an_endpoint_that_is_leaving(mode: str) -> None:
    """`hasAnyEndpoints` of pkg/proxy/topology.go: an endpoint that terminates and still serves is one."""
    state = cluster(pod("a", 1), gone("leaving", 3), service("leaving", internalTrafficPolicy="Local"),
                    kubeProxy={"mode": mode})  # fmt: skip
    found = ask(state, "a", "Service:default/leaving")
    assert found.verdict == ("rejected" if mode == "ipvs" else "dropped")
    assert "has no local endpoints" in found.reason


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_external_policy_local_without_local_endpoint(mode: str) -> None:
    for destination in ("node-1:30081", "node-3:30081"):
        found = ask(shop(mode), "203.0.113.7", destination)
        assert found.verdict == "dropped"
        assert "has no local endpoints" in found.reason


@pytest.mark.parametrize(("plugin", "verdict"), [("calico", "dropped"), ("flannel", "delivered")])
def test_external_policy_local_without_local_endpoint_in_ipvs_mode(plugin: str, verdict: str) -> None:
    """The virtual server gets all endpoints (reference README), the source stays: the reply misses the node.

    Flannel masquerades what comes from outside to remote Pods (`domain/cni.md` section 5): there it finds back.
    """
    found = ask(shop("ipvs", plugin), "203.0.113.7", "node-1:30081")
    assert found.verdict == verdict
    if plugin == "calico":
        assert "past node-1" in found.reason
        assert seen_source(found) == "203.0.113.7"


@EVERY_MODE
def test_ended_and_unready_endpoints(mode: str) -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web", status=NOT_READY), service("web"), kubeProxy={"mode": mode})
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "rejected"
    assert "default/web has no endpoints" in found.reason


@EVERY_MODE
def test_terminating_fallback_is_said(mode: str) -> None:
    found = ask(shop(mode), "a", "Service:default/leaving")
    assert found.verdict == "delivered"
    assert any("terminating and still serving" in hop.reason for hop in hops(found, "rules"))


@EVERY_MODE
def test_session_affinity_is_said(mode: str) -> None:
    found = ask(shop(mode), "a", "Service:default/sticky")
    assert any("sessionAffinity" in hop.reason for hop in found.trace.paths()[0].hops)


@EVERY_MODE
def test_source_ranges_are_named(mode: str) -> None:
    state = shop(mode)
    found = ask(state, "203.0.113.7", f"{vip(state, 'fenced')}:80")
    assert found.verdict == "dropped"
    assert "loadBalancerSourceRanges" in found.reason
    assert ask(state, "203.0.113.7", "node-1:30084").verdict == "delivered", "node ports are not filtered"


@pytest.mark.parametrize("mode", ["nftables", "ipvs"])
def test_no_rule_of_iptables_mode_is_shown(mode: str) -> None:
    for destination in ("Pod:default/far", "Service:default/web"):
        found = ask(shop(mode), "a", destination)
        shown = {hit.chain for path in found.trace.paths() for hop in path.hops for hit in hop.rules}
        assert not [chain for chain in shown if chain.startswith(("KUBE-SVC", "KUBE-SEP"))]


@EVERY_MODE
def test_a_name_is_looked_up_and_called(mode: str) -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), *dns(), kubeProxy={"mode": mode})
    assert ask(state, "a", "http://web").verdict == "delivered"


@EVERY_MODE
def test_policies_see_the_translated_destination(mode: str) -> None:
    """`domain/policies.md` section 3: Pod address and target port; an ipBlock of the Service range matches nothing."""
    to_services = policy("p", {"matchLabels": {"app": "a"}}, policyTypes=["Egress"],
                         egress=[{"to": [{"ipBlock": {"cidr": "10.96.0.0/12"}}]}])  # fmt: skip
    to_pods = policy("p", {"matchLabels": {"app": "a"}}, policyTypes=["Egress"],
                     egress=[{"to": [{"podSelector": {"matchLabels": {"app": "web"}}}],
                              "ports": [{"port": 8080}]}])  # fmt: skip
    objects = (pod("a", 1), pod("b", 1, app="web"), pod("c", 2, app="web"), service("web"))
    assert ask(cluster(*objects, to_services, kubeProxy={"mode": mode}), "a", "Service:default/web").verdict == "denied"
    assert ask(cluster(*objects, to_pods, kubeProxy={"mode": mode}), "a", "Service:default/web").verdict == "delivered"


def test_what_ipvs_sends_on_may_pass_an_engine_that_looks_at_forward_only() -> None:
    """`domain/kube-proxy.md` section 5: policy engines that only look at FORWARD are bypassed."""
    closed = policy("p", {"matchLabels": {"app": "web"}}, policyTypes=["Ingress"])
    state = cluster(pod("a", 1), pod("b", 1, app="web"), service("web"), closed, plugin="weave",
                    kubeProxy={"mode": "ipvs"})  # fmt: skip
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert "never meets the FORWARD hook" in found.reason
    assert ask(state, "a", "Pod:default/b").verdict == "denied"
    assert ask(state, "node-1", "Service:default/web").verdict == "delivered", "its own node may always"
    opened = policy("p", {"matchLabels": {"app": "web"}}, policyTypes=["Ingress"], ingress=[{}])
    state = cluster(pod("a", 1), pod("b", 1, app="web"), service("web"), opened, plugin="weave",
                    kubeProxy={"mode": "ipvs"})  # fmt: skip
    assert ask(state, "a", "Service:default/web").verdict == "delivered", "allowed, checked or not"


@pytest.mark.parametrize("scheduler", ["lc", "wlc", "sh", "mh", "dh", "sed", "nq", "lblc", "lblcr", "fo", "twos"])
def test_ipvs_schedulers_whose_choice_is_not_known(scheduler: str) -> None:
    """ipvsadm(8): they choose by open connections or by a hash; only `rr` and `wrr` share out one after the other."""
    state = shop("ipvs", ipvsScheduler=scheduler)
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "delivered"
    assert len(found.trace.paths()) == 1, "no share is claimed"
    assert any("all 3 real servers end alike" in hop.reason for hop in hops(found, "rules"))
    closed = policy("p", {"matchLabels": {"app": "web", "tier": "x"}}, policyTypes=["Ingress"])
    marked = pod("far", 2, labels={"app": "web", "tier": "x"})
    mixed = cluster(pod("a", 1), pod("near", 1, app="web"), marked, service("web"), closed,
                    kubeProxy={"mode": "ipvs", "ipvsScheduler": scheduler})  # fmt: skip
    found = ask(mixed, "a", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert scheduler in found.reason


def test_an_ipvs_scheduler_that_kube_proxy_does_not_know() -> None:
    found = ask(shop("ipvs", ipvsScheduler="fastest"), "a", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert "does not start" in found.reason


def test_an_ipvs_scheduler_that_refuses_when_real_servers_are_full() -> None:
    """Linux net/netfilter/ipvs/ip_vs_ovf.c: a server with more open connections than weight gets none; here it is 1."""
    found = ask(shop("ipvs", ipvsScheduler="ovf"), "a", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert "weight of 1" in found.reason


def test_hairpin_in_ipvs_mode_needs_no_hairpin_port() -> None:
    """The virtual address is the node's own: the frame is routed, not switched (`domain/kube-proxy.md` section 5)."""
    for mode, verdict in (("iptables", "dropped"), ("nftables", "dropped"), ("ipvs", "delivered")):
        state = cluster(pod("a", 1), service("self", app="a"), plugin="flannel", cni={"hairpin": False},
                        kubeProxy={"mode": mode})  # fmt: skip
        assert ask(state, "a", "Service:default/self").verdict == verdict, mode


@EVERY_MODE
def test_both_families(mode: str) -> None:
    def both(number: int) -> KubeObject:
        pair = [f"192.168.10.1{number}", f"fd00:192:168:10::1{number}"]
        return make(
            "Node", f"node-{number}", status={"addresses": [{"type": "InternalIP", "address": a} for a in pair]}
        )

    state = cluster(both(1), both(2), pod("a", 1), pod("b", 2, app="web"),
                    service("web", ipFamilyPolicy="RequireDualStack", type="NodePort", ports=ports(30080)),
                    podCIDRs=["10.244.0.0/16", "fd00:10:244::/56"], serviceCIDRs=["10.96.0.0/12", "fd00:10:96::/112"],
                    kubeProxy={"mode": mode, "clusterCIDR": "10.244.0.0/16,fd00:10:244::/56"})  # fmt: skip
    for address in state.control.services["Service:default/web"].cluster_ips:
        found = ask(state, "a", f"[{address}]:80" if ":" in address else f"{address}:80")
        assert found.verdict == "delivered", found.reason
    assert ask(state, "internet", "[fd00:192:168:10::11]:30080").verdict == "delivered"
    assert ask(state, "node-1", "[::1]:30080").verdict == "connection-refused", "::1 takes none in any mode"


@EVERY_MODE
def test_udp_and_sctp(mode: str) -> None:
    for protocol in ("UDP", "SCTP"):
        listens = [{"containerPort": 5000, "protocol": protocol}]
        state = cluster(pod("a", 1), pod("b", 2, app="web", ports=listens),
                        service("web", type="NodePort",
                                ports=[{"port": 5000, "protocol": protocol, "nodePort": 30500}]),
                        kubeProxy={"mode": mode})  # fmt: skip
        assert ask(state, "a", f"{protocol.lower()}://{cluster_ip(state, 'web')}:5000").verdict == "delivered"
        assert ask(state, "203.0.113.7", f"{protocol.lower()}://192.168.10.11:30500").verdict == "delivered"
        wrong = ask(state, "a", f"tcp://{cluster_ip(state, 'web')}:5000")
        assert wrong.verdict == ("dropped" if mode == "iptables" else "rejected"), "TCP is another port"


def test_a_nodes_own_call_of_a_local_balancer_in_ipvs_mode_comes_from_the_balancers_address() -> None:
    """Every node has the address on kube-ipvs0, so the kernel takes it for the source, and policy Local leaves it.

    `domain/kube-proxy.md` section 5: VIPs are local on every node; Local is not masqueraded. A reply to another node's
    call stays where the endpoint is.
    """
    state = cluster(pod("b", 2, app="web"),
                    service("web", type="LoadBalancer", externalTrafficPolicy="Local"),
                    backend="bgp", loadBalancer=POOLS, kubeProxy={"mode": "ipvs"})  # fmt: skip
    address = vip(state, "web")
    own = ask(state, "node-2", f"{address}:80")
    assert (own.verdict, seen_source(own)) == ("delivered", address)
    other = ask(state, "node-1", f"{address}:80")
    assert other.verdict == "dropped"
    assert "which node-2 holds for an address of its own, as node-1 does" in other.reason


@pytest.mark.parametrize(
    ("mode", "stranger", "node_itself"),
    [("iptables", "rejected", "cannot-tell"), ("nftables", "dropped", "rejected"), ("ipvs", "dropped", "rejected")],
)
def test_a_balancer_without_endpoints(mode: str, stranger: str, node_itself: str) -> None:
    """Reference README, "Load balancer source ranges": no KUBE-FW without endpoints, `firewall-` with or without.

    In iptables mode KUBE-EXTERNAL-SERVICES stands in INPUT and FORWARD only (`domain/kube-proxy.md` section 3): the
    Node's own packet leaves for the load balancer.
    """
    state = cluster(
        service("fenced", app="nobody", type="LoadBalancer", loadBalancerSourceRanges=["198.51.100.0/24"]),
        service("open", app="nobody", type="LoadBalancer"),
        loadBalancer=POOLS, kubeProxy={"mode": mode},
    )  # fmt: skip
    assert ask(state, "203.0.113.7", f"{vip(state, 'fenced')}:80").verdict == stranger
    assert ask(state, "198.51.100.9", f"{vip(state, 'fenced')}:80").verdict == "rejected"
    assert ask(state, "203.0.113.7", f"{vip(state, 'open')}:80").verdict == "rejected"
    assert ask(state, "node-1", f"{vip(state, 'open')}:80").verdict == node_itself
