"""Where Gateway API objects name other objects, as a table; and rewriting these names when the others are moved.

They are kept objects (`Project.foreign`): data, no values of the model. Names and defaults are those of Gateway API's
own reference (``ParentReference``, ``BackendObjectReference``, ``SecretObjectReference``, …).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from designer.model import object_id, split_id

GROUP = "gateway.networking.k8s.io"
GROUPS = frozenset({GROUP, "gateway.networking.x-k8s.io"})
CLUSTER_SCOPED = frozenset({"GatewayClass", "Namespace"})

# (API group, kind, namespace, name); namespace is "" for kinds without.
Name = tuple[str, str, str, str]
Rename = Callable[[Name], Name]


@dataclass(frozen=True, slots=True)
class Default:
    """Group and kind of a reference that names none; `local` ones never reach into another namespace."""

    group: str
    kind: str
    local: bool = False


# Field → what its reference means, wherever in ``spec`` the field stands.
REFERENCES: Mapping[str, Default] = {
    "parentRefs": Default(GROUP, "Gateway"),
    "parentRef": Default(GROUP, "Gateway"),
    "backendRefs": Default("", "Service"),
    "backendRef": Default("", "Service"),
    "certificateRefs": Default("", "Secret"),
    "clientCertificateRef": Default("", "Secret"),
    "caCertificateRefs": Default("", "ConfigMap"),
    "targetRefs": Default("", "Service", local=True),
}
# Kinds whose certificates are local references (BackendTLSPolicySpec, ``validation.caCertificateRefs``).
LOCAL_CERTIFICATES = "BackendTLSPolicy"


def is_gateway_api(oid: str) -> bool:
    """Whether an id is that of a kept object of Gateway API."""
    return oid.partition("/")[0] in GROUPS and ":" in oid


def kind_of(oid: str) -> str:
    """The kind of an id, without the API that stands before it for kept objects."""
    return split_id(oid)[0].rpartition("/")[2]


def name_of(oid: str) -> Name:
    """The name behind an id; a kept object that names no namespace lives in ``default``."""
    head, namespace, name = split_id(oid)
    api, _, kind = head.rpartition("/")
    if kind in CLUSTER_SCOPED:
        return (api.rpartition("/")[0], kind, "", name)
    return (api.rpartition("/")[0], kind, namespace or "default", name)


def renaming(moves: Mapping[str, str]) -> Rename:
    """What `moves` (old id → new id) do to names; a renamed Namespace takes along also names that nobody bears."""
    names = {name_of(old): name_of(new) for old, new in moves.items()}
    spaces = {old[3]: new[3] for old, new in names.items() if old[:2] == ("", "Namespace")}

    def rename(name: Name) -> Name:
        found = names.get(name)
        return found if found is not None else (name[0], name[1], spaces.get(name[2], name[2]), name[3])

    return rename


def rewritten(oid: str, data: dict[str, Any], rename: Rename) -> dict[str, Any]:
    """The data of a Gateway API object with the new names in its references; `data` itself when none changes."""
    spec = data.get("spec")
    if not isinstance(spec, dict):
        return data
    writer = _Writer(name_of(oid), rename)
    made = writer.value(spec)
    if writer.holder[1] == "ReferenceGrant":
        made = writer.grant(made)
    if writer.holder[1] == "Gateway" and isinstance(made.get("gatewayClassName"), str):
        new = rename((GROUP, "GatewayClass", "", made["gatewayClassName"]))[3]
        made = made if new == made["gatewayClassName"] else {**made, "gatewayClassName": new}
    return data if made is spec else {**data, "spec": made}


class _Writer:
    """Walks the data of one object; values in which nothing changes are the very same."""

    def __init__(self, holder: Name, rename: Rename) -> None:
        self.holder = holder
        self._rename = rename
        self._home = rename(holder)[2]

    def value(self, value: Any, default: Default | None = None) -> Any:
        """The value with new names; `default` says that it is a reference, or a list of such."""
        if isinstance(value, list):
            made = [self.value(entry, default) for entry in value]
            return value if all(new is old for new, old in zip(made, value, strict=True)) else made
        if not isinstance(value, dict):
            return value
        fields = {key: self.value(entry, REFERENCES.get(key)) for key, entry in value.items()}
        changed = any(fields[key] is not value[key] for key in value)
        inside = fields if changed else value
        return self._reference(inside, default) if default is not None else inside

    def _reference(self, ref: dict[str, Any], default: Default) -> dict[str, Any]:
        if not isinstance(ref.get("name"), str):
            return ref
        local = default.local or (self.holder[1] == LOCAL_CERTIFICATES and default.kind == "ConfigMap")
        given = None if local else ref.get("namespace")
        old = (str(ref.get("group", default.group)), str(ref.get("kind", default.kind)),
               str(given or self.holder[2]), ref["name"])  # fmt: skip
        new = self._rename(old)
        if local:
            return ref if new[2] != self._home or new[3] == old[3] else {**ref, "name": new[3]}
        # A name without namespace goes on meaning its neighbour, wherever the two of them live.
        space = new[2] if given or (new[2] != self._home and new != old) else None
        if new[3] == ref["name"] and space == (given or None):
            return ref
        return {**ref, "name": new[3], **({"namespace": space} if space else {})}

    def grant(self, spec: dict[str, Any]) -> dict[str, Any]:
        """A ReferenceGrant: whom it trusts by namespace, and what of its own namespace it opens by name."""
        found = dict(spec)
        for key, change in (("from", self._trusted), ("to", self._opened)):
            entries = spec.get(key)
            if isinstance(entries, list):
                made = [change(entry) if isinstance(entry, dict) else entry for entry in entries]
                found[key] = entries if made == entries else made
        return spec if all(found[key] is spec[key] for key in spec) else found

    def _trusted(self, entry: dict[str, Any]) -> dict[str, Any]:
        space = entry.get("namespace")
        if not isinstance(space, str):
            return entry
        return {**entry, "namespace": self._rename(("", "Namespace", "", space))[3]}

    def _opened(self, entry: dict[str, Any]) -> dict[str, Any]:
        name = entry.get("name")
        if not isinstance(name, str):
            return entry
        new = self._rename((str(entry.get("group", "")), str(entry.get("kind", "")), self.holder[2], name))
        return {**entry, "name": new[3]} if new[2] == self._home else entry


def moved_id(oid: str, namespace: str, name: str | None = None) -> str:
    """A kept object's id in another namespace, or under another name."""
    head, _, old = split_id(oid)
    return object_id(head, namespace, old if name is None else name)
