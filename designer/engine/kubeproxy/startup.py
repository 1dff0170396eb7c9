"""With which settings kube-proxy does not start: what its own validation refuses, as a table.

Sources: pkg/proxy/apis/config/validation/validation.go (`validateKubeProxyNodePortAddress`,
`validateDetectLocalConfiguration`, `validateProxyModeLinux`), the scheduler check of pkg/proxy/ipvs, and
`domain/kube-proxy.md` section 1 for the versions that have a mode.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from designer.edits.servicerules import version_of
from designer.engine.kubeproxy import ipvs
from designer.engine.kubeproxy.node_view import PRIMARY
from designer.engine.kubeproxy.service_ports import canonical_cidr
from designer.model import ClusterSettings, Node

# The first Kubernetes version whose kube-proxy knows the mode (KEP-3866).
MODE_SINCE = {"nftables": (1, 29)}
# The kernel that kube-proxy in nftables mode asks for, unless KUBE_PROXY_NFTABLES_SKIP_KERNEL_VERSION_CHECK is set.
NFTABLES_KERNEL = (5, 13)
# Mode of local detection → the setting that it needs.
NEEDS = {"BridgeInterface": "bridgeInterface", "InterfaceNamePrefix": "interfaceNamePrefix"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A setting with which kube-proxy ends at once: `title` is what follows "kube-proxy does not start: "."""

    field: str
    title: str
    fix: str


def refusals(settings: ClusterSettings) -> tuple[Refusal, ...]:
    """All settings with which kube-proxy does not start; empty where it does."""
    return tuple(refusal for rule in _RULES for refusal in rule(settings))


def too_old_kernel(settings: ClusterSettings, node: Node | None) -> str:
    """The kernel version of a Node that is too old for kube-proxy's mode; "" where it is not, or is not known."""
    if node is None or settings.kubeProxy.mode != "nftables":
        return ""
    info = (node.status.model_extra or {}).get("nodeInfo")
    version = str(info.get("kernelVersion", "")) if isinstance(info, Mapping) else ""
    found = re.match(r"(\d+)\.(\d+)", version)
    return version if found and (int(found[1]), int(found[2])) < NFTABLES_KERNEL else ""


def _mode(settings: ClusterSettings) -> Iterator[Refusal]:
    mode, version = settings.kubeProxy.mode, settings.kubernetesVersion
    since = MODE_SINCE.get(mode)
    if since is not None and version_of(settings) < since:
        first = ".".join(map(str, since))
        title = f"Kubernetes {version} has no {mode} mode, which came with {first}"
        yield Refusal("kubeProxy.mode", title, f"Choose iptables mode, or Kubernetes {first} or later.")


def _scheduler(settings: ClusterSettings) -> Iterator[Refusal]:
    if settings.kubeProxy.mode == "ipvs" and not ipvs.may_have_scheduler(settings):
        title = f"no kernel has an IPVS scheduler {settings.kubeProxy.ipvsScheduler}"
        yield Refusal("kubeProxy.ipvsScheduler", title, f"Name one of these: {', '.join(ipvs.SCHEDULERS)}.")


def _detection(settings: ClusterSettings) -> Iterator[Refusal]:
    mode = settings.kubeProxy.detectLocalMode
    needed = NEEDS.get(mode)
    if needed is not None and not getattr(settings.kubeProxy, needed):
        yield Refusal(f"kubeProxy.{needed}", f"detectLocalMode {mode} needs {needed}", f"Set {needed}.")


def _cluster_cidr(settings: ClusterSettings) -> Iterator[Refusal]:
    text = settings.kubeProxy.clusterCIDR
    if not text or settings.kubeProxy.detectLocalMode != "ClusterCIDR":
        return
    ranges = [part.strip() for part in text.split(",")]
    if len(ranges) > 2 or (len(ranges) == 2 and (":" in ranges[0]) == (":" in ranges[1])):
        title = f"clusterCIDR {text} is neither one range nor one of each IP family"
        yield Refusal("kubeProxy.clusterCIDR", title, "Name one range, or one of IPv4 and one of IPv6.")


def _node_port_addresses(settings: ClusterSettings) -> Iterator[Refusal]:
    entries = settings.kubeProxy.nodePortAddresses
    field = "kubeProxy.nodePortAddresses"
    if PRIMARY in entries:
        if len(entries) > 1:
            yield Refusal(field, f"nodePortAddresses holds {PRIMARY} beside others", f"Name {PRIMARY} or ranges.")
        return
    for entry in entries:
        if canonical_cidr(entry) is None:
            title = f"nodePortAddresses holds {entry}, which is no address range"
            yield Refusal(field, title, f"Name ranges such as 192.168.10.0/24, or {PRIMARY} alone.")


_RULES: tuple[Callable[[ClusterSettings], Iterator[Refusal]], ...] = (
    _mode,
    _scheduler,
    _detection,
    _cluster_cidr,
    _node_port_addresses,
)
