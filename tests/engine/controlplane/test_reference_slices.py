"""EndpointSlices derived from the Pods and Services of the reference cases equal those of the cases.

The cases' slices with the managed-by label hold what the EndpointSlice controller of 1.36 derives (their README). In
case 40 the hints were chosen by hand, so they are left out there.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from designer.engine.controlplane import allocate, control_plane
from designer.engine.controlplane.givenslices import given_slice
from designer.engine.controlplane.state import EndpointSliceState
from designer.manifests import read_texts
from designer.model import EMPTY_MAP, EndpointSlice, Project, Service

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "kubeproxy"
CASES = sorted(path.name for path in REFERENCE.iterdir() if (path / "cluster.yaml").exists())
HAND_WRITTEN_HINTS = "40-topology-hints"


def read_case(name: str) -> Project:
    text = (REFERENCE / name / "cluster.yaml").read_text(encoding="utf-8")
    result = read_texts([("cluster.yaml", text)], assuming=False)
    assert result.project is not None
    return result.project


def content(slices: list[EndpointSliceState], hints: bool) -> Counter[Any]:
    return Counter(
        (
            s.service_id,
            s.address_type,
            frozenset(s.ports),
            frozenset((e, (e.for_zones, e.for_nodes)) if hints else _unhinted(e) for e in s.endpoints),
        )
        for s in slices
    )


def _unhinted(endpoint: Any) -> Any:
    return (
        endpoint.addresses,
        endpoint.ready,
        endpoint.serving,
        endpoint.terminating,
        endpoint.node,
        endpoint.zone,
        endpoint.hostname,
        endpoint.pod,
    )


@pytest.mark.parametrize("name", CASES)
def test_derived_slices_are_those_of_the_controller(name: str) -> None:
    given = read_case(name)
    expected = [s for o in given.of(EndpointSlice) if (s := given_slice(o)) is not None and s.origin == "observed"]
    assert expected, "every case has slices of the controller"
    bare = Project(
        cluster=given.cluster, objects=given.objects.without("EndpointSlice"), ledger=given.ledger, foreign=EMPTY_MAP
    )
    ledger, _ = allocate(bare)
    control, _ = control_plane(Project(cluster=bare.cluster, objects=bare.objects, ledger=ledger))
    derived = [s for slices in control.slices.values() for s in slices]
    hints = name != HAND_WRITTEN_HINTS
    assert content(derived, hints) == content(expected, hints)


@pytest.mark.parametrize("name", CASES)
def test_what_the_input_gives_is_kept(name: str) -> None:
    given = read_case(name)
    ledger, problems = allocate(given)
    control, more = control_plane(Project(cluster=given.cluster, objects=given.objects, ledger=ledger))
    assert [p for p in (*problems, *more) if p.severity == "error"] == []
    text = (REFERENCE / name / "cluster.yaml").read_text(encoding="utf-8")
    for data in yaml.load_all(text, Loader=yaml.CSafeLoader):
        meta, spec = data.get("metadata", {}), data.get("spec", {})
        oid = f"{data['kind']}:{meta.get('namespace')}/{meta.get('name')}"
        if data["kind"] == "Service":
            state = control.services[oid]
            assert list(state.cluster_ips) == [ip for ip in spec.get("clusterIPs", []) if ip != "None"]
            assert [p.node_port for p in state.ports] == [p.get("nodePort") for p in spec.get("ports", [])]
            assert state.health_check_node_port == spec.get("healthCheckNodePort")
            ingress = data.get("status", {}).get("loadBalancer", {}).get("ingress", [])
            assert [(a.ip, a.hostname) for a in state.load_balancer] == [
                (e.get("ip"), e.get("hostname")) for e in ingress
            ]
        elif data["kind"] == "Pod":
            assert list(control.pods[oid].ips) == [e["ip"] for e in data["status"].get("podIPs", [])]
            assert control.pods[oid].node == spec.get("nodeName")
        elif data["kind"] == "EndpointSlice":
            found = control.slices[f"Service:{meta['namespace']}/{meta['labels']['kubernetes.io/service-name']}"]
            assert meta["name"] in [s.name for s in found]
    assert len(control.services) == len(given.slice(Service))
