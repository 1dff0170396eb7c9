"""YAML and JSON manifests ↔ project: read as kubectl reads them, reported, exported with their comments."""

from designer.manifests.export import export
from designer.manifests.object_text import parse_object
from designer.manifests.read import ImportResult, read_paths, read_texts
from designer.manifests.report import ENTRY_KINDS, ImportReport, ReportEntry
from designer.manifests.writer import to_yaml

__all__ = [
    "ENTRY_KINDS",
    "ImportReport",
    "ImportResult",
    "ReportEntry",
    "export",
    "parse_object",
    "read_paths",
    "read_texts",
    "to_yaml",
]
