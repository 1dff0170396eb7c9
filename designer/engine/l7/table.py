"""The route tables of all Ingress controllers of a cluster, and the question that they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from designer.engine.controlplane.state import ControlPlaneState, ServiceState
from designer.engine.l7.answers import RouteDecision
from designer.engine.l7.classes import Unserved
from designer.engine.l7.decision import decide
from designer.engine.l7.methods import refused_method
from designer.engine.l7.nginx import MadeServers
from designer.engine.l7.nginx_options import USUAL
from designer.engine.l7.parts import Part, Share
from designer.engine.l7.routes import ControllerRoutes, compile_controller, options_of, services_with_acl, share_of
from designer.engine.memo import Memo, same
from designer.model import EMPTY_MAP, FrozenMap, Ingress, IngressClass, IngressController, Problem, Project


@dataclass(frozen=True, slots=True)
class RouteTable:
    """`controllers` by id, `unserved` Ingresses with the reason, `problems` about Ingresses that the API refuses."""

    control: ControlPlaneState
    controllers: FrozenMap[str, ControllerRoutes]
    unserved: tuple[Unserved, ...] = ()
    problems: tuple[Problem, ...] = ()

    def route(
        self,
        controller_id: str,
        host: str,
        path: str,
        tls: bool = False,
        headers: Mapping[str, str] | None = None,
        source: str = "",
        method: str = "GET",
    ) -> RouteDecision:
        """What a controller does with a request; "cannot-tell" for a controller that does not exist.

        `host` is the Host as sent, `path` has the query; `source` is the address that the controller sees.
        """
        routes = self.controllers.get(controller_id)
        if routes is None:
            return RouteDecision("cannot-tell", f"there is no Ingress controller {controller_id}")
        return refused_method(routes.profile, method) or decide(
            routes, self.control, host, path, tls, headers, source, method
        )

    def serving(self, ingress_id: str) -> tuple[str, ...]:
        """Ids of the controllers that serve an Ingress."""
        return tuple(oid for oid, routes in self.controllers.items() if ingress_id in routes.ingresses)


def compile_routes(project: Project, control: ControlPlaneState, memo: Memo | None = None) -> RouteTable:
    """The route tables of `project`; with the memo of earlier compilations only what an edited Ingress touches is made.

    What an Ingress brings depends on the Ingress, on classes, controllers and the Services that it names, and on where
    it came from: while these are the objects that they were, so is its share.
    """
    kept = memo.slot("ingresses") if memo is not None else {}
    ground = (project.slice(IngressClass), project.slice(IngressController), project.provenance)
    if not same(kept.get("ground", ()), ground):
        kept.clear()
        kept["ground"] = ground
    options = options_of(project)
    if kept.get("options", options) != options:
        kept.pop("shares", None)
    kept["options"] = options
    guarded = services_with_acl(project)
    if kept.get("guarded", guarded) != guarded:
        kept.pop("shares", None)
    kept["guarded"] = guarded
    before: FrozenMap[str, ServiceState] = kept.get("services", EMPTY_MAP)
    gone, changed = control.services.differing(before) if control.services is not before else ((), ())
    touched = {*gone, *changed}
    kept["services"] = control.services
    old: dict[str, tuple[Ingress, Share]] = kept.get("shares", {})
    new: dict[str, tuple[Ingress, Share]] = {}
    for oid, ingress in project.slice(Ingress).items():
        known = old.get(oid)
        if known and known[0] is ingress and touched.isdisjoint(known[1].services):
            new[oid] = known
        else:
            new[oid] = (ingress, share_of(project, control, ingress, options))
    kept["shares"] = new
    shares = [new[oid][1] for oid in sorted(new)]
    served: dict[str, list[Part]] = {c.id: [] for c in project.of(IngressController)}
    for share in shares:
        for part in share.parts:
            served[part.service.controller].append(part)
    tables = {
        controller.id: compile_controller(
            project,
            controller,
            served[controller.id],
            kept.setdefault(("servers", controller.id), MadeServers()),
            options.get(controller.id, USUAL),
        )
        for controller in project.of(IngressController)
    }
    unserved = tuple(share.unserved for share in shares if share.unserved is not None)
    return RouteTable(control, FrozenMap(tables), unserved, tuple(p for share in shares for p in share.problems))
