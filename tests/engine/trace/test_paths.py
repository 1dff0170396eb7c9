"""The hop lists of `domain/cni.md` section 6, device by device, request and reply, with TTLs of section 3."""

from fractions import Fraction

import pytest

from designer.engine.cni import veth_name
from tests.engine.trace.clusters import ask, cluster, cluster_ip, hops, pod, seen_source, service, steps

ROUTED = [("calico", "vxlan"), ("calico", "ipip"), ("calico", "bgp")]
BRIDGED = [("flannel", "vxlan"), ("flannel", "host-gw"), ("weave", "fastdp")]
WRAPPED = [("calico", "vxlan"), ("calico", "ipip"), ("flannel", "vxlan")]
PLAIN = [("calico", "bgp"), ("calico", "vxlan-crosssubnet"), ("calico", "ipip-crosssubnet"), ("flannel", "host-gw")]


@pytest.mark.parametrize(("plugin", "backend"), ROUTED)
def test_a_same_node_routed(plugin: str, backend: str) -> None:
    state = cluster(pod("a", 1), pod("b", 1), plugin=plugin, backend=backend)
    found = ask(state, "a", "Pod:default/b")
    assert found.verdict == "delivered"
    assert [s for s in steps(found) if not s.startswith("resolve")] == [
        "send@node-1",
        "interface@node-1",
        "rules@node-1",
        "route@node-1",
        "policy@node-1",
        "policy@node-1",
        "rules@node-1",
        "interface@node-1",
        "deliver@node-1",
    ]
    egress, ingress = hops(found, "policy")
    assert "egress of a" in egress.place
    assert "ingress of b" in ingress.place
    assert hops(found, "deliver")[0].after.ttl == 63  # type: ignore[union-attr]


@pytest.mark.parametrize(("plugin", "backend"), BRIDGED)
def test_a_same_node_bridged(plugin: str, backend: str) -> None:
    state = cluster(pod("a", 1), pod("b", 1), plugin=plugin, backend=backend)
    found = ask(state, "a", "Pod:default/b")
    assert found.verdict == "delivered"
    assert not hops(found, "route"), "the bridge switches the frame, nothing is routed"
    assert any("switches the frame" in h.reason for h in hops(found, "interface"))
    assert hops(found, "deliver")[0].after.ttl == 64  # type: ignore[union-attr]


def test_a_bridge_without_br_netfilter_shows_no_hook() -> None:
    state = cluster(pod("a", 1), pod("b", 1), plugin="flannel", cni={"bridgeNetfilter": False})
    found = ask(state, "a", "Pod:default/b")
    assert found.verdict == "delivered"
    assert not hops(found, "rules")


@pytest.mark.parametrize(("plugin", "backend"), WRAPPED)
def test_b_other_node_wrapped(plugin: str, backend: str) -> None:
    state = cluster(pod("a", 1), pod("b", 2), plugin=plugin, backend=backend)
    found = ask(state, "a", "Pod:default/b")
    assert found.verdict == "delivered"
    assert [h.kind for h in found.trace.paths()[0].hops if h.kind in ("encapsulate", "wire", "decapsulate")] == [
        "encapsulate",
        "wire",
        "decapsulate",
    ] * 2, "request and reply"
    wire = hops(found, "wire")[0].after
    assert wire is not None
    assert (wire.outer_src, wire.outer_dst) == ("192.168.10.11", "192.168.10.12"), "outer addresses are node addresses"
    back = hops(found, "wire", "reply")[0].after
    assert back is not None
    assert (back.outer_src, back.outer_dst) == ("192.168.10.12", "192.168.10.11")
    assert hops(found, "deliver")[0].after.ttl == 62  # type: ignore[union-attr]
    assert hops(found, "deliver", "reply")[0].after.ttl == 62  # type: ignore[union-attr]


@pytest.mark.parametrize(("plugin", "backend"), PLAIN)
def test_b_other_node_plain(plugin: str, backend: str) -> None:
    state = cluster(pod("a", 1), pod("b", 2), plugin=plugin, backend=backend)
    found = ask(state, "a", "Pod:default/b")
    assert found.verdict == "delivered"
    assert not hops(found, "encapsulate")
    assert [h.place for h in hops(found, "wire")] == ["node-1 → node-2"]
    assert hops(found, "deliver")[0].after.ttl == 62  # type: ignore[union-attr]


def test_b_weave_is_one_segment_over_all_nodes() -> None:
    found = ask(cluster(pod("a", 1), pod("b", 2), plugin="weave"), "a", "Pod:default/b")
    assert found.verdict == "delivered"
    assert [h.place for h in hops(found, "encapsulate")] == ["node-1 · vxlan-6784"]
    assert not hops(found, "route")


@pytest.mark.parametrize(("plugin", "backend"), [*ROUTED, *BRIDGED])
def test_b_pod_addresses_stay(plugin: str, backend: str) -> None:
    state = cluster(pod("a", 1), pod("b", 2), plugin=plugin, backend=backend)
    found = ask(state, "a", "Pod:default/b")
    assert seen_source(found) == state.control.pods["Pod:default/a"].ips[0]


def test_b_source_policy_is_checked_at_the_source_node_and_destination_policy_at_the_destination() -> None:
    found = ask(cluster(pod("a", 1), pod("b", 2)), "a", "Pod:default/b")
    assert [(h.node, h.place.partition(" · ")[2]) for h in hops(found, "policy")] == [
        ("node-1", "egress of a"),
        ("node-2", "ingress of b"),
    ]


@pytest.mark.parametrize(("plugin", "backend"), [*ROUTED, *BRIDGED])
def test_c_cluster_ip(plugin: str, backend: str) -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), plugin=plugin, backend=backend)
    found = ask(state, "a", "Service:default/web")
    vip, target = cluster_ip(state, "web"), state.control.pods["Pod:default/b"].ips[0]
    first = hops(found, "rules")[0]
    assert first.place == "node-1 · prerouting"
    assert first.before is not None
    assert first.after is not None
    assert (first.before.dst, first.before.dport) == (vip, 80)
    assert (first.after.dst, first.after.dport) == (target, 8080)
    chains = [hit.chain[:8] for hit in first.rules]
    assert chains == ["PREROUTI", "KUBE-SER", "KUBE-SVC", "KUBE-SEP"]
    last = hops(found, "deliver", "reply")[0].after
    assert last is not None
    assert (last.src, last.sport) == (vip, 80), "un-DNAT: the source is the VIP again"
    undone = [h for h in hops(found, "conntrack", "reply") if h.outcome == "translated"]
    assert [h.node for h in undone] == ["node-1"], "the node that translated undoes it"


def test_c_every_endpoint_has_its_exact_share() -> None:
    backends = [pod(f"w{i}", i % 3 + 1, app="web") for i in range(7)]
    found = ask(cluster(pod("a", 1), *backends, service("web")), "a", "Service:default/web")
    shares = [path.share for path in found.trace.paths()]
    assert shares == [Fraction(1, 7)] * 7
    assert {path.labels[0].partition(" ")[0] for path in found.trace.paths()} == {f"w{i}" for i in range(7)}


@pytest.mark.parametrize(
    ("plugin", "backend", "target", "device"),
    [
        ("flannel", "vxlan", "l", "cni0"),
        ("flannel", "vxlan", "r", "flannel.1"),
        ("calico", "vxlan", "r", "vxlan.calico"),
        ("calico", "ipip", "r", "tunl0"),
        ("calico", "bgp", "r", "eth0"),
        ("calico", "bgp", "l", "cali"),
        ("flannel", "host-gw", "r", "eth0"),
    ],
)
def test_d_node_process_sends_from_the_outgoing_interface(plugin: str, backend: str, target: str, device: str) -> None:
    state = cluster(pod("l", 1), pod("r", 2), plugin=plugin, backend=backend)
    found = ask(state, "node-1", f"Pod:default/{target}")
    node = state.control.nodes["node-1"]
    expected = {
        "cni0": node.bridge_ips[0] if node.bridge_ips else "",
        "flannel.1": node.tunnel_ips[0] if node.tunnel_ips else "",
        "vxlan.calico": node.tunnel_ips[0] if node.tunnel_ips else "",
        "tunl0": node.tunnel_ips[0] if node.tunnel_ips else "",
    }.get(device, "192.168.10.11")
    assert found.verdict == "delivered"
    assert seen_source(found) == expected
    assert steps(found)[:3] == ["resolve@node-1", "send@node-1", "rules@node-1"]
    assert hops(found, "rules")[0].place == "node-1 · output"


def test_e_node_port_cluster_enters_at_any_node() -> None:
    state = cluster(pod("b", 2, app="web"), service("web", type="NodePort", ports=[{"port": 80, "targetPort": 8080,
                                                                                     "nodePort": 30080}]))  # fmt: skip
    for number in (1, 2, 3):
        found = ask(state, "internet", f"node-{number}:30080")
        assert found.verdict == "delivered"
        assert hops(found, "rules")[0].place == f"node-{number} · prerouting"
        back = hops(found, "deliver", "reply")[0].after
        assert back is not None
        assert (back.src, back.sport) == (f"192.168.10.1{number}", 30080)
        assert back.dst == "203.0.113.7"


def test_e_node_port_local_needs_an_endpoint_on_the_node() -> None:
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    state = cluster(pod("b", 2, app="web"), service("web", type="NodePort", ports=ports, externalTrafficPolicy="Local"))
    here, there = ask(state, "internet", "node-2:30080"), ask(state, "internet", "node-1:30080")
    assert (here.verdict, seen_source(here)) == ("delivered", "203.0.113.7")
    assert there.verdict == "dropped"
    assert "time-out" in there.reason


def test_g_pod_to_outside_leaves_with_the_node_s_address() -> None:
    found = ask(cluster(pod("a", 1)), "a", "8.8.8.8:443")
    assert found.verdict == "cannot-tell"
    out = hops(found, "wire")[0].after
    assert out is not None
    assert out.src == "192.168.10.11"


@pytest.mark.parametrize(
    ("plugin", "backend", "source"),
    [("flannel", "vxlan", "bridge"), ("calico", "vxlan", "node"), ("weave", "fastdp", "bridge")],
)
def test_h_hairpin(plugin: str, backend: str, source: str) -> None:
    state = cluster(pod("a", 1), service("a"), plugin=plugin, backend=backend)
    found = ask(state, "a", "Service:default/a")
    node = state.control.nodes["node-1"]
    assert found.verdict == "delivered"
    assert seen_source(found) == (node.bridge_ips[0] if source == "bridge" else "192.168.10.11")


def test_h_hairpin_off_loses_only_calls_to_itself() -> None:
    state = cluster(pod("a", 1, app="web"), pod("b", 2, app="web"), service("web"), plugin="flannel",
                    cni={"hairpin": False})  # fmt: skip
    found = ask(state, "a", "Service:default/web")
    assert found.mixed
    assert {(path.verdict, path.share) for path in found.trace.paths()} == {
        ("dropped", Fraction(1, 2)),
        ("delivered", Fraction(1, 2)),
    }


def test_h_a_frame_that_may_not_turn_back_meets_no_further_hook() -> None:
    # Seen on a kernel: the bridge asks for the port before it shows the frame to FORWARD and POSTROUTING.
    state = cluster(pod("a", 1), service("a"), plugin="flannel", cni={"hairpin": False})
    found = ask(state, "a", "Service:default/a")
    assert [hop.place for hop in hops(found, "rules")] == ["node-1 · prerouting"]


@pytest.mark.parametrize("plugin", ["flannel", "weave"])
def test_same_node_service_reply_hangs_without_br_netfilter(plugin: str) -> None:
    state = cluster(pod("a", 1), pod("b", 1, app="web"), service("web"), plugin=plugin, cni={"bridgeNetfilter": False})
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "dropped"
    assert "br_netfilter" in found.reason
    assert "time-out" in found.reason


def test_other_node_service_reply_needs_no_br_netfilter_on_flannel() -> None:
    state = cluster(pod("a", 1), pod("b", 2, app="web"), service("web"), plugin="flannel",
                    cni={"bridgeNetfilter": False})  # fmt: skip
    assert ask(state, "a", "Service:default/web").verdict == "delivered"


def test_i_host_port_keeps_the_client() -> None:
    state = cluster(pod("a", 1, ports=[{"containerPort": 8080, "hostPort": 8088}]))
    found = ask(state, "internet", "node-1:8088")
    assert found.verdict == "delivered"
    assert seen_source(found) == "203.0.113.7"
    assert any(hit.chain.startswith("CNI-DN-") for hit in hops(found, "rules")[0].rules)
    assert ask(state, "internet", "node-2:8088").verdict == "cannot-tell", "no Pod has the port there"


def test_i_node_port_and_host_port_of_one_number() -> None:
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    state = cluster(
        pod("a", 1, ports=[{"containerPort": 8080, "hostPort": 30080}]),
        pod("b", 2, app="web"),
        service("web", type="NodePort", ports=ports),
    )
    found = ask(state, "internet", "node-1:30080")
    assert found.verdict == "cannot-tell"
    assert "whichever chain comes first" in found.reason


@pytest.mark.parametrize(
    ("plugin", "backend", "verdict"),
    [
        ("calico", "vxlan", "no-route"),
        ("flannel", "vxlan", "no-route"),
        ("calico", "bgp", "cannot-tell"),
        ("flannel", "host-gw", "cannot-tell"),
    ],
)
def test_j_outside_to_pod_address(plugin: str, backend: str, verdict: str) -> None:
    state = cluster(pod("b", 1), plugin=plugin, backend=backend)
    assert ask(state, "internet", "Pod:default/b").verdict == verdict


def test_host_gw_across_subnets_has_no_route() -> None:
    from tests.engine.trace.clusters import node

    state = cluster(node(1), node(2, "192.168.20.12"), pod("a", 1), pod("b", 2), plugin="flannel", backend="host-gw")
    found = ask(state, "a", "Pod:default/b")
    assert found.verdict == "no-route"
    assert "one subnet" in found.reason


def test_calico_s_device_carries_the_pod_s_name() -> None:
    state = cluster(pod("podA", 1), pod("b", 2))
    found = ask(state, "Pod:default/podA", "Pod:default/b")
    assert "cali7f94ce7c295" in hops(found, "interface")[0].place
    assert veth_name(state.cni, "default", "podA") == "cali7f94ce7c295"


def test_ttl_falls_where_a_node_routes() -> None:
    found = ask(cluster(pod("a", 1), pod("b", 2)), "a", "Pod:default/b")
    routed = [(h.before.ttl, h.after.ttl) for h in hops(found, "route") if h.before and h.after]
    assert routed == [(64, 63), (63, 62)]


@pytest.mark.parametrize(("filtered", "ttl"), [(True, 64), (False, 63)])
def test_a_service_on_the_same_bridge_is_switched_by_br_netfilter_and_routed_without(filtered: bool, ttl: int) -> None:
    # Seen on a kernel: with br_netfilter the translated frame stays on the bridge, and so hairpin mode matters.
    state = cluster(pod("a", 1), pod("b", 1, app="web"), service("web"), service("a"), plugin="flannel",
                    cni={"bridgeNetfilter": filtered, "hairpin": False})  # fmt: skip
    assert hops(ask(state, "a", "Service:default/web"), "deliver")[0].after.ttl == ttl  # type: ignore[union-attr]
    assert ask(state, "a", "Service:default/a").verdict == ("dropped" if filtered else "delivered")


def test_a_call_of_the_nodes_own_loopback_is_masqueraded_on_its_way_to_the_node_itself() -> None:
    # Seen on a kernel: a packet of the node to itself meets POSTROUTING on lo, and a marked one loses 127.0.0.1 there.
    web = service("web", target=9100, type="NodePort", ports=[{"port": 80, "targetPort": 9100, "nodePort": 30080}])
    state = cluster(pod("web", 1, hostNetwork=True, ports=[{"containerPort": 9100}]), web, plugin="flannel")
    found = ask(state, "node-1", "127.0.0.1:30080")
    assert found.verdict == "delivered"
    assert seen_source(found) == "192.168.10.11"


def test_h_a_call_to_itself_by_another_node_comes_in_by_the_tunnels_port() -> None:
    # Seen on a kernel: hairpin mode is about frames straight from the Pod's own port.
    own = service("a", type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    state = cluster(pod("a", 1), own, nodes=2, plugin="weave", cni={"hairpin": False})
    assert ask(state, "a", "192.168.10.12:30080").verdict == "delivered"
    assert ask(state, "a", "Service:default/a").verdict == "dropped"
