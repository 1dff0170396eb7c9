"""Who can reach whom in the whole cluster: the matrix with its Ingress controllers, why, and what a change opens."""

from designer.engine.reach.answer import INGRESS_CONTROLLER, Reach, reach, with_blocks
from designer.engine.reach.asking import End
from designer.engine.reach.change import ChangedLine, ReachChange, reach_change
from designer.engine.reach.explain import Explanation, explanations, undecided
from designer.engine.reach.exposure import Exposed, Exposure, exposures

__all__ = [
    "INGRESS_CONTROLLER",
    "ChangedLine",
    "End",
    "Explanation",
    "Exposed",
    "Exposure",
    "Reach",
    "ReachChange",
    "explanations",
    "exposures",
    "reach",
    "reach_change",
    "undecided",
    "with_blocks",
]
