"""Where one object names another, as a table; and rewriting these names when the other is renamed or moved.

Selectors are not here: labels are no references, and a rename leaves them alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from designer.model import KIND_BY_NAME, KubeObject, object_id, split_id

ID = "id"


@dataclass(frozen=True, slots=True)
class Reference:
    """A field of `kind` that names an object of kind `target`; `ID`: the field holds a whole object id.

    `path` uses ``*`` for every element of a list. The name counts in the namespace of the object that holds it.
    """

    kind: str
    path: tuple[str, ...]
    target: str


def _reference(kind: str, path: str, target: str) -> Reference:
    return Reference(kind, tuple(path.split(".")), target)


_POD_SPECS = {
    "Pod": "spec",
    "Deployment": "spec.template.spec",
    "StatefulSet": "spec.template.spec",
    "DaemonSet": "spec.template.spec",
    "ReplicaSet": "spec.template.spec",
    "ReplicationController": "spec.template.spec",
    "Job": "spec.template.spec",
    "CronJob": "spec.jobTemplate.spec.template.spec",
}

REFERENCES: tuple[Reference, ...] = (
    _reference("Ingress", "spec.defaultBackend.service.name", "Service"),
    _reference("Ingress", "spec.rules.*.http.paths.*.backend.service.name", "Service"),
    _reference("Ingress", "spec.ingressClassName", "IngressClass"),
    _reference("StatefulSet", "spec.serviceName", "Service"),
    _reference("IngressController", "spec.workload", ID),
    _reference("IngressController", "spec.service", ID),
    *(_reference(kind, f"{spec}.nodeName", "Node") for kind, spec in _POD_SPECS.items()),
    _reference("EndpointSlice", "endpoints.*.nodeName", "Node"),
    Reference("EndpointSlice", ("metadata", "labels", "kubernetes.io/service-name"), "Service"),
)
# What a Gateway's controller makes for it says so in this label (GEP-1762): Services, workloads and their Pods.
GATEWAY_LABEL = "gateway.networking.k8s.io/gateway-name"
GATEWAY_KINDS = tuple(f"gateway.networking.k8s.io/{version}/Gateway" for version in ("v1", "v1beta1"))
_MADE_FOR_GATEWAYS = frozenset({"Service", "Pod", "Deployment", "DaemonSet", "StatefulSet"})
_GATEWAY_LABELS = (("metadata", "labels", GATEWAY_LABEL), ("spec", "template", "metadata", "labels", GATEWAY_LABEL))
# Labels that hold the object's own name: the kubelet and the API server keep them equal to it.
OWN_NAME_LABELS: dict[str, str] = {"Node": "kubernetes.io/hostname", "Namespace": "kubernetes.io/metadata.name"}

Rename = Callable[[str], str | None]


def _places(data: Any, path: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], str]]:
    """The groups that hold the last key of `path`, with that key."""
    head, rest = path[0], path[1:]
    if head == "*":
        for value in data if isinstance(data, list) else ():
            yield from _places(value, rest)
    elif isinstance(data, dict) and head in data:
        if rest:
            yield from _places(data[head], rest)
        else:
            yield data, head


def may_refer(kind: str, targets: frozenset[str]) -> bool:
    """Whether objects of `kind` can name one of the `targets` kinds."""
    if kind == "EndpointSlice" and targets & {"Pod", "Namespace"}:
        return True
    if kind in _MADE_FOR_GATEWAYS and not targets.isdisjoint(GATEWAY_KINDS):
        return True
    return any(r.kind == kind and (r.target in targets or r.target == ID) for r in REFERENCES)


def rewrite(data: dict[str, Any], kind: str, namespace: str, new_namespace: str, rename: Rename) -> bool:
    """Put new names into the references of an object's data; whether any changed.

    `namespace` is where the object lived, `new_namespace` where it lives afterwards; `rename` gives the new id of an
    object, None when it keeps its own. A reference by name follows only to where its holder lives: names do not reach
    into other namespaces.
    """
    changed = False
    for reference in REFERENCES:
        if reference.kind != kind:
            continue
        for holder, key in _places(data, reference.path):
            changed |= _rewrite_one(holder, key, reference.target, namespace, new_namespace, rename)
    if kind == "EndpointSlice":
        for holder, key in _places(data, ("endpoints", "*", "targetRef")):
            changed |= _rewrite_target_ref(holder[key], namespace, rename)
    if kind in _MADE_FOR_GATEWAYS:
        for path in _GATEWAY_LABELS:
            for holder, key in _places(data, path):
                changed |= _rewrite_gateway_label(holder, key, namespace, new_namespace, rename)
    return changed


def _rewrite_gateway_label(
    holder: dict[str, Any], key: str, namespace: str, new_namespace: str, rename: Rename
) -> bool:
    found = (rename(object_id(kind, namespace, str(holder[key]))) for kind in GATEWAY_KINDS)
    new_id = next((new for new in found if new is not None), None)
    if new_id is None:
        return False
    _, there, name = split_id(new_id)
    if there != new_namespace or name == holder[key]:
        return False
    holder[key] = name
    return True


def _rewrite_one(
    holder: dict[str, Any], key: str, target: str, namespace: str, new_namespace: str, rename: Rename
) -> bool:
    name = holder[key]
    if not isinstance(name, str) or not name:
        return False
    if target == ID:
        new_id = rename(name)
        if new_id is None:
            return False
        holder[key] = new_id
        return True
    namespaced = KIND_BY_NAME[target].NAMESPACED
    new_id = rename(object_id(target, namespace if namespaced else "", name))
    if new_id is None:
        return False
    _, there, new_name = split_id(new_id)
    if (namespaced and there != new_namespace) or new_name == name:
        return False
    holder[key] = new_name
    return True


def _rewrite_target_ref(target: Any, namespace: str, rename: Rename) -> bool:
    if not isinstance(target, dict) or target.get("kind") != "Pod" or not isinstance(target.get("name"), str):
        return False
    new_id = rename(object_id("Pod", target.get("namespace") or namespace, target["name"]))
    if new_id is None:
        return False
    _, target["namespace"], target["name"] = split_id(new_id)
    return True


def follow_own_name(data: dict[str, Any], kind: str, old_name: str, new_name: str) -> None:
    """Keep the label that holds the object's own name equal to it."""
    key = OWN_NAME_LABELS.get(kind)
    labels = data.get("metadata", {}).get("labels")
    if key and isinstance(labels, dict) and labels.get(key) == old_name:
        labels[key] = new_name


def rebuilt(obj: KubeObject, data: dict[str, Any]) -> KubeObject:
    """An object of the same kind from changed data of its own dump, which is valid by construction."""
    return type(obj).model_validate(data)
