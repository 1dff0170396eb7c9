"""What is told of Services that the API server takes: `domain/pitfalls.md` rows, and its own warnings.

The words of a warning are those of pkg/api/service/warnings.go at v1.36.2.
"""

from typing import Any

import pytest

from tests.engine.checks.clusters import deployment, node, obj, only, service, told

WEB = deployment()
NAMED: dict[str, Any] = {"type": "ExternalName", "externalName": "db.example.com", "selector": None}


def alias(name: str = "web", **spec: Any) -> dict[str, Any]:
    return service(name, **{**NAMED, **spec})


def test_svc_05_pods_of_different_programs() -> None:
    shared = {"app": "web", "tier": "front"}
    other = deployment("api", {"app": "web", "tier": "back"})
    found = only("SVC-05", deployment("web", shared), other, service())
    assert found.title == "Service shop/web: its selector takes Pods of Deployment shop/api and of Deployment shop/web"
    assert found.fix.endswith("tier: back.") and found.field == "spec.selector"
    same = {"image": "example.com/web:2"}
    assert told("SVC-05", deployment("web", shared), deployment("canary", shared, container=same), service()) == []
    assert told("SVC-05", deployment("web", shared), other, service(selector=shared)) == []


CLIENT = obj("ExternalClient", "browser", spec={"addresses": ["198.51.100.7"]})
POOL = {"loadBalancer": {"pools": [{"name": "p", "addresses": ["203.0.113.0/28"]}]}}


@pytest.mark.parametrize(("ranges", "hit"), [("198.51.100.0/24", 0), ("192.0.2.0/24", 1), ("2001:db8::/32", 1)])
def test_svc_21_no_client_is_in_the_source_ranges(ranges: str, hit: int) -> None:
    made = service(type="LoadBalancer", loadBalancerSourceRanges=[ranges])
    assert len(told("SVC-21", WEB, made, CLIENT, **POOL)) == hit
    assert told("SVC-21", WEB, made, **POOL) == []


@pytest.mark.parametrize(("mode", "value", "hit"), [("VIP", "*", 1), ("Proxy", "*", 0), ("VIP", "false", 0)])
def test_svc_25_clients_inside_pass_the_proxy_protocol_by(mode: str, value: str, hit: int) -> None:
    """services.md: with ipMode Proxy kube-proxy makes no rules for the address."""
    made = service(type="LoadBalancer")
    made["metadata"]["annotations"] = {"service.beta.kubernetes.io/aws-load-balancer-proxy-protocol": value}
    balancer = {"loadBalancer": {**POOL["loadBalancer"], "ipMode": mode}}
    assert len(told("SVC-25", WEB, made, **balancer)) == hit


def test_svc_06_two_services_for_the_same_pods() -> None:
    other = service("sticky", {"app": "web"}, sessionAffinity="ClientIP")
    found = only("SVC-06", WEB, service(), other)
    assert (
        found.title == "Service shop/web and Service shop/sticky lead to the same Pods with different sessionAffinity"
    )
    assert told("SVC-06", WEB, service(), service("twin", {"app": "web"})) == []
    assert told("SVC-06", WEB, service(), service("headless", {"app": "web"}, clusterIP="None")) == []
    apart = deployment("api"), service("api", sessionAffinity="ClientIP")
    assert told("SVC-06", WEB, service(), *apart) == []


def test_svc_09_an_address_as_name() -> None:
    """services.md 2, row 'ExternalName with an address': DNS takes it for a name."""
    assert only("SVC-09", alias(externalName="203.0.113.9")).field == "spec.externalName"
    assert told("SVC-09", alias()) == []


def test_svc_10_https_behind_an_alias() -> None:
    """services.md 2, row 'ExternalName and Host': the server sees the name that the client typed."""
    found = only("SVC-10", alias(ports=[{"port": 443}]))
    assert found.severity == "info" and "Host header" in found.why
    assert told("SVC-10", alias(ports=[{"port": 5432}])) == []


def test_svc_34_aliases_in_a_circle() -> None:
    """services.md 7, row 'Taken: ExternalName loop'."""
    circle = [alias(a, externalName=f"{b}.shop.svc.cluster.local") for a, b in (("a", "b"), ("b", "c"), ("c", "a"))]
    assert len(told("SVC-34", *circle)) == 3
    assert told("SVC-34", *circle[:2]) == []
    assert len(told("SVC-34", alias("me", externalName="me.shop.svc.cluster.local."))) == 1
    # One that leads into a circle is not in it.
    assert len(told("SVC-34", *circle, alias("d", externalName="a.shop.svc.cluster.local"))) == 3


def zoned(a: int, b: int, clients: int) -> list[dict[str, Any]]:
    """`a` and `b` Pods of the Service in zones a and b, and so many clients on each of the two Nodes."""
    return [
        *([deployment("in-a", {"app": "web"}, a, nodeName="n1")] if a else []),
        *([deployment("in-b", {"app": "web"}, b, nodeName="n2")] if b else []),
        deployment("ca", replicas=clients, nodeName="n1"),
        deployment("cb", replicas=clients, nodeName="n2"),
    ]


ZONES = tuple(
    node(f"n{n}", f"192.168.10.1{n}", {"topology.kubernetes.io/zone": zone}) for n, zone in enumerate("ab", start=1)
)


def test_svc_15_a_busy_zone() -> None:
    """services.md 3, row 'Balance is not checked': 6 clients for 1 Pod against 6 for 4."""
    local = service(trafficDistribution="PreferSameZone")
    found = only("SVC-15", *zoned(1, 4, 6), local, nodes=ZONES)
    assert found.title.endswith("with PreferSameZone, 1 Pod in zone a may serve 6 others, 4 in zone b only 6")
    assert told("SVC-15", *zoned(2, 2, 6), local, nodes=ZONES) == []
    assert told("SVC-15", *zoned(1, 4, 6), service(), nodes=ZONES) == []
    auto = {"annotations": {"service.kubernetes.io/topology-mode": "Auto"}}
    by_auto = obj("Service", "web", "shop", auto, spec=local["spec"])
    assert told("SVC-15", *zoned(1, 4, 6), by_auto, nodes=ZONES) == []


@pytest.mark.parametrize(
    ("entry", "count"),
    [({"ip": "203.0.113.9"}, 0), ({"ip": "203.0.113.9", "ipMode": "Proxy"}, 1), ({"hostname": "lb"}, 1)],
)
def test_svc_17_affinity_behind_a_load_balancer(entry: dict[str, str], count: int) -> None:
    """services.md 4, row 'Behind SNAT': a load balancer with connections of its own is the only client."""
    sticky = service(type="LoadBalancer", sessionAffinity="ClientIP")
    sticky["status"] = {"loadBalancer": {"ingress": [entry]}}
    assert len(told("SVC-17", WEB, sticky)) == count
    assert told("SVC-17", WEB, {**sticky, "spec": {**sticky["spec"], "sessionAffinity": "None"}}) == []


def test_svc_28_a_node_port_that_a_pod_has() -> None:
    """services.md 7, row 'Taken: node port is a hostPort'."""
    outside = service(type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    pinned = deployment("agent", replicas=1, ports=({"containerPort": 9, "hostPort": 30080},))
    assert "NodePort 30080/TCP is also a port of the Node" in only("SVC-28", WEB, outside, pinned).title
    of_node = deployment("agent", replicas=1, ports=({"containerPort": 30080},), hostNetwork=True)
    assert len(told("SVC-28", WEB, outside, of_node)) == 1
    udp = deployment("agent", replicas=1, ports=({"containerPort": 9, "hostPort": 30080, "protocol": "UDP"},))
    assert told("SVC-28", WEB, outside, udp) == []


HEADLESS = {"clusterIP": "None"}


@pytest.mark.parametrize(
    ("spec", "code", "words"),
    [
        pytest.param({**HEADLESS, "sessionAffinity": "ClientIP"}, "SVC-W01", "spec.SessionAffinity is ignored",
                     id="services.md 2, row 'Headless ignores': affinity"),
        pytest.param({**HEADLESS, "externalIPs": ["192.0.2.9"]}, "SVC-W01", "spec.externalIPs is ignored for headless",
                     id="services.md 2, row 'Headless ignores': external IPs"),
        pytest.param({**HEADLESS, "loadBalancerIP": "192.0.2.9"}, "SVC-W01", "spec.loadBalancerIP is ignored",
                     id="services.md 2, row 'Headless ignores': loadBalancerIP"),
        pytest.param({**NAMED, "externalIPs": ["192.0.2.9"]}, "SVC-W02", "is ignored when spec.type is",
                     id="external IPs of an ExternalName"),
        pytest.param({"externalName": "a.b"}, "SVC-W02", "spec.externalName is ignored when spec.type is not",
                     id="externalName of another type"),
        pytest.param({"trafficDistribution": "PreferClose"}, "SVC-W03", 'is deprecated; use "PreferSameZone"',
                     id="services.md 3, row 'PreferClose': it warns"),
    ],
)  # fmt: skip
def test_warnings_of_the_api_server(spec: dict[str, Any], code: str, words: str) -> None:
    assert words in only(code, WEB, service(**spec)).title
    assert told(code, WEB, service()) == []
    if code == "SVC-W01":
        assert told("SVC-24", WEB, service(**spec)) == [], "what is ignored catches nothing"


@pytest.mark.parametrize(("version", "warned"), [("1.34", False), ("1.36", True)])
def test_external_ips_are_deprecated(version: str, warned: bool) -> None:
    """services.md 2, row 'externalIPs are deprecated': from 1.36 the API server says so (KEP-5707)."""
    found = only("SVC-24", WEB, service(externalIPs=["192.0.2.9"]), kubernetesVersion=version)
    assert ("spec.externalIPs is deprecated and may no longer be implemented in some clusters" in found.why) == warned


def test_prefer_close_is_no_old_name_before_1_35() -> None:
    close = service(trafficDistribution="PreferClose")
    assert told("SVC-W03", WEB, close, kubernetesVersion="1.34") == []


def test_the_old_annotation_of_topology_hints() -> None:
    annotations = {"annotations": {"service.kubernetes.io/topology-aware-hints": "Auto"}}
    old = obj("Service", "web", "shop", annotations, spec=service()["spec"])
    assert "please use service.kubernetes.io/topology-mode instead" in only("SVC-W03", WEB, old).title
