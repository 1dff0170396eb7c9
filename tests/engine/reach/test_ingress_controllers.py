"""What Ingresses and Routes lead to from a controller that is not in the input (issue 5; route/v1 of openshift/api)."""

from typing import Any

import pytest

from designer.engine.compile import compile_project
from designer.engine.reach import Reach, explanations, reach
from designer.manifests import read_texts

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}, {containerPort: 9090}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: web, port: 80, targetPort: http}, {name: admin, port: 81, targetPort: 9090}, {name: lost, port: 82}]
"""
INGRESS = """\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  rules:
  - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: PORT}}}]}
"""
ROUTE = """\
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web, namespace: shop}
spec: SPEC
"""
POLICY = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [RULE]}
"""
CONTROLLER = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller, namespace: ingress-nginx}
spec:
  selector: {matchLabels: {app: controller}}
  template:
    metadata: {labels: {app: controller}}
    spec: {containers: [{name: c, image: "registry.k8s.io/ingress-nginx/controller:v1.12.0", args: ARGS}]}
"""


def found(*texts: str) -> Reach:
    result = read_texts([("all.yaml", "".join(texts))])
    return reach(compile_project(result.project))


def lines(*texts: str) -> dict[str, str]:
    return {dst.text: ports.text() for dst, ports in found(*texts).ingress_lines()}


def ingress(port: str) -> str:
    return INGRESS.replace("PORT", port)


@pytest.mark.parametrize(
    ("port", "ports"),
    [("{number: 80}", "TCP 8080"), ("{name: admin}", "TCP 9090"), ("{number: 8080}", None), ("{name: other}", None)],
)
def test_an_ingress_leads_to_the_container_port_behind_the_service_port(port: str, ports: str | None) -> None:
    assert lines(WEB, ingress(port)).get("shop/web[Deployment]") == ports


def test_several_ingresses_are_one_line() -> None:
    second = ingress("{number: 81}").replace("name: web, namespace: shop}\nspec", "name: more, namespace: shop}\nspec")
    assert lines(WEB, ingress("{number: 80}"), second) == {"shop/web[Deployment]": "TCP 8080, TCP 9090"}


def test_a_default_backend_leads_there_too() -> None:
    spec = "spec:\n  defaultBackend: {service: {name: web, port: {number: 80}}}\n"
    assert lines(WEB, INGRESS.partition("spec:")[0] + spec) == {"shop/web[Deployment]": "TCP 8080"}


def test_a_target_port_that_no_container_declares_is_said_and_left_out() -> None:
    answer = found(WEB, ingress("{number: 82}"))
    assert not list(answer.ingress_lines())
    assert any("port 82, which no container of shop/web[Deployment] declares" in note for note in answer.notes)


def test_an_ingress_of_another_namespace_does_not_lead_there() -> None:
    assert lines(WEB, ingress("{number: 80}").replace("namespace: shop", "namespace: other")) == {}


@pytest.mark.parametrize(
    ("spec", "ports"),
    [
        ("{to: {kind: Service, name: web}, port: {targetPort: web}}", "TCP 8080"),
        ("{to: {kind: Service, name: web}, port: {targetPort: http}}", "TCP 8080"),
        ("{to: {kind: Service, name: web}, port: {targetPort: 9090}}", "TCP 9090"),
        ("{to: {name: web}}", "TCP 8080, TCP 9090"),
        ("{to: {name: gone}, alternateBackends: [{kind: Service, name: web}], port: {targetPort: web}}", "TCP 8080"),
        ("{to: {kind: Other, name: web}}", None),
    ],
)
def test_a_route_names_a_port_of_the_endpoints(spec: str, ports: str | None) -> None:
    assert lines(WEB, ROUTE.replace("SPEC", spec)).get("shop/web[Deployment]") == ports


@pytest.mark.parametrize(
    ("rule", "ports"),
    [
        ("{}", "TCP 8080"),
        ("{from: [{namespaceSelector: {}}]}", "TCP 8080"),
        ("{from: [{namespaceSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}}]}", "TCP 8080"),
        ("{from: [{namespaceSelector: {matchLabels: {team: a}}}]}", None),
        ("{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: controller}}}]}", None),
        ("{from: [{podSelector: {}}]}", None),
        ("{ports: [{port: http}]}", "TCP 8080"),
        ("{ports: [{port: 9090}]}", None),
    ],
)
def test_policies_take_what_they_deny_to_an_unlabelled_pod_of_a_foreign_namespace(rule: str, ports: str | None) -> None:
    answer = lines(WEB, ingress("{number: 80}"), POLICY.replace("RULE", rule))
    assert answer.get("shop/web[Deployment]") == ports


def test_a_controller_of_the_input_speaks_for_itself() -> None:
    served = CONTROLLER.replace("ARGS", '["--watch-ingress-without-class=true"]')
    assert lines(WEB, ingress("{number: 80}"), served) == {}
    other = CONTROLLER.replace("ARGS", "[]")
    assert lines(WEB, ingress("{number: 80}"), other) == {"shop/web[Deployment]": "TCP 8080"}, "it does not serve it"


def test_the_line_is_explained_with_the_policies_of_the_workload() -> None:
    answer = found(WEB, ingress("{number: 80}"), POLICY.replace("RULE", "{ports: [{port: 9090}]}"))
    (why,) = [one for one in explanations(answer) if one.src == "{ingress-controller}"]
    assert (why.allowed, why.ports.text(), why.egress.verdict) == (False, "TCP 8080", "default")
    assert (why.ingress.verdict, why.ingress.policies) == ("deny", ("NetworkPolicy shop/web",))


def test_the_line_is_in_the_focus_of_its_workload_and_of_the_controller() -> None:
    answer = found(WEB, ingress("{number: 80}"), CONTROLLER.replace("ARGS", "[]"))

    def named(name: str) -> tuple[list[Any], list[Any]]:
        focused = answer.focused(name)
        assert focused is not None
        return [src.text for src, _, _ in focused.rows()], [dst.text for dst, _ in focused.ingress_lines()]

    assert named("{ingress-controller}") == ([], ["shop/web[Deployment]"])
    assert named("shop/web")[1] == ["shop/web[Deployment]"]
    assert named("ingress-nginx/controller")[1] == []


HTTP = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: ROUTE}
spec:
  parentRefs: [PARENT]
  rules:
  - backendRefs: [BACKENDS]
"""
GATEWAY = "{name: edge, namespace: infra}"
GRANT = """\
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: g, namespace: shop}
spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: other}], to: [{group: "", kind: Service}]}
"""
PROXY = """\
---
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: infra, labels: {gateway.networking.k8s.io/gateway-name: edge}}
spec: {containers: [{name: envoy, image: envoy}]}
"""


def http(backends: str, namespace: str = "shop", parent: str = GATEWAY) -> str:
    return (
        HTTP.replace("BACKENDS", backends)
        .replace("namespace: ROUTE", f"namespace: {namespace}")
        .replace("PARENT", parent)
    )


@pytest.mark.parametrize(
    ("texts", "ports"),
    [
        ((http("{name: web, port: 80}"),), "TCP 8080"),
        ((http("{name: web, port: 80}").replace("HTTPRoute", "GRPCRoute"),), "TCP 8080"),
        ((http("{name: web, port: 80, weight: 0}, {name: web, port: 81, weight: 1}"),), "TCP 9090"),
        ((http("{name: web, port: 8080}"),), None),
        ((http("{name: web, port: 80, kind: Bucket, group: storage.example.com}"),), None),
        ((http("{name: web, port: 80}", parent="{name: web, kind: Service, group: ''}"),), None),
        ((http("{name: web, namespace: shop, port: 80}", "other"),), None),
        ((http("{name: web, namespace: shop, port: 80}", "other"), GRANT), "TCP 8080"),
        ((http("{name: web, port: 80}"), PROXY), None),
        ((http("{name: web, port: 80}"), POLICY.replace("RULE", "{ports: [{port: 9090}]}")), None),
    ],
)
def test_a_route_of_the_gateway_api_leads_to_its_backends(texts: tuple[str, ...], ports: str | None) -> None:
    """Gateway API, HTTPRoute (weight, backendRefs) and ReferenceGrant; GEP-1762 for the Pods of a Gateway."""
    assert lines(WEB, *texts).get("shop/web[Deployment]") == ports


EDGE = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec:
  gatewayClassName: eg
  listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
"""


@pytest.mark.parametrize(
    ("labels", "ports"),
    [
        ("app: other", "TCP 8080"),
        (
            "gateway.envoyproxy.io/owning-gateway-name: edge, gateway.envoyproxy.io/owning-gateway-namespace: infra",
            None,
        ),
        ("gateway.envoyproxy.io/owning-gatewayclass: eg", None),
    ],
)
def test_proxies_that_their_controllers_own_labels_tell_have_lines_of_their_own(labels: str, ports: str | None) -> None:
    # envoyproxy/gateway: its proxies run in its own namespace, with labels for name and namespace of the Gateway.
    proxy = PROXY.replace("namespace: infra, ", "namespace: eg-system, ")
    proxy = proxy.replace("gateway.networking.k8s.io/gateway-name: edge", labels)
    assert lines(WEB, EDGE, http("{name: web, port: 80}"), proxy).get("shop/web[Deployment]") == ports
