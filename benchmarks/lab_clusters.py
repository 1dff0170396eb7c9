"""Random clusters for the kernel lab: everything of a few Nodes that decides about a packet.

All chance comes from one `Random`; that of hypothesis shrinks what it drew.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from benchmarks.clusters import model
from benchmarks.lab_policies import APPS, NAMESPACES, network_policy, tiered_policies
from designer.model import ClusterSettings, FrozenMap, Project, Scenario

PLUGINS = (
    ("flannel", "vxlan"), ("flannel", "host-gw"), ("weave", "fastdp"),
    ("calico", "vxlan"), ("calico", "bgp"), ("calico", "vxlan-crosssubnet"),
)  # fmt: skip
DEVICES = {"flannel": ("cni0", "veth"), "calico": ("cali0", "cali"), "weave": ("weave", "vethwepl")}
URLS = ("http://shop.example.com/0/x", "http://shop.example.com/1", "http://shop.example.com/other")
PORTS = (
    {"name": "http", "containerPort": 8080},
    {"name": "alt", "containerPort": 9090},
    {"name": "dns", "containerPort": 5353, "protocol": "UDP"},
    {"name": "call", "containerPort": 7070, "protocol": "SCTP"},
)


def projects(mode: str) -> st.SearchStrategy[Project]:
    """Clusters as hypothesis draws them, and makes them smaller where something is wrong with one."""
    return st.randoms(use_true_random=False).map(lambda draw: drawn_project(draw, mode))


def drawn_project(draw: Random, mode: str) -> Project:
    """A cluster with kube-proxy in this mode; the same draws give the same cluster."""
    plugin, backend = draw.choice(PLUGINS)
    families = draw.choice((4, 4, 4, 46, 46, 6)) if plugin != "weave" else 4
    dual = families == 46
    objects = [
        *_nodes(draw, families),
        *({"kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "x"}}},),
    ]
    count = sum(one["kind"] == "Node" for one in objects)
    objects += [_pod(draw, number, count) for number in range(draw.randint(4, 8))]
    objects += [_deployment(draw, number) for number in range(draw.randint(0, 2))]
    objects += [_service(draw, number, dual) for number in range(draw.randint(3, 6))]
    objects += [network_policy(draw, number) for number in range(draw.choice((0, 0, 1, 2, 3)))]
    objects += _by_hand(draw)
    if draw.random() < 0.4:
        cidrs = ["10.96.0.0/16"] * (families != 6) + ["fd00:10:96::/112"] * (families != 4)
        cidr = {"kind": "ServiceCIDR", "apiVersion": "networking.k8s.io/v1", "metadata": {"name": "kubernetes"}}
        objects.append({**cidr, "spec": {"cidrs": cidrs}})
    objects += _outside()
    calls = draw.random() < 0.4
    if calls:
        objects += _edge(draw, count)
    settings = ClusterSettings.model_validate(_settings(draw, plugin, backend, families, mode))
    project = Project(cluster=settings).with_objects([model(_named(one)) for one in objects])
    kept = tiered_policies(draw) if plugin == "calico" else ()
    asked = {url: Scenario(name=url, source="outside", destination=url) for url in URLS} if calls else {}
    return replace(project, foreign=FrozenMap({one.id: one for one in kept}), scenarios=FrozenMap(asked))


def _named(data: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", **data}


def _edge(draw: Random, nodes: int) -> list[dict[str, Any]]:
    """An Ingress controller of one Pod with its Service, and routes to two of the other Services."""
    name, kind = "edge", "k8s.io/ingress-nginx"
    ports = [{"name": "http", "containerPort": 8000}]
    labels = {"app": name, "tier": "front"}
    body = {"profile": "ingress-nginx", "controller": kind, "workload": f"Pod:default/{name}"}
    backends = [{"service": {"name": f"s{number}", "port": {"number": 80}}} for number in (0, 1)]
    paths = [{"path": f"/{at}", "pathType": "Prefix", "backend": one} for at, one in enumerate(backends)]
    policy = draw.choice(("Cluster", "Local"))
    return [
        {"kind": "Pod", "metadata": {"name": name, "namespace": "default", "labels": labels},
         "spec": {"nodeName": f"node-{draw.randint(1, nodes)}", "containers": [{"name": "main", "ports": ports}]}},
        {"kind": "Service", "metadata": {"name": name, "namespace": "default"},
         "spec": {"type": "LoadBalancer", "externalTrafficPolicy": policy, "selector": {"app": name},
                  "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}},
        {"kind": "IngressController", "apiVersion": "designer/v1", "metadata": {"name": name},
         "spec": {**body, "service": f"Service:default/{name}"}},
        {"kind": "IngressClass", "apiVersion": "networking.k8s.io/v1", "metadata": {"name": name},
         "spec": {"controller": kind}},
        {"kind": "Ingress", "apiVersion": "networking.k8s.io/v1", "metadata": {"name": "shop", "namespace": "default"},
         "spec": {"ingressClassName": name, "rules": [{"host": "shop.example.com", "http": {"paths": paths}}]}},
    ]  # fmt: skip


def _settings(draw: Random, plugin: str, backend: str, families: int, mode: str) -> dict[str, Any]:
    bridge, prefix = DEVICES[plugin]
    detect = draw.choice(
        ("ClusterCIDR",) * 4 + ("NodeCIDR", "InterfaceNamePrefix") + (("BridgeInterface",) * (plugin != "calico"))
    )
    proxy: dict[str, Any] = {
        "mode": mode,
        "clusterCIDR": draw.choice((None, None, None, "")),
        "detectLocalMode": "ClusterCIDR" if plugin == "weave" and detect == "NodeCIDR" else detect,
        "bridgeInterface": bridge,
        "interfaceNamePrefix": prefix,
        "masqueradeAll": draw.random() < 0.2,
        "nftablesMasqueradeAll": draw.random() < 0.2,
        "localhostNodePorts": draw.random() < 0.7,
        "nodePortAddresses": draw.choice(
            ((), (), (), ("0.0.0.0/0", "::/0"), ("192.168.10.0/24",), ("127.0.0.0/8",), ("primary",))
        ),
        "masqueradeBit": draw.choice((14, 14, 3)),
        "conntrackTCPBeLiberal": draw.random() < 0.2,
    }
    cni = {
        "plugin": plugin,
        "backend": backend,
        "hairpin": draw.random() < 0.8,
        "bridgeNetfilter": draw.random() < 0.8,
        "natOutgoing": draw.random() < 0.8,
    }
    pods = ["10.244.0.0/16"] * (families != 6) + ["fd00:10:244::/56"] * (families != 4)
    services = ["10.96.0.0/16"] * (families != 6) + ["fd00:10:96::/112"] * (families != 4)
    balanced = ["192.168.10.200-192.168.10.220"] * (families != 6) + ["fd00:192:168:10::200/124"] * (families != 4)
    ranges = {"podCIDRs": pods, "serviceCIDRs": services, "loadBalancer": {"pools": [{"addresses": balanced}]}}
    return {"cni": cni, "kubeProxy": proxy, "seed": draw.randint(1, 9999), **ranges}


def _nodes(draw: Random, families: int) -> list[dict[str, Any]]:
    found = []
    for number in range(1, draw.choice((2, 2, 3, 3, 4)) + 1):
        far = number == 3 and draw.random() < 0.4
        third = 20 if far else 10
        addresses = [f"192.168.{third}.1{number}"] * (families != 6)
        addresses += [f"fd00:192:168:{third}::1{number}"] * (families != 4)
        if draw.random() < 0.15:
            addresses.append(f"192.168.{third}.15{number}" if families != 6 else f"fd00:192:168:{third}::15{number}")
        status = {"addresses": [{"type": "InternalIP", "address": one} for one in addresses]}
        labels = {"topology.kubernetes.io/zone": f"z{draw.randint(1, 2)}"}
        found.append({"kind": "Node", "metadata": {"name": f"node-{number}", "labels": labels}, "status": status})
    return found


def _containers(draw: Random, number: int, host: bool) -> list[dict[str, Any]]:
    ports = [dict(port) for port in PORTS if draw.random() < 0.75] or [dict(PORTS[0])]
    if host:
        ports = [{**port, "containerPort": int(str(port["containerPort"])) + 100 * number} for port in ports]
    elif draw.random() < 0.25:
        ports[-1]["hostPort"] = 18000 + number
        if draw.random() < 0.3:
            ports[-1]["hostIP"] = draw.choice(("192.168.10.11", "0.0.0.0", "127.0.0.1"))
    return [{"name": "main", "ports": ports}]


def _pod(draw: Random, number: int, nodes: int) -> dict[str, Any]:
    host = draw.random() < 0.1
    spec: dict[str, Any] = {"nodeName": f"node-{draw.randint(1, nodes)}", "containers": _containers(draw, number, host)}
    if host:
        spec["hostNetwork"] = True
    labels = {"app": draw.choice(APPS), "tier": draw.choice(("front", "back"))}
    meta: dict[str, Any] = {"name": f"p{number}", "namespace": draw.choice((*NAMESPACES, "default")), "labels": labels}
    made: dict[str, Any] = {"kind": "Pod", "metadata": meta, "spec": spec}
    fate = draw.random()
    if fate < 0.1:
        made["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}
    elif fate < 0.2:
        meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return made


def _deployment(draw: Random, number: int) -> dict[str, Any]:
    labels = {"app": draw.choice(APPS), "tier": "front"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": _containers(draw, 50 + number, False)}}
    for port in template["spec"]["containers"][0]["ports"]:  # type: ignore[index]
        port.pop("hostPort", None)
    spec = {"replicas": draw.randint(1, 4), "selector": {"matchLabels": labels}, "template": template}
    return {"kind": "Deployment", "metadata": {"name": f"d{number}", "namespace": "default"}, "spec": spec}


def _service(draw: Random, number: int, dual: bool) -> dict[str, Any]:
    kind = draw.choice(("ClusterIP", "ClusterIP", "NodePort", "NodePort", "LoadBalancer", "LoadBalancer"))
    ports: list[dict[str, Any]] = [{"name": "web", "port": 80, "targetPort": draw.choice((8080, "http", "alt"))}]
    if draw.random() < 0.5:
        ports.append({"name": "dns", "port": 53, "protocol": "UDP", "targetPort": draw.choice((5353, "dns"))})
    if draw.random() < 0.3:
        ports.append({"name": "call", "port": 90, "protocol": "SCTP", "targetPort": draw.choice((7070, "call"))})
    spec: dict[str, Any] = {"type": kind, "selector": {"app": draw.choice((*APPS, *APPS, "nobody"))}, "ports": ports}
    if draw.random() < 0.25:
        spec["sessionAffinity"] = "ClientIP"
    if draw.random() < 0.25:
        spec["internalTrafficPolicy"] = "Local"
    if kind != "ClusterIP" and draw.random() < 0.4:
        spec["externalTrafficPolicy"] = "Local"
    if draw.random() < 0.25:
        spec["externalIPs"] = [f"192.0.2.{10 + number}"]
    if kind == "LoadBalancer" and draw.random() < 0.4:
        choices = (["10.244.0.0/16"], ["192.168.10.0/24"], ["203.0.113.0/24", "10.96.0.0/16"], ["0.0.0.0/0"])
        spec["loadBalancerSourceRanges"] = draw.choice(choices)
    if draw.random() < 0.2:
        spec["trafficDistribution"] = draw.choice(("PreferClose", "PreferSameZone", "PreferSameNode"))
    if draw.random() < 0.1:
        spec["publishNotReadyAddresses"] = True
    if dual:
        spec["ipFamilyPolicy"] = draw.choice(("SingleStack", "PreferDualStack", "RequireDualStack"))
    namespace = draw.choice((*NAMESPACES, "default"))
    return {"kind": "Service", "metadata": {"name": f"s{number}", "namespace": namespace}, "spec": spec}


def _by_hand(draw: Random) -> list[dict[str, Any]]:
    """A Service without selector, whose endpoints lead out of the cluster in whatever state they are."""
    states = ({"ready": True}, {"ready": False}, {"ready": False, "serving": True, "terminating": True})
    ends = [{"addresses": [one], "conditions": draw.choice(states)} for one in ("198.51.100.20", "198.51.100.21")]
    slice_meta = {"name": "hand-1", "namespace": "default", "labels": {"kubernetes.io/service-name": "hand"}}
    kind = draw.choice(("ClusterIP", "NodePort"))
    return [
        {"kind": "Service", "metadata": {"name": "hand", "namespace": "default"},
         "spec": {"type": kind, "ports": [{"name": "api", "port": 443}]}},
        {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "metadata": slice_meta, "addressType": "IPv4",
         "endpoints": ends, "ports": [{"name": "api", "port": 443, "protocol": "TCP"}]},
    ]  # fmt: skip


def _outside() -> list[dict[str, Any]]:
    host = {"addresses": ["198.51.100.20", "2001:db8::20"], "ports": ["443/tcp", "53/udp", "90/sctp"]}
    near = {"addresses": ["192.168.10.99", "fd00:192:168:10::99"]}
    other = {"addresses": ["198.51.100.21"], "ports": ["443/tcp"]}
    return [
        {"kind": "ExternalHost", "apiVersion": "designer/v1", "metadata": {"name": "other"}, "spec": other},
        {"kind": "ExternalHost", "apiVersion": "designer/v1", "metadata": {"name": "api"}, "spec": host},
        {"kind": "ExternalClient", "apiVersion": "designer/v1", "metadata": {"name": "near"}, "spec": near},
    ]
