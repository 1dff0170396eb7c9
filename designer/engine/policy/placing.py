"""Where policies stand: tiers by their order, policies in a tier by theirs.

Calico's tiers: `kube-admin` (1000) and `kube-baseline` (10,000,000) hold the standard's policies and pass on at their
end; `default` (1,000,000) holds NetworkPolicies, at order 1000, and Calico's own policies without tier
(`domain/policies.md` section 6; Felix' policy sorter). Among equal orders one kind goes by name; which of two kinds
comes first differs between versions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designer.engine.policy.tiers import Lane, Tier, TierPolicy
from designer.model import Project
from designer.model.policykinds import CALICO_GROUPS

ADMIN, DEFAULT, BASELINE = "Admin", "default", "Baseline"
NATIVE_ORDER = 1000.0


@dataclass(frozen=True, slots=True)
class TierPlace:
    """A tier's order (lower first, infinite for none) and whether it denies at its end."""

    order: float
    closes: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A policy (None: all NetworkPolicies) in a tier. Policies of one `lane` and `order` go by `name`."""

    tier: str
    order: float
    lane: str
    name: str
    policy: TierPolicy | None


NATIVE = Placed(DEFAULT, NATIVE_ORDER, "networking.k8s.io", "", None)
FIXED = {
    ADMIN: TierPlace(1_000.0, False),
    DEFAULT: TierPlace(1_000_000.0, True),
    BASELINE: TierPlace(10_000_000.0, False),
}
# What Calico calls the tiers of the standard's policies, in older and newer versions.
CALLED = {
    "kube-admin": ADMIN,
    "adminnetworkpolicy": ADMIN,
    "kube-baseline": BASELINE,
    "baselineadminnetworkpolicy": BASELINE,
}


def calico_tiers(project: Project) -> dict[str, TierPlace]:
    """The tiers that exist: those that Calico makes, and the Tier objects of the input."""
    found = dict(FIXED)
    for oid in sorted(project.foreign):
        data = project.foreign[oid].data
        metadata, spec = data.get("metadata"), data.get("spec")
        group = str(data.get("apiVersion")).partition("/")[0]
        if data.get("kind") != "Tier" or group not in CALICO_GROUPS:
            continue
        name = str(metadata.get("name")) if isinstance(metadata, Mapping) else ""
        fields: Mapping[str, Any] = spec if isinstance(spec, Mapping) else {}
        order = fields.get("order")
        if name not in CALLED and name != DEFAULT:
            found[name] = TierPlace(_number(order), fields.get("defaultAction") != "Pass")
    return found


def _number(value: Any) -> float:
    """An order; none comes last."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else float("inf")


def placed_tiers(places: Mapping[str, TierPlace], entries: Sequence[Placed]) -> tuple[Tier, ...]:
    """The tiers that hold policies, in order."""
    tiers = []
    for name in sorted(places, key=lambda one: (places[one].order, one)):
        steps: dict[float, dict[str, list[Placed]]] = {}
        for entry in entries:
            if entry.tier == name:
                steps.setdefault(entry.order, {}).setdefault(entry.lane, []).append(entry)
        if steps:
            made = tuple(tuple(_lane(lanes[key]) for key in sorted(lanes)) for _, lanes in sorted(steps.items()))
            tiers.append(Tier(name, made, places[name].closes))
    return tuple(tiers)


def _lane(entries: list[Placed]) -> Lane:
    return tuple(entry.policy for entry in sorted(entries, key=lambda one: one.name))
