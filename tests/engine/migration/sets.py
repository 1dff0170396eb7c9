"""Sets of Ingresses and routes for the tests of migrations, and a slow matcher written from the specification."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from designer.engine.compile import ClusterState, compile_project
from designer.engine.l7.asked import Asked
from designer.engine.migration import Comparison, Migration, compare, migrate, prepared, with_gateways
from designer.model import Ingress, Project

N = "nginx.ingress.kubernetes.io/"
Data = dict[str, Any]
Row = tuple[str, str, str, str]


def ingress(name: str, *rows: Row, namespace: str = "shop", tls: Iterable[str] = (), default: str = "",
            created: str = "2026-01-01T00:00:00Z", cls: str | None = "nginx", **notes: str) -> Ingress:  # fmt: skip
    """An Ingress of (host, path, pathType, Service) rows; ``ssl_redirect="false"`` is annotation ssl-redirect."""
    rules = [
        {
            **({"host": host} if host else {}),
            "http": {"paths": [{"path": path, "pathType": kind, "backend": backend(service)}]},
        }
        for host, path, kind, service in rows
    ]
    spec: Data = {"rules": rules} | ({"ingressClassName": cls} if cls else {})
    hosts = list(tls)
    spec |= {"tls": [{"hosts": hosts, "secretName": "cert"}]} if hosts else {}
    spec |= {"defaultBackend": backend(default)} if default else {}
    annotations = {N + key.replace("_", "-"): value for key, value in notes.items()}
    metadata = {"name": name, "namespace": namespace, "creationTimestamp": created, "annotations": annotations}
    return Ingress.model_validate({"metadata": metadata, "spec": spec})


def backend(service: str) -> Data:
    return {"service": {"name": service, "port": {"number": 80}}}


def moved(*ingresses: Ingress) -> tuple[Migration, Comparison]:
    """The migration of these Ingresses, held against them."""
    found = migrate(Project().with_objects(list(ingresses)))
    return found, compare(found.old, after(found, found.objects), found.losses, found.pairs)


def after(found: Migration, objects: Iterable[Data]) -> ClusterState:
    """The cluster that manifests make of the migration's input."""
    return compile_project(prepared(with_gateways(found.old.project, tuple(objects))).project)


def of_kind(objects: Iterable[Data], kind: str) -> list[Data]:
    return [data for data in objects if data["kind"] == kind]


# A slow matcher, from the text of HTTPRouteRule and Listener: no index, no precompiled rule.


def slow(objects: Iterable[Data], asked: Asked) -> tuple[Any, ...]:
    """What a request meets: ("redirect", …), ("backend", shares, host sent on) or ("nobody",)."""
    listed = list(objects)
    section = _listener(listed, asked)
    found: list[tuple[Any, Data, Data]] = []
    for place, route in enumerate(of_kind(listed, "HTTPRoute")):
        parents = [parent["sectionName"] for parent in route["spec"]["parentRefs"]]
        if section not in parents:
            continue
        name = f"{route['metadata']['namespace']}/{route['metadata']['name']}"
        for number, rule in enumerate(route["spec"]["rules"]):
            for match in rule["matches"]:
                if _fits(match, asked):
                    found.append(((*_rank(match), name, place, number), rule, match))
    if not found:
        return ("nobody",)
    _, rule, match = min(found, key=lambda item: item[0])
    return _action(rule, match, asked)


def _listener(objects: list[Data], asked: Asked) -> str:
    """The name of the most specific listener; "" where none takes the request."""
    best: tuple[int, str] = (-1, "")
    for gateway in of_kind(objects, "Gateway"):
        for listener in gateway["spec"]["listeners"]:
            pattern = listener.get("hostname", "")
            fits = pattern in ("", asked.host) or (pattern.startswith("*.") and asked.host.endswith(pattern[1:]))
            if fits and listener["port"] == asked.port:
                best = max(best, (len(pattern), listener["name"]))
    return best[1]


def _fits(match: Data, asked: Asked) -> bool:
    kind, value = match["path"]["type"], match["path"]["value"]
    if kind == "Exact":
        taken = asked.path == value
    else:
        wanted = [part for part in value.split("/") if part]
        parts = asked.path.split("/")[1:]
        taken = parts[: len(wanted)] == wanted
    headers = {name.lower(): text for name, text in asked.headers.items()}
    return taken and all(headers.get(h["name"].lower()) == h["value"] for h in match.get("headers", ()))


def _rank(match: Data) -> tuple[int, ...]:
    exact = match["path"]["type"] == "Exact"
    return (0 if exact else 1, -len(match["path"]["value"]), -len(match.get("headers", ())))


def _action(rule: Data, match: Data, asked: Asked) -> tuple[Any, ...]:
    host = asked.host
    for item in rule.get("filters", ()):
        if item["type"] == "URLRewrite":
            host = item["urlRewrite"].get("hostname", host)
        if item["type"] == "RequestRedirect":
            change = item["requestRedirect"]
            scheme = change.get("scheme", asked.scheme)
            to = change.get("hostname", asked.host)
            path = change.get("path", {}).get("replaceFullPath", asked.path)
            return ("redirect", change["statusCode"], f"{scheme}://{to}{path}")
    total = sum(ref.get("weight", 1) for ref in rule["backendRefs"])
    shares = sorted((ref["name"], ref.get("weight", 1) / total) for ref in rule["backendRefs"] if ref.get("weight", 1))
    return ("backend", tuple(shares), host)


def changed(objects: Iterable[Data], pick: Mapping[str, int]) -> tuple[tuple[Data, ...], str]:
    """The objects with one thing changed, and what it is; `pick` says which rule and how."""
    made = copy.deepcopy(list(objects))
    rules = [rule for route in of_kind(made, "HTTPRoute") for rule in route["spec"]["rules"]]
    rule = rules[pick["rule"] % len(rules)]
    match = rule["matches"][0]
    how = ("backend", "path", "type", "status", "drop")[pick["how"] % 5]
    if how == "backend" and rule.get("backendRefs"):
        rule["backendRefs"][0]["name"] = "mallory"
    elif how == "path":
        match["path"]["value"] = match["path"]["value"].rstrip("/") + "/other"
    elif how == "type":
        match["path"]["type"] = "PathPrefix" if match["path"]["type"] == "Exact" else "Exact"
    elif how == "status" and any("requestRedirect" in item for item in rule.get("filters", ())):
        rule["filters"][0]["requestRedirect"]["statusCode"] = 303
    else:
        how = "drop"
        for route in of_kind(made, "HTTPRoute"):
            route["spec"]["rules"] = [one for one in route["spec"]["rules"] if one is not rule]
        made = [data for data in made if data["kind"] != "HTTPRoute" or data["spec"]["rules"]]
    return tuple(made), how
