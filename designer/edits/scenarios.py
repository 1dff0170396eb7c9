"""Keeping named requests with the verdict that is expected of them."""

from __future__ import annotations

from dataclasses import replace

from designer.edits.edit import Edit, refusal, refused
from designer.model import VERDICTS, Project, Scenario, scenarios_in_order


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
    last = max((each.order for each in kept.values()), default=0)
    if scenario.name not in kept and not replaces and last:  # a new one comes last where there is an order
        scenario = scenario.replace(order=last + 1)
    return Edit(label, replace(project, scenarios=kept.set(scenario.name, scenario)))


def expect_of_scenario(project: Project, name: str, expect: str | None) -> Edit:
    """The edit that changes the verdict that is expected of a scenario, None for nothing in particular."""
    if name not in project.scenarios:
        return _unknown(f"Change what is expected of {name}", project, name)
    edit = save_scenario(project, project.scenarios[name].replace(expect=expect), replaces=name)
    return replace(edit, label=f"Expect {VERDICTS.get(expect or '', 'nothing in particular')} of {name}")


def rename_scenario(project: Project, name: str, new: str) -> Edit:
    """The edit that gives a scenario another name."""
    if name not in project.scenarios:
        return _unknown(f"Rename {name}", project, name)
    edit = save_scenario(project, project.scenarios[name].replace(name=new.strip()), replaces=name)
    return replace(edit, label=f"Rename scenario {name}")


def move_scenario(project: Project, name: str, by: int) -> Edit:
    """The edit that moves a scenario `by` places down (up when negative), at most to either end."""
    label = f"Move scenario {name} {'down' if by > 0 else 'up'}"
    if name not in project.scenarios:
        return _unknown(label, project, name)
    names = [each.name for each in scenarios_in_order(project.scenarios)]
    at = names.index(name)
    names.insert(min(max(at + by, 0), len(names) - 1), names.pop(at))
    scenarios = project.scenarios
    for order, each in enumerate(names, start=1):
        if scenarios[each].order != order:
            scenarios = scenarios.set(each, scenarios[each].replace(order=order))
    return Edit(label, replace(project, scenarios=scenarios))


def remove_scenario(project: Project, name: str) -> Edit:
    """The edit that removes a scenario."""
    label = f"Delete scenario {name}"
    if name not in project.scenarios:
        return _unknown(label, project, name)
    return Edit(label, replace(project, scenarios=project.scenarios.without(name)))


def _unknown(label: str, project: Project, name: str) -> Edit:
    return refused(label, project, refusal("EDIT-10", f"There is no scenario {name}", fix="Select one that exists."))
