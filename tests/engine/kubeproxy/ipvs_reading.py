"""A second reading of ipvs mode: from manifests straight to what kube-proxy v1.36.2 writes, in the plainest way.

Read from pkg/proxy/ipvs/proxier.go (`syncProxyRules`), pkg/proxy/{serviceport,endpointslicecache,topology}.go and the
reference's README. It shares nothing with the program under test, has no care for speed and takes only documents that
the API server accepts. `test_ipvs_random` holds it against the reference cases, and the program against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

Document = dict[str, Any]
HIDDEN = ("service.kubernetes.io/service-proxy-name", "service.kubernetes.io/headless")
EXTRA = "cluster-network-designer/interface-addresses"
ZONE = "topology.kubernetes.io/zone"
OPTIONS = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}


@dataclass
class Written:
    """What has been written for one family: virtual servers, sets, bound addresses, kept-out load balancers."""

    servers: dict[tuple[str, str], tuple[str, list[str]]] = field(default_factory=dict)
    sets: dict[str, set[str]] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    closed: list[tuple[str, str, int]] = field(default_factory=list)

    def put(self, name: str, *members: str) -> None:
        self.sets.setdefault(name, set()).update(members)


@dataclass
class View:
    """What one kube-proxy goes by in one family."""

    node: str
    family: int
    zone: str
    held: list[str]
    node_ip: str
    node_port_ips: list[str]
    scheduler: str
    external_ips: bool


def family_of(text: str) -> int:
    return 6 if ":" in text else 4


def where(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def same(texts: list[str] | None, family: int) -> list[str]:
    return [str(ip_address(text)) for text in texts or () if family_of(text) == family]


def internal(node: Document) -> list[str]:
    return [a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP"]


def view(config: Document, node: Document, family: int) -> View:
    labels, notes = node["metadata"].get("labels", {}), node["metadata"].get("annotations", {})
    own = same(internal(node), family)
    every = own + same([a.strip() for a in notes.get(EXTRA, "").split(",") if a.strip()], family)
    outer = [a for a in dict.fromkeys(every) if not ip_address(a).is_loopback]
    held = [a for a in outer if family == 4 or not ip_address(a).is_link_local]
    cidrs = config.get("nodePortAddresses") or []
    if cidrs == ["primary"]:
        first = [next((a for a in internal(node) if family_of(a) == f), None) for f in (4, 6)]
        cidrs = [f"{a}/{32 if family_of(a) == 4 else 128}" for a in first if a]
    cidrs = [c for c in cidrs if family_of(c) == family]
    taking = held
    if cidrs and not {"0.0.0.0/0", "::/0"} & set(cidrs):
        taking = [a for a in outer if any(ip_address(a) in ip_network(c, strict=False) for c in cidrs)]
    gates = config.get("featureGates") or {}
    return View(
        node["metadata"]["name"],
        family,
        labels.get(ZONE, ""),
        held,
        own[0],
        taking,
        (config.get("ipvs") or {}).get("scheduler") or "rr",
        gates.get("AllowServiceExternalIPs", True),
    )


def read_service(out: Written, service: Document, documents: list[Document], at: View) -> None:
    """Everything that one Service brings."""
    spec = service["spec"]
    if any(label in service["metadata"].get("labels", {}) for label in HIDDEN):
        return
    if spec.get("type") == "ExternalName" or spec.get("clusterIP") in (None, "", "None"):
        return
    cluster_ips = same(spec["clusterIPs"], at.family)
    for port in sorted(spec["ports"], key=lambda port: (port.get("name", ""), port["protocol"])):
        if cluster_ips:
            read_port(out, service, port, cluster_ips[0], endpoints(service, port, documents, at), at)


def endpoints(service: Document, port: Document, documents: list[Document], at: View) -> list[Document]:
    """All endpoints of a Service port by their text; of two the last that does not terminate."""
    found: dict[str, Document] = {}
    for piece in documents:
        if piece["kind"] != "EndpointSlice" or piece["addressType"] != f"IPv{at.family}":
            continue
        meta, labels = piece["metadata"], piece["metadata"]["labels"]
        theirs = (meta["namespace"], labels["kubernetes.io/service-name"])
        if theirs != (service["metadata"]["namespace"], service["metadata"]["name"]) or set(HIDDEN) & set(labels):
            continue
        for target in piece["ports"] or ():
            if (target["name"], target["protocol"]) != (port.get("name", ""), port["protocol"]):
                continue
            for each in piece["endpoints"] or () if target.get("port") else ():
                text = where(str(ip_address(each["addresses"][0])), target["port"])
                state = each.get("conditions") or {}
                if text not in found or not state.get("terminating"):
                    found[text] = {**each, **state, "ip": each["addresses"][0], "port": target["port"]}
    return [found[text] for text in sorted(found)]


def ready(each: Document) -> bool:
    return each.get("ready") is not False


def fallback(each: Document) -> bool:
    return not ready(each) and each.get("serving") is not False and each.get("terminating") is True


def hints(each: Document, kind: str) -> set[str]:
    return {hint["name"] for hint in (each.get("hints") or {}).get(kind) or ()}


def by_cluster_policy(all_of_it: list[Document], at: View) -> list[Document]:
    able = [e for e in all_of_it if ready(e)]
    for kind, wanted in (("forNodes", at.node), ("forZones", at.zone)):
        if all(hints(e, kind) for e in able) and any(wanted in hints(e, kind) for e in able):
            return [e for e in able if wanted in hints(e, kind)]
    return able or [e for e in all_of_it if fallback(e)]


def by_local_policy(all_of_it: list[Document], at: View) -> list[Document]:
    here = [e for e in all_of_it if e.get("nodeName") == at.node]
    return [e for e in here if ready(e)] or [e for e in here if fallback(e)]


def read_port(out: Written, service: Document, port: Document, vip: str, ends: list[Document], at: View) -> None:
    """Virtual servers and set members of one Service port."""
    spec, protocol = service["spec"], port["protocol"].lower()
    kind = spec.get("type", "ClusterIP")
    ingress = (service.get("status", {}).get("loadBalancer") or {}).get("ingress") or []
    vips = same([i["ip"] for i in ingress if i.get("ip") and i.get("ipMode", "VIP") == "VIP"], at.family)
    external = same(spec.get("externalIPs"), at.family) if at.external_ips else []
    exposed = kind in ("NodePort", "LoadBalancer") or bool(spec.get("externalIPs"))
    local_in = spec.get("internalTrafficPolicy") == "Local"
    local_out = exposed and spec.get("externalTrafficPolicy") == "Local"
    accessible = bool(port.get("nodePort") or vips or external)
    every = by_cluster_policy(ends, at) if accessible or not local_in else []
    own = by_local_policy(ends, at)

    def serve(address: str, number: int, local: bool) -> None:
        attributes = f"-s {at.scheduler}"
        if spec.get("sessionAffinity") == "ClientIP":
            attributes += f" -p {spec['sessionAffinityConfig']['clientIP']['timeoutSeconds']}"
        if at.scheduler == "mh":
            attributes += " -b mh-port"
        chosen = (own or every) if local else every
        real = [where(e["ip"], e["port"]) for e in chosen]
        out.servers[OPTIONS[protocol], where(address, number)] = attributes, real

    def element(address: str) -> str:
        return f"{address},{protocol}:{port['port']}"

    here = [e for e in ends if e.get("nodeName") == at.node]
    out.put("KUBE-LOOP-BACK", *(f"{e['ip']},{protocol}:{e['port']},{e['ip']}" for e in here))
    out.put("KUBE-CLUSTER-IP", element(vip))
    serve(vip, port["port"], local_in)
    out.bound.add(vip)
    for address in external:
        out.put("KUBE-EXTERNAL-IP-LOCAL" if local_out else "KUBE-EXTERNAL-IP", element(address))
    for address in vips:
        out.put("KUBE-LOAD-BALANCER", element(address))
        out.put("KUBE-LOAD-BALANCER-LOCAL", *([element(address)] if local_out else []))
        fence(out, spec, address, protocol, port["port"], at)
    for address in (*external, *vips):
        serve(address, port["port"], local_out)
        out.bound |= {address} - set(at.held)
    number: int = port.get("nodePort") or 0
    if number and not at.node_port_ips:
        return
    for address in at.node_port_ips if number else ():
        name = "SCTP-HASH" if protocol == "sctp" else protocol.upper()
        member = f"{address},sctp:{number}" if protocol == "sctp" else str(number)
        out.put(f"KUBE-NODE-PORT-{name}", member)
        out.put(f"KUBE-NODE-PORT-LOCAL-{name}", *([member] if local_out else []))
        serve(address, number, local_out)
    if kind == "LoadBalancer" and local_out and spec.get("healthCheckNodePort"):
        out.put("KUBE-HEALTH-CHECK-NODE-PORT", str(spec["healthCheckNodePort"]))


def fence(out: Written, spec: Document, address: str, protocol: str, port: int, at: View) -> None:
    """The source ranges of one address of a load balancer; a range of everything means none."""
    ranges = [ip_network(c.strip()) for c in spec.get("loadBalancerSourceRanges", ()) if family_of(c) == at.family]
    if not ranges or any(r.prefixlen == 0 for r in ranges):
        return
    element = f"{address},{protocol}:{port}"
    out.put("KUBE-LOAD-BALANCER-FW", element)
    out.put("KUBE-LOAD-BALANCER-SOURCE-CIDR", *(f"{element},{r}" for r in ranges))
    if any(ip_address(at.node_ip) in r for r in ranges):
        out.put("KUBE-LOAD-BALANCER-SOURCE-IP", f"{element},{address}")
    else:
        out.closed.append((address, protocol, port))


def read(documents: list[Document], node_name: str) -> Iterator[tuple[int, Written]]:
    """What kube-proxy writes on a node, a family at a time, besides the frame of rules."""
    config = next(d for d in documents if d["kind"] == "KubeProxyConfiguration")
    node = next(d for d in documents if d["kind"] == "Node" and d["metadata"]["name"] == node_name)
    services = [d for d in documents if d["kind"] == "Service"]
    services.sort(key=lambda d: (d["metadata"]["namespace"], d["metadata"]["name"]))
    for family in (4, 6):
        if same(internal(node), family):
            out = Written()
            for service in services:
                read_service(out, service, documents, view(config, node, family))
            out.sets["KUBE-IPVS-IPS"] = set(out.bound)
            yield family, out
