"""The policies of a cluster, and the check of one connection in one direction.

Rules: `domain/policies.md`, "NetworkPolicy v1: evaluation" and "Traffic outside the policy's reach". A connection
needs two checks, egress at its source and ingress at its destination, each with the addresses and ports as seen there.
Replies of an allowed connection are never checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.controlplane.state import ControlPlaneState, PodState
from designer.engine.memo import Memo
from designer.engine.policy.beyond import Unread, shown
from designer.engine.policy.compiled import CompiledPolicy, CompiledRule, Direction, compile_policy
from designer.engine.policy.families import common_families, over_both, peer_over, pod_over
from designer.engine.policy.identities import left_out, names_among_all, unread_native, unread_problem
from designer.engine.policy.idle import staged_natives, staged_others
from designer.engine.policy.matchers import NAMESPACE_NAME_LABEL, Peer, PortMatch
from designer.engine.policy.owners import AddressOwners, Senders, UnknownSenders
from designer.engine.policy.peering import first_answer, peer_answer
from designer.engine.policy.tiering import policy_tiers
from designer.engine.policy.tiers import Tier, TierPolicy, tier_policies
from designer.engine.policy.unmodelled import caveats, unmodelled
from designer.engine.policy.verdict import Failed, PolicyVerdict, RuleNote, Value
from designer.engine.policy.walk import Question, walk_tiers
from designer.model import EMPTY_MAP, FrozenMap, NetworkPolicy, Problem, Project, selector_matches
from designer.model.staging import is_staged


@dataclass(frozen=True, slots=True)
class PolicySet:
    """All policies that exist, by namespace and in order of their ids, and the engine that enforces them.

    `namespaces` holds the labels of every namespace, ``kubernetes.io/metadata.name`` included. `problems` are the
    findings about policies that the API server would refuse; those policies are not in `policies`. `tiers` hold the
    policies of other kinds (none: NetworkPolicies alone), `unread` those of them that the engine enforces and that
    cannot be evaluated, `ignored` those that it does not enforce, `staged` names those that are kept without a say.
    `caveats` say what of other projects stands beside every answer. `owners` knows who has an address.
    """

    policies: FrozenMap[str, tuple[CompiledPolicy, ...]]
    namespaces: FrozenMap[str, FrozenMap[str, str]]
    enforcement: Enforcement
    control: ControlPlaneState
    problems: tuple[Problem, ...] = ()
    tiers: tuple[Tier, ...] = ()
    unread: tuple[Unread, ...] = ()
    ignored: tuple[Unread, ...] = ()
    staged: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    owners: AddressOwners = field(default_factory=AddressOwners, compare=False, repr=False)

    def all(self) -> tuple[CompiledPolicy, ...]:
        """Every policy, in order of namespace and id."""
        return tuple(policy for found in self.policies.values() for policy in found)

    def namespace_labels(self, namespace: str) -> FrozenMap[str, str]:
        """Labels of a namespace; one without manifest has its name label only."""
        found = self.namespaces.get(namespace)
        return FrozenMap({NAMESPACE_NAME_LABEL: namespace}) if found is None else found

    def selecting(self, direction: Direction, subject: PodState) -> tuple[CompiledPolicy, ...]:
        """The policies that isolate a Pod in a direction (whether or not anything enforces them)."""
        return tuple(
            policy
            for policy in self.policies.get(subject.namespace, ())
            if policy.rules(direction) is not None and selector_matches(policy.selector, subject.labels)
        )

    def asked_ports(self, direction: Direction, subject: PodState) -> tuple[PortMatch, ...]:
        """The port entries of every rule that is asked about a Pod: between their borders no answer changes."""
        beside = (policy for policy in tier_policies(self.tiers) if self.concerns(policy, subject))
        return tuple(
            dict.fromkeys(
                (
                    *(
                        p
                        for one in self.selecting(direction, subject)
                        for r in one.rules(direction) or ()
                        for p in r.ports
                    ),
                    *(p for policy in beside for rule in policy.rules(direction) or () for p in rule.ports),
                )
            )
        )

    def peer_at(self, address: str) -> Peer:
        """Who has this address: a Pod, a Node, or something outside the cluster."""
        return self.owners.peer_at(address)

    def check(self, direction: Direction, subject: PodState, peer: Peer, protocol: str, port: int) -> PolicyVerdict:
        """Whether policies let a connection pass at `subject`, which is its source (egress) or destination (ingress).

        `port` is the destination's, after DNAT, as seen at this point; 0 for a protocol without ports. Where `peer`
        does not say over which of two IP families, both are asked.
        """
        said = [
            self._arriving(direction, pod_over(subject, family), peer_over(peer, family), protocol, port)
            for family in common_families(subject, peer)
        ]
        if not said:
            return self._arriving(direction, subject, peer, protocol, port)
        return said[0] if len(said) == 1 else over_both(*said)

    def _arriving(self, direction: Direction, subject: PodState, peer: Peer, protocol: str, port: int) -> PolicyVerdict:
        """The verdict over one IP family; of a Node whose address nobody named, for every one that it may send from."""
        if direction == "egress" or not peer.guessed or subject.host_network or peer.node == subject.node:
            return self._check(direction, subject, peer, protocol, port)
        seen: tuple[Peer, ...] = (peer,)
        if self.enforcement.ip_block_matches_nodes is not False and self.enforcement.enforces(direction):
            seen = self.owners.arriving(peer, subject.node)
        first, *others = [self._check(direction, subject, one, protocol, port) for one in seen]
        if all(other.passes is first.passes for other in others):
            return first
        reason = f"{peer.text} may send from its own address or from {seen[-1].address}, and policies tell them apart."
        return replace(first, value="cannot-tell", reason=reason, matched=None)

    def _check(self, direction: Direction, subject: PodState, peer: Peer, protocol: str, port: int) -> PolicyVerdict:
        """The verdict over one IP family."""
        found = self._by_rules(direction, subject, peer, protocol, port)
        itself = peer.pod is not None and peer.pod.key == subject.key and not peer.hairpin
        if subject.host_network or itself or not (self.tiers or self.unread or self.ignored):
            return found
        found = self._by_tiers(Question(direction, subject, peer, protocol, port, found))
        labels = self.namespace_labels(subject.namespace)
        isolated = bool(self.selecting(direction, subject))
        ignored = [one for one in self.ignored if one.concerns(direction, subject, labels, isolated)]
        if ignored:
            said = tuple(RuleNote(one.id, one.text, None, "no-rules", f"not enforced: {one.why}") for one in ignored)
            found = replace(found, notes=(*found.notes, *said))
        out = peer.pod is None
        beyond = [
            one
            for one in self.unread
            if (out or not one.outside) and one.concerns(direction, subject, labels, isolated)
        ]
        if not beyond:
            return found
        why = f"{shown(beyond)} may decide about {_name(subject)} too: {beyond[0].why}"
        return replace(found, value="cannot-tell", reason=f"{why}; by what is evaluated: {found.reason}", matched=None)

    def _by_tiers(self, question: Question) -> PolicyVerdict:
        """The verdict of all tiers; that of the NetworkPolicies alone where no other policy has a say."""
        direction, subject, peer = question.direction, question.subject, question.peer
        speaking = [one for one in tier_policies(self.tiers) if one.rules(direction) is not None]
        for policy in speaking:
            unknown = self.selection_doubt(policy, subject)
            if unknown:
                reason = f"{policy.text} may select {_name(subject)}: {unknown}."
                return replace(question.native, value="cannot-tell", reason=reason, matched=None)
        if not any(self.concerns(policy, subject) for policy in speaking):
            return question.native
        if peer.node and peer.node == subject.node and self._free(direction):
            # Cilium's own rule for the local host stands beside its denials, whose order differs between versions.
            denying = next((one for one in speaking if self.concerns(one, subject) and one.denies(direction)), None)
            if denying is not None and self.enforcement.engine == "Cilium":
                reason = f"{denying.text} denies, and whether that holds for the pod's own node too is not known."
                return replace(question.native, value="cannot-tell", reason=reason, matched=None)
            free = f"{self.enforcement.engine} lets a pod and its own node reach each other, whatever policies say."
            return question.native if question.native.isolating else replace(question.native, reason=free)
        resident = bool(peer.node) and peer.node == subject.node
        question = replace(question, peer=replace(peer, resident=resident))
        return walk_tiers(self, self.tiers, question, lambda policy: self.concerns(policy, subject))

    def selection_doubt(self, policy: TierPolicy, pod: PodState) -> str:
        """Why it is not known whether a policy of a tier selects a Pod; "" where it is."""
        if (policy.namespace and policy.namespace != pod.namespace) or pod.host_network:
            return ""
        good, said = peer_answer(policy.subject, Peer.of_pod(pod), self)
        return said if good is None else ""

    def concerns(self, policy: TierPolicy, pod: PodState) -> bool:
        """Whether a policy of a tier selects a Pod; one with hostNetwork counts as its Node, which no subject means."""
        if policy.namespace and policy.namespace != pod.namespace:
            return False
        return peer_answer(policy.subject, Peer.of_pod(pod), self)[0] is True

    def _by_rules(self, direction: Direction, subject: PodState, peer: Peer, protocol: str, port: int) -> PolicyVerdict:
        """The verdict of the NetworkPolicies alone."""
        isolating = self.selecting(direction, subject)
        early = self._out_of_reach(direction, subject, peer, isolating)
        if early is not None:
            return early
        notes = [
            note
            for policy in isolating
            for note in self._policy_notes(policy, direction, subject, peer, protocol, port)
        ]
        return self._decide(direction, subject, peer, isolating, tuple(notes))

    def _out_of_reach(
        self, direction: Direction, subject: PodState, peer: Peer, isolating: tuple[CompiledPolicy, ...]
    ) -> PolicyVerdict | None:
        """The verdict where no rule is looked at, None where the rules decide."""

        def verdict(value: Value, reason: str) -> PolicyVerdict:
            return PolicyVerdict(
                value, direction, _name(subject), peer.text, reason, isolating=tuple(p.id for p in isolating)
            )

        engine = self.enforcement
        if not isolating:
            return verdict(
                "allowed", f"no policy selects pod {_name(subject)} for {direction}; pods are open by default."
            )
        if not engine.enforces(direction):
            return verdict("not-applicable", f"policy stored but not enforced: {engine.reason or engine.engine}.")
        if subject.host_network:
            return verdict(
                "not-applicable",
                f"selected pod uses hostNetwork; {engine.engine} treats it as the node: policy not applied.",
            )
        if peer.pod is not None and peer.pod.key == subject.key and not peer.hairpin:
            return verdict("allowed", "a pod can always reach itself.")
        own_node = bool(peer.node) and peer.node == subject.node
        if own_node and self._free(direction):
            way = "from" if direction == "ingress" else "to"
            return verdict("allowed", f"traffic {way} the pod's own node cannot be blocked by NetworkPolicy.")
        return None

    def _free(self, direction: Direction) -> bool | None:
        """Whether traffic between a Pod and its own Node escapes policies; None where that is not known."""
        engine = self.enforcement
        return engine.node_to_pod_allowed if direction == "ingress" else engine.pod_to_node_allowed

    def _policy_notes(
        self, policy: CompiledPolicy, direction: Direction, subject: PodState, peer: Peer, protocol: str, port: int
    ) -> list[RuleNote]:
        rules = policy.rules(direction) or ()
        if not rules:
            reason = f"has no {direction} rule"
            return [RuleNote(policy.id, policy.text, None, "no-rules", reason, file=policy.file, line=policy.line)]
        target = subject if direction == "ingress" else peer.pod
        return [self._rule_note(policy, rule, peer, target, protocol, port) for rule in rules]

    def _rule_note(
        self, policy: CompiledPolicy, rule: CompiledRule, peer: Peer, target: PodState | None, protocol: str, port: int
    ) -> RuleNote:
        peer_index, (peer_ok, peer_said) = first_answer([peer_answer(match, peer, self) for match in rule.peers])
        port_index, (port_ok, port_said) = first_answer(
            [match.answer(protocol, port, target, self.enforcement) for match in rule.ports]
        )
        failed: Failed
        if peer_ok is False or port_ok is False:
            failed = "both" if peer_ok is False and port_ok is False else ("peer" if peer_ok is False else "port")
            reason = peer_said if peer_ok is False else port_said
        elif peer_ok is None or port_ok is None:
            failed, reason = "unknown", peer_said if peer_ok is None else port_said
        else:
            failed, reason = "", _match_text(rule, peer_index, port_index)
        matched_line = rule.peer_lines[peer_index] if peer_ok and peer_index is not None else 0
        return RuleNote(
            policy.id, policy.text, rule.index, failed, reason, peer_index if peer_ok else None,
            port_index if port_ok else None, policy.file, matched_line or rule.line,
        )  # fmt: skip

    def _decide(
        self,
        direction: Direction,
        subject: PodState,
        peer: Peer,
        isolating: tuple[CompiledPolicy, ...],
        notes: tuple[RuleNote, ...],
    ) -> PolicyVerdict:
        """The union: one matching rule allows; otherwise one that nobody knows makes it unsure; otherwise denied."""
        closest = _closest(notes)

        def verdict(value: Value, reason: str, matched: RuleNote | None = None) -> PolicyVerdict:
            ids = tuple(policy.id for policy in isolating)
            return PolicyVerdict(
                value, direction, _name(subject), peer.text, reason, matched, ids, notes, None if matched else closest
            )

        for note in notes:
            if not note.failed:
                rule = (note.rule or 0) + 1
                return verdict("allowed", f"policy {note.policy_text}, {direction} rule {rule}, {note.reason}.", note)
        for note in notes:
            if note.failed == "unknown":
                return verdict(
                    "cannot-tell", f"policy {note.policy_text}, {direction} rule {(note.rule or 0) + 1}: {note.reason}."
                )
        doubts = [policy.doubt(self.enforcement) for policy in isolating]
        if all(doubts):
            return verdict("cannot-tell", f"policy {isolating[0].text} may not isolate the pod: {doubts[0]}.")
        by = " and ".join(policy.text for policy in isolating)
        told = f"{_name(subject)} is isolated for {direction} by {by}; no rule matches."
        if closest is not None and closest.failed in ("peer", "port"):
            half = "peer matches" if closest.failed == "port" else "port matches"
            told += f" Closest: {closest.policy_text} rule {(closest.rule or 0) + 1} ({half}, {closest.reason})."
        if peer.pod is not None and peer.pod.key == subject.key:
            why = "the pod reaches itself through a Service, which implementations treat differently"
            return verdict("cannot-tell", f"{why}; by the rules alone: {told}")
        free = self._free(direction)
        if peer.node and peer.node == subject.node and free is None:
            why = f"NetworkPolicy may not block a pod's own node, but {self.enforcement.engine} looks at these packets"
            return verdict("cannot-tell", f"{why}; by the rules alone: {told}")
        return verdict("denied", told)


def compile_policies(
    project: Project,
    control: ControlPlaneState,
    enforcement: Enforcement,
    memo: Memo | None = None,
    senders: Senders | None = None,
) -> PolicySet:
    """The policies of `project` under a policy engine; those that the API server refuses are problems instead.

    A staged policy (`model.staging`) has no say in anything. `senders` says with which address Nodes send.

    With a `memo` only policies that differ from those of the last time are compiled anew.
    """
    memo = memo or Memo()
    reads = (control.pods, control.nodes, senders)
    sending = UnknownSenders(control.nodes) if senders is None else senders
    owners = memo.once("address owners", reads, lambda: AddressOwners(control.pods, control.nodes, sending))
    group = memo.group("policy")
    version = project.cluster.kubernetesVersion
    compiled: dict[str, list[CompiledPolicy]] = {}
    problems: list[Problem] = []
    idle: list[NetworkPolicy] = []
    open_ended: list[Unread] = []
    for policy in project.of(NetworkPolicy):
        origin = project.provenance.get(policy.id)
        made, found = group.once(policy.id, (policy, origin, version), lambda one, *_: compile_policy(project, one))
        problems += found
        if is_staged(policy):
            idle.append(policy)
        elif made is not None and enforcement.identities and (why := left_out(policy)):
            open_ended.append(unread_native(policy, why))
        elif made is not None:
            compiled.setdefault(made.namespace, []).append(made)
    group.close()
    by_namespace = FrozenMap({name: _as_taken(compiled[name], control, enforcement) for name in sorted(compiled)})
    last = memo.slot("policies")
    # The very map of the last time where nothing of it changed: whoever keeps answers about policies goes by it.
    if last.get("by namespace") != by_namespace:
        last["by namespace"] = by_namespace
    kept = (project.foreign, project.provenance, enforcement)
    beside = memo.once("policy tiers", kept, lambda: policy_tiers(project, enforcement))
    others = memo.once("staged policies", kept[:2], lambda: staged_others(project))
    foreign = memo.once("other projects", kept[:1], lambda: (unmodelled(project), caveats(project)))
    staged = (*staged_natives(project, idle), *others)
    problems += [*(unread_problem(project, one) for one in open_ended), *beside.problems]
    return PolicySet(
        last["by namespace"],
        _namespace_labels(project, control),
        enforcement,
        control,
        (*problems, *(one.problem for one in staged)),
        beside.tiers,
        (*open_ended, *beside.unread, *foreign[0]),
        beside.ignored,
        tuple(one.text for one in staged),
        foreign[1],
        owners,
    )


def _as_taken(
    found: list[CompiledPolicy], control: ControlPlaneState, enforcement: Enforcement
) -> tuple[CompiledPolicy, ...]:
    """Policies as their engine reads them."""
    return names_among_all(found, control.pods.values()) if enforcement.identities else tuple(found)


def _namespace_labels(project: Project, control: ControlPlaneState) -> FrozenMap[str, FrozenMap[str, str]]:
    names = sorted({*project.namespaces(), *control.namespaces})
    return FrozenMap({n: control.namespaces.get(n, EMPTY_MAP).set(NAMESPACE_NAME_LABEL, n) for n in names})


def _name(pod: PodState) -> str:
    return f"{pod.namespace}/{pod.name}"


def _match_text(rule: CompiledRule, peer: int | None, port: int | None) -> str:
    who = "any peer" if peer is None else f"peer {peer + 1} ({rule.peers[peer].text})"
    return f"{who}, {'any port' if port is None else rule.ports[port].text}"


_NEARNESS = {"unknown": 0, "port": 1, "peer": 2, "both": 3, "no-rules": 4}


def _closest(notes: tuple[RuleNote, ...]) -> RuleNote | None:
    missed = [note for note in notes if note.failed]
    return min(missed, key=lambda note: _NEARNESS[note.failed], default=None)
