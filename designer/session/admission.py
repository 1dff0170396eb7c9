"""What the API server would refuse of an edit because of what others hold: ClusterIPs and node ports of Services.

Values that are wrong by themselves are refused by the edits; these here need the ledger. An object that was refused
before stays editable: only what an edit brings is held against it (`domain/ipam.md`, "ClusterIP" and "NodePort").
"""

from __future__ import annotations

from dataclasses import replace

from designer.edits.edit import Edit
from designer.engine.controlplane.serviceallocation import refused_claim, service_nets
from designer.engine.controlplane.servicevalidation import accepted
from designer.model import Problem, Project, Service, ServiceCIDR


def admitted(before: Project, edit: Edit, oid: str, path: str = "") -> Edit:
    """The edit itself, or one that changes nothing and says why the API server refuses what it makes of `oid`.

    With a `path` only what is wrong below this field counts: other fields may be made to fit next.
    """
    problem = refusal_of(edit.project, edit.select[0] if edit.select else oid, oid) if edit.ok else None
    if problem is None or not problem.field.startswith(path):
        return edit
    known = refusal_of(before, oid, oid)
    if known is not None and (known.code, known.field, known.title) == (problem.code, problem.field, problem.title):
        return edit
    return replace(edit, project=before, problems=(*edit.problems, problem))


def refusal_of(project: Project, oid: str, held: str) -> Problem | None:
    """Why the ClusterIP or a node port that a Service asks for is refused; what it holds itself (as `held`) is free."""
    service = project.find(Service, oid)
    if service is None or not accepted(service, project.cluster):
        return None
    others = {key: record for key, record in project.ledger.services.items() if key not in (oid, held)}
    nets = service_nets(project.cluster, project.slice(ServiceCIDR).values())
    return refused_claim(service, others, project.cluster, nets)
