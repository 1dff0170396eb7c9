"""IPVS (ipvsadm(8)) as values: virtual servers with their real servers, and all that stands around them on a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.engine.netfilter.program import Program


@dataclass(frozen=True, slots=True)
class RealServer:
    """Where a virtual server sends connections; reached by address translation (``-m``)."""

    address: str
    port: int
    weight: int = 1


@dataclass(frozen=True, slots=True)
class VirtualServer:
    """A service of the load balancer. `real` are its real servers in the order of writing, none of them twice.

    `scheduler` is the kernel's name of the algorithm, `flags` are its own flags (``mh-port``). `persistence` is for
    how many seconds a client stays with its real server, None for not at all.
    """

    protocol: Literal["tcp", "udp", "sctp"]
    address: str
    port: int
    scheduler: str = "rr"
    flags: tuple[str, ...] = ()
    persistence: int | None = None
    real: tuple[RealServer, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class IpvsProgram:
    """Everything of one family that one node holds in ipvs mode.

    `addresses` are those of the dummy device `device`, which make the node take packets to them for its own. `rules`
    are the iptables rules; the ip sets that they ask are `rules.sets`.
    """

    servers: tuple[VirtualServer, ...]
    device: str
    addresses: tuple[str, ...]
    rules: Program
