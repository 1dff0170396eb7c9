"""What the texts of "kubernetes-network-policy-recipes" promise, asked of a request, of connectivity and of the check.

Each recipe ends with commands that "work" or "time out", from a Pod with the labels that it names: those are the
expectations, by the numbers of the recipes. The policies are those of the recipes, in a cluster of our own.
Calls go by Service name, as in the texts, so the lookup of the name takes part.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from designer.engine.checks import check
from designer.engine.compile import ClusterState
from designer.engine.reach import reach
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, dns, make, pod, policy, service

APP = {"web": {"matchLabels": {"app": "web"}}, "foo": {"matchLabels": {"app": "foo"}}}
API = {"matchLabels": {"app": "bookstore", "role": "api"}}
TO_DNS = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ],
    "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
}
POOL = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}


def labels(text: str) -> dict[str, str]:
    return dict(part.split("=") for part in text.split(",") if part)


def world(*policies: KubeObject) -> ClusterState:
    """The Pods and Services of all recipes, each Pod called by what makes it what it is."""
    spaces = {"secondary": "", "dev": "purpose=testing", "prod": "purpose=production", "other": "team=operations"}
    two = [{"name": "api", "containerPort": 8000}, {"name": "metrics", "containerPort": 5000}]
    callers = {
        "default/test": "", "default/frontend": "app=bookstore,role=frontend", "default/api": "app=bookstore,role=api",
        "default/search": "app=bookstore,role=search", "default/catalog": "app=inventory,role=web",
        "default/stranger": "app=other", "default/monitoring": "role=monitoring", "default/type": "type=monitoring",
        "default/foo": "app=foo", "secondary/test": "", "dev/test": "", "prod/test": "", "other/test": "",
        "other/type": "type=monitoring",
    }  # fmt: skip
    made: list[KubeObject] = [make("Namespace", name, labels=labels(text)) for name, text in spaces.items()]
    for number, (where, text) in enumerate(callers.items()):
        namespace, _, name = where.partition("/")
        made.append(pod(name, number % 3 + 1, port=80, namespace=namespace, labels=labels(text)))
    made += [
        pod("web", 1, port=80, labels=labels("app=web,env=prod")),
        pod("web", 2, port=80, labels=labels("app=web"), namespace="secondary"),
        pod("apiserver", 2, ports=two, labels=labels("app=apiserver")),
        pod("db", 3, port=6379, labels=labels("app=bookstore,role=db")),
        service("web", 80, 80),
        service("public", 80, 80, app="web", type="LoadBalancer"),
        service("web", 80, 80, namespace="secondary"),
        service("bookstore", 80, 80, selector=labels("app=bookstore,role=api")),
        service("db", 6379, 6379, selector=labels("app=bookstore,role=db")),
        service("apiserver", ports=[{"name": "api", "port": 8001, "targetPort": 8000},
                                    {"name": "metrics", "port": 5001, "targetPort": 5000}]),
        *dns(),
    ]  # fmt: skip
    return cluster(*made, *policies, loadBalancer=POOL)


@dataclass(frozen=True)
class Recipe:
    """Its policies, and what its text says of calls: (source, destination) → whether it works, and why not.

    `warned` are the codes of what the check says of the first policy (`domain/pitfalls.md`, "Network policies").
    """

    title: str
    policies: tuple[KubeObject, ...]
    calls: dict[tuple[str, str], str]
    warned: tuple[str, ...] = ()


def one(name: str, selector: dict[str, Any], namespace: str = "default", **spec: Any) -> KubeObject:
    return policy(name, selector, namespace, **spec)


WORKS, BLOCKED, NO_NAME = "delivered", "denied", "name-not-found"
DENY_WEB = one("web-deny-all", {"matchLabels": {"app": "web", "env": "prod"}}, ingress=[])
RECIPES = (
    Recipe(
        "01 deny all traffic to an application",
        (DENY_WEB,),
        {
            ("default/test", "http://web"): BLOCKED,
            ("secondary/test", "http://web.default"): BLOCKED,
            ("default/web", "http://bookstore"): WORKS,
            ("default/test", "http://web.secondary"): WORKS,
        },
    ),
    Recipe(
        "02 limit traffic to an application",
        (one("api-allow", API, ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "bookstore"}}}]}]),),
        {("default/test", "http://bookstore"): BLOCKED, ("default/frontend", "http://bookstore"): WORKS},
    ),
    Recipe(
        "02a allow all traffic to an application: the policy that denies it is void",
        (DENY_WEB, one("web-allow-all", APP["web"], ingress=[{}])),
        {
            ("default/test", "http://web"): WORKS,
            ("secondary/test", "http://web.default"): WORKS,
            ("internet", "Service:default/public"): WORKS,
        },
    ),
    Recipe(
        "03 deny all traffic that is not listed, in a namespace",
        (one("default-deny-all", {}),),
        {
            ("default/test", "http://web"): BLOCKED,
            ("secondary/test", "http://web.default"): BLOCKED,
            ("internet", "Service:default/public"): BLOCKED,
            ("default/test", "http://web.secondary"): WORKS,
        },
    ),
    Recipe(
        "04 deny traffic from other namespaces",
        (one("deny-from-other-namespaces", {"matchLabels": {}}, "secondary",
             ingress=[{"from": [{"podSelector": {}}]}]),),
        {
            ("default/test", "http://web.secondary"): BLOCKED,
            ("secondary/test", "http://web.secondary"): WORKS,
            ("default/test", "http://web"): WORKS,
        },
    ),
    Recipe(
        "05 allow traffic from all namespaces, where all is denied",
        (one("default-deny-all", {}, "secondary"),
         one("web-allow-all-namespaces", APP["web"], "secondary", ingress=[{"from": [{"namespaceSelector": {}}]}])),
        {
            ("default/test", "http://web.secondary"): WORKS,
            ("secondary/test", "http://web.secondary"): WORKS,
            ("other/type", "http://web.secondary"): WORKS,
        },
    ),
    Recipe(
        "06 allow all traffic from a namespace",
        (one("web-allow-prod", APP["web"],
             ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"purpose": "production"}}}]}]),),
        {("dev/test", "http://web.default"): BLOCKED, ("prod/test", "http://web.default"): WORKS},
    ),
    Recipe(
        "07 allow traffic from some Pods of another namespace",
        (one("web-allow-all-ns-monitoring", APP["web"],
             ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"team": "operations"}},
                                 "podSelector": {"matchLabels": {"type": "monitoring"}}}]}]),),
        {
            ("default/test", "http://web.default"): BLOCKED,
            ("default/type", "http://web.default"): BLOCKED,
            ("other/test", "http://web.default"): BLOCKED,
            ("other/type", "http://web.default"): WORKS,
        },
    ),
    Recipe(
        "08 allow external clients where all is denied",
        (one("default-deny-all", {}), one("web-allow-external", APP["web"], ingress=[{}])),
        {
            ("internet", "Service:default/public"): WORKS,
            ("default/test", "http://web"): WORKS,
            ("default/test", "http://bookstore"): BLOCKED,
        },
    ),
    Recipe(
        "09 allow traffic only to a port: the Pod's, not the Service's",
        (one("api-allow-5000", {"matchLabels": {"app": "apiserver"}},
             ingress=[{"ports": [{"port": 5000}],
                       "from": [{"podSelector": {"matchLabels": {"role": "monitoring"}}}]}]),),
        {
            ("default/test", "http://apiserver:8001"): BLOCKED,
            ("default/test", "http://apiserver:5001"): BLOCKED,
            ("default/monitoring", "http://apiserver:8001"): BLOCKED,
            ("default/monitoring", "http://apiserver:5001"): WORKS,
        },
    ),
    Recipe(
        "09 the same by the name of the port",
        (one("api-allow-metrics", {"matchLabels": {"app": "apiserver"}}, ingress=[{"ports": [{"port": "metrics"}]}]),),
        {
            ("default/test", "http://apiserver:8001"): BLOCKED,
            ("default/test", "http://apiserver:5001"): WORKS,
        },
    ),
    Recipe(
        "10 several selectors are alternatives",
        (one("redis-allow-services", {"matchLabels": {"app": "bookstore", "role": "db"}},
             ingress=[{"from": [{"podSelector": {"matchLabels": labels(text)}} for text in (
                 "app=bookstore,role=search", "app=bookstore,role=api", "app=inventory,role=web")]}]),),
        {
            ("default/catalog", "tcp://db:6379"): WORKS,
            ("default/search", "tcp://db:6379"): WORKS,
            ("default/api", "tcp://db:6379"): WORKS,
            ("default/frontend", "tcp://db:6379"): BLOCKED,
            ("default/stranger", "tcp://db:6379"): BLOCKED,
        },
    ),
    Recipe(
        "11 deny egress of an application: it fails to look the name up",
        (one("foo-deny-egress", APP["foo"], policyTypes=["Egress"], egress=[]),),
        {
            ("default/foo", "http://web:80"): NO_NAME,
            ("default/foo", "Service:default/web"): BLOCKED,
            ("default/foo", "203.0.113.9:80"): BLOCKED,
            ("default/test", "http://web:80"): WORKS,
            ("default/test", "Pod:default/foo"): WORKS,
        },
        ("NP-03",),
    ),
    Recipe(
        "11 the same with names: they are found, and the traffic is blocked",
        (one("foo-deny-egress", APP["foo"], policyTypes=["Egress"], egress=[TO_DNS]),),
        {("default/foo", "http://web"): BLOCKED, ("default/foo", "203.0.113.9:80"): BLOCKED},
    ),
    Recipe(
        "12 deny all traffic from a namespace, names too",
        (one("default-deny-all-egress", {}, policyTypes=["Egress"], egress=[]),),
        {
            ("default/test", "http://web"): NO_NAME,
            ("default/test", "Service:default/web"): BLOCKED,
            ("default/test", "Service:secondary/web"): BLOCKED,
            ("secondary/test", "http://web.default"): WORKS,
        },
        ("NP-03",),
    ),
    Recipe(
        "14 deny egress to the outside, as its text has it: names and the Pods of all namespaces",
        (one("foo-deny-external-egress", APP["foo"], policyTypes=["Egress"],
             egress=[{"ports": TO_DNS["ports"]}, {"to": [{"namespaceSelector": {}}]}]),),
        {
            ("default/foo", "http://web:80"): WORKS,
            ("default/foo", "http://web.secondary"): WORKS,
            ("default/foo", "203.0.113.9:80"): BLOCKED,
        },
    ),
)  # fmt: skip


# Destination as it is asked → the Pod behind it and its own port; None for addresses outside.
AT: dict[str, tuple[str | None, int]] = {
    "http://web": ("default/web", 80), "http://web:80": ("default/web", 80), "http://web.default": ("default/web", 80),
    "Service:default/web": ("default/web", 80), "Service:default/public": ("default/web", 80),
    "http://web.secondary": ("secondary/web", 80), "Service:secondary/web": ("secondary/web", 80),
    "http://bookstore": ("default/api", 80), "tcp://db:6379": ("default/db", 6379),
    "http://apiserver:8001": ("default/apiserver", 8000), "http://apiserver:5001": ("default/apiserver", 5000),
    "Pod:default/foo": ("default/foo", 80), "203.0.113.9:80": (None, 80),
}  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title[:2] + recipe.title[2:14].replace(" ", "-"))
def test_the_text_of_a_recipe_holds(recipe: Recipe) -> None:
    state = world(*recipe.policies)
    found = {call: ask(state, *call).verdict for call in recipe.calls}
    assert found == recipe.calls
    matrix = reach(state).matrix
    by_name = {peer.text.partition("[")[0]: peer for peer in matrix.peers if peer.id}
    for (source, destination), verdict in recipe.calls.items():
        target, port = AT[destination]
        if target is not None and source in by_name:
            cell = matrix.ports(by_name[source], by_name[target])
            assert (("TCP", port) in cell) is (verdict == WORKS), (source, destination)
    warned = [(one.code, one.object) for one in check(state) if one.code.startswith("NP-")]
    assert warned == [(code, recipe.policies[0].id) for code in recipe.warned]
