"""The route tables of all Ingress controllers of a cluster, and the question that they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.answers import RouteDecision
from designer.engine.l7.classes import Unserved
from designer.engine.l7.decision import decide
from designer.engine.l7.routes import ControllerRoutes, assign, compile_controller
from designer.model import FrozenMap, IngressController, Problem, Project


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
    ) -> RouteDecision:
        """What a controller does with a request; "cannot-tell" for a controller that does not exist.

        `host` is the Host as sent, `path` has the query; `source` is the address that the controller sees.
        """
        routes = self.controllers.get(controller_id)
        if routes is None:
            return RouteDecision("cannot-tell", f"there is no Ingress controller {controller_id}")
        return decide(routes, self.control, host, path, tls, headers, source)

    def serving(self, ingress_id: str) -> tuple[str, ...]:
        """Ids of the controllers that serve an Ingress."""
        return tuple(oid for oid, routes in self.controllers.items() if ingress_id in routes.ingresses)


def compile_routes(project: Project, control: ControlPlaneState) -> RouteTable:
    """The route tables of `project`."""
    served, unserved, problems = assign(project)
    tables = {
        controller.id: compile_controller(project, control, controller, tuple(served[controller.id]))
        for controller in project.of(IngressController)
    }
    return RouteTable(control, FrozenMap(tables), unserved, problems)
