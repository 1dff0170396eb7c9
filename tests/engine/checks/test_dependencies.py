"""What workloads call by name: rows of `domain/pitfalls.md`, query counts of `domain/dns.md`."""

from typing import Any

import pytest

from tests.engine.checks.clusters import deployment, only, policy, service, told

Data = dict[str, Any]

DNS_PORT = {"containerPort": 53, "protocol": "UDP"}
DNS = (
    deployment("coredns", {"k8s-app": "kube-dns"}, ports=(DNS_PORT,), namespace="kube-system"),
    service(
        "kube-dns",
        {"k8s-app": "kube-dns"},
        namespace="kube-system",
        clusterIP="10.96.0.10",
        ports=[{"port": 53, "protocol": "UDP"}],
    ),
)


def caller(text: str, **more: Any) -> Data:
    container = {"env": [{"name": "TARGET", "value": text}], **more.pop("container", {})}
    return deployment("client", container=container, **more)


API = (deployment("api"), service("api"))


# --- DNS-01


def test_dns_01_a_short_name_of_a_service_in_another_namespace() -> None:
    found = only("DNS-01", *API, *DNS, caller("http://api", namespace="front"))
    assert found.title == "Deployment front/client: env TARGET names api, which is a Service of namespace shop"
    assert found.field == "spec.template.spec.containers[0].env[0].value"
    assert found.fix == "Write api.shop." and found.severity == "error"


@pytest.mark.parametrize("text", ["http://api.shop", "http://nobody", "api"])
def test_dns_01_is_not_told_of_names_that_are_found_or_are_no_services(text: str) -> None:
    assert told("DNS-01", *API, *DNS, caller(text, namespace="front")) == []


def test_dns_01_is_not_told_where_hosts_or_the_own_namespace_have_the_name() -> None:
    alias = caller("http://api", namespace="front", hostAliases=[{"ip": "203.0.113.5", "hostnames": ["api"]}])
    assert told("DNS-01", *API, *DNS, alias) == []
    assert told("DNS-01", *API, *DNS, caller("http://api")) == []


# --- SVC-11


@pytest.mark.parametrize(("mode", "said"), [("iptables", "time out"), ("nftables", "refuses"), ("ipvs", "refused")])
def test_svc_11_a_port_that_the_service_has_not(mode: str, said: str) -> None:
    found = only("SVC-11", *API, caller("http://api:9090"), kubeProxy={"mode": mode})
    assert "calls Service shop/api on port 9090" in found.title
    assert said in found.why and found.fix == "Its ports are 80."


@pytest.mark.parametrize("text", ["http://api", "api:80", "redis://api", "other:9090"])
def test_svc_11_is_not_told_of_known_ports_and_unknown_services(text: str) -> None:
    assert told("SVC-11", *API, caller(text)) == []


def test_svc_11_the_port_of_a_headless_service_translates_nothing() -> None:
    assert told("SVC-11", deployment("api"), service("api", clusterIP="None"), caller("api:9090")) == []


# --- DNS-02


@pytest.mark.parametrize(
    ("host", "queries"),
    [
        ("example.com", 8),  # domain/dns.md: three search domains and the name itself, for A and AAAA
        ("a.b.c.example.com", 8),
    ],
)
def test_dns_02_queries_of_a_name_outside(host: str, queries: int) -> None:
    found = only("DNS-02", *DNS, caller(f"https://{host}/x"))
    assert found.title == f"Deployment shop/client: looking up {host} takes up to {queries} queries"
    assert found.severity == "info"


@pytest.mark.parametrize(
    "host", ["a.b.c.d.example.com", "api.shop", "api.shop.svc.cluster.local", "localhost", "10.0.0.1"]
)
def test_dns_02_is_not_told_of_names_that_are_tried_at_once_or_are_of_the_cluster(host: str) -> None:
    assert told("DNS-02", *API, *DNS, caller(f"https://{host}/x")) == []


def test_dns_02_fewer_dots_are_asked_for() -> None:
    config = {"options": [{"name": "ndots", "value": "1"}]}
    assert told("DNS-02", *DNS, caller("https://example.com", dnsConfig=config)) == []


# --- DNS-06


def quorum(**more: Any) -> Data:
    container = {"args": ["--peers=db-0.db,db-1.db"], "readinessProbe": {"tcpSocket": {"port": 8080}}, **more}
    found = deployment("db", kind="StatefulSet", container=container)
    found["spec"]["serviceName"] = "db"
    return found


def test_dns_06_peers_that_have_no_name_before_they_are_ready() -> None:
    headless = service("db", clusterIP="None")
    found = only("DNS-06", quorum(), headless, *DNS)
    assert "names its own Pod db-0.db" in found.title and "publishNotReadyAddresses" in found.fix
    assert told("DNS-06", quorum(), service("db", clusterIP="None", publishNotReadyAddresses=True), *DNS) == []
    assert told("DNS-06", quorum(readinessProbe=None), headless, *DNS) == []
    assert told("DNS-06", quorum(args=["--peers=other-0.db"]), headless, *DNS) == []


# --- IP-16


def test_ip_16_a_variable_of_a_service_that_is_not_there() -> None:
    found = only("IP-16", *API, caller("http://$(CART_SERVICE_HOST):$(API_SERVICE_PORT)"))
    assert (
        found.title == "Deployment shop/client: env TARGET uses $(CART_SERVICE_HOST), a variable that no container gets"
    )
    assert told("IP-16", *API, caller("$(API_SERVICE_HOST) $(KUBERNETES_SERVICE_HOST)")) == []
    assert len(told("IP-16", *API, caller("$(API_SERVICE_HOST)", namespace="front"))) == 1
    assert len(told("IP-16", *API, caller("$(API_SERVICE_HOST)", enableServiceLinks=False))) == 1
    headless = deployment("api"), service("api", clusterIP="None")
    assert len(told("IP-16", *headless, caller("$(API_SERVICE_HOST)"))) == 1


# --- NP-02

LET_IN = "podSelector: {matchLabels: {app: api}}\ningress: [{from: [{podSelector: {matchLabels: {app: client}}}]}]"
SENDS_NOTHING = "podSelector: {matchLabels: {app: client}}\npolicyTypes: [Egress]"
SENDS = SENDS_NOTHING + "\negress: [{to: [{podSelector: {matchLabels: {app: api}}}]}]"
LETS_NOBODY_IN = "podSelector: {matchLabels: {app: api}}\npolicyTypes: [Ingress]"


def test_np_02_one_side_allows_and_the_other_denies() -> None:
    found = only("NP-02", *API, caller("api:80"), policy(LET_IN, "in"), policy(SENDS_NOTHING, "out"))
    assert found.object == "NetworkPolicy:shop/out" and found.field == "spec.egress" and found.severity == "error"
    assert found.title == "Deployment shop/client may not send to Service shop/api, though the Pods behind it let it in"
    assert "port 8080" in found.fix  # the Pod's port: policies see packets after translation (policies.md)
    found = only("NP-02", *API, caller("api:80"), policy(LETS_NOBODY_IN, "in"), policy(SENDS, "out"))
    assert found.object == "NetworkPolicy:shop/in" and found.field == "spec.ingress"


@pytest.mark.parametrize(
    "policies",
    [
        (policy(LET_IN, "in"), policy(SENDS, "out")),
        (policy(LETS_NOBODY_IN, "in"), policy(SENDS_NOTHING, "out")),
        (policy(SENDS_NOTHING, "out"),),  # nobody says that the call is wanted
        (policy(LET_IN, "in"),),
    ],
)
def test_np_02_is_not_told_where_both_agree_or_one_says_nothing(policies: tuple[Data, ...]) -> None:
    assert told("NP-02", *API, caller("api:80"), *policies) == []


def test_np_02_is_not_told_where_nothing_is_enforced() -> None:
    flannel = {"cni": {"plugin": "flannel", "backend": "vxlan"}}
    both = policy(LET_IN, "in"), policy(SENDS_NOTHING, "out")
    assert told("NP-02", *API, caller("api:80"), *both, **flannel) == []
