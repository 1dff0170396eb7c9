"""One question for Gateways and Ingress controllers alike: what becomes of a request that is sent to one of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.answers import RouteDecision
from designer.engine.l7.asked import Asked
from designer.engine.l7.certificates import certificate_aside
from designer.engine.l7.classes import controller_string, default_classes
from designer.engine.l7.endpoints import ready_endpoints
from designer.engine.l7.gateway.table import GatewayTable
from designer.engine.l7.outcome import NO_STATUS, UNAVAILABLE, Answer, Forwarded, Mirrored, cannot_tell
from designer.engine.l7.table import RouteTable, compile_routes
from designer.model import IngressClass, IngressController, Project, controller_profile

WEB_PORTS = {"http": 80, "https": 443}
SUCCESS = 200


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: a Gateway (``ns/name``), or the controller of an IngressClass; both "" where not said."""

    gateway: str = ""
    ingress_class: str = ""


@dataclass(slots=True)
class Targets:
    """Everything in a cluster that takes HTTP requests from outside."""

    project: Project
    control: ControlPlaneState
    routes: RouteTable
    gateways: GatewayTable
    _by_class: dict[str, tuple[RouteTable, str]] = field(default_factory=dict)

    def answer(self, target: Target, asked: Asked) -> Answer:
        """What becomes of a request at a target."""
        if target.gateway:
            return self.gateways.answer(target.gateway, asked)
        if target.ingress_class:
            return self._by_controller(target.ingress_class, asked)
        found = self._only()
        if found is None:
            return cannot_tell("the request names neither a Gateway nor an IngressClass, and there is not just one.")
        return self.answer(found, asked)

    def _only(self) -> Target | None:
        """The target that is meant when none is named: the default IngressClass, or the only thing that there is."""
        defaults = default_classes(self.project)
        classes = [one.name for one in defaults[:1] or self.project.of(IngressClass)]
        every = [*(Target(gateway=key) for key in self.gateways.gateways), *(Target("", name) for name in classes)]
        return every[0] if len(every) == 1 else None

    def _by_controller(self, name: str, asked: Asked) -> Answer:
        found = self.project.find(IngressClass, f"IngressClass:{name}")
        if found is None:
            return _closed(asked, f"IngressClass {name} does not exist: nobody acts for it.")
        if not found.spec.controller:
            return _closed(asked, f"IngressClass {name} names no controller: nobody acts for it.")
        if not asked.is_http:
            return _closed(asked, f"The controller of class {name} takes HTTP, no plain {asked.scheme} connection.")
        if asked.port != WEB_PORTS[asked.scheme]:
            port = WEB_PORTS[asked.scheme]
            return cannot_tell(
                f"an Ingress is about ports 80 and 443; whether the controller takes {asked.scheme} on port "
                f"{asked.port} (and not {port}) is a matter of its own configuration."
            )
        decision = self.decision(name, asked)
        assert decision is not None, "the class is there"
        answer = _of_decision(decision, asked, self.control)
        profile = controller_profile(found.spec.controller)
        aside = certificate_aside(self.project, profile, decision.ingress, asked)
        return replace(answer, beside=aside) if aside else answer

    def decision(self, name: str, asked: Asked) -> RouteDecision | None:
        """What the controller of an IngressClass decides, with the candidates that lost; None without such a class."""
        found = self.project.find(IngressClass, f"IngressClass:{name}")
        if found is None or not found.spec.controller or not asked.is_http:
            return None
        table, controller = self._controller(found.spec.controller)
        query = f"?{asked.query}" if asked.query is not None else ""
        tls = asked.scheme == "https"
        return table.route(controller, asked.authority, asked.path + query, tls, asked.headers, method=asked.method)

    def _controller(self, name: str) -> tuple[RouteTable, str]:
        """The routes of the controller that registers a name; one that is not in the input is taken to run."""
        known = self._by_class.get(name)
        if known is None:
            for controller in self.project.of(IngressController):
                if controller_string(controller) == name:
                    known = (self.routes, controller.id)
                    break
            else:
                spec = {"profile": controller_profile(name) or "spec", "controller": name}
                metadata = {"name": "controller", "namespace": "{outside}"}  # no namespace can be called so
                made = IngressController.model_validate({"metadata": metadata, "spec": spec})
                known = (compile_routes(self.project.with_object(made), self.control), made.id)
            self._by_class[name] = known
        return known


def _closed(asked: Asked, reason: str) -> Answer:
    return Answer(NO_STATUS, reason, grpc=UNAVAILABLE if asked.is_grpc else None)


def _of_decision(decision: RouteDecision, asked: Asked, control: ControlPlaneState) -> Answer:
    """An Ingress controller's decision in the form of an answer."""
    route = f"Ingress {decision.ingress.partition(':')[2]}" if decision.ingress else ""
    lost = "".join(f" {lost.entry.text} matches too and loses: {lost.reason}." for lost in decision.losers)
    reason = f"{decision.reason}{lost}"
    match decision.kind:
        case "cannot-tell":
            return cannot_tell(reason, route)
        case "redirect":
            url = f"https://{asked.host}{asked.path}" + (f"?{asked.query}" if asked.query is not None else "")
            return Answer(decision.status, reason, route, redirect=decision.url or url)
        case "backend":
            shares = decision.shares or ((decision.service, decision.port, Fraction(1)),)
            best, port, _ = max(shares, key=lambda share: share[2])
            key = best.partition(":")[2]
            count = ready_endpoints(control, key, port)
            backends: dict[str, Fraction] = {}
            for service, _, share in shares:
                name = service.partition(":")[2]
                backends[name] = backends.get(name, Fraction(0)) + share
            url = asked.url(decision.vhost or None)
            if decision.path:
                url = f"{asked.scheme}://{decision.vhost or asked.authority}{decision.path}"
            return Answer(
                SUCCESS,
                reason,
                route,
                key,
                backends,
                forwarded=Forwarded(asked.method, url, dict(asked.headers)),
                response_headers=dict(asked.backend_headers),
                mirrors=(Mirrored(decision.mirror, Fraction(100)),) if decision.mirror else (),
                endpoints=count,
            )
    return Answer(decision.status, reason, route)
