"""Endpoints objects → the EndpointSlices that Kubernetes mirrors them to.

Kubernetes documentation, "EndpointSlices", section "EndpointSlice mirroring": Endpoints that people write for a Service
without selector are mirrored, unless they carry the label ``endpointslice.kubernetes.io/skip-mirror: "true"`` or the
leader election annotation. Input that has slices of the Service already is left alone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from designer.manifests.report import ReportEntry
from designer.model import EndpointSlice, ForeignObject, KubeObject, Provenance, Service, object_id

SERVICE_LABEL = "kubernetes.io/service-name"
MANAGED_LABEL = "endpointslice.kubernetes.io/managed-by"
MIRROR = "endpointslicemirroring-controller.k8s.io"
SKIP_LABEL = "endpointslice.kubernetes.io/skip-mirror"
LEADER = "control-plane.alpha.kubernetes.io/leader"
Made = tuple[EndpointSlice, Provenance, ReportEntry]


def mirrored(
    objects: Mapping[str, KubeObject], foreign: Mapping[str, ForeignObject], places: Mapping[str, Provenance]
) -> list[Made]:
    """The slices that the Endpoints among `foreign` stand for, each with their place and a report entry."""
    sliced = {
        (obj.namespace, obj.labels.get(SERVICE_LABEL)) for obj in objects.values() if isinstance(obj, EndpointSlice)
    }
    found: list[Made] = []
    for oid, kept in foreign.items():
        data = kept.data
        if data.get("apiVersion") != "v1" or data.get("kind") != "Endpoints":
            continue
        metadata = mapping(data.get("metadata"))
        name, namespace = metadata.get("name"), metadata.get("namespace") or "default"
        if not isinstance(name, str) or not isinstance(namespace, str) or not is_mirrored(metadata):
            continue
        service = objects.get(object_id("Service", namespace, name))
        if not isinstance(service, Service) or service.spec.selector or (namespace, name) in sliced:
            continue
        place = places.get(oid, Provenance())
        for piece in slices_of(name, namespace, data.get("subsets")):
            text = f"Endpoints {namespace}/{name} stand as {piece.id}, as Kubernetes mirrors them"
            found.append((piece, place, ReportEntry("set", text, piece.id, place.file, place.line)))
    return found


def mapping(value: Any) -> dict[str, Any]:
    """`value` where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def is_mirrored(metadata: dict[str, Any]) -> bool:
    """Whether neither label nor annotation keeps the Endpoints from being mirrored."""
    labels, annotations = mapping(metadata.get("labels")), mapping(metadata.get("annotations"))
    return labels.get(SKIP_LABEL) != "true" and LEADER not in annotations


def slices_of(name: str, namespace: str, subsets: Any) -> Iterable[EndpointSlice]:
    """One slice for each subset and IP family, named after the Endpoints."""
    number = 0
    for subset in subsets if isinstance(subsets, list) else []:
        for family in (4, 6):
            endpoints = [
                endpoint(address, ready)
                for key, ready in (("addresses", True), ("notReadyAddresses", False))
                for address in listed(subset, key)
                if version(address.get("ip")) == family
            ]
            if not endpoints:
                continue
            labels = {SERVICE_LABEL: name, MANAGED_LABEL: MIRROR}
            data = {
                "metadata": {"name": f"{name}-mirror-{number}", "namespace": namespace, "labels": labels},
                "addressType": f"IPv{family}",
                "endpoints": endpoints,
                "ports": [port(entry) for entry in listed(subset, "ports")],
            }
            number += 1
            try:
                yield EndpointSlice.model_validate(data)
            except ValidationError:
                continue


def listed(subset: Any, key: str) -> list[dict[str, Any]]:
    """The mappings in the list that a subset has under `key`."""
    found = mapping(subset).get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def version(text: Any) -> int:
    """The IP version of an address, 0 for anything else."""
    try:
        return ipaddress.ip_address(text).version if isinstance(text, str) else 0
    except ValueError:
        return 0


def endpoint(address: dict[str, Any], ready: bool) -> dict[str, Any]:
    """An endpoint of a slice from an address of a subset."""
    kept: dict[str, Any] = {key: address[key] for key in ("hostname", "nodeName", "targetRef") if key in address}
    return {"addresses": [address["ip"]], "conditions": {"ready": ready}, **kept}


def port(entry: dict[str, Any]) -> dict[str, Any]:
    """A port of a slice from a port of a subset."""
    kept: dict[str, Any] = {key: entry[key] for key in ("port", "protocol", "appProtocol") if key in entry}
    return {"name": entry.get("name", ""), **kept}
