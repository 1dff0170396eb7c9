"""Gateway API objects among the kept ones: read, held against their schema, and the conditions that they get.

The API server refuses an object with a finding, so it does not exist; the problem (`GW-90`) says field and reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from designer.engine.l7.gateway.route_schemas import GROUP, SCHEMAS
from designer.engine.l7.gateway.schema import Finding, Findings, misspelt
from designer.model import ForeignObject, Problem, split_id

REFUSED = "GW-90"
CLUSTER_SCOPED = frozenset({"GatewayClass"})
HTTP_KINDS = ("HTTPRoute", "GRPCRoute")
ROUTE_KINDS = (*HTTP_KINDS, "TLSRoute", "TCPRoute", "UDPRoute")
MAX_FINDINGS = 8  # of one object; more do not help anybody
# API group → the kinds that are evaluated.
EVALUATED_KINDS: dict[str, frozenset[str]] = {
    group: frozenset(kind for g, kind in SCHEMAS if g == group) for group in {group for group, _ in SCHEMAS}
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A status condition. `object` and `parent` are ``Kind ns/name``; `listener` is a listener's name, "" for none.

    `message` says in words why; the specification leaves it to the implementation.
    """

    object: str
    type: str
    status: str
    reason: str
    listener: str = ""
    parent: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class GatewayObject:
    """An object that the API server takes. `namespace` is "" for kinds without; `created` "" where not known."""

    id: str
    group: str
    kind: str
    namespace: str
    name: str
    created: str
    spec: Mapping[str, Any]

    @property
    def key(self) -> str:
        """``ns/name``, or the name alone."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def shown(self) -> str:
        """``HTTPRoute shop/cart``."""
        return f"{self.kind} {self.key}"

    @property
    def age(self) -> tuple[str, str]:
        """What sorts the oldest first, then by ``namespace/name``; an unknown time is one still to come."""
        return (self.created or "~", self.key)


def is_gateway_object(oid: str) -> bool:
    """Whether a kept object's id is one of a Gateway API kind."""
    api, _, kind = oid.partition(":")[0].rpartition("/")
    return kind in EVALUATED_KINDS.get(api.partition("/")[0], ())


def read_object(kept: ForeignObject) -> tuple[GatewayObject | None, tuple[Problem, ...]]:
    """The object of a kept one, or what the API server refuses of it."""
    api, _, kind = kept.id.partition(":")[0].rpartition("/")
    group, _, version = api.partition("/")
    _, namespace, name = split_id(f"{kind}:{kept.id.partition(':')[2]}")
    namespace = "" if kind in CLUSTER_SCOPED else namespace or "default"
    metadata = kept.data.get("metadata")
    created = metadata.get("creationTimestamp") if isinstance(metadata, Mapping) else None
    spec = kept.data.get("spec")
    versions = SCHEMAS[(group, kind)]
    found: Findings = []
    schema = versions.get(version)
    if schema is None:
        known = " or ".join(versions)
        found.append(("apiVersion", f"{version or '(none)'} of {kind} is not served", f"Use {group}/{known}."))
    else:
        schema.check({} if spec is None else spec, "spec", found)
    made = GatewayObject(kept.id, group, kind, namespace, name, str(created or ""), spec or {})
    if found:
        return None, tuple(_problem(made, finding) for finding in found[:MAX_FINDINGS])
    return made, ()


def misspelt_fields(kept: ForeignObject) -> tuple[tuple[str, str], ...]:
    """Path of each misspelt field of an object of Gateway API, with the name that may be meant."""
    api, _, kind = kept.id.partition(":")[0].rpartition("/")
    group, _, version = api.partition("/")
    schema = SCHEMAS.get((group, kind), {}).get(version)
    return () if schema is None else tuple(misspelt(schema, kept.data.get("spec"), "spec"))


def _problem(obj: GatewayObject, finding: Finding) -> Problem:
    path, said, fix = finding
    why = "The API server refuses this object, so it does not exist in the cluster and is left out here."
    return Problem(REFUSED, "error", f"{obj.shown}: {path} {said}", obj.id, path, why, fix)


def is_route(obj: GatewayObject) -> bool:
    """Whether it is a route of any kind."""
    return obj.group == GROUP and obj.kind in ROUTE_KINDS
