"""With which address a Node's own packets reach Pods of other Nodes (`domain/cni.md` section 6, hop list D)."""

from typing import Any

import pytest

from designer.engine.cni import NodeSenders, profile_for
from designer.engine.controlplane.state import NodeState
from designer.model import ClusterSettings, FrozenMap


def senders(cni: dict[str, Any], **settings: Any) -> NodeSenders:
    """Three Nodes: two in one subnet, one in another; each has a device address of each family."""
    made = ClusterSettings.model_validate({"cni": cni, "nodeNetwork": "192.0.2.0/25", **settings})
    nodes = {
        name: NodeState(
            name, (f"192.0.2.{last}", f"2001:db8::{last}"), (), ("10.244.0.0/16",), (f"10.244.{last}.1",), (),
            (f"10.244.{last}.0/26",),
        )
        for name, last in (("a", 1), ("b", 2), ("far", 200))
    }  # fmt: skip
    return NodeSenders(profile_for(made), made, FrozenMap(nodes))


@pytest.mark.parametrize(
    ("cni", "near", "far"),
    [
        ({"plugin": "calico", "backend": "vxlan"}, True, True),
        ({"plugin": "calico", "backend": "ipip"}, True, True),
        ({"plugin": "calico", "backend": "bgp"}, False, False),
        ({"plugin": "calico", "backend": "vxlan-crosssubnet"}, False, True),  # wrapped between subnets only
        ({"plugin": "calico", "backend": "ipip-crosssubnet"}, False, True),
        ({"plugin": "flannel", "backend": "vxlan"}, True, True),
        ({"plugin": "flannel", "backend": "vxlan", "directRouting": True}, False, True),
        ({"plugin": "flannel", "backend": "host-gw"}, False, False),
        ({"plugin": "weave"}, True, True),  # the bridge reaches over all Nodes
        ({"plugin": "cilium", "backend": "vxlan"}, None, None),  # it goes by identities
    ],
)
def test_the_way_between_two_nodes(cni: dict[str, Any], near: bool | None, far: bool | None) -> None:
    found = senders(cni)
    assert (found.way("a", "b"), found.way("a", "far")) == (near, far)


def test_nodes_on_the_same_link_stand_alike() -> None:
    found = senders({"plugin": "calico", "backend": "vxlan-crosssubnet"})
    assert found.link("a") == found.link("b") != found.link("far")


def test_what_is_only_assumed_says_nothing() -> None:
    """The plugin, or whether the Nodes stand in one subnet."""
    assert senders({"plugin": "calico", "backend": "vxlan"}, assumed=["setting:cni"]).way("a", "b") is None
    wide = {"nodeNetwork": "192.0.0.0/16", "assumed": ["setting:nodeNetwork"]}
    found = senders({"plugin": "calico", "backend": "vxlan-crosssubnet"}, **wide)
    assert found.way("a", "b") is False, "in one /24, which is taken for one subnet"
    nodes = found.nodes.set("wide", NodeState("wide", ("192.0.9.1",), ()))
    again = NodeSenders(found.profile, found.settings, nodes)
    assert again.way("a", "wide") is None
    assert again.link("a") != again.link("wide")


def test_no_way_is_known_to_a_node_that_is_not_there() -> None:
    found = senders({"plugin": "calico", "backend": "vxlan"})
    assert found.way("a", "elsewhere") is None and found.way("elsewhere", "a") is None
    assert found.carried("elsewhere") == ()


def test_the_address_is_that_of_the_device() -> None:
    """IPIP wraps IPv4 alone, so that IPv6 leaves from the Node's own address."""
    both = {"podCIDRs": ["10.244.0.0/16", "fd00::/48"]}
    assert senders({"plugin": "calico", "backend": "ipip"}, **both).carried("a") == ("10.244.1.1", "2001:db8::1")
    assert senders({"plugin": "calico", "backend": "bgp"}).carried("a") == ("192.0.2.1", "2001:db8::1")


def test_an_address_that_nobody_knows_is_marked_as_such() -> None:
    """Over VXLAN IPv6 leaves from a device of its own, whose address nothing here says."""
    both = {"podCIDRs": ["10.244.0.0/16", "fd00::/48"]}
    assert senders({"plugin": "calico", "backend": "vxlan"}, **both).carried("a") == ("10.244.1.1", "::")
