"""The Nodes that the Pods of a dump name, for a dump without the Nodes themselves (``kubectl get all -A -o yaml``).

A running Pod says its Node's name (``spec.nodeName``) and addresses (``status.hostIP``, ``hostIPs``). Where the Pods of
every Node stand in ranges of their own, of the size that kube-controller-manager hands out by default, these are taken
as the Nodes' podCIDRs (`domain/ipam.md`, "Node CIDRs").
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from designer.manifests.observation import is_observed
from designer.model import ClusterSettings, KubeObject, Node, Pod


def seen_nodes(objects: Iterable[KubeObject], cluster: ClusterSettings) -> tuple[Node, ...]:
    """The Nodes that observed Pods among `objects` run on, sorted by name."""
    pods = [obj for obj in objects if isinstance(obj, Pod) and is_observed(obj) and obj.spec.nodeName]
    hosts: dict[str, dict[str, None]] = {}
    for pod in pods:
        hosts.setdefault(pod.spec.nodeName or "", {}).update(dict.fromkeys(host_addresses(pod)))
    ranges = pod_ranges(pods, cluster)
    found = []
    for name in sorted(hosts):
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
        addresses = [{"type": "InternalIP", "address": address} for address in hosts[name]]
        spec: dict[str, Any] = {"podCIDR": ranges[name][0], "podCIDRs": ranges[name]} if name in ranges else {}
        data = {"metadata": {"name": name, "labels": labels}, "spec": spec, "status": {"addresses": addresses}}
        found.append(Node.model_validate(data))
    return tuple(found)


def host_addresses(pod: Pod) -> list[str]:
    """The addresses of the Pod's Node, as the Pod's status says them."""
    listed = (pod.status.model_extra or {}).get("hostIPs")
    entries = (
        [entry.get("ip") for entry in listed if isinstance(entry, dict)] if isinstance(listed, (list, tuple)) else []
    )
    return [ip for ip in (entries or [pod.status.hostIP]) if isinstance(ip, str) and is_address(ip)]


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def pod_ranges(pods: list[Pod], cluster: ClusterSettings) -> dict[str, list[str]]:
    """The range of each Node by its Pods' addresses; none at all where Nodes share one or a Node shows several."""
    seen: dict[str, dict[str, None]] = {}
    masks = {4: cluster.nodeCIDRMaskV4, 6: cluster.nodeCIDRMaskV6}
    for pod in pods:
        if pod.spec.hostNetwork:
            continue
        for ip in [entry.ip for entry in pod.status.podIPs] or [pod.status.podIP or ""]:
            if is_address(ip):
                mask = masks[ipaddress.ip_address(ip).version]
                network = str(ipaddress.ip_network(f"{ip}/{mask}", strict=False))
                seen.setdefault(pod.spec.nodeName or "", {})[network] = None
    every = [network for networks in seen.values() for network in networks]
    families = [sorted(ipaddress.ip_network(network).version for network in networks) for networks in seen.values()]
    if len(every) != len(set(every)) or any(len(found) != len(set(found)) for found in families):
        return {}
    return {name: list(networks) for name, networks in seen.items()}
