"""CoreDNS' plugin autopath: the search list of the asking Pod, walked by the server (coredns plugin/autopath).

Only a name of the first search domain is completed so. With ``@kubernetes`` the list is that of the Pod whose address
the server sees, made of its namespace; with `pods verified` alone CoreDNS knows it (plugin/kubernetes/autopath.go).
"""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.controlplane.corefile import Plugin, ServerBlock, falls_under, zone_of, zones_of
from designer.engine.controlplane.state import PodState

# How the rule of an answer begins that autopath has found.
AUTOPATH = "autopath: CNAME to "


@dataclass(frozen=True, slots=True)
class SearchPath:
    """What is tried: `base` below each of `domains` ("" is the root). `trouble` says why it is not known."""

    base: str = ""
    domains: tuple[str, ...] = ()
    trouble: str = ""


NONE = SearchPath()


def search_path(
    block: ServerBlock, plugin: Plugin, name: str, asker: PodState | None, searches: tuple[str, ...]
) -> SearchPath:
    """The tries for a name (lower case, without final dot); none where autopath leaves it alone.

    `searches` are the search domains in the server's own resolv.conf.
    """
    if zone_of(name, zones_of(plugin.args[:-1], block.zones)) is None:
        return NONE
    source = plugin.args[-1] if plugin.args else ""
    if source != "@kubernetes":
        return SearchPath(trouble=f"its Corefile has autopath {source}, a search list that is not in the input")
    kubernetes = next((one for one in block.plugins if one.name == "kubernetes"), None)
    if kubernetes is None:
        return SearchPath(trouble="its Corefile has autopath @kubernetes in a block without kubernetes")
    domain = zone_of(name, zones_of(kubernetes.args, block.zones))
    if domain is None or (kubernetes.option("pods") or ("disabled",))[0] != "verified":
        return NONE
    if asker is None or asker.host_network or asker.terminating:
        return NONE
    first = f"{asker.namespace}.svc.{domain}"
    if name == first or not falls_under(name, first):
        return NONE
    return SearchPath(name.removesuffix(f".{first}"), (first, f"svc.{domain}", domain, *searches, ""))
