"""Which way a Service port is answered on a node, before any mode writes its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from designer.engine.kubeproxy.node_view import NodeView
from designer.engine.kubeproxy.service_ports import ServicePort, categorize


@dataclass(frozen=True, slots=True)
class PortPlan:
    """What finds an endpoint of a Service port on a node.

    `exists`: there is an endpoint for it anywhere. `here`: this node has one by policy Local (False where that policy
    is not in use).
    """

    port: ServicePort
    exists: bool
    here: bool

    @classmethod
    def on(cls, port: ServicePort, view: NodeView, *names: str) -> Self:
        """The plan of a Service port on a node; `names` are what a mode's own plan adds."""
        here = port.uses_local and bool(categorize(port, view.node, view.zone).local)
        return cls(port, port.usable, here, *names)

    @property
    def internal(self) -> bool:
        """Whether traffic to the cluster IP finds an endpoint."""
        return self.exists and (self.here or not self.port.internal_local)

    @property
    def external(self) -> bool:
        """Whether traffic from outside finds an endpoint."""
        return self.exists and (self.here or not self.port.external_local)
