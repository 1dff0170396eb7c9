"""What the API server refuses in the fields of each kind, as a table: checked where a person changes a field.

Only values that an edit changes are checked: what an import brought in stays as it is and `engine.checks` speaks about
it, as it does about fields that do not fit each other, since a person changes one after the other. What the fields of a
Service together may be, and its addresses, are `servicerules`. Sources: the validation rules in `domain/services.md`
"API server validation", `domain/policies.md`, `domain/ingress-gateway.md` "Ingress", and the Kubernetes API reference
of the other kinds.
"""

from __future__ import annotations

from typing import Any

from designer.edits.paths import path_text, read
from designer.edits.validity import (
    Check,
    address,
    at_least_zero,
    between,
    cidr,
    dns_label,
    dns_subdomain,
    either,
    host_name,
    label_key,
    label_value,
    one_of,
    port_name,
    port_number,
    port_or_name,
    refused_value,
    value_problems,
)
from designer.model import Problem

# What the name of a kind must be where it is not a DNS subdomain.
NAME_CHECKS: dict[str, Check] = {"Service": dns_label, "Namespace": dns_label}
MAX_NAMES = {"CronJob": 52}  # its Jobs add eleven characters

PROTOCOL = one_of("TCP", "UDP", "SCTP")
FAMILY = one_of("IPv4", "IPv6")
POLICY = one_of("Cluster", "Local")
# Where the spec of a Pod stands: in a Pod, in a workload's template, in a CronJob's.
POD_SPECS = ("spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec")
BAD_PATH_PARTS = ("//", "/./", "/../", "%2f", "%2F")


def requirement(value: Any) -> str:
    """Why `value` is no ``matchExpressions`` entry, "" when it is one."""
    if not isinstance(value, dict):
        return ""
    if words := one_of("In", "NotIn", "Exists", "DoesNotExist")(value.get("operator")):
        return f"operator {words}"
    values = value.get("values") or ()
    if not isinstance(values, (list, tuple)):
        return "values must be a list"
    listed = value["operator"] in ("In", "NotIn")
    if listed and not values:
        return f"values must hold at least one value for the operator {value['operator']}"
    if not listed and values:
        return f"values must be empty for the operator {value['operator']}"
    if words := label_key(str(value.get("key", ""))):
        return f"key {words}"
    return next((f"values {words}" for entry in values if (words := label_value(entry))), "")


def ingress_path(value: Any) -> str:
    """Why `value` is no path of an Ingress rule, "" when it is one; only Exact and Prefix paths have a form."""
    path = value.get("path", "") if isinstance(value, dict) else ""
    if not isinstance(path, str) or (isinstance(value, dict) and value.get("pathType") not in ("Exact", "Prefix")):
        return "path must start with '/'" if isinstance(path, str) and path and path[0] != "/" else ""
    if not path.startswith("/"):
        return "path must start with '/'"
    bad = next((part for part in BAD_PATH_PARTS if part in path), "")
    bad = bad or next((end for end in ("/..", "/.") if path.endswith(end)), "")
    return f"path must not hold {bad}" if bad else ""


def one_port(value: Any) -> str:
    """Why `value` is no port of an Ingress backend, "" when it is one: a number or a name, not both."""
    given = [key for key in ("name", "number") if isinstance(value, dict) and value.get(key)]
    return "must have a number or a name, not both" if len(given) == 2 else ""


Row = tuple[str, str, Check]

# Where a check applies: kind ("" for all), and the path with * for an index or a key.
SERVICE: tuple[tuple[str, Check], ...] = (
    ("type", one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")),
    ("selector.*", label_value),
    ("ports.*.port", port_number),
    ("ports.*.nodePort", either(port_number, 0)),
    ("ports.*.targetPort", either(port_or_name, 0, "")),
    ("ports.*.protocol", PROTOCOL),
    ("ports.*.name", either(dns_label, "")),
    ("ipFamilies.*", FAMILY),
    ("ipFamilyPolicy", one_of("SingleStack", "PreferDualStack", "RequireDualStack")),
    ("loadBalancerIP", either(address, "")),
    ("externalTrafficPolicy", POLICY),
    ("internalTrafficPolicy", POLICY),
    ("healthCheckNodePort", either(port_number, 0)),
    ("sessionAffinity", one_of("None", "ClientIP")),
    ("sessionAffinityConfig.clientIP.timeoutSeconds", between(1, 86400)),
    ("trafficDistribution", one_of("PreferClose", "PreferSameZone", "PreferSameNode")),
)
POD: tuple[tuple[str, Check], ...] = (
    ("nodeName", either(dns_subdomain, "")),
    ("nodeSelector.*", label_value),
    ("hostname", either(dns_label, "")),
    ("subdomain", either(dns_label, "")),
    ("dnsPolicy", one_of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")),
    ("dnsConfig.nameservers.*", address),
    ("hostAliases.*.ip", address),
    ("restartPolicy", one_of("Always", "OnFailure", "Never")),
    ("tolerations.*.operator", one_of("Equal", "Exists", "Lt", "Gt")),
    ("tolerations.*.effect", either(one_of("NoSchedule", "PreferNoSchedule", "NoExecute"), "")),
    *(
        (f"{containers}.*.{field}", check)
        for containers in ("containers", "initContainers")
        for field, check in (
            ("name", dns_label),
            ("ports.*.containerPort", port_number),
            ("ports.*.hostPort", either(port_number, 0)),
            ("ports.*.hostIP", either(address, "")),
            ("ports.*.name", either(port_name, "")),
            ("ports.*.protocol", PROTOCOL),
        )
    ),
)
POLICY_RULES: tuple[Row, ...] = tuple(
    ("NetworkPolicy", f"spec.{way}.*.{field}", check)
    for way, peers in (("ingress", "from"), ("egress", "to"))
    for field, check in (
        (f"{peers}.*.ipBlock.cidr", cidr),
        (f"{peers}.*.ipBlock.except.*", cidr),
        (f"{peers}.*.podSelector.matchExpressions.*", requirement),
        (f"{peers}.*.namespaceSelector.matchExpressions.*", requirement),
        ("ports.*.port", port_or_name),
        ("ports.*.endPort", port_number),
        ("ports.*.protocol", PROTOCOL),
    )
)
CHECKS: tuple[Row, ...] = (
    ("", "metadata.namespace", dns_label),
    ("", "metadata.labels.*", label_value),
    ("", "spec.template.metadata.labels.*", label_value),
    ("", "spec.selector.matchLabels.*", label_value),
    ("", "spec.selector.matchExpressions.*", requirement),
    ("", "spec.replicas", at_least_zero),
    ("", "spec.parallelism", at_least_zero),
    ("", "spec.completions", at_least_zero),
    *(("Service", f"spec.{field}", check) for field, check in SERVICE),
    *(("", f"{spec}.{field}", check) for spec in POD_SPECS for field, check in POD),
    ("Node", "spec.podCIDR", either(cidr, "")),
    ("Node", "spec.podCIDRs.*", cidr),
    ("Node", "spec.taints.*.key", label_key),
    ("Node", "spec.taints.*.value", label_value),
    ("Node", "spec.taints.*.effect", one_of("NoSchedule", "PreferNoSchedule", "NoExecute")),
    ("Ingress", "spec.ingressClassName", dns_subdomain),
    ("Ingress", "spec.rules.*.host", host_name),
    ("Ingress", "spec.tls.*.hosts.*", host_name),
    ("Ingress", "spec.rules.*.http.paths.*", ingress_path),
    ("Ingress", "spec.rules.*.http.paths.*.pathType", one_of("Exact", "Prefix", "ImplementationSpecific")),
    *(
        ("Ingress", f"{backend}.service.port{field}", check)
        for backend in ("spec.rules.*.http.paths.*.backend", "spec.defaultBackend")
        for field, check in (("", one_port), (".number", either(port_number, 0)), (".name", either(port_name, "")))
    ),
    ("NetworkPolicy", "spec.policyTypes.*", one_of("Ingress", "Egress")),
    ("NetworkPolicy", "spec.podSelector.matchLabels.*", label_value),
    ("NetworkPolicy", "spec.podSelector.matchExpressions.*", requirement),
    *POLICY_RULES,
    ("EndpointSlice", "addressType", one_of("IPv4", "IPv6", "FQDN")),
    ("EndpointSlice", "ports.*.port", port_number),
    ("EndpointSlice", "ports.*.protocol", PROTOCOL),
    ("EndpointSlice", "ports.*.name", either(dns_label, "")),
    ("ServiceCIDR", "spec.cidrs.*", cidr),
)
# Groups whose keys are label keys.
LABEL_GROUPS: tuple[str, ...] = (
    "metadata.labels",
    "metadata.annotations",
    "spec.selector",
    "spec.template.metadata.labels",
    "spec.podSelector.matchLabels",
    "spec.selector.matchLabels",
    *(f"{spec}.nodeSelector" for spec in POD_SPECS),
)


def object_name(kind: str) -> Check:
    """The check of the names of a kind."""
    form, most = NAME_CHECKS.get(kind, dns_subdomain), MAX_NAMES.get(kind)

    def check(value: Any) -> str:
        words = form(value)
        if not words and most is not None and len(value) > most:
            return f"must have {most} characters at most"
        return words

    return check


def refused_values(kind: str, oid: str, before: dict[str, Any], after: dict[str, Any]) -> tuple[Problem, ...]:
    """Problems of the values that differ between two states of an object's data, in the order of the table."""
    checks: list[tuple[str, Check]] = [("metadata.name", object_name(kind))]
    checks += [(pattern, check) for wanted, pattern, check in CHECKS if wanted in ("", kind)]
    found = value_problems(checks, oid, before, after)
    for group in LABEL_GROUPS:
        parts = tuple(group.split("."))
        keys = read(after, parts)
        known = read(before, parts)
        for key in sorted(keys) if isinstance(keys, dict) and not _is_label_selector(group, kind) else ():
            if words := "" if isinstance(known, dict) and key in known else label_key(key):
                found.append(refused_value(oid, path_text((*parts, key)), f"{key} {words}"))
    return tuple(found)


def _is_label_selector(group: str, kind: str) -> bool:
    """``spec.selector`` is a plain map in Services and ReplicationControllers, a LabelSelector in all other kinds."""
    return group == "spec.selector" and kind not in ("Service", "ReplicationController")
