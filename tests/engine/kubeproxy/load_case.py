"""The reference cases read straight into control plane values: what kube-proxy would see."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    LoadBalancerAddress,
    NodeState,
    ServicePortState,
    ServiceState,
)
from designer.model import ClusterSettings, FrozenMap, KubeProxySettings

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "kubeproxy"
INTERFACES = "cluster-network-designer/interface-addresses"
Document = dict[str, Any]


class Case(NamedTuple):
    """One folder: its name, what kube-proxy sees, how it is configured."""

    name: str
    control: ControlPlaneState
    settings: ClusterSettings

    def expected(self, mode: str, node: str) -> str:
        return (REFERENCE / self.name / f"expected.{mode}.{node}.txt").read_text(encoding="utf-8")


def case_names() -> list[str]:
    return sorted(path.name for path in REFERENCE.iterdir() if (path / "cluster.yaml").exists())


def load_case(name: str) -> Case:
    text = (REFERENCE / name / "cluster.yaml").read_text(encoding="utf-8")
    return case_of(name, list(yaml.load_all(text, Loader=yaml.CSafeLoader)))


def case_of(name: str, documents: list[Document]) -> Case:
    """The case that documents are, kube-proxy's configuration first."""
    of = {kind: [d for d in documents if d and d["kind"] == kind] for kind in ("Node", "Service", "EndpointSlice")}
    nodes = {d["metadata"]["name"]: node_of(d) for d in of["Node"]}
    services = {state.id: state for state in map(service_of, of["Service"])}
    slices: dict[str, tuple[EndpointSliceState, ...]] = {}
    for state in map(slice_of, of["EndpointSlice"]):
        slices[state.service_id] = (*slices.get(state.service_id, ()), state)
    control = ControlPlaneState(
        nodes=FrozenMap(dict(sorted(nodes.items()))),
        services=FrozenMap(dict(sorted(services.items()))),
        slices=FrozenMap(dict(sorted(slices.items()))),
        service_cidrs=tuple(sorted(c for d in documents if d["kind"] == "ServiceCIDR" for c in d["spec"]["cidrs"])),
    )
    return Case(name, control, ClusterSettings(kubeProxy=settings_of(documents[0])))


def settings_of(data: Document) -> KubeProxySettings:
    iptables, nftables, detect = data["iptables"], data["nftables"], data["detectLocal"]
    return KubeProxySettings(
        clusterCIDR=data["clusterCIDR"] or "",
        detectLocalMode=data["detectLocalMode"],
        bridgeInterface=detect["bridgeInterface"],
        interfaceNamePrefix=detect["interfaceNamePrefix"],
        masqueradeAll=iptables["masqueradeAll"],
        masqueradeBit=iptables["masqueradeBit"],
        nftablesMasqueradeAll=nftables["masqueradeAll"],
        nftablesMasqueradeBit=nftables["masqueradeBit"],
        localhostNodePorts=iptables["localhostNodePorts"],
        nodePortAddresses=tuple(data["nodePortAddresses"]),
        ipvsScheduler=data["ipvs"]["scheduler"],
        ipvsStrictARP=data["ipvs"]["strictARP"],
        conntrackTCPBeLiberal=data["conntrack"]["tcpBeLiberal"],
        allowServiceExternalIPs=data.get("featureGates", {}).get("AllowServiceExternalIPs", True),
    )


def node_of(data: Document) -> NodeState:
    meta = data["metadata"]
    addresses = tuple(a["address"] for a in data["status"]["addresses"] if a["type"] == "InternalIP")
    more = meta.get("annotations", {}).get(INTERFACES, "")
    labels = meta.get("labels", {})
    return NodeState(
        name=meta["name"],
        addresses=addresses,
        interface_addresses=addresses + tuple(a.strip() for a in more.split(",") if a.strip()),
        pod_cidrs=tuple(data["spec"].get("podCIDRs", ())),
        zone=labels.get("topology.kubernetes.io/zone"),
        labels=FrozenMap(labels),
    )


def service_of(data: Document) -> ServiceState:
    meta, spec = data["metadata"], data["spec"]
    ingress = data.get("status", {}).get("loadBalancer", {}).get("ingress", ())
    affinity = spec.get("sessionAffinityConfig", {}).get("clientIP", {}).get("timeoutSeconds", 10800)
    return ServiceState(
        namespace=meta["namespace"],
        name=meta["name"],
        type=spec["type"],
        cluster_ips=tuple(a for a in spec.get("clusterIPs", ()) if a != "None"),
        ports=tuple(
            ServicePortState(
                p.get("name", ""), p["protocol"], p["port"], p.get("targetPort", p["port"]), p.get("nodePort")
            )
            for p in spec.get("ports", ())
        ),
        headless=spec.get("clusterIP") == "None",
        external_ips=tuple(spec.get("externalIPs", ())),
        load_balancer=tuple(
            LoadBalancerAddress(i.get("ip"), i.get("hostname"), i.get("ipMode", "VIP")) for i in ingress
        ),
        source_ranges=tuple(spec.get("loadBalancerSourceRanges", ())),
        internal_policy=spec.get("internalTrafficPolicy", "Cluster"),
        external_policy=spec.get("externalTrafficPolicy", "Cluster"),
        affinity_seconds=affinity if spec.get("sessionAffinity") == "ClientIP" else None,
        health_check_node_port=spec.get("healthCheckNodePort"),
        labels=FrozenMap(meta.get("labels", {})),
    )


def slice_of(data: Document) -> EndpointSliceState:
    meta = data["metadata"]
    return EndpointSliceState(
        namespace=meta["namespace"],
        name=meta["name"],
        service=meta["labels"]["kubernetes.io/service-name"],
        address_type=data["addressType"],
        ports=tuple(EndpointPortState(p.get("name", ""), p["protocol"], p.get("port")) for p in data["ports"] or ()),
        endpoints=tuple(endpoint_of(e) for e in data["endpoints"] or ()),
        labels=FrozenMap(meta["labels"]),
    )


def endpoint_of(data: Document) -> EndpointState:
    conditions, hints = data.get("conditions", {}), data.get("hints", {})
    return EndpointState(
        addresses=tuple(data["addresses"]),
        ready=conditions.get("ready", True),
        serving=conditions.get("serving", True),
        terminating=conditions.get("terminating", False),
        node=data.get("nodeName"),
        zone=data.get("zone"),
        for_zones=tuple(z["name"] for z in hints.get("forZones", ())),
        for_nodes=tuple(n["name"] for n in hints.get("forNodes", ())),
    )


def comparison() -> Callable[[str, str, str], tuple[list[str], int]]:
    """`compare` of the reference's own compare.py: (mode, expected, actual) → (differences, number of entries)."""
    spec = importlib.util.spec_from_file_location("kubeproxy_compare", REFERENCE / "compare.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    compare: Callable[[str, str, str], tuple[list[str], int]] = module.compare
    return compare
