"""Random clusters as the API server returns them: kube-proxy's configuration, Nodes, Services, EndpointSlices, Pods.

`documents(seed)` always makes the same of one seed. Features are thrown together without regard to sense, as long as
the API server would take them.
"""

import random
from typing import Any, NamedTuple

from tests.engine.kubeproxy.load_case import INTERFACES

Document = dict[str, Any]

NODE_PORT_ADDRESSES: tuple[list[str], ...] = (
    [],
    [],
    ["primary"],
    ["192.168.10.0/24"],
    ["192.168.10.0/24", "172.16.0.0/12", "fd00:192::/64"],
    ["0.0.0.0/0", "192.168.10.11/32"],
    ["127.0.0.0/8", "192.168.10.0/24"],
    ["fd00:192::/64"],
    ["10.99.0.0/16", "::1/128"],
)
CLUSTER_CIDRS = ("", "10.244.0.0/16", "fd00:244::/48", "10.244.0.0/16,fd00:244::/48", "fd00:244::/48,10.244.0.0/16")
FURTHER_ADDRESSES = ("172.16.9.1, 10.99.1.1", "fd00:192::1:1,10.0.0.1", "127.0.0.53")
RANGES = ("198.51.100.0/24", " 10.1.0.0/16", "192.168.10.0/24", "2001:db8:1::/48", "fd00:192::/64", "0.0.0.0/0", "::/0")
EXTERNAL_IPS = ("198.51.100.7", "198.51.100.8", "2001:db8::7", "192.168.10.11")
BALANCERS: tuple[Document, ...] = (
    {"ip": "203.0.113.1", "ipMode": "VIP"},
    {"ip": "203.0.113.2"},
    {"ip": "203.0.113.3", "ipMode": "Proxy"},
    {"ip": "2001:db8:f::1", "ipMode": "VIP", "hostname": "lb.example.com"},
    {"hostname": "lb.example.com"},
)
CONDITIONS = (
    (True, True, False),
    (True, True, False),
    (False, False, False),
    (False, True, True),
    (False, False, True),
    (True, True, True),
)
MANAGED_BY = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}


class Machine(NamedTuple):
    """A Node: its name, its zone if it has one, its addresses by family."""

    name: str
    zone: str | None
    addresses: dict[int, str]


class Draw:
    """One cluster in the making: the dice, the families in their order, the Nodes, numbers that are taken."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.families = self.dice.choice([[4], [6], [4, 6], [4, 6], [6, 4]])
        self.machines: list[Machine] = []
        self.node_ports = self.dice.sample(range(30000, 32768), 200)
        self.pods = 0

    def chance(self, share: float) -> bool:
        return self.dice.random() < share


def documents(seed: int) -> list[Document]:
    """The documents of a cluster, kube-proxy's configuration first."""
    draw = Draw(seed)
    found = [_configuration(draw)]
    found += [_node(draw, number) for number in range(1, draw.dice.randint(1, 3) + 1)]
    for number in range(draw.dice.randint(1, 8)):
        found += _service(draw, number)
    return found


def _configuration(draw: Draw) -> Document:
    dice, mode = (
        draw.dice,
        draw.dice.choice(["ClusterCIDR", "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"]),
    )
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clusterCIDR": dice.choice(CLUSTER_CIDRS),
        "detectLocalMode": mode,
        "detectLocal": {
            "bridgeInterface": "cni0" if mode == "BridgeInterface" else "",
            "interfaceNamePrefix": "cali" if mode == "InterfaceNamePrefix" else "",
        },
        "nodePortAddresses": dice.choice(NODE_PORT_ADDRESSES),
        "iptables": {
            "masqueradeAll": draw.chance(0.2),
            "masqueradeBit": dice.choice([14, 0, 31]),
            "localhostNodePorts": draw.chance(0.7),
        },
        "nftables": {"masqueradeAll": draw.chance(0.2), "masqueradeBit": dice.choice([14, 0, 31])},
        "ipvs": {"scheduler": dice.choice(["rr", "mh"]), "strictARP": draw.chance(0.2)},
        "conntrack": {"tcpBeLiberal": draw.chance(0.3)},
        "featureGates": dice.choice([{}, {}, {"AllowServiceExternalIPs": False}]),
    }


def _node(draw: Draw, number: int) -> Document:
    zone = draw.dice.choice(["a", "b", None])
    own = {f: f"192.168.10.{10 + number}" if f == 4 else f"fd00:192::{10 + number}" for f in draw.families}
    draw.machines.append(Machine(f"node-{number}", zone, own))
    addresses = [{"type": "InternalIP", "address": own[f]} for f in draw.families]
    if draw.chance(0.3):
        addresses.append({"type": "InternalIP", "address": "172.16.5.1" if 4 in own else "fd00:172::1"})
    addresses += [
        {"type": "ExternalIP", "address": f"203.0.113.{100 + number}"},
        {"type": "Hostname", "address": "host"},
    ]
    cidrs = [f"10.244.{number}.0/24" if f == 4 else f"fd00:244:0:{number}::/64" for f in draw.families]
    metadata: Document = {"name": f"node-{number}", "labels": {"topology.kubernetes.io/zone": zone} if zone else {}}
    if draw.chance(0.4):
        metadata["annotations"] = {INTERFACES: draw.dice.choice(FURTHER_ADDRESSES)}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata,
        "spec": {"podCIDR": cidrs[0], "podCIDRs": cidrs},
        "status": {"addresses": addresses, "conditions": [{"type": "Ready", "status": "True"}]},
    }


def _service(draw: Draw, number: int) -> list[Document]:
    """A Service with its EndpointSlices and Pods."""
    kind = draw.dice.choice(["ClusterIP", "NodePort", "LoadBalancer", "LoadBalancer", "ExternalName", "Headless"])
    metadata: Document = {"name": f"web-{number}", "namespace": draw.dice.choice(["default", "shop"])}
    if draw.chance(0.08):
        metadata["labels"] = {"service.kubernetes.io/service-proxy-name": "other"}
    service: Document = {"apiVersion": "v1", "kind": "Service", "metadata": metadata}
    if kind == "ExternalName":
        return [{**service, "spec": {"type": kind, "externalName": "db.example.com", "sessionAffinity": "None"}}]
    families = draw.dice.choice([draw.families, draw.families[:1], draw.families[::-1]])
    ips = (
        ["None"]
        if kind == "Headless"
        else [f"10.96.0.{number + 2}" if f == 4 else f"fd00:10:96::{number + 2:x}" for f in families]
    )
    ports = _ports(draw)
    spec: Document = {
        "type": "ClusterIP" if kind == "Headless" else kind,
        "clusterIP": ips[0],
        "clusterIPs": ips,
        "ipFamilies": [f"IPv{f}" for f in families],
        "ipFamilyPolicy": "RequireDualStack" if len(families) > 1 else "SingleStack",
        "internalTrafficPolicy": draw.dice.choice(["Cluster", "Cluster", "Local"]),
        "sessionAffinity": "None",
        "ports": ports,
    }
    service |= {"spec": spec, "status": {"loadBalancer": {}}}
    if kind != "Headless":
        _expose(draw, kind, service)
    manual = draw.chance(0.35)
    if not manual:
        spec["selector"] = {"app": metadata["name"]}
    return [service, *(found for family in families for found in _slices(draw, service, family, manual))]


def _ports(draw: Draw) -> list[Document]:
    count = draw.dice.choice([1, 1, 2, 3])
    if draw.chance(0.3):  # DNS and the like: one number, several protocols
        protocols = draw.dice.sample(["TCP", "UDP", "SCTP"], count)
        return [{"name": f"p{p.lower()}", "protocol": p, "port": 53, "targetPort": 53} for p in protocols]
    ports = [
        {"name": f"p{i}", "protocol": draw.dice.choice(["TCP", "UDP"]), "port": 80 + i, "targetPort": 8080 + i % 2}
        for i in range(count)
    ]
    if count == 1 and draw.chance(0.5):
        del ports[0]["name"]
    return ports


def _expose(draw: Draw, kind: str, service: Document) -> None:
    """Everything by which a Service is reached from outside, and session affinity."""
    spec, dice = service["spec"], draw.dice
    if draw.chance(0.25):
        spec["sessionAffinity"] = "ClientIP"
        spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": dice.choice([10800, 600, 1])}}
    if draw.chance(0.25):
        spec["externalIPs"] = dice.sample(EXTERNAL_IPS, dice.randint(1, 3))
    if kind != "ClusterIP" or "externalIPs" in spec:
        spec["externalTrafficPolicy"] = dice.choice(["Cluster", "Local"])
    if kind == "NodePort" or (kind == "LoadBalancer" and draw.chance(0.8)):
        shared = draw.node_ports.pop()
        for port in spec["ports"]:
            port["nodePort"] = shared if port["port"] == 53 else draw.node_ports.pop()
    if kind != "LoadBalancer":
        return
    spec["allocateLoadBalancerNodePorts"] = "nodePort" in spec["ports"][0]
    if spec["externalTrafficPolicy"] == "Local":
        spec["healthCheckNodePort"] = draw.node_ports.pop()
    service["status"]["loadBalancer"] = {"ingress": dice.sample(BALANCERS, dice.randint(0, 3))}
    if draw.chance(0.5):
        spec["loadBalancerSourceRanges"] = dice.sample(RANGES, dice.randint(1, 4))


def _slices(draw: Draw, service: Document, family: int, manual: bool) -> list[Document]:
    """The EndpointSlices of a Service in one family, and Pods behind what the controller would have made."""
    metadata, ports = service["metadata"], service["spec"]["ports"]
    hints = draw.dice.choice(["none", "zones", "nodes", "some"])
    ends = [_endpoint(draw, family, manual, hints) for _ in range(draw.dice.choice([0, 1, 2, 3, 5, 120]))]
    labels = {"kubernetes.io/service-name": metadata["name"]} | ({} if manual else MANAGED_BY)
    if service["spec"]["clusterIP"] == "None":
        labels["service.kubernetes.io/headless"] = ""
    found: list[Document] = []
    for start in range(0, max(len(ends), 1), 100):
        targets = [
            {"name": p.get("name", ""), "protocol": p["protocol"], "port": p["targetPort"]}
            for p in ports
            if draw.chance(0.95)
        ]
        if manual and targets and draw.chance(0.1):
            targets[0]["port"] = None
        name = f"{metadata['name']}-{family}-{start}"
        found.append(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {"name": name, "namespace": metadata["namespace"], "labels": labels},
                "addressType": f"IPv{family}",
                "ports": targets or None,
                "endpoints": ends[start : start + 100],
            }
        )
    return found if manual else [*found, *(_pod(metadata, e) for e in ends if "nodeName" in e and draw.chance(0.5))]


def _endpoint(draw: Draw, family: int, manual: bool, hints: str) -> Document:
    machine = draw.dice.choice(draw.machines)
    draw.pods += 1
    number = draw.pods
    ip = f"10.244.{number // 250}.{number % 250 + 1}" if family == 4 else f"fd00:244::{number:x}"
    ready, serving, terminating = draw.dice.choice(CONDITIONS)
    end: Document = {
        "addresses": [machine.addresses[family] if draw.chance(0.05) else ip],
        "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
    }
    if manual and draw.chance(0.3):
        end["conditions"] = draw.dice.choice([{}, {"ready": True}, {"ready": False}])
    if not manual or draw.chance(0.6):
        end["nodeName"] = machine.name
    if machine.zone:
        end["zone"] = machine.zone
    if ready and hints != "none" and not (hints == "some" and draw.chance(0.3)):
        end["hints"] = {"forZones": [{"name": machine.zone}]} if machine.zone else {}
        if hints == "nodes":
            end["hints"]["forNodes"] = [{"name": machine.name}]
    return end


def _pod(service: Document, end: Document) -> Document:
    ip = end["addresses"][0]
    metadata: Document = {"name": "pod-" + ip.replace(".", "-").replace(":", "-"), "namespace": service["namespace"]}
    metadata["labels"] = {"app": service["name"]}
    if end["conditions"]["terminating"]:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"nodeName": end["nodeName"], "containers": [{"name": "c", "image": "registry.example.com/c:1"}]},
        "status": {
            "phase": "Running",
            "podIP": ip,
            "podIPs": [{"ip": ip}],
            "conditions": [{"type": "Ready", "status": str(end["conditions"]["serving"])}],
        },
    }
