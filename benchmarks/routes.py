"""How long routes of a Gateway take: compile all, answer one request, compile again after one route was edited.

Run from the root: ``python benchmarks/routes.py [--quick]``. Targets for 5,000 routes: 1 s, 1 ms, 20 ms; the
figures are processor time.
Routes come in three shapes: a host name of their own each, all under one host name by path, and all under wildcards.
"both kinds" has a GRPCRoute for every tenth route, at the same listener.
Ingresses of ingress-nginx and of Traefik are measured in the same way, each with a host name of its own, and once more
after a Service was edited.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    ServicePortState,
    ServiceState,
)
from designer.engine.l7 import RouteTable, compile_routes
from designer.engine.l7.asked import Asked
from designer.engine.l7.gateway import GatewayTable, compile_gateways
from designer.engine.memo import Memo
from designer.model import ForeignObject, FrozenMap, Ingress, IngressClass, IngressController, Project
from designer.model.collector import collector_paused

API = "gateway.networking.k8s.io/v1"
SERVICES = 200
REQUESTS = 400
TARGETS = "targets for 5,000 routes: compile 1 s, one request 1 ms, one route edited 20 ms"
# Shape: host names of route number n.
SHAPES: dict[str, Callable[[int], list[str]]] = {
    "own host": lambda n: [f"h{n}.example.com"],
    "one host": lambda n: ["shop.example.com"],
    "wildcards": lambda n: [f"*.t{n % 50}.example.com"],
    "both kinds": lambda n: [f"h{n}.example.com"],
}


def kept(kind: str, key: str, spec: dict[str, Any]) -> ForeignObject:
    """A kept object of Gateway API."""
    namespace, _, name = key.rpartition("/")
    oid = f"{API}/{kind}:{key}"
    return ForeignObject(oid, {"apiVersion": API, "kind": kind, "spec": spec,
                               "metadata": {"name": name, "namespace": namespace}})  # fmt: skip


def route(shape: str, number: int, weight: int = 3) -> ForeignObject:
    """One HTTPRoute with two rules, a header match, two backends with weights and a filter."""
    headers = [{"name": "X-Version", "value": "2"}]
    edit = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "X-Route", "value": "1"}]}}
    refs = [{"name": f"s{(number + i) % SERVICES}", "port": 80, "weight": weight - i} for i in range(2)]
    rules = [
        {
            "matches": [{"path": {"type": "PathPrefix", "value": f"/p{number}"}, "headers": headers}],
            "backendRefs": refs,
        },
        {
            "matches": [{"path": {"type": "Exact", "value": f"/p{number}/x"}}],
            "filters": [edit],
            "backendRefs": refs[:1],
        },
    ]
    spec = {"parentRefs": [{"name": "web"}], "hostnames": SHAPES[shape](number), "rules": rules}
    if shape == "both kinds" and not number % 10:
        return kept("GRPCRoute", f"shop/r{number:05d}", {**spec, "rules": [{"backendRefs": refs}]})
    return kept("HTTPRoute", f"shop/r{number:05d}", spec)


def cluster(shape: str, count: int) -> Project:
    """A project with one Gateway and `count` routes."""
    listeners = [{"name": "http", "port": 80, "protocol": "HTTP"}]
    objects = [
        kept("GatewayClass", "gc", {"controllerName": "example.com/controller"}),
        kept("Gateway", "shop/web", {"gatewayClassName": "gc", "listeners": listeners}),
        *(route(shape, number) for number in range(count)),
    ]
    return Project(foreign=FrozenMap({one.id: one for one in objects}))


def control() -> ControlPlaneState:
    """Services of namespace shop, each with one endpoint."""
    services, slices = {}, {}
    for number in range(SERVICES):
        made = ServiceState("shop", f"s{number}", "ClusterIP", (), (ServicePortState("", "TCP", 80, 8080),))
        services[made.id] = made
        endpoint = EndpointState((f"10.244.{number // 250}.{number % 250 + 2}",))
        port = EndpointPortState("", "TCP", 8080)
        slices[made.id] = (EndpointSliceState("shop", made.name, made.name, "IPv4", (port,), (endpoint,)),)
    return ControlPlaneState(services=FrozenMap(services), slices=FrozenMap(slices))


def asked(shape: str, number: int) -> Asked:
    """A request that the route of this number takes."""
    host = SHAPES[shape](number)[0].replace("*", "a.b")
    path = f"/p{number}/x" if number % 2 else f"/p{number}/y"
    if shape == "both kinds" and not number % 10:
        return Asked("http", host, 80, "/shop.Cart/Get", None, "POST", {}, protocol="grpc")
    return Asked("http", host, 80, path, None, "GET", {"x-version": "2"})


def measure(shape: str, count: int) -> None:
    """Print one line of the table."""
    project, plane = cluster(shape, count), control()
    memo = Memo()
    with collector_paused():  # as compile_project does
        begin = time.process_time()
        table = compile_gateways(project, plane, memo)
        whole = time.process_time() - begin
    numbers = [n * max(1, count // REQUESTS) for n in range(min(REQUESTS, count))]
    answers = [timed(table, asked(shape, number)) for number in numbers]
    edits = []
    for step in range(9):
        changed = route(shape, step * 7 % count, weight=4 + step)
        project = Project(foreign=project.foreign.set(changed.id, changed))
        begin = time.process_time()
        compile_gateways(project, plane, memo)
        edits.append(time.process_time() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{shape:10} {count:6,}  compile {whole:6.3f} s   request {statistics.median(answers) * 1000:6.3f} ms "
        f"(worst {max(answers) * 1000:6.3f})   edited {statistics.median(edits) * 1000:6.1f} ms "
        f"(worst {max(edits) * 1000:6.1f})   {peak} MB"
    )


CLASS_OF = {"ingress-nginx": "k8s.io/ingress-nginx", "traefik": "traefik.io/ingress-controller"}


def ingress(number: int, path: str = "/api") -> Ingress:
    """One Ingress with two paths."""
    backend = {"service": {"name": f"s{number % SERVICES}", "port": {"number": 80}}}
    paths = [{"path": each, "pathType": "Prefix", "backend": backend} for each in ("/", path)]
    spec = {"ingressClassName": "c", "rules": [{"host": f"h{number}.example.com", "http": {"paths": paths}}]}
    return Ingress.model_validate({"metadata": {"name": f"i{number:05d}", "namespace": "shop"}, "spec": spec})


def measure_ingresses(profile: str, count: int) -> None:
    """Print one line for Ingresses of one controller."""
    edge = {"metadata": {"name": "edge", "namespace": "shop"}, "spec": {"profile": profile}}
    named = {"metadata": {"name": "c"}, "spec": {"controller": CLASS_OF[profile]}}
    project = Project().with_objects(
        [IngressController.model_validate(edge), IngressClass.model_validate(named), *map(ingress, range(count))]
    )
    plane, memo = control(), Memo()
    with collector_paused():
        begin = time.process_time()
        table = compile_routes(project, plane, memo)
        whole = time.process_time() - begin
    requests = [asked_of_ingress(table, n * max(1, count // REQUESTS)) for n in range(min(REQUESTS, count))]
    edits = []
    for step in range(9):
        project = project.with_object(ingress(step * 7 % count, path=f"/v{step}"))
        begin = time.process_time()
        compile_routes(project, plane, memo)
        edits.append(time.process_time() - begin)
    services = []
    for step in range(9):
        number = step * 7 % SERVICES
        name = f"Service:shop/s{number}"
        made = replace(plane.services[name], labels=FrozenMap({"edited": str(step)}))
        plane = replace(plane, services=plane.services.patched((), {name: made}))
        begin = time.process_time()
        compile_routes(project, plane, memo)
        services.append(time.process_time() - begin)
    print(
        f"{profile:13} {count:6,}  compile {whole:6.3f} s   edited {statistics.median(edits) * 1000:6.1f} ms "
        f"(worst {max(edits) * 1000:6.1f})   request {statistics.median(requests) * 1000:6.3f} ms "
        f"(worst {max(requests) * 1000:6.3f})   Service edited {statistics.median(services) * 1000:6.1f} ms"
    )


def asked_of_ingress(table: RouteTable, number: int) -> float:
    """Seconds that one request to the Ingress of this number takes; AssertionError when it does not get it."""
    (controller,) = table.controllers
    begin = time.process_time()
    found = table.route(controller, f"h{number}.example.com", "/api/x")
    taken = time.process_time() - begin
    assert found.ingress == f"Ingress:shop/i{number:05d}", found.reason
    return taken


def timed(table: GatewayTable, request: Asked) -> float:
    """Seconds that one request takes; raises AssertionError when its route does not get it."""
    begin = time.process_time()
    answer = table.answer("shop/web", request)
    taken = time.process_time() - begin
    assert answer.status == 200, answer.reason
    return taken


def main(arguments: list[str]) -> None:
    """Print the table."""
    print(TARGETS)
    for count in (500,) if "--quick" in arguments else (500, 5000):
        for shape in SHAPES:
            measure(shape, count)
        for profile in CLASS_OF:
            measure_ingresses(profile, count)


if __name__ == "__main__":
    main(sys.argv[1:])
