"""The smallest edits of policies that make a connection possible or impossible, proved on the changed cluster."""

from designer.engine.repair.ends import End, Target
from designer.engine.repair.isolation import Isolation, isolate_namespace
from designer.engine.repair.mending import repair, repair_request
from designer.engine.repair.proposal import Proposal, Repair, Said, Step, Wanted

__all__ = [
    "End",
    "Isolation",
    "Proposal",
    "Repair",
    "Said",
    "Step",
    "Target",
    "Wanted",
    "isolate_namespace",
    "repair",
    "repair_request",
]
