"""Gateways and their routes as a person sees them: listeners and rules as rows, where they lead, what keeps them apart.

Read from `ClusterState.gateways`; nothing is decided here. An object that the API server refuses is shown as refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from designer.engine.compile import ClusterState
from designer.engine.l7.gateway.attaching import DEFAULTS, Attachment
from designer.engine.l7.gateway.dataplanes import addresses_of
from designer.engine.l7.gateway.gateways import GatewayState, SetState
from designer.engine.l7.gateway.listeners import Listener
from designer.engine.l7.gateway.objects import REFUSED, ROUTE_KINDS, is_gateway_object
from designer.engine.l7.gateway.routes import Action, RouteState
from designer.engine.trace.ground import Ground
from designer.engine.trace.proxies import proxy_index
from designer.model import Problem, split_id
from designer.present.words import count_text

GATEWAY_KINDS = ("Gateway", "ListenerSet", "XListenerSet")
MOST_ROWS = 12
REFUSED_WORDS = "refused by the API server"


@dataclass(frozen=True, slots=True)
class CardRow:
    """One row of a card; `service` is the id of the Service that it leads to, `doubt` why that may not work."""

    text: str
    service: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class GatewayCard:
    """A Gateway, ListenerSet or route; `trouble` says why it takes no request at all, "" where it does."""

    id: str
    kind: str
    namespace: str
    name: str
    line: str
    rows: tuple[CardRow, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """From a parent to what hangs on it: a route, or a ListenerSet. `row` is the first listener's, -1 for none.

    `refused` says why it does not hang there, "" where it does.
    """

    parent: str
    child: str
    row: int = -1
    refused: str = ""


def gateway_cards(state: ClusterState) -> tuple[tuple[GatewayCard, ...], tuple[Link, ...]]:
    """Every Gateway, ListenerSet and route of a cluster by id, and which hang on which."""
    ids = [oid for oid in sorted(state.project.foreign) if is_gateway_object(oid)]
    if not ids:
        return (), ()
    refused = {problem.object for problem in state.gateways.problems if problem.code == REFUSED}
    found = _Drawn(state, refused)
    cards = [card for oid in ids if (card := found.card(oid)) is not None]
    return tuple(cards), tuple(found.links())


def fronts(state: ClusterState) -> dict[str, tuple[str, ...]]:
    """The Services through which Gateways are reached: Service id → ids of Gateways."""
    ids = {key: gateway.owner.id for key, gateway in state.gateways.gateways.items()}
    if not ids:
        return {}
    found = proxy_index(Ground.of(state)).by_service
    return {service: tuple(ids[key] for key in keys) for service, keys in found.items()}


def services_of_routes(state: ClusterState, service: str) -> tuple[tuple[str, str], ...]:
    """The routes that lead to a Service by its id, each with what of it leads there."""
    cards, _links = gateway_cards(state)
    return tuple((card.id, row.text) for card in cards for row in card.rows if row.service == service)


def reached_at(state: ClusterState, gateway: GatewayState) -> tuple[str, ...]:
    """The addresses of a Gateway: those of its status or spec, else of the load balancers of its Services."""
    known = addresses_of(gateway, state.project.foreign[gateway.owner.id])
    if known:
        return known
    mine = [service for service, ids in fronts(state).items() if gateway.owner.id in ids]
    entries = (entry for oid in mine for entry in state.control.services[oid].load_balancer)
    return tuple(entry.ip or entry.hostname or "" for entry in entries)


@dataclass(frozen=True, slots=True)
class _RouteDrawn:
    """What is drawn of one route, and what it was made from."""

    route: RouteState
    parents: tuple[Attachment, ...]
    card: GatewayCard
    links: tuple[Link, ...]


class _Drawn:
    """Makes the cards of one state; what several of them need is looked up once."""

    def __init__(self, state: ClusterState, refused: set[str]) -> None:
        table = state.gateways
        self._state, self._refused = state, refused
        # Routes are made anew together wherever something that they refer to changes: their own values are enough.
        slot = state.memo.slot("gateway cards")
        self._before: Mapping[str, _RouteDrawn] = slot.get("routes", {})
        self._now: dict[str, _RouteDrawn] = {}
        slot["routes"] = self._now
        self._gateways = {gateway.owner.id: gateway for gateway in table.gateways.values()}
        self._sets: dict[str, SetState] = {
            one.owner.id: one for gateway in table.gateways.values() for one in gateway.sets
        }
        self._routes: dict[str, RouteState] = {route.route.id: route for route in table.routes}
        self._attached: dict[str, list[Attachment]] = {}
        for attachment in table.attachments:
            self._attached.setdefault(attachment.state.route.id, []).append(attachment)
        self._problems: dict[tuple[str, str], Problem] = {(p.object, p.field): p for p in table.problems}
        owners = [gateway.owner for gateway in self._gateways.values()] + [one.owner for one in self._sets.values()]
        self._by_name = {(owner.kind, owner.key): owner.id for owner in owners}
        self._places = {owner: {x.name: n for n, x in enumerate(xs)} for owner, xs in self._listeners().items()}

    def _listeners(self) -> dict[str, tuple[Listener, ...]]:
        found = {oid: gateway.listeners for oid, gateway in self._gateways.items()}
        return found | {oid: one.listeners for oid, one in self._sets.items()}

    def card(self, oid: str) -> GatewayCard | None:
        """The card of a kept object, None for kinds that have none."""
        head, namespace, name = split_id(oid)
        kind, namespace = head.rpartition("/")[2], namespace or "default"
        if kind not in (*GATEWAY_KINDS, *ROUTE_KINDS):
            return None
        if oid in self._refused:
            return GatewayCard(oid, kind, namespace, name, kind, (), REFUSED_WORDS)
        if oid in self._routes:
            return self._kept(oid).card
        if oid in self._gateways:
            line, rows, trouble = self._gateway(self._gateways[oid])
        elif oid in self._sets:
            one = self._sets[oid]
            trouble = "" if one.accepted[0] == "True" else one.accepted[2]
            line, rows = "ListenerSet", self._rows(one.listeners)
        else:
            line, rows, trouble = kind, (), "no Gateway that is there takes it"
        return GatewayCard(oid, kind, namespace, name, line, rows, trouble)

    def _kept(self, oid: str) -> _RouteDrawn:
        """What is drawn of a route; that of the last time where neither it nor what became of its parents differs."""
        if oid in self._now:
            return self._now[oid]
        route, parents = self._routes[oid], self._attached.get(oid, [])
        known = self._before.get(oid)
        same = known is not None and known.route is route and len(known.parents) == len(parents)
        if known is None or not same or any(a is not b for a, b in zip(known.parents, parents, strict=True)):
            line, rows, trouble = self._route(route)
            found = route.route
            card = GatewayCard(oid, found.kind, found.namespace, found.name, line, rows, trouble)
            known = _RouteDrawn(route, tuple(parents), card, tuple(self._links_of(oid, route)))
        self._now[oid] = known
        return known

    def _gateway(self, gateway: GatewayState) -> tuple[str, tuple[CardRow, ...], str]:
        trouble = "" if gateway.carries else gateway.accepted[2] or gateway.programmed[2]
        parts = [f"class {gateway.owner.spec['gatewayClassName']}", *reached_at(self._state, gateway)[:1]]
        return " · ".join(parts), self._rows(gateway.listeners), trouble

    def _rows(self, listeners: Iterable[Listener]) -> tuple[CardRow, ...]:
        rows = []
        for one in listeners:
            doubt = "" if one.programmed else one.unusable or one.conflict or "not accepted"
            # A listener is mostly called by its protocol: that is said once.
            protocol = "" if one.name.lower() == one.protocol.lower() else f" {one.protocol}"
            rows.append(CardRow(f"{one.name}{protocol} {one.port}  {one.hostname or 'every host'}", doubt=doubt))
        return _few(rows, "listener")

    def _route(self, route: RouteState) -> tuple[str, tuple[CardRow, ...], str]:
        hosts = ", ".join(route.hostnames[:2]) + (f" +{len(route.hostnames) - 2}" if len(route.hostnames) > 2 else "")
        kind = route.route.kind
        line = hosts or ("every host" if kind in ("HTTPRoute", "GRPCRoute", "TLSRoute") else kind)
        parents = self._attached.get(route.route.id, [])
        trouble = ""
        if not any(one.accepted for one in parents):
            whys = [one.refused.text for one in parents if one.refused is not None]
            trouble = whys[0] if whys else "attached to no Gateway that is there"
        return line, _few([row for rule in _rules(route) for row in rule], "row"), trouble

    def links(self) -> Iterable[Link]:
        """Which routes and ListenerSets hang on which parents, and which do not though they name them."""
        for oid, one in self._sets.items():
            parent = self._by_name.get(("Gateway", one.gateway))
            if parent is not None:
                yield Link(parent, oid, refused="" if one.accepted[0] == "True" else one.accepted[2])
        for oid in self._routes:
            yield from self._kept(oid).links

    def _links_of(self, oid: str, route: RouteState) -> Iterable[Link]:
        known = {one.path: one for one in self._attached.get(oid, ())}
        for index, ref in enumerate(route.route.spec.get("parentRefs") or ()):
            key = f"{ref.get('namespace') or route.route.namespace}/{ref['name']}"
            parent = self._by_name.get((str(ref.get("kind", "Gateway")), key))
            path = f"spec.parentRefs[{index}]"
            if parent is not None:
                yield from self._link(parent, oid, known.get(path), path)
        for one in self._attached.get(oid, ()):
            if one.path == DEFAULTS:
                kind, _, key = one.parent.shown.partition(" ")
                yield from self._link(self._by_name[(kind, key)], oid, one, one.path)

    def _link(self, parent: str, oid: str, attachment: Attachment | None, path: str) -> Iterable[Link]:
        if attachment is not None and attachment.accepted:
            rows = sorted({self._places[x.owner.id][x.name] for x in attachment.listeners})
            yield from (Link(parent, oid, row) for row in rows)
        elif attachment is not None and attachment.refused is not None:
            yield Link(parent, oid, refused=f"{attachment.refused.text} ({attachment.refused.reason})")
        else:
            problem = self._problems.get((oid, path))
            yield Link(parent, oid, refused=problem.title if problem is not None else "no controller acts for it")


def _few(rows: list[CardRow], noun: str) -> tuple[CardRow, ...]:
    """As many rows as a card has room for, and how many there are more."""
    if len(rows) <= MOST_ROWS:
        return tuple(rows)
    left = len(rows) - MOST_ROWS + 1
    return (*rows[: MOST_ROWS - 1], CardRow(f"and {count_text(left, noun)} more"))


def _rules(route: RouteState) -> Iterable[list[CardRow]]:
    """The rows of each rule: one for each of its backends."""
    given = route.route.spec.get("rules")
    actions: Mapping[int, Action] = {entry.rule: entry.action for entry in route.entries}
    if not route.entries:
        actions = dict(enumerate(route.actions))
    matches: dict[int, list[str]] = {}
    for entry in route.entries:
        shown = entry.match.shown
        if shown not in (known := matches.setdefault(entry.rule, [])):
            known.append(shown)
    for index in range(len(given) if given is not None else 1):
        texts = matches.get(index, [])
        head = f"{_short(texts[0])}{f' +{len(texts) - 1}' if len(texts) > 1 else ''}" if texts else "every connection"
        action = actions.get(index)
        if action is None:
            yield [CardRow(f"rule {index + 1} is left out", doubt="The rule is not valid.")]
        else:
            yield _backend_rows(head, action)


def _short(text: str) -> str:
    """A match without the word that stands for most of them."""
    return text.replace("PathPrefix ", "", 1).replace("Exact ", "= ", 1).replace("RegularExpression ", "~ ", 1)


def _backend_rows(head: str, action: Action) -> list[CardRow]:
    if not action.backends:
        if action.filters.direct:
            return [CardRow(f"{head} → status {action.filters.direct}")]
        redirect = action.filters.redirect is not None
        return [CardRow(f"{head} → redirect" if redirect else f"{head} → no backend", doubt="" if redirect else "500")]
    rows = []
    for backend in action.backends:
        share = Fraction(backend.weight, action.weight) if action.weight else Fraction(0)
        several = "" if len(action.backends) == 1 else f" · {weight_text(share)}"
        trouble = backend.trouble.text if backend.trouble is not None else ""
        rows.append(CardRow(f"{head}{several}", f"Service:{backend.service}", trouble or ("" if share else "weight 0")))
    return rows


def weight_text(share: Fraction) -> str:
    """A share in percent where that is exact to a tenth, else as a fraction: ``90 %``, ``1/3``."""
    percent = share * 100
    if (percent * 10).denominator == 1:
        return f"{float(percent):g} %"
    return f"{share.numerator}/{share.denominator}"
