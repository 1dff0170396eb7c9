"""What the policies of one end say of all ports: the check of a trace, once for each interval that no rule cuts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from designer.engine.controlplane.state import PodState
from designer.engine.policy import Direction, Peer, PolicySet, PolicyVerdict, RuleNote
from designer.engine.policy.ports import ALL_PORTS, MAX_PORT, MIN_PORT, NO_PORTS, PROTOCOLS, PortSet, named_ports
from designer.model import split_id

Said = Literal["allow", "deny", "default", "cannot-tell"]


@dataclass(frozen=True, slots=True)
class End:
    """What one end says: policies allow, deny, none has a say ("default"), or it cannot be told; `policies` as
    ``Kind ns/name``.

    For "allow" they are those with a rule that matches, for "deny" all that isolate the Pod and let nothing through,
    for "cannot-tell" all that have a say. `passed` are those of earlier tiers that leave it to them.
    `reason` is the verdict's sentence, `places` the files and lines of the rules that decided.
    """

    verdict: Said
    policies: tuple[str, ...] = ()
    reason: str = ""
    places: tuple[tuple[str, int], ...] = ()
    passed: tuple[str, ...] = ()

    @property
    def bare(self) -> End:
        """Verdict and policies alone."""
        return End(self.verdict, self.policies, passed=self.passed)

    @property
    def named(self) -> tuple[str, ...]:
        """Those that passed it on, and those that decided."""
        return tuple(dict.fromkeys((*self.passed, *self.policies)))


OPEN = End("default")
# One end's words by the ports for which they hold.
Parts = tuple[tuple[PortSet, End], ...]
# By protocol the first ports of intervals.
Cuts = dict[str, set[int]]


def ask(policies: PolicySet, direction: Direction, subject: PodState, peer: Peer, cuts: Cuts) -> Parts:
    """What the policies of `subject` say, for all ports; without cuts they are asked once."""
    if not cuts:
        return ((ALL_PORTS, end_of(policies.check(direction, subject, peer, "TCP", MIN_PORT))),)
    found: dict[End, PortSet] = {}
    named: dict[End, End] = {}
    for protocol, starts in cuts.items():
        for low, high in pairwise((*sorted(starts), MAX_PORT + 1)):
            end = end_of(policies.check(direction, subject, peer, protocol, low))
            # The same policies say the same, though the sentence names the port that was asked.
            first = named.setdefault(end.bare, end)
            found[first] = found.get(first, NO_PORTS) | PortSet.of(protocol, low, high - 1)
    return tuple((ports, end) for end, ports in found.items())


def rule_cuts(
    policies: PolicySet, direction: Direction, subject: PodState, destination: PodState | None, *more: PortSet
) -> Cuts:
    """By protocol the ports at which an answer may change: borders of all rules that are asked, and of `more`.

    Names of ports are looked up on `destination`, where that is a Pod.
    """
    found = list(more)
    for port in policies.asked_ports(direction, subject):
        found += [PortSet.of(port.protocol, number, number) for number in port.among or ()]
        if not port.name:
            found.append(PortSet.of(port.protocol, port.low, port.high))
        elif destination is not None:
            numbers = named_ports(destination.spec, port.name, port.protocol)
            found += [PortSet.of(port.protocol, number, number) for number in numbers]
    cuts = {protocol: {MIN_PORT} for protocol in PROTOCOLS}
    for protocol, low, high in (interval for ports in found for interval in ports):
        cuts[protocol] |= {n for n in (low, high + 1) if MIN_PORT <= n <= MAX_PORT}
    return cuts


def end_of(verdict: PolicyVerdict) -> End:
    """What a verdict of the policies comes to.

    A rule that denies, or one of a tier that allows, decides alone, after those that passed it on; of NetworkPolicies
    each that has a rule for it allows, and where none has, all of them together deny.
    """
    decided = verdict.matched
    passed = tuple(map(policy_text, verdict.passed))
    if verdict.passes is None:
        return End("cannot-tell", tuple(map(policy_text, verdict.isolating)), verdict.reason, _places(verdict.notes))
    if not verdict.passes:
        if decided is not None:
            return End("deny", (policy_text(decided.policy),), verdict.reason, _places((decided,)), passed)
        closing = verdict.closing or verdict.isolating
        notes = (note for note in verdict.notes if note.policy in closing)
        return End("deny", tuple(map(policy_text, closing)), verdict.reason, _places(notes), passed)
    if decided is None:
        return End("default", (), verdict.reason)
    matching: tuple[RuleNote, ...] = (decided,)
    if _native(decided):
        matching = tuple(note for note in verdict.notes if not note.failed and _native(note)) or matching
    texts = tuple(dict.fromkeys(policy_text(note.policy) for note in matching))
    return End("allow", texts, verdict.reason, _places(matching), passed)


def over_families(four: End, six: End) -> End:
    """What one end says where it was asked over each IP family: the same, or each in its words.

    Where one family passes and the other does not, it cannot be told.
    """
    if four.bare == six.bare:
        return four
    policies, passed = (
        tuple(dict.fromkeys((*a, *b))) for a, b in ((four.policies, six.policies), (four.passed, six.passed))
    )
    places = tuple(dict.fromkeys((*four.places, *six.places)))
    reason = f"over IPv4: {four.reason} Over IPv6: {six.reason}"
    said = {four.verdict, six.verdict}
    verdict: Said = four.verdict if len(said) == 1 else "allow" if said == {"allow", "default"} else "cannot-tell"
    return End(verdict, policies, reason, places, passed)


def _native(note: RuleNote) -> bool:
    return split_id(note.policy)[0] == "NetworkPolicy"


def _places(notes: Iterable[RuleNote]) -> tuple[tuple[str, int], ...]:
    return tuple(dict.fromkeys((note.file, note.line) for note in notes if note.file))


def policy_text(oid: str) -> str:
    """``NetworkPolicy shop/allow-web`` from an object id, also of an object that is kept (``api/v1/Kind:ns/name``)."""
    kind, namespace, name = split_id(oid)
    kind = kind.rpartition("/")[2]
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
