"""What an Ingress controller's decision is made of, whichever controller decides."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.entries import Entry

# "answered": the controller itself, and not because something is missing (a preflight request, its own health).
DecisionKind = Literal["backend", "redirect", "default-404", "cannot-tell", "unavailable", "answered"]


@dataclass(frozen=True, slots=True)
class LostRoute:
    """A candidate that did not win."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class RouteDecision:
    """The answer. `kind` "backend" leads on to `service` and its `port` (numbers of the Service, not of the Pod).

    `status` is the HTTP status where the controller answers itself (204, 308, 403, 404), 0 otherwise. `entry` is what
    decided, None where nothing matched; `file` and `line` where it stands. `field` is its path in the Ingress. `url` is
    where a redirect leads. `shares` are Service, port and share where several backends take requests; `path` is the
    path with its query that the backend gets, "" where it is the request's own; `vhost` the Host that it gets.
    `by_address`: the Service's ClusterIP is called. `mirror` is the URL
    that gets a copy of the request.
    """

    kind: DecisionKind
    reason: str
    status: int = 0
    service: str = ""
    port: int | None = None
    entry: Entry | None = None
    losers: tuple[LostRoute, ...] = ()
    url: str = ""
    shares: tuple[tuple[str, int | None, Fraction], ...] = ()
    path: str = ""
    vhost: str = ""
    by_address: bool = False
    mirror: str = ""

    @property
    def end(self) -> tuple[object, ...]:
        """What becomes of the request, without the words."""
        return self.kind, self.status, self.service, self.port, self.url, self.path

    @property
    def ingress(self) -> str:
        """Id of the deciding Ingress, "" where none decided."""
        return self.entry.ingress if self.entry else ""

    @property
    def field(self) -> str:
        """Path of the deciding rule in its Ingress, "" where none decided."""
        return self.entry.field if self.entry else ""

    @property
    def file(self) -> str:
        """File of the deciding rule."""
        return self.entry.file if self.entry else ""

    @property
    def line(self) -> int:
        """Line of the deciding rule, 0 where it is not known."""
        return self.entry.line if self.entry else 0


def has_endpoints(control: ControlPlaneState, service: str, uses_serving: bool) -> bool:
    """Whether a controller has anywhere to send: an endpoint that it uses, or an ExternalName."""
    found = control.services.get(service)
    if found is not None and found.type == "ExternalName":
        return True
    return any(
        e.serving if uses_serving else e.ready for part in control.slices.get(service, ()) for e in part.endpoints
    )
