"""Objects that are only kept: changed as a whole, renamed, refused in words; an export has what was changed."""

from __future__ import annotations

from typing import Any

import pytest

from designer.edits.kept import replace_kept
from designer.manifests import export, parse_kept, read_texts, to_yaml
from designer.model import Project

OID = "projectcalico.org/v3/GlobalNetworkPolicy:only-web"
TEXT = """\
# Nobody but web.
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: only-web # a name
spec:
  selector: app == 'web'
  types: [Ingress]
"""


def project() -> Project:
    return read_texts([("a.yaml", TEXT)]).project


def data(**changes: Any) -> dict[str, Any]:
    return {**project().foreign[OID].data, **changes}


def test_a_changed_policy_is_one_step_and_is_exported() -> None:
    before = project()
    spec = {"selector": "app == 'db'", "types": ["Ingress"], "order": None}
    edit = replace_kept(before, OID, data(spec=spec))
    assert edit.ok and edit.label == "Change GlobalNetworkPolicy only-web"
    assert edit.project.foreign[OID].data["spec"] == {"selector": "app == 'db'", "types": ["Ingress"]}
    assert before.foreign[OID].data["spec"]["selector"] == "app == 'web'"
    ((name, text),) = [pair for pair in export(edit.project, {"a.yaml": TEXT}) if pair[0] == "a.yaml"]
    assert name == "a.yaml" and "app == 'db'" in text and "app == 'web'" not in text


def test_lines_that_hold_no_longer_are_forgotten() -> None:
    before = project()
    assert before.provenance[OID].fieldLines
    after = replace_kept(before, OID, data(spec={"selector": "all()"})).project
    assert after.provenance[OID].file == "a.yaml" and not after.provenance[OID].fieldLines


def test_another_name_gives_another_id() -> None:
    edit = replace_kept(project(), OID, data(metadata={"name": "other"}))
    new = OID.replace("only-web", "other")
    assert edit.select == (new,) and OID not in edit.project.foreign
    assert edit.project.foreign[new].id == new
    taken = edit.project.foreign.set(OID, project().foreign[OID])
    again = replace_kept(_with(edit.project, taken), OID, data(metadata={"name": "other"}))
    assert not again.ok and again.problems[0].title == "other already exists"


def _with(some: Project, foreign: Any) -> Project:
    from dataclasses import replace

    return replace(some, foreign=foreign)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "NetworkPolicy"}, "kind cannot change from GlobalNetworkPolicy to NetworkPolicy"),
        ({"apiVersion": "v1"}, "apiVersion cannot change from projectcalico.org/v3 to v1"),
        ({"metadata": {}}, "The object has no name"),
        ({"metadata": None}, "The object has no name"),
    ],
)
def test_what_cannot_be_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    edit = replace_kept(project(), OID, data(**changes))
    assert not edit.ok and edit.problems[0].title == said and edit.problems[0].fix


def test_only_what_is_kept_can_be_replaced() -> None:
    assert not replace_kept(project(), "x/y:z", {}).ok
    assert replace_kept(project(), OID, []).problems[0].title == "An object must be a group of fields"


def test_the_text_of_any_kind_is_read() -> None:
    found, problems = parse_kept(to_yaml(project().foreign[OID].data))
    assert found == project().foreign[OID].data and not problems
    assert parse_kept("a: b: c")[0] is None
    assert parse_kept(f"{TEXT}---\n{TEXT}")[0] is None
