"""Dumps without Nodes, as ``kubectl get all -A -o yaml`` gives them: the Nodes are those that the Pods name."""

from dataclasses import replace

from designer.engine.compile import compile_project
from designer.engine.controlplane import allocate
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.manifests import export, read_texts
from designer.model import Node, Project

POD = """\
- apiVersion: v1
  kind: Pod
  metadata: {name: %s, labels: {app: %s}}
  spec: {nodeName: %s, containers: [{name: c, ports: [{containerPort: 80}]}]}
  status: {phase: Running, podIP: %s, podIPs: [{ip: %s}], hostIP: %s}
"""


def dump(*pods: tuple[str, str, str, str]) -> str:
    items = "".join(POD % (name, name, node, ip, ip, host) for name, node, ip, host in pods)
    return f"apiVersion: v1\nkind: List\nitems:\n{items}"


TWO = dump(("a", "w1", "10.244.1.5", "172.18.0.3"), ("b", "w2", "10.244.2.7", "172.18.0.4"))


def nodes(project: Project) -> dict[str, tuple[list[str], str | None]]:
    return {node.name: ([a.address for a in node.status.addresses], node.spec.podCIDR) for node in project.of(Node)}


def test_the_nodes_of_the_pods_are_assumed_with_what_the_pods_say() -> None:
    result = read_texts([("all.yaml", TWO)])
    assert nodes(result.project) == {
        "w1": (["172.18.0.3"], "10.244.1.0/24"),
        "w2": (["172.18.0.4"], "10.244.2.0/24"),
    }
    assert any("w1, w2" in entry.text and "kubectl get nodes" in entry.text for entry in result.report.of("assumed"))


def test_a_pod_of_such_a_dump_can_be_traced() -> None:
    project = read_texts([("all.yaml", TWO)]).project
    ledger, problems = allocate(project)
    assert not [problem for problem in problems if problem.severity == "error"]
    result, _ = ask(compile_project(replace(project, ledger=ledger)), Request("a", "10.244.2.7:80"))
    assert result is not None and result.verdict == "delivered"


def test_ranges_that_nodes_share_are_not_claimed() -> None:
    shared = dump(("a", "w1", "10.244.1.5", "172.18.0.3"), ("b", "w2", "10.244.1.7", "172.18.0.4"))
    several = dump(("a", "w1", "10.244.1.5", "172.18.0.3"), ("b", "w1", "10.244.2.7", "172.18.0.3"))
    for text in (shared, several):
        assert {podcidr for _, podcidr in nodes(read_texts([("all.yaml", text)]).project).values()} == {None}


def test_given_nodes_and_pods_that_never_ran_leave_everything_as_it_was() -> None:
    given = TWO + "- {apiVersion: v1, kind: Node, metadata: {name: other}}\n"
    assert list(nodes(read_texts([("all.yaml", given)]).project)) == ["other"]
    written = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {nodeName: w1, containers: [{name: c}]}\n"
    assert list(nodes(read_texts([("a.yaml", written)]).project)) == ["node-1", "node-2", "node-3"]


def test_addresses_that_are_none_are_left_out_and_both_families_are_read() -> None:
    odd = TWO.replace("hostIP: 172.18.0.3", "hostIP: here").replace(
        "hostIP: 172.18.0.4", "hostIP: 172.18.0.4, hostIPs: [{ip: 172.18.0.4}, {ip: 'fd00::4'}, 5]"
    )
    found = nodes(read_texts([("all.yaml", odd)]).project)
    assert found["w1"][0] == [] and found["w2"][0] == ["172.18.0.4", "fd00::4"]


def test_an_export_imports_to_the_same_cluster() -> None:
    project = read_texts([("all.yaml", TWO)]).project
    again = read_texts(export(project)).project
    assert (again.objects, again.ledger, again.cluster) == (project.objects, project.ledger, project.cluster)
