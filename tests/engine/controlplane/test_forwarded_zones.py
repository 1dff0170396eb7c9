"""Names of the cluster's zone that a server hands on to another: what that one says is not known (plugin/forward)."""

import pytest

from tests.engine.controlplane.test_corefile import look
from tests.engine.trace.test_node_cache import LOCAL, VIP, cache, shop
from tests.engine.trace.test_node_cache import look as look_in

ELSEWHERE = ".:53 {\nkubernetes other.zone\nforward . 192.0.2.53\n}\n"


@pytest.mark.parametrize("name", ["cart", "cart.default", "cart.default.svc.cluster.local."])
def test_a_search_domain_in_the_zone_is_not_taken_to_lack_the_name(name: str) -> None:
    found = look(ELSEWHERE, name)
    assert (found.status, found.answers) == ("cannot-tell", ())
    assert found.resolution.queries[-1].name.endswith(".svc.cluster.local")
    assert "this name of the cluster's zone; forwarded to 192.0.2.53" in found.reason


@pytest.mark.parametrize(
    ("addresses", "target", "status"),
    [
        ((LOCAL, VIP), VIP, "cannot-tell"),  # the cache has that address itself: it asks itself
        ((LOCAL,), VIP, "ok"),
        ((LOCAL, VIP), "10.96.0.11", "ok"),
        ((LOCAL, VIP), "192.0.2.53", "cannot-tell"),
    ],
)
def test_where_a_node_cache_forwards_to(addresses: tuple[str, ...], target: str, status: str) -> None:
    own = f".:53 {{\nforward . {target}\n}}\n"
    maps = {"node-local-dns": {"Corefile": own}, "kubelet-config": {"kubelet": f"clusterDNS:\n- {LOCAL}\n"}}
    assert look_in(shop(*cache(*addresses), maps=maps)).status == status
