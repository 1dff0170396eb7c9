"""Regular expressions as RE2 reads them: google/re2 doc/syntax.txt, row by row."""

import pytest

from designer.engine.expressions import expression


@pytest.mark.parametrize(
    ("text", "value", "matches"),
    [("[[:alpha:]]+", "abc", True), (r"\d{2,3}", "1234", False), (r"(?i)abc", "ABC", True), ("a|b", "b", True),
     ("[a-c]{2}", "ab", True), (r"\d", "\u0663", False), (r"(?P<x>a)b", "ab", True), ("a{0,2}", "aa", True),
     (r"[*+]+", "+*", True), (r"\++", "++", True), ("[{,2}]+", "{2", True)],
)  # fmt: skip
def test_what_both_read_alike(text: str, value: str, matches: bool) -> None:
    assert expression(text).matches(value, True) is matches


@pytest.mark.parametrize(
    "text",
    ["a++", "a*+", "a{2}+", r"a\Z", "(?#note)a", "a{,3}", "a{1001}", "a{1,1001}", r"\x{41}", "(?<n>a)", "a(?i)b",
     "(?x)a", "(?=a)a", r"(a)\1", r"\pL", "(?U)a"],
)  # fmt: skip
def test_what_one_refuses_or_reads_otherwise_is_a_doubt(text: str) -> None:
    found = expression(text)
    assert found.doubt
    assert found.matches("a", True) is None


@pytest.mark.parametrize("text", ["(a", "a**", "[b-a]", "*a", "a)"])
def test_what_no_dialect_takes(text: str) -> None:
    assert expression(text).error
