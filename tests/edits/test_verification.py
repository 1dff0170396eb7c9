"""A kept result of the lab is a step like any other, and touches nothing that packets meet."""

from dataclasses import replace

from designer.edits.verification import forget_verification, keep_verification
from designer.model import EMPTY_PROJECT, diff_projects
from tests.storage.samples import verification


def test_keeping_and_forgetting_are_named_steps_that_touch_no_object() -> None:
    kept = keep_verification(EMPTY_PROJECT, verification())
    assert kept.ok and kept.project == replace(EMPTY_PROJECT, verification=verification())
    told = diff_projects(EMPTY_PROJECT, kept.project)
    assert told.verification and not told.touches_engine and not told.is_empty
    forgotten = forget_verification(kept.project)
    assert forgotten.project == EMPTY_PROJECT
    assert kept.label and forgotten.label and kept.label != forgotten.label
