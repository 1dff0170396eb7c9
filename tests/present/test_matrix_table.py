"""Cells of the matrix: what the policies' own text says, counts of groups by hand, doubts, Pods, asked ports."""

from __future__ import annotations

import numpy as np
import pytest

from designer.engine.compile import compile_project
from designer.engine.policy.ports import PortSet
from designer.engine.reach import reach
from designer.present.matrix_axes import Axes, Wish
from designer.present.matrix_axis import AxisChoice, AxisNode, axis, group_key, groups_of, label_keys, range_name
from designer.present.matrix_request import asked_of, likely_port, trace_request
from designer.present.matrix_table import VALUES, MatrixTable, column_places
from designer.present.matrix_words import cell_words, tally_words
from designer.present.port_words import read_ports
from tests.present.matrix_cluster import POLICIES, WORKLOADS, deployment, node, project_of, shop_state, table_of


def value(table: MatrixTable, src: str, dst: str) -> str:
    line = table.line(node(table, src), column_places([node(table, dst)]))
    return VALUES[int(line.codes[0])]


def test_cells_say_what_the_policies_say() -> None:
    table = table_of(shop_state())
    assert value(table, "shop/cart", "data/redis") == "some"
    assert table.ports(node(table, "shop/cart"), node(table, "data/redis")).text() == "TCP 6379"
    assert value(table, "shop/web", "data/redis") == "none"
    assert value(table, "shop/web", "shop/cart") == "all"
    assert value(table, "watch/prober", "shop/cart") == "none"
    assert value(table, "watch/prober", "shop/web") == "all"
    assert value(table, "shop/web", "shop/web") == "same"


def test_groups_count_pairs_of_workloads() -> None:
    table = table_of(shop_state())
    # shop has web and cart, data has redis: two pairs, of which cart may use one port.
    tally = table.tally(node(table, "group shop"), node(table, "group data"))
    assert (tally.everything, tally.some, tally.nothing, tally.unknown) == (0, 1, 1, 0)
    # Inside of shop: web to cart is open by its policy, cart to web by default; nobody is asked about itself.
    assert table.tally(node(table, "group shop"), node(table, "group shop")).pairs == 2
    assert value(table, "group shop", "group shop") == "all"
    assert value(table, "group watch", "group data") == "none"
    assert value(table, "group shop", "data/redis") == "some"
    line = table.line(node(table, "group shop"), column_places([node(table, "group data")]))
    assert (line.opened.tolist(), line.pairs.tolist()) == ([1], [2])
    assert tally_words(tally) == "1 of 2 pairs is open: 0 on every port, 1 on some."


@pytest.mark.parametrize(
    ("typed", "cart", "web"),
    [("6379", "all", "none"), ("80", "none", "none"), ("UDP 6379", "none", "none"), ("tcp 6000-7000", "some", "none")],
)
def test_who_reaches_a_port(typed: str, cart: str, web: str) -> None:
    wanted, wrong = read_ports(typed)
    assert not wrong
    table = table_of(shop_state(), "", wanted)
    assert value(table, "shop/cart", "data/redis") == cart
    assert value(table, "shop/web", "data/redis") == web


@pytest.mark.parametrize(
    ("typed", "ports"),
    [
        ("", "all connections"),
        ("6379", "TCP 6379"),
        ("tcp 6379", "TCP 6379"),
        ("TCP/443", "TCP 443"),
        ("53/udp", "UDP 53"),
        ("UDP", "UDP all"),
        ("8000-8100, 53/udp", "TCP 8000-8100, UDP 53"),
        ("sctp 7", "SCTP 7"),
    ],
)
def test_ports_are_read_as_a_person_types_them(typed: str, ports: str) -> None:
    assert (read_ports(typed)[0].text(), read_ports(typed)[1]) == (ports, "")


@pytest.mark.parametrize("typed", ["0", "65536", "90-80", "icmp", "tcp 5/udp", "http", "5,,6", "-", "1-2-3"])
def test_what_is_no_port_is_refused_in_words(typed: str) -> None:
    assert "Write a port like" in read_ports(typed)[1]


def test_labels_group_across_namespaces() -> None:
    table = table_of(shop_state(), "team")
    assert [group.name for group in table.groups] == [
        "team=back", "team=front", "without this label", "outside",
    ]  # fmt: skip
    assert label_keys(table.entries)[:2] == ("app", "team")
    # cart → redis is open on a port; redis → cart is not: its policy lets in Pods of its own namespace.
    assert value(table, "group team=back", "group team=back") == "some"
    tally = table.tally(node(table, "group team=back"), node(table, "group team=back"))
    assert (tally.some, tally.nothing) == (1, 1)


def test_what_a_plugin_leaves_open_is_no_cross() -> None:
    # Weave Net does not know endPort (domain/cni.md, feature table): whether it takes the policy cannot be told.
    policy = POLICIES.replace("ports: [{port: 6379}]", "ports: [{port: 6379, endPort: 6400}]")
    table = table_of(compile_project(project_of(*WORKLOADS, policy, plugin="weave")))
    assert value(table, "shop/web", "data/redis") == "cannot-tell"
    assert table.unclear(node(table, "shop/web"), node(table, "data/redis")).text() == "all connections"
    # Where it is known that nobody is let in on TCP 80, the same policy without a range of ports is a cross.
    plain = table_of(compile_project(project_of(*WORKLOADS, POLICIES, plugin="weave")))
    assert value(plain, "shop/web", "data/redis") == "none"
    assert value(table, "group shop", "group data") == "cannot-tell"
    assert table.tally(node(table, "group shop"), node(table, "group data")).unknown == 2


def test_a_flannel_cluster_enforces_nothing() -> None:
    state = compile_project(project_of(*WORKLOADS, POLICIES, plugin="flannel"))
    table = table_of(state)
    assert value(table, "shop/web", "data/redis") == "all"
    assert any("not enforced" in note for note in table.found.notes)


def test_pods_of_a_workload_stand_for_themselves() -> None:
    state = shop_state()
    table = table_of(state)
    axes = Axes()
    axes.begin(table)
    axes.open_entry(table, [entry.shown for entry in table.entries].index("shop/cart"))
    axes.arrange(table, Wish())
    pods = [n for n in axes.rows if n.pod is not None]
    assert [n.pod.id for n in pods if n.pod] == [
        p.id for p in state.control.pods.values() if p.owner == "Deployment:shop/cart"
    ]
    line = axes.line(table, axes.rows.index(pods[0]))
    said = {n.text: VALUES[int(code)] for n, code in zip(axes.columns, line.codes, strict=True)}
    assert said["data/redis"] == "some"
    assert said["watch/prober"] == "all"
    # To itself it is not asked, to its sibling it may talk: the policy of cart lets in its own namespace.
    assert [said[n.text] for n in pods] == ["same", "all"]


def test_rows_agree_with_the_lines_of_the_command() -> None:
    table = table_of(shop_state())
    matrix = table.found.matrix
    listed = {(line.src.text, line.dst.text): line.ports for line in matrix.connections()}
    rows = [AxisNode("", "peer", "", entry.text, 0, n) for n, entry in enumerate(table.entries)]
    for row in rows:
        for column in rows:
            if not table.is_same(row, column):
                assert table.ports(row, column) == listed.get((row.text, column.text), PortSet())


def test_the_ingress_controller_has_a_row() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
    service += "spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n"
    ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\n"
    ingress += "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n"
    table = table_of(compile_project(project_of(*WORKLOADS, service, ingress)))
    assert value(table, "{ingress-controller}", "shop/web") == "some"
    assert table.ports(node(table, "{ingress-controller}"), node(table, "shop/web")).text() == "TCP 8080"
    assert value(table, "{ingress-controller}", "shop/cart") == "none"
    columns = Axes()
    columns.arrange(table, Wish())
    columns.fold(table, opening=True)
    columns.arrange(table, Wish())
    assert "{ingress-controller}" in [n.text for n in columns.rows]
    assert "{ingress-controller}" not in [n.text for n in columns.columns]


def test_words_order_and_focus_choose_rows() -> None:
    table = table_of(shop_state())
    axes = Axes()
    axes.begin(table)
    axes.arrange(table, Wish(sources="cart"))
    assert [n.text for n in axes.rows if n.level == "peer"] == ["shop/cart"]
    assert len([n for n in axes.columns if n.level == "peer"]) == 5
    axes.arrange(table, Wish(order="open"))
    # prober is reached by web, cart, redis and from anywhere; redis by cart alone.
    assert [n.text for n in axes.columns if n.level == "peer"][-1] != "watch/prober"
    axes.focus = "data/redis[Deployment]"
    axes.arrange(table, Wish())
    assert [n.text for n in axes.rows if n.level == "peer"] == ["data/redis", "shop/cart"]
    places = [n.text for n in axes.rows]
    line = axes.line(table, places.index("shop/cart"))
    said = {n.text: VALUES[int(code)] for n, code in zip(axes.columns, line.codes, strict=True)}
    assert said["data/redis"] == "some"
    assert said["shop/web"] == "same", "only lines from or to the workload in focus are told"


def test_only_what_is_open_can_be_kept() -> None:
    wanted, _ = read_ports("6379")
    table = table_of(compile_project(project_of(*WORKLOADS[:3], POLICIES, DENY)), "", wanted)
    axes = Axes()
    axes.begin(table)
    axes.arrange(table, Wish(only_open=True))
    # cart reaches redis; web reaches cart, which lets in every port from its namespace; nobody reaches web.
    assert [n.text for n in axes.rows if n.level == "peer"] == ["shop/cart", "shop/web"]
    assert [n.text for n in axes.columns if n.level == "peer"] == ["data/redis", "shop/cart"]


# Nobody may come in or go out of the two namespaces, but for what the policies above let through.
DENY = "".join(
    f"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: none, namespace: {name}}}\n"
    "spec: {podSelector: {}, policyTypes: [Ingress, Egress]"
    + (", egress: [{to: [{namespaceSelector: {}}], ports: [{port: 6379}]}]" if name == "shop" else "")
    + "}\n"
    for name in ("shop", "data")
)


def test_many_groups_share_the_last_one() -> None:
    state = compile_project(project_of(*(deployment("big", f"w{n}", 80, 1) for n in range(3))))
    table = MatrixTable(state, reach(state))
    assert [group.name for group in groups_of(table.entries, "app")][:3] == ["app=w0", "app=w1", "app=w2"]


def test_ranges_are_said_shortly() -> None:
    assert range_name("0.0.0.0-255.255.255.255") == "anywhere"
    assert range_name("192.0.2.0-192.0.2.255") == "192.0.2.0/24"
    assert range_name("192.0.2.1-192.0.2.3") == "192.0.2.1-192.0.2.3"


def test_the_request_that_tries_a_cell() -> None:
    table = table_of(shop_state())
    asked = asked_of(table, node(table, "shop/cart"), node(table, "data/redis"))
    assert asked is not None
    assert (asked.source, asked.destination) == ("Deployment:shop/cart", "Deployment:data/redis:6379")
    anywhere, redis = (table.end(node(table, name)) for name in ("anywhere", "data/redis"))
    assert anywhere is not None and redis is not None
    assert trace_request(anywhere, redis, ("UDP", 53)) == ("203.0.113.7", "Deployment:data/redis:53/udp")
    assert trace_request(redis, anywhere, None) is None
    assert likely_port(redis, PortSet.of("TCP", 6379, 6379)) == ("TCP", 6379)
    assert asked_of(table, node(table, "group shop"), node(table, "data/redis")) is None


def test_a_cell_in_a_sentence() -> None:
    table = table_of(shop_state())
    web, redis = node(table, "shop/web"), node(table, "data/redis")
    assert cell_words(table, web, redis, 0) == "shop/web → data/redis: closed"
    assert cell_words(table, node(table, "shop/cart"), redis, 1) == "shop/cart → data/redis: TCP 6379"


def test_group_rows_are_the_sum_of_their_members() -> None:
    table = table_of(shop_state())
    every = [node(table, entry.shown) for entry in table.entries[: table.size]]
    columns = column_places(every)
    for place, group in enumerate(table.groups):
        whole = table.line(AxisNode("", "group", "", "", place), columns)
        parts = [table.line(AxisNode("", "peer", "", "", place, member), columns) for member in group.members]
        assert whole.opened.tolist() == np.sum([part.opened for part in parts], axis=0).tolist()
        assert whole.pairs.tolist() == np.sum([part.pairs for part in parts], axis=0).tolist()


def test_groups_open_and_close() -> None:
    table = table_of(shop_state())
    shut = axis(table.entries, table.groups, AxisChoice(), table.pods_of, table.weight_out)
    assert [n.name for n in shut] == ["data", "shop", "watch", "outside"]
    key = group_key(table.groups[1])
    opened = axis(table.entries, table.groups, AxisChoice(frozenset({key})), table.pods_of, table.weight_out)
    assert [n.name for n in opened] == ["data", "shop", "cart", "web", "watch", "outside"]
    assert [n.is_band for n in opened] == [False, True, False, False, False, False]
