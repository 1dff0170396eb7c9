"""`domain/pitfalls.md`, "Ingress and Gateway": each row with a case that has it and one that has not."""

from typing import Any

from designer.edits.secrets import take_for_granted
from designer.engine.checks import check
from designer.engine.compile import compile_project
from designer.model import ForeignObject
from tests.engine.checks.clusters import Data, deployment, obj, only, project, service, told

SERVED = (deployment(), service())
NGINX = obj("IngressController", "nginx", "edge", spec={"profile": "ingress-nginx", "service": "Service:edge/nginx"})
TRAEFIK = obj("IngressController", "traefik", "edge", spec={"profile": "traefik"})
NGINX_CLASS = obj("IngressClass", "nginx", spec={"controller": "k8s.io/ingress-nginx"})
TRAEFIK_CLASS = obj("IngressClass", "traefik", spec={"controller": "traefik.io/ingress-controller"})
BASE = (*SERVED, NGINX, TRAEFIK, NGINX_CLASS, TRAEFIK_CLASS)


def ingress(name: str = "i", host: str = "shop.example.com", cls: str | None = "nginx", meta: Data | None = None,
            port: Any = 80, to: str = "web", **spec: Any) -> Data:  # fmt: skip
    number = {"number": port} if isinstance(port, int) else {"name": port}
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": to, "port": number}}}
    made: Data = {"rules": [{"host": host, "http": {"paths": [path]}}], **spec}
    return obj("Ingress", name, "shop", meta, spec={**made, "ingressClassName": cls} if cls else made)


def default(name: str, created: str) -> Data:
    notes = {"ingressclass.kubernetes.io/is-default-class": "true"}
    return obj(
        "IngressClass", name, meta={"annotations": notes, "creationTimestamp": created}, spec={"controller": "x.io/y"}
    )


def test_ing_01_class_missing() -> None:
    found = only("ING-01", *BASE, ingress(cls="nope"))
    assert found.title == "Ingress shop/i is served by nobody: ingressClassName 'nope' does not exist"
    assert told("ING-01", *BASE, ingress()) == []


def test_ing_02_no_class() -> None:
    assert len(told("ING-02", *BASE, ingress(cls=None))) == 1
    assert told("ING-02", *BASE, ingress()) == []


def test_ing_03_two_defaults() -> None:
    one, two = default("a", "2026-01-01T00:00:00Z"), default("b", "2026-02-01T00:00:00Z")
    assert told("ING-03", one, two) == ["2 default IngressClasses: b, a"]
    assert told("ING-03", one) == []


def test_ing_04_duplicates() -> None:
    assert only("ING-04", *BASE, ingress("i"), ingress("j")).severity == "warning"
    assert only("ING-04", *BASE, ingress("i", cls="traefik"), ingress("j", cls="traefik")).severity == "error"
    assert told("ING-04", *BASE, ingress("i"), ingress("j", host="other.example.com")) == []


def test_ing_04_a_trailing_slash_counts_for_exact_paths_only() -> None:
    def at(name: str, path: str, kind: str) -> Data:
        made = ingress(name)
        made["spec"]["rules"][0]["http"]["paths"][0] |= {"path": path, "pathType": kind}
        return made

    assert told("ING-04", *BASE, at("i", "/a", "Exact"), at("j", "/a/", "Exact")) == []
    assert len(told("ING-04", *BASE, at("i", "/a", "Prefix"), at("j", "/a/", "Prefix"))) == 1


def test_ing_05_one_host_two_controllers() -> None:
    assert len(told("ING-05", *BASE, ingress("i"), ingress("j", cls="traefik"))) == 1
    assert told("ING-05", *BASE, ingress("i"), ingress("j", "other.example.com", "traefik")) == []


def test_ing_06_backend_missing() -> None:
    found = only("ING-06", *BASE, ingress(to="wep"))
    assert found.title == "Ingress shop/i: Service shop/wep does not exist"
    assert found.field == "spec.rules[0].http.paths[0].backend.service.name"
    assert only("ING-06", *BASE, ingress(port=81)).fix == "Its ports are 80."
    assert told("ING-06", *BASE, ingress()) == []


def test_ing_07_target_port() -> None:
    assert only("ING-07", *BASE, ingress(port=8080)).fix == "Use 80."
    assert told("ING-07", *BASE, ingress()) == []


def secret(name: str, namespace: str, kind: str = "kubernetes.io/tls") -> Data:
    return {"metadata": {"name": name, "namespace": namespace}, "type": kind}


def test_ing_10_certificates() -> None:
    """ingress-gateway.md 2, row 'Missing Secret'.

    Of another type it may work: ingress-nginx (store, getPemCertificate) reads the keys of any Secret.
    """
    secure = ingress(tls=[{"hosts": ["shop.example.com"], "secretName": "cert"}])
    assert told("ING-10", *BASE, secure) == [], "the input has no Secrets to compare with"
    assert told("ING-10", *BASE, secure, secrets=(secret("cert", "shop"),)) == []
    assert "is in namespace edge" in only("ING-10", *BASE, secure, secrets=(secret("cert", "edge"),)).title
    assert "has type Opaque" in only("ING-10", *BASE, secure, secrets=(secret("cert", "shop", "Opaque"),)).title
    assert only("ING-10", *BASE, secure, secrets=(secret("cert", "shop", "Opaque"),)).severity == "warning"
    assert "not among the Secrets" in only("ING-10", *BASE, secure, secrets=(secret("other", "shop"),)).title
    assert only("ING-10", *BASE, secure, secrets=(secret("other", "shop"),)).severity == "error"
    other = ingress("j", tls=[{"hosts": ["shop.example.com"], "secretName": "other"}])
    granted = take_for_granted(project(*BASE, secure, other), "Ingress:shop/i", "spec.tls[0].secretName").project
    assert "ING-10" not in {p.code for p in check(compile_project(granted))}, "an assumed one says nothing of others"
    managed = ingress(meta={"annotations": {"cert-manager.io/issuer": "x"}}, tls=secure["spec"]["tls"])
    assert told("ING-10", *BASE, managed, secrets=(secret("other", "shop"),)) == []
    issued = {"metadata": {"name": "c", "namespace": "shop"}, "spec": {"secretName": "cert"}}
    certificate = ForeignObject("cert-manager.io/v1/Certificate:shop/c", issued)
    assert told("ING-10", *BASE, secure, secrets=(secret("other", "shop"),), kept=(certificate,)) == []
    issued["metadata"]["namespace"] = "edge"
    away = ForeignObject("cert-manager.io/v1/Certificate:edge/c", issued)
    assert "is in namespace edge" in only("ING-10", *BASE, secure, kept=(away,)).title


def test_ing_11_tls_host_without_rule() -> None:
    assert len(told("ING-11", *BASE, ingress(tls=[{"hosts": ["www.example.com"]}]))) == 1
    assert told("ING-11", *BASE, ingress(tls=[{"hosts": ["shop.example.com"]}])) == []
    assert told("ING-11", *BASE, ingress(tls=[{"hosts": ["*.example.com"]}])) == []


def test_ing_12_wildcard_depth() -> None:
    wild = ingress(host="*.example.com", tls=[{"hosts": ["a.b.example.com"]}])
    assert told("ING-12", *BASE, wild) == ["Ingress shop/i: *.example.com does not match a.b.example.com"]
    assert told("ING-12", *BASE, ingress(host="*.example.com", tls=[{"hosts": ["a.example.com"]}])) == []


def test_ing_13_retired_controller() -> None:
    """ingress-gateway.md 1, row 'ingress-nginx is retired'."""
    assert told("ING-13", NGINX) == ["IngressController edge/nginx: ingress-nginx is retired since March 2026"]
    assert told("ING-13", TRAEFIK) == []


def test_ing_14_client_address_lost() -> None:
    def front(**spec: Any) -> Data:
        return service("nginx", namespace="edge", type="NodePort", **spec)

    gate = deployment("nginx", namespace="edge")
    assert len(told("ING-14", NGINX, gate, front())) == 1
    assert told("ING-14", NGINX, gate, front(externalTrafficPolicy="Local")) == []


def test_ing_90_refused() -> None:
    assert only("ING-90", *BASE, ingress(host="10.0.0.1")).field == "spec.rules[0].host"
    assert told("ING-06", *BASE, ingress(host="10.0.0.1", to="nope")) == [], "a refused Ingress does not exist"


def paths(*given: tuple[str, str], **more: Any) -> Data:
    made = ingress(**more)
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    made["spec"]["rules"][0]["http"]["paths"] = [{"path": p, "pathType": t, "backend": backend} for p, t in given]
    return made


def test_ing_08_exact_takes_no_slash_at_the_end() -> None:
    found = only("ING-08", *BASE, paths(("/cart", "Exact")))
    assert found.title == "Ingress shop/i: shop.example.com/cart does not take /cart/" and found.severity == "info"
    for taken in (("/cart", "Prefix"), ("/", "Prefix"), ("/cart/", "Exact")):
        assert told("ING-08", *BASE, paths(("/cart", "Exact"), taken)) == []
    assert len(told("ING-08", *BASE, paths(("/cart", "Exact"), ("/other", "Prefix")))) == 1


def test_ing_09_traefik_compares_a_prefix_letter_by_letter() -> None:
    """ingress-gateway.md, "Traefik facts": character prefix unless strictPrefixMatching."""
    found = only("ING-09", *BASE, paths(("/cart", "Prefix"), cls="traefik"))
    assert found.title == "Ingress shop/i: shop.example.com/cart takes /cartx too"
    assert told("ING-09", *BASE, paths(("/cart", "Prefix"))) == []
    assert told("ING-09", *BASE, paths(("/", "Prefix"), ("/cart", "Exact"), cls="traefik")) == []


def test_ing_15_a_regular_expression_turns_the_paths_of_its_host() -> None:
    """ingress-gateway.md, "ingress-nginx facts": host-wide once one Ingress asks for it."""
    regex = {"annotations": {"nginx.ingress.kubernetes.io/use-regex": "true"}}
    both = paths(("/a", "Prefix"), name="a", meta=regex), paths(("/b", "Prefix"), name="b")
    found = only("ING-15", *BASE, *both)
    assert found.object == "Ingress:shop/b" and found.title.endswith("because of Ingress shop/a")
    apart = paths(("/b", "Prefix"), name="b", host="other.example.com")
    assert told("ING-15", *BASE, both[0], apart) == []
    assert told("ING-15", *BASE, both[1]) == []
