"""What differs between two texts of rules: `diff`'s own contract, that taking away and adding gives the other text."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.present import table_changes
from designer.present.table_changes import changed_lines, changed_parts
from designer.present.table_rows import TableLine, table_lines

BEFORE = """#### IPv4
*filter
:KUBE-FORWARD - [0:0]
-A KUBE-FORWARD -j ACCEPT
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-SVC-A - [0:0]
-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-A
-A KUBE-SVC-A -j KUBE-SEP-1
-A KUBE-SVC-A -j KUBE-SEP-2
COMMIT
"""


def shown(before: str, after: str) -> list[str]:
    return [f"{line.sign}{line.text}" for line in changed_lines(table_lines(before), table_lines(after))]


def test_the_same_text_has_no_changes() -> None:
    assert changed_lines(table_lines(BEFORE), table_lines(BEFORE)) == ()


def test_a_rule_that_goes_stands_below_its_family_and_table() -> None:
    after = BEFORE.replace("-A KUBE-SVC-A -j KUBE-SEP-1\n", "")
    assert shown(BEFORE, after) == ["#### IPv4", "*nat", "--A KUBE-SVC-A -j KUBE-SEP-1"]


def test_two_rules_that_change_places_are_told() -> None:
    """The order of a chain's rules decides what happens, so it is a difference."""
    one, two = "-A KUBE-SVC-A -j KUBE-SEP-1\n", "-A KUBE-SVC-A -j KUBE-SEP-2\n"
    changes = shown(BEFORE, BEFORE.replace(one + two, two + one))
    assert Counter(line[0] for line in changes[2:]) == {"-": 1, "+": 1}


def test_a_new_chain_comes_with_its_declaration_and_its_line_number() -> None:
    after = BEFORE.replace(":KUBE-SVC-A - [0:0]\n", ":KUBE-SVC-A - [0:0]\n:KUBE-SVC-B - [0:0]\n")
    (_, _, line) = changed_lines(table_lines(BEFORE), table_lines(after))
    assert (line.sign, line.text, line.number) == ("+", ":KUBE-SVC-B - [0:0]", 9)


def test_everything_is_gone_where_nothing_is_left() -> None:
    rules = [line for line in BEFORE.splitlines() if line.startswith((":", "-"))]
    assert [line[1:] for line in shown(BEFORE, "") if line.startswith("-")] == rules


RULES = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 5)), max_size=12)


def text_of(rules: list[tuple[str, int]]) -> str:
    return "#### IPv4\n*nat\n" + "".join(f"-A {chain} -j {number}\n" for chain, number in sorted(rules, key=chain_of))


def chain_of(rule: tuple[str, int]) -> str:
    return rule[0]


@pytest.mark.parametrize("most", [3000, 0])
@given(RULES, RULES)
def test_taking_away_and_adding_gives_the_other_text(
    most: int, old: list[tuple[str, int]], new: list[tuple[str, int]]
) -> None:
    before, after = table_lines(text_of(old)), table_lines(text_of(new))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_changes, "MOST_ORDERED", most)
        changes = changed_lines(before, after)
    kept = Counter(line.text for line in before)
    kept.subtract(line.text for line in changes if line.sign == "-")
    kept.update(line.text for line in changes if line.sign == "+")
    assert +kept == Counter(line.text for line in after)
    if most:
        for chain in "ABC":
            assert in_order(chain, before, changes, "-") == in_order(chain, after, changes, "+")


def in_order(chain: str, lines: tuple[TableLine, ...], changes: tuple[TableLine, ...], sign: str) -> list[str]:
    """A chain's rules without those that changed: what both texts have, in the same order."""
    changed = {line.number for line in changes if line.sign == sign}
    return [line.text for line in lines if line.chain == chain and line.number not in changed]


def test_the_words_that_differ_within_a_line_are_told() -> None:
    """The lines of an edited target port: only the end of the map differs; what is wholly other has no part."""
    old = "add rule ip kube-proxy s meta l4proto tcp dnat to numgen random mod 1 map { 0 : 10.244.1.5 . 8080 }"
    new = old.replace("8080", "8081")
    lines = [
        TableLine(0, "#### IPv4", "IPv4"),
        TableLine(1, old, "IPv4", sign="-"),
        TableLine(1, new, "IPv4", sign="+"),
        TableLine(2, "something", "IPv4", sign="-"),
        TableLine(2, "quite another line", "IPv4", sign="+"),
        TableLine(3, "and one more", "IPv4", sign="+"),
    ]
    parts = changed_parts(lines)
    assert parts[0] == (0, 0)
    assert [old[slice(*parts[1])], new[slice(*parts[2])]] == ["8080", "8081"]
    assert parts[3:] == ((0, 0), (0, 0), (0, 0))
    # Longer ends: only whole words are told.
    longer = [
        TableLine(1, f"-A X -j DNAT --to-destination 10.0.0.1:{n}", "IPv4", sign=s) for n, s in ((80, "-"), (8080, "+"))
    ]
    first, second = changed_parts(longer)
    assert [longer[0].text[slice(*first)], longer[1].text[slice(*second)]] == ["10.0.0.1:80", "10.0.0.1:8080"]
