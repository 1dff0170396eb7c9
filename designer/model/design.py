"""The program's own kinds: what a cluster drawing needs and Kubernetes has no object for.

They use apiVersion `design.cluster-network-designer/v1` and are exported and imported like any other manifest.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from designer.model.frozen import FrozenModel
from designer.model.meta import KubeObject

DESIGN_API = "design.cluster-network-designer/v1"

ControllerProfile = Literal["ingress-nginx", "traefik", "haproxy", "spec"]
CONTROLLER_PROFILES: tuple[ControllerProfile, ...] = ("ingress-nginx", "traefik", "haproxy", "spec")

# spec.controller of the IngressClass that each profile registers (each project's own documentation).
CONTROLLER_NAMES: dict[str, str] = {
    "ingress-nginx": "k8s.io/ingress-nginx",
    "traefik": "traefik.io/ingress-controller",
    "haproxy": "haproxy.org/ingress-controller",
    "spec": "example.com/ingress-controller",
}


def controller_profile(name: str) -> str:
    """The profile of the program behind spec.controller of an IngressClass, "" for one that is not known.

    HAProxy Technologies' controller registers its ``--ingress.class`` behind a slash (documentation/ingressclass.md).
    """
    if name.startswith(f"{CONTROLLER_NAMES['haproxy']}/"):
        return "haproxy"
    return next((profile for profile, known in CONTROLLER_NAMES.items() if known == name), "")


class IngressControllerSpec(FrozenModel):
    """Which program serves Ingresses, which workload runs it, and how it is reached."""

    profile: ControllerProfile = "spec"
    controller: str = ""
    workload: str | None = None
    service: str | None = None
    watchWithoutClass: bool = False
    watchNamespaces: tuple[str, ...] = ()


class IngressController(KubeObject):
    """A running Ingress controller.

    `spec.controller` is the string that IngressClasses name; `spec.workload` the id of the workload whose Pods run it
    (in the same namespace as this object); `spec.service` the id of the Service that leads to it, absent when it is
    reached by hostPort or hostNetwork. `spec.watchNamespaces` are those whose Ingresses it takes, empty for all.
    """

    KIND: ClassVar[str] = "IngressController"
    API_VERSION: ClassVar[str] = DESIGN_API

    spec: IngressControllerSpec = Field(default_factory=IngressControllerSpec)


class ExternalSpec(FrozenModel):
    """Addresses and names of something outside the cluster; `ports` (``443/tcp``) are those that it listens on.

    An empty `ports` means that it is not known what it listens on.
    """

    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()


class ExternalClient(KubeObject):
    """A client outside the cluster that sends requests."""

    KIND: ClassVar[str] = "ExternalClient"
    API_VERSION: ClassVar[str] = DESIGN_API
    NAMESPACED: ClassVar[bool] = False

    spec: ExternalSpec = Field(default_factory=ExternalSpec)


class ExternalHost(KubeObject):
    """A server or address range outside the cluster that Pods may call."""

    KIND: ClassVar[str] = "ExternalHost"
    API_VERSION: ClassVar[str] = DESIGN_API
    NAMESPACED: ClassVar[bool] = False

    spec: ExternalSpec = Field(default_factory=ExternalSpec)
