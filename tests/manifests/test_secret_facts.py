"""What is kept of a Secret: whether its certificate is one, and nothing of what it holds."""

import base64

import pytest

from designer.manifests import export, read_texts

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
HEAD = "apiVersion: v1\nkind: Secret\nmetadata: {name: tls, namespace: shop}\ntype: kubernetes.io/tls\n"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("rest", "malformed"),
    [
        (f"data: {{tls.crt: {encoded(CERTIFICATE)}, tls.key: {encoded('k')}}}", False),
        # what the conformance test of an invalid TLS configuration holds: base64 of plain words
        (f"data: {{tls.crt: {encoded('Hello world')}, tls.key: {encoded('Hello world')}}}", True),
        ("data: {tls.crt: '%%%'}", True),
        ("data: {tls.crt: LS0tLS1CRUdJTiBDRVJU...}", False),
        ("data: {tls.crt: ''}", False),
        (f"data: {{tls.key: {encoded('k')}}}", False),
        ("data: 7", False),
        ("stringData: {tls.crt: Hello world}", True),
        (f"stringData: {{tls.crt: {CERTIFICATE!r}}}", False),
        (f"data: {{tls.crt: {encoded('Hello')}}}\nstringData: {{tls.crt: {CERTIFICATE!r}}}", False),
        ("", False),
    ],
)
def test_a_certificate_that_is_no_pem_is_noted_and_its_text_forgotten(rest: str, malformed: bool) -> None:
    project = read_texts([("s.yaml", HEAD + rest + "\n")]).project
    (kept,) = project.foreign.values()
    assert (kept.data.get("certificate") == "malformed") is malformed
    assert set(kept.data) <= {"apiVersion", "kind", "type", "metadata", "certificate"}
    for value in (encoded("Hello world"), "Hello", "MIIB", encoded(CERTIFICATE)):
        assert value not in repr(project)


def test_an_export_keeps_that_a_certificate_is_malformed() -> None:
    project = read_texts([("s.yaml", f"{HEAD}data: {{tls.crt: {encoded('Hello world')}}}\n")]).project
    files = export(project)
    again = read_texts(list(files)).project
    assert [one.data for one in again.foreign.values()] == [one.data for one in project.foreign.values()]
    assert "certificate: malformed" in dict(files)["cluster.yaml"]
