"""The walk against a Linux kernel: random tables, one packet, and the rules that the kernel's counters say were hit.

Every table is loaded in a network namespace of its own with a loopback device only. Skipped where that is not possible.
"""

import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from typing import Literal

import pytest

from designer.engine.netfilter import Packet, Program, Rule, Table, WalkContext, render_iptables, walk
from designer.engine.netfilter import matches as m
from designer.engine.netfilter import targets as t
from tests.engine.netfilter.tables import table

# Runs in the namespace: loads each table in turn, sends one datagram to itself, prints each table's counters.
SENDER = """
import json, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for place, text in enumerate(json.load(sys.stdin)):
    subprocess.run(["iptables-restore"], input=text, text=True, check=True)
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    sender, *receivers = sockets
    for receiver, end in zip(receivers, ("127.0.0.3", "127.0.0.4")):
        receiver.bind((end, 9000))
        receiver.settimeout(0)
    port, arrived = 20000 + place, ""  # never one again: the kernel still knows the earlier connections
    sender.bind(("127.0.0.2", port))
    try:
        sender.sendto(b"x", ("127.0.0.3", 9000))
    except OSError:
        pass
    for receiver in receivers:
        try:
            receiver.recv(1)
            arrived = receiver.getsockname()[0]
        except OSError:
            pass
    for each in sockets:
        each.close()
    saved = subprocess.run(["iptables-save", "-c"], capture_output=True, text=True, check=True).stdout
    print(json.dumps([port, arrived, saved]), flush=True)
"""
ALONE = ("unshare", "--user", "--map-root-user", "--net")
CHAINS = ("A", "B", "C", "D")
NODE = WalkContext({"lo": ("127.0.0.1",)})
TABLES = 60

MATCHES: tuple[m.Match, ...] = (
    m.Proto("udp"),
    m.Proto("tcp"),
    m.Proto("tcp", negated=True),
    m.Source("127.0.0.2"),
    m.Source("127.0.0.0/30", negated=True),
    m.Destination("127.0.0.0/8"),
    m.Destination("10.0.0.0/8"),
    m.OutInterface("l+"),
    m.OutInterface("eth0"),
    m.OutInterface("eth+", negated=True),
    m.MarkIs(0x1, 0x1),
    m.MarkIs(0x4, 0x6),
    m.MarkIs(0x2, 0x2, negated=True),
    m.CtStateIs(("NEW", "RELATED")),
    m.CtStateIs(("ESTABLISHED",)),
    m.CtStateIs(("DNAT",)),
    m.CtStateIs(("DNAT",), negated=True),
    m.Destination("127.0.0.4"),
    m.AddrType("dst"),
    m.AddrType("src", negated=True),
    m.RecentSet("seen"),
    m.RecentSet("seen", by_dest=True),
    m.RecentCheck("seen", 60, reap=True),
    m.RecentCheck("seen", negated=True),
    m.Comment("a comment"),
)
VERDICTS: tuple[t.Target | None, ...] = (None, None, t.Return(), t.Accept(), t.Drop())
MARKS = (t.SetMark("or", 0x1), t.SetMark("or", 0x6), t.SetMark("xor", 0x5), t.SetMark("xset", 0x2, 0x3))
# What a rule of each table may do, jumps aside: the nat table drops nothing.
ENDS: dict[str, tuple[t.Target | None, ...]] = {
    "mangle": (*VERDICTS, *MARKS),
    "nat": (None, None, t.Return(), t.Accept(), t.Dnat("127.0.0.4")),
    "filter": VERDICTS,
}
Name = Literal["mangle", "nat", "filter"]


def random_rule(draw: random.Random, below: tuple[str, ...], ends: tuple[t.Target | None, ...], seen: str) -> Rule:
    """A rule that jumps only to chains below its own, so that no circle arises; `seen` names its recent list."""
    target = draw.choice(ends)
    if below and draw.random() < 0.55:
        target = draw.choice((t.Jump, t.Goto))(draw.choice(below))
    lists = (m.RecentSet, m.RecentCheck)
    # iptables takes each option once a rule, and one recent match.
    once = {m.RecentSet if isinstance(x, lists) else type(x): x for x in draw.sample(MATCHES, len(MATCHES))}
    found = draw.sample(list(once.values()), draw.choice((0, 0, 1, 1, 2)))
    return Rule(tuple(replace(x, name=seen) if isinstance(x, lists) else x for x in found), target)


def random_table(draw: random.Random, name: Name, seen: str) -> Table:
    chains = {}
    for place, chain in enumerate(("OUTPUT", *CHAINS)):
        chains[chain] = [random_rule(draw, CHAINS[place:], ENDS[name], seen) for _ in range(draw.randint(1, 5))]
    if name == "filter":
        # The kernel tracks connections, and asks the nat table, only while a rule needs it; on a node one always does.
        chains["FORWARD"] = [Rule((m.CtStateIs(("NEW",)),), None)]
    return table(name, "" if name == "nat" else draw.choice(("", "", "OUTPUT")), **chains)


def random_program(seed: int) -> Program:
    draw = random.Random(seed)
    names: tuple[Name, ...] = ("mangle", "nat", "filter")
    return Program(4, "n", tuple(random_table(draw, name, f"{name[0]}{seed}") for name in names))


def counted(saved: str) -> dict[str, int]:
    """How many packets each rule counted, as ``table chain index``; rules that counted none are left out."""
    found: dict[str, int] = {}
    name, places = "", Counter[str]()
    for line in saved.splitlines():
        if line.startswith("*"):
            name, places = line[1:], Counter()
        rule = re.match(r"\[(\d+):\d+\] -A (\S+)", line)
        if rule:
            if int(rule[1]):
                found[f"{name} {rule[2]} {places[rule[2]]}"] = int(rule[1])
            places[rule[2]] += 1
    return found


@pytest.fixture(scope="module")
def answers() -> list[tuple[int, str, str]]:
    """What the kernel says of each program: the datagram's source port, where it arrived, the counters."""
    missing = [tool for tool in ("unshare", "ip", "iptables-restore", "iptables-save") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    texts = ["*filter\n-A OUTPUT -m recent --name x --set -j ACCEPT\nCOMMIT\n"]  # is it possible here at all?
    texts += [render_iptables(random_program(seed)) for seed in range(TABLES)]
    answer = subprocess.run(
        [*ALONE, sys.executable, "-I", "-c", SENDER],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if answer.returncode and not answer.stdout:
        pytest.skip(f"a namespace does not take iptables rules: {answer.stderr.strip()[-200:]}")
    assert answer.returncode == 0, answer.stderr
    return [tuple(json.loads(line)) for line in answer.stdout.splitlines()[1:]]


@pytest.mark.parametrize("seed", range(TABLES))
def test_the_kernel_hits_the_same_rules(answers: list[tuple[int, str, str]], seed: int) -> None:
    port, arrived, saved = answers[seed]
    packet = Packet(4, "127.0.0.2", "127.0.0.3", "UDP", port, 9000, out_iface="lo")
    (outcome,) = walk(random_program(seed), "OUTPUT", packet, NODE)
    assert Counter(f"{hit.table} {hit.chain} {hit.index}" for hit in outcome.hits) == counted(saved)
    assert (outcome.packet.dst if outcome.verdict == "accept" else "") == arrived


def test_the_random_tables_are_worth_walking(answers: list[tuple[int, str, str]]) -> None:
    assert all(sum(at == end for _, at, _ in answers) >= 3 for end in ("", "127.0.0.3", "127.0.0.4"))
    assert sum(len(counted(saved)) > 3 for _, _, saved in answers) > TABLES / 3
