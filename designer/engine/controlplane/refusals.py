"""Problems that say why the API server or a controller refuses what the manifests ask for, in Kubernetes' own words."""

from __future__ import annotations

from designer.model import Problem, Service


def refused(service: Service, code: str, field: str, text: str, fix: str) -> Problem:
    """The problem that the API server rejects `service` because of `field`, with its message."""
    return Problem(
        code,
        "error",
        f"Service {service.namespace}/{service.name}: the API server rejects it: {field}: {text}",
        object=service.id,
        field=field,
        why="A request that fails validation or allocation creates nothing: the Service does not exist in the cluster.",
        fix=fix,
    )
