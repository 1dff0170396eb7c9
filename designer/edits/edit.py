"""The value that every edit returns: the new project, the name of the undo step, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from designer.edits.podkeys import owner_of
from designer.model import Problem, Project, split_id


@dataclass(frozen=True, slots=True)
class Edit:
    """One undoable step.

    `label` names it in the Undo menu. Steps that follow each other with the same `merge_key` become one (typing in a
    field, moving a shape). `select` holds the ids that the views should select afterwards. With `problems` of severity
    error, `project` is the project as it was and nothing is to be applied.
    """

    label: str
    project: Project
    merge_key: str | None = None
    select: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the edit can be applied."""
        return not any(problem.severity == "error" for problem in self.problems)


def refused(label: str, project: Project, *problems: Problem) -> Edit:
    """An edit that changes nothing and says why."""
    return Edit(label=label, project=project, problems=problems)


def refusal(code: str, title: str, *, oid: str = "", field: str = "", why: str = "", fix: str = "") -> Problem:
    """A problem that stops an edit."""
    return Problem(code=code, severity="error", title=title, object=oid, field=field, why=why, fix=fix)


def spoken(oid: str) -> str:
    """An object id in words, for labels: ``Deployment web``."""
    kind, _, name = split_id(owner_of(oid))
    return f"{kind} {name}"


def missing(label: str, project: Project, oid: str) -> Edit:
    """The refusal for an object that is not in the project."""
    return refused(
        label,
        project,
        refusal("EDIT-01", f"{spoken(oid)} is not in the project", oid=oid, fix="Select an object that exists."),
    )
