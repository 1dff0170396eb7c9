"""What a drop target offers to a new object: its namespace, its Pods' labels, its port."""

from __future__ import annotations

from collections.abc import Mapping

from designer.edits.podkeys import owner_of
from designer.model import (
    CONTROLLER_NAMES,
    WORKLOAD_KINDS,
    Container,
    IngressClass,
    IngressController,
    KubeObject,
    Pod,
    Project,
    Service,
    split_id,
    template_of,
)


def target_object(project: Project, target: str | None) -> KubeObject | None:
    """The object behind a target, None when there is none."""
    return project.get(owner_of(target)) if target else None


def namespace_at(project: Project, target: str | None, otherwise: str) -> str:
    """The namespace that something dropped on `target` belongs to.

    An Ingress controller lives apart from what it serves: what is dropped on it does not join it there, but belongs
    where the controller looks.
    """
    if not target:
        return otherwise
    kind, namespace, name = split_id(owner_of(target))
    if kind == "IngressController":
        controller = project.find(IngressController, owner_of(target))
        watched = controller.spec.watchNamespaces if controller is not None else ()
        return otherwise if otherwise in watched or not watched else watched[0]
    return name if kind == "Namespace" else namespace or otherwise


def pod_labels(obj: KubeObject | None) -> Mapping[str, str]:
    """The labels by which an object's Pods are found: its selector, else its template's or its own labels."""
    match obj:
        case Pod():
            return obj.labels
        case Service():
            return obj.spec.selector or {}
    if isinstance(obj, WORKLOAD_KINDS):
        selector = getattr(obj.spec, "selector", None)  # type: ignore[attr-defined]
        wanted = getattr(selector, "matchLabels", selector)
        return wanted or template_of(obj).metadata.labels  # type: ignore[arg-type]
    return {}


def first_port(obj: KubeObject | None) -> tuple[int | str, str, int] | None:
    """Name (else number), protocol and number of the first port that an object's Pods declare, None without one."""
    containers: tuple[Container, ...] = ()
    if isinstance(obj, Pod):
        containers = obj.spec.containers
    elif isinstance(obj, WORKLOAD_KINDS):
        containers = template_of(obj).spec.containers  # type: ignore[arg-type]
    for made_of in containers:
        for port in made_of.ports:
            return port.name or port.containerPort, port.protocol, port.containerPort
    return None


def only_class(project: Project) -> str | None:
    """The IngressClass of the only Ingress controller; where no controller is drawn, the only class; else None."""
    classes = project.of(IngressClass)
    controllers = project.of(IngressController)
    if len(controllers) == 1:
        return class_of(project, controllers[0])
    return classes[0].name if not controllers and len(classes) == 1 else None


def class_of(project: Project, controller: IngressController) -> str | None:
    """The first IngressClass that names a controller, None without one."""
    spec = controller.spec
    string = spec.controller or CONTROLLER_NAMES.get(spec.profile, "")
    return next((c.name for c in project.of(IngressClass) if string and c.spec.controller == string), None)


def only_service(project: Project, namespace: str) -> Service | None:
    """The only Service of a namespace for an Ingress (no controller's own, not the API server's), else None."""
    own = {"Service:default/kubernetes", *(controller.spec.service for controller in project.of(IngressController))}
    found = [s for s in project.of(Service) if s.namespace == namespace and s.spec.ports and s.id not in own]
    return found[0] if len(found) == 1 else None
