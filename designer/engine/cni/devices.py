"""The network devices of a node and of a Pod, with their addresses (`domain/cni.md` section 3)."""

from __future__ import annotations

from designer.engine.cni.names import is_exact, veth_name
from designer.engine.cni.profile import NODE_DEVICE, CniProfile, Device, DeviceKind, PodDevice
from designer.engine.cni.ranges import contains, family_of, first_address, holder, network, of_family, prefix_length
from designer.engine.controlplane.state import Family, NodeState, PodState
from designer.model import ClusterSettings

KINDS: dict[str, DeviceKind] = {"IPIP": "ipip", "Geneve": "geneve"}


def bridge_address(profile: CniProfile, node: NodeState, family: Family) -> str | None:
    """The address of the node's Pod bridge, None where there is no bridge or it is not known.

    Flannel's `cni0` has the first address of the node's podCIDR; Weave Net's comes from its own ring.
    """
    if not profile.bridge:
        return None
    given = of_family(node.bridge_ips, family)
    if given:
        return given[0]
    cidrs = of_family(node.pod_cidrs, family)
    return first_address(cidrs[0]) if cidrs and not profile.flat else None


def tunnel_address(profile: CniProfile, node: NodeState, family: Family) -> str | None:
    """The address of the node's tunnel device, None where it has none or it is not known.

    `flannel.1` has the network address of the podCIDR; Calico's devices an address of one of the node's blocks; the
    device of Weave Net is a port of its bridge and has none; Cilium's has none either.
    """
    if profile.encapsulation(family) is None or profile.flat or host_device(profile):
        return None
    given = of_family(node.tunnel_ips, family)
    if given:
        return given[0]
    cidrs = of_family(node.pod_cidrs, family)
    where = network(cidrs[0]) if cidrs and profile.plugin == "flannel" else None
    return None if where is None else str(where.network_address)


def host_device(profile: CniProfile) -> str:
    """The node's own device towards Pods (``cilium_host``), "" where the plugin has none."""
    return profile.datapath.host_device if profile.datapath is not None else ""


def host_address(profile: CniProfile, node: NodeState, family: Family) -> str | None:
    """The address of that device: the first one that the node took for itself out of its block."""
    return next(iter(of_family(node.tunnel_ips, family)), None) if host_device(profile) else None


def node_address(node: NodeState, family: Family) -> str | None:
    """The node's own first address of `family`, None when it has none."""
    return next(iter(of_family(node.addresses, family)), None)


def device_address(profile: CniProfile, node: NodeState, device: str, family: Family) -> str | None:
    """The source address that the node uses on `device`: what MASQUERADE writes and what its own processes send from.

    A Pod's `cali…` device has no address of its own: the node's stands in for it (`domain/kube-proxy.md` section 7).
    """
    if device == profile.bridge and device:
        return bridge_address(profile, node, family)
    if device and device == host_device(profile):
        return host_address(profile, node, family) or node_address(node, family)
    wrap = profile.encapsulation(family)
    if wrap is not None and device == wrap.device:
        return tunnel_address(profile, node, family)
    return node_address(node, family)


def node_devices(profile: CniProfile, settings: ClusterSettings, node: NodeState) -> tuple[Device, ...]:
    """The shared devices of a node: its network card, the Pods' bridge, the tunnel devices of each family in use."""
    found = [Device(NODE_DEVICE, "physical", _card_addresses(settings, node), settings.cni.linkMTU)]
    families: tuple[Family, ...] = (4, 6)
    if profile.bridge:
        held = tuple(
            f"{text}/{_bridge_prefix(profile, node, family)}"
            for family in families
            if (text := bridge_address(profile, node, family))
        )
        found.append(Device(profile.bridge, "bridge", held, profile.mtu, "the Pods' veths are its ports"))
    found += _helpers(profile, node)
    for family in families:
        wrap = profile.encapsulation(family)
        if wrap is None or not _uses(profile, node, family) or any(d.name == wrap.device for d in found):
            continue
        text = tunnel_address(profile, node, family)
        kind: DeviceKind = KINDS.get(wrap.name, "vxlan")
        held = (f"{text}/{32 if family == 4 else 128}",) if text else ()
        found.append(Device(wrap.device, kind, held, settings.cni.linkMTU - wrap.overhead, wrap.text))
    return tuple(found)


def _helpers(profile: CniProfile, node: NodeState) -> list[Device]:
    """The devices that an eBPF data plane makes for its own use."""
    families: tuple[Family, ...] = (4, 6)
    own = host_device(profile)
    if own:
        held = tuple(f"{a}/{32 if f == 4 else 128}" for f in families if (a := host_address(profile, node, f)))
        note = "the node's own end towards Pods; its peer is cilium_net"
        return [Device(own, "veth", held, profile.mtu, note)]
    if profile.datapath is not None:
        note = "takes the node's own calls to Services to eBPF where connect() was not translated"
        return [
            Device("bpfin.cali", "veth", (), profile.mtu, note),
            Device("bpfout.cali", "veth", (), profile.mtu, note),
        ]
    return []


def pod_device(
    profile: CniProfile, settings: ClusterSettings, pod: PodState, node: NodeState | None, family: Family | None = None
) -> PodDevice:
    """The two ends of the Pod's veth, as packets of one family see them (None: that of its first address).

    The gateway is "" where it is not known.
    """
    family = family or (family_of(pod.ips[0]) if pod.ips else 4)
    address = next((each for each in pod.ips if family_of(each) == family), "")
    gateway = profile.gateway if family == 4 else ("fe80::ecee:eeff:feee:eeee" if profile.gateway else "")
    if node is not None and host_device(profile):
        gateway = host_address(profile, node, family) or ""
    if profile.bridge and node is not None:
        gateway = bridge_address(profile, node, family) or ""
    cidrs = of_family((*(node.pod_cidrs if node else ()),), family) if not profile.flat else profile.pools
    length = prefix_length(holder(cidrs, address) or "") if profile.pod_prefix is None else (32 if family == 4 else 128)
    text = f"{address}/{length}" if address and length else address
    name = veth_name(profile, pod.namespace, pod.name)
    return PodDevice("eth0", name, text, gateway, profile.mtu, is_exact(profile))


def same_link(settings: ClusterSettings, one: str, other: str) -> bool:
    """Whether two node addresses stand in one subnet.

    The mask of the nodes' network is that of `nodeNetwork`; addresses outside it are compared with the same mask.
    """
    own = settings.nodeNetwork if family_of(one) == 4 else settings.nodeNetworkV6
    return contains(f"{one}/{prefix_length(own)}", other)


def _card_addresses(settings: ClusterSettings, node: NodeState) -> tuple[str, ...]:
    lengths = {4: prefix_length(settings.nodeNetwork), 6: prefix_length(settings.nodeNetworkV6)}
    return tuple(f"{text}/{lengths[family_of(text)]}" for text in node.addresses)


def _bridge_prefix(profile: CniProfile, node: NodeState, family: Family) -> int:
    cidrs = of_family(profile.pools if profile.flat else node.pod_cidrs, family)
    return prefix_length(cidrs[0]) if cidrs else (32 if family == 4 else 128)


def _uses(profile: CniProfile, node: NodeState, family: Family) -> bool:
    held = (*node.pod_cidrs, *node.tunnel_ips, *node.blocks)
    return family in profile.families and (bool(of_family(held, family)) or profile.flat)
