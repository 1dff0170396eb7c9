"""Hints of topology-mode Auto: endpoints dealt out to zones in proportion to the CPUs of their Nodes (KEP-2433).

domain/services.md, "Hints"; the arithmetic is that of k8s.io/endpointslice/topologycache for slices that are all new. A
zone with too few endpoints borrows some. Which of another zone's endpoints it gets, the controller leaves open: here
it is the first in the order of the Pods.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from designer.engine.controlplane.state import EndpointSliceState, EndpointState, NodeState

Slices = tuple[EndpointSliceState, ...]
OVERLOAD = 0.2
# Nodes with one of these labels are not counted.
EXCLUDED = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
QUANTITY = re.compile(r"(\d+\.?\d*|\.\d+)(n|u|m|k|M|G|)")
SCALE = {"n": 1e-6, "u": 1e-3, "m": 1.0, "": 1e3, "k": 1e6, "M": 1e9, "G": 1e12}

NO_NODE_INFORMATION = "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes"
TOO_FEW = "Insufficient number of endpoints"
OVERLOADED = "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold"
NO_ZONE = "One or more endpoints do not have a zone specified"


@dataclass(frozen=True, slots=True)
class Hinted:
    """Slices with their hints; `refusal` is the controller's event where it sets none, `lent` the endpoints lent."""

    slices: Slices
    refusal: str = ""
    lent: int = 0


def milli_cpu(quantity: object) -> int | None:
    """Thousandths of a CPU, rounded up, that a quantity such as ``4`` or ``3920m`` is; None when it is none."""
    found = QUANTITY.fullmatch(str(quantity).strip())
    return math.ceil(float(found[1]) * SCALE[found[2]]) if found else None


def cpu_shares(nodes: Mapping[str, NodeState]) -> dict[str, float]:
    """The share of each zone in the CPUs of the ready Nodes, by sorted zone; empty where the Nodes do not tell."""
    found: Counter[str] = Counter()
    for node in nodes.values():
        if not node.ready or any(label in node.labels for label in EXCLUDED):
            continue
        if not node.zone or not node.milli_cpu:
            return {}
        found[node.zone] += node.milli_cpu
    total = sum(found.values())
    return {zone: found[zone] / total for zone in sorted(found)} if len(found) > 1 else {}


def auto_hints(slices: Slices, shares: Mapping[str, float]) -> Hinted:
    """The `slices` of one family with the hints that Auto gives them."""
    ready = [endpoint for piece in slices for endpoint in piece.endpoints if endpoint.ready]
    desired, refusal = _desired(len(ready), shares)
    if not refusal and any(not endpoint.zone for endpoint in ready):
        refusal = NO_ZONE
    if refusal:
        return Hinted(slices, refusal)
    giving, receiving = _moves(desired, Counter(endpoint.zone or "" for endpoint in ready))
    lent = sum(giving.values())
    hinted = []
    for piece in slices:
        endpoints = tuple(_hint(endpoint, giving, receiving) for endpoint in piece.endpoints)
        hinted.append(replace(piece, endpoints=endpoints))
    return Hinted(tuple(hinted), "", lent)


def _desired(count: int, shares: Mapping[str, float]) -> tuple[dict[str, float], str]:
    """How many endpoints each zone is to have, or why the controller gives no hints."""
    if not shares:
        return {}, NO_NODE_INFORMATION
    words = f"({count} endpoints, {len(shares)} zones)"
    if len(shares) > count:
        return {}, f"{TOO_FEW} {words}"
    least = {zone: math.ceil(share * count * (1 / (1 + OVERLOAD))) for zone, share in shares.items()}
    if sum(least.values()) > count:
        return {}, f"{OVERLOADED} {words}"
    return {zone: max(share * count, float(least[zone])) for zone, share in shares.items()}, ""


def _moves(desired: Mapping[str, float], having: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """How many endpoints zones give and receive: one at a time from the richest to the poorest while that levels."""
    rest = {zone: having[zone] - target for zone, target in desired.items()}
    giving: Counter[str] = Counter()
    receiving: Counter[str] = Counter()
    while True:
        rich, poor = max(rest, key=lambda zone: rest[zone]), min(rest, key=lambda zone: rest[zone])
        more, less = rest[rich], -rest[poor]
        if more < 0.5 or less < 0.5 or (more < 1 and less < 1):
            return giving, receiving
        giving[rich] += 1
        receiving[poor] += 1
        rest[rich] -= 1
        rest[poor] += 1


def _hint(endpoint: EndpointState, giving: Counter[str], receiving: Counter[str]) -> EndpointState:
    """The endpoint for its own zone, or for one that borrows it, which is taken off what is still to be moved."""
    zone = endpoint.zone
    if not endpoint.ready or not zone:
        return endpoint
    borrower = next((other for other in sorted(receiving) if receiving[other] > 0), "") if giving[zone] > 0 else ""
    if borrower:
        giving[zone] -= 1
        receiving[borrower] -= 1
    return replace(endpoint, for_zones=(borrower or zone,))
