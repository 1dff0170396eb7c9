"""Node addresses and podCIDRs: domain/ipam.md, "Node podCIDR (nodeipam RangeAllocator)"."""

from dataclasses import replace

from designer.engine.controlplane import control_plane
from designer.model import Project
from tests.engine.controlplane.clusters import FLANNEL, allocated, codes, nodes, project, thing


def cidrs(start: Project) -> dict[str, tuple[str, ...]]:
    return {name: record.podCIDRs for name, record in start.ledger.nodes.items()}


def test_a_node_without_address_gets_one_from_11_upward() -> None:
    done, _ = allocated(project(*nodes(2)))
    assert [r.addresses for r in done.ledger.nodes.values()] == [("192.168.10.11",), ("192.168.10.12",)]


def test_the_addresses_of_a_dual_stack_node_have_the_same_host_number() -> None:
    both = ("10.244.0.0/16", "fd00:10:244::/48")
    done, _ = allocated(project(*nodes(1), podCIDRs=both))
    assert done.ledger.nodes["node-1"].addresses == ("192.168.10.11", "fd00:192:168:10::b")


def test_a_given_internal_ip_is_kept_and_not_handed_out_again() -> None:
    given = thing("Node", "zoe", status={"addresses": [{"type": "InternalIP", "address": "192.168.10.11"}]})
    done, _ = allocated(project(given, *nodes(1)))
    assert control_plane(done)[0].nodes["zoe"].addresses == ("192.168.10.11",)
    assert done.ledger.nodes["node-1"].addresses == ("192.168.10.12",)


def test_block_0_goes_to_the_first_node() -> None:
    done, _ = allocated(project(*nodes(3)))
    assert cidrs(done) == {"node-1": ("10.244.0.0/24",), "node-2": ("10.244.1.0/24",), "node-3": ("10.244.2.0/24",)}


def test_nodes_are_taken_in_the_natural_order_of_their_names() -> None:
    done, _ = allocated(project(*nodes(10)))
    assert cidrs(done)["node-10"] == ("10.244.9.0/24",)


def test_the_worked_example_fifth_node_of_a_22_gets_cidr_not_available() -> None:
    done, problems = allocated(project(*nodes(5), podCIDRs=["10.244.0.0/22"], **FLANNEL))
    assert cidrs(done) == {
        "node-1": ("10.244.0.0/24",),
        "node-2": ("10.244.1.0/24",),
        "node-3": ("10.244.2.0/24",),
        "node-4": ("10.244.3.0/24",),
        "node-5": (),
    }
    assert [(p.code, p.severity, p.object) for p in problems] == [("IP-05", "error", "Node:node-5")]
    assert "CIDRNotAvailable" in problems[0].title


def test_exhaustion_is_only_a_warning_where_the_plugin_needs_no_pod_cidr() -> None:
    _, problems = allocated(project(*nodes(5), podCIDRs=["10.244.0.0/22"], cni={"plugin": "weave"}))
    assert [(p.code, p.severity) for p in problems] == [("IP-05", "warning")]


def test_next_fit_a_freed_block_is_not_reused_until_the_pointer_wraps() -> None:
    done, _ = allocated(project(*nodes(2), podCIDRs=["10.244.0.0/22"]))
    done, _ = allocated(done.without("Node:node-1"))
    done, _ = allocated(done.with_object(thing("Node", "node-3")))
    assert cidrs(done)["node-3"] == ("10.244.2.0/24",)
    done, _ = allocated(done.with_objects([thing("Node", "node-4"), thing("Node", "node-5")]))
    assert cidrs(done)["node-4"] == ("10.244.3.0/24",)
    assert cidrs(done)["node-5"] == ("10.244.0.0/24",)


def test_blocks_that_overlap_the_service_range_are_skipped_without_an_error() -> None:
    done, problems = allocated(project(*nodes(2), podCIDRs=["10.96.0.0/14"], serviceCIDRs=["10.96.0.0/23"]))
    assert cidrs(done) == {"node-1": ("10.96.2.0/24",), "node-2": ("10.96.3.0/24",)}
    assert not problems


def test_a_pre_set_pod_cidr_is_only_marked_as_used() -> None:
    given = thing("Node", "zoe", spec={"podCIDR": "10.244.0.0/24"})
    done, problems = allocated(project(given, *nodes(1)))
    assert cidrs(done) == {"node-1": ("10.244.1.0/24",), "zoe": ("10.244.0.0/24",)}
    assert not problems


def test_a_pre_set_pod_cidr_outside_the_cluster_cidr_is_a_problem_with_the_upstream_text() -> None:
    given = thing("Node", "zoe", spec={"podCIDRs": ["10.99.0.0/24"]})
    done, problems = allocated(project(given, **FLANNEL))
    assert cidrs(done) == {"zoe": ("10.99.0.0/24",)}
    assert codes(problems) == ["IP-05"]
    assert "cidr 10.99.0.0/24 is out the range of cluster cidr 10.244.0.0/16" in problems[0].title


def test_dual_stack_has_one_set_a_cluster_cidr() -> None:
    both = ("10.244.0.0/16", "fd00:10:244::/48")
    given = thing("Node", "zoe", spec={"podCIDRs": ["10.244.0.0/24", "fd00:10:244:7::/64"]})
    done, _ = allocated(project(given, *nodes(2), podCIDRs=both))
    assert cidrs(done)["node-1"] == ("10.244.1.0/24", "fd00:10:244::/64")
    assert cidrs(done)["node-2"] == ("10.244.2.0/24", "fd00:10:244:1::/64")


def test_an_ipv6_node_mask_more_than_16_bits_longer_than_the_cluster_mask_gives_no_block() -> None:
    _, problems = allocated(
        project(*nodes(1), podCIDRs=["fd00:10:244::/47"], serviceCIDRs=["fd00:96::/112"], **FLANNEL)
    )
    assert codes(problems) == ["IP-05"]
    done, problems = allocated(project(*nodes(1), podCIDRs=["fd00:10:244::/48"], serviceCIDRs=["fd00:96::/112"]))
    assert (cidrs(done), codes(problems)) == ({"node-1": ("fd00:10:244::/64",)}, [])


def test_changing_the_mask_does_not_resize_existing_nodes() -> None:
    done, _ = allocated(project(*nodes(1)))
    wider = replace(done, cluster=done.cluster.replace(nodeCIDRMaskV4=25))
    done, _ = allocated(wider.with_object(thing("Node", "node-2")))
    assert cidrs(done) == {"node-1": ("10.244.0.0/24",), "node-2": ("10.244.1.0/25",)}


def test_both_families_are_given_or_none() -> None:
    both = ("10.244.0.0/24", "fd00:10:244::/48")
    done, problems = allocated(project(*nodes(2), podCIDRs=both, **FLANNEL))
    assert cidrs(done) == {"node-1": ("10.244.0.0/24", "fd00:10:244::/64"), "node-2": ()}
    assert codes(problems) == ["IP-05"]
