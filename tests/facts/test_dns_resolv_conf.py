"""resolv.conf and /etc/hosts of a Pod: domain/dns.md section 3, after pkg/kubelet/network/dns/dns.go at v1.36.2."""

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.engine.controlplane.dns import ResolvConf, hosts_file, resolv_conf
from designer.engine.controlplane.resolvconf import kernel_hostname
from tests.engine.trace.clusters import cluster, dns, pod

OWN = ("default.svc.cluster.local", "svc.cluster.local", "cluster.local")
NODES = ("corp.example",)


def state_of(**spec: Any) -> ClusterState:
    """A Pod with more in its spec, in a cluster whose Nodes search corp.example."""
    return cluster(pod("asks", 1, **spec), *dns(), nodeSearchDomains=["corp.example"])


def conf(**spec: Any) -> ResolvConf:
    """Its resolv.conf."""
    state = state_of(**spec)
    return resolv_conf(state.control.pods["Pod:default/asks"], state.control, state.project.cluster)


@pytest.mark.parametrize(
    ("row", "spec", "servers", "searches", "ndots"),
    [
        ("dns.md 3, row 'ClusterFirst'", {}, ("10.96.0.10",), (*OWN, *NODES), 5),
        ("dns.md 3, row 'ClusterFirst with hostNetwork'", {"hostNetwork": True}, (), NODES, 1),
        ("dns.md 3, row 'ClusterFirstWithHostNet'", {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"},
         ("10.96.0.10",), (*OWN, *NODES), 5),
        ("dns.md 3, row 'Default'", {"dnsPolicy": "Default"}, (), NODES, 1),
        ("dns.md 3, row 'None'", {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.1"]}}, ("192.0.2.1",),
         (), 1),
    ],
)  # fmt: skip
def test_policy(
    row: str, spec: dict[str, Any], servers: tuple[str, ...], searches: tuple[str, ...], ndots: int
) -> None:
    found = conf(**spec)
    assert (found.nameservers, found.searches, found.ndots) == (servers, searches, ndots), row


def test_config_is_merged() -> None:
    """dns.md 3, row 'dnsConfig is merged': appended without repetition, options by name."""
    options = [{"name": "ndots", "value": "2"}, {"name": "use-vc"}]
    found = conf(dnsConfig={"nameservers": ["192.0.2.1", "10.96.0.10"], "searches": ["cluster.local", "x.example"],
                            "options": options})  # fmt: skip
    assert found.nameservers == ("10.96.0.10", "192.0.2.1")
    assert found.searches == (*OWN, *NODES, "x.example")
    assert found.options == (("ndots", "2"), ("use-vc", ""))


def test_number_of_nameservers() -> None:
    """dns.md 3, row 'Limits': three nameservers, with the event of the rest."""
    found = conf(dnsConfig={"nameservers": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]})
    assert found.nameservers == ("10.96.0.10", "192.0.2.1", "192.0.2.2")
    assert "Nameserver limits were exceeded" in found.events[0]


def test_number_of_searches() -> None:
    """dns.md 3, row 'Limits': 32 search domains; four are there already."""
    found = conf(dnsConfig={"searches": [f"d{n}.example" for n in range(40)]})
    assert found.searches == (*OWN, *NODES, *(f"d{n}.example" for n in range(28)))
    assert "Search Line limits were exceeded" in found.events[0]


def test_a_long_search_domain_uses_its_place_up() -> None:
    """dns.md 3, row 'Limits': the list is cut to 32 first, and what is longer than 253 characters dropped then."""
    long = ".".join(["a" * 63] * 4)
    found = conf(dnsConfig={"searches": [long, *(f"d{n}.example" for n in range(40))]})
    assert len(long) == 255
    assert found.searches == (*OWN, *NODES, *(f"d{n}.example" for n in range(27)))


def test_characters_of_the_search_line() -> None:
    """dns.md 3, row 'Limits': 2048 characters; whole domains are cut off the end until it fits.

    The four names here have 58 characters, each more takes 1 + 203: (2048 - 58 - 3) // 204 = 9 of them fit.
    """
    names = [f"{n:02}{'a' * 61}." + ".".join(["b" * 63] * 2) + ".cccccccccc" for n in range(20)]
    assert {len(name) for name in names} == {202}
    found = conf(dnsConfig={"searches": names})
    kept = len(" ".join((*OWN, *NODES)))
    assert found.searches == (*OWN, *NODES, *names[: (2048 - kept) // 203])


def test_searches_may_hold_underscores() -> None:
    """dns.md 3, row 'Underscores': search entries with `_` are taken as they are (KEP-4427)."""
    assert conf(dnsConfig={"searches": ["_tcp.example"]}).searches[-1] == "_tcp.example"


def test_without_cluster_dns() -> None:
    """dns.md 3, row 'Without clusterDNS': event MissingClusterDNS, and policy Default."""
    state = cluster(pod("asks", 1))
    found = resolv_conf(state.control.pods["Pod:default/asks"], state.control, state.project.cluster)
    assert (found.policy, found.from_node) == ("Default", True)
    assert found.events[0].startswith("MissingClusterDNS")


def hosts(**spec: Any) -> tuple[tuple[str, ...], ...]:
    """The names of the Pod's own line and of those after it in /etc/hosts."""
    state = state_of(**spec)
    return tuple(n for _, n in hosts_file(state.control.pods["Pod:default/asks"], state.project.cluster)[2:])


@pytest.mark.parametrize(
    ("row", "spec", "names"),
    [
        ("dns.md 3, row 'etc hosts'", {}, (("asks",),)),
        ("dns.md 3, row 'etc hosts'", {"hostname": "me", "subdomain": "web"},
         (("me.web.default.svc.cluster.local", "me"),)),
        ("dns.md 3, row 'etc hosts'", {"hostAliases": [{"ip": "192.0.2.9", "hostnames": ["x", "y"]}]},
         (("asks",), ("x", "y"))),
        ("dns.md 3, row 'Hostname'", {"hostnameOverride": "other", "subdomain": "web"}, (("other",),)),
    ],
)  # fmt: skip
def test_etc_hosts(row: str, spec: dict[str, Any], names: tuple[tuple[str, ...], ...]) -> None:
    assert hosts(**spec) == names, row


@pytest.mark.parametrize(
    ("spec", "name", "starts"),
    [
        ({}, "asks", True),
        ({"hostname": "me"}, "me", True),
        ({"hostname": "me", "subdomain": "web"}, "me", True),
        ({"hostname": "me", "subdomain": "web", "setHostnameAsFQDN": True}, "me.web.default.svc.cluster.local", True),
        ({"setHostnameAsFQDN": True}, "asks", True),
        # 35 + 1 + 3 + 26 = 65 characters: one more than a Linux host name may have.
        ({"hostname": "a" * 35, "subdomain": "web", "setHostnameAsFQDN": True},
         f"{'a' * 35}.web.default.svc.cluster.local", False),
        ({"hostname": "a" * 34, "subdomain": "web", "setHostnameAsFQDN": True},
         f"{'a' * 34}.web.default.svc.cluster.local", True),
    ],
)  # fmt: skip
def test_hostname(spec: dict[str, Any], name: str, starts: bool) -> None:
    """dns.md 3, row 'Hostname': the Pod's name, `spec.hostname`, or the whole name of 64 characters at most."""
    state = state_of(**spec)
    found, trouble = kernel_hostname(state.control.pods["Pod:default/asks"], state.project.cluster)
    assert (found, not trouble) == (name, starts)
