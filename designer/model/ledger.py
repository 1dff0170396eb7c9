"""The ledger: every address, port and placement that was handed out, and the pointers of the allocators.

It is reconciled with the objects after each edit by a pure function (`engine.controlplane.allocate`), saved with the
project, and never renumbers: what once got an address keeps it until it is deleted or recreated.
"""

from __future__ import annotations

from pydantic import Field

from designer.model.core import PodSpec
from designer.model.frozen import EMPTY_MAP, FrozenMap, FrozenModel


class PodRecord(FrozenModel):
    """One Pod that exists: derived from a workload (key ``Deployment:ns/name#0``) or drawn (key ``Pod:ns/name``).

    `sandbox` counts recreations: each gives a new sandbox, hence a new address (and, but for StatefulSets and drawn
    Pods, a new name). `observed` marks values that an imported dump gave. `labels` holds labels that differ from the
    owner's template (an observed Pod); None when they are the template's.

    What else an observed Pod has: `added`, the labels that controllers gave it besides the template's; `spec`, what of
    its spec bears on its network where that differs from the template's; `wanted`, how many Pods its workload wanted.
    """

    name: str
    node: str | None = None
    ips: tuple[str, ...] = ()
    sandbox: int = 0
    observed: bool = False
    ready: bool = True
    terminating: bool = False
    phase: str = "Running"
    labels: FrozenMap[str, str] | None = None
    previousIps: tuple[str, ...] = ()
    added: FrozenMap[str, str] | None = None
    spec: PodSpec | None = None
    wanted: int | None = None


class NodeRecord(FrozenModel):
    """What a Node was given: podCIDRs, its own addresses, and the state of the IPAM on it.

    `lastReserved` is host-local's pointer per range; `blocks` are Calico's affine blocks; `freed` are addresses of the
    node's blocks in the order of their release (Calico hands them out last); `tunnelIps` the addresses of its tunnel
    devices.
    """

    addresses: tuple[str, ...] = ()
    podCIDRs: tuple[str, ...] = ()
    lastReserved: FrozenMap[str, str] = EMPTY_MAP
    blocks: tuple[str, ...] = ()
    freed: tuple[str, ...] = ()
    tunnelIps: tuple[str, ...] = ()


class ServiceRecord(FrozenModel):
    """What a Service was given. `nodePorts` maps ``port/protocol`` to the node port; `loadBalancerIPs` the VIPs."""

    clusterIPs: tuple[str, ...] = ()
    nodePorts: FrozenMap[str, int] = EMPTY_MAP
    healthCheckNodePort: int | None = None
    loadBalancerIPs: tuple[str, ...] = ()


class Ledger(FrozenModel):
    """All records, by Pod key, Node name and Service id, and the cluster-wide pointers.

    `cidrPointer` is nodeipam's next-fit position per cluster CIDR. `draws` counts how often the seeded generator was
    asked for each purpose, so that recreating something draws anew and reopening does not. `implied` is by Service id a
    digest of what the Pods implied when the controller's own EndpointSlices of an input were first seen.
    """

    pods: FrozenMap[str, PodRecord] = EMPTY_MAP
    nodes: FrozenMap[str, NodeRecord] = EMPTY_MAP
    services: FrozenMap[str, ServiceRecord] = EMPTY_MAP
    cidrPointer: FrozenMap[str, int] = EMPTY_MAP
    draws: FrozenMap[str, int] = EMPTY_MAP
    implied: FrozenMap[str, str] = EMPTY_MAP


EMPTY_LEDGER = Ledger()


class Provenance(FrozenModel):
    """Where an object came from: file, line of its first key, and the line of each field path that matters.

    `fieldLines` maps a path such as ``spec.ingress[0].ports[1]`` to its 1-based line in `file`. `document` is the
    0-based index of the YAML document in the file.
    """

    file: str = ""
    line: int = 0
    document: int = 0
    fieldLines: FrozenMap[str, int] = Field(default=EMPTY_MAP)
