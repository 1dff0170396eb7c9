"""What a running cluster says about a Pod → its record: Node, addresses, readiness, labels, and its own network spec.

A Pod may differ from its workload's template: another ReplicaSet of a rolling update made it, an admission webhook put
a sidecar into it, controllers added labels. What differs is kept with the record.
"""

from __future__ import annotations

from typing import Any

from designer.model import (
    EMPTY_MAP,
    AnyWorkload,
    FrozenMap,
    Pod,
    PodRecord,
    PodSpec,
    StatefulSet,
    replicas_of,
    template_of,
)
from designer.model.core import Container

# Labels that controllers add to the template's.
ADDED_LABELS = frozenset(
    (
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "job-name",
        "controller-uid",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
    )
)
# Those that follow from a Pod's name.
NAMED_LABELS = frozenset(("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"))
Labels = FrozenMap[str, str]


class Observation:
    """The records of the Pods of one workload; equal labels and specs are the same objects."""

    def __init__(self, workload: AnyWorkload) -> None:
        self.wanted = replicas_of(workload)
        template = template_of(workload)
        self.labels = template.metadata.labels
        self.named = isinstance(workload, StatefulSet)
        self.bearing = bearing(template.spec, self.named)
        self.shared: dict[Any, Any] = {}

    def record(self, pod: Pod) -> PodRecord:
        """The record of one Pod."""
        labels, added = self._labels(pod)
        values = {"labels": labels, "added": added, "spec": self._spec(pod), "wanted": self.wanted}
        return PodRecord(**said(pod), **{key: value for key, value in values.items() if value is not None})

    def _labels(self, pod: Pod) -> tuple[Labels | None, Labels | None]:
        """The Pod's labels when they differ from the template's, else what controllers added to those."""
        if pod.labels == self.labels:
            return None, None
        plain = {key: value for key, value in pod.labels.items() if key not in ADDED_LABELS or key in self.labels}
        if plain != dict(self.labels):
            return self._kept(pod.labels), None
        gone = {*plain, *NAMED_LABELS}
        added = FrozenMap({key: value for key, value in pod.labels.items() if key not in gone})
        return None, self._kept(added) if added else None

    def _kept(self, labels: Labels) -> Labels:
        found: Labels = self.shared.setdefault(labels, labels or EMPTY_MAP)
        return found

    def _spec(self, pod: Pod) -> PodSpec | None:
        """What of the Pod's spec bears on its network, where it differs from the template's."""
        own = bearing(pod.spec, self.named)
        if own == self.bearing or not pod.spec.containers:
            return None
        found: PodSpec | None = self.shared.get(own)
        if found is None:
            found = self.shared[own] = network_spec(pod.spec, self.named)
        return found


def bearing(spec: PodSpec, named: bool) -> tuple[Any, ...]:
    """What of a spec bears on the network, to be compared; with `named`, host names are the controller's to give."""
    return (
        bool(spec.hostNetwork),
        None if named else (spec.hostname or None, spec.subdomain or None),
        spec.dnsPolicy or "ClusterFirst",
        spec.dnsConfig,
        spec.hostAliases,
        tuple((c.name, listening(c)) for c in spec.containers if c.ports),
        tuple((c.name, listening(c)) for c in spec.initContainers if c.ports and c.restartPolicy == "Always"),
    )


def listening(container: Container) -> tuple[Any, ...]:
    """The ports that a container declares."""
    return tuple((p.name, p.containerPort, p.protocol, p.hostPort or 0, p.hostIP or "") for p in container.ports)


def network_spec(spec: PodSpec, named: bool) -> PodSpec:
    """The part of a spec that bears on the network: of containers their names and ports."""
    values: dict[str, Any] = {
        "containers": tuple(Container(name=c.name, ports=c.ports) for c in spec.containers),
        "initContainers": tuple(
            Container(name=c.name, ports=c.ports, restartPolicy="Always")
            for c in spec.initContainers
            if c.restartPolicy == "Always"
        ),
        "hostNetwork": spec.hostNetwork,
        "hostname": None if named else spec.hostname,
        "subdomain": None if named else spec.subdomain,
        "dnsPolicy": spec.dnsPolicy,
        "dnsConfig": spec.dnsConfig,
        "hostAliases": spec.hostAliases,
    }
    return PodSpec(**{key: value for key, value in values.items() if value})


def is_observed(pod: Pod) -> bool:
    """Whether the Pod comes from a running cluster: it has a status with an address or a phase."""
    status = pod.status
    return bool(status.podIP or status.podIPs or status.phase)


def drawn_record(pod: Pod) -> PodRecord:
    """The record of a Pod that stands for itself."""
    return PodRecord(**said(pod))


def said(pod: Pod) -> dict[str, Any]:
    """What the input says about a Pod: Node, addresses, readiness, phase."""
    status = pod.status
    ips = tuple(entry.ip for entry in status.podIPs) or ((status.podIP,) if status.podIP else ())
    ready = next((c.status == "True" for c in status.conditions if c.type == "Ready"), None)
    phase = status.phase or "Running"
    return {
        "name": pod.name,
        "node": pod.spec.nodeName,
        "ips": ips,
        "observed": True,
        # Without a Ready condition a Pod that runs is taken as ready; a Pending one never is.
        "ready": phase == "Running" if ready is None else ready,
        "terminating": pod.metadata.deletionTimestamp is not None,
        "phase": phase,
    }
