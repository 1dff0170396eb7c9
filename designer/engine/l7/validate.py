"""What the API server refuses in an Ingress (`domain/ingress-gateway.md`, "Ingress matching rules").

A refused object does not exist in a cluster, so an Ingress with a finding here is served by nobody.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from designer.engine.controlplane.sources import source_line
from designer.model import Ingress, Problem, Project
from designer.model.networking import HTTPIngressPath, IngressBackend

# The API server refuses the object: a finding of our own, beside the catalogue of `domain/pitfalls.md`.
REFUSED = "ING-90"
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
PATH_TYPES = ("Exact", "Prefix", "ImplementationSpecific")

Finding = tuple[str, str, str]

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"^(?=.{{1,253}}$)(?:\*\.)?{_LABEL}(?:\.{_LABEL})*$")
_BAD_PARTS = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS = ("/..", "/.")


def refusals(project: Project, ingress: Ingress) -> tuple[Problem, ...]:
    """An error for everything that the API server would refuse in `ingress`, in order of the fields."""
    return tuple(_problem(project, ingress, *finding) for finding in findings(ingress))


def findings(ingress: Ingress) -> tuple[Finding, ...]:
    """Field path, what the API server says, what to do."""
    spec = ingress.spec
    found: list[Finding] = []
    legacy = ingress.metadata.annotations.get(CLASS_ANNOTATION)
    if legacy is not None and spec.ingressClassName is not None and legacy != spec.ingressClassName:
        said = "must match `ingressClassName` when both are specified"
        found.append((f"metadata.annotations[{CLASS_ANNOTATION}]", said, "Remove the annotation."))
    if spec.defaultBackend is None and not spec.rules:
        found.append(("spec", "either `defaultBackend` or `rules` must be specified", "Add a rule."))
    if spec.defaultBackend is not None:
        found += _backend(spec.defaultBackend, "spec.defaultBackend")
    for index, rule in enumerate(spec.rules):
        here = f"spec.rules[{index}]"
        if rule.host:
            found += _host(rule.host, f"{here}.host")
        if rule.http is None:
            continue
        if not rule.http.paths:
            found.append((f"{here}.http.paths", "must have at least one path", "Add a path, or remove `http`."))
        for number, path in enumerate(rule.http.paths):
            found += _path(path, f"{here}.http.paths[{number}]")
    for index, tls in enumerate(spec.tls):
        for number, host in enumerate(tls.hosts):
            found += _host(host, f"spec.tls[{index}].hosts[{number}]")
    return tuple(found)


def _problem(project: Project, ingress: Ingress, path: str, said: str, fix: str) -> Problem:
    file, line = source_line(project, ingress.id, path)
    why = "The API server refuses this object, so it does not exist in the cluster and is left out here."
    title = f"Ingress {ingress.namespace}/{ingress.name}: {path} {said}"
    return Problem(REFUSED, "error", title, ingress.id, path, why, fix, file, line)


def _host(host: str, path: str) -> Iterator[Finding]:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if not _HOST.match(host):
            said = f'"{host}" is no DNS name; a wildcard stands alone in the first label'
            yield path, said, "Write it like shop.example.com or *.example.com."
    else:
        yield path, "must be a DNS name, not an IP address", "Use a name, or leave the host out to match every host."


def _path(path: HTTPIngressPath, here: str) -> Iterator[Finding]:
    text = path.path or ""
    if path.pathType is None:
        yield f"{here}.pathType", "must be specified", "Add pathType: Prefix."
    elif path.pathType not in PATH_TYPES:
        yield f"{here}.pathType", f'"{path.pathType}" is no path type', f"Use one of {', '.join(PATH_TYPES)}."
    elif path.pathType == "ImplementationSpecific":
        if text and not text.startswith("/"):
            yield f"{here}.path", "must be an absolute path", f"Write /{text}."
    elif not text.startswith("/"):
        yield f"{here}.path", "must be an absolute path", f"Write /{text}."
    elif any(part in text for part in _BAD_PARTS) or text.endswith(_BAD_ENDS):
        shown = ", ".join((*_BAD_PARTS, "or end in /. or /.."))
        yield f"{here}.path", f"must not contain {shown}", "Write the path without them."
    yield from _backend(path.backend, f"{here}.backend")


def _backend(backend: IngressBackend, here: str) -> Iterator[Finding]:
    resource = (backend.model_extra or {}).get("resource")
    if backend.service is None:
        if resource is None:
            yield here, "must have a Service or a resource", "Add service.name and service.port."
        return
    if resource is not None:
        yield here, "cannot set both resource and service backends", "Keep one of them."
    if not backend.service.name:
        yield f"{here}.service.name", "must be specified", "Name a Service of the same namespace."
    port = backend.service.port
    if (port.name is None) == (port.number is None):
        said = (
            "cannot set both port name and port number" if port.name is not None else "must have a port name or number"
        )
        yield f"{here}.service.port", said, "Give either number or name of the Service's port."
