"""The network plugin of the input.

Known by flannel's ConfigMap, Calico's IPPools, the DaemonSets that plugins run as, their Pods and notes on Nodes.

What is eBPF's about them stands in `cilium_config` and `calico_ebpf`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from designer.manifests.calico_ebpf import felix_environment
from designer.manifests.calico_pools import add_pool
from designer.manifests.policy_controllers import policy_controller
from designer.manifests.raw_objects import RawObject
from designer.manifests.settings_draft import SettingsDraft, at
from designer.model import CNI_BACKENDS, Problem, object_id

# Flannel's documentation, "Backends": the defaults of vxlan on Linux, and the backends that have no profile here.
VXLAN_DEFAULTS = {"VNI": 1, "Port": 8472}
OTHER_BACKENDS = ("wireguard", "udp", "ipip", "ipsec", "alloc", "extension", "tencent-vpc")


def flannel_conf(raw: RawObject, draft: SettingsDraft) -> None:
    """Take flannel's network, backend and its direct routes from ``net-conf.json`` of its ConfigMap."""
    data = raw.data.get("data")
    text = data.get("net-conf.json") if isinstance(data, dict) else None
    try:
        conf = orjson.loads(text) if isinstance(text, str) else {}
    except orjson.JSONDecodeError:
        draft.wrong(raw, "data.net-conf.json", "text that is no JSON", "JSON")
        return
    networks = tuple(v for v in (at(conf, "Network"), at(conf, "IPv6Network")) if isinstance(v, str) and v)
    backend = at(conf, "Backend.Type")
    draft.set("cni.plugin", "flannel", raw)
    if backend in CNI_BACKENDS["flannel"]:
        draft.set("cni.backend", backend, raw, "data", "net-conf.json")
        if backend == "vxlan" and at(conf, "Backend.DirectRouting") is True:
            draft.set("cni.directRouting", True, raw, "data", "net-conf.json")
        for option in ("VNI", "Port"):
            value = at(conf, f"Backend.{option}")
            if backend == "vxlan" and value not in (None, 0, VXLAN_DEFAULTS[option]):
                draft.unfollowed(raw, "flannel", ("data", "net-conf.json", f"Backend.{option}"), value)
    elif backend in OTHER_BACKENDS:
        draft.unfollowed(raw, "flannel", ("data", "net-conf.json", "Backend.Type"), backend)
    elif backend is not None:
        draft.wrong(raw, "data.net-conf.json", backend, "a backend of type " + " or ".join(CNI_BACKENDS["flannel"]))
    if networks and "podCIDRs" not in draft.values:
        draft.set("podCIDRs", networks, raw, "data", "net-conf.json")


def calico_backend(spec: Any) -> str:
    """The encapsulation of an IPPool as our backend names it: VXLAN before IP-in-IP, neither is plain BGP."""
    for name, mode in (("vxlan", at(spec, "vxlanMode")), ("ipip", at(spec, "ipipMode"))):
        if mode == "Always":
            return name
        if mode == "CrossSubnet":
            return f"{name}-crosssubnet"
    return "bgp"


def ip_pool(raw: RawObject, draft: SettingsDraft) -> None:
    """Take a Calico IPPool: pool, block size, encapsulation, natOutgoing."""
    spec = at(raw.data, "spec")
    cidr = at(spec, "cidr")
    if not isinstance(cidr, str) or at(spec, "disabled") is True:
        return
    draft.set("cni.plugin", "calico", raw)
    # natOutgoing is false when an IPPool leaves it out (Calico's IPPool reference).
    masked = (at(spec, "natOutgoing") is True, ("spec", "natOutgoing"))
    add_pool(raw, cidr, {"cni.backend": (calico_backend(spec), ("spec",)), "cni.natOutgoing": masked}, draft)
    size = at(spec, "blockSize")
    if isinstance(size, int) and not isinstance(size, bool):
        draft.set("cni.blockSizeV6" if ":" in cidr else "cni.blockSize", size, raw, "spec", "blockSize")


# DaemonSet name → plugin: the names that each plugin's own manifests use.
PLUGIN_DAEMONSETS: dict[str, str] = {
    "calico-node": "calico",
    "kube-flannel-ds": "flannel",
    "kube-flannel": "flannel",
    "weave-net": "weave",
    "cilium": "cilium",
}
# DaemonSets of plugins that have no profile here: what the program assumes instead is said.
OTHER_PLUGINS: dict[str, str] = {
    "kindnet": "kindnet",
    "aws-node": "Amazon VPC CNI",
    "antrea-agent": "Antrea",
    "kube-router": "kube-router",
    "ovnkube-node": "OVN-Kubernetes",
    "kube-ovn-cni": "Kube-OVN",
    "azure-cns": "Azure CNI",
    "canal": "Canal",
}


# Annotation of a Node → plugin and backend, as the plugins' own agents write them (flannel's pkg/subnet/kube; Calico's
# libcalico-go/lib/backend/k8s/resources/node.go). The first that a Node has counts.
NODE_ANNOTATIONS: dict[str, tuple[str, str]] = {
    "flannel.alpha.coreos.com/backend-type": ("flannel", ""),
    "projectcalico.org/IPv4VXLANTunnelAddr": ("calico", "vxlan"),
    "projectcalico.org/IPv4IPIPTunnelAddr": ("calico", "ipip"),
    "projectcalico.org/IPv4Address": ("calico", "bgp"),
}


def environment(raw: RawObject) -> dict[str, str]:
    """The variables with plain values of all containers of a workload, or of a Pod."""
    containers = at(raw.data, "spec.containers" if raw.kind == "Pod" else "spec.template.spec.containers")
    found: dict[str, str] = {}
    for container in containers if isinstance(containers, list) else []:
        env = at(container, "env")
        for entry in env if isinstance(env, list) else []:
            name, value = at(entry, "name"), at(entry, "value")
            if isinstance(name, str) and isinstance(value, str):
                found[name] = value
    return found


def calico_environment(raw: RawObject, env: dict[str, str], draft: SettingsDraft) -> None:
    """Take the pool that calico-node makes at its first start, where no IPPool of the input says it."""
    felix_environment(raw, env, draft)
    if "cni.backend" in draft.values:
        return
    modes = {"ipipMode": env.get("CALICO_IPV4POOL_IPIP"), "vxlanMode": env.get("CALICO_IPV4POOL_VXLAN")}
    if any(modes.values()):
        draft.set("cni.backend", calico_backend(modes), raw, "spec")
    pool, size = env.get("CALICO_IPV4POOL_CIDR"), env.get("CALICO_IPV4POOL_BLOCK_SIZE", "")
    if pool:
        draft.set("cni.pool", (pool,), raw, "spec")
    if size.isdecimal():
        draft.set("cni.blockSize", int(size), raw, "spec")


def weave_environment(raw: RawObject, env: dict[str, str], draft: SettingsDraft) -> None:
    """Take Weave Net's range."""
    if pool := env.get("IPALLOC_RANGE"):
        draft.set("cni.pool", (pool,), raw, "spec")


ENVIRONMENT: dict[str, Callable[[RawObject, dict[str, str], SettingsDraft], None]] = {
    "calico": calico_environment,
    "weave": weave_environment,
}


def daemonset_of(raw: RawObject) -> str:
    """The name of the DaemonSet that `raw` is, or whose Pod it is; "" for everything else."""
    if raw.kind == "DaemonSet":
        return raw.name
    owners = at(raw.data, "metadata.ownerReferences") if raw.kind == "Pod" else None
    names = [at(o, "name") for o in owners if at(o, "kind") == "DaemonSet"] if isinstance(owners, list) else []
    return next((name for name in names if isinstance(name, str)), "")


def plugin_signs(raws: list[RawObject], draft: SettingsDraft) -> None:
    """Take the network plugin from its DaemonSet, else from a Pod of that, else from what it wrote on a Node.

    Something more telling that named it before stands.
    """
    first: dict[str, RawObject] = {}
    for raw in sorted(raws, key=lambda each: each.kind != "DaemonSet"):
        if name := daemonset_of(raw):
            first.setdefault(name, raw)
    for name, raw in first.items():
        _plugin_daemonset(name, raw, draft)
    for raw in raws:
        if "cni.backend" not in draft.values and raw.kind == "Node" and not OTHER_PLUGINS.keys() & first.keys():
            _node_annotations(raw, draft)
    policy_controller(raws, first, draft)


def _node_annotations(raw: RawObject, draft: SettingsDraft) -> None:
    annotations = at(raw.data, "metadata.annotations")
    if not isinstance(annotations, dict):
        return
    signs = [name for name in NODE_ANNOTATIONS if isinstance(annotations.get(name), str)]
    if len({NODE_ANNOTATIONS[name][0] for name in signs}) != 1:
        return  # Both is Canal: Flannel's network with Calico's policies.
    plugin, backend = NODE_ANNOTATIONS[signs[0]]
    if draft.values.get("cni.plugin", plugin) != plugin:
        return
    backend = backend or annotations[signs[0]].lower()
    if "cni.plugin" not in draft.values:
        draft.set("cni.plugin", plugin, raw, "metadata", "annotations")
    if backend in CNI_BACKENDS[plugin]:
        draft.set("cni.backend", backend, raw, "metadata", "annotations")


def _plugin_daemonset(name: str, raw: RawObject, draft: SettingsDraft) -> None:
    plugin = PLUGIN_DAEMONSETS.get(name)
    if plugin and draft.values.get("cni.plugin", plugin) == plugin:
        if "cni.plugin" not in draft.values:
            draft.set("cni.plugin", plugin, raw, "metadata", "name")
        if read := ENVIRONMENT.get(plugin):
            read(raw, environment(raw), draft)
    if other := OTHER_PLUGINS.get(name):
        draft.problems.append(
            Problem(
                "READ-11",
                "warning",
                f"The network plugin of this cluster, {other}, is not one that the program knows",
                object=object_id(raw.kind, raw.namespace or "default", raw.name),
                why="Paths between Nodes and the enforcement of policies are those of the plugin in the settings.",
                fix="Choose the plugin that is most like it in the cluster settings.",
                file=raw.file,
                line=raw.line,
            )
        )
