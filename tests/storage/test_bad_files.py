"""Files that are damaged, cut off, newer, hostile or something else: a clear problem, never an exception."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.storage import decode, encode
from tests.storage.samples import full_project

WHOLE = encode(full_project())


def codes(data: bytes) -> list[str]:
    project, problems = decode(data, "work.cnd")
    assert project is None and all(p.title and p.file == "work.cnd" and p.severity == "error" for p in problems)
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "FILE-02", "empty"),
        (b" \n", "FILE-02", "empty"),
        (b"apiVersion: v1\nkind: Pod\n", "FILE-03", "manifest"),
        (b"# comment\n---\nkind: Pod\n", "FILE-03", "manifest"),
        (b'{"apiVersion": "v1", "kind": "Pod"}', "FILE-03", "manifest"),
        (b"[1, 2]", "FILE-03", "not a project"),
        (b'{"format": "other"}', "FILE-03", "not a project"),
        (b"PK\x03\x04\0\0", "FILE-03", "binary"),
        (b"[" * 100_000, "FILE-06", "nested"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "FILE-06", "nested"),
        (b'{"format": NaN}', "FILE-04", "number"),
        (b'{"format": 1' + b"0" * 5_000 + b"}", "FILE-04", "number"),
        (b'{"format": "x",}', "FILE-04", "line 1"),
        (b'\xff\xfe{"format": 1}', "FILE-04", "byte 0"),
    ],
)
def test_a_file_that_is_no_project_says_what_it_is(data: bytes, code: str, words: str) -> None:
    project, problems = decode(data, "work.cnd")
    assert project is None and [p.code for p in problems] == [code]
    assert words in problems[0].title and problems[0].fix


def test_a_newer_file_asks_for_an_update() -> None:
    project, problems = decode(WHOLE.replace(b'"version": 1', b'"version": 2'), "work.cnd")
    assert project is None and problems[0].code == "FILE-05"
    assert "newer version" in problems[0].title and "Update" in problems[0].fix


@pytest.mark.parametrize("version", [b'"1"', b"null", b"-1", b"true", b"1.5", b"0"])
def test_a_version_that_never_was_is_refused(version: bytes) -> None:
    assert codes(WHOLE.replace(b'"version": 1', b'"version": ' + version)) == ["FILE-07"]


def test_a_wrong_section_is_named_with_its_line() -> None:
    data = WHOLE.replace(b'"scenarios": {', b'"scenarios": [], "x": {')
    _, problems = decode(data, "work.cnd")
    assert problems[0].code == "FILE-07" and problems[0].field == "scenarios"
    assert data.splitlines()[problems[0].line - 1].lstrip().startswith(b'"scenarios"')


def test_a_ledger_with_a_wrong_type_refuses_the_file() -> None:
    _, problems = decode(WHOLE.replace(b'"sandbox": 1', b'"sandbox": "one"'), "work.cnd")
    assert problems[0].code == "FILE-07" and "whole number" in problems[0].title
    assert problems[0].field == "pods.Pod:default/web.sandbox" or "sandbox" in problems[0].field


def test_a_key_that_stands_twice_is_refused_with_the_line_of_the_second() -> None:
    data = WHOLE.replace(b'    "Node:node-1": {', b'    "Node:node-1": {},\n    "Node:node-1": {', 2)
    _, problems = decode(data, "work.cnd")
    assert [p.code for p in problems] == ["FILE-08"] and problems[0].object == "Node:node-1"
    lines = [n for n, line in enumerate(data.splitlines(), 1) if b'"Node:node-1":' in line]
    assert problems[0].line == lines[-1]


def test_an_object_that_cannot_be_read_is_kept_and_the_rest_opens() -> None:
    data = WHOLE.replace(b'"targetPort": "http"', b'"targetPort": {"a": 1}', 1)
    project, problems = decode(data, "work.cnd")
    assert project is not None and problems[0].code == "FILE-09"
    oid = problems[0].object
    assert project.get(oid) is None and oid in project.foreign
    assert data.splitlines()[problems[0].line - 1].strip().startswith(f'"{oid}"'.encode())
    # Written back, the object is still there, word for word.
    again, _ = decode(encode(project))
    assert again is not None and again.foreign[oid].data["spec"]["ports"][0]["targetPort"] == {"a": 1}


def test_an_object_under_a_foreign_id_is_read_under_its_own() -> None:
    project, problems = decode(
        WHOLE.replace(b'"Pod:default/web": {\n      "api', b'"Pod:default/x": {\n      "api'), "w"
    )
    assert project is not None and project.get("Pod:default/web") is not None
    assert [p.code for p in problems] == ["FILE-10"]


def test_two_objects_that_claim_one_id_are_both_kept() -> None:
    data = WHOLE.replace(b'        "name": "web-2",', b'        "name": "web",').replace(
        b'"Deployment:default/web-2": {\n      "api', b'"Pod:default/other": {\n      "api'
    )
    project, problems = decode(data.replace(b'"kind": "Deployment"', b'"kind": "Pod"'), "w")
    assert project is not None and problems
    assert project.get("Pod:default/web") is not None and "Pod:default/other" in project.foreign


def test_a_place_that_is_no_place_is_dropped() -> None:
    project, problems = decode(WHOLE.replace(b'"x": 0.0', b'"x": 1e300', 1), "work.cnd")
    assert project is not None and [p.code for p in problems] == ["FILE-11"]
    assert project.canvas.placement(problems[0].object, "nodes") is None


def test_a_file_cut_off_anywhere_is_told_as_such() -> None:
    for end in range(1, len(WHOLE) - 2, 97):
        assert codes(WHOLE[:end]) == ["FILE-04"], end
    _, problems = decode(WHOLE[: len(WHOLE) // 2], "work.cnd")
    assert "cut off" in problems[0].title and problems[0].line == WHOLE[: len(WHOLE) // 2].count(b"\n") + 1


DAMAGE: list[Callable[[bytes, int, int], bytes]] = [
    lambda data, at, byte: data[:at] + bytes([byte]) + data[at + 1 :],
    lambda data, at, byte: data[:at] + data[at + byte :],
    lambda data, at, byte: data[:at] + bytes([byte]) * 3 + data[at:],
]


@given(st.sampled_from(DAMAGE), st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
@settings(max_examples=150)
def test_no_damage_gets_an_exception_out(damage: Callable[[bytes, int, int], bytes], at: int, byte: int) -> None:
    project, problems = decode(damage(WHOLE, at, byte), "work.cnd")
    if project is None:
        assert problems
    else:
        encode(project)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["canvas", "cluster", "foreign", "ledger", "objects", "provenance", "scenarios"]), JSON)
@settings(max_examples=150)
def test_no_value_of_a_section_gets_an_exception_out(section: str, value: object) -> None:
    data = json.dumps({"format": "cluster-network-designer", "version": 1, section: value}).encode()
    project, problems = decode(data, "work.cnd")
    assert project is not None or problems
