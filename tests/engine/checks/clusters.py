"""Small clusters in YAML, compiled for real, and the problems that the checks find in them."""

from dataclasses import replace
from typing import Any

import yaml

from designer.engine.checks import check
from designer.engine.compile import ClusterState, compile_project
from designer.model import EMPTY_PROJECT, KIND_BY_NAME, ClusterSettings, ForeignObject, FrozenMap, Problem, Project

Data = dict[str, Any]


def obj(kind: str, name: str, namespace: str = "", meta: Data | None = None, **rest: Any) -> Data:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **(meta or {})}
    return {"kind": kind, "metadata": metadata, **rest}


def node(name: str, ip: str, labels: dict[str, str] | None = None, **rest: Any) -> Data:
    status = {"addresses": [{"type": "InternalIP", "address": ip}]}
    return obj("Node", name, meta={"labels": labels or {}}, status=status, **rest)


NODES = (node("n1", "192.168.10.11"), node("n2", "192.168.10.12"))


def deployment(
    name: str = "web",
    labels: dict[str, str] | None = None,
    replicas: int = 2,
    ports: tuple[Data, ...] = ({"containerPort": 8080, "name": "http"},),
    namespace: str = "shop",
    kind: str = "Deployment",
    container: Data | None = None,
    **spec: Any,
) -> Data:
    labels = labels or {"app": name}
    main = {"name": "main", "image": f"example.com/{name}:1", "ports": list(ports), **(container or {})}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [main], **spec}}
    return obj(
        kind, name, namespace, spec={"replicas": replicas, "template": template, "selector": {"matchLabels": labels}}
    )


def service(name: str = "web", selector: dict[str, str] | None = None, namespace: str = "shop", **spec: Any) -> Data:
    made = {"selector": selector or {"app": name}, "ports": [{"port": 80, "targetPort": 8080}], **spec}
    return obj("Service", name, namespace, spec=made)


def policy(spec: str, name: str = "p", namespace: str = "shop") -> Data:
    return obj("NetworkPolicy", name, namespace, spec=yaml.safe_load(spec))


def project(
    *objects: Data,
    nodes: tuple[Data, ...] = NODES,
    secrets: tuple[Data, ...] = (),
    kept: tuple[ForeignObject, ...] = (),
    **cluster: Any,
) -> Project:
    made = [KIND_BY_NAME[data["kind"]].model_validate(data) for data in (*nodes, *objects)]
    found = EMPTY_PROJECT.with_objects(made)
    foreign = {one.id: one for one in kept}
    for data in secrets:
        oid = f"v1/Secret:{data['metadata']['namespace']}/{data['metadata']['name']}"
        foreign[oid] = ForeignObject(oid, data, "Secrets are never read")
    return replace(found, cluster=ClusterSettings.model_validate(cluster), foreign=FrozenMap(foreign))


def compiled(*objects: Data, **more: Any) -> ClusterState:
    return compile_project(project(*objects, **more))


def problems(*objects: Data, **more: Any) -> tuple[Problem, ...]:
    """All problems of a cluster of two Nodes with these objects."""
    return check(compiled(*objects, **more))


def told(code: str, *objects: Data, **more: Any) -> list[str]:
    """The titles of the problems with this code."""
    return [problem.title for problem in problems(*objects, **more) if problem.code == code]


def only(code: str, *objects: Data, **more: Any) -> Problem:
    """The one problem with this code."""
    found = [problem for problem in problems(*objects, **more) if problem.code == code]
    assert len(found) == 1, [problem.title for problem in found]
    return found[0]
