"""YAML and JSON manifests ↔ project: read as kubectl reads them, reported, exported with their comments."""

from designer.manifests.read import ImportResult, read_paths, read_texts
from designer.manifests.report import ENTRY_KINDS, ImportReport, ReportEntry

__all__ = ["ENTRY_KINDS", "ImportReport", "ImportResult", "ReportEntry", "read_paths", "read_texts"]
