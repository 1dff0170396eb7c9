"""The project file's envelope: format name, version, sections, and the limits that a file has to keep.

A project file is JSON with sorted keys, one key a line, so that a small edit is a small diff. Sections: ``cluster``,
``objects`` (by id), ``foreign``, ``ledger``, ``canvas``, ``scenarios``, ``provenance``; and ``verification``, which
stands only in files that keep a result of the lab (`model.verified`). A program that does not know it leaves it out.
"""

from __future__ import annotations

from designer.model import Problem
from designer.model.problem import Severity

FORMAT = "cluster-network-designer"
VERSION = 1
SUFFIX = ".cnd"

# Deeper than any Kubernetes object (CRD schemas reach about 40); guards every recursive reader.
MAX_DEPTH = 100
MAX_BYTES = 512 * 1024 * 1024
# Scene units; beyond it a shape could never be found again.
MAX_COORDINATE = 1e7

SECTIONS: tuple[str, ...] = ("canvas", "cluster", "foreign", "ledger", "objects", "provenance", "scenarios")


def file_problem(
    code: str, title: str, *, file: str, why: str = "", fix: str = "", line: int = 0, oid: str = "", field: str = "",
    severity: Severity = "error",
) -> Problem:  # fmt: skip
    """A finding about a file; codes ``FILE-01`` … are listed in `CODES`."""
    return Problem(
        code=code, severity=severity, title=title, object=oid, field=field, why=why, fix=fix, file=file, line=line
    )


CODES: dict[str, str] = {
    "FILE-01": "the file cannot be read",
    "FILE-02": "the file is empty",
    "FILE-03": "the file is something else than a project",
    "FILE-04": "the JSON is damaged or cut off",
    "FILE-05": "a newer version of the program wrote the file",
    "FILE-06": "the file is too large, or nested too deeply",
    "FILE-07": "a section has the wrong type",
    "FILE-08": "a key stands twice",
    "FILE-09": "an object cannot be read; it is kept as it is",
    "FILE-10": "an object stands under an id that is not its own",
    "FILE-11": "a shape has an impossible place",
    "FILE-12": "the file was changed by somebody else since it was opened",
    "FILE-13": "the file cannot be written",
    "FILE-14": "the journal cannot be written",
    "FILE-15": "the journal cannot be read",
    "FILE-16": "the kept result of the lab cannot be read; it is left out",
}
