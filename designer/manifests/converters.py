"""The one table (apiVersion, kind) → how an object becomes one that the model knows.

Old API versions are those that Kubernetes served before; their fields map one to one, and the few that were renamed are
renamed here ("Deprecated API Migration Guide" of the Kubernetes documentation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from designer.model import KIND_BY_API, KIND_BY_NAME, KubeObject

Data = dict[str, Any]
Step = Callable[[Data], Data]


@dataclass(frozen=True, slots=True)
class Converter:
    """The model class of a kind in some API version, and the step that renames fields (None: none is needed)."""

    kind: type[KubeObject]
    step: Step | None = None


def inside(data: Data, *path: str) -> Data:
    """The mapping at `path`, an empty one where there is none."""
    for part in path:
        inner = data.get(part)
        if not isinstance(inner, dict):
            return {}
        data = inner
    return data


def workload(data: Data) -> Data:
    """A workload whose selector, when absent, was the template's labels (extensions/v1beta1, apps/v1beta1)."""
    labels = inside(data, "spec", "template", "metadata").get("labels")
    spec = data.get("spec")
    if not isinstance(spec, dict) or "selector" in spec or not isinstance(labels, dict):
        return data
    return {**data, "spec": {**spec, "selector": {"matchLabels": labels}}}


def backend(old: Any) -> Any:
    """A v1 Ingress backend from ``serviceName`` and ``servicePort``."""
    if not isinstance(old, dict) or "serviceName" not in old:
        return old
    rest = {key: value for key, value in old.items() if key not in ("serviceName", "servicePort")}
    port = old.get("servicePort")
    named = {"name": port} if isinstance(port, str) else {"number": port}
    service = {"name": old["serviceName"], **({} if port is None else {"port": named})}
    return {**rest, "service": service}


def ingress(data: Data) -> Data:
    """A v1 Ingress: backends renamed, ``pathType`` ImplementationSpecific where v1beta1 left it out."""
    spec = data.get("spec")
    if not isinstance(spec, dict):
        return data
    new = {key: value for key, value in spec.items() if key != "backend"}
    if "backend" in spec:
        new.setdefault("defaultBackend", backend(spec["backend"]))
    if isinstance(spec.get("rules"), list):
        new["rules"] = [ingress_rule(rule) for rule in spec["rules"]]
    return {**data, "spec": new}


def ingress_rule(rule: Any) -> Any:
    """One rule of a v1beta1 Ingress as v1 has it."""
    http = rule.get("http") if isinstance(rule, dict) else None
    paths = http.get("paths") if isinstance(http, dict) else None
    if not isinstance(http, dict) or not isinstance(paths, list):
        return rule
    new = [
        {"pathType": "ImplementationSpecific", **path, "backend": backend(path.get("backend", {}))}
        if isinstance(path, dict)
        else path
        for path in paths
    ]
    return {**rule, "http": {**http, "paths": new}}


def endpoint_slice(data: Data) -> Data:
    """A v1 EndpointSlice: the ``topology`` labels of v1beta1 became ``nodeName`` and ``zone``."""
    endpoints = data.get("endpoints")
    if not isinstance(endpoints, list):
        return data
    return {**data, "endpoints": [endpoint(entry) for entry in endpoints]}


def endpoint(entry: Any) -> Any:
    """One endpoint of a v1beta1 slice as v1 has it."""
    topology = entry.get("topology") if isinstance(entry, dict) else None
    if not isinstance(topology, dict):
        return entry
    new = {key: value for key, value in entry.items() if key != "topology"}
    for key, label in (("nodeName", "kubernetes.io/hostname"), ("zone", "topology.kubernetes.io/zone")):
        if label in topology:
            new.setdefault(key, topology[label])
    return new


OLD: tuple[tuple[str, tuple[str, ...], Step | None], ...] = (
    ("Deployment", ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"), workload),
    ("StatefulSet", ("apps/v1beta1", "apps/v1beta2"), workload),
    ("DaemonSet", ("extensions/v1beta1", "apps/v1beta2"), workload),
    ("ReplicaSet", ("extensions/v1beta1", "apps/v1beta2"), workload),
    ("CronJob", ("batch/v1beta1", "batch/v2alpha1"), None),
    ("Ingress", ("extensions/v1beta1", "networking.k8s.io/v1beta1"), ingress),
    ("IngressClass", ("networking.k8s.io/v1beta1",), None),
    ("NetworkPolicy", ("extensions/v1beta1",), None),
    ("EndpointSlice", ("discovery.k8s.io/v1beta1",), endpoint_slice),
    ("ServiceCIDR", ("networking.k8s.io/v1alpha1", "networking.k8s.io/v1beta1"), None),
)

CONVERTERS: dict[tuple[str, str], Converter] = {
    **{key: Converter(kind) for key, kind in KIND_BY_API.items()},
    **{(api, name): Converter(KIND_BY_NAME[name], step) for name, apis, step in OLD for api in apis},
}


def converted(data: Data, converter: Converter) -> Data:
    """`data` with the current apiVersion and field names; `data` itself where nothing changes."""
    new = data if converter.step is None else converter.step(data)
    if new.get("apiVersion") == converter.kind.API_VERSION:
        return new
    return {**new, "apiVersion": converter.kind.API_VERSION}
