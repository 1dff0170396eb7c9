"""A line from a Service or NetworkPolicy to the Pods that it should select: its selector becomes their labels.

Kubernetes knows no such line, only labels: what else carries the same labels is selected as well, as for a drop
(`drops`). Selectors find Pods of their own namespace alone (domain/services.md, domain/policies.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.edits.drops import POD_MAKERS, DropAnswer, may_drop
from designer.edits.edit import spoken
from designer.edits.podkeys import owner_of
from designer.edits.targets import pod_labels
from designer.model import NetworkPolicy, Project, Service, split_id

SELECTS: dict[str, frozenset[str]] = {"Service": POD_MAKERS, "NetworkPolicy": POD_MAKERS | {"Service"}}
_DRAW_TO = {
    "Service": "Connect it to a workload or a Pod to select it, or to an Ingress or a route that should lead here.",
    "NetworkPolicy": "Connect it to a workload, a Pod or a Service whose Pods it should select.",
}


def selects(project: Project, oid: str) -> bool:
    """Whether an object is a Service or NetworkPolicy that a line can give a selector."""
    return project.find(Service, oid) is not None or project.find(NetworkPolicy, oid) is not None


def may_select(project: Project, oid: str, target: str) -> DropAnswer:
    """Whether a line from a Service or NetworkPolicy may end at `target`, and what it would select then."""
    kind, namespace, _ = split_id(oid)
    target = owner_of(target)
    if split_id(target)[0] not in SELECTS[kind]:
        return DropAnswer(False, _DRAW_TO[kind])
    service = project.find(Service, oid)
    if service is not None and service.spec.type == "ExternalName":
        return DropAnswer(False, "A Service of type ExternalName is another name for a host: it selects no Pods.")
    if split_id(target)[1] != namespace:
        return DropAnswer(False, f"A {kind} selects Pods of its own namespace, {namespace}.")
    answer = may_drop(project, kind, target)
    if not answer.ok:
        return answer
    labels, now = pod_labels(project.get(target)), selector_now(project, oid)
    if dict(labels) == now:
        return DropAnswer(False, "It has this selector already.")
    words = f"{spoken(oid)} will select what has {_spoken_labels(labels)}: the Pods of {spoken(target)}"
    return DropAnswer(True, f"{words}. So far: {_so_far(project, oid)}.")


def selecting_data(project: Project, oid: str, target: str) -> dict[str, Any]:
    """The object's data with the labels of `target`'s Pods as its selector; `may_select` was asked."""
    obj = project.get(oid)
    assert obj is not None, "asked before"
    labels, data = dict(pod_labels(project.get(owner_of(target)))), obj.dump()
    field, selector = ("selector", labels) if isinstance(obj, Service) else ("podSelector", {"matchLabels": labels})
    data["spec"] = {**data.get("spec", {}), field: selector}
    return data


def selector_now(project: Project, oid: str) -> dict[str, str] | None:
    """The labels that it selects by now; None where expressions decide as well."""
    service, policy = project.find(Service, oid), project.find(NetworkPolicy, oid)
    if service is not None:
        return dict(service.spec.selector or {})
    assert policy is not None, "one of the two"
    chosen = policy.spec.podSelector
    return None if chosen.matchExpressions else dict(chosen.matchLabels or {})


def _so_far(project: Project, oid: str) -> str:
    now = selector_now(project, oid)
    if now is None:
        return "an expression, which goes"
    if now:
        return _spoken_labels(now)
    return "nothing" if split_id(oid)[0] == "Service" else "all Pods of the namespace"


def _spoken_labels(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
