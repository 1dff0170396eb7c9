"""Network plugins: one profile each, with its devices, routes, encapsulation, MTU and masquerade rules."""

from designer.engine.cni.bpfmasquerade import masks
from designer.engine.cni.datapath import Datapath, Forwarding
from designer.engine.cni.devices import (
    bridge_address,
    device_address,
    host_address,
    host_device,
    node_address,
    node_devices,
    pod_device,
    same_link,
    tunnel_address,
)
from designer.engine.cni.hostports import hostport_program
from designer.engine.cni.masquerade import masquerade_program
from designer.engine.cni.names import veth_name
from designer.engine.cni.profile import NODE_DEVICE, CniProfile, Device, Encapsulation, PodDevice, Route
from designer.engine.cni.profiles import profile_for
from designer.engine.cni.routes import Routing, lookup, routes
from designer.engine.cni.senders import NodeSenders

__all__ = [
    "NODE_DEVICE",
    "CniProfile",
    "Datapath",
    "Device",
    "Encapsulation",
    "Forwarding",
    "NodeSenders",
    "PodDevice",
    "Route",
    "Routing",
    "bridge_address",
    "device_address",
    "host_address",
    "host_device",
    "hostport_program",
    "lookup",
    "masks",
    "masquerade_program",
    "node_address",
    "node_devices",
    "pod_device",
    "profile_for",
    "routes",
    "same_link",
    "tunnel_address",
    "veth_name",
]
