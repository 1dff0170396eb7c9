"""The values of a network plugin's profile: what it puts on a node and what it does to a packet there.

One `CniProfile` describes a plugin with one backend as data; the functions of this package (`devices`, `routes`,
`masquerade`) read it. Facts: `domain/cni.md` sections 2 to 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.engine.cni.datapath import Datapath
from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.controlplane.state import Family

DeviceKind = Literal["physical", "bridge", "vxlan", "geneve", "ipip", "veth", "dummy"]
RouteKind = Literal["pod", "local-pods", "remote-pods", "segment", "link", "blackhole", "default"]
EncapsulateWhen = Literal["always", "cross-subnet"]
Masquerade = Literal["flannel", "calico", "weave", "cilium"]

# The node's own network card; every profile calls it so.
NODE_DEVICE = "eth0"


@dataclass(frozen=True, slots=True)
class Encapsulation:
    """How a packet between nodes is wrapped. `port` is 0 where the protocol has none (IPIP is IP protocol 4).

    `overhead` is in bytes. Outer addresses are always the two nodes' own addresses, of the packet's family unless
    `underlay` says which.
    """

    name: str
    device: str
    transport: str
    port: int
    vni: int | None
    overhead: int
    when: EncapsulateWhen = "always"
    underlay: Family | None = None

    @property
    def text(self) -> str:
        """``VXLAN, UDP 4789, VNI 4096``."""
        parts = [self.name, f"{self.transport} {self.port}" if self.port else self.transport]
        return ", ".join(parts if self.vni is None else [*parts, f"VNI {self.vni}"])


@dataclass(frozen=True, slots=True)
class CniProfile:
    """A plugin with its backend.

    `families` are the IP versions that its Pods can have. `bridge` is the shared bridge of its Pods, "" where each
    Pod's veth is routed by itself. `flat` says that the Pods of all nodes share one link (Weave Net). `pools` are the
    address ranges that the plugin holds for its own (the podCIDRs where it has no pool). `needs_same_link` says that
    nodes must see each other without a router. `gateway` is the Pods' fixed next hop, "" where it is the bridge.
    `datapath` is the eBPF data plane, None for plugins that leave packets to netfilter.
    """

    plugin: str
    backend: str
    title: str
    families: tuple[Family, ...]
    bridge: str
    veth_prefix: str
    pod_prefix: int | None
    gateway: str
    encapsulation_v4: Encapsulation | None
    encapsulation_v6: Encapsulation | None
    mtu: int
    masquerade: Masquerade
    enforcement: Enforcement
    pools: tuple[str, ...]
    flat: bool = False
    needs_same_link: bool = False
    hairpin: bool = True
    bridge_netfilter: bool = True
    nat_outgoing: bool = True
    datapath: Datapath | None = None

    def encapsulation(self, family: Family) -> Encapsulation | None:
        """How packets of `family` between nodes are wrapped, None where they go as they are."""
        return self.encapsulation_v4 if family == 4 else self.encapsulation_v6


@dataclass(frozen=True, slots=True)
class Device:
    """A network device of a node. `addresses` are given with their prefix length; `peer` is a veth's other end."""

    name: str
    kind: DeviceKind
    addresses: tuple[str, ...] = ()
    mtu: int = 1500
    note: str = ""


@dataclass(frozen=True, slots=True)
class PodDevice:
    """A Pod's two device names and what its own side holds. `exact` is False where the real name is drawn at random."""

    inside: str
    outside: str
    address: str
    gateway: str
    mtu: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Route:
    """One line of a node's routing table. `destination` is a CIDR, or ``default``.

    `node` is the node that a remote route leads to, "" elsewhere. `encapsulation` is how the packet is wrapped when it
    takes this route. `problem` is a sentence where the route cannot work as the plugin means it, `doubt` one
    where something outside the project decides whether it works.
    """

    destination: str
    kind: RouteKind
    device: str
    via: str = ""
    node: str = ""
    flags: str = ""
    encapsulation: Encapsulation | None = None
    problem: str = ""
    doubt: str = ""

    @property
    def text(self) -> str:
        """The route as ``ip route`` shows it: ``10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink``."""
        if self.kind == "blackhole":
            return f"blackhole {self.destination} {self.flags}".rstrip()
        via = f" via {self.via}" if self.via else ""
        destination = self.destination.removesuffix("/32") if ":" not in self.destination else self.destination
        return f"{destination.removesuffix('/128')}{via} dev {self.device} {self.flags}".rstrip()
