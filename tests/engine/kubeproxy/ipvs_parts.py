"""ipvs mode for tests: the small cluster's program, and its parts picked out."""

from typing import Any

from designer.engine.controlplane.state import ControlPlaneState, Family, LoadBalancerAddress, ServiceState
from designer.engine.kubeproxy import ipvs
from designer.engine.netfilter import IpvsProgram, Program
from designer.engine.netfilter.render import render_rule
from tests.engine.kubeproxy.small_cluster import BALANCER, POD_A, POD_B, endpoint, service, settings

BOTH = [endpoint(POD_A), endpoint(POD_B)]
A, B = f"{POD_A}:8080", f"{POD_B}:8080"
NODE_PORT = {"type": "NodePort", "node_port": 30080}


def balanced(*addresses: str, **fields: Any) -> ServiceState:
    entries = tuple(LoadBalancerAddress(a) for a in addresses or (BALANCER,))
    return service(**{"type": "LoadBalancer", "node_port": 30080, "load_balancer": entries, **fields})


def made(control: ControlPlaneState, node: str = "node-1", family: Family = 4, **fields: Any) -> IpvsProgram:
    return ipvs.build(control, settings(**fields), node, family)


def servers(program: IpvsProgram) -> dict[str, list[str]]:
    """Virtual server → its real servers, as ``address:port``."""
    return {f"{s.address}:{s.port}": [f"{r.address}:{r.port}" for r in s.real] for s in program.servers}


def members(program: IpvsProgram) -> dict[str, tuple[str, ...]]:
    """The sets that have members."""
    return {name: each.members for name, each in program.rules.sets.items() if each.members}


def lines(rules: Program, table: str, chain: str) -> list[str]:
    found = rules.table(table)
    assert found is not None
    return [render_rule(rule, c.name) for c in found.all_chains() if c.name == chain for rule in c.rules]
