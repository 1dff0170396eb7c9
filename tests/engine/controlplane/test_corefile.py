"""Names behind a Corefile: coredns.io/manual/configuration and the README of each plugin."""

from dataclasses import replace

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane.corefile import read_corefile
from designer.engine.trace.lookup import Lookup, look_up
from designer.model import EndpointSlice, ForeignObject, FrozenMap
from tests.engine.trace.clusters import address, ask, cluster, dns, make, pod, policy, service

KUBEADM = """\
.:53 {
    errors
    health { lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
"""


def kept(name: str, **data: str) -> ForeignObject:
    oid = f"v1/ConfigMap:kube-system/{name}"
    return ForeignObject(oid, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


def shop(text: str | None, *maps: ForeignObject, **files: str) -> ClusterState:
    """Services cart and empty, headless Service peers and its Pod w in namespace default; one host outside."""
    peers = service("peers", app="w", clusterIP="None")
    outside = make("ExternalHost", "corp", {"addresses": ["192.0.2.7"], "names": ["git.corp.example"]})
    base = cluster(
        pod("asks", 1), pod("w", 2), pod("c", 2), service("cart", app="c", clusterIP="10.96.7.7"), service("empty"),
        peers, make("Namespace", "pay"), service("cart", namespace="pay", clusterIP="10.96.8.8"), outside, *dns(),
    )  # fmt: skip
    found = [*maps, *([kept("coredns", Corefile=text, **files)] if text is not None else [])]
    return compile_project(replace(base.project, foreign=FrozenMap({one.id: one for one in found})))


def look(text: str | None, name: str, kind: str = "", *maps: ForeignObject, **files: str) -> Lookup:
    found, problems = look_up(shop(text, *maps, **files), "Pod:default/asks", name, kind)
    assert found is not None, problems
    return found


def with_options(*lines: str, before: str = "", after: str = "") -> str:
    options = "\n".join(lines)
    own = f"kubernetes cluster.local in-addr.arpa ip6.arpa {{\n{options}\n}}"
    return f".:53 {{\n{before}\n{own}\n{after}\nforward . 10.0.0.9\n}}\n"


@pytest.mark.parametrize("name", ["cart", "cart.pay", "peers", "git.corp.example", "nothing", "api.github.com"])
def test_kubeadms_corefile_is_what_is_taken_for_granted_without_one(name: str) -> None:
    plain, read = look(None, name), look(KUBEADM, name)
    assert (read.status, read.answers) == (plain.status, plain.answers)
    assert [(q.name, q.rcode) for q in read.resolution.queries] == [(q.name, q.rcode) for q in plain.resolution.queries]


@pytest.mark.parametrize(
    ("mode", "of_pod", "of_nobody"),
    [("insecure", "ok", "ok"), ("verified", "ok", "name-not-found"), ("disabled", "name-not-found", "name-not-found"),
     ("", "name-not-found", "name-not-found")],
)  # fmt: skip
def test_pod_modes(mode: str, of_pod: str, of_nobody: str) -> None:
    # kubernetes README: disabled is the default; insecure never checks; verified wants a Pod of that namespace.
    text = with_options(f"pods {mode}" if mode else "ttl 30")
    label = address(shop(text), "w").replace(".", "-")
    assert look(text, f"{label}.default.pod.cluster.local.").status == of_pod
    assert look(text, "10-9-9-9.default.pod.cluster.local.").status == of_nobody
    if mode == "verified":
        assert look(text, f"{label}.pay.pod.cluster.local.").status == "name-not-found", "a Pod of another namespace"


def test_only_listed_namespaces_are_exposed() -> None:
    text = with_options("namespaces default")
    assert look(text, "cart.default").status == "ok"
    assert look(text, "cart.pay.svc.cluster.local.").status == "name-not-found"


def test_endpoints_called_after_their_pods() -> None:
    text = with_options("endpoint_pod_names")
    assert look(text, "w.peers.default.svc.cluster.local.").answers == (address(shop(text), "w"),)
    assert look(with_options(), "w.peers.default.svc.cluster.local.").status == "name-not-found"


def test_services_without_ready_endpoint_may_be_ignored() -> None:
    assert look(with_options(), "empty").status == "ok"
    assert look(with_options("ignore empty_service"), "empty").status == "name-not-found"


def test_no_endpoints() -> None:
    assert look(with_options("noendpoints"), "peers").status == "name-not-found"
    assert look(with_options("noendpoints"), "cart").status == "ok"


def test_verified_pods_are_told_by_their_first_address_and_until_they_end() -> None:
    """object/pod.go, ToPod: `status.podIP`; a Pod that is being deleted is left out of the cache."""
    text = with_options("pods verified")
    for deleted, status in ((None, "ok"), ("2026-01-01T00:00:00Z", "name-not-found")):
        spec = {"nodeName": "node-2", "containers": [{"name": "c"}]}
        leaving = make("Pod", "leaving", spec, deletionTimestamp=deleted, status={"phase": "Running"})
        state = compile_project(shop(text).project.with_object(leaving))
        seen = state.control.pods["Pod:default/leaving"]
        assert seen.terminating is bool(deleted)
        name = f"{seen.ips[0].replace('.', '-')}.default.pod.cluster.local."
        found, _ = look_up(state, "Pod:default/asks", name, "A")
        assert found is not None
        assert found.status == status


def test_terminating_endpoints_may_be_published() -> None:
    """object/endpoint.go, endpointslicePublish: with the option those that still serve."""
    ending = {"addresses": ["172.16.0.9"], "conditions": {"ready": False, "serving": True, "terminating": True}}
    data = {"addressType": "IPv4", "endpoints": [ending], "ports": []}
    meta = {"name": "own-1", "namespace": "default", "labels": {"kubernetes.io/service-name": "own"}}
    slices = EndpointSlice.model_validate({"metadata": meta, **data})
    own = make("Service", "own", {"clusterIP": "None"})
    for options, answers in (((), ()), (("terminating_endpoints",), ("172.16.0.9",))):
        state = compile_project(shop(with_options(*options)).project.with_objects([own, slices]))
        found, _ = look_up(state, "Pod:default/asks", "own.default.svc.cluster.local.", "A")
        assert found is not None
        assert found.answers == answers


def test_reverse_records_of_hostnames_alone() -> None:
    """reverse_test.go, TestReversePTRHostnameOnly: endpoints without hostname have no reverse record then."""
    here = address(shop(None), "w")
    assert look(with_options(), here, "PTR").status == "ok"
    text = with_options("ptr_hostname_only", "fallthrough in-addr.arpa")
    assert look(text, here, "PTR").status == "cannot-tell", "it falls through to the servers outside"


def test_long_names_of_pods_are_no_labels() -> None:
    """object/endpoint.go: a Pod's name of 64 characters and more is left out for its dashed address."""
    long = pod("x" * 64, 2, app="w")
    state = compile_project(shop(with_options("endpoint_pod_names")).project.with_object(long))
    here = next(p.ips[0] for p in state.control.pods.values() if p.name == "x" * 64)
    found, _ = look_up(state, "Pod:default/asks", here, "PTR")
    assert found is not None
    assert found.answers == (f"{here.replace('.', '-')}.peers.default.svc.cluster.local.",)


@pytest.mark.parametrize("option", ["upstream 10.0.0.1", "transfer to *", "something new"])
def test_an_option_that_is_not_known_leaves_the_answer_open(option: str) -> None:
    found = look(with_options(option), "cart")
    assert (found.status, f"has {option.partition(' ')[0]} at the plugin kubernetes" in found.reason) == (
        "cannot-tell", True)  # fmt: skip


@pytest.mark.parametrize(
    ("addresses", "status"),
    [("127.0.0.1", "cannot-tell"), ("lo ::1", "cannot-tell"), ("0.0.0.0", "ok"), ("eth0", "ok")],
)
def test_a_block_for_the_servers_own_loopback_answers_no_pod(addresses: str, status: str) -> None:
    """plugin/bind README: the block listens on these addresses alone."""
    assert look(with_options(before=f"bind {addresses}"), "cart").status == status


def test_reverse_records_are_of_the_first_zone_that_is_no_reverse_one() -> None:
    """plugin/kubernetes/setup.go, primaryZoneIndex, and reverse.go."""
    text = ".:53 {\nkubernetes in-addr.arpa example.org cluster.local\nforward . 10.0.0.9\n}\n"
    assert look(text, "10.96.7.7", "PTR").answers == ("cart.default.svc.example.org.",)
    assert look(text, "cart.default.svc.example.org.").answers == ("10.96.7.7",)


def test_a_target_in_the_zone_is_looked_for_by_the_plugin_alone() -> None:
    """plugin/backend_lookup.go, A: hosts has another address for the name, and the CNAME does not lead there."""
    full = "cart.default.svc.cluster.local"
    text = with_options(before=f"hosts {{\n10.9.9.9 {full} api.example\nfallthrough\n}}")
    assert look(text, f"{full}.").answers == ("10.9.9.9",)
    for target, answer in ((full, "10.96.7.7"), ("api.example", "10.9.9.9")):
        alias = make("Service", "alias", {"type": "ExternalName", "externalName": target})
        found, _ = look_up(compile_project(shop(text).project.with_object(alias)), "Pod:default/asks", "alias", "")
        assert found is not None
        assert found.answers == (answer,), target


def test_a_failure_goes_on_to_the_next_search_domain() -> None:
    """glibc, res_query.c (__res_context_search): after SERVFAIL the next search element is tried (`got_servfail`)."""
    text = "default.svc.cluster.local:53 {\nhosts {\n10.9.9.9 other.example\n}\n}\n" + KUBEADM
    found = look(text, "cart.pay")
    assert [q.rcode for q in found.resolution.queries] == ["SERVFAIL", "SERVFAIL", "NOERROR", "NODATA"]
    assert (found.status, found.answers) == ("ok", ("10.96.8.8",))
    assert "its search ends at cart.pay.default.svc.cluster.local" in found.note, "musl gives up (EAI_AGAIN)"
    assert look(text, "nothing").reason.startswith("SERVFAIL for nothing.default.svc.cluster.local: ")
    second = pod("asks", 1, dnsConfig={"nameservers": ["192.0.2.53"]})
    other, _ = look_up(compile_project(shop(text).project.with_object(second)), "Pod:default/asks", "cart.pay", "")
    assert other is not None
    assert (other.status, "asks 192.0.2.53 next" in other.reason) == ("cannot-tell", True)


def test_an_option_that_selects_objects_is_not_evaluated() -> None:
    found = look(with_options("labels environment in (staging, qa)"), "cart")
    assert (found.status, "labels" in found.reason) == ("cannot-tell", True)


def test_names_by_zone() -> None:
    """dns.md 1, row 'zonal': an option of its own; without it there are no such names."""
    name = "a.pin._zone.peers.default.svc.cluster.local."
    assert look(with_options(), name).status == "name-not-found"
    assert look(with_options("zonal"), name).status == "cannot-tell"
    assert look(with_options("zonal"), "peers").status == "ok"


def test_a_name_is_rewritten_before_the_zone_is_asked() -> None:
    # rewrite README: exact is the default, `name` rules stop unless they say continue; the zone sees the new name.
    exact = with_options(before="rewrite name shop.example.org cart.default.svc.cluster.local")
    assert look(exact, "shop.example.org.").answers == ("10.96.7.7",)
    assert look(exact, "x.shop.example.org.").status == "cannot-tell", "no exact match: it goes upstream"
    suffix = with_options(before="rewrite name suffix .my.zone. .default.svc.cluster.local. answer auto")
    assert look(suffix, "cart.my.zone.").answers == ("10.96.7.7",)
    part = with_options(before="rewrite stop name substring my-zone pay.svc.cluster.local answer auto")
    assert look(part, "cart.my-zone.").answers == ("10.96.8.8",)
    prefix = with_options(before="rewrite name prefix old- ca answer auto")
    assert look(prefix, "old-rt.default.svc.cluster.local.").answers == ("10.96.7.7",)


@pytest.mark.parametrize(
    ("rule", "name"),
    [("suffix .my.zone. .default.svc.cluster.local.", "cart.my.zone."),
     ("substring my-zone default.svc.cluster.local", "cart.my-zone."),
     ("prefix old- ca", "old-rt.default.svc.cluster.local."),
     (r"regex (.*)\.my\.zone {1}.default.svc.cluster.local", "cart.my.zone."),
     (r"regex (.*)\.my\.zone {1}.default.svc.cluster.local answer auto", "cart.my.zone.")],
)  # fmt: skip
def test_an_answer_for_another_name_than_the_question(rule: str, name: str) -> None:
    # README, "Response Rewrites": all but exact leave the rewritten name in the answer; some resolvers refuse that.
    found = look(with_options(before=f"rewrite name {rule}"), name)
    assert (found.status, "answer name" in found.reason) == ("cannot-tell", True)
    missing = look(with_options(before=f"rewrite name {rule}"), name.replace("cart", "none").replace("rt.", "nn."))
    assert missing.status == "name-not-found", "what does not exist under the new name has no answer at all"


def test_the_first_rule_that_stops_is_the_last() -> None:
    rules = "rewrite {0} name a.example cart.default.svc.cluster.local\n"
    rules += "rewrite name cart.default.svc.cluster.local cart.pay.svc.cluster.local"
    assert look(with_options(before=rules.format("stop")), "a.example.").answers == ("10.96.7.7",)
    assert look(with_options(before=rules.format("continue")), "a.example.").answers == ("10.96.8.8",)


BACK = r"answer name (.*)\.default\.svc\.cluster\.local {1}.my.zone"


def test_groups_of_a_regular_expression_and_the_answer_rewritten_back() -> None:
    # README: {1} and {2} are groups; the block form and the form on one line mean the same.
    rule = r"name regex (.*)\.my\.zone {1}.default.svc.cluster.local"
    line = with_options(before=f"rewrite stop {rule} {BACK}")
    block = with_options(before="rewrite stop {\n" + rule + "\n" + BACK + "\n}")
    for text in (line, block):
        assert look(text, "cart.my.zone.").answers == ("10.96.7.7",)
        assert look(text, "cart.default").status == "ok", "no match"
    wrong = line.replace("{1}.my.zone", "{1}.your.zone")
    assert look(wrong, "cart.my.zone.").status == "cannot-tell", "the answer is for cart.your.zone"


def test_an_expression_is_found_anywhere_in_the_name_with_its_final_dot() -> None:
    # name.go: Pattern.FindStringSubmatch(state.Name()): not anchored, the name ends in a dot.
    rule = r"rewrite name regex my\.zone\.$ cart.default.svc.cluster.local answer name (.*) x.my.zone"
    assert look(with_options(before=rule), "x.my.zone.").answers == ("10.96.7.7",)
    bare = r"rewrite name regex my\.zone$ cart.default.svc.cluster.local answer name (.*) x.my.zone"
    assert look(with_options(before=bare), "x.my.zone.").status == "cannot-tell", "no match: it goes upstream"


@pytest.mark.parametrize("source", [r"(?=my)(.*)", r"(.*)\1", r"a++", r"(.*", r"(?#x)(.*)", r"(.*)\Z"])
def test_an_expression_that_go_reads_otherwise_or_not(source: str) -> None:
    # google/re2 doc/syntax.txt: look-around, backreferences, possessive repeats and \\Z are not supported.
    found = look(with_options(before=f"rewrite name regex {source} {{1}}.default.svc.cluster.local"), "cart.my.zone.")
    assert (found.status, "rewrite name regex" in found.reason) == ("cannot-tell", True)


def test_a_target_that_names_groups_that_are_not_there() -> None:
    # name.go: "uses more subexpressions than its corresponding matching regex pattern".
    found = look(with_options(before=r"rewrite name regex my\.zone {1}.svc"), "cart.my.zone.")
    assert (found.status, "fewer groups" in found.reason) == ("cannot-tell", True)


def test_hosts_go_before_the_zone() -> None:
    # hosts README: without fallthrough the chain ends there; plugin.cfg: hosts is asked before kubernetes.
    entry = "10.9.9.9 cart.default.svc.cluster.local my.example"
    text = with_options(before=f"hosts {{\n{entry}\nfallthrough\n}}")
    assert look(text, "cart").answers == ("10.9.9.9",)
    assert look(text, "my.example.").answers == ("10.9.9.9",)
    assert look(text, "empty").status == "ok"
    assert look(text, "10.9.9.9", "PTR").answers == ("cart.default.svc.cluster.local.", "my.example.")
    closed = with_options(before=f"hosts {{\n{entry}\n}}")
    found = look(closed, "empty")
    assert (found.status, "no fallthrough" in found.reason) == ("name-not-found", True)
    zoned = with_options(before=f"hosts /etc/hosts example {{\n{entry}\n}}")
    assert look(zoned, "empty").status == "ok", "its zones are others"


def test_a_hosts_file_of_the_config_map_is_read_and_any_other_is_not() -> None:
    # k3s: hosts /etc/coredns/NodeHosts, a key of the same ConfigMap.
    text = with_options(before="hosts /etc/coredns/NodeHosts {\nttl 60\nreload 15s\nfallthrough\n}")
    assert look(text, "node-9.", "", NodeHosts="192.168.10.19 node-9\n").answers == ("192.168.10.19",)
    found = look(text, "cart")
    assert (found.status, "/etc/coredns/NodeHosts" in found.reason) == ("cannot-tell", True)


def test_stub_zones() -> None:
    """dns.md 2, row 'forward': what is outside is asked of others; the block with the longest zone answers (manual)."""
    text = KUBEADM + "corp.example:53 {\n    errors\n    forward . 10.150.0.1\n}\n"
    assert look(text, "git.corp.example.").answers == ("192.0.2.7",), "an external host of the project has it"
    found = look(text, "x.corp.example.")
    assert found.status == "cannot-tell"
    assert "forwarded to 10.150.0.1" in found.resolution.queries[0].rule


def test_a_zone_that_nothing_answers_for() -> None:
    text = "cluster.local:53 {\n    kubernetes\n}\n"
    assert look(text, "cart").status == "ok", "without zones of its own the plugin has those of the block"
    found = look(text, "api.github.com.")
    assert (found.status, "no server block" in found.reason) == ("name-not-found", True)
    alone = with_options().replace("forward . 10.0.0.9\n", "")
    assert look(alone, "api.github.com.").status == "name-not-found"


def test_the_kubernetes_plugin_may_fall_through_to_the_next() -> None:
    text = with_options("fallthrough")
    found = look(text, "nothing.default.svc.cluster.local.")
    assert found.status == "cannot-tell", "it is asked upstream"
    assert look(with_options(), "nothing.default.svc.cluster.local.").status == "name-not-found"


@pytest.mark.parametrize(
    ("plugin", "status"),
    [("template IN A other.example", "ok"), ("template IN A", "cannot-tell"), ("file /etc/db other.example", "ok"),
     ("file /etc/db", "ok"), ("acl", "cannot-tell"), ("myown", "cannot-tell"), ("import /etc/x/*.y", "cannot-tell"),
     ("etcd", "ok")],
)  # fmt: skip
def test_plugins_that_are_not_evaluated(plugin: str, status: str) -> None:
    # plugin.cfg: file and etcd are asked after kubernetes, which has an answer; template and acl before it.
    found = look(with_options(after=plugin), "cart")
    assert found.status == status, found.reason
    if status == "cannot-tell":
        assert f"the plugin {plugin.partition(' ')[0]}" in found.reason


def test_a_search_domain_does_not_hide_a_plugin_that_is_not_evaluated() -> None:
    found = look(with_options(before="template IN A"), "api.github.com")
    assert (found.status, "template" in found.reason) == ("cannot-tell", True)


def test_custom_parts_that_aks_and_k3s_import() -> None:
    custom = kept("coredns-custom", **{"a.override": "hosts {\n10.9.9.9 my.example\nfallthrough\n}",
                                       "b.server": "corp.example:53 {\nforward . 10.150.0.1\n}"})  # fmt: skip
    text = with_options(after="import custom/*.override") + "import custom/*.server\n"
    assert look(text, "my.example.", "", custom).answers == ("10.9.9.9",)
    assert "10.150.0.1" in look(text, "x.corp.example.", "", custom).resolution.queries[0].rule
    assert look(text, "cart").status == "ok", "without that ConfigMap nothing is imported"


@pytest.mark.parametrize(
    "text", [".:53 {\n kubernetes cluster.local\n", "kubernetes cluster.local\n", "", "{$ZONE} {\n}\n"]
)
def test_a_corefile_that_cannot_be_read_leaves_everything_open(text: str) -> None:
    found = look(text, "cart")
    assert (found.status, "Corefile cannot be read" in found.reason) == ("cannot-tell", True)


def test_snippets_comments_and_quotes() -> None:
    text = '(common) {\n errors # said\n hosts {\n  10.9.9.9 "my.example"\n  fallthrough\n }\n}\n'
    text += ".:53 {\n import common\n whoami\n}\n"
    found = read_corefile("x", {"Corefile": text}, {})
    assert not found.trouble
    (block,) = found.blocks
    assert [one.name for one in block.chain] == ["hosts", "whoami"]
    assert block.chain[0].lines == (("10.9.9.9", "my.example"), ("fallthrough",))


def test_blocks_for_other_ports_and_transports_answer_no_pod() -> None:
    text = "tls://.:853 {\n whoami\n}\n.:5353 {\n whoami\n}\ndns://example.org, example.net {\n whoami\n}\n"
    (block,) = read_corefile("x", {"Corefile": text}, {}).blocks
    assert block.zones == ("example.org", "example.net")


def test_a_trace_goes_where_the_rewritten_name_leads_and_policies_are_asked() -> None:
    text = with_options(before="rewrite name shop.example.org cart.default.svc.cluster.local")
    state = shop(text)
    assert ask(state, "asks", "http://shop.example.org.").verdict == "delivered"
    closed = policy("closed", {"app": "asks"}, policyTypes=["Egress"], egress=[])
    denied = compile_project(state.project.with_object(closed))
    found = ask(denied, "asks", "http://shop.example.org.")
    assert (found.verdict, "DNS denied by NetworkPolicy default/closed" in found.reason) == ("name-not-found", True)
