"""The API server's validation of Services as the control plane meets it: one that breaks a rule does not exist.

The rules stand in `edits.servicerules`, where a person's change is held against them first.
"""

from __future__ import annotations

from designer.edits.servicerules import refusals_of
from designer.engine.controlplane.refusals import refused
from designer.model import ClusterSettings, Problem, Service


def validate(service: Service, settings: ClusterSettings) -> tuple[Problem, ...]:
    """Why the API server of the cluster's version rejects `service`; empty when it accepts it."""
    return tuple(refused(service, r.code, r.field, r.text, r.fix) for r in refusals_of(service, settings))


def accepted(service: Service, settings: ClusterSettings) -> bool:
    """Whether the API server of the cluster's version accepts `service`."""
    return next(refusals_of(service, settings), None) is None
