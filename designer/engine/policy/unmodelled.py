"""Objects of other projects that change what packets do (`model.otherkinds`): whom they concern, what stands beside.

Whom an object means is read as far as that is plain (its namespace, a podSelector, Antrea's appliedTo, the namespaces
of a network); what is not plain means everybody. So no answer about a Pod that one may decide about is certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from designer.engine.policy.beyond import Unread, first_of
from designer.engine.policy.compiled import DIRECTIONS, Direction
from designer.engine.policy.reading import Kept, kept
from designer.model import LabelSelector, Project
from designer.model.otherkinds import OTHER_KINDS, OtherKind, other_kind
from designer.model.policykinds import group_of

NAMESPACED = frozenset(kind for row in OTHER_KINDS if row.namespaced for kind in row.kinds)
OUT: tuple[Direction, ...] = ("egress",)
# The VPC in which every Pod of Kube-OVN is that nobody put into another one.
USUAL_VPC = ("", "ovn-cluster")
EVERYBODY: dict[str, Any] = {}


def unmodelled(project: Project) -> tuple[Unread, ...]:
    """What may decide about Pods and is not evaluated, by id; an object may stand here once for each of its scopes."""
    found: list[Unread] = []
    for row, one in _known(project):
        if row.effect != "beside":
            why = f"{row.does} ({row.project}), and this is not evaluated"
            found += [_unread(one, row, why, *scope) for scope in _scopes(one, row)]
    return tuple(found)


def caveats(project: Project) -> tuple[str, ...]:
    """What stands beside every answer, a sentence each: objects that add something to what the network does."""
    rows: dict[str, list[str]] = {}
    for row, one in _known(project):
        if row.effect == "beside":
            rows.setdefault(row.does, []).append(f"{one.kind} {one.shown}")
    return tuple(f"{first_of(names)}: {does}" for does, names in rows.items())


def _known(project: Project) -> Iterator[tuple[OtherKind, Kept]]:
    for oid in sorted(project.foreign):
        one = project.foreign[oid]
        row = other_kind(group_of(one.data), str(one.data.get("kind")))
        if row is not None:
            yield row, kept(project, one, NAMESPACED if row.namespaced else frozenset())


# Selectors of the namespaces and of the Pods that an object may mean, as given; nothing: all of them.
Scope = tuple[Any, Any]


def _scopes(one: Kept, row: OtherKind) -> list[Scope]:
    """Whom an object may mean; none for an object that changes nothing."""
    given = one.data.get("spec")
    spec: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    if one.kind == "UserDefinedNetwork":
        return [(EVERYBODY, EVERYBODY)] if _is_primary(spec) else []
    if one.kind == "ClusterUserDefinedNetwork":
        network = spec.get("network")
        mine = _is_primary(network) if isinstance(network, Mapping) else True
        return [(spec.get("namespaceSelector"), EVERYBODY)] if mine else []
    if one.kind == "Subnet":
        cut = spec.get("private") or spec.get("acls") or spec.get("vpc", "") not in USUAL_VPC
        names = spec.get("namespaces")
        return [(_named(names), EVERYBODY)] if cut else []
    if row.group == "crd.antrea.io":
        applied = spec.get("appliedTo")
        if isinstance(applied, Sequence) and applied and all(_is_plain(entry) for entry in applied):
            return [(entry.get("namespaceSelector"), entry.get("podSelector")) for entry in applied]
        return [(EVERYBODY, EVERYBODY)]
    pods = spec.get("podSelector") if not spec.get("serviceAccountSelector") else EVERYBODY
    return [(EVERYBODY, pods)]


def _is_plain(entry: Any) -> bool:
    return isinstance(entry, Mapping) and bool(entry) and set(entry) <= {"podSelector", "namespaceSelector"}


def _is_primary(spec: Mapping[str, Any]) -> bool:
    """Whether a user-defined network takes the place of the cluster's own for its Pods; True where it is not said."""
    layers = [spec[name] for name in ("layer2", "layer3") if isinstance(spec.get(name), Mapping)]
    return spec.get("topology") != "Localnet" and not any(layer.get("role") == "Secondary" for layer in layers)


def _named(names: Any) -> Any:
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        return EVERYBODY
    values = [str(name) for name in names]
    return {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": values}]}


def _unread(one: Kept, row: OtherKind, why: str, spaces: Any, pods: Any) -> Unread:
    return Unread(
        one.id, row.group, one.kind, one.namespace, {}, why, one.shown, _selector(pods),
        OUT if row.effect == "outside" or one.kind == "FQDNNetworkPolicy" else DIRECTIONS,
        _selector(spaces), row.effect == "outside",
    )  # fmt: skip


def _selector(given: Any) -> LabelSelector:
    """A selector as given; one that cannot be read, and none, means everybody."""
    try:
        return LabelSelector.model_validate(given if isinstance(given, Mapping) else {})
    except ValidationError:
        return LabelSelector()
