"""Ingresses: `domain/pitfalls.md`, "Ingress and Gateway"; what the API server refuses comes with the route table."""

from __future__ import annotations

from collections.abc import Iterator

from designer.edits.secrets import GRANTED, TLS_TYPE
from designer.engine.checks.survey import Survey, short, shown
from designer.engine.l7.classes import default_classes
from designer.engine.l7.entries import Entry
from designer.engine.l7.matching import host_rank
from designer.engine.l7.nginx_notes import notes_of
from designer.engine.l7.promised import issued_for, promised_secrets
from designer.engine.l7.routes import backend_of
from designer.model import Ingress, IngressController, Problem, object_id
from designer.model.networking import IngressBackend
from designer.model.problem import Severity


def unserved(s: Survey) -> Iterator[Problem]:
    """ING-01 and ING-02: Ingresses that nobody acts on."""
    for item in s.state.routes.unserved:
        if item.code not in ("ING-01", "ING-02"):
            continue
        title = f"{short(item.ingress)} is served by nobody: {item.reason}"
        why = "Each Ingress needs a class whose controller runs; otherwise its ADDRESS stays empty."
        classes = sorted({c.controller for c in s.state.routes.controllers.values()})
        fix = (
            f"Name an IngressClass of {shown(classes)}."
            if classes
            else "Add an Ingress controller and its IngressClass."
        )
        yield s.problem(item.code, "error", item.ingress, "spec.ingressClassName", title, why, fix)


def several_defaults(s: Survey) -> Iterator[Problem]:
    """ING-03: more than one default IngressClass."""
    found = default_classes(s.project)
    if len(found) > 1:
        title = f"{len(found)} default IngressClasses: {shown(c.name for c in found)}"
        why = "New Ingresses without class get the newest of them."
        yield s.problem("ING-03", "warning", found[0].id, "metadata.annotations", title, why, "Keep one default.")


def duplicates(s: Survey) -> Iterator[Problem]:
    """ING-04: the same host and path in two Ingresses of one controller."""
    for routes in s.state.routes.controllers.values():
        seen: dict[tuple[str, str, str], Entry] = {}
        canaries = _canaries(s) if routes.profile.servers else frozenset()
        for entry in routes.entries:
            if entry.ingress in canaries:
                continue
            path = entry.path if entry.path_type == "Exact" else entry.path.rstrip("/")
            key = (entry.host, path, entry.path_type)
            first = seen.setdefault(key, entry)
            if first.ingress == entry.ingress:
                continue
            known = routes.profile.duplicates == "oldest"
            title = (
                f"{short(entry.ingress)}: {entry.host or '*'}{entry.path} is already defined in {short(first.ingress)}"
            )
            why = f"{routes.profile.title} uses the older one and ignores the other." if known else (
                f"Which of the two {routes.profile.title} uses is not defined."
            )  # fmt: skip
            fix = "Keep the path in one Ingress."
            yield s.problem("ING-04", "warning" if known else "error", entry.ingress, entry.field, title, why, fix)


def _canaries(s: Survey) -> frozenset[str]:
    """Ids of the Ingresses that are canaries of others: their host and path are meant to be the same."""
    return frozenset(i.id for i in s.project.of(Ingress) if notes_of(i.metadata.annotations).canary is not None)


def one_host_two_controllers(s: Survey) -> Iterator[Problem]:
    """ING-05: a host that two controllers serve from different Ingresses."""
    owners: dict[str, list[tuple[str, str]]] = {}
    for oid, routes in s.state.routes.controllers.items():
        for host, ingress in {(entry.host, entry.ingress): None for entry in routes.entries if entry.host}:
            owners.setdefault(host, []).append((oid, ingress))
    for host, found in owners.items():
        controllers = sorted({oid for oid, _ in found})
        ingresses = sorted({ingress for _, ingress in found})
        if len(controllers) > 1 and len(ingresses) > 1:
            title = f"Host {host} is served by {shown(short(oid) for oid in controllers)}"
            why = "Which controller a request reaches depends on DNS and load balancer."
            fix = "Give all Ingresses of the host one class."
            yield s.problem("ING-05", "warning", ingresses[0], "spec.ingressClassName", title, why, fix)


def backends(s: Survey) -> Iterator[Problem]:
    """ING-06 and ING-07: backends without Service or port; a targetPort in place of the Service's port."""
    refused = {item.ingress for item in s.state.routes.unserved if item.code == "ING-90"}
    for ingress in s.project.of(Ingress):
        if ingress.id in refused:
            continue
        for path, backend in _backends(ingress):
            missing = backend_of(s.control, ingress, backend).missing
            if missing and backend.service is not None:
                yield _missing_backend(s, ingress, path, backend, missing)


def _missing_backend(s: Survey, ingress: Ingress, path: str, backend: IngressBackend, missing: str) -> Problem:
    assert backend.service is not None, "asked before"
    wanted = backend.service.port
    service = s.control.services.get(object_id("Service", ingress.namespace, backend.service.name))
    why = "A backend names a Service of the same namespace and a port of that Service; nginx answers 503 otherwise."
    title = f"{short(ingress.id)}: {missing}"
    if service is None:
        here = [
            oid.rpartition("/")[2] for oid, found in s.control.services.items() if found.namespace == ingress.namespace
        ]
        fix = f"Services of the namespace: {shown(here)}." if here else "Create the Service."
        return s.problem("ING-06", "error", ingress.id, f"{path}.service.name", title, why, fix)
    named = wanted.name if wanted.name is not None else wanted.number
    confused = next((port for port in service.ports if port.target_port == named), None)
    if confused is not None:
        title = f"{short(ingress.id)}: {named} is the targetPort of {short(service.id)}, not its port"
        return s.problem("ING-07", "error", ingress.id, f"{path}.service.port", title, why, f"Use {confused.port}.")
    known = shown(f"{port.name} ({port.port})" if port.name else str(port.port) for port in service.ports)
    return s.problem("ING-06", "error", ingress.id, f"{path}.service.port", title, why, f"Its ports are {known}.")


def _backends(ingress: Ingress) -> Iterator[tuple[str, IngressBackend]]:
    if ingress.spec.defaultBackend is not None:
        yield "spec.defaultBackend", ingress.spec.defaultBackend
    for index, rule in enumerate(ingress.spec.rules):
        for number, path in enumerate(rule.http.paths if rule.http else ()):
            yield f"spec.rules[{index}].http.paths[{number}].backend", path.backend


def certificates(s: Survey) -> Iterator[Problem]:
    """ING-10: a TLS Secret that is not where it must be. Only told where the input has Secrets to compare with."""
    secrets = {
        oid.partition(":")[2]: item.data for oid, item in s.project.foreign.items() if oid.startswith("v1/Secret:")
    }
    # One that was taken for granted here says nothing about what else an input would have.
    given = {oid.partition(":")[2] for oid, item in s.project.foreign.items() if item.reason == GRANTED}
    spaces = {name.partition("/")[0] for name in secrets if name not in given}
    for (namespace, name), kind in promised_secrets(s.project).items():
        secrets.setdefault(f"{namespace}/{name}", {"type": kind})
    for ingress in s.project.of(Ingress):
        issued = issued_for(ingress)
        for index, tls in enumerate(ingress.spec.tls):
            if not tls.secretName or tls.secretName in issued:
                continue
            found = secrets.get(f"{ingress.namespace}/{tls.secretName}")
            elsewhere = sorted(n.partition("/")[0] for n in secrets if n.partition("/")[2] == tls.secretName)
            if found is not None:
                kind = found.get("type")
                fact = f"has type {kind}, not {TLS_TYPE}" if kind not in (TLS_TYPE, None) else ""
            elif elsewhere:
                fact = f"is in namespace {shown(elsewhere)}, not in {ingress.namespace}"
            else:
                fact = (
                    f"is not among the Secrets of namespace {ingress.namespace}" if ingress.namespace in spaces else ""
                )
            if fact:
                title = f"{short(ingress.id)}: TLS Secret {tls.secretName} {fact}"
                why = "The controller reads a Secret of the same namespace; nginx serves a fake certificate without it."
                if found is not None:
                    why = "Nobody makes sure that a Secret of another type has the keys tls.crt and tls.key."
                fix = f"Create Secret {tls.secretName} of type {TLS_TYPE} in namespace {ingress.namespace}."
                # Controllers look at the keys, not at the type (ingress-nginx: getPemCertificate): it may work.
                severity: Severity = "error" if found is None else "warning"
                yield s.problem("ING-10", severity, ingress.id, f"spec.tls[{index}].secretName", title, why, fix)


def tls_hosts(s: Survey) -> Iterator[Problem]:
    """ING-11: a TLS host that no rule of the Ingress has."""
    for ingress in s.project.of(Ingress):
        hosts = [rule.host or "" for rule in ingress.spec.rules]
        for index, tls in enumerate(ingress.spec.tls):
            for number, host in enumerate(tls.hosts):
                covers = [rule for rule in hosts if not rule or rule == host or host_rank(host, rule) == 1]
                if ingress.spec.rules and not covers:
                    title = f"{short(ingress.id)}: TLS host {host} is in none of its rules"
                    why = "The certificate is chosen by the host of the request: hosts of rules and TLS must agree."
                    fix = f"The rules have {shown(h for h in hosts if h)}."
                    yield s.problem(
                        "ING-11", "warning", ingress.id, f"spec.tls[{index}].hosts[{number}]", title, why, fix
                    )


def wildcard_depth(s: Survey) -> Iterator[Problem]:
    """ING-12: a host with more labels than the wildcard that seems to be meant for it."""
    for ingress in s.project.of(Ingress):
        rules = [rule.host for rule in ingress.spec.rules if rule.host]
        for index, tls in enumerate(ingress.spec.tls):
            for host in tls.hosts:
                wild = next(
                    (r for r in rules if r.startswith("*.") and host.endswith(r[1:]) and host_rank(r, host) is None), ""
                )
                if wild and host != wild and host not in rules:
                    title = f"{short(ingress.id)}: {wild} does not match {host}"
                    why = "In an Ingress a wildcard stands for exactly one label."
                    fix = f"Add a rule for {host}."
                    yield s.problem("ING-12", "warning", ingress.id, f"spec.tls[{index}].hosts", title, why, fix)


def retired_controller(s: Survey) -> Iterator[Problem]:
    """ING-13: ingress-nginx."""
    for oid, routes in s.state.routes.controllers.items():
        if routes.profile.retired:
            title = f"{short(oid)}: ingress-nginx is retired since {routes.profile.retired}"
            why = "Its last release is of 2026-03-20; there are no security fixes any more."
            fix = "Plan to move to Gateway API, or to a controller that is maintained."
            yield s.problem("ING-13", "warning", oid, "spec.profile", title, why, fix)


def client_address_lost(s: Survey) -> Iterator[Problem]:
    """ING-14: the controller's own Service hides client addresses."""
    for controller in s.project.of(IngressController):
        service = s.control.services.get(controller.spec.service or "")
        if service and service.external_policy == "Cluster" and service.type in ("NodePort", "LoadBalancer"):
            title = f"{short(controller.id)}: sees Node addresses instead of its clients'"
            why = f"{short(service.id)} has externalTrafficPolicy Cluster, which replaces the source address."
            fix = "Set externalTrafficPolicy: Local, or use PROXY protocol."
            yield s.problem("ING-14", "info", controller.id, "spec.service", title, why, fix)
