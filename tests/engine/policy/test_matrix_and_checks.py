"""The matrix and the checks of single connections never differ: allowed, denied and cannot tell, on random clusters.

Pods of several Nodes, some with hostNetwork, policies of every kind, engines that leave things open. The checks are
held against slow readings of the specifications elsewhere; here each cell is held against the checks.
"""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from designer.engine.controlplane.enforcement import CALICO, CILIUM, FLANNEL, WEAVE, Enforcement
from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.policy.matchers import Peer
from designer.engine.policy.matrix import Connectivity, connectivity
from designer.engine.reach import Reach, explanations, undecided
from designer.model import ForeignObject
from tests.engine.policy import test_admin_specification as admin
from tests.engine.policy import test_calico_specification as calico
from tests.engine.policy import test_cilium_specification as cilium
from tests.engine.policy.agreement import plain_policies
from tests.engine.policy.cluster import Cluster, pod
from tests.engine.policy.foreign import CNP, foreign, tiered
from tests.engine.policy.test_against_specification import NAMESPACES, PORT_SPECS, labels, namespaces, policies

PROBES = (("TCP", 80), ("TCP", 81), ("TCP", 8080), ("TCP", 500), ("UDP", 80), ("UDP", 53), ("SCTP", 80), ("SCTP", 9))
ENGINES: tuple[Enforcement, ...] = (
    CALICO,
    CILIUM,
    WEAVE,
    FLANNEL,
    replace(CALICO, ip_block_matches_pods=None, ip_block_matches_nodes=None),
    replace(CALICO, node_to_pod_allowed=None, pod_to_node_allowed=False),
    replace(CILIUM, ip_block_matches_nodes=True, pod_to_node_allowed=True),
)
# (namespace, labels, container ports, number of the block, Node, whether it shares the Node's network)
people = st.lists(
    st.tuples(
        st.sampled_from(NAMESPACES), labels, st.sampled_from(PORT_SPECS), st.integers(0, 3),
        st.sampled_from(("n1", "n2", None)), st.booleans(),
    ),
    min_size=2,
    max_size=5,
)  # fmt: skip
entity = st.sampled_from(("host", "remote-node", "cluster", "all", "world", "kube-apiserver", "ingress"))


def members_of(found: list[Any]) -> list[PodState]:
    made = []
    for number, (space, have, spec, block, node, host) in enumerate(found):
        address = f"10.1.2.{'12'.index(node[1]) + 1 if node else 9}" if host else f"10.1.{block}.{number + 20}"
        one = pod(f"{space}/w{number}", have, address, "", {**spec, "hostNetwork": host})
        made.append(replace(one, node=node))
    return made


def cluster_of(kept: list[ForeignObject], plain: Any, members: list[PodState], spaces: Any, engine: Any) -> Cluster:
    nodes = [NodeState(name, (f"10.1.2.{n}",), (f"10.1.2.{n}",)) for n, name in ((1, "n1"), (2, "n2"))]
    return tiered(
        *kept, pods=members, policies=plain_policies(plain), namespaces=spaces, enforcement=engine, nodes=nodes
    )


def families_of(end: PodState | str) -> frozenset[bool]:
    """Whether the end has addresses of IPv6, of IPv4; both where none is known."""
    addresses = (end,) if isinstance(end, str) else end.ips
    return frozenset(":" in address for address in addresses) or frozenset((False, True))


def over(end: PodState | str, six: bool) -> PodState | str:
    """The end with its addresses of one family alone."""
    return end if isinstance(end, str) else replace(end, ips=tuple(ip for ip in end.ips if (":" in ip) is six))


def checked(c: Cluster, src: PodState | str, dst: PodState | str, protocol: str, port: int) -> bool | None:
    """Whether both checks let a connection pass; None where that cannot be told.

    A packet is of one family: both ends are asked over the same one, and where the families differ nothing is told.
    """
    common = families_of(src) & families_of(dst)
    if len(common) < 2 or isinstance(src, str) or isinstance(dst, str) or not (src.ips and dst.ips):
        return both_ends(c, src, dst, protocol, port)
    found = {both_ends(c, over(src, six), over(dst, six), protocol, port) for six in (False, True)}
    return found.pop() if len(found) == 1 else None


def both_ends(c: Cluster, src: PodState | str, dst: PodState | str, protocol: str, port: int) -> bool | None:
    ends = []
    for direction, subject, other in (("egress", src, dst), ("ingress", dst, src)):
        if not isinstance(subject, str):
            peer = Peer.of_address(other) if isinstance(other, str) else Peer.of_pod(other)
            ends.append(c.policies.check(direction, subject, peer, protocol, port).passes)  # type: ignore[arg-type]
    if False in ends:
        return False
    return None if None in ends else True


def holds(c: Cluster, members: list[PodState]) -> None:
    """Asserts that the matrix, and what explains it, say of every pair what the checks say."""
    assert "NP-90" not in {problem.code for problem in c.policies.problems}, "a refused policy tests nothing"
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers if peer.id}
    told = explained(c, matrix)
    ends: list[tuple[Any, Any]] = [(one, by_id[one.id]) for one in members]
    ranges = [(peer.text.partition("-")[0], peer) for peer in matrix.peers if peer.is_range]
    for src, left in (*ends, *ranges):
        row, open_row = matrix.numbers(left), matrix.undecided_numbers(left)
        for dst, right in (*ends, *ranges):
            if left is right or (left.is_range and right.is_range):
                continue
            sure, unsure = matrix.ports(left, right), matrix.undecided(left, right)
            place = matrix.layout.index[right.text]
            assert matrix.table[int(row[place])] == sure
            assert matrix.table[int(open_row[place])] == unsure
            for protocol, port in PROBES:
                expected = checked(c, src, dst, protocol, port)
                cell = True if (protocol, port) in sure else None if (protocol, port) in unsure else False
                assert cell is expected, (left.text, right.text, protocol, port)
                found = [
                    allowed for ports, allowed in told.get((left.text, right.text), ()) if (protocol, port) in ports
                ]
                assert found == [expected], (left.text, right.text, protocol, port)


def explained(c: Cluster, matrix: Connectivity) -> dict[tuple[str, str], list[Any]]:
    answer = Reach(matrix, c.policies, (), matrix.notes)
    found: dict[tuple[str, str], list[Any]] = {}
    every = list(explanations(answer))
    for one in every:
        found.setdefault((one.src, one.dst), []).append((one.ports, one.allowed))
    assert list(undecided(answer)) == [one for one in every if one.allowed is None]
    for one in every:
        if one.allowed is None:
            words = [end.reason for end in (one.egress, one.ingress) if end.verdict == "cannot-tell"]
            assert words and all(words), "what cannot be told has a reason"
    return found


RANDOM = settings(max_examples=35, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow], deadline=None)


@RANDOM
@given(policies, people, namespaces, st.sampled_from(ENGINES))
def test_network_policies(plain: Any, found: Any, spaces: Any, engine: Any) -> None:
    members = members_of(found)
    holds(cluster_of([], plain, members, spaces, engine), members)


@RANDOM
@given(admin.admin, policies, people, namespaces, st.booleans())
def test_cluster_network_policies(found: Any, plain: Any, who: Any, spaces: Any, tied: bool) -> None:
    """Also where two stand at one priority, which leaves open which of them wins."""
    members = members_of(who)
    made = [{**one, "priority": 7} for one in found] if tied else found
    kept = [foreign(CNP, "ClusterNetworkPolicy", f"c{n}", one) for n, one in enumerate(made)]
    holds(cluster_of(kept, plain, members, spaces, CALICO), members)


@RANDOM
@given(calico.calico, policies, people, namespaces, st.sampled_from((CALICO, ENGINES[4], ENGINES[5])), st.booleans())
def test_calico_policies(found: Any, plain: Any, who: Any, spaces: Any, engine: Any, by_account: bool) -> None:
    """Also where a policy may select a Pod, its service account being unknown, and where a rule cannot be read."""
    members = [with_account(one) for one in members_of(who)]
    kept = []
    for n, one in enumerate(found):
        spec = one.spec()
        if by_account and n == 0 and spec.get("ingress"):
            spec["ingress"][0]["http"] = {"methods": ["GET"]}
        if by_account and n == 1:
            spec["serviceAccountSelector"] = "team == 'x'"
        kind = "NetworkPolicy" if one.namespace else "GlobalNetworkPolicy"
        kept.append(foreign(calico.V3, kind, f"c{n}", spec, one.namespace))
    kept += [
        foreign(calico.V3, "Tier", name, {"order": calico.ORDERS[name], **({} if shut else {"defaultAction": "Pass"})})
        for name, shut in calico.TIERS
        if name in calico.ORDERS
    ]
    holds(cluster_of(kept, plain, members, spaces, engine), members)


def with_account(one: PodState) -> PodState:
    """Every second Pod has a service account whose labels nobody knows."""
    if one.name.endswith(("1", "3")):
        return replace(one, spec=one.spec.replace(serviceAccountName="robot"))
    return one


@RANDOM
@given(cilium.cilium, cilium.plain_policies, people, namespaces, st.sampled_from((CILIUM, ENGINES[6])), entity)
def test_cilium_policies(found: Any, plain: Any, who: Any, spaces: Any, engine: Any, name: str) -> None:
    """Also with entities of Nodes, denials of the own Node, and rules of layer 7."""
    members = members_of(who)
    kept = []
    for n, (own, spec) in enumerate(found):
        kind = "CiliumNetworkPolicy" if own else "CiliumClusterwideNetworkPolicy"
        kept.append(foreign(cilium.V2, kind, f"c{n}", spec, own))
    layer_7 = {"ports": [{"port": "81", "protocol": "TCP"}], "rules": {"http": [{}]}}
    extra = {
        "endpointSelector": {},
        "ingress": [{"fromEntities": [name], "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}]}],
        "egress": [{"toEntities": [name], "toPorts": [layer_7]}],
        "egressDeny": [{"toEntities": ["remote-node"]}] if name in ("host", "all") else [],
    }
    kept.append(foreign(cilium.V2, "CiliumClusterwideNetworkPolicy", "extra", extra))
    holds(cluster_of(kept, plain, members, spaces, engine), members)


@RANDOM
@given(admin.admin, policies, people, namespaces)
def test_policies_that_cannot_be_evaluated(found: Any, plain: Any, who: Any, spaces: Any) -> None:
    """Of a version that the engine is not known to read: what it concerns cannot be told."""
    members = members_of(who)
    later = "policy.networking.k8s.io/v1alpha9"
    kept = [foreign(later, "ClusterNetworkPolicy", f"c{n}", one) for n, one in enumerate(found)]
    holds(cluster_of(kept, plain, members, spaces, CALICO), members)
