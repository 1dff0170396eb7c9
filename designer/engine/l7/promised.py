"""Secrets that controllers make from other objects of the input, as Pods are made from a Deployment.

| object | Secret | source |
|---|---|---|
| Certificate (cert-manager.io) | `spec.secretName`, of type kubernetes.io/tls | cert-manager, CertificateSpec |
| Gateway, ListenerSet with an issuer's annotation | its listeners' certificateRefs | certificate-shim, `sync.go` |
| Ingress with an issuer's annotation | `spec.tls[].secretName` | the same |
| ExternalSecret (external-secrets.io) | `spec.target.name`, else its own name | ExternalSecretTarget |
| SealedSecret (bitnami.com) | its own name | sealed-secrets, SealedSecretSpec |

Whether the issuer grants the certificate, or the store has the value, is not in the input: the Secret is taken to be
there, as the controllers make it where all goes well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from designer.edits.secrets import TLS_TYPE
from designer.model import Ingress, Project

ISSUERS = ("cert-manager.io/issuer", "cert-manager.io/cluster-issuer")
# `--auto-certificate-annotations` has it by default, for Ingresses alone.
TLS_ACME = "kubernetes.io/tls-acme"
# strconv.ParseBool
TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
# An ExternalSecret with one of these makes no Secret (ExternalSecretCreationPolicy).
MAKES_NONE = ("Merge", "None")
TLS_PROTOCOLS = ("HTTPS", "TLS")

# A Secret that is promised: namespace, name, and its type, None where nothing says it.
Promised = tuple[str, str, str | None]


def promised_secrets(project: Project) -> dict[tuple[str, str], str | None]:
    """The type (None: not said) of each Secret that controllers make of objects in `project`, by (namespace, name)."""
    found: dict[tuple[str, str], str | None] = {}
    for oid in project.foreign:
        api, _, kind = oid.partition(":")[0].rpartition("/")
        reader = READERS.get((api.rpartition("/")[0], kind))
        if reader is not None:
            for namespace, name, given in reader(project.foreign[oid].data):
                found.setdefault((namespace, name), given)
    return found


def issued_for(ingress: Ingress) -> frozenset[str]:
    """The names of the Secrets that cert-manager makes for an Ingress, in the Ingress' own namespace."""
    notes = ingress.metadata.annotations
    if not any(key in notes for key in ISSUERS) and notes.get(TLS_ACME) not in TRUE:
        return frozenset()
    named = [tls.secretName for tls in ingress.spec.tls if tls.secretName]
    if len(set(named)) < len(named):
        return frozenset()  # one name in two entries: cert-manager refuses the whole Ingress
    return frozenset(tls.secretName for tls in ingress.spec.tls if tls.secretName and tls.hosts)


def _certificate(data: Mapping[str, Any]) -> Iterator[Promised]:
    named = _spec(data).get("secretName")
    if isinstance(named, str) and named:
        yield _namespace(data), named, TLS_TYPE


def _listeners(data: Mapping[str, Any]) -> Iterator[Promised]:
    notes = _mapping(_mapping(data.get("metadata")).get("annotations"))
    if not any(key in notes for key in ISSUERS):
        return
    own = _namespace(data)
    listeners = _spec(data).get("listeners")
    for listener in listeners if isinstance(listeners, list | tuple) else ():
        tls = _mapping(_mapping(listener).get("tls"))
        refs = tls.get("certificateRefs")
        if (
            _mapping(listener).get("protocol") not in TLS_PROTOCOLS
            or not listener.get("hostname")
            or tls.get("mode", "Terminate") != "Terminate"
            or not isinstance(refs, list | tuple)
            or not all(_is_own(ref, own) for ref in refs)
        ):
            continue
        yield from ((own, str(ref["name"]), TLS_TYPE) for ref in refs)


def _is_own(ref: object, namespace: str) -> bool:
    """Whether cert-manager issues for a reference: to a Secret, in the object's own namespace."""
    found = _mapping(ref)
    return (
        isinstance(found.get("name"), str)
        and found.get("group", "") in ("", "core")
        and found.get("kind", "Secret") in ("", "Secret")
        and found.get("namespace", namespace) == namespace
    )


def _external(data: Mapping[str, Any]) -> Iterator[Promised]:
    target = _mapping(_spec(data).get("target"))
    named = target.get("name") or _mapping(data.get("metadata")).get("name")
    if isinstance(named, str) and target.get("creationPolicy", "Owner") not in MAKES_NONE:
        yield _namespace(data), named, _type(target.get("template"))


def _sealed(data: Mapping[str, Any]) -> Iterator[Promised]:
    named = _mapping(data.get("metadata")).get("name")
    if isinstance(named, str):
        yield _namespace(data), named, _type(_spec(data).get("template"))


READERS: dict[tuple[str, str], Callable[[Mapping[str, Any]], Iterator[Promised]]] = {
    ("cert-manager.io", "Certificate"): _certificate,
    ("gateway.networking.k8s.io", "Gateway"): _listeners,
    ("gateway.networking.k8s.io", "ListenerSet"): _listeners,
    ("external-secrets.io", "ExternalSecret"): _external,
    ("bitnami.com", "SealedSecret"): _sealed,
}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _spec(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(data.get("spec"))


def _namespace(data: Mapping[str, Any]) -> str:
    return str(_mapping(data.get("metadata")).get("namespace") or "default")


def _type(template: object) -> str | None:
    given = _mapping(template).get("type")
    return given if isinstance(given, str) else None
