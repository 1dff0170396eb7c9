"""Addresses that stand twice in the input (`domain/ipam.md`, rule 3): a case that has it and one that has not."""

from typing import Any

from tests.engine.checks.clusters import obj, only, told


def node(name: str, cidr: str, address: str) -> dict[str, Any]:
    status: dict[str, Any] = {"addresses": [{"type": "InternalIP", "address": address}]}
    return obj("Node", name, spec={"podCIDR": cidr, "podCIDRs": [cidr]}, status=status)


def test_ip_18_two_nodes_with_one_range() -> None:
    one, two = node("a", "10.244.7.0/24", "192.168.10.51"), node("b", "10.244.7.128/25", "192.168.10.52")
    found = only("IP-18", one, two)
    assert found.object == "Node:b"
    assert "10.244.7.0/24" in found.title
    apart = node("b", "10.244.8.0/24", "192.168.10.52")
    assert told("IP-18", one, apart) == []


def test_ip_19_two_nodes_with_one_address() -> None:
    one, two = node("a", "10.244.7.0/24", "192.168.10.51"), node("b", "10.244.8.0/24", "192.168.10.51")
    assert only("IP-19", one, two).title == "Nodes a and b have the same address 192.168.10.51"
    assert told("IP-19", one, node("b", "10.244.8.0/24", "192.168.10.52")) == []
