"""The DaemonSet of NodeLocal DNSCache (KEP-1024), told by its image or name, and what its arguments say.

kubernetes/dns, cmd/node-cache/main.go; the placeholders are those of the add-on's manifest
(cluster/addons/dns/nodelocaldns/nodelocaldns.yaml), which whoever installs it replaces.
"""

from __future__ import annotations

from collections.abc import Iterable

from designer.model.workloads import DaemonSet

CACHE_NAMES = ("node-local-dns", "nodelocaldns")
IMAGE = "k8s-dns-node-cache"
LOCAL, SERVER = "__PILLAR__LOCAL__DNS__", "__PILLAR__DNS__SERVER__"
USUAL_ADDRESS = "169.254.20.10"


def cache_daemon(daemons: Iterable[DaemonSet]) -> DaemonSet | None:
    """The DaemonSet that runs NodeLocal DNSCache, None where none does."""
    return next((one for one in daemons if _is_cache(one)), None)


def _is_cache(one: DaemonSet) -> bool:
    images = [container.image or "" for container in one.spec.template.spec.containers]
    return any(IMAGE in image for image in images) or (one.namespace == "kube-system" and one.name in CACHE_NAMES)


def cache_argument(one: DaemonSet, name: str) -> str:
    """The value behind ``-name`` among its arguments, "" where it is not given."""
    for container in one.spec.template.spec.containers:
        words = [*container.command, *container.args]
        for place, word in enumerate(words):
            flag, equals, value = word.lstrip("-").partition("=")
            if word.startswith("-") and flag == name:
                return value if equals else next(iter(words[place + 1 :]), "")
    return ""


def cache_addresses(one: DaemonSet, vips: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses that it has on each Node, as they are written; `vips` are those of the cluster's DNS Service."""
    found: list[str] = []
    for word in (cache_argument(one, "localip") or f"{LOCAL},{SERVER}").split(","):
        found += {LOCAL: (USUAL_ADDRESS,), SERVER: vips}.get(word.strip(), (word.strip(),))
    return tuple(dict.fromkeys(found))
