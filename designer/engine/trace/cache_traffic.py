"""Queries to NodeLocal DNSCache: a packet of the Pod to its own Node, and one of the Node to the cluster's DNS.

A policy of the Pod sees the address that was asked at the Pod's own Node, never the DNS Pods; policies of the DNS Pods
see the Node (`domain/dns.md` section 5). node-cache puts rules of its own in front of INPUT that accept such packets,
so where a policy denies them it hangs on the order of rules whether it has a say (kubernetes/dns, cache_app.go).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from designer.engine.controlplane.cachefinding import answers_at
from designer.engine.controlplane.nodecache import NodeCache
from designer.engine.controlplane.records import DNS_SERVICE
from designer.engine.policy import Peer
from designer.engine.trace.aim import Aim
from designer.engine.trace.beyond import leave
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Hop
from designer.engine.trace.journey import start
from designer.engine.trace.origin import node_origin
from designer.engine.trace.reply import finish

DNS_PORT = 53
SPORT = 40054


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What becomes of the cache's own query: the share that is `lost`, why, its hops and the policies behind it."""

    verdict: Literal["delivered", "lost"] = "delivered"
    lost: Fraction = Fraction(0)
    reason: str = ""
    hops: tuple[Hop, ...] = ()
    policies: tuple[str, ...] = ()


def cache_for(ground: Ground, origin: Origin, server: str) -> tuple[NodeCache | None, bool]:
    """The cache that has `server` on the asker's Node, and whether the query surely comes to it."""
    cache = ground.control.cache
    service = ground.control.services.get(DNS_SERVICE)
    vips = service.cluster_ips if service is not None else ()
    said = answers_at(cache, ground.settings, origin.node, server, vips)
    return (cache, said == "yes") if said != "no" else (None, False)


def denied_at_cache(
    ground: Ground, origin: Origin, cache: NodeCache, server: str, transport: Literal["TCP", "UDP"]
) -> str:
    """Why the query may not reach the cache, "" where it does."""
    pod = origin.pod
    if pod is None or pod.host_network:
        return ""
    peer = Peer.of_node(origin.node, server)
    said = ground.state.policies.check("egress", pod, peer, transport, DNS_PORT)
    if said.value in ("allowed", "not-applicable"):
        return ""
    return (
        f"{cache.text} answers for {server} on {origin.node} itself, and the egress policies of {pod.namespace}/"
        f"{pod.name} do not allow that address of the Node: {said.reason.rstrip('.')}. Its own rules accept such "
        f"packets, and whether they come before the network plugin's is not known. Allow port 53 to {server} or to any."
    )


def forwarded(ground: Ground, origin: Origin, cache: NodeCache) -> Forwarded:
    """What becomes of the cache's query to the cluster's DNS, sent by TCP from the Node.

    The Service that it asks selects the same Pods as kube-dns, which stands for it where the input lacks it.
    """
    service = ground.control.services.get(cache.upstream) or ground.control.services.get(DNS_SERVICE)
    node = ground.control.nodes.get(origin.node)
    if service is None or not service.cluster_ips or node is None:
        return Forwarded()
    aim = Aim(service.cluster_ips[0], DNS_PORT, "TCP", service.cluster_ips[0])
    sent = start(ground, node_origin(node), aim, SPORT, finish, leave, (), sure=True)
    failing = [path for path in sent.paths() if path.verdict != "delivered"]
    if not failing:
        return Forwarded()
    worst = failing[0]
    lost = sum((path.share for path in failing), start=Fraction(0))
    reason = f"{cache.text} asks {aim.address} by TCP from {origin.node} for what it has not kept: {worst.reason}"
    return Forwarded("lost", lost, reason, worst.hops, worst.policies)
