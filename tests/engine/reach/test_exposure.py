"""What a workload would take from, or send to, Pods that are not in the input: worked out by hand for each rule."""

from dataclasses import replace

import pytest

from designer.engine.controlplane.enforcement import CILIUM, FLANNEL, WEAVE
from designer.engine.policy.matrix import connectivity
from designer.engine.reach import Exposure, Reach, exposures
from tests.engine.policy.cluster import Cluster, cluster, pod, policy, ports

DB = pod("a/db", {"app": "db"}, "10.0.0.1", spec=ports(("sql", 5432, "TCP")))
Peers = list[tuple[str, str, tuple[str, ...]]]


def exposed(c: Cluster, direction: str = "ingress") -> Exposure:
    matrix = connectivity(c.project, c.control, c.policies)
    found = exposures(Reach(matrix, c.policies, (), matrix.notes))
    return next(one for one in found if one.workload == "a/db[Pod]" and one.direction == direction)


def peers(rule: str, direction: str = "ingress") -> Peers:
    kind = direction.capitalize()
    c = cluster(policy(f"{{podSelector: {{}}, policyTypes: [{kind}], {direction}: [{rule}]}}"), pods=(DB,))
    one = exposed(c, direction)
    assert one.protected
    return [(peer.peer, peer.ports.text(), peer.names) for peer in one.peers]


ANYBODY = "any Pod of any namespace"
NOTHING = (ANYBODY, "none", ())


def test_without_a_policy_everything_is_open() -> None:
    one = exposed(cluster(pods=(DB,)))
    assert not one.protected and [(p.peer, p.ports.text()) for p in one.peers] == [(ANYBODY, "all connections")]


def test_what_nobody_enforces_protects_nothing() -> None:
    one = exposed(cluster(policy("podSelector: {}"), pods=(DB,), enforcement=FLANNEL))
    assert not one.protected and one.peers[0].ports.text() == "all connections"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("", [NOTHING]),
        ("{}", [(ANYBODY, "all connections", ())]),
        ("{ports: [{port: sql}]}", [(ANYBODY, "TCP 5432", ())]),
        ("{from: [{namespaceSelector: {}}], ports: [{port: 80}]}", [(ANYBODY, "TCP 80", ())]),
        ("{from: [{podSelector: {}}]}", [NOTHING, ("namespace a AND any Pod", "all connections", ())]),
        (
            "{from: [{namespaceSelector: {matchLabels: {team: x}}}]}",
            [NOTHING, ("namespaces with team=x AND any Pod", "all connections", ())],
        ),
        ("{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}", [NOTHING]),
        (
            (
                "{from: [{podSelector: {matchLabels: {app: x}, "
                "matchExpressions: [{key: app, operator: NotIn, values: [x]}]}}]}"
            ),
            [NOTHING],
        ),
    ],
)
def test_a_rule_opens_to_those_who_fulfil_its_selectors(rule: str, expected: Peers) -> None:
    assert peers(rule) == expected


def test_a_selector_that_excludes_means_everybody_without_the_label() -> None:
    """NotIn holds where the label is absent (Kubernetes API, LabelSelectorRequirement): so for any unlabelled Pod, and
    not for one with the value."""
    rule = (
        "{from: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: x, operator: NotIn, values: [y]}]}}]}"
    )
    assert peers(rule) == [(ANYBODY, "all connections", ()), ("any namespace AND x in (y)", "none", ())]
    space = "{from: [{namespaceSelector: {matchExpressions: [{key: env, operator: DoesNotExist}]}}]}"
    assert peers(space) == [(ANYBODY, "all connections", ()), ("namespaces with env AND any Pod", "none", ())]


def test_values_that_a_selector_lists_are_told_apart_where_rules_differ() -> None:
    """`x` and `q` fulfil the second rule alone, `w` and `z` both, whoever has no role the first alone."""
    role = "{key: role, operator: OPERATOR, values: [VALUES]}"
    of = f"{{from: [{{podSelector: {{matchExpressions: [{role}]}}}}], ports: [{{port: PORT}}]}}"
    first = of.replace("OPERATOR", "NotIn").replace("VALUES", "x, q").replace("PORT", "90")
    second = of.replace("OPERATOR", "In").replace("VALUES", "w, x, q, z").replace("PORT", "80")
    assert peers(f"{first}, {second}") == [
        NOTHING,
        ("namespace a AND role not in (x, q)", "TCP 90", ()),
        ("namespace a AND role in (x, q)", "TCP 80", ()),
        ("namespace a AND role in (w, z)", "TCP 80, TCP 90", ()),
    ]
    assert peers(second) == [NOTHING, ("namespace a AND role in (w, x, q, z)", "TCP 80", ())]


def test_values_of_two_lists_are_told_one_by_one_where_they_differ() -> None:
    both = "{key: a, operator: In, values: [c, d]}, {key: b, operator: In, values: [e, f]}"
    rules = (
        f"{{from: [{{podSelector: {{matchExpressions: [{both}]}}}}], ports: [{{port: 80}}]}}, "
        "{from: [{podSelector: {matchLabels: {a: c, b: f}}}], ports: [{port: 81}]}"
    )
    assert peers(rules) == [
        NOTHING,
        ("namespace a AND a in (c), b in (e)", "TCP 80", ()),
        ("namespace a AND a in (d), b in (e)", "TCP 80", ()),
        ("namespace a AND a in (d), b in (f)", "TCP 80", ()),
        ("namespace a AND a in (c), b in (f)", "TCP 80-81", ()),
    ]


def test_a_more_special_pod_has_what_is_open_to_all_too() -> None:
    rule = "{ports: [{port: 80}]}, {from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: 81}]}"
    assert peers(rule) == [(ANYBODY, "TCP 80", ()), ("namespace a AND app=x", "TCP 80-81", ())]


def test_only_the_other_pod_knows_what_a_port_name_of_egress_means() -> None:
    rule = "{to: [{podSelector: {}}], ports: [{port: http}, {port: 53, protocol: UDP}]}"
    assert peers(rule, "egress") == [NOTHING, ("namespace a AND any Pod", "UDP 53", ("http/TCP",))]


def test_where_the_engine_may_look_a_name_up_on_all_pods_nothing_hangs_on_it_for_sure() -> None:
    """Cilium's issue 30003: another Pod with the name may have any number for it, and then the rule is passed over or
    not; without the name, the one number that the cluster has for it may be let through."""
    rule = "{to: [{podSelector: {}}], ports: [{port: http}, {port: 53, protocol: UDP}]}, {ports: [{port: sql}]}"
    spec = f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{rule}]}}"
    found = exposed(cluster(policy(spec), pods=(DB,), enforcement=CILIUM), "egress")
    assert [(p.peer, p.ports.text(), p.names, p.unsure.text()) for p in found.peers] == [
        (ANYBODY, "none", (), "TCP all"),
        ("namespace a AND any Pod", "UDP 53", (), "TCP all"),
    ]


def test_the_last_port_of_all_is_no_better_known() -> None:
    """Where the cluster's one number for a name is among the highest, another Pod may have another one all the same."""
    high = pod("a/db", {"app": "db"}, "10.0.0.1", spec=ports(("http", 65534, "TCP")))
    spec = "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}"
    found = exposed(cluster(policy(spec), pods=(high,), enforcement=CILIUM), "egress")
    assert [(p.ports.text(), p.names, p.unsure.text()) for p in found.peers] == [("none", (), "TCP all")]


def test_who_uses_its_nodes_network_is_protected_by_nothing() -> None:
    """`domain/policies.md` section 2: a Pod with hostNetwork is no subject of policies."""
    host = pod("a/db", {"app": "db"}, "192.0.2.1", spec={"hostNetwork": True})
    one = exposed(cluster(policy("podSelector: {}"), pods=(host,)))
    assert not one.protected and [p.ports.text() for p in one.peers] == ["all connections"]


def test_words_of_a_selector_that_nobody_can_fulfil_stand_for_nobody() -> None:
    """`app` cannot be x and not x; whoever just has app=x is named by the rule that means him."""
    impossible = "{matchLabels: {app: x}, matchExpressions: [{key: app, operator: NotIn, values: [x]}]}"
    rules = (
        f"{{from: [{{podSelector: {impossible}}}], ports: [{{port: 80}}]}}, "
        "{from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: 81}]}"
    )
    found = peers(rules)
    assert found[0] == NOTHING and [ports for _, ports, _ in found[1:]] == ["TCP 81"]
    assert "not in" not in found[1][0]


def test_a_port_that_one_pod_opens_for_sure_is_not_unsure_for_the_workload() -> None:
    """Weave Net does not know endPort: one Pod of the workload takes all of its ports by number, another by a range."""
    pods = tuple(pod(f"a/db-{n}", {"app": "db", "n": n}, f"10.0.0.{n}", owner="Deployment:a/db") for n in ("1", "2"))
    by_number, by_range = (
        policy(f"{{podSelector: {{matchLabels: {{n: '{n}'}}}}, ingress: [{{ports: [{ports_of}]}}]}}", f"p{n}")
        for n, ports_of in (("1", "{port: 80}"), ("2", "{port: 80, endPort: 90}"))
    )
    c = cluster(by_number, by_range, pods=pods, enforcement=WEAVE)
    matrix = connectivity(c.project, c.control, c.policies)
    workload = replace(matrix.peers[0], pods=pods)
    matrix = replace(matrix, peers=(workload, *matrix.peers[1:]))
    (one,) = [e for e in exposures(Reach(matrix, c.policies, (), ())) if (e.workload, e.direction) == (
        workload.text, "ingress")]  # fmt: skip
    assert ("TCP", 80) in one.peers[0].ports
    assert ("TCP", 80) not in one.peers[0].unsure and ("TCP", 85) in one.peers[0].unsure


NAME = "kubernetes.io/metadata.name"


def test_every_namespace_has_its_name_as_a_label() -> None:
    """Kubernetes, namespaces: the control plane sets the label on all of them, also on those that nobody knows."""
    named = f"{{matchExpressions: [{{key: {NAME}, operator: OP}}]}}"
    of = f"{{from: [{{namespaceSelector: {named}}}], ports: [{{port: 80}}]}}"
    assert peers(of.replace("OP", "Exists"))[0] == (ANYBODY, "TCP 80", ())
    assert peers(of.replace("OP", "DoesNotExist")) == [NOTHING]


def test_a_label_that_is_asked_for_twice_has_the_value_that_fulfils_both() -> None:
    both = "{matchLabels: {app: x}, matchExpressions: [{key: app, operator: Exists}]}"
    (_, found) = peers(f"{{from: [{{podSelector: {both}}}]}}")
    assert found[1] == "all connections"


def test_a_pod_of_the_own_namespace_has_what_rules_give_to_the_labels_of_that() -> None:
    rules = (
        "{from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: 80}]}, "
        "{from: [{namespaceSelector: {matchLabels: {team: t}}}], ports: [{port: 81}]}"
    )
    c = cluster(policy(f"{{podSelector: {{}}, ingress: [{rules}]}}"), pods=(DB,), namespaces={"a": {"team": "t"}})
    told = {one.peer: one.ports.text() for one in exposed(c).peers}
    assert told["namespace a AND app=x"] == "TCP 80-81"


def test_the_numbers_that_stand_for_names_are_none_that_rules_mean_nor_beside_each_other() -> None:
    """Each rule opens one number, or one name whose number only the other Pod knows."""
    rule = "{to: [{podSelector: {}}], ports: [{port: http}, {port: web}, {port: 65535}]}"
    (_, (_, ports, names)) = peers(rule, "egress")
    assert (ports, sorted(names)) == ("TCP 65535", ["http/TCP", "web/TCP"])
