"""Policies in tiers, and callers that no manifest names: `domain/pitfalls.md`, "Network policies", NP-18 to NP-20."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

from designer.engine.checks.policies import for_nodes
from designer.engine.checks.survey import Survey, count, short
from designer.engine.controlplane.enforcement import CALICO
from designer.engine.controlplane.state import NodeState, PodState, ServiceState
from designer.engine.policy import DIRECTIONS, Direction
from designer.engine.policy.tiers import Step, TierPolicy, tier_policies
from designer.engine.trace import Request, trace
from designer.model import Problem, object_id

# Calico's last tier denies what nobody allowed, as everybody knows of NetworkPolicy; only tiers before it surprise.
ORDINARY = "default"
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"


def equal_priority(s: Survey) -> Iterator[Problem]:
    """NP-19: policies at one place of their tier that may say different things about the same Pod."""
    for tier in s.state.policies.tiers:
        for step in tier.steps:
            for first, second in _without_order(step):
                direction = _contradicting(first, second)
                pod = direction and _selected_by_both(s, first, second)
                if not direction or not pod:
                    continue
                title = f"{first.text} and {second.text} both select {short(pod.id)}"
                why = "They stand at one place of their tier: which of them is asked first is not defined."
                fix = "Give them different priorities."
                yield s.problem("NP-19", "warning", second.id, f"spec.{direction}", title, why, fix)


def _without_order(step: Step) -> Iterator[tuple[TierPolicy, TierPolicy]]:
    """Pairs of policies that stand in different lanes of a step; those of one lane have an order."""
    for mine, others in combinations(step, 2):
        for first, second in product(mine, others):
            if first is not None and second is not None:
                yield first, second


def _contradicting(first: TierPolicy, second: TierPolicy) -> Direction | None:
    """A direction in which two policies have rules with different actions."""
    for direction in DIRECTIONS:
        mine, others = (
            {rule.action for rule in policy.rules(direction) or () if rule.action != "log"}
            for policy in (first, second)
        )
        if mine and others and len(mine | others) > 1:
            return direction
    return None


def _selected_by_both(s: Survey, first: TierPolicy, second: TierPolicy) -> PodState | None:
    policies = s.state.policies
    return next(
        (pod for pod in _kinds_of_pods(s) if policies.concerns(first, pod) and policies.concerns(second, pod)), None
    )


def _kinds_of_pods(s: Survey) -> Iterator[PodState]:
    """One Pod of each namespace, labels and service account."""
    seen: set[tuple[object, ...]] = set()
    for pod in s.pods:
        key = (pod.namespace, pod.labels, pod.spec.serviceAccountName)
        if key not in seen:
            seen.add(key)
            yield pod


def denied_at_the_end(s: Survey) -> Iterator[Problem]:
    """NP-20: a tier of Calico that denies whatever its rules do not match. Cilium has one tier for all, and no Pass."""
    if s.state.policies.enforcement.engine != CALICO.engine:
        return
    for tier in s.state.policies.tiers:
        if not tier.closes or tier.name == ORDINARY:
            continue
        for policy in tier_policies((tier,)):
            open_ended = [direction for direction in policy.isolates if not _has_last_word(policy, direction)]
            chosen = [pod for pod in s.pods if s.state.policies.concerns(policy, pod)] if open_ended else []
            if not chosen:
                continue
            title = f"{policy.text}: what no rule of tier {tier.name} matches is denied for {count(len(chosen), 'Pod')}"
            why = "Only a rule of action Pass hands a Pod's packets on to later tiers and to NetworkPolicies."
            fix = "End the policy with a rule of action Pass, or set defaultAction: Pass in the Tier."
            yield s.problem("NP-20", "warning", policy.id, f"spec.{open_ended[0]}", title, why, fix)


def _has_last_word(policy: TierPolicy, direction: Direction) -> bool:
    """Whether a rule without any condition ends the policy, so that its author has said what becomes of the rest."""
    rules = policy.rules(direction) or ()
    last = rules[-1] if rules else None
    return last is not None and not (last.peers or last.ports or last.own or last.doubt)


def webhooks(s: Survey) -> Iterator[Problem]:
    """NP-18: a webhook or an extension of the API server, whose Pods do not let the control plane in."""
    for what, service, port in _called_by_the_api_server(s):
        plane = _control_plane(s)
        if plane is None or not service.cluster_ips:
            continue
        address = service.cluster_ips[0]
        asked = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        paths = trace(s.state, Request(plane.id, asked)).trace.paths()
        stopped = next((path for path in paths if path.verdict == "denied"), None)
        if stopped is None:
            continue
        title = f"{what}: the API server on {plane.name} is not let in to {short(service.id)}"
        why = f"It calls from the Node, and no selector matches a Node's address. {stopped.reason}"
        fix = for_nodes(s, "fromEntities", "kube-apiserver")
        policy = next(iter(stopped.policies), "")
        yield s.problem("NP-18", "warning", policy or service.id, "spec.ingress" if policy else "", title, why, fix)


def _control_plane(s: Survey) -> NodeState | None:
    """The first Node of the control plane; None where the input shows none, and nobody knows whence the calls come."""
    return next((node for node in s.control.nodes.values() if CONTROL_PLANE in node.labels and node.addresses), None)


def _called_by_the_api_server(s: Survey) -> Iterator[tuple[str, ServiceState, int]]:
    """Kept objects that make the API server call a Service: their text, the Service and its port."""
    for oid in sorted(s.project.foreign):
        data = s.project.foreign[oid].data
        metadata = data.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        for reference in _references(data):
            service = s.control.services.get(
                object_id("Service", str(reference.get("namespace")), str(reference.get("name")))
            )
            port = reference.get("port", 443)
            if service is not None and isinstance(port, int):
                yield f"{data.get('kind')} {name}", service, port


def _references(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The Services in an object that the API server calls (admissionregistration, apiregistration, apiextensions)."""
    kind = data.get("kind")
    if kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        hooks = data.get("webhooks")
        for hook in hooks if isinstance(hooks, list) else ():
            yield from _at(hook, "clientConfig", "service")
    elif kind == "APIService":
        yield from _at(data, "spec", "service")
    elif kind == "CustomResourceDefinition":
        yield from _at(data, "spec", "conversion", "webhook", "clientConfig", "service")


def _at(data: Any, *fields: str) -> Iterator[Mapping[str, Any]]:
    for field in fields:
        data = data.get(field) if isinstance(data, Mapping) else None
    if isinstance(data, Mapping):
        yield data
