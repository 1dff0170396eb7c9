"""Content that no Gateway API object has never raises: every place of good objects is replaced by something else."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from designer.engine.l7.gateway import compile_gateways
from designer.model import ForeignObject, FrozenMap, Project
from tests.engine.l7.gateway.gate import CERTIFICATE, asked, control, documents, project

GOOD = (
    CERTIFICATE
    + """
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: gc}
spec: {controllerName: example.com/c, parametersRef: {group: "", kind: ConfigMap, name: ca, namespace: infra}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ca, namespace: infra}
data: {ca.crt: "-----BEGIN CERTIFICATE-----"}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: infra, creationTimestamp: "2024-01-01T00:00:00Z"}
spec:
  gatewayClassName: gc
  addresses: [{type: IPAddress, value: 10.0.0.1}, {type: Hostname, value: gw.example.com}]
  allowedListeners: {namespaces: {from: Selector, selector: {matchLabels: {a: b}}}}
  infrastructure: {labels: {a: b}, annotations: {a.b/c: d}, parametersRef: {group: "", kind: ConfigMap, name: ca}}
  tls:
    backend: {clientCertificateRef: {name: cert}}
    frontend:
      default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}], mode: AllowValidOnly}}
      perPort: [{port: 8443, tls: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]}}}]
  listeners:
  - name: http
    port: 80
    protocol: HTTP
    hostname: "*.example.com"
    allowedRoutes:
      namespaces: {from: Selector, selector: {matchExpressions: [{key: a, operator: In, values: [b]}]}}
      kinds: [{group: gateway.networking.k8s.io, kind: HTTPRoute}]
  - {name: https, port: 443, protocol: HTTPS, tls: {mode: Terminate, certificateRefs: [{name: cert, namespace: infra}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {name: set, namespace: infra}
spec: {parentRef: {name: web}, listeners: [{name: extra, port: 81, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: infra}
spec:
  parentRefs: [{name: web, sectionName: http, port: 80}, {kind: ListenerSet, name: set}]
  hostnames: [a.example.com]
  rules:
  - name: one
    matches:
    - path: {type: PathPrefix, value: /a}
      method: GET
      headers: [{name: a, value: b, type: Exact}]
      queryParams: [{name: a, value: "b+", type: RegularExpression}]
    timeouts: {request: 10s, backendRequest: 5s}
    filters:
    - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}], add: [], remove: [c]}}
    - type: URLRewrite
      urlRewrite: {hostname: b.example.com, path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}
    - {type: RequestMirror, requestMirror: {backendRef: {name: a, port: 80}, fraction: {numerator: 1, denominator: 2}}}
    - type: CORS
      cors: {allowOrigins: ["*"], allowMethods: [GET], allowHeaders: [a], exposeHeaders: [b], maxAge: 1}
    - {type: ExtensionRef, extensionRef: {group: example.com, kind: Wasm, name: w}}
    backendRefs:
    - name: a
      port: 80
      weight: 1
      filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: a, value: b}]}}]
  - filters:
    - type: RequestRedirect
      requestRedirect: {scheme: https, port: 1, statusCode: 301, hostname: a.example.com}
  - matches: [{path: {type: Exact, value: /direct}}]
    filters: [{type: DirectResponse, directResponse: {statusCode: 403, body: {string: closed}}}]
  - matches: [{path: {type: Exact, value: /tried}}]
    retry: {codes: [500], attempts: 2, backoff: 1s}
    sessionPersistence: {sessionName: s, absoluteTimeout: 1h, cookieConfig: {lifetimeType: Permanent}}
    filters:
    - type: ExternalAuth
      externalAuth: {protocol: HTTP, backendRef: {name: a, port: 80}, http: {path: /x}, forwardBody: {maxSize: 9}}
    backendRefs: [{name: a, port: 80}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: g, namespace: infra}
spec:
  parentRefs: [{name: web}]
  rules: [{matches: [{method: {service: s, method: m, type: RegularExpression}}], backendRefs: [{name: a, port: 80}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: t, namespace: infra}
spec: {parentRefs: [{name: web}], hostnames: [a.example.com], rules: [{backendRefs: [{name: a, port: 80}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: g, namespace: shop}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: infra}]
  to: [{group: "", kind: Service, name: a}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: p, namespace: infra}
spec:
  targetRefs: [{group: "", kind: Service, name: a, sectionName: http}]
  validation:
    hostname: a.example.com
    caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]
    subjectAltNames: [{type: Hostname, hostname: a.example.com}]
"""
)
JUNK: tuple[Any, ...] = (None, "", "x", 0, -1, 1.5, True, [], {}, [None], {"a": 1}, [[]], "(", "\u0000", 2**70)
NAMESPACE = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: infra, labels: {a: b}}\n"
CONTROL = control(NAMESPACE, ("infra/a", "shop/a"))
REQUESTS = tuple(
    asked(url) for url in ("http://a.example.com/a?a=b", "https://a.example.com/", "http://a.example.com:81/")
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every place inside a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


def spoilt(data: dict[str, Any], path: tuple[Any, ...], junk: Any) -> dict[str, Any]:
    made = copy.deepcopy(data)
    here: Any = made
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = junk
    return made


WHOLE = project(GOOD)
KINDS = [data["kind"] for data in documents(GOOD)]


def test_the_good_objects_are_good() -> None:
    # The extension is of a kind that is not there, and no listener takes server names.
    table = compile_gateways(WHOLE, CONTROL)
    assert [p.code for p in table.problems] == ["GW-92", "GW-01"]
    assert [table.answer("infra/web", request).route for request in REQUESTS[::2]] == ["HTTPRoute infra/r"] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_no_place_of_an_object_breaks_the_program(kind: str) -> None:
    (oid,) = [oid for oid in WHOLE.foreign if f"/{kind}:" in oid]
    data = yaml.safe_load(yaml.safe_dump(WHOLE.foreign[oid].data))
    ways = [way for way in places(data) if way[0] not in ("apiVersion", "kind") and way != ("metadata",)]
    for number, way in enumerate(ways):
        for junk in JUNK[number % 3 :: 3]:
            kept = ForeignObject(oid, spoilt(data, way, junk))
            table = compile_gateways(Project(foreign=FrozenMap({**WHOLE.foreign, oid: kept})), CONTROL)
            for request in REQUESTS:
                table.answer("infra/web", request)
