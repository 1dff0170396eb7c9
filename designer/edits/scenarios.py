"""Keeping named requests with the verdict that is expected of them."""

from __future__ import annotations

from dataclasses import replace

from designer.edits.edit import Edit, refusal, refused
from designer.model import VERDICTS, Project, Scenario


def save_scenario(project: Project, scenario: Scenario, replaces: str | None = None) -> Edit:
    """The edit that keeps a scenario under its name; `replaces` names the one that it is a changed version of."""
    label = f"Save scenario {scenario.name}"
    if not scenario.name.strip():
        return refused(
            label, project, refusal("EDIT-10", "The scenario has no name", field="name", fix="Give it a name.")
        )
    if scenario.expect is not None and scenario.expect not in VERDICTS:
        title = f"{scenario.expect} is no verdict"
        fix = f"Choose one of {', '.join(VERDICTS)}."
        return refused(label, project, refusal("EDIT-10", title, field="expect", fix=fix))
    if scenario.name in project.scenarios and scenario.name != replaces:
        title = f"There is already a scenario {scenario.name}"
        return refused(label, project, refusal("EDIT-10", title, field="name", fix="Choose another name."))
    kept = project.scenarios.without(replaces) if replaces and replaces != scenario.name else project.scenarios
    return Edit(label, replace(project, scenarios=kept.set(scenario.name, scenario)))


def remove_scenario(project: Project, name: str) -> Edit:
    """The edit that removes a scenario."""
    label = f"Delete scenario {name}"
    if name not in project.scenarios:
        return refused(
            label, project, refusal("EDIT-10", f"There is no scenario {name}", fix="Select one that exists.")
        )
    return Edit(label, replace(project, scenarios=project.scenarios.without(name)))
