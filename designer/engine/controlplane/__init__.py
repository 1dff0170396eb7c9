"""What the controllers of Kubernetes do: Pods from workloads, scheduling, addresses, EndpointSlices, DNS records."""

from designer.engine.controlplane.allocate import Allocation, allocate, allocation
from designer.engine.controlplane.build import control_plane
from designer.engine.controlplane.observations import superseded

__all__ = ["Allocation", "allocate", "allocation", "control_plane", "superseded"]
