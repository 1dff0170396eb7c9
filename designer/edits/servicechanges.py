"""What the API server makes of a changed Service before it looks at it, and what it refuses of the change itself.

A new type takes away what only the old one had (upstream: pkg/registry/core/service/strategy.go, patchAllocatedValues
and dropTypeDependentFields). Fields that cannot change any more (domain/services.md, "API server validation", rows 12,
13, 16 and 18) are those of a Service that an API server holds, which is one with a uid: a drawn one is a manifest that
nobody has applied yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from designer.edits.edit import refusal
from designer.edits.servicefamilies import cluster_families, is_headless, service_families
from designer.edits.serviceports import Finding
from designer.edits.servicerules import Refusal, is_external, needs_health_check, refusals_of
from designer.model import Problem, Project, Service

Differs = Callable[[Service, Service], bool]
KEEP = "Remove the Service and create it anew with the other value; until then keep this one."
ONCE = "Invalid value: may not change once set"


def settled(before: Service, after: Service) -> Service:
    """`after` as the API server goes on with it: without what it has no use for any more and the edit left alone."""
    data = after.dump()
    spec = data.setdefault("spec", {})
    if before.spec.clusterIP != after.spec.clusterIP and before.spec.clusterIPs == after.spec.clusterIPs:
        # `clusterIP` is the first of `clusterIPs`: who changes the one alone means both.
        if not after.spec.clusterIP:
            spec.pop("clusterIPs", None)
        elif after.spec.clusterIPs:
            spec["clusterIPs"] = [after.spec.clusterIP, *after.spec.clusterIPs[1:]]
    if after.spec.ipFamilyPolicy == "SingleStack" != before.spec.ipFamilyPolicy:
        for field in ("clusterIPs", "ipFamilies"):
            if len(spec.get(field, ())) > 1 and getattr(before.spec, field) == getattr(after.spec, field):
                spec[field] = spec[field][:1]
    for lost, fields in DROPS:
        if lost(before) and not lost(after):
            for field in fields:
                if getattr(before.spec, field) == getattr(after.spec, field):
                    spec.pop(field, None)
    if _has_node_ports(before) and not _has_node_ports(after) and _node_ports(after) <= _node_ports(before):
        for port in spec.get("ports", ()):
            port.pop("nodePort", None)
    if before.spec.type == "LoadBalancer" and after.spec.type != "LoadBalancer":
        data.get("status", {}).pop("loadBalancer", None)
        if not data.get("status", True):
            data.pop("status")
    return after if data == after.dump() else Service.model_validate(data)


def _has_cluster_ip(service: Service) -> bool:
    return service.spec.type != "ExternalName"


def _has_node_ports(service: Service) -> bool:
    return service.spec.type in ("NodePort", "LoadBalancer")


def _is_balanced(service: Service) -> bool:
    return service.spec.type == "LoadBalancer"


def _node_ports(service: Service) -> set[int]:
    return {port.nodePort for port in service.spec.ports if port.nodePort}


# What a Service no longer is, and the fields that go with it where the edit did not touch them.
DROPS: tuple[tuple[Callable[[Service], bool], tuple[str, ...]], ...] = (
    (_has_cluster_ip, ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")),
    (needs_health_check, ("healthCheckNodePort",)),
    (_is_balanced, ("allocateLoadBalancerNodePorts", "loadBalancerClass")),
    (is_external, ("externalTrafficPolicy",)),
)


def cluster_ips(before: Service, after: Service) -> Iterator[Finding]:
    """The primary ClusterIP stays; the second one may come, and go with policy SingleStack."""
    old, new = before.spec.clusterIPs, after.spec.clusterIPs
    if not new and after.spec.clusterIP:
        new = (after.spec.clusterIP,)
    if before.spec.clusterIP and not old:
        old = (before.spec.clusterIP,)
    if len(old) == len(new):
        for index, ip in enumerate(old):
            if ip != new[index]:
                yield f"spec.clusterIPs[{index}]", ONCE
    elif old and not new:
        yield "spec.clusterIPs[0]", "Invalid value: primary clusterIP can not be unset"
    elif old and old[0] != new[0]:
        yield "spec.clusterIPs[0]", ONCE
    if len(old) > len(new) == 1 and after.spec.ipFamilyPolicy != "SingleStack":
        text = "Invalid value: must be set to 'SingleStack' when releasing the secondary clusterIP"
        yield "spec.ipFamilyPolicy", text


def ip_families(before: Service, after: Service) -> Iterator[Finding]:
    """The primary family stays; the second one may come, and go with policy SingleStack."""
    old, new = before.spec.ipFamilies, after.spec.ipFamilies
    if is_headless(before) or is_headless(after) or not old:
        return
    if (new and new[0] != old[0]) or (len(old) == len(new) and old != new):
        yield "spec.ipFamilies[0]", ONCE
    if len(old) > len(new) == 1 and after.spec.ipFamilyPolicy != "SingleStack":
        yield "spec.ipFamilyPolicy", "Invalid value: must be set to 'SingleStack' when releasing the secondary ipFamily"


def balancer_class(before: Service, after: Service) -> Iterator[Finding]:
    """The class of a load balancer stays while the type is LoadBalancer."""
    both = _is_balanced(before) and _is_balanced(after)
    if both and before.spec.loadBalancerClass != after.spec.loadBalancerClass:
        yield "spec.loadBalancerClass", ONCE


def health_check(before: Service, after: Service) -> Iterator[Finding]:
    """The health check node port stays while there is one."""
    both = needs_health_check(before) and needs_health_check(after)
    number, new = before.spec.healthCheckNodePort, after.spec.healthCheckNodePort
    if both and number and new and number != new:
        yield "spec.healthCheckNodePort", "Forbidden: field is immutable"


CHANGES: tuple[tuple[str, Callable[[Service, Service], Iterator[Finding]], str], ...] = (
    ("SVC-V13", cluster_ips, KEEP),
    ("SVC-V13", ip_families, KEEP),
    ("SVC-V16", balancer_class, KEEP),
    ("SVC-V18", health_check, KEEP),
)


def refused_changes(before: Service, after: Service) -> Iterator[Refusal]:
    """What the API server refuses of a change of a Service that it holds; nothing for one that is only drawn.

    From and to ExternalName everything may change.
    """
    if not before.metadata.uid or "ExternalName" in (before.spec.type, after.spec.type):
        return
    if is_headless(before) and is_headless(after):
        rules = CHANGES[2:]
    else:
        rules = CHANGES
    for code, rule, fix in rules:
        for path, text in rule(before, after):
            yield Refusal(code, path, text, fix)


REQUIRED = "Required value"


def _refused_here(project: Project, service: Service) -> Iterator[Refusal]:
    """What the API server of the project's cluster refuses about a Service: its fields, and families it has not."""
    yield from refusals_of(service, project.cluster)
    families = service_families(service, cluster_families(project))
    if families.refusal and service.spec.type != "ExternalName":
        dual = "dual-stack" in families.refusal
        path = "spec.ipFamilyPolicy" if dual else "spec.ipFamilies"
        fix = "Ask for families that the Service ranges of the cluster have, or give the cluster such a range."
        yield Refusal("IP-14" if dual else "SVC-V12", path, f"Invalid value: {families.refusal}", fix)


def change_problems(project: Project, before: Service, after: Service, path: str | None = None) -> tuple[Problem, ...]:
    """Why the API server refuses what an edit makes of a Service; what was wrong before does not stop an edit.

    `path` is the field that was changed, None where the whole object was written. Who fills in a form comes to what is
    still missing in other fields next: that is said by the cluster's problems, and stops nothing here.
    """
    known = Counter((r.code, r.text) for r in _refused_here(project, before))
    found = []
    for told in (*_refused_here(project, after), *refused_changes(before, after)):
        known[(told.code, told.text)] -= 1
        elsewhere = path is not None and not (told.field.startswith(path) or path.startswith(told.field))
        if known[(told.code, told.text)] < 0 and not (told.text == REQUIRED and elsewhere):
            why = "The API server refuses such a Service."
            title = f"{told.field} {told.text}"
            found.append(refusal("EDIT-03", title, oid=before.id, field=told.field, why=why, fix=told.fix))
    return tuple(found)
