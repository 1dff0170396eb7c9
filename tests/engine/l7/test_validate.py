"""What the API server rejects and accepts: `domain/ingress-gateway.md`, "Ingress matching rules"."""

import pytest

from designer.engine.l7.validate import findings
from designer.model import Ingress

GOOD = {"service": {"name": "a", "port": {"number": 80}}}


def said(path: dict | None = None, host: str | None = None, backend: dict | None = None, **spec: object) -> list[str]:
    made = {"path": "/", "pathType": "Prefix", **(path or {}), "backend": backend or GOOD}
    rule = {"http": {"paths": [made]}, **({"host": host} if host else {})}
    return [
        text
        for _, text, _ in findings(
            Ingress.model_validate({"metadata": {"name": "i"}, "spec": {"rules": [rule], **spec}})
        )
    ]


def test_a_usual_ingress_is_accepted() -> None:
    assert said(host="shop.example.com") == []
    assert said(host="*.example.com") == []
    assert said({"path": "", "pathType": "ImplementationSpecific"}) == []


@pytest.mark.parametrize(
    ("host", "text"),
    [("10.0.0.1", "not an IP address"), ("a.*.com", "no DNS name"), ("*", "no DNS name"), ("Shop.com", "no DNS name")],
)
def test_hosts(host: str, text: str) -> None:
    """ingress-gateway.md 2, row 'Refused host'."""
    assert text in said(host=host)[0]


@pytest.mark.parametrize("kind", ["Exact", "Prefix"])
@pytest.mark.parametrize("path", ["foo", "", "/a//b", "/a/./b", "/a/../b", "/a%2fb", "/a%2Fb", "/a/..", "/a/."])
def test_paths(kind: str, path: str) -> None:
    """ingress-gateway.md 2, row 'Refused path'."""
    assert len(said({"path": path, "pathType": kind})) == 1


def test_a_path_type_is_required() -> None:
    made = {"rules": [{"http": {"paths": [{"path": "/", "backend": GOOD}]}}]}
    found = findings(Ingress.model_validate({"metadata": {"name": "i"}, "spec": made}))
    assert found[0][0] == "spec.rules[0].http.paths[0].pathType"


@pytest.mark.parametrize(
    "backend",
    [
        {"service": {"name": "a", "port": {"number": 80, "name": "http"}}},
        {"service": {"name": "a", "port": {}}},
        {"service": {"name": "", "port": {"number": 80}}},
        {**GOOD, "resource": {"kind": "Bucket", "name": "b"}},
    ],
)
def test_backends(backend: dict) -> None:
    """ingress-gateway.md 2, row 'Refused backend'."""
    assert len(said(backend=backend)) == 1


def test_something_must_be_served() -> None:
    assert findings(Ingress.model_validate({"metadata": {"name": "i"}, "spec": {}}))[0][0] == "spec"
