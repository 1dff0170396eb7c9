"""Where a proposal ends: doubt beside a denial, Pods of one workload, who shares labels, names, tiers, default deny."""

from dataclasses import replace
from typing import Any

from designer.edits.policies import default_deny, dns_rule
from designer.engine.compile import ClusterState, compile_project
from designer.engine.policy import Peer
from designer.engine.repair import isolate_namespace, repair, repair_request
from designer.engine.repair.wording import with_requirement
from designer.manifests.assume import assume_listed
from designer.model import NetworkPolicy, Node, Service
from tests.engine.checks.clusters import compiled, deployment
from tests.engine.checks.clusters import policy as written
from tests.engine.policy.foreign import CNP, foreign
from tests.engine.repair.test_repair import CALICO, CART, FRONT, OTHER, dns_world
from tests.engine.repair.worlds import pod, policy, service, world

FROM_FRONT = {"podSelector": {"matchLabels": {"app": "front"}}}


def test_a_denial_at_one_end_is_sure_whatever_the_other_end_leaves_in_doubt() -> None:
    """A connection needs both ends (`domain/policies.md`); Weave Net may not take what has an endPort."""
    out = policy("shop", "out", {**FROM_FRONT, "policyTypes": ["Egress"]})
    ports = {"ports": [{"port": 80, "endPort": 90}]}
    doubt = policy("shop", "in", {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": [ports]})
    weave = {"plugin": "weave", "backend": "fastdp"}
    assert repair(world([FRONT, CART, out, doubt], cni=weave), "front", "cart", "TCP", 80, "impossible").already
    assert not repair(world([FRONT, CART, doubt], cni=weave), "front", "cart", "TCP", 80, "impossible").already


def test_pods_of_one_workload_are_let_reach_each_other() -> None:
    """Only a Pod with itself is never asked: two replicas are two Pods, and a default deny closes them."""
    state = compiled(deployment(), written("{podSelector: {}, policyTypes: [Ingress, Egress]}"))
    answer = repair(state, "shop/web", "shop/web", "TCP", 8080, "possible")
    assert not answer.already and not answer.reasons and answer.best is not None
    assert repair(compile_project(answer.best.edit.project), "shop/web", "shop/web", "TCP", 8080, "possible").already


def test_what_uses_its_nodes_network_stands_beside_nobodys_labels() -> None:
    """No selector means a Pod on its Node's network (`domain/policies.md`, section 2), so all other Pods is just it."""
    bare, host = pod("shop/bare", {}), pod("shop/host", {"app": "host"}, hostNetwork=True)
    far = pod("ops/far", {"app": "far"})
    own = policy("ops", "far", {"podSelector": {}, "policyTypes": ["Ingress"]})
    answer = repair(world([bare, host, far, own], cni=CALICO), "shop/bare", "ops/far", "TCP", 80, "possible")
    assert answer.best is not None and answer.best.exact, answer.reasons
    after = answer.best.steps[0].after
    assert after is not None
    spaces = {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}
    assert after["spec"]["ingress"][0]["from"] == [{"podSelector": {}, "namespaceSelector": spaces}]


def let_in_from(cidr: str) -> NetworkPolicy:
    rule = {"from": [{"ipBlock": {"cidr": cidr}}]}
    return policy("shop", "cart", {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": [rule]})


def test_a_block_of_just_the_range_of_pods_becomes_all_pods_but_one() -> None:
    """Kubernetes refuses an `except` that is its whole `cidr` (validation: a strict subset), so no block is left."""
    state = world([FRONT, CART, OTHER, let_in_from("10.244.0.0/16")], podCIDRs=["10.244.0.0/16"], cni=CALICO)
    cut = repair(state, "front", "cart", "TCP", 80, "impossible")
    mine = [one for one in cut.options if [step.text for step in one.steps] == ["Change NetworkPolicy shop/cart"]]
    assert len(mine) == 1 and mine[0].exact
    after = mine[0].steps[0].after
    assert after is not None
    assert not [peer for rule in after["spec"]["ingress"] for peer in rule["from"] if "ipBlock" in peer]


def test_a_block_that_covers_one_of_two_ranges_of_pods_is_not_widened_to_all_pods() -> None:
    """A cut takes away, it lets in nobody: a Pod to come with an address of the other range was never let in."""
    own = let_in_from("10.244.0.0/15")
    ranges = ["10.244.0.0/16", "10.250.0.0/16"]
    late = pod("ops/late", {"app": "late"}).dump() | {"status": {"podIP": "10.250.0.9"}}
    state = world([FRONT, CART, own], podCIDRs=ranges, cni=CALICO)
    assert not repair(state, "front", "cart", "TCP", 80, "impossible").already
    cut = repair(state, "front", "cart", "TCP", 80, "impossible")
    assert cut.options
    for option in cut.options:
        project = option.edit.project.with_objects([type(FRONT).model_validate(late)])
        after = compile_project(project)
        source, cart = after.control.pods["Pod:ops/late"], after.control.pods[CART.id]
        assert after.policies.check("ingress", cart, Peer.of_pod(source), "TCP", 81).value == "denied"


def test_a_requirement_more_of_the_same_key_is_one_list() -> None:
    """Requirements are AND-ed: not in (a) and not in (b) is not in (a, b)."""
    had = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a"]}]}
    made = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a", "b"]}]}
    assert with_requirement(had, "app", "NotIn", "b") == made


def out_of_front(*ports: dict[str, Any]) -> NetworkPolicy:
    dns = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
    rules = [{"to": [{"podSelector": {"matchLabels": {"app": "cart"}}}]}, {"to": [dns], "ports": list(ports)}]
    return policy("shop", "out", {**FROM_FRONT, "egress": rules, "policyTypes": ["Egress"]})


def test_names_are_blocked_by_a_closed_udp_alone() -> None:
    """Resolvers ask over UDP, TCP is for long answers (`domain/pitfalls.md`, NP-03 and NP-04)."""
    udp, tcp = {"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}
    shop = service("shop/cart", {"app": "cart"}, 80, 80)
    assert repair_request(dns_world(out_of_front(udp), shop), "front", "cart:80", "possible").already
    assert not repair_request(dns_world(out_of_front(tcp), shop), "front", "cart:80", "possible").already


def assumed() -> ClusterState:
    """Two Pods, and the DNS of kubeadm where the input has none: UDP and TCP 53, and TCP 9153 for metrics."""
    found = ("Deployment:kube-system/coredns", "Service:kube-system/kube-dns")
    project = world([FRONT, CART], cni=CALICO).project
    project, _ = assume_listed(project, found)
    return compile_project(replace(project, cluster=project.cluster.replace(assumed=found)))


def test_lookups_that_default_deny_closes_are_listed_for_an_assumed_dns_too() -> None:
    """Of the ports of `kube-dns` (`domain/dns.md`) the lookups are those of 53, not that of the metrics."""
    state = assumed()
    cut = isolate_namespace(state, "shop", ("egress",), keep_dns=False)
    (line,) = [one for one in cut.closes if one.src == "shop/front[Pod]" and "coredns" in one.dst]
    assert line.before.text() == "TCP 53, UDP 53" and not line.after
    kept = isolate_namespace(state, "shop", ("egress",), keep_dns=True)
    assert not [one for one in kept.closes if "coredns" in one.dst]
    assert any("look up no name" in note for note in cut.notes)
    assert not any("look up no name" in note for note in kept.notes)


def test_default_deny_says_for_whom_it_does_not_hold() -> None:
    """Policies do not apply to Pods on their Node's network (`domain/policies.md`, section 2)."""
    on_node, elsewhere = (pod(f"{name}/agent", {"app": "agent"}, hostNetwork=True) for name in ("shop", "ops"))
    said = isolate_namespace(world([CART, on_node], cni=CALICO), "shop", ("ingress",), keep_dns=True).notes
    assert any(note.startswith("agent:") and "hostNetwork" in note for note in said)
    said = isolate_namespace(world([CART, elsewhere], cni=CALICO), "shop", ("ingress",), keep_dns=True).notes
    assert not any("hostNetwork" in note for note in said)


def kube_dns(target: int) -> Service:
    """The Service of kubeadm's DNS: 53 of both protocols, and 9153 for metrics."""
    ports = [
        {"name": f"p{n}", "port": 53, "protocol": one, "targetPort": target} for n, one in enumerate(("UDP", "TCP"))
    ]
    ports.append({"name": "metrics", "port": 9153, "protocol": "TCP", "targetPort": 9153})
    data = service("kube-system/kube-dns", {"k8s-app": "kube-dns"}, 53, target).dump()
    return Service.model_validate({**data, "spec": {"selector": {"k8s-app": "kube-dns"}, "ports": ports}})


def test_the_rule_for_names_opens_the_pods_own_ports_behind_53_and_no_other() -> None:
    """Policies see the port of the Pod; OpenShift's DNS listens on 5353 (`domain/dns.md`), metrics are no lookup."""
    for target in (53, 5353):
        found = dns_rule(world([CART, kube_dns(target)]).project)
        assert found["ports"] == [{"protocol": "UDP", "port": target}, {"protocol": "TCP", "port": target}]


def test_default_deny_of_ingress_leaves_egress_alone() -> None:
    """A policy isolates in the directions of its policyTypes alone (API text of `policyTypes`)."""
    edit = default_deny(dns_world().project, "shop", ("ingress",), keep_dns=True)
    (made,) = edit.project.of(NetworkPolicy)
    assert made.dump()["spec"]["policyTypes"] == ["Ingress"] and "egress" not in made.dump()["spec"]


def test_a_deny_outright_goes_before_its_own_tier_only() -> None:
    """Priorities order one tier (`domain/cluster-network-policy.md`): 0 in Baseline leaves every place of Admin."""
    spec = {"tier": "Baseline", "priority": 0, "subject": {"namespaces": {}}, "ingress": []}
    base = foreign(CNP, "ClusterNetworkPolicy", "base", spec)
    project = world([FRONT, CART, OTHER], cni=CALICO).project
    state = compile_project(replace(project, foreign=project.foreign.set(base.id, base)))
    answer = repair(state, "shop/front", "shop/cart", "TCP", 80, "impossible")
    texts = [step.text for option in answer.options for step in option.steps]
    assert "Add ClusterNetworkPolicy deny-front-to-cart" in texts


def test_no_deny_outright_means_pods_on_their_nodes_network() -> None:
    """Such Pods are never subjects (`domain/cluster-network-policy.md`), nor are all Pods in their place."""
    host = pod("shop/host", {"app": "cart"}, hostNetwork=True)
    cart, front = pod("shop/cart", {"app": "cart", "own": "cart"}), pod("shop/front", {"app": "front"}, nodeName="n2")
    to = {"podSelector": {"matchLabels": {"own": "cart"}}}
    out = policy("shop", "out", {**FROM_FRONT, "egress": [{"to": [to]}], "policyTypes": ["Egress"]})
    address = {"addresses": [{"type": "InternalIP", "address": "192.0.2.1"}]}
    nodes = [Node.model_validate({"metadata": {"name": n}, "status": s}) for n, s in (("n1", address), ("n2", {}))]
    state = world([*nodes, front, cart, OTHER, host, out, service("shop/cart", {"app": "cart"}, 80, 80)], cni=CALICO)
    answer = repair_request(state, "front", "cart:80", "impossible")
    assert not answer.already and answer.reasons and not answer.options
