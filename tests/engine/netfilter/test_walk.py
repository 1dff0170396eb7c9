"""The walk: order of tables, chains, RETURN, goto, policies, marks, translation, chance (iptables(8))."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.engine.netfilter import Chain, Hook, Packet, Rule, WalkContext
from designer.engine.netfilter import matches as m
from designer.engine.netfilter import targets as t
from tests.engine.netfilter.tables import NODE, go, one, rule, table, where

PACKET = Packet(4, "10.244.1.5", "10.96.0.10", "TCP", 41822, 80, in_iface="cali1", out_iface="eth0")


def test_the_first_rule_with_a_verdict_decides() -> None:
    rules = [rule(m.Proto("udp"), t.Accept()), rule(m.Proto("tcp"), t.Drop()), rule(t.Accept())]
    outcome = one(PACKET, "FORWARD", table("filter", FORWARD=rules))
    assert (outcome.verdict, where(outcome)) == ("drop", ["FORWARD 1"])


def test_a_rule_without_target_is_hit_and_changes_nothing() -> None:
    outcome = one(PACKET, "FORWARD", table("filter", FORWARD=[rule(m.Comment("counts")), rule(t.Drop())]))
    assert where(outcome) == ["FORWARD 0", "FORWARD 1"]
    assert (outcome.hits[0].target, outcome.hits[0].comment) == ("", "counts")


def test_a_user_chain_that_ends_goes_on_after_the_jump() -> None:
    chains = {"FORWARD": [rule(t.Jump("A")), rule(t.Drop())], "A": [rule(m.Comment("in"))]}
    outcome = one(PACKET, "FORWARD", table("filter", **chains))
    assert (outcome.verdict, where(outcome)) == ("drop", ["FORWARD 0", "A 0", "FORWARD 1"])


def test_return_goes_back_to_the_caller() -> None:
    chains = {"FORWARD": [rule(t.Jump("A")), rule(t.Drop())], "A": [rule(t.Return()), rule(t.Accept())]}
    outcome = one(PACKET, "FORWARD", table("filter", **chains))
    assert (outcome.verdict, where(outcome)) == ("drop", ["FORWARD 0", "A 0", "FORWARD 1"])


@pytest.mark.parametrize(("drop", "verdict", "policy"), [("", "accept", ""), ("FORWARD", "drop", "filter FORWARD")])
def test_return_in_a_built_in_chain_is_its_policy(drop: str, verdict: str, policy: str) -> None:
    outcome = one(PACKET, "FORWARD", table("filter", drop, FORWARD=[rule(t.Return()), rule(t.Reject())]))
    assert (outcome.verdict, outcome.policy) == (verdict, policy)


def test_goto_comes_back_to_the_chain_that_jumped() -> None:
    # iptables(8): with goto, RETURN does not go on in this chain but in the chain that called us by a jump.
    chains = {
        "FORWARD": [rule(t.Jump("A")), rule(m.Comment("back"))],
        "A": [rule(t.Goto("B")), rule(t.Drop())],
        "B": [rule(m.Comment("in b"))],
    }
    outcome = one(PACKET, "FORWARD", table("filter", **chains))
    assert (outcome.verdict, where(outcome)) == ("accept", ["FORWARD 0", "A 0", "B 0", "FORWARD 1"])


@pytest.mark.parametrize("last", [[], [rule(t.Return())]])
def test_goto_from_a_built_in_chain_ends_in_its_policy(last: list[Rule]) -> None:
    chains = {"FORWARD": [rule(t.Goto("A")), rule(t.Accept())], "A": last}
    outcome = one(PACKET, "FORWARD", table("filter", "FORWARD", **chains))
    assert (outcome.verdict, outcome.policy) == ("drop", "filter FORWARD")


ORDER: tuple[tuple[Hook, list[str]], ...] = (
    ("PREROUTING", ["mangle", "nat"]),
    ("INPUT", ["mangle", "filter", "nat"]),
    ("FORWARD", ["mangle", "filter"]),
    ("OUTPUT", ["mangle", "nat", "filter"]),
    ("POSTROUTING", ["mangle", "nat"]),
)


@pytest.mark.parametrize(("hook", "expected"), ORDER)
def test_tables_come_in_the_order_of_the_kernel(hook: Hook, expected: list[str]) -> None:
    names = ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")
    seen = [rule(m.Comment("seen"))]
    tables = (
        table("nat", **{name: seen for name in names if name != "FORWARD"}),
        table("filter", INPUT=seen, FORWARD=seen, OUTPUT=seen),
        table("mangle", **dict.fromkeys(names, seen)),
    )
    assert [hit.table for hit in one(PACKET, hook, *tables).hits] == expected


@pytest.mark.parametrize(
    ("packet", "asked"),
    [
        (PACKET, True),
        (Packet(4, "10.1.1.1", "10.2.2.2", ct_state="ESTABLISHED"), False),
        (Packet(4, "10.1.1.1", "10.2.2.2", ct_state="INVALID"), False),
        (Packet(4, "10.1.1.1", "10.2.2.2", ct_state="RELATED"), True),
        (Packet(4, "10.1.1.1", "10.2.2.2", "ICMP", ct_state="RELATED"), False),
    ],
)
def test_nat_is_asked_only_by_the_packet_that_begins_a_connection(packet: Packet, asked: bool) -> None:
    outcome = one(packet, "PREROUTING", table("nat", PREROUTING=[rule(t.Dnat("10.9.9.9"))]))
    assert outcome.dnat is asked


def test_accept_ends_one_table_only() -> None:
    tables = (table("mangle", FORWARD=[rule(t.Accept()), rule(t.Drop())]), table("filter", FORWARD=[rule(t.Reject())]))
    outcome = one(PACKET, "FORWARD", *tables)
    assert (outcome.verdict, where(outcome)) == ("reject", ["FORWARD 0", "FORWARD 0"])


def test_a_drop_in_mangle_is_the_end() -> None:
    tables = (table("mangle", FORWARD=[rule(t.Drop())]), table("filter", FORWARD=[rule(t.Accept())]))
    assert [hit.table for hit in one(PACKET, "FORWARD", *tables).hits] == ["mangle"]


def test_reject_names_its_answer() -> None:
    outcome = one(PACKET, "INPUT", table("filter", INPUT=[rule(t.Reject("tcp-reset"))]))
    assert (outcome.verdict, outcome.reject_with) == ("reject", "tcp-reset")


@pytest.mark.parametrize(
    ("target", "before", "after"),
    [
        (t.SetMark("or", 0x4000), 0x1, 0x4001),
        (t.SetMark("xor", 0x4000), 0x4001, 0x1),
        (t.SetMark("xor", 0x4000), 0x1, 0x4001),
        (t.SetMark("xset", 0x10000, 0xF0000), 0xF4001, 0x14001),
        (t.SetMark("xset", 0x4000, 0x4000), 0x4001, 0x4001),
        (t.SetMark("xset", 0x5), 0xFFFF, 0x5),
    ],
)
def test_marks(target: t.SetMark, before: int, after: int) -> None:
    rules = [rule(target), rule(m.MarkIs(after), t.Drop())]
    packet = Packet(4, "10.1.1.1", "10.2.2.2", mark=before)
    outcome = one(packet, "FORWARD", table("mangle", FORWARD=rules))
    assert (outcome.packet.mark, outcome.verdict) == (after, "drop")


def test_dnat_is_seen_by_the_tables_after_it() -> None:
    tables = (
        table("nat", OUTPUT=[rule(t.Dnat("10.244.2.7", 8080))]),
        table("filter", OUTPUT=[rule(m.Destination("10.244.2.7"), m.DestinationPort(8080), t.Drop())]),
    )
    outcome = one(PACKET, "OUTPUT", *tables)
    assert (outcome.verdict, outcome.packet.dst, outcome.packet.dport, outcome.dnat) == (
        "drop",
        "10.244.2.7",
        8080,
        True,
    )


def test_a_dnated_connection_has_the_state_dnat() -> None:
    tables = (
        table("nat", OUTPUT=[rule(t.Dnat("10.244.2.7"))]),
        table("filter", OUTPUT=[rule(m.CtStateIs(("DNAT",)), t.Drop())]),
    )
    assert one(PACKET, "OUTPUT", *tables).verdict == "drop"


def test_dnat_without_a_port_keeps_the_port() -> None:
    outcome = one(PACKET, "PREROUTING", table("nat", PREROUTING=[rule(t.Dnat("10.244.2.7"))]))
    assert outcome.packet.dport == 80


def test_the_nodes_own_packet_is_routed_again_after_dnat() -> None:
    context = WalkContext(NODE.interface_addresses, outgoing=lambda address: {"10.244.2.7": "flannel.1"}[address])
    tables = (
        table("nat", OUTPUT=[rule(t.Dnat("10.244.2.7"))]),
        table("filter", OUTPUT=[rule(m.OutInterface("flannel.1"), t.Drop())]),
    )
    assert one(PACKET, "OUTPUT", *tables, context=context).verdict == "drop"


@pytest.mark.parametrize(
    ("out", "source"),
    [("eth0", "192.168.10.11"), ("cni0", "10.244.1.1"), ("cali1", "192.168.10.11")],
)
def test_masquerade_takes_the_address_of_the_outgoing_interface(out: str, source: str) -> None:
    packet = Packet(4, "10.244.1.5", "10.244.1.9", out_iface=out)
    outcome = one(packet, "POSTROUTING", table("nat", POSTROUTING=[rule(t.Masquerade(random_fully=True))]))
    assert (outcome.packet.src, outcome.masquerade, outcome.random_port) == (source, True, True)


def test_masquerade_stays_in_its_family() -> None:
    packet = Packet(6, "fd00:10:244:1::5", "2001:db8::1", out_iface="eth0")
    outcome = one(packet, "POSTROUTING", table("nat", POSTROUTING=[rule(t.Masquerade())]))
    assert (outcome.packet.src, outcome.random_port) == ("fd00:192:168:10::b", False)


def test_masquerade_without_any_address_drops() -> None:
    packet = Packet(4, "10.244.1.5", "10.244.1.9", out_iface="eth0")
    outcome = one(packet, "POSTROUTING", table("nat", POSTROUTING=[rule(t.Masquerade())]), context=WalkContext())
    assert outcome.verdict == "drop"


def test_snat_sets_the_source() -> None:
    outcome = one(PACKET, "POSTROUTING", table("nat", POSTROUTING=[rule(t.Snat("192.0.2.1"))]))
    assert (outcome.packet.src, outcome.packet.sport, outcome.snat, outcome.masquerade) == (
        "192.0.2.1",
        41822,
        True,
        False,
    )


def test_recent_set_notes_the_source_when_it_is_reached() -> None:
    rules = [rule(m.RecentSet("A"), m.Proto("udp"), t.Drop()), rule(m.RecentSet("B"), m.DestinationPort(81), t.Drop())]
    outcome = one(PACKET, "FORWARD", table("filter", FORWARD=rules))
    # The protocol is part of the rule's own header and asked first; the port is asked after the list.
    assert outcome.noted == (("B", "10.244.1.5"),)
    assert outcome.hits == ()


def choice(n: int) -> list[Rule]:
    return [
        rule(*([m.RandomChance(Fraction(1, n - i))] if i < n - 1 else []), t.Dnat(f"10.0.{i // 250}.{i % 250 + 1}"))
        for i in range(n)
    ]


@given(st.integers(min_value=1, max_value=60))
def test_n_endpoints_get_one_nth_each(n: int) -> None:
    outcomes = go(PACKET, "PREROUTING", table("nat", PREROUTING=[rule(t.Jump("S"))], S=choice(n)))
    assert [o.share for o in outcomes] == [Fraction(1, n)] * n
    assert [o.packet.dst for o in outcomes] == [f"10.0.0.{i + 1}" for i in range(n)]


def test_a_thousand_endpoints_are_a_thousand_outcomes_with_two_hits_each() -> None:
    outcomes = go(PACKET, "PREROUTING", table("nat", PREROUTING=[rule(t.Jump("S"))], S=choice(1000)))
    assert len(outcomes) == 1000
    assert {o.share for o in outcomes} == {Fraction(1, 1000)}
    assert {len(o.hits) for o in outcomes} == {2}


def test_chance_that_decides_nothing_splits_and_goes_on() -> None:
    rules = [rule(m.RandomChance(Fraction(1, 4)), t.SetMark("or", 1)), rule(m.MarkIs(1), t.Drop())]
    outcomes = go(PACKET, "FORWARD", table("filter", FORWARD=rules))
    assert [(o.share, o.verdict) for o in outcomes] == [(Fraction(1, 4), "drop"), (Fraction(3, 4), "accept")]


def test_both_ways_of_a_choice_see_the_next_table() -> None:
    tables = (
        table("mangle", FORWARD=[rule(m.RandomChance(Fraction(1, 3)), t.SetMark("or", 1))]),
        table("filter", FORWARD=[rule(m.MarkIs(1), t.Reject())]),
    )
    outcomes = go(PACKET, "FORWARD", *tables)
    assert [(o.share, o.verdict) for o in outcomes] == [(Fraction(1, 3), "reject"), (Fraction(2, 3), "accept")]


@given(st.data())
def test_a_long_chain_gives_what_reading_every_rule_gives(data: st.DataObject) -> None:
    """Long chains are looked up by destination: the same rules must be hit as when each is read."""
    address = st.sampled_from(["10.96.0.1", "10.96.0.2", "10.96.0.3"])
    matches = st.lists(
        st.one_of(
            st.builds(m.Destination, address, st.booleans()),
            st.builds(m.DestinationPort, st.sampled_from([80, 81]), st.sampled_from([None, 90]), st.booleans()),
            st.just(m.Destination("10.96.0.0/30")),
        ),
        max_size=3,
    )
    rules = data.draw(st.lists(st.builds(lambda found: rule(*found), matches), min_size=12, max_size=30))
    packet = Packet(4, "10.1.1.1", data.draw(address), "TCP", 1000, data.draw(st.sampled_from([80, 81, 85])))
    whole = one(packet, "FORWARD", table("filter", FORWARD=rules))
    # The same rules, eleven at most in a chain of their own: those are read one by one.
    pieces = {f"P{i}": rules[i : i + 11] for i in range(0, len(rules), 11)}
    apart = one(packet, "FORWARD", table("filter", FORWARD=[rule(t.Jump(name)) for name in pieces], **pieces))
    assert [h.index for h in whole.hits] == [int(h.chain[1:]) + h.index for h in apart.hits if h.chain != "FORWARD"]


def test_a_long_chain_finds_an_address_however_it_is_written() -> None:
    rules = [rule(m.Destination(f"fd00:10:96::{i:x}"), t.Accept()) for i in range(20)]
    rules.append(rule(m.Destination("FD00:10:96:0::AB"), t.Drop()))
    packet = Packet(6, "fd00::1", "fd00:10:96::ab")
    assert one(packet, "FORWARD", table("filter", FORWARD=rules)).verdict == "drop"


def test_a_changed_copy_of_a_chain_has_its_own_index() -> None:
    chain = Chain("A", tuple(rule(m.Destination(f"10.96.0.{i}"), t.Accept()) for i in range(20)))
    assert list(chain.candidates("10.96.0.7", 80)) == [7]
    assert list(replace(chain, rules=chain.rules[1:]).candidates("10.96.0.7", 80)) == [6]


def test_a_chain_with_some_other_rules_finds_what_one_made_anew_finds() -> None:
    def entry(number: int, port: int) -> Rule:
        return Rule((m.Destination(f"10.96.0.{number}"), m.DestinationPort(port)), t.Accept())

    rules = tuple(entry(number, 80) for number in range(40))
    chain = Chain("KUBE-SERVICES", rules)
    chain.candidates("10.96.0.1", 80)
    others = (*rules[:7], entry(7, 81), entry(3, 80), *rules[9:], Rule((), t.Accept()))[:40]
    for new in (others, rules, rules[:-1]):
        later, fresh = chain.with_rules(new), Chain("KUBE-SERVICES", new)
        for number in range(40):
            for port in (80, 81, 82):
                found = list(later.candidates(f"10.96.0.{number}", port))
                assert found == list(fresh.candidates(f"10.96.0.{number}", port))
        chain = later


@pytest.mark.parametrize("target", [t.Jump("NOWHERE"), t.Jump("A"), t.Goto("A")])
def test_a_table_that_no_kernel_loads_is_refused(target: t.Jump | t.Goto) -> None:
    with pytest.raises(ValueError, match="cannot be loaded"):
        go(PACKET, "FORWARD", table("filter", FORWARD=[rule(t.Jump("A"))], A=[rule(target)]))
