"""Proposals on random clusters, held against the slow evaluator, and against all single edits of tiny ones."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from designer.edits.policies import rule_of, rules_of, with_changed_rule, with_rule
from designer.engine.compile import ClusterState
from designer.engine.reach import ChangedLine
from designer.engine.repair import Proposal, Repair, repair
from designer.model import NetworkPolicy, Project
from tests.engine.policy.test_against_specification import NAMESPACES, labels, namespaces, policies
from tests.engine.repair.worlds import Connection, Judge, pod, policy, world

people = st.lists(st.tuples(st.sampled_from(NAMESPACES), labels), min_size=2, max_size=4)
wanted_words = st.sampled_from(("possible", "impossible"))
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def cluster_of(found: Any, members: Any, spaces: Any, unique: bool = False) -> ClusterState:
    made = [policy(namespace, f"p{n}", spec) for n, (namespace, spec) in enumerate(found)]
    pods = [
        pod(f"{namespace}/w{n}", {**had, **({"id": f"w{n}"} if unique else {})})
        for n, (namespace, had) in enumerate(members)
    ]
    return world([*made, *pods], spaces)


def names(state: ClusterState) -> list[str]:
    return sorted(f"{one.namespace}/{one.name}" for one in state.control.pods.values())


def listed(lines: tuple[ChangedLine, ...], connection: Connection) -> bool:
    """Whether a changed connection stands in the lines, with the change of its very port."""
    source, target, protocol, number = connection
    return any(
        is_peer(line.src, source)
        and is_peer(line.dst, target)
        and ((protocol, number) in line.before) is not ((protocol, number) in line.after)
        for line in lines
    )


def is_peer(text: str, name: str) -> bool:
    if "/" in name:
        return text == f"{name}[Pod]"
    low, dash, high = text.partition("-")
    return bool(dash) and "[" not in text and int(ip_address(low)) <= int(ip_address(name)) <= int(ip_address(high))


def by_network_policies(state: ClusterState, answer: Repair) -> list[Proposal]:
    """The proposals that the evaluator of NetworkPolicies can judge."""
    return [option for option in answer.options if option.edit.project.foreign is state.project.foreign]


def holds_up(state: ClusterState, option: Proposal, pair: Connection, wanted: bool) -> None:
    """Asserts that the edit gives what was asked, and that it changes what it lists and nothing else."""
    source, target, protocol, number = pair
    old = Judge.of(state.project, state).all([(protocol, number)])
    new = Judge.of(option.edit.project, state).all([(protocol, number)])
    assert new[pair] is wanted
    for connection, before in old.items():
        if new[connection] is before:
            continue
        mine = connection == pair
        assert listed(option.wanted if mine else option.beside, connection) or listed(option.beside, connection)
        assert mine or not option.exact
    assert source and target


@settings(max_examples=120, suppress_health_check=SLOW, deadline=None)
@given(policies, people, namespaces, wanted_words, st.sampled_from((80, 443)), st.data())
def test_every_proposal_does_what_it_says(
    found: Any, members: Any, spaces: Any, wanted: Any, number: int, data: st.DataObject
) -> None:
    state = cluster_of(found, members, spaces)
    source, target = data.draw(st.permutations(names(state)))[:2]
    pair = (source, target, "TCP", number)
    answer = repair(state, source, target, "TCP", number, wanted)
    assert not answer.problems
    now = Judge.of(state.project, state).passes(pair)
    assert answer.already is (now is (wanted == "possible"))
    assert answer.already or bool(answer.options) is not bool(answer.reasons)
    for option in by_network_policies(state, answer):
        holds_up(state, option, pair, wanted == "possible")


@settings(max_examples=80, suppress_health_check=SLOW, deadline=None)
@given(policies, people, namespaces, wanted_words, st.data())
def test_pods_with_labels_of_their_own_always_get_an_answer_that_changes_nothing_else(
    found: Any, members: Any, spaces: Any, wanted: Any, data: st.DataObject
) -> None:
    state = cluster_of(found, members, spaces, unique=True)
    source, target = data.draw(st.permutations(names(state)))[:2]
    answer = repair(state, source, target, "TCP", 80, wanted)
    assume(not answer.already)
    options = by_network_policies(state, answer)
    assert options, answer.reasons
    holds_up(state, options[0], (source, target, "TCP", 80), wanted == "possible")
    assert options[0].exact


def single_edits(project: Project, source: Any, wanted: str) -> Iterator[Project]:
    """Every project that differs from this one by one policy: a rule, peer, or port less; a rule for the pair more."""
    for one in project.of(NetworkPolicy):
        yield project.without(one.id)
        for direction, word in (("ingress", "from"), ("egress", "to")):
            rules = rules_of(one, direction)
            for index, rule in enumerate(rules):
                yield project.with_object(with_changed_rule(one, direction, index, []))
                for field in (word, "ports"):
                    entries = rule.get(field, [])
                    for n in range(len(entries) if len(entries) > 1 else 0):
                        less = {**rule, field: [*entries[:n], *entries[n + 1 :]]}
                        yield project.with_object(with_changed_rule(one, direction, index, [less]))
            if wanted == "possible":
                for peers in ([source[direction]], []):
                    more = rule_of(direction, peers, [{"protocol": "TCP", "port": 80}])
                    yield project.with_object(with_rule(one, direction, more))


CLOSED: tuple[str, dict[str, Any]] = ("a", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
OPEN: tuple[str, dict[str, Any]] = ("a", {"podSelector": {}, "ingress": [{}], "egress": [{}]})


@settings(max_examples=12, suppress_health_check=SLOW, deadline=None)
@given(st.lists(policies.map(lambda found: found[:1]), max_size=1), st.integers(2, 3), wanted_words)
def test_no_single_edit_would_have_done_where_more_policies_are_proposed(found: Any, count: int, wanted: Any) -> None:
    base = [CLOSED] if wanted == "possible" else [OPEN, OPEN]
    more = [("a", spec) for one in found for _, spec in one]
    state = cluster_of([*base, *more], [("a", {})] * count, {}, unique=True)
    answer = repair(state, "a/w0", "a/w1", "TCP", 80, wanted)
    assume(answer.best is not None and len(by_network_policies(state, answer)[0].steps) > 1)
    old = Judge.of(state.project, state).all()
    pair = ("a/w0", "a/w1", "TCP", 80)
    ends = {"ingress": {"podSelector": {"matchLabels": {"id": "w0"}}}, "egress": {"podSelector": {}}}
    for project in single_edits(state.project, ends, wanted):
        judge = Judge.of(project, state)
        if judge.passes(pair) is not (wanted == "possible"):
            continue
        new = judge.all()
        assert {one for one in old if old[one] is not new[one]} != {pair}, "one policy less would have had to change"
