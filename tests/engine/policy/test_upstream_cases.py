"""Truth tables of Kubernetes' own network policy tests: three namespaces x, y, z with three Pods a, b, c each.

Source of the cases: kubernetes/kubernetes test/e2e/network/netpol/network_policy.go and its model (Pods labelled
``pod``, namespaces ``ns``, servers at 80 and 81 of TCP and UDP). Each row says in words of our own who may still call
whom; a Pod calling itself is left out, since upstream ignores loopback too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pytest

from designer.engine.controlplane.state import PodState
from designer.engine.policy.matrix import connectivity
from designer.model import FrozenMap, NetworkPolicy
from tests.engine.policy.cluster import cluster, pod, policy, ports

SPACES, NAMES = "xyz", "abc"
SPACE_LABELS = {ns: {"ns": ns} for ns in SPACES}
EMPTY: Mapping[str, PodState] = MappingProxyType({})
SERVERS = ports(
    ("serve-80-tcp", 80, "TCP"), ("serve-80-udp", 80, "UDP"), ("serve-81-tcp", 81, "TCP"), ("serve-81-udp", 81, "UDP")
)
PODS: dict[str, PodState] = {
    f"{ns}/{name}": pod(f"{ns}/{name}", {"pod": name}, f"10.0.{i}.{k + 1}", f"n{i}", SERVERS)
    for i, ns in enumerate(SPACES)
    for k, name in enumerate(NAMES)
}
Open = Callable[[str, str, str, int], bool]


@dataclass(frozen=True)
class Case:
    """What the case is about, its policies (namespace, spec), and who may call whom on which port."""

    title: str
    policies: tuple[tuple[str, str], ...]
    allowed: Open


def into(target: str, allowed: Callable[[str, str, int], bool]) -> Open:
    """Everything is open but what goes to `target` ("x/a", or a namespace "x")."""
    return lambda src, dst, protocol, port: allowed(src, protocol, port) if dst == target or dst[0] == target else True


def out_of(source: str, allowed: Callable[[str, str, int], bool]) -> Open:
    """Everything is open but what `source` sends."""
    return lambda src, dst, protocol, port: allowed(dst, protocol, port) if src == source or src[0] == source else True


A = "podSelector: {matchLabels: {pod: a}}"
IS_A, IS_B = (f"podSelector: {{matchLabels: {{pod: {name}}}}}" for name in "ab")
FROM_Y, FROM_Z = (f"namespaceSelector: {{matchLabels: {{ns: {name}}}}}" for name in "yz")
NOT_X = "namespaceSelector: {matchExpressions: [{key: ns, operator: NotIn, values: [x]}]}"
IN_YZ = "namespaceSelector: {matchExpressions: [{key: ns, operator: In, values: [y, z]}]}"
IN_AB = "podSelector: {matchExpressions: [{key: pod, operator: In, values: [a, b]}]}"


def a_takes(*peers: str, open_ports: str = "") -> str:
    """Ingress of the Pods a: a rule with these peers and ports."""
    return "{{{}, ingress: [{{{}}}]}}".format(A, rule("from", peers, open_ports))


def a_sends(*peers: str, open_ports: str = "") -> str:
    """Egress of the Pods a."""
    return "{{{}, policyTypes: [Egress], egress: [{{{}}}]}}".format(A, rule("to", peers, open_ports))


def rule(word: str, peers: tuple[str, ...], open_ports: str) -> str:
    entries = ", ".join(f"{{{peer}}}" for peer in peers)
    parts = [f"{word}: [{entries}]" if peers else "", f"ports: [{open_ports}]" if open_ports else ""]
    return ", ".join(part for part in parts if part)


def block(cidr: str, exception: str = "") -> str:
    outs = f", except: [{exception}]" if exception else ""
    return f"ipBlock: {{cidr: {cidr}{outs}}}"


NO_EGRESS = "{podSelector: {}, policyTypes: [Egress]}"
Y_BY_NAME = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: y}}"
NOT_X_BY_NAME = (
    "namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [x]}]}"
)
ANY_SPACE = "namespaceSelector: {}"
IS_B_OR_C = "podSelector: {matchExpressions: [{key: pod, operator: In, values: [b, c]}]}"

NEARLY_Y = a_sends(block("10.0.1.0/24", "10.0.1.2/32"))
CASES = (
    Case("default deny ingress", (("x", "podSelector: {}"),), into("x", lambda src, p, n: False)),
    Case(
        "default deny of both directions",
        (("x", "{podSelector: {}, policyTypes: [Ingress, Egress]}"),),
        lambda src, dst, p, n: src[0] != "x" and dst[0] != "x",
    ),
    Case("from Pods of the own namespace", (("x", a_takes(IS_B)),), into("x/a", lambda src, p, n: src == "x/b")),
    Case("from a namespace by its label", (("x", a_takes(FROM_Y)),), into("x/a", lambda src, p, n: src[0] == "y")),
    Case("from namespaces by expression", (("x", a_takes(NOT_X)),), into("x/a", lambda src, p, n: src[0] != "x")),
    Case(
        "Pod selector OR namespace selector",
        (("x", a_takes(FROM_Y, IS_B)),),
        into("x/a", lambda src, p, n: src[0] == "y" or src == "x/b"),
    ),
    Case(
        "Pod selector AND namespace selector",
        (("x", a_takes(f"{NOT_X}, {IS_B}")),),
        into("x/a", lambda src, p, n: src in ("y/b", "z/b")),
    ),
    Case(
        "Pods and namespaces by several values",
        (("x", a_takes(f"{IN_YZ}, {IN_AB}")),),
        into("x/a", lambda src, p, n: src in ("y/a", "y/b", "z/a", "z/b")),
    ),
    Case(
        "policy by port",
        (("x", a_takes(FROM_Y, open_ports="{port: 81, protocol: TCP}")),),
        into("x/a", lambda src, p, n: src[0] == "y" and (p, n) == ("TCP", 81)),
    ),
    Case(
        "two policies add up",
        (("x", a_takes(open_ports="{port: 80}")), ("x", a_takes(open_ports="{port: 81}"))),
        into("x/a", lambda src, p, n: p == "TCP"),
    ),
    Case(
        "allow all beats deny all",
        (("x", "podSelector: {}"), ("x", "{podSelector: {}, ingress: [{}]}")),
        lambda src, dst, p, n: True,
    ),
    Case(
        "ingress to a named port",
        (("x", a_takes(open_ports="{port: serve-81-tcp}")),),
        into("x/a", lambda src, p, n: (p, n) == ("TCP", 81)),
    ),
    Case(
        "egress to a named port",
        (("x", a_sends(open_ports="{port: serve-80-tcp}")),),
        out_of("x/a", lambda dst, p, n: (p, n) == ("TCP", 80)),
    ),
    Case(
        "egress to Pods of a namespace",
        (("x", a_sends(f"{FROM_Y}, {IS_A}")),),
        out_of("x/a", lambda d, p, n: d == "y/a"),
    ),
    Case(
        "egress and ingress must both allow",
        (("x", a_sends(FROM_Y)), ("y", a_takes(FROM_Z))),
        lambda src, dst, p, n: (src != "x/a" or dst[0] == "y") and (dst != "y/a" or src[0] == "z"),
    ),
    Case(
        "a rule for UDP is none for TCP",
        (("x", a_takes(open_ports="{port: 80, protocol: UDP}")),),
        into("x/a", lambda src, p, n: (p, n) == ("UDP", 80)),
    ),
    Case(
        "an endPort is part of the range",
        (("x", a_sends(open_ports="{port: 80, endPort: 81}")),),
        out_of("x/a", lambda dst, p, n: p == "TCP"),
    ),
    Case(
        "ingress of one target beside a default deny",
        (("x", "podSelector: {}"), ("x", a_takes(f"{ANY_SPACE}, podSelector: {{}}"))),
        lambda src, dst, p, n: dst[0] != "x" or dst == "x/a",
    ),
    Case("from Pods of all namespaces", (("x", a_takes(ANY_SPACE)),), lambda src, dst, p, n: True),
    Case(
        "from a namespace by its own name", (("x", a_takes(Y_BY_NAME)),), into("x/a", lambda src, p, n: src[0] == "y")
    ),
    Case(
        "from namespaces by an expression about their names",
        (("x", a_takes(NOT_X_BY_NAME)),),
        into("x/a", lambda src, p, n: src[0] != "x"),
    ),
    Case(
        "any of two Pod selectors",
        (("x", a_takes(IS_B, IS_B_OR_C)),),
        into("x/a", lambda src, p, n: src in ("x/b", "x/c")),
    ),
    Case(
        "a Pod of another namespace by both selectors",
        (("x", a_takes(f"{FROM_Y}, {IS_A}")),),
        into("x/a", lambda src, p, n: src == "y/a"),
    ),
    Case(
        "a named port for one namespace",
        (("x", a_takes(FROM_Y, open_ports="{port: serve-80-tcp}")),),
        into("x/a", lambda src, p, n: src[0] == "y" and (p, n) == ("TCP", 80)),
    ),
    Case(
        "deny the egress of Pods by label",
        (("x", f"{{{A}, policyTypes: [Egress]}}"),),
        out_of("x/a", lambda d, p, n: False),
    ),
    Case("deny the egress of a namespace", (("x", NO_EGRESS),), out_of("x", lambda dst, p, n: False)),
    Case(
        "ingress and egress of one policy",
        (
            (
                "x",
                (
                    f"{{{A}, policyTypes: [Ingress, Egress], ingress: [{{ports: [{{port: 80}}]}}], "
                    "egress: [{ports: [{port: 81}]}]}"
                ),
            ),
        ),
        lambda src, dst, p, n: (dst != "x/a" or (p, n) == ("TCP", 80)) and (src != "x/a" or (p, n) == ("TCP", 81)),
    ),
    Case(
        "what the server allows the client may not",
        (("x", f"{{{A}, policyTypes: [Egress]}}"), ("y", a_takes(ANY_SPACE))),
        out_of("x/a", lambda dst, p, n: False),
    ),
    Case(
        "every port of a protocol",
        (("x", a_takes(open_ports="{protocol: TCP}")),),
        into("x/a", lambda src, p, n: p == "TCP"),
    ),
    Case(
        "allow all egress beats deny all egress",
        (("x", NO_EGRESS), ("x", "{podSelector: {}, policyTypes: [Egress], egress: [{}]}")),
        lambda src, dst, p, n: True,
    ),
    Case(
        "two directions on their own",
        (("x", a_sends(f"{FROM_Y}, {IS_A}")), ("x", a_takes(f"{FROM_Y}, {IS_B}"))),
        lambda src, dst, p, n: (src != "x/a" or dst == "y/a") and (dst != "x/a" or src == "y/b"),
    ),
    Case(
        "a rule for SCTP is none for TCP",
        (("x", a_takes(open_ports="{port: 80, protocol: SCTP}")),),
        into("x/a", lambda src, p, n: False),
    ),
    Case("egress to a block", (("x", a_sends(block("10.0.1.1/32"))),), out_of("x/a", lambda dst, p, n: dst == "y/a")),
    Case(
        "an exception of a block closes",
        (("x", NEARLY_Y),),
        out_of("x/a", lambda dst, p, n: dst in ("y/a", "y/c")),
    ),
    Case(
        "another policy opens what an exception closes",
        (("x", NEARLY_Y), ("x", a_sends(block("10.0.1.2/32")))),
        out_of("x/a", lambda dst, p, n: dst[0] == "y"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_case(case: Case) -> None:
    holds(case.policies, case.allowed)


def holds(policies: tuple[tuple[str, str], ...], allowed: Open, changed: Mapping[str, PodState] = EMPTY) -> None:
    """Asserts the truth table of the case, of the matrix and of the checks; `changed` are Pods with other labels."""
    people = {**PODS, **changed}
    made: list[NetworkPolicy] = [policy(spec, f"p{n}", ns) for n, (ns, spec) in enumerate(policies)]
    c = cluster(*made, pods=people.values(), namespaces=SPACE_LABELS)
    assert not c.policies.problems
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id.partition(":")[2]: peer for peer in matrix.peers if peer.id}
    for src, source in people.items():
        for dst, target in people.items():
            if src == dst:
                continue
            cell = matrix.ports(by_id[src], by_id[dst])
            for protocol, port in (("TCP", 80), ("TCP", 81), ("UDP", 80), ("UDP", 81)):
                expected = allowed(src, dst, protocol, port)
                assert ((protocol, port) in cell) is expected, (src, dst, protocol, port)
                checks = c.egress(source, target, port, protocol), c.ingress(target, source, port, protocol)
                assert all(check.value == "allowed" for check in checks) is expected, (src, dst, protocol, port)


def test_a_policy_of_sctp_isolates_although_the_engine_may_not_know_it() -> None:
    """SCTP itself passes where the rule names it."""
    c = cluster(policy(a_takes(open_ports="{port: 80, protocol: SCTP}"), "p", "x"), pods=PODS.values())
    assert [c.ingress(PODS["x/a"], PODS["x/b"], 80, protocol).value for protocol in ("TCP", "UDP", "SCTP")] == [
        "denied", "denied", "allowed",
    ]  # fmt: skip


def test_what_changes_decides_anew() -> None:
    """Upstream: an updated policy, an updated Pod, a policy that is deleted."""
    first, second = a_takes(IS_B), a_takes(FROM_Y)
    holds((("x", first),), into("x/a", lambda src, p, n: src == "x/b"))
    holds((("x", second),), into("x/a", lambda src, p, n: src[0] == "y"))
    relabelled = replace(PODS["x/c"], labels=FrozenMap({"pod": "b"}))
    holds((("x", first),), into("x/a", lambda src, p, n: src in ("x/b", "x/c")), {"x/c": relabelled})
    freed = replace(PODS["x/a"], labels=FrozenMap({"pod": "z"}))
    holds((("x", first),), lambda src, dst, p, n: True, {"x/a": freed})
    holds((), lambda src, dst, p, n: True)
