"""The entry of a Service lookup table that a hop found, for both data planes and for callers inside and outside."""

import pytest

from designer.engine.kubeproxy import tables_text
from designer.present.rule_rows import hit_lines, looked_up
from designer.present.table_rows import table_lines
from tests.engine.trace.clusters import ask, service
from tests.engine.trace.ebpf import CLIENT, of_kind, shop

LOCAL = service("local", app="web", type="NodePort", externalTrafficPolicy="Local",
                ports=[{"port": 80, "targetPort": 8080, "nodePort": 30082}])  # fmt: skip


@pytest.mark.parametrize(("plugin", "backend"), [("cilium", "vxlan"), ("calico", "ebpf")])
@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        ("a", "Service:default/web", "ClusterIP inside default/web"),
        (CLIENT, "192.168.10.11:30080", "NodePort anywhere default/web"),
        (CLIENT, "192.168.10.11:30082", "NodePort outside default/local"),
        ("a", "192.168.10.11:30082", "NodePort inside default/local"),
    ],
)
def test_a_lookup_is_one_entry_of_the_node_s_table(
    plugin: str, backend: str, source: str, destination: str, expected: str
) -> None:
    state = shop(LOCAL, plugin=plugin, backend=backend)
    text, _ = tables_text(state.control, state.project.cluster, "node-1", "iptables")
    lines = table_lines(text)
    path = ask(state, source, destination).trace.paths()[0]
    found = of_kind(path, "lookup")[0]
    (number,) = looked_up(lines, "IPv4", found)
    cells = lines[number - 1].text.split()
    assert " ".join(cells[1:4]) == expected
    assert hit_lines(lines, "IPv4", found.rules) == ()


def test_hops_of_other_kinds_have_none() -> None:
    state = shop(plugin="cilium", backend="vxlan")
    lines = table_lines(tables_text(state.control, state.project.cluster, "node-1", "iptables")[0])
    for path in ask(state, "a", "Service:default/web").trace.paths():
        assert [hop.kind for hop in path.hops if looked_up(lines, "IPv4", hop)] == ["lookup"]
