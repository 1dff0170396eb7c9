"""Written YAML reads back as the same values, here and by kubectl."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from designer.manifests import to_yaml
from designer.manifests.yaml_reader import read_document

TRICKY = (
    "y", "Y", "yes", "n", "no", "on", "off", "true", "null", "~", "", "1e3", "0o7", "017", "1:30", "2001-01-01", "<<",
    "=", "- a", "a: b", "# x", "a #b", "'", '"', "{}", "[", "*a", "&a", "!x", "|", ">", "%", "@", "`", "?", ":", "-",
    "---", "...", " a", "a ", "a\nb", "a\n", "\n", "\n\na", "a\n\n", " a\nb", "\ta", "a\tb", "0x1f", "1_000", ".inf",
    ".nan", "+.5", "1.", "0b1", "08", "é", "\u2028", "\x85", "\U0001f600", "\ufeff", "a\r\nb", "\x07", "x" * 300,
    "a " * 100, "12e03", "1E5",
)  # fmt: skip


def back(data: Any) -> Any:
    value, problem = read_document(to_yaml(data), 1, "f")
    assert problem is None, problem
    return value


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_texts_stay_texts(text: str) -> None:
    assert back({"a": text, "b": [text, {"c": text}]}) == {"a": text, "b": [text, {"c": text}]}


@pytest.mark.parametrize("text", [text for text in TRICKY if text != ""])
def test_tricky_keys_stay_texts(text: str) -> None:
    assert back({text: 1}) == {text: 1}


TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(TRICKY)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, DATA, max_size=5))
@example({"a": [[], {}, [[]], [{}], None, -0.0, 1e20, 1e21, 1.5e-7]})
@settings(max_examples=150, deadline=None)
def test_any_data_reads_back_equal(data: dict[str, Any]) -> None:
    assert back(data) == data


def test_shared_values_are_written_out() -> None:
    shared = {"x": 1}
    assert to_yaml({"a": shared, "b": shared}) == "a:\n  x: 1\nb:\n  x: 1\n"


def test_form_is_the_usual_one() -> None:
    data = {"kind": "Pod", "spec": {"ports": [{"port": 80, "name": "y"}], "args": ["a", "80"], "text": "l1\nl2\n"}}
    assert to_yaml(data) == (
        "kind: Pod\nspec:\n  ports:\n  - port: 80\n    name: 'y'\n  args:\n  - a\n  - '80'\n  text: |\n    l1\n    l2\n"
    )


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_reads_the_same(tmp_path: Path) -> None:
    spec = {f"k{i}": text for i, text in enumerate(TRICKY)}
    file = tmp_path / "a.yaml"
    data = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": spec}
    file.write_text(to_yaml(data), encoding="utf-8")
    command = ["kubectl", "annotate", "--local", "-f", str(file), "-o", "json", "a=b"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["spec"] == spec
