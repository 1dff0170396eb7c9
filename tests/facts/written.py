"""The rules of one cluster as a Node holds them, read back from the text that the program writes.

On Flannel, whose addresses are arithmetic: Pods `a` 10.244.0.2 and `near` 10.244.0.3 on node-1, `far` 10.244.1.2 on
node-2. Services of `near` and `far`: `web` (all ways in, source ranges), `edge` (both policies Local, health check
port), `sticky` (affinity), `inner` (internal policy Local), `gone` (no endpoints), `away` (Local, on node-2 only).
"""

import re
from collections import defaultdict
from functools import cache
from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.kubeproxy import tables_text
from tests.engine.trace.clusters import cluster, make, pod, service

A, NEAR, FAR = "10.244.0.2", "10.244.0.3", "10.244.1.2"
NODE_1, BRIDGE_1, TUNNEL_1 = "192.168.10.11", "10.244.0.1", "10.244.0.0"
CLIENT, STRANGER = "203.0.113.7", "198.51.100.99"
EXTERNAL_IP = "198.51.100.7"
VIPS = {name: f"10.96.0.{80 + place}" for place, name in enumerate(("web", "edge", "sticky", "inner", "gone", "away"))}
BALANCERS = {"web": "192.168.10.200", "edge": "192.168.10.201", "gone": "192.168.10.202", "away": "192.168.10.203"}
NODE_PORTS = {"web": 30080, "edge": 30081, "gone": 30084, "away": 30085}
HEALTH = 32100


def _service(name: str, app: str = "web", **spec: Any) -> Any:
    ports = [{"port": 80, "targetPort": 8080, **({"nodePort": NODE_PORTS[name]} if name in NODE_PORTS else {})}]
    more: dict[str, Any] = {}
    if name in BALANCERS:
        more = {"type": "LoadBalancer", "status": {"loadBalancer": {"ingress": [{"ip": BALANCERS[name]}]}}}
    return service(name, app=app, clusterIP=VIPS[name], clusterIPs=[VIPS[name]], ports=ports, **more, **spec)


@cache
def written(mode: str, **proxy: Any) -> ClusterState:
    """The cluster in a mode of kube-proxy."""
    return cluster(
        pod("a", 1), pod("near", 1, app="web"), pod("far", 2, app="web"), pod("zed", 2, app="away"),
        _service("web", externalIPs=[EXTERNAL_IP], loadBalancerSourceRanges=["203.0.113.0/24"]),
        _service("edge", externalTrafficPolicy="Local", internalTrafficPolicy="Local", healthCheckNodePort=HEALTH),
        _service("sticky", sessionAffinity="ClientIP",
                 sessionAffinityConfig={"clientIP": {"timeoutSeconds": 600}}),
        _service("inner", internalTrafficPolicy="Local"),
        _service("gone", app="nobody"),
        _service("away", app="away", externalTrafficPolicy="Local", internalTrafficPolicy="Local"),
        service("bare", app="web", clusterIP="None", clusterIPs=["None"]),
        make("Service", "alias", {"type": "ExternalName", "externalName": "example.com"}),
        plugin="flannel", kubeProxy={"mode": mode, **proxy},
    )  # fmt: skip


def text(mode: str, node: str = "node-1", **proxy: Any) -> str:
    """What kube-proxy writes on a Node."""
    state = written(mode, **proxy)
    found, problems = tables_text(state.control, state.project.cluster, node, mode)
    assert not problems
    return found


Rules = dict[tuple[str, str], list[str]]


def chains(mode: str, node: str = "node-1", **proxy: Any) -> Rules:
    """(table, chain) → its rules without ``-A chain``, of everything in the syntax of iptables-restore."""
    found: Rules = defaultdict(list)
    table = ""
    for line in text(mode, node, **proxy).splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith("-A ") and table:
            _, chain, rule = line.split(" ", 2)
            found[table, chain].append(rule)
        elif line.startswith(":"):
            found[table, line[1:].split(" ")[0]] = []
        elif line == "COMMIT":
            table = ""
    return found


def jumps(rules: list[str]) -> list[str]:
    """Where rules go: their targets with what belongs to them."""
    return [f" {rule}".partition(" -j ")[2] for rule in rules]


def reached_from(found: Rules, table: str, chain: str) -> dict[str, str]:
    """The chains of a table that jump to a chain, each with the rule."""
    return {
        name: rule
        for (where, name), rules in found.items()
        for rule in rules
        if where == table and f" {rule}".endswith(f" -j {chain}")
    }


def own_chain(found: Rules, kind: str, name: str) -> str:
    """The chain of a kind (``KUBE-SVC-``) that belongs to a Service, by the comments of what jumps there."""
    pattern = re.compile(rf"default/{name}[ \"].* -j ({kind}\w+)$")
    known = {match[1] for rules in found.values() for rule in rules if (match := pattern.search(rule))}
    assert len(known) == 1, (kind, name, known)
    return known.pop()


def nft_chains(node: str = "node-1", **proxy: Any) -> dict[str, list[str]]:
    """Chain → its rules, of nftables mode."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in text("nftables", node, **proxy).splitlines():
        if match := re.match(r"add (chain|rule) ip kube-proxy (\S+) ?(.*)", line):
            rules = found[match[2]]
            if match[1] == "rule":
                rules.append(match[3])
    return found


def nft_elements(name: str, node: str = "node-1", **proxy: Any) -> list[str]:
    """The elements of a set or map, sorted, without comments."""
    lines = text("nftables", node, **proxy).splitlines()
    pattern = re.compile(rf"add element ip kube-proxy {re.escape(name)} {{ (.*) }}$")
    found = [match[1] for line in lines if (match := pattern.match(line))]
    return sorted(re.sub(r' comment "[^"]*"', "", element) for element in found)


def written_text(state: ClusterState, node: str = "node-1") -> str:
    """What kube-proxy writes on a Node of any cluster, in its mode."""
    found, problems = tables_text(state.control, state.project.cluster, node, state.project.cluster.kubeProxy.mode)
    assert not problems
    return found
