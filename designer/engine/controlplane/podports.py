"""The hostPorts of Pods: ports of their Node that lead to them, whoever carries the packets there."""

from __future__ import annotations

from designer.engine.controlplane.state import PodState
from designer.model import ContainerPort

# What `hostIP` may be to mean every address of the Node.
UNSPECIFIED = ("", "0.0.0.0", "::")


def host_ports(pod: PodState) -> tuple[ContainerPort, ...]:
    """The ports of the Pod's containers and sidecars that ask for a port of the node; none for a hostNetwork Pod."""
    if pod.host_network:
        return ()
    sidecars = tuple(c for c in pod.spec.initContainers if c.restartPolicy == "Always")
    return tuple(port for container in (*pod.spec.containers, *sidecars) for port in container.ports if port.hostPort)
