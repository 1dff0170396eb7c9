"""What a selector or a port in a form leads to right now, in a few words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy.ports import named_ports
from designer.model import LabelSelector, labels_match, selector_matches
from designer.present.words import count_text

Mood = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class MatchNote:
    """A few words and how they are meant."""

    text: str
    mood: Mood = "ok"


def pods_selected(state: ClusterState, namespace: str, labels: dict[str, str]) -> tuple[PodState, ...]:
    """The Pods of a namespace that a plain map of labels selects; none for an empty map, as for a Service."""
    if not labels:
        return ()
    return tuple(
        pod for pod in state.control.pods.values() if pod.namespace == namespace and labels_match(labels, pod.labels)
    )


def service_selector_note(state: ClusterState, namespace: str, labels: dict[str, str] | None) -> MatchNote:
    """How many Pods a Service's selector matches."""
    if labels is None:
        return MatchNote("No selector: endpoints are not made from Pods.", "warning")
    count = len(pods_selected(state, namespace, labels))
    return MatchNote(f"matches {count_text(count, 'Pod')}", "ok" if count else "warning")


def label_selector_note(state: ClusterState, namespace: str | None, selector: dict[str, Any] | None) -> MatchNote:
    """How many Pods a LabelSelector matches in a namespace, in all of them with None."""
    if selector is None:
        return MatchNote("")
    try:
        wanted = LabelSelector.model_validate(selector)
    except ValueError:
        return MatchNote("")
    pods = (pod for pod in state.control.pods.values() if namespace in (None, pod.namespace))
    count = sum(selector_matches(wanted, pod.labels) for pod in pods)
    return MatchNote(f"matches {count_text(count, 'Pod')}", "ok" if count else "warning")


def namespace_selector_note(state: ClusterState, selector: dict[str, Any] | None) -> MatchNote:
    """How many namespaces a LabelSelector matches."""
    if selector is None:
        return MatchNote("")
    try:
        wanted = LabelSelector.model_validate(selector)
    except ValueError:
        return MatchNote("")
    count = sum(selector_matches(wanted, labels) for labels in state.control.namespaces.values())
    return MatchNote(f"matches {count_text(count, 'namespace')}", "ok" if count else "warning")


def port_chain_note(
    state: ClusterState, namespace: str, labels: dict[str, str] | None, port: dict[str, Any]
) -> MatchNote:
    """The way of a Service port: ``7070 → grpc (7070) → 2 of 2 Pods``, with a cross where it ends nowhere.

    A number that no container declares still works where something listens; a name that no container has does not
    (`domain/services.md`, "Endpoints").
    """
    number, protocol = port.get("port"), port.get("protocol", "TCP")
    target: int | str = port.get("targetPort") or number or 0
    if number is None:
        return MatchNote("")
    if labels is None:
        return MatchNote(f"{number} → {target}")
    pods = pods_selected(state, namespace, labels)
    if not pods:
        return MatchNote(f"✕ {number} → {target}: the selector matches no Pod", "warning")
    if isinstance(target, str) and not target.isdecimal():
        having = {pod.id: named_ports(pod.spec, target, protocol) for pod in pods}
        numbers = dict.fromkeys(value for values in having.values() for value in values[:1])
        reached = sum(bool(values) for values in having.values())
        if not reached:
            return MatchNote(f"✕ {number} → {target}: no container has a {protocol} port of this name", "error")
        shown = ", ".join(str(value) for value in numbers)
        sign = "✓" if reached == len(pods) else "!"
        words = f"{sign} {number} → {target} ({shown}) → {reached} of {count_text(len(pods), 'Pod')}"
        return MatchNote(words, "ok" if reached == len(pods) else "warning")
    declared = sum(_declares(pod, int(target), protocol) for pod in pods)
    if not declared:
        return MatchNote(f"! {number} → {target}: no container declares {protocol} {target}", "warning")
    words = f"{number} → {target} → {declared} of {count_text(len(pods), 'Pod')}"
    return MatchNote(
        f"✓ {words}" if declared == len(pods) else f"! {words}", "ok" if declared == len(pods) else "warning"
    )


def _declares(pod: PodState, number: int, protocol: str) -> bool:
    boxes = (*pod.spec.containers, *(box for box in pod.spec.initContainers if box.restartPolicy == "Always"))
    return any(port.containerPort == number and port.protocol == protocol for box in boxes for port in box.ports)
