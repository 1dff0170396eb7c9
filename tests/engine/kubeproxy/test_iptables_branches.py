"""iptables mode by the branches of `syncProxyRules` and `writeServiceToEndpointRules`: pkg/proxy/iptables/proxier.go.

Each case is a small cluster of its own with all the rules that the branch makes for its Service on node-1.
"""

from typing import Any, NamedTuple

import pytest

from designer.engine.controlplane.state import EndpointState, LoadBalancerAddress
from tests.engine.kubeproxy.iptables_words import (
    AT_NODE,
    AT_NODE_PORT,
    MASQUERADED,
    TITLE,
    TO,
    at,
    choice,
    end,
    entering,
    made,
    outside,
    refused,
    to_cluster_ip,
)
from tests.engine.kubeproxy.small_cluster import (
    BALANCER,
    EXTERNAL_IP,
    NODE_1,
    NODE_2,
    POD_A,
    POD_B,
    cluster,
    endpoint,
    rules,
    service,
)

HERE, THERE = endpoint(POD_A), endpoint(POD_B)
LEAVING = endpoint(POD_A, ready=False, serving=True, terminating=True)
GONE = endpoint(POD_A, ready=False, serving=False, terminating=True)

NODE_PORT: dict[str, Any] = {"type": "NodePort", "node_port": 30080}
BALANCED: dict[str, Any] = {"type": "LoadBalancer", "load_balancer": (LoadBalancerAddress(BALANCER, None, "VIP"),)}
LOCAL: dict[str, Any] = {"external_policy": "Local"}
INSIDE: dict[str, Any] = {"internal_policy": "Local"}
RANGES = ("198.51.100.0/24", "192.168.10.0/24")


class Branch(NamedTuple):
    """A branch: the Service, its endpoints, the settings, and all rules that they make on node-1."""

    name: str
    fields: dict[str, Any]
    ends: tuple[EndpointState, ...]
    settings: dict[str, Any]
    expected: list[str]


BRANCHES = (
    Branch(
        "nothing anywhere: only rejections, no firewall chain, health checks answered all the same",
        {**BALANCED, **LOCAL, "node_port": 30080, "external_ips": (EXTERNAL_IP,), "source_ranges": RANGES,
         "health_check_node_port": 32000},
        (GONE,),
        {},
        [
            refused("KUBE-SERVICES", "endpoints", TO, "REJECT"),
            refused("KUBE-EXTERNAL-SERVICES", "endpoints", at(EXTERNAL_IP), "REJECT"),
            refused("KUBE-EXTERNAL-SERVICES", "endpoints", at(BALANCER), "REJECT"),
            refused("KUBE-EXTERNAL-SERVICES", "endpoints", AT_NODE, "REJECT"),
            f'filter KUBE-NODEPORTS "{TITLE} health check node port" -m tcp -p tcp --dport 32000 -j ACCEPT',
        ],
    ),
    Branch(
        "external Local without local endpoint: dropped from outside, short cut for Pods and the node",
        {**NODE_PORT, **LOCAL, "external_ips": (EXTERNAL_IP,)},
        (THERE,),
        {},
        [
            refused("KUBE-EXTERNAL-SERVICES", "local endpoints", at(EXTERNAL_IP), "DROP"),
            refused("KUBE-EXTERNAL-SERVICES", "local endpoints", AT_NODE, "DROP"),
            to_cluster_ip("SVC"),
            f'KUBE-SERVICES "{TITLE} external IP" {at(EXTERNAL_IP)} -j EXT',
            AT_NODE_PORT,
            *outside(),
            entering("SVC"),
            *choice("SVC", POD_B),
            *end(POD_B),
        ],
    ),
    Branch(
        "internal Local without local endpoint and nothing external: dropped, no chain at all",
        {**INSIDE},
        (THERE,),
        {},
        [refused("KUBE-SERVICES", "local endpoints", TO, "DROP")],
    ),
    Branch(
        "internal Local without local endpoint, node port with policy Cluster",
        {**NODE_PORT, **INSIDE},
        (THERE,),
        {},
        [
            refused("KUBE-SERVICES", "local endpoints", TO, "DROP"),
            AT_NODE_PORT,
            *MASQUERADED,
            *choice("SVC", POD_B),
            *end(POD_B),
        ],
    ),
    Branch(
        "both Local: the cluster IP enters KUBE-SVL, Pods and the node still reach all from outside addresses",
        {**NODE_PORT, **INSIDE, **LOCAL},
        (HERE, THERE),
        {},
        [
            to_cluster_ip("SVL"),
            AT_NODE_PORT,
            *outside("SVL"),
            *choice("SVC", POD_A, POD_B),
            entering("SVL"),
            *choice("SVL", POD_A),
            *end(POD_A),
            *end(POD_B),
        ],
    ),
    Branch(
        "internal Local, external Cluster",
        {**NODE_PORT, **INSIDE},
        (HERE, THERE),
        {},
        [
            to_cluster_ip("SVL"),
            AT_NODE_PORT,
            *MASQUERADED,
            *choice("SVC", POD_A, POD_B),
            entering("SVL"),
            *choice("SVL", POD_A),
            *end(POD_A),
            *end(POD_B),
        ],
    ),
    Branch(
        "policy Local falls back to a terminating endpoint by itself, policy Cluster does not",
        {**NODE_PORT, **LOCAL},
        (LEAVING, THERE),
        {},
        [
            to_cluster_ip("SVC"),
            AT_NODE_PORT,
            *outside("SVL"),
            entering("SVC"),
            *choice("SVC", POD_B),
            *choice("SVL", POD_A),
            *end(POD_A),
            *end(POD_B),
        ],
    ),
    Branch(
        "masqueradeAll beats the detection of local traffic",
        {},
        (HERE,),
        {"masqueradeAll": True},
        [to_cluster_ip("SVC"), entering("SVC", ""), *choice("SVC", POD_A), *end(POD_A)],
    ),
    Branch(
        "local traffic is not detected: nothing is masqueraded on the cluster IP, Pods have no short cut",
        {**NODE_PORT, **LOCAL},
        (HERE,),
        {"clusterCIDR": ""},
        [
            to_cluster_ip("SVC"),
            AT_NODE_PORT,
            *outside("SVL", pods=None),
            *choice("SVC", POD_A),
            *choice("SVL", POD_A),
            *end(POD_A),
        ],
    ),
    Branch(
        "local traffic by bridge",
        {**NODE_PORT, **LOCAL},
        (HERE,),
        {"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"},
        [
            to_cluster_ip("SVC"),
            AT_NODE_PORT,
            *outside("SVL", pods="-i cni0 "),
            entering("SVC", "! -i cni0 "),
            *choice("SVC", POD_A),
            *choice("SVL", POD_A),
            *end(POD_A),
        ],
    ),
    Branch(
        "local traffic by prefix of interface names",
        {},
        (HERE,),
        {"detectLocalMode": "InterfaceNamePrefix", "interfaceNamePrefix": "cali"},
        [to_cluster_ip("SVC"), entering("SVC", "! -i cali+ "), *choice("SVC", POD_A), *end(POD_A)],
    ),
    Branch(
        "local traffic by the node's own podCIDR",
        {},
        (HERE,),
        {"detectLocalMode": "NodeCIDR"},
        [to_cluster_ip("SVC"), entering("SVC", "! -s 10.244.1.0/24 "), *choice("SVC", POD_A), *end(POD_A)],
    ),
    Branch(
        "source ranges with the node in one: its own balancer addresses too; node port and external IP unfiltered",
        {**BALANCED, "node_port": 30080, "external_ips": (EXTERNAL_IP,), "source_ranges": ("2001:db8::/32", *RANGES),
         "load_balancer": (LoadBalancerAddress(BALANCER, None, "VIP"), LoadBalancerAddress("203.0.113.11", None, "VIP"),
                           LoadBalancerAddress("203.0.113.12", None, "Proxy"), LoadBalancerAddress(None, "lb", "VIP"))},
        (THERE,),
        {},
        [
            f'filter KUBE-PROXY-FIREWALL "{TITLE} traffic not accepted by FW" {at(BALANCER)} -j DROP',
            f'filter KUBE-PROXY-FIREWALL "{TITLE} traffic not accepted by FW" {at("203.0.113.11")} -j DROP',
            to_cluster_ip("SVC"),
            f'KUBE-SERVICES "{TITLE} external IP" {at(EXTERNAL_IP)} -j EXT',
            f'KUBE-SERVICES "{TITLE} loadbalancer IP" {at(BALANCER)} -j FW',
            f'KUBE-SERVICES "{TITLE} loadbalancer IP" {at("203.0.113.11")} -j FW',
            AT_NODE_PORT,
            *MASQUERADED,
            f'FW "{TITLE} loadbalancer IP" -s 198.51.100.0/24 -j EXT',
            f'FW "{TITLE} loadbalancer IP" -s 192.168.10.0/24 -j EXT',
            f'FW "{TITLE} loadbalancer IP" -s {BALANCER} -j EXT',
            f'FW "{TITLE} loadbalancer IP" -s 203.0.113.11 -j EXT',
            f'FW "other traffic to {TITLE} will be dropped by KUBE-PROXY-FIREWALL"',
            entering("SVC"),
            *choice("SVC", POD_B),
            *end(POD_B),
        ],
    ),
    *(
        Branch(
            f"no firewall chain with {ranges}",
            {**BALANCED, "source_ranges": ranges},
            (HERE,),
            {},
            [
                to_cluster_ip("SVC"),
                f'KUBE-SERVICES "{TITLE} loadbalancer IP" {at(BALANCER)} -j EXT',
                *MASQUERADED,
                entering("SVC"),
                *choice("SVC", POD_A),
                *end(POD_A),
            ],
        )
        for ranges in (("2001:db8::/32",), ("198.51.100.0/24", "0.0.0.0/0"), ("10.0.0.0/0",), ("nonsense",))
    ),
    Branch(
        "source ranges and policy Local without local endpoint: filtered first, then dropped",
        {**BALANCED, **LOCAL, "source_ranges": ("198.51.100.0/24",)},
        (THERE,),
        {},
        [
            refused("KUBE-EXTERNAL-SERVICES", "local endpoints", at(BALANCER), "DROP"),
            f'filter KUBE-PROXY-FIREWALL "{TITLE} traffic not accepted by FW" {at(BALANCER)} -j DROP',
            to_cluster_ip("SVC"),
            f'KUBE-SERVICES "{TITLE} loadbalancer IP" {at(BALANCER)} -j FW',
            *outside(),
            f'FW "{TITLE} loadbalancer IP" -s 198.51.100.0/24 -j EXT',
            f'FW "other traffic to {TITLE} will be dropped by KUBE-PROXY-FIREWALL"',
            entering("SVC"),
            *choice("SVC", POD_B),
            *end(POD_B),
        ],
    ),
    Branch(
        "session affinity goes before the choice in both policies' chains",
        {**NODE_PORT, **LOCAL, "affinity_seconds": 600},
        (HERE, THERE),
        {},
        [
            to_cluster_ip("SVC"),
            AT_NODE_PORT,
            *outside("SVL"),
            entering("SVC"),
            *(f'SVC "{TITLE} -> {ip}:8080" -m recent --name SEP@{ip} --rcheck --seconds 600 --reap -j SEP@{ip}'
              for ip in (POD_A, POD_B)),
            *choice("SVC", POD_A, POD_B),
            f'SVL "{TITLE} -> {POD_A}:8080" -m recent --name SEP@{POD_A} --rcheck --seconds 600 --reap -j SEP@{POD_A}',
            *choice("SVL", POD_A),
            *(text.replace("-m tcp", f"-m recent --name SEP@{ip} --set -m tcp")
              for ip in (POD_A, POD_B) for text in end(ip)),
        ],
    ),
    Branch(
        "feature gate AllowServiceExternalIPs off: as if there were no external IPs",
        {**LOCAL, "external_ips": (EXTERNAL_IP,)},
        (HERE, THERE),
        {"allowServiceExternalIPs": False},
        [to_cluster_ip("SVC"), entering("SVC"), *choice("SVC", POD_A, POD_B), *end(POD_A), *end(POD_B)],
    ),
    Branch(
        "hints that lend this node's endpoint away count for policy Cluster alone",
        {**NODE_PORT, **LOCAL},
        (endpoint(POD_A, for_zones=("b",)), endpoint(POD_B, for_zones=("a",))),
        {},
        [
            to_cluster_ip("SVC"),
            AT_NODE_PORT,
            *outside("SVL"),
            entering("SVC"),
            *choice("SVC", POD_B),
            *choice("SVL", POD_A),
            *end(POD_A),
            *end(POD_B),
        ],
    ),
    Branch(
        "no node port allocated, no balancer address yet: only the cluster IP, all the same a health check port",
        {"type": "LoadBalancer", **LOCAL, "health_check_node_port": 32000},
        (THERE,),
        {},
        [
            f'filter KUBE-NODEPORTS "{TITLE} health check node port" -m tcp -p tcp --dport 32000 -j ACCEPT',
            to_cluster_ip("SVC"),
            entering("SVC"),
            *choice("SVC", POD_B),
            *end(POD_B),
        ],
    ),
)  # fmt: skip


@pytest.mark.parametrize("branch", BRANCHES, ids=[branch.name for branch in BRANCHES])
def test_the_rules_of_a_branch(branch: Branch) -> None:
    program = rules(cluster(service(**branch.fields), branch.ends), **branch.settings)
    assert made(program) == branch.expected


def test_a_node_outside_the_ranges_gets_no_rule_for_its_own_balancer_address() -> None:
    """`syncProxyRules`: allowFromNode asks for the node's primary address of the family, whatever else it has."""
    web = service(**BALANCED, source_ranges=("192.168.10.12/32",))
    texts = {
        node: [t for t in made(rules(cluster(web, [HERE]), node)) if t.startswith("FW")]
        for node in ("node-1", "node-2")
    }
    own = f'FW "{TITLE} loadbalancer IP" -s {BALANCER} -j EXT'
    assert (NODE_1, NODE_2) == ("192.168.10.11", "192.168.10.12")
    assert own not in texts["node-1"]
    assert own in texts["node-2"]
