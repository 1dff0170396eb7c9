"""Calico's eBPF data plane in the input: FelixConfiguration, the operator's Installation, calico-node's environment.

Fields: docs.tigera.io, "Felix configuration" and "Installation reference" (`linuxDataplane`, `ipPools`); Felix reads
each option as an environment variable ``FELIX_<NAME>`` too, which goes before the resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.manifests.calico_pools import add_pool
from designer.manifests.raw_objects import RawObject
from designer.manifests.settings_draft import SettingsDraft, at
from designer.model import calico_encapsulation
from designer.model.cluster import CALICO_EBPF

PLANES = ("BPF", "Iptables", "Nftables", "VPP")
ENCAPSULATIONS = {
    "VXLAN": "vxlan",
    "VXLANCrossSubnet": "vxlan-crosssubnet",
    "IPIP": "ipip",
    "IPIPCrossSubnet": "ipip-crosssubnet",
    "None": "bgp",
}
LOAD_BALANCING = ("TCP", "Enabled", "Disabled")
SERVICE_MODES = {"tunnel": "Tunnel", "dsr": "DSR"}

# Options of Felix that change the way of packets and are not followed, with the values that change nothing (the
# defaults of api/pkg/apis/projectcalico/v3/felixconfig.go); those of eBPF matter with that data plane alone.
UNFOLLOWED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("chainInsertMode", ("insert",)),
    ("defaultEndpointToHostAction", ("accept", "return")),  # Felix' own default is Drop; installers set Accept
    ("natOutgoingAddress", ()),
    ("natOutgoingExclusions", ("ippoolsonly",)),
    ("deviceRouteSourceAddress", ()),
    ("vxlanPort", ("4789",)),
    ("vxlanVNI", ("4096",)),
    ("wireguardEnabled", ("false",)),
    ("wireguardEnabledV6", ("false",)),
)
UNFOLLOWED_EBPF: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("bpfDSROptoutCIDRs", ()),
    ("bpfEnforceRPF", ("loose",)),
    ("bpfExcludeCIDRsFromNAT", ()),
    ("bpfHostNetworkedNATWithoutCTLB", ("enabled",)),
)


def felix_configuration(raw: RawObject, draft: SettingsDraft) -> None:
    """Take what the cluster's FelixConfiguration says about eBPF; those of single nodes are passed over."""
    if raw.name not in ("default", None):
        return
    spec = at(raw.data, "spec")
    enabled = at(spec, "bpfEnabled")
    if isinstance(enabled, bool):
        draft.ebpf = raw if enabled else None
        draft.set("cni.plugin", "calico", raw)
    elif enabled is not None:
        draft.wrong(raw, "spec.bpfEnabled", enabled, "`true` or `false`")
    if at(spec, "bpfConnectTimeLoadBalancingEnabled") is False:
        draft.set("cni.connectTimeLoadBalancing", "Disabled", raw, "spec", "bpfConnectTimeLoadBalancingEnabled")
    _options(raw, {key: at(spec, key) for key in ("bpfConnectTimeLoadBalancing", "bpfExternalServiceMode")}, draft)
    for key, harmless in (*UNFOLLOWED, *(UNFOLLOWED_EBPF if enabled is not False else ())):
        value = at(spec, key)
        if value and str(value).lower() not in harmless:
            draft.unfollowed(raw, f"FelixConfiguration {raw.name}", ("spec", key), value)


def felix_environment(raw: RawObject, env: Mapping[str, str], draft: SettingsDraft) -> None:
    """Take the same from calico-node's environment."""
    enabled = env.get("FELIX_BPFENABLED", "").lower()
    if enabled in ("true", "false", "1", "0", "yes", "no"):
        draft.ebpf = raw if enabled in ("true", "1", "yes") else None
    names = ("bpfConnectTimeLoadBalancing", "bpfExternalServiceMode")
    _options(raw, {name: env.get(f"FELIX_{name.upper()}") for name in names}, draft)
    for key, harmless in (*UNFOLLOWED, *(UNFOLLOWED_EBPF if draft.ebpf is not None else ())):
        value = env.get(f"FELIX_{key.upper()}", "")
        if value and value.lower() not in harmless:
            draft.unfollowed(raw, "calico-node", ("spec", "template", "spec", f"FELIX_{key.upper()}"), value)


def _options(raw: RawObject, given: Mapping[str, Any], draft: SettingsDraft) -> None:
    balancing, mode = given["bpfConnectTimeLoadBalancing"], given["bpfExternalServiceMode"]
    if balancing in LOAD_BALANCING:
        draft.set("cni.connectTimeLoadBalancing", balancing, raw, "spec", "bpfConnectTimeLoadBalancing")
    elif balancing:
        draft.wrong(raw, "spec.bpfConnectTimeLoadBalancing", balancing, "one of " + ", ".join(LOAD_BALANCING))
    found = SERVICE_MODES.get(str(mode).lower())
    if found:
        draft.set("cni.externalServiceMode", found, raw, "spec", "bpfExternalServiceMode")
    elif mode:
        draft.wrong(raw, "spec.bpfExternalServiceMode", mode, "one of " + ", ".join(SERVICE_MODES.values()))


def installation(raw: RawObject, draft: SettingsDraft) -> None:
    """Take the operator's Installation: its data plane; its pools wait until all IPPools are read."""
    network = at(raw.data, "spec.calicoNetwork")
    plugin = at(raw.data, "spec.cni.type")
    if plugin not in (None, "Calico"):
        return
    draft.set("cni.plugin", "calico", raw)
    plane = at(network, "linuxDataplane")
    if plane == "BPF":
        draft.ebpf = raw
    elif plane is not None and plane not in PLANES:
        draft.wrong(raw, "spec.calicoNetwork.linuxDataplane", plane, "one of " + ", ".join(PLANES))
    draft.operator = raw


def _pool(raw: RawObject, pool: Any, draft: SettingsDraft) -> None:
    """One pool; the operator's defaults are IPIP for IPv4 and natOutgoing Enabled."""
    cidr = at(pool, "cidr")
    if not isinstance(cidr, str):
        return
    where = ("spec", "calicoNetwork", "ipPools")
    said: dict[str, tuple[Any, tuple[str, ...]]] = {}
    given = at(pool, "encapsulation") or ("None" if ":" in cidr else "IPIP")
    if given not in ENCAPSULATIONS:
        draft.wrong(raw, ".".join((*where, "encapsulation")), given, "one of " + ", ".join(ENCAPSULATIONS))
    else:
        said["cni.backend"] = (ENCAPSULATIONS[given], where)
    size = at(pool, "blockSize")
    if isinstance(size, int) and not isinstance(size, bool):
        draft.set("cni.blockSizeV6" if ":" in cidr else "cni.blockSize", size, raw, *where)
    said["cni.natOutgoing"] = (at(pool, "natOutgoing") != "Disabled", where)
    add_pool(raw, cidr, said, draft)


def join_data_plane(draft: SettingsDraft) -> None:
    """Take the operator's pools where no IPPool says them; make the backend the one with eBPF where it is asked for."""
    pools = at(draft.operator.data, "spec.calicoNetwork.ipPools") if draft.operator is not None else None
    if draft.operator is not None and isinstance(pools, list) and "cni.pool" not in draft.values:
        for pool in pools:
            _pool(draft.operator, pool, draft)
    if draft.ebpf is None or draft.values.get("cni.plugin", "calico") != "calico":
        return
    wanted = draft.values.get("cni.backend", "vxlan")
    backend = next((name for name in CALICO_EBPF if calico_encapsulation(name) == wanted), CALICO_EBPF[0])
    draft.set("cni.plugin", "calico", draft.ebpf)
    draft.set("cni.backend", backend, draft.ebpf, "spec")
