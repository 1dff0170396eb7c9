"""Objects that say how the cluster is set up → `ClusterSettings`.

Read are: `KubeProxyConfiguration` and kubeadm's `ClusterConfiguration`, as documents of their own or inside the
ConfigMaps ``kube-system/kube-proxy`` and ``kube-system/kubeadm-config``; flannel's ``net-conf.json``; Cilium's
``cilium-config``; Calico's IPPool, FelixConfiguration and Installation; MetalLB's IPAddressPool; and the DaemonSets,
Pods and annotations by which a network plugin is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from designer.manifests.calico_ebpf import felix_configuration, installation, join_data_plane
from designer.manifests.cilium_config import cilium_config
from designer.manifests.cleaning import clean, line_of, path_text
from designer.manifests.documents import split
from designer.manifests.network_plugins import daemonset_of, flannel_conf, ip_pool, plugin_signs
from designer.manifests.raw_objects import RawObject
from designer.manifests.report import ReportEntry
from designer.manifests.settings_draft import SettingsDraft, at, fits, is_network, shown
from designer.manifests.yaml_reader import read_document
from designer.model import CNI_BACKENDS, ClusterSettings, LoadBalancerPool, Problem
from designer.model.design import DESIGN_API

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
    ("featureGates.AllowServiceExternalIPs", "kubeProxy.allowServiceExternalIPs", bool),
    ("healthzBindAddress", "kubeProxy.healthzBindAddress", str),
    ("metricsBindAddress", "kubeProxy.metricsBindAddress", str),
    ("mode", "kubeProxy.mode", str),
)
# Text fields in which the configuration's empty text means "the default".
EMPTY_IS_DEFAULT = ("mode", "detectLocalMode", "ipvs.scheduler", "healthzBindAddress", "metricsBindAddress")
CHOICES: dict[str, tuple[str, ...]] = {
    "mode": ("iptables", "nftables", "ipvs"),
    "detectLocalMode": ("ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"),
}
TYPE_WORDS = {str: "text", bool: "`true` or `false`", int: "a whole number", list: "a list of texts"}


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
        elif path == "nodePortAddresses" and value != ["primary"] and not all(map(is_cidr, value)):
            draft.wrong(raw, path, value, "address ranges, or `primary` alone")
        else:
            value = tuple(value) if wanted is list else value
            draft.set(setting, value, raw, *path.split("."))
    if at(raw.data, "clusterCIDR") is None:
        # A configuration that names no clusterCIDR has none; only where there is no configuration kubeadm's holds.
        draft.set("kubeProxy.clusterCIDR", "", raw)


def is_cidr(text: str) -> bool:
    """Whether kube-proxy takes a text for an address range; it needs a length, leading zeros count for nothing."""
    return "/" in text and is_network(re.sub(r"\b0+(?=\d)", "", text))


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
            if text.isdecimal() and 1 <= int(text) <= 128:
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


def config_map(raw: RawObject, draft: SettingsDraft) -> bool:
    """Take the ConfigMaps of kube-proxy, kubeadm, flannel and Cilium; whether `raw` is one of them."""
    take = CONFIG_MAPS.get(raw.name)
    if take is None or (raw.namespace or "kube-system") not in ("kube-system", "kube-flannel"):
        return False
    take(raw, draft)
    return True


CONFIG_MAPS: dict[str, Callable[[RawObject, SettingsDraft], None]] = {
    "kube-proxy": lambda raw, draft: embedded(raw, "config.conf", draft),
    "kubeadm-config": lambda raw, draft: embedded(raw, "ClusterConfiguration", draft),
    "kube-flannel-cfg": flannel_conf,
    "cilium-config": cilium_config,
}


def service_cidr(raw: RawObject, draft: SettingsDraft) -> None:
    """Take the ServiceCIDR ``kubernetes``, which mirrors the API server's own range (KEP-1880)."""
    cidrs_given = at(raw.data, "spec.cidrs")
    if raw.name == "kubernetes" and fits(cidrs_given, list) and cidrs_given and "serviceCIDRs" not in draft.values:
        draft.set("serviceCIDRs", tuple(cidrs_given), raw, "spec", "cidrs")


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
    ("crd.projectcalico.org", "FelixConfiguration"): felix_configuration,
    ("projectcalico.org", "FelixConfiguration"): felix_configuration,
    ("operator.tigera.io", "Installation"): installation,
    ("metallb.io", "IPAddressPool"): address_pool,
    ("networking.k8s.io", "ServiceCIDR"): service_cidr,
}
SETTINGS_GROUPS = ("kubeproxy.config.k8s.io", "kubeadm.k8s.io", DESIGN_API.partition("/")[0])


def is_settings(raw: RawObject) -> bool:
    """Whether `raw` is a configuration document, which is read into the settings and is no object of the cluster."""
    return raw.kind in SETTINGS_KINDS and raw.api_version.partition("/")[0] in SETTINGS_GROUPS


def gather_settings(raws: list[RawObject]) -> SettingsDraft:
    """Everything that `raws` say about the cluster's settings; nothing here raises."""
    draft = SettingsDraft()
    for raw in raws:
        if is_settings(raw):
            SETTINGS_KINDS[raw.kind](raw, draft)
        elif raw.kind == "ConfigMap" and raw.api_version == "v1":
            config_map(raw, draft)
        elif take := SETTINGS_OBJECTS.get((raw.api_version.partition("/")[0], raw.kind)):
            take(raw, draft)
    plugin_signs(raws, draft)
    join_data_plane(draft)
    keep_kube_proxy(raws, draft)
    return draft


def keep_kube_proxy(raws: list[RawObject], draft: SettingsDraft) -> None:
    """Leave Services to kube-proxy where it runs or is set up beside a Cilium whose own configuration is lacking."""
    given = draft.values
    unsaid = given.get("cni.plugin") == "cilium" and "cni.kubeProxyReplacement" not in given
    configured = any(path.startswith("kubeProxy.") for path in given)
    if unsaid and (configured or any(daemonset_of(raw) == "kube-proxy" for raw in raws)):
        given["cni.kubeProxyReplacement"] = False
        does = "configures" if configured else "runs"
        text = f"`cni.kubeProxyReplacement` is false: the input {does} kube-proxy and has no cilium-config"
        draft.entries.append(ReportEntry("set", text))


def build_settings(draft: SettingsDraft, base: ClusterSettings) -> ClusterSettings:
    """`base` with the gathered settings; one that the model refuses is dropped with a problem."""
    if draft.whole is not None:
        return draft.whole
    plugin = draft.values.get("cni.plugin")
    if plugin and "cni.backend" not in draft.values:
        draft.values["cni.backend"] = CNI_BACKENDS[plugin][0]
    if draft.node_ranges is not None and "cni.pool" not in draft.values:
        # Blocks of Cilium's pool and podCIDRs of Nodes are both cut from below, in the order of the Nodes.
        draft.set("cni.pool", tuple(draft.values.get("podCIDRs", base.podCIDRs)), draft.node_ranges, "data", "ipam")
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
