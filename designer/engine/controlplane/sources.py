"""Where a field of an object stands in the input that it came from."""

from __future__ import annotations

from designer.model import Project


def source_line(project: Project, oid: str, path: str = "") -> tuple[str, int]:
    """File and 1-based line of the field `path` of an object; its nearest parent's where the field has none of its own.

    ("", 0) for an object that came from no file.
    """
    origin = project.provenance.get(oid)
    if origin is None or not origin.file:
        return "", 0
    while path:
        if path in origin.fieldLines:
            return origin.file, origin.fieldLines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return origin.file, origin.line
