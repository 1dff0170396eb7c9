"""What was drawn with a Gateway follows its listeners (GEP-1762: the controller makes the Service for them)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from designer.edits.create import create
from designer.edits.kept import change_field
from designer.edits.secrets import missing_secrets, take_for_granted
from designer.edits.settings import set_cluster
from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.model import Deployment, Project, Provenance, Service

GATEWAY = "gateway.networking.k8s.io/v1/Gateway:default/web-2"
PLANE = "Service:default/web-2-gateway"
HTTPS = {"name": "https", "port": 443, "protocol": "HTTPS", "tls": {"certificateRefs": [{"name": "cert"}]}}


def drawn(*kinds: str) -> Project:
    """A cluster drawn from nothing: Node, app, Service, Gateway and what else is named, with addresses to hand out."""
    project = Project()
    for kind in ("Node", "Deployment", "Service", "Gateway", *kinds):
        edit = create(project, kind, target="Deployment:default/web" if kind == "Service" else None)
        assert edit.ok, edit.problems
        project = edit.project
    return set_cluster(project, "loadBalancer.pools", [{"addresses": ["203.0.113.10-203.0.113.20"]}]).project


def changed(project: Project, path: str, value: Any, oid: str = GATEWAY) -> Project:
    edit = change_field(project, oid, path, value)
    assert edit.ok, edit.problems
    return edit.project


def ports(project: Project, oid: str = PLANE) -> list[tuple[int, str]]:
    service = project.find(Service, oid)
    assert service is not None
    return [(port.port, port.protocol or "TCP") for port in service.spec.ports]


def verdict(project: Project, url: str) -> str:
    state: ClusterState = compile_project(project)
    result, problems = ask(state, Request("Internet", url))
    assert result is not None, problems
    return result.verdict


def test_a_listener_more_is_reached_from_outside() -> None:
    project = changed(drawn("HTTPRoute"), "spec.listeners[+]", HTTPS)
    assert ports(project) == [(80, "TCP"), (443, "TCP")]
    project = take_for_granted(project, GATEWAY, "spec.listeners[1]").project
    assert verdict(project, "https://web.example.com/") == "delivered"
    proxies = project.find(Deployment, "Deployment:default/web-2-gateway")
    assert proxies is not None
    (container,) = proxies.spec.template.spec.containers
    assert {port.containerPort for port in container.ports} == {8080, 8443}


def test_a_listener_that_goes_or_moves_takes_its_port_along() -> None:
    project = changed(drawn(), "spec.listeners[+]", HTTPS)
    assert ports(changed(project, "spec.listeners[1]", None)) == [(80, "TCP")]
    assert ports(changed(project, "spec.listeners[1].port", 8443)) == [(80, "TCP"), (8443, "TCP")]


@pytest.mark.parametrize("port", [0, 70000, "eighty", True])
def test_a_port_that_is_none_opens_nothing(port: object) -> None:
    before = drawn()
    listener = {"name": "odd", "port": port, "protocol": "HTTP"}
    data = {**before.foreign[GATEWAY].data}
    data["spec"] = {**data["spec"], "listeners": [*data["spec"]["listeners"], listener]}
    assert ports(changed(before, "spec", data["spec"])) == [(80, "TCP")]


def test_a_port_that_a_person_gave_the_service_stays() -> None:
    project = drawn()
    project = changed(project, "spec.ports[+]", {"name": "metrics", "port": 9090}, PLANE)
    project = changed(project, "spec.listeners[+]", HTTPS)
    assert ports(changed(project, "spec.listeners[1]", None)) == [(80, "TCP"), (9090, "TCP")]


def test_what_an_input_holds_stays_as_the_input_has_it() -> None:
    project = drawn()
    held = replace(project, provenance=project.provenance.set(PLANE, Provenance(file="a.yaml", line=1)))
    assert ports(changed(held, "spec.listeners[+]", HTTPS)) == [(80, "TCP")]


@pytest.mark.parametrize(("kind", "protocol", "port"), [("TLSRoute", "TLS", 443), ("TCPRoute", "TCP", 9000)])
def test_a_route_of_plain_connections_brings_its_listener(kind: str, protocol: str, port: int) -> None:
    # TLSRoute and TCPRoute need a listener of their protocol; port 80, the Service's, is the HTTP listener's already.
    project = drawn(kind)
    listener = project.foreign[GATEWAY].data["spec"]["listeners"][1]
    assert (listener["protocol"], listener["port"]) == (protocol, port)
    assert (port, "TCP") in ports(project)
    url = f"tcp://203.0.113.10:{port}" if kind == "TCPRoute" else f"https://web.example.com:{port}/"
    assert verdict(project, url) == "delivered"
    again = create(project, kind)
    assert len(again.project.foreign[GATEWAY].data["spec"]["listeners"]) == 2, "the second one needs none more"


def test_routes_of_two_kinds_get_host_names_of_their_own() -> None:
    """GRPCRoute, "Cross serving": two kinds of route with one host name on one listener are in conflict."""
    project = drawn("HTTPRoute", "GRPCRoute")
    state = compile_project(project)
    assert [problem.code for problem in state.problems if problem.severity == "error"] == []


def test_a_listener_set_is_allowed_and_reached() -> None:
    project = drawn("ListenerSet")
    made = next(oid for oid in project.foreign if "ListenerSet" in oid)
    project = changed(project, "spec.listeners[0].port", 8081, made)
    assert (8081, "TCP") in ports(project)
    conditions = {one.type: one.status for one in compile_project(project).gateways.conditions if "Set" in one.object}
    assert conditions["Accepted"] == conditions["Programmed"] == "True"


def test_a_secret_is_taken_for_granted_once() -> None:
    project = changed(drawn(), "spec.listeners[+]", HTTPS)
    assert missing_secrets(project, GATEWAY, "spec.listeners[1]") == ("v1/Secret:default/cert",)
    assert missing_secrets(project, GATEWAY, "spec.listeners[0]") == ()
    edit = take_for_granted(project, GATEWAY, "spec.listeners[1]")
    assert edit.ok and edit.label == "Take Secret default/cert for granted"
    assert not take_for_granted(edit.project, GATEWAY, "spec.listeners[1]").ok
