"""NodeLocal DNSCache: what Pods are told, and which packets policies see.

kubernetes/dns, cmd/node-cache/app/cache_app.go (addresses, NOTRACK, upstream Service); kubernetes/kubernetes,
cluster/addons/dns/nodelocaldns (the Corefile with force_tcp; README, "Network policy and DNS connectivity").
"""

from dataclasses import replace
from typing import Any

import pytest

from designer.edits.policies import default_deny
from designer.engine.checks import check
from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane.build import kubelet_servers
from designer.engine.trace.lookup import Lookup, look_up
from designer.model import DaemonSet, ForeignObject, FrozenMap, KubeObject, NetworkPolicy
from tests.engine.trace.clusters import ask, cluster, dns, make, pod, policy, service

Maps = dict[str, dict[str, str]]
VIP, LOCAL = "10.96.0.10", "169.254.20.10"
BOTH = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
KUBE_DNS = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}  # fmt: skip
AUTOPATH = ".:53 {\nautopath @kubernetes\nkubernetes cluster.local {\npods verified\n}\nforward . /etc/resolv.conf\n}\n"
HOSTS = """.:53 {
    hosts {
      10.9.9.9 my.example own.shop.svc.cluster.local
      fallthrough
    }
    kubernetes cluster.local
    forward . /etc/resolv.conf
}
"""


def cache(*localip: str, **spec: Any) -> tuple[KubeObject, KubeObject]:
    """The add-on's DaemonSet on every Node, and the Service by which it asks the cluster's DNS."""
    args = [
        "-localip",
        ",".join(localip or (LOCAL, VIP)),
        "-conf",
        "/etc/Corefile",
        "-upstreamsvc",
        "kube-dns-upstream",
    ]
    image = "registry.k8s.io/dns/k8s-dns-node-cache:1.26.4"
    labels = {"k8s-app": "node-local-dns"}
    body = {"hostNetwork": True, "dnsPolicy": "Default", "containers": [{"name": "c", "image": image, "args": args}]}
    template = {"metadata": {"labels": labels}, "spec": body | spec}
    upstream = {"selector": {"k8s-app": "kube-dns"}, "clusterIP": "10.96.0.11",
                "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53}]}  # fmt: skip
    return (
        make("DaemonSet", "node-local-dns", {"selector": {"matchLabels": labels}, "template": template},
             namespace="kube-system"),
        make("Service", "kube-dns-upstream", upstream, namespace="kube-system"),
    )  # fmt: skip


def shop(*more: KubeObject, servers: tuple[KubeObject, ...] | None = None, maps: Maps | None = None,
         where: int = 1, spec: dict[str, Any] | None = None, **settings: Any) -> ClusterState:  # fmt: skip
    """A Pod in `shop` on node-1, Services cart in `shop` and `pay`, a host outside; the DNS Pod runs on node-3."""
    base = cluster(
        pod("asks", where, namespace="shop", **(spec or {})),
        service("cart", namespace="shop", clusterIP="10.96.7.7"),
        service("cart", namespace="pay", clusterIP="10.96.8.8"),
        make("ExternalHost", "github", {"addresses": ["192.0.2.7"], "names": ["api.github.com"]}),
        *(servers or dns()), *more, nodeSearchDomains=["corp.example"], **settings,
    )  # fmt: skip
    kept = {}
    for name, data in (maps or {}).items():
        oid = f"v1/ConfigMap:kube-system/{name}"
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        kept[oid] = ForeignObject(oid, body)
    return compile_project(replace(base.project, foreign=FrozenMap(kept)))


def look(state: ClusterState, name: str = "cart") -> Lookup:
    found, problems = look_up(state, "Pod:shop/asks", name, "")
    assert found is not None, problems
    return found


def egress(*rules: dict[str, Any]) -> KubeObject:
    return policy("closed", {}, "shop", policyTypes=["Egress"], egress=list(rules))


def block(address: str) -> dict[str, Any]:
    return {"to": [{"ipBlock": {"cidr": f"{address}/32"}}], "ports": BOTH}


KUBELET = {"kubelet-config": {"kubelet": f"apiVersion: kubelet.config.k8s.io/v1beta1\nclusterDNS:\n- {LOCAL}\nx: 1\n"}}


def test_the_cache_answers_with_what_the_clusters_dns_has() -> None:
    """dns.md 2, row 'NodeLocal DNSCache': names of the cluster are forwarded, the others go to the Node's servers."""
    state = shop(*cache())
    found = look(state)
    assert (found.status, found.answers, found.resolution.cost) == ("ok", ("10.96.7.7",), "2 queries")
    assert {q.by for q in found.resolution.queries} == {"CoreDNS, through NodeLocal DNSCache"}
    outside = look(state, "api.github.com.")
    assert outside.answers == ("192.0.2.7",)
    assert {q.by for q in outside.resolution.queries} == {"upstream, through NodeLocal DNSCache"}


@pytest.mark.parametrize(
    ("rule", "kubelet", "without", "with_cache"),
    [
        ({"to": [KUBE_DNS], "ports": BOTH}, False, "ok", "cannot-tell"),
        (block(VIP), False, "name-not-found", "ok"),
        (block(LOCAL), False, "name-not-found", "cannot-tell"),
        (block(LOCAL), True, "cannot-tell", "ok"),
        ({"ports": BOTH}, False, "ok", "ok"),
        ({"ports": [{"port": 80}]}, False, "name-not-found", "cannot-tell"),
    ],
)
def test_what_egress_policies_see(rule: dict[str, Any], kubelet: bool, without: str, with_cache: str) -> None:
    """dns.md 5, row 'NodeLocal': the address that is asked, at the own Node; the README's remedy is its ipBlock.

    Without the cache the policy sees the DNS Pod behind the Service; nobody is known to have the link-local address.
    """
    maps = KUBELET if kubelet else None
    assert look(shop(egress(rule), maps=maps)).status == without
    found = look(shop(*cache(), egress(rule), maps=maps))
    assert found.status == with_cache
    if with_cache == "cannot-tell":
        assert f"answers for {VIP} on node-1 itself" in found.reason


def test_kubelets_configuration_says_whom_pods_ask() -> None:
    state = shop(*cache(), maps=KUBELET)
    found = look(state)
    assert found.conf is not None
    assert found.conf.nameservers == (LOCAL,)
    assert found.status == "ok"
    hop = ask(state, "Pod:shop/asks", "cart:80").trace.paths()[0].hops[0]
    assert hop.outcome == "found"
    assert dict(hop.details)["Answered by"] == "CoreDNS, through NodeLocal DNSCache"


@pytest.mark.parametrize(("where", "status"), [(1, "name-not-found"), (3, "ok")])
def test_policies_of_the_dns_pods_see_the_node(where: int, status: str) -> None:
    """A policy that lets Pods of shop in lets no Node in, but that on which the DNS Pod runs itself."""
    inside = {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}]}
    closed = policy("dns-of-shop", {"matchLabels": {"k8s-app": "kube-dns"}}, "kube-system", policyTypes=["Ingress"],
                    ingress=[inside])  # fmt: skip
    assert look(shop(closed, where=where)).status == "ok"
    found = look(shop(*cache(), closed, where=where))
    assert found.status == status
    if status == "name-not-found":
        assert found.reason.startswith("DNS denied by NetworkPolicy kube-system/dns-of-shop")
        assert "by TCP from node-1" in found.reason


def test_the_cache_asks_by_tcp() -> None:
    """The add-on's Corefile has force_tcp: a policy of the DNS Pods for UDP alone stops it."""
    closed = policy("udp-only", {"matchLabels": {"k8s-app": "kube-dns"}}, "kube-system", policyTypes=["Ingress"],
                    ingress=[{"ports": [{"port": 53, "protocol": "UDP"}]}])  # fmt: skip
    assert look(shop(closed)).status == "ok"
    assert look(shop(*cache(), closed)).status == "name-not-found"
    assert look(shop(*cache(), closed), "api.github.com.").status == "ok", "that name is not asked of the DNS Pods"


def test_what_the_clusters_corefile_says_of_other_names_is_not_asked() -> None:
    """Its server block for the root forwards to the Node's servers: hosts and stub zones of CoreDNS are left out."""
    maps = {"coredns": {"Corefile": HOSTS}}
    assert look(shop(maps=maps), "my.example.").answers == ("10.9.9.9",)
    found = look(shop(*cache(), maps=maps), "my.example.")
    assert (found.status, found.answers) == ("cannot-tell", ())
    assert look(shop(*cache(), maps=maps), "own").answers == ("10.9.9.9",), "a name of the zone that it forwards"


def test_its_own_corefile_is_read() -> None:
    own = "__PILLAR__DNS__DOMAIN__:53 {\nforward . __PILLAR__CLUSTER__DNS__\n}\n.:53 {\nhosts {\n10.8.8.8 own.example\n"
    own += "fallthrough\n}\nforward . 1.1.1.1\n}\n"
    state = shop(*cache(), maps={"node-local-dns": {"Corefile": own}})
    assert look(state, "own.example.").answers == ("10.8.8.8",)
    assert look(state).answers == ("10.96.7.7",)
    assert "forwarded to 1.1.1.1" in look(state, "other.example.").resolution.queries[0].rule


def test_servers_may_be_written_as_addresses() -> None:
    """node-cache puts the ClusterIP of the upstream Service where the placeholder is; who installs it may write it."""
    own = "cluster.local:53 {\nforward . 10.96.0.11 {\nforce_tcp\n}\n}\n.:53 {\nforward . /etc/resolv.conf\n}\n"
    assert look(shop(*cache(), maps={"node-local-dns": {"Corefile": own}})).answers == ("10.96.7.7",)
    elsewhere = own.replace("10.96.0.11", "192.0.2.53")
    found = look(shop(*cache(), maps={"node-local-dns": {"Corefile": elsewhere}}), "cart.shop.svc.cluster.local.")
    assert (found.status, found.answers) == ("cannot-tell", ())


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("clusterDNS:\n- 10.96.0.10\n- fd00::a\nclusterDomain: cluster.local\n", ("10.96.0.10", "fd00::a")),
        ('kind: X\nclusterDNS: [169.254.20.10, "10.96.0.10"]\n', ("169.254.20.10", "10.96.0.10")),
        ("clusterDomain: cluster.local\n", ()),
        ("clusterDNS: []\nother:\n- 10.0.0.1\n", ()),
    ],
)
def test_kubelets_servers_in_both_forms_of_yaml(text: str, servers: tuple[str, ...]) -> None:
    assert kubelet_servers({"kubelet": text}) == servers


def test_an_ebpf_data_plane_translates_the_services_address_first() -> None:
    """Cilium's kube-proxy replacement works at connect(): the packet that the cache would take is never sent."""
    found = look(shop(*cache(), egress(block(VIP)), plugin="cilium"))
    assert found.status == "cannot-tell"


def test_autopath_sees_the_node_and_completes_nothing() -> None:
    """plugin/kubernetes/autopath.go, AutoPath: the source address is that of no Pod."""
    maps = {"coredns": {"Corefile": AUTOPATH}}
    assert look(shop(maps=maps), "cart.pay").resolution.cost == "2 queries"
    assert look(shop(*cache(), maps=maps), "cart.pay").resolution.cost == "4 queries, 2 of them NXDOMAIN"


@pytest.mark.parametrize("mode", ["ipvs", "nftables", "iptables"])
def test_the_services_address_in_each_mode(mode: str) -> None:
    """dns.md 2, row 'NodeLocal DNSCache': in ipvs mode the Service's address is kube-proxy's own: not told."""
    state = shop(*cache(), egress(block(VIP)), kubeProxy={"mode": mode})
    assert look(state).status == ("cannot-tell" if mode == "ipvs" else "ok")
    assert look(shop(*cache(), kubeProxy={"mode": mode})).status == "ok"


@pytest.mark.parametrize(("flag", "status"), [("-setupinterface=true", "ok"), ("-setupinterface=false", "cannot-tell")])
def test_a_cache_without_a_device_of_its_own(flag: str, status: str) -> None:
    """cache_app.go, SetupInterface: without it nobody gives the Node the addresses."""
    daemon, upstream = cache()
    data = daemon.dump()
    data["spec"]["template"]["spec"]["containers"][0]["args"].append(flag)
    made = DaemonSet.model_validate(data)
    assert look(shop(made, upstream, egress(block(VIP)))).status == status
    data["spec"]["template"]["spec"]["hostNetwork"] = False
    assert look(shop(DaemonSet.model_validate(data), upstream, egress(block(VIP)))).status == "cannot-tell"


def test_a_node_without_the_cache_asks_the_dns_pods() -> None:
    daemon = cache(nodeSelector={"kubernetes.io/hostname": "node-3"})
    to_dns = egress({"to": [KUBE_DNS], "ports": BOTH})
    assert look(shop(*daemon, to_dns)).status == "ok"
    assert look(shop(*daemon, maps=KUBELET)).status == "cannot-tell", "nobody there is known to have that address"


def test_without_a_ready_dns_pod_names_outside_still_resolve() -> None:
    """forward gives SERVFAIL for names of the cluster; the root's servers are others."""
    down = {"conditions": [{"type": "Ready", "status": "False"}], "phase": "Running"}
    server = pod("coredns", 3, namespace="kube-system", labels={"k8s-app": "kube-dns"}, status=down,
                 ports=[{"name": "dns", "containerPort": 53, "protocol": "UDP"}])  # fmt: skip
    servers = (server, dns()[1])
    assert look(shop(servers=servers), "api.github.com").status == "name-not-found"
    state = shop(*cache(), servers=servers)
    found = look(state, "api.github.com.")
    assert (found.status, found.answers) == ("ok", ("192.0.2.7",))
    assert look(state).status == "name-not-found"
    assert look(state).resolution.queries[0].rcode == "SERVFAIL"


@pytest.mark.parametrize(
    ("rule", "with_cache", "without"),
    [
        ({"to": [KUBE_DNS], "ports": BOTH}, "warning", ""),
        (block(VIP), "", "error"),
        ({"ports": BOTH}, "", ""),
        ({"ports": [{"port": 80}]}, "warning", "error"),
    ],
)
def test_the_check_of_forgotten_dns_says_what_a_lookup_says(
    rule: dict[str, Any], with_cache: str, without: str
) -> None:
    """pitfalls NP-03, at the Node's own address where NodeLocal DNSCache has it."""
    for objects, severity in ((cache(), with_cache), ((), without)):
        found = [p for p in check(shop(*objects, egress(rule))) if p.code == "NP-03"]
        assert [p.severity for p in found] == ([severity] if severity else [])
        if severity == "warning":
            assert f"port 53 to {VIP}, which NodeLocal DNSCache has" in found[0].title


def test_default_deny_that_keeps_names_keeps_them_here() -> None:
    state = shop(*cache())
    for keep, status in ((True, "ok"), (False, "cannot-tell")):
        edit = default_deny(state.project, "shop", ["egress"], keep)
        assert edit.ok
        assert look(compile_project(edit.project)).status == status
    plain = default_deny(shop().project, "shop", ["egress"], True)
    assert "ipBlock" not in str([policy.dump() for policy in plain.project.of(NetworkPolicy)])


@pytest.mark.parametrize(
    "spec",
    [{"dnsPolicy": "None", "dnsConfig": {"nameservers": [LOCAL], "searches": ["shop.svc.cluster.local"]}},
     {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}],
)  # fmt: skip
def test_others_who_ask_it(spec: dict[str, Any]) -> None:
    assert look(shop(*cache(), spec=spec)).answers == ("10.96.7.7",)
