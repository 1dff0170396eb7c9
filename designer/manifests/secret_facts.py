"""What is kept of a Secret: that it exists, its type, and whether its public certificate is one; never its contents.

A Gateway rejects a reference to a ``kubernetes.io/tls`` Secret whose certificate is malformed (conformance:
gateway-invalid-tls-configuration), so that much has to be known. The key is not looked at.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from designer.manifests.raw_objects import RawObject
from designer.model.design import CERTIFICATE_FACT, DESIGN_API, MALFORMED

SECRET_REFERENCE = "SecretReference"  # the program's own kind: that a Secret exists
KEPT_FIELDS = ("apiVersion", "kind", "type", "immutable")
KEPT_METADATA = ("name", "namespace", "labels", "uid", "ownerReferences")
REFERENCE_FIELDS = ("type", CERTIFICATE_FACT)
CERTIFICATE_KEY = "tls.crt"
PEM = "-----BEGIN "
# The same in base64, for a value that somebody cut short.
ENCODED_PEM = "LS0tLS1CRUdJTi"


def without_secret(data: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret without anything that could hold its data; annotations can (``last-applied-configuration``)."""
    kept = {key: data[key] for key in KEPT_FIELDS if key in data}
    metadata = data.get("metadata")
    if isinstance(metadata, Mapping):
        kept["metadata"] = {key: metadata[key] for key in KEPT_METADATA if key in metadata}
    if data.get(CERTIFICATE_FACT) == MALFORMED or is_malformed(data):
        kept[CERTIFICATE_FACT] = MALFORMED
    return kept


def is_malformed(data: Mapping[str, Any]) -> bool:
    """Whether a Secret's ``tls.crt`` is there and holds no PEM block; one that was left out says nothing."""
    plain, encoded = data.get("stringData"), data.get("data")
    if isinstance(plain, Mapping) and isinstance(plain.get(CERTIFICATE_KEY), str):
        return PEM not in plain[CERTIFICATE_KEY]
    value = encoded.get(CERTIFICATE_KEY) if isinstance(encoded, Mapping) else None
    if not isinstance(value, str) or not value.strip() or ENCODED_PEM in value:
        return False
    try:
        return PEM.encode() not in base64.b64decode(value)
    except (binascii.Error, ValueError):
        return True


def referenced_secret(raw: RawObject, data: Mapping[str, Any]) -> tuple[RawObject, dict[str, Any]]:
    """The Secret that an export of this program says exists."""
    spec = data.get("spec")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": data.get("metadata", {})}
    if isinstance(spec, Mapping):
        secret |= {key: spec[key] for key in REFERENCE_FIELDS if key in spec}
    return replace(raw, data=secret, api_version="v1", kind="Secret"), secret


def secret_reference(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is written of a Secret: that it exists, its type, and a certificate that is none."""
    spec = {key: data[key] for key in REFERENCE_FIELDS if key in data}
    return {
        "apiVersion": DESIGN_API,
        "kind": SECRET_REFERENCE,
        "metadata": data.get("metadata", {}),
        **({"spec": spec} if spec else {}),
    }
