"""Cluster DNS as the rest of the engine asks it: a Pod's resolv.conf and hosts file, and the lookup of a name."""

from designer.engine.controlplane.published import dashed
from designer.engine.controlplane.records import ADDRESS_TYPES, Answer, RecordType, Zone
from designer.engine.controlplane.resolvconf import ResolvConf, hosts_file, resolv_conf
from designer.engine.controlplane.resolve import Query, Resolution, candidates, resolve

__all__ = [
    "ADDRESS_TYPES",
    "Answer",
    "Query",
    "RecordType",
    "Resolution",
    "ResolvConf",
    "Zone",
    "candidates",
    "dashed",
    "hosts_file",
    "resolv_conf",
    "resolve",
]
