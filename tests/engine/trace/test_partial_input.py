"""What a project does not show: a part of a cluster says nothing of the rest.

The API server makes Service default/kubernetes itself and keeps it (pkg/controlplane/controller/kubernetesservice): a
project without it shows a part of a cluster.
"""

import pytest

from tests.engine.trace.clusters import ask, cluster, make, pod, service

KUBERNETES = make("Service", "kubernetes", {"clusterIP": "10.96.0.1", "ports": [{"port": 443, "targetPort": 6443}]})


@pytest.mark.parametrize("address", ["10.96.0.1", "10.96.0.10", "10.100.1.1"])
def test_an_unknown_cluster_ip_of_a_part_of_a_cluster_cannot_be_told(address: str) -> None:
    found = ask(cluster(pod("a", 1), service("web")), "a", f"{address}:443")
    assert found.verdict == "cannot-tell"
    assert "default/kubernetes, which every cluster has" in found.reason


def test_an_unknown_cluster_ip_of_a_whole_cluster_is_nobodys() -> None:
    """kube-proxy.md section 4: in iptables mode an unallocated ClusterIP leaks out by the default route."""
    found = ask(cluster(pod("a", 1), service("web"), KUBERNETES), "a", "10.100.1.1:443")
    assert found.verdict == "dropped"
    assert "no Service has it" in found.reason


@pytest.mark.parametrize("where", [1, 3])
def test_the_address_of_an_ended_pod_leads_to_the_pod_that_has_it_now(where: int) -> None:
    """An ended Pod has no sandbox, so its address is free (ipam.md section 1, lifetime of a Pod IP)."""
    ended = pod("a-job", where, status={"podIP": "10.244.9.9", "podIPs": [{"ip": "10.244.9.9"}], "phase": "Succeeded"})
    status = {"podIP": "10.244.9.9", "podIPs": [{"ip": "10.244.9.9"}], "phase": "Running"}
    state = cluster(ended, pod("web", 2, status={**status, "conditions": [{"type": "Ready", "status": "True"}]}),
                    pod("z", 1), plugin="calico", backend="bgp")  # fmt: skip
    for source in ("z", "node-2"):
        found = ask(state, source, "10.244.9.9:8080")
        assert found.verdict == "delivered", found.reason
        ends = [hop.at for hop in found.trace.paths()[0].hops if hop.kind == "deliver"]
        assert ends[0] == "Pod:default/web"
    route = next(hop for hop in ask(state, "node-2", "10.244.9.9:8080").trace.paths()[0].hops if hop.kind == "route")
    assert "a-job" not in route.reason and "dev cali" in route.reason
