"""What the mouse chooses can be typed: every destination text of an object is understood by the engine."""

from __future__ import annotations

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace import Request, parse_request
from designer.engine.trace.ask import ask
from designer.manifests import read_texts
from designer.present.destination_text import asked_value, asked_words, destination_text
from designer.present.selected_pods import selected_pods

SHOP = """
apiVersion: v1
kind: Node
metadata: {name: node-1}
status: {addresses: [{type: InternalIP, address: 192.168.10.11}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 7070, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: guard, namespace: shop}
spec: {podSelector: {matchLabels: {app: cart}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: shop}
spec:
  rules:
  - host: shop.example.com
    http: {paths: [{path: /a, pathType: Prefix, backend: {service: {name: cart, port: {number: 7070}}}}]}
---
apiVersion: design.cluster-network-designer/v1
kind: ExternalHost
metadata: {name: api}
spec: {addresses: [203.0.113.9], names: [api.example.net]}
"""


@pytest.fixture(scope="module")
def state() -> ClusterState:
    return compile_project(read_texts([("shop.yaml", SHOP)]).project)


def test_objects_are_written_as_people_write_them(state: ClusterState) -> None:
    pod = next(iter(state.control.pods.values()))
    assert destination_text(state, "Service:shop/cart") == "cart.shop:7070"
    assert destination_text(state, "Ingress:shop/front") == "http://shop.example.com/a"
    assert destination_text(state, "Node:node-1") == "192.168.10.11:80"
    assert destination_text(state, "ExternalHost:api") == "https://api.example.net"
    assert destination_text(state, pod.id) == f"{pod.ips[0]}:8080"
    assert destination_text(state, "Deployment:shop/cart") == f"{pod.ips[0]}:8080"
    assert destination_text(state, "NetworkPolicy:shop/guard") == ""
    assert destination_text(state, "Pod:gone/gone") == ""


@pytest.mark.parametrize("oid", ["Service:shop/cart", "Ingress:shop/front", "Node:node-1", "Deployment:shop/cart"])
def test_what_is_written_is_understood(state: ClusterState, oid: str) -> None:
    source = next(iter(state.control.pods))
    request = Request(source, destination_text(state, oid))
    assert parse_request(request)[1] == ()
    result, problems = ask(state, request)
    assert problems == ()
    assert result is not None


def test_selected_pods_are_those_of_selector_owner_and_place(state: ClusterState) -> None:
    both = tuple(state.control.pods)
    assert len(both) == 2
    for oid in (
        "Service:shop/cart",
        "NetworkPolicy:shop/guard",
        "Deployment:shop/cart",
        "Node:node-1",
        "Namespace:shop",
    ):
        assert selected_pods(state, oid) == both
    assert selected_pods(state, "Service:shop/none") == ()
    assert selected_pods(state, "NetworkPolicy:shop/none") == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Deployment:default/redis-cart:6379", "redis-cart (Deployment in default), port 6379"),
        ("Pod:kube-system/dns:53/udp", "dns (Pod in kube-system), port 53/udp"),
        ("StatefulSet:shop/db:pg", "db (StatefulSet in shop), port pg"),
    ],
)
def test_an_object_with_its_port_is_read_and_typed_as_words(value: str, words: str) -> None:
    assert asked_words(value) == words
    assert asked_value(words) == value
    assert asked_value(f"  {words.replace(' ', '  ')} ") == value


@pytest.mark.parametrize(
    "text", ["http://db.shop", "db.shop:5432", "10.0.0.1:53/udp", "[fd00::1]:80", "", "a (b), port"]
)
def test_what_names_no_object_stays_as_it_is_typed(text: str) -> None:
    assert asked_words(text) == asked_value(text) == text


def test_the_words_can_be_changed_by_hand() -> None:
    assert asked_value("redis-cart (Deployment in default), port 6380") == "Deployment:default/redis-cart:6380"
    assert asked_value("cart (Deployment in shop):7070") == "Deployment:shop/cart:7070"
