"""Tables that are kept over edits are those that a compilation from nothing makes."""

import random
from typing import Any

import pytest

from designer.engine.l7 import RouteTable, compile_routes
from designer.engine.memo import Memo
from designer.model import Ingress, Project, Service
from tests.engine.l7.web import control_of, controller, ingress_class, project, service

N = "nginx.ingress.kubernetes.io/"
HOSTS = ("a.example.com", "b.example.com", "*.example.com", "")
PATHS = ("/", "/api", "/api/", "/x(/|$)(.*)", "/b[")
NOTES: tuple[dict[str, str], ...] = (
    {}, {}, {}, {N + "use-regex": "true"}, {N + "rewrite-target": "/$1"}, {N + "server-alias": "other.org"},
    {N + "canary": "true", N + "canary-weight": "30"}, {N + "app-root": "/home"}, {"kubernetes.io/ingress.class": "x"},
)  # fmt: skip
CLASSES = ("c", "t", "gone", None)


def random_ingress(chance: random.Random, name: str) -> Ingress:
    def backend() -> dict[str, Any]:
        return {"service": {"name": chance.choice("abz"), "port": {"number": chance.choice((80, 80, 81))}}}

    rules = [
        {"host": chance.choice(HOSTS), "http": {"paths": [
            {"path": chance.choice(PATHS), "pathType": chance.choice(("Prefix", "Exact", "ImplementationSpecific")),
             "backend": backend()} for _ in range(chance.randint(1, 2))]}}
        for _ in range(chance.randint(0, 3))
    ]  # fmt: skip
    spec: dict[str, Any] = {"ingressClassName": chance.choice(CLASSES), "rules": rules}
    if chance.random() < 0.3 or not rules:
        spec["defaultBackend"] = backend()
    if chance.random() < 0.2:
        spec["tls"] = [{"hosts": ["A.example.com"], "secretName": "s"}]
    created = chance.choice((None, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"))
    spec = {key: value for key, value in spec.items() if value is not None}
    metadata = {"name": name, "annotations": chance.choice(NOTES), "creationTimestamp": created}
    return Ingress.model_validate({"metadata": {k: v for k, v in metadata.items() if v is not None}, "spec": spec})


def edited(chance: random.Random, now: Project) -> Project:
    """One edit: an Ingress made, changed or taken away; sometimes a Service, a class, or nothing that routes read."""
    kind = chance.randrange(10)
    if kind < 6:
        return now.with_object(random_ingress(chance, f"i{chance.randrange(8)}"))
    if kind == 6 and now.of(Ingress):
        return now.without(chance.choice(now.of(Ingress)).id)
    if kind == 7:
        return now.with_objects(project(service(chance.choice("abz"))).all())
    if kind == 8:
        return now.with_objects(project(ingress_class("c", chance.choice(("k8s.io/ingress-nginx", "n")))).all())
    return now


def shown(table: RouteTable) -> tuple[Any, ...]:
    """All that a table says, the order of servers included."""
    servers = [list(c.servers.servers) for c in table.controllers.values() if c.servers is not None]
    return table, servers


@pytest.mark.parametrize("seed", range(25))
def test_random_edits_give_what_a_compilation_from_nothing_gives(seed: int) -> None:
    chance = random.Random(seed)
    now = project(
        "---\n".join([controller("ingress-nginx"), controller("traefik"), controller("spec"),
                      ingress_class("c", "k8s.io/ingress-nginx"), ingress_class("t", "traefik.io/ingress-controller"),
                      service("a"), service("b")])
    )  # fmt: skip
    memo, control = Memo(), control_of(now)
    before = now
    for _ in range(12):
        now = edited(chance, now)
        if now.slice(Service) is not before.slice(Service):
            control = control_of(now)
        assert shown(compile_routes(now, control, memo)) == shown(compile_routes(now, control))
        before = now


def test_an_edit_makes_the_server_of_its_own_hosts_only() -> None:
    chance = random.Random(1)
    now = project("---\n".join([controller("ingress-nginx"), ingress_class("c", "k8s.io/ingress-nginx"), service("a")]))

    def rule(name: str, host: str, path: str) -> Ingress:
        paths = [{"path": path, "pathType": "Prefix", "backend": {"service": {"name": "a", "port": {"number": 80}}}}]
        spec = {"ingressClassName": "c", "rules": [{"host": host, "http": {"paths": paths}}]}
        return Ingress.model_validate({"metadata": {"name": name}, "spec": spec})

    now = now.with_objects([rule("one", "one.example.com", "/"), rule("two", "two.example.com", "/")])
    memo, control = Memo(), control_of(now)
    old = compile_routes(now, control, memo).controllers["IngressController:default/ingress-nginx"].servers
    now = now.with_object(rule("two", "two.example.com", f"/{chance.randrange(9)}"))
    new = compile_routes(now, control, memo).controllers["IngressController:default/ingress-nginx"].servers
    assert old is not None
    assert new is not None
    assert new.servers["one.example.com"] is old.servers["one.example.com"]
    assert new.servers["two.example.com"] != old.servers["two.example.com"]
