"""Rules picked out of a node's text: by Service, by hit."""

from designer.engine.netfilter import RuleHit
from designer.present.rule_rows import chains_of, hit_lines, is_rule, service_lines
from designer.present.table_rows import table_lines

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
