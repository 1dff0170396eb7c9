"""CoreDNS' autopath: the search list walked by the server (plugin/autopath; plugin/kubernetes/autopath.go)."""

from dataclasses import replace
from typing import Any

import pytest

from designer.engine.compile import compile_project
from designer.engine.trace.lookup import Lookup, look_up
from tests.engine.controlplane.test_corefile import shop
from tests.engine.trace.clusters import pod

AUTOPATH = """\
.:53 {
    autopath @kubernetes
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods verified
       fallthrough in-addr.arpa ip6.arpa
    }
    forward . /etc/resolv.conf
}
"""


def look(name: str, text: str = AUTOPATH, kind: str = "") -> Lookup:
    found, problems = look_up(shop(text), "Pod:default/asks", name, kind)
    assert found is not None, problems
    return found


@pytest.mark.parametrize(
    ("name", "answers", "cost", "canonical"),
    [
        ("cart", ("10.96.7.7",), "2 queries", "cart"),
        ("cart.pay", ("10.96.8.8",), "2 queries", "cart.pay.svc.cluster.local"),
        ("cart.pay.svc.cluster.local", ("10.96.8.8",), "2 queries", "cart.pay.svc.cluster.local"),
        ("git.corp.example", ("192.0.2.7",), "2 queries", "git.corp.example"),
        ("cart.pay.svc.cluster.local.", ("10.96.8.8",), "2 queries", "cart.pay.svc.cluster.local"),
    ],
)
def test_one_try_is_enough(name: str, answers: tuple[str, ...], cost: str, canonical: str) -> None:
    """dns.md 4, row 'autopath': the first answer that is no NXDOMAIN comes with a CNAME, for A and for AAAA."""
    found = look(name)
    assert (found.status, found.answers, found.resolution.cost) == ("ok", answers, cost), found.reason
    assert found.resolution.canonical.startswith(canonical)


def test_the_answer_says_so() -> None:
    first, second = look("cart.pay").resolution.queries
    assert (first.name, first.rcode, first.answers) == ("cart.pay.default.svc.cluster.local", "NOERROR", ("10.96.8.8",))
    assert first.rule.startswith("autopath: CNAME to cart.pay.svc.cluster.local; ")
    assert (second.type, second.rcode) == ("AAAA", "NODATA"), "NODATA is no NXDOMAIN: it is the answer"


def test_a_name_that_nobody_has_is_searched_for_by_the_resolver_too() -> None:
    # "On any failures, the original reply is returned": NXDOMAIN, and the client goes on by itself.
    found = look("nothing")
    assert found.status == "name-not-found"
    tried = ["nothing.default.svc.cluster.local", "nothing.svc.cluster.local", "nothing.cluster.local", "nothing"]
    assert [q.name for q in found.resolution.queries[::2]] == tried


def test_a_name_outside_that_is_not_known() -> None:
    found = look("api.github.com")
    assert (found.status, len(found.resolution.queries)) == ("cannot-tell", 2)
    assert "api.github.com is outside the cluster" in found.reason


def with_settings(**more: Any) -> Any:
    project = shop(AUTOPATH).project
    cluster = project.cluster
    proxy = cluster.kubeProxy.model_copy(update={"masqueradeAll": more.pop("masqueradeAll", False)})
    return compile_project(replace(project, cluster=cluster.model_copy(update={"kubeProxy": proxy, **more})))


def test_the_search_domains_of_the_servers_node_are_tried_too() -> None:
    """autopath.go, AutoPath: k.autoPathSearch, from the server's own resolv.conf."""
    found, _ = look_up(with_settings(nodeSearchDomains=("corp.example",)), "Pod:default/asks", "git", "")
    assert found is not None
    assert (found.answers, found.resolution.cost) == (("192.0.2.7",), "2 queries")


def test_a_masked_query_is_that_of_no_pod() -> None:
    """With masqueradeAll the server sees the Node's address, which PodIndex knows no Pod by."""
    for masked, cost in ((False, "2 queries"), (True, "4 queries, 2 of them NXDOMAIN")):
        found, _ = look_up(with_settings(masqueradeAll=masked), "Pod:default/asks", "cart.pay", "")
        assert found is not None
        assert found.resolution.cost == cost


def test_a_failure_is_passed_over() -> None:
    """autopath.go: what is not written to the client (SERVFAIL) is followed by the next try."""
    hosts = "hosts /etc/hosts default.svc.cluster.local {\n10.9.9.9 x.example\n}\nkubernetes"
    found = look("cart.pay", AUTOPATH.replace("kubernetes cluster", f"{hosts} cluster", 1))
    assert (found.answers, found.resolution.cost) == (("10.96.8.8",), "2 queries")


def test_the_search_domain_itself_is_left_alone() -> None:
    (query, _) = look("default.svc.cluster.local.").resolution.queries
    assert (query.rcode, query.rule.startswith("autopath")) == ("NODATA", False)


@pytest.mark.parametrize(("old", "new"), [("verified", "insecure"), ("autopath @kubernetes\n", "\n")])
def test_it_needs_verified_pods(old: str, new: str) -> None:
    """dns.md 4, row 'autopath': AutoPath gives no list where CoreDNS does not watch Pods (opts.initPodCache)."""
    assert look("cart.pay", AUTOPATH.replace(old, new)).resolution.cost == "4 queries, 2 of them NXDOMAIN"


def test_a_list_of_a_file_is_not_known() -> None:
    found = look("cart", AUTOPATH.replace("@kubernetes", "/etc/own.conf"))
    assert (found.status, "autopath /etc/own.conf" in found.reason) == ("cannot-tell", True)


@pytest.mark.parametrize("spec", [{"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}, {}])
def test_a_pod_of_the_host_network_has_no_address_of_its_own(spec: dict[str, Any]) -> None:
    """plugin/autopath README, Notes: such Pods cannot be told apart, so nothing is completed for them."""
    state = compile_project(shop(AUTOPATH).project.with_object(pod("other", 1, **spec)))
    found, _ = look_up(state, "Pod:default/other", "cart.pay", "")
    assert found is not None
    assert found.resolution.cost == ("4 queries, 2 of them NXDOMAIN" if spec else "2 queries")
