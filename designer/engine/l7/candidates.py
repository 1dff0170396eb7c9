"""Every rule that matches a request, at everything that takes requests: which wins, and why each other one loses."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.l7.asked import Asked
from designer.engine.l7.gateway.responding import Responder, most_specific
from designer.engine.l7.outcome import Answer
from designer.engine.l7.targets import Target, Targets
from designer.model import IngressClass

PLAIN, SECURE = "HTTP", "HTTPS"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that matches. `object` is an id, `rule` where it stands, `why` says why it wins or loses."""

    object: str
    rule: str
    wins: bool
    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What one target does with a request: its answer and all candidates, the winner first."""

    target: Target
    answer: Answer
    candidates: tuple[Candidate, ...]

    @property
    def title(self) -> str:
        """``Gateway shop/web`` or ``IngressClass nginx``."""
        if self.target.gateway:
            return f"Gateway {self.target.gateway}"
        return f"IngressClass {self.target.ingress_class}"


def every_target(targets: Targets) -> tuple[Target, ...]:
    """All Gateways, and one class of each Ingress controller that a class names."""
    first: dict[str, str] = {}
    for one in targets.project.of(IngressClass):
        if one.spec.controller:
            first.setdefault(one.spec.controller, one.name)
    gateways = [Target(gateway=key) for key in targets.gateways.gateways]
    return (*gateways, *(Target(ingress_class=name) for name in first.values()))


def taken(targets: Targets, asked: Asked) -> tuple[Taken, ...]:
    """What each target does with a request."""
    found = []
    for target in every_target(targets):
        answer = targets.answer(target, asked)
        found.append(Taken(target, answer, _candidates(targets, target, asked, answer)))
    return tuple(found)


def _candidates(targets: Targets, target: Target, asked: Asked, answer: Answer) -> tuple[Candidate, ...]:
    if target.gateway:
        responder = targets.gateways.responders.get(target.gateway)
        found_here = _of_gateway(responder, asked) if responder is not None else ()
        decided = answer.decided
        if found_here or not decided.rule:
            return found_here
        # Plain connections and TLS that is passed on: the route that they lead to.
        return (Candidate(decided.object, decided.rule, not answer.undecided, answer.reason),)
    decision = targets.decision(target.ingress_class, asked)
    if decision is None:
        return ()
    found = []
    if decision.entry is not None:
        sure = decision.kind != "cannot-tell"
        found.append(Candidate(decision.ingress, decision.entry.text, sure, decision.reason))
    found += [Candidate(lost.entry.ingress, lost.entry.text, False, lost.reason) for lost in decision.losers]
    return tuple(found)


def _of_gateway(responder: Responder, asked: Asked) -> tuple[Candidate, ...]:
    """The entries of the listener that takes the request."""
    protocol, name = (SECURE, asked.sni) if asked.scheme == "https" else (PLAIN, asked.host)
    on_port = [one for one in responder.listeners if one.port == asked.port and one.protocol == protocol]
    listener = most_specific(on_port, name)
    if listener is None:
        return ()
    choice = responder.attached[listener.key].index.choose(asked, responder.gateway.profile)
    found = []
    if choice.entry is not None:
        why = f"It takes the request at {listener.shown}."
        found.append(Candidate(choice.entry.route.id, choice.entry.shown, not choice.doubt, why))
    return (*found, *(Candidate(lost.entry.route.id, lost.entry.shown, False, lost.why) for lost in choice.losers))
