"""What may be dropped where, and what a drop does to an object that already exists.

The same answer greys out a target while hovering and decides the drop.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from designer.edits.edit import Edit, missing, refusal, refused, spoken
from designer.edits.fields import set_field
from designer.edits.gatewaykinds import CONNECTS, MADE_KINDS, connected
from designer.edits.gateways import ROUTE_KINDS, only_gateway
from designer.edits.kept import move_kept, replace_kept, spoken_kept
from designer.edits.keptreferences import CLUSTER_SCOPED, is_gateway_api, kind_of
from designer.edits.palette import label_of
from designer.edits.podkeys import owner_of
from designer.edits.targets import class_of, first_port, only_class, pod_labels
from designer.model import KIND_BY_NAME, WORKLOAD_KINDS, IngressController, Project, Service, split_id


@dataclass(frozen=True, slots=True)
class DropAnswer:
    """Whether a drop is possible; `reason` says what it would do, or why it cannot be done."""

    ok: bool
    reason: str = ""


WORKLOADS: frozenset[str] = frozenset(kind.KIND for kind in WORKLOAD_KINDS)
POD_MAKERS: frozenset[str] = WORKLOADS | {"Pod"}

# Targets that mean something to a kind beside the empty canvas and, for namespaced kinds, a Namespace.
_MEANINGFUL: dict[str, frozenset[str]] = {
    "Pod": frozenset({"Node"}),
    "Deployment": frozenset({"Node"}),
    "StatefulSet": frozenset({"Node"}),
    "DaemonSet": frozenset({"Node"}),
    "ReplicaSet": frozenset({"Node"}),
    "ReplicationController": frozenset({"Node"}),
    "Job": frozenset({"Node"}),
    "CronJob": frozenset({"Node"}),
    "Service": POD_MAKERS,
    "Ingress": frozenset({"Service", "IngressController"}),
    "NetworkPolicy": POD_MAKERS | {"Service"},
    **{kind: frozenset(targets) for kind, targets in CONNECTS.items()},
}
_WHAT_IT_DOES: dict[tuple[str, str], str] = {
    ("Pod", "Node"): "The Pod will run on this Node.",
}
_CONTAINERS = frozenset({"Node", "Namespace"})


def may_drop(project: Project, kind: str, target: str | None) -> DropAnswer:
    """Whether an object of `kind` may be dropped on `target` (an id, a derived Pod's key, None for empty canvas)."""
    if target is None:
        return DropAnswer(True)
    oid = owner_of(target)
    target_kind, _, name = split_id(oid)
    exists = project.get(oid) is not None or (target_kind == "Namespace" and name in project.namespaces())
    if not exists and oid not in project.foreign:
        return DropAnswer(False, f"{spoken_kept(oid)} is not in the project.")
    made, target_kind = KIND_BY_NAME.get(kind), kind_of(oid)
    gateway_api = kind in MADE_KINDS
    if made is None and not gateway_api:
        return DropAnswer(False, f"{kind} is not a kind that can be dropped.")
    if target_kind == "Namespace":
        return _on_namespace(kind, kind not in CLUSTER_SCOPED if made is None else made.NAMESPACED, name)
    if target_kind not in _MEANINGFUL.get(kind, frozenset()):
        return DropAnswer(False, _refusal_words(kind, target_kind if oid == target else "Pod"))
    return _on_object(project, kind, target_kind, oid)


def _on_namespace(kind: str, namespaced: bool, name: str) -> DropAnswer:
    if namespaced:
        return DropAnswer(True, f"{_article(kind)} will live in namespace {name}.")
    if kind == "Namespace":
        return DropAnswer(False, "A Namespace cannot stand inside a Namespace.")
    return DropAnswer(False, f"{_article(kind)} belongs to no namespace: drop it beside.")


def _on_object(project: Project, kind: str, target_kind: str, oid: str) -> DropAnswer:
    target = project.get(oid)
    if kind in ROUTE_KINDS:
        return _route_on(project, kind, oid)
    if kind == "ListenerSet":
        return DropAnswer(True, f"Its listeners will belong to {spoken_kept(oid)}, where allowedListeners lets them.")
    if kind == "BackendTLSPolicy":
        return DropAnswer(True, f"Gateways will speak TLS to {spoken(oid)}.")
    if kind in ("Service", "NetworkPolicy") and not pod_labels(target):
        return DropAnswer(False, f"{spoken(oid)} has no labels that a selector could match: give it labels first.")
    if kind == "Service" and first_port(target) is None:
        return DropAnswer(True, f"The Service will select the Pods of {spoken(oid)}, which declare no port.")
    if kind in ("Service", "NetworkPolicy"):
        return DropAnswer(True, f"The {kind} will select the Pods of {spoken(oid)}.")
    if kind == "Ingress" and isinstance(target, Service):
        return DropAnswer(True, _route_words(project, target))
    if kind == "Ingress" and isinstance(target, IngressController):
        return _ingress_on(project, target)
    if kind in WORKLOADS and target_kind == "Node":
        return DropAnswer(True, "The scheduler decides on which Nodes its Pods run.")
    return DropAnswer(True, _WHAT_IT_DOES.get((kind, target_kind), ""))


def _route_on(project: Project, kind: str, oid: str) -> DropAnswer:
    """What a route does on a Gateway, a ListenerSet or a Service."""
    if is_gateway_api(oid):
        return DropAnswer(True, f"The {kind} will be attached to {spoken_kept(oid)}.")
    service = project.find(Service, oid)
    if service is None or not service.spec.ports:
        return DropAnswer(False, f"{spoken(oid)} has no port that a route could lead to: give it a port first.")
    words = f"The {kind} will lead to this Service, port {service.spec.ports[0].port}"
    gateway = only_gateway(project)
    if gateway:
        return DropAnswer(True, f"{words}, by {spoken_kept(gateway)}.")
    return DropAnswer(True, f"{words}. Attach it to a Gateway afterwards.")


def _route_words(project: Project, service: Service) -> str:
    """What an Ingress on a Service leads to, and who serves it."""
    if not service.spec.ports:
        return f"{spoken(service.id)} has no port yet: the Ingress will have no rule."
    words = f"The Ingress will lead to this Service, port {service.spec.ports[0].port}"
    name = only_class(project)
    if name is not None:
        return f"{words}, by class {name}."
    several = len(project.of(IngressController)) > 1
    return f"{words}. {'Choose its class afterwards.' if several else 'Add an Ingress controller that serves it.'}"


def _ingress_on(project: Project, controller: IngressController) -> DropAnswer:
    """By which class an Ingress that is dropped on a controller is served; refused where none leads to it."""
    name = class_of(project, controller)
    if name is not None:
        return DropAnswer(True, f"{spoken(controller.id)} will serve the Ingress, by class {name}.")
    if controller.spec.watchWithoutClass:
        return DropAnswer(True, f"{spoken(controller.id)} will serve the Ingress, which has no class.")
    return DropAnswer(False, f"No IngressClass names the controller of {spoken(controller.id)}: add one first.")


def _article(kind: str) -> str:
    label = label_of(kind)
    return f"An {label}" if label[0] in "AEIO" or label.startswith("HTTP") else f"A {label}"


def _refusal_words(kind: str, target_kind: str) -> str:
    """Why a kind cannot be dropped on another: a sentence."""
    on = _article(target_kind)[0].lower() + _article(target_kind)[1:]
    if target_kind in _CONTAINERS or kind in _CONTAINERS or target_kind in POD_MAKERS:
        return f"{_article(kind)} cannot stand inside {on}."
    return f"{_article(kind)} has nothing to do with {on}."


def move(project: Project, oid: str, target: str) -> Edit:
    """The edit that a drop of an existing object (or a derived Pod's key) on `target` means.

    A Pod on a Node runs there (``spec.nodeName``). A derived Pod on a Node pins its workload's whole template there:
    Kubernetes has no place for the Node of one replica. An object on a Namespace moves there with its records.
    """
    owner = owner_of(oid)
    label = f"Move {spoken(owner)}"
    obj = project.get(owner)
    if owner in project.foreign:
        return _move_kept(project, owner, target)
    if obj is None:
        return missing(label, project, owner)
    answer = may_drop(project, obj.KIND, target)
    target_kind, _, name = split_id(owner_of(target))
    if not answer.ok or target_kind not in _CONTAINERS:
        reason = answer.reason if not answer.ok else f"{spoken(owner)} cannot be moved into {spoken(target)}."
        return refused(label, project, refusal("EDIT-07", reason, oid=owner))
    if target_kind == "Namespace":
        return set_field(project, owner, "metadata.namespace", name)
    return _onto_node(project, oid, owner, name)


def may_move(project: Project, oid: str, target: str) -> DropAnswer:
    """Whether an object that is there may be dropped on `target`, and what that would do."""
    if oid not in project.foreign:
        return may_drop(project, split_id(oid)[0], target)
    kind = kind_of(oid)
    answer = may_drop(project, kind, target)
    if not answer.ok or kind not in CONNECTS or kind_of(target) == "Namespace":
        return answer
    data, why = connected(project, oid, target)
    if data is None:
        return DropAnswer(False, why)
    if is_gateway_api(target) or kind not in ROUTE_KINDS:
        return answer
    shared = "its first rule then shares its requests among its Services"
    return DropAnswer(True, f"{spoken_kept(oid)} will also lead to {spoken(target)}: {shared}.")


def _move_kept(project: Project, oid: str, target: str) -> Edit:
    """A kept object on a Namespace moves there; a route on a Gateway is attached to it, on a Service leads there."""
    answer = may_move(project, oid, target)
    if not answer.ok:
        label = f"Move {spoken_kept(oid)}"
        return refused(label, project, refusal("EDIT-07", answer.reason, oid=oid))
    if kind_of(target) == "Namespace":
        return move_kept(project, oid, split_id(target)[2])
    data, _why = connected(project, oid, target)
    verb = "Attach" if is_gateway_api(target) or kind_of(oid) not in ROUTE_KINDS else "Lead"
    return replace(replace_kept(project, oid, data), label=f"{verb} {spoken_kept(oid)} to {spoken_kept(target)}")


def _onto_node(project: Project, key: str, owner: str, node: str) -> Edit:
    kind = split_id(owner)[0]
    if kind == "DaemonSet":
        reason = "A DaemonSet runs one Pod on every Node: its Pods cannot be moved."
        return refused(f"Move {spoken(owner)}", project, refusal("EDIT-07", reason, oid=owner))
    if kind == "Pod":
        edit = set_field(project, owner, "spec.nodeName", node)
        label = f"Move {spoken(owner)} to Node {node}"
    else:
        path = "spec.jobTemplate.spec.template.spec" if kind == "CronJob" else "spec.template.spec"
        edit = set_field(project, owner, f"{path}.nodeName", node)
        label = f"Pin all Pods of {spoken(owner)} to Node {node}"
    moved = _unobserved(edit.project, owner) if edit.ok else edit.project
    return replace(edit, label=label, merge_key=None, select=(key,), project=moved)


def _unobserved(project: Project, owner: str) -> Project:
    """The project in which nothing holds the owner's Pods where an imported dump saw them: a person now says where."""
    pods = project.ledger.pods
    changed = {
        key: record.model_copy(update={"observed": False})
        for key, record in pods.items()
        if owner_of(key) == owner and record.observed
    }
    if not changed:
        return project
    return replace(project, ledger=project.ledger.model_copy(update={"pods": pods.merged(changed)}))
