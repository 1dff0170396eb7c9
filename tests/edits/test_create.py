"""New objects are valid, named freely, and useful at once."""

from typing import Any

import pytest

from designer.edits import create, drops, fields
from designer.edits.gatewaykinds import MADE_KINDS
from designer.edits.palette import PALETTE
from designer.model import (
    Deployment,
    Ingress,
    IngressClass,
    IngressController,
    NetworkPolicy,
    Node,
    Pod,
    Project,
    Service,
    StatefulSet,
    labels_match,
    selector_matches,
)


def make(project: Project, kind: str, **how: Any) -> tuple[Project, Any]:
    edit = create.create(project, kind, **how)
    assert edit.ok, edit.problems
    return edit.project, edit.project.get(edit.select[0])


def test_the_palette_holds_the_kinds_of_the_product_in_their_groups() -> None:
    groups: dict[str, list[str]] = {}
    for item in PALETTE:
        groups.setdefault(item.group, []).append(item.label)
        assert item.description.endswith(".")
    assert groups == {
        "Infrastructure": ["Node", "Namespace"],
        "Workloads": ["Pod", "Deployment", "StatefulSet", "DaemonSet"],
        "Traffic": ["Service", "Ingress controller", "Ingress"],
        "Gateway API": [
            "Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "ListenerSet", "ReferenceGrant",
            "BackendTLSPolicy", "GatewayClass",
        ],
        "Policy": ["NetworkPolicy"],
        "Outside": ["External client", "External host"],
    }  # fmt: skip


@pytest.mark.parametrize("kind", [item.kind for item in PALETTE if item.kind not in MADE_KINDS])
def test_every_kind_can_be_created_twice_under_different_names(kind: str) -> None:
    project, one = make(Project(), kind, at=(10, 20))
    project, other = make(project, kind)
    assert one.KIND == other.KIND == kind and one.id != other.id
    place = project.canvas.placement(one.id, "nodes")
    assert place is not None and (place.x, place.y, place.pinned) == (10, 20, True)
    # What was made is accepted as typed by a person, too: every value passes the API server's own checks.
    assert fields.validated(type(one).model_validate({"metadata": {"name": "x"}}), one.dump())[1] == ()


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_workload_selects_its_own_pods_which_listen_on_http(kind: str) -> None:
    _, workload = make(Project(), kind)
    template = workload.spec.template
    assert selector_matches(workload.spec.selector, template.metadata.labels)
    (port,) = template.spec.containers[0].ports
    assert (port.name, port.containerPort) == ("http", 8080)


def test_names_of_pod_makers_are_free_among_each_other() -> None:
    project, pod = make(Project(), "Pod")
    project, deployment = make(project, "Deployment")
    project, second = make(project, "Deployment")
    assert (pod.name, deployment.name, second.name) == ("web", "web-2", "web-3")


def test_a_node_gets_the_next_name_and_its_host_name_label() -> None:
    project, _ = make(Project(), "Node")
    project, second = make(project, "Node")
    assert second.name == "node-2" and second.labels["kubernetes.io/hostname"] == "node-2"
    again, filled = make(project.without("Node:node-1"), "Node")
    assert filled.name == "node-1" and len(again.of(Node)) == 2


def test_a_pod_dropped_on_a_node_runs_there() -> None:
    project, node = make(Project(), "Node")
    _, pod = make(project, "Pod", target=node.id)
    assert isinstance(pod, Pod) and pod.spec.nodeName == "node-1"


@pytest.mark.parametrize("key", ["Deployment:default/web", "Deployment:default/web#0"])
def test_a_service_dropped_on_a_workload_selects_its_pods_by_port_name(key: str) -> None:
    project, deployment = make(Project(), "Deployment")
    _, service = make(project, "Service", target=key)
    assert isinstance(service, Service) and service.name == deployment.name
    assert service.spec.selector is not None
    assert labels_match(service.spec.selector, deployment.spec.template.metadata.labels)
    assert [(p.port, p.targetPort) for p in service.spec.ports] == [(80, "http")]


def test_a_service_of_a_database_is_called_at_its_port_and_one_of_a_web_server_at_80() -> None:
    for name, number, wanted in (
        ("pg", 5432, (5432, "pg")),
        ("http-alt", 8080, (80, "http")),
        ("", 9000, (80, "http")),
    ):
        port = {"containerPort": number, **({"name": name} if name else {})}
        data = {
            "metadata": {"name": "one", "labels": {"k": "v"}},
            "spec": {"containers": [{"name": "c", "ports": [port]}]},
        }
        project = Project().with_object(Pod.model_validate(data))
        _, service = make(project, "Service", target="Pod:default/one")
        (made,) = service.spec.ports
        assert ((made.port, made.name), made.targetPort) == (wanted, name or number)


def test_a_service_follows_the_port_that_its_target_declares() -> None:
    pod = {"metadata": {"name": "dns", "labels": {"k": "v"}}}
    spec = {"containers": [{"name": "c", "ports": [{"containerPort": 53, "protocol": "UDP"}]}]}
    project = Project().with_object(Pod.model_validate({**pod, "spec": spec}))
    _, service = make(project, "Service", target="Pod:default/dns")
    assert [(p.port, p.targetPort, p.protocol) for p in service.spec.ports] == [(53, 53, "UDP")]


def test_a_stateful_set_comes_with_the_headless_service_that_it_names() -> None:
    project, workload = make(Project(), "StatefulSet")
    service = project.find(Service, f"Service:default/{workload.spec.serviceName}")
    assert isinstance(workload, StatefulSet) and service is not None and service.spec.clusterIP == "None"
    assert service.spec.selector == workload.spec.selector.matchLabels  # type: ignore[union-attr]


def test_an_ingress_dropped_on_a_service_leads_there_with_the_only_class() -> None:
    project, _ = make(Project(), "IngressController")
    project, _ = make(project, "Deployment")
    project, service = make(project, "Service", target="Deployment:default/web")
    project, ingress = make(project, "Ingress", target=service.id)
    assert isinstance(ingress, Ingress)
    (path,) = ingress.spec.rules[0].http.paths  # type: ignore[union-attr]
    assert path.backend.service is not None and path.backend.service.name == service.name
    assert path.backend.service.port.number == 80 and (path.path, path.pathType) == ("/", "Prefix")
    (only,) = project.of(IngressClass)
    assert ingress.spec.ingressClassName == only.name
    project, _ = make(project, "IngressController")
    _, undecided = make(project, "Ingress", target=service.id)
    assert undecided.spec.ingressClassName is None


def test_an_ingress_dropped_on_a_controller_gets_its_class_and_leads_to_the_only_service() -> None:
    project, first = make(Project(), "IngressController")
    project, second = make(project, "IngressController", profile="traefik")
    project, _ = make(project, "Service")
    changed, ingress = make(project, "Ingress", target=second.id)
    # The class of the controller that it was dropped on, among several; an Ingress lives beside what it leads to.
    named = changed.find(IngressClass, f"IngressClass:{ingress.spec.ingressClassName}")
    assert named is not None and named.spec.controller == second.spec.controller != first.spec.controller
    assert ingress.namespace == "default"
    assert ingress.spec.rules[0].http.paths[0].backend.service.name == "web"
    assert drops.may_drop(project, "Ingress", second.id).reason.endswith("will serve the Ingress, by class traefik.")
    watching = fields.set_field(project, second.id, "spec.watchNamespaces", ["team"]).project
    assert make(watching, "Ingress", target=second.id)[1].namespace == "team"


def test_an_ingress_never_leads_to_the_api_server_unasked() -> None:
    project, service = make(Project(), "Service")
    project = fields.rename(project, service.id, "kubernetes").project
    assert make(project, "Ingress")[1].spec.rules[0].http is None


def test_an_ingress_is_refused_by_a_controller_to_which_no_class_leads() -> None:
    project, controller = make(Project(), "IngressController")
    bare = project.without("IngressClass:ingress")
    answer = drops.may_drop(bare, "Ingress", controller.id)
    assert not answer.ok and "No IngressClass names" in answer.reason
    taking = fields.set_field(bare, controller.id, "spec.watchWithoutClass", True).project
    assert make(taking, "Ingress", target=controller.id)[1].spec.ingressClassName is None


@pytest.mark.parametrize(
    ("profile", "controller"),
    [
        ("spec", "example.com/ingress-controller"),
        ("ingress-nginx", "k8s.io/ingress-nginx"),
        ("traefik", "traefik.io/ingress-controller"),
    ],
)
def test_an_ingress_controller_comes_with_all_that_it_needs(profile: str, controller: str) -> None:
    project, made = make(Project(), "IngressController", profile=profile)
    assert isinstance(made, IngressController) and made.spec.controller == controller
    deployment = project.find(Deployment, made.spec.workload or "")
    service = project.find(Service, made.spec.service or "")
    assert deployment is not None and service is not None and service.spec.type == "LoadBalancer"
    assert labels_match(service.spec.selector or {}, deployment.spec.template.metadata.labels)
    assert [c.spec.controller for c in project.of(IngressClass)] == [controller]
    assert project.get(f"Namespace:{made.namespace}") is not None


def test_two_ingress_controllers_do_not_claim_the_same_classes() -> None:
    project, one = make(Project(), "IngressController")
    project, other = make(project, "IngressController")
    assert one.namespace != other.namespace and one.spec.controller != other.spec.controller


def test_a_policy_dropped_on_a_workload_selects_its_pods() -> None:
    project, deployment = make(Project(), "Deployment")
    _, policy = make(project, "NetworkPolicy", target=deployment.id)
    assert isinstance(policy, NetworkPolicy) and policy.spec.policyTypes == ("Ingress",)
    assert selector_matches(policy.spec.podSelector, deployment.spec.template.metadata.labels)


def test_what_is_dropped_on_a_namespace_lives_there() -> None:
    project, namespace = make(Project(), "Namespace")
    project, pod = make(project, "Pod", target=namespace.id)
    assert pod.id == "Pod:team/web"
    _, service = make(project, "Service", target=pod.id)
    assert service.namespace == "team"


def test_outside_objects_get_addresses_of_the_documentation_ranges() -> None:
    project, one = make(Project(), "ExternalClient")
    project, other = make(project, "ExternalClient")
    assert (one.spec.addresses, other.spec.addresses) == (("198.51.100.10",), ("198.51.100.11",))
    _, host = make(project, "ExternalHost")
    assert host.spec.addresses == ("192.0.2.10",) and host.spec.names


@pytest.mark.parametrize("how", [{"kind": "Widget"}, {"kind": "IngressController", "profile": "mine"}])
def test_what_cannot_be_made_is_a_problem(how: dict[str, Any]) -> None:
    project = Project()
    edit = create.create(project, **how)
    assert not edit.ok and edit.project is project and edit.problems[0].code == "EDIT-06"


def test_a_drop_that_is_not_possible_changes_nothing() -> None:
    project, pod = make(Project(), "Pod")
    edit = create.create(project, "Node", target=pod.id)
    assert edit.project is project and edit.problems[0].title == "A Node cannot stand inside a Pod."
