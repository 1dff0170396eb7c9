"""What a Gateway or an Ingress controller does with one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

# Where no HTTP answer comes: the connection is refused, reset or plain, or nobody can tell.
NO_STATUS = 0
OK, UNIMPLEMENTED, UNAVAILABLE, INTERNAL = 0, 12, 14, 13


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A request as it goes on: headers with the names as they were sent or as a filter writes them."""

    method: str
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A copy of requests: to which Service and port of it (or which URL), and how many of a hundred."""

    backend: str
    percent: Fraction
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """What a share of the requests gets: a Service (``ns/name``) and its port, or another end in its place.

    `failure` is the status that they get where they do not reach it, 0 where they do; `why` says why. `redirect` is the
    URL that the client is sent to, `forwarded` the request as it goes on (None for plain connections). `tls` says what
    the Gateway wants of the backend's certificate, "" where it speaks no TLS to it.
    """

    service: str
    port: int | None
    share: Fraction
    failure: int = 0
    why: str = ""
    redirect: str = ""
    forwarded: Forwarded | None = None
    tls: str = ""


# How a connection ends that gets no HTTP answer: nothing listens, it is accepted and then closed, or it stays open and
# waits for what the listener speaks; "" for all others.
Closing = Literal["", "refused", "rejected", "waits"]


@dataclass(frozen=True, slots=True)
class Decided:
    """By what a Gateway decided: ``listener web of Gateway infra/web``, the rule as it is shown, what lost against it.

    `losers` are rules that match too, each with the reason. `certificate` says that clients have to present one.
    `object` is the route's id, `field` where in it the rule stands.
    """

    listener: str = ""
    rule: str = ""
    losers: tuple[tuple[str, str], ...] = ()
    certificate: bool = False
    object: str = ""
    field: str = ""


UNDECIDED = Decided()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer. `status` is HTTP's, 0 where no HTTP answer comes (refused, plain connection, "cannot tell").

    Where shares of requests end differently, `status` is that of the share that reaches a backend, if one does; the
    rest is what `backends` lacks of 1, and `reason` says what becomes of it. `backend` has the largest share,
    `endpoints` counts its ready endpoints. `route` is ``Kind ns/name``. `grpc` is the gRPC status of a gRPC call.
    `undecided` says that nobody can tell, and `reason` why. `ways` are the shares of a Gateway's backends one by one,
    `decided` is what led to them, `closing` how a connection ends that is not answered. `beside` is a sentence about
    what the client sees besides (a certificate that it may refuse), "" for nothing.
    """

    status: int
    reason: str
    route: str = ""
    backend: str = ""
    backends: Mapping[str, Fraction] = field(default_factory=dict)
    redirect: str = ""
    forwarded: Forwarded | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    grpc: int | None = None
    mirrors: tuple[Mirrored, ...] = ()
    by_backend: Mapping[str, Forwarded] = field(default_factory=dict)
    endpoints: int = 0
    undecided: bool = False
    ways: tuple[Way, ...] = ()
    decided: Decided = UNDECIDED
    closing: Closing = ""
    beside: str = ""


def cannot_tell(why: str, route: str = "") -> Answer:
    """The answer where the specification leaves it open or the input does not say."""
    return Answer(NO_STATUS, f"Cannot tell: {why}", route, undecided=True)
