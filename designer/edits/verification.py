"""Keeping what a Linux kernel said of the cluster, and throwing it away."""

from __future__ import annotations

from dataclasses import replace

from designer.edits.edit import Edit
from designer.model import Project, Verification

LABEL = "Verify on Linux"


def keep_verification(project: Project, found: Verification) -> Edit:
    """The edit that keeps a result with the project, in the place of the one before."""
    return Edit(LABEL, replace(project, verification=found))


def forget_verification(project: Project) -> Edit:
    """The edit that throws the kept result away."""
    return Edit("Forget the result of Verify on Linux", replace(project, verification=None))
