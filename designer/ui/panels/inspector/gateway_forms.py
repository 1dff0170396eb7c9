"""The forms of Gateway API kinds as a table, as `forms` has those of drawn kinds."""

from __future__ import annotations

from designer.edits.gateways import of_kinds
from designer.model import Project, split_id
from designer.ui.panels.inspector.fields import Cell, Field, Group, Options, Section
from designer.ui.panels.inspector.form_groups import KEY_VALUES
from designer.ui.panels.inspector.forms import LABELS
from designer.ui.panels.inspector.gateway_groups import GRPC_MATCHES, HTTP_MATCHES, LISTENERS, PARENTS, rules

ANNOTATIONS = Field("metadata.annotations", "Annotations", "map", group=KEY_VALUES)
METADATA = Section("Metadata", (LABELS, ANNOTATIONS))
ALLOWED_LISTENERS: Options = ((None, "None (default)"), ("None", "None"), ("Same", "Same"), ("All", "All"))


def _classes(project: Project) -> Options:
    """The GatewayClasses by name."""
    return tuple((split_id(one.id)[2], split_id(one.id)[2]) for one in of_kinds(project, ("GatewayClass",)))


PARENT_REFS = Field("spec.parentRefs", "Attached to", "groups", group=PARENTS)
HOSTNAMES = Field(
    "spec.hostnames", "Host names", "list", "Empty: every host of the listener.", placeholder="shop.example.com"
)


def _route(rule: Group, *, hosts: bool) -> tuple[Section, ...]:
    first = (PARENT_REFS, HOSTNAMES) if hosts else (PARENT_REFS,)
    return (Section("", first), Section("Rules", (Field("spec.rules", "Rules", "groups", group=rule),)), METADATA)


_PLAIN = rules("rule", None, {"backendRefs": [{"name": "web", "port": 80}]})
TRUSTED = Group(
    "trusted kind",
    (
        Cell("group", "API group", "or-none", 0),
        Cell("kind", "Kind", "mono", 0),
        Cell("namespace", "Namespace", "mono", 1),
    ),
    titled=True,
    fresh={"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "default"},
)
OPENED = Group(
    "opened kind",
    (
        Cell("group", "API group (none: core)", "or-none", 0),
        Cell("kind", "Kind", "mono", 0),
        Cell("name", "Name", "mono", 1, placeholder="every one"),
    ),
    titled=True,
    fresh={"group": "", "kind": "Service"},
)
GATEWAY_FORMS: dict[str, tuple[Section, ...]] = {
    "Gateway": (
        Section("", (Field("spec.gatewayClassName", "Gateway class", "choice", options=_classes),)),
        Section(
            "Listeners",
            (
                Field("spec.listeners", "Listeners", "groups", group=LISTENERS),
                Field("spec.allowedListeners.namespaces.from", "ListenerSets from namespaces", "choice",
                      options=ALLOWED_LISTENERS),
            ),
        ),
        METADATA,
    ),
    "ListenerSet": (
        Section(
            "",
            (
                Field("spec.parentRef.name", "Gateway", "mono"),
                Field("spec.parentRef.namespace", "Namespace of the Gateway", "mono", placeholder="this namespace"),
            ),
        ),
        Section("Listeners", (Field("spec.listeners", "Listeners", "groups", group=LISTENERS),)),
        METADATA,
    ),
    "GatewayClass": (
        Section(
            "",
            (
                Field("spec.controllerName", "Controller", "mono", "The program that acts for Gateways of this class."),
                LABELS,
            ),
        ),
    ),
    "HTTPRoute": _route(
        rules("rule", HTTP_MATCHES, {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]}), hosts=True
    ),
    "GRPCRoute": _route(rules("rule", GRPC_MATCHES, {"backendRefs": [{"name": "web", "port": 80}]}), hosts=True),
    "TLSRoute": _route(_PLAIN, hosts=True),
    "TCPRoute": _route(_PLAIN, hosts=False),
    "UDPRoute": _route(_PLAIN, hosts=False),
    "ReferenceGrant": (
        Section(
            "",
            (
                Field("spec.from", "Trusts", "groups", group=TRUSTED),
                Field("spec.to", "Opens to them", "groups", group=OPENED),
            ),
        ),
        Section("Metadata", (LABELS,)),
    ),
}  # fmt: skip
