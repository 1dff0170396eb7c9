"""What Gateway API leaves to the implementation, by GatewayClass ``spec.controllerName``.

An unknown controller gets the specification: where that leaves something open, the answer is "cannot tell".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# Where a RegularExpression path stands among Exact and PathPrefix; "unknown" where nobody said it.
RegexRank = Literal["before-prefix", "after-prefix", "unknown"]


@dataclass(frozen=True, slots=True)
class GatewayProfile:
    """One implementation. `regex_whole` says whether an expression has to match the whole value (None: not known)."""

    name: str
    title: str
    regex_rank: RegexRank = "unknown"
    regex_whole: bool | None = None


SPEC = GatewayProfile("spec", "an implementation that follows the specification")
# envoyproxy/gateway internal/gatewayapi/sort.go: Exact > RegularExpression > PathPrefix. Envoy's safe_regex matches the
# whole path (route.RouteMatch, "The entire path must match the regex").
ENVOY_GATEWAY = GatewayProfile("envoy-gateway", "Envoy Gateway", "before-prefix", True)
# istio/istio pilot/pkg/config/kube/gateway/conversion.go, getURIRank: Exact > Prefix > Regex.
ISTIO = GatewayProfile("istio", "Istio", "after-prefix", True)

PROFILES: dict[str, GatewayProfile] = {
    "gateway.envoyproxy.io/gatewayclass-controller": ENVOY_GATEWAY,
    "istio.io/gateway-controller": ISTIO,
}


def profile_for(controller: str) -> GatewayProfile:
    """The profile of a GatewayClass' controllerName."""
    return PROFILES.get(controller, SPEC)
