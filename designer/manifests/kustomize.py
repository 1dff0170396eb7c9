"""Kustomizations are not applied; what they name as patches is recognised, so that no patch is taken for an object."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any

from designer.manifests.documents import split
from designer.manifests.yaml_reader import read_document

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
