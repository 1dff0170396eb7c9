"""The nftables tables of every reference case loaded into a Linux kernel and read back: it holds what was written.

Each load happens in a network namespace of its own, which goes with the command that made it; the machine's own rules
are never touched. Where the tools or the right to make namespaces are missing, the tests are skipped.
"""

import shutil
import subprocess
from typing import Any

import pytest

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.kubeproxy import families_of, nftables
from designer.engine.netfilter import NftProgram, render_nft
from tests.engine.kubeproxy.drawn_clusters import drawn_cluster, drawn_settings
from tests.engine.kubeproxy.load_case import case_names, comparison, load_case
from tests.engine.kubeproxy.nft_listing import commands, same_lists
from tests.engine.kubeproxy.small_cluster import BALANCER, cluster, endpoint, long_names, service, settings

ALONE = ("unshare", "--user", "--map-root-user", "--net")


def load(text: str, family: int) -> subprocess.CompletedProcess[str]:
    """The table loaded in a new network namespace, and what `nft` then lists."""
    script = f"nft -f - && nft list table {'ip' if family == 4 else 'ip6'} kube-proxy"
    return subprocess.run(
        [*ALONE, "sh", "-c", script], input=text, capture_output=True, text=True, timeout=20, check=False
    )


def why_not() -> str:
    """Why nothing can be loaded here, "" when it can."""
    missing = [tool for tool in ("unshare", "nft") if shutil.which(tool) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    rule = "dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.1 . 80 }"
    table = "add table ip kube-proxy\nadd chain ip kube-proxy a { type nat hook prerouting priority -100 ; }\n"
    answer = load(f"{table}add rule ip kube-proxy a meta l4proto tcp {rule}\n", 4)
    return f"a namespace does not take nftables rules: {answer.stderr.strip()}" if answer.returncode else ""


@pytest.fixture(scope="module", autouse=True)
def kernel() -> None:
    reason = why_not()
    if reason:
        pytest.skip(reason)


def readback_differs(program: NftProgram) -> list[str]:
    text = render_nft(program)
    answer = load(text, program.family)
    assert answer.returncode == 0, answer.stderr
    differences, entries = comparison()("nftables", same_lists(text), same_lists(commands(answer.stdout)))
    assert entries > 40
    return differences


@pytest.mark.parametrize("name", case_names())
def test_the_kernel_holds_what_was_written(name: str) -> None:
    case = load_case(name)
    node = next(iter(case.control.nodes))
    for family in families_of(case.control, node):
        assert readback_differs(nftables.build(case.control, case.settings, node, family)) == []


def balanced(**fields: Any) -> ControlPlaneState:
    web = service(type="LoadBalancer", node_port=30080, **fields)
    return cluster(web, [endpoint("10.244.1.5"), endpoint("10.244.2.7")])


@pytest.mark.parametrize(
    "fields",
    [
        {"detectLocalMode": "InterfaceNamePrefix", "interfaceNamePrefix": "cali"},
        {"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"},
        {"nodePortAddresses": ("0.0.0.0/0",)},
        {"nodePortAddresses": ("203.0.113.0/24",), "nftablesMasqueradeBit": 31},
        {"nftablesMasqueradeAll": True, "nftablesMasqueradeBit": 0},
    ],
    ids=str,
)
def test_settings_that_no_reference_case_has(fields: dict[str, object]) -> None:
    control = balanced(affinity_seconds=90061, external_policy="Local", external_ips=(BALANCER,))
    assert readback_differs(nftables.build(control, settings(**fields), "node-1", 4)) == []


@pytest.mark.parametrize("seed", range(16))
def test_any_cluster(seed: int) -> None:
    """Clusters with features in combinations that no reference case has, on one node, in both families."""
    control = drawn_cluster(seed)
    for family in (4, 6):
        assert readback_differs(nftables.build(control, drawn_settings(seed), "node-1", family)) == []


def test_the_kernel_takes_names_that_were_cut() -> None:
    program = nftables.build(long_names(), settings(), "node-1", 6)
    assert any(chain.name.endswith("...") for chain in program.table.all_chains())
    assert readback_differs(program) == []


@pytest.mark.parametrize(("letters", "taken"), [(60, True), (61, False)])
def test_comments_may_have_128_characters(letters: int, taken: bool) -> None:
    """What TABLES-05 and SVC-33 rest on: 60 letters, a slash, 62 letters, a colon and ``http`` are 128 characters."""
    web = service(namespace="n" * letters, name="s" * 62)
    answer = load(render_nft(nftables.build(cluster(web), settings(), "node-1", 4)), 4)
    assert (answer.returncode == 0) is taken
    assert ("comment too long" in answer.stderr.lower()) is not taken


def test_a_difference_would_be_seen() -> None:
    program = nftables.build(balanced(), settings(), "node-1", 4)
    text = render_nft(program)
    answer = load(text.replace("10.244.2.7 . 8080", "10.244.2.7 . 8081").replace("tcp . 30080", "tcp . 30081"), 4)
    assert len(comparison()("nftables", same_lists(text), same_lists(commands(answer.stdout)))[0]) == 3
