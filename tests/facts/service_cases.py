"""Services that the API server refuses and takes: domain/services.md section 7, row by row.

Expectations are those of pkg/apis/core/validation/validation.go (validateService and what it calls) and
pkg/apis/core/validation/names.go at v1.36.2, after the defaults of pkg/apis/core/v1/defaults.go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A Service: its row, what is tried, its spec, where and with which words it is refused ("" where it is taken)."""

    row: str
    tried: str
    spec: Data
    path: str = ""
    words: str = ""
    name: str = "web"
    version: str = "1.36"
    annotations: Data = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The row and what is tried."""
        return f"{self.row}: {self.tried}"

    def document(self, name: str = "") -> Data:
        """The manifest of the Service."""
        metadata: Data = {"name": name or self.name, "namespace": "default"}
        if self.annotations:
            metadata["annotations"] = self.annotations
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"ports": [{"port": 80}], **self.spec},
        }


NAME = "services.md 7, row '1 name'"
PORTS = "services.md 7, row '2 a port'"
NAMES = "services.md 7, row '3 names of ports'"
FORM = "services.md 7, row '4 form of port names'"
PORT = "services.md 7, row '5 port and protocol'"
TARGET = "services.md 7, row '6 targetPort'"
TWICE = "services.md 7, row '7 port twice'"
NODE_PORT_TWICE = "services.md 7, row '8 node port twice'"
NODE_PORT = "services.md 7, row '9 node port on ClusterIP'"
HEADLESS = "services.md 7, row '10 headless type'"
EXTERNAL_NAME = "services.md 7, row '11 ExternalName'"
CLUSTER_IPS = "services.md 7, row '12 clusterIPs'"
AFFINITY = "services.md 7, row '14 affinity'"
EXTERNAL_IPS = "services.md 7, row '15 externalIPs'"
BALANCER = "services.md 7, row '16 load balancer fields'"
EXTERNAL_POLICY = "services.md 7, row '17 externalTrafficPolicy'"
HEALTH = "services.md 7, row '18 healthCheckNodePort'"
DISTRIBUTION = "services.md 7, row '19 trafficDistribution'"
ANNOTATIONS = "services.md 7, row '20 topology annotations'"
STRICT = "services.md 7, row '21 strict addresses'"
VERSIONS = "services.md 9, rows 'PreferSameNode before 1.34', 'Names and zeros before 1.36'"

LB: Data = {"type": "LoadBalancer"}
ALIAS: Data = {"type": "ExternalName", "externalName": "db.example.com"}
CLIENT_IP: Data = {"sessionAffinity": "ClientIP"}
ONLY_LB = "may only be used when `type` is 'LoadBalancer'"
NEEDS_LOCAL = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"


def ports(*entries: Data) -> Data:
    """A spec of these ports."""
    return {"ports": list(entries)}


def timeout(seconds: int) -> Data:
    """A spec part with this affinity time-out."""
    return {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": seconds}}}


def topology(mode: str, hints: str) -> Data:
    """The two annotations of topology hints."""
    return {"service.kubernetes.io/topology-mode": mode, "service.kubernetes.io/topology-aware-hints": hints}


REFUSED: tuple[Case, ...] = (
    Case(NAME, "64 characters", {}, "metadata.name", "label", name="a" * 64),
    Case(NAME, "a dot", {}, "metadata.name", "label", name="web.shop"),
    Case(VERSIONS, "a digit first in 1.35", {}, "metadata.name", "DNS-1035", name="1web", version="1.35"),
    Case(PORTS, "none", {"ports": []}, "spec.ports", "Required value"),
    Case(NAMES, "the first has none", ports({"port": 80}, {"port": 81, "name": "b"}), "spec.ports[0].name",
         "Required value"),
    Case(NAMES, "twice the same", ports({"port": 80, "name": "a"}, {"port": 81, "name": "a"}), "spec.ports[1].name",
         "Duplicate value"),
    Case(FORM, "capital", ports({"port": 80, "name": "Web"}), "spec.ports[0].name", "label"),
    Case(FORM, "64 characters", ports({"port": 80, "name": "a" * 64}), "spec.ports[0].name", "label"),
    Case(PORT, "0", ports({"port": 0}), "spec.ports[0].port", "between 1 and 65535"),
    Case(PORT, "65536", ports({"port": 65536}), "spec.ports[0].port", "between 1 and 65535"),
    Case(PORT, "protocol in small letters", ports({"port": 80, "protocol": "tcp"}), "spec.ports[0].protocol",
         '"SCTP", "TCP", "UDP"'),
    Case(TARGET, "65536", ports({"port": 80, "targetPort": 65536}), "spec.ports[0].targetPort", "between 1 and 65535"),
    Case(TARGET, "16 characters", ports({"port": 80, "targetPort": "a" * 16}), "spec.ports[0].targetPort", "15"),
    Case(TARGET, "no letter", ports({"port": 80, "targetPort": "8-0"}), "spec.ports[0].targetPort", "IANA"),
    Case(TARGET, "two dashes", ports({"port": 80, "targetPort": "a--b"}), "spec.ports[0].targetPort", "IANA"),
    Case(TARGET, "dash at the end", ports({"port": 80, "targetPort": "a-"}), "spec.ports[0].targetPort", "IANA"),
    Case(TARGET, "capital", ports({"port": 80, "targetPort": "Http"}), "spec.ports[0].targetPort", "IANA"),
    Case(TWICE, "same protocol", ports({"port": 80, "name": "a"}, {"port": 80, "name": "b"}), "spec.ports[1]",
         "Duplicate value"),
    Case(NODE_PORT_TWICE, "same protocol",
         {"type": "NodePort", **ports({"port": 80, "name": "a", "nodePort": 30001},
                                      {"port": 81, "name": "b", "nodePort": 30001})},
         "spec.ports[1].nodePort", "Duplicate value"),
    Case(NODE_PORT, "given", ports({"port": 80, "nodePort": 30001}), "spec.ports[0].nodePort",
         "may not be used when `type` is 'ClusterIP'"),
    Case(HEADLESS, "NodePort", {"type": "NodePort", "clusterIP": "None"}, "spec.clusterIPs[0]",
         "may not be set to 'None' for NodePort services"),
    Case(HEADLESS, "LoadBalancer", {**LB, "clusterIP": "None"}, "spec.clusterIPs[0]",
         "may not be set to 'None' for LoadBalancer services"),
    Case(EXTERNAL_NAME, "with a ClusterIP", {**ALIAS, "clusterIP": "10.96.0.9"}, "spec.clusterIPs",
         "may not be set for ExternalName services"),
    Case(EXTERNAL_NAME, "headless", {**ALIAS, "clusterIP": "None"}, "spec.clusterIPs",
         "may not be set for ExternalName services"),
    Case(EXTERNAL_NAME, "with families", {**ALIAS, "ipFamilies": ["IPv4"]}, "spec.ipFamilies",
         "may not be set for ExternalName services"),
    Case(EXTERNAL_NAME, "with a family policy", {**ALIAS, "ipFamilyPolicy": "SingleStack"}, "spec.ipFamilyPolicy",
         "may not be set for ExternalName services"),
    Case(EXTERNAL_NAME, "no name", {"type": "ExternalName"}, "spec.externalName", "Required value"),
    Case(EXTERNAL_NAME, "no DNS name", {**ALIAS, "externalName": "a_b"}, "spec.externalName", "subdomain"),
    Case(CLUSTER_IPS, "three", {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9", "fd00::9", "fd00::8"],
                                "ipFamilyPolicy": "PreferDualStack"}, "spec.clusterIPs", "up to 2 values"),
    Case(CLUSTER_IPS, "two of a family", {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9", "10.96.0.8"],
                                          "ipFamilyPolicy": "PreferDualStack"}, "spec.clusterIPs",
         "no more than one IP for each IP family"),
    Case(CLUSTER_IPS, "None and another", {"clusterIP": "None", "clusterIPs": ["None", "10.96.0.8"]}, "spec.clusterIPs",
         "'None' must be the first and only value"),
    Case(CLUSTER_IPS, "another first", {"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.9"]}, "spec.clusterIPs",
         "first value must match `clusterIP`"),
    Case(CLUSTER_IPS, "without clusterIP", {"clusterIPs": ["10.96.0.9"]}, "spec.clusterIPs",
         "must be empty when `clusterIP` is not specified"),
    Case(CLUSTER_IPS, "no address", {"clusterIP": "10.96.0"}, "spec.clusterIPs[0]", "valid IP address"),
    Case(CLUSTER_IPS, "of another family", {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"],
                                            "ipFamilies": ["IPv6"]}, "spec.clusterIPs[0]",
         "expected an IPv6 value as indicated by `ipFamilies[0]`"),
    Case(CLUSTER_IPS, "two families, one stack", {"ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4", "IPv6"]},
         "spec.ipFamilyPolicy", "when multiple IP families are specified"),
    Case(CLUSTER_IPS, "two families, no policy", {"ipFamilies": ["IPv4", "IPv6"]}, "spec.ipFamilyPolicy",
         "when multiple IP families are specified"),
    Case(CLUSTER_IPS, "a family twice", {"ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv4", "IPv4"]},
         "spec.ipFamilies[1]", "Duplicate value"),
    Case(CLUSTER_IPS, "an unknown policy", {"ipFamilyPolicy": "DualStack"}, "spec.ipFamilyPolicy", "PreferDualStack"),
    Case(AFFINITY, "86401 seconds", {**CLIENT_IP, **timeout(86401)},
         "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "86400"),
    Case(AFFINITY, "0 seconds", {**CLIENT_IP, **timeout(0)}, "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
         "86400"),
    Case(AFFINITY, "an unknown one", {"sessionAffinity": "Cookie"}, "spec.sessionAffinity", "ClientIP"),
    Case(EXTERNAL_IPS, "no address", {"externalIPs": ["example.com"]}, "spec.externalIPs[0]", "valid IP address"),
    Case(EXTERNAL_IPS, "unspecified", {"externalIPs": ["192.0.2.1", "0.0.0.0"]}, "spec.externalIPs[1]", "unspecified"),
    Case(EXTERNAL_IPS, "loopback", {"externalIPs": ["127.0.0.1"]}, "spec.externalIPs[0]", "loopback"),
    Case(EXTERNAL_IPS, "loopback, IPv6", {"externalIPs": ["::1"]}, "spec.externalIPs[0]", "loopback"),
    Case(EXTERNAL_IPS, "link-local", {"externalIPs": ["169.254.1.1"]}, "spec.externalIPs[0]", "link-local range"),
    Case(EXTERNAL_IPS, "link-local multicast", {"externalIPs": ["224.0.0.5"]}, "spec.externalIPs[0]", "multicast"),
    Case(EXTERNAL_IPS, "link-local multicast, IPv6", {"externalIPs": ["ff02::1"]}, "spec.externalIPs[0]", "multicast"),
    Case(BALANCER, "source ranges", {"loadBalancerSourceRanges": ["10.0.0.0/8"]}, "spec.loadBalancerSourceRanges",
         ONLY_LB),
    Case(BALANCER, "source ranges as annotation", {}, f"metadata.annotations[{RANGES}]", ONLY_LB,
         annotations={RANGES: "10.0.0.0/8"}),
    Case(BALANCER, "allocateLoadBalancerNodePorts", {"type": "NodePort", "allocateLoadBalancerNodePorts": False},
         "spec.allocateLoadBalancerNodePorts", ONLY_LB),
    Case(BALANCER, "loadBalancerClass", {"type": "NodePort", "loadBalancerClass": "a.b/c"}, "spec.loadBalancerClass",
         ONLY_LB),
    Case(BALANCER, "a class with a space", {**LB, "loadBalancerClass": "a b"}, "spec.loadBalancerClass", "qualified"),
    Case(BALANCER, "no range", {**LB, "loadBalancerSourceRanges": ["10.0.0.0/33"]}, "spec.loadBalancerSourceRanges[0]",
         "valid CIDR"),
    Case(BALANCER, "an address without length", {**LB, "loadBalancerSourceRanges": ["10.0.0.1"]},
         "spec.loadBalancerSourceRanges[0]", "valid CIDR"),
    Case(EXTERNAL_POLICY, "on ClusterIP", {"externalTrafficPolicy": "Local"}, "spec.externalTrafficPolicy",
         "may only be set for externally-accessible services"),
    Case(EXTERNAL_POLICY, "an unknown one", {"type": "NodePort", "externalTrafficPolicy": "Near"},
         "spec.externalTrafficPolicy", '"Cluster", "Local"'),
    Case(EXTERNAL_POLICY, "an unknown internal one", {"internalTrafficPolicy": "Near"}, "spec.internalTrafficPolicy",
         '"Cluster", "Local"'),
    Case(HEALTH, "with Cluster", {**LB, "healthCheckNodePort": 30009}, "spec.healthCheckNodePort", NEEDS_LOCAL),
    Case(HEALTH, "on NodePort", {"type": "NodePort", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30009},
         "spec.healthCheckNodePort", NEEDS_LOCAL),
    Case(DISTRIBUTION, "unknown", {"trafficDistribution": "PreferFast"}, "spec.trafficDistribution", "PreferSameZone"),
    Case(VERSIONS, "PreferSameNode in 1.33", {"trafficDistribution": "PreferSameNode"}, "spec.trafficDistribution",
         'supported values: "PreferClose"', version="1.33"),
    Case(ANNOTATIONS, "they differ", {}, "metadata.annotations[service.kubernetes.io/topology-mode]",
         "must match annotations[service.kubernetes.io/topology-aware-hints]",
         annotations=topology("Auto", "Disabled")),
    Case(STRICT, "leading zeros", {"externalIPs": ["192.0.02.1"]}, "spec.externalIPs[0]", "must not have leading 0s"),
    Case(STRICT, "leading zeros of a ClusterIP", {"clusterIP": "10.96.0.09"}, "spec.clusterIPs[0]",
         "must not have leading 0s"),
    Case(STRICT, "IPv4 in IPv6", {"externalIPs": ["::ffff:192.0.2.1"]}, "spec.externalIPs[0]", "IPv4-mapped"),
    Case(STRICT, "host bits", {**LB, "loadBalancerSourceRanges": ["10.0.0.1/8"]}, "spec.loadBalancerSourceRanges[0]",
         "bits set beyond the prefix length"),
)  # fmt: skip

TAKEN: tuple[Case, ...] = (
    Case(NAME, "a digit first", {}, name="1web"),
    Case(NAME, "63 characters", {}, name="a" * 63),
    Case(PORTS, "headless", {"ports": [], "clusterIP": "None"}),
    Case(PORTS, "ExternalName", {**ALIAS, "ports": []}),
    Case(NAMES, "a single one", ports({"port": 80})),
    Case(PORT, "the ends", ports({"port": 1, "name": "a"}, {"port": 65535, "name": "b", "protocol": "SCTP"})),
    Case(TARGET, "15 characters", ports({"port": 80, "targetPort": "a" * 15})),
    Case(TARGET, "0 is the port itself", ports({"port": 80, "targetPort": 0})),
    Case(TWICE, "another protocol", ports({"port": 53, "name": "a"}, {"port": 53, "name": "b", "protocol": "UDP"})),
    Case(NODE_PORT_TWICE, "another protocol",
         {"type": "NodePort", **ports({"port": 53, "name": "a", "nodePort": 30053},
                                      {"port": 53, "name": "b", "nodePort": 30053, "protocol": "UDP"})}),
    Case("services.md 7, row 'Defaults'", "empty texts are fields that were not set",
         {"type": "", "sessionAffinity": "", **ports({"port": 80, "protocol": "", "targetPort": "", "name": ""})}),
    Case(NODE_PORT, "ExternalName", {**ALIAS, **ports({"port": 80, "nodePort": 30001})}),
    Case(EXTERNAL_NAME, "a dot at the end", {**ALIAS, "externalName": "db.example.com."}),
    Case(AFFINITY, "a configuration without affinity is dropped", timeout(5)),
    Case(AFFINITY, "the ends", {**CLIENT_IP, **timeout(86400)}),
    Case(BALANCER, "spaces around a range", {**LB, "loadBalancerSourceRanges": [" 10.0.0.0/8 "]}),
    Case(BALANCER, "the kubelet's port", {**LB, **ports({"port": 10250})}),
    Case(EXTERNAL_POLICY, "with external IPs", {"externalTrafficPolicy": "Local", "externalIPs": ["192.0.2.1"]}),
    Case(HEALTH, "LoadBalancer and Local", {**LB, "externalTrafficPolicy": "Local", "healthCheckNodePort": 30009}),
    Case(DISTRIBUTION, "PreferClose", {"trafficDistribution": "PreferClose"}),
    Case(DISTRIBUTION, "PreferSameZone", {"trafficDistribution": "PreferSameZone"}),
    Case(VERSIONS, "PreferSameNode in 1.34", {"trafficDistribution": "PreferSameNode"}, version="1.34"),
    Case(ANNOTATIONS, "they agree", {}, annotations=topology("Auto", "Auto")),
    Case(VERSIONS, "leading zeros in 1.35", {"externalIPs": ["192.0.02.1"]}, version="1.35"),
    Case(VERSIONS, "host bits in 1.35", {**LB, "loadBalancerSourceRanges": ["10.0.0.1/8"]}, version="1.35"),
)  # fmt: skip
