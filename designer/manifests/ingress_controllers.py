"""Ingress controllers that run in the cluster, recognised by the images of workloads.

What Kubernetes has no object for, the program's own kind `IngressController` says: which workload serves Ingresses,
under which controller name, and which Service leads to it. Arguments are those of each project's own documentation.
"""

from __future__ import annotations

import re

from designer.manifests.report import ReportEntry
from designer.model import (
    CONTROLLER_NAMES,
    WORKLOAD_KINDS,
    AnyWorkload,
    IngressController,
    KubeObject,
    Service,
    labels_match,
    template_of,
)
from designer.model.core import Container

# A part of the image name (without registry tag) → profile; the first that matches decides.
IMAGES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(^|/)ingress-nginx/(ingress-nginx-)?controller(-chroot)?$"), "ingress-nginx"),
    (re.compile(r"(^|/)nginx-ingress-controller(-[a-z0-9]+)?$"), "ingress-nginx"),
    (re.compile(r"(^|/)traefik(/traefik)?$"), "traefik"),
    (re.compile(r"(^|/)haproxytech/kubernetes-ingress$"), "haproxy"),
    (re.compile(r"(^|/)haproxy-ingress(-controller)?$"), "haproxy-ingress"),
    (re.compile(r"(^|/)jcmoraisjr/haproxy-ingress$"), "haproxy-ingress"),
)
# haproxy-ingress (jcmoraisjr) is another project than HAProxy Technologies' and registers another name; what it does of
# its own is not known here, so that it gets what the API text says.
NAMES: dict[str, tuple[str, str]] = {
    **{profile: (profile, name) for profile, name in CONTROLLER_NAMES.items()},
    "haproxy-ingress": ("spec", "haproxy-ingress.github.io/controller"),
}
CONTROLLER_ARGUMENT = {"ingress-nginx": "--controller-class"}
WITHOUT_CLASS_ARGUMENT = {"ingress-nginx": "--watch-ingress-without-class"}

# The argument that names the namespaces to watch: all where it is missing. Traefik's and haproxy's name several.
NAMESPACES_ARGUMENT = {
    "ingress-nginx": "--watch-namespace",
    "traefik": "--providers.kubernetesingress.namespaces",
    "haproxy": "--namespace-whitelist",
    "haproxy-ingress": "--watch-namespace",
}
# What a Pod's own namespace is called where the argument takes it from the environment (the charts' own manifests).
OWN_NAMESPACE = "$(POD_NAMESPACE)"


def image_name(image: str) -> str:
    """An image reference without digest and tag."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.partition(":")[0]


def profile_of(container: Container) -> str | None:
    """The kind of Ingress controller that a container runs, None for anything else."""
    name = image_name(container.image or "")
    return next((profile for pattern, profile in IMAGES if pattern.search(name)), None)


def argument(container: Container, name: str | None) -> str | None:
    """The value of ``--name=value`` (or ``--name value``) among the arguments; "true" when it stands alone."""
    words = (*container.command, *container.args)
    for index, word in enumerate(words):
        if name and word == name:
            follows = words[index + 1] if index + 1 < len(words) else ""
            return follows if follows and not follows.startswith("-") else "true"
        if name and word.startswith(name + "="):
            return word.removeprefix(name + "=")
    return None


def detect(objects: dict[str, KubeObject]) -> list[tuple[IngressController, ReportEntry]]:
    """The controllers that run in `objects`, unless an IngressController of the input already names the workload."""
    named = {obj.spec.workload for obj in objects.values() if isinstance(obj, IngressController)}
    found: list[tuple[IngressController, ReportEntry]] = []
    for oid in sorted(objects):
        workload = objects[oid]
        if not isinstance(workload, WORKLOAD_KINDS) or oid in named:
            continue
        if f"IngressController:{workload.namespace}/{workload.name}" in objects:
            continue
        made = controller_for(workload, objects)  # type: ignore[arg-type]
        if made is not None:
            text = f"{oid} runs an Ingress controller ({made.spec.controller}), known by its image"
            found.append((made, ReportEntry("set", text, made.id)))
    return found


def controller_for(workload: AnyWorkload, objects: dict[str, KubeObject]) -> IngressController | None:
    """The Ingress controller that a workload runs, None when it runs none."""
    for container in template_of(workload).spec.containers:
        recognised = profile_of(container)
        if recognised is None:
            continue
        profile, name = NAMES[recognised]
        spec = {
            "profile": profile,
            "controller": registered(container, recognised, name),
            "workload": workload.id,
            "watchWithoutClass": argument(container, WITHOUT_CLASS_ARGUMENT.get(recognised)) == "true",
        }
        if watched := watched_namespaces(container, recognised, workload.namespace):
            spec["watchNamespaces"] = watched
        if service := service_of(workload, objects):
            spec["service"] = service
        metadata = {"name": workload.name, "namespace": workload.namespace}
        return IngressController.model_validate({"metadata": metadata, "spec": spec})
    return None


def registered(container: Container, recognised: str, name: str) -> str:
    """The name by which IngressClasses name the controller; HAProxy's has its ``--ingress.class`` behind a slash."""
    own = argument(container, "--ingress.class") if recognised == "haproxy" else None
    return f"{name}/{own}" if own else argument(container, CONTROLLER_ARGUMENT.get(recognised)) or name


def watched_namespaces(container: Container, recognised: str, own: str) -> list[str]:
    """The namespaces that a controller is told to watch, in order; empty where it watches all."""
    name = NAMESPACES_ARGUMENT[recognised]
    words = (*container.command, *container.args)
    given = [
        follows if word.lower() == name else word[len(name) + 1 :]
        for word, follows in zip(words, (*words, "")[1:], strict=True)
        if word.lower() == name or word.lower().startswith(f"{name}=")
    ]
    found = [part.strip() for value in given for part in value.split(",") if part.strip()]
    return list(dict.fromkeys(own if part == OWN_NAMESPACE else part for part in found))


WEB_PORTS = (80, 443)
REACH = {"LoadBalancer": 0, "NodePort": 1, "ClusterIP": 2}


def service_of(workload: AnyWorkload, objects: dict[str, KubeObject]) -> str | None:
    """The Service that leads to the workload's Pods: one with a web port first, then the one open to the outside."""
    labels = template_of(workload).metadata.labels
    candidates = [
        service
        for service in objects.values()
        if isinstance(service, Service)
        and service.namespace == workload.namespace
        and service.spec.selector
        and labels_match(service.spec.selector, labels)
    ]
    if not candidates:
        return None
    candidates.sort(
        key=lambda service: (
            not any(port.port in WEB_PORTS for port in service.spec.ports),
            REACH.get(service.spec.type, 3),
            service.name,
        )
    )
    return candidates[0].id
