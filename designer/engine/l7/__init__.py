"""HTTP routing: which Ingress controller serves which Ingress, and where a request goes."""

from designer.engine.l7.answers import LostRoute, RouteDecision
from designer.engine.l7.classes import Unserved
from designer.engine.l7.entries import Backend, Entry
from designer.engine.l7.profiles import PROFILES, ControllerProfile
from designer.engine.l7.routes import ControllerRoutes
from designer.engine.l7.table import RouteTable, compile_routes

__all__ = [
    "PROFILES",
    "Backend",
    "ControllerProfile",
    "ControllerRoutes",
    "Entry",
    "LostRoute",
    "RouteDecision",
    "RouteTable",
    "Unserved",
    "compile_routes",
]
