"""A small cluster with Gateways, from YAML: kept objects, Services with one endpoint each, Namespaces with labels."""

from typing import Any

import yaml

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    ServicePortState,
    ServiceState,
)
from designer.engine.l7.asked import Asked
from designer.engine.l7.gateway import GatewayTable, compile_gateways
from designer.engine.l7.gateway.responding import server_name
from designer.engine.l7.outcome import Answer
from designer.engine.l7.urls import read_url
from designer.engine.memo import Memo
from designer.model import EMPTY_PROJECT, ForeignObject, FrozenMap, Project, object_id

CLASS = """
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: gc}
spec: {controllerName: example.com/controller}
---
"""
API = "gateway.networking.k8s.io/v1"
CERTIFICATE = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: cert, namespace: infra}\ntype: kubernetes.io/tls\n"


def gateway(name: str, *listeners: str, **spec: Any) -> str:
    """A Gateway ``infra/<name>``; listeners are flow mappings without braces."""
    found = [yaml.safe_load("{" + text + "}") for text in listeners]
    return made("Gateway", f"infra/{name}", {"gatewayClassName": "gc", "listeners": found, **spec})


def http(name: str = "http", port: int = 80, more: str = "") -> str:
    """A listener for plain HTTP that takes routes of every namespace."""
    text = f"name: {name}, port: {port}, protocol: HTTP, allowedRoutes: {{namespaces: {{from: All}}}}"
    return f"{text}, {more}" if more else text


def https(name: str = "https", port: int = 443, more: str = "") -> str:
    """A listener that ends TLS with the certificate ``infra/cert``."""
    text = (
        f"name: {name}, port: {port}, protocol: HTTPS, tls: {{certificateRefs: [{{name: cert}}]}}, "
        "allowedRoutes: {namespaces: {from: All}}"
    )
    return f"{text}, {more}" if more else text


def route(name: str, rules: str, hosts: str = "", kind: str = "HTTPRoute", created: str = "", **more: Any) -> str:
    """A route of namespace shop at Gateway infra/web; `rules` and `hosts` are YAML, `more` goes into its spec."""
    spec: dict[str, Any] = {"parentRefs": [{"name": "web", "namespace": "infra"}], "rules": yaml.safe_load(rules)}
    if hosts:
        spec["hostnames"] = hosts.split()
    return made(kind, f"shop/{name}", {**spec, **more}, created=created)


def to(service: str, path: str = "/", kind: str = "PathPrefix", more: str = "") -> str:
    """One rule in YAML: a path and the Service port 80 that it leads to."""
    match = f"{{path: {{type: {kind}, value: '{path}'}}{more}}}"
    return f"- {{matches: [{match}], backendRefs: [{{name: {service}, port: 80}}]}}\n"


def made(kind: str, key: str, spec: Any, api: str = API, created: str = "") -> str:
    """One document."""
    namespace, _, name = key.rpartition("/")
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    if created:
        metadata["creationTimestamp"] = created
    return "---\n" + yaml.safe_dump({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec})


def documents(text: str) -> list[dict[str, Any]]:
    return [data for data in yaml.safe_load_all(text) if data]


def project(text: str) -> Project:
    """A project that keeps the objects of a text; those of a Service or Namespace are for `control`."""
    kept = {}
    for data in documents(text):
        if data["kind"] not in ("Service", "Namespace"):
            meta = data["metadata"]
            oid = object_id(f"{data['apiVersion']}/{data['kind']}", meta.get("namespace", ""), meta["name"])
            kept[oid] = ForeignObject(oid, data)
    return Project(foreign=FrozenMap(kept)) if kept else EMPTY_PROJECT


def control(text: str, services: tuple[str, ...] = ("shop/a", "shop/b", "shop/c")) -> ControlPlaneState:
    """Services on port 80 (target port 8080), each with one endpoint, and those of the text, as it says.

    The annotation ``test/ready: "0"`` gives another number of ready endpoints.
    """
    found, slices, namespaces = {}, {}, {}
    plain = [made("Service", key, {"ports": [{"port": 80, "targetPort": 8080}]}, "v1") for key in services]
    for data in documents(text + "".join(plain)):
        meta = data["metadata"]
        if data["kind"] == "Namespace":
            namespaces[meta["name"]] = FrozenMap(
                {"kubernetes.io/metadata.name": meta["name"], **meta.get("labels", {})}
            )
        if data["kind"] != "Service":
            continue
        spec = data["spec"]
        ports = tuple(
            ServicePortState(
                p.get("name", ""), p.get("protocol", "TCP"), p["port"], p.get("targetPort", p["port"]), None,
                p.get("appProtocol"),
            )
            for p in spec["ports"]
        )  # fmt: skip
        state = ServiceState(meta["namespace"], meta["name"], spec.get("type", "ClusterIP"), ("10.96.0.9",), ports)
        found[state.id] = state
        count = int(meta.get("annotations", {}).get("test/ready", "1"))
        endpoints = (
            *(EndpointState((f"10.244.0.{n + 9}",)) for n in range(count)),
            EndpointState(("10.244.1.1",), False),
        )
        slice_ports = tuple(EndpointPortState(p.name, p.protocol, 8080) for p in ports)
        slices[state.id] = (
            EndpointSliceState(state.namespace, state.name, state.name, "IPv4", slice_ports, endpoints),
        )
    return ControlPlaneState(services=FrozenMap(found), slices=FrozenMap(slices), namespaces=FrozenMap(namespaces))


def table(
    *texts: str, services: tuple[str, ...] = ("shop/a", "shop/b", "shop/c"), memo: Memo | None = None
) -> GatewayTable:
    """The Gateways of these objects and of GatewayClass ``gc``."""
    text = CLASS + "".join(texts)
    return compile_gateways(project(text), control(text, services), memo)


def asked(
    url: str, method: str = "GET", port: int = 0, sni: str | None = None, grpc: bool = False, **headers: str
) -> Asked:
    """A request; names of headers are written with underscores."""
    address, problem = read_url(url)
    assert address is not None, problem
    plain = {"http": 80, "https": 443, "tls": 443}
    given = Asked(
        address.scheme, address.authority, port or address.port or plain.get(address.scheme, 0), address.path,
        address.query, method, {name.replace("_", "-"): value for name, value in headers.items()},
        protocol="grpc" if grpc else "",
    )  # fmt: skip
    name = sni if sni is not None else server_name(given.host)
    return Asked(**{**{f: getattr(given, f) for f in Asked.__dataclass_fields__}, "sni": name})


def ask(found: GatewayTable, url: str, gateway: str = "infra/web", **how: Any) -> Answer:
    """What a Gateway does with a request."""
    return found.answer(gateway, asked(url, **how))


def condition(found: GatewayTable, shown: str, kind: str, listener: str = "", parent: str = "") -> tuple[str, str]:
    """Status and reason of a condition."""
    (one,) = [
        c
        for c in found.conditions
        if (c.object, c.type) == (shown, kind) and (not parent or c.parent == parent)
        # of a route, `listener` is the sectionName that its parentRef gives
        if c.listener == listener or (c.parent and not listener)
    ]
    return one.status, one.reason


def codes(found: GatewayTable) -> list[tuple[str, str]]:
    """Code and field of the problems."""
    return [(problem.code, problem.field) for problem in found.problems]
