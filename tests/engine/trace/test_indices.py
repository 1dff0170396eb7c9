"""Indices that are kept over edits hold what those made anew hold."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from designer.engine.cni.ranges import is_address
from designer.engine.controlplane.state import LoadBalancerAddress, PodState, ServicePortState, ServiceState
from designer.engine.trace.indices import PodIndices, ServiceIndices, pod_indices, service_indices
from designer.model import FrozenMap, PodSpec

IDS = st.sampled_from([f"p{number}" for number in range(5)])
ADDRESSES = st.sampled_from(["10.244.0.2", "10.244.0.3", "10.244.1.2", "fd00::2", "no address"])


def a_pod(name: str, node: str | None, ips: list[str], phase: str) -> PodState:
    return PodState(
        f"Pod:default/{name}", "default", name, node, tuple(ips), FrozenMap(), PodSpec(), phase=phase
    )  # fmt: skip


PODS = st.builds(
    a_pod,
    IDS,
    st.sampled_from([None, "node-1", "node-2"]),
    st.lists(ADDRESSES, max_size=2, unique=True),
    st.sampled_from(["Running", "Succeeded"]),
)


def a_service(name: str, ips: list[str], numbers: list[int], balanced: str | None) -> ServiceState:
    ports = tuple(ServicePortState(f"p{n}", "TCP", 80 + place, 80, n) for place, n in enumerate(numbers))
    entries = (LoadBalancerAddress(balanced),)
    return ServiceState("default", name, "LoadBalancer", tuple(ips), ports, load_balancer=entries)


SERVICES = st.builds(
    a_service,
    IDS,
    st.lists(st.sampled_from(["10.96.0.1", "10.96.0.2", "10.96.0.3"]), max_size=2, unique=True),
    st.lists(st.integers(30000, 30004), max_size=2, unique=True),
    st.sampled_from([None, "192.0.2.1", "10.96.0.1"]),
)


def with_thing(things: FrozenMap[str, Any], thing: Any, gone: bool) -> FrozenMap[str, Any]:
    """A map without the thing, or with it, in the order of the ids, as the control plane keeps it."""
    if gone:
        return things.patched([thing.id] if thing.id in things else [], {})
    return things.patched((), {thing.id: thing}, in_order=True)


def of_pods(found: PodIndices) -> tuple[Any, ...]:
    return {node: pods for node, pods in found.by_node.items() if pods}, found.by_ip, found.rivals_by_ip


def of_services(found: ServiceIndices) -> tuple[Any, ...]:
    return {ip: held for ip, held in found.by_ip.items() if held}, found.by_node_port, found.contested


@settings(max_examples=200)
@given(st.lists(st.tuples(PODS, st.booleans()), max_size=14))
def test_pods_edit_by_edit(edits: list[tuple[PodState, bool]]) -> None:
    pods: FrozenMap[str, PodState] = FrozenMap()
    kept = pod_indices(pods)
    for pod, gone in edits:
        pods = with_thing(pods, pod, gone)
        kept = pod_indices(pods, kept)
        assert of_pods(kept) == of_pods(pod_indices(pods))


@settings(max_examples=200)
@given(st.lists(st.tuples(SERVICES, st.booleans()), max_size=14))
def test_services_edit_by_edit(edits: list[tuple[ServiceState, bool]]) -> None:
    services: FrozenMap[str, ServiceState] = FrozenMap()
    kept = service_indices(services)
    for service, gone in edits:
        services = with_thing(services, service, gone)
        kept = service_indices(services, kept)
        assert of_services(kept) == of_services(service_indices(services))


def test_what_is_an_address() -> None:
    for text in ("10.244.0.1", "255.255.255.255", "0.0.0.0", "fd00::1", "::ffff:10.0.0.1"):
        assert is_address(text), text
    for text in ("256.1.1.1", "1.2.3", "01.2.3.4", "", "node-1", "10.0.0.1/24"):
        assert not is_address(text), text


def test_of_two_services_with_a_node_port_the_first_by_id_has_it() -> None:
    first, second = a_service("a", [], [30000], None), a_service("b", [], [30000], None)
    both = FrozenMap({first.id: first, second.id: second})
    found = service_indices(both, service_indices(FrozenMap({second.id: second})))
    assert found.by_node_port[("TCP", 30000)] is first and found.contested
    alone = service_indices(both.patched([first.id], {}), found)
    assert alone.by_node_port[("TCP", 30000)] is second and not alone.contested
