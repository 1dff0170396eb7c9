"""NodeLocal DNSCache as a value: which addresses its Pods have on their Nodes, and what it forwards (KEP-1024)."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.controlplane.corefile import Corefile

# Words of its Corefile that node-cache replaces: the Service with the cluster's DNS, and the name servers of the Node.
CLUSTER, UPSTREAM = "__PILLAR__CLUSTER__DNS__", "__PILLAR__UPSTREAM__SERVERS__"


@dataclass(frozen=True, slots=True)
class NodeCache:
    """The DaemonSet `id`: its `addresses`, the Nodes on which it surely answers there, or runs at all, and what it
    forwards.

    `upstream` is the id of the Service that it asks for names of the cluster.
    """

    id: str
    addresses: tuple[str, ...]
    ready: frozenset[str]
    running: frozenset[str]
    upstream: str
    corefile: Corefile

    @property
    def text(self) -> str:
        """``NodeLocal DNSCache (DaemonSet kube-system/node-local-dns)``."""
        return f"NodeLocal DNSCache ({self.id.replace(':', ' ', 1)})"
