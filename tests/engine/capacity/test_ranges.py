"""Ranges with what is used, reserved and free: counted by hand, and against a slow count of every address."""

from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

from designer.engine.capacity import RangeUse, range_uses
from designer.engine.capacity.ranges import Numbers, Spans
from designer.engine.compile import compile_project
from designer.model import KubeObject
from tests.engine.controlplane.clusters import deployment, nodes, project, service


def uses(*objects: KubeObject, **cluster: Any) -> dict[tuple[str, str, str], RangeUse]:
    found = range_uses(compile_project(project(*objects, **cluster)))
    return {(use.range, use.owner, use.part): use for use in found}


def test_a_node_range_of_flannel() -> None:
    found = uses(*nodes(2), deployment("web", 5), cni={"plugin": "flannel", "backend": "vxlan"})
    # domain/ipam.md 3: 253 of a /24 can be handed out.
    own = found["10.244.0.0/24", "node-1", ""]
    assert (own.size, own.used, own.reserved, own.free) == (256, 3, 3, 250)
    whole = found["10.244.0.0/16", "", ""]
    assert (whole.size, whole.used, whole.reserved) == (65536, 5, 6)


def test_the_bands_of_service_ranges_and_node_ports() -> None:
    found = uses(service("kubernetes"), service("web", type="NodePort"), serviceCIDRs=("10.0.0.0/24",))
    # domain/ipam.md 5, row 10.0.0.0/24, and 6.
    static, dynamic = found["10.0.0.0/24", "", "static band"], found["10.0.0.0/24", "", "dynamic band"]
    assert (static.size, static.used, dynamic.size, dynamic.used) == (16, 1, 238, 1)
    whole = found["10.0.0.0/24", "", ""]
    assert (whole.used, whole.reserved, whole.free) == (2, 2, 252)
    ports = found["30000-32767", "", ""]
    assert (ports.used, ports.size) == (1, 2768)
    assert (found["30000-32767", "", "static band"].size, found["30000-32767", "", "dynamic band"].used) == (86, 1)


def test_cells_sum_to_the_range_and_say_what_is_there() -> None:
    found = uses(*nodes(1), deployment("web", 3), cni={"plugin": "flannel", "backend": "vxlan"})
    own = found["10.244.0.0/24", "node-1", ""]
    cells = [own.cell(number, number) for number in range(own.first, own.last + 1)]
    assert [place for place, cell in enumerate(cells) if cell == (0, 1)] == [0, 1, 255]
    assert [place for place, cell in enumerate(cells) if cell == (1, 0)] == [2, 3, 4]


def test_counting_in_steps_is_counting_one_by_one() -> None:
    random = Random(7)
    for _ in range(200):
        taken = {random.randrange(60) for _ in range(random.randrange(20))}
        pairs = [(low, low + random.randrange(9)) for low in (random.randrange(55) for _ in range(random.randrange(6)))]
        kept = {number for low, high in pairs for number in range(low, high + 1)}
        use = RangeUse("x", "Pods", "", 4, 0, 63, "", "", Numbers(taken), Spans(pairs))
        low, high = sorted((random.randrange(64), random.randrange(64)))
        part = {*range(low, high + 1)}
        assert use.cell(low, high) == (len(part & taken), len(part & (kept - taken)))
        assert use.free == 64 - len(taken | kept)
        assert Spans(pairs).size == len(kept)


def test_what_is_handed_out_is_never_reserved() -> None:
    for plugin, backend in (("flannel", "vxlan"), ("calico", "vxlan"), ("cilium", "vxlan"), ("weave", "fastdp")):
        state = compile_project(
            project(*nodes(2), deployment("web", 40), cni={"plugin": plugin, "backend": backend}, maxPods=60)
        )
        addresses = [int(ip_address(ip)) for pod in state.control.pods.values() for ip in pod.ips]
        assert len(addresses) == 40
        whole = next(use for use in range_uses(state) if use.role == "Pods" and not use.owner)
        net = ip_network(whole.range)
        assert whole.size == net.num_addresses
        assert all(whole.kept.between(number, number) == 0 for number in addresses)
        assert whole.used == 40
