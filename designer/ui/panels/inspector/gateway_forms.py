"""The forms of Gateway API kinds as a table, as `forms` has those of drawn kinds."""

from __future__ import annotations

from designer.edits.gateways import of_kinds
from designer.model import Project, split_id
from designer.ui.panels.inspector.fields import Cell, Data, Field, Group, Options, Section
from designer.ui.panels.inspector.filter_groups import GRPC_FILTERS, HTTP_FILTERS, rules
from designer.ui.panels.inspector.form_groups import KEY_VALUES
from designer.ui.panels.inspector.forms import LABELS
from designer.ui.panels.inspector.gateway_groups import (
    ADDRESSES,
    ALTERNATIVES,
    CLIENT_CERTIFICATE,
    CLIENTS,
    GRPC_MATCHES,
    HTTP_MATCHES,
    LISTENERS,
    LOCAL_AUTHORITIES,
    PARENTS,
    TARGETS,
    parameters,
)

ANNOTATIONS = Field("metadata.annotations", "Annotations", "map", group=KEY_VALUES)
METADATA = Section("Metadata", (LABELS, ANNOTATIONS))
ALLOWED_LISTENERS: Options = (
    (None, "None (default)"),
    *((word, word) for word in ("None", "Same", "All", "Selector")),
)


def _classes(project: Project) -> Options:
    """The GatewayClasses by name."""
    return tuple((split_id(one.id)[2], split_id(one.id)[2]) for one in of_kinds(project, ("GatewayClass",)))


TRUST: Options = ((None, "only those named above"), ("System", "those of the Gateway's system"))


def _by_labels(data: Data) -> bool:
    namespaces = ((data.get("spec") or {}).get("allowedListeners") or {}).get("namespaces") or {}
    return namespaces.get("from") == "Selector"


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
        Cell("name", "Name", "mono", 1, placeholder="all"),
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
                Field("spec.allowedListeners.namespaces.selector", "Namespaces with labels", "selector",
                      placeholder="team=web", when=_by_labels),
            ),
        ),
        Section(
            "Clients and addresses",
            (
                Field("spec.tls.frontend", "Certificates of clients", "object", group=CLIENTS),
                Field("spec.tls.backend.clientCertificateRef", "Certificate that backends see", "object",
                      group=CLIENT_CERTIFICATE),
                Field("spec.addresses", "Addresses", "groups", group=ADDRESSES),
                Field("spec.infrastructure.parametersRef", "Settings of the implementation", "object",
                      group=parameters(local=True)),
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
                Field("spec.parametersRef", "Settings of the implementation", "object",
                      group=parameters(local=False)),
                LABELS,
            ),
        ),
    ),
    "HTTPRoute": _route(
        rules("rule", HTTP_MATCHES, {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]}, HTTP_FILTERS),
        hosts=True,
    ),
    "GRPCRoute": _route(
        rules("rule", GRPC_MATCHES, {"backendRefs": [{"name": "web", "port": 80}]}, GRPC_FILTERS), hosts=True
    ),
    "TLSRoute": _route(_PLAIN, hosts=True),
    "TCPRoute": _route(_PLAIN, hosts=False),
    "UDPRoute": _route(_PLAIN, hosts=False),
    "BackendTLSPolicy": (
        Section(
            "",
            (
                Field("spec.targetRefs", "Gateways speak TLS to", "groups", group=TARGETS),
                Field("spec.validation.hostname", "Its certificate is for", "mono",
                      "Also the server name that is sent.", placeholder="web.shop.svc"),
                Field("spec.validation.caCertificateRefs", "Signed by", "groups", group=LOCAL_AUTHORITIES),
                Field("spec.validation.wellKnownCACertificates", "Other authorities", "choice", options=TRUST),
                Field("spec.validation.subjectAltNames", "Or its certificate is for", "groups", group=ALTERNATIVES),
            ),
        ),
        Section("Metadata", (LABELS,)),
    ),
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
