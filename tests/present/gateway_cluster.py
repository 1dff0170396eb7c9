"""A cluster with a Gateway and routes of every fate, for tests of what is shown of them."""

from __future__ import annotations

from functools import lru_cache

from designer.engine.compile import ClusterState, compile_project
from designer.manifests import read_texts
from designer.model import Project

API = "gateway.networking.k8s.io/v1"
EDGE = f"{API}/Gateway:infra/edge"
CART, FAR, LOST, CLOSED = (f"{API}/HTTPRoute:{name}" for name in ("shop/cart", "shop/far", "shop/lost", "shop/closed"))
TEXT = """\
apiVersion: v1
kind: Node
metadata: {name: node-1}
status: {addresses: [{type: InternalIP, address: 192.168.10.11}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge-own, namespace: infra, labels: {gateway.networking.k8s.io/gateway-name: edge}}
spec:
  replicas: 1
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, gateway.networking.k8s.io/gateway-name: edge}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: edge-own, namespace: infra, labels: {gateway.networking.k8s.io/gateway-name: edge}}
spec: {type: LoadBalancer, selector: {app: edge}, ports: [{port: 80}]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.10}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart-new, namespace: shop}
spec: {selector: {app: cart-new}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: vault, namespace: far}
spec: {selector: {app: vault}, ports: [{port: 80}]}
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
  - {name: http, port: 80, protocol: HTTP, hostname: "*.example.com", allowedRoutes: {namespaces: {from: All}}}
  - {name: inner, port: 8080, protocol: HTTP}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{name: edge, namespace: infra, sectionName: http}]
  hostnames: [cart.example.com]
  rules:
  - matches: [{path: {type: PathPrefix, value: /cart}}]
    backendRefs: [{name: cart, port: 80, weight: 3}, {name: cart-new, port: 80, weight: 1}]
  - matches: [{path: {type: Exact, value: /old}}]
    filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /cart}}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: far, namespace: shop}
spec:
  parentRefs: [{name: edge, namespace: infra, sectionName: http}]
  hostnames: [far.example.com]
  rules:
  - backendRefs: [{name: vault, namespace: far, port: 80}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: lost, namespace: shop}
spec:
  parentRefs: [{name: nowhere, namespace: infra}]
  rules:
  - backendRefs: [{name: cart, port: 80}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: closed, namespace: shop}
spec:
  parentRefs: [{name: edge, namespace: infra, sectionName: inner}]
  rules:
  - backendRefs: [{name: cart, port: 80}]
"""
GRANT = """\
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: shop, namespace: far}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
  to: [{group: "", kind: Service}]
"""


@lru_cache(maxsize=4)
def gateway_project(*more: str) -> Project:
    """The project, with more manifests."""
    return read_texts([("edge.yaml", TEXT), *((f"more-{n}.yaml", text) for n, text in enumerate(more))]).project


@lru_cache(maxsize=4)
def gateway_state(*more: str) -> ClusterState:
    """The compiled cluster."""
    return compile_project(gateway_project(*more))
