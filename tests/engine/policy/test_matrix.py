"""The matrix's own conventions: names of peers, ranges, what is left out, port sets as text and JSON."""

from dataclasses import replace

import pytest

from designer.engine.controlplane.enforcement import CALICO, CILIUM, FLANNEL, WEAVE
from designer.engine.policy.matrix import Connectivity, connectivity
from designer.engine.policy.ports import ALL_PORTS, PortSet
from designer.model import ClusterSettings, Deployment, FrozenMap, Provenance
from tests.engine.policy.cluster import Cluster, cluster, pod, policy, ports

EVERYTHING = "0.0.0.0-255.255.255.255"
WEB = [pod(f"a/web-{n}", {"app": "web"}, f"10.0.0.{n}", owner="Deployment:a/web") for n in (1, 2)]
DB = pod("a/db", {"app": "db"}, "10.0.1.1")


def matrix(c: Cluster) -> Connectivity:
    return connectivity(c.project, c.control, c.policies)


def lines(found: Connectivity) -> dict[tuple[str, str], str]:
    return {(line.src.text, line.dst.text): line.ports.text() for line in found.connections()}


def test_without_policies_everybody_reaches_everybody() -> None:
    everything = "all connections"
    assert lines(matrix(cluster(pods=(*WEB, DB)))) == {
        ("a/db[Pod]", "a/web[Deployment]"): everything,
        ("a/db[Pod]", EVERYTHING): everything,
        ("a/web[Deployment]", "a/db[Pod]"): everything,
        ("a/web[Deployment]", EVERYTHING): everything,
        (EVERYTHING, "a/db[Pod]"): everything,
        (EVERYTHING, "a/web[Deployment]"): everything,
    }


def test_all_connections_are_all_ports_of_three_protocols() -> None:
    assert list(ALL_PORTS) == [("TCP", 1, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535)]


def test_ports_of_both_directions_are_intersected() -> None:
    into = policy("{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 1000, endPort: 2000}]}]}", "into")
    out = policy(
        "{podSelector: {matchLabels: {app: web}},  egress: [{ports: [{port: 1500, endPort: 3000}]}]}",
        "out",
    )
    found = lines(matrix(cluster(into, out, pods=(*WEB, DB))))
    assert found[("a/web[Deployment]", "a/db[Pod]")] == "TCP 1500-2000"
    assert found[(EVERYTHING, "a/db[Pod]")] == "TCP 1000-2000"
    assert found[("a/web[Deployment]", EVERYTHING)] == "TCP 1500-3000"


def test_ranges_are_cut_at_every_border_of_a_block() -> None:
    spec = "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.4.0.0/16]}}]}]}"
    found = matrix(cluster(policy(spec), pods=(DB,)))
    texts = [peer.text for peer in found.peers if peer.is_range]
    assert texts == ["0.0.0.0-9.255.255.255", "10.0.0.0-10.3.255.255", "10.4.0.0-10.4.255.255",
                     "10.5.0.0-10.255.255.255", "11.0.0.0-255.255.255.255"]  # fmt: skip
    assert [src for src, dst in lines(found) if dst == "a/db[Pod]"] == [
        "10.0.0.0-10.3.255.255",
        "10.5.0.0-10.255.255.255",
    ]


def test_json() -> None:
    into = policy(
        "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}, {port: 53, protocol: UDP}]}]}"
    )
    found = matrix(cluster(into, pods=(*WEB, DB))).as_json()
    entries = [{"protocol": "TCP", "from": 80, "to": 80}, {"protocol": "UDP", "from": 53, "to": 53}]
    assert {"src": "a/web[Deployment]", "dst": "a/db[Pod]", "ports": entries} in found["connections"]


def test_pods_of_one_owner_with_different_labels_are_told_apart() -> None:
    odd = pod("a/web-9", {"app": "web", "track": "canary"}, "10.0.0.9", owner="Deployment:a/web")
    found = matrix(cluster(pods=(*WEB, odd)))
    assert [p.text for p in found.peers if not p.is_range] == ["a/web[Deployment]{track=canary}", "a/web[Deployment]{}"]


def test_assumed_objects_and_ended_pods_do_not_appear() -> None:
    dns = pod("kube-system/dns-1", owner="Deployment:kube-system/coredns")
    c = cluster(pods=(dns, DB, pod("a/done", phase="Succeeded")))
    assumed = replace(c.project, cluster=ClusterSettings(assumed=("Deployment:kube-system/coredns",)))
    assert [p.text for p in matrix(replace(c, project=assumed)).peers if not p.is_range] == ["a/db[Pod]"]
    origin = FrozenMap({"Deployment:kube-system/coredns": Provenance(file="dns.yaml", line=1)})
    real = matrix(replace(c, project=replace(assumed, provenance=origin)))
    assert [p.text for p in real.peers if not p.is_range] == ["a/db[Pod]", "kube-system/coredns[Deployment]"]


def test_a_workload_without_pods_is_a_peer_by_its_template() -> None:
    text = {
        "metadata": {"name": "idle", "namespace": "a"},
        "spec": {"replicas": 0, "template": {"metadata": {"labels": {"app": "db"}}}},
    }
    c = cluster(policy("podSelector: {matchLabels: {app: db}}"), pods=WEB)
    c = replace(c, project=c.project.with_object(Deployment.model_validate(text)))
    found = lines(matrix(c))
    assert ("a/web[Deployment]", "a/idle[Deployment]") not in found
    assert found[("a/idle[Deployment]", "a/web[Deployment]")] == "all connections"


def test_a_block_matches_pods_where_the_engine_says_so() -> None:
    spec = policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}]}")
    edge = ("a/web[Deployment]", "a/db[Pod]")
    assert edge in lines(matrix(cluster(spec, pods=(*WEB, DB))))
    assert edge not in lines(matrix(cluster(spec, pods=(*WEB, DB), enforcement=CILIUM)))


def test_host_network_pods_are_no_subjects_and_reach_pods_of_their_node() -> None:
    agent = pod("a/agent", {"app": "agent"}, "192.168.10.1", "n1", {"hostNetwork": True})
    far = pod("a/far", {"app": "agent"}, "192.168.10.2", "n2", {"hostNetwork": True})
    found = lines(matrix(cluster(policy("podSelector: {}"), pods=(agent, far, DB))))
    assert found[("a/agent[Pod]", "a/db[Pod]")] == "all connections", "the same node"
    assert ("a/far[Pod]", "a/db[Pod]") not in found
    assert found[("a/db[Pod]", "a/far[Pod]")] == "all connections", "nothing isolates a hostNetwork Pod"


def test_what_is_not_enforced_or_not_known_is_said() -> None:
    deny = policy("podSelector: {}")
    flannel = matrix(cluster(deny, pods=(*WEB, DB), enforcement=FLANNEL))
    assert ("a/web[Deployment]", "a/db[Pod]") in lines(flannel)
    assert flannel.notes[0].startswith("Policies are not enforced: Flannel has no policy engine")
    named = matrix(
        cluster(policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}"), pods=(DB,), enforcement=WEAVE)
    )
    assert "Weave Net refuses policies with named ports" in named.notes[0]
    sctp = policy("{podSelector: {}, ingress: [{ports: [{protocol: SCTP}]}]}")
    assert "SCTP" in matrix(cluster(sctp, pods=(DB,), enforcement=WEAVE)).notes[0]
    six = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '2001:db8::/64'}}]}]}")
    assert "IPv6 blocks of policies are not listed" in matrix(cluster(six, pods=(DB,))).notes[0]
    four = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}")
    assert matrix(cluster(four, pods=(DB,))).notes == ()
    unsure = replace(CALICO, ip_block_matches_pods=None)
    assert "whether ipBlock matches Pods" in matrix(cluster(four, pods=(DB,), enforcement=unsure)).notes[0]


def test_port_sets() -> None:
    odd = PortSet.of("TCP", 80, 90) | PortSet.of("TCP", 91, 95) | PortSet.of("UDP")
    assert odd.text() == "TCP 80-95, UDP all"
    assert (odd & PortSet.of("TCP", 95, 100)).text() == "TCP 95"
    assert not odd & PortSet.of("SCTP")
    assert ("TCP", 95) in odd and ("TCP", 96) not in odd and ("ICMP", 80) not in odd


def test_a_port_name_of_egress_stands_for_another_number_on_each_destination() -> None:
    one = pod("a/one", {"app": "one"}, spec=ports(("http", 8080, "TCP")))
    two = pod("a/two", {"app": "two"}, spec=ports(("http", 9090, "TCP"), ("http", 53, "UDP")))
    bare = pod("a/bare", {"app": "bare"})
    out = policy("{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}")
    found = lines(matrix(cluster(out, pods=(DB, one, two, bare))))
    assert found[("a/db[Pod]", "a/one[Pod]")] == "TCP 8080"
    assert found[("a/db[Pod]", "a/two[Pod]")] == "TCP 9090"
    assert ("a/db[Pod]", "a/bare[Pod]") not in found
    assert ("a/db[Pod]", EVERYTHING) not in found


def test_a_port_name_of_ingress_stands_for_the_number_of_the_selected_pod() -> None:
    one = pod("a/one", {"app": "one"}, spec=ports(("http", 8080, "TCP")))
    two = pod("a/two", {"app": "one"}, spec=ports(("http", 9090, "TCP")))
    found = lines(matrix(cluster(policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}"), pods=(one, two))))
    assert found[("a/one[Pod]", "a/two[Pod]")] == "TCP 9090"
    assert found[("a/two[Pod]", "a/one[Pod]")] == "TCP 8080"


def test_selectors_do_not_match_host_network_pods() -> None:
    far = pod("a/far", {"app": "agent"}, "192.168.10.2", "n2", {"hostNetwork": True})
    by_label = policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")
    assert ("a/far[Pod]", "a/db[Pod]") not in lines(matrix(cluster(by_label, pods=(far, DB))))
    by_block = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.168.10.0/24}}]}]}")
    assert lines(matrix(cluster(by_block, pods=(far, DB))))[("a/far[Pod]", "a/db[Pod]")] == "all connections"


@pytest.mark.parametrize("text", ["host", "10.0.0.1/8", "1.2.3", "300.1.1.1", "1.2.3.²", "a" * 300])
def test_a_pod_whose_address_is_none_is_in_no_block(text: str) -> None:
    """A block of all addresses holds every address (policies.md section 1, ipBlock), and such a text is none."""
    allow = policy("podSelector: {matchLabels: {app: db}}\ningress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]")
    odd = pod("a/odd", {"app": "odd"}, text)
    found = lines(matrix(cluster(allow, pods=(*WEB, DB, odd))))
    assert ("a/web[Deployment]", "a/db[Pod]") in found
    assert ("a/odd[Pod]", "a/db[Pod]") not in found
