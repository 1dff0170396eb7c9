"""Which hooks of a Node a packet meets, what replies and later packets do (kube-proxy.md sections 2, 8 and 9)."""

import pytest

from designer.edits.remove import remove
from designer.engine.compile import compile_project
from designer.engine.netfilter import Packet, entry_for, pass_through
from designer.engine.trace.ground import Ground
from tests.engine.trace.clusters import ask, cluster, cluster_ip, hops, pod, service
from tests.facts.parties import MODES, NODE_PORT, NODES, PROFILES, answered_from, exposed, headers, ip, stops
from tests.facts.written import FAR, HEALTH, NEAR, NODE_PORTS, VIPS, written

EVERY_MODE = pytest.mark.parametrize("mode", MODES)
HOOKS = ("prerouting", "input", "forward", "output", "postrouting", "ipvs")


def met(found: object, node: int = 1) -> list[str]:
    """The hooks of a Node at which a request stops."""
    return [name for name in stops(found, node) if name in HOOKS]  # type: ignore[arg-type]


@EVERY_MODE
def test_to_a_pod(mode: str) -> None:
    """kube-proxy.md 2, row 'to a Pod': translated in PREROUTING; FORWARD lies before POSTROUTING."""
    state = written(mode)
    through = ["prerouting", "ipvs", "postrouting"] if mode == "ipvs" else ["prerouting", "postrouting"]
    for source, destination in (("a", f"{VIPS['web']}:80"), ("internet", f"node-1:{NODE_PORTS['web']}")):
        found = ask(state, source, destination)
        assert [name for name in met(found) if name not in ("forward", "input")] == through
    refused = ask(state, "a", f"{VIPS['gone']}:80")
    assert refused.verdict == "rejected"
    assert met(refused)[-1] == ("ipvs" if mode == "ipvs" else "forward"), "a filter rule of FORWARD, or no real server"


@EVERY_MODE
def test_to_a_process_of_the_node(mode: str) -> None:
    """kube-proxy.md 2, row 'to a process of the Node': PREROUTING, then INPUT."""
    state = written(mode)
    found = ask(state, "internet", "node-1:10256")
    assert found.verdict == "delivered"
    assert not {"forward", "output", "postrouting"} & set(met(found))
    refused = ask(state, "internet", f"node-1:{NODE_PORTS['gone']}")
    assert refused.verdict == "rejected"
    assert met(refused)[-1] == ("ipvs" if mode == "ipvs" else "input")


@EVERY_MODE
@pytest.mark.parametrize("source", ["node-1", "host"])
def test_from_a_process_of_the_node(mode: str, source: str) -> None:
    """kube-proxy.md 2, row 'from a process of the Node': OUTPUT, then POSTROUTING; hostNetwork Pods alike."""
    state = cluster(pod("host", 1, 9000, hostNetwork=True), pod("b", 2, app="web"), service("web"),
                    service("gone", app="nobody"), kubeProxy={"mode": mode})  # fmt: skip
    found = ask(state, source, "Service:default/web")
    assert found.verdict == "delivered"
    middle = ["ipvs"] if mode == "ipvs" else []
    assert met(found) == ["output", *middle, "postrouting"]
    (stop,) = [h for h in hops(found, "rules") if h.before and h.after and h.before.dst != h.after.dst]
    assert stop.place == ("node-1 · ipvs" if mode == "ipvs" else "node-1 · output")
    refused = ask(state, source, "Service:default/gone")
    assert (refused.verdict, met(refused)[-1]) == ("rejected", "ipvs" if mode == "ipvs" else "output")


@EVERY_MODE
@pytest.mark.parametrize(("plugin", "backend"), PROFILES)
def test_replies(mode: str, plugin: str, backend: str) -> None:
    """kube-proxy.md 2, row 'replies': connection tracking undoes the translation, no rule is asked."""
    found = ask(exposed(mode, plugin, backend, 2), "internet", f"node-1:{NODE_PORT}")
    assert found.verdict == "delivered"
    back = [h for h in found.trace.paths()[0].hops if h.direction == "reply"]
    assert not [h for h in back if h.kind in ("rules", "policy")]
    assert [h.node for h in back if h.kind == "conntrack" and h.outcome == "translated"] == ["node-1"]
    assert answered_from(found) == (NODES[1], NODE_PORT)


@EVERY_MODE
def test_first_packet_only(mode: str) -> None:
    """kube-proxy.md 2, row 'first packet only': a packet of a known connection walks no NAT rule."""
    ground = Ground.of(written(mode))
    for state, asked in (("NEW", True), ("ESTABLISHED", False)):
        packet = Packet(4, "10.244.0.2", VIPS["web"], "TCP", 41822, 80, in_iface="cni0", ct_state=state)  # type: ignore[arg-type]
        outcomes = ground.walk("node-1", "PREROUTING", packet)
        chains = {hit.chain for outcome in outcomes for hit in outcome.hits}
        assert bool({"KUBE-SERVICES", "services"} & chains) is asked


def test_the_node_that_translated_sees_the_reply() -> None:
    """kube-proxy.md 2, row 'the Node that translated sees the reply': else it has the wrong source, and is lost."""
    state = exposed("ipvs", "calico", "bgp", 2, "Local")
    found = ask(state, "internet", f"node-1:{NODE_PORT}")
    assert found.verdict == "dropped"
    assert "past node-1, which alone could undo its translation" in found.reason
    assert f"It comes from {ip(state, 'b')} instead of {NODES[1]}" in found.reason


@EVERY_MODE
@pytest.mark.parametrize(("plugin", "backend"), PROFILES)
def test_nothing_inside_the_pod(mode: str, plugin: str, backend: str) -> None:
    """kube-proxy.md 2, row 'nothing inside the Pod': the packet leaves it for the ClusterIP."""
    state = exposed(mode, plugin, backend, 2)
    found = ask(state, "a", "Service:default/web")
    vip = cluster_ip(state, "web")
    before = stops(found).index("prerouting")
    assert before >= 1
    assert {(h.dst, h.dport) for h in headers(found)[:before]} == {(vip, 80)}


@EVERY_MODE
def test_tcp_endpoint_removed(mode: str) -> None:
    """kube-proxy.md 8, row 'TCP endpoint removed': the open connection keeps its endpoint, new ones go elsewhere."""
    state = written(mode)
    first = Packet(4, "10.244.0.2", VIPS["web"], "TCP", 41822, 80, in_iface="cni0")
    entry = entry_for(first, Packet(4, "10.244.0.2", FAR, "TCP", 41822, 8080))
    after = compile_project(remove(state.project, ("Pod:default/far",)).project, state)
    new = ask(after, "a", f"{VIPS['web']}:80")
    assert [(p.labels, p.verdict) for p in new.trace.paths()] == [((), "delivered")]
    assert hops(new, "deliver")[0].at == "Pod:default/near"
    known = Packet(4, "10.244.0.2", VIPS["web"], "TCP", 41822, 80, in_iface="cni0", ct_state="ESTABLISHED")
    for outcome in Ground.of(after).walk("node-1", "PREROUTING", known):
        assert outcome.packet.dst == VIPS["web"], "no rule turns it to another endpoint"
    sent = pass_through(entry, known)
    assert sent is not None
    assert (sent.dst, sent.dport) == (FAR, 8080)
    assert NEAR != FAR


@EVERY_MODE
@pytest.mark.parametrize("source", ["a", "node-2", "internet"])
def test_health_endpoint(mode: str, source: str) -> None:
    """kube-proxy.md 9, row 'health endpoint': 10256 on every address of the Node."""
    found = ask(written(mode), source, "node-1:10256")
    assert found.verdict == "delivered"
    assert "kube-proxy's health endpoint" in hops(found, "deliver")[0].what


@EVERY_MODE
@pytest.mark.parametrize(("where", "answer"), [(1, "HTTP 200"), (2, "HTTP 200"), (3, "HTTP 503")])
def test_health_ports_of_services(mode: str, where: int, answer: str) -> None:
    """kube-proxy.md 9, row 'health ports of Services': 200 where the Node has a ready endpoint, else 503."""
    found = ask(written(mode), "internet", f"node-{where}:{HEALTH}")
    assert found.verdict == "delivered"
    assert answer in hops(found, "deliver")[0].what


@EVERY_MODE
def test_metrics(mode: str) -> None:
    """kube-proxy.md 9, row 'metrics': on the loopback address, unless metricsBindAddress says another."""
    state = written(mode)
    found = ask(state, "node-1", "127.0.0.1:10249")
    assert found.verdict == "delivered"
    assert "kube-proxy's metrics" in hops(found, "deliver")[0].what
    for source in ("node-2", "a"):
        found = ask(state, source, "node-1:10249")
        assert found.verdict == "cannot-tell"
        assert "kube-proxy's metrics listens on this port at 127.0.0.1 only" in found.reason
    assert ask(written(mode, metricsBindAddress="0.0.0.0:10249"), "a", "node-1:10249").verdict == "delivered"


@pytest.mark.parametrize(
    ("bound", "destination", "verdict"),
    [
        ("0.0.0.0:10256", "node-1:10256", "delivered"),
        ("[::]:10256", "node-1:10256", "delivered"),
        ("0.0.0.0", "node-1:10256", "delivered"),
        ("192.168.10.11:10256", "node-1:10256", "delivered"),
        ("127.0.0.1:10256", "node-1:10256", "cannot-tell"),
        ("127.0.0.1:10256", "127.0.0.1:10256", "delivered"),
        ("0.0.0.0:20256", "node-1:10256", "cannot-tell"),
        ("0.0.0.0:20256", "node-1:20256", "delivered"),
    ],
)
def test_where_the_health_endpoint_listens(bound: str, destination: str, verdict: str) -> None:
    """kube-proxy.md 9, row 'health endpoint': healthzBindAddress; 10256 where it names no port (v1alpha1 defaults)."""
    assert ask(written("iptables", healthzBindAddress=bound), "node-1", destination).verdict == verdict
