"""Scalars, keys, lines and refusals of the YAML reader; the scalar table is what kubectl 1.32 made of the same text."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.manifests.cleaning import clean, container_lines, line_of
from designer.manifests.yaml_reader import MAX_DEPTH, read_document

# (text of the scalar, value in the output of `kubectl annotate --local -o json`, kubectl v1.32.4)
KUBECTL_SCALARS: tuple[tuple[str, Any], ...] = (
    ("yes", True),
    ("y", True),
    ("on", True),
    ("1:30", "1:30"),
    ("1e3", 1000),
    ("0o7", 7),
    ("017", 15),
    ("2001-01-01", "2001-01-01"),
    ("1_000", 1000),
    (".5", 0.5),
    ("08", 8),
    ('"y"', "y"),
    ("0x1F", 31),
    ("1.0", 1),
    ("123456789012345678901234567890", 1.2345678901234568e29),
    ("!!str 12", "12"),
    ("!foo 12", "12"),
    ("+5", 5),
    ("-.5", -0.5),
    ("0b11", 3),
    ("1e400", "1e400"),
    ("=", "="),
    ("0.1e-3", 0.0001),
    ("1__0", 10),
    ("~x", "~x"),
    ("nope", "nope"),
)


def read(text: str) -> Any:
    value, problem = read_document(text, 1, "f.yaml")
    assert problem is None, problem
    return value


def refused(text: str, line: int = 1) -> Any:
    value, problem = read_document(text, line, "f.yaml")
    assert value is None
    assert problem is not None and problem.severity == "error" and problem.file == "f.yaml" and problem.fix
    return problem


@pytest.mark.parametrize(("text", "value"), KUBECTL_SCALARS)
def test_scalars_are_read_as_kubectl_reads_them(text: str, value: Any) -> None:
    found = read(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


def test_null_forms_are_null() -> None:
    assert read("{a: ~, b: null, c: , d: NULL}") == {"a": None, "b": None, "c": None, "d": None}


def test_keys_become_text_as_in_kubectl() -> None:
    assert read("yes: a\nno: b\n1: c\n1.5: d\n") == {"true": "a", "false": "b", "1": "c", "1.5": "d"}


def test_quoted_and_block_texts_are_never_resolved() -> None:
    assert read("a: 'yes'\nb: |\n  1\nc: >-\n  true\n") == {"a": "yes", "b": "1\n", "c": "true"}


def test_binary_tag_gives_text() -> None:
    assert read("a: !!binary aGVsbG8=") == {"a": "hello"}
    assert "base64" in refused("a: !!binary '*'").title


@pytest.mark.parametrize("text", [".nan", ".inf", "-.Inf", "+.INF"])
def test_numbers_that_json_lacks_are_refused(text: str) -> None:
    assert "Kubernetes, cannot hold" in refused(f"a: {text}").title


def test_merge_keys_give_way_to_own_keys_and_to_earlier_sources() -> None:
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 9\n"
    assert read(text)["z"] == {"a": 9, "b": 1, "c": 2}


def test_anchor_of_a_scalar_and_of_a_list() -> None:
    assert read("a: &n 80\nb: *n\nc: &l [1, 2]\nd: *l\n") == {"a": 80, "b": 80, "c": [1, 2], "d": [1, 2]}


def test_quoted_merge_sign_is_a_plain_key() -> None:
    assert read("'<<': 1") == {"<<": 1}


def test_merge_of_something_else_is_refused() -> None:
    assert "`<<`" in refused("a:\n  <<: 5\n").title


def test_duplicate_key_names_both_lines() -> None:
    problem = refused("a: 1\nb: 2\na: 3\n", line=10)
    assert problem.line == 12
    assert "`a` stands twice" in problem.title and "line 10" in problem.title


def test_alias_bomb_is_refused() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "expand" in refused("\n".join(rows)).title


def test_anchor_that_holds_itself_is_refused() -> None:
    assert "holds itself" in refused("a: &a [*a]").title
    assert "no anchor" in refused("a: *b").title


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 5000 + "1" + "}" * 5000, "- " * 3000 + "x"])
def test_deep_nesting_is_refused_not_a_crash(text: str) -> None:
    assert str(MAX_DEPTH) in refused(text).title


def test_mapping_as_key_is_refused() -> None:
    assert "used as a key" in refused("{a: 1}: b").title
    assert "key" in refused("? \n: b").title


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a:\n  b: 1\n\tc: 2\n", 3, "tab"),
        ("a: b: c\n", 1, "colon"),
        ("a: [1, 2\nb: 3\n", 2, "bracket"),
        ('a: "open\nb: 1\n', 3, "quote"),
        ("a: 1\n b: 2\n", 2, ""),
        ("a: @x\n", 1, "quotes"),
        ("a: 1\nb\n", 3, "colon"),
    ],
)
def test_syntax_errors_name_line_and_remedy(text: str, line: int, words: str) -> None:
    problem = refused(text)
    assert problem.line == line
    assert words in problem.title + problem.fix
    assert "f.yaml, line" in problem.title


def test_control_characters_are_refused() -> None:
    assert refused("a: 1\nb: \x01\n").line == 2


def test_lines_of_keys_items_and_containers() -> None:
    text = "kind: X\nspec:\n  ports:\n  - port: 1\n    name: a\n  - port: 2\n  from:\n    - {}\n"
    value, _ = read_document(text, 101, "f.yaml")
    assert container_lines(value) == {
        "spec": 102,
        "spec.ports": 103,
        "spec.ports[0]": 104,
        "spec.ports[1]": 106,
        "spec.from": 107,
        "spec.from[0]": 108,
    }
    assert line_of(value, ("spec", "ports", 0, "name")) == 105
    assert line_of(value, ("spec", "ports", 1, "absent")) == 106


def test_clean_drops_null_keys_and_keeps_null_items() -> None:
    assert clean(read("a:\nb: {c: null, d: 1}\ne: [null, 1]\n")) == {"b": {"d": 1}, "e": [None, 1]}


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_value_or_a_problem(text: str) -> None:
    value, problem = read_document(text, 1, "f")
    assert problem is None or (value is None and problem.line >= 1)


SOURCE = "apiVersion: v1\nkind: Service\nspec:\n  ports:\n  - {port: 80, name: 'a b'}\n  x: &a [1, *b]\n  y: !!int 3\n"


@given(
    st.lists(
        st.tuples(st.integers(0, len(SOURCE)), st.sampled_from(list(":-[]{}&*!|>'\"%@`,#?\t\n \\0yx"))), max_size=8
    )
)
@settings(max_examples=120, deadline=None)
def test_mutated_yaml_gives_a_value_or_a_problem(edits: list[tuple[int, str]]) -> None:
    text = SOURCE
    for at, char in edits:
        text = text[:at] + char + text[at + 1 :]
    value, problem = read_document(text, 1, "f")
    assert problem is None or (value is None and 1 <= problem.line <= text.count("\n") + 2)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_the_scalar_table_is_what_kubectl_says(tmp_path: Path) -> None:
    rows = "".join(f"  k{i}: {text}\n" for i, (text, _) in enumerate(KUBECTL_SCALARS))
    file = tmp_path / "a.yaml"
    file.write_text("apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec:\n" + rows)
    command = ["kubectl", "annotate", "--local", "-f", str(file), "-o", "json", "a=b"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        pytest.skip("this kubectl does not run here")
    spec = json.loads(done.stdout)["spec"]
    assert [spec[f"k{i}"] for i in range(len(KUBECTL_SCALARS))] == [value for _, value in KUBECTL_SCALARS]
