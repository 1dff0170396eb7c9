"""Kustomizations are not applied; what they name as patches is recognised, so that no patch is taken for an object."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any

from designer.manifests.documents import split
from designer.manifests.yaml_reader import read_document
from designer.model import Problem

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
# Fields whose entries are patches: texts (a path, or the patch itself) or mappings with a `path`.
PATCH_FIELDS = ("patches", "patchesStrategicMerge", "patchesJson6902")
# Files that hold values for kustomize's own machinery, not objects.
OTHER_FIELDS = ("configurations", "crds", "openapi", "transformers", "generators", "validators")


def is_kustomization(name: str) -> bool:
    """Whether a file of this name is a kustomization."""
    return posixpath.basename(name) in KUSTOMIZATION_FILES


def patch_files(texts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The files that a kustomization among `texts` names as patches or settings: file name → kustomization's name."""
    found: dict[str, str] = {}
    for name, text in texts:
        if not is_kustomization(name):
            continue
        folder = posixpath.dirname(name)
        for document in split(text):
            value, _ = read_document(document.text, document.line, name)
            for path in named_files(value):
                found.setdefault(posixpath.normpath(posixpath.join(folder, path)), name)
    return found


def named_files(kustomization: Any) -> list[str]:
    """The paths under the fields that do not name objects; texts of several lines are patches themselves."""
    if not isinstance(kustomization, dict):
        return []
    found: list[str] = []
    for field in (*PATCH_FIELDS, *OTHER_FIELDS):
        entries = kustomization.get(field)
        for entry in entries if isinstance(entries, list) else [entries]:
            path = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(path, str) and "\n" not in path:
                found.append(path)
    return found


# Fields by which a kustomization changes the network's objects (kubectl's "Kustomize Feature List"); images, ConfigMaps
# and the like do not.
CHANGING_FIELDS = (
    "namespace",
    "namePrefix",
    "nameSuffix",
    "labels",
    "commonLabels",
    *PATCH_FIELDS,
    "replicas",
    "components",
    "replacements",
    "vars",
    "transformers",
    "generators",
    "helmCharts",
)


def changing_fields(text: str, name: str) -> tuple[str, ...]:
    """The fields of a kustomization's text that change objects or bring further ones, in the order of the table.

    ``resources`` is one of them where an entry leads out of the kustomization's folder.
    """
    found: list[str] = []
    for document in split(text):
        value, _ = read_document(document.text, document.line, name)
        if not isinstance(value, dict):
            continue
        found += [field for field in CHANGING_FIELDS if value.get(field)]
        resources = value.get("resources")
        if any(leads_out(entry) for entry in (resources if isinstance(resources, list) else [])):
            found.append("resources")
    return tuple(dict.fromkeys(found))


def leads_out(resource: Any) -> bool:
    """Whether an entry of ``resources`` is a folder above, or something on the network."""
    return isinstance(resource, str) and (resource.startswith("../") or "://" in resource or "github.com/" in resource)


def unapplied(name: str, fields: tuple[str, ...]) -> Problem:
    """The problem of a kustomization that would change what was read."""
    folder = posixpath.dirname(name) or "."
    return Problem(
        "READ-13",
        "warning",
        f"{name} changes the objects by {', '.join(fields)}, which is not applied",
        field=fields[0],
        why="The objects are read as their own files have them; in the cluster they are others.",
        fix=f"Read the result instead: `kubectl kustomize {folder} > manifests.yaml`, then open that file.",
        file=name,
        line=1,
    )
