"""What the API server takes without a word, so that a checker must look, and what changes with the version.

domain/services.md sections 1, 7 ("Accepted without complaint") and 9. The program has to keep each such Service, and to
tell of it where it does harm.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from designer.engine.checks import check
from designer.engine.compile import ClusterState, compile_project
from designer.manifests import read_texts
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, cluster_ip, dns, make, node, pod, service
from tests.facts.called_services import EVERY_MODE, NODE_PORT, NOT_READY, chosen, equal, web

OID = "Service:default/web"


def told(state: ClusterState) -> set[str]:
    """The codes of all problems that are about the Service or its range."""
    return {p.code for p in check(state) if p.object in (OID, "")}


def refused(state: ClusterState) -> bool:
    return OID not in state.control.services


ALIAS: dict[str, Any] = {"type": "ExternalName", "externalName": "web.default.svc.cluster.local", "ports": []}
LOCAL: dict[str, Any] = {"externalTrafficPolicy": "Local", **NODE_PORT}


@pytest.mark.parametrize(
    ("objects", "code"),
    [
        pytest.param((service("web"),), "SVC-01", id="services.md 7, row 'Taken: selector without Pods'"),
        pytest.param((web("b", 2), service("web", target=9999)), "SVC-03",
                     id="services.md 7, row 'Taken: nobody listens'"),
        pytest.param((web("b", 2), service("web", target="grpc")), "SVC-04",
                     id="services.md 7, row 'Taken: named port missing'"),
        pytest.param((web("b", 2), service("app", app="web"), service("web", sessionAffinity="ClientIP")), "SVC-06",
                     id="services.md 7, row 'Taken: two Services, same Pods'"),
        pytest.param((service("web", **ALIAS),), "SVC-34", id="services.md 7, row 'Taken: ExternalName loop'"),
        pytest.param((web("b", 2), service("web", type="LoadBalancer")), "SVC-22",
                     id="services.md 7, row 'Taken: no controller'"),
        pytest.param((web("b", 2), service("web", **LOCAL)), "SVC-12",
                     id="services.md 7, row 'Taken: Local without Pods'"),
        pytest.param((web("b", 2, ports=[{"containerPort": 8080, "hostPort": 30080}]), service("web", **NODE_PORT)),
                     "SVC-28", id="services.md 7, row 'Taken: node port is a hostPort'"),
    ],
)  # fmt: skip
def test_what_is_taken_is_told(objects: tuple[KubeObject, ...], code: str) -> None:
    state = cluster(*objects)
    assert not refused(state)
    assert code in told(state)


def test_a_cluster_ip_inside_the_pod_range() -> None:
    """services.md 7, row 'Taken: ClusterIP in the Pod range': only the checker minds."""
    state = cluster(web("b", 2), service("web"), podCIDRs=["10.96.0.0/12"], serviceCIDRs=["10.96.0.0/12"],
                    kubeProxy={"clusterCIDR": "10.96.0.0/12"})  # fmt: skip
    assert not refused(state)
    assert "IP-02" in {p.code for p in check(state)}


@EVERY_MODE
def test_two_services_for_the_same_pods(mode: str) -> None:
    """services.md 7, row 'Taken: two Services, same Pods': each works in its own way."""
    state = cluster(pod("a", 1), web("b", 2), web("c", 1), service("one", app="web"),
                    service("two", app="web", internalTrafficPolicy="Local"), kubeProxy={"mode": mode})  # fmt: skip
    assert chosen(ask(state, "a", f"{cluster_ip(state, 'one')}:80")) == equal("b", "c")
    assert chosen(ask(state, "a", f"{cluster_ip(state, 'two')}:80")) == equal("c")


def test_a_circle_of_names_answers_nothing() -> None:
    """services.md 7, row 'Taken: ExternalName loop'."""
    found = ask(cluster(pod("a", 1), service("web", **ALIAS), *dns()), "a", "http://web/")
    assert found.verdict == "name-not-found" and "circle" in found.reason


@EVERY_MODE
def test_a_node_port_that_is_a_host_port(mode: str) -> None:
    """services.md 7, row 'Taken: node port is a hostPort': which of the two wins is left open."""
    both = web("b", 1, ports=[{"containerPort": 8080, "hostPort": 30080}])
    state = cluster(both, web("c", 2), service("web", **NODE_PORT), kubeProxy={"mode": mode})
    found = ask(state, "203.0.113.7", "node-1:30080")
    assert found.verdict == "cannot-tell" and "hostPort" in found.reason
    assert chosen(ask(state, "203.0.113.7", "node-2:30080")) == equal("b", "c")


@pytest.mark.parametrize(("ready", "expected"), [(None, equal("b")), (NOT_READY, {"rejected": 1})])
def test_readiness_gates(ready: Any, expected: Any) -> None:
    """services.md 1, row 'Readiness gates': the Ready condition holds them; the endpoint goes by it alone."""
    gate = {"readinessGates": [{"conditionType": "example.com/balanced"}]}
    state = cluster(pod("a", 1), web("b", 2, **gate, **({"status": ready} if ready else {})), service("web"))
    assert chosen(ask(state, "a", "Service:default/web")) == expected


@EVERY_MODE
def test_endpoints_objects_are_never_read(mode: str) -> None:
    """services.md 1, row 'v1.Endpoints is never read': kube-proxy reads EndpointSlices, and no controller mirrors here.

    An Endpoints object of a Service that has a selector says nothing that its slices do not say.
    """
    documents = [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"},
         "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}},
        {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web", "namespace": "default"},
         "subsets": [{"addresses": [{"ip": "10.244.9.9"}], "ports": [{"port": 8080}]}]},
    ]  # fmt: skip
    texts = [(f"{n}.json", json.dumps(data)) for n, data in enumerate(documents)]
    project = read_texts(texts, assuming=False).project.with_objects([node(1), pod("a", 1)])
    state = compile_project(project)
    assert [e.addresses for part in state.control.slices[OID] for e in part.endpoints] == []
    assert ask(state, "a", "Service:default/web").verdict == "rejected"


@pytest.mark.parametrize(("mode", "count"), [("iptables", 0), ("nftables", 0), ("ipvs", 1)])
def test_ipvs_mode_is_deprecated(mode: str, count: int) -> None:
    """services.md 9, row 'ipvs is deprecated'."""
    found = [p for p in check(cluster(node(1), kubeProxy={"mode": mode})) if p.code == "SVC-32"]
    assert len(found) == count


def test_a_service_without_slices_of_the_controller_is_left_alone() -> None:
    """services.md 1, row 'Which Services': without selector the slices are those that a person wrote."""
    slice_ = make("EndpointSlice", "web-1", None, labels={"kubernetes.io/service-name": "web"}).replace(
        addressType="IPv4", ports=[{"name": "", "port": 8080, "protocol": "TCP"}],
        endpoints=[{"addresses": ["10.244.9.9"], "nodeName": "node-1"}],
    )  # fmt: skip
    at = {"podIP": "10.244.9.9", "podIPs": [{"ip": "10.244.9.9"}]}
    state = cluster(pod("a", 1), pod("b", 1, status=at), make("Service", "web", {"ports": [{"port": 80}]}), slice_)
    assert [part.name for part in state.control.slices[OID]] == ["web-1"]
    assert chosen(ask(state, "a", "Service:default/web")) == equal("b")
