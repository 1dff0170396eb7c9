"""What is to say about where Pods run: what the scheduler does not follow here, what fits nowhere, Nodes that lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from designer.engine.controlplane.affinity import not_followed
from designer.engine.controlplane.podallocation import PodBooks
from designer.engine.controlplane.workloadpods import Source
from designer.model import Node, PodRecord, Problem, split_id


def unfollowed(source: Source) -> Problem | None:
    """The problem of something that makes Pods and asks for a placement that is not followed here; None without."""
    names = not_followed(source.spec)
    if not names:
        return None
    return Problem(
        "SCH-01",
        "info",
        f"{source.oid.replace(':', ' ')}: {', '.join(names)} not considered when placing its Pods",
        object=source.oid,
        field="spec.template.spec" if split_id(source.oid)[0] != "Pod" else "spec",
        why="Followed here: nodeName, nodeSelector, required node affinity, taints, hostPorts and maxPods.",
        fix="Where the Node matters, set spec.nodeName, or open a dump that says where the Pods run.",
    )


def on_unknown_nodes(records: Iterable[PodRecord], nodes: Mapping[str, Node]) -> list[Problem]:
    """One problem for each Node that Pods of the input run on and that the input does not have."""
    counts: dict[str, int] = {}
    for record in records:
        if record.node is not None and record.node not in nodes:
            counts[record.node] = counts.get(record.node, 0) + 1
    return [
        Problem(
            "SCH-03",
            "warning",
            f"Node {name} is not in the project: {count} Pod{'s' if count > 1 else ''} of the input run on it",
            object=f"Node:{name}",
            why="Services lead to these Pods all the same, but nothing is known of the network there.",
            fix="Add the Nodes to the input (kubectl get nodes -o yaml).",
        )
        for name, count in sorted(counts.items())
    ]


def unplaced(pods: PodBooks) -> list[Problem]:
    """One problem for each thing of whose Pods some fit on no Node."""
    by_source: dict[str, list[str]] = {}
    for key in pods.refused:
        by_source.setdefault(pods.sources[key].oid, []).append(key)
    return [
        Problem(
            "NODE-01" if "free ports" in pods.refused[keys[0]] else "SCH-02",
            "error",
            f"{oid.replace(':', ' ')}: {len(keys)} Pod{'s' if len(keys) > 1 else ''} Pending, no Node takes "
            f"{'them' if len(keys) > 1 else 'it'}",
            object=oid,
            why=f"FailedScheduling: {pods.refused[keys[0]]}",
            fix="Add a Node that fits, tolerate the taint, or correct the node selector.",
        )
        for oid, keys in by_source.items()
    ]


def without_address(pods: PodBooks, failures: Mapping[str, str]) -> list[Problem]:
    """One problem for each Node on which Pods got no address; `failures` are the plugin's words by Pod key."""
    by_node: dict[str, list[str]] = {}
    for key in failures:
        by_node.setdefault(pods.records[key].node or "", []).append(key)
    return [
        Problem(
            "IP-06",
            "error",
            f"Node {node}: {len(keys)} Pod{'s' if len(keys) > 1 else ''} without an address",
            object=f"Node:{node}",
            why=failures[keys[0]],
            fix="Give the Node a larger range, or run fewer Pods on it.",
        )
        for node, keys in by_node.items()
    ]
