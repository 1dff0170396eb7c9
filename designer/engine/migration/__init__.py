"""From Ingress to Gateway API: the conversion, what it loses, and the proof that the rest does the same."""

from designer.engine.migration.convert import Migration, migrate, with_gateways
from designer.engine.migration.equivalence import Comparison, Difference, Undecided, compare
from designer.engine.migration.losses import Loss
from designer.engine.migration.prepare import Prepared, prepared

__all__ = [
    "Comparison",
    "Difference",
    "Loss",
    "Migration",
    "Prepared",
    "Undecided",
    "compare",
    "migrate",
    "prepared",
    "with_gateways",
]
