"""Kept objects that change a cluster's network although the program does not evaluate them: said, never passed over.

`model.otherkinds` lists the kinds of other projects that decide about packets, and what they mean for an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from designer.manifests.raw_objects import RawObject
from designer.model import KIND_BY_NAME, ForeignObject, Problem, Provenance
from designer.model.otherkinds import OTHER_KINDS
from designer.model.policykinds import POLICY_KINDS as KEPT_KINDS
from designer.model.problem import Severity

SHOWN = 3  # names in a title


@dataclass(frozen=True, slots=True)
class Row:
    """Kinds of one API group (the part of apiVersion before the slash): what their objects do, and what to do."""

    group: str
    kinds: frozenset[str]
    severity: Severity
    why: str
    fix: str


DECIDES_FIX = "Check by hand whom they mean; answers about those Pods are cannot tell, all others hold."
BESIDE_FIX = "Read the answers as those of the network alone."

# Kinds that are kept as they are and evaluated: policies where the network plugin enforces them, and Gateway API.
EVALUATED: dict[str, frozenset[str]] = {
    **KEPT_KINDS,
    "gateway.networking.k8s.io": frozenset(
        (
            "GatewayClass",
            "Gateway",
            "ListenerSet",
            "ReferenceGrant",
            "BackendTLSPolicy",
            "HTTPRoute",
            "GRPCRoute",
            "TLSRoute",
            "TCPRoute",
            "UDPRoute",
        )
    ),
    "gateway.networking.x-k8s.io": frozenset(("XListenerSet",)),
}
ROWS: tuple[Row, ...] = tuple(
    Row(
        one.group,
        one.kinds,
        "warning",
        one.does if one.effect == "beside" else f"{one.does[0].upper()}{one.does[1:]} ({one.project}).",
        BESIDE_FIX if one.effect == "beside" else DECIDES_FIX,
    )
    for one in OTHER_KINDS
)
WORKLOAD = Row(
    "",
    frozenset(),
    "warning",
    "They make Pods, which are missing here: a Service that selects them seems to have no endpoint.",
    "Add the Pods themselves to the input (kubectl get pods -A -o yaml), or a Deployment in their place.",
)
OTHER_VERSION = Row(
    "",
    frozenset(),
    "warning",
    "Kubernetes has, or had, this kind under another apiVersion: such an object is refused, or read as something else.",
    "",
)
MISSPELT = Row(
    "",
    frozenset(),
    "warning",
    "Kubernetes has no such kind there, so it refuses the object; what is meant by it is missing in every answer.",
    "",
)
CORE_KINDS = (
    "Binding ComponentStatus ConfigMap Endpoints Event Eviction LimitRange List Namespace Node PersistentVolume Pod "
    "PersistentVolumeClaim PodStatusResult PodTemplate RangeAllocation ReplicationController ResourceQuota Secret "
    "SerializedReference Service ServiceAccount Status"
)
# Every kind of the API groups that the program reads (Kubernetes API reference v1.36); their lists end in "List".
GROUP_KINDS: dict[str, frozenset[str]] = {
    "v1": frozenset(CORE_KINDS.split()),
    "apps/v1": frozenset(("ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "Scale", "StatefulSet")),
    "batch/v1": frozenset(("CronJob", "Job")),
    "networking.k8s.io/v1": frozenset(("IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR")),
    "discovery.k8s.io/v1": frozenset(("EndpointSlice",)),
}


def is_evaluated(raw: RawObject) -> bool:
    """Whether an object is kept as it is and evaluated: verdicts and problems cite lines of its fields."""
    return raw.kind in EVALUATED.get(raw.api_version.partition("/")[0], ())


def unused_problems(foreign: Mapping[str, ForeignObject], places: Mapping[str, Provenance]) -> tuple[Problem, ...]:
    """One problem (READ-12) for each apiVersion and kind among `foreign` that matters to an answer."""
    found: dict[tuple[str, str], tuple[Row, list[str]]] = {}
    for oid in sorted(foreign):
        data = foreign[oid].data
        api, kind = data.get("apiVersion"), data.get("kind")
        api, kind = api if isinstance(api, str) else "", kind if isinstance(kind, str) else ""
        row = row_of(api, kind, foreign[oid])
        if row is not None:
            found.setdefault((api, kind), (row, []))[1].append(oid)
    return tuple(problem_of(api, kind, row, ids, places) for (api, kind), (row, ids) in sorted(found.items(), key=str))


def row_of(api: str, kind: str, kept: ForeignObject) -> Row | None:
    """What a kept object means for the answers, None where it means nothing."""
    group = api.partition("/")[0] if "/" in api else ""
    for row in ROWS:
        if row.group == group and kind in row.kinds:
            return row
    if kind in KIND_BY_NAME and is_own_group(group):
        return OTHER_VERSION if api != KIND_BY_NAME[kind].API_VERSION else None
    if kind and kind not in GROUP_KINDS.get(api, (kind,)) and not kind.endswith("List"):
        return MISSPELT
    return WORKLOAD if makes_pods(kept.data) else None


def is_own_group(group: str) -> bool:
    """Whether an API group is one of Kubernetes' own; those of extensions are other domains ("API Groups")."""
    return "." not in group or group.endswith(".k8s.io")


def makes_pods(data: Mapping[str, Any]) -> bool:
    """Whether an object of an unknown kind holds a Pod template with containers, as workloads of all kinds do."""
    spec = data.get("spec")
    template = spec.get("template") if isinstance(spec, Mapping) else None
    inner = template.get("spec") if isinstance(template, Mapping) else None
    return isinstance(inner, Mapping) and bool(inner.get("containers"))


def problem_of(api: str, kind: str, row: Row, ids: list[str], places: Mapping[str, Provenance]) -> Problem:
    """The problem of all objects of one kind."""
    names = ", ".join(oid.partition(":")[2] for oid in ids[:SHOWN])
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    place = places.get(ids[0], Provenance())
    if row is MISSPELT:
        meant = get_close_matches(kind, sorted(GROUP_KINDS[api]), 1)
        fix = f"Write `kind: {meant[0]}` if that is meant." if meant else "Correct `kind` or `apiVersion`."
    else:
        fix = row.fix or f"Write `apiVersion: {KIND_BY_NAME[kind].API_VERSION}` if that is meant."
    return Problem(
        "READ-12",
        row.severity,
        f"{kind} ({api}) {names}{more}: kept, but not evaluated",
        object=ids[0],
        field="apiVersion" if row is OTHER_VERSION else "kind" if row is MISSPELT else "",
        why=row.why,
        fix=fix,
        file=place.file,
        line=place.line,
    )


def refused_problems(foreign: Mapping[str, ForeignObject], places: Mapping[str, Provenance]) -> tuple[Problem, ...]:
    """One problem (READ-06) for each object among `foreign` that was kept because Kubernetes would refuse it.

    An import says so with field and line; a project that is opened later has only the reason.
    """
    found = []
    for oid in sorted(foreign):
        kept = foreign[oid]
        data = kept.data
        known = KIND_BY_NAME.get(str(data.get("kind")))
        if known is None or data.get("apiVersion") != known.API_VERSION or kept.reason in NOT_REFUSED:
            continue
        place = places.get(oid, Provenance())
        found.append(
            Problem(
                "READ-06",
                "error",
                kept.reason,
                object=oid,
                why="Kubernetes would refuse this object, so it is kept as it is and takes no part in any answer.",
                fix="Correct it in its manifest and import that again.",
                file=place.file,
                line=place.line,
            )
        )
    return tuple(found)


# Reasons for which a known kind is kept and something else has said so already.
NOT_REFUSED = frozenset(("unknown kind", "duplicate id"))
