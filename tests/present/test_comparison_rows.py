"""A comparison in words: counts that add up, topics in the order of a reader's questions."""

from designer.engine.comparison import Comparison, Difference
from designer.present.comparison_rows import comparison_rows, comparison_summary, comparison_text

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
    assert [row[0] for row in rows] == ["Cluster", "Request", "Request", "Address"]
    assert rows[1][3:5] == ("denied by policy", "delivered")


def test_a_request_that_differs_twice_counts_once() -> None:
    assert comparison_summary(FOUND) == (
        "1 of 5 requests answers otherwise; 1 setting, 1 address and 0 pairs of who may call whom differ."
    )
    assert comparison_summary(Comparison((), 1)) == "Nothing differs; 1 request asked on both sides."


def test_the_text_has_every_difference_once() -> None:
    lines = comparison_text(FOUND).splitlines()
    assert lines.count("  shop/web → db:5432: verdict") == 1
    at = lines.index("  shop/web → db:5432: on the wire")
    assert lines[at + 1 : at + 3] == ["    - none", "    + as it is"]
