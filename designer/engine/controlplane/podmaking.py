"""What the Pods of one source are made of: labels and spec, with what a dump showed of each Pod on top."""

from __future__ import annotations

from typing import Any

from designer.engine.controlplane.workloadpods import Source, own_labels, own_spec
from designer.model import FrozenMap, PodRecord, PodSpec
from designer.model.core import Container

# What an observed spec says where it says it; the rest is the template's (`PodRecord.spec`).
OBSERVED_FIELDS = ("hostNetwork", "hostname", "subdomain", "dnsPolicy", "dnsConfig", "hostAliases")


class Made:
    """Labels and specs of the Pods of `source`; `labels` are those that all new Pods share. Equal ones are shared."""

    def __init__(self, source: Source, labels: FrozenMap[str, str]) -> None:
        self.source, self.labels = source, labels
        self._added: dict[FrozenMap[str, str], FrozenMap[str, str]] = {}
        self._specs: dict[PodSpec, dict[str, Any]] = {}

    def labels_of(self, record: PodRecord) -> FrozenMap[str, str]:
        """The labels of one Pod: as seen, else the template's with what controllers added or add."""
        if record.labels is not None:
            return record.labels
        shared = self.labels
        if record.added is not None:
            found = self._added.get(record.added)
            if found is None:
                found = self._added[record.added] = self.source.labels.merged(record.added)
            shared = found
        return own_labels(self.source, shared, record.name)

    def spec_of(self, record: PodRecord) -> PodSpec:
        """The spec of one Pod: the template's, with the network of the observed Pod where that differs."""
        spec = own_spec(self.source, record.name)
        if record.spec is None:
            return spec
        seen = self._specs.get(record.spec)
        if seen is None:
            seen = self._specs[record.spec] = self._seen(record.spec)
        return spec.model_copy(update=seen)

    def _seen(self, spec: PodSpec) -> dict[str, Any]:
        template = self.source.spec
        values: dict[str, Any] = {
            "containers": _with_ports(template.containers, spec.containers),
            "initContainers": _with_ports(template.initContainers, spec.initContainers),
        }
        if self.source.kind == "StatefulSet":
            return values | {
                name: getattr(spec, name) for name in OBSERVED_FIELDS if name not in ("hostname", "subdomain")
            }
        return values | {name: getattr(spec, name) for name in OBSERVED_FIELDS}


def _with_ports(known: tuple[Container, ...], seen: tuple[Container, ...]) -> tuple[Container, ...]:
    """The containers that were seen, each with what else the template says of it."""
    by_name = {container.name: container for container in known}
    return tuple(
        by_name[c.name].model_copy(update={"ports": c.ports, "restartPolicy": c.restartPolicy})
        if c.name in by_name
        else c
        for c in seen
    )
