"""kube-proxy: from Services and EndpointSlices to the netfilter programs of a node, and those programs as text."""

from __future__ import annotations

import re
from collections.abc import Callable

from designer.engine.controlplane.state import ControlPlaneState, Family, NodeState
from designer.engine.kubeproxy import iptables, ipvs, nftables
from designer.engine.kubeproxy.node_view import nftables_view_of, view_of
from designer.engine.kubeproxy.replacement import table_text
from designer.engine.kubeproxy.service_ports import HEADLESS_LABEL, PROXY_NAME_LABEL, canonical_address, of_family
from designer.engine.kubeproxy.startup import Refusal, refusals
from designer.engine.netfilter import render_iptables, render_ipvs, render_nft
from designer.model import ClusterSettings, Problem, effective_kube_proxy, replaces_kube_proxy

__all__ = [
    "HEADLESS_LABEL",
    "PROXY_NAME_LABEL",
    "families_of",
    "iptables",
    "ipvs",
    "nftables",
    "tables_text",
    "takes_node_ports",
]

# Mode → the text of its rules on a node, in one family.
_WRITERS: dict[str, Callable[[ControlPlaneState, ClusterSettings, str, Family], str]] = {
    "iptables": lambda *of: render_iptables(iptables.build(*of)),
    "nftables": lambda *of: render_nft(nftables.build(*of)),
    "ipvs": lambda *of: render_ipvs(ipvs.build(*of)),
}

# nft takes comments of 128 bytes; kube-proxy 1.36 cuts none.
_TOO_LONG = re.compile(r'comment "([^"]{129,})"')


def families_of(control: ControlPlaneState, node_name: str) -> tuple[Family, ...]:
    """The IP families that kube-proxy runs for on a node: those that the node has addresses of, IPv4 first.

    What is no address counts for nothing (`GetNodeHostIPs` of pkg/util/node).
    """
    addresses = [a for a in map(canonical_address, control.nodes[node_name].addresses) if a]
    return tuple(family for family in (4, 6) if any(of_family(a, family) for a in addresses))


def takes_node_ports(node: NodeState, settings: ClusterSettings, address: str) -> bool:
    """Whether kube-proxy takes node ports at one of a node's addresses, as its mode and `nodePortAddresses` say.

    What replaces kube-proxy takes them at the addresses by which Kubernetes knows the node.
    """
    if replaces_kube_proxy(settings):
        return address in node.addresses
    if not settings.kubeProxy.nodePortAddresses:
        # The defaults: every address, in nftables mode the primary one of the family.
        primary = next((a for a in node.addresses if (":" in a) == (":" in address)), None)
        return settings.kubeProxy.mode != "nftables" or address == primary
    proxy = effective_kube_proxy(settings)
    family: Family = 6 if ":" in address else 4
    if proxy.mode == "ipvs":
        return address in ipvs.ipvs_view(node, proxy, family).node_port_addresses
    view = (nftables_view_of if proxy.mode == "nftables" else view_of)(node, proxy, family)
    return view.node_port_addresses is None or address in view.node_port_addresses


def tables_text(
    control: ControlPlaneState, settings: ClusterSettings, node_name: str, mode: str
) -> tuple[str, tuple[Problem, ...]]:
    """The rules of a node as text, with the line ``#### IPv4`` or ``#### IPv6`` before each family; and problems.

    The text is "" exactly when a problem of severity "error" says why: the node is not there or has no address, the
    rules of the mode are not written by this program, or kube-proxy cannot start; a warning says what its start rests
    on, or that the Node does not take the text. `mode` is asked for and may differ from the cluster's own setting.
    Where kube-proxy does not run, the text is the Service lookup table of what replaces it, in any mode.
    """
    if node_name not in control.nodes:
        return "", (_no_such_node(control, node_name),)
    if replaces_kube_proxy(settings):
        found = families_of(control, node_name)
        text = "".join(f"#### IPv{f}\n{table_text(control, settings, node_name, f)}" for f in found)
        return text, () if found else (_no_addresses(node_name),)
    write = _WRITERS.get(mode)
    if write is None:
        return "", (_mode_not_available(mode),)
    warned: tuple[Problem, ...] = ()
    if mode == "ipvs" and not ipvs.knows_scheduler(settings):
        possible = ipvs.may_have_scheduler(settings)
        warned = (_no_such_scheduler(settings.kubeProxy.ipvsScheduler, possible),)
        if not possible:
            return "", warned
    asked = settings.model_copy(update={"kubeProxy": settings.kubeProxy.model_copy(update={"mode": mode})})
    warned += tuple(_not_started(refusal) for refusal in refusals(asked))
    parts = []
    for family in families_of(control, node_name):
        parts.append(f"#### IPv{family}\n{write(control, settings, node_name, family)}")
    if not parts:
        return "", (_no_addresses(node_name),)
    text = "".join(parts)
    long = _TOO_LONG.search(text) if mode == "nftables" else None
    return text, ((_refused_by_nft(long.group(1)), *warned) if long else warned)


def _no_such_node(control: ControlPlaneState, node_name: str) -> Problem:
    known = ", ".join(control.nodes) or "none"
    return Problem(
        "TABLES-01",
        "error",
        f"There is no node {node_name}",
        why=f"Nodes of this cluster: {known}.",
        fix="Name one of these nodes.",
    )


def _mode_not_available(mode: str) -> Problem:
    return Problem(
        "TABLES-02",
        "error",
        f"kube-proxy has no mode {mode} whose rules could be written",
        field="kubeProxy.mode",
        why=f"kube-proxy has the modes {', '.join(_WRITERS)} on Linux.",
        fix="Ask for one of these modes.",
    )


def _no_such_scheduler(scheduler: str, possible: bool) -> Problem:
    why = "kube-proxy starts in ipvs mode only where the kernel has a module for the scheduler."
    return Problem(
        "TABLES-04",
        "warning" if possible else "error",
        f"Linux itself has no IPVS scheduler {scheduler}",
        field="kubeProxy.ipvsScheduler",
        why=why if possible else f"{why} The kernel takes no such name.",
        fix=f"Name one of these: {', '.join(ipvs.SCHEDULERS)}.",
    )


def _not_started(refusal: Refusal) -> Problem:
    return Problem(
        "TABLES-06",
        "warning",
        f"kube-proxy does not start: {refusal.title}",
        field=refusal.field,
        why="These rules would be written if it did.",
        fix=refusal.fix,
    )


def _refused_by_nft(comment: str) -> Problem:
    return Problem(
        "TABLES-05",
        "warning",
        f"nft refuses this table: a comment has {len(comment)} characters",
        why=f"kube-proxy 1.36 writes {comment} whole, and nft takes 128 characters: the Node keeps the rules it had.",
        fix="Shorten the name of the Service or of its port, or use kube-proxy 1.37 or later.",
    )


def _no_addresses(node_name: str) -> Problem:
    return Problem(
        "TABLES-03",
        "error",
        f"Node {node_name} has no address",
        object=f"Node:{node_name}",
        field="status.addresses",
        why="kube-proxy writes rules for the IP families that its node has addresses of.",
        fix="Give the node an InternalIP.",
    )
