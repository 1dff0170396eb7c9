"""The project file: canonical bytes, the same back, and files of every version."""

import json
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from designer.edits import fields
from designer.model import EMPTY_PROJECT, Project
from designer.storage import Encoder, decode, encode, fingerprint
from designer.storage.migrations import migrate
from tests.storage.samples import full_project, verification

FILES = Path(__file__).parent / "files"


def test_what_is_written_is_read_back_and_written_the_same() -> None:
    project = full_project()
    data = encode(project)
    again, problems = decode(data)
    assert again == project and not problems
    assert encode(again) == data


def test_an_empty_project_is_read_back() -> None:
    assert decode(encode(Project())) == (Project(), ())


def test_keys_are_sorted_each_on_its_own_line_with_a_newline_at_the_end() -> None:
    data = encode(full_project())
    assert data.endswith(b"}\n") and not data.endswith(b"\n\n")
    # orjson's own indented and sorted writing is the reference; the long number goes through another writer.
    project = replace(full_project(), foreign=Project().foreign)
    data = encode(project)
    assert orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n" == data


def test_a_small_edit_is_a_small_diff() -> None:
    project = full_project()
    changed = fields.set_field(project, "Service:default/web", "spec.ports[0].port", 8081).project
    before, after = encode(project).splitlines(), encode(changed).splitlines()
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_an_encoder_that_knows_the_last_project_writes_the_same_bytes() -> None:
    encoder, project = Encoder(), full_project()
    assert encoder.encode(project) == encode(project)
    changed = fields.set_field(project, "Service:default/web", "spec.type", "NodePort").project
    assert encoder.encode(changed) == encode(changed)
    assert encoder.encode(project) == encode(project)


def test_numbers_of_any_size_come_back_exact() -> None:
    again, _ = decode(encode(full_project()))
    assert again is not None and again.foreign["x.io/v1/Y:default/z"].data["big"] == 10**30


def test_a_file_of_version_1_opens_for_ever() -> None:
    data = (FILES / "v1.cnd").read_bytes()
    project, problems = decode(data, "v1.cnd")
    assert project is not None and not problems
    assert encode(project) == data
    assert sorted(obj.id for obj in project.all())[:2] == ["DaemonSet:default/agent", "Deployment:default/web-2"]
    assert project.ledger.pods["Pod:default/web"].ips == ("10.244.0.2",)
    assert project.canvas.notes["note-1"].text == "Grüße"


def test_a_project_that_the_lab_never_saw_has_no_such_section() -> None:
    assert "verification" not in orjson.loads(encode(Project()))
    assert orjson.loads(encode(full_project()))["verification"]["rows"][1]["scenario"] == "shop"


@pytest.mark.parametrize("spoiled", [{"rows": 5}, {"date": None}, [], {"rows": [{"status": "perhaps"}]}])
def test_a_kept_result_that_cannot_be_read_refuses_no_file(spoiled: object) -> None:
    data = json.loads(encode(full_project()))
    data["verification"] = {**data["verification"], **spoiled} if isinstance(spoiled, dict) else spoiled
    project, problems = decode(json.dumps(data, indent=2, sort_keys=True).encode(), "shop.cnd")
    assert project == replace(full_project(), verification=None)
    assert [(problem.code, problem.severity) for problem in problems] == [("FILE-16", "warning")]
    assert problems[0].line > 0 and "Verify on Linux" in problems[0].fix


def test_the_fingerprint_is_that_of_what_packets_meet() -> None:
    project = full_project()
    told = fingerprint(project)
    same = (
        replace(project, canvas=Project().canvas),
        replace(project, scenarios=Project().scenarios),
        replace(project, provenance=Project().provenance),
        replace(project, verification=verification()),
    )
    assert [fingerprint(one) for one in same] == [told] * 4
    again, _ = decode(encode(project))
    assert again is not None and fingerprint(again) == told
    others = (
        fields.set_field(project, "Service:default/web", "spec.ports[0].port", 8081).project,
        replace(project, ledger=Project().ledger),
        replace(project, cluster=Project().cluster),
        replace(project, foreign=Project().foreign),
    )
    assert len({told, *(fingerprint(one) for one in others)}) == 5


def test_a_file_of_version_1_with_a_result_of_the_lab_opens_for_ever() -> None:
    data = (FILES / "v1-verification.cnd").read_bytes()
    project, problems = decode(data, "v1-verification.cnd")
    assert project is not None and not problems
    assert encode(project) == data
    found = project.verification
    assert found is not None
    assert (found.date, found.mode, found.connections) == ("2026-11-23T15:02Z", "iptables", 17)
    assert [row.status for row in found.rows] == ["different", "not-testable", "confirmed"]
    assert found.rows[0].rules is not None and found.rows[0].rules.why == "The kernel hit no rule."


def test_old_versions_go_step_by_step_through_the_table() -> None:
    steps = {
        0: lambda data: {**data, "renamed": data["old"]},
        1: lambda data: {key: value for key, value in data.items() if key != "old"},
    }
    assert migrate({"old": 5}, 0, steps, 2) == {"renamed": 5}
    assert migrate({"old": 5}, 1, steps, 2) == {}
    assert migrate({"renamed": 5}, 2, steps, 2) == {"renamed": 5}
    assert migrate({"old": 5}, 0, {1: steps[1]}, 2) is None


@pytest.mark.parametrize("field", ["format", "version"])
def test_the_envelope_says_what_it_is(field: str) -> None:
    assert orjson.loads(encode(Project()))[field] == {"format": "cluster-network-designer", "version": 1}[field]


def test_bytes_that_were_made_beforehand_are_taken_once_and_only_for_their_project() -> None:
    project = full_project()
    encoded = Encoder().encoded(project)
    assert encoded.data == encode(project)
    encoder = Encoder()
    encoder.expect(replace(encoded, data=b"made beforehand"))
    assert encoder.expects(project) and not encoder.expects(EMPTY_PROJECT)
    assert encoder.encode(project) == b"made beforehand"
    assert not encoder.expects(project) and encoder.encode(project) == encode(project)
    encoder.expect(replace(encoded, data=b"made beforehand"))
    assert encoder.encode(EMPTY_PROJECT) == encode(EMPTY_PROJECT)
    assert encoder.encode(project) == encode(project) == encoder.twin().encode(project)
