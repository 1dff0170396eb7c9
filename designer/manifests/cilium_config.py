"""Cilium's ConfigMap ``kube-system/cilium-config``: the agent's options as texts.

Keys and defaults: cilium/cilium install/kubernetes/cilium/templates/cilium-configmap.yaml, pkg/option/config.go and
Documentation/cmdref/cilium-agent.md. What changes a packet's way and is not followed here is a problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.manifests.raw_objects import RawObject
from designer.manifests.settings_draft import SettingsDraft

BOOLEANS = {"true": True, "false": False}

# Key → setting, and what each text of it means.
KEYS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    # Spellings of older versions: with partial and probe only parts are replaced that are turned on by themselves.
    (
        "kube-proxy-replacement",
        "cni.kubeProxyReplacement",
        BOOLEANS | {"strict": True, "disabled": False, "partial": False, "probe": False},
    ),
    ("bpf-lb-sock-hostns-only", "cni.socketLBHostNamespaceOnly", BOOLEANS),
    ("auto-direct-node-routes", "cni.autoDirectNodeRoutes", BOOLEANS),
    ("enable-ipv4-masquerade", "cni.natOutgoing", BOOLEANS),
    ("enable-bpf-masquerade", "cni.bpfMasquerade", BOOLEANS),
    ("bpf-lb-mode", "cni.loadBalancerMode", {name: name for name in ("snat", "dsr", "hybrid")}),
    ("bpf-lb-algorithm", "cni.loadBalancerAlgorithm", {name: name for name in ("random", "maglev")}),
    ("enable-service-topology", "cni.serviceTopology", BOOLEANS),
    ("service-no-backend-response", "cni.noBackendResponse", {name: name for name in ("reject", "drop")}),
    ("enable-sctp", "cni.enableSCTP", BOOLEANS),
    ("enable-policy", "cni.policyEnforcement", {name: name for name in ("default", "always", "never")}),
    ("policy-cidr-match-mode", "cni.policyCIDRMatchNodes", {"nodes": True}),
)
# Options that change what becomes of a packet and are not followed: key → the texts that leave all as it is.
UNFOLLOWED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("bpf-lb-external-clusterip", ("false",)),
    ("bpf-lb-source-range-all-types", ("false",)),
    ("bpf-lb-mode-annotation", ("false",)),
    ("cni-chaining-mode", ("none",)),
    ("datapath-mode", ("veth", "netkit", "netkit-l2")),
    ("enable-host-firewall", ("false",)),
    ("enable-ip-masq-agent", ("false",)),
    ("enable-ipsec", ("false",)),
    ("enable-wireguard", ("false",)),
    ("enable-ipv4-egress-gateway", ("false",)),
    ("enable-egress-gateway", ("false",)),
    ("enable-local-redirect-policy", ("false",)),
    ("enable-endpoint-routes", ("false",)),
    ("allow-localhost", ("auto", "always")),
    ("enable-k8s-networkpolicy", ("true",)),
    ("enable-cilium-network-policy", ("true",)),
    ("enable-cilium-clusterwide-network-policy", ("true",)),
    ("enable-svc-source-range-check", ("true",)),
    ("ipam", ("cluster-pool", "kubernetes")),
    ("cluster-pool-ipv4-mask-size", ("24",)),
    ("cluster-pool-ipv6-mask-size", ("120",)),
    ("tunnel-port", ("0", "8472", "6081")),
    ("nodeport-addresses", ()),
    ("node-port-range", ("30000,32767",)),
    ("mtu", ("0",)),
    ("underlay-protocol", ("ipv4", "auto")),
)
ROUTING = ("tunnel", "native")
TUNNELS = ("vxlan", "geneve")


def cilium_config(raw: RawObject, draft: SettingsDraft) -> None:
    """Take the plugin, its backend and its options; a ConfigMap that leaves an option out has the agent's default."""
    given = raw.data.get("data")
    data = {str(k): str(v).strip() for k, v in given.items()} if isinstance(given, dict) else {}
    draft.set("cni.plugin", "cilium", raw, "metadata", "name")
    _backend(raw, data, draft)
    for key, setting, words in KEYS:
        text = data.get(key, "")
        if text in words:
            draft.set(setting, words[text], raw, "data", key)
        elif text:
            draft.wrong(raw, f"data.{key}", text, "one of " + ", ".join(words))
    if data.get("policy-audit-mode") == "true":
        draft.set("cni.policyEnforcement", "never", raw, "data", "policy-audit-mode")
    if not data.get("kube-proxy-replacement"):
        draft.set("cni.kubeProxyReplacement", False, raw, "data")
    for setting, keys in (
        ("cni.pool", ("cluster-pool-ipv4-cidr", "cluster-pool-ipv6-cidr")),
        ("cni.nativeRoutingCIDRs", ("ipv4-native-routing-cidr", "ipv6-native-routing-cidr")),
    ):
        found = tuple(part for key in keys for part in data.get(key, "").replace(",", " ").split())
        if found:
            draft.set(setting, found, raw, "data", next(key for key in keys if data.get(key)))
    if data.get("ipam") == "kubernetes":
        draft.node_ranges = raw
    _unfollowed(raw, data, draft)


def _backend(raw: RawObject, data: Mapping[str, str], draft: SettingsDraft) -> None:
    """Routing mode and tunnel; ``tunnel`` said both in versions before 1.14."""
    old = data.get("tunnel", "")
    mode = data.get("routing-mode") or ("native" if old == "disabled" else "tunnel")
    tunnel = data.get("tunnel-protocol") or (old if old in TUNNELS else "vxlan")
    if mode not in ROUTING:
        draft.wrong(raw, "data.routing-mode", mode, "one of " + ", ".join(ROUTING))
    elif mode == "tunnel" and tunnel not in TUNNELS:
        draft.wrong(raw, "data.tunnel-protocol", tunnel, "one of " + ", ".join(TUNNELS))
    else:
        key = next((k for k in ("routing-mode", "tunnel-protocol", "tunnel") if k in data), "")
        draft.set("cni.backend", "native" if mode == "native" else tunnel, raw, "data", *([key] if key else []))


def _by_others(data: Mapping[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Options that matter beside others only, as `UNFOLLOWED` has them.

    Parts of kube-proxy's replacement can be had alone; masquerading is one setting here for both families; native
    routing carries DSR in an IP option unless it is told otherwise.
    """
    found = [("enable-ipv6-masquerade", (data.get("enable-ipv4-masquerade", "true"),))]
    if data.get("enable-ipv6", "false") != "true" or data.get("enable-ipv4", "true") != "true":
        found = []
    if data.get("kube-proxy-replacement", "false") in ("false", "disabled", "probe", "partial"):
        found += [(key, ("false",)) for key in ("bpf-lb-sock", "enable-node-port", "enable-host-port")]
    if data.get("routing-mode") == "native" and data.get("bpf-lb-mode", "snat") != "snat":
        found.append(("bpf-lb-dsr-dispatch", ("opt",)))
    return tuple(found)


def _unfollowed(raw: RawObject, data: Mapping[str, str], draft: SettingsDraft) -> None:
    for key, harmless in (*UNFOLLOWED, *_by_others(data)):
        text = data.get(key, "")
        if text and text not in harmless:
            draft.unfollowed(raw, "cilium-config", ("data", key), text)
