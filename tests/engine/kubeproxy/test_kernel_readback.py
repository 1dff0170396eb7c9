"""The rules of every reference case loaded into a Linux kernel and read back: the kernel holds what was written.

Each load happens in a network namespace of its own, which goes with the command that made it; the machine's own rules
are never touched. Where the tools or the right to make namespaces are missing, the tests are skipped.
"""

import shutil
import subprocess

import pytest

from designer.engine.kubeproxy import families_of, iptables
from designer.engine.netfilter import Program, render_iptables
from designer.engine.netfilter.render import chain_line
from tests.engine.kubeproxy.load_case import case_names, comparison, load_case
from tests.engine.kubeproxy.small_cluster import cluster, endpoint, rules, service
from tests.engine.kubeproxy.test_iptables_branches import BRANCHES, Branch

ALONE = ("unshare", "--user", "--map-root-user", "--net")
TOOLS = {4: ("iptables-restore", "iptables-save"), 6: ("ip6tables-restore", "ip6tables-save")}


def run_alone(script: str, text: str) -> subprocess.CompletedProcess[str]:
    """A shell script in a new network namespace."""
    return subprocess.run(
        [*ALONE, "sh", "-c", script], input=text, capture_output=True, text=True, timeout=20, check=False
    )


def why_not() -> str:
    """Why nothing can be loaded here, "" when it can."""
    missing = [tool for tool in ("unshare", *TOOLS[4], *TOOLS[6]) if shutil.which(tool) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    rule = "-A FORWARD -m recent --name x --set -m statistic --mode random --probability 0.5 -j ACCEPT"
    answer = run_alone("iptables-restore", f"*filter\n{rule}\nCOMMIT\n")
    return f"a namespace does not take iptables rules: {answer.stderr.strip()}" if answer.returncode else ""


@pytest.fixture(scope="module", autouse=True)
def kernel() -> None:
    reason = why_not()
    if reason:
        pytest.skip(reason)


def readback_differs(program: Program) -> list[str]:
    restore, save = TOOLS[program.family]
    text = render_iptables(program)
    answer = run_alone(f"{restore} && {save}", text)
    assert answer.returncode == 0, answer.stderr
    differences, entries = comparison()("iptables", text, answer.stdout)
    assert entries > 10
    return differences


@pytest.mark.parametrize("name", case_names())
def test_the_kernel_holds_what_was_written(name: str) -> None:
    case = load_case(name)
    node = next(iter(case.control.nodes))
    for family in families_of(case.control, node):
        program = iptables.build(case.control, case.settings, node, family)
        assert readback_differs(program) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"detectLocalMode": "InterfaceNamePrefix", "interfaceNamePrefix": "cali"},
        {"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"},
        {"nodePortAddresses": ("192.168.10.0/24",), "localhostNodePorts": False},
        {"localhostNodePorts": False, "masqueradeBit": 31, "conntrackTCPBeLiberal": True},
    ],
    ids=str,
)
def test_settings_that_no_reference_case_has(fields: dict[str, object]) -> None:
    program = rules(cluster(service(affinity_seconds=60), [endpoint("10.244.1.5"), endpoint("10.244.2.7")]), **fields)
    assert readback_differs(program) == []


@pytest.mark.parametrize("branch", BRANCHES, ids=[branch.name for branch in BRANCHES])
def test_the_kernel_takes_every_branch_of_the_rules(branch: Branch) -> None:
    assert readback_differs(rules(cluster(service(**branch.fields), branch.ends), **branch.settings)) == []


def test_a_difference_would_be_seen() -> None:
    program = rules(cluster(service(), [endpoint("10.244.1.5")]))
    text = render_iptables(program)
    answer = run_alone("iptables-restore && iptables-save", text.replace("--dport 80", "--dport 81"))
    assert comparison()("iptables", text, answer.stdout)[0]
    assert all(chain_line(c).split()[0] in answer.stdout for t in program.tables for c in t.all_chains())
