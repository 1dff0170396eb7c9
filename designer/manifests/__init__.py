"""YAML and JSON manifests ↔ project: read as kubectl reads them, reported, exported with their comments.

The problems of reading, by code: READ-00 a file that the system does not give, READ-01 no text, READ-02 broken YAML or
JSON, READ-03 a Helm template, READ-04 no Kubernetes object, READ-05 no apiVersion, READ-06 an object that does not fit
its kind, READ-07 a setting that cannot be used, READ-08 an object twice, READ-09 a kind that cannot be edited, READ-10
nothing to read at all, READ-11 a network plugin without a profile, READ-12 kept objects that matter to the network and
are not evaluated, READ-13 a kustomization, which is not applied, READ-14 an object that Kubernetes would refuse for a
value. WRITE-01 is an export that cannot be written, WRITE-02 one that would take an object out of a file.
"""

from designer.manifests.export import export
from designer.manifests.export_files import export_for, write_files
from designer.manifests.losing import losses
from designer.manifests.object_text import field_line, parse_kept, parse_object
from designer.manifests.read import ImportResult, read_paths, read_texts
from designer.manifests.reopened import unfollowed_problems
from designer.manifests.report import ENTRY_KINDS, ImportReport, ReportEntry
from designer.manifests.unused import refused_problems, unused_problems
from designer.manifests.writer import to_yaml

__all__ = [
    "ENTRY_KINDS",
    "ImportReport",
    "ImportResult",
    "ReportEntry",
    "export",
    "export_for",
    "field_line",
    "losses",
    "parse_kept",
    "parse_object",
    "read_paths",
    "read_texts",
    "refused_problems",
    "to_yaml",
    "unfollowed_problems",
    "unused_problems",
    "write_files",
]
