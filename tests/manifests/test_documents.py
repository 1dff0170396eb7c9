"""Decoding and splitting of texts."""

import codecs

import pytest

from designer.manifests import read_texts
from designer.manifests.documents import decode, split

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n"


def pieces(text: str) -> list[tuple[str, int, int]]:
    return [(document.text.strip(), document.line, document.index) for document in split(text)]


def test_documents_and_their_first_lines() -> None:
    assert pieces("a: 1\n---\nb: 2\n---\n# only a comment\n---\nc: 3\n...\nd: 4\n") == [
        ("a: 1", 1, 0),
        ("b: 2", 2, 1),
        ("c: 3", 6, 2),
        ("d: 4", 8, 3),
    ]


def test_content_behind_a_marker_keeps_its_columns() -> None:
    (document,) = split("--- {a: 1}\n")
    assert document.text == "    {a: 1}\n" and document.line == 1


def test_directives_are_left_out() -> None:
    assert pieces("%YAML 1.2\n---\na: 1\n") == [("a: 1", 2, 0)]
    assert pieces("a: 1\n...\n%TAG ! x:\n---\nb: 1\n") == [("a: 1", 1, 0), ("b: 1", 4, 1)]


def test_marker_inside_a_line_is_no_marker() -> None:
    assert pieces("a: x---\n --- y\n----\n") == [("a: x---\n --- y\n----", 1, 0)]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n---\n# x\n", "\ufeff"])
def test_empty_texts_hold_no_document(text: str) -> None:
    assert split(text.removeprefix("\ufeff")) == ()
    result = read_texts([("e.yaml", text.removeprefix("\ufeff"))])
    assert result.empty and not result.problems
    assert [entry.kind for entry in result.report.entries] == ["skipped"]


def test_crlf_documents() -> None:
    text = (NAMESPACE % "a" + "---\n" + NAMESPACE % "b").replace("\n", "\r\n")
    result = read_texts([("f.yaml", text)], assuming=False)
    assert sorted(result.project.objects["Namespace"]) == ["Namespace:a", "Namespace:b"]
    assert result.project.provenance["Namespace:b"].line == 5


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_encodings(mark: bytes, encoding: str) -> None:
    assert decode(mark + "a: ö".encode(encoding), "f") == ("a: ö", None)


@pytest.mark.parametrize(
    ("data", "line"), [(b"a: 1\nb: \xff\n", 2), (b"a: 1\nb: 2\0\n", 2), (b"\x89PNG\r\n\x1a\n\0", 1)]
)
def test_what_is_no_text_is_a_problem(data: bytes, line: int) -> None:
    text, problem = decode(data, "f.yaml")
    assert text is None and problem is not None
    assert (problem.file, problem.line, problem.severity) == ("f.yaml", line, "error")


def test_one_broken_document_does_not_lose_the_rest() -> None:
    text = NAMESPACE % "a" + "---\nkind: [\n---\n" + NAMESPACE % "b"
    result = read_texts([("f.yaml", text)], assuming=False)
    assert sorted(result.project.objects["Namespace"]) == ["Namespace:a", "Namespace:b"]
    (problem,) = result.problems
    assert (problem.code, problem.line) == ("READ-02", 6)
