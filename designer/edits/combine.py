"""Two projects as one: what an import brings into a project that is already there."""

from __future__ import annotations

from dataclasses import replace

from designer.edits.edit import Edit
from designer.model import EndpointSlice, Project, object_id


def combine(project: Project, other: Project, label: str = "Import") -> Edit:
    """The edit that puts everything of `other` into `project`.

    An object of `other` replaces the one of the same id, with its records and its provenance. Cluster settings, canvas
    and scenarios of `project` stay; scenarios and placements of `other` are added under names that are free.
    """
    # What is said of a Service's endpoints is seen anew, together with the Pods that come with it.
    seen = {
        object_id("Service", obj.namespace, obj.labels.get("kubernetes.io/service-name", ""))
        for obj in other.of(EndpointSlice)
    }
    ledger = project.ledger.model_copy(
        update={
            "pods": project.ledger.pods.merged(other.ledger.pods),
            "nodes": project.ledger.nodes.merged(other.ledger.nodes),
            "implied": project.ledger.implied.without(*sorted(seen)),
            "services": project.ledger.services.merged(other.ledger.services),
        }
    )
    incoming = list(other.all())
    combined = replace(
        project.with_objects(incoming),
        ledger=ledger,
        foreign=project.foreign.merged(other.foreign),
        provenance=project.provenance.without(*(obj.id for obj in incoming)).merged(other.provenance),
        scenarios=other.scenarios.merged(project.scenarios),
    )
    return Edit(label, combined, None, tuple(obj.id for obj in incoming))
