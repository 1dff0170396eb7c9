"""Random clusters as manifests that the API server accepts: every Service feature, in any mixture, by a seed.

Endpoints are slices without Pods: hand-written ones, taken as they are. Random numbers are Python's own by seed, so a
seed is a cluster.
"""

from random import Random
from typing import Any

Document = dict[str, Any]

NODE_PORT_ADDRESSES: tuple[list[str], ...] = (
    [],
    [],
    ["primary"],
    ["192.168.10.0/24"],
    ["172.16.0.0/12", "fd00:192::/32"],
    ["127.0.0.0/8"],
    ["0.0.0.0/0"],
    ["203.0.113.0/24", "fd00:192::/32"],
    ["10.0.0.0/8", "::/0"],
    ["192.168.10.11/32"],
    ["fe80::/10", "fd99::/64"],
    ["192.168.0.0/16", "0.0.0.0/0"],
)
INTERFACES = ("172.16.0.9", "10.9.9.9", "fd99::9", "fe80::9", "198.51.100.77", "127.0.0.5")
EXTERNAL = ("198.51.100.7", "198.51.100.77", "203.0.113.99", "2001:db8::77", "192.168.10.11", "fd99::9", "203.0.113.10")
INGRESS = ("203.0.113.10", "203.0.113.11", "203.0.113.12", "2001:db8::10", "2001:db8::11", "", "192.168.10.11")
RANGES = (
    "10.0.0.0/8",
    "198.51.100.0/24",
    "192.168.10.0/24",
    "192.168.10.11/32",
    "203.0.113.5/32",
    "2001:db8:1::/48",
    "fd00:192::/32",
    "0.0.0.0/0",
    "::/0",
)
SCHEDULERS = ("rr", "", "mh", "mh", "sh", "lc", "wrr", "sed", "nq", "lblcr", "fo", "twos")


def some(random: Random, things: tuple[str, ...], most: int) -> list[str]:
    return random.sample(things, random.randint(1, most))


def manifests(seed: int) -> list[Document]:
    """The documents of a cluster, kube-proxy's configuration first."""
    random = Random(seed)
    families = random.choice(((4,), (4,), (4, 6), (4, 6), (6, 4), (6,)))
    documents = [configuration(random)]
    documents += [node(random, number, families) for number in range(1, random.randint(1, 3) + 1)]
    nodes = len(documents) - 1
    numbers = random.sample(range(30000, 32768), 60)
    for place in range(random.randint(1, 5)):
        found = service(random, place, families, numbers)
        documents.append(found)
        if "ports" in found["spec"]:
            documents += slices(random, found, families, nodes)
    return documents


def configuration(random: Random) -> Document:
    mode = random.choice(("ClusterCIDR", "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"))
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clusterCIDR": random.choice(("", "10.244.0.0/16", "fd00:10:244::/56,10.244.0.0/16")),
        "detectLocalMode": mode,
        "detectLocal": {
            "bridgeInterface": "cbr0" if mode == "BridgeInterface" else "",
            "interfaceNamePrefix": "veth" if mode == "InterfaceNamePrefix" else "",
        },
        "nodePortAddresses": random.choice(NODE_PORT_ADDRESSES),
        "iptables": {"masqueradeAll": random.random() < 0.2, "masqueradeBit": random.choice((14, 14, 0, 31))},
        "ipvs": {"scheduler": random.choice(SCHEDULERS), "strictARP": random.random() < 0.3},
        "featureGates": random.choice(({}, {}, {"AllowServiceExternalIPs": False})),
    }


def node(random: Random, number: int, families: tuple[int, ...]) -> Document:
    own = families if random.random() < 0.9 else families[:1]
    addresses = []
    for family in own:
        addresses.append(f"192.168.10.{10 + number}" if family == 4 else f"fd00:192:168:10::{10 + number:x}")
        if random.random() < 0.2:
            addresses.append(f"192.168.20.{number}" if family == 4 else f"fd00:192:168:20::{number:x}")
    meta: Document = {"name": f"node-{number}", "labels": {}}
    zone = random.choice(("a", "b", ""))
    if zone:
        meta["labels"]["topology.kubernetes.io/zone"] = zone
    if random.random() < 0.4:
        meta["annotations"] = {"cluster-network-designer/interface-addresses": ", ".join(some(random, INTERFACES, 3))}
    pods = [f"10.244.{number}.0/24" if family == 4 else f"fd00:10:244:{number}::/64" for family in own]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": meta,
        "spec": {"podCIDR": pods[0], "podCIDRs": pods},
        "status": {"addresses": [{"type": "InternalIP", "address": a} for a in addresses]},
    }


def service(random: Random, place: int, families: tuple[int, ...], numbers: list[int]) -> Document:
    """A Service of any type; node ports are taken from `numbers`."""
    kind = random.choice(("ClusterIP", "ClusterIP", "NodePort", "NodePort", *("LoadBalancer",) * 4, "ExternalName"))
    meta: Document = {"name": f"web{place}", "namespace": random.choice(("default", "prod")), "labels": {}}
    found: Document = {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"type": kind}}
    spec = found["spec"]
    if random.random() < 0.06:
        meta["labels"]["service.kubernetes.io/service-proxy-name"] = "other"
    if kind == "ExternalName":
        spec["externalName"] = "example.com"
        return found
    own = families if random.random() < 0.6 else (random.choice(families),)
    if kind == "ClusterIP" and random.random() < 0.1:
        spec["clusterIPs"] = ["None"]
    else:
        spec["clusterIPs"] = [f"10.96.{place}.10" if family == 4 else f"fd00:10:96::{place:x}0" for family in own]
    spec["clusterIP"] = spec["clusterIPs"][0]
    spec["ipFamilies"] = [f"IPv{family}" for family in own]
    spec["ipFamilyPolicy"] = "SingleStack" if len(own) == 1 else "RequireDualStack"
    spec["internalTrafficPolicy"] = random.choice(("Cluster", "Cluster", "Local"))
    spec["sessionAffinity"] = "None"
    if random.random() < 0.3:
        spec["sessionAffinity"] = "ClientIP"
        spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": random.choice((1, 600, 10800, 86400))}}
    spec["ports"] = service_ports(random)
    expose(random, found, numbers)
    return found


def service_ports(random: Random) -> list[Document]:
    pairs = {(random.choice(("TCP", "TCP", "UDP", "SCTP")), random.choice((53, 80, 443))) for _ in range(3)}
    ports = [
        {"name": f"p{place}", "protocol": protocol, "port": number, "targetPort": 8080}
        for place, (protocol, number) in enumerate(sorted(pairs)[: random.randint(1, 3)])
    ]
    if len(ports) == 1 and random.random() < 0.4:
        del ports[0]["name"]
    return ports


def expose(random: Random, found: Document, numbers: list[int]) -> None:
    """Adds what makes a Service reachable from outside."""
    spec, kind = found["spec"], found["spec"]["type"]
    if spec["clusterIP"] != "None" and random.random() < 0.3:
        spec["externalIPs"] = some(random, EXTERNAL, 2)
    if kind != "ClusterIP" or "externalIPs" in spec:
        spec["externalTrafficPolicy"] = random.choice(("Cluster", "Local"))
    if kind == "ClusterIP":
        return
    given = kind == "NodePort" or random.random() < 0.8
    for port in spec["ports"] if given else ():
        port["nodePort"] = numbers.pop()
    if kind == "NodePort":
        return
    spec["allocateLoadBalancerNodePorts"] = given
    if spec["externalTrafficPolicy"] == "Local":
        spec["healthCheckNodePort"] = numbers.pop()
    if random.random() < 0.5:
        spec["loadBalancerSourceRanges"] = some(random, RANGES, 3)
    ingress: list[Document] = []
    for address in some(random, INGRESS, 3) if random.random() < 0.85 else ():
        entry = {"ip": address, "ipMode": random.choice(("VIP", "VIP", "VIP", "Proxy"))}
        ingress.append(entry if address else {"hostname": "lb.example.com"})
    found["status"] = {"loadBalancer": {"ingress": ingress}}


def slices(random: Random, found: Document, families: tuple[int, ...], nodes: int) -> list[Document]:
    """Up to three EndpointSlices of a Service, with endpoints in any state."""
    made = []
    for place in range(random.randint(0, 3)):
        kind = random.choice((*(f"IPv{family}" for family in families), "FQDN") if place == 2 else families)
        kind = kind if isinstance(kind, str) else f"IPv{kind}"
        shape = {"IPv4": "10.50.{0}.{1}", "IPv6": "fd50:{2}::{1}"}.get(kind, "backend-{1}.example.com")
        numbers = random.sample(range(1, 120), random.randint(0, 4))
        addresses = [shape.format(place, number, place + 1) for number in numbers]
        ports = [
            {"name": port.get("name", ""), "protocol": port["protocol"], "port": random.choice((8080, 9090, None))}
            for port in found["spec"]["ports"]
            if random.random() < 0.9
        ]
        meta = found["metadata"]
        labels = {"kubernetes.io/service-name": meta["name"]}
        if random.random() < 0.05:
            labels["service.kubernetes.io/service-proxy-name"] = "other"
        made.append(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {"name": f"{meta['name']}-{place}", "namespace": meta["namespace"], "labels": labels},
                "addressType": kind,
                "endpoints": [endpoint(random, address, nodes) for address in addresses],
                "ports": [{key: value for key, value in port.items() if value is not None} for port in ports],
            }
        )
    return made


def endpoint(random: Random, address: str, nodes: int) -> Document:
    """An endpoint whose conditions, node and hints may each be missing; it may be on a Node that is not there."""
    found: Document = {"addresses": [address], "conditions": {}}
    state = random.choice(("", "ready", "ready", "unready", "leaving", "gone"))
    if state:
        found["conditions"]["ready"] = state == "ready"
    if state in ("leaving", "gone"):
        found["conditions"] |= {"serving": state == "leaving", "terminating": True}
    if random.random() < 0.8:
        found["nodeName"] = f"node-{random.randint(1, nodes + 1)}"
    if random.random() < 0.6:
        found["zone"] = random.choice("ab")
        found["hints"] = {"forZones": [{"name": zone} for zone in some(random, ("a", "b"), 2)]}
    if random.random() < 0.4:
        found.setdefault("hints", {})["forNodes"] = [{"name": f"node-{random.randint(1, nodes)}"}]
    return found
