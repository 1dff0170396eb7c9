"""The matrix and the checks agree where it hangs on the address with which a Node's packets come: random clusters.

Which way packets take between two Nodes is drawn too: by the Node's own address, by that of a device, or not known.
"""

from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from designer.engine.controlplane.enforcement import CALICO, MadeUp
from designer.engine.controlplane.madeup import POD_PLACES
from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.policy.owners import AddressOwners
from tests.engine.policy import test_calico_specification as calico
from tests.engine.policy.agreement import plain_policies
from tests.engine.policy.cluster import Cluster, pod
from tests.engine.policy.foreign import foreign, tiered
from tests.engine.policy.test_against_specification import NAMESPACES, labels, namespaces, policies
from tests.engine.policy.test_matrix_and_checks import holds

NODES = ("n1", "n2", "n3")
# Addresses inside and outside of the blocks that policies are drawn with; "" is none of the family, 0.0.0.0 an unknown.
DEVICES = ("10.1.3.7", "203.0.113.70", "192.0.2.9", "0.0.0.0")
SIX = ("", "2001:db8::1", "fd00::7")


@dataclass(frozen=True)
class Drawn:
    """Ways by pair of Nodes, and device addresses by Node."""

    ways: dict[tuple[str, str], bool | None]
    held: dict[str, tuple[str, ...]]

    def way(self, node: str, other: str) -> bool | None:
        return self.ways.get((node, other))

    def carried(self, node: str) -> tuple[str, ...]:
        """The device's addresses; the Node's own where the device has none in the family (`Senders.carried`)."""
        held = self.held.get(node, ())
        own = () if any(":" in address for address in held) else (f"2001:db8::{node[1]}",)
        return (*held, *own) if held else ()

    def link(self, node: str) -> str:
        return node


pairs = [(a, b) for a in NODES for b in NODES if a != b]
senders = st.builds(
    Drawn,
    st.fixed_dictionaries({pair: st.sampled_from((True, False, None)) for pair in pairs}),
    st.fixed_dictionaries(
        {
            name: st.tuples(st.sampled_from(DEVICES), st.sampled_from(SIX)).map(lambda two: tuple(filter(None, two)))
            for name in NODES
        }
    ),
)
people = st.lists(
    st.tuples(
        st.sampled_from(NAMESPACES), labels, st.sampled_from((*NODES, None)), st.booleans(), st.integers(0, 3),
        st.sampled_from(SIX),
    ),
    min_size=3,
    max_size=6,
)  # fmt: skip
# Every namespace has a policy that tells addresses apart, beside those that are drawn.
walls = st.tuples(
    *(
        st.sampled_from(
            (
                {"cidr": "10.1.0.0/16", "except": ["10.1.2.0/24"]},
                {"cidr": "10.1.2.0/25"},
                {"cidr": "0.0.0.0/0", "except": ["10.1.2.0/24"]},
                {"cidr": "203.0.113.0/24"},
                {"cidr": "2001:db8::/32"},
            )
        ).map(lambda block, name=name: (name, {"podSelector": {}, "ingress": [{"from": [{"ipBlock": block}]}]}))  # type: ignore[misc]
        for name in NAMESPACES
    )
).map(list)
RANDOM = settings(max_examples=12, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow], deadline=None)


def members_of(found: list[Any]) -> list[PodState]:
    made = []
    for number, (space, have, node, host, block, six) in enumerate(found):
        four = f"10.1.2.{NODES.index(node) + 1 if node else 9}" if host else f"10.1.{block}.{number + 20}"
        if host and node:
            six = f"2001:db8::{node[1]}"
        one = pod(f"{space}/w{number}", have, four, "", {"hostNetwork": host})
        made.append(replace(one, node=node, ips=(four, *filter(None, (six,)))))
    return made


def sending(c: Cluster, drawn: Drawn) -> Cluster:
    owners = AddressOwners(c.control.pods, c.control.nodes, drawn)
    return replace(c, policies=replace(c.policies, owners=owners))


def cluster_of(kept: Any, plain: Any, members: Any, spaces: Any, drawn: Drawn, invented: bool) -> Cluster:
    nodes = [NodeState(f"n{n}", (f"10.1.2.{n}", f"2001:db8::{n}"), ()) for n in (1, 2, 3)]
    made_up = (MadeUp(ip_network("10.1.0.0/16"), POD_PLACES),) if invented else ()
    engine = replace(CALICO, made_up=made_up, pod_ranges=POD_PLACES)
    found = tiered(
        *kept, pods=members, policies=plain_policies(plain), namespaces=spaces, enforcement=engine, nodes=nodes
    )
    return sending(found, drawn)


@RANDOM
@given(walls, policies, people, namespaces, senders, st.booleans())
def test_network_policies(wall: Any, plain: Any, found: Any, spaces: Any, drawn: Drawn, invented: bool) -> None:
    members = members_of(found)
    holds(cluster_of([], [*wall, *plain], members, spaces, drawn, invented), members)


@RANDOM
@given(walls, calico.calico, people, namespaces, senders)
def test_calico_policies(wall: Any, found: Any, who: Any, spaces: Any, drawn: Drawn) -> None:
    members = members_of(who)
    kept = []
    for n, one in enumerate(found):
        kind = "NetworkPolicy" if one.namespace else "GlobalNetworkPolicy"
        kept.append(foreign(calico.V3, kind, f"c{n}", one.spec(), one.namespace))
    holds(cluster_of(kept, wall, members, spaces, drawn, True), members)
