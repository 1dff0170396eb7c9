"""Objects of Gateway API through which no request goes, and that decide all the same: what their small cards say.

GatewayClasses, ReferenceGrants and BackendTLSPolicies stand on the shelf with the policies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.l7.gateway.objects import REFUSED, is_gateway_object
from designer.model import split_id
from designer.present.gateway_cards import REFUSED_WORDS
from designer.present.words import count_text

CLUSTER_WIDE = "GatewayClass"


@dataclass(frozen=True, slots=True)
class Aside:
    """A small card; `namespace` is "" for a GatewayClass, `trouble` says why the object does nothing, "" for none."""

    id: str
    kind: str
    namespace: str
    name: str
    line: str
    trouble: str = ""


def gateway_asides(state: ClusterState) -> tuple[Aside, ...]:
    """The cards of a cluster, by id."""
    wanted = [oid for oid in sorted(state.project.foreign) if _kind(oid) in _LINES and is_gateway_object(oid)]
    if not wanted:
        return ()
    refused = {problem.object for problem in state.gateways.problems if problem.code == REFUSED}
    said = {
        one.object: one.message for one in state.gateways.conditions if (one.type, one.status) == ("Accepted", "False")
    }
    found = []
    for oid in wanted:
        kind, (_, space, name) = _kind(oid), split_id(oid)
        namespace = "" if kind == CLUSTER_WIDE else space or "default"
        spec = state.project.foreign[oid].data.get("spec")
        shown = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
        trouble = REFUSED_WORDS if oid in refused else said.get(shown, "")
        line = "" if oid in refused or not isinstance(spec, dict) else _LINES[kind](spec)
        found.append(Aside(oid, kind, namespace, name, line or kind, trouble))
    return tuple(found)


def _kind(oid: str) -> str:
    return split_id(oid)[0].rpartition("/")[2]


def _class(spec: Mapping[str, Any]) -> str:
    return str(spec.get("controllerName") or "")


def _grant(spec: Mapping[str, Any]) -> str:
    """``HTTPRoute of shop → cart``, with how many more there are; another kind than Service is named."""
    trusted, opened = spec["from"], spec["to"]
    kind = "" if opened[0]["kind"] == "Service" else f"{opened[0]['kind']} "
    target = f"{kind}{opened[0]['name']}" if opened[0].get("name") else f"every {opened[0]['kind']}"
    more = len(trusted) + len(opened) - 2
    words = f"{trusted[0]['kind']} of {trusted[0]['namespace']} → {target}"
    return f"{words} +{more}" if more else words


def _tls(spec: Mapping[str, Any]) -> str:
    """``TLS to cart`` or ``TLS to 3 Services``."""
    targets = spec["targetRefs"]
    return f"TLS to {targets[0]['name'] if len(targets) == 1 else count_text(len(targets), 'Service')}"


_LINES = {"GatewayClass": _class, "ReferenceGrant": _grant, "BackendTLSPolicy": _tls}
