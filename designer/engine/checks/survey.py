"""What several checks ask of a cluster, looked up once: Pods of Services and policies, templates, labels."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from designer.engine.compile import ClusterState
from designer.engine.controlplane.podstates import PodIndex
from designer.engine.controlplane.sources import source_line
from designer.engine.controlplane.state import PodState, ServicePortState, ServiceState
from designer.engine.policy.matchers import FINISHED_PHASES
from designer.model import (
    WORKLOAD_KINDS,
    AnyWorkload,
    FrozenMap,
    LabelSelector,
    Pod,
    PodSpec,
    Problem,
    Project,
    selector_matches,
    template_of,
)
from designer.model.problem import Severity

NO_PODS = PodIndex(())


@dataclass(frozen=True, slots=True)
class Template:
    """What makes Pods: a workload with its template, or a drawn Pod; `path` is where its Pod spec stands."""

    id: str
    namespace: str
    labels: FrozenMap[str, str]
    spec: PodSpec
    path: str


class Survey:
    """A compiled cluster with the lookups of the checks; lives as long as one run of them."""

    def __init__(self, state: ClusterState) -> None:
        self.state = state
        self.project: Project = state.project
        self.control = state.control
        self._chosen: dict[tuple[str, LabelSelector], tuple[PodState, ...]] = {}

    def problem(self, code: str, severity: Severity, oid: str, field: str, title: str, why: str, fix: str) -> Problem:
        """A problem with file and line of the field."""
        file, line = source_line(self.project, oid, field) if oid else ("", 0)
        return Problem(code, severity, title, oid, field, why, fix, file, line)

    def is_assumed(self, oid: str) -> bool:
        """Whether the program took this object for granted: nobody can mend it."""
        origin = self.project.provenance.get(oid)
        return oid in self._assumed and not (origin and origin.file)

    @cached_property
    def _assumed(self) -> frozenset[str]:
        return frozenset(self.project.cluster.assumed)

    @cached_property
    def pods(self) -> tuple[PodState, ...]:
        """Pods that have not ended."""
        return tuple(pod for pod in self.control.pods.values() if pod.phase not in FINISHED_PHASES)

    @cached_property
    def pods_by_namespace(self) -> dict[str, tuple[PodState, ...]]:
        """The same by namespace."""
        found: dict[str, list[PodState]] = {}
        for pod in self.pods:
            found.setdefault(pod.namespace, []).append(pod)
        return {name: tuple(pods) for name, pods in found.items()}

    @cached_property
    def pod_by_source(self) -> dict[str, PodState]:
        """A Pod of each workload, by the workload's id; a Pod that stands for itself by its own."""
        found: dict[str, PodState] = {}
        for pod in self.pods:
            found.setdefault(pod.owner or pod.id, pod)
        return found

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        """Everything that makes Pods, in order of kind and id."""
        found = []
        for kind in WORKLOAD_KINDS:
            for workload in self.project.of(kind):
                if isinstance(workload, AnyWorkload):
                    made = template_of(workload)
                    path = "spec.jobTemplate.spec.template.spec" if kind.KIND == "CronJob" else "spec.template.spec"
                    found.append(Template(workload.id, workload.namespace, made.metadata.labels, made.spec, path))
        found += [Template(pod.id, pod.namespace, pod.labels, pod.spec, "spec") for pod in self.project.of(Pod)]
        return tuple(found)

    @cached_property
    def selected(self) -> dict[str, tuple[PodState, ...]]:
        """The Pods that each Service's selector matches; Services without selector have no entry."""
        indexes = {name: PodIndex(pods) for name, pods in self.pods_by_namespace.items()}
        return {
            oid: indexes.get(service.namespace, NO_PODS).select(service.selector)
            for oid, service in self.control.services.items()
            if service.selector and service.type != "ExternalName"
        }

    @cached_property
    def services(self) -> tuple[tuple[ServiceState, tuple[PodState, ...]], ...]:
        """Services with a selector that matches at least one Pod, with those Pods."""
        return tuple((self.control.services[oid], pods) for oid, pods in self.selected.items() if pods)

    def pods_with(self, namespace: str, matches: Callable[[Mapping[str, str]], bool]) -> tuple[PodState, ...]:
        """The Pods of a namespace whose labels pass a test; Pods with the same labels are tested once."""
        known: dict[int, bool] = {}
        found = []
        for pod in self.pods_by_namespace.get(namespace, ()):
            key = id(pod.labels)
            if key not in known:
                known[key] = matches(pod.labels)
            if known[key]:
                found.append(pod)
        return tuple(found)

    def pods_for(self, namespace: str, selector: LabelSelector) -> tuple[PodState, ...]:
        """The Pods of a namespace that a label selector matches."""
        key = (namespace, selector)
        if key not in self._chosen:
            self._chosen[key] = self.pods_with(namespace, lambda labels: selector_matches(selector, labels))
        return self._chosen[key]

    def label_sets(self, namespace: str) -> tuple[FrozenMap[str, str], ...]:
        """Labels of all Pods and templates of a namespace, each once."""
        return self._label_sets.get(namespace, ())

    @cached_property
    def _label_sets(self) -> dict[str, tuple[FrozenMap[str, str], ...]]:
        found: dict[str, dict[FrozenMap[str, str], None]] = {}
        for pod in self.pods:
            found.setdefault(pod.namespace, {})[pod.labels] = None
        for template in self.templates:
            found.setdefault(template.namespace, {})[template.labels] = None
        return {name: tuple(found[name]) for name in sorted(found)}

    @cached_property
    def has_host_network(self) -> bool:
        """Whether any Pod shares its Node's network."""
        return any(pod.host_network for pod in self.pods)

    @cached_property
    def translated_ports(self) -> dict[tuple[int, str], tuple[tuple[ServiceState, ServicePortState], ...]]:
        """Service ports (number and protocol) behind which Pods listen on another number, with their Services."""
        found: dict[tuple[int, str], list[tuple[ServiceState, ServicePortState]]] = {}
        for service, _ in self.services:
            for port in service.ports:
                if port.target_port != port.port:
                    found.setdefault((port.port, port.protocol), []).append((service, port))
        return {key: tuple(entries) for key, entries in found.items()}

    def namespaces_for(self, selector: LabelSelector) -> tuple[str, ...]:
        """Namespaces in which some Pod or template fits a label selector, sorted."""
        first = next(iter(selector.matchLabels.items()), None)
        sets = self._every_set if first is None else self._sets_by_pair.get(first, ())
        return tuple(sorted({name for name, labels in sets if selector_matches(selector, labels)}))

    @cached_property
    def _every_set(self) -> tuple[tuple[str, FrozenMap[str, str]], ...]:
        return tuple((name, labels) for name, sets in self._label_sets.items() for labels in sets)

    @cached_property
    def _sets_by_pair(self) -> dict[tuple[str, str], list[tuple[str, FrozenMap[str, str]]]]:
        found: dict[tuple[str, str], list[tuple[str, FrozenMap[str, str]]]] = {}
        for entry in self._every_set:
            for pair in entry[1].items():
                found.setdefault(pair, []).append(entry)
        return found

    def nearest(self, wanted: Mapping[str, str], namespace: str) -> str:
        """The labels in the namespace that come nearest to `wanted`, as ``app=web``; "" where nothing is near."""
        target = _text(wanted.items())
        choices: dict[str, None] = {}
        for labels in self.label_sets(namespace):
            shown = _text((k, v) for k, v in labels.items() if k in wanted) or _text(labels.items())
            choices.setdefault(shown, None)
        found = difflib.get_close_matches(target, [c for c in choices if c], n=1, cutoff=0.5)
        return found[0] if found else ""


def _text(items: Iterable[tuple[str, str]]) -> str:
    return ",".join(f"{key}={value}" for key, value in items)


def label_text(labels: Mapping[str, str]) -> str:
    """``app=web,tier=front``."""
    return _text(labels.items())


def shown(names: Iterable[str], limit: int = 3) -> str:
    """``a, b, c and 4 more``."""
    found = list(names)
    rest = len(found) - limit
    return ", ".join(found[:limit]) + (f" and {rest} more" if rest > 0 else "")


def count(number: int, noun: str) -> str:
    """``1 Node``, ``3 Nodes``; a noun in y becomes one in ies."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def short(oid: str) -> str:
    """``Service shop/cart`` from an object id."""
    return oid.replace(":", " ", 1)
