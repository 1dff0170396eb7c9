"""Whether two sets of manifests do the same with every request that their rules can tell apart.

Both are asked the same representatives (`representatives`); what they do is compared: which Services get which share,
with which path, host and headers, which redirect, which status. Where one side cannot tell, nothing is proven and the
request is listed as open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.engine.l7.asked import Asked
from designer.engine.l7.outcome import Answer, Forwarded
from designer.engine.l7.targets import Target, Targets
from designer.engine.migration.distinctions import distinctions_of
from designer.engine.migration.losses import Loss
from designer.engine.migration.representatives import representatives
from designer.model import IngressClass

# Answers that say that nobody takes the request: no listener, no server, no rule.
NOBODY = (0, 404)
WELL_KNOWN = {"http": 80, "https": 443}
Doing = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A request with which the two sides do different things; `because` are the losses that it may come of."""

    asked: Asked
    old: Answer
    new: Answer
    because: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Undecided:
    """A request about which one side cannot tell; `side` is "old" or "new"."""

    asked: Asked
    side: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many requests were `compared` (those that are open included), what differs and what is open."""

    compared: int
    differences: tuple[Difference, ...]
    undecided: tuple[Undecided, ...]

    @property
    def same(self) -> bool:
        """Whether no difference was found."""
        return not self.differences

    @property
    def proven(self) -> bool:
        """Whether every request was answered alike by both sides."""
        return self.same and not self.undecided


@dataclass(frozen=True, slots=True)
class Pair:
    """An Ingress controller, by the name that classes have of it, and the Gateways (``ns/name``) in its place."""

    controller: str
    gateways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One set of manifests with everything in it that takes requests."""

    targets: Targets
    every: tuple[Target, ...]

    def only(self, *targets: Target) -> Side:
        """The side with some of its targets."""
        return Side(self.targets, targets)

    def of_controller(self, controller: str) -> Side:
        """The side with the targets of one Ingress controller."""
        classes = self.targets.project.of(IngressClass)
        names = {one.name for one in classes if one.spec.controller == controller}
        return self.only(*(target for target in self.every if target.ingress_class in names))

    @classmethod
    def of(cls, state: ClusterState) -> Side:
        """The side that a compiled cluster is."""
        targets = Targets(state.project, state.control, state.routes, state.gateways)
        used = {c.controller for c in state.routes.controllers.values() if c.ingresses}
        first: dict[str, str] = {}
        for one in state.project.of(IngressClass):
            if one.spec.controller in used:
                first.setdefault(one.spec.controller, one.name)
        every = [Target(gateway=key) for key in state.gateways.gateways]
        return cls(targets, (*every, *(Target(ingress_class=name) for name in first.values())))

    def answer(self, asked: Asked) -> Answer:
        """What becomes of a request: the answer of the one that takes it."""
        answers = [self.targets.answer(target, asked) for target in self.every]
        taking = [found for found in answers if found.undecided or found.status not in NOBODY]
        if not taking:
            return answers[0] if answers else Answer(0, "Nothing takes requests.")
        if len({doing(found) for found in taking}) > 1:
            why = " and ".join(dict.fromkeys(found.route or found.reason for found in taking))
            return Answer(0, f"Cannot tell: several take this host, and which of them is asked is not known: {why}",
                          undecided=True)  # fmt: skip
        return taking[0]


def compare(
    old: ClusterState, new: ClusterState, losses: Sequence[Loss] = (), pairs: Sequence[Pair] = ()
) -> Comparison:
    """Old and new held against each other; `losses` are named where a difference may come of them.

    With `pairs` each controller is held against its own Gateways: each has an address of its own.
    """
    left, right = Side.of(old), Side.of(new)
    if not pairs:
        return _compared(left, right, representatives(distinctions_of(old), distinctions_of(new)), losses)
    parts = [
        _compared(
            left.of_controller(pair.controller),
            right.only(*(Target(gateway=name) for name in pair.gateways)),
            representatives(distinctions_of(old, (pair.controller,), ()), distinctions_of(new, (), pair.gateways)),
            losses,
        )
        for pair in pairs
    ]
    return Comparison(
        sum(part.compared for part in parts),
        tuple(one for part in parts for one in part.differences),
        tuple(one for part in parts for one in part.undecided),
    )


def _compared(left: Side, right: Side, requests: Sequence[Asked], losses: Sequence[Loss]) -> Comparison:
    differences: list[Difference] = []
    undecided: list[Undecided] = []
    for asked in requests:
        before, after = left.answer(asked), right.answer(asked)
        if before.undecided or after.undecided:
            side, found = ("old", before) if before.undecided else ("new", after)
            undecided.append(Undecided(asked, side, found.reason.removeprefix("Cannot tell: ")))
        elif doing(before) != doing(after):
            differences.append(Difference(asked, before, after, _because(asked, before, losses)))
    return Comparison(len(requests), tuple(differences), tuple(undecided))


def doing(answer: Answer) -> Doing:
    """What an answer does, in a form that compares equal for equal doings."""
    if answer.undecided:
        return ("undecided",)
    if answer.redirect:
        return ("redirect", answer.status, _url(answer.redirect))
    if answer.status == 200 and answer.backends:
        forwarded = _forwarded(answer.forwarded)
        own = tuple(sorted((name, _forwarded(one)) for name, one in answer.by_backend.items()))
        mirrors = tuple(sorted((one.backend, one.percent) for one in answer.mirrors))
        headers = tuple(sorted((name.lower(), value) for name, value in answer.response_headers.items()))
        return ("backend", tuple(sorted(answer.backends.items())), forwarded, own, mirrors, headers)
    return ("nobody",) if answer.status in NOBODY else ("status", answer.status)


def _url(text: str) -> tuple[str, str, str, str]:
    """A URL as it is compared: without the well-known port, an empty path as ``/`` (RFC 3986 section 6.2.3)."""
    scheme, _, rest = text.partition("://")
    place, _, query = rest.partition("#")[0].partition("?")
    host, slash, path = place.partition("/")
    host = host.lower().removesuffix(f":{WELL_KNOWN.get(scheme, 0)}")
    return (scheme, host, f"{slash}{path}" or "/", query)


def _forwarded(sent: Forwarded | None) -> tuple[object, ...]:
    """What a backend gets: method, host, path, query and headers."""
    if sent is None:
        return ()
    _, host, path, query = _url(sent.url)
    headers = tuple(sorted((name.lower(), value) for name, value in sent.headers.items() if name.lower() != "host"))
    return (sent.method, host, path, query, headers)


def _because(asked: Asked, before: Answer, losses: Sequence[Loss]) -> tuple[Loss, ...]:
    """The losses that a difference may come of: those of the deciding Ingress, and those of the host."""
    kind, _, name = before.route.partition(" ")
    oid = f"{kind}:{name}"
    told = [loss for loss in losses if loss.tells and loss.bears_on(asked)]
    # A canary's answer names the main Ingress in its reason only.
    own = [
        loss
        for loss in told
        if not loss.paths and (loss.object == oid or f" {loss.object.partition(':')[2]}: " in before.reason)
    ]
    here = [loss for loss in own if loss.host in ("", asked.host)]
    near = [loss for loss in told if loss.near(asked, bool(before.route or before.redirect))]
    # An alias stands for another host, whose losses are the Ingress' all the same.
    return tuple(dict.fromkeys((*here, *near))) or tuple(own)
