"""Explanations and changes agree with a slow reading of the specification and with the matrix, on random clusters."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings

from designer.engine.controlplane.enforcement import FLANNEL, WEAVE
from designer.engine.controlplane.state import PodState
from designer.engine.policy.beyond import Unread
from designer.engine.policy.matrix import connectivity
from designer.engine.policy.ports import ALL_PORTS, NO_PORTS, PortSet
from designer.engine.reach import Reach, explanations, reach_change, undecided
from designer.model import NetworkPolicy
from tests.engine.policy.cluster import Cluster, cluster, pod, policy
from tests.engine.policy.specification import allowed, isolates
from tests.engine.policy.test_against_specification import PORTS, build, namespaces, pods, policies

PROBES = (*PORTS, 53, 500)


def whole(c: Cluster) -> Reach:
    matrix = connectivity(c.project, c.control, c.policies)
    return Reach(matrix, c.policies, (), matrix.notes)


def lines_of(found: Reach) -> dict[tuple[str, str], PortSet]:
    return {(line.src.text, line.dst.text): line.ports for line in found.matrix.connections()}


def octets(address: str) -> tuple[int, ...]:
    return tuple(map(int, address.split(".")))


def end_by_specification(
    made: list[NetworkPolicy], spaces: Any, direction: str, pod: PodState | str, end: PodState | str, port: Any
) -> tuple[str, tuple[str, ...]]:
    """What one end says of one port: each policy asked alone, as if it were the only one."""
    if isinstance(pod, str):
        return "default", ()
    mine = [one for one in made if isolates(one, direction, pod)]
    if not mine:
        return "default", ()
    letting = [one for one in mine if allowed([one], spaces, direction, pod, end, *port)]
    names = tuple(f"NetworkPolicy {one.namespace}/{one.name}" for one in letting or mine)
    return ("allow" if letting else "deny"), names


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(policies, pods, namespaces)
def test_every_explanation_is_what_the_specification_says(found: Any, people: Any, spaces: Any) -> None:
    c, made, members = build(found, people, spaces)
    by_text: dict[str, PodState] = {f"{p.namespace}/{p.name}[Pod]": p for p in members}
    answer = whole(c)
    seen: dict[tuple[str, str], PortSet] = {}
    opened: dict[tuple[str, str], PortSet] = {}
    for one in explanations(answer):
        pair = (one.src, one.dst)
        assert not seen.get(pair, NO_PORTS) & one.ports, "a port has one explanation"
        seen[pair] = seen.get(pair, NO_PORTS) | one.ports
        if one.allowed:
            opened[pair] = opened.get(pair, NO_PORTS) | one.ports
        src = by_text.get(one.src, one.src.partition("-")[0])
        dst = by_text.get(one.dst, one.dst.partition("-")[0])
        for protocol in ("TCP", "UDP", "SCTP"):
            for port in ((protocol, number) for number in PROBES):
                if port not in one.ports:
                    continue
                out = end_by_specification(made, spaces, "egress", src, dst, port)
                into = end_by_specification(made, spaces, "ingress", dst, src, port)
                assert (one.egress.verdict, one.egress.policies) == out
                assert (one.ingress.verdict, one.ingress.policies) == into
                assert one.allowed is ("deny" not in (out[0], into[0]))
    assert all(ports == ALL_PORTS for ports in seen.values())
    assert opened == lines_of(answer)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(policies, policies, pods, namespaces)
def test_a_change_is_the_difference_of_both_sides_at_every_address(
    old: Any, new: Any, people: Any, spaces: Any
) -> None:
    left, _, _ = build(old, people, spaces)
    right, _, _ = build(new, people, spaces)
    before, after = whole(left), whole(right)
    change = reach_change(before, after)
    told = {(one.src, one.dst): one for part in (change.opened, change.closed, change.changed) for one in part}
    for side, word in ((before, "before"), (after, "after")):
        cuts = [peer for peer in side.matrix.peers if peer.is_range]

        def held(end: str, cuts: Any = cuts) -> str:
            """The range of this side in which a range of the change lies."""
            if "[" in end:
                return end
            low = octets(end.partition("-")[0])
            return str(next(peer.text for peer in cuts if low <= octets(peer.text.partition("-")[2])))

        here = lines_of(side)
        for (src, dst), one in told.items():
            assert getattr(one, word) == here.get((held(src), held(dst)), NO_PORTS)
    quiet = {peer.text for peer in before.matrix.peers} & {peer.text for peer in after.matrix.peers}
    left_lines, right_lines = lines_of(before), lines_of(after)
    for src in sorted(quiet):
        for dst in sorted(quiet):
            same = left_lines.get((src, dst)) == right_lines.get((src, dst))
            assert same is ((src, dst) not in told), "what differs is told, and nothing else"
    assert all(one.before != one.after for one in told.values())


def test_an_end_that_nobody_enforces_is_open_by_default() -> None:
    a, b = pod("a/x", {"app": "x"}, "10.0.0.1"), pod("a/y", {"app": "y"}, "10.0.0.2")
    found = list(explanations(whole(cluster(policy("podSelector: {}"), pods=(a, b), enforcement=FLANNEL))))
    assert {(one.allowed, one.egress.verdict, one.ingress.verdict) for one in found} == {(True, "default", "default")}


def test_pods_of_a_workload_that_differ_count_as_reaching_what_any_of_them_reaches() -> None:
    web = [pod(f"a/web-{n}", {"app": "web"}, f"10.0.{n}.1", owner="Deployment:a/web") for n in (1, 2)]
    db = pod("a/db", {"app": "db"}, "10.0.9.1")
    block = policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.0.1.0/24}}]}]}")
    answer = whole(cluster(block, pods=(*web, db)))
    pairs = [one for one in explanations(answer) if (one.src, one.dst) == ("a/web[Deployment]", "a/db[Pod]")]
    assert [(one.allowed, one.ports, one.ingress.verdict) for one in pairs] == [(True, ALL_PORTS, "allow")]


def test_what_one_pod_of_a_workload_may_reach_is_not_denied_to_the_workload() -> None:
    """Weave Net does not know endPort, so whether the first Pod reaches 80 to 90 is open; the second does not."""
    web = [pod(f"a/web-{n}", {"app": "web"}, f"10.0.{n}.1", owner="Deployment:a/web") for n in (1, 2)]
    db = pod("a/db", {"app": "db"}, "10.0.9.1")
    rule = "{from: [{ipBlock: {cidr: 10.0.1.0/24}}], ports: [{port: 80, endPort: 90}, {port: 443}]}"
    block = policy(f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rule}]}}")
    engine = replace(WEAVE, ip_block_matches_pods=True)
    found = explanations(whole(cluster(block, pods=(*web, db), enforcement=engine)))
    pairs = [one for one in found if (one.src, one.dst) == ("a/web[Deployment]", "a/db[Pod]")]
    assert ("TCP", 443) in next(one.ports for one in pairs if one.allowed)
    for port in (80, 85, 90):
        assert [one.allowed for one in pairs if ("TCP", port) in one.ports] == [None]


def test_what_one_pod_of_a_workload_surely_reaches_is_not_in_doubt_too() -> None:
    """The first Pod surely reaches 85; whether Weave Net, which does not know endPort, lets the second is open."""
    web = [pod(f"a/web-{n}", {"app": "web"}, f"10.0.{n}.1", owner="Deployment:a/web") for n in (1, 2)]
    db = pod("a/db", {"app": "db"}, "10.0.9.1")
    block = policy("""
podSelector: {matchLabels: {app: db}}
ingress:
- {from: [{ipBlock: {cidr: 10.0.1.0/24}}], ports: [{port: 85}]}
- {from: [{ipBlock: {cidr: 10.0.2.0/24}}], ports: [{port: 80, endPort: 90}]}
""")
    engine = replace(WEAVE, ip_block_matches_pods=True)
    answer = whole(cluster(block, pods=(*web, db), enforcement=engine))
    pairs = [one for one in explanations(answer) if (one.src, one.dst) == ("a/web[Deployment]", "a/db[Pod]")]
    said = {port: [one.allowed for one in pairs if ("TCP", port) in one.ports] for port in (79, 84, 85, 86, 91)}
    assert said == {79: [None], 84: [None], 85: [True], 86: [None], 91: [None]}


WEAVE_RANGE = "{port: 80, endPort: 90}"


def on_weave(*entries: str) -> Reach:
    """Pods x and y under Weave Net; x may reach y on these ports.

    With endPort, which it does not know (domain/cni.md), it may drop the policy: then all ports are open.
    """
    x, y = pod("a/x", {"app": "x"}, "10.0.0.1"), pod("a/y", {"app": "y"}, "10.0.0.2")
    rule = f"{{from: [{{podSelector: {{matchLabels: {{app: x}}}}}}], ports: [{', '.join(entries)}]}}"
    into = policy(f"{{podSelector: {{matchLabels: {{app: y}}}}, ingress: [{rule}]}}")
    return whole(cluster(into, pods=(x, y), enforcement=WEAVE))


def tcp(*numbers: int) -> PortSet:
    found = NO_PORTS
    for number in numbers:
        found |= PortSet.of("TCP", number, number)
    return found


def test_what_was_open_and_may_stay_so_is_neither_closed_nor_unchanged() -> None:
    sure, unsure = on_weave("{port: 443}", "{port: 80}"), on_weave("{port: 443}", WEAVE_RANGE)
    rest = ALL_PORTS - tcp(443)
    for old, new, before, after in ((sure, unsure, tcp(80), rest), (unsure, sure, rest, tcp(80))):
        change = reach_change(old, new)
        assert (change.opened, change.closed, change.changed, change.empty) == ((), (), (), False)
        (one,) = [one for one in change.unclear if (one.src, one.dst) == ("a/x[Pod]", "a/y[Pod]")]
        assert (one.before, one.after) == (before, after)


def test_what_cannot_be_told_on_either_side_is_no_change() -> None:
    """Port 443 was sure and may be open still, 444 the other way round: of all others nothing changes."""
    change = reach_change(on_weave(WEAVE_RANGE, "{port: 443}"), on_weave(WEAVE_RANGE, "{port: 444}"))
    assert (change.opened, change.closed, change.changed) == ((), (), ())
    both = tcp(443, 444)
    assert [(one.src, one.dst, one.before, one.after) for one in change.unclear] == [
        ("a/x[Pod]", "a/y[Pod]", both, both)
    ]


def test_host_network_pods_of_the_same_node_are_open_by_default() -> None:
    agent = pod("a/agent", {"app": "agent"}, "192.168.10.1", "n1", {"hostNetwork": True})
    far = pod("a/far", {"app": "agent"}, "192.168.10.2", "n2", {"hostNetwork": True})
    db = pod("a/db", {"app": "db"}, "10.0.0.1", "n1")
    answer = whole(cluster(policy("podSelector: {}"), pods=(agent, far, db)))
    found = {(one.src, one.dst): one for one in explanations(answer)}
    assert found["a/agent[Pod]", "a/db[Pod]"].allowed
    assert not found["a/far[Pod]", "a/db[Pod]"].allowed
    assert found["a/far[Pod]", "a/db[Pod]"].ingress.policies == ("NetworkPolicy a/p",)


def test_what_other_kinds_may_decide_cannot_be_told() -> None:
    """A policy that is kept unread may turn round any answer about the Pods of its namespace."""
    a, b, far = (pod(name, {}, f"10.0.0.{n}") for n, name in enumerate(("a/x", "a/y", "b/z"), 1))
    c = cluster(pods=(a, b, far))
    unread = Unread("cilium.io/v2/CiliumNetworkPolicy:a/deny", "cilium.io", "CiliumNetworkPolicy", "a", {}, "too new")
    answer = whole(replace(c, policies=replace(c.policies, unread=(unread,))))
    assert any("CiliumNetworkPolicy" in note for note in answer.notes)
    assert {end for pair in lines_of(answer) for end in pair if "[" in end} == {"b/z[Pod]"}
    found = list(undecided(answer))
    assert {(one.src, one.dst) for one in found if "-" not in one.src + one.dst} == {
        (x, y) for x in ("a/x[Pod]", "a/y[Pod]", "b/z[Pod]") for y in ("a/x[Pod]", "a/y[Pod]", "b/z[Pod]") if x != y
    }
    (one,) = [one for one in found if (one.src, one.dst) == ("a/y[Pod]", "b/z[Pod]")]
    assert one.egress.verdict == "cannot-tell" and "too new" in one.egress.reason and "a/y" in one.egress.reason
    assert one.ingress.verdict == "default" and one.ports == ALL_PORTS
