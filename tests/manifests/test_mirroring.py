"""Endpoints without selector become slices, by Kubernetes' "EndpointSlice mirroring"."""

import pytest

from designer.manifests import export, read_texts
from designer.manifests.read import ImportResult
from designer.model import EndpointSlice

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {ports: [{name: pg, port: 5432}]%s}\n---\n"
ENDPOINTS = """apiVersion: v1
kind: Endpoints
metadata:
  name: db
  labels: {%s}
subsets:
- addresses:
  - {ip: 192.0.2.10}
  - {ip: "2001:db8::10"}
  notReadyAddresses:
  - {ip: 192.0.2.11, nodeName: n1}
  ports:
  - {name: pg, port: 5432, protocol: TCP}
"""


OWN = """---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: own, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
"""


def read(selector: str = "", labels: str = "", more: str = "") -> ImportResult:
    return read_texts([("f.yaml", SERVICE % selector + ENDPOINTS % labels + more)], assuming=False)


def test_addresses_ports_and_readiness() -> None:
    result = read()
    four, six = result.project.of(EndpointSlice)
    assert (four.addressType, six.addressType) == ("IPv4", "IPv6")
    assert [(e.addresses, e.conditions.ready, e.nodeName) for e in four.endpoints] == [
        (("192.0.2.10",), True, None),
        (("192.0.2.11",), False, "n1"),
    ]
    assert [(p.name, p.port, p.protocol) for p in six.ports] == [("pg", 5432, "TCP")]
    assert four.labels["kubernetes.io/service-name"] == "db"
    assert result.project.provenance[four.id].line == 6
    assert "v1/Endpoints:db" in result.project.foreign


@pytest.mark.parametrize(
    ("selector", "labels", "more"),
    [
        (", selector: {app: db}", "", ""),
        ("", "endpointslice.kubernetes.io/skip-mirror: 'true'", ""),
        (
            "",
            "",
            OWN,
        ),
    ],
)
def test_what_is_not_mirrored(selector: str, labels: str, more: str) -> None:
    names = [piece.name for piece in read(selector, labels, more).project.of(EndpointSlice)]
    assert names == (["own"] if more else [])


def test_endpoints_without_their_service_are_only_kept() -> None:
    result = read_texts([("f.yaml", ENDPOINTS % "")], assuming=False)
    assert not result.project.of(EndpointSlice) and len(result.project.foreign) == 1


@pytest.mark.parametrize("subsets", ["5", "[5]", "[{addresses: 5}]", "[{addresses: [{ip: x}, {ip: 5}, 7]}]"])
def test_odd_subsets_give_nothing(subsets: str) -> None:
    text = SERVICE % "" + f"apiVersion: v1\nkind: Endpoints\nmetadata: {{name: db}}\nsubsets: {subsets}\n"
    assert not read_texts([("f.yaml", text)], assuming=False).project.of(EndpointSlice)


def test_export_and_import_again() -> None:
    result = read()
    for originals in (None, result.texts):
        found = read_texts(export(result.project, originals), assuming=False)
        assert found.project.objects == result.project.objects and not found.problems
