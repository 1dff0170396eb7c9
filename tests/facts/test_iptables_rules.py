"""iptables mode: every chain, what reaches it and what it holds, on one cluster (kube-proxy.md section 3)."""

import re

import pytest

from tests.facts.written import (
    BALANCERS,
    EXTERNAL_IP,
    FAR,
    HEALTH,
    NEAR,
    NODE_PORTS,
    VIPS,
    Rules,
    chains,
    jumps,
    own_chain,
    reached_from,
)

NEW = "--ctstate NEW"


@pytest.fixture(scope="module")
def held() -> Rules:
    """The rules that node-1 holds."""
    return chains("iptables")


def test_nat_kube_services(held: Rules) -> None:
    """kube-proxy.md 3, row 'nat KUBE-SERVICES': one rule an address and port, last the jump to the node ports."""
    assert set(reached_from(held, "nat", "KUBE-SERVICES")) == {"PREROUTING", "OUTPUT"}
    *services, last = held["nat", "KUBE-SERVICES"]
    reachable = [VIPS[n] for n in ("web", "edge", "sticky", "inner")] + [EXTERNAL_IP]
    # Without any endpoint there is no rule; `away` is dropped at its ClusterIP, its balancer's rule stays.
    reachable += [BALANCERS[n] for n in ("web", "edge", "away")]
    found = [match[1] for rule in services if (match := re.search(r"-d (\S+) --dport 80 ", rule))]
    assert sorted(found) == sorted(reachable)
    assert len(services) == len(reachable)
    assert "--dst-type LOCAL" in last
    assert last.endswith("-j KUBE-NODEPORTS")


def test_nat_kube_nodeports(held: Rules) -> None:
    """kube-proxy.md 3, row 'nat KUBE-NODEPORTS'."""
    assert set(reached_from(held, "nat", "KUBE-NODEPORTS")) == {"KUBE-SERVICES"}
    ports = [int(match[1]) for r in held["nat", "KUBE-NODEPORTS"] if (match := re.search(r"--dport (\d+)", r))]
    assert sorted(ports) == sorted(NODE_PORTS[name] for name in ("web", "edge", "away"))


def test_kube_svc(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-SVC': the endpoints for policy Cluster."""
    rules = held["nat", own_chain(held, "KUBE-SVC-", "web")]
    assert [e for rule in rules for e in re.findall(r"-> (\S+):8080", rule)] == [NEAR, FAR]


def test_kube_svl(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-SVL': the Node's own endpoints, for policy Local."""
    for name in ("edge", "inner"):
        rules = held["nat", own_chain(held, "KUBE-SVL-", name)]
        assert [e for rule in rules for e in re.findall(r"-> (\S+):8080", rule)] == [NEAR]


def test_kube_ext(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-EXT': node ports, external IPs and balancers' addresses lead there."""
    chain = own_chain(held, "KUBE-EXT-", "web")
    assert set(reached_from(held, "nat", chain)) == {
        "KUBE-NODEPORTS",
        "KUBE-SERVICES",
        own_chain(held, "KUBE-FW-", "web"),
    }
    assert jumps(held["nat", chain]) == ["KUBE-MARK-MASQ", own_chain(held, "KUBE-SVC-", "web")]


def test_kube_fw(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-FW': the allowed sources go on, whoever falls off the end is not translated."""
    chain = own_chain(held, "KUBE-FW-", "web")
    allowed, rest = held["nat", chain]
    assert "-s 203.0.113.0/24" in allowed
    assert allowed.endswith(own_chain(held, "KUBE-EXT-", "web"))
    assert " -j " not in rest
    assert f"-d {BALANCERS['web']} " in reached_from(held, "nat", chain)["KUBE-SERVICES"]
    assert not [name for _, name in held if name.startswith("KUBE-FW-") and name != chain], "edge has no ranges"


def test_kube_sep(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-SEP': the mark for a call to oneself, the affinity note, the translation."""
    chain = held["nat", own_chain(held, "KUBE-SVC-", "sticky")][-1].rpartition(" ")[2]
    loop, translate = held["nat", chain]
    assert f"-s {FAR} -j KUBE-MARK-MASQ" in loop
    assert f"--name {chain} --set" in translate
    assert translate.endswith(f"-j DNAT --to-destination {FAR}:8080")


def test_kube_mark_masq(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-MARK-MASQ'."""
    assert held["nat", "KUBE-MARK-MASQ"] == ["-j MARK --or-mark 0x00004000"]
    callers = {name.rpartition("-")[0] for name in reached_from(held, "nat", "KUBE-MARK-MASQ")}
    assert callers == {"KUBE-SVC", "KUBE-SVL", "KUBE-EXT", "KUBE-SEP"}


def test_kube_postrouting(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-POSTROUTING'."""
    assert set(reached_from(held, "nat", "KUBE-POSTROUTING")) == {"POSTROUTING"}
    unmarked, clear, masquerade = held["nat", "KUBE-POSTROUTING"]
    assert unmarked == "-m mark ! --mark 0x00004000/0x00004000 -j RETURN"
    assert clear == "-j MARK --xor-mark 0x00004000"
    assert masquerade.endswith("-j MASQUERADE --random-fully")


def test_filter_kube_services(held: Rules) -> None:
    """kube-proxy.md 3, row 'filter KUBE-SERVICES': ClusterIPs without a usable endpoint, refused or dropped."""
    callers = reached_from(held, "filter", "KUBE-SERVICES")
    assert set(callers) == {"FORWARD", "OUTPUT"}
    assert all(NEW in rule for rule in callers.values())
    found = {rule.partition(" -d ")[2].partition(" ")[0]: rule.rpartition(" ")[2] for rule in
             held["filter", "KUBE-SERVICES"]}  # fmt: skip
    assert found == {VIPS["gone"]: "REJECT", VIPS["away"]: "DROP"}


def test_kube_external_services(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-EXTERNAL-SERVICES'."""
    callers = reached_from(held, "filter", "KUBE-EXTERNAL-SERVICES")
    assert set(callers) == {"INPUT", "FORWARD"}
    assert all(NEW in rule for rule in callers.values())
    rules = held["filter", "KUBE-EXTERNAL-SERVICES"]
    for name, target in (("gone", "REJECT"), ("away", "DROP")):
        own = [rule for rule in rules if f'"default/{name} ' in rule]
        assert all(rule.endswith(f"-j {target}") for rule in own)
        assert [f"-d {BALANCERS[name]} " in rule for rule in own] == [True, False]
        assert f"--dst-type LOCAL -m tcp -p tcp --dport {NODE_PORTS[name]}" in own[1]
    assert len(rules) == 4


def test_filter_kube_nodeports(held: Rules) -> None:
    """kube-proxy.md 3, row 'filter KUBE-NODEPORTS': health check ports are let in."""
    assert set(reached_from(held, "filter", "KUBE-NODEPORTS")) == {"INPUT"}
    rules = held["filter", "KUBE-NODEPORTS"]
    assert [f"--dport {HEALTH} -j ACCEPT" in rule for rule in rules].count(True) == 1
    assert set(jumps(rules)) == {"ACCEPT"}


def test_kube_proxy_firewall(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-PROXY-FIREWALL': what KUBE-FW left untranslated."""
    callers = reached_from(held, "filter", "KUBE-PROXY-FIREWALL")
    assert set(callers) == {"INPUT", "OUTPUT", "FORWARD"}
    assert all(NEW in rule for rule in callers.values())
    (rule,) = held["filter", "KUBE-PROXY-FIREWALL"]
    assert f"-d {BALANCERS['web']} --dport 80 -j DROP" in rule


@pytest.mark.parametrize("liberal", [False, True])
def test_kube_forward(liberal: bool) -> None:
    """kube-proxy.md 3, row 'KUBE-FORWARD'."""
    found = chains("iptables", conntrackTCPBeLiberal=liberal)
    assert set(reached_from(found, "filter", "KUBE-FORWARD")) == {"FORWARD"}
    rules = found["filter", "KUBE-FORWARD"]
    expected = [("--ctstate INVALID", "DROP")] * (not liberal)
    expected += [("--mark 0x00004000/0x00004000", "ACCEPT"), ("--ctstate RELATED,ESTABLISHED", "ACCEPT")]
    assert [target for _, target in expected] == jumps(rules)
    assert all(match in rule for (match, _), rule in zip(expected, rules, strict=True))


def test_kube_firewall(held: Rules) -> None:
    """kube-proxy.md 3, row 'KUBE-FIREWALL': packets to 127.0.0.0/8 that come from another machine."""
    assert set(reached_from(held, "filter", "KUBE-FIREWALL")) == {"INPUT", "OUTPUT"}
    (rule,) = held["filter", "KUBE-FIREWALL"]
    assert "-d 127.0.0.0/8 ! -s 127.0.0.0/8" in rule
    assert rule.endswith("-j DROP")
