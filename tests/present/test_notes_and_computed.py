"""Notes beside a form, what was computed, what is pinned: on the shop sample, counted in its manifests by hand."""

from functools import lru_cache

import pytest

from designer.edits.fields import set_field
from designer.engine.compile import ClusterState, compile_project
from designer.model import EMPTY_PROJECT, ExternalHost, Project, Scenario
from designer.present.computed_rows import MOST_ROWS, computed
from designer.present.dns_rows import lookup_json, lookup_text, outcome_text, source_pods
from designer.present.match_notes import (
    MatchNote,
    label_selector_note,
    namespace_selector_note,
    port_chain_note,
    service_selector_note,
)
from designer.present.pinned_rows import pinned_to
from designer.resources import resource_path
from designer.storage import open_file


@lru_cache
def state_of(name: str = "shop") -> ClusterState:
    project = open_file(resource_path("samples", f"{name}.cnd")).project
    assert project is not None
    return compile_project(project)


def test_selectors_are_counted() -> None:
    state = state_of()
    assert service_selector_note(state, "shop", {"app": "api"}) == MatchNote("matches 3 Pods")
    assert service_selector_note(state, "monitoring", {"app": "api"}) == MatchNote("matches 0 Pods", "warning")
    assert service_selector_note(state, "shop", None).mood == "warning"
    # An empty map selects nothing for a Service (there are no endpoints), everything for a policy.
    assert service_selector_note(state, "shop", {}).text == "matches 0 Pods"
    assert label_selector_note(state, "shop", {}).text == "matches 6 Pods"
    assert label_selector_note(state, None, {"matchLabels": {"app": "prober"}}).text == "matches 1 Pod"
    assert label_selector_note(state, "shop", None).text == ""
    assert namespace_selector_note(state, {"matchLabels": {"purpose": "monitoring"}}).text == "matches 1 namespace"


@pytest.mark.parametrize(
    ("port", "note"),
    [
        ({"port": 80, "targetPort": "http"}, MatchNote("✓ 80 → http (8080) → 3 of 3 Pods")),
        ({"port": 8080}, MatchNote("✓ 8080 → 8080 → 3 of 3 Pods")),
        ({"port": 80}, MatchNote("! 80 → 80: no container declares TCP 80", "warning")),
        ({"port": 80, "targetPort": "web"}, MatchNote("✕ 80 → web: no container has a TCP port of this name", "error")),
        (
            {"port": 80, "targetPort": "http", "protocol": "UDP"},
            MatchNote("✕ 80 → http: no container has a UDP port of this name", "error"),
        ),
        ({}, MatchNote("")),
    ],
)
def test_the_way_of_a_service_port(port: dict[str, object], note: MatchNote) -> None:
    assert port_chain_note(state_of(), "shop", {"app": "api"}, port) == note


def test_a_port_without_pods_leads_nowhere() -> None:
    assert port_chain_note(state_of(), "shop", {"app": "no"}, {"port": 80}).mood == "warning"
    assert port_chain_note(state_of(), "shop", None, {"port": 80, "targetPort": 8080}).text == "80 → 8080"


def sections(state: ClusterState, oid: str) -> dict[str, list[tuple[str, str, str]]]:
    return {part.title: [(row.main, row.oid, row.mood) for row in part.rows] for part in computed(state, oid)}


def test_a_service_has_its_addresses_and_endpoints() -> None:
    state = state_of()
    found = sections(state, "Service:shop/frontend")
    service = state.control.services["Service:shop/frontend"]
    assert [main for main, _, _ in found["Addresses"]] == [service.cluster_ips[0], "*:30080"]
    pods = {
        pod.id: f"{pod.ips[0]}:8080" for pod in state.control.pods.values() if pod.owner == "Deployment:shop/frontend"
    }
    assert {oid: main for main, oid, _ in found["Endpoints"]} == pods
    assert sections(state, "Service:shop/db")["Addresses"] == [("None", "", "")]


def test_a_local_service_lists_the_nodes_without_endpoint() -> None:
    project = state_of().project
    service = project.get("Service:shop/frontend")
    assert service is not None
    local = service.replace(spec={**service.dump()["spec"], "externalTrafficPolicy": "Local"})
    state = compile_project(project.with_object(local))
    with_pod = {pod.node for pod in state.control.pods.values() if pod.owner == "Deployment:shop/frontend"}
    bare = [name for name in state.control.nodes if name not in with_pod]
    assert bare
    found = sections(state, "Service:shop/frontend")["Traffic policy Local"]
    assert [(main, oid) for main, oid, _ in found] == [(name, f"Node:{name}") for name in bare]
    assert "Traffic policy Local" not in sections(state_of(), "Service:shop/frontend")


def test_a_pod_belongs_to_its_workload_and_knows_its_policies() -> None:
    state = state_of()
    pod = next(pod for pod in state.control.pods.values() if pod.owner == "Deployment:shop/api")
    found = sections(state, pod.id)
    assert found["Belongs to"] == [("Deployment shop/api", "Deployment:shop/api", "")]
    assert {oid for _, oid, _ in found["Policies that select it"]} == {
        "NetworkPolicy:shop/allow-dns",
        "NetworkPolicy:shop/api",
        "NetworkPolicy:shop/default-deny",
    }
    assert found["Behind Services"] == [("Service shop/api", "Service:shop/api", "")]


def test_a_service_without_pods_and_an_ingress_without_controller_say_so() -> None:
    state = state_of("broken")
    assert sections(state, "Service:shop/frontend")["Endpoints"] == [("none", "", "warning")]
    assert sections(state, "Ingress:shop/shop")["Served by"][0][0] == "nobody"


def test_an_ingress_leads_to_its_services() -> None:
    found = sections(state_of("two-controllers"), "Ingress:shop/shop")
    assert [(main, oid) for main, oid, _ in found["Leads to"]] == [
        ("shop.example.com/cart", "Service:shop/cart"),
        ("shop.example.com/", "Service:shop/storefront"),
    ]


def test_every_object_of_every_sample_can_be_asked_and_nothing_is_endless() -> None:
    for name in ("shop", "broken", "two-controllers", "exposure", "first-steps"):
        state = state_of(name)
        ids = [*(obj.id for obj in state.project.all()), *state.control.pods, "Pod:default/gone", "Service:x/gone"]
        for oid in ids:
            assert all(0 < len(part.rows) <= MOST_ROWS for part in computed(state, oid))


def test_an_address_is_found_wherever_it_is_written_down() -> None:
    project: Project = EMPTY_PROJECT.with_object(
        ExternalHost.model_validate({"metadata": {"name": "x"}, "spec": {"addresses": ["10.0.0.1/32", "10.0.0.11"]}})
    )
    assert [(row.oid, row.field) for row in pinned_to(project, "10.0.0.1")] == [("ExternalHost:x", "spec.addresses[0]")]
    assert pinned_to(project, "10.0.0.1", "ExternalHost:x") == ()
    assert pinned_to(project, "0.0.0.1") == ()
    shop = state_of().project
    pod = next(iter(state_of().control.pods.values()))
    edit = set_field(
        shop,
        "Deployment:shop/api",
        "spec.template.spec.containers[0].env",
        [{"name": "A", "value": f"http://{pod.ips[0]}:80/"}],
    )
    assert [row.field for row in pinned_to(edit.project, pod.ips[0])] == [
        "spec.template.spec.containers[0].env[0].value"
    ]


def test_a_scenario_pins_an_address_too() -> None:
    from dataclasses import replace

    shop = state_of().project
    named = shop.scenarios.set("by hand", Scenario(name="by hand", source="x", destination="10.9.9.9:80"))
    assert [row.object for row in pinned_to(replace(shop, scenarios=named), "10.9.9.9")] == ["Scenario by hand"]


def test_pods_that_ask_and_answers_in_words() -> None:
    from designer.engine.trace.lookup import look_up_from

    state = state_of()
    pods = source_pods(state)
    assert [pod.namespace for pod in pods] == ["monitoring", *["shop"] * 6, *["kube-system"] * 2]
    found = look_up_from(state, pods[0].id, "kubernetes.default")
    assert outcome_text(found).startswith("kubernetes.default → 10.96.0.1 (kubernetes.default.svc.cluster.local): ")
    lost = look_up_from(state, pods[0].id, "nothing.shop.svc.cluster.local")
    assert outcome_text(lost) == (
        f"nothing.shop.svc.cluster.local: {lost.reason} ({len(lost.resolution.queries)} queries, 8 of them NXDOMAIN)"
    )
    assert "UDP 53 to 10.96.0.10: answered" in lookup_text(found)
    shown = lookup_json(found)
    assert (shown["status"], shown["answers"], shown["object"]) == ("ok", ["10.96.0.1"], "Service default/kubernetes")
    assert shown["cost"]["queries"] == len(shown["queries"]) == 4
    assert [query["rcode"] for query in shown["queries"]] == ["NXDOMAIN", "NXDOMAIN", "NOERROR", "NODATA"]
