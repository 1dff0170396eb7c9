"""ipvs mode: dummy device, virtual servers, sets and rules on one cluster (kube-proxy.md section 5)."""

from typing import Any

import pytest

from designer.engine.checks import check
from designer.engine.netfilter import Packet
from designer.engine.trace.ground import Ground
from tests.engine.trace.clusters import ask, cluster, hops, make, pod, policy, service
from tests.facts.parties import exposed
from tests.facts.written import (
    BALANCERS,
    CLIENT,
    EXTERNAL_IP,
    FAR,
    HEALTH,
    NEAR,
    NODE_1,
    NODE_PORTS,
    VIPS,
    A,
    chains,
    text,
    written,
    written_text,
)

ZED = "10.244.1.3"  # the only Pod of `away`, on node-2
ALL_VIPS = sorted([*VIPS.values(), EXTERNAL_IP, *BALANCERS.values()])


def part(title: str, **proxy: Any) -> list[str]:
    """The lines of one part of what is written on node-1."""
    found = text("ipvs", **proxy).partition(f"## {title}")[2].partition("\n## ")[0]
    return found.splitlines()[1:]


def members(name: str) -> list[str]:
    return [line.split()[2] for line in part("ipset") if line.startswith(f"add {name} ")]


def real_servers(address: str, port: int, **proxy: Any) -> list[str]:
    start = f"-a -t {address}:{port} -r "
    return [line.removeprefix(start) for line in part("ipvs", **proxy) if line.startswith(start)]


def test_dummy_device() -> None:
    """kube-proxy.md 5, row 'dummy device': VIPs are the Node's own addresses, and their packets take INPUT."""
    assert sorted(part("addresses")) == ALL_VIPS
    state = written("ipvs")
    for source, address in (("a", VIPS["web"]), ("internet", BALANCERS["web"])):
        found = ask(state, source, f"{address}:80")
        assert f"{address} is an address of node-1 itself." in [h.reason for h in hops(found, "route")]
        places = [h.place for h in hops(found, "rules")]
        assert "node-1 · ipvs" in places
        assert "node-1 · forward" not in places


def test_an_engine_that_looks_at_forward_only() -> None:
    """kube-proxy.md 5, row 'dummy device': a policy engine in FORWARD is bypassed, so its answer is open."""
    closed = policy("closed", {"matchLabels": {"app": "web"}}, policyTypes=["Ingress"])
    state = cluster(pod("a", 1), pod("b", 1, app="web"), service("web"), closed, plugin="weave",
                    kubeProxy={"mode": "ipvs"})  # fmt: skip
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert "never meets the FORWARD hook" in found.reason


def test_virtual_servers() -> None:
    """kube-proxy.md 5, row 'virtual servers': one an address and port, real servers by translation with weight 1."""
    heads = [line.split()[2] for line in part("ipvs") if line.startswith("-A ")]
    expected = [f"{vip}:80" for vip in ALL_VIPS] + [f"{NODE_1}:{number}" for number in NODE_PORTS.values()]
    assert sorted(heads) == sorted(expected)
    assert all(line.split(" -s ")[1].startswith("rr") for line in part("ipvs") if line.startswith("-A "))
    both = [f"{NEAR}:8080 -m -w 1", f"{FAR}:8080 -m -w 1"]
    assert real_servers(VIPS["web"], 80) == real_servers(NODE_1, NODE_PORTS["web"]) == both
    assert real_servers(VIPS["gone"], 80) == []


@pytest.mark.parametrize("scheduler", ["wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "sed", "nq"])
def test_schedulers(scheduler: str) -> None:
    """kube-proxy.md 5, row 'schedulers': the named one on every virtual server; only turns have known shares."""
    lines = [line for line in part("ipvs", ipvsScheduler=scheduler) if line.startswith("-A ")]
    assert lines
    assert all(f" -s {scheduler}" in line for line in lines)
    found = ask(written("ipvs", ipvsScheduler=scheduler), "a", f"{VIPS['web']}:80")
    assert found.verdict == "delivered"
    assert len(found.trace.paths()) == (2 if scheduler == "wrr" else 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("KUBE-CLUSTER-IP", [f"{vip},tcp:80" for vip in VIPS.values()]),
        ("KUBE-LOOP-BACK", [f"{NEAR},tcp:8080,{NEAR}"]),
        ("KUBE-EXTERNAL-IP", [f"{EXTERNAL_IP},tcp:80"]),
        ("KUBE-LOAD-BALANCER", [f"{vip},tcp:80" for vip in BALANCERS.values()]),
        ("KUBE-LOAD-BALANCER-LOCAL", [f"{BALANCERS[name]},tcp:80" for name in ("edge", "away")]),
        ("KUBE-LOAD-BALANCER-SOURCE-CIDR", [f"{BALANCERS['web']},tcp:80,203.0.113.0/24"]),
        ("KUBE-NODE-PORT-TCP", [str(number) for number in NODE_PORTS.values()]),
        ("KUBE-NODE-PORT-LOCAL-TCP", [str(NODE_PORTS[name]) for name in ("edge", "away")]),
        ("KUBE-NODE-PORT-UDP", []),
        ("KUBE-IPVS-IPS", ALL_VIPS),
    ],
)
def test_sets(name: str, expected: list[str]) -> None:
    """kube-proxy.md 5, row 'sets'."""
    assert sorted(members(name)) == sorted(expected)
    assert any(line.startswith(f"create {name} ") for line in part("ipset")), "there, empty or not"


def test_the_rules_are_a_fixed_frame() -> None:
    """kube-proxy.md 5, row 'sets': Services change sets, the rules that ask them stay."""
    more = [service(f"s{i}", app="web") for i in range(20)]

    def rules(*services: Any) -> int:
        state = cluster(pod("b", 1, app="web"), service("web"), *services, kubeProxy={"mode": "ipvs"})
        return sum(line.startswith("-A KUBE-") for line in written_text(state).splitlines())

    assert rules() == rules(*more)


def test_local_policy() -> None:
    """kube-proxy.md 5, row 'Local policy': the endpoint set says it; without a local one it holds all (reference)."""
    assert real_servers(BALANCERS["edge"], 80) == real_servers(VIPS["edge"], 80) == [f"{NEAR}:8080 -m -w 1"]
    assert real_servers(BALANCERS["away"], 80) == [f"{ZED}:8080 -m -w 1"]
    inner = text("ipvs", "node-1")
    assert f"-a -t {VIPS['inner']}:80 -r {NEAR}:8080" in inner
    assert f"-a -t {VIPS['inner']}:80 -r {FAR}:8080" not in inner


@pytest.mark.parametrize(
    ("source", "destination", "masked"),
    [
        ("a", f"{VIPS['web']}:80", False),
        ("node-1", f"{VIPS['web']}:80", True),
        ("a", f"{EXTERNAL_IP}:80", True),
        ("internet", f"{BALANCERS['web']}:80", True),
        ("internet", f"{BALANCERS['edge']}:80", False),
        ("internet", f"node-1:{NODE_PORTS['web']}", True),
        ("internet", f"node-1:{NODE_PORTS['edge']}", False),
        ("near", f"{VIPS['inner']}:80", True),
    ],
)
def test_masquerade_by_set(source: str, destination: str, masked: bool) -> None:
    """kube-proxy.md 5, row 'masquerade by set'."""
    found = ask(written("ipvs"), source, destination)
    assert found.verdict == "delivered", found.reason
    for path in found.trace.paths():
        last = [h for h in path.hops if h.place == "node-1 · postrouting" and h.direction == "request"]
        assert [h.before.src != h.after.src for h in last if h.before and h.after] == [masked]


def test_without_detection_a_source_that_is_a_vip_is_masked() -> None:
    """kube-proxy.md 5, row 'masquerade by set': by source and destination where local traffic is not detected."""
    rule = next(r for r in chains("ipvs", clusterCIDR="")["nat", "KUBE-SERVICES"] if "KUBE-CLUSTER-IP" in r)
    assert rule.endswith("--match-set KUBE-CLUSTER-IP src,dst -j KUBE-MARK-MASQ")


@pytest.mark.parametrize(
    ("address", "port", "verdict"),
    [
        (VIPS["web"], 80, "accept"),
        (BALANCERS["edge"], 80, "accept"),
        (EXTERNAL_IP, 80, "accept"),
        (VIPS["web"], 22, "reject"),
        (BALANCERS["edge"], 10250, "reject"),
        (VIPS["web"], HEALTH, "accept"),
        (NODE_1, 22, "accept"),
    ],
)
def test_filter_of_input(address: str, port: int, verdict: str) -> None:
    """kube-proxy.md 5, row 'filter of INPUT': what is no port of a Service on its address is refused."""
    ground = Ground.of(written("ipvs"))
    (outcome,) = ground.walk("node-1", "INPUT", Packet(4, CLIENT, address, "TCP", 41822, port, in_iface="eth0"))
    assert outcome.verdict == verdict


def test_pings() -> None:
    """kube-proxy.md 5, row 'pings': v1.36.2's own rules refuse them, as anything new for an address of KUBE-IPVS-IPS.

    An echo request is a new connection to conntrack and in none of the sets before (expected.ipvs files of the
    reference); they were answered before kube-proxy had this filter (kubernetes/website issue 41002).
    """
    ground = Ground.of(written("ipvs"))
    (outcome,) = ground.walk("node-1", "INPUT", Packet(4, A, VIPS["web"], "ICMP", 0, 0, in_iface="cni0"))
    assert outcome.verdict == "reject"
    assert outcome.hits[-1].chain == "KUBE-IPVS-FILTER"
    (outcome,) = ground.walk("node-1", "INPUT", Packet(4, A, NODE_1, "ICMP", 0, 0, in_iface="cni0"))
    assert outcome.verdict == "accept"


def test_graceful_termination() -> None:
    """kube-proxy.md 5, row 'graceful termination': an endpoint that goes away gets no new connection."""
    leaving = make("Pod", "leaving", pod("leaving", 2).spec.dump(), labels={"app": "web"},  # type: ignore[attr-defined]
                   deletionTimestamp="2026-01-01T00:00:00Z")  # fmt: skip
    for mode in ("iptables", "nftables", "ipvs"):
        state = cluster(pod("a", 1), pod("stays", 1, app="web"), leaving, service("web"), kubeProxy={"mode": mode})
        found = ask(state, "a", "Service:default/web")
        assert [path.share for path in found.trace.paths()] == [1]
        assert state.control.pods["Pod:default/leaving"].ips[0] not in written_text(state)


@pytest.mark.parametrize(("mode", "strict", "told"), [("ipvs", False, 1), ("ipvs", True, 0), ("iptables", False, 0)])
def test_strict_arp(mode: str, strict: bool, told: int) -> None:
    """kube-proxy.md 5, row 'strictARP': without it every Node answers ARP for what is on kube-ipvs0."""
    state = exposed(mode, "calico", "vxlan", 1, kubeProxy={"ipvsStrictARP": strict})
    found = [p for p in check(state) if p.code == "NODE-20"]
    assert len(found) == told
    if told:
        assert "every Node answers ARP for Service default/web's address" in found[0].title
        assert "MetalLB in L2 mode" in found[0].why
        other = exposed(mode, "calico", "vxlan", 1, kubeProxy={"ipvsStrictARP": True})
        assert written_text(state) == written_text(other), "it changes no rule"


@pytest.mark.parametrize(
    ("mode", "strict", "policy_name", "verdict"),
    [
        ("ipvs", False, "Local", "cannot-tell"),
        ("ipvs", True, "Local", "delivered"),
        ("ipvs", False, "Cluster", "delivered"),
        ("iptables", False, "Local", "delivered"),
        ("nftables", False, "Local", "delivered"),
    ],
)
def test_who_answers_arp_for_a_local_balancer(mode: str, strict: bool, policy_name: str, verdict: str) -> None:
    """kube-proxy.md 5, row 'strictARP': without it a Node that has no endpoint may draw the traffic to itself."""
    state = exposed(mode, "calico", "vxlan", 1, policy_name, kubeProxy={"ipvsStrictARP": strict})
    found = ask(state, "internet", f"{BALANCERS['web']}:80")
    assert found.verdict == verdict
    if verdict == "cannot-tell":
        assert "every Node may answer ARP for 192.168.10.200" in found.reason
        assert "through node-1: delivered; through node-2: dropped" in found.reason
    cloud = exposed(mode, "calico", "vxlan", 1, policy_name, loadBalancer={}, kubeProxy={"ipvsStrictARP": strict},
                    spec={"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.80"}]}}})  # fmt: skip
    assert ask(cloud, "internet", "203.0.113.80:80").verdict == "delivered", "a cloud does not ask by ARP"
