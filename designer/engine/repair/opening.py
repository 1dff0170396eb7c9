"""Make it possible: at each end that denies one rule more, in a policy for just these Pods or in a new one.

Policies of tiers that deny first cannot be overridden by a NetworkPolicy: then it is said which one stops it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from designer.edits.policies import (
    PEERS,
    dns_rules,
    new_policy,
    rule_of,
    rules_of,
    with_changed_rule,
    with_rule,
)
from designer.engine.compile import ClusterState
from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.policy import CompiledPolicy, Direction
from designer.engine.repair.ends import Directory, End
from designer.engine.repair.names import names_blocked
from designer.engine.repair.proposal import Draft, Proposal, Question, attempt
from designer.engine.repair.wording import Worded, port_words, shared, worded_pair
from designer.model import NetworkPolicy, selector_matches

WITH_NAMES = "Names are looked up by the cluster's DNS, so that stays open: UDP and TCP 53."
BOTH: tuple[Direction, ...] = ("egress", "ingress")
Data = dict[str, Any]
# The id of a policy, the policy as it becomes, and why.
Change = tuple[str, NetworkPolicy, str]


@dataclass(frozen=True, slots=True)
class Opening:
    """A rule that is missing at one end: the end whose policies deny, its direction, whom the rule lets through."""

    direction: Direction
    subject: Worded
    peer: str
    why: str
    rules: tuple[Data, ...]


def open_pair(question: Question, directory: Directory) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    """The proposals, best first, and where there is none, why."""
    source, target = worded_pair(directory, question.source, question.target.end)
    openings: list[Opening] = []
    reasons: list[str] = []
    engine = question.state.policies.enforcement
    for direction in BOTH:
        subject, peer = (source, target) if direction == "egress" else (target, source)
        rules = dns_rules(question.state.project) if direction == "egress" and named_in_vain(question) else []
        why = [WITH_NAMES] if rules else []
        if denied(question, direction):
            reasons += [said for said in (refusal(peer, direction, engine), subject.why) if said]
            # An engine that goes by identities may pass over port names of egress rules (`policy.identities`).
            named = engine.named_ports and not (engine.identities and direction == "egress")
            ports = port_words(question.target, named)
            rules.insert(0, rule_of(direction, peer.peers(subject.end.namespace), ports))
            why.insert(0, _why(direction, peer, ports))
        if rules:
            openings.append(Opening(direction, subject, peer.end.short, " ".join(why), tuple(rules)))
    if reasons:
        return (), tuple(dict.fromkeys(reasons))
    hosts = host_notes(*(target if one.direction == "egress" else source for one in openings))
    return _tried(question, directory, openings, hosts, (*shared(source), *shared(target)))


def _tried(
    question: Question, directory: Directory, openings: list[Opening], hosts: tuple[str, ...], notes: tuple[str, ...]
) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    """Each way to bring the rules in, tried on the cluster: those that work, best first; why the others do not."""
    found: list[Proposal] = []
    reasons: list[str] = []
    for chosen in product(*(changes_for(question, directory, opening) for opening in openings)):
        made, after = attempt(question, replace(_draft(question, chosen), notes=hosts))
        if made is None:
            reasons += stopped_by(question, after)
            continue
        found.append(replace(made, notes=(*made.notes, *notes)) if made.beside else made)
        if made.exact:
            break
    found.sort(key=lambda one: (len(one.beside), len(one.steps)))
    return tuple(found[:3]), tuple(dict.fromkeys(reasons))


def _why(direction: str, peer: Worded, ports: list[Data]) -> str:
    """What a rule does, for a person."""
    shown = ", ".join(f"{port['protocol']} {port['port']}" for port in ports)
    return f"{direction.capitalize()} {'from' if direction == 'ingress' else 'to'} {peer.text} on {shown}."


def denied(question: Question, direction: Direction) -> bool:
    """Whether one end does not surely let every connection pass."""
    found = [flow.verdict(question.state.policies, direction) for flow in question.flows]
    return any(one is not None and one.passes is not True for one in found)


def refusal(peer: Worded, direction: str, engine: Enforcement) -> str:
    """Why no rule can mean the other end, "" where one can."""
    if not peer.end.host_network:
        return peer.why
    said = f"{peer.end.text} uses its Node's network: policies see the Node's address, and no selector means it"
    if not engine.ip_block or engine.ip_block_matches_nodes is not True:
        knows = "does not let an ipBlock match" if engine.ip_block_matches_nodes is False else "may not take for one"
        return f"{said}. {engine.engine} {knows} a Node's address either: give it a network of its own"
    if not peer.hosts:
        return f"{said}. Which Node that is is not known for all of its Pods: put them on a Node first"
    return ""


def host_notes(*ends: Worded) -> tuple[str, ...]:
    """What to know where a rule means Nodes in place of Pods."""
    return tuple(
        f"{one.end.text} uses its Node's network, so the rule holds for everything that does so on the same Nodes. "
        f"A Pod of it on another Node needs that Node's address in the rule."
        for one in ends
        if one.hosts
    )


def changes_for(question: Question, directory: Directory, opening: Opening) -> list[tuple[Opening, Change]]:
    """The ways to bring in a rule: into each policy that selects just these Pods, else in a new one; best first."""
    project = question.state.project
    found: list[tuple[int, tuple[Opening, Change]]] = []
    for compiled in question.state.policies.policies.get(opening.subject.end.namespace, ()):
        policy = project.find(NetworkPolicy, compiled.id)
        if policy is None or compiled.rules(opening.direction) is None:
            continue
        if selects_only(directory, compiled, opening.subject.end):
            changed, grown = grown_by(policy, opening)
            found.append((0 if grown else 1, (opening, (policy.id, changed, opening.why))))
    found.sort(key=lambda one: one[0])
    way = "from" if opening.direction == "ingress" else "to"
    base = f"{opening.subject.end.short}-{way}-{opening.peer}"
    rules = {opening.direction: list(opening.rules)}
    made = new_policy(project, opening.subject.end.namespace, base, opening.subject.labels, rules)
    return [*(one for _, one in found[:2]), (opening, (made.id, made, opening.why))]


def selects_only(directory: Directory, policy: CompiledPolicy, end: End) -> bool:
    """Whether a policy selects every Pod of an end and nobody else."""
    own = {pod.key for pod in end.pods}
    selected = {
        pod.key
        for found in directory.groups.values()
        for pod in found
        if pod.namespace == policy.namespace and not pod.host_network and selector_matches(policy.selector, pod.labels)
    }
    return selected == own


def extended(policy: NetworkPolicy, direction: str, rule: Data) -> tuple[NetworkPolicy, bool]:
    """The policy with the rule's meaning added, and whether a rule that is there grew by it.

    A rule with the same peers takes the ports up, one with the same ports the peers: nothing else comes of either.
    """
    word = PEERS[direction]
    for index, old in enumerate(rules_of(policy, direction)):
        same_peers = old.get(word) == rule[word]
        for field, same in (("ports", same_peers), (word, old.get("ports") == rule["ports"])):
            if same and old.get(field):
                more = [one for one in rule[field] if one not in old[field]]
                grown = {**old, field: [*old[field], *more]}
                return with_changed_rule(policy, direction, index, [grown]), True
    return with_rule(policy, direction, rule), False


def grown_by(policy: NetworkPolicy, opening: Opening) -> tuple[NetworkPolicy, bool]:
    """The policy with all rules of an opening, and whether rules that are there grew by them."""
    grown = True
    for rule in opening.rules:
        policy, one = extended(policy, opening.direction, rule)
        grown = grown and one
    return policy, grown


def named_in_vain(question: Question) -> bool:
    """Whether the destination goes by a name that egress policies of the source keep it from looking up."""
    named = bool(question.target.end.service) and question.request is not None
    return named and names_blocked(question.state, question.source)


def _draft(question: Question, chosen: tuple[tuple[Opening, Change], ...]) -> Draft:
    """One edit of all changes; two that meet in the same policy become one."""
    made: dict[str, tuple[NetworkPolicy, str]] = {}
    for opening, (oid, policy, why) in chosen:
        if oid in made:
            policy, why = grown_by(made[oid][0], opening)[0], f"{made[oid][1]} {why}"
        made[oid] = policy, why
    changes = tuple((oid, policy, why) for oid, (policy, why) in made.items())
    return Draft(f"Let {question.source.short} reach {question.target.end.short}", changes)


def stopped_by(question: Question, after: ClusterState) -> list[str]:
    """Which end still denies in the changed cluster, and what would have to change."""
    found = []
    for direction in BOTH:
        for flow in question.flows:
            verdict = flow.verdict(after.policies, direction)
            if verdict is None or verdict.passes is True:
                continue
            rule = verdict.matched
            if rule is not None:
                place = f" ({rule.file}, line {rule.line})" if rule.file else ""
                field = verdict.field or "its rule"
                what = f"Change {field} of {rule.policy_text}{place}: a NetworkPolicy cannot override it"
            elif verdict.passes is None:
                what = "So no rule is sure to let it through"
            else:
                what = "A NetworkPolicy more does not change that"
            found.append(f"{verdict.text().rstrip('.')}. {what}")
            break
    if not found and (said := question.contradiction(after)):
        found.append(said)
    return found


def allow_only(question: Question, directory: Directory) -> Proposal | None:
    """The policy that lets in this source and nobody else, where nothing isolates the destination; else None."""
    source, target = worded_pair(directory, question.source, question.target.end)
    policies, pods = question.state.policies, target.end.pods
    if not pods or target.why or refusal(source, "ingress", policies.enforcement) or target.end.host_network:
        return None
    if any(policies.selecting("ingress", pod) for pod in pods) or not policies.enforcement.ingress:
        return None
    ports = port_words(question.target, policies.enforcement.named_ports)
    rule = rule_of("ingress", source.peers(target.end.namespace), ports)
    base = f"{target.end.short}-from-{source.end.short}"
    made = new_policy(question.state.project, target.end.namespace, base, target.labels, {"ingress": [rule]})
    why = f"Isolates {target.text} for ingress. {_why('ingress', source, ports)}"
    title = f"Let only {source.end.short} reach {target.end.short}"
    return attempt(
        question, Draft(title, ((made.id, made, why),), (*host_notes(source), *shared(source), *shared(target)))
    )[0]
