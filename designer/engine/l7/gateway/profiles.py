"""What Gateway API leaves to the implementation, by GatewayClass ``spec.controllerName``.

An unknown controller gets the specification: where that leaves something open, the answer is "cannot tell".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# Where a RegularExpression path stands among Exact and PathPrefix; "unknown" where nobody said it.
RegexRank = Literal["before-prefix", "after-prefix", "unknown"]
# When an HTTPS and a TLS listener share a port: where both have host names of their own that are not the same, where
# the host names are different in any way (one may have none), or where no name falls under both.
SharesBy = Literal["named", "different", "disjoint"]


@dataclass(frozen=True, slots=True)
class GatewayProfile:
    """One implementation. `regex_whole` says whether an expression has to match the whole value (None: not known).

    `straight` says whether its proxies connect to endpoints and not to the ClusterIP (None: not known). `in_nodes` says
    that no Pod of the Gateway's own answers but a proxy in each Node, to which the network plugin hands the packets.
    `shift` is added to ports below 1024 on which proxies listen. `shares_by` says when HTTPS and TLS share a port,
    `mixes_modes` whether TLS listeners of both modes are known to.
    """

    name: str
    title: str
    regex_rank: RegexRank = "unknown"
    regex_whole: bool | None = None
    straight: bool | None = None
    in_nodes: bool = False
    shift: int = 0
    shares_by: SharesBy = "named"
    mixes_modes: bool = False


# The specification leaves the port that HTTPS and TLS share to the implementation ("Compatible Listeners"); its
# conformance tests are what is left: gateway-https-and-tls-passthrough-same-port lets *.example.com and abc.example.com
# share one, listenerset-protocol-and-route-kind-conflicts has a listener without host name in conflict with another.
SPEC = GatewayProfile("spec", "an implementation that follows the specification")
# envoyproxy/gateway internal/gatewayapi/sort.go: Exact > RegularExpression > PathPrefix. Envoy's safe_regex matches the
# whole path (route.RouteMatch, "The entire path must match the regex"). internal/gatewayapi/translator.go:
# wellKnownPortShift; endpoints are taken unless EndpointRoutingDisabled is set. envoyproxy/gateway#10013: listeners
# of HTTPS and TLS conflict where they have the same host name. Its conformance suite
# declares TLSRouteModeMixed, for both modes are accepted on one port.
ENVOY_GATEWAY = GatewayProfile(
    "envoy-gateway",
    "Envoy Gateway",
    "before-prefix",
    True,
    straight=True,
    shift=10000,
    shares_by="different",
    mixes_modes=True,
)
# istio/istio pilot/pkg/config/kube/gateway/conversion.go, getURIRank: Exact > Prefix > Regex;
# gatewaycommon/listener_conflict.go, listenersDistinct: by host names, whatever the protocols and modes;
# pilot/pkg/config/kube/gateway/supported_features.go lists every feature.
ISTIO = GatewayProfile("istio", "Istio", "after-prefix", True, straight=True, shares_by="different", mixes_modes=True)
# cilium/cilium operator/pkg/model/translation/gateway-api: the Service of a Gateway has one endpoint that stands for
# nothing (192.192.192.192:9999); eBPF gives its packets to Envoy on the Node. cilium/cilium#48092: since 1.19.6 and
# 1.20.0 HTTPS and TLS on one port conflict where their host names have one in common.
CILIUM = GatewayProfile("cilium", "Cilium", straight=True, in_nodes=True, shares_by="disjoint")
# `domain/ingress-gateway.md` section 5: NGINX and Traefik read EndpointSlices and connect to Pods.
NGINX = GatewayProfile("nginx-gateway-fabric", "NGINX Gateway Fabric", straight=True)
TRAEFIK = GatewayProfile("traefik", "Traefik", straight=True)

PROFILES: dict[str, GatewayProfile] = {
    "gateway.envoyproxy.io/gatewayclass-controller": ENVOY_GATEWAY,
    "istio.io/gateway-controller": ISTIO,
    "io.cilium/gateway-controller": CILIUM,
    "gateway.nginx.org/nginx-gateway-controller": NGINX,
    "traefik.io/gateway-controller": TRAEFIK,
}


def profile_for(controller: str) -> GatewayProfile:
    """The profile of a GatewayClass' controllerName."""
    return PROFILES.get(controller, SPEC)
