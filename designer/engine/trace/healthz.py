"""What kube-proxy answers to a load balancer that asks whether to send traffic to a Node, as a part of a sentence.

Two HTTP endpoints of every Node: `:10256/healthz` for the Node as a whole (KEP-3836), and the healthCheckNodePort of
each Service of type LoadBalancer with externalTrafficPolicy Local (KEP-1669; upstream: pkg/proxy/healthcheck). Facts:
`domain/services.md` section 3.
"""

from __future__ import annotations

from designer.engine.trace.ground import Ground
from designer.model import Node

# The Cluster Autoscaler's mark of a Node that it is about to take away (upstream: pkg/proxy/healthcheck).
GOING_TAINT = "ToBeDeletedByClusterAutoscaler"


def node_health(ground: Ground, node: str) -> str:
    """What `:10256/healthz` answers on a Node whose kube-proxy works: ``HTTP 200``, or 503 where the Node is going."""
    obj = ground.state.project.find(Node, f"Node:{node}")
    if obj is not None and obj.metadata.deletionTimestamp:
        return f"HTTP 503: {node} is being deleted"
    if obj is not None and any(taint.key == GOING_TAINT for taint in obj.spec.taints):
        return f"HTTP 503: {node} has the taint {GOING_TAINT}"
    return "HTTP 200"


def service_health(ground: Ground, node: str, port: int, protocol: str) -> str:
    """What is asked at a healthCheckNodePort and the answer, "" where the port is none.

    200 where the Node has a ready endpoint of the Service, else 503: one that is going away does not count. Body and
    header say how many (upstream: service_health.go).
    """
    for service in ground.control.services.values():
        if protocol == "TCP" and service.health_check_node_port == port:
            slices = ground.control.slices.get(service.id, ())
            here = {e.pod or e.addresses for part in slices for e in part.endpoints if e.ready and e.node == node}
            said = f"200: {node} has {len(here)} of its ready endpoints" if here else f"503: {node} has none of them"
            said += f"; localEndpoints and X-Load-Balancing-Endpoint-Weight are {len(here)}"
            return f"{ground.proxy}'s health check of Service {service.namespace}/{service.name} (HTTP {said})"
    return ""
