"""Backends that are there and have nobody behind them, told where requests come in; and expressions nobody can read.

What the client gets is in the problem: `domain/ingress-gateway.md`, "HTTPRoute match precedence" and "Conflicts".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from designer.engine.checks.survey import Survey, short
from designer.engine.l7.answers import has_endpoints
from designer.engine.l7.endpoints import ready_endpoints
from designer.engine.l7.gateway.routes import Action, RouteState
from designer.engine.l7.profiles import ControllerProfile
from designer.model import Problem

# Kind of route → what a client gets where no endpoint is ready.
GETS = {
    "HTTPRoute": "Clients get status 503",
    "GRPCRoute": "Clients get gRPC status 14 (UNAVAILABLE)",
    "TLSRoute": "Connections are refused",
    "TCPRoute": "Connections are refused",
    "UDPRoute": "Packets are dropped",
}
FIX = "Give the Service ready Pods: correct its selector or targetPort, or the readiness of its Pods."


def of_routes(s: Survey) -> Iterator[Problem]:
    """GW-96: a backend of an attached route without ready endpoint."""
    known: dict[tuple[str, int | None], int] = {}
    attached = {one.state.route.id: one.state for one in s.state.gateways.attachments if one.accepted}
    for state in attached.values():
        for rule, action in _actions(state).items():
            if action.filters.failing or action.filters.leads_nowhere:
                continue
            for index, backend in enumerate(action.backends):
                if not backend.weight or backend.trouble is not None or backend.filters.redirect is not None:
                    continue
                key = (backend.service, backend.port)
                if key not in known:
                    known[key] = ready_endpoints(s.control, *key)
                if known[key]:
                    continue
                share = Fraction(backend.weight, action.weight)
                title = f"{state.route.shown}: Service {backend.service} has no ready endpoint on port {backend.port}"
                why = f"{GETS[state.route.kind]}{_part(share)} by rule {rule + 1}."
                field = f"spec.rules[{rule}].backendRefs[{index}]"
                yield s.problem("GW-96", "warning", state.route.id, field, title, why, FIX)


def _actions(state: RouteState) -> Mapping[int, Action]:
    """What the valid rules do, by their place in the route."""
    if state.entries:
        return {entry.rule: entry.action for entry in state.entries}
    return dict(enumerate(state.actions))


def _part(share: Fraction) -> str:
    return "" if share == 1 else f" for {share.numerator} of {share.denominator} requests"


def of_ingresses(s: Survey) -> Iterator[Problem]:
    """ING-96: a backend of a served Ingress without endpoint."""
    for routes in s.state.routes.controllers.values():
        known: dict[str, bool] = {}
        for entry in routes.entries:
            backend = entry.backend
            if backend.missing or not backend.service:
                continue
            if backend.service not in known:
                known[backend.service] = has_endpoints(s.control, backend.service, routes.profile.uses_serving)
            if known[backend.service]:
                continue
            title = f"{short(entry.ingress)}: {short(backend.service)} has no ready endpoint"
            field = f"{entry.field}.service" if entry.rule is None else f"{entry.field}.backend.service"
            yield s.problem("ING-96", "warning", entry.ingress, field, title, _gets(routes.profile), FIX)


def _gets(profile: ControllerProfile) -> str:
    if profile.missing_backend is None:
        return f"Requests reach nobody; which status {profile.title} answers is not known."
    return f"{profile.title} answers {profile.missing_backend}."


def unread_expressions(s: Survey) -> Iterator[Problem]:
    """ING-97: a path that is a regular expression for ingress-nginx and that cannot be read as one."""
    for routes in s.state.routes.controllers.values():
        told: dict[tuple[str, str], None] = {}
        for server in routes.servers.servers.values() if routes.servers is not None else ():
            for location in server.locations if server.regex else ():
                entry = location.entry
                if location.pattern is not None or entry is None or (entry.ingress, entry.field) in told:
                    continue
                told[(entry.ingress, entry.field)] = None
                title = f"{short(entry.ingress)}: {location.rule_path} is no regular expression that can be read here"
                why = f"Where PCRE cannot read it either, nginx refuses its whole configuration. {_untold(server.host)}"
                fix = "Correct the expression, or write the path without use-regex and rewrite-target."
                yield s.problem("ING-97", "warning", entry.ingress, f"{entry.field}.path", title, why, fix)


def _untold(host: str) -> str:
    return f"No answer for host {host} can be told." if host != "_" else "No answer for other hosts can be told."
