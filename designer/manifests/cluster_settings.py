"""Objects that say how the cluster is set up → `ClusterSettings`.

Read are: `KubeProxyConfiguration` and kubeadm's `ClusterConfiguration`, as documents of their own or inside the
ConfigMaps ``kube-system/kube-proxy`` and ``kube-system/kubeadm-config``; flannel's ``net-conf.json``; Calico's IPPool;
MetalLB's IPAddressPool; and the DaemonSets by which a network plugin is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import ValidationError

from designer.manifests.cleaning import clean, line_of, path_text
from designer.manifests.documents import split
from designer.manifests.raw_objects import RawObject
from designer.manifests.report import ReportEntry
from designer.manifests.yaml_reader import read_document
from designer.model import CNI_BACKENDS, ClusterSettings, LoadBalancerPool, Problem, object_id
from designer.model.design import DESIGN_API


@dataclass(slots=True)
class SettingsDraft:
    """Settings gathered so far: paths (``kubeProxy.mode``) and values, with what said them."""

    values: dict[str, Any] = field(default_factory=dict)
    entries: list[ReportEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    pools: dict[str, tuple[str, ...]] = field(default_factory=dict)
    whole: ClusterSettings | None = None  # from the program's own ClusterSettings, which says everything

    def set(self, path: str, value: Any, raw: RawObject, *source: str) -> None:
        """Take a setting and report where it came from; an absent value (None) changes nothing."""
        if value is None:
            return
        self.values[path] = value
        text = f"`{path}` is {shown(value)}, from {raw.shown}"
        self.entries.append(ReportEntry("set", text, "", raw.file, line_of(raw.data, source) or raw.line))

    def wrong(self, raw: RawObject, path: str, value: Any, wanted: str) -> None:
        """Note a setting that cannot be used."""
        self.problems.append(
            Problem(
                "READ-07",
                "error",
                f"{raw.shown}: `{path}` must be {wanted}, found {shown(value)}",
                field=path,
                why="The setting is left at its default.",
                fix=f"Correct `{path}`.",
                file=raw.file,
                line=line_of(raw.data, path.split(".")) or raw.line,
            )
        )


def shown(value: Any) -> str:
    """A setting's value in a sentence."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value) or "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "empty" if value == "" else str(value)


# Field of KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1) → our setting and its type.
PROXY_FIELDS: tuple[tuple[str, str, type], ...] = (
    ("clusterCIDR", "kubeProxy.clusterCIDR", str),
    ("detectLocalMode", "kubeProxy.detectLocalMode", str),
    ("detectLocal.bridgeInterface", "kubeProxy.bridgeInterface", str),
    ("detectLocal.interfaceNamePrefix", "kubeProxy.interfaceNamePrefix", str),
    ("iptables.masqueradeAll", "kubeProxy.masqueradeAll", bool),
    ("iptables.masqueradeBit", "kubeProxy.masqueradeBit", int),
    ("iptables.localhostNodePorts", "kubeProxy.localhostNodePorts", bool),
    ("nftables.masqueradeAll", "kubeProxy.nftablesMasqueradeAll", bool),
    ("nftables.masqueradeBit", "kubeProxy.nftablesMasqueradeBit", int),
    ("nodePortAddresses", "kubeProxy.nodePortAddresses", list),
    ("ipvs.scheduler", "kubeProxy.ipvsScheduler", str),
    ("ipvs.strictARP", "kubeProxy.ipvsStrictARP", bool),
    ("conntrack.tcpBeLiberal", "kubeProxy.conntrackTCPBeLiberal", bool),
    ("mode", "kubeProxy.mode", str),
)
# Text fields in which the configuration's empty text means "the default".
EMPTY_IS_DEFAULT = ("mode", "detectLocalMode", "ipvs.scheduler")
CHOICES: dict[str, tuple[str, ...]] = {
    "mode": ("iptables", "nftables", "ipvs"),
    "detectLocalMode": ("ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"),
}
TYPE_WORDS = {str: "text", bool: "`true` or `false`", int: "a whole number", list: "a list of texts"}


def at(data: Any, path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    for part in path.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data


def fits(value: Any, wanted: type) -> bool:
    """Whether a value has the type that its field needs."""
    if wanted is list:
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))


def kube_proxy(raw: RawObject, draft: SettingsDraft) -> None:
    """Take a KubeProxyConfiguration."""
    for path, setting, wanted in PROXY_FIELDS:
        value = at(raw.data, path)
        if value is None or (value == "" and path in EMPTY_IS_DEFAULT):
            continue
        if not fits(value, wanted):
            draft.wrong(raw, path, value, TYPE_WORDS[wanted])
        elif path in CHOICES and value not in CHOICES[path]:
            draft.wrong(raw, path, value, "one of " + ", ".join(CHOICES[path]))
        elif wanted is int and not 0 <= value <= 31:
            draft.wrong(raw, path, value, "between 0 and 31")
        else:
            value = tuple(value) if wanted is list else value
            draft.set(setting, value, raw, *path.split("."))
    if at(raw.data, "clusterCIDR") is None:
        # A configuration that names no clusterCIDR has none; only where there is no configuration kubeadm's holds.
        draft.set("kubeProxy.clusterCIDR", "", raw)


def extra_args(component: Any) -> dict[str, str]:
    """``extraArgs`` of a kubeadm component: a mapping (v1beta3) or a list of name and value (v1beta4)."""
    args = component.get("extraArgs") if isinstance(component, dict) else None
    if isinstance(args, dict):
        return {str(key): str(value) for key, value in args.items()}
    if isinstance(args, list):
        pairs = [(arg.get("name"), arg.get("value")) for arg in args if isinstance(arg, dict)]
        return {str(name): str(value) for name, value in pairs}
    return {}


def cidrs(text: Any) -> tuple[str, ...] | None:
    """The parts of a comma separated list, None when there are none."""
    parts = tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else ()
    return parts or None


def kubeadm(raw: RawObject, draft: SettingsDraft) -> None:
    """Take kubeadm's ClusterConfiguration."""
    data = raw.data
    name = at(data, "clusterName")
    draft.set("name", name if isinstance(name, str) and name else None, raw, "clusterName")
    version = re.match(r"v?(\d+\.\d+)", str(at(data, "kubernetesVersion") or ""))
    draft.set("kubernetesVersion", version.group(1) if version else None, raw, "kubernetesVersion")
    draft.set("podCIDRs", cidrs(at(data, "networking.podSubnet")), raw, "networking", "podSubnet")
    draft.set("serviceCIDRs", cidrs(at(data, "networking.serviceSubnet")), raw, "networking", "serviceSubnet")
    domain = at(data, "networking.dnsDomain")
    draft.set("dnsDomain", domain if isinstance(domain, str) and domain else None, raw, "networking", "dnsDomain")
    manager, server = extra_args(data.get("controllerManager")), extra_args(data.get("apiServer"))
    masks = ("node-cidr-mask-size", "nodeCIDRMaskV4"), ("node-cidr-mask-size-ipv4", "nodeCIDRMaskV4"), (
        "node-cidr-mask-size-ipv6", "nodeCIDRMaskV6")  # fmt: skip
    for argument, setting in masks:
        if argument in manager:
            text = manager[argument]
            only_v6 = argument == "node-cidr-mask-size" and only_ipv6(draft)
            if text.isdigit() and 1 <= int(text) <= 128:
                draft.set("nodeCIDRMaskV6" if only_v6 else setting, int(text), raw, "controllerManager", "extraArgs")
            else:
                draft.wrong(raw, f"controllerManager.extraArgs.{argument}", text, "a prefix length")
    if "service-node-port-range" in server:
        text = server["service-node-port-range"]
        ports = re.fullmatch(r"(\d{1,5})-(\d{1,5})", text)
        if ports and 1 <= int(ports[1]) <= int(ports[2]) <= 65535:
            draft.set("nodePortRange", (int(ports[1]), int(ports[2])), raw, "apiServer", "extraArgs")
        else:
            draft.wrong(raw, "apiServer.extraArgs.service-node-port-range", text, "a range such as 30000-32767")


def only_ipv6(draft: SettingsDraft) -> bool:
    """Whether the cluster has IPv6 Pod ranges alone, for which the one mask argument then counts."""
    ranges = draft.values.get("podCIDRs", ())
    return bool(ranges) and all(":" in text for text in ranges)


def embedded(raw: RawObject, key: str, draft: SettingsDraft) -> None:
    """Take the configuration documents that a ConfigMap holds under `key`."""
    text = at(raw.data, "data")
    text = text.get(key) if isinstance(text, dict) else None
    if not isinstance(text, str):
        return
    start = line_of(raw.data, ("data", key)) or raw.line
    for document in split(text):
        # A block text starts on the line after its key.
        value, problem = read_document(document.text, start + document.line, raw.file)
        if problem is not None:
            draft.problems.append(problem)
        elif isinstance(value, dict):
            kind = str(value.get("kind"))
            inner = RawObject(value, str(value.get("apiVersion")), kind, raw.file, getattr(value, "line", start), 0)
            if take := SETTINGS_KINDS.get(kind):
                take(inner, draft)


def flannel_conf(raw: RawObject, draft: SettingsDraft) -> None:
    """Take flannel's network and backend from ``net-conf.json`` of its ConfigMap."""
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
    elif backend is not None:
        draft.wrong(raw, "data.net-conf.json", backend, "a backend of type " + " or ".join(CNI_BACKENDS["flannel"]))
    if networks and "podCIDRs" not in draft.values:
        draft.set("podCIDRs", networks, raw, "data", "net-conf.json")


def config_map(raw: RawObject, draft: SettingsDraft) -> bool:
    """Take the ConfigMaps of kube-proxy, kubeadm and flannel; whether `raw` is one of them."""
    take = CONFIG_MAPS.get(raw.name)
    if take is None or (raw.namespace or "kube-system") not in ("kube-system", "kube-flannel"):
        return False
    take(raw, draft)
    return True


CONFIG_MAPS: dict[str, Callable[[RawObject, SettingsDraft], None]] = {
    "kube-proxy": lambda raw, draft: embedded(raw, "config.conf", draft),
    "kubeadm-config": lambda raw, draft: embedded(raw, "ClusterConfiguration", draft),
    "kube-flannel-cfg": flannel_conf,
}


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
    pools = (*draft.values.get("cni.pool", ()), cidr)
    draft.set("cni.pool", pools, raw, "spec", "cidr")
    draft.set("cni.backend", calico_backend(spec), raw, "spec")
    size = at(spec, "blockSize")
    if isinstance(size, int) and not isinstance(size, bool):
        draft.set("cni.blockSizeV6" if ":" in cidr else "cni.blockSize", size, raw, "spec", "blockSize")
    # natOutgoing is false when an IPPool leaves it out (Calico's IPPool reference).
    draft.set("cni.natOutgoing", at(spec, "natOutgoing") is True, raw, "spec", "natOutgoing")


def address_pool(raw: RawObject, draft: SettingsDraft) -> None:
    """Take a MetalLB IPAddressPool."""
    addresses = at(raw.data, "spec.addresses")
    if fits(addresses, list) and at(raw.data, "spec.autoAssign") is not False:
        draft.pools[raw.name or "default"] = tuple(addresses)
        text = f"load balancer addresses {shown(addresses)}, from {raw.shown}"
        draft.entries.append(
            ReportEntry("set", text, "", raw.file, line_of(raw.data, ("spec", "addresses")) or raw.line)
        )


def own_settings(raw: RawObject, draft: SettingsDraft) -> None:
    """Take the program's own ClusterSettings, as an export writes it."""
    try:
        draft.whole = ClusterSettings.model_validate(clean(raw.data).get("spec") or {})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            path = path_text(("spec", *detail["loc"]))
            draft.wrong(raw, path, detail["input"], f"right ({detail['msg']})")
        return
    text = f"all cluster settings, from {raw.shown}"
    draft.entries.append(ReportEntry("set", text, "", raw.file, raw.line))


SETTINGS_KIND = "ClusterSettings"
SETTINGS_KINDS: dict[str, Callable[[RawObject, SettingsDraft], None]] = {
    "KubeProxyConfiguration": kube_proxy,
    "ClusterConfiguration": kubeadm,
    SETTINGS_KIND: own_settings,
}
# (API group, kind) of settings that stay objects as well: they are kept and written back.
SETTINGS_OBJECTS: dict[tuple[str, str], Callable[[RawObject, SettingsDraft], None]] = {
    ("crd.projectcalico.org", "IPPool"): ip_pool,
    ("projectcalico.org", "IPPool"): ip_pool,
    ("metallb.io", "IPAddressPool"): address_pool,
}
SETTINGS_GROUPS = ("kubeproxy.config.k8s.io", "kubeadm.k8s.io", DESIGN_API.partition("/")[0])

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


def plugin_daemonset(raw: RawObject, draft: SettingsDraft) -> None:
    """Take the network plugin from the name of a DaemonSet, unless something more telling named it."""
    if raw.kind != "DaemonSet":
        return
    plugin = PLUGIN_DAEMONSETS.get(raw.name)
    if plugin and "cni.plugin" not in draft.values:
        draft.set("cni.plugin", plugin, raw, "metadata", "name")
    if other := OTHER_PLUGINS.get(raw.name):
        draft.problems.append(
            Problem(
                "READ-11",
                "warning",
                f"The network plugin of this cluster, {other}, is not one that the program knows",
                object=object_id("DaemonSet", raw.namespace or "default", raw.name),
                why="Paths between Nodes and the enforcement of policies are those of the plugin in the settings.",
                fix="Choose the plugin that is most like it in the cluster settings.",
                file=raw.file,
                line=raw.line,
            )
        )


def is_settings(raw: RawObject) -> bool:
    """Whether `raw` is a configuration document, which is read into the settings and is no object of the cluster."""
    return raw.kind in SETTINGS_KINDS and raw.api_version.partition("/")[0] in SETTINGS_GROUPS


def gather_settings(raws: list[RawObject]) -> SettingsDraft:
    """Everything that `raws` say about the cluster's settings; nothing here raises."""
    draft = SettingsDraft()
    for raw in raws:
        raw = RawObject(raw.data, raw.api_version, raw.kind, raw.file, raw.line, raw.document)
        if is_settings(raw):
            SETTINGS_KINDS[raw.kind](raw, draft)
        elif raw.kind == "ConfigMap" and raw.api_version == "v1":
            config_map(raw, draft)
        elif take := SETTINGS_OBJECTS.get((raw.api_version.partition("/")[0], raw.kind)):
            take(raw, draft)
    for raw in raws:
        plugin_daemonset(raw, draft)
    return draft


def build_settings(draft: SettingsDraft, base: ClusterSettings) -> ClusterSettings:
    """`base` with the gathered settings; one that the model refuses is dropped with a problem."""
    if draft.whole is not None:
        return draft.whole
    plugin = draft.values.get("cni.plugin")
    if plugin and "cni.backend" not in draft.values:
        draft.values["cni.backend"] = CNI_BACKENDS[plugin][0]
    data: dict[str, Any] = base.dump()
    for path, value in draft.values.items():
        group, _, name = path.rpartition(".")
        changed = clean(data)
        (changed.setdefault(group, {}) if group else changed)[name] = value
        try:
            ClusterSettings.model_validate(changed)
        except ValidationError:
            draft.problems.append(
                Problem("READ-07", "error", f"the setting `{path}` cannot be {shown(value)}", fix=f"Correct `{path}`.")
            )
        else:
            data = changed
    if draft.pools:
        pools = tuple(LoadBalancerPool(name=name, addresses=found) for name, found in draft.pools.items())
        data["loadBalancer"] = {**data.get("loadBalancer", {}), "pools": [pool.dump() for pool in pools]}
    return ClusterSettings.model_validate(data)
