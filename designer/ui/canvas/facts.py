"""What a drawing says of each object: plain frozen facts, compared to find out which items have to change.

Ids are object ids. Three places have no object of their own: `OUTSIDE` (the rest of the world, as the engine calls
it), `TRAY` (Pods without a Node) and ``LoadBalancer:namespace/name`` (the load balancer of the Service of that name).
"""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.controlplane.state import PodState

OUTSIDE = "outside"
TRAY = "tray"
BALANCER = "LoadBalancer"


@dataclass(frozen=True, slots=True)
class Badge:
    """The worst problem of an object: severity ("error" or "warning"), how many there are, title, code; "" for none."""

    severity: str = ""
    count: int = 0
    title: str = ""
    code: str = ""


NO_BADGE = Badge()


@dataclass(frozen=True, slots=True)
class PodBoxFacts:
    """A box that holds Pods: a Node, a workload (in the Namespace view), or the tray of Pods without a Node.

    `role` is "node", "workload" or "tray". `corner` stands right in the header, `pill` below it ("" for none).
    `unseen` is how many of its Pods are not among `pods`, because they are on hidden layers.
    """

    oid: str
    role: str
    name: str
    line: str = ""
    corner: str = ""
    pill: str = ""
    pods: tuple[PodState, ...] = ()
    ready: bool = True
    namespace: str = ""
    badge: Badge = NO_BADGE
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A Service: `line` is its address and port, or what it has instead; `type` its type."""

    oid: str
    name: str
    line: str
    type: str
    namespace: str
    tint: int
    badge: Badge = NO_BADGE


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row of an Ingress on a card: host and path, the Service behind it; `doubt` when it may not work so."""

    ingress: str
    text: str
    service: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class ControllerFacts:
    """An Ingress controller with the rules it serves."""

    oid: str
    name: str
    line: str
    rows: tuple[RuleRow, ...] = ()
    badge: Badge = NO_BADGE


@dataclass(frozen=True, slots=True)
class GatewayFacts:
    """A Gateway or ListenerSet with its listeners, or a route with its rules, as rows.

    `trouble` says why no request comes through it at all, "" where some may.
    """

    oid: str
    kind: str
    name: str
    namespace: str
    tint: int
    line: str
    rows: tuple[RuleRow, ...] = ()
    trouble: str = ""
    badge: Badge = NO_BADGE

    @property
    def is_route(self) -> bool:
        """Whether it is a route of any kind."""
        return self.kind.endswith("Route")


@dataclass(frozen=True, slots=True)
class UnservedFacts:
    """An Ingress that no controller serves, with the reason."""

    oid: str
    name: str
    reason: str
    rows: tuple[RuleRow, ...] = ()
    badge: Badge = NO_BADGE


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """A policy: `directions` in which it isolates the Pods that it selects, or what it is besides.

    `namespace` is "" for one of the whole cluster; `idle` says that nothing enforces it, `staged` that a person wants
    it so for now.
    """

    oid: str
    name: str
    namespace: str
    tint: int
    directions: str
    badge: Badge = NO_BADGE
    kind: str = "NetworkPolicy"
    idle: bool = False
    staged: bool = False


@dataclass(frozen=True, slots=True)
class AsideFacts:
    """A GatewayClass (`namespace` ""), ReferenceGrant or BackendTLSPolicy; `trouble` says why it does nothing."""

    oid: str
    kind: str
    name: str
    namespace: str
    tint: int
    line: str
    trouble: str = ""
    badge: Badge = NO_BADGE


@dataclass(frozen=True, slots=True)
class OutsideFacts:
    """Something outside the cluster; `role` is "client", "host" or "world"."""

    oid: str
    role: str
    name: str
    line: str
    badge: Badge = NO_BADGE


@dataclass(frozen=True, slots=True)
class BalancerFacts:
    """The load balancer in front of a Service."""

    oid: str
    service: str
    name: str
    line: str
    pending: str = ""
    badge: Badge = NO_BADGE


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """A text on the canvas."""

    oid: str
    text: str
    w: float
    h: float
    badge: Badge = NO_BADGE


@dataclass(frozen=True, slots=True)
class CallerFacts:
    """A workload in the traffic view."""

    oid: str
    kind: str
    name: str
    line: str
    namespace: str
    tint: int
    badge: Badge = NO_BADGE


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """A frame round other items: the cluster (`tint` None), a zone, or a namespace; `members` are the ids inside it."""

    oid: str
    title: str
    members: tuple[str, ...]
    tint: int | None = None
    badge: Badge = NO_BADGE
    zone: bool = False

    @property
    def is_cluster(self) -> bool:
        """Whether it is the frame of the whole cluster, which nobody takes or picks."""
        return self.tint is None and not self.zone


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A collapsed group as a card: `role` is "namespace", "node" or "zone"; `pods` and `contents` are its counts."""

    oid: str
    role: str
    name: str
    pods: str
    contents: str
    tint: int | None = None
    badge: Badge = NO_BADGE


Facts = (
    PodBoxFacts
    | ServiceFacts
    | ControllerFacts
    | GatewayFacts
    | UnservedFacts
    | PolicyFacts
    | AsideFacts
    | OutsideFacts
    | BalancerFacts
    | NoteFacts
    | CallerFacts
    | FrameFacts
    | GroupFacts
)


def owner_of(oid: str) -> str:
    """The object id behind a drawn thing: the Service of a load balancer card, else the id itself."""
    return f"Service:{oid.removeprefix(BALANCER + ':')}" if oid.startswith(BALANCER + ":") else oid
