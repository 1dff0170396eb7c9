"""Random Services: the editor takes exactly those that the API server of the engine takes, and never raises.

The two ask at different places: the edit before it is made (with what other Services hold), the control plane when it
hands out addresses and ports.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from designer.edits.fields import replace_object
from designer.engine.compile import compile_project
from designer.model import ClusterSettings, Project, Service
from designer.session.admission import admitted

OID = "Service:default/web"
HELD = {"metadata": {"name": "held", "namespace": "default"},
        "spec": {"type": "NodePort", "clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"],
                 "ports": [{"port": 80, "nodePort": 30001}]}}  # fmt: skip
PLAIN = {"metadata": {"name": "web", "namespace": "default"}, "spec": {"ports": [{"port": 8080}]}}
VERSIONS = ("1.33", "1.34", "1.35", "1.36")


def base(version: str) -> Project:
    """Both Services in a cluster of this version, their addresses and ports handed out."""
    objects = (Service.model_validate(HELD), Service.model_validate(PLAIN))
    return compile_project(Project(cluster=ClusterSettings(kubernetesVersion=version)).with_objects(objects)).project


BASES = {version: base(version) for version in VERSIONS}

PORT = st.fixed_dictionaries(
    {"port": st.sampled_from([80, 81, 53, 443])},
    optional={
        "name": st.sampled_from(["a", "b", "c", "Bad"]),
        "protocol": st.sampled_from(["TCP", "UDP", "SCTP"]),
        "targetPort": st.sampled_from([0, 8080, "http", "x--y"]),
        "nodePort": st.sampled_from([0, 30001, 30002, 30003, 80]),
    },
)
OPTIONAL: dict[str, Any] = {
    "clusterIP": st.sampled_from(["None", "10.96.0.8", "10.96.0.9", "192.0.2.1", "10.96.0"]),
    "externalName": st.sampled_from(["db.example.com", "a_b"]),
    "externalIPs": st.sampled_from([["192.0.2.1"], ["127.0.0.1"], ["192.0.02.1"]]),
    "externalTrafficPolicy": st.sampled_from(["Cluster", "Local"]),
    "sessionAffinity": st.sampled_from(["None", "ClientIP"]),
    "ipFamilyPolicy": st.sampled_from(["SingleStack", "PreferDualStack", "RequireDualStack"]),
    "ipFamilies": st.sampled_from([["IPv4"], ["IPv6"], ["IPv4", "IPv6"]]),
    "healthCheckNodePort": st.sampled_from([30001, 30009]),
    "loadBalancerSourceRanges": st.sampled_from([["10.0.0.0/8"], ["10.0.0.1/8"]]),
    "allocateLoadBalancerNodePorts": st.just(False),
    "trafficDistribution": st.sampled_from(["PreferClose", "PreferSameNode", "PreferFar"]),
}


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """A spec with a few fields: many of them fit each other."""
    chosen = draw(st.lists(st.sampled_from(sorted(OPTIONAL)), max_size=3, unique=True))
    kind = draw(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]))
    ports = draw(st.lists(PORT, min_size=1, max_size=2))
    return {"type": kind, "ports": ports, **{name: draw(OPTIONAL[name]) for name in chosen}}


@settings(max_examples=150)
@given(specs(), st.sampled_from(VERSIONS))
def test_the_editor_takes_what_the_api_server_takes(spec: dict[str, Any], version: str) -> None:
    """services.md 7, rows '1 name', '21 strict addresses' and all between them."""
    data = {"apiVersion": "v1", "kind": "Service", **PLAIN, "spec": spec}
    before = BASES[version]
    edit = admitted(before, replace_object(before, OID, data), OID)
    state = compile_project(before.with_object(Service.model_validate(data)))
    taken = OID in state.control.services
    told = [p.title for p in state.problems if p.object == OID and p.severity == "error"]
    assert edit.ok == taken, (edit.problems, told)
    assert "Service:default/held" in state.control.services, "who was there first stays"
