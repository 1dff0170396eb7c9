"""How much room a cluster's ranges have: what is used and reserved, and how many more objects fit, by counting."""

from designer.engine.capacity.forecast import Forecast, forecast
from designer.engine.capacity.limits import Limit
from designer.engine.capacity.noderoom import NodeRoom
from designer.engine.capacity.ranges import RangeUse, range_uses
from designer.engine.capacity.rollouts import Rollout

__all__ = ["Forecast", "Limit", "NodeRoom", "RangeUse", "Rollout", "forecast", "range_uses"]
