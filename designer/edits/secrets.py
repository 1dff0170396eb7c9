"""Secrets that are taken for granted: all that is ever kept is that they exist, and many are made outside manifests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from designer.edits.edit import Edit, refusal, refused
from designer.edits.fields import get_field
from designer.model import ForeignObject, Project, object_id, split_id

TLS_TYPE = "kubernetes.io/tls"
GRANTED = "taken for granted: nobody has seen it"
# Fields of lists of references to certificates (Gateway API), and of a name in the object's own namespace (Ingress).
REFERENCES = ("certificateRefs",)
NAMES = ("secretName",)


def missing_secrets(project: Project, oid: str, path: str) -> tuple[str, ...]:
    """Ids of the TLS Secrets that an object names at or below `path` and that the project does not hold, each once."""
    found = project.get(oid) or project.foreign.get(oid)
    if found is None:
        return ()
    data = found.data if isinstance(found, ForeignObject) else found.dump()
    whole = path.rpartition(".")[0] if path.endswith(NAMES) else path
    value = get_field(data, whole) if whole else data
    named = dict.fromkeys(_named(value, split_id(oid)[1]))
    return tuple(one for one in named if one not in project.foreign)


def _named(value: Any, namespace: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in REFERENCES and isinstance(inner, list | tuple):
                for ref in inner:
                    if isinstance(ref, Mapping) and not ref.get("group") and ref.get("kind", "Secret") == "Secret":
                        yield from _id(ref.get("namespace") or namespace, ref.get("name"))
            elif key in NAMES:
                yield from _id(namespace, inner)
            else:
                yield from _named(inner, namespace)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named(inner, namespace)


def _id(namespace: Any, name: Any) -> Iterator[str]:
    if isinstance(name, str) and name and isinstance(namespace, str):
        yield object_id("v1/Secret", namespace, name)


def take_for_granted(project: Project, oid: str, path: str) -> Edit:
    """The edit that says of the missing TLS Secrets of a field that they exist; nothing else is known of them."""
    missing = missing_secrets(project, oid, path)
    names = ", ".join(f"{split_id(one)[1]}/{split_id(one)[2]}" for one in missing)
    if not missing:
        problem = refusal("EDIT-07", "No Secret is missing here", oid=oid, field=path, fix="Nothing has to be done.")
        return refused("Take Secrets for granted", project, problem)
    made = {}
    for one in missing:
        _, namespace, name = split_id(one)
        metadata = {"name": name, "namespace": namespace}
        data = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": TLS_TYPE}
        made[one] = ForeignObject(one, data, GRANTED)
    return Edit(f"Take Secret {names} for granted", replace(project, foreign=project.foreign.merged(made)))
