"""nftables mode: base chains, maps, sets and rules on one cluster (kube-proxy.md section 4)."""

import re
from typing import Any

import pytest

from tests.engine.trace.clusters import ask, cluster, make, service
from tests.facts.written import (
    BALANCERS,
    EXTERNAL_IP,
    FAR,
    NEAR,
    NODE_1,
    NODE_PORTS,
    STRANGER,
    VIPS,
    nft_chains,
    nft_elements,
    text,
    written,
    written_text,
)

# Priorities by their names (nft(8), "Table 6"): dstnat is -100, filter 0, srcnat 100.
DSTNAT, FILTER, SRCNAT = -100, 0, 100


def jumps_of(chain: str) -> list[str]:
    return nft_chains()[chain]


def declared(chain: str) -> str:
    """How a chain is hooked in."""
    found = re.search(rf"add chain ip kube-proxy {chain} {{ (.*) ; }}", text("nftables"))
    assert found is not None
    return found[1]


def test_one_table_a_family() -> None:
    """kube-proxy.md 4, row 'one table a family'."""
    pair = [{"type": "InternalIP", "address": a} for a in ("192.168.10.11", "fd00:192:168:10::11")]
    both = cluster(make("Node", "node-1", status={"addresses": pair}), service("web"),
                   podCIDRs=["10.244.0.0/16", "fd00:10:244::/56"], kubeProxy={"mode": "nftables"})  # fmt: skip
    assert re.findall(r"add table (\S+ \S+)", written_text(both)) == ["ip kube-proxy", "ip6 kube-proxy"]
    assert re.findall(r"add table (\S+ \S+)", text("nftables")) == ["ip kube-proxy"]
    assert {line.split()[2] for line in text("nftables").splitlines() if line.startswith("add ")} == {"ip"}


@pytest.mark.parametrize(
    ("chain", "hook", "kind", "priority", "rules"),
    [
        pytest.param("filter-prerouting-pre-dnat", "prerouting", "filter", DSTNAT - 10,
                     ["ct state new jump firewall-check"], id="kube-proxy.md 4, row 'pre-dnat chains'"),
        pytest.param("filter-output-pre-dnat", "output", "filter", DSTNAT - 10,
                     ["ct state new jump firewall-check"], id="kube-proxy.md 4, row 'pre-dnat chains', output"),
        pytest.param("nat-prerouting", "prerouting", "nat", DSTNAT, ["jump services"],
                     id="kube-proxy.md 4, row 'nat-prerouting and nat-output'"),
        pytest.param("nat-output", "output", "nat", DSTNAT, ["jump services"], id="nat-output"),
        pytest.param("nat-postrouting", "postrouting", "nat", SRCNAT, ["jump masquerading"],
                     id="kube-proxy.md 4, row 'nat-postrouting'"),
        pytest.param("filter-input", "input", "filter", FILTER,
                     ["ct state new jump nodeport-endpoints-check", "ct state new jump service-endpoints-check"],
                     id="kube-proxy.md 4, row 'filter-input'"),
        pytest.param("filter-forward", "forward", "filter", FILTER,
                     ["ct state new jump service-endpoints-check", "ct state new jump cluster-ips-check"],
                     id="kube-proxy.md 4, row 'filter-forward'"),
        pytest.param("filter-output", "output", "filter", FILTER,
                     ["ct state new jump service-endpoints-check", "ct state new jump cluster-ips-check"],
                     id="kube-proxy.md 4, row 'filter-output'"),
    ],
)  # fmt: skip
def test_base_chains(chain: str, hook: str, kind: str, priority: int, rules: list[str]) -> None:
    """Hook, priority and jumps of every base chain; there are no others."""
    assert declared(chain) == f"type {kind} hook {hook} priority {priority}"
    assert nft_chains()[chain] == rules
    assert text("nftables").count(" hook ") == 8


def targets(name: str, **proxy: Any) -> dict[str, str]:
    """Key → the word of the verdict and the kind of chain that it names, of a verdict map."""
    found = {}
    for element in nft_elements(name, **proxy):
        key, _, verdict = element.partition(" : ")
        found[key] = re.sub(r"-[A-Z2-7]{8}-default/", " ", verdict)
    return found


def test_service_ips() -> None:
    """kube-proxy.md 4, row 'service-ips': one look-up for ClusterIPs, external IPs and balancers' addresses."""
    expected = {
        f"{VIPS['web']} . tcp . 80": "goto service web/tcp/",
        f"{VIPS['sticky']} . tcp . 80": "goto service sticky/tcp/",
        f"{VIPS['edge']} . tcp . 80": "goto local edge/tcp/",
        f"{VIPS['inner']} . tcp . 80": "goto local inner/tcp/",
        f"{EXTERNAL_IP} . tcp . 80": "goto external web/tcp/",
        f"{BALANCERS['web']} . tcp . 80": "goto external web/tcp/",
        f"{BALANCERS['edge']} . tcp . 80": "goto external edge/tcp/",
        f"{BALANCERS['away']} . tcp . 80": "goto external away/tcp/",
    }
    assert targets("service-ips") == expected
    assert "ip daddr . meta l4proto . th dport vmap @service-ips" in jumps_of("services")


def test_service_nodeports() -> None:
    """kube-proxy.md 4, row 'service-nodeports': for packets to the addresses that take node ports."""
    assert targets("service-nodeports") == {
        f"tcp . {NODE_PORTS[name]}": f"goto external {name}/tcp/" for name in ("web", "edge", "away")
    }
    assert jumps_of("services")[-1] == "ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports"
    everywhere = nft_chains(nodePortAddresses=("0.0.0.0/0",))["services"][-1]
    assert everywhere.startswith("fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap")


def test_no_endpoint_maps() -> None:
    """kube-proxy.md 4, row 'no-endpoint maps': refused where there is no endpoint, dropped where none is here."""
    away = {f"{address} . tcp . 80": "drop" for address in (VIPS["away"], BALANCERS["away"])}
    gone = {f"{address} . tcp . 80": "goto reject-chain" for address in (VIPS["gone"], BALANCERS["gone"])}
    assert targets("no-endpoint-services") == {**away, **gone}
    nodeports = {f"tcp . {NODE_PORTS['away']}": "drop", f"tcp . {NODE_PORTS['gone']}": "goto reject-chain"}
    assert targets("no-endpoint-nodeports") == nodeports
    assert jumps_of("reject-chain") == ["reject"]
    state = written("nftables")
    assert ask(state, "a", f"{VIPS['gone']}:80").verdict == "rejected"
    assert ask(state, "a", f"{VIPS['away']}:80").verdict == "dropped"


def test_firewall_ips() -> None:
    """kube-proxy.md 4, row 'firewall-ips': before translation, dropped where the source is in no range."""
    assert targets("firewall-ips") == {f"{BALANCERS['web']} . tcp . 80": "goto firewall web/tcp/"}
    (chain,) = [name for name in nft_chains() if name.startswith("firewall-") and name.endswith("default/web/tcp/")]
    assert jumps_of(chain) == ["ip saddr != { 203.0.113.0/24 } drop"]
    assert ask(written("nftables"), STRANGER, f"{BALANCERS['web']}:80").verdict == "dropped"
    assert ask(written("nftables"), "internet", f"{BALANCERS['web']}:80").verdict == "delivered"


def test_cluster_ips() -> None:
    """kube-proxy.md 4, row 'cluster-ips': other ports are refused, addresses of the ranges that nobody has dropped."""
    assert nft_elements("cluster-ips") == sorted(VIPS.values()), "headless Services have none"
    (rule,) = jumps_of("cluster-ips-check")
    assert rule.startswith("ip daddr @cluster-ips reject")
    ranges = make("ServiceCIDR", "kubernetes", {"cidrs": ["10.96.0.0/12"]})
    known = written_text(cluster(ranges, service("web"), kubeProxy={"mode": "nftables"}))
    assert 'cluster-ips-check ip daddr { 10.96.0.0/12 } drop comment "Drop traffic to unallocated ClusterIPs"' in (
        known.replace("{10.96.0.0/12}", "{ 10.96.0.0/12 }")
    )


def test_hairpin_connections() -> None:
    """kube-proxy.md 4, row 'hairpin-connections': the endpoints of the Node itself."""
    assert nft_elements("hairpin-connections") == [f"{NEAR} . {NEAR} . tcp . 8080"]
    assert f"{FAR} . {FAR} . tcp . 8080" in nft_elements("hairpin-connections", "node-2")
    assert any("@hairpin-connections masquerade" in rule for rule in jumps_of("masquerading"))


def test_affinity_sets() -> None:
    """kube-proxy.md 4, row 'affinity sets': one an endpoint, its members forgotten after the time-out."""
    found = re.findall(r"add set ip kube-proxy affinity-\S{8}-(\S+) { (.*) ; }", text("nftables"))
    flags = "type ipv4_addr ; flags dynamic,timeout ; timeout 600s"
    assert sorted(found) == [(f"default/sticky/tcp/__{ip}/8080", flags) for ip in (NEAR, FAR)]


def test_nodeport_ips() -> None:
    """kube-proxy.md 4, row 'nodeport-ips': only where node ports are not taken on all addresses."""
    assert nft_elements("nodeport-ips") == [NODE_1]
    assert "nodeport-ips" not in text("nftables", nodePortAddresses=("0.0.0.0/0",))


def test_choice_of_the_endpoint() -> None:
    """kube-proxy.md 4, row 'choice of the endpoint': a random number; with affinity who was here is asked before."""
    of = {name: rules for name, rules in nft_chains().items() if name.startswith("service-")}
    (plain,) = next(rules for name, rules in of.items() if name.endswith("default/web/tcp/"))
    choice = f"numgen random mod 2 map {{ 0 : {NEAR} . 8080 , 1 : {FAR} . 8080 }}"
    assert plain == f"meta l4proto tcp dnat ip addr . port to {choice}"
    sticky = next(rules for name, rules in of.items() if name.endswith("default/sticky/tcp/"))
    assert [rule.split()[:2] for rule in sticky] == [["ip", "saddr"], ["ip", "saddr"], ["numgen", "random"]]
    assert re.fullmatch(r"numgen random mod 2 vmap { 0 : goto endpoint-\S+ , 1 : goto endpoint-\S+ }", sticky[-1])
    shares = [path.share for path in ask(written("nftables"), "a", f"{VIPS['web']}:80").trace.paths()]
    assert [float(share) for share in shares] == [0.5, 0.5]


def test_masquerade() -> None:
    """kube-proxy.md 4, row 'masquerade': bit 0x4000 set on the way in, cleared and obeyed on the way out."""
    assert jumps_of("services")[0].startswith("ip daddr @cluster-ips ip saddr != 10.244.0.0/16 mark set mark or 0x0000")
    (external,) = [rules for name, rules in nft_chains().items() if re.match(r"external-.*default/web/", name)]
    assert external[0].startswith("mark set mark or 0x00004000")
    first = jumps_of("masquerading")[0]
    assert first == "mark and 0x00004000 != 0 mark set mark xor 0x00004000 masquerade fully-random"
