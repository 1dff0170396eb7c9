"""The forms of every kind as one table: which fields a person sees, in which order, with which editor.

What a form leaves out is reached in the YAML tab. Field names and their meaning are Kubernetes' own (API reference).
"""

from __future__ import annotations

from collections.abc import Callable

from designer.model import CONTROLLER_PROFILES, WORKLOAD_KINDS
from designer.ui.panels.inspector.choices import ids_of, names_of
from designer.ui.panels.inspector.fields import Data, Field, Options, Section
from designer.ui.panels.inspector.form_groups import (
    CONDITIONS,
    EGRESS_RULES,
    ENDPOINT_PORTS,
    ENDPOINTS,
    INGRESS_RULES,
    KEY_VALUES,
    NODE_ADDRESSES,
    PATH_RULES,
    SERVICE_PORTS,
    TAINTS,
    TLS,
    given_cluster_ip,
    given_pod_cidrs,
    pods_of_workload,
    selected_by_policy,
    selected_by_service,
)
from designer.ui.panels.inspector.pod_form import pod_sections

POLICY: Options = ((None, "Cluster (default)"), ("Cluster", "Cluster"), ("Local", "Local"))
LABELS = Field("metadata.labels", "Labels", "map", group=KEY_VALUES)
ANNOTATIONS = Field("metadata.annotations", "Annotations", "map", group=KEY_VALUES)


def _type_is(*types: str) -> Callable[[Data], bool]:
    def shown(data: Data) -> bool:
        return data.get("spec", {}).get("type", "ClusterIP") in types

    return shown


def workload_sections(first: tuple[Field, ...], prefix: str = "spec.template.") -> tuple[Section, ...]:
    """The form of a workload: its own fields, then those of its Pods."""
    labels = Field(f"{prefix}metadata.labels", "Labels of its Pods", "map", group=KEY_VALUES)
    return (Section("", (*first, labels)), *pod_sections(prefix, template=True), Section("Metadata", (LABELS,)))


REPLICAS = Field("spec.replicas", "Replicas", "number", least=0, most=150_000, unset=1)
SELECTOR = Field("spec.selector", "Selector", "selector", note=pods_of_workload)

SERVICE: tuple[Section, ...] = (
    Section(
        "",
        (
            Field(
                "spec.type",
                "Type",
                "choice",
                options=(
                    ("ClusterIP", "ClusterIP: inside the cluster"),
                    ("NodePort", "NodePort: a port of every Node"),
                    ("LoadBalancer", "LoadBalancer: an address outside"),
                    ("ExternalName", "ExternalName: an alias in DNS"),
                ),
            ),
            Field(
                "spec.clusterIP",
                "ClusterIP",
                "mono",
                "Type None for a headless Service.",
                given=given_cluster_ip,
                when=_type_is("ClusterIP", "NodePort", "LoadBalancer"),
            ),
            Field("spec.externalName", "External name", "mono", when=_type_is("ExternalName")),
            Field("spec.selector", "Selector", "equality", note=selected_by_service, placeholder="app=web"),
            Field("spec.ports", "Ports", "groups", group=SERVICE_PORTS),
        ),
    ),
    Section(
        "Traffic",
        (
            Field(
                "spec.sessionAffinity",
                "Session affinity",
                "choice",
                options=(("None", "None"), ("ClientIP", "ClientIP: a client stays with its Pod")),
            ),
            Field(
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                "Affinity timeout in seconds",
                "int",
                placeholder="10800",
            ),
            Field("spec.internalTrafficPolicy", "Internal traffic policy", "choice", options=POLICY),
            Field(
                "spec.externalTrafficPolicy",
                "External traffic policy",
                "choice",
                options=POLICY,
                when=_type_is("NodePort", "LoadBalancer"),
            ),
            Field(
                "spec.trafficDistribution",
                "Traffic distribution",
                "choice",
                options=(
                    (None, "not set"),
                    ("PreferSameZone", "PreferSameZone"),
                    ("PreferSameNode", "PreferSameNode"),
                    ("PreferClose", "PreferClose"),
                ),
            ),
            Field("spec.publishNotReadyAddresses", "Publishes addresses not ready", "tick"),
        ),
    ),
    Section(
        "Addresses",
        (
            Field(
                "spec.ipFamilyPolicy",
                "IP family policy",
                "choice",
                options=(
                    (None, "SingleStack (default)"),
                    ("SingleStack", "SingleStack"),
                    ("PreferDualStack", "PreferDualStack"),
                    ("RequireDualStack", "RequireDualStack"),
                ),
            ),
            Field("spec.ipFamilies", "IP families", "list", placeholder="IPv4, IPv6"),
            Field("spec.externalIPs", "External IPs", "list"),
            Field("spec.loadBalancerIP", "Load balancer IP", "mono", when=_type_is("LoadBalancer")),
            Field(
                "spec.loadBalancerClass",
                "Load balancer class",
                "mono",
                "Which controller gives the address; it does not change later.",
                placeholder="the cluster's default",
                when=_type_is("LoadBalancer"),
            ),
            Field(
                "spec.allocateLoadBalancerNodePorts",
                "Node ports for the load balancer",
                "choice",
                options=((None, "given (default)"), (True, "given"), (False, "none")),
                when=_type_is("LoadBalancer"),
            ),
            Field(
                "spec.healthCheckNodePort",
                "Health check node port",
                "int",
                "Where load balancers ask, with external traffic policy Local.",
                placeholder="given",
                when=_type_is("LoadBalancer"),
            ),
            Field(
                "spec.loadBalancerSourceRanges",
                "Load balancer source ranges",
                "list",
                placeholder="203.0.113.0/24",
                when=_type_is("LoadBalancer"),
            ),
        ),
    ),
    Section("Metadata", (LABELS, ANNOTATIONS)),
)

POLICY_TYPES: Options = (
    (None, "Ingress, and Egress where a rule says so (default)"),
    (["Ingress"], "Ingress only"),
    (["Egress"], "Egress only"),
    (["Ingress", "Egress"], "Ingress and Egress"),
)

EXTERNAL = (
    Field(
        "spec.addresses", "Addresses", "list", "Addresses or ranges, separated by commas.", placeholder="203.0.113.7"
    ),
    Field("spec.names", "Names", "list", "DNS names that lead to it.", placeholder="api.example.com"),
)

FORMS: dict[str, tuple[Section, ...]] = {
    "Node": (
        Section(
            "",
            (
                LABELS,
                Field("spec.unschedulable", "Takes no new Pods (cordoned)", "tick"),
                Field("spec.taints", "Taints", "groups", group=TAINTS),
            ),
        ),
        Section(
            "Network",
            (
                Field("spec.podCIDRs", "podCIDRs", "list", given=given_pod_cidrs),
                Field("status.addresses", "Addresses", "groups", group=NODE_ADDRESSES),
            ),
        ),
        Section("Status", (Field("status.conditions", "Conditions", "groups", group=CONDITIONS),)),
    ),
    "Namespace": (Section("", (LABELS, ANNOTATIONS)),),
    "Pod": (
        Section("", (Field("metadata.labels", "Labels", "map", group=KEY_VALUES),)),
        *pod_sections("", template=False),
        Section("Status", (Field("status.conditions", "Conditions", "groups", group=CONDITIONS),)),
    ),
    "Deployment": workload_sections((REPLICAS, SELECTOR)),
    "ReplicaSet": workload_sections((REPLICAS, SELECTOR)),
    "StatefulSet": workload_sections(
        (REPLICAS, Field("spec.serviceName", "Governing Service", "mono", "A headless Service."), SELECTOR)
    ),
    "DaemonSet": workload_sections((SELECTOR,)),
    "ReplicationController": workload_sections(
        (REPLICAS, Field("spec.selector", "Selector", "equality", note=pods_of_workload))
    ),
    "Job": workload_sections(
        (
            Field("spec.parallelism", "Parallelism", "number", most=150_000),
            Field("spec.completions", "Completions", "int"),
        )
    ),
    "CronJob": workload_sections(
        (
            Field("spec.schedule", "Schedule", "mono", placeholder="*/5 * * * *"),
            Field("spec.jobTemplate.spec.parallelism", "Parallelism", "number", most=150_000),
            Field("spec.jobTemplate.spec.completions", "Completions", "int"),
        ),
        "spec.jobTemplate.spec.template.",
    ),
    "Service": SERVICE,
    "EndpointSlice": (
        Section(
            "",
            (
                Field(
                    "addressType",
                    "Address type",
                    "choice",
                    options=(("IPv4", "IPv4"), ("IPv6", "IPv6"), ("FQDN", "FQDN")),
                ),
                Field("endpoints", "Endpoints", "groups", group=ENDPOINTS),
                Field("ports", "Ports", "groups", group=ENDPOINT_PORTS),
                Field(
                    "metadata.labels",
                    "Labels",
                    "map",
                    "kubernetes.io/service-name names its Service.",
                    group=KEY_VALUES,
                ),
            ),
        ),
    ),
    "ServiceCIDR": (Section("", (Field("spec.cidrs", "CIDRs", "list", placeholder="10.96.0.0/16"), LABELS)),),
    "IngressClass": (
        Section(
            "",
            (
                Field("spec.controller", "Controller", "mono", "The program that serves Ingresses of this class."),
                LABELS,
                Field(
                    "metadata.annotations",
                    "Annotations",
                    "map",
                    "ingressclass.kubernetes.io/is-default-class = true makes it the default.",
                    group=KEY_VALUES,
                ),
            ),
        ),
    ),
    "Ingress": (
        Section(
            "",
            (
                Field("spec.ingressClassName", "Ingress class", "choice", options=names_of("IngressClass")),
                Field("spec.rules", "Rules", "groups", group=PATH_RULES),
                Field(
                    "spec.defaultBackend.service.name", "Default backend", "mono", "The Service for everything else."
                ),
                Field("spec.defaultBackend.service.port", "Port of the default backend", "backend-port"),
                Field("spec.tls", "TLS", "groups", group=TLS),
            ),
        ),
        Section("Metadata", (LABELS, ANNOTATIONS)),
    ),
    "IngressController": (
        Section(
            "",
            (
                Field(
                    "spec.profile",
                    "Profile",
                    "choice",
                    "Whose matching rules it follows.",
                    options=tuple((name, name) for name in CONTROLLER_PROFILES),
                ),
                Field("spec.controller", "Controller", "mono", "The name that its IngressClass gives."),
                Field(
                    "spec.workload",
                    "Workload",
                    "choice",
                    "Its Pods run here.",
                    options=ids_of(*(kind.KIND for kind in WORKLOAD_KINDS)),
                ),
                Field("spec.service", "Service", "choice", "Leads to it from outside.", options=ids_of("Service")),
                Field("spec.watchWithoutClass", "Serves Ingresses without class", "tick"),
                Field("spec.watchNamespaces", "Watches namespaces", "list", placeholder="all"),
            ),
        ),
        Section("Metadata", (LABELS,)),
    ),
    "NetworkPolicy": (
        Section(
            "",
            (
                Field(
                    "spec.podSelector",
                    "Selects Pods",
                    "selector",
                    "* selects every Pod of the namespace.",
                    note=selected_by_policy,
                ),
                Field("spec.policyTypes", "Isolates", "choice", options=POLICY_TYPES),
            ),
        ),
        Section("Ingress rules", (Field("spec.ingress", "What may come in", "groups", group=INGRESS_RULES),)),
        Section("Egress rules", (Field("spec.egress", "What may go out", "groups", group=EGRESS_RULES),)),
        Section("Metadata", (LABELS,)),
    ),
    "ExternalClient": (Section("", (*EXTERNAL, LABELS)),),
    "ExternalHost": (
        Section(
            "",
            (*EXTERNAL, Field("spec.ports", "Listens on", "list", "Empty: not known.", placeholder="443/tcp"), LABELS),
        ),
    ),
}

# How many sections stand above what was computed; one, where the table does not say.
LEADING: dict[str, int] = {"NetworkPolicy": 3}
