"""Single answers: ports behind Services, names, ends that policies cannot mean, tiers, plugins, and default deny."""

from typing import Any

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.policy import Peer
from designer.engine.repair import Repair, isolate_namespace, repair, repair_request
from designer.manifests import read_texts
from designer.model import NetworkPolicy, Node, Service
from tests.engine.repair.worlds import pod, policy, service, world

FRONT = pod("shop/front", {"app": "front"})
CART = pod("shop/cart", {"app": "cart"})
OTHER = pod("shop/other", {"app": "other"})
DENY_ALL = policy("shop", "deny-all", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
OWN = policy("shop", "cart", {"podSelector": {"matchLabels": {"app": "cart"}}, "policyTypes": ["Ingress"]})


def spec_of(answer: Repair, step: int = 0) -> dict[str, Any]:
    assert answer.best is not None, (answer.reasons, answer.problems)
    after = answer.best.steps[step].after
    assert after is not None
    return dict(after["spec"])


def names_of(answer: Repair) -> list[str]:
    assert answer.best is not None, (answer.reasons, answer.problems)
    return [step.text for step in answer.best.steps]


def test_the_port_is_the_containers_not_the_services() -> None:
    state = world([FRONT, CART, OWN, service("shop/cart", {"app": "cart"}, 8000, "http")])
    answer = repair_request(state, "front", "cart:8000", "possible")
    assert spec_of(answer)["ingress"] == [
        {"from": [{"podSelector": {"matchLabels": {"app": "front"}}}], "ports": [{"protocol": "TCP", "port": 80}]}
    ]


@pytest.mark.parametrize(("plugin", "egress"), [("calico", ["http"]), ("cilium", [80, 8080])])
def test_a_port_of_several_numbers_goes_by_its_name_where_the_plugin_takes_names(
    plugin: str, egress: list[Any]
) -> None:
    """Cilium passes over a name with several numbers in rules of egress (its issue 30003), so there the numbers stand;
    for ingress it looks at the Pod's own ports, as the API text says."""
    ports = [{"name": "http", "containerPort": 8080}]
    second = pod("shop/cart-2", {"app": "cart"}, containers=[{"name": "c", "image": "i", "ports": ports}])
    shop = service("shop/cart", {"app": "cart"}, 8000, "http")
    state = world([FRONT, CART, second, DENY_ALL, shop], cni={"plugin": plugin})
    answer = repair_request(state, "shop/front", "cart.shop:8000", "possible")
    assert answer.best is not None, (answer.reasons, answer.problems)
    rules = {
        direction: [port["port"] for rule in step.after["spec"].get(direction, ()) for port in rule.get("ports", ())]
        for direction in ("egress", "ingress")
        for step in answer.best.steps
        if step.after is not None and direction in step.after["spec"]
    }
    assert [port for port in rules["egress"] if port != 53] == egress
    assert rules["ingress"] == ["http"]


def test_the_policy_of_just_these_pods_is_extended_and_no_other() -> None:
    answer = repair(world([FRONT, CART, OTHER, DENY_ALL, OWN]), "shop/front", "shop/cart", "TCP", 80, "possible")
    assert names_of(answer) == ["Add NetworkPolicy shop/front-to-cart", "Change NetworkPolicy shop/cart"]
    assert answer.best is not None and answer.best.exact


def test_a_rule_with_the_same_peers_takes_the_port_up() -> None:
    peers = [{"podSelector": {"matchLabels": {"app": "front"}}}]
    ports: list[dict[str, Any]] = [{"protocol": "TCP", "port": 443}]
    rule: dict[str, Any] = {"from": peers, "ports": ports}
    own = policy("shop", "cart", {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": [rule]})
    answer = repair(world([FRONT, CART, own]), "front", "cart", "TCP", 80, "possible")
    assert spec_of(answer)["ingress"] == [{**rule, "ports": [*ports, {"protocol": "TCP", "port": 80}]}]


def test_pods_of_another_namespace_are_named_by_the_label_that_every_namespace_has() -> None:
    far = pod("ops/probe", {"app": "probe"})
    answer = repair(world([far, CART, OWN]), "ops/probe", "shop/cart", "TCP", 80, "possible")
    (peer,) = spec_of(answer)["ingress"][0]["from"]
    assert peer["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "ops"}}


def test_an_address_outside_is_allowed_alone() -> None:
    answer = repair(world([CART, OWN]), "203.0.113.7", "shop/cart", "TCP", 80, "possible")
    assert spec_of(answer)["ingress"][0]["from"] == [{"ipBlock": {"cidr": "203.0.113.7/32"}}]
    six = repair(
        world([CART, OWN], podCIDRs=["fd00:10::/56"], serviceCIDRs=["fd00:20::/112"]),
        "2001:db8::7", "shop/cart", "TCP", 80, "possible",
    )  # fmt: skip
    assert spec_of(six)["ingress"][0]["from"] == [{"ipBlock": {"cidr": "2001:db8::7/128"}}]


def dns_world(*more: Any) -> ClusterState:
    dns = pod("kube-system/coredns", {"k8s-app": "kube-dns"})
    found = service("kube-system/kube-dns", {"k8s-app": "kube-dns"}, 53, 53)
    both = [{"name": n, "port": 53, "protocol": p} for n, p in (("dns", "UDP"), ("dns-tcp", "TCP"))]
    data = found.dump()
    data["spec"]["ports"] = both
    return world([FRONT, CART, dns, type(found).model_validate(data), *more])


def test_names_go_on_working_where_the_destination_goes_by_its_service() -> None:
    closed = policy("shop", "out", {"podSelector": {"matchLabels": {"app": "front"}}, "policyTypes": ["Egress"]})
    state = dns_world(closed, service("shop/cart", {"app": "cart"}, 80, 80))
    by_name = spec_of(repair_request(state, "front", "cart:80", "possible"))["egress"]
    assert {
        "to": [
            {
                "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            }
        ],
        "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
    } in by_name
    assert len(spec_of(repair(state, "front", "shop/cart", "TCP", 80, "possible"))["egress"]) == 1


def test_names_alone_are_opened_where_only_they_are_closed() -> None:
    rule = {"to": [{"podSelector": {"matchLabels": {"app": "cart"}}}]}
    out = policy("shop", "out", {"podSelector": {"matchLabels": {"app": "front"}}, "egress": [rule],
                                 "policyTypes": ["Egress"]})  # fmt: skip
    state = dns_world(out, service("shop/cart", {"app": "cart"}, 80, 80))
    answer = repair_request(state, "front", "cart:80", "possible")
    assert not answer.already and spec_of(answer)["egress"][0] == rule and len(spec_of(answer)["egress"]) == 2
    assert answer.best is not None and answer.best.proof[-1].after.startswith("delivered")


def hosts(**cni: Any) -> ClusterState:
    """A Pod on the network of Node n1 (192.0.2.1), and on Node n2 a Pod that policies close in both directions."""
    node = {"metadata": {"name": "n1"}, "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.1"}]}}
    shut = policy("shop", "shut", {"podSelector": {"matchLabels": {"app": "far"}},
                                   "policyTypes": ["Ingress", "Egress"]})  # fmt: skip
    objects = [
        pod("shop/host", {"app": "host"}, hostNetwork=True),
        pod("shop/far", {"app": "far"}, nodeName="n2"),
        shut,
    ]
    objects += [Node.model_validate(node), Node.model_validate({"metadata": {"name": "n2"}})]
    return world(objects, cni=cni)


CALICO = {"plugin": "calico", "backend": "bgp"}


def test_a_pod_on_its_nodes_network_is_let_in_by_the_nodes_address() -> None:
    """`domain/cni.md`: policies see the Node, whose packets carry its own address where no tunnel is between."""
    state = hosts(**CALICO)
    assert not state.control.nodes["n1"].tunnel_ips
    answer = repair(state, "shop/host", "shop/far", "TCP", 80, "possible")
    assert spec_of(answer)["ingress"][0]["from"] == [{"ipBlock": {"cidr": "192.0.2.1/32"}}]
    assert answer.best is not None and any("everything that does so on the same Nodes" in n for n in answer.best.notes)
    assert answer.best.proof[-1].after.startswith("Allowed")


def test_over_a_tunnel_the_rule_names_the_tunnels_address() -> None:
    """`domain/cni.md` section 6, D: what a Node sends to a Pod elsewhere carries the address of `tunl0`."""
    state = hosts(plugin="calico", backend="ipip")
    (tunnel,) = state.control.nodes["n1"].tunnel_ips
    answer = repair(state, "shop/host", "shop/far", "TCP", 80, "possible")
    assert spec_of(answer)["ingress"][0]["from"] == [{"ipBlock": {"cidr": f"{tunnel}/32"}}]
    assert answer.best is not None and answer.best.proof[-1].after.startswith("Allowed")


def test_a_pod_on_its_nodes_network_is_reached_on_the_nodes_own_address() -> None:
    answer = repair(hosts(**CALICO), "shop/far", "shop/host", "TCP", 80, "possible")
    assert spec_of(answer)["egress"][0]["to"] == [{"ipBlock": {"cidr": "192.0.2.1/32"}}]


def test_where_no_block_can_mean_a_node_it_is_said() -> None:
    """Cilium: ipBlock matches neither Pods nor Nodes of the cluster (`domain/cni.md`, feature table)."""
    for ends in (("shop/host", "shop/far"), ("shop/far", "shop/host")):
        answer = repair(hosts(plugin="cilium", backend="vxlan"), *ends, "TCP", 80, "possible")
        assert not answer.options
        assert any("Node's network" in one and "does not let an ipBlock match" in one for one in answer.reasons)


def test_a_pod_whose_node_is_not_known_is_let_in_by_no_rule() -> None:
    """Policies see its Node's address: without one a rule would name nobody, and an empty `from` means everybody."""
    host = pod("shop/host", {"app": "host"}, hostNetwork=True, nodeName="gone")
    answer = repair(world([host, CART, OWN], cni=CALICO), "shop/host", "shop/cart", "TCP", 80, "possible")
    assert not answer.options
    assert any("Which Node that is is not known" in one for one in answer.reasons), answer.reasons


def test_what_may_be_denied_is_let_in_by_a_rule_that_is_sure() -> None:
    """Weave Net does not know endPort (`domain/cni.md`), so the range may not hold port 80; a number alone does."""
    ports = [{"protocol": "TCP", "port": 70, "endPort": 90}]
    peers = [{"podSelector": {"matchLabels": {"app": "front"}}}]
    own = policy("shop", "cart", {"podSelector": {"matchLabels": {"app": "cart"}},
                                  "ingress": [{"from": peers, "ports": ports}]})  # fmt: skip
    state = world([FRONT, CART, own], cni={"plugin": "weave", "backend": "fastdp"})
    answer = repair(state, "shop/front", "shop/cart", "TCP", 80, "possible")
    assert not answer.already
    allowed = [port for rule in spec_of(answer)["ingress"] for port in rule["ports"] if rule["from"] == peers]
    assert {"protocol": "TCP", "port": 80} in allowed


def test_what_a_pod_on_its_nodes_network_may_do_cannot_be_taken_away() -> None:
    host, far = pod("shop/host", {"app": "host"}, hostNetwork=True), pod("shop/far", {"app": "far"}, nodeName="n2")
    answer = repair(world([host, far]), "shop/far", "shop/host", "TCP", 80, "impossible")
    assert not answer.options and any("Node's network" in reason for reason in answer.reasons)


def test_a_pod_without_labels_cannot_be_meant_beside_others() -> None:
    bare = pod("shop/bare", {})
    answer = repair(world([bare, CART, OWN]), "shop/bare", "shop/cart", "TCP", 80, "possible")
    assert not answer.options and "no labels" in answer.reasons[0]


def test_the_same_labels_make_other_pods_part_of_it_and_that_is_said() -> None:
    twin = pod("shop/twin", {"app": "front"})
    answer = repair(world([FRONT, twin, CART, OWN]), "shop/front", "shop/cart", "TCP", 80, "possible")
    assert answer.best is not None and [line.src for line in answer.best.beside] == ["shop/twin[Pod]"]
    assert any("same labels" in note for note in answer.best.notes)


def test_a_pod_reaches_itself_whatever_policies_say() -> None:
    answer = repair(world([CART, OWN]), "shop/cart", "shop/cart", "TCP", 80, "impossible")
    assert not answer.options and "reach itself" in answer.reasons[0]


def test_a_plugin_without_policies_cuts_nothing() -> None:
    state = world([FRONT, CART, OWN], cni={"plugin": "flannel", "backend": "vxlan"})
    assert repair(state, "front", "cart", "TCP", 80, "possible").already
    cut = repair(state, "front", "cart", "TCP", 80, "impossible")
    assert not cut.options and "not enforced" in cut.reasons[0]


def admin(action: str, kind: str = "ClusterNetworkPolicy") -> str:
    tier = "tier: Admin" if kind == "ClusterNetworkPolicy" else ""
    version = "v1alpha2" if kind == "ClusterNetworkPolicy" else "v1alpha1"
    return f"""
apiVersion: policy.networking.k8s.io/{version}
kind: {kind}
metadata: {{name: rule}}
spec:
  {tier}
  priority: 10
  subject: {{namespaces: {{}}}}
  ingress:
  - action: {action}
    from: [{{namespaces: {{}}}}]
  egress:
  - action: {action}
    to: [{{namespaces: {{}}}}]
"""


def tiered(text: str) -> ClusterState:
    read = read_texts([("a.yaml", text)]).project
    objects = [obj for found in world([FRONT, CART, OTHER]).project.objects.values() for obj in found.values()]
    return compile_project(read.with_objects(objects))


def test_a_deny_of_an_earlier_tier_is_named_with_its_place() -> None:
    answer = repair(tiered(admin("Deny")), "shop/front", "shop/cart", "TCP", 80, "possible")
    assert not answer.options
    assert all("ClusterNetworkPolicy rule" in one and "a.yaml, line" in one for one in answer.reasons)
    assert ["spec.egress[0]" in answer.reasons[0], "spec.ingress[0]" in answer.reasons[1]] == [True, True]


@pytest.mark.parametrize("kind", ["ClusterNetworkPolicy", "AdminNetworkPolicy"])
def test_where_an_earlier_tier_accepts_only_a_deny_before_it_cuts(kind: str) -> None:
    accept = "Accept" if kind == "ClusterNetworkPolicy" else "Allow"
    state = tiered(admin(accept, kind))
    answer = repair(state, "shop/front", "shop/cart", "TCP", 80, "impossible")
    assert names_of(answer)[0].startswith(f"Add {kind} deny-front-to-cart")
    assert spec_of(answer)["priority"] < 10
    assert answer.best is not None and answer.best.exact and not answer.best.notes
    after = compile_project(answer.best.edit.project)
    assert repair(after, "shop/front", "shop/cart", "TCP", 80, "impossible").already
    assert not repair(after, "shop/front", "shop/cart", "TCP", 81, "impossible").already
    assert not repair(after, "shop/other", "shop/cart", "TCP", 80, "impossible").already


@pytest.mark.parametrize(
    ("source", "destination", "said"),
    [
        ("", "cart:80", "No source"),
        ("nobody", "cart:80", "nobody"),
        ("front", "", "No destination"),
        ("front", "cart:99999", "no port"),
        ("front", "cart", "several ports"),
        ("front", "cart:81", "no port 81"),
        ("front", "shop/other", "No port is given"),
        ("front", "nowhere:80", "nowhere"),
        ("n1", "cart:80", "is a Node"),
        ("front", "%%%", "not a destination"),
        ("front", "shop/cart:nope", "no port nope"),
    ],
)
def test_what_cannot_be_understood_is_said_with_what_to_write(source: str, destination: str, said: str) -> None:
    found = service("shop/cart", {"app": "cart"}, 80, 80)
    data = found.dump()
    data["spec"]["ports"] = [{"name": "a", "port": 80}, {"name": "b", "port": 90}]
    state = world([FRONT, CART, OTHER, type(found).model_validate(data)])
    answer = repair_request(state, source, destination, "possible")
    assert len(answer.problems) == 1 and said in answer.problems[0].title
    assert answer.problems[0].fix


def test_where_nothing_isolates_the_destination_letting_only_this_source_in_is_offered() -> None:
    answer = repair(world([FRONT, CART, OTHER]), "shop/front", "shop/cart", "TCP", 80, "possible")
    assert answer.already and answer.only is not None
    assert ("shop/other[Pod]", "shop/cart[Pod]") in {(line.src, line.dst) for line in answer.only.beside}
    after = compile_project(answer.only.edit.project)
    assert repair(after, "shop/front", "shop/cart", "TCP", 80, "possible").already
    assert repair(after, "shop/other", "shop/cart", "TCP", 80, "impossible").already
    isolated = repair(after, "shop/front", "shop/cart", "TCP", 80, "possible")
    assert isolated.only is None


def test_one_undo_step_holds_everything() -> None:
    state = world([FRONT, CART, OTHER, DENY_ALL])
    answer = repair(state, "shop/front", "shop/cart", "TCP", 80, "possible")
    assert answer.best is not None and answer.best.edit.ok
    made = {one.id for one in answer.best.edit.project.of(NetworkPolicy)} - {DENY_ALL.id}
    assert made == {"NetworkPolicy:shop/front-to-cart", "NetworkPolicy:shop/cart-from-front"}


def test_default_deny_lists_what_it_closes_and_keeps_names() -> None:
    state = dns_world()
    both = isolate_namespace(state, "shop", ("ingress", "egress"), keep_dns=True)
    pairs = {(line.src, line.dst) for line in both.closes if not line.after and "-" not in line.src + line.dst}
    assert ("shop/front[Pod]", "shop/cart[Pod]") in pairs
    to_dns = next(
        line for line in both.closes if (line.src, line.dst) == ("shop/front[Pod]", "kube-system/coredns[Pod]")
    )
    assert to_dns.after.text() == "TCP 53, UDP 53"
    cut = isolate_namespace(state, "shop", ("egress",), keep_dns=False)
    lost = next(line for line in cut.closes if (line.src, line.dst) == ("shop/front[Pod]", "kube-system/coredns[Pod]"))
    assert not lost.after and any("look up no name" in note for note in cut.notes)


@pytest.mark.parametrize(("namespace", "directions"), [("nowhere", ("ingress",)), ("", ("ingress",)), ("shop", ())])
def test_default_deny_refuses_what_is_no_namespace_or_direction(namespace: str, directions: tuple[str, ...]) -> None:
    assert not isolate_namespace(world([CART]), namespace, directions, keep_dns=True).edit.ok


def test_other_ports_of_the_pair_that_are_lost_are_listed() -> None:
    """Weave Net knows no endPort: all ports but one cannot be written, so the rule for all of them goes."""
    rule = {"from": [{"podSelector": {"matchLabels": {"app": "front"}}}]}
    own = policy("shop", "cart", {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": [rule]})
    state = world([FRONT, CART, OTHER, own], cni={"plugin": "weave", "backend": "fastdp"})
    answer = repair(state, "shop/front", "shop/cart", "TCP", 80, "impossible")
    assert answer.best is not None and not answer.best.exact
    assert [(line.src, line.dst) for line in answer.best.beside] == [("shop/front[Pod]", "shop/cart[Pod]")]


def test_what_is_outside_keeps_its_way_in_by_both_ip_versions() -> None:
    state = world([FRONT, CART, OTHER], podCIDRs=["10.244.0.0/16", "fd00:10::/56"])
    answer = repair(state, "shop/front", "shop/cart", "TCP", 80, "impossible")
    assert answer.best is not None and answer.best.state is not None
    policies, cart = answer.best.state.policies, answer.best.state.control.pods[CART.id]
    for address in ("203.0.113.7", "2001:db8::7"):
        assert policies.check("ingress", cart, Peer.of_address(address), "TCP", 80).value == "allowed"
    inside = Peer.of_address("fd00:10::99")
    assert policies.check("ingress", cart, inside, "TCP", 80).value == "denied", "Pods are let in by selectors"


def test_a_node_port_is_asked_about_as_the_pods_behind_it() -> None:
    """A node port leads to the Service's endpoints and their targetPort (services.md 2), which is what policies see."""
    data = service("shop/cart", {"app": "cart"}, 80, 8080).dump()
    data["spec"]["type"] = "NodePort"
    data["spec"]["ports"] = [{"name": "a", "port": 80, "targetPort": 8080, "nodePort": 30080}]
    state = world([FRONT, CART, OTHER, Service.model_validate(data)])
    address = state.control.nodes["n1"].addresses[0]
    found = repair_request(state, "front", f"{address}:30080", "impossible")
    assert not found.problems
    # The end is the Pod as the Service's own name would have it, on the container's port.
    assert found.destination == repair_request(state, "front", "cart.shop:80", "impossible").destination
    assert "is a Node" in repair_request(state, "front", f"{address}:30081", "possible").problems[0].title
