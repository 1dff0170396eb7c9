"""Values of the project: Kubernetes kinds by their own field names, settings, ledger, canvas, scenarios, problems.

No I/O, no Qt, no behaviour beyond validation and selector matching. Everything is immutable.
"""

from designer.model.canvas import CANVAS_VIEWS, COLOURS, VERDICTS, Canvas, Note, Placement, Scenario, scenarios_in_order
from designer.model.cluster import (
    CALICO_EBPF,
    CNI_BACKENDS,
    ClusterSettings,
    CniSettings,
    KubeProxySettings,
    LoadBalancerPool,
    LoadBalancerSettings,
    calico_encapsulation,
    effective_kube_proxy,
    replaces_kube_proxy,
)
from designer.model.core import (
    Container,
    ContainerPort,
    Namespace,
    Node,
    Pod,
    PodSpec,
    PodTemplate,
    Service,
    ServicePort,
)
from designer.model.design import CONTROLLER_NAMES, CONTROLLER_PROFILES, ExternalClient, ExternalHost, IngressController
from designer.model.diff import ProjectDiff, diff_projects
from designer.model.frozen import EMPTY_MAP, FrozenMap, FrozenModel
from designer.model.generated import GENERATED_LABELS, given_labels
from designer.model.kinds import KIND_BY_API, KIND_BY_NAME, KINDS
from designer.model.ledger import Ledger, NodeRecord, PodRecord, Provenance, ServiceRecord
from designer.model.meta import KubeObject, LabelSelector, LabelSelectorRequirement, ObjectMeta, object_id, split_id
from designer.model.networking import EndpointSlice, Ingress, IngressClass, NetworkPolicy, ServiceCIDR
from designer.model.problem import Problem
from designer.model.project import EMPTY_PROJECT, ForeignObject, Project
from designer.model.selectors import labels_match, selector_matches
from designer.model.verified import VERIFIED_SIGNS, VERIFIED_WORDS, Verification, VerifiedRow, VerifiedRules
from designer.model.workloads import (
    WORKLOAD_KINDS,
    AnyWorkload,
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
    replicas_of,
    template_of,
)

__all__ = [
    "CALICO_EBPF",
    "CANVAS_VIEWS",
    "CNI_BACKENDS",
    "COLOURS",
    "CONTROLLER_NAMES",
    "CONTROLLER_PROFILES",
    "EMPTY_MAP",
    "EMPTY_PROJECT",
    "GENERATED_LABELS",
    "KINDS",
    "KIND_BY_API",
    "KIND_BY_NAME",
    "VERDICTS",
    "VERIFIED_SIGNS",
    "VERIFIED_WORDS",
    "WORKLOAD_KINDS",
    "AnyWorkload",
    "Canvas",
    "ClusterSettings",
    "CniSettings",
    "Container",
    "ContainerPort",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "EndpointSlice",
    "ExternalClient",
    "ExternalHost",
    "ForeignObject",
    "FrozenMap",
    "FrozenModel",
    "Ingress",
    "IngressClass",
    "IngressController",
    "Job",
    "KubeObject",
    "KubeProxySettings",
    "LabelSelector",
    "LabelSelectorRequirement",
    "Ledger",
    "LoadBalancerPool",
    "LoadBalancerSettings",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "NodeRecord",
    "Note",
    "ObjectMeta",
    "Placement",
    "Pod",
    "PodRecord",
    "PodSpec",
    "PodTemplate",
    "Problem",
    "Project",
    "ProjectDiff",
    "Provenance",
    "ReplicaSet",
    "ReplicationController",
    "Scenario",
    "Service",
    "ServiceCIDR",
    "ServicePort",
    "ServiceRecord",
    "StatefulSet",
    "Verification",
    "VerifiedRow",
    "VerifiedRules",
    "calico_encapsulation",
    "diff_projects",
    "effective_kube_proxy",
    "given_labels",
    "labels_match",
    "object_id",
    "replaces_kube_proxy",
    "replicas_of",
    "scenarios_in_order",
    "selector_matches",
    "split_id",
    "template_of",
]
