"""What a CoreDNS with a Corefile answers: the plugins of the server block that a name leads to, one after the other.

Evaluated are kubernetes, hosts, rewrite of names (`corednsrewrite`), autopath (`corednsautopath`) and forward
(coredns.io/plugins); a plugin that is not, and that may have the answer, makes it UNKNOWN, with the plugin's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from designer.engine.controlplane.addresses import parse_address
from designer.engine.controlplane.corednsautopath import AUTOPATH, search_path
from designer.engine.controlplane.corednsrewrite import rewrite_name
from designer.engine.controlplane.corefile import Corefile, Plugin, ServerBlock, falls_under, zone_of, zones_of
from designer.engine.controlplane.names import reverse_address
from designer.engine.controlplane.nodecache import UPSTREAM
from designer.engine.controlplane.published import ZoneOptions
from designer.engine.controlplane.records import ADDRESS_TYPES, Answer, RecordType, Zone
from designer.engine.controlplane.state import ControlPlaneState, PodState
from designer.model import ClusterSettings, ExternalHost

EMPTY_COREFILE = Corefile("")
HOSTS_OPTIONS = ("ttl", "no_reverse", "reload", "fallthrough", "fallthrough_unsupported")
# Options of the kubernetes plugin that are evaluated; by others it sees something else than this cluster's objects, or
# they are unknown (labels, namespace_labels, endpoint, kubeconfig, multicluster, upstream).
FOLLOWED = frozenset((
    "pods", "namespaces", "ignore", "noendpoints", "endpoint_pod_names", "terminating_endpoints", "ptr_hostname_only",
    "fallthrough", "zonal",
))  # fmt: skip
# Those that change no answer.
NO_MATTER = frozenset(("ttl", "tls", "startup_timeout", "apiserver_qps", "apiserver_burst", "apiserver_max_inflight"))
# Where plugins that are not evaluated name the zones that they are for: after so many words of theirs.
REVERSE = ("in-addr.arpa", "ip6.arpa")
NOBODY = "CoreDNS: no plugin of its Corefile answers for this name"
ZONES_AFTER = {"file": 1, "auto": 0, "secondary": 0, "etcd": 0, "k8s_external": 0, "template": 2, "dns64": 99}


@dataclass(frozen=True, slots=True)
class ServedZone(Zone):
    """The cluster's zone behind a Corefile.

    `asker` is the Pod whose address the server sees, None where it sees another one; `searches` are the search domains
    of the server's own Node. What is forwarded to one of `leads_to` alone, the zone `behind` answers.
    """

    server: Corefile = field(default=EMPTY_COREFILE)
    asker: PodState | None = None
    searches: tuple[str, ...] = ()
    behind: Zone | None = None
    leads_to: tuple[str, ...] = ()

    def answer(self, name: str, qtype: RecordType, depth: int = 0) -> Answer:
        """What the server answers for an absolute name, CNAMEs followed."""
        name = name.lower().removesuffix(".")
        if self.server.trouble:
            return _unknown(self, name, f"its Corefile cannot be read: {self.server.trouble}")
        block = self.server.block_for(name)
        if block is None:
            rule = "CoreDNS refuses it: no server block of its Corefile is for this name"
            return Answer("SERVFAIL", (), name, rule, self.server.id)
        bound = next((one.args for one in block.plugins if one.name == "bind"), ())
        if bound and all(_loopback(word) for word in bound):
            return _unknown(
                self, name, f"its Corefile binds the block to {', '.join(bound)} alone, which no other asks"
            )
        return _asked(self, block, name, qtype, depth)


def _loopback(word: str) -> bool:
    """Whether a word of bind is the server's own loopback device or an address of it."""
    return word == "lo" or word.startswith("127.") or word == "::1"


def zone_for(
    control: ControlPlaneState,
    settings: ClusterSettings,
    hosts: Iterable[ExternalHost],
    asker: PodState | None = None,
) -> Zone:
    """The zone of a cluster as its DNS serves it: by its Corefile where the input holds it, else by kubeadm's."""
    plain = Zone.of(control, settings, hosts)
    if control.corefile is None:
        return plain
    seen = None if settings.kubeProxy.masqueradeAll else asker
    return ServedZone(
        control, plain.domain, plain.hosts, plain.options, control.corefile, seen, settings.nodeSearchDomains
    )


def _unknown(zone: ServedZone, name: str, why: str) -> Answer:
    return Answer("UNKNOWN", (), name, f"CoreDNS: {why}", zone.server.id)


def _asked(zone: ServedZone, block: ServerBlock, name: str, qtype: RecordType, depth: int) -> Answer:
    """The answer of a block's plugins."""
    rewritten, unlike = False, ""
    for place, plugin in enumerate(block.chain):
        found: Answer | None = None
        if plugin.name == "rewrite" and not rewritten:
            step = rewrite_name(plugin, name)
            if step.trouble:
                return _unknown(zone, name, f"its Corefile has {step.trouble}")
            rewritten, unlike = step.stops, step.unlike or unlike
            name = step.name
        elif plugin.name == "rewrite":
            continue
        elif plugin.name == "autopath":
            found = _completed(zone, block, place, name, qtype, depth)
        else:
            found = _told(zone, block, plugin, name, qtype, depth)
        if found is not None and unlike and found.values:
            return _unknown(zone, name, unlike)
        if found is not None:
            return found
    return Answer("SERVFAIL", (), name, NOBODY, zone.server.id)


def _told(
    zone: ServedZone, block: ServerBlock, plugin: Plugin, name: str, qtype: RecordType, depth: int
) -> Answer | None:
    """What one plugin answers, None where it asks the next one."""
    if plugin.name == "hosts":
        return _hosts(zone, block, plugin, name, qtype)
    if plugin.name == "kubernetes":
        return _kubernetes(zone, block, plugin, name, qtype, depth)
    if plugin.name in ("forward", "proxy"):
        return _forward(zone, plugin, name, qtype, depth)
    if _may_answer(plugin, block, name):
        return _unknown(zone, name, f"its Corefile has the plugin {plugin.name}, whose answer is not in the input")
    return None


def _completed(
    zone: ServedZone, block: ServerBlock, place: int, name: str, qtype: RecordType, depth: int
) -> Answer | None:
    """What autopath makes of a name of the asker's first search domain: the first of its tries that is no NXDOMAIN.

    The plugins behind it are asked (plugin/autopath, ServeDNS); None where it leaves the question alone.
    """
    later = block.chain[place + 1 :]
    path = search_path(block, block.chain[place], name, zone.asker, zone.searches)
    if path.trouble:
        return _unknown(zone, name, path.trouble)
    for domain in path.domains:
        tried = f"{path.base}.{domain}" if domain else path.base
        told = (_told(zone, block, plugin, tried, qtype, depth) for plugin in later if plugin.name != "autopath")
        found = next((answer for answer in told if answer is not None), None)
        if found is None or found.rcode in ("NXDOMAIN", "SERVFAIL"):
            continue
        unknown = found.rcode == "UNKNOWN"
        if unknown and _taken_as_missing(zone, tried, domain):
            continue
        if tried == name:
            return found
        oid = zone.server.id if unknown else found.object
        return Answer(found.rcode, found.values, found.canonical or tried, f"{AUTOPATH}{tried}; {found.rule}", oid)
    return None


def _taken_as_missing(zone: ServedZone, tried: str, domain: str) -> bool:
    """Whether a name that nobody of the project has is taken not to exist: below a Node's search domain, one label."""
    return domain in zone.searches or "." not in tried


def _may_answer(plugin: Plugin, block: ServerBlock, name: str) -> bool:
    after = ZONES_AFTER.get(plugin.name)
    if after is None or len(plugin.args) <= after:
        return True
    return zone_of(name, zones_of(plugin.args[after:], block.zones)) is not None


def _through(plugin: Plugin, name: str) -> bool:
    """Whether what the plugin does not have goes on to the next one."""
    option = plugin.option("fallthrough")
    return option is not None and (not option or any(falls_under(name, z.lower().strip(".")) for z in option))


def _hosts(zone: ServedZone, block: ServerBlock, plugin: Plugin, name: str, qtype: RecordType) -> Answer | None:
    """The answer of hosts; None where it goes on. Without fallthrough a name that it lacks is a failure (hosts.go)."""
    zones = zones_of(plugin.args[1:], block.zones)
    inside = zone_of(name, zones) is not None
    if not inside and qtype != "PTR":
        return None
    lines = [line for line in plugin.lines if line[0] not in HOSTS_OPTIONS]
    path = plugin.args[0] if plugin.args else ""
    if path and path != "/etc/hosts":
        text = zone.server.file(path)
        if text is None:
            return _unknown(zone, name, f"its Corefile has hosts {path}, a file that is not in the input")
        lines += [tuple(line.partition("#")[0].split()) for line in text.splitlines()]
    named = [(line[0], [n.lower().removesuffix(".") for n in line[1:]]) for line in lines if len(line) > 1]
    if qtype == "PTR":
        address = reverse_address(name)
        if plugin.option("no_reverse") is not None:
            return None
        names = tuple(f"{n}." for ip, listed in named if ip == address for n in listed if not n.startswith("*"))
        return Answer("NOERROR", names, name, "hosts of the Corefile", zone.server.id) if names else None
    if not any(name in listed for _, listed in named):
        if any(f"*.{name.partition('.')[2]}" in listed for _, listed in named):
            return _unknown(zone, name, "hosts has a wildcard for it, which older versions take for a name")
        if _through(plugin, name):
            return None
        return Answer("SERVFAIL", (), name, "hosts of the Corefile has no such name and no fallthrough", zone.server.id)
    values = tuple(dict.fromkeys(ip for ip, listed in named if name in listed and _of_type(ip, qtype)))
    return Answer("NOERROR" if values else "NODATA", values, name, "hosts of the Corefile", zone.server.id)


def _of_type(address: str, qtype: RecordType) -> bool:
    return parse_address(address) is not None and qtype in ADDRESS_TYPES and (":" in address) == (qtype == "AAAA")


def _kubernetes(
    zone: ServedZone, block: ServerBlock, plugin: Plugin, name: str, qtype: RecordType, depth: int
) -> Answer | None:
    """The answer of the kubernetes plugin; None where the name is in none of its zones or falls through."""
    zones = zones_of(plugin.args, block.zones)
    domain = zone_of(name, zones)
    if domain is None:
        return None
    other = next((line[0] for line in plugin.lines if line[0] not in FOLLOWED | NO_MATTER), "")
    if other:
        return _unknown(zone, name, f"its Corefile has {other} at the plugin kubernetes, which is not evaluated")
    if plugin.option("zonal") is not None and "_zone" in name.split("."):
        return _unknown(zone, name, "its Corefile has the option zonal, whose names by zone are not evaluated")
    ignored = plugin.option("ignore") or ()
    options = ZoneOptions(
        (plugin.option("pods") or ("disabled",))[0],
        plugin.option("namespaces") or (),
        "empty_service" not in ignored and "emptyservice" not in ignored,
        plugin.option("noendpoints") is None,
        plugin.option("endpoint_pod_names") is not None,
        plugin.option("terminating_endpoints") is not None,
        plugin.option("ptr_hostname_only") is not None,
    )
    if reverse_address(name) is not None:
        # Reverse records are of the first zone that is no reverse one (setup.go, primaryZoneIndex).
        primary = next((one for one in zones if not one.endswith(REVERSE)), zone.domain)
        found = replace(zone, domain=primary, options=options).ask(name, qtype, depth)
        if found.rcode == "UNKNOWN" and not _through(plugin, name):
            return Answer("NXDOMAIN", (), name, "no Service has this address, and the Corefile asks nobody else")
        return None if found.rcode == "UNKNOWN" else found
    found = replace(zone, domain=domain, options=options).ask(name, qtype, depth)
    return None if found.rcode == "NXDOMAIN" and _through(plugin, name) else found


def _host_of(word: str) -> str:
    """The address of a target of forward, without scheme and port."""
    word = word.rpartition("://")[2]
    if word.startswith("["):
        return word[1:].partition("]")[0]
    return word.partition(":")[0] if word.count(":") == 1 else word


def _forward(zone: ServedZone, plugin: Plugin, name: str, qtype: RecordType, depth: int) -> Answer | None:
    """What is asked of another server: an ExternalHost of the project may have the name, else nobody knows."""
    source = plugin.args[0].lower().removesuffix(".") if plugin.args else ""
    excluded = plugin.option("except") or ()
    if not falls_under(name, source) or any(falls_under(name, z.lower().removesuffix(".")) for z in excluded):
        return None
    targets = [_host_of(word) for word in plugin.args[1:]]
    if zone.behind is not None and targets and all(target in zone.leads_to for target in targets):
        return zone.behind.answer(name, qtype, depth)
    found = zone.outside(name, qtype)
    servers = ", ".join(plugin.args[1:])
    if found.rcode != "UNKNOWN" or servers in ("/etc/resolv.conf", UPSTREAM):
        return found
    return replace(found, rule=f"forwarded to {servers}: no ExternalHost of the project has this name")
