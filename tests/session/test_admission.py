"""What an edit may take of what others hold: `domain/ipam.md`, "ClusterIP" and "NodePort"."""

from dataclasses import replace

import pytest

from designer.edits.fields import set_field
from designer.engine.controlplane import allocate
from designer.manifests import read_texts
from designer.model import Project, Service
from designer.session.admission import admitted

TWO = """apiVersion: v1
kind: Service
metadata: {name: one}
spec: {type: NodePort, clusterIP: 10.96.0.20, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: two}
spec: {type: NodePort, ports: [{port: 80}]}
"""
ONE, SECOND = "Service:default/one", "Service:default/two"


def project(text: str = TWO) -> Project:
    found = read_texts([("a.yaml", text)]).project
    assert found is not None
    return replace(found, ledger=allocate(found)[0])


def change(before: Project, oid: str, path: str, value: object, held_to: str | None = None):  # type: ignore[no-untyped-def]
    return admitted(before, set_field(before, oid, path, value), oid, path if held_to is None else held_to)


def drawn_of_two(before: Project) -> tuple[str, int]:
    record = before.ledger.services[SECOND]
    return record.clusterIPs[0], record.nodePorts["80/TCP"]


def test_what_another_service_holds_is_refused_whether_given_or_drawn() -> None:
    before = project()
    drawn_ip, drawn_port = drawn_of_two(before)
    for oid, address, port in ((SECOND, "10.96.0.20", 30080), (ONE, drawn_ip, drawn_port)):
        for path, value, code in (("spec.clusterIP", address, "SVC-V22"), ("spec.ports[0].nodePort", port, "SVC-26")):
            edit = change(before, oid, path, value)
            assert not edit.ok and edit.project is before
            assert [(p.code, p.object, p.field) for p in edit.problems] == [(code, oid, path)]


def test_what_it_holds_itself_and_what_is_free_is_taken() -> None:
    before = project()
    drawn_ip, drawn_port = drawn_of_two(before)
    assert change(before, SECOND, "spec.clusterIP", drawn_ip).ok
    assert change(before, SECOND, "spec.ports[0].nodePort", drawn_port).ok
    assert change(before, SECOND, "spec.ports[0].nodePort", 30081).ok
    assert change(before, SECOND, "spec.clusterIP", "10.96.0.21").ok


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [("spec.clusterIP", "10.11.12.13", "IP-10"), ("spec.ports[0].nodePort", 32768, "SVC-27")],
)
def test_what_lies_outside_the_ranges_is_refused(path: str, value: object, code: str) -> None:
    edit = change(project(), SECOND, path, value)
    assert [problem.code for problem in edit.problems] == [code]


def test_a_service_that_was_refused_before_can_still_be_edited() -> None:
    """An input with two Services of one node port: the second is not in the cluster, and is mended step by step."""
    clash = TWO.replace(
        "spec: {type: NodePort, ports: [{port: 80}]}", "spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}"
    )
    before = project(clash)
    assert SECOND not in before.ledger.services
    assert change(before, SECOND, "metadata.labels", {"a": "b"}, "").ok
    mended = change(before, SECOND, "spec.ports[0].nodePort", 30081)
    assert mended.ok and mended.project.find(Service, SECOND) is not None


def test_a_field_that_another_one_makes_wrong_is_left_to_be_mended_next() -> None:
    """Type NodePort makes a number count that ClusterIP did not: the type is taken, the number is said to be wrong."""
    before = project(
        TWO.replace("{type: NodePort, ports: [{port: 80}]}", "{type: NodePort, ports: [{port: 80, nodePort: 30999}]}")
    )
    low = set_field(before, SECOND, "spec.ports[0].nodePort", 80)
    assert admitted(before, low, SECOND, "spec.type").ok
    assert not admitted(before, low, SECOND, "spec.ports").ok
