"""What the small cards of GatewayClasses, ReferenceGrants and BackendTLSPolicies say, and when they do nothing."""

from designer.engine.compile import compile_project
from designer.manifests import read_texts
from designer.present.gateway_asides import Aside, gateway_asides

API = "gateway.networking.k8s.io/v1"
TEXT = """\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: own}
spec: {controllerName: example.com/own}
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: open, namespace: shop}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: web},
         {group: gateway.networking.k8s.io, kind: GRPCRoute, namespace: web}]
  to: [{group: "", kind: Service, name: cart}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: good, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: cart}],
       validation: {hostname: cart.shop.svc, wellKnownCACertificates: System}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: lost, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: gone}],
       validation: {hostname: gone.shop.svc, wellKnownCACertificates: System}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: wrong}
spec: {controllerName: own}
"""


def cards() -> dict[str, Aside]:
    state = compile_project(read_texts([("a.yaml", TEXT)]).project)
    return {one.name: one for one in gateway_asides(state)}


def test_each_card_says_what_its_object_decides() -> None:
    found = cards()
    assert (found["own"].kind, found["own"].namespace, found["own"].line) == ("GatewayClass", "", "example.com/own")
    assert found["open"].line == "HTTPRoute of web → cart +1"
    assert (found["good"].line, found["good"].trouble) == ("TLS to cart", "")


def test_what_does_nothing_says_why() -> None:
    """TargetNotFound is a condition of the policy (GEP-713); a controllerName without a path is refused by the CRD."""
    found = cards()
    assert found["lost"].trouble == "Service shop/gone does not exist"
    assert (found["wrong"].trouble, found["wrong"].line) == ("refused by the API server", "GatewayClass")


def test_a_policy_that_is_not_accepted_is_a_problem() -> None:
    state = compile_project(read_texts([("a.yaml", TEXT)]).project)
    (problem,) = [one for one in state.gateways.problems if one.code == "GW-97"]
    assert problem.title == (
        "BackendTLSPolicy shop/lost is not accepted: Service shop/gone does not exist (TargetNotFound)"
    )
    assert problem.why.startswith("It changes nothing")
