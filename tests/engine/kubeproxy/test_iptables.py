"""iptables mode beyond the reference cases: settings, big clusters, families, and rules under random Services."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    NodeState,
    ServiceState,
)
from designer.engine.kubeproxy import families_of, iptables, tables_text
from designer.engine.netfilter import Packet, Program, walk
from designer.engine.netfilter.render import render_rule
from designer.model import FrozenMap
from tests.engine.kubeproxy.small_cluster import (
    NODES,
    ON_NODE_1,
    POD_A,
    POD_B,
    VIP,
    cluster,
    endpoint,
    rules,
    service,
    settings,
)

NODE_PORT_JUMP = (
    "-A KUBE-SERVICES -m comment --comment"
    ' "kubernetes service nodeports; NOTE: this must be the last rule in this chain" '
)


def lines(program: Program, table: str, chain: str) -> list[str]:
    found = program.table(table)
    assert found is not None
    return [render_rule(rule, c.name) for c in found.all_chains() if c.name == chain for rule in c.rules]


# --- settings, each against the sentence in the reference's README that says it


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"]),
        ({"localhostNodePorts": False}, ["-m addrtype --dst-type LOCAL ! -d 127.0.0.0/8 -j KUBE-NODEPORTS"]),
        ({"nodePortAddresses": ("10.0.0.0/8", "0.0.0.0/0")}, ["-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"]),
        ({"nodePortAddresses": ("fd00::/8",)}, ["-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"]),
        ({"nodePortAddresses": ("primary",)}, ["-d 192.168.10.11 -j KUBE-NODEPORTS"]),
        (
            {"nodePortAddresses": ("192.168.0.0/16", "172.16.0.0/12")},
            ["-d 192.168.10.11 -j KUBE-NODEPORTS", "-d 172.16.0.5 -j KUBE-NODEPORTS"],
        ),
        (
            {"nodePortAddresses": ("127.0.0.0/30", "172.16.0.0/12")},
            ["-d 127.0.0.1 -j KUBE-NODEPORTS", "-d 172.16.0.5 -j KUBE-NODEPORTS"],
        ),
        (
            {"nodePortAddresses": ("127.0.0.0/8", "172.16.0.0/12"), "localhostNodePorts": False},
            ["-d 172.16.0.5 -j KUBE-NODEPORTS"],
        ),
        ({"nodePortAddresses": ("203.0.113.0/24",)}, []),
        (
            {"nodePortAddresses": ("127.0.0.0/8",)},
            ["-d 127.0.0.1 -j KUBE-NODEPORTS", "-d 127.0.0.53 -j KUBE-NODEPORTS"],
        ),
        ({"nodePortAddresses": ("127.0.0.0/8",), "localhostNodePorts": False}, []),
    ],
)
def test_node_port_addresses(fields: dict[str, Any], expected: list[str]) -> None:
    node = replace(NODES["node-1"], interface_addresses=("192.168.10.11", "172.16.0.5", "127.0.0.53"))
    program = rules(cluster(service(), nodes={"node-1": node}), **fields)
    found = [text for text in lines(program, "nat", "KUBE-SERVICES") if "nodeports" in text]
    assert found == [NODE_PORT_JUMP + text for text in expected]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, True),
        ({"localhostNodePorts": False}, False),
        ({"nodePortAddresses": ("192.168.0.0/16",)}, False),  # no node port on 127.0.0.1, so no route_localnet
        ({"nodePortAddresses": ("127.0.0.0/8",)}, True),
    ],
)
def test_the_localnet_rule_is_there_when_localhost_takes_node_ports(fields: dict[str, Any], rule: bool) -> None:
    assert bool(lines(rules(cluster(service()), **fields), "filter", "KUBE-FIREWALL")) is rule


@pytest.mark.parametrize(("bit", "mark"), [(0, "0x00000001"), (14, "0x00004000"), (31, "0x80000000")])
def test_masquerade_bit(bit: int, mark: str) -> None:
    program = rules(cluster(service()), masqueradeBit=bit)
    assert lines(program, "nat", "KUBE-MARK-MASQ") == [f"-A KUBE-MARK-MASQ -j MARK --or-mark {mark}"]
    assert lines(program, "nat", "KUBE-POSTROUTING")[1] == f"-A KUBE-POSTROUTING -j MARK --xor-mark {mark}"
    assert f"--mark {mark}/{mark} -j ACCEPT" in lines(program, "filter", "KUBE-FORWARD")[1]


def test_conntrack_tcp_be_liberal_leaves_the_invalid_rule_out() -> None:
    assert "INVALID" in lines(rules(cluster(service())), "filter", "KUBE-FORWARD")[0]
    liberal = lines(rules(cluster(service()), conntrackTCPBeLiberal=True), "filter", "KUBE-FORWARD")
    assert len(liberal) == 2
    assert not any("INVALID" in text for text in liberal)


def test_only_the_first_cluster_cidr_of_a_family_counts() -> None:
    program = rules(cluster(service(), [endpoint(POD_B)]), clusterCIDR="fd00::/56,10.244.0.0/16,10.245.0.0/16")
    entering = [text for text in lines(program, "nat", "KUBE-SVC-CDGGSHYLG3RE2FKL") if "MARK-MASQ" in text]
    assert len(entering) == 1
    assert "! -s 10.244.0.0/16 -j KUBE-MARK-MASQ" in entering[0]


# --- big clusters: comments of three kinds of rules go when there are more than 1,000 endpoints


@pytest.mark.parametrize(("count", "comments"), [(1000, True), (1001, False)])
def test_comments_in_big_clusters(count: int, comments: bool) -> None:
    endpoints = [endpoint(f"10.244.2.{i}", ready=i == 0) for i in range(200)]
    endpoints += [endpoint(f"10.244.{i // 200 + 2}.{i % 200}", ready=False, node="x") for i in range(200, count)]
    program = rules(cluster(service(affinity_seconds=60), endpoints))
    name = "KUBE-SVC-CDGGSHYLG3RE2FKL"
    entering, recent, chosen = lines(program, "nat", name)
    assert '--comment "default/web:http cluster IP"' in entering
    assert ('--comment "default/web:http -> 10.244.2.0:8080"' in recent) is comments
    assert ('--comment "default/web:http -> 10.244.2.0:8080"' in chosen) is comments
    ends = lines(program, "nat", chosen.split()[-1])
    assert [("--comment default/web:http" in text) for text in ends] == [comments, comments]


# --- families and answers of tables_text


def test_families_are_those_of_the_nodes_addresses() -> None:
    both = NodeState("n", ("192.168.10.11", "fd00::b"), ())
    control = ControlPlaneState(nodes=FrozenMap({"n": both, "six": NodeState("six", ("fd00::c",), ())}))
    assert [families_of(control, name) for name in ("n", "six")] == [(4, 6), (6,)]
    odd = ControlPlaneState(nodes=FrozenMap({"odd": NodeState("odd", ("not-an-address", "fd00::c"), ())}))
    assert families_of(odd, "odd") == (6,)
    text, problems = tables_text(control, settings(), "n", "iptables")
    assert [line for line in text.splitlines() if line.startswith("####")] == ["#### IPv4", "#### IPv6"]
    assert not problems


def test_ipv6_never_takes_node_ports_on_localhost() -> None:
    node = NodeState("n", ("fd00::b",), ())
    program = rules(ControlPlaneState(nodes=FrozenMap({"n": node})), "n", 6)
    assert lines(program, "nat", "KUBE-SERVICES") == [
        NODE_PORT_JUMP + "-m addrtype --dst-type LOCAL ! -d ::1/128 -j KUBE-NODEPORTS"
    ]
    assert lines(program, "filter", "KUBE-FIREWALL") == []


@pytest.mark.parametrize(
    ("node", "mode", "code"),
    [
        ("node-9", "iptables", "TABLES-01"),
        ("node-1", "userspace", "TABLES-02"),
        ("bare", "iptables", "TABLES-03"),
    ],
)
def test_what_cannot_be_written_is_said(node: str, mode: str, code: str) -> None:
    control = cluster(service(), nodes={**NODES, "bare": NodeState("bare", (), ())})
    text, problems = tables_text(control, settings(), node, mode)
    assert (text, [problem.code for problem in problems]) == ("", [code])
    assert problems[0].fix


# --- random Services

CONDITIONS = st.sampled_from(
    [(True, True, False), (False, False, False), (False, True, True), (False, False, True), (True, True, True)]
)


@st.composite
def random_clusters(draw: st.DrawFn) -> ControlPlaneState:
    services: dict[str, ServiceState] = {}
    slices: dict[str, tuple[EndpointSliceState, ...]] = {}
    for number in range(draw(st.integers(1, 4))):
        web = service(
            name=f"web-{number}",
            cluster_ips=(f"10.96.0.{number + 10}",),
            affinity_seconds=draw(st.sampled_from([None, 10800])),
            internal_policy=draw(st.sampled_from(["Cluster", "Local"])),
            external_policy=draw(st.sampled_from(["Cluster", "Local"])),
            type=draw(st.sampled_from(["ClusterIP", "NodePort"])),
        )
        hosts = draw(st.lists(st.tuples(st.integers(1, 2), st.integers(2, 40)), unique=True, max_size=12))
        endpoints = []
        for node, host in hosts:
            ready, serving, terminating = draw(CONDITIONS)
            ip = f"10.244.{node}.{host}"
            endpoints.append(endpoint(ip, ready=ready, serving=serving, terminating=terminating))
        piece = EndpointSliceState(
            "default", "x", web.name, "IPv4", (EndpointPortState("http", "TCP", 8080),), tuple(endpoints)
        )
        services[web.id], slices[web.id] = web, (piece,)
    return ControlPlaneState(nodes=FrozenMap(NODES), services=FrozenMap(services), slices=FrozenMap(slices))


def expected(control: ControlPlaneState, web: ServiceState) -> list[str]:
    """The addresses that a Pod on node-1 reaches through the ClusterIP, by domain/services.md section 3."""
    (piece,) = control.slices[web.id]
    mine = [e for e in piece.endpoints if web.internal_policy == "Cluster" or e.node == "node-1"]
    ready = [e.addresses[0] for e in mine if e.ready]
    return ready or [e.addresses[0] for e in mine if e.serving and e.terminating]


@given(random_clusters())
def test_every_usable_endpoint_gets_the_same_share(control: ControlPlaneState) -> None:
    program = rules(control)
    for web in control.services.values():
        packet = Packet(4, "10.244.1.200", web.cluster_ips[0], "TCP", 41822, 80, in_iface="cali1")
        outcomes = walk(program, "PREROUTING", packet, ON_NODE_1)
        reached = expected(control, web)
        assert sum(o.share for o in outcomes) == 1
        if reached:
            assert {o.packet.dst: o.share for o in outcomes} == dict.fromkeys(reached, Fraction(1, len(reached)))
            assert len(outcomes) == len(reached)
        else:
            (untouched,) = outcomes
            assert not untouched.dnat
            (refused,) = walk(program, "FORWARD", packet, ON_NODE_1)
            assert refused.verdict == ("reject" if not any_usable(control, web) else "drop")


def any_usable(control: ControlPlaneState, web: ServiceState) -> bool:
    (piece,) = control.slices[web.id]
    return any(e.ready or (e.serving and e.terminating) for e in piece.endpoints)


@given(random_clusters(), random_clusters(), st.sampled_from([(), (VIP,)]))
def test_a_cache_that_knows_another_cluster_changes_no_rule(
    first: ControlPlaneState, second: ControlPlaneState, external: tuple[str, ...]
) -> None:
    cache = iptables.RuleCache()
    steps = [first, second, first]
    if external:
        oid = next(iter(first.services))
        steps.append(
            replace(first, services=first.services.set(oid, replace(first.services[oid], external_ips=external)))
        )
    for control in steps:
        cached = iptables.build(control, settings(), "node-1", 4, cache)
        fresh = iptables.build(control, settings(), "node-1", 4)
        for name in ("filter", "nat"):
            ours, theirs = cached.table(name), fresh.table(name)
            assert ours is not None and theirs is not None
            assert list(ours.all_chains()) == list(theirs.all_chains())


def test_a_services_chain_is_found_by_its_name_without_making_the_others() -> None:
    program = rules(cluster(service(), [endpoint(POD_A), endpoint(POD_B)]))
    nat = program.table("nat")
    assert nat is not None
    chain = nat.chain("KUBE-SVC-CDGGSHYLG3RE2FKL")
    assert chain is not None
    assert len(chain.rules) == 3
    assert nat.chain("KUBE-SVC-0000000000000000") is None
