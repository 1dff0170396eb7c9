"""Make it impossible: policies only ever allow, so rules are narrowed, or a Pod is isolated but for all else.

At each end that policies see there is one way: where nothing isolates it, a policy that lets in everybody else and the
pair on all other ports; where policies isolate it, every rule that matches is taken away or narrowed as little as
possible. What loses nothing else comes first. A cluster that enforces the standard's tiers can deny outright.
"""

from __future__ import annotations

from dataclasses import replace

from designer.edits.policies import new_policy, rule_of
from designer.engine.compile import ClusterState
from designer.engine.policy import Direction
from designer.engine.policy.ports import ALL_PORTS, PortSet
from designer.engine.repair.ends import Directory, pod_ranges
from designer.engine.repair.narrowing import Narrowing
from designer.engine.repair.outright import deny_outright
from designer.engine.repair.proposal import Draft, Proposal, Question, attempt
from designer.engine.repair.wording import Worded, entries_of, other_peers, shared, worded_pair

SIDES: tuple[Direction, ...] = ("ingress", "egress")


def cut_pair(question: Question, directory: Directory) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    """The proposals, best first, and where there is none, why."""
    source, target = worded_pair(directory, question.source, question.target.end)
    found: list[Proposal] = []
    reasons: list[str] = []
    for direction in SIDES:
        subject, peer = (target, source) if direction == "ingress" else (source, target)
        draft = _out_of_reach(question, direction, subject, peer) or _draft(question, direction, subject, peer)
        if isinstance(draft, str):
            reasons.append(draft)
            continue
        made, after = attempt(question, draft)
        if made is None:
            reasons.append(_still_open(question, after, direction))
        else:
            found.append(replace(made, notes=(*made.notes, *shared(subject), *shared(peer))) if made.beside else made)
    # Less that is lost besides, then policies that are there already, then fewer of them.
    found.sort(key=lambda one: (len(one.beside), sum(step.verb == "add" for step in one.steps), len(one.steps)))
    outright = deny_outright(question, source, target)
    denied = attempt(question, outright)[0] if outright is not None else None
    options = (*found, *((denied,) if denied is not None else ()))
    return tuple(sorted(options, key=lambda one: bool(one.beside))), tuple(dict.fromkeys(reasons))


def _out_of_reach(question: Question, direction: Direction, subject: Worded, peer: Worded) -> str:
    """Why no policy at this end can cut the connection, "" where one may."""
    engine = question.state.policies.enforcement
    if not engine.enforces(direction):
        return f"Policies are not enforced: {engine.reason or engine.engine}"
    if not subject.end.pods:
        return f"{subject.end.text} is outside the cluster: no policy is asked there"
    if subject.end.host_network:
        return f"{subject.end.text} uses its Node's network: no policy applies to it"
    if peer.end.host_network:
        return (
            f"{peer.end.text} uses its Node's network: to a policy it is the Node. A rule against it would hold for "
            "everything on that Node, and what a Pod's own Node sends cannot be blocked. Give it a network of its own"
        )
    return subject.why or peer.why


def _still_open(question: Question, after: ClusterState, direction: Direction) -> str:
    """What keeps the connection open although the policies at one end were changed."""
    for flow in question.flows:
        verdict = flow.verdict(after.policies, direction)
        if verdict is not None and verdict.passes is not False:
            rule = verdict.matched
            place = f" ({rule.file}, line {rule.line})" if rule is not None and rule.file else ""
            return f"{verdict.text().rstrip('.')}{place}. A NetworkPolicy cannot change that"
    return question.contradiction(after) or "The connection stays open"


def _draft(question: Question, direction: Direction, subject: Worded, peer: Worded) -> Draft | str:
    """The change at one end, or why there is none."""
    policies = question.state.policies
    isolated = {bool(policies.selecting(direction, pod)) for pod in subject.end.pods}
    if len(isolated) > 1:
        return f"Some Pods of {subject.end.text} are isolated by policies and some are not: give them the same labels"
    title = f"Keep {question.source.short} from {question.target.end.short}"
    if isolated == {True}:
        changes = Narrowing(question, direction, subject, peer).changes()
        return Draft(title, changes) if changes else f"No {direction} rule of a NetworkPolicy allows it"
    return _isolated(question, direction, subject, peer, title)


def _isolated(question: Question, direction: Direction, subject: Worded, peer: Worded, title: str) -> Draft | str:
    """A new policy: everybody else on all ports, the pair on all other ports."""
    engine, target = question.state.policies.enforcement, question.target
    if not engine.end_port:
        return f"{engine.engine} does not know endPort, so all ports but one cannot be written"
    own, left = subject.end.namespace, ALL_PORTS
    for number in target.numbers:
        left -= PortSet.of(target.protocol, number, number)
    everyone = rule_of(direction, other_peers(peer, own, pod_ranges(question.state)), [])
    rest = rule_of(direction, peer.peers(own), entries_of(left))
    way = "from" if direction == "ingress" else "to"
    base = f"{subject.end.short}-not-{way}-{peer.end.short}"
    made = new_policy(question.state.project, own, base, subject.labels, {direction: [everyone, rest]})
    why = (
        f"Isolates {subject.text} for {direction}, and allows everything that is open today but {peer.text} on "
        f"{target.protocol} {', '.join(map(str, target.numbers))}."
    )
    notes = [f"What has no ports, such as ICMP (ping), is not allowed {way} {peer.end.text} any more."]
    if engine.ip_block_matches_nodes is not True:
        notes.append(f"{engine.engine} may not take Nodes for addresses: traffic with other Nodes may be cut.")
    return Draft(title, ((made.id, made, why),), tuple(notes))
