"""Entries of ports that an engine may not know: the matrix leaves open what the check leaves open (domain/cni.md,
feature table: Weave Net has neither endPort nor named ports nor SCTP)."""

from dataclasses import replace

import pytest

from designer.engine.controlplane.enforcement import CALICO, WEAVE, Enforcement
from designer.engine.policy.matrix import connectivity
from designer.model import ForeignObject
from tests.engine.policy.cluster import Cluster, cluster, pod, policy, ports
from tests.engine.policy.foreign import foreign, tiered

DB = pod("a/db", {"app": "db"}, "10.1.0.1", "n1", spec=ports(("sql", 5432, "TCP")))
WEB = pod("a/web", {"app": "web"}, "10.1.0.2", "n2")
BY_CALICO = foreign(
    "projectcalico.org/v3", "GlobalNetworkPolicy", "g",
    {"selector": "app == 'db'",
     "ingress": [{"action": "Allow", "protocol": "TCP", "destination": {"ports": ["sql"]}}]},
)  # fmt: skip
ASKED = (("TCP", 80), ("TCP", 90), ("TCP", 5432), ("SCTP", 80), ("UDP", 80))


def told(c: Cluster) -> dict[tuple[str, int], str]:
    """What the check says of each port, after the matrix has said the same."""
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers}
    pair = by_id[WEB.id], by_id[DB.id]
    said: dict[tuple[str, int], str] = {}
    for protocol, number in ASKED:
        found = c.ingress(DB, WEB, number, protocol).value
        cell = (protocol, number) in matrix.ports(*pair), (protocol, number) in matrix.undecided(*pair)
        assert cell == (found == "allowed", found == "cannot-tell"), (protocol, number)
        said[(protocol, number)] = found
    return said


def world(entries: str, engine: Enforcement) -> Cluster:
    one = policy(f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{ports: {entries}}}]}}")
    return cluster(one, pods=(DB, WEB), enforcement=engine)


@pytest.mark.parametrize(
    ("entries", "by_calico"),
    [
        ("[{port: 80, endPort: 85}]", {("TCP", 80)}),
        ("[{port: sql}]", {("TCP", 5432)}),
        ("[{port: 80, protocol: SCTP}, {port: 90}]", {("SCTP", 80), ("TCP", 90)}),
    ],
)
def test_what_the_engine_does_not_know_is_left_open_in_the_matrix_too(
    entries: str, by_calico: set[tuple[str, int]]
) -> None:
    sure = told(world(entries, CALICO))
    assert {key for key, value in sure.items() if value == "allowed"} == by_calico
    assert "cannot-tell" not in sure.values()
    found = told(world(entries, WEAVE))
    assert "cannot-tell" in found.values()
    assert {key for key, value in found.items() if value == "allowed"} <= by_calico


def test_a_known_port_beside_one_of_sctp_stays_sure() -> None:
    found = told(world("[{port: 80, protocol: SCTP}, {port: 90}]", WEAVE))
    assert (found[("SCTP", 80)], found[("TCP", 90)], found[("UDP", 80)]) == ("cannot-tell", "allowed", "denied")


@pytest.mark.parametrize("beside", [(), (BY_CALICO,)])
def test_a_port_name_is_looked_up_on_each_destination(beside: tuple[ForeignObject, ...]) -> None:
    """policies.md 1, row 'Named port of ingress': on the selected Pod's containers, sidecars (KEP-753) too — by a
    NetworkPolicy, and by a rule of Calico's alone."""
    sidecar = {"name": "i", "restartPolicy": "Always", "ports": [{"name": "sql", "containerPort": 7}]}
    other = pod("a/other", {"app": "db"}, "10.1.0.3", "n1", spec=ports(("sql", 6432, "TCP")))
    aside = pod("a/aside", {"app": "db"}, "10.1.0.4", "n1", spec={"initContainers": [sidecar]})
    plain = () if beside else (policy("{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: sql}]}]}"),)
    c = tiered(*beside, pods=(DB, WEB, other, aside), policies=plain)
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers}
    for target, number in ((DB, 5432), (other, 6432), (aside, 7)):
        open_ports = matrix.ports(by_id[WEB.id], by_id[target.id])
        asked = [n for n in (7, 5432, 6432) if ("TCP", n) in open_ports]
        assert asked == [number]
        assert [n for n in (7, 5432, 6432) if c.ingress(target, WEB, n).value == "allowed"] == [number]


def test_blocks_that_an_engine_does_not_know_are_left_open() -> None:
    """An engine without ipBlock may pass over the rule or not: nothing that a block holds is sure."""
    one = policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}]}]}")
    assert set(told(cluster(one, pods=(DB, WEB))).values()) == {"allowed"}
    found = told(cluster(one, pods=(DB, WEB), enforcement=replace(CALICO, ip_block=False)))
    assert set(found.values()) == {"cannot-tell"}
