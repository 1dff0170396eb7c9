"""Where nftables mode differs from iptables mode by design (kube-proxy.md section 4, "Visible differences")."""

import pytest

from designer.edits.fields import set_field
from designer.engine.comparison import compare, usual_requests
from designer.engine.compile import ClusterState, compile_project
from designer.present.comparison_rows import comparison_summary
from tests.engine.trace.clusters import ask, cluster, hops, make, node, pod, service
from tests.facts.parties import NODE_PORT, PORTS
from tests.facts.written import NODE_PORTS, VIPS, chains, jumps, nft_chains, text, written, written_text

SECOND = "172.20.0.5"
OUTSIDER = "203.0.113.7"
UNUSED, LOCALHOST = "a port that the ClusterIP has not", "a node port at localhost"
REFUSED = ("delivered", "connection-refused")


def two_addresses(mode: str, **proxy: object) -> ClusterState:
    """node-1 with a second address; the backend on node-2."""
    one = node(1, annotations={"cluster-network-designer/interface-addresses": SECOND})
    return cluster(one, node(2), pod("b", 2, app="web"), service("web", type="NodePort", ports=PORTS),
                   kubeProxy={"mode": mode, **proxy})  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "addresses", "primary", "second"),
    [
        ("iptables", (), "delivered", "delivered"),
        ("nftables", (), "delivered", "connection-refused"),
        ("iptables", ("primary",), "delivered", "connection-refused"),
        ("nftables", ("0.0.0.0/0",), "delivered", "delivered"),
        ("nftables", ("172.20.0.0/16",), "connection-refused", "delivered"),
        ("iptables", ("172.20.0.0/16",), "connection-refused", "delivered"),
        ("ipvs", (), "delivered", "delivered"),
        ("ipvs", ("172.20.0.0/16",), "connection-refused", "delivered"),
    ],
)
def test_addresses_of_node_ports(mode: str, addresses: tuple[str, ...], primary: str, second: str) -> None:
    """kube-proxy.md 4, row 'differs: addresses of node ports': all of a Node, or its primary one."""
    state = two_addresses(mode, nodePortAddresses=addresses)
    for address, verdict in (("192.168.10.11", primary), (SECOND, second)):
        found = ask(state, OUTSIDER, f"{address}:{NODE_PORT}")
        assert found.verdict == verdict
        if verdict == "connection-refused":
            assert "takes no node ports" in found.reason


@pytest.mark.parametrize(
    ("mode", "proxy", "verdict"),
    [
        ("iptables", {}, "delivered"),
        ("iptables", {"localhostNodePorts": False}, "connection-refused"),
        ("iptables", {"nodePortAddresses": ("192.168.10.0/24",)}, "connection-refused"),
        ("iptables", {"nodePortAddresses": ("127.0.0.0/8",)}, "delivered"),
        ("nftables", {}, "connection-refused"),
        ("nftables", {"nodePortAddresses": ("0.0.0.0/0",)}, "connection-refused"),
        ("nftables", {"nodePortAddresses": ("127.0.0.0/8",)}, "connection-refused"),
        ("ipvs", {}, "connection-refused"),
    ],
)
def test_node_ports_on_localhost(mode: str, proxy: dict[str, object], verdict: str) -> None:
    """kube-proxy.md 4, row 'differs: node ports on localhost': iptables mode alone, unless it is switched off."""
    assert ask(two_addresses(mode, **proxy), "node-1", f"127.0.0.1:{NODE_PORT}").verdict == verdict


@pytest.mark.parametrize(("mode", "verdict"), [("iptables", "dropped"), ("nftables", "rejected"), ("ipvs", "rejected")])
@pytest.mark.parametrize("source", ["a", "node-1"])
def test_a_port_that_a_cluster_ip_has_not(mode: str, verdict: str, source: str) -> None:
    """kube-proxy.md 4, row 'differs: port that a ClusterIP has not': it leaks out, or is refused."""
    found = ask(written(mode), source, f"{VIPS['web']}:81")
    assert found.verdict == verdict
    assert "not a Service port" in found.reason


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("source", ["a", "node-1"])
def test_a_cluster_ip_that_nobody_has(mode: str, known: bool, source: str) -> None:
    """kube-proxy.md 4, row 'differs: ClusterIP that nobody has': a drop of nftables where ServiceCIDRs name the range.

    Everywhere else no rule takes it, and it leaves by the default route: the caller waits all the same.
    """
    ranges = [make("ServiceCIDR", "kubernetes", {"cidrs": ["10.96.0.0/12"]})] if known else []
    kubernetes = service("kubernetes", port=443, selector={})
    found = ask(cluster(pod("a", 1), kubernetes, *ranges, kubeProxy={"mode": mode}), source, "10.100.200.200:80")
    by_rule = any(hit.target == "drop" for hop in hops(found, "rules") for hit in hop.rules)
    assert by_rule is (mode == "nftables" and known)
    assert found.verdict == "dropped"
    if not by_rule:
        assert any("default" in hop.reason for hop in hops(found, "route")), "it leaves by the default route"


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
def test_a_cluster_ip_of_a_service_that_the_project_may_lack(mode: str) -> None:
    """kube-proxy.md 4, row 'differs: ClusterIP that nobody has': of a part of a cluster nobody can say so."""
    ranges = make("ServiceCIDR", "kubernetes", {"cidrs": ["10.96.0.0/12"]})
    found = ask(cluster(pod("a", 1), service("web"), ranges, kubeProxy={"mode": mode}), "a", "10.100.200.200:80")
    assert found.verdict == "cannot-tell"
    assert "default/kubernetes" in found.reason


def test_host_firewalls() -> None:
    """kube-proxy.md 4, row 'differs: host firewalls': iptables mode accepts some packets, nftables none."""
    held = chains("iptables")
    accepted = [key for key, rules in held.items() if "ACCEPT" in jumps(rules)]
    assert sorted(accepted) == [("filter", "KUBE-FORWARD"), ("filter", "KUBE-NODEPORTS")]
    rules = [rule.partition(" comment ")[0] for rules in nft_chains().values() for rule in rules]
    assert not [rule for rule in rules if "accept" in rule]


def test_invalid_packets() -> None:
    """kube-proxy.md 4, row 'differs: invalid packets': iptables mode drops them unless conntrack is liberal."""
    assert "--ctstate INVALID -j DROP" in text("iptables")
    assert "INVALID" not in text("iptables", conntrackTCPBeLiberal=True)
    for liberal in (False, True):
        assert "invalid" not in text("nftables", conntrackTCPBeLiberal=liberal).replace("invalid ports", "")


def test_cost_of_the_first_packet() -> None:
    """kube-proxy.md 4, row 'differs: cost of the first packet': a rule a Service read one by one, or one look-up."""
    many = [service(f"s{i:02}", app="web") for i in range(30)]
    place = {}
    for mode, chain in (("iptables", "KUBE-SERVICES"), ("nftables", "services")):
        state = cluster(pod("a", 1), pod("b", 1, app="web"), *many, kubeProxy={"mode": mode})
        for name in ("s00", "s29"):
            found = ask(state, "a", f"Service:default/{name}")
            hits = [hit for hop in hops(found, "rules") for hit in hop.rules if hit.chain == chain]
            place[mode, name] = hits[0].index
    assert (place["iptables", "s00"], place["iptables", "s29"]) == (0, 29)
    assert place["nftables", "s00"] == place["nftables", "s29"]


def test_partial_sync() -> None:
    """kube-proxy.md 4, row 'differs: partial sync': of an edit only the Service's own elements and chains change."""
    before = written("nftables")
    edit = set_field(before.project, "Service:default/web", "spec.ports[0].nodePort", 30099)
    after = compile_project(edit.project, before)
    old, new = (set(nft_lines(state)) for state in (before, after))
    assert sorted(old - new) == [f"service-nodeports {{ tcp . {NODE_PORTS['web']} :"]
    assert sorted(new - old) == ["service-nodeports { tcp . 30099 :"]


def nft_lines(state: ClusterState) -> list[str]:
    """The commands of node-1's table, those of elements up to their key."""
    lines = written_text(state).splitlines()
    return [line.partition("kube-proxy ")[2].partition(" goto")[0] for line in lines]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("nftables", {UNUSED: ("dropped", "rejected"), LOCALHOST: REFUSED, "a node port at a second address": REFUSED}),
        ("ipvs", {UNUSED: ("dropped", "rejected"), LOCALHOST: REFUSED}),
    ],
)
def test_a_comparison_of_modes_lists_what_they_answer_otherwise(
    mode: str, expected: dict[str, tuple[str, str]]
) -> None:
    """kube-proxy.md 4, rows 'differs: addresses of node ports', 'differs: node ports on localhost' and
    'differs: port that a ClusterIP has not': told before a mode is taken."""
    one = node(1, annotations={"cluster-network-designer/interface-addresses": SECOND})
    before, after = (
        cluster(one, node(2), pod("a", 1), pod("b", 2, app="web"), service("web", type="NodePort", ports=PORTS),
                kubeProxy={"mode": each})
        for each in ("iptables", mode)
    )  # fmt: skip
    found = compare(before, after, usual_requests(before))
    assert {each.aspect: (each.before, each.after) for each in found.of("mode")} == expected
    assert not found.verdicts_changed, "nothing that is asked today ends otherwise"
    assert f"{len(expected)} rules for Services differ by design." in comparison_summary(found)
