"""The cluster's names as NodeLocal DNSCache answers them: by its own Corefile, with the cluster's DNS behind it."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.controlplane.corednschain import ServedZone
from designer.engine.controlplane.nodecache import CLUSTER, NodeCache
from designer.engine.controlplane.records import DNS_SERVICE, Answer, RecordType, Zone
from designer.engine.controlplane.state import ControlPlaneState

NO_SERVER = "NodeLocal DNSCache gets no answer: no Pod of Service kube-system/kube-dns is ready"


@dataclass(frozen=True, slots=True)
class DeadZone(Zone):
    """The cluster's DNS where none of its Pods answers: forward gives SERVFAIL (plugin/forward)."""

    def answer(self, name: str, qtype: RecordType, depth: int = 0) -> Answer:
        """SERVFAIL."""
        return Answer("SERVFAIL", (), name, NO_SERVER)


def cached_zone(zone: Zone, cache: NodeCache, control: ControlPlaneState, dead: bool) -> Zone:
    """The names as the cache gives them; `zone` is the cluster's DNS, which is asked by the Node and not by a Pod.

    Zones of the cluster's Corefile (stub domains, hosts) are known to it for names that the cache forwards to it alone.
    """
    behind = zone
    if dead:
        behind = DeadZone(zone.control, zone.domain, zone.hosts, zone.options)
    service = control.services.get(cache.upstream)
    server = control.services.get(DNS_SERVICE)
    found = (*(service.cluster_ips if service is not None else ()), *(server.cluster_ips if server is not None else ()))
    # An address that the cache has itself leads back to it.
    own = tuple(address for address in found if address not in cache.addresses)
    return ServedZone(
        zone.control, zone.domain, zone.hosts, zone.options, cache.corefile, behind=behind, leads_to=(CLUSTER, *own)
    )
