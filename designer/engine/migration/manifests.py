"""Rules of hosts as Gateway API objects: a Gateway with a listener for each host, HTTPRoutes by Namespace.

A listener of its own for each host keeps hosts apart as Ingress controllers do: where a host has no rule for a path,
no other host's rules are asked ("Listener isolation": the most specific listener takes the request).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from designer.engine.migration.rules import HostRules, Rule

GROUP = "gateway.networking.k8s.io"
API = f"{GROUP}/v1"
MAX_RULES = 16
MAX_LISTENERS = 64
CONTROLLER = "example.net/gateway-controller"


@dataclass(slots=True)
class Written:
    """The objects of a migration in the order in which to apply them; `gateways` as ``ns/name``.

    `origins`: the ids of the Ingresses that a route comes of, by Namespace and name.
    """

    objects: list[dict[str, Any]] = field(default_factory=list)
    gateways: list[str] = field(default_factory=list)
    origins: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def write(class_name: str, namespace: str, hosts: Iterable[HostRules]) -> Written:
    """The objects for one IngressClass; more than 64 listeners take several Gateways."""
    made = Written()
    parts: list[list[tuple[HostRules, list[dict[str, Any]]]]] = [[]]
    for host in hosts:
        listeners = _listeners(host, namespace)
        if sum(len(found) for _, found in parts[-1]) + len(listeners) > MAX_LISTENERS:
            parts.append([])
        parts[-1].append((host, listeners))
    grants: dict[tuple[str, str, str, str], None] = {}
    for number, part in enumerate(part for part in parts if part):
        name = class_name if not number else f"{class_name}-{number + 1}"
        made.gateways.append(f"{namespace}/{name}")
        listeners = [listener for _, found in part for listener in found]
        spec = {"gatewayClassName": class_name, "listeners": listeners}
        made.objects.append(_object("Gateway", namespace, name, spec))
        for host, _ in part:
            routes = _routes(host, namespace, name)
            made.objects += routes
            for route in routes:
                space = route["metadata"]["namespace"]
                own = tuple(oid for oid in host.sources if oid.startswith(f"Ingress:{space}/"))
                made.origins[(space, route["metadata"]["name"])] = own or host.sources
            if host.secure and host.secret is not None and host.secret[0] != namespace:
                grants[(host.secret[0], "Gateway", namespace, "Secret")] = None
            for rule in (*host.plain, *host.secure):
                for target in rule.backends:
                    if target.namespace != rule.namespace:
                        grants[(target.namespace, "HTTPRoute", rule.namespace, "Service")] = None
    for target_namespace, kind, source, what in grants:
        made.objects.append(_grant(target_namespace, kind, source, what))
    return made


def gateway_class(name: str) -> dict[str, Any]:
    """The GatewayClass; its controller name is one to be replaced."""
    spec = {"controllerName": CONTROLLER}
    return {"apiVersion": API, "kind": "GatewayClass", "metadata": {"name": name}, "spec": spec}


def namespace_object(name: str) -> dict[str, Any]:
    """The Namespace of the Gateway."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def slug(host: str) -> str:
    """A host as a part of a name."""
    return re.sub(r"[^a-z0-9-]", "-", host.replace("*", "wildcard")) or "any"


def _listeners(host: HostRules, namespace: str) -> list[dict[str, Any]]:
    """A listener for plain HTTP where the host has rules for it, one for HTTPS where it has a certificate.

    Routes of other Namespaces are let in only where there are some: Same is the default.
    """
    name = slug(host.host)
    common: dict[str, Any] = {"hostname": host.host} if host.host else {}
    if any(rule.namespace != namespace for rule in (*host.plain, *host.secure)):
        common |= {"allowedRoutes": {"namespaces": {"from": "All"}}}
    made = [{"name": f"http-{name}", "port": 80, "protocol": "HTTP", **common}] if host.plain else []
    if host.secure and host.secret is not None:
        ref = {"name": host.secret[1], "namespace": host.secret[0]}
        tls = {"mode": "Terminate", "certificateRefs": [ref]}
        made.append({"name": f"https-{name}", "port": 443, "protocol": "HTTPS", "tls": tls, **common})
    return made


def _routes(host: HostRules, namespace: str, gateway: str) -> list[dict[str, Any]]:
    """The HTTPRoutes of a host, by Namespace; those for both listeners where the rules are the same."""
    secure = host.secure if host.secret is not None else []
    if host.plain == secure or not secure or not host.plain:
        sections = [f"http-{slug(host.host)}"] * bool(host.plain) + [f"https-{slug(host.host)}"] * bool(secure)
        return _by_namespace(host.host, "", host.plain or secure, namespace, gateway, sections)
    return [
        *_by_namespace(host.host, "-http", host.plain, namespace, gateway, [f"http-{slug(host.host)}"]),
        *_by_namespace(host.host, "", secure, namespace, gateway, [f"https-{slug(host.host)}"]),
    ]


def _by_namespace(
    host: str, suffix: str, rules: list[Rule], namespace: str, gateway: str, sections: list[str]
) -> list[dict[str, Any]]:
    made = []
    for space in sorted({rule.namespace for rule in rules}):
        own = [rule for rule in rules if rule.namespace == space]
        for number, start in enumerate(range(0, len(own), MAX_RULES)):
            name = f"{slug(host)}{suffix}{f'-{number + 1}' if number else ''}"
            parents = [{"name": gateway, "namespace": namespace, "sectionName": section} for section in sections]
            spec: dict[str, Any] = {"parentRefs": parents, "hostnames": [host] if host else []}
            if not host:
                del spec["hostnames"]
            spec["rules"] = [_rule(rule) for rule in own[start : start + MAX_RULES]]
            made.append(_object("HTTPRoute", space, name, spec))
    return made


def _rule(rule: Rule) -> dict[str, Any]:
    kind, path = rule.match
    match: dict[str, Any] = {"path": {"type": kind, "value": path}}
    if rule.headers:
        match["headers"] = [{"type": "Exact", "name": name, "value": value} for name, value in rule.headers]
    made: dict[str, Any] = {"matches": [match]}
    if rule.filters:
        made["filters"] = list(rule.filters)
    if rule.backends:
        refs = []
        for target in rule.backends:
            ref: dict[str, Any] = {"name": target.service, "port": target.port}
            if target.namespace != rule.namespace:
                ref["namespace"] = target.namespace
            if len(rule.backends) > 1:
                ref["weight"] = target.weight
            refs.append(ref)
        made["backendRefs"] = refs
    return made


def _grant(namespace: str, kind: str, source: str, what: str) -> dict[str, Any]:
    """A ReferenceGrant: objects of one Namespace may name Services or Secrets of another."""
    spec = {"from": [{"group": GROUP, "kind": kind, "namespace": source}], "to": [{"group": "", "kind": what}]}
    name = f"{kind.lower()}s-of-{source}-to-{what.lower()}s"
    return _object("ReferenceGrant", namespace, name, spec, f"{GROUP}/v1beta1")


def _object(kind: str, namespace: str, name: str, spec: dict[str, Any], api: str = API) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}
