"""The chain of a Service port counted by hand: `domain/services.md`, "From selector to EndpointSlice".

Web has Pods of three workloads: two that call 8080 http, one that calls 9090 http, one that names no http at all.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest

from designer.edits.fields import set_field
from designer.engine.compile import ClusterState, compile_project
from designer.manifests import read_texts
from designer.model import ClusterSettings
from designer.present.port_chain import Chain, ChainLink, port_chain

NODES = "".join(f"apiVersion: v1\nkind: Node\nmetadata: {{name: n{n}}}\n---\n" for n in (1, 2))
WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web, part: {name}}}}}
  template:
    metadata: {{labels: {{app: web, part: {name}}}}}
    spec: {{containers: [{{name: server, image: x, ports: [{ports}]}}]}}
---
"""
WEB = (
    NODES
    + WORKLOAD.format(name="a", replicas=2, ports="{name: http, containerPort: 8080}")
    + WORKLOAD.format(name="b", replicas=1, ports="{name: http, containerPort: 9090}")
    + WORKLOAD.format(name="c", replicas=1, ports="{name: dns, containerPort: 53, protocol: UDP}")
    + """apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http, nodePort: 30080, appProtocol: kubernetes.io/h2c}]
---
apiVersion: v1
kind: Service
metadata: {name: hand}
spec: {ports: [{name: db, port: 5432}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: hand-1, labels: {kubernetes.io/service-name: hand}}
addressType: IPv4
ports: [{name: db, port: 15432, protocol: TCP}]
endpoints: [{addresses: [192.0.2.10]}, {addresses: [192.0.2.11], conditions: {ready: false}}]
"""
)


@lru_cache
def web() -> ClusterState:
    result = read_texts([("web.yaml", WEB)])
    assert result.project is not None
    return compile_project(result.project)


def chain(port: dict[str, Any], name: str = "web", state: ClusterState | None = None, **spec: Any) -> Chain:
    return port_chain(state or web(), "default", name, {"selector": {"app": "web"}, **spec}, port)


def steps(found: Chain, step: str) -> list[ChainLink]:
    return [link for link in found if link.step == step]


def boxes(found: Chain) -> list[tuple[str, str, str]]:
    return [(link.main, link.rest, link.mood) for link in steps(found, "container")]


HTTP = {"name": "http", "port": 80, "targetPort": "http", "nodePort": 30080, "appProtocol": "kubernetes.io/h2c"}


def test_a_named_port_is_looked_up_on_each_pod() -> None:
    found = chain(HTTP)
    assert boxes(found) == [
        ("containerPort 8080", "2 of 4 Pods · http in server", "ok"),
        ("containerPort 9090", "1 of 4 Pods · http in server", "ok"),
        ("! no TCP port named http", "1 of 4 Pods · they have dns/UDP", "warning"),
    ]
    assert [link.oid for link in steps(found, "container")] == [f"Deployment:default/{name}" for name in "abc"]
    ends = steps(found, "endpoint")
    pods = web().control.pods
    ports = {"a": ":8080", "b": ":9090", "c": ""}
    for end in ends:
        pod = pods[end.oid]
        assert end.main == f"{pod.ips[0]}{ports[str(pod.labels['part'])]}"
    assert len(ends) == 4


def test_the_first_steps_lead_to_their_fields() -> None:
    found = chain(HTTP)
    service = web().control.services["Service:default/web"]
    first = [(link.main, link.field) for link in found if link.step in ("port", "entry", "target")]
    assert first == [
        ("port 80/TCP", "port"),
        (f"{service.cluster_ips[0]}:80", "spec.clusterIP"),
        ("*:30080", "nodePort"),
        ("targetPort http", "targetPort"),
    ]
    assert found[0].rest == "http · appProtocol kubernetes.io/h2c"
    assert [link.step for link in found[:5]] == ["port", "entry", "entry", "target", "container"]


@pytest.mark.parametrize(
    ("port", "wanted"),
    [
        # The name is there, but of another protocol: such a Pod gets no traffic.
        (
            {"port": 53, "targetPort": "dns"},
            [
                ("✕ dns is UDP", "1 of 4 Pods · the Service port is TCP", "error"),
                ("! no TCP port named dns", "3 of 4 Pods · they have http/TCP", "warning"),
            ],
        ),
        # A number is used as it is, declared or not.
        (
            {"port": 80, "targetPort": 8080},
            [
                ("containerPort 8080", "2 of 4 Pods · http in server", "ok"),
                (
                    "! containerPort 8080",
                    "2 of 4 Pods · declared by no container; works if something listens",
                    "warning",
                ),
            ],
        ),
        (
            {"port": 53},
            [
                ("! containerPort 53", "3 of 4 Pods · declared by no container; works if something listens", "warning"),
                ("! containerPort 53", "1 of 4 Pods · declared as UDP, not TCP", "warning"),
            ],
        ),
    ],
    ids=["protocol of a name", "number", "protocol of a number"],
)
def test_what_is_broken_is_said(port: dict[str, Any], wanted: list[tuple[str, str, str]]) -> None:
    assert sorted(boxes(chain(port))) == sorted(wanted)


def test_a_name_that_no_pod_has_is_an_error() -> None:
    (only,) = steps(chain({"port": 80, "targetPort": "web"}, selector={"part": "b"}), "container")
    assert (only.main, only.mood) == ("✕ no TCP port named web", "error")
    assert only.rest == "1 of 1 Pod · they have http/TCP"


def test_no_pod_and_no_ready_pod() -> None:
    last = chain({"port": 80}, selector={"app": "nobody"})[-1]
    assert (last.main, last.mood, last.field) == ("✕ no Pod", "error", "spec.selector")
    text = """apiVersion: v1
kind: Node
metadata: {name: n1}
---
apiVersion: v1
kind: Pod
metadata: {name: slow, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}
status: {conditions: [{type: Ready, status: "False"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
    project = read_texts([("slow.yaml", text)]).project
    assert project is not None
    state = compile_project(project)
    found = chain({"port": 80}, state=state)
    assert boxes(found) == [("✕ containerPort 80", "1 of 1 Pod · in c · none is ready: nobody answers", "error")]
    assert steps(found, "endpoint")[0].rest == "slow · n1 · not ready"
    # Published all the same, it counts as ready.
    shown = chain({"port": 80}, state=state, publishNotReadyAddresses=True)
    assert boxes(shown) == [("containerPort 80", "1 of 1 Pod · in c", "ok")]


def test_a_headless_service_translates_nothing() -> None:
    project = read_texts([("web.yaml", WEB)]).project
    assert project is not None
    state = compile_project(set_field(project, "Service:default/hand", "spec.clusterIP", "None").project)
    found = chain({"name": "db", "port": 80, "targetPort": 8080}, "hand", state, clusterIP="None")
    (target,) = steps(found, "target")
    assert (target.mood, target.rest) == ("warning", "not used: headless translates no port")
    assert steps(found, "entry")[0].main == "the Pods' addresses"


def test_an_alias_has_no_port_and_no_pods() -> None:
    found = chain({"port": 5432}, "hand", type="ExternalName", externalName="db.example.com")
    assert [link.main for link in found] == ["port 5432", "db.example.com"]


def test_endpoints_written_by_hand_are_taken_as_they_are() -> None:
    found = chain({"name": "db", "port": 5432}, "hand", selector=None)
    assert boxes(found) == [("port 15432", "2 of 2 endpoints", "ok")]
    assert steps(found, "container")[0].oid == "EndpointSlice:default/hand-1"
    assert [(end.main, end.mood) for end in steps(found, "endpoint")] == [
        ("192.0.2.10:15432", "ok"),
        ("192.0.2.11:15432", "warning"),
    ]
    # kube-proxy pairs the ports by name: a port of another name has no endpoint.
    assert chain({"name": "other", "port": 5432}, "hand", selector=None)[-1].main == "✕ no endpoints"


def test_both_families_stand_beside_each_other() -> None:
    project = read_texts([("web.yaml", WEB)]).project
    assert project is not None
    data = project.cluster.dump() | {
        "podCIDRs": ["10.244.0.0/16", "fd00:10:244::/56"],
        "serviceCIDRs": ["10.96.0.0/16", "fd00:10:96::/112"],
    }
    both = replace(project, cluster=ClusterSettings.model_validate(data))
    state = compile_project(set_field(both, "Service:default/web", "spec.ipFamilyPolicy", "PreferDualStack").project)
    service = state.control.services["Service:default/web"]
    found = chain({**HTTP}, state=state, selector={"part": "b"})
    assert [link.main for link in steps(found, "entry")][:2] == [
        f"{service.cluster_ips[0]}:80",
        f"[{service.cluster_ips[1]}]:80",
    ]
    (end,) = steps(found, "endpoint")
    pod = state.control.pods[end.oid]
    assert end.main == f"{pod.ips[0]}:9090, [{pod.ips[1]}]:9090"


@pytest.mark.parametrize("target", [0, ""])
def test_no_target_port_and_zero_mean_the_port_itself(target: object) -> None:
    """`domain/services.md`, "API server validation", its defaults: the port is written in before anybody looks."""
    found = chain({"port": 8080, "targetPort": target}, selector={"part": "a"})
    assert [link.main for link in steps(found, "target")] == ["targetPort 8080"]
    assert boxes(found) == [("containerPort 8080", "2 of 2 Pods · http in server", "ok")]
