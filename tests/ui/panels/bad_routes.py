"""Wrong Ingresses and routes (expression, host, path, Secret, backend, parent, class): what each is told.

Beside each stands a good Ingress and a good HTTPRoute. Statuses, conditions and reasons are those of
`domain/ingress-gateway.md` sections 2, 3 and 6 (Gateway API: apis/v1), refusals those of the API server.
"""

from __future__ import annotations

from dataclasses import dataclass

CLUSTER = """\
apiVersion: v1
kind: Node
metadata: {name: node-1}
---
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec: {nodeName: node-1, containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: empty, namespace: shop}
spec: {selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Secret
metadata: {name: other, namespace: shop}
type: Opaque
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: gc}
spec: {controllerName: example.com/controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: shop}
spec:
  gatewayClassName: gc
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: good, namespace: shop}
spec: {parentRefs: [{name: web}], hostnames: [good.example.com], rules: [{backendRefs: [{name: cart, port: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
spec:
  replicas: 1
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge}}
    spec:
      containers:
      - {name: controller, image: "registry.k8s.io/ingress-nginx/controller:v1.15.1", args: [/nginx-ingress-controller]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: good, namespace: shop}
spec:
  ingressClassName: nginx
  rules:
  - host: good.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}
---
"""
INGRESS, ROUTE = "Ingress:shop/bad", "gateway.networking.k8s.io/v1/HTTPRoute:shop/bad"
GATEWAY = "gateway.networking.k8s.io/v1/Gateway:shop/bad"
PATH = "spec.rules[0].http.paths[0].path"
MATCH = "spec.rules[0].matches[0].path.value"
REGEX = 'nginx.ingress.kubernetes.io/use-regex: "true"'


@dataclass(frozen=True)
class Bad:
    """One mistake: its manifest and the URL asked for, and what each part of the program has to say.

    `status` and `reason` are those of ``route``; `code`, `object`, `field` and `title` the problem's; `condition` is
    (type, status, reason) in the status that a Gateway's controller would write; `gateway` is who is asked.
    """

    name: str
    manifest: str
    status: int
    reason: str
    code: str
    object: str
    field: str
    title: str
    gateway: str = ""
    condition: tuple[str, str, str] | None = None
    url: str = "http://bad.example.com/a"
    ingress_class: str = "nginx"


def ingress(
    host: str = "bad.example.com", path: str = "/a", kind: str = "Prefix", service: str = "cart", cls: str = "nginx",
    note: str = "", tls: str = "",
) -> str:  # fmt: skip
    """The wrong Ingress."""
    return f"""apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: bad, namespace: shop, annotations: {{{note}}}}}
spec:
  ingressClassName: {cls}
  tls: [{tls}]
  rules:
  - host: "{host}"
    http:
      paths:
      - path: "{path}"
        pathType: {kind}
        backend: {{service: {{name: {service}, port: {{number: 80}}}}}}
"""


def route(
    host: str = "bad.example.com", path: str = "/a", kind: str = "PathPrefix", service: str = "cart",
    parent: str = "name: web",
) -> str:  # fmt: skip
    """The wrong HTTPRoute."""
    return f"""apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: bad, namespace: shop}}
spec:
  parentRefs: [{{{parent}}}]
  hostnames: ["{host}"]
  rules:
  - matches: [{{path: {{type: {kind}, value: "{path}"}}}}]
    backendRefs: [{{name: {service}, port: 80}}]
"""


def gateway(cls: str, tls: str) -> str:
    """A wrong Gateway with a route of its own."""
    return f"""apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: bad, namespace: shop}}
spec:
  gatewayClassName: {cls}
  listeners:
  - {{name: https, port: 443, protocol: HTTPS, tls: {{certificateRefs: [{{name: {tls}}}]}}}}
  - {{name: http, port: 80, protocol: HTTP}}
---
{route(parent="name: bad")}"""


TABLE = (
    Bad("Ingress: regex", ingress(path="/a(", kind="ImplementationSpecific", note=REGEX), 0, "is no regular expression",
        "ING-97", INGRESS, PATH, "/a( is no regular expression"),
    Bad("Ingress: host with a port", ingress(host="bad.example.com:80"), 404, "Host bad.example.com is not in any rule",
        "ING-90", INGRESS, "spec.rules[0].host", "is no DNS name"),
    Bad("Ingress: path without a slash", ingress(path="a"), 404, "Host bad.example.com is not in any rule",
        "ING-90", INGRESS, PATH, "must be an absolute path"),
    Bad("Ingress: missing Secret", ingress(tls="{hosts: [bad.example.com], secretName: gone}"), 200,
        "Secret shop/gone is not in the input: without it clients get", "ING-10", INGRESS, "spec.tls[0].secretName",
        "TLS Secret gone is not among the Secrets of namespace shop", url="https://bad.example.com/a"),
    Bad("Ingress: no endpoints", ingress(service="empty"), 503, "Service shop/empty has no ready endpoint",
        "ING-96", INGRESS, "spec.rules[0].http.paths[0].backend.service", "Service shop/empty has no ready endpoint"),
    Bad("Ingress: missing Service", ingress(service="gone"), 503, "Service shop/gone does not exist",
        "ING-06", INGRESS, "spec.rules[0].http.paths[0].backend.service.name", "Service shop/gone does not exist"),
    Bad("Ingress: class nobody serves", ingress(cls="gone"), 0, "IngressClass gone does not exist: nobody acts for it",
        "ING-01", INGRESS, "spec.ingressClassName", "is served by nobody: ingressClassName 'gone' does not exist",
        ingress_class="gone"),
    Bad("HTTPRoute: regex", route(path="/a(", kind="RegularExpression"), 404, "No rule of a route on listener http",
        "GW-91", ROUTE, MATCH, "is no regular expression", "shop/web", ("Accepted", "False", "UnsupportedValue")),
    Bad("HTTPRoute: host with a port", route(host="bad.example.com:80"), 404, "No rule of a route on listener http",
        "GW-90", ROUTE, "spec.hostnames[0]", "without port", "shop/web"),
    Bad("HTTPRoute: path without a slash", route(path="a"), 404, "No rule of a route on listener http",
        "GW-90", ROUTE, MATCH, "must be an absolute path", "shop/web"),
    Bad("Gateway: missing Secret", gateway("gc", "gone"), 0, "Secret shop/gone is not there", "GW-95", GATEWAY,
        "spec.listeners[0]", "Secret shop/gone is not there", "shop/bad",
        ("ResolvedRefs", "False", "InvalidCertificateRef"), "https://bad.example.com/a"),
    Bad("HTTPRoute: no endpoints", route(service="empty"), 503, "Service shop/empty has no ready endpoint", "GW-96",
        ROUTE, "spec.rules[0].backendRefs[0]", "Service shop/empty has no ready endpoint", "shop/web"),
    Bad("HTTPRoute: missing Service", route(service="gone"), 500, "Service shop/gone does not exist", "GW-92", ROUTE,
        "spec.rules[0].backendRefs[0]", "Service shop/gone does not exist", "shop/web",
        ("ResolvedRefs", "False", "BackendNotFound")),
    Bad("HTTPRoute: no such listener", route(parent="name: web, sectionName: nope"), 404, "No rule of a route",
        "GW-93", ROUTE, "spec.parentRefs[0]", "it has no listener with name nope", "shop/web",
        ("Accepted", "False", "NoMatchingParent")),
    Bad("HTTPRoute: no such Gateway", route(parent="name: gone"), 404, "No rule of a route on listener http", "GW-93",
        ROUTE, "spec.parentRefs[0]", "Gateway shop/gone does not exist", "shop/web"),
    Bad("Gateway: class nobody serves", gateway("gone", "other"), 0, "GatewayClass gone does not exist", "GW-07",
        GATEWAY, "spec.gatewayClassName", "GatewayClass gone does not exist", "shop/bad",
        ("Programmed", "Unknown", "Pending")),
)  # fmt: skip
