"""Rules that match a pair, changed one after another until none does: each as simply as loses nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from designer.edits.names import free_name
from designer.edits.policies import PEERS, rule_of, rules_of, with_changed_rule
from designer.engine.compile import ClusterState, compile_project
from designer.engine.policy import CompiledPolicy, CompiledRule, Direction
from designer.engine.policy.matchers import BlockMatch
from designer.engine.policy.peering import peer_answer
from designer.engine.policy.ports import ALL_PORTS, NO_PORTS, PortSet
from designer.engine.repair.ends import pod_ranges
from designer.engine.repair.proposal import Question, sorted_lines
from designer.engine.repair.wording import (
    Worded,
    block_but,
    entries_of,
    other_peers,
    pods_but,
    ranges_of_pods,
    with_requirement,
)
from designer.model import NetworkPolicy, Project

Data = dict[str, Any]
# More rules than this are not changed for one pair.
MOST = 64
# The rules that take the place of one, and what that does, for a person.
Way = tuple[list[Data], str]
# Policies by id as they become, each with what is done to it.
Changed = dict[str, tuple[NetworkPolicy, str]]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The pair seen from the end where rules are changed: `subject` is that end, `peer` the other one."""

    question: Question
    direction: Direction
    subject: Worded
    peer: Worded

    def changes(self) -> tuple[tuple[str, NetworkPolicy, str], ...]:
        """The policies as they become, by id, with what is done to each; () where no rule matches the pair."""
        state = self.question.state
        found: Changed = {}
        for _ in range(MOST):
            match = self._matching(state)
            if match is None:
                break
            state, changed = self._best(state, *match)
            for oid, (policy, said) in changed.items():
                found[oid] = policy, f"{found[oid][1]} {said}" if oid in found else said
        return tuple((oid, *found[oid]) for oid in sorted(found))

    def _matching(self, state: ClusterState) -> tuple[CompiledPolicy, CompiledRule] | None:
        """A rule that lets a connection of the pair through, None where none does."""
        known = {policy.id: policy for policy in state.policies.all()}
        for flow in self.question.flows:
            verdict = flow.verdict(state.policies, self.direction)
            for note in verdict.notes if verdict is not None else ():
                if not note.failed and note.rule is not None and note.policy in known:
                    policy = known[note.policy]
                    return policy, (policy.rules(self.direction) or ())[note.rule]
        return None

    def _best(self, state: ClusterState, policy: CompiledPolicy, rule: CompiledRule) -> tuple[ClusterState, Changed]:
        """The cluster with one rule changed: in the first way that loses nothing else, or the least where each does."""
        old = state.project.find(NetworkPolicy, policy.id)
        assert old is not None, "compiled from it"
        ways = [
            (with_changed_rule(old, self.direction, rule.index, rules), said)
            for rules, said in self._ways(state, old, rule)
        ]
        whole: list[Changed] = [{old.id: way} for way in ways]
        tried: list[tuple[int, ClusterState, Changed]] = []
        for changed in (*whole, *(parted(state.project, old, *way, self.subject) for way in ways)):
            made = state.project.with_objects([one for one, _ in changed.values()])
            after = compile_project(made, self.question.state)
            tried.append((len(sorted_lines(self.question, after)[1]), after, changed))
            if not tried[-1][0]:
                break
        _, after, changed = min(tried, key=lambda one: one[0])
        return after, changed

    def _ways(self, state: ClusterState, policy: NetworkPolicy, rule: CompiledRule) -> Iterator[Way]:
        """The ways to keep a rule from matching the pair, simplest first, the exact one last."""
        data = rules_of(policy, self.direction)[rule.index]
        word = PEERS[self.direction]
        peers, ports = list(data.get(word, ())), list(data.get("ports", ()))
        name = f"{self.direction} rule {rule.index + 1}"
        hit = self._peers_hit(state, rule)
        asked = self._ports_hit(state, rule)
        numbers = ", ".join(map(str, self.question.target.numbers))
        yield [], f"Takes {name} away."
        if 0 < len(hit) < len(peers):
            yield (
                [{**data, word: [one for n, one in enumerate(peers) if n not in hit]}],
                (f"Takes {self.peer.text} out of {name}."),
            )
        if 0 < len(asked) < len(ports):
            yield (
                [{**data, "ports": [one for n, one in enumerate(ports) if n not in asked]}],
                (f"Takes {self.question.target.protocol} {numbers} out of {name}."),
            )
        others = self._others(peers, rule, hit, policy.namespace)
        if others is None:
            return
        whole = [{**data, word: others}] if others else []
        if whole:
            yield whole, f"Keeps {name} for everybody but {self.peer.text}."
        rest = self._rest_ports(ports, rule, asked)
        if rest and self.question.state.policies.enforcement.end_port:
            split = [*whole, rule_of(self.direction, self.peer.peers(policy.namespace), rest)]
            yield split, f"Keeps {name} but for {self.peer.text} on {self.question.target.protocol} {numbers}."

    def _peers_hit(self, state: ClusterState, rule: CompiledRule) -> list[int]:
        """Positions of the peers of a rule that may mean the other end."""
        ends = self.peer.end.peers()
        return [
            n
            for n, match in enumerate(rule.peers)
            if any(peer_answer(match, one, state.policies)[0] is not False for one in ends)
        ]

    def _ports_hit(self, state: ClusterState, rule: CompiledRule) -> list[int]:
        """Positions of a rule's ports that may mean the pair's port."""
        engine = state.policies.enforcement
        return [
            n
            for n, port in enumerate(rule.ports)
            if any(port.answer(f.protocol, f.port, f.target, engine)[0] is not False for f in self.question.flows)
        ]

    def _others(self, peers: list[Data], rule: CompiledRule, hit: list[int], own: str) -> list[Data] | None:
        """The peers of a rule without the other end ([]: nobody is left); None where that cannot be written."""
        ranges = pod_ranges(self.question.state)
        if not peers:
            return other_peers(self.peer, own, ranges)
        found: list[Data] = []
        for number, one in enumerate(peers):
            if number not in hit:
                found.append(one)
            elif not isinstance(rule.peers[number], BlockMatch):
                found += pods_but(self.peer, own, one)
            elif not self.peer.end.pods:
                found += block_but(one, self.peer.end)
            else:
                inside = ranges_of_pods(ranges, one)
                if not inside:
                    return None
                block = one["ipBlock"]
                # What is left out must be less than the block (API text of `except`): a block of Pods alone goes.
                if str(ip_network(block["cidr"], strict=False)) not in inside:
                    found.append({"ipBlock": {**block, "except": sorted({*block.get("except", ()), *inside})}})
                found += pods_but(self.peer, own, {"namespaceSelector": {}})
        return found

    def _rest_ports(self, ports: list[Data], rule: CompiledRule, asked: list[int]) -> list[Data]:
        """The ports of a rule without the pair's; [] where none are left. A name that means the pair's port goes."""
        pair = NO_PORTS
        for number in self.question.target.numbers:
            pair |= PortSet.of(self.question.target.protocol, number, number)
        if not ports:
            return entries_of(ALL_PORTS - pair)
        left = NO_PORTS
        for number in asked:
            if not rule.ports[number].name:
                left |= rule.ports[number].whole
        return [*(one for n, one in enumerate(ports) if n not in asked), *entries_of(left - pair)]


def parted(project: Project, old: NetworkPolicy, changed: NetworkPolicy, said: str, subject: Worded) -> Changed:
    """A policy of many Pods parted: unchanged for all but the subject, and changed in a new one for the subject alone.

    What is not (a and b) is not-a, and a but not-b: a policy each.
    """
    data = {"spec": {}, **old.dump()}
    selector = dict(data["spec"].get("podSelector") or {})
    found: Changed = {}
    having: dict[str, str] = {}
    for key, value in subject.labels.items():
        rest = with_requirement(_having(selector, having), key, "NotIn", value)
        spec = {**data["spec"], "podSelector": rest}
        if not found:
            metadata, why = data["metadata"], f"Goes on as it is for all Pods but {subject.text}."
        else:
            name = free_name(project, "NetworkPolicy", old.namespace, f"{old.name}-{len(found) + 1}")
            metadata, why = {"name": name, "namespace": old.namespace}, "The same for the rest of them."
        one = NetworkPolicy.model_validate({**data, "metadata": metadata, "spec": spec})
        found[one.id] = one, why
        having[key] = value
    name = free_name(project, "NetworkPolicy", old.namespace, f"{old.name}-{subject.end.short}")
    spec = {**changed.dump()["spec"], "podSelector": _having(selector, having)}
    mine = NetworkPolicy.model_validate({**data, "metadata": {"name": name, "namespace": old.namespace}, "spec": spec})
    found[mine.id] = mine, f"{old.name} for {subject.text} alone. {said}"
    return found


def _having(selector: Data, labels: Mapping[str, str]) -> Data:
    """A selector that asks for these labels too."""
    return {**selector, "matchLabels": {**selector.get("matchLabels", {}), **labels}} if labels else dict(selector)
