"""What musl's resolver does otherwise (musl src/network/lookup_name.c, name_from_dns_search, and res_msend.c)."""

from typing import Any

import pytest

from designer.engine.controlplane.musl import musl_aside
from designer.engine.trace.lookup import Lookup, look_up
from tests.engine.trace.clusters import cluster, dns, make, pod, service

FAR = "far.cluster.local.corp.example"


def look(name: str, kind: str = "", **spec: Any) -> Lookup:
    state = cluster(
        pod("asks", 1, namespace="shop", **spec),
        service("cart", namespace="shop", clusterIP="10.96.7.7"),
        service("six", namespace="shop", clusterIP="fd00:96::6", ipFamilies=["IPv6"]),
        service("pay", namespace="shop", clusterIP="10.96.9.9"),
        make("Namespace", "pay"),
        make(
            "ExternalHost",
            "pay",
            {"addresses": ["192.0.2.9"], "names": ["only.corp.example", "shop.corp.example", FAR]},
        ),
        *dns(),
        nodeSearchDomains=["corp.example"],
        serviceCIDRs=["10.96.0.0/12", "fd00:96::/108"],
    )
    found, problems = look_up(state, "Pod:shop/asks", name, kind)
    assert found is not None, problems
    return found


@pytest.mark.parametrize("name", ["cart", "cart.shop", "cart.shop.svc.cluster.local", "cart.shop.svc.cluster.local."])
def test_names_found_behind_nxdomain_alone_are_found_alike(name: str) -> None:
    """dns.md 4, row 'musl': only NXDOMAIN goes on, and nothing else came before these answers."""
    found = look(name)
    assert (found.status, found.note) == ("ok", "")


def test_a_name_without_address_ends_the_search() -> None:
    """dns.md 4, rows 'musl' and 'NODATA goes on': shop.svc.cluster.local is the Namespace, NODATA; glibc goes on."""
    found = look("shop")
    assert (found.status, found.answers) == ("ok", ("192.0.2.9",))
    assert "its search ends at shop.svc.cluster.local, which is no NXDOMAIN" in found.note


def test_no_query_is_longer_than_a_name_can_be() -> None:
    """RFC 1035 section 3.1: 253 characters; here each search domain makes more of it, and none the name as it is."""
    long = ".".join(["a" * 60] * 4)
    assert len(f"{long}.corp.example") > 253 >= len(long)
    assert [query.name for query in look(long).resolution.queries] == [long, long]
    assert len(look(long[13:]).resolution.queries) == 10, "253 characters with the longest: each of five tries fits"


def test_enough_dots_mean_no_search() -> None:
    """dns.md 4, rows 'musl' and 'Enough dots': asked for as it is alone; glibc comes to the search list after it."""
    options: dict[str, Any] = {"dnsConfig": {"options": [{"name": "ndots", "value": "1"}]}}
    found = look("far.cluster.local", **options)
    assert (found.status, found.resolution.canonical) == ("ok", FAR)
    assert "asks for far.cluster.local as it is and not with the search list (ndots:1)" in found.note
    host = look("only.corp.example", **options)
    assert (host.status, host.note) == ("ok", ""), "found as it is"


def test_all_servers_are_asked_at_once() -> None:
    config: dict[str, Any] = {"dnsConfig": {"nameservers": ["192.0.2.53"]}}
    found = look("cart", **config)
    assert "asks 10.96.0.10, 192.0.2.53 at once and takes the first answer, NXDOMAIN too" in found.note


def test_what_nobody_finds_needs_no_word() -> None:
    found = look("nothing", dnsConfig={"nameservers": ["192.0.2.53"]})
    assert (found.status, found.note) == ("name-not-found", "")


def test_the_root_on_the_search_list_is_the_name_as_it_is() -> None:
    """glibc, res_query.c: with the root on the list (`root_on_list`) the name is not asked for once more."""
    config: dict[str, Any] = {"nameservers": ["10.96.0.10"], "searches": ["."]}
    found = look("cart", dnsPolicy="None", dnsConfig={**config, "options": [{"name": "ndots", "value": "5"}]})
    assert [query.name for query in found.resolution.queries] == ["cart", "cart"]


def test_use_vc_is_not_known() -> None:
    found = look("cart", dnsConfig={"options": [{"name": "use-vc"}]})
    assert "does not know the option use-vc" in found.note


def test_a_long_search_line_is_ignored() -> None:
    names = [f"{letter * 60}.example" for letter in "abcde"]
    found = look("cart", dnsConfig={"searches": names})
    assert found.conf is not None
    assert len(" ".join(found.conf.searches)) > 255
    assert "ignores a search line of more than 255 characters" in found.note


def test_other_records_are_not_asked_by_getaddrinfo() -> None:
    found = look("cart", "SRV", dnsConfig={"nameservers": ["192.0.2.53"]})
    assert found.conf is not None
    assert musl_aside(found.resolution, found.conf) == ""
