"""The form of what Pods are made of: containers, placement, network; the same for a Pod and for a workload."""

from __future__ import annotations

from designer.ui.panels.inspector.choices import names_of
from designer.ui.panels.inspector.fields import Field, Section
from designer.ui.panels.inspector.form_groups import (
    CONTAINERS,
    DNS_OPTIONS,
    HOST_ALIASES,
    INIT_CONTAINERS,
    KEY_VALUES,
    TOLERATIONS,
)


def pod_sections(prefix: str, *, template: bool) -> tuple[Section, ...]:
    """The fields of a Pod's spec below `prefix`."""
    spec = f"{prefix}spec"
    hint = "All its Pods run there, past the scheduler." if template else ""
    return (
        Section(
            "Containers",
            (
                Field(f"{spec}.containers", "Containers", "groups", group=CONTAINERS),
                Field(f"{spec}.initContainers", "Init containers", "groups", group=INIT_CONTAINERS),
                Field(f"{spec}.serviceAccountName", "Service account", "mono", placeholder="default"),
            ),
        ),
        Section(
            "Placement",
            (
                Field(f"{spec}.nodeName", "Node", "choice", hint, options=names_of("Node")),
                Field(f"{spec}.nodeSelector", "Node selector", "map", group=KEY_VALUES),
                Field(f"{spec}.tolerations", "Tolerations", "groups", group=TOLERATIONS),
            ),
        ),
        Section(
            "Network",
            (
                Field(f"{spec}.hostNetwork", "Uses the Node's network", "tick", "hostNetwork: no address of its own."),
                Field(
                    f"{spec}.dnsPolicy",
                    "DNS policy",
                    "choice",
                    options=(
                        (None, "ClusterFirst (default)"),
                        ("ClusterFirst", "ClusterFirst"),
                        ("ClusterFirstWithHostNet", "ClusterFirstWithHostNet"),
                        ("Default", "Default: as the Node"),
                        ("None", "None: only dnsConfig"),
                    ),
                ),
                Field(f"{spec}.hostname", "Hostname", "mono"),
                Field(f"{spec}.subdomain", "Subdomain", "mono", "The name of a headless Service."),
                Field(f"{spec}.dnsConfig.nameservers", "More nameservers", "list", placeholder="192.0.2.53"),
                Field(f"{spec}.dnsConfig.searches", "More search domains", "list", placeholder="corp.example.com"),
                Field(f"{spec}.dnsConfig.options", "Resolver options", "groups", group=DNS_OPTIONS),
                Field(f"{spec}.hostAliases", "Lines of /etc/hosts", "groups", group=HOST_ALIASES),
            ),
        ),
    )
