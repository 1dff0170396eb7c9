"""IPVS programs as text: virtual servers as ``ipvsadm -Sn`` writes them, ip sets as ``ipset save`` does."""

from __future__ import annotations

from designer.engine.netfilter.ipset import IpSet
from designer.engine.netfilter.ipvs import IpvsProgram, VirtualServer
from designer.engine.netfilter.render import address_and_port, render_iptables

_SERVICE_OPTIONS = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}
_HASH_SIZES = "hashsize 1024 maxelem 65536"
_PORT_RANGE = "range 0-65535"


def render_ipvs(program: IpvsProgram) -> str:
    """The whole program: four parts, each under a line that starts with ``##``. Ends with a line break."""
    parts = (
        (
            "ipvs (ipvsadm -Sn syntax)",
            "".join([f"{line}\n" for server in program.servers for line in server_lines(server)]),
        ),
        (f"addresses on {program.device}", "".join([f"{address}\n" for address in program.addresses])),
        ("ipset (ipset save syntax)", "".join([render_ipset(each) for each in program.rules.sets.values()])),
        ("iptables (iptables-restore syntax)", render_iptables(program.rules)),
    )
    return "".join([f"## {title}\n{text}" for title, text in parts])


def server_lines(server: VirtualServer) -> tuple[str, ...]:
    """One virtual server, then its real servers; a host's persistence mask is the default and goes unsaid."""
    where = f"{_SERVICE_OPTIONS[server.protocol]} {address_and_port(server.address, server.port)}"
    persistence = "" if server.persistence is None else f" -p {server.persistence}"
    flags = f" -b {','.join(server.flags)}" if server.flags else ""
    lines = [f"-A {where} -s {server.scheduler}{persistence}{flags}"]
    lines += [f"-a {where} -r {address_and_port(r.address, r.port)} -m -w {r.weight}" for r in server.real]
    return tuple(lines)


def render_ipset(each: IpSet) -> str:
    """A set and its members, one a line."""
    family = "inet" if each.family == 4 else "inet6"
    room = _PORT_RANGE if each.type.startswith("bitmap:") else f"family {family} {_HASH_SIZES}"
    lines = [f"create {each.name} {each.type} {room}\n"]
    lines += [f"add {each.name} {member}\n" for member in each.members]
    return "".join(lines)
