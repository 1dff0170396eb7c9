"""Ranges of addresses outside the cluster, cut at borders: by arithmetic."""

from designer.engine.policy.ranges import AddressRange, common_ranges

LAST_FOUR, LAST_SIX = 2**32 - 1, 2**128 - 1


def test_ranges_of_two_sides_are_cut_at_the_borders_of_both_where_both_have_the_family() -> None:
    """Nothing is said over IPv6 of a cluster whose Pods have no such address: it is not a change."""
    four = (AddressRange(0, 9), AddressRange(10, LAST_FOUR))
    other = (AddressRange(0, 4), AddressRange(5, LAST_FOUR))
    six = (AddressRange(0, LAST_SIX, 6),)
    cut = (AddressRange(0, 4), AddressRange(5, 9), AddressRange(10, LAST_FOUR))
    assert common_ranges((four, (*other, *six))) == cut
    assert common_ranges(((*four, *six), other)) == cut
    assert common_ranges(((*four, *six), (*other, *six))) == (*cut, *six)
