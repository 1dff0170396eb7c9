"""nftables mode beyond the reference cases: settings, names, and Services in each other's way.

Expectations are sentences of the reference's README ("Facts worth knowing", "Format"), domain/kube-proxy.md section 4,
and the spelling of its expected files.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from designer.engine.controlplane import allocate, control_plane
from designer.engine.controlplane.state import ControlPlaneState, EndpointState, Family, LoadBalancerAddress, NodeState
from designer.engine.kubeproxy import families_of, nftables, tables_text
from designer.engine.kubeproxy.names import nft_base
from designer.engine.netfilter import NftProgram, render_nft
from designer.engine.netfilter.nft_render import render_element, render_nft_rule
from designer.manifests import read_texts
from designer.model import FrozenMap
from tests.engine.kubeproxy.drawn_clusters import drawn_cluster, drawn_settings
from tests.engine.kubeproxy.small_cluster import (
    BALANCER,
    EXTERNAL_IP,
    NODES,
    POD_A,
    POD_B,
    VIP,
    cluster,
    endpoint,
    long_names,
    service,
    settings,
)
from tests.engine.kubeproxy.test_iptables import random_clusters

FIB = "fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap"
LISTED = "ip daddr @nodeport-ips meta l4proto . th dport vmap"


def table(control: ControlPlaneState, node: str = "node-1", family: Family = 4, /, **fields: Any) -> NftProgram:
    return nftables.build(control, settings(**fields), node, family)


def rules(program: NftProgram, chain: str) -> list[str]:
    """The rules of the chain whose name begins so."""
    found = [c for c in program.table.all_chains() if c.name.startswith(chain)]
    assert len(found) == 1
    return [render_nft_rule(rule, program.table.family) for rule in found[0].rules]


def elements(program: NftProgram, name: str) -> list[str]:
    own = program.table.set(name)
    assert own is not None
    return [render_element(element) for element in own.elements.values()]


def balancer(**fields: Any) -> ControlPlaneState:
    """A load balancer Service with an endpoint on each node."""
    more = {"type": "LoadBalancer", "node_port": 30080, "load_balancer": (LoadBalancerAddress(BALANCER),), **fields}
    return cluster(service(**more), [endpoint(POD_A), endpoint(POD_B)])


# --- names


@pytest.mark.parametrize(
    ("port", "end", "name"),
    [
        ("ns1/svc1/tcp/p80", "", "ULMVA6XW-ns1/svc1/tcp/p80"),
        ("ns1/svc1/tcp/p80", "10.180.0.1/80", "5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80"),
        ("ns1/svc1/tcp/p80", "fd00:10:180::2:1/80", "2CRNCTTE-ns1/svc1/tcp/p80__fd00.10.180..2.1/80"),
        ("default/kubernetes/tcp/https", "", "2QRHZV4L-default/kubernetes/tcp/https"),
    ],
)
def test_names(port: str, end: str, name: str) -> None:
    """kube-proxy.md 4, row 'names of chains'."""
    assert nft_base(port, end) == name


def test_names_that_are_too_long_are_cut() -> None:
    """nftables takes 256 bytes, of which 16 are for the prefix; three are the dots."""
    program = nftables.build(long_names(), settings(), "node-1", 6)
    (name,) = [c.name for c in program.table.all_chains() if c.name.startswith("endpoint-")]
    whole = f"{'n' * 63}/{'s' * 63}/sctp/{'p' * 63}__fd00.1111.2222.3333.4444.5555.6666.7777/65535"
    kept = name.removeprefix("endpoint-")
    assert len(kept) == 240
    assert kept.endswith("...")
    assert whole.startswith(kept[9:-3])
    assert f"update @affinity-{kept} {{ ip6 saddr }}" in render_nft(program)


def test_long_names_are_no_shorter_in_comments() -> None:
    """kube-proxy 1.36 hands over the whole name, which nft refuses (`syncProxyRules` of pkg/proxy/nftables/proxier.go).

    It is cut to 128 bytes from 1.37 on only (kubernetes/kubernetes#139516); the check SVC-33 tells of it.
    """
    control = replace(long_names(), slices=FrozenMap({}))
    program = nftables.build(control, settings(), "node-1", 6)
    own = program.table.set("no-endpoint-services")
    assert own is not None
    (element,) = own.elements.values()
    assert element.comment == f"{'n' * 63}/{'s' * 63}:{'p' * 63}"
    text, (problem,) = tables_text(control, settings(), "node-1", "nftables")
    assert text.endswith(render_nft(program))
    assert (problem.code, problem.severity) == ("TABLES-05", "warning")
    assert "191 characters" in problem.title
    assert not tables_text(long_names(), settings(), "node-1", "nftables")[1]


def test_a_port_without_a_name_leaves_its_place_empty() -> None:
    web = service()
    nameless = replace(web, ports=(replace(web.ports[0], name=""),))
    control = cluster(nameless, [endpoint(POD_B)])
    assert [c.name for c in table(control).table.all_chains() if "web" in c.name] == [
        "service-" + nft_base("default/web/tcp/")
    ]


# --- settings


@pytest.mark.parametrize(
    ("chosen", "match", "held"),
    [
        ((), LISTED, ["192.168.10.11"]),
        (("primary",), LISTED, ["192.168.10.11"]),
        (("192.168.0.0/16", "172.16.0.0/12"), LISTED, ["192.168.10.11", "172.16.0.5"]),
        (("127.0.0.0/8", "172.16.0.0/12"), LISTED, ["172.16.0.5"]),
        (("203.0.113.0/24",), LISTED, []),
        (("10.0.0.0/8", "0.0.0.0/0"), FIB, None),
        (("fd00::/8",), FIB, None),
    ],
)
def test_node_port_addresses(chosen: tuple[str, ...], match: str, held: list[str] | None) -> None:
    node = replace(NODES["node-1"], interface_addresses=("192.168.10.11", "172.16.0.5"))
    program = table(cluster(service(), nodes={"node-1": node}), nodePortAddresses=chosen)
    assert rules(program, "services")[-1] == f"{match} @service-nodeports"
    checked = match.removeprefix("fib daddr type local ")
    assert rules(program, "nodeport-endpoints-check") == [f"{checked} @no-endpoint-nodeports"], (
        "kube-proxy asks for the address type in `services` only (pkg/proxy/nftables, setupNFTables)"
    )
    assert (elements(program, "nodeport-ips") if program.table.set("nodeport-ips") else None) == held


def test_all_node_port_addresses_of_ipv6_are_all_but_loopback() -> None:
    node = NodeState("n", ("fd00::b",), ("fd00::b",))
    program = table(ControlPlaneState(nodes=FrozenMap({"n": node})), "n", 6, nodePortAddresses=("::/0",))
    assert rules(program, "services")[-1] == (
        "fib daddr type local ip6 daddr != ::1 meta l4proto . th dport vmap @service-nodeports"
    )


@pytest.mark.parametrize(("bit", "mark"), [(0, "0x00000001"), (14, "0x00004000"), (31, "0x80000000")])
def test_masquerade_bit(bit: int, mark: str) -> None:
    program = table(balancer(), nftablesMasqueradeBit=bit, masqueradeBit=7)
    assert rules(program, "external-") == [
        f'mark set mark or {mark} comment "masquerade"',
        f"goto service-{nft_base('default/web/tcp/http')}",
    ]
    assert rules(program, "masquerading")[0] == (
        f"mark and {mark} != 0 mark set mark xor {mark} masquerade fully-random"
    )


def test_masquerade_all_is_the_setting_of_this_mode() -> None:
    every = 'ip daddr @cluster-ips mark set mark or 0x00004000 comment "masquerade all clusterIP traffic"'
    assert rules(table(balancer(), nftablesMasqueradeAll=True), "services")[0] == every
    assert rules(table(balancer(), masqueradeAll=True), "services")[0] != every


@pytest.mark.parametrize(
    ("fields", "inside", "outside"),
    [
        ({}, "ip saddr 10.244.0.0/16", "ip saddr != 10.244.0.0/16"),
        (
            {"clusterCIDR": "fd00::/56,10.244.0.0/17,10.99.0.0/16"},
            "ip saddr 10.244.0.0/17",
            "ip saddr != 10.244.0.0/17",
        ),
        ({"detectLocalMode": "NodeCIDR"}, "ip saddr 10.244.1.0/24", "ip saddr != 10.244.1.0/24"),
        ({"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"}, "iifname cni0", "iifname != cni0"),
        (
            {"detectLocalMode": "InterfaceNamePrefix", "interfaceNamePrefix": "cali"},
            "iifname cali*",
            "iifname != cali*",
        ),
        ({"clusterCIDR": ""}, None, None),
    ],
    ids=str,
)
def test_detection_of_local_traffic(fields: dict[str, Any], inside: str | None, outside: str | None) -> None:
    """By name of the interface (`iifname`), as since kubernetes/kubernetes#134024."""
    program = table(balancer(external_policy="Local"), **fields)
    entering, cut = rules(program, "services")[:-2], rules(program, "external-")
    everywhere = f"goto service-{nft_base('default/web/tcp/http')}"
    if inside is None:
        assert entering == []
    else:
        mark = 'mark set mark or 0x00004000 comment "masquerade clusterIP traffic from outside cluster"'
        assert entering == [f"ip daddr @cluster-ips {outside} {mark}"]
        assert cut.pop(0) == f'{inside} {everywhere} comment "short-circuit pod traffic"'
    assert cut == [
        'fib saddr type local mark set mark or 0x00004000 comment "masquerade local traffic"',
        f'fib saddr type local {everywhere} comment "short-circuit local traffic"',
        f"goto local-{nft_base('default/web/tcp/http')}",
    ]


# --- ServiceCIDR objects


def test_service_cidrs_drop_what_nobody_has() -> None:
    ranges = ("fd00:10:96::/112", "10.96.0.0/16", "10.112.0.0/24")
    nodes = {"node-1": NodeState("node-1", ("192.168.10.11", "fd00::11"), ())}
    control = replace(cluster(service(), nodes=nodes), service_cidrs=ranges)
    drop = 'drop comment "Drop traffic to unallocated ClusterIPs"'
    assert rules(table(control), "cluster-ips-check")[1:] == [f"ip daddr {{ 10.112.0.0/24,10.96.0.0/16 }} {drop}"]
    assert rules(table(control, "node-1", 6), "cluster-ips-check")[1:] == [f"ip6 daddr {{ fd00:10:96::/112 }} {drop}"]
    assert rules(table(cluster(service())), "cluster-ips-check") == [
        'ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"'
    ]


def test_service_cidrs_come_from_objects_and_not_from_the_api_servers_flag() -> None:
    """The reference has no such rule where there are no ServiceCIDR objects."""
    node = (
        "apiVersion: v1\nkind: Node\nmetadata: {name: node-1}\n"
        "status: {addresses: [{type: InternalIP, address: 192.168.10.11}]}\n"
    )
    cidr = (
        "---\napiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\n"
        "metadata: {name: more}\nspec: {cidrs: [10.20.0.0/24]}\n"
    )
    for text, expected in ((node, 0), (node + cidr, 1)):
        project = read_texts([("a.yaml", text)]).project
        control, _ = control_plane(replace(project, ledger=allocate(project)[0]))
        written, problems = tables_text(control, project.cluster, "node-1", "nftables")
        assert not problems
        assert written.count("ip daddr { 10.20.0.0/24 } drop") == expected
        assert written.count("unallocated") == expected


# --- load balancer source ranges


@pytest.mark.parametrize(
    ("ranges", "sources"),
    [
        (("198.51.100.0/24", "fd00::/8"), "{ 198.51.100.0/24 }"),
        (("198.51.100.0/24", "192.168.10.0/24"), f"{{ 198.51.100.0/24 , 192.168.10.0/24 , {BALANCER} }}"),
        (("198.51.100.0/24", "0.0.0.0/0"), None),
        (("fd00::/8",), None),
    ],
)
def test_source_ranges(ranges: tuple[str, ...], sources: str | None) -> None:
    program = table(balancer(source_ranges=ranges, external_ips=(EXTERNAL_IP,)))
    guarded = elements(program, "firewall-ips")
    if sources is None:
        assert guarded == []
        return
    chain = f"firewall-{nft_base('default/web/tcp/http')}"
    assert guarded == [f"{BALANCER} . tcp . 80 : goto {chain}"]  # external IPs and node ports are not filtered
    assert rules(program, chain) == [f"ip saddr != {sources} drop"]


def test_source_ranges_count_without_endpoints_too() -> None:
    control = balancer(source_ranges=("198.51.100.0/24",))
    empty = replace(control, slices=FrozenMap({}))
    assert len(elements(table(empty), "firewall-ips")) == 1
    assert rules(table(empty), f"firewall-{nft_base('default/web/tcp/http')}") == [
        "ip saddr != { 198.51.100.0/24 } drop"
    ]
    assert elements(table(empty), "service-ips") == []


# --- policies and endpoints


def test_policy_local_without_an_endpoint_here_drops_what_comes_from_outside() -> None:
    web = service(type="NodePort", node_port=30080, external_policy="Local", external_ips=(EXTERNAL_IP,))
    program = table(cluster(web, [endpoint(POD_B)]))
    base = nft_base("default/web/tcp/http")
    assert elements(program, "no-endpoint-services") == [f'{EXTERNAL_IP} . tcp . 80 comment "default/web:http" : drop']
    assert elements(program, "no-endpoint-nodeports") == ['tcp . 30080 comment "default/web:http" : drop']
    assert elements(program, "service-ips") == [
        f"{VIP} . tcp . 80 : goto service-{base}",
        f"{EXTERNAL_IP} . tcp . 80 : goto external-{base}",
    ]
    assert elements(program, "service-nodeports") == [f"tcp . 30080 : goto external-{base}"]
    assert not any("goto local-" in text for text in rules(program, "external-"))


def test_health_check_ports_are_not_opened() -> None:
    """domain/kube-proxy.md: this mode does not open anything in other tables."""
    control = balancer(external_policy="Local", health_check_node_port=32000)
    assert "32000" not in render_nft(table(control))


def test_hairpins_are_the_reachable_endpoints_of_this_node_only() -> None:
    ends = [endpoint(POD_A), endpoint("10.244.1.6", ready=False), endpoint(POD_B), EndpointState(("10.9.9.9",))]
    text = render_nft(table(cluster(service(), ends)))
    assert [line for line in text.splitlines() if line.startswith("add element ip kube-proxy hairpin")] == [
        f"add element ip kube-proxy hairpin-connections {{ {POD_A} . {POD_A} . tcp . 8080 }}"
    ]


def test_services_with_one_endpoint_share_its_hairpin() -> None:
    control = cluster(service(), [endpoint(POD_A)])
    (piece,) = control.slices["Service:default/web"]
    other = replace(control.services["Service:default/web"], name="zwei", cluster_ips=("10.96.0.11",))
    control = replace(
        control,
        services=control.services.set(other.id, other),
        slices=control.slices.set(other.id, (replace(piece, service="zwei"),)),
    )
    text = render_nft(table(control))
    assert text.count("add element ip kube-proxy hairpin-connections") == 1
    assert text.count("add element ip kube-proxy service-ips") == 2


def test_of_two_services_with_one_external_ip_the_later_wins() -> None:
    """kube-proxy replaces an element with another verdict; the reference walks by namespace, then name."""
    web = service(external_ips=(EXTERNAL_IP,))
    later = replace(web, namespace="default-b", cluster_ips=("10.96.0.11",))  # before default/… as one text
    control = cluster(web, [endpoint(POD_A)])
    (piece,) = control.slices[web.id]
    both = {own.id: own for own in (later, web)}
    control = replace(
        control,
        services=FrozenMap(both),
        slices=FrozenMap({later.id: (replace(piece, namespace="default-b"),), web.id: (piece,)}),
    )
    (found,) = [text for text in elements(table(control), "service-ips") if text.startswith(EXTERNAL_IP)]
    assert found == f"{EXTERNAL_IP} . tcp . 80 : goto external-{nft_base('default-b/web/tcp/http')}"


# --- what is kept


@given(random_clusters(), random_clusters())
def test_a_cache_that_knows_another_cluster_changes_no_rule(
    first: ControlPlaneState, second: ControlPlaneState
) -> None:
    cache = nftables.RuleCache()
    oid, web = next(iter(first.services.items()))
    edited = replace(first, services=first.services.set(oid, replace(web, external_ips=(EXTERNAL_IP,))))
    for control in (first, edited, second, first):
        cached = nftables.build(control, settings(), "node-1", 4, cache)
        assert render_nft(cached) == render_nft(nftables.build(control, settings(), "node-1", 4))


def test_a_cache_serves_all_nodes_and_families() -> None:
    cache = nftables.RuleCache()
    for seed in (1, 2, 3, 2, 1):
        control = drawn_cluster(seed)
        for node, family in [(name, each) for name in control.nodes for each in families_of(control, name)]:
            cached = nftables.build(control, drawn_settings(seed), node, family, cache)
            assert render_nft(cached) == render_nft(nftables.build(control, drawn_settings(seed), node, family))


def test_a_services_chain_is_found_by_its_name_without_making_the_others() -> None:
    program = table(cluster(service(affinity_seconds=60), [endpoint(POD_A), endpoint(POD_B)]))
    name = nft_base("default/web/tcp/http")
    assert program.table.chain(f"endpoint-{nft_base('default/web/tcp/http', '10.244.1.5/8080')}") is None
    chain = program.table.chain(f"service-{name}")
    assert chain is not None
    assert len(chain.rules) == 3
    affinity = program.table.set(f"affinity-{nft_base('default/web/tcp/http', '10.244.1.5/8080')}")
    assert affinity is not None
    assert affinity.timeout == 60
    assert program.table.chain("service-AAAAAAAA-none") is None
