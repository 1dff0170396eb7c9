"""Rules as iptables-restore text, in kube-proxy's spelling (lines from the kube-proxy reference) and iptables(8)'s."""

from fractions import Fraction

import pytest

from designer.engine.netfilter import Chain, Program, Rule, Table, built_in_chains, render_iptables, render_rule
from designer.engine.netfilter import matches as m
from designer.engine.netfilter import targets as t
from designer.engine.netfilter.render import decimals

TCP = m.Proto("tcp", module=True)

LINES: tuple[tuple[str, Rule], ...] = (
    (
        (
            '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8'
            " ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"
        ),
        Rule(
            (
                m.Comment("block incoming localnet connections"),
                m.Destination("127.0.0.0/8"),
                m.Source("127.0.0.0/8", negated=True),
                m.CtStateIs(("RELATED", "ESTABLISHED", "DNAT"), negated=True),
            ),
            t.Drop(),
        ),
    ),
    (
        "-A KUBE-POSTROUTING -m mark ! --mark 0x00004000/0x00004000 -j RETURN",
        Rule((m.MarkIs(0x4000, 0x4000, negated=True),), t.Return()),
    ),
    ("-A KUBE-POSTROUTING -j MARK --xor-mark 0x00004000", Rule((), t.SetMark("xor", 0x4000))),
    ("-A KUBE-MARK-MASQ -j MARK --or-mark 0x00004000", Rule((), t.SetMark("or", 0x4000))),
    ("-A C -j MARK --set-xmark 0x00010000/0x000f0000", Rule((), t.SetMark("xset", 0x10000, 0xF0000))),
    ("-A C -j MASQUERADE --random-fully", Rule((), t.Masquerade(random_fully=True))),
    (
        (
            '-A KUBE-SVC-CDGGSHYLG3RE2FKL -m comment --comment "default/web:http -> 10.244.1.3:8080"'
            " -m statistic --mode random --probability 0.3333333333 -j KUBE-SEP-2AZ33KU3V5PGPQZH"
        ),
        Rule(
            (m.Comment("default/web:http -> 10.244.1.3:8080"), m.RandomChance(Fraction(1, 3))),
            t.Jump("KUBE-SEP-2AZ33KU3V5PGPQZH"),
        ),
    ),
    (
        (
            "-A KUBE-SEP-2AG2YMEIM3GZ6ZEC -m comment --comment default/cart:http -m recent"
            " --name KUBE-SEP-2AG2YMEIM3GZ6ZEC --set -m tcp -p tcp -j DNAT --to-destination 10.244.1.4:8080"
        ),
        Rule(
            (m.Comment("default/cart:http"), m.RecentSet("KUBE-SEP-2AG2YMEIM3GZ6ZEC"), TCP),
            t.Dnat("10.244.1.4", 8080),
        ),
    ),
    (
        "-A S -m recent --name X --rcheck --seconds 10800 --reap -j X",
        Rule((m.RecentCheck("X", 10800, reap=True),), t.Jump("X")),
    ),
    (
        "-A KUBE-SERVICES -m addrtype --dst-type LOCAL ! -d ::1/128 -j KUBE-NODEPORTS",
        Rule((m.AddrType("dst"), m.Destination("::1/128", negated=True)), t.Jump("KUBE-NODEPORTS")),
    ),
    ("-A C -j DNAT --to-destination [fd00::1]:80", Rule((), t.Dnat("fd00::1", 80))),
    ("-A C -j DNAT --to-destination fd00::1", Rule((), t.Dnat("fd00::1"))),
    ("-A C ! -i cali+ -o eth0 -g D", Rule((m.InInterface("cali+", negated=True), m.OutInterface("eth0")), t.Goto("D"))),
    (
        "-A C -p udp --sport 1024:65535 ! --dport 53 -j REJECT --reject-with icmp-admin-prohibited",
        Rule(
            (m.Proto("udp"), m.SourcePort(1024, 65535), m.DestinationPort(53, negated=True)),
            t.Reject("icmp-admin-prohibited"),
        ),
    ),
    (
        "-A C -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT",
        Rule((m.BridgedIn(negated=True), m.AddrType("src", negated=True)), t.Accept()),
    ),
    (
        "-A C -s 203.0.113.10 -m ipvs --vaddr 203.0.113.10 --vproto tcp --vport 80 -j DROP",
        Rule((m.Source("203.0.113.10"), m.OfVirtualServer("203.0.113.10", "tcp", 80)), t.Drop()),
    ),
    ("-A C -m set ! --match-set blue src,dst", Rule((m.InSet("blue", ("src", "dst"), negated=True),), None)),
    (
        "-A C -m addrtype ! --src-type LOCAL --limit-iface-out -j SNAT --to-source 192.0.2.1",
        Rule((m.AddrType("src", negated=True, limit_out=True),), t.Snat("192.0.2.1")),
    ),
    ('-A C -m comment --comment "say \\"hi\\""', Rule((m.Comment('say "hi"'),), None)),
)


@pytest.mark.parametrize(("text", "rule"), LINES, ids=[text.split("--comment")[0][:60] for text, _ in LINES])
def test_a_rule_is_written_as_iptables_restore_reads_it(text: str, rule: Rule) -> None:
    assert render_rule(rule, text.split()[1]) == text


# The ten decimals that kube-proxy prints for 1/n.
@pytest.mark.parametrize(
    ("n", "text"),
    [(1, "1.0000000000"), (2, "0.5000000000"), (3, "0.3333333333"), (6, "0.1666666667"), (7, "0.1428571429")],
)
def test_a_probability_has_ten_decimals(n: int, text: str) -> None:
    assert decimals(Fraction(1, n)) == text


def test_a_program_is_written_table_by_table_with_chains_first() -> None:
    nat = Table(
        "nat",
        (*built_in_chains("nat", {"PREROUTING": (Rule((), t.Jump("A")),)}), Chain("A", (Rule((), t.Return()),))),
    )
    table = Table("filter", built_in_chains("filter", {}))
    assert render_iptables(Program(4, "n", (nat, table))) == (
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
        "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
        ":A - [0:0]\n-A PREROUTING -j A\n-A A -j RETURN\nCOMMIT\n"
    )


def test_nothing_is_written_of_a_program_without_tables() -> None:
    assert render_iptables(Program(4, "n", ())) == ""
