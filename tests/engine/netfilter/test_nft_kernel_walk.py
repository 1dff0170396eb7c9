"""The nftables walk against a Linux kernel: random tables, one datagram, and the rules that the counters say were hit.

Every table is loaded in a network namespace of its own with a loopback device only. Skipped where that is not possible.
"""

import json
import random
import re
import shutil
import subprocess
import sys

import pytest

from designer.engine.netfilter import NftProgram, NftTable, Packet, WalkContext, walk_nft
from designer.engine.netfilter import matches as m
from designer.engine.netfilter import nft_statements as s
from designer.engine.netfilter import targets as t
from designer.engine.netfilter.nft_program import Hook, NftChain, NftElement, NftRule, NftSet
from designer.engine.netfilter.nft_render import render_nft, render_nft_rule, render_statement

# Runs in the namespace: loads each table in turn, sends one datagram to itself, prints each table's counters.
SENDER = """
import json, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for place, text in enumerate(json.load(sys.stdin)):
    subprocess.run(["nft", "-f", "-"], input="flush ruleset\\n" + text, text=True, check=True)
    sender, *receivers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
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
    for each in (sender, *receivers):
        each.close()
    listed = subprocess.run(["nft", "list", "table", "ip", "t"], capture_output=True, text=True, check=True).stdout
    print(json.dumps([port, arrived, listed]), flush=True)
"""
ALONE = ("unshare", "--user", "--map-root-user", "--net")
TABLES = 60
NODE = WalkContext({"lo": ("127.0.0.1",)})
PLAIN = ("A", "B", "C", "D")
BASES = {
    "first": Hook("filter", "output", -150),
    "nat": Hook("nat", "output", -100),
    "last": Hook("filter", "output", 0),
}
SETS = (
    NftSet("known", ("ipv4_addr",), parts=((NftElement(("127.0.0.3",)), NftElement(("10.0.0.1",))),)),
    NftSet("others", ("ipv4_addr", "inet_proto", "inet_service"), parts=((NftElement(("127.0.0.3", "udp", "9001")),),)),
    NftSet("pairs", ("ipv4_addr", "inet_proto", "inet_service"), parts=((NftElement(("127.0.0.4", "udp", "9000")),),)),
    NftSet("noted", ("ipv4_addr",), flags=("dynamic", "timeout"), timeout=60),
)
BY_ALL: tuple[s.Field, ...] = ("daddr", "l4proto", "dport")
MATCHES: tuple[s.Statement, ...] = (
    m.Proto("udp"),
    m.Proto("tcp"),
    m.Source("127.0.0.2"),
    m.Source("127.0.0.0/30", negated=True),
    m.Destination("127.0.0.0/8"),
    m.Destination("127.0.0.4"),
    m.InInterface("eth0"),
    m.InInterface("eth+", negated=True),
    m.MarkIs(0, 0x1, negated=True),
    m.MarkIs(0, 0x4),
    m.CtStateIs(("NEW",)),
    m.CtStateIs(("ESTABLISHED", "RELATED")),
    m.CtStateIs(("DNAT",)),
    m.AddrType("src"),
    m.AddrType("dst"),
    s.AddressIn("saddr", ("127.0.0.2", "10.0.0.0/8")),
    s.AddressIn("daddr", ("127.0.0.4", "10.0.0.0/8"), negated=True),
    s.Lookup(("daddr",), "known"),
    s.Lookup(BY_ALL, "others"),
    s.Lookup(BY_ALL, "pairs"),
    s.Lookup(("saddr",), "noted"),
    s.UpdateSet("noted"),
    t.SetMark("or", 0x1),
    t.SetMark("or", 0x6),
    t.SetMark("xor", 0x5),
)
ENDS: tuple[t.Target | None, ...] = (None, None, None, t.Return(), t.Accept(), t.Drop())


def random_rule(draw: random.Random, below: tuple[str, ...], nat: bool) -> NftRule:
    """A rule that jumps only to chains below its own, so that no circle arises."""
    found = draw.sample(MATCHES, draw.choice((0, 1, 1, 2, 3)))
    end: t.Target | s.ChooseEndpoint | None = draw.choice(ENDS)
    if nat and draw.random() < 0.4:
        translation = draw.choice((t.Dnat("127.0.0.4", 9000), s.ChooseEndpoint((("127.0.0.4", 9000),))))
        return NftRule((*found, m.Proto("udp"), translation))
    if below and draw.random() < 0.6:
        end = draw.choice((t.Jump, t.Goto))(draw.choice(below))
    return NftRule((*found, end) if end is not None else tuple(found) or (m.Proto("udp"),))


def random_program(seed: int) -> NftProgram:
    draw = random.Random(seed)
    chains = []
    for base, hook in BASES.items():
        own = tuple(f"{base}-{name}" for name in PLAIN)
        for place, name in enumerate((base, *own)):
            rules = tuple(random_rule(draw, own[place:], base == "nat") for _ in range(draw.randint(1, 4)))
            chains.append(NftChain(name, rules, hook if name == base else None))
    return NftProgram(4, "n", NftTable("ip", "t", "random", tuple(chains), SETS))


def with_counters(program: NftProgram) -> str:
    """The table's text with a counter in each rule, where everything that it asks has fitted."""
    text = render_nft(program)
    for chain in program.table.chains:
        for rule in chain.rules:
            *asked, last = [render_statement(each, "ip") for each in rule.statements]
            if type(rule.statements[-1]) in {type(each) for each in MATCHES}:
                asked, last = [*asked, last], ""
            line = f"add rule ip t {chain.name} {render_nft_rule(rule, 'ip')}\n"
            text = text.replace(line, f"add rule ip t {chain.name} {' '.join([*asked, 'counter', last]).strip()}\n")
    return text


def counted(listed: str) -> dict[tuple[str, int], int]:
    """How many packets each rule (chain, index) counted; rules that counted none are left out."""
    found: dict[tuple[str, int], int] = {}
    chain, index = "", 0
    for line in listed.splitlines():
        begin = re.match(r"\tchain (\S+) \{", line)
        if begin:
            chain, index = begin[1], 0
        packets = re.search(r"counter packets (\d+)", line)
        if packets:
            if int(packets[1]):
                found[(chain, index)] = int(packets[1])
            index += 1
    return found


@pytest.fixture(scope="module")
def answers() -> list[tuple[int, str, str]]:
    """What the kernel says of each program: the datagram's source port, where it arrived, the counters."""
    missing = [tool for tool in ("unshare", "ip", "nft") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    answer = subprocess.run(
        [*ALONE, sys.executable, "-I", "-c", SENDER],
        input=json.dumps(["add table ip t\n", *[with_counters(random_program(seed)) for seed in range(TABLES)]]),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if answer.returncode and not answer.stdout:
        pytest.skip(f"a namespace does not take nftables rules: {answer.stderr.strip()[-200:]}")
    assert answer.returncode == 0, answer.stderr
    return [tuple(json.loads(line)) for line in answer.stdout.splitlines()[1:]]


@pytest.mark.parametrize("seed", range(TABLES))
def test_the_kernel_hits_the_same_rules(answers: list[tuple[int, str, str]], seed: int) -> None:
    port, arrived, listed = answers[seed]
    packet = Packet(4, "127.0.0.2", "127.0.0.3", "UDP", port, 9000, out_iface="lo")
    (outcome,) = walk_nft(random_program(seed), "OUTPUT", packet, NODE)
    hits = [(hit.chain, hit.index) for hit in outcome.hits]
    assert {hit: hits.count(hit) for hit in hits} == counted(listed)
    assert (outcome.packet.dst if outcome.verdict == "accept" else "") == arrived


def test_the_random_tables_are_worth_walking(answers: list[tuple[int, str, str]]) -> None:
    assert all(sum(at == end for _, at, _ in answers) >= 3 for end in ("", "127.0.0.3", "127.0.0.4"))
    assert sum(len(counted(listed)) > 3 for _, _, listed in answers) > TABLES / 3
