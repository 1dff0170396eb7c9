"""Other labels, before they are committed: what loses and gains Pods, worked out by hand from the manifests below."""

from __future__ import annotations

import pytest

from designer.edits.fields import set_field
from designer.engine.compile import compile_project
from designer.manifests import read_texts
from designer.present.label_effects import LabelEffect, effects_text, label_effects
from designer.session.preview import previewed

NODE = """
apiVersion: v1
kind: Node
metadata: {name: %s}
status: {addresses: [{type: InternalIP, address: %s}]}
---
"""
NODES = NODE % ("node-1", "10.9.0.1") + NODE % ("node-2", "10.9.0.2")
SHOP = (
    NODES
    + """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: shop, labels: {app: cart, tier: back}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-2, namespace: shop, labels: {app: cart, tier: back}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: old, namespace: shop}
spec: {selector: {app: old}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: guard, namespace: shop}
spec: {podSelector: {matchLabels: {app: cart}}, policyTypes: [Ingress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: from-shop, namespace: bank}
spec:
  podSelector: {}
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {team: shop}}
      podSelector: {matchLabels: {tier: back}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: shop}
spec:
  rules:
  - http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}
"""
)
CART, OLD, FRONT = "Service:shop/cart", "Service:shop/old", "Ingress:shop/front"
GUARD, FROM_SHOP = "NetworkPolicy:shop/guard", "NetworkPolicy:bank/from-shop"


def effects(oid: str, labels: dict[str, str]) -> tuple[LabelEffect, ...]:
    state = compile_project(read_texts([("shop.yaml", SHOP)]).project)
    after = previewed(state, set_field(state.project, oid, "metadata.labels", labels))
    return label_effects(state, after) if after is not None else ()


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        # app leaves: one Service, its route and the policy on it lose one of two Pods.
        ({"tier": "back"}, {(CART, "endpoint", 1, 0, 1), (FRONT, "route", 1, 0, 1), (GUARD, "subject", 1, 0, 0)}),
        # app becomes another Service's: that one gains.
        (
            {"app": "old", "tier": "back"},
            {
                (CART, "endpoint", 1, 0, 1),
                (OLD, "endpoint", 0, 1, 1),
                (FRONT, "route", 1, 0, 1),
                (GUARD, "subject", 1, 0, 0),
            },
        ),
        # tier leaves: only the peer of the policy in the other namespace.
        ({"app": "cart"}, {(FROM_SHOP, "peer", 1, 0, 0)}),
        # A label that nothing asks for.
        ({"app": "cart", "tier": "back", "x": "y"}, set()),
    ],
)
def test_labels_of_a_pod(labels: dict[str, str], expected: set[tuple[str, str, int, int, int]]) -> None:
    found = effects("Pod:shop/cart-1", labels)
    assert {(e.object, e.role, e.lost, e.gained, e.left) for e in found} == expected


def test_labels_of_a_namespace_concern_the_peers_of_policies() -> None:
    found = effects("Namespace:shop", {"team": "other"})
    assert [(e.object, e.role, e.lost, e.gained) for e in found] == [(FROM_SHOP, "peer", 2, 0)]


def test_the_words_say_what_happens() -> None:
    state = compile_project(read_texts([("shop.yaml", SHOP)]).project)
    project = set_field(state.project, "Pod:shop/cart-2", "metadata.labels", {"tier": "back"}).project
    one_left = compile_project(project)
    after = previewed(one_left, set_field(project, "Pod:shop/cart-1", "metadata.labels", {"tier": "back"}))
    assert after is not None
    words = effects_text(one_left, after).splitlines()
    assert words[0] == "Service shop/cart loses 1 Pod: nobody answers any more"
    assert words[1] == "Ingress shop/front loses 1 Pod behind it: nobody answers any more"
    assert words[2] == "NetworkPolicy shop/guard loses 1 Pod that it applies to"
    assert effects_text(one_left, one_left) == "No Service, route or policy loses or gains a Pod."


def test_what_would_be_refused_or_changes_nothing_is_not_looked_at() -> None:
    state = compile_project(read_texts([("shop.yaml", SHOP)]).project)
    assert previewed(state, set_field(state.project, "Pod:shop/cart-1", "metadata.labels", {"-bad": "x"})) is None
    same = set_field(state.project, "Pod:shop/cart-1", "metadata.labels", {"app": "cart", "tier": "back"})
    assert previewed(state, same) is None
