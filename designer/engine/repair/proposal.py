"""What is proposed: an edit with its steps, what both ends say before and after it, and everything else it changes.

A proposal is made by applying the edit, compiling the changed project and asking the same check that a trace asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from designer.edits.edit import Edit
from designer.engine.cni.ranges import address_number, is_address, spans
from designer.engine.compile import ClusterState, compile_project
from designer.engine.policy.ports import NO_PORTS, PortSet
from designer.engine.reach import ChangedLine, Reach, reach, reach_change
from designer.engine.repair.ends import End, Target, pod_ranges
from designer.engine.repair.flows import Flow, passing, sentence
from designer.engine.repair.names import lookups_changed
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.model import VERDICTS, ForeignObject, KubeObject, NetworkPolicy, Problem, Project, split_id

STILL_ARRIVES = "The request may still arrive, because policies do not see the caller's own address on every way:"
TRANSLATED = (
    "From outside a Service may be reached by a Node or load balancer that puts its own address in the place of the "
    "caller's; the policy then sees that one. externalTrafficPolicy Local keeps the caller's address."
)
Wanted = Literal["possible", "impossible"]
Verb = Literal["add", "change", "remove"]


@dataclass(frozen=True, slots=True)
class Step:
    """One policy that is added, changed or removed; `before` and `after` are the object as data, None for none."""

    verb: Verb
    id: str
    why: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def text(self) -> str:
        """``Add NetworkPolicy shop/cart-from-front``."""
        kind, namespace, name = split_id(self.id)
        kind = kind.rpartition("/")[2]
        return (
            f"{self.verb.capitalize()} {kind} {namespace}/{name}"
            if namespace
            else f"{self.verb.capitalize()} {kind} {name}"
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What was asked and the answer before and after: a sentence each, "" where it was not asked."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way: `edit` applies it as one step.

    `proof` is what both ends (and, for a request, the trace) say before and after. `wanted` are the lines of the pair
    that change as asked, `beside` all other lines that change; `notes` say what is left to know.
    """

    title: str
    edit: Edit
    steps: tuple[Step, ...]
    proof: tuple[Said, ...]
    wanted: tuple[ChangedLine, ...] = ()
    beside: tuple[ChangedLine, ...] = ()
    notes: tuple[str, ...] = ()
    state: ClusterState | None = field(default=None, compare=False, repr=False)

    @property
    def exact(self) -> bool:
        """Whether nothing else changes."""
        return not self.beside


@dataclass(frozen=True, slots=True)
class Repair:
    """The answer: `options`, best first; or `already`, or `reasons` why not; or `problems` with what was asked.

    `now` is what both ends say of the connection today. `only`: where the connection is open because nothing isolates
    the destination, the policy that lets in just this source.
    """

    wanted: Wanted
    source: str
    destination: str
    already: bool = False
    options: tuple[Proposal, ...] = ()
    reasons: tuple[str, ...] = ()
    now: tuple[Said, ...] = ()
    problems: tuple[Problem, ...] = ()
    only: Proposal | None = None

    @property
    def best(self) -> Proposal | None:
        """The option to take where nobody chooses."""
        return self.options[0] if self.options else None


@dataclass(frozen=True, slots=True)
class Draft:
    """An idea of a proposal: the objects that it changes (None takes one away), with the reason for each."""

    title: str
    changes: tuple[tuple[str, KubeObject | ForeignObject | None, str], ...]
    notes: tuple[str, ...] = ()

    def applied(self, project: Project) -> Project:
        """The project with these changes."""
        for oid, made, _ in self.changes:
            if isinstance(made, ForeignObject):
                project = replace(project, foreign=project.foreign.set(oid, made))
            elif made is not None:
                project = project.with_object(made)
            else:
                project = replace(project.without(oid), foreign=project.foreign.without(oid))
        return project

    def steps(self, before: Project) -> tuple[Step, ...]:
        """What is done, object by object."""
        found = []
        for oid, made, why in self.changes:
            old, new = object_data(before.get(oid) or before.foreign.get(oid)), object_data(made)
            verb: Verb = "remove" if new is None else "add" if old is None else "change"
            found.append(Step(verb, oid, why, old, new))
        return tuple(found)


def object_data(obj: KubeObject | ForeignObject | None) -> dict[str, Any] | None:
    """An object as plain data."""
    if obj is None:
        return None
    return obj.data if isinstance(obj, ForeignObject) else obj.dump()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a cluster, with what is the same for every proposal.

    `request` is the request as a person typed it, None where the pair was given by itself.
    """

    state: ClusterState
    source: End
    target: Target
    flows: tuple[Flow, ...]
    wanted: Wanted
    request: Request | None = None
    shelf: dict[str, Reach] = field(default_factory=dict, compare=False, repr=False)

    @property
    def open(self) -> bool:
        """Whether the connection is to pass."""
        return self.wanted == "possible"

    def before(self) -> Reach:
        """Who reaches whom today, computed when first asked for."""
        found = self.shelf.get("before")
        if found is None:
            found = self.shelf["before"] = reach(self.state)
        return found

    def said(self, after: ClusterState | None = None) -> tuple[Said, ...]:
        """What both ends and the trace say, before and after a change."""
        found = []
        for direction, what in (("egress", "Egress of the source"), ("ingress", "Ingress of the destination")):
            texts = [
                "" if state is None else sentence(state.policies, self.flows, direction, self.open)  # type: ignore[arg-type]
                for state in (self.state, after)
            ]
            if texts[0]:
                found.append(Said(what, texts[0], texts[1]))
        if self.request is not None:
            traced = [_traced(state, self.request) if state is not None else "" for state in (self.state, after)]
            if traced[0]:
                found.append(Said("The whole request", traced[0], traced[1]))
        return tuple(found)

    def contradiction(self, after: ClusterState) -> str:
        """Why the request ends otherwise than both checks say, "" where it does not: an address may be translated."""
        result = ask(after, self.request)[0] if self.request is not None else None
        if result is None:
            return ""
        if self.open and result.verdict == "denied":
            return result.reason
        arrives = result.verdict == "cannot-tell" or any(one.verdict == "delivered" for one in result.trace.paths())
        before = ask(self.state, self.request)[0] if self.request is not None else None
        if self.open or not arrives or before is None or before.verdict != "delivered":
            return ""
        return f"{STILL_ARRIVES} {result.reason}"


def _traced(state: ClusterState, request: Request) -> str:
    result, _ = ask(state, request)
    if result is None:
        return ""
    # The text of a policy's verdict begins with its own word.
    said = result.reason.removeprefix("Denied: ").removeprefix("Cannot tell: ")
    return f"{VERDICTS[result.verdict]}{' on some ways' if result.mixed else ''}: {said}"


def holds(question: Question, after: ClusterState) -> bool:
    """Whether the changed cluster gives what is wanted, for every connection of the pair."""
    return all(found is question.open for found in passing(after.policies, question.flows))


def attempt(question: Question, draft: Draft) -> tuple[Proposal | None, ClusterState]:
    """The proposal that a draft comes to, None where it does not give what is wanted; and the changed cluster."""
    project = draft.applied(question.state.project)
    after = compile_project(project, question.state)
    if not holds(question, after) or question.contradiction(after):
        return None, after
    wanted, beside = sorted_lines(question, after)
    policies = tuple(oid for oid, made, _ in draft.changes if isinstance(made, NetworkPolicy))
    made = Proposal(
        draft.title,
        Edit(draft.title, project, None, policies),
        draft.steps(question.state.project),
        question.said(after),
        wanted,
        beside,
        (*draft.notes, *_unseen(question)),
        after,
    )
    return made, after


def _unseen(question: Question) -> tuple[str, ...]:
    """What is left open where somebody outside calls a Service: whether the Pod sees that address."""
    if question.source.pods or not question.target.end.service:
        return ()
    return (TRANSLATED,)


def sorted_lines(question: Question, after: ClusterState) -> tuple[tuple[ChangedLine, ...], tuple[ChangedLine, ...]]:
    """The lines that a change opens, closes, changes or leaves unclear: those of the pair and its ports, all others.

    Addresses of the Pods' own ranges are nobody outside: Pods stand in the lines by their names.
    """
    change = reach_change(question.before(), reach(after))
    before = question.before().matrix
    sources = names_in(before.peers, question.source)
    targets = names_in(before.peers, question.target.end)
    ports = NO_PORTS
    for number in question.target.numbers:
        ports |= PortSet.of(question.target.protocol, number, number)
    wanted: list[ChangedLine] = []
    beside: list[ChangedLine] = []
    inside = spans(pod_ranges(question.state))
    for line in change.lines:
        if any(_within(text, inside) for text in (line.src, line.dst)):
            continue
        if not (_means(line.src, sources, question.source) and _means(line.dst, targets, question.target.end)):
            beside.append(line)
            continue
        moved = (line.before - line.after) | (line.after - line.before)
        (beside if moved - ports else wanted).append(line)
    return tuple(wanted), (*beside, *lookups_changed(question.state, after))


def _within(text: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    """Whether a peer of the matrix is a range that lies in one of `ranges`."""
    low, _, high = text.partition("-")
    if not (is_address(low) and is_address(high)):
        return False
    first, last = address_number(low), address_number(high)
    return first is not None and last is not None and any(a <= first and last <= b for a, b in ranges)


def names_in(peers: Sequence[Any], end: End) -> frozenset[str]:
    """The texts under which the matrix lists an end."""
    keys = {pod.labels for pod in end.pods}
    return frozenset(p.text for p in peers if p.id in end.names and any(pod.labels in keys for pod in p.pods))


def _means(text: str, names: frozenset[str], end: End) -> bool:
    """Whether a peer of the matrix is the end: by name, or as the range that is cut out for its address."""
    if end.pods:
        return text in names
    low, _, high = text.partition("-")
    return low in end.addresses and (high or low) in end.addresses
