"""Backends that controllers treat differently: ExternalName Services, endpoints that end; Ingresses of one host."""

import pytest

from designer.engine.compile import compile_project
from designer.engine.l7.asked import Asked
from designer.engine.l7.outcome import Answer
from designer.engine.l7.targets import Target, Targets
from designer.engine.l7.urls import Scheme
from designer.manifests import read_texts

CLUSTER = """\
apiVersion: v1
kind: Node
metadata: {name: node-1}
---
apiVersion: v1
kind: Service
metadata: {name: away, namespace: shop}
spec: {type: ExternalName, externalName: api.example.com, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: ending, namespace: shop}
spec: {ports: [{name: http, port: 80}], clusterIP: 10.96.3.3}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ending-1, namespace: shop, labels: {kubernetes.io/service-name: ending}}
addressType: IPv4
endpoints: [{addresses: [10.244.0.77], conditions: {ready: false, serving: true, terminating: true}}]
ports: [{name: http, port: 8080, protocol: TCP}]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: c}
spec: {controller: CONTROLLER}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: one, namespace: shop}
spec:
  ingressClassName: c
  rules:
  - host: a.example.com
    http: {paths: [{path: /away, pathType: Prefix, backend: {service: {name: away, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: two, namespace: shop}
spec:
  ingressClassName: c
  rules:
  - host: a.example.com
    http: {paths: [{path: /ending, pathType: Prefix, backend: {service: {name: ending, port: {number: 80}}}}]}
"""
NGINX, TRAEFIK = "k8s.io/ingress-nginx", "traefik.io/ingress-controller"


def answer(controller: str, path: str) -> Answer:
    project = read_texts([("cluster.yaml", CLUSTER.replace("CONTROLLER", controller))]).project
    assert project is not None
    state = compile_project(project)
    targets = Targets(state.project, state.control, state.routes, state.gateways)
    return targets.answer(Target("", "c"), Asked("http", "a.example.com", 80, path))


def test_traefik_refuses_external_names_unless_told_otherwise() -> None:
    """ingress-gateway.md 4, row 'Traefik, ExternalName': traefik, loadService, "externalName services not allowed"."""
    found = answer(TRAEFIK, "/away")
    assert found.undecided
    assert "refuses unless allowExternalNameServices is on" in found.reason
    assert (answer(NGINX, "/away").status, answer(NGINX, "/away").backend) == (200, "shop/away")


@pytest.mark.parametrize(("controller", "status"), [(TRAEFIK, 200), (NGINX, 503)])
def test_endpoints_that_end_and_still_serve(controller: str, status: int) -> None:
    """ingress-gateway.md 4, rows 'Traefik, serving' and 'No endpoint': nginx wants them ready."""
    assert answer(controller, "/ending").status == status


@pytest.mark.parametrize(
    ("tls", "note", "scheme", "said"),
    [
        ("[{hosts: [a.example.com], secretName: gone}]", "", "https", True),
        ("[{secretName: gone}]", "", "https", True),
        ("[{hosts: [a.example.com], secretName: gone}]", "", "http", False),
        ("[{hosts: [b.example.com], secretName: gone}]", "", "https", False),
        ("[{hosts: [a.example.com]}]", "", "https", False),
        ("[{hosts: [a.example.com], secretName: there}]", "", "https", False),
        ("[{hosts: [a.example.com], secretName: gone}]", "cert-manager.io/cluster-issuer: le", "https", False),
    ],
)
def test_the_certificate_that_clients_see(tls: str, note: str, scheme: Scheme, said: bool) -> None:
    """ingress-gateway.md 2, rows 'TLS' and 'Missing Secret': HTTPS answers all the same."""
    text = CLUSTER.replace("CONTROLLER", NGINX).replace("metadata: {name: one, namespace: shop}", (
        f"metadata: {{name: one, namespace: shop, annotations: {{{note}}}}}"))  # fmt: skip
    text = text.replace("spec:\n  ingressClassName: c\n", f"spec:\n  tls: {tls}\n  ingressClassName: c\n", 1)
    text += "---\napiVersion: v1\nkind: Secret\nmetadata: {name: there, namespace: shop}\ntype: kubernetes.io/tls\n"
    project = read_texts([("cluster.yaml", text)]).project
    assert project is not None
    state = compile_project(project)
    targets = Targets(state.project, state.control, state.routes, state.gateways)
    port = 443 if scheme == "https" else 80
    found = targets.answer(Target("", "c"), Asked(scheme, "a.example.com", port, "/away"))
    assert ("Secret shop/gone is not in the input" in found.beside) is said


def test_ingresses_of_one_host_are_one_server() -> None:
    """ingress-gateway.md 4, row 'ingress-nginx, merged': each path is found, whichever Ingress has it."""
    assert [answer(NGINX, path).route for path in ("/away", "/ending")] == ["Ingress shop/one", "Ingress shop/two"]
