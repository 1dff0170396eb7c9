"""Old API versions: renamed fields by Kubernetes' "Deprecated API Migration Guide"."""

import pytest

from designer.manifests import read_texts
from designer.model import Deployment, EndpointSlice, Ingress, KubeObject

INGRESS = """apiVersion: %s
kind: Ingress
metadata: {name: a}
spec:
  backend: {serviceName: fallback, servicePort: http}
  rules:
  - host: h.example.com
    http:
      paths:
      - path: /x
        backend: {serviceName: web, servicePort: 80}
      - pathType: Exact
        backend: {serviceName: web, servicePort: 80}
"""


def only(text: str) -> KubeObject:
    result = read_texts([("f.yaml", text)], assuming=False)
    assert not result.problems
    (obj,) = result.project.all()
    return obj


@pytest.mark.parametrize("api", ["extensions/v1beta1", "networking.k8s.io/v1beta1"])
def test_old_ingress(api: str) -> None:
    ingress = only(INGRESS % api)
    assert isinstance(ingress, Ingress)
    assert ingress.dump()["spec"] == {
        "defaultBackend": {"service": {"name": "fallback", "port": {"name": "http"}}},
        "rules": [
            {
                "host": "h.example.com",
                "http": {
                    "paths": [
                        {
                            "path": "/x",
                            "pathType": "ImplementationSpecific",
                            "backend": {"service": {"name": "web", "port": {"number": 80}}},
                        },
                        {"pathType": "Exact", "backend": {"service": {"name": "web", "port": {"number": 80}}}},
                    ]
                },
            }
        ],
    }
    assert ingress.apiVersion == "networking.k8s.io/v1"


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("extensions/v1beta1", "Deployment"),
        ("apps/v1beta1", "Deployment"),
        ("apps/v1beta2", "Deployment"),
        ("apps/v1beta1", "StatefulSet"),
        ("extensions/v1beta1", "DaemonSet"),
        ("apps/v1beta2", "ReplicaSet"),
        ("extensions/v1beta1", "NetworkPolicy"),
        ("batch/v1beta1", "CronJob"),
        ("networking.k8s.io/v1beta1", "IngressClass"),
        ("networking.k8s.io/v1alpha1", "ServiceCIDR"),
    ],
)
def test_old_versions_become_current(api: str, kind: str) -> None:
    obj = only(f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: a}}\n")
    assert kind == obj.KIND and obj.apiVersion == obj.API_VERSION


def test_selector_of_old_workloads_defaults_to_the_template_labels() -> None:
    text = "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\n"
    text += "spec: {template: {metadata: {labels: {x: '1'}}}}\n"
    workload = only(text)
    assert isinstance(workload, Deployment) and workload.spec.selector is not None
    assert workload.spec.selector.matchLabels == {"x": "1"}


def test_old_endpoint_slice() -> None:
    text = """apiVersion: discovery.k8s.io/v1beta1
kind: EndpointSlice
metadata: {name: a}
addressType: IPv4
endpoints:
- addresses: [10.0.0.1]
  topology: {kubernetes.io/hostname: node-1, topology.kubernetes.io/zone: z1}
"""
    piece = only(text)
    assert isinstance(piece, EndpointSlice)
    assert (piece.endpoints[0].nodeName, piece.endpoints[0].zone) == ("node-1", "z1")


def test_version_that_nobody_served_is_kept_with_a_message() -> None:
    result = read_texts([("f.yaml", "apiVersion: apps/v9\nkind: Deployment\nmetadata: {name: a}\n")], assuming=False)
    (entry,) = result.report.of("kept")
    assert "apps/v9" in entry.text and "apps/v1 is" in entry.text
    assert [(problem.code, problem.severity) for problem in result.problems] == [("READ-12", "warning")]
