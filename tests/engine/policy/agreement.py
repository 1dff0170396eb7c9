"""Checks and matrix of a cluster, each held against what a specification says of every pair."""

from collections.abc import Callable, Iterable
from typing import Any

from designer.engine.controlplane.state import PodState
from designer.engine.policy.matrix import connectivity
from designer.model import NetworkPolicy
from tests.engine.policy.cluster import Cluster, pod

# (direction, the Pod that is asked about, the other end, protocol, port) → whether the specification lets it pass.
Allowed = Callable[[str, PodState, PodState | str, str, int], bool]
PROTOCOLS = ("TCP", "UDP", "SCTP")


def plain_policies(found: list[tuple[str, dict[str, Any]]]) -> list[NetworkPolicy]:
    """NetworkPolicies of a strategy's (namespace, spec)."""
    return [
        NetworkPolicy.model_validate({"metadata": {"name": f"p{n}", "namespace": namespace}, "spec": spec})
        for n, (namespace, spec) in enumerate(found)
    ]


def members_of(people: list[Any]) -> list[PodState]:
    """Pods of a strategy's (namespace, labels, spec, number of the block)."""
    return [
        pod(f"{namespace}/w{n}", labels, f"10.1.{block}.{n + 1}", f"n{n}", spec=spec)
        for n, (namespace, labels, spec, block) in enumerate(people)
    ]


def checks_agree(
    c: Cluster, members: list[PodState], outside: Iterable[str], protocol: str, number: int, allowed: Allowed
) -> None:
    """Asserts that every check of every Pod with every end says what the specification says."""
    for subject in members:
        ends: list[PodState | str] = [*members, *outside]
        for end in ends:
            if end is not subject:
                for ask, direction in ((c.ingress, "ingress"), (c.egress, "egress")):
                    expected = allowed(direction, subject, end, protocol, number)
                    assert (ask(subject, end, number, protocol).value == "allowed") is expected


def matrix_agrees(
    c: Cluster, members: list[PodState], numbers: Iterable[int], far_numbers: Iterable[int], allowed: Allowed
) -> None:
    """Asserts the same of the matrix: `numbers` between Pods, `far_numbers` with both ends of each address range."""
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers if peer.id}
    for source in members:
        for target in members:
            if source is target:
                continue
            cell = matrix.ports(by_id[source.id], by_id[target.id])
            for protocol in PROTOCOLS:
                for number in numbers:
                    both = allowed("egress", source, target, protocol, number) and allowed(
                        "ingress", target, source, protocol, number
                    )
                    assert ((protocol, number) in cell) is both
        for far in (peer for peer in matrix.peers if peer.is_range):
            out, into = matrix.ports(by_id[source.id], far), matrix.ports(far, by_id[source.id])
            for address in far.text.split("-"):
                for number in far_numbers:
                    assert (("TCP", number) in out) is allowed("egress", source, address, "TCP", number)
                    assert (("TCP", number) in into) is allowed("ingress", source, address, "TCP", number)
