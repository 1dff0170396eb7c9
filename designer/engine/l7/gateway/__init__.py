"""Gateway API: Gateways with their listeners, the routes attached to them, and what they do with a request."""

from designer.engine.l7.gateway.objects import EVALUATED_KINDS, Condition, GatewayObject
from designer.engine.l7.gateway.table import GatewayTable, compile_gateways, routes_alone

__all__ = ["EVALUATED_KINDS", "Condition", "GatewayObject", "GatewayTable", "compile_gateways", "routes_alone"]
