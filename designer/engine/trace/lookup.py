"""A name looked up for its own sake: what a resolver asks, what it is told, and whether its packets get there.

The answers are those on the way of a trace (`naming`), for any record type (domain/dns.md section 6).
"""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.engine.controlplane.dns import ADDRESS_TYPES, RecordType, Resolution, ResolvConf, resolv_conf, resolve
from designer.engine.controlplane.musl import musl_aside
from designer.engine.controlplane.resolvconf import hosts_file, kernel_hostname
from designer.engine.controlplane.resolve import Status
from designer.engine.trace.dns_traffic import Carried, carry, delivery
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground
from designer.engine.trace.origin import Found, find_origin, pod_origin
from designer.engine.trace.request import unsendable
from designer.model import ExternalHost, Problem

# What a lookup may ask for; the first asks as getaddrinfo() does.
TYPES: dict[str, tuple[RecordType, ...]] = {
    "": ADDRESS_TYPES,
    "A": ("A",),
    "AAAA": ("AAAA",),
    "SRV": ("SRV",),
    "PTR": ("PTR",),
    "CNAME": ("CNAME",),
    "TXT": ("TXT",),
}


@dataclass(frozen=True, slots=True)
class Lookup:
    """The whole answer. `status` and `reason` are the resolution's own unless its packets are lost on the way.

    `source` is the id of who asks, `conf` its resolv.conf (None where none is known), `hosts` its /etc/hosts,
    `hostname` what it is called inside; `carried` says what becomes of the queries, by server and protocol.
    """

    source: str
    asker: str
    resolution: Resolution
    conf: ResolvConf | None
    hosts: tuple[tuple[str, tuple[str, ...]], ...]
    hostname: str
    carried: tuple[Carried, ...]
    status: Status
    reason: str
    note: str = ""

    @property
    def answers(self) -> tuple[str, ...]:
        """The values that the process gets; () where the packets are lost."""
        return self.resolution.addresses if self.status == "ok" else ()


def look_up(state: ClusterState, source: str, name: str, kind: str = "") -> tuple[Lookup | None, tuple[Problem, ...]]:
    """The lookup of `name` by `source` (a Pod, a workload, a Node); None with problems where they cannot be read.

    `kind` is a key of `TYPES`.
    """
    if not name.strip() or any(sign.isspace() for sign in name.strip()):
        title = f"{name!r} is no name to look up"
        return None, (Problem("REQ-01", "error", title, fix="Give a name such as cart or cart.shop.svc."),)
    long = unsendable(name.strip())
    if long:
        title = f"{name!r} is no name to look up: {long}, so a resolver sends no query"
        return None, (Problem("REQ-01", "error", title, fix="Give a name such as cart or cart.shop.svc."),)
    ground = Ground.of(state)
    found = find_origin(ground, source)
    if found.origin is None:
        fix = "Give a Pod, a workload or a Node, such as default/web or node-1."
        return None, (Problem("REQ-02", "error", f"The source {source} is not clear", why=found.note, fix=fix),)
    return _asked(ground, found.origin, found, name, kind), ()


def look_up_from(state: ClusterState, pod_id: str, name: str, kind: str = "") -> Lookup:
    """The lookup by a Pod that is known to run; by a client outside where `pod_id` is none."""
    ground = Ground.of(state)
    pod = ground.control.pods.get(pod_id)
    origin = pod_origin(pod) if pod is not None else Origin("outside", "", "A client outside", ())
    return _asked(ground, origin, Found(origin), name, kind)


def _asked(ground: Ground, origin: Origin, found: Found, name: str, kind: str) -> Lookup:
    pod, settings = origin.pod, ground.settings
    hosts = ground.state.project.of(ExternalHost)
    resolution = resolve(name, pod, ground.control, settings, hosts, TYPES[kind])
    conf = resolv_conf(pod, ground.control, settings) if pod is not None else None
    sent = delivery(ground, origin, resolution, conf)
    carried = list(sent.tried)
    if carried and carried[-1].protocol == "UDP":
        carried.append(carry(ground, origin, carried[-1].server, "TCP"))
    hostname, trouble = kernel_hostname(pod, settings) if pod is not None else ("", "")
    aside = musl_aside(resolution, conf) if conf is not None else ""
    parts = (found.note, f"The Pod does not start: {trouble}." if trouble else "", aside)
    note = " ".join(text for text in parts if text)
    reason = resolution.reason
    if sent.worst is not None:
        reason = sent.reason if sent.status else f"{reason}. {sent.reason}"
    return Lookup(
        origin.id,
        origin.name,
        resolution,
        conf,
        hosts_file(pod, settings) if pod is not None and not pod.host_network else (),
        hostname,
        tuple(carried),
        sent.status or resolution.status,
        reason,
        note,
    )
