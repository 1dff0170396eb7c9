"""Kinds of other projects that change what packets do and that the program does not evaluate: what follows from each.

"decides": whom such an object means, of those no answer is certain. "outside": the same of what they send out of the
cluster. "network": Pods may be in a network of their own. "beside": the answer holds for the network alone, and what
the object adds is said beside it. Sources: the API types and guides of each project.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Effect = Literal["decides", "outside", "network", "beside"]


@dataclass(frozen=True, slots=True)
class OtherKind:
    """Kinds of one API group. `does` says what their objects do, for "beside" as a whole sentence."""

    group: str
    kinds: frozenset[str]
    effect: Effect
    project: str
    does: str
    namespaced: bool = True


POLICIES = "they allow and deny packets beside NetworkPolicies"
MESH = "{} decides about connections behind the network: an answer is that of the cluster without it."
EGRESS = "{} changes by which Node and address packets leave the cluster: their source outside may be another one."
HOSTS = (
    "{} holds packets from and to Nodes, and Pods in their network, against policies for host endpoints too: an answer "
    "about these is that of the cluster without it."
)
FURTHER = "Pods with further interfaces ({}): an answer is about the first one, which has the Pod's address."


def _row(group: str, kinds: str, effect: Effect, project: str, does: str, namespaced: bool = True) -> OtherKind:
    return OtherKind(group, frozenset(kinds.split()), effect, project, does.format(project), namespaced)


OTHER_KINDS: Final = (
    _row("crd.antrea.io", "NetworkPolicy", "decides", "Antrea", POLICIES),
    _row("crd.antrea.io", "ClusterNetworkPolicy", "decides", "Antrea", POLICIES, False),
    _row("crd.antrea.io", "Egress", "beside", "Antrea", EGRESS),
    _row("k8s.ovn.org", "EgressFirewall", "outside", "OVN-Kubernetes", "they allow and deny what leaves the cluster"),
    _row("network.openshift.io", "EgressNetworkPolicy", "outside", "OpenShift SDN",
         "they allow and deny what leaves the cluster"),
    _row("k8s.ovn.org", "UserDefinedNetwork", "network", "OVN-Kubernetes",
         "Pods of a primary network of their own reach the Pods of that network alone"),
    _row("k8s.ovn.org", "ClusterUserDefinedNetwork", "network", "OVN-Kubernetes",
         "Pods of a primary network of their own reach the Pods of that network alone", False),
    _row("k8s.ovn.org", "EgressIP EgressService AdminPolicyBasedExternalRoute", "beside", "OVN-Kubernetes", EGRESS),
    _row("kubeovn.io", "SecurityGroup", "decides", "Kube-OVN", POLICIES, False),
    _row("kubeovn.io", "Subnet", "network", "Kube-OVN", "Pods of a private subnet, or of another VPC, are cut off",
         False),
    _row("vpcresources.k8s.aws", "SecurityGroupPolicy", "decides", "Amazon VPC CNI",
         "security groups of AWS decide about these Pods' packets"),
    _row("networking.k8s.aws", "ApplicationNetworkPolicy", "decides", "Amazon VPC CNI", POLICIES),
    _row("networking.k8s.aws", "ClusterNetworkPolicy", "decides", "Amazon VPC CNI", POLICIES, False),
    _row("networking.gke.io", "FQDNNetworkPolicy", "decides", "GKE", POLICIES),
    _row("neuvector.com", "NvSecurityRule", "decides", "NeuVector", POLICIES),
    _row("neuvector.com", "NvClusterSecurityRule", "decides", "NeuVector", POLICIES, False),
    _row("cilium.io", "CiliumEgressGatewayPolicy", "beside", "Cilium", EGRESS),
    _row("cilium.io", "CiliumEnvoyConfig CiliumClusterwideEnvoyConfig", "beside", "Cilium",
         "{}'s Envoy may take requests to Services out of the way that is shown."),
    _row("cilium.io", "CiliumLocalRedirectPolicy", "beside", "Cilium",
         "{} redirects packets for some Services or addresses to a Pod of the same Node."),
    _row("projectcalico.org", "HostEndpoint", "beside", "Calico", HOSTS, False),
    _row("crd.projectcalico.org", "HostEndpoint", "beside", "Calico", HOSTS, False),
    _row("k8s.cni.cncf.io", "NetworkAttachmentDefinition MultiNetworkPolicy", "beside", "Multus", FURTHER),
    _row("security.istio.io", "AuthorizationPolicy PeerAuthentication RequestAuthentication", "beside", "Istio", MESH),
    _row("networking.istio.io", "VirtualService DestinationRule ServiceEntry Sidecar Gateway EnvoyFilter", "beside",
         "Istio", MESH),
    _row("policy.linkerd.io", "Server ServerAuthorization AuthorizationPolicy EgressNetwork", "beside", "Linkerd",
         MESH),
    _row("kuma.io", "MeshTrafficPermission TrafficPermission MeshHTTPRoute MeshTCPRoute", "beside", "Kuma", MESH),
    _row("consul.hashicorp.com", "ServiceIntentions ServiceRouter ServiceSplitter ServiceResolver", "beside", "Consul",
         MESH),
    _row("access.smi-spec.io", "TrafficTarget", "beside", "A service mesh", MESH),
)  # fmt: skip


def other_kind(group: str, kind: str) -> OtherKind | None:
    """The row of a kind by the part of its apiVersion before the slash; None for all others."""
    return next((row for row in OTHER_KINDS if row.group == group and kind in row.kinds), None)
