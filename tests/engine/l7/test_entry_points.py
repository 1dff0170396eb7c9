"""HTTPS and plain HTTP at controllers: Traefik's entry points and routers with TLS, certificates of the others.

Authorities: traefik/traefik pkg/provider/kubernetes/ingress/kubernetes.go (loadRouter: TLS of the annotation only),
pkg/server/aggregator.go (applyModel: TLS of the entry point; routers without entry points get the default ones),
pkg/server/router (a router with TLS takes no plain request, and the reverse), pkg/provider/traefik/internal.go
(redirections), pkg/middlewares/redirect (301 for GET, 308 for other methods); haproxytech/kubernetes-ingress
pkg/handler/https.go.
"""

from typing import Any

import pytest
import yaml

from designer.engine.l7 import RouteDecision
from tests.engine.l7.test_routing import HOST, ask, one
from tests.engine.l7.web import controller, ingress_class, routes

ROW = (HOST, "/", "Prefix", "a")
TRAEFIK = "IngressController:default/traefik"
# What the chart of Traefik gives its container.
CHART = ("--entryPoints.metrics.address=:9100/tcp", "--entryPoints.traefik.address=:8080/tcp",
         "--entryPoints.web.address=:8000/tcp", "--entryPoints.websecure.address=:8443/tcp")  # fmt: skip
TLS_POINT = "--entryPoints.websecure.http.tls=true"
TO_HTTPS = "--entryPoints.web.http.redirections.entryPoint.to"
ROUTER = "traefik.ingress.kubernetes.io/router."


def workload(args: tuple[str, ...]) -> str:
    ports = [{"name": "web", "containerPort": 8000}, {"name": "websecure", "containerPort": 8443}]
    spec = {"containers": [{"name": "traefik", "image": "traefik:v3", "args": list(args), "ports": ports}]}
    made = {"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": spec}}
    return yaml.safe_dump({"kind": "Deployment", "metadata": {"name": "traefik"}, "spec": made})


def front(**targets: Any) -> str:
    ports = [{"name": "web", "port": 80, "targetPort": targets.get("plain", "web")},
             {"name": "websecure", "port": 443, "targetPort": targets.get("secure", "websecure")}]  # fmt: skip
    return yaml.safe_dump({"kind": "Service", "metadata": {"name": "front"}, "spec": {"ports": ports}})


def through(
    *args: str, tls: bool, annotations: dict[str, str] | None = None, service: str = "", method: str = "GET"
) -> RouteDecision:
    """The decision of a Traefik with these arguments about the one rule, with a TLS section beside it."""
    made = controller("traefik", workload="Deployment:default/traefik", service="Service:default/front")
    rule = one(ROW, tls=(HOST,), annotations={ROUTER + k: v for k, v in (annotations or {}).items()})
    names = ingress_class("c", "traefik.io/ingress-controller")
    table = routes(made, names, workload(args), service or front(), rule)
    return table.route(TRAEFIK, HOST, "/x?y=1", tls, method=method)


def test_spec_tls_gives_a_router_no_tls() -> None:
    found = through(*CHART, tls=True)
    assert (found.kind, found.status) == ("default-404", 404)
    assert "router.tls" in found.reason
    assert "websecure" in found.reason


@pytest.mark.parametrize("option", [TLS_POINT, "--entrypoints.websecure.http.tls.certresolver=le",
                                    "--ENTRYPOINTS.websecure.HTTP.TLS"])  # fmt: skip
def test_the_entry_point_gives_its_routers_tls(option: str) -> None:
    assert through(*CHART, option, tls=True).service == "Service:default/a"
    assert through(*CHART, option, tls=False).service == "Service:default/a"


def test_tls_false_at_the_entry_point_is_none() -> None:
    assert through(*CHART, "--entryPoints.websecure.http.tls=false", tls=True).status == 404


@pytest.mark.parametrize("key", ["tls", "tls.certresolver", "tls.domains.0.main"])
def test_the_annotation_gives_a_router_tls_and_takes_plain_requests_from_it(key: str) -> None:
    value = "true" if key == "tls" else "le"
    assert through(*CHART, tls=True, annotations={key: value}).service == "Service:default/a"
    plain = through(*CHART, tls=False, annotations={key: value})
    assert (plain.kind, plain.status) == ("default-404", 404)
    assert "HTTPS only" in plain.reason


def test_a_router_of_another_entry_point_is_not_asked() -> None:
    web = {"entrypoints": "web"}
    assert through(*CHART, TLS_POINT, tls=True, annotations=web).status == 404
    assert through(*CHART, TLS_POINT, tls=False, annotations=web).kind == "backend"
    both = {"entrypoints": "web, websecure"}
    assert through(*CHART, TLS_POINT, tls=True, annotations=both).kind == "backend"


def test_only_default_entry_points_have_routers_that_name_none() -> None:
    said = "--entryPoints.websecure.asDefault=true"
    assert through(*CHART, TLS_POINT, said, tls=True).kind == "backend"
    assert through(*CHART, TLS_POINT, said, tls=False).status == 404


@pytest.mark.parametrize(
    ("to", "extra", "method", "status", "url"),
    [
        (":443", (), "GET", 301, f"https://{HOST}/x?y=1"),
        (":443", (), "POST", 308, f"https://{HOST}/x?y=1"),
        ("websecure", (), "GET", 301, f"https://{HOST}:8443/x?y=1"),
        (":443", ("--entryPoints.web.http.redirections.entryPoint.permanent=false",), "GET", 302, f"https://{HOST}/x?y=1"),
    ],
)  # fmt: skip
def test_a_redirection_takes_every_plain_request(
    to: str, extra: tuple[str, ...], method: str, status: int, url: str
) -> None:
    found = through(*CHART, TLS_POINT, f"{TO_HTTPS}={to}", *extra, tls=False, method=method)
    assert (found.kind, found.status, found.url) == ("redirect", status, url)
    assert through(*CHART, TLS_POINT, f"{TO_HTTPS}={to}", tls=True).kind == "backend"


def test_middlewares_of_the_entry_point_are_not_guessed() -> None:
    found = through(*CHART, TLS_POINT, "--entryPoints.websecure.http.middlewares=auth@file", tls=True)
    assert found.kind == "cannot-tell"
    assert "auth@file" in found.reason


def test_the_service_says_which_entry_point_requests_come_to() -> None:
    swapped = front(secure="web", plain=8443)
    assert through(*CHART, TLS_POINT, tls=True, service=swapped).status == 404
    assert through(*CHART, TLS_POINT, tls=False, service=swapped).status == 404


@pytest.mark.parametrize("args", [(), ("--configfile=/etc/traefik.yaml", *CHART), ("--providers.kubernetesingress",)])
def test_unseen_entry_points_cannot_be_told_over_tls(args: tuple[str, ...]) -> None:
    found = through(*args, tls=True)
    assert found.kind == "cannot-tell"
    assert "--entrypoints.NAME.http.tls" in found.reason
    assert through(*args, tls=False).kind == "backend"
    assert through(*args, tls=True, annotations={"tls": "true"}).kind == "backend"
    assert through(*args, tls=False, annotations={"tls": "true"}).status == 404
    assert through(*args, tls=True, annotations={"tls": "true", "entrypoints": "websecure"}).kind == "cannot-tell"


def test_other_annotations_of_a_router_stay_undecided() -> None:
    assert through(*CHART, TLS_POINT, tls=True, annotations={"middlewares": "auth@file"}).kind == "cannot-tell"


def test_no_host_no_router_is_404_whatever_the_entry_points_are() -> None:
    assert ask("traefik", "/", one(ROW), host="other.example.com", tls=True).status == 404


def test_ingress_nginx_serves_https_with_its_own_certificate() -> None:
    # docs/user-guide/tls.md, "Default SSL Certificate": hosts without TLS get the default server's certificate.
    assert ask("ingress-nginx", "/", one(ROW), tls=True).kind == "backend"


def test_haproxy_takes_https_once_an_ingress_has_a_certificate() -> None:
    assert ask("haproxy", "/", one(ROW), tls=True).kind == "cannot-tell"
    other = one(("other.example.com", "/", "Prefix", "b"), ROW, tls=("other.example.com",))
    assert ask("haproxy", "/", other, tls=True).kind == "backend"


def test_the_api_text_says_nothing_of_https_for_a_host_without_tls() -> None:
    assert ask("spec", "/", one(ROW), tls=True).kind == "cannot-tell"
    assert ask("spec", "/", one(ROW, tls=(HOST,)), tls=True).kind == "backend"
