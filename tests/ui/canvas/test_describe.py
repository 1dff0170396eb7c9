"""What stands in a Node's header: `domain/ipam.md` section 4, where each plugin takes Pod addresses from."""

from ipaddress import ip_address, ip_network

import pytest

from designer.edits.settings import use_cni
from designer.engine.compile import compile_project
from designer.ui.canvas.describe import Describer
from tests.ui.canvas.projects import project_of


@pytest.mark.parametrize("plugin", ["flannel", "calico"])
def test_the_ranges_in_the_header_hold_the_addresses_of_the_nodes_pods(plugin: str) -> None:
    """Flannel's host-local takes them from the podCIDR, Calico from the node's own blocks."""
    state = compile_project(use_cni(project_of(), plugin).project)
    shown = Describer(state)
    seen = 0
    for node in state.control.nodes.values():
        facts = shown.node(node)
        ranges = [ip_network(text) for text in facts.corner.split(" ")]
        for pod in facts.pods:
            seen += 1
            assert any(ip_address(pod.ips[0]) in each for each in ranges)
    assert seen == 3
