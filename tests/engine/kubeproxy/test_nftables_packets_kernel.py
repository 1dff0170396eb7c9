"""The walk through nftables rules against a Linux kernel: datagrams sent to a Service, and where they come out.

Everything happens in one network namespace whose loopback device has the addresses of a node and its Pods: the walks of
the hooks OUTPUT, POSTROUTING and INPUT must say what the kernel does. A sender on its own machine is told "not
permitted" for drop and for reject, so these two count as one here. Skipped where that is not possible.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from designer.engine.controlplane.state import ControlPlaneState, LoadBalancerAddress
from designer.engine.kubeproxy import nftables
from designer.engine.netfilter import NftProgram, Packet, WalkContext, render_nft, walk_nft
from tests.engine.kubeproxy.small_cluster import (
    BALANCER,
    EXTERNAL_IP,
    NODE_1,
    POD_A,
    POD_B,
    VIP,
    cluster,
    endpoint,
    service,
    settings,
)

POD_C, ASKING, STRANGER = "10.244.1.6", "10.244.1.77", "192.0.2.99"
HERE = (NODE_1, POD_A, POD_C, ASKING, STRANGER, POD_B)
TRIES = 40  # of three endpoints one is never met with a chance of 1 in 10 million
ALONE = ("unshare", "--user", "--map-root-user", "--net")

# Runs in the namespace: for each table, sends one datagram after the other and says what came of it.
SENDER = """
import json, socket, subprocess, sys
def run(*words, text=None):
    subprocess.run(words, input=text, text=True, check=True, capture_output=True)
data = json.load(sys.stdin)
run("ip", "link", "set", "lo", "up")
for address in data["addresses"]:
    run("ip", "address", "add", address + "/32", "dev", "lo")
run("ip", "route", "add", "default", "dev", "lo")
receivers = {}
for address in data["addresses"]:
    receivers[address] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receivers[address].bind((address, 8080))
    receivers[address].setblocking(False)
port = 20000
for table, probes in data["cases"]:
    run("nft", "-f", "-", text="flush ruleset\\n" + table)
    found = []
    for source, target, number in probes:
        port += 1
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.bind((source, port))
        sender.connect((target, number))
        sender.setblocking(False)
        end = ["", False]
        try:
            sender.send(b"x")
        except (PermissionError, ConnectionRefusedError):
            pass
        for address, receiver in receivers.items():
            try:
                end = [address, receiver.recvfrom(1)[1][1] != port]
            except BlockingIOError:
                pass
        sender.close()
        found.append(end)
    print(json.dumps(found), flush=True)
"""

Found = tuple[str, bool]  # where it arrived, "" for nowhere; whether the source port was changed: masqueraded


@dataclass(frozen=True)
class Case:
    """A node's table and the destinations that it is asked for."""

    name: str
    control: ControlPlaneState
    asked: tuple[tuple[str, str, int], ...]
    fields: tuple[tuple[str, Any], ...] = ()

    @property
    def program(self) -> NftProgram:
        return nftables.build(self.control, settings(**dict(self.fields)), "node-1", 4)


def udp(*ends: str, **fields: Any) -> ControlPlaneState:
    web = service(protocol="UDP", **fields)
    return cluster(web, [endpoint(ip) for ip in ends])


EXPOSED: dict[str, Any] = {
    "type": "LoadBalancer",
    "node_port": 30080,
    "external_ips": (EXTERNAL_IP,),
    "load_balancer": (LoadBalancerAddress(BALANCER),),
}
EVERYWHERE = tuple(
    (source, target, port)
    for source in (ASKING, STRANGER, NODE_1, POD_A)
    for target, port in ((VIP, 80), (EXTERNAL_IP, 80), (BALANCER, 80), (NODE_1, 30080), (VIP, 81), ("10.96.0.99", 80))
)
THREE = (POD_A, POD_C, POD_B)
CASES = (
    Case("cluster", udp(*THREE, **EXPOSED), EVERYWHERE),
    Case("local", udp(*THREE, **EXPOSED, external_policy="Local"), EVERYWHERE),
    Case("local-none-here", udp(POD_B, **EXPOSED, external_policy="Local", internal_policy="Local"), EVERYWHERE),
    Case("no-endpoints", udp(**EXPOSED), EVERYWHERE),
    Case("source-ranges", udp(*THREE, **EXPOSED, source_ranges=("10.244.0.0/16",)), EVERYWHERE),
    Case("masquerade-all", udp(POD_A, **EXPOSED), EVERYWHERE, (("nftablesMasqueradeAll", True),)),
    Case("not-detected", udp(POD_A), EVERYWHERE, (("clusterCIDR", ""),)),
    Case("by-interface", udp(POD_A), EVERYWHERE, (("detectLocalMode", "BridgeInterface"), ("bridgeInterface", "cni0"))),
    Case("all-node-ports", udp(POD_A, **EXPOSED), EVERYWHERE, (("nodePortAddresses", ("0.0.0.0/0",)),)),
    Case("service-cidr", replace(udp(POD_A), service_cidrs=("10.96.0.0/16",)), EVERYWHERE),
)


def walked(program: NftProgram, source: str, target: str, port: int) -> Iterator[Found]:
    """What the walks of the three hooks say of a datagram that this node sends to itself; port 8080 is listened on."""
    node = WalkContext({"lo": HERE})
    packet = Packet(4, source, target, "UDP", 20000, port, out_iface="lo")
    for first in walk_nft(program, "OUTPUT", packet, node):
        if first.verdict != "accept":
            yield "", False
            continue
        (sent,) = walk_nft(program, "POSTROUTING", first.packet, node)
        (taken,) = walk_nft(program, "INPUT", replace(sent.packet, out_iface="", in_iface="lo"), node)
        arrived = taken.verdict == "accept" and taken.packet.dport == 8080 and taken.packet.dst in HERE
        yield (taken.packet.dst, sent.masquerade) if arrived else ("", False)


def sticky(**fields: Any) -> Case:
    return Case("affinity", udp(*THREE, affinity_seconds=600, **fields), ((ASKING, VIP, 80), (STRANGER, VIP, 80)))


@pytest.fixture(scope="module")
def kernel() -> dict[str, list[Found]]:
    """What the kernel does with the probes of each case, each sent `TRIES` times."""
    missing = [tool for tool in ("unshare", "ip", "nft") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    cases = [*CASES, sticky()]
    data = {
        "addresses": HERE,
        "cases": [[render_nft(c.program), [probe for probe in c.asked for _ in range(TRIES)]] for c in cases],
    }
    answer = subprocess.run(
        [*ALONE, sys.executable, "-I", "-c", SENDER],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if answer.returncode and not answer.stdout:
        pytest.skip(f"a namespace does not take nftables rules: {answer.stderr.strip()[-300:]}")
    assert answer.returncode == 0, answer.stderr
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    return {case.name: [tuple(found) for found in line] for case, line in zip(cases, lines, strict=True)}


def without_chance(seen: set[Found]) -> set[Found]:
    """What was seen but for a masquerade that drew the very port again, which one in 64,512 does (``fully-random``)."""
    return {(end, changed) for end, changed in seen if changed or (end, True) not in seen}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_kernel_does_what_the_walk_says(kernel: dict[str, list[Found]], case: Case) -> None:
    found = iter(kernel[case.name])
    for source, target, port in case.asked:
        seen = without_chance({next(found) for _ in range(TRIES)})
        expected = set(walked(case.program, source, target, port))
        assert seen == expected, (source, target, port)


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case.name)
def test_another_table_would_be_noticed(kernel: dict[str, list[Found]], case: Case) -> None:
    found = iter(kernel["cluster"])
    seen = [{next(found) for _ in range(TRIES)} for _ in EVERYWHERE]
    assert seen != [set(walked(case.program, *probe)) for probe in EVERYWHERE]


def test_session_affinity_stays_with_the_endpoint_that_was_chosen_first(kernel: dict[str, list[Found]]) -> None:
    program = sticky().program
    for place, source in enumerate((ASKING, STRANGER)):
        (chosen,) = without_chance(set(kernel["affinity"][place * TRIES : (place + 1) * TRIES]))
        first = walk_nft(program, "OUTPUT", Packet(4, source, VIP, "UDP", 1, 80, out_iface="lo"), WalkContext())
        (noted,) = [o.noted for o in first if o.packet.dst == chosen[0]]
        later = WalkContext(recent={name: {address: 0.0} for name, address in noted})
        again = walk_nft(program, "OUTPUT", Packet(4, source, VIP, "UDP", 2, 80, out_iface="lo"), later)
        assert [o.packet.dst for o in again] == [chosen[0]]


def test_the_probes_are_worth_sending(kernel: dict[str, list[Found]]) -> None:
    ends = [end for found in kernel.values() for end, _ in found]
    assert all(ends.count(end) > TRIES for end in (POD_A, POD_B, POD_C, ""))
    assert {masqueraded for found in kernel.values() for _, masqueraded in found} == {True, False}
