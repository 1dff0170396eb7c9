"""The data of new objects: small, valid at once, and useful without further typing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.model import KIND_BY_NAME, KubeObject

# The image listens on 8080 and needs no root; what a new container is until a person says otherwise.
IMAGE = "nginxinc/nginx-unprivileged:stable"
PORT = 8080
PORT_NAME = "http"


def build(
    kind: str, name: str, namespace: str = "", labels: Mapping[str, str] | None = None, **rest: Any
) -> KubeObject:
    """A valid object of `kind`; `rest` holds the fields beside the metadata (``spec=…``)."""
    made = KIND_BY_NAME[kind]
    metadata: dict[str, Any] = {"name": name}
    if made.NAMESPACED:
        metadata["namespace"] = namespace or "default"
    if labels:
        metadata["labels"] = dict(labels)
    return made.model_validate({"apiVersion": made.API_VERSION, "kind": kind, "metadata": metadata, **rest})


def container(name: str = "app", image: str = IMAGE, ports: Mapping[str, int] | None = None) -> dict[str, Any]:
    """A container that declares `ports` (name → number), ``http`` 8080 by default."""
    declared = ports if ports is not None else {PORT_NAME: PORT}
    return {
        "name": name,
        "image": image,
        "ports": [{"name": port_name, "containerPort": number} for port_name, number in declared.items()],
    }


def template(labels: Mapping[str, str], made_of: dict[str, Any]) -> dict[str, Any]:
    """A Pod template with one container."""
    return {"metadata": {"labels": dict(labels)}, "spec": {"containers": [made_of]}}


def workload_spec(
    labels: Mapping[str, str], replicas: int | None, made_of: dict[str, Any] | None = None
) -> dict[str, Any]:
    """``spec`` of a Deployment, StatefulSet or DaemonSet whose selector matches its own template."""
    spec: dict[str, Any] = {} if replicas is None else {"replicas": replicas}
    return {**spec, "selector": {"matchLabels": dict(labels)}, "template": template(labels, made_of or container())}


def service_port(port: int, target: int | str, name: str | None = None, protocol: str = "TCP") -> dict[str, Any]:
    """One entry of a Service's ``spec.ports``."""
    named: dict[str, Any] = {"name": name} if name else {}
    spoken: dict[str, Any] = {} if protocol == "TCP" else {"protocol": protocol}
    return {**named, **spoken, "port": port, "targetPort": target}


def ingress_rule(host: str, service: str, port: dict[str, Any]) -> dict[str, Any]:
    """One Ingress rule that sends every path of `host` to a Service; `port` is ``{"number": n}`` or ``{"name": x}``."""
    backend = {"service": {"name": service, "port": port}}
    return {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
