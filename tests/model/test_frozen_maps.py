"""Maps that are made from others: what they hold, in which order, and what they know to differ.

The expectation is a plain dict that is changed in the plain way.
"""

from hypothesis import given
from hypothesis import strategies as st

from designer.model import FrozenMap
from designer.model.frozen import MANY

KEYS = st.text("abc", max_size=3)
MAPS = st.dictionaries(KEYS, st.integers(0, 3).map(lambda number: (number,)), max_size=12)


def differing(old: dict[str, object], new: dict[str, object]) -> tuple[set[str], set[str]]:
    return set(old) - set(new), {key for key in new if key not in old or old[key] is not new[key]}


@given(MAPS, st.sets(KEYS), MAPS, st.booleans())
def test_a_patched_map_is_the_dict_with_the_same_changes(
    start: dict[str, object], gone: set[str], new: dict[str, object], in_order: bool
) -> None:
    start = dict(sorted(start.items())) if in_order else start
    old = FrozenMap(start)
    made = old.patched([key for key in sorted(gone) if key in start], new, in_order=in_order)
    expected = {key: value for key, value in start.items() if key not in gone} | new
    if in_order:
        expected = dict(sorted(expected.items()))
    assert list(made.items()) == list(expected.items())
    assert dict(old.items()) == start
    lost, others = made.differing(old)
    assert (set(lost), set(others)) == differing(start, expected)
    assert (len(lost), len(others)) == (len(set(lost)), len(set(others)))
    # A step back knows it as well.
    lost, others = old.differing(made)
    assert (set(lost), set(others)) == differing(expected, start)
    assert (len(lost), len(others)) == (len(set(lost)), len(set(others)))


@given(MAPS, MAPS)
def test_maps_that_know_nothing_of_each_other_are_compared(one: dict[str, object], other: dict[str, object]) -> None:
    lost, others = FrozenMap(other).differing(FrozenMap(one))
    assert (set(lost), set(others)) == differing(one, other)


def test_the_map_before_the_last_is_compared_too() -> None:
    first = FrozenMap({"a": 1, "b": 2})
    third = first.patched((), {"c": 3}).patched(("a",), {})
    assert third.differing(first) == (["a"], ["c"])
    assert first.differing(first) == ([], [])


def test_many_new_keys_come_to_their_places() -> None:
    new = {f"{number:05d}": number for number in range(1, 2 * MANY, 2)}
    old = FrozenMap({f"{number:05d}": number for number in range(0, 2 * MANY + 4, 2)})
    few = dict(list(new.items())[: MANY // 2])
    for part in (new, few):
        assert list(old.patched((), dict(reversed(part.items())), in_order=True)) == sorted({*old, *part})
