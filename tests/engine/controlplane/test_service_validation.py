"""What the API server rejects: domain/services.md, "API server validation (reject list)", row by row."""

from typing import Any

import pytest

from designer.engine.controlplane import control_plane
from designer.engine.controlplane.servicevalidation import validate
from designer.model import Service
from tests.engine.controlplane.clusters import allocated, project, service, settings

ONE = [{"port": 80}]


def findings(name: str = "web", version: str = "1.36", metadata: dict[str, Any] | None = None, **spec: Any) -> set[str]:
    made = service(name, metadata=metadata or {}, **spec)
    assert isinstance(made, Service)
    return {f"{p.code} {p.field}" for p in validate(made, settings(kubernetesVersion=version))}


REJECTED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("1 name", {"name": "Web_1"}, "SVC-V01 metadata.name"),
    ("1 too long", {"name": "a" * 64}, "SVC-V01 metadata.name"),
    ("1 digit first before 1.36", {"name": "1web", "version": "1.35"}, "SVC-V01 metadata.name"),
    ("2 no port", {"ports": []}, "SVC-V02 spec.ports"),
    ("3 names required", {"ports": [{"port": 80}, {"port": 81, "name": "b"}]}, "SVC-V03 spec.ports[0].name"),
    (
        "3 names unique",
        {"ports": [{"port": 80, "name": "a"}, {"port": 81, "name": "a"}]},
        "SVC-V03 spec.ports[1].name",
    ),
    ("4 name form", {"ports": [{"port": 80, "name": "Web"}]}, "SVC-V03 spec.ports[0].name"),
    ("5 port", {"ports": [{"port": 70000}]}, "SVC-V05 spec.ports[0].port"),
    ("5 protocol", {"ports": [{"port": 80, "protocol": "HTTP"}]}, "SVC-V05 spec.ports[0].protocol"),
    ("6 number", {"ports": [{"port": 80, "targetPort": 0}]}, "SVC-V06 spec.ports[0].targetPort"),
    ("6 16 chars", {"ports": [{"port": 80, "targetPort": "abcdefghijklmnop"}]}, "SVC-V06 spec.ports[0].targetPort"),
    ("6 no letter", {"ports": [{"port": 80, "targetPort": "8-0"}]}, "SVC-V06 spec.ports[0].targetPort"),
    ("6 two dashes", {"ports": [{"port": 80, "targetPort": "a--b"}]}, "SVC-V06 spec.ports[0].targetPort"),
    ("6 dash last", {"ports": [{"port": 80, "targetPort": "a-"}]}, "SVC-V06 spec.ports[0].targetPort"),
    ("7 port twice", {"ports": [{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]}, "SVC-V07 spec.ports[1]"),
    (
        "8 node port twice",
        {
            "type": "NodePort",
            "ports": [{"port": 80, "name": "a", "nodePort": 30001}, {"port": 81, "name": "b", "nodePort": 30001}],
        },
        "SVC-V08 spec.ports[1].nodePort",
    ),
    ("9 node port on ClusterIP", {"ports": [{"port": 80, "nodePort": 30001}]}, "SVC-V09 spec.ports[0].nodePort"),
    ("10 headless NodePort", {"type": "NodePort", "clusterIP": "None"}, "SVC-V10 spec.clusterIPs[0]"),
    ("10 headless LoadBalancer", {"type": "LoadBalancer", "clusterIP": "None"}, "SVC-V10 spec.clusterIPs[0]"),
    (
        "11 ExternalName with families",
        {"type": "ExternalName", "externalName": "a.b", "ipFamilies": ["IPv4"]},
        "SVC-V11 spec.ipFamilies",
    ),
    (
        "11 ExternalName with ClusterIP",
        {"type": "ExternalName", "externalName": "a.b", "clusterIP": "10.96.0.9"},
        "SVC-V11 spec.clusterIPs",
    ),
    ("11 no externalName", {"type": "ExternalName"}, "SVC-V11 spec.externalName"),
    ("11 bad externalName", {"type": "ExternalName", "externalName": "a_b"}, "SVC-V11 spec.externalName"),
    ("12 three", {"clusterIPs": ["10.96.0.9", "fd00::9", "10.96.0.8"]}, "SVC-V12 spec.clusterIPs"),
    ("12 one a family", {"clusterIPs": ["10.96.0.9", "10.96.0.8"]}, "SVC-V12 spec.clusterIPs"),
    ("12 None alone", {"clusterIPs": ["None", "10.96.0.8"]}, "SVC-V12 spec.clusterIPs[0]"),
    ("12 first", {"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.9"]}, "SVC-V12 spec.clusterIPs"),
    (
        "14",
        {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}}},
        "SVC-V14 spec.sessionAffinityConfig",
    ),
    (
        "14 seconds",
        {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}},
        "SVC-V14 spec.sessionAffinityConfig.clientIP.timeoutSeconds",
    ),
    (
        "14 seconds 0",
        {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 0}}},
        "SVC-V14 spec.sessionAffinityConfig.clientIP.timeoutSeconds",
    ),
    ("14 affinity", {"sessionAffinity": "Cookie"}, "SVC-V14 spec.sessionAffinity"),
    (
        "12 not of its family",
        {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"], "ipFamilies": ["IPv6"]},
        "SVC-V12 spec.clusterIPs[0]",
    ),
    (
        "12 two families, one stack",
        {"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4", "IPv6"]},
        "SVC-V12 spec.ipFamilyPolicy",
    ),
    ("12 family policy", {"ipFamilyPolicy": "DualStack"}, "SVC-V12 spec.ipFamilyPolicy"),
    ("12 no address", {"clusterIP": "10.96.0"}, "SVC-V12 spec.clusterIPs"),
    (
        "11 nodePort of ExternalName",
        {"type": "ExternalName", "externalName": "a.b", "ports": [{"port": 80, "nodePort": 30001}]},
        "SVC-V09 spec.ports[0].nodePort",
    ),
    ("15 link-local multicast v6", {"externalIPs": ["ff02::1"]}, "SVC-V15 spec.externalIPs[0]"),
    ("15 loopback v6", {"externalIPs": ["::1"]}, "SVC-V15 spec.externalIPs[0]"),
    (
        "16 no range",
        {"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.0/33"]},
        "SVC-V16 spec.loadBalancerSourceRanges[0]",
    ),
    ("16 class form", {"type": "LoadBalancer", "loadBalancerClass": "a b"}, "SVC-V16 spec.loadBalancerClass"),
    ("16 kubelet", {"type": "LoadBalancer", "ports": [{"port": 10250}]}, "SVC-V16 spec.ports[0]"),
    ("16 appProtocol form", {"ports": [{"port": 80, "appProtocol": "a//b"}]}, "SVC-V16 spec.ports[0].appProtocol"),
    ("17 value", {"type": "NodePort", "externalTrafficPolicy": "Near"}, "SVC-V17 spec.externalTrafficPolicy"),
    ("17 internal value", {"internalTrafficPolicy": "Near"}, "SVC-V17 spec.internalTrafficPolicy"),
    (
        "18 on NodePort",
        {"type": "NodePort", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30009},
        "SVC-V18 spec.healthCheckNodePort",
    ),
    ("0 type", {"type": "Ingress"}, "SVC-V00 spec.type"),
    ("15 unspecified", {"externalIPs": ["0.0.0.0"]}, "SVC-V15 spec.externalIPs[0]"),
    ("15 loopback", {"externalIPs": ["127.0.0.1"]}, "SVC-V15 spec.externalIPs[0]"),
    ("15 link-local", {"externalIPs": ["169.254.1.1"]}, "SVC-V15 spec.externalIPs[0]"),
    ("15 link-local multicast", {"externalIPs": ["224.0.0.5"]}, "SVC-V15 spec.externalIPs[0]"),
    ("15 no address", {"externalIPs": ["example.com"]}, "SVC-V15 spec.externalIPs[0]"),
    ("16 ranges", {"loadBalancerSourceRanges": ["10.0.0.0/8"]}, "SVC-V16 spec.loadBalancerSourceRanges"),
    ("16 class", {"type": "NodePort", "loadBalancerClass": "a.b/c"}, "SVC-V16 spec.loadBalancerClass"),
    ("16 ports", {"allocateLoadBalancerNodePorts": False}, "SVC-V16 spec.allocateLoadBalancerNodePorts"),
    ("17", {"externalTrafficPolicy": "Local"}, "SVC-V17 spec.externalTrafficPolicy"),
    (
        "18",
        {"type": "LoadBalancer", "healthCheckNodePort": 30009},
        "SVC-V18 spec.healthCheckNodePort",
    ),
    ("19", {"trafficDistribution": "PreferFast"}, "SVC-V19 spec.trafficDistribution"),
    (
        "20",
        {
            "metadata": {
                "annotations": {
                    "service.kubernetes.io/topology-mode": "Auto",
                    "service.kubernetes.io/topology-aware-hints": "Disabled",
                }
            }
        },
        "SVC-V20 metadata.annotations[service.kubernetes.io/topology-mode]",
    ),
    ("21 leading zeros", {"externalIPs": ["192.0.02.1"]}, "IP-17 spec.externalIPs"),
    (
        "21 host bits",
        {"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.1/8"]},
        "IP-17 spec.loadBalancerSourceRanges",
    ),
)


@pytest.mark.parametrize(("row", "spec", "expected"), REJECTED, ids=[row for row, _, _ in REJECTED])
def test_rejected(row: str, spec: dict[str, Any], expected: str) -> None:
    assert findings(**spec) == {expected}


ACCEPTED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("1 digit first from 1.36", {"name": "1web"}),
    ("2 headless without ports", {"ports": [], "clusterIP": "None"}),
    ("2 ExternalName without ports", {"ports": [], "type": "ExternalName", "externalName": "a.example.com."}),
    ("6 15 chars", {"ports": [{"port": 80, "targetPort": "abcdefghijklmno"}]}),
    (
        "7 same port, other protocol",
        {"ports": [{"port": 53, "name": "a"}, {"port": 53, "name": "b", "protocol": "UDP"}]},
    ),
    ("17 externalIPs count as external", {"externalTrafficPolicy": "Local", "externalIPs": ["192.0.2.1"]}),
    ("19 PreferClose", {"trafficDistribution": "PreferClose"}),
    ("21 before 1.36", {"version": "1.35", "externalIPs": ["192.0.02.1"]}),
    ("accepted: selector that matches nothing", {"selector": {"no": "body"}}),
    ("accepted: Local without local Pods", {"internalTrafficPolicy": "Local"}),
)


@pytest.mark.parametrize(("row", "spec"), ACCEPTED, ids=[row for row, _ in ACCEPTED])
def test_accepted(row: str, spec: dict[str, Any]) -> None:
    assert findings(**spec) == set()


def test_a_rejected_service_does_not_exist() -> None:
    done, problems = allocated(project(service("web", externalTrafficPolicy="Local")))
    state, more = control_plane(done)
    assert dict(state.services) == {}
    assert problems == ()
    assert [(p.code, p.object) for p in more] == [("SVC-V17", "Service:default/web")]
    assert "may only be set for externally-accessible services" in more[0].title


def test_defaults_that_the_api_server_writes() -> None:
    start = project(
        service("web", ports=[{"port": 80}], sessionAffinity="ClientIP"),
        service("lb", type="LoadBalancer"),
        loadBalancer={"pools": [{"addresses": ["203.0.113.0/29"]}]},
    )
    found = control_plane(allocated(start)[0])[0].services
    web, lb = found["Service:default/web"], found["Service:default/lb"]
    (port,) = web.ports
    assert (web.type, port.protocol, port.target_port, port.node_port) == ("ClusterIP", "TCP", 80, None)
    assert (web.internal_policy, web.external_policy, web.affinity_seconds) == ("Cluster", "Cluster", 10800)
    assert lb.affinity_seconds is None
    assert lb.ports[0].node_port is not None
    assert [(a.ip, a.ip_mode) for a in lb.load_balancer] == [("203.0.113.0", "VIP")]


LOCAL = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}


@pytest.mark.parametrize(
    ("spec", "code", "words"),
    [
        ({**LOCAL, "healthCheckNodePort": 8080}, "SVC-27", "The range of valid ports is 30000-32767"),
        ({**LOCAL, "healthCheckNodePort": 30100}, "SVC-26", "provided port is already allocated"),
        ({"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]}, "SVC-27", "not in the valid range"),
        ({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30100}]}, "SVC-26", "already allocated"),
        ({"clusterIP": "192.0.2.1"}, "IP-10", "does not match the current range"),
        ({"clusterIP": "10.96.0.77"}, "SVC-V22", "provided IP is already allocated"),
        ({"ipFamilies": ["IPv6"]}, "SVC-V12", "not configured on this cluster"),
        ({"ipFamilyPolicy": "RequireDualStack"}, "IP-14", "not configured for dual-stack"),
    ],
)
def test_what_the_allocators_of_the_api_server_refuse(spec: dict[str, Any], code: str, words: str) -> None:
    taken = service("first", type="NodePort", clusterIP="10.96.0.77", ports=[{"port": 80, "nodePort": 30100}])
    first, _ = allocated(project(taken))
    done, problems = allocated(first.with_object(service("web", **spec)))
    assert [(p.code, p.object) for p in problems if p.severity == "error"] == [(code, "Service:default/web")]
    assert words in next(p.title for p in problems if p.severity == "error")
    assert "Service:default/web" not in control_plane(done)[0].services
