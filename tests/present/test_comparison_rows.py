"""A comparison in words: counts that add up, topics in the order of a reader's questions."""

from designer.engine.comparison import Comparison, Difference
from designer.present.comparison_rows import comparison_rows, comparison_summary, comparison_text, heading_counts

FOUND = Comparison(
    (
        Difference("address", "shop/web-1", "Pod address", "10.244.1.2", "10.244.1.9", "Pod:shop/web-1"),
        Difference("request", "shop/web → db:5432", "verdict", "denied", "delivered", "Deployment:shop/web"),
        Difference("request", "shop/web → db:5432", "on the wire", "", "as it is", "Deployment:shop/web"),
        Difference("cluster", "Cluster", "MTU of Pods", "1450", "1500"),
    ),
    5,
)


def test_topics_stand_together_and_verdicts_are_words() -> None:
    rows = comparison_rows(FOUND)
    assert [row[0] for row in rows] == ["Cluster", "Verdict", "Path", "Address"]
    assert rows[1][3:5] == ("✕ denied by policy", "✓ delivered")


def test_a_request_that_differs_twice_counts_once() -> None:
    assert comparison_summary(FOUND) == "1 of 5 requests ends otherwise; 1 setting and 1 address differ."
    assert comparison_summary(Comparison((), 1)) == "Nothing differs; 1 request asked on both sides."


def test_the_text_has_every_difference_once() -> None:
    lines = comparison_text(FOUND).splitlines()
    assert lines.count("  shop/web → db:5432: verdict") == 1
    at = lines.index("  shop/web → db:5432: on the wire")
    assert lines[at + 1 : at + 3] == ["    - none", "    + as it is"]


def test_what_differs_alike_stands_in_one_row() -> None:
    """Three requests that take the same other wire are one row, as are the pairs of one sender; verdicts are not."""
    wire = [Difference("request", f"a → s{n}:80", "on the wire", "VXLAN", "as it is", "Pod:a") for n in range(3)]
    verdicts = [Difference("request", f"a → s{n}:80", "verdict", "denied", "delivered", "Pod:a") for n in range(3)]
    pairs = [Difference("policy", f"x/a[Pod] → x/{n}[Deployment]", "ports", "none", "all", "Pod:a") for n in "bcd"]
    other = Difference("policy", "0.0.0.0-255.255.255.255 → x/b[Deployment]", "ports", "none", "all")
    rows = comparison_rows(Comparison((*wire, *verdicts, *pairs, other), 3))
    assert [row[0] for row in rows] == ["Verdict", "Verdict", "Verdict", "Path", "Policy", "Policy"]
    assert rows[3][1] == "3 requests: a → s0:80, a → s1:80, a → s2:80"
    assert [row[1] for row in rows[4:]] == ["x/a → 3 workloads: x/b, x/c, x/d", "any IPv4 address → x/b"]
    found = Comparison((*wire, *pairs, other), 3)
    assert heading_counts(found) == {"Path": 3, "Policy": 4}
    assert comparison_summary(found).startswith("3 requests end as before; 3 go another way; 4 pairs")
