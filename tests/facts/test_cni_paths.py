"""The paths A to J of every network plugin, with the source address that each party sees, in all modes of kube-proxy.

`cni.md` section 6. Cilium's and Calico's eBPF paths have tests of their own.
"""

import pytest

from designer.engine.trace.hops import TraceResult
from tests.engine.trace.clusters import ask, cluster, cluster_ip, hops, pod, policy, seen_source, service
from tests.facts.parties import (
    BALANCER,
    CLIENT,
    ENFORCING,
    MODES,
    NODE_PORT,
    NODES,
    POOL,
    PROFILES,
    answered_from,
    exposed,
    headers,
    ip,
    outgoing,
    policy_sees,
    stops,
)

EVERY_PROFILE = pytest.mark.parametrize(("plugin", "backend"), PROFILES, ids=["-".join(p) for p in PROFILES])
EVERY_MODE = pytest.mark.parametrize("mode", MODES)
ENCAPSULATED = [
    ("calico", "vxlan", "vxlan.calico", "UDP 4789"),
    ("calico", "ipip", "tunl0", "IP protocol 4"),
    ("flannel", "vxlan", "flannel.1", "UDP 8472"),
    ("weave", "fastdp", "vxlan-6784", "UDP 6784"),
]


def delivered(found: TraceResult) -> TraceResult:
    assert found.verdict == "delivered", found.reason
    return found


@EVERY_PROFILE
def test_a_same_node(plugin: str, backend: str) -> None:
    """cni.md 6, row 'A Pod to Pod on its Node'."""
    state = cluster(pod("a", 1), pod("b", 1, app="web"), plugin=plugin, backend=backend)
    found = delivered(ask(state, "a", "Pod:default/b"))
    assert {h.src for h in headers(found)} == {ip(state, "a")}, "no translation"
    assert {h.outer_src for h in headers(found)} == {""}, "no encapsulation"
    assert "wire" not in stops(found)
    assert answered_from(found) == (ip(state, "b"), 8080)
    if plugin in ENFORCING:
        pair = (ip(state, "a"), ip(state, "b"), 8080)
        assert (policy_sees(found, "egress"), policy_sees(found, "ingress")) == ([pair], [pair])
    ttl = headers(found)[-1].ttl
    assert ttl == (63 if plugin == "calico" else 64), "routed, or switched by the bridge"


@EVERY_PROFILE
def test_b_other_node(plugin: str, backend: str) -> None:
    """cni.md 6, row 'B Pod to Pod on another Node'."""
    state = cluster(pod("a", 1), pod("b", 2, app="web"), plugin=plugin, backend=backend)
    found = delivered(ask(state, "a", "Pod:default/b"))
    assert {(h.src, h.dst) for h in headers(found)} == {(ip(state, "a"), ip(state, "b"))}, "Pod addresses end to end"
    (wire,) = hops(found, "wire")
    assert wire.after is not None
    wrapped = (plugin, backend) in [row[:2] for row in ENCAPSULATED]
    assert (wire.after.outer_src, wire.after.outer_dst) == ((NODES[1], NODES[2]) if wrapped else ("", ""))
    if plugin in ENFORCING:
        pair = (ip(state, "a"), ip(state, "b"), 8080)
        assert (policy_sees(found, "egress"), policy_sees(found, "ingress")) == ([pair], [pair])


@pytest.mark.parametrize(("plugin", "backend", "device", "carrier"), ENCAPSULATED)
def test_b_encapsulation(plugin: str, backend: str, device: str, carrier: str) -> None:
    """cni.md 6, row 'B Pod to Pod on another Node': the device and what carries the packet, both ways."""
    state = cluster(pod("a", 1), pod("b", 2), plugin=plugin, backend=backend)
    found = delivered(ask(state, "a", "Pod:default/b"))
    for direction, ends in (("request", (NODES[1], NODES[2])), ("reply", (NODES[2], NODES[1]))):
        (wrap,) = hops(found, "encapsulate", direction)
        assert wrap.place.endswith(f" · {device}")
        assert wrap.after is not None
        assert carrier in f"{wrap.after.tunnel} {wrap.reason}"
        assert (wrap.after.outer_src, wrap.after.outer_dst) == ends


@EVERY_MODE
@EVERY_PROFILE
@pytest.mark.parametrize("where", [1, 2])
def test_c_cluster_ip(mode: str, plugin: str, backend: str, where: int) -> None:
    """cni.md 6, row 'C Pod to ClusterIP'."""
    state = exposed(mode, plugin, backend, where)
    vip, target = cluster_ip(state, "web"), ip(state, "b")
    found = delivered(ask(state, "a", "Service:default/web"))
    assert {h.src for h in headers(found)} == {ip(state, "a")}
    assert headers(found)[0].dst == vip, "the packet leaves the Pod for the ClusterIP"
    translating = "ipvs" if mode == "ipvs" else "prerouting"
    (stop,) = [h for h in hops(found, "rules") if h.before and h.after and h.before.dst != h.after.dst]
    assert stop.place == f"node-1 · {translating}"
    assert stop.after is not None
    assert (stop.after.dst, stop.after.dport) == (target, 8080)
    if plugin in ENFORCING:
        pair = [(ip(state, "a"), target, 8080)]
        assert (policy_sees(found, "egress"), policy_sees(found, "ingress")) == (pair, pair), "Pod address, target port"
    assert seen_source(found) == ip(state, "a")
    assert answered_from(found) == (vip, 80)
    undone = [h.node for h in hops(found, "conntrack", "reply") if h.outcome == "translated"]
    assert undone == ["node-1"], "the reply goes back to the Node that translated"


@EVERY_PROFILE
@pytest.mark.parametrize("where", [1, 2])
def test_d_node_process(plugin: str, backend: str, where: int) -> None:
    """cni.md 6, row 'D Node to Pod'."""
    state = cluster(pod("b", where, app="web"), plugin=plugin, backend=backend)
    found = delivered(ask(state, "node-1", "Pod:default/b"))
    source = outgoing(state, plugin, backend, where)
    assert stops(found)[:2] == ["send", "output"]
    assert {h.src for h in headers(found)} == {source}
    assert seen_source(found) == source
    assert answered_from(found) == (ip(state, "b"), 8080)
    if where == 2 and plugin in ENFORCING:
        assert policy_sees(found, "ingress") == [(source, ip(state, "b"), 8080)], "a foreign address to its policies"


@EVERY_PROFILE
def test_d_own_node_is_not_policed(plugin: str, backend: str) -> None:
    """cni.md 6, row 'D Node to Pod': kubelet's probes are this case; another Node needs to be allowed."""
    closed = policy("closed", {"matchLabels": {"app": "web"}}, policyTypes=["Ingress"])
    state = cluster(pod("b", 1, app="web"), closed, plugin=plugin, backend=backend)
    assert ask(state, "node-1", "Pod:default/b").verdict == "delivered"
    assert ask(state, "node-2", "Pod:default/b").verdict == ("denied" if plugin in ENFORCING else "delivered")


@EVERY_MODE
@EVERY_PROFILE
@pytest.mark.parametrize("where", [1, 2])
def test_e_node_port_cluster(mode: str, plugin: str, backend: str, where: int) -> None:
    """cni.md 6, row 'E outside to node port': policy Cluster, entered at node-1."""
    state = exposed(mode, plugin, backend, where)
    found = delivered(ask(state, "internet", f"node-1:{NODE_PORT}"))
    assert headers(found)[0].src == CLIENT
    masked = outgoing(state, plugin, backend, where)
    assert seen_source(found) == masked
    if plugin in ENFORCING:
        seen = CLIENT if where == 1 else masked
        assert policy_sees(found, "ingress") == [(seen, ip(state, "b"), 8080)], "before POSTROUTING on the same Node"
    assert answered_from(found) == (NODES[1], NODE_PORT)


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
@EVERY_PROFILE
def test_e_node_port_local(mode: str, plugin: str, backend: str) -> None:
    """cni.md 6, row 'E outside to node port': policy Local, with an endpoint on the Node and without."""
    state = exposed(mode, plugin, backend, 1, "Local")
    found = delivered(ask(state, "internet", f"node-1:{NODE_PORT}"))
    assert {h.src for h in headers(found)} == {CLIENT}
    if plugin in ENFORCING:
        assert policy_sees(found, "ingress") == [(CLIENT, ip(state, "b"), 8080)]
    assert answered_from(found) == (NODES[1], NODE_PORT)
    assert ask(state, "internet", f"node-2:{NODE_PORT}").verdict == "dropped"


@EVERY_PROFILE
def test_e_node_port_local_in_ipvs_mode(plugin: str, backend: str) -> None:
    """cni.md 6, row 'E outside to node port': in ipvs mode a Node without endpoint sends on (reference README).

    The client's address stays, so the reply takes the other Node's own way out; Flannel and Weave Net mask what comes
    from outside to remote Pods (cni.md section 5), and there it finds back.
    """
    state = exposed("ipvs", plugin, backend, 1, "Local")
    assert seen_source(delivered(ask(state, "internet", f"node-1:{NODE_PORT}"))) == CLIENT
    other = ask(state, "internet", f"node-2:{NODE_PORT}")
    if plugin == "calico":
        assert (other.verdict, seen_source(other)) == ("dropped", CLIENT)
    else:
        assert (other.verdict, seen_source(other)) == ("delivered", outgoing(state, plugin, backend, 1, entry=2))


@EVERY_MODE
@EVERY_PROFILE
@pytest.mark.parametrize("where", [1, 2])
def test_f_load_balancer_vip(mode: str, plugin: str, backend: str, where: int) -> None:
    """cni.md 6, row 'F outside to load balancer': a VIP, entered at the first Node that may take it."""
    state = exposed(mode, plugin, backend, where)
    found = delivered(ask(state, "internet", f"{BALANCER}:80"))
    assert (headers(found)[0].src, headers(found)[0].dst) == (CLIENT, BALANCER), "it arrives with its own destination"
    masked = outgoing(state, plugin, backend, where)
    assert seen_source(found) == masked
    if plugin in ENFORCING:
        assert policy_sees(found, "ingress") == [(CLIENT if where == 1 else masked, ip(state, "b"), 8080)]
    assert answered_from(found) == (BALANCER, 80)


@EVERY_MODE
@EVERY_PROFILE
def test_f_load_balancer_vip_local(mode: str, plugin: str, backend: str) -> None:
    """cni.md 6, row 'F outside to load balancer': policy Local, taken by the Node that has an endpoint."""
    state = exposed(mode, plugin, backend, 2, "Local", kubeProxy={"ipvsStrictARP": True})
    found = delivered(ask(state, "internet", f"{BALANCER}:80"))
    assert "node-2" in hops(found, "wire")[0].place
    assert seen_source(found) == CLIENT
    assert answered_from(found) == (BALANCER, 80)


@EVERY_MODE
@EVERY_PROFILE
@pytest.mark.parametrize("policy_name", ["Cluster", "Local"])
def test_f_load_balancer_proxy(mode: str, plugin: str, backend: str, policy_name: str) -> None:
    """cni.md 6, row 'F outside to load balancer': ipMode Proxy opens a new connection to the node port."""
    state = exposed(mode, plugin, backend, 1, policy_name, loadBalancer={**POOL, "ipMode": "Proxy"})
    found = delivered(ask(state, "internet", f"{BALANCER}:80"))
    entering = [h.after for h in hops(found, "wire") if h.after is not None][-1]
    assert (entering.src, entering.dst, entering.dport) == (BALANCER, NODES[1], NODE_PORT), "the client's is gone"
    expected = BALANCER if policy_name == "Local" else outgoing(state, plugin, backend, 1)
    assert seen_source(found) == expected


@EVERY_PROFILE
def test_g_pod_to_outside(plugin: str, backend: str) -> None:
    """cni.md 6, row 'G Pod to outside'."""
    state = cluster(pod("a", 1), plugin=plugin, backend=backend)
    found = ask(state, "a", "198.51.100.20:443")
    sent = headers(found)
    assert (sent[0].src, sent[-1].src) == (ip(state, "a"), NODES[1]), "translated to the Node's address on the way out"
    if plugin in ENFORCING:
        assert policy_sees(found, "egress") == [(ip(state, "a"), "198.51.100.20", 443)], "checked before that"
    masked = [h.place for h in hops(found, "rules") if h.before and h.after and h.before.src != h.after.src]
    assert masked == ["node-1 · postrouting"]


@EVERY_MODE
@EVERY_PROFILE
def test_h_hairpin(mode: str, plugin: str, backend: str) -> None:
    """cni.md 6, row 'H Pod to itself by its Service'."""
    state = cluster(pod("a", 1), service("web", app="a"), plugin=plugin, backend=backend, kubeProxy={"mode": mode})
    found = delivered(ask(state, "a", "Service:default/web"))
    assert seen_source(found) == outgoing(state, plugin, backend, 1), "bridge or Node as peer"
    if plugin in ENFORCING:
        assert policy_sees(found, "ingress") == [(ip(state, "a"), ip(state, "a"), 8080)], "still the Pod's own"
    assert answered_from(found) == (cluster_ip(state, "web"), 80)


@EVERY_MODE
@EVERY_PROFILE
def test_i_host_port(mode: str, plugin: str, backend: str) -> None:
    """cni.md 6, row 'I host port': beside kube-proxy's rules of any mode."""
    state = cluster(pod("b", 1, ports=[{"containerPort": 8080, "hostPort": 8088}]), plugin=plugin, backend=backend,
                    kubeProxy={"mode": mode})  # fmt: skip
    found = delivered(ask(state, "internet", "node-1:8088"))
    assert {h.src for h in headers(found)} == {CLIENT}, "only hairpin and localhost are masked"
    assert answered_from(found) == (NODES[1], 8088)
    local = delivered(ask(state, "node-1", "127.0.0.1:8088"))
    assert seen_source(local) == outgoing(state, plugin, backend, 1)
    own = delivered(ask(state, "b", "node-1:8088"))
    assert seen_source(own) == outgoing(state, plugin, backend, 1)


@EVERY_PROFILE
def test_i_host_port_called_by_a_neighbour(plugin: str, backend: str) -> None:
    """cni.md 6, row 'I host port': portmap's hairpin rule has the Pod's address with its interface's mask.

    containernetworking/plugins, `plugins/meta/portmap/portmap_iptables.go`: the rule's source is the whole network.
    Masks: cni.md 3, /24 on Flannel's bridge, /12 on Weave's, /32 with Calico.
    """
    state = cluster(pod("near", 1), pod("far", 2), pod("b", 1, ports=[{"containerPort": 8080, "hostPort": 8088}]),
                    plugin=plugin, backend=backend)  # fmt: skip
    near, far = (delivered(ask(state, name, "node-1:8088")) for name in ("near", "far"))
    bridged = plugin in ("flannel", "weave")
    assert seen_source(near) == (outgoing(state, plugin, backend, 1) if bridged else ip(state, "near"))
    assert seen_source(far) == NODES[2], "what leaves for another Node's address bears its own Node's"
    assert answered_from(near) == answered_from(far) == (NODES[1], 8088)


@EVERY_MODE
@EVERY_PROFILE
def test_i_host_port_and_node_port_of_one_number(mode: str, plugin: str, backend: str) -> None:
    """cni.md 6, row 'I host port'; kube-proxy.md 5, row 'hostPort': whichever chain comes first wins."""
    state = cluster(
        pod("a", 1, ports=[{"containerPort": 8080, "hostPort": NODE_PORT}]), pod("b", 2, app="web"),
        service("web", type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": NODE_PORT}]),
        plugin=plugin, backend=backend, kubeProxy={"mode": mode},
    )  # fmt: skip
    assert ask(state, "internet", f"node-1:{NODE_PORT}").verdict == "cannot-tell"
    assert ask(state, "internet", f"node-2:{NODE_PORT}").verdict == "delivered"


@EVERY_PROFILE
def test_j_outside_to_a_pod_address(plugin: str, backend: str) -> None:
    """cni.md 6, row 'J outside to a Pod address'."""
    state = cluster(pod("b", 1), plugin=plugin, backend=backend)
    found = ask(state, "internet", "Pod:default/b")
    underlay = backend in ("bgp", "host-gw")
    assert found.verdict == ("cannot-tell" if underlay else "no-route"), "an overlay's Pods have no route outside"
