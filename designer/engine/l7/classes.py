"""Which Ingress controller serves which Ingress (`domain/ingress-gateway.md`, "IngressClass selection")."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.l7.profiles import PROFILES, SPEC, ControllerProfile
from designer.engine.l7.validate import CLASS_ANNOTATION
from designer.model import CONTROLLER_NAMES, Ingress, IngressClass, IngressController, Project

DEFAULT_CLASS_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"


@dataclass(frozen=True, slots=True)
class Service:
    """That a controller serves an Ingress: `reason` says why, `doubt` why that is not sure ("" where it is)."""

    controller: str
    reason: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Unserved:
    """An Ingress that nobody serves; `code` is the problem's id in `domain/pitfalls.md`, "" where it has none."""

    ingress: str
    reason: str
    code: str = ""


def profile_of(controller: IngressController) -> ControllerProfile:
    """The profile of a controller."""
    return PROFILES.get(controller.spec.profile, SPEC)


def controller_string(controller: IngressController) -> str:
    """The string that IngressClasses name: its own, or the one that its profile registers."""
    return controller.spec.controller or CONTROLLER_NAMES.get(controller.spec.profile, "")


def default_classes(project: Project) -> tuple[IngressClass, ...]:
    """The default IngressClasses, in the order in which admission prefers them: newest first, then by name."""
    marked = [c for c in project.of(IngressClass) if c.metadata.annotations.get(DEFAULT_CLASS_ANNOTATION) == "true"]
    return tuple(sorted(marked, key=lambda c: c.metadata.creationTimestamp or "", reverse=True))


def servers(project: Project, ingress: Ingress) -> tuple[tuple[Service, ...], Unserved | None]:
    """Who serves an Ingress, by controller id; or why nobody does. Several may: they fight over its status."""
    found, nobody = _acting(project, ingress)
    watching = {c.id: c.spec.watchNamespaces for c in project.of(IngressController)}
    inside = tuple(one for one in found if ingress.namespace in (watching[one.controller] or (ingress.namespace,)))
    if found and not inside:
        only = ", ".join(watching[found[0].controller])
        who = found[0].controller.partition(":")[2]
        return (), Unserved(ingress.id, f"controller {who} takes Ingresses of namespace {only} only", "ING-01")
    return inside, nobody


def _acting(project: Project, ingress: Ingress) -> tuple[tuple[Service, ...], Unserved | None]:
    """Who acts for the class of an Ingress, wherever it is."""
    controllers = project.of(IngressController)
    name = ingress.spec.ingressClassName
    if name is not None:
        return _by_class(project, ingress, name, controllers)
    legacy = ingress.metadata.annotations.get(CLASS_ANNOTATION)
    if legacy is not None:
        return _by_annotation(ingress, legacy, controllers)
    # Admission writes the default class when the object is created: one that has a uid got its chance already.
    defaults = () if ingress.metadata.uid else default_classes(project)
    if defaults:
        return _by_default(ingress, defaults, controllers)
    found = tuple(
        Service(c.id, "it has no class, and this controller watches Ingresses without one")
        for c in controllers
        if c.spec.watchWithoutClass
    )
    if found:
        return found, None
    return (), Unserved(ingress.id, "no class and no default class", "ING-02")


def _by_class(
    project: Project, ingress: Ingress, name: str, controllers: tuple[IngressController, ...]
) -> tuple[tuple[Service, ...], Unserved | None]:
    wanted = project.find(IngressClass, f"IngressClass:{name}")
    if wanted is None:
        return (), Unserved(ingress.id, f"ingressClassName '{name}' does not exist", "ING-01")
    string = wanted.spec.controller
    found = tuple(
        Service(c.id, f"class {name} names {string}") for c in controllers if string and controller_string(c) == string
    )
    if found:
        return found, None
    return (), Unserved(
        ingress.id, f"no controller in this cluster acts for class {name} ({string or 'none named'})", "ING-01"
    )


def _by_annotation(
    ingress: Ingress, value: str, controllers: tuple[IngressController, ...]
) -> tuple[tuple[Service, ...], Unserved | None]:
    found = []
    for controller in controllers:
        profile = profile_of(controller)
        said = f"annotation {CLASS_ANNOTATION}: {value}"
        if profile.annotation == value:
            found.append(Service(controller.id, said))
        elif profile.annotation is None:
            doubt = f"whether {profile.title} reads the {said} depends on how it was started"
            found.append(Service(controller.id, said, doubt))
    if found:
        return tuple(found), None
    return (), Unserved(ingress.id, f"no controller answers to annotation {CLASS_ANNOTATION}: {value}", "ING-01")


def _by_default(
    ingress: Ingress, defaults: tuple[IngressClass, ...], controllers: tuple[IngressController, ...]
) -> tuple[tuple[Service, ...], Unserved | None]:
    dated = all(c.metadata.creationTimestamp for c in defaults)
    doubt = "" if dated or len(defaults) == 1 else "several default classes, and it is not known which is the newest"
    chosen = defaults if doubt else defaults[:1]
    found = tuple(
        Service(c.id, f"admission gives it the default class {k.name}", doubt)
        for k in chosen
        for c in controllers
        if k.spec.controller and controller_string(c) == k.spec.controller
    )
    if found:
        return tuple({service.controller: service for service in found}.values()), None
    names = ", ".join(c.name for c in chosen)
    return (), Unserved(ingress.id, f"no controller in this cluster acts for the default class {names}", "ING-01")
