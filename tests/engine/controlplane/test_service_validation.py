"""What becomes of a Service that the API server rejects, its allocators refuse, or whose defaults it writes.

The reject list of domain/services.md stands row by row in `tests/facts/service_cases.py`.
"""

from typing import Any

import pytest

from designer.engine.controlplane import control_plane
from tests.engine.controlplane.clusters import allocated, project, service


def test_a_rejected_service_does_not_exist() -> None:
    done, problems = allocated(project(service("web", externalTrafficPolicy="Local")))
    state, more = control_plane(done)
    assert dict(state.services) == {}
    assert problems == ()
    assert [(p.code, p.object) for p in more] == [("SVC-V17", "Service:default/web")]
    assert "may only be set for externally-accessible services" in more[0].title


def test_defaults_that_the_api_server_writes() -> None:
    """services.md 7, row 'Defaults'; upstream: SetDefaults_Service of pkg/apis/core/v1/defaults.go."""
    start = project(
        service("web", ports=[{"port": 80}], sessionAffinity="ClientIP"),
        service("zero", ports=[{"port": 80, "targetPort": 0}]),
        service("lb", type="LoadBalancer"),
        loadBalancer={"pools": [{"addresses": ["203.0.113.0/29"]}]},
    )
    found = control_plane(allocated(start)[0])[0].services
    web, lb = found["Service:default/web"], found["Service:default/lb"]
    (port,) = web.ports
    assert (web.type, port.protocol, port.target_port, port.node_port) == ("ClusterIP", "TCP", 80, None)
    assert (web.internal_policy, web.external_policy, web.affinity_seconds) == ("Cluster", "Cluster", 10800)
    assert found["Service:default/zero"].ports[0].target_port == 80
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
