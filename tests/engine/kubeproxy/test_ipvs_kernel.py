"""The ip sets and iptables rules of ipvs mode loaded into a Linux kernel and read back.

Each load happens in a network namespace of its own. Virtual servers are not loaded: a new namespace has no IPVS where
the kernel has none. Rules with ``-m ipvs`` are left out where it does not know that match. Skipped where a tool or the
right to make namespaces is missing.
"""

import shutil
from typing import Any

import pytest

from designer.engine.controlplane.state import NodeState
from designer.engine.kubeproxy import families_of, ipvs
from designer.engine.netfilter import IpvsProgram, render_ipset, render_iptables
from tests.engine.kubeproxy.ipvs_parts import BOTH, balanced, made
from tests.engine.kubeproxy.load_case import case_names, comparison, load_case
from tests.engine.kubeproxy.random_manifests import manifests
from tests.engine.kubeproxy.small_cluster import BALANCER, EXTERNAL_IP, NODES, cluster, service
from tests.engine.kubeproxy.test_ipvs_random import imported
from tests.engine.kubeproxy.test_kernel_readback import TOOLS, run_alone

LOAD = """
all=$(cat)
printf '%s\\n' "$all" | grep -E '^(create|add) ' | ipset restore || exit 1
printf '%s\\n' "$all" | sed '1,/^## iptables/d' | {restore} || exit 1
echo '## ipset'; ipset save
echo '## iptables'; {save}
"""


def why_not() -> str:
    """Why nothing can be loaded here, "" when it can."""
    missing = [tool for tool in ("unshare", "ipset", *TOOLS[4], *TOOLS[6]) if shutil.which(tool) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    answer = run_alone("ipset create x hash:ip,port,net && iptables -A INPUT -m set --match-set x dst,dst,src", "")
    return f"a namespace does not take ip sets: {answer.stderr.strip()}" if answer.returncode else ""


@pytest.fixture(scope="module", autouse=True)
def kernel() -> None:
    reason = why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def knows_ipvs(kernel: None) -> bool:
    return run_alone("iptables -A OUTPUT -m ipvs --vaddr 192.0.2.1 -j DROP", "").returncode == 0


def written(program: IpvsProgram, knows_ipvs: bool) -> str:
    sets = "".join(render_ipset(each) for each in program.rules.sets.values())
    rules = render_iptables(program.rules).splitlines()
    kept = [line for line in rules if knows_ipvs or " -m ipvs " not in line]
    return "\n".join(["## ipset", sets.rstrip(), "## iptables", *kept, ""])


def differences(text: str, loaded: str, family: int) -> list[str]:
    restore, save = TOOLS[family]
    answer = run_alone(LOAD.format(restore=restore, save=save), loaded)
    assert answer.returncode == 0, answer.stderr
    found, entries = comparison()("ipvs", text, answer.stdout)
    assert entries > 30
    return found


@pytest.mark.parametrize("name", case_names())
def test_the_kernel_holds_what_was_written(name: str, knows_ipvs: bool) -> None:
    case = load_case(name)
    node = next(iter(case.control.nodes))
    for family in families_of(case.control, node):
        text = written(ipvs.build(case.control, case.settings, node, family), knows_ipvs)
        assert differences(text, text, family) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"external_policy": "Local", "external_ips": (EXTERNAL_IP,), "health_check_node_port": 32100},
        {"protocol": "SCTP", "external_policy": "Local"},
        {"protocol": "UDP", "external_policy": "Local", "external_ips": (EXTERNAL_IP,)},
        {"source_ranges": ("192.168.10.0/24", "198.51.100.7/32", "10.0.0.0/8")},
        {"source_ranges": ("198.51.100.0/24",)},
    ],
    ids=str,
)
@pytest.mark.parametrize("masquerade", [{}, {"masqueradeAll": True}, {"clusterCIDR": "", "masqueradeBit": 31}], ids=str)
def test_services_that_no_reference_case_has(
    fields: dict[str, Any], masquerade: dict[str, Any], knows_ipvs: bool
) -> None:
    text = written(made(cluster(balanced(**fields), BOTH), **masquerade), knows_ipvs)
    assert differences(text, text, 4) == []


def test_ipv6(knows_ipvs: bool) -> None:
    node = NodeState("node-1", ("fd00::b",), ("fd00::b",))
    web = service(
        cluster_ips=("fd00:10:96::1",),
        type="NodePort",
        node_port=30080,
        protocol="SCTP",
        external_ips=("2001:db8::7",),
        external_policy="Local",
    )
    text = written(made(cluster(web, (), {"node-1": node}), family=6), knows_ipvs)
    assert "KUBE-6-NODE-PORT-LOCAL-SCTP-HAS fd00::b,sctp:30080" in text
    assert differences(text, text, 6) == []


@pytest.mark.parametrize("seed", range(100, 115))
def test_random_clusters(seed: int, knows_ipvs: bool) -> None:
    control, settings = imported(manifests(seed))
    node = next(iter(control.nodes))
    for family in families_of(control, node):
        text = written(ipvs.build(control, settings, node, family), knows_ipvs)
        assert differences(text, text, family) == []


def test_a_difference_would_be_seen(knows_ipvs: bool) -> None:
    text = written(made(cluster(balanced(), BOTH, NODES)), knows_ipvs)
    for right, wrong in ((f"{BALANCER},tcp:80", f"{BALANCER},tcp:81"), ("dst,dst -j ACCEPT", "src,dst -j ACCEPT")):
        assert right in text
        assert differences(text, text.replace(right, wrong, 1), 4)
