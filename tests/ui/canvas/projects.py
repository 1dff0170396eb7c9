"""Small projects for the canvas' tests: two Nodes, a Service with three Pods, Ingresses, a policy, a client."""

from __future__ import annotations

from functools import lru_cache

from designer.engine.compile import ClusterState, compile_project
from designer.manifests import read_texts
from designer.model import Project
from designer.resources import resource_path
from designer.storage import open_file

SAMPLES = ("first-steps", "shop", "two-controllers", "exposure", "broken")

NODE = """
apiVersion: v1
kind: Node
metadata: {name: %s}
status: {addresses: [{type: InternalIP, address: %s}]}
---
"""

SHOP = (
    NODE % ("node-1", "192.168.10.11")
    + NODE % ("node-2", "192.168.10.12")
    + """
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: guard, namespace: shop}
spec: {podSelector: {matchLabels: {app: cart}}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: web}
spec: {controller: traefik.io/ingress-controller}
---
apiVersion: design.cluster-network-designer/v1
kind: IngressController
metadata: {name: traefik, namespace: shop}
spec: {profile: traefik}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: shop}
spec:
  ingressClassName: web
  rules:
  - host: shop.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: lost, namespace: shop}
spec:
  ingressClassName: nobody
  defaultBackend: {service: {name: cart, port: {number: 80}}}
---
apiVersion: design.cluster-network-designer/v1
kind: ExternalClient
metadata: {name: client}
spec: {addresses: [198.51.100.7]}
"""
)


@lru_cache(maxsize=8)
def project_of(text: str = SHOP) -> Project:
    """The project that manifests make."""
    return read_texts([("test.yaml", text)]).project


@lru_cache(maxsize=8)
def state_of(text: str = SHOP) -> ClusterState:
    """Its compiled state."""
    return compile_project(project_of(text))


@lru_cache(maxsize=8)
def sample_state(name: str) -> ClusterState:
    """The compiled state of one of the program's own samples."""
    project = open_file(resource_path("samples", f"{name}.cnd")).project
    assert project is not None
    return compile_project(project)
