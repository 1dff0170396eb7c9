"""BackendTLSPolicies: whether each is valid, and which Services the invalid ones cut off (gateway-api apis/v1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from designer.engine.l7.gateway.objects import Condition, GatewayObject
from designer.engine.l7.gateway.world import Trouble, World
from designer.model import Problem

# (``ns/name`` of a Service, name of its port or "" for all).
Target = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PolicyState:
    """One policy: what it applies to, and its two conditions as status, reason and message."""

    policy: GatewayObject
    targets: tuple[Target, ...]
    accepted: tuple[str, str, str]
    resolved: tuple[str, str, str]

    def conditions(self, ancestors: Iterable[str]) -> tuple[Condition, ...]:
        """Its conditions, one pair for each ancestor (``Gateway ns/name``), or one without where there is none."""
        shown = self.policy.shown
        return tuple(
            Condition(shown, kind, status, reason, parent=parent, message=message)
            for parent in (tuple(ancestors) or ("",))
            for kind, (status, reason, message) in (("Accepted", self.accepted), ("ResolvedRefs", self.resolved))
        )


def policy_states(policies: Iterable[GatewayObject], world: World) -> tuple[PolicyState, ...]:
    """All policies, the oldest first: of several for one target the first has it, then the first by name."""
    taken: dict[Target, str] = {}
    found = []
    for policy in sorted(policies, key=lambda one: (one.created or "~", one.name, one.namespace)):
        found.append(_state(policy, world, taken))
        if found[-1].accepted[1] != "Conflicted":
            for target in found[-1].targets:
                taken.setdefault(target, policy.shown)
    return tuple(found)


def policy_problems(states: Iterable[PolicyState]) -> tuple[Problem, ...]:
    """The problems of policies that are not accepted: what becomes of connections to their Services is in each."""
    found = []
    for state in states:
        status, reason, text = state.accepted
        if status == "True":
            continue
        cut = reason in ("NoValidCACertificate", "Invalid")
        why = "Requests to its Services fail: a Gateway may not send them on without TLS." if cut else (
            "It changes nothing: Gateways do not speak TLS to a backend because of it."
        )  # fmt: skip
        title = f"{state.policy.shown} is not accepted: {text} ({reason})"
        fix = "Correct the reference, or remove the policy."
        found.append(Problem("GW-97", "error", title, state.policy.id, "spec", why, fix))
    return tuple(found)


def broken_targets(states: Iterable[PolicyState]) -> dict[Target, str]:
    """What invalid policies cut off: a connection without a valid CA certificate must fail."""
    return {
        target: f"{state.policy.shown} has no valid CA certificate ({state.accepted[2]})"
        for state in states
        if state.accepted[1] in ("NoValidCACertificate", "Invalid")
        for target in state.targets
    }


def secured_targets(states: Iterable[PolicyState]) -> dict[Target, str]:
    """What valid policies want of the backends' certificates."""
    return {
        target: f"{state.policy.shown}: a certificate for {state.policy.spec['validation']['hostname']}"
        for state in states
        if state.accepted[0] == "True"
        for target in state.targets
    }


def _state(policy: GatewayObject, world: World, taken: Mapping[Target, str]) -> PolicyState:
    targets = tuple(
        (f"{policy.namespace}/{ref['name']}", str(ref.get("sectionName") or ""))
        for ref in policy.spec["targetRefs"]
        if not ref["group"] and ref["kind"] == "Service"
    )
    resolved, accepted = _authorities(policy, world)
    rival = next((taken[target] for target in targets if target in taken), "")
    missing = next((key for key, _ in targets if f"Service:{key}" not in world.services), "")
    if rival:
        accepted = ("False", "Conflicted", f"{rival} applies to the same target and goes before it")
    elif len(targets) < len(policy.spec["targetRefs"]):
        accepted = ("False", "Invalid", "it targets another kind than Service")
    elif missing:
        accepted = ("False", "TargetNotFound", f"Service {missing} does not exist")
    return PolicyState(policy, targets, accepted, resolved)


def _authorities(policy: GatewayObject, world: World) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """ResolvedRefs and Accepted as far as CA certificates decide them."""
    refs: list[Mapping[str, Any]] = list(policy.spec["validation"].get("caCertificateRefs") or ())
    troubles = [world.authority(policy, ref, "InvalidCACertificateRef", "InvalidKind") for ref in refs]
    wrong: list[Trouble] = [trouble for trouble in troubles if trouble is not None]
    resolved, accepted = ("True", "ResolvedRefs", ""), ("True", "Accepted", "")
    if wrong:
        resolved = ("False", wrong[0].reason, wrong[0].text)
    if wrong and len(wrong) == len(refs):
        accepted = ("False", "NoValidCACertificate", wrong[0].text)
    return resolved, accepted
