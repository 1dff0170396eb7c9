"""The fast reader gives what the real one gives, or gives up; random and mutated texts are compared."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from designer.manifests import to_yaml
from designer.manifests.cleaning import container_lines
from designer.manifests.dump_reader import Unusual, read_dump, read_plain
from designer.manifests.yaml_reader import LineDict, LineList, read_document

SHARED = Path(__file__).resolve().parents[3] / "shared"


def lines_of(value: Any) -> Any:
    """All line numbers of a value, in its own shape."""
    if isinstance(value, LineDict):
        return (value.line, dict(value.key_lines), {key: lines_of(inner) for key, inner in value.items()})
    if isinstance(value, LineList):
        return (value.line, list(value.item_lines), [lines_of(inner) for inner in value])
    return type(value).__name__


def check_equal(text: str) -> bool:
    """Whether the fast reader took the text; that it then agrees with the real one is asserted."""
    wanted, problem = read_document(text, 5, "f")
    try:
        found = read_plain(text, 5)
    except Unusual:
        return False
    assert problem is None, f"the real reader refuses: {problem}"
    assert found == wanted
    assert lines_of(found) == lines_of(wanted)
    return True


TEXTS = st.text(st.characters(min_codepoint=9, max_codepoint=126), max_size=12) | st.sampled_from(
    [
        "yes",
        "1",
        "a: b",
        "- a",
        "x #y",
        "a:",
        "null",
        "~",
        "",
        "l1\nl2\n",
        "l1\nl2",
        "-5",
        "- ",
        "|",
        "{}",
        "[]",
        "a 'b'",
    ]
)
KEYS = st.sampled_from(["name", "spec", "a", "app.kubernetes.io/name", "on", "1x", "f:b"]) | TEXTS
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 70000) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=15,
)


@given(st.dictionaries(KEYS, DATA, min_size=1, max_size=4) | st.lists(DATA, min_size=1, max_size=3))
@example({"a": [[["x"], {"b": None}], []], "b": {"c": {}, "d": [{"e": 1, "f": [2]}]}})
@settings(max_examples=250, deadline=None)
def test_written_data_is_read_equally(data: Any) -> None:
    check_equal(to_yaml(data))


SIGNS = list(":-[]{}&*!|>'\"#\n ab1")
PIECES = st.sampled_from(
    [
        *("a", "b", "key", ":", ": ", "- ", "-", " ", "  ", "\n", "\n", "\n  ", "\n- ", "\n    ", "'", '"', "#", " #"),
        *(
            "|",
            "|-",
            ">",
            "{}",
            "[]",
            "{",
            "]",
            "&x",
            "*x",
            "1",
            "yes",
            "~",
            "?",
            "? ",
            "!",
            "%",
            "@",
            ",",
            "...",
            "---",
        ),
        *("<<", "=", "\\", "\t", "\r"),
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=600, deadline=None)
def test_any_text_is_read_equally_or_given_up(text: str) -> None:
    check_equal(text)


SOURCE = to_yaml(
    {
        "apiVersion": "v1",
        "items": [
            {
                "kind": "Pod",
                "metadata": {"name": "a", "labels": {"x": "1", "y.z/w": "on"}},
                "spec": {"l": [[1, 2], [{"k": "v"}]]},
            },
            {"kind": "Pod", "metadata": {"annotations": {"c": '{"a":1}\n', "d": "x: y"}}, "status": {"conditions": []}},
        ],
        "kind": "List",
        "metadata": {"resourceVersion": ""},
    }
)
EDITS = st.lists(
    st.tuples(st.integers(0, len(SOURCE)), st.integers(0, 4), st.text(st.sampled_from(SIGNS), max_size=3)),
    max_size=5,
)  # fmt: skip


@given(EDITS)
@example([(24, 0, "#")])  # a comment between the dash and its item
@settings(max_examples=300, deadline=None)
def test_mutated_dumps_are_read_equally(edits: list[tuple[int, int, str]]) -> None:
    text = SOURCE
    for at, gone, new in edits:
        text = text[:at] + new + text[at + gone :]
    check_equal(text)
    wanted, problem = read_document(text, 1, "f")
    found, other = read_dump(text, 1, "f")
    assert (found, other) == (wanted, problem)
    assert lines_of(found) == lines_of(wanted)


def test_the_usual_form_is_taken() -> None:
    assert check_equal(SOURCE)
    assert check_equal("a:\n- b: 1\n  c:\n  - d\n  - - e\n    - f\ng:\n    h: |-\n        x\n          y\n    i: {}\n")
    assert container_lines(read_plain("spec:\n  ports:\n  - port: 1\n", 1)) == {
        "spec": 1,
        "spec.ports": 2,
        "spec.ports[0]": 3,
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1",
        "a: 1 # c",
        "a:\n  b: 1\n c: 2",
        "a: 1\na: 2",
        "a: x\n  y",
        "yes: 1",
        "a: .nan",
        "a: >\n  x\n",
        "a: ü",
        "- a\nb: 1",
    ],
)
def test_everything_else_is_given_up(text: str) -> None:
    assert not check_equal(text)


def test_an_unusual_item_does_not_stop_the_others() -> None:
    text = "apiVersion: v1\nitems:\n- a: 1\n- b: &x [1, *x2]\n- c: {d: e} # odd\n- f: 2\nkind: List\n"
    assert read_dump(text, 1, "f")[1] is not None  # the alias has no anchor: refused as by the real reader
    text = text.replace("&x [1, *x2]", "[1, 2]")
    found, problem = read_dump(text, 1, "f")
    assert problem is None and (found, lines_of(found)) == (
        (wanted := read_document(text, 1, "f")[0]),
        lines_of(wanted),
    )


@pytest.mark.parametrize(
    "path", sorted((SHARED / "kubeproxy-reference").glob("*/cluster.yaml")), ids=lambda p: p.parent.name
)
def test_real_dumps_are_taken(path: Path) -> None:
    for document in path.read_text().split("---\n"):
        if document.strip():
            assert check_equal(document)
