"""Rules picked out of a node's text: by Service, by hit."""

from dataclasses import replace

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.kubeproxy import tables_text
from designer.engine.netfilter import RuleHit
from designer.model import FrozenMap
from designer.present.rule_rows import chains_of, hit_lines, is_rule, service_lines, virtual_lines
from designer.present.table_changes import changed_lines
from designer.present.table_rows import TableLine, table_lines
from tests.engine.kubeproxy.ipvs_parts import balanced
from tests.engine.kubeproxy.small_cluster import EXTERNAL_IP, NODE_1, NODES, POD_A, VIP, cluster, endpoint, service
from tests.engine.kubeproxy.small_cluster import settings as kube_proxy

SVC, SEP, OTHER = "KUBE-SVC-AAAAAAAAAAAAAAAA", "KUBE-SEP-BBBBBBBBBBBBBBBB", "KUBE-SVC-CCCCCCCCCCCCCCCC"
TEXT = f"""#### IPv4
*nat
:KUBE-SERVICES - [0:0]
:{SVC} - [0:0]
:{SEP} - [0:0]
:{OTHER} - [0:0]
-A KUBE-SERVICES -m comment --comment "shop/cart:http cluster IP" -d 10.96.0.41 -j {SVC}
-A KUBE-SERVICES -m comment --comment "shop/cart-db cluster IP" -d 10.96.0.42 -j {OTHER}
-A {SVC} -m comment --comment "shop/cart:http -> 10.244.2.8:7070" -j {SEP}
-A {SEP} -s 10.244.2.8 -j KUBE-MARK-MASQ
-A {OTHER} -m comment --comment "shop/cart-db -> 10.244.2.9:6379" -j ACCEPT
COMMIT
#### IPv6
*nat
-A KUBE-SERVICES -m comment --comment "shop/cart:http cluster IP" -d fd00::41 -j DROP
COMMIT
"""
LINES = table_lines(TEXT)


def test_the_lines_of_a_service_are_its_rules_and_its_chains() -> None:
    found = [line.number for line in service_lines(LINES, "Service:shop/cart")]
    # Declarations of its two chains, its dispatch rule, the rules of both chains, its rule of the other family.
    assert found == [4, 5, 7, 9, 10, 15]
    assert [line.number for line in service_lines(LINES, "Service:shop/cart-db")] == [6, 8, 11]
    assert service_lines(LINES, "Service:shop/car") == ()


def test_chains_come_once_in_their_order() -> None:
    assert chains_of(LINES) == ("KUBE-SERVICES", SVC, SEP, OTHER)


def test_hits_are_found_by_place_and_text_in_the_order_of_the_hits() -> None:
    texts = TEXT.splitlines()
    hits = [
        RuleHit("nat", SEP, 0, texts[9], "KUBE-MARK-MASQ", ""),
        RuleHit("nat", "KUBE-SERVICES", 0, texts[6], SVC, ""),
        RuleHit("nat", "KUBE-SERVICES", 1, "-A KUBE-SERVICES -j SOMETHING-OF-THE-PLUGIN", "", ""),
    ]
    assert hit_lines(LINES, "IPv4", hits) == (10, 7)
    assert hit_lines(LINES, "IPv6", hits) == ()


def test_hits_of_virtual_servers_are_lines_of_ipvsadm() -> None:
    text = """#### IPv4
## ipvs (ipvsadm -Sn syntax)
-A -t 10.96.0.1:443 -s rr
-a -t 10.96.0.1:443 -r 192.168.10.10:6443 -m -w 1
-A -t 10.96.0.20:80 -s rr
-a -t 10.96.0.20:80 -r 10.244.1.5:8080 -m -w 1
-a -t 10.96.0.20:80 -r 10.244.2.5:8080 -m -w 1
"""
    hits = [
        RuleHit("ipvs", "-t 10.96.0.20:80", 0, "-A -t 10.96.0.20:80 -s rr", "", ""),
        RuleHit("ipvs", "-t 10.96.0.20:80", 2, "-a -t 10.96.0.20:80 -r 10.244.2.5:8080 -m -w 1", "", ""),
    ]
    assert hit_lines(table_lines(text), "IPv4", hits) == (5, 7)


def test_hits_in_nftables_are_counted_chain_by_chain() -> None:
    text = """#### IPv4
add table ip kube-proxy { comment "rules for kube-proxy" ; }
add chain ip kube-proxy services
add rule ip kube-proxy nat-prerouting jump services
add rule ip kube-proxy services ip daddr . meta l4proto . th dport vmap @service-ips
add rule ip kube-proxy services ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports
"""
    lines = table_lines(text)
    hits = [
        RuleHit("kube-proxy", "nat-prerouting", 0, "jump services", "jump services", ""),
        RuleHit("kube-proxy", "services", 1, text.splitlines()[5].partition(" services ")[2], "vmap", ""),
        RuleHit("kube-proxy", "services", 0, "another text", "vmap", ""),
    ]
    assert hit_lines(lines, "IPv4", hits) == (4, 6)
    assert chains_of(lines) == ("services", "nat-prerouting")
    assert [line.number for line in lines if is_rule(line)] == [4, 5, 6]


def two_services() -> ControlPlaneState:
    """`web`, a load balancer that keeps node-1 out, and `other` at the same external IP with another port."""
    web = balanced(external_ips=(EXTERNAL_IP,), source_ranges=("198.51.100.0/24",))
    ports = (replace(web.ports[0], port=81, node_port=30081),)
    other = service(
        name="other", cluster_ips=("10.96.0.11",), type="NodePort", ports=ports, external_ips=(EXTERNAL_IP,)
    )
    node = replace(NODES["node-1"], interface_addresses=(NODE_1, "172.16.0.5"))
    control = cluster(web, [endpoint(POD_A)], {"node-1": node})
    return replace(control, services=FrozenMap({web.id: web, other.id: other}))


def ipvs_lines(control: ControlPlaneState) -> tuple[TableLine, ...]:
    return table_lines(tables_text(control, kube_proxy(), "node-1", "ipvs")[0])


def test_in_ipvs_mode_the_lines_of_a_service_are_those_that_it_brings() -> None:
    """Virtual servers at each address of the node too, and nothing of another Service at the same address."""
    control = two_services()
    brought = virtual_lines(control, kube_proxy(), "Service:default/other", "node-1")
    found = [line.text for line in service_lines(ipvs_lines(control), "Service:default/other", brought)]
    assert found == [
        "-A -t 10.96.0.11:81 -s rr",
        "-A -t 172.16.0.5:30081 -s rr",
        f"-A -t {NODE_1}:30081 -s rr",
        f"-A -t {EXTERNAL_IP}:81 -s rr",
        "10.96.0.11",
        EXTERNAL_IP,
        "add KUBE-CLUSTER-IP 10.96.0.11,tcp:81",
        f"add KUBE-EXTERNAL-IP {EXTERNAL_IP},tcp:81",
        "add KUBE-IPVS-IPS 10.96.0.11",
        f"add KUBE-IPVS-IPS {EXTERNAL_IP}",
        "add KUBE-NODE-PORT-TCP 30081",
    ]
    brought = virtual_lines(control, kube_proxy(), "Service:default/web", "node-1")
    mine = [line.text for line in service_lines(ipvs_lines(control), "Service:default/web", brought)]
    assert f"-a -t {VIP}:80 -r {POD_A}:8080 -m -w 1" in mine
    assert f"add KUBE-LOOP-BACK {POD_A},tcp:8080,{POD_A}" in mine
    assert any(text.startswith("-A KUBE-IPVS-OUT-FILTER -s ") for text in mine)
    assert not {text for text in mine if ":81" in text or "30081" in text}
    assert virtual_lines(control, kube_proxy(), "Service:default/gone", "node-1") == ()


def test_of_a_change_in_ipvs_mode_what_went_stays_with_the_service() -> None:
    before = two_services()
    after = replace(before, slices=FrozenMap({}))
    brought = virtual_lines(after, kube_proxy(), "Service:default/web", "node-1")
    changes = changed_lines(ipvs_lines(before), ipvs_lines(after))
    found = [(line.sign, line.text) for line in service_lines(changes, "Service:default/web", brought)]
    assert ("-", f"-a -t {VIP}:80 -r {POD_A}:8080 -m -w 1") in found
