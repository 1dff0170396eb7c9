"""Which name server a lookup asks, and what is said where that is not the cluster's.

resolv.conf(5), `nameserver`: the resolver queries the servers "in the order listed" and tries the next one on time-out
only; NXDOMAIN of the first is an answer. kubelet's appendDNSConfig (pkg/kubelet/network/dns) puts the servers of
`dnsConfig` behind those of the policy; domain/dns.md section 3.
"""

from typing import Any

import pytest

from designer.engine.controlplane.dns import resolv_conf, resolve
from tests.engine.controlplane.clusters import (
    FLANNEL,
    nodes,
    pod,
    project,
    service,
    settings,
    state_of,
    template,
    thing,
)

CLUSTER_DNS = "10.96.0.10"


def look(name: str, asker: str = "", **spec: Any) -> Any:
    """The lookup by Pod shop/client (with more of its spec), or by a Node where `asker` is "node"."""
    start = project(
        *nodes(1),
        thing("Deployment", "coredns", "kube-system", spec={"template": template({"k8s-app": "kube-dns"})}),
        service("kube-dns", "kube-system", selector={"k8s-app": "kube-dns"}, clusterIP=CLUSTER_DNS),
        service("cart", "shop", clusterIP="10.96.7.7"),
        pod("client", "shop", spec={"containers": [{"name": "c"}], **spec}),
        **FLANNEL,
    )
    state = state_of(start)
    found = None if asker == "node" else state.pods["Pod:shop/client"]
    return resolve(name, found, state, settings(**FLANNEL))


def servers(*found: str) -> dict[str, Any]:
    return {"nameservers": list(found)}


def test_the_first_server_answers_for_policy_none() -> None:
    """The cluster's DNS as second server is not asked while the first answers."""
    found = look("cart.shop.svc.cluster.local", dnsPolicy="None", dnsConfig=servers("192.0.2.53", CLUSTER_DNS))
    assert (found.status, found.addresses) == ("cannot-tell", ())
    assert "192.0.2.53" in found.reason


def test_the_first_server_of_policy_none_may_be_the_clusters() -> None:
    found = look("cart.shop.svc.cluster.local", dnsPolicy="None", dnsConfig=servers(CLUSTER_DNS, "192.0.2.53"))
    assert (found.status, found.addresses) == ("ok", ("10.96.7.7",))


def test_servers_of_the_node_come_before_those_of_the_configuration() -> None:
    """dnsPolicy Default with the cluster's DNS appended: the Node's resolver answers NXDOMAIN, and that is the end."""
    found = look("cart.shop.svc.cluster.local", dnsPolicy="Default", dnsConfig=servers(CLUSTER_DNS))
    assert (found.status, found.addresses) == ("name-not-found", ())


@pytest.mark.parametrize("name", ["cart", "cart.shop", "cart.shop.svc", "cart.shop.svc.cluster.local"])
def test_a_node_is_told_that_it_does_not_ask_the_clusters_dns(name: str) -> None:
    """The Service exists: the reason is the resolver, never that there is no such Service."""
    found = look(name, "node")
    assert found.status in ("name-not-found", "cannot-tell")
    assert "Service shop/cart is a name of the cluster's DNS only, and a Node does not ask that" in found.reason
    assert "There is no Service" not in found.reason


def test_a_pod_with_the_nodes_resolver_is_told_so() -> None:
    found = look("cart", dnsPolicy="Default")
    assert found.status == "name-not-found"
    assert "a Pod with dnsPolicy Default does not ask that" in found.reason


def test_a_missing_service_is_said_where_the_clusters_dns_is_asked() -> None:
    found = look("car.shop")
    assert found.status == "cannot-tell"
    assert found.reason.startswith("There is no Service car in namespace shop.")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("cart-7.cart", "no ready endpoint of the Service is called cart-7"),
        ("cart-0.nothing", "no Service nothing in namespace shop"),
    ],
)
def test_what_the_clusters_dns_lacks_is_said_before_the_world_outside(name: str, why: str) -> None:
    """domain/dns.md section 6: a missing Pod name is told by what the cluster's DNS has, not by the upstream's."""
    found = look(name)
    assert found.status == "cannot-tell"
    assert found.reason.startswith(f"The cluster's DNS does not know it ({why}).")


@pytest.mark.parametrize("value", ["²", "x", ""])
def test_ndots_that_are_no_number_count_as_one(value: str) -> None:
    """resolv.conf(5): the default of ndots is 1; glibc takes what is no number for none."""
    options = {"options": [{"name": "ndots", "value": value}]}
    state = state_of(project(pod("client", "shop", spec={"containers": [{"name": "c"}], "dnsConfig": options})))
    assert resolv_conf(state.pods["Pod:shop/client"], state, settings()).ndots == 1
