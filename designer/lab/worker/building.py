"""A plan carried out: namespaces, devices, addresses, routes and rules, one step after the other."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from designer.lab.worker.loading import pieces
from designer.lab.worker.netlink import NetlinkError
from designer.lab.worker.rtnetlink import MAIN_TABLE, Links
from designer.lab.worker.spaces import Spaces

LOAD_SECONDS = 60
# Where a system keeps its tools, beside the folders that an ordinary user looks in.
FOLDERS = ("/usr/sbin", "/sbin", "/usr/local/sbin")
Step = dict[str, Any]


class BuildError(Exception):
    """A step that the kernel or a tool refused; the message says which and why."""


@dataclass(slots=True)
class Building:
    """What has been built: the namespaces, and the devices of each."""

    spaces: Spaces
    links: dict[str, Links] = field(default_factory=dict)

    def space(self, name: str, settings: list[list[str]]) -> None:
        """A new namespace with its kernel settings; those that this kernel does not have are left out."""
        self.spaces.make(name)
        for setting, value in settings:
            self.spaces.set(setting, value)
        self.links[name] = Links()
        self.links[name].up("lo")

    def carry_out(self, step: Step) -> None:
        """One step of a plan. Raises BuildError where it fails."""
        told = {key: value for key, value in step.items() if key not in ("do", "space")}
        try:
            STEPS[step["do"]](self, step["space"], **told)
        except (NetlinkError, OSError, subprocess.SubprocessError) as error:
            shown = ", ".join(f"{key} {str(value)[:60]}" for key, value in told.items() if value not in ("", 0, False))
            raise BuildError(f"{step['do']} in {step['space']} ({shown}): {error}") from error


def _veth(
    made: Building, space: str, *, name: str, mac: str, peer_space: str, peer: str, peer_mac: str, mtu: int
) -> None:
    other = (made.links[peer_space], made.spaces.files[peer_space], peer, peer_mac)
    made.links[space].veth(name, mac, other, mtu)
    made.links[space].up(name)
    made.links[peer_space].up(peer)


def _bridge(made: Building, space: str, *, name: str, mac: str, mtu: int) -> None:
    made.links[space].bridge(name, mac, mtu)
    made.links[space].up(name)


def _vxlan(made: Building, space: str, *, name: str, mac: str, mtu: int, vni: int, port: int, local: str) -> None:
    made.links[space].vxlan(name, mac, mtu, vni, port, local)
    made.links[space].up(name)


def _ipip(made: Building, space: str, *, name: str, mtu: int) -> None:
    made.spaces.enter(space)
    ipip_device(made.links[space], name, mtu)


def ipip_device(links: Links, name: str, mtu: int) -> None:
    """Make an IPIP device in the current namespace, or take the one that the kernel puts into every new one."""
    try:
        links.ipip(name, mtu)
    except NetlinkError as error:
        if error.errno != errno.EEXIST:
            raise
        links.adopt(name, socket.if_nametoindex(name), mtu)
    links.up(name)


def _port(made: Building, space: str, *, name: str, bridge: str, hairpin: bool) -> None:
    made.links[space].port(name, bridge, hairpin)


def _address(made: Building, space: str, *, device: str, address: str) -> None:
    made.links[space].address(device, address)


def _route(
    made: Building,
    space: str,
    *,
    destination: str,
    device: str,
    via: str = "",
    source: str = "",
    onlink: bool = False,
    table: int = MAIN_TABLE,
) -> None:
    made.links[space].route(destination, device, via, source, onlink, table or MAIN_TABLE)


def _rule(made: Building, space: str, *, family: int, table: int, mark: int = 0, device: str = "") -> None:
    made.links[space].rule(family, table, mark, device)


def _neighbour(made: Building, space: str, *, device: str, address: str, mac: str) -> None:
    made.links[space].neighbour(device, address, mac)


def _forwarding(made: Building, space: str, *, device: str, mac: str, remote: str = "") -> None:
    made.links[space].forwarding(device, mac, remote)


def _setting(made: Building, space: str, *, name: str, value: str) -> None:
    made.spaces.enter(space)
    if not made.spaces.set(name, value):
        raise OSError(f"the kernel does not take {value} for {name}")


def _load(made: Building, space: str, *, tool: list[str], text: str) -> None:
    made.spaces.enter(space)
    for command, part in pieces(tool, text):
        done = run_tool(command, part)
        if done.returncode:
            raise OSError(f"{' '.join(command)} answers: {done.stderr.strip()[-400:]}")


STEPS: dict[str, Callable[..., None]] = {
    "veth": _veth,
    "bridge": _bridge,
    "vxlan": _vxlan,
    "ipip": _ipip,
    "port": _port,
    "address": _address,
    "route": _route,
    "rule": _rule,
    "neighbour": _neighbour,
    "forwarding": _forwarding,
    "setting": _setting,
    "load": _load,
}


def search_path() -> str:
    """Every folder in which tools are looked for."""
    return os.pathsep.join((os.environ.get("PATH", ""), *FOLDERS))


def run_tool(tool: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    """A tool run in the current namespace with `text` on its standard input.

    iptables of the old kind takes a lock in a folder that an ordinary user cannot write; ours is one of its own.
    """
    environment = {**os.environ, "XTABLES_LOCKFILE": "/dev/null", "LC_ALL": "C"}
    environment["PATH"] = search_path()
    return subprocess.run(
        tool, input=text, text=True, capture_output=True, timeout=LOAD_SECONDS, check=False, env=environment
    )
