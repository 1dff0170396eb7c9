"""iptables mode: what is written per destination, shares, missing endpoints, scale (kube-proxy.md section 3)."""

import re
from fractions import Fraction

import pytest

from designer.edits.fields import set_field
from designer.engine.checks import check
from designer.engine.compile import ClusterState, compile_project
from designer.engine.kubeproxy import tables_text
from designer.engine.netfilter import Packet
from designer.engine.trace.ground import Ground
from designer.model import EndpointSlice, KubeObject
from tests.engine.trace.clusters import ask, cluster, hops, pod, service
from tests.facts.written import (
    BALANCERS,
    EXTERNAL_IP,
    FAR,
    NEAR,
    NODE_PORTS,
    STRANGER,
    VIPS,
    A,
    Rules,
    chains,
    jumps,
    own_chain,
    text,
    written,
)

OF_SERVICE = "kubernetes.io/service-name"


@pytest.fixture(scope="module")
def held() -> Rules:
    """The rules that node-1 holds."""
    return chains("iptables")


def iptables_text(state: ClusterState) -> str:
    found, problems = tables_text(state.control, state.project.cluster, "node-1", "iptables")
    assert not problems
    return found.replace('"', "")


@pytest.mark.parametrize(
    ("destination", "outside", "first"),
    [
        pytest.param(VIPS["web"], False, "KUBE-SVC-", id="kube-proxy.md 3, row 'to a ClusterIP'"),
        pytest.param(EXTERNAL_IP, True, "KUBE-EXT-", id="kube-proxy.md 3, row 'to an external IP'"),
        pytest.param(BALANCERS["web"], True, "KUBE-FW-", id="kube-proxy.md 3, row 'to a load balancer'"),
        pytest.param("node-1", True, "KUBE-EXT-", id="kube-proxy.md 3, row 'to a node port'"),
    ],
)
def test_destinations(destination: str, outside: bool, first: str) -> None:
    """What is written for each destination: where it goes first, and who is masqueraded."""
    state = written("iptables")
    port = NODE_PORTS["web"] if destination == "node-1" else 80
    for source, masqueraded in (("a", outside), ("node-1", True), *((("internet", True),) if outside else ())):
        if destination == BALANCERS["web"] and source != "internet":
            continue  # outside the source ranges
        found = ask(state, source, f"{destination}:{port}")
        assert found.verdict == "delivered", found.reason
        own = [hit.chain for hop in hops(found, "rules") for hit in hop.rules if hit.chain.startswith("KUBE-")]
        places = [c for c in own if c.startswith(("KUBE-SVC-", "KUBE-EXT-", "KUBE-FW-", "KUBE-SVL-"))]
        assert places[0].startswith(first)
        assert ("KUBE-MARK-MASQ" in own) is masqueraded, source


def test_to_an_endpoint() -> None:
    """kube-proxy.md 3, row 'to an endpoint': translated to address and port; a Pod's call of itself is masqueraded."""
    found = ask(written("iptables"), "near", f"{VIPS['web']}:80")
    ends = {path.labels[0].partition(" ")[0]: path for path in found.trace.paths()}
    for name, address, marked in (("near", NEAR, True), ("far", FAR, False)):
        stop = next(h for h in ends[name].hops if h.kind == "rules")
        assert stop.after is not None
        assert (stop.after.dst, stop.after.dport, bool(stop.after.mark)) == (address, 8080, marked)


def test_ext_with_cluster(held: Rules) -> None:
    """kube-proxy.md 3, row 'EXT with Cluster': mark, then the endpoints of policy Cluster."""
    rules = held["nat", own_chain(held, "KUBE-EXT-", "web")]
    assert jumps(rules) == ["KUBE-MARK-MASQ", own_chain(held, "KUBE-SVC-", "web")]
    assert all(" -s " not in rule and "--src-type" not in rule for rule in rules)


@pytest.mark.parametrize("name", ["edge", "away"])
def test_ext_with_local(name: str, held: Rules) -> None:
    """kube-proxy.md 3, row 'EXT with Local': Pods and the Node everywhere, others to the Node's own, if it has any."""
    pods, mark, node, *rest = held["nat", own_chain(held, "KUBE-EXT-", name)]
    everywhere = pods.rpartition(" ")[2]
    assert everywhere.startswith("KUBE-SVC-")
    assert "-s 10.244.0.0/16 " in pods
    assert "--src-type LOCAL -j KUBE-MARK-MASQ" in mark
    assert f"--src-type LOCAL -j {everywhere}" in node
    assert [rule.startswith("-j KUBE-SVL-") for rule in rest] == ([True] if name == "edge" else [])


def test_ext_with_local_in_traces() -> None:
    """kube-proxy.md 3, row 'EXT with Local': what becomes of each caller."""
    state = written("iptables")
    for source, verdict in (("a", "delivered"), ("node-1", "delivered"), ("internet", "dropped")):
        assert ask(state, source, f"node-1:{NODE_PORTS['away']}").verdict == verdict, source


def test_headless_and_external_name() -> None:
    """kube-proxy.md 3, row 'headless and ExternalName': nothing is written."""
    for mode in ("iptables", "nftables", "ipvs"):
        assert "default/bare" not in text(mode)
        assert "default/alias" not in text(mode)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 100])
def test_probability(count: int) -> None:
    """kube-proxy.md 3, row 'probability': 1/(n-i) with ten decimals, and none for the last; 1/n each in the end."""
    state = cluster(pod("a", 1), *(pod(f"w{i}", 1, app="web") for i in range(count)), service("web"))
    written_rules = iptables_text(state)
    found = re.findall(r"-> \S+( -m statistic --mode random --probability (\d\.\d{10}))? -j", written_rules)
    found = [probability for _, probability in found]
    assert found == [f"{1 / (count - i):.10f}" for i in range(count - 1)] + [""]
    shares = [path.share for path in ask(state, "a", "Service:default/web").trace.paths()]
    assert shares == [Fraction(1, count)] * count


def test_connections_not_requests() -> None:
    """kube-proxy.md 3, row 'connections, not requests': said for gRPC and HTTP/2, which keep one connection."""
    ports = [{"name": "grpc", "port": 80, "targetPort": 8080}]
    state = cluster(pod("x", 1, app="web"), pod("y", 2, app="web"), service("web", ports=ports))
    (problem,) = [p for p in check(state) if p.code == "SVC-30"]
    assert "keeps each client on one Pod" in problem.title
    assert "balances connections" in problem.why


def test_affinity_is_asked_first(held: Rules) -> None:
    """kube-proxy.md 3, row 'affinity is asked first': for every endpoint, before the choice by probability."""
    rules = held["nat", own_chain(held, "KUBE-SVC-", "sticky")]
    kinds = ["recent" if "--rcheck --seconds 600 --reap" in r else "choice" for r in rules if "->" in r]
    assert kinds == ["recent", "recent", "choice", "choice"]
    state = written("iptables")
    note = next(h for h in hops(ask(state, "a", f"{VIPS['sticky']}:80"), "rules") if "sessionAffinity" in h.reason)
    assert "600 s" in note.reason


@pytest.mark.parametrize(
    ("source", "destination", "verdict", "words"),
    [
        pytest.param("a", VIPS["gone"], "rejected", "at once",
                     id="kube-proxy.md 3, row 'no usable endpoint anywhere'"),
        pytest.param("internet", f"node-1:{NODE_PORTS['gone']}", "rejected", "at once", id="none, node port"),
        pytest.param("internet", BALANCERS["gone"], "rejected", "at once", id="none, load balancer"),
        pytest.param("a", VIPS["away"], "dropped", "time-out", id="kube-proxy.md 3, row 'Local and none here'"),
        pytest.param("internet", f"node-1:{NODE_PORTS['away']}", "dropped", "time-out", id="Local, node port"),
        pytest.param(STRANGER, BALANCERS["web"], "dropped", "loadBalancerSourceRanges: time-out",
                     id="kube-proxy.md 3, row 'source ranges do not hold the client'"),
        pytest.param("a", f"{VIPS['web']}:81", "dropped", "not a Service port",
                     id="kube-proxy.md 3, row 'not a Service port'"),
    ],
)  # fmt: skip
def test_no_endpoints(source: str, destination: str, verdict: str, words: str) -> None:
    """What is done without an endpoint, and what the client sees."""
    found = ask(written("iptables"), source, destination if ":" in destination else f"{destination}:80")
    assert found.verdict == verdict
    assert words in found.reason


def test_ping() -> None:
    """kube-proxy.md 3, row 'ping': no rule speaks of ICMP, so the packet leaves as it came."""
    ground = Ground.of(written("iptables"))
    for hook in ("PREROUTING", "FORWARD"):
        (outcome,) = ground.walk("node-1", hook, Packet(4, A, VIPS["web"], "ICMP", 0, 0, in_iface="cni0"))
        assert (outcome.verdict, outcome.packet.dst) == ("accept", VIPS["web"])
    assert "icmp" not in text("iptables")


def test_number_of_rules() -> None:
    """kube-proxy.md 3, row 'number of rules': Services times a fixed number, plus endpoints times a fixed number.

    One rule in KUBE-SERVICES and one for the mark a Service; one choice and two rules of its chain an endpoint.
    """

    def rules(services: int, endpoints: int) -> int:
        pods = [pod(f"w{i}-{n}", 1, app=f"s{i}") for i in range(services) for n in range(endpoints)]
        state = cluster(*pods, *(service(f"s{i}") for i in range(services)))
        return sum(line.startswith("-A ") for line in iptables_text(state).splitlines())

    frame = rules(0, 0)
    for services, endpoints in ((1, 1), (3, 1), (3, 4)):
        assert rules(services, endpoints) - frame == services * (2 + 3 * endpoints)


def test_only_changed_services_are_rewritten() -> None:
    """kube-proxy.md 3, row 'only changed Services are rewritten': the others keep their very rules."""
    before = written.__wrapped__("iptables")  # of its own: nobody else has edited it
    edit = set_field(before.project, "Service:default/web", "spec.ports[0].port", 8000)
    after = compile_project(edit.project, before)
    old, new = (state.program("node-1", 4).table("nat") for state in (before, after))
    assert old is not None
    assert new is not None
    of = {table: {group.entries: group for group in table.groups} for table in (old, new)}
    changed = [names for names, group in of[new].items() if of[old].get(names) is not group]
    chain = own_chain(chains("iptables"), "KUBE-SVC-", "web")
    assert [chain in names for names in changed] == [True]


@pytest.mark.parametrize(("endpoints", "comments"), [(1000, True), (1001, False)])
def test_large_clusters(endpoints: int, comments: bool) -> None:
    """kube-proxy.md 3, row 'large clusters': above 1000 endpoints those of endpoint rules are left out."""
    addresses = [f"10.244.{i // 250}.{i % 250 + 1}" for i in range(endpoints)]
    state = cluster(*(piece(addresses[i : i + 100], i) for i in range(0, endpoints, 100)), service("web", selector={}))
    assert ("default/web -> 10.244." in iptables_text(state)) is comments
    assert "default/web cluster IP" in iptables_text(state)


def piece(addresses: list[str], start: int) -> KubeObject:
    """A hand-written slice of `default/web`."""
    return EndpointSlice.model_validate(
        {
            "metadata": {
                "name": f"web-{start}",
                "namespace": "default",
                "labels": {"kubernetes.io/service-name": "web"},
            },
            "addressType": "IPv4",
            "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
            "endpoints": [{"addresses": [address]} for address in addresses],
        }
    )
