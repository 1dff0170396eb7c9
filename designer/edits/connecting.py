"""A line drawn from one object to another: what may be connected, and the edit that it means.

Routes, ListenerSets and BackendTLSPolicies get a reference more (`gatewaykinds`), an Ingress a path to the Service, a
Service or NetworkPolicy the selector of the Pods (`selectorlines`). A line from a Service to an Ingress or route means
the same as one from there. The same answer marks a target while the line is drawn and decides where it ends.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from designer.edits import shapes
from designer.edits.drops import DropAnswer, may_move, move
from designer.edits.edit import Edit, missing, refusal, refused, spoken
from designer.edits.fields import replace_object
from designer.edits.gatewaykinds import CONNECTS
from designer.edits.kept import spoken_kept
from designer.edits.keptreferences import is_gateway_api, kind_of
from designer.edits.selectorlines import may_select, selecting_data, selects
from designer.model import Ingress, Project, Service


def connects(project: Project, oid: str) -> bool:
    """Whether lines can be drawn from an object at all."""
    if is_gateway_api(oid):
        return oid in project.foreign and kind_of(oid) in CONNECTS
    return project.find(Ingress, oid) is not None or selects(project, oid)


def may_connect(project: Project, oid: str, target: str) -> DropAnswer:
    """Whether a line from an object may end at `target`, and what that would do."""
    if not target or target == oid:
        return DropAnswer(False, "")
    if is_gateway_api(oid):
        if kind_of(target) not in CONNECTS.get(kind_of(oid), ()):
            return DropAnswer(False, f"Connect it to {_words(CONNECTS.get(kind_of(oid), ()))}.")
        return may_move(project, oid, target)
    if _backwards(project, oid, target):
        return may_connect(project, target, oid)
    if selects(project, oid):
        return may_select(project, oid, target)
    ingress, service = project.find(Ingress, oid), project.find(Service, target)
    if ingress is None or service is None:
        return DropAnswer(False, "Connect it to a Service.")
    if service.namespace != ingress.namespace:
        return DropAnswer(False, f"An Ingress leads to Services of its own namespace, {ingress.namespace}.")
    if not service.spec.ports:
        return DropAnswer(False, f"{spoken(target)} has no port that an Ingress could lead to: give it a port first.")
    if service.name in _led_to(ingress):
        return DropAnswer(False, "It leads to this Service already.")
    host, path = _place(ingress, service)
    return DropAnswer(True, f"{host or 'Every host'}{path} will lead to {spoken(target)}, port {_port(service)}.")


def connect(project: Project, oid: str, target: str) -> Edit:
    """The edit that a line from one object to another means; refused with the reason of `may_connect`."""
    label = f"Connect {spoken_kept(oid)} to {spoken_kept(target)}"
    if not connects(project, oid):
        return missing(label, project, oid)
    answer = may_connect(project, oid, target)
    if not answer.ok:
        return refused(label, project, refusal("EDIT-07", answer.reason or "Choose another object.", oid=oid))
    if is_gateway_api(oid):
        return move(project, oid, target)
    if _backwards(project, oid, target):
        return connect(project, target, oid)
    if selects(project, oid):
        words = f"Let {spoken(oid)} select {spoken(target)}"
        return replace(replace_object(project, oid, selecting_data(project, oid, target)), label=words)
    ingress, service = project.find(Ingress, oid), project.find(Service, target)
    assert ingress is not None and service is not None, "asked above"
    host, path = _place(ingress, service)
    data = ingress.dump()
    rules: list[dict[str, Any]] = data.setdefault("spec", {}).setdefault("rules", [])
    made = shapes.ingress_rule(host, service.name, {"number": _port(service)})
    made["http"]["paths"][0]["path"] = path
    if not host:
        del made["host"]
    rule = next((one for one in rules if str(one.get("host") or "") == host), None)
    if rule is None:
        rules.append(made)
    else:
        http = rule.get("http") or {}
        rule["http"] = {**http, "paths": [*http.get("paths", ()), *made["http"]["paths"]]}
    return replace(replace_object(project, oid, data), label=f"Lead {spoken(oid)} to {spoken(target)}")


def _backwards(project: Project, oid: str, target: str) -> bool:
    """Whether a line from a Service to `target` means that `target` leads to the Service."""
    if project.find(Service, oid) is None:
        return False
    return project.find(Ingress, target) is not None or (
        target in project.foreign and "Service" in CONNECTS.get(kind_of(target), ())
    )


def _led_to(ingress: Ingress) -> set[str]:
    backends = [path.backend for rule in ingress.spec.rules for path in (rule.http.paths if rule.http else ())]
    backends += [ingress.spec.defaultBackend] if ingress.spec.defaultBackend is not None else []
    return {backend.service.name for backend in backends if backend.service is not None}


def _place(ingress: Ingress, service: Service) -> tuple[str, str]:
    """Host and path of the new rule: the first host; ``/`` where it has no path yet, else ``/`` and the Service."""
    if not ingress.spec.rules:
        return f"{ingress.name}.example.com", "/"
    rule = ingress.spec.rules[0]
    taken = {path.path for path in rule.http.paths} if rule.http else set()
    return rule.host or "", "/" if "/" not in taken else f"/{service.name}"


def _port(service: Service) -> int:
    return service.spec.ports[0].port


def _words(kinds: tuple[str, ...]) -> str:
    found = [f"a {kind}" for kind in kinds if not kind.startswith("X")]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} or {found[-1]}"
