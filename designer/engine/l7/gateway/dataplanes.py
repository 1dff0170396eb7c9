"""How the Pods and Services are told that a controller makes for a Gateway, and the addresses that a Gateway has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from designer.engine.l7.gateway.gateways import GatewayState
from designer.model import ForeignObject


@dataclass(frozen=True, slots=True)
class OwnerLabels:
    """Labels that name a Gateway. Without a label for its namespace it is in that of the labelled object.

    `of_class`: the value is a GatewayClass, all of whose Gateways are served.
    """

    name: str
    namespace: str = ""
    of_class: bool = False


GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name"
OWNER_LABELS = (
    # GEP-1762: on everything that is made for a Gateway (Istio, NGINX Gateway Fabric, kgateway, Contour, Cilium).
    OwnerLabels(GATEWAY_NAME),
    # envoyproxy/gateway internal/gatewayapi/translator.go; its proxies run in the controller's own namespace.
    OwnerLabels("gateway.envoyproxy.io/owning-gateway-name", "gateway.envoyproxy.io/owning-gateway-namespace"),
    # The same with mergeGateways: one fleet of proxies for all Gateways of the class.
    OwnerLabels("gateway.envoyproxy.io/owning-gatewayclass", of_class=True),
    # cilium/cilium operator/pkg/gateway-api (before the label of GEP-1762).
    OwnerLabels("io.cilium.gateway/owning-gateway"),
    # projectcontour/contour internal/provisioner/model.
    OwnerLabels("projectcontour.io/owning-gateway-name"),
    # istio/istio before 1.20.
    OwnerLabels("istio.io/gateway-name"),
)


def owners(labels: Mapping[str, str], namespace: str, gateways: Mapping[str, GatewayState]) -> tuple[str, ...]:
    """The Gateways (``ns/name``) that labels of an object in `namespace` name, of those that exist."""
    found: dict[str, None] = {}
    for one in OWNER_LABELS:
        name = labels.get(one.name)
        if not name:
            continue
        if one.of_class:
            found.update({key: None for key, g in gateways.items() if g.owner.spec.get("gatewayClassName") == name})
            continue
        key = f"{labels.get(one.namespace, '') if one.namespace else namespace}/{name}"
        if key in gateways:
            found[key] = None
    return tuple(found)


def addresses_of(gateway: GatewayState, kept: ForeignObject) -> tuple[str, ...]:
    """The addresses and host names of a Gateway: those of its status, where it has none those that its spec asks for.

    GatewayStatus ``addresses``: those that are bound to the Gateway.
    """
    status = kept.data.get("status")
    bound = _values(status.get("addresses") if isinstance(status, Mapping) else None)
    return tuple(bound) or tuple(_values(gateway.owner.spec.get("addresses")))


def _values(items: Any) -> Iterable[str]:
    if not isinstance(items, (list, tuple)):
        return ()
    found = (item.get("value") for item in items if isinstance(item, Mapping))
    return tuple(dict.fromkeys(value for value in found if isinstance(value, str) and value))
