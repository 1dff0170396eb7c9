"""What policies that everybody writes do, in own manifests: the usual recipes, and a shop with a policy a service.

The titles are those of "kubernetes-network-policy-recipes" (its texts promise what stands here); the traps are those of
`domain/policies.md` section 8.
"""

from dataclasses import dataclass

import pytest

from designer.engine.controlplane.state import PodState
from designer.engine.policy.matrix import connectivity
from tests.engine.policy.cluster import cluster, pod, policy, ports

SPACES = {
    "default": {},
    "prod": {"purpose": "production"},
    "dev": {"purpose": "testing"},
    "ops": {"team": "operations"},
    "kube-system": {},
}
WEB = pod("default/web", {"app": "web"}, "10.0.0.1")
API = pod("default/api", {"app": "bookstore", "role": "api"}, "10.0.0.2")
PEOPLE: dict[str, PodState | str] = {
    "other": pod("default/other", {}, "10.0.0.3"),
    "frontend": pod("default/frontend", {"app": "bookstore", "role": "frontend"}, "10.0.0.4"),
    "search": pod("default/search", {"app": "bookstore", "role": "search"}, "10.0.0.5"),
    "monitor": pod("default/monitor", {"type": "monitoring"}, "10.0.0.6"),
    "prod": pod("prod/any", {}, "10.0.1.1"),
    "dev": pod("dev/any", {}, "10.0.2.1"),
    "ops": pod("ops/any", {}, "10.0.3.1"),
    "ops monitor": pod("ops/monitor", {"type": "monitoring"}, "10.0.3.2"),
    "dns": pod("kube-system/dns", {"k8s-app": "kube-dns"}, "10.0.4.1"),
    "outside": "203.0.113.9",
}
EVERYBODY = tuple(PEOPLE)


@dataclass(frozen=True)
class Recipe:
    """A policy of the namespace default, whom it is about, and who remains of those that may call, or be called."""

    title: str
    spec: str
    subject: PodState
    remaining: tuple[str, ...]
    port: int = 80
    protocol: str = "TCP"
    direction: str = "ingress"


OWN = tuple(name for name, one in PEOPLE.items() if isinstance(one, PodState) and one.namespace == "default")
PODS = tuple(name for name in EVERYBODY if name != "outside")
RECIPES = (
    Recipe("deny all traffic to an application", "{podSelector: {matchLabels: {app: web}}, ingress: []}", WEB, ()),
    Recipe("its neighbours stay open", "{podSelector: {matchLabels: {app: web}}, ingress: []}", API, EVERYBODY),
    Recipe(
        "limit traffic to an application",
        "{podSelector: {matchLabels: {app: bookstore, role: api}}, "
        "ingress: [{from: [{podSelector: {matchLabels: {app: bookstore}}}]}]}",
        API,
        ("frontend", "search"),
    ),
    Recipe(
        "allow all traffic to an application", "{podSelector: {matchLabels: {app: web}}, ingress: [{}]}", WEB, EVERYBODY
    ),
    Recipe("deny all traffic to a namespace", "{podSelector: {}}", WEB, ()),
    Recipe(
        "deny traffic from other namespaces",
        "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}",
        WEB,
        OWN,
    ),
    Recipe(
        "allow traffic from all namespaces",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {}}]}]}",
        WEB,
        PODS,
    ),
    Recipe(
        "allow traffic from a namespace",
        "{podSelector: {matchLabels: {app: web}}, "
        "ingress: [{from: [{namespaceSelector: {matchLabels: {purpose: production}}}]}]}",
        WEB,
        ("prod",),
    ),
    Recipe(
        "allow traffic from some Pods of another namespace",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: "
        "{matchLabels: {team: operations}}, podSelector: {matchLabels: {type: monitoring}}}]}]}",
        WEB,
        ("ops monitor",),
    ),
    Recipe(
        "allow external clients",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: []}]}",
        WEB,
        EVERYBODY,
    ),
    Recipe(
        "allow traffic to one port",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 5000}], "
        "from: [{podSelector: {matchLabels: {type: monitoring}}}]}]}",
        WEB,
        ("monitor",),
        5000,
    ),
    Recipe(
        "the other port stays shut",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 5000}], "
        "from: [{podSelector: {matchLabels: {type: monitoring}}}]}]}",
        WEB,
        (),
        8000,
    ),
    Recipe(
        "allow traffic by several selectors",
        "{podSelector: {matchLabels: {app: bookstore, role: api}}, ingress: [{from: ["
        "{podSelector: {matchLabels: {app: bookstore, role: search}}}, "
        "{podSelector: {matchLabels: {type: monitoring}}}]}]}",
        API,
        ("search", "monitor"),
    ),
    Recipe(
        "deny egress of an application",
        "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: []}",
        WEB,
        (),
        direction="egress",
    ),
    Recipe(
        "deny egress but names",
        "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], "
        "egress: [{ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}]}",
        WEB,
        EVERYBODY,
        53,
        "UDP",
        "egress",
    ),
    Recipe(
        "deny egress of a namespace", "{podSelector: {}, policyTypes: [Egress]}", WEB, (), direction="egress"
    ),
    Recipe(
        "deny egress to the outside",
        "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], "
        "egress: [{to: [{namespaceSelector: {}}]}]}",
        WEB,
        PODS,
        direction="egress",
    ),
)  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_recipe(recipe: Recipe) -> None:
    members = [one for one in PEOPLE.values() if isinstance(one, PodState)]
    c = cluster(policy(recipe.spec, namespace="default"), pods=(WEB, API, *members), namespaces=SPACES)
    assert not c.policies.problems
    ask = c.ingress if recipe.direction == "ingress" else c.egress
    left = [
        name
        for name, one in PEOPLE.items()
        if ask(recipe.subject, one, recipe.port, recipe.protocol).value == "allowed"
    ]
    assert tuple(left) == recipe.remaining


def test_a_network_policy_cannot_close_one_peer_out() -> None:
    """policies.md 8, row 'Block one peer': whoever is to stay out is left out of a rule, and so is everybody else."""
    some = (
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {role: frontend}}}]}]}"
    )
    c = cluster(policy(some, namespace="default"), namespaces=SPACES)
    answers = {name: c.ingress(WEB, one).value for name, one in PEOPLE.items()}
    assert {name for name, value in answers.items() if value == "allowed"} == {"frontend"}
    both = cluster(
        policy(some, "a", "default"), policy("{podSelector: {}, ingress: [{}]}", "b", "default"), namespaces=SPACES
    )
    assert both.ingress(WEB, PEOPLE["other"]).value == "allowed", "and no other policy can take back what one allows"


# Who calls whom in a shop, with the container port; every service has a policy that names its callers.
CALLS = {
    "cart": (("checkout", "frontend"), 7070),
    "store": (("cart",), 6379),
    "checkout": (("frontend",), 5050),
    "currency": (("checkout", "frontend"), 7000),
    "email": (("checkout",), 8080),
    "frontend": (("loadtest",), 8080),
    "payment": (("checkout",), 50051),
}


def test_a_shop_whose_services_name_their_callers() -> None:
    names = sorted({*CALLS, "loadtest"})
    numbers = {name: CALLS[name][1] if name in CALLS else 1 for name in names}
    members = [
        pod(f"shop/{name}", {"app": name}, f"10.0.9.{n + 1}", spec=ports(("grpc", numbers[name], "TCP")))
        for n, name in enumerate(names)
    ]
    found = [
        policy(
            f"{{podSelector: {{matchLabels: {{app: {name}}}}}, policyTypes: [Ingress], ingress: [{{from: ["
            + ", ".join(f"{{podSelector: {{matchLabels: {{app: {one}}}}}}}" for one in callers)
            + f"], ports: [{{port: {'grpc' if name == 'email' else number}}}]}}]}}",
            name,
            "shop",
        )
        for name, (callers, number) in CALLS.items()
    ]
    c = cluster(*found, policy("podSelector: {}", "deny-all", "shop"), pods=members)
    matrix = connectivity(c.project, c.control, c.policies)
    between = {
        (line.src.text[5:-5], line.dst.text[5:-5]): line.ports.text()
        for line in matrix.connections()
        if not line.src.is_range and not line.dst.is_range
    }
    assert between == {(one, name): f"TCP {number}" for name, (callers, number) in CALLS.items() for one in callers}
    into = [line for line in matrix.connections() if line.src.is_range]
    assert not into, "nobody outside is named"
