"""Whom each party of a trace sees: the sample with an exposed shop, followed by hand from the rules of NAT."""

from designer.edits.fields import set_field
from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace import Request, trace
from designer.engine.trace.hops import Path
from designer.manifests import read_texts
from designer.present.seen_rows import SeenRow, owners_on, seen_rows

CLUSTER = """apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.1.1}]}
---
apiVersion: v1
kind: Node
metadata: {name: n2}
status: {addresses: [{type: InternalIP, address: 192.168.1.2}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: n2, containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-2, labels: {app: web}}
spec: {nodeName: n2, containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  clusterIP: 10.96.0.50
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
"""


def state() -> ClusterState:
    project = read_texts([("a.yaml", CLUSTER)]).project
    assert project is not None
    return compile_project(project)


def way(found: ClusterState, source: str, destination: str) -> Path:
    return trace(found, Request(source, destination)).trace.paths()[0]


def rows_at(found: ClusterState, path: Path, kind: str, direction: str = "request", last: bool = True) -> list[SeenRow]:
    places = [n for n, hop in enumerate(path.hops) if hop.kind == kind and hop.direction == direction]
    return list(seen_rows(path, places[-1 if last else 0], owners_on(found, path)))


def test_the_pod_sees_the_node_and_who_it_really_was_is_told() -> None:
    found = state()
    client = next(oid for oid in found.project.objects["ExternalClient"])
    path = way(found, client, "http://192.168.1.1:30080")
    sender, receiver = rows_at(found, path, "deliver")
    pod = found.control.pods[path.hops[[h.kind for h in path.hops].index("deliver")].at]
    # Masquerading writes the address of the interface that the packet leaves n1 by: its tunnel device.
    tunnel = found.control.nodes["n1"].tunnel_ips[0]
    assert (sender.address, sender.main, sender.oid) == (tunnel, "Node n1, its tunnel device", "Node:n1")
    first = next(hop.before or hop.after for hop in path.hops if (hop.before or hop.after) is not None)
    assert first is not None
    assert sender.rest.startswith(f"Really {first.src}, {client.partition(':')[2]}: hop ")
    assert (receiver.address, receiver.main, receiver.oid) == (pod.ips[0], f"Pod default/{pod.name}", pod.id)
    assert receiver.rest.startswith("Asked for 192.168.1.1, Node n1: hop ")


def test_later_packets_and_connections_are_told_where_something_is_translated() -> None:
    found = state()
    path = way(found, "Pod:default/web", "10.96.0.50:80")
    rows = rows_at(found, path, "rules", last=False)
    assert [row.name for row in rows] == [
        "Sender here",
        "Receiver",
        "Later packets of this connection",
        "Other connections",
    ]
    assert "1/2 (50.0 %)" in rows[-1].rest
    assert (
        rows[1].rest == f"Asked for 10.96.0.50, Service default/web, its ClusterIP: hop {_number(path)} translated it."
    )


def _number(path: Path) -> int:
    return next(n for n, hop in enumerate(path.hops, 1) if hop.before and hop.after and hop.before.dst != hop.after.dst)


def test_the_reply_comes_back_from_the_address_that_was_called() -> None:
    found = state()
    path = way(found, "Pod:default/web", "10.96.0.50:80")
    sender, receiver = seen_rows(path, len(path.hops) - 1, owners_on(found, path))
    assert (sender.address, sender.main) == ("10.96.0.50", "Service default/web, its ClusterIP")
    assert sender.rest.startswith("Really ")
    assert receiver.oid == "Pod:default/web"


def test_a_hop_without_packet_sees_nobody() -> None:
    found = state()
    path = way(found, "Pod:default/web", "http://web")
    assert path.hops[0].kind == "resolve"
    assert seen_rows(path, 0, {}) == ()


def test_with_session_affinity_only_other_clients_are_decided_anew() -> None:
    found = compile_project(
        set_field(state().project, "Service:default/web", "spec.sessionAffinity", "ClientIP").project
    )
    path = way(found, "Pod:default/web", "10.96.0.50:80")
    assert rows_at(found, path, "rules", last=False)[-1].rest.startswith("Those of other clients are decided anew;")
