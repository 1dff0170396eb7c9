"""Gateway API objects as a person makes, drops, renames, copies and removes them.

What the API server holds of each object is asked of the schemas of `engine.l7.gateway` (Gateway API's CRDs); names of
made objects and their label are those of GEP-1762.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from designer.edits.clipboard import copy, paste
from designer.edits.create import create
from designer.edits.drops import may_drop, may_move, move
from designer.edits.fields import rename, set_field
from designer.edits.kept import change_field, rename_any
from designer.edits.keptreferences import name_of
from designer.edits.remove import remove
from designer.engine.compile import compile_project
from designer.engine.l7.gateway.objects import read_object
from designer.manifests import read_texts
from designer.model import ForeignObject, Project

API = "gateway.networking.k8s.io/v1"
ROUTE = f"{API}/HTTPRoute:shop/cart"
GATEWAY = f"{API}/Gateway:infra/edge"
LABEL = "gateway.networking.k8s.io/gateway-name"
TEXT = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: edge-data, namespace: infra, labels: {gateway.networking.k8s.io/gateway-name: edge}}
spec: {type: LoadBalancer, selector: {app: edge}, ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: own}
spec: {controllerName: example.com/own}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec:
  gatewayClassName: own
  listeners:
  - {name: https, port: 443, protocol: HTTPS, allowedRoutes: {namespaces: {from: All}},
     tls: {certificateRefs: [{name: own-cert, namespace: shop}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{name: edge, namespace: infra, sectionName: https}]
  rules:
  - backendRefs: [{name: cart, port: 80, weight: 3}, {name: other, namespace: far, port: 80}]
    filters: [{type: RequestMirror, requestMirror: {backendRef: {name: cart, port: 80}}}]
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: certs, namespace: shop}
spec:
  from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}]
  to: [{group: "", kind: Secret, name: own-cert}, {group: "", kind: Service, name: cart}]
---
apiVersion: v1
kind: Secret
metadata: {name: own-cert, namespace: shop}
type: kubernetes.io/tls
"""


def project() -> Project:
    result = read_texts([("a.yaml", TEXT)])
    assert len(result.project.foreign) == 5
    return result.project


def spec(found: Project, kind: str) -> dict[str, Any]:
    (data,) = [one.data for oid, one in found.foreign.items() if name_of(oid)[1] == kind]
    return data["spec"]  # type: ignore[no-any-return]


def test_new_objects_are_what_the_crds_let_in() -> None:
    made = create(Project(), "Gateway", namespace="infra").project
    made = create(made, "HTTPRoute", namespace="shop").project
    made = create(made, "ReferenceGrant", namespace="far").project
    assert [name_of(oid)[1] for oid in made.foreign] == ["Gateway", "GatewayClass", "HTTPRoute", "ReferenceGrant"]
    for kept in made.foreign.values():
        found, problems = read_object(kept)
        assert found is not None and problems == ()
    assert spec(made, "ReferenceGrant")["from"][0]["namespace"] == "shop"


def test_a_new_gateway_carries_traffic_and_comes_with_what_its_controller_makes() -> None:
    edit = create(Project(), "Gateway", namespace="infra", view="nodes", at=(8.0, 16.0))
    state = compile_project(edit.project)
    (gateway,) = state.gateways.gateways.values()
    assert gateway.carries and edit.select == (f"{API}/Gateway:infra/web",)
    service = edit.project.objects["Service"]["Service:infra/web-gateway"]
    assert service.labels[LABEL] == "web"
    (pod, _other) = (found for found in state.control.pods.values())
    assert pod.labels[LABEL] == "web"
    place = edit.project.canvas.placement(edit.select[0], "nodes")
    assert place is not None and (place.x, place.y, place.pinned) == (8.0, 16.0, True)
    again = create(edit.project, "Gateway", namespace="infra").project
    assert len([oid for oid in again.foreign if "/GatewayClass:" in oid]) == 1, "the class is there already"
    assert f"{API}/Gateway:infra/web-2" in again.foreign


def test_a_route_on_a_service_works_at_once() -> None:
    before = create(create(Project(), "Service", namespace="shop").project, "Gateway", namespace="infra").project
    answer = may_drop(before, "HTTPRoute", "Service:shop/web")
    assert answer.ok and answer.reason == "The HTTPRoute will lead to this Service, port 80, by Gateway web."
    edit = create(before, "HTTPRoute", target="Service:shop/web")
    found = compile_project(edit.project).gateways
    assert {(c.type, c.status) for c in found.conditions if c.object == "HTTPRoute shop/web"} == {
        ("Accepted", "True"),
        ("ResolvedRefs", "True"),
    }


def test_a_route_on_a_gateway_is_attached_to_it() -> None:
    edit = create(project(), "HTTPRoute", target=GATEWAY)
    assert edit.project.foreign[edit.select[0]].data["spec"]["parentRefs"] == [{"name": "edge"}]
    assert may_drop(project(), "HTTPRoute", GATEWAY).reason == "The HTTPRoute will be attached to Gateway edge."


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        ("Gateway", "Service:shop/cart", "A Gateway has nothing to do with a Service."),
        ("HTTPRoute", ROUTE, "An HTTPRoute has nothing to do with an HTTPRoute."),
        ("Gateway", f"{API}/Gateway:infra/gone", "Gateway gone is not in the project."),
    ],
)
def test_what_a_drop_cannot_mean_is_refused_in_words(kind: str, target: str, words: str) -> None:
    answer = may_drop(project(), kind, target)
    assert not answer.ok and answer.reason == words
    edit = create(project(), kind, target=target)
    assert not edit.ok and edit.problems[0].title == words


def test_a_route_that_is_there_leads_to_a_service_more() -> None:
    before = create(project(), "Service", namespace="shop").project
    edit = move(before, ROUTE, "Service:shop/web")
    assert edit.ok and edit.label == "Lead HTTPRoute cart to Service web"
    assert spec(edit.project, "HTTPRoute")["rules"][0]["backendRefs"][-1] == {"name": "web", "port": 80}
    again = move(edit.project, ROUTE, "Service:shop/web")
    assert not again.ok and again.problems[0].title == "Its first rule leads to this Service already."


def test_a_route_that_redirects_leads_to_no_service() -> None:
    """HTTPRouteRule: "RequestRedirect filter must not be used together with backendRefs"."""
    before = create(project(), "Service", namespace="shop").project
    kept = before.foreign[ROUTE]
    rule = {"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}]}
    data = {**kept.data, "spec": {**kept.data["spec"], "rules": [rule]}}
    before = replace(before, foreign=before.foreign.merged({ROUTE: replace(kept, data=data)}))
    answer = may_move(before, ROUTE, "Service:shop/web")
    assert not answer.ok and answer.reason.startswith("Its first rule redirects")
    assert not move(before, ROUTE, "Service:shop/web").ok


def test_a_route_that_is_there_is_attached_to_another_gateway() -> None:
    before = create(project(), "Gateway", namespace="shop").project
    other = f"{API}/Gateway:shop/web"
    edit = move(before, ROUTE, other)
    assert edit.ok and edit.label == "Attach HTTPRoute cart to Gateway web"
    assert spec(edit.project, "HTTPRoute")["parentRefs"][1:] == [{"name": "web"}]
    assert not may_move(edit.project, ROUTE, other).ok


def test_routes_follow_a_service_to_its_new_name_and_others_stay() -> None:
    edit = rename(project(), "Service:shop/cart", "basket")
    rule = spec(edit.project, "HTTPRoute")["rules"][0]
    assert rule["backendRefs"] == [
        {"name": "basket", "port": 80, "weight": 3},
        {"name": "other", "namespace": "far", "port": 80},
    ]
    assert rule["filters"][0]["requestMirror"]["backendRef"]["name"] == "basket"
    assert spec(edit.project, "ReferenceGrant")["to"][1]["name"] == "basket"
    assert edit.project.foreign[GATEWAY] is project().foreign[GATEWAY] or edit.project.foreign[GATEWAY].data == (
        project().foreign[GATEWAY].data
    )


def test_routes_follow_a_service_into_another_namespace() -> None:
    edit = set_field(project(), "Service:shop/cart", "metadata.namespace", "store")
    assert spec(edit.project, "HTTPRoute")["rules"][0]["backendRefs"][0] == {
        "name": "cart",
        "namespace": "store",
        "port": 80,
        "weight": 3,
    }


def test_routes_and_labels_follow_a_gateway_to_its_new_name() -> None:
    edit = rename_any(project(), GATEWAY, "front")
    assert edit.ok and edit.select == (f"{API}/Gateway:infra/front",) and edit.label == "Rename Gateway edge to front"
    assert spec(edit.project, "HTTPRoute")["parentRefs"] == [
        {"name": "front", "namespace": "infra", "sectionName": "https"}
    ]
    service = edit.project.get("Service:infra/edge-data")
    assert service is not None and service.labels[LABEL] == "front"


def test_a_gateway_follows_its_class() -> None:
    edit = rename_any(project(), f"{API}/GatewayClass:own", "theirs")
    assert spec(edit.project, "Gateway")["gatewayClassName"] == "theirs"


def test_references_follow_a_namespace_to_its_new_name() -> None:
    placed = project()
    edit = rename(placed, "Namespace:shop", "store")
    after = edit.project
    assert f"{API}/HTTPRoute:store/cart" in after.foreign and ROUTE not in after.foreign
    assert after.provenance[f"{API}/HTTPRoute:store/cart"].file == "a.yaml"
    assert spec(after, "Gateway")["listeners"][0]["tls"]["certificateRefs"] == [
        {"name": "own-cert", "namespace": "store"}
    ]
    refs = spec(after, "HTTPRoute")["rules"][0]["backendRefs"]
    assert refs == [{"name": "cart", "port": 80, "weight": 3}, {"name": "other", "namespace": "far", "port": 80}]
    states = (compile_project(found).gateways.listeners for found in (placed, after))
    assert [[one.attached for one in found] for found in states] == [[1], [1]], "the route stays attached"


def test_a_grant_follows_whom_it_trusts() -> None:
    before = project().with_object(create(Project(), "Namespace").project.objects["Namespace"]["Namespace:team"])
    named = before.foreign[f"{API}beta1/ReferenceGrant:shop/certs"]
    data = {**named.data, "spec": {**named.data["spec"], "from": [
        {"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "team"}]}}  # fmt: skip
    kept = before.foreign.set(named.id, ForeignObject(named.id, data))
    after = rename(_with(before, kept), "Namespace:team", "crew").project
    assert spec(after, "ReferenceGrant")["from"][0]["namespace"] == "crew"


def _with(found: Project, foreign: Any) -> Project:
    from dataclasses import replace

    return replace(found, foreign=foreign)


def test_copies_get_free_names_and_follow_each_other() -> None:
    text = copy(project(), [ROUTE, GATEWAY, "Service:shop/cart"])
    edit = paste(project(), text)
    assert edit.ok and edit.label == "Paste 3 objects"
    route = edit.project.foreign[f"{API}/HTTPRoute:shop/cart-2"].data["spec"]
    assert route["parentRefs"][0]["name"] == "edge-2"
    assert [ref["name"] for ref in route["rules"][0]["backendRefs"]] == ["cart-2", "other"]
    assert spec(project(), "HTTPRoute")["parentRefs"][0]["name"] == "edge"


def test_a_namespace_is_copied_with_its_routes() -> None:
    edit = paste(project(), copy(project(), ["Namespace:shop"]))
    new = edit.project.foreign[f"{API}/HTTPRoute:shop-2/cart"].data
    assert new["metadata"] == {"name": "cart", "namespace": "shop-2"}
    assert new["spec"]["rules"][0]["backendRefs"][0] == {"name": "cart", "port": 80, "weight": 3}


def test_a_removed_gateway_takes_what_its_controller_made() -> None:
    edit = remove(project(), [GATEWAY])
    assert edit.label == "Delete Gateway edge"
    assert GATEWAY not in edit.project.foreign and edit.project.get("Service:infra/edge-data") is None
    assert ROUTE in edit.project.foreign and edit.project.get("Service:shop/cart") is not None


def test_fields_of_kept_objects_are_set_one_by_one() -> None:
    edit = change_field(project(), ROUTE, "spec.hostnames", ["a.example.com"])
    assert edit.ok and edit.merge_key == f"{ROUTE}:spec.hostnames"
    assert spec(edit.project, "HTTPRoute")["hostnames"] == ["a.example.com"]
    assert "hostnames" not in spec(project(), "HTTPRoute"), "the project before stays as it was"
    gone = change_field(edit.project, ROUTE, "spec.hostnames", None).project
    assert "hostnames" not in spec(gone, "HTTPRoute")
    same = change_field(project(), ROUTE, "spec.rules[0].backendRefs[0].weight", 3)
    assert same.project.foreign[ROUTE].data == project().foreign[ROUTE].data


@pytest.mark.parametrize("name", ["Bad Name", "cart_2", ""])
def test_names_that_no_object_can_have_are_refused(name: str) -> None:
    edit = rename_any(project(), ROUTE, name)
    assert not edit.ok and edit.project.foreign[ROUTE].data["metadata"]["name"] == "cart"


def test_a_name_that_another_version_of_the_api_uses_is_taken() -> None:
    before = create(project(), "HTTPRoute", namespace="shop").project
    old = before.foreign[f"{API}/HTTPRoute:shop/cart-2"]
    older = ForeignObject(old.id.replace("/v1/", "/v1beta1/"), {**old.data, "apiVersion": f"{API}beta1"})
    kept = before.foreign.without(old.id).set(older.id, older)
    edit = rename_any(_with(before, kept), ROUTE, "cart-2")
    assert not edit.ok and edit.problems[0].title == "cart-2 already exists"
