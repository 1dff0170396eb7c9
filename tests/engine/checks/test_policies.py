"""`domain/pitfalls.md`, "Network policies": each row with a case that has it and one that has not."""

from tests.engine.checks.clusters import deployment, obj, only, policy, problems, service, told
from tests.engine.checks.test_addressing import dns

WEB = deployment()
CILIUM = {"cni": {"plugin": "cilium", "backend": "vxlan"}}
WEAVE = {"cni": {"plugin": "weave", "backend": "fastdp"}}
FLANNEL = {"cni": {"plugin": "flannel", "backend": "vxlan"}}


def test_np_01_nobody_enforces() -> None:
    assert told("NP-01", WEB, policy("podSelector: {}"), **FLANNEL) == ["1 NetworkPolicy without effect"]
    assert told("NP-01", WEB, policy("podSelector: {}")) == []
    assert told("NP-01", WEB, **FLANNEL) == []


def test_np_03_egress_blocks_dns() -> None:
    found = only("NP-03", WEB, *dns(), policy("{podSelector: {}, policyTypes: [Egress]}", "deny"))
    assert found.title == "Deployment shop/web: egress to DNS is denied by shop/deny"
    assert found.object == "NetworkPolicy:shop/deny"
    both = """{podSelector: {}, egress: [{to: [{namespaceSelector: {},
        podSelector: {matchLabels: {k8s-app: kube-dns}}}],
        ports: [{port: 53, protocol: UDP}, {port: 53}]}]}"""
    assert told("NP-03", WEB, *dns(), policy(both)) == []
    assert told("NP-03", WEB, *dns(), policy("podSelector: {}")) == []
    udp = policy(both.replace(", {port: 53}", ""))
    assert only("NP-03", WEB, *dns(), udp).severity == "warning", "TCP is for long answers"


def test_np_04_dns_over_tcp_only() -> None:
    tcp = policy("{podSelector: {}, egress: [{ports: [{port: 53}]}]}")
    assert len(told("NP-04", WEB, *dns(), tcp)) == 1
    both = policy("{podSelector: {}, egress: [{ports: [{port: 53}, {port: 53, protocol: UDP}]}]}")
    assert told("NP-04", WEB, *dns(), both) == []


def test_np_05_service_port_in_a_rule() -> None:
    found = only("NP-05", WEB, service(), policy("{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"))
    assert found.title.endswith("port 80 is the port of Service shop/web, its Pods listen on 8080")
    assert found.field == "spec.ingress[0].ports[0]"
    assert told("NP-05", WEB, service(), policy("{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}")) == []


def test_np_05_on_the_way_out() -> None:
    spec = "{podSelector: {}, egress: [{to: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}]}"
    assert len(told("NP-05", WEB, service(), policy(spec))) == 1


def test_np_06_block_of_services() -> None:
    def to(cidr: str) -> object:
        return policy(f"{{podSelector: {{}}, egress: [{{to: [{{ipBlock: {{cidr: {cidr}}}}}]}}]}}")

    assert len(told("NP-06", WEB, to("10.96.0.0/12"))) == 1  # type: ignore[arg-type]
    assert told("NP-06", WEB, to("203.0.113.0/24")) == []  # type: ignore[arg-type]
    into = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.96.0.0/12}}]}]}")
    assert told("NP-06", WEB, into) == [], "the row is about egress: nobody calls from a Service's address"


def test_np_07_clients_by_address_behind_a_node_port() -> None:
    clients = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}")
    assert len(told("NP-07", WEB, service(type="NodePort"), clients)) == 1
    assert told("NP-07", WEB, service(type="NodePort", externalTrafficPolicy="Local"), clients) == []
    assert told("NP-07", WEB, service(), clients) == []


def test_np_08_two_entries_that_look_like_one() -> None:
    apart = "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}, {podSelector: {matchLabels: {app: web}}}]}]}"
    together = "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}]}]}"
    assert only("NP-08", WEB, policy(apart)).field == "spec.ingress[0].from[1]"
    assert told("NP-08", WEB, policy(together)) == []
    whole = together.replace("}}}]}]}", "}}}, {podSelector: {matchLabels: {app: web}}}]}]}")
    assert told("NP-08", WEB, policy(whole)) == [], "the first of the two has its podSelector"


def test_np_09_pods_of_another_namespace() -> None:
    spec = "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}]}]}"
    found = only("NP-09", WEB, deployment("api", namespace="back"), policy(spec))
    assert "kubernetes.io/metadata.name: back" in found.fix
    assert told("NP-09", WEB, deployment("api"), policy(spec)) == []


def test_np_10_egress_left_open() -> None:
    assert len(told("NP-10", WEB, policy("{podSelector: {}, egress: []}"))) == 1
    assert told("NP-10", WEB, policy("{podSelector: {}, egress: [], policyTypes: [Ingress, Egress]}")) == []
    assert told("NP-10", WEB, policy("podSelector: {}")) == []


def test_np_11_and_22_selects_nothing() -> None:
    found = only("NP-11", WEB, policy("podSelector: {matchLabels: {app: wep}}"))
    assert found.fix == "Nearest labels in the namespace: app=web."
    assert told("NP-11", WEB, policy("podSelector: {matchLabels: {app: web}}")) == []
    moved = policy("podSelector: {matchLabels: {app: web}}", namespace="other")
    assert only("NP-22", WEB, moved).fix == "Move the policy to namespace shop."
    assert told("NP-11", WEB, moved) == []


def test_np_12_peer_matches_nothing() -> None:
    spec = "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: x}}}]}]}"
    assert len(told("NP-12", WEB, policy(spec))) == 1
    assert told("NP-12", WEB, obj("Namespace", "shop", meta={"labels": {"team": "x"}}), policy(spec)) == []


def test_np_13_named_port_unknown() -> None:
    assert len(told("NP-13", WEB, policy("{podSelector: {}, ingress: [{ports: [{port: metrics}]}]}"))) == 1
    assert told("NP-13", WEB, policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}")) == []


def test_np_14_pod_addresses_on_cilium() -> None:
    spec = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/24}}]}]}")
    assert len(told("NP-14", WEB, spec, **CILIUM)) == 1
    assert told("NP-14", WEB, spec) == []


def test_np_15_host_network() -> None:
    agent = deployment("agent", hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet", ports=())
    assert len(told("NP-15", agent, policy("podSelector: {}"))) == 1
    spec = policy(
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: agent}}}]}]}"
    )
    assert only("NP-15", WEB, agent, spec).field == "spec.ingress[0].from[0]"
    assert told("NP-15", WEB, policy("podSelector: {}")) == []
    everybody = policy("{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]}")
    assert told("NP-15", WEB, agent, everybody) == [], "the peer means other Pods too"


def gateway(**spec: object) -> tuple[dict[str, object], ...]:
    """An Ingress controller of its own namespace, its class, and an Ingress to `web`."""
    pods = deployment("gate", namespace="edge", ports=({"containerPort": 80},), **spec)  # type: ignore[arg-type]
    controller = {"profile": "traefik", "workload": "Deployment:edge/gate"}
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "shop.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    return (
        pods,
        obj("IngressController", "gate", "edge", spec=controller),
        obj("IngressClass", "c", spec={"controller": "traefik.io/ingress-controller"}),
        obj("Ingress", "i", "shop", spec={"ingressClassName": "c", "rules": [rule]}),
    )


ALLOW_EDGE = (
    "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}]}]}"
)


def test_np_16_ingress_controller_not_let_in() -> None:
    found = only("NP-16", WEB, service(), *gateway(), policy("podSelector: {}", "deny"))
    assert found.object == "NetworkPolicy:shop/deny"
    assert told("NP-16", WEB, service(), *gateway(), policy(ALLOW_EDGE)) == []
    assert told("NP-16", WEB, service(), *gateway()) == []


def test_np_17_controller_on_host_network() -> None:
    on_host = gateway(hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet")
    assert len(told("NP-17", WEB, service(), *on_host, policy(ALLOW_EDGE))) == 1
    by_address = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.168.10.0/24}}]}]}")
    assert told("NP-17", WEB, service(), *on_host, by_address) == []


def test_no_ip_block_is_proposed_for_nodes_where_it_never_matches_them() -> None:
    """policies.md section 7, row 'CIDR/ipBlock': not Nodes by default; policy-cidr-match-mode takes them in."""
    on_host = gateway(hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet")
    told_so = only("NP-17", WEB, service(), *on_host, policy(ALLOW_EDGE), **CILIUM).fix
    assert "fromEntities (host, remote-node)" in told_so and not told_so.startswith("Allow by ipBlock")
    nodes_too = {"cni": {**CILIUM["cni"], "policyCIDRMatchNodes": True}}
    for settings in ({}, nodes_too):
        fix = only("NP-17", WEB, service(), *on_host, policy(ALLOW_EDGE), **settings).fix
        assert fix.startswith("Allow by ipBlock")


def test_np_21_unsupported_fields() -> None:
    spec = policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}")
    assert len(told("NP-21", WEB, spec, **WEAVE)) == 1
    assert told("NP-21", WEB, spec) == []


def test_np_90_refused_policies_are_told_and_left_out() -> None:
    bad = policy("{podSelector: {}, ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}")
    found = only("NP-90", WEB, bad)
    assert (found.severity, found.field) == ("error", "spec.ingress[0].from[0]")
    assert not any(p.code == "NP-90" for p in problems(WEB, policy("podSelector: {}")))
