"""Links, addresses, routes, rules, neighbours and forwarding entries of one namespace, by rtnetlink.

Devices get numbers of our own, so that none has to be looked up. Every method carries out one thing and raises
NetlinkError where the kernel refuses it.
"""

from __future__ import annotations

import struct
from ipaddress import ip_address, ip_interface

from designer.lab.worker import netlink as n

NEW_LINK, NEW_ADDRESS, NEW_ROUTE, NEW_NEIGHBOUR, NEW_RULE = 16, 20, 24, 28, 32
SET_LINK = 19
AF_BRIDGE = 7
FAMILIES = {4: 2, 6: 10}
UP = 1
IFLA_ADDRESS, IFLA_NAME, IFLA_MTU, IFLA_MASTER, IFLA_PROTINFO, IFLA_LINKINFO, IFLA_NET_NS_FD = 1, 3, 4, 10, 12, 18, 28
INFO_KIND, INFO_DATA, VETH_PEER = 1, 2, 1
PORT_HAIRPIN = 4
BRIDGE_SNOOPING = 23
TUNNEL_PROTOCOL = 9
# The kernel's modules may put devices of their own into a new namespace, which get the low numbers.
FIRST_NUMBER = 1000
NO_DAD, NO_PREFIX_ROUTE = 0x02, 0x200
MAIN_TABLE, STATIC = 254, 4
UNICAST, BLACKHOLE = 1, 6
UNIVERSE, LINK = 0, 253
ON_LINK = 4
PERMANENT, NO_ARP = 0x80, 0x40
SELF, MASTER = 2, 4


def mac_bytes(mac: str) -> bytes:
    """Six bytes of ``02:00:00:00:00:01``."""
    return bytes.fromhex(mac.replace(":", ""))


def _address(text: str) -> bytes:
    return ip_address(text).packed


def _family(text: str) -> int:
    return FAMILIES[6 if ":" in text else 4]


def _link(index: int, flags: int = 0, change: int = 0, family: int = 0) -> bytes:
    return struct.pack("=BxHiII", family, 0, index, flags, change)


class Links:
    """What is done in one namespace. `numbers` are its devices."""

    def __init__(self) -> None:
        self._netlink = n.Netlink(n.ROUTE)
        self.numbers: dict[str, int] = {"lo": 1}

    def close(self) -> None:
        """Give the socket back; the devices stay."""
        self._netlink.close()

    def take_number(self, name: str) -> int:
        """A number for a new device."""
        self.numbers[name] = FIRST_NUMBER + len(self.numbers)
        return self.numbers[name]

    def veth(self, name: str, mac: str, peer: tuple[Links, int, str, str], mtu: int) -> None:
        """A pair of devices; `peer` is the other namespace with its file, the name and the address there."""
        other, space, peer_name, peer_mac = peer
        far = _link(other.take_number(peer_name)) + _named(peer_name, peer_mac, mtu) + n.number(IFLA_NET_NS_FD, space)
        self._new(name, mac, mtu, "veth", n.attribute(VETH_PEER | n.NESTED, far))

    def bridge(self, name: str, mac: str, mtu: int) -> None:
        """A bridge that does not listen for multicast groups."""
        self._new(name, mac, mtu, "bridge", n.attribute(BRIDGE_SNOOPING, b"\0"))

    def vxlan(self, name: str, mac: str, mtu: int, vni: int, port: int, local: str) -> None:
        """A VXLAN device that learns nothing: where frames go, forwarding entries say."""
        own = n.attribute(4 if ":" not in local else 17, _address(local))
        parts = (n.number(1, vni), own, n.attribute(7, b"\0"), n.attribute(15, struct.pack("!H", port)))
        zero = (n.attribute(19, b"\1"), n.attribute(20, b"\1")) if ":" in local else ()
        self._new(name, mac, mtu, "vxlan", *parts, *zero)

    def ipip(self, name: str, mtu: int) -> None:
        """An IPIP device to wherever a route's next hop is; it has no link address."""
        info = n.nested(
            IFLA_LINKINFO, n.attribute(INFO_KIND, b"ipip"), n.nested(INFO_DATA, n.attribute(TUNNEL_PROTOCOL, b"\4"))
        )
        body = _link(self.take_number(name)) + n.text(IFLA_NAME, name) + n.number(IFLA_MTU, mtu) + info
        self._netlink.ask(NEW_LINK, n.CREATE | n.EXCL, body)

    def adopt(self, name: str, number: int, mtu: int) -> None:
        """Use a device that is there already."""
        self.numbers[name] = number
        self._netlink.ask(SET_LINK, 0, _link(number) + n.number(IFLA_MTU, mtu))

    def up(self, name: str) -> None:
        """Switch a device on."""
        self._netlink.ask(NEW_LINK, 0, _link(self.numbers[name], UP, UP))

    def port(self, name: str, bridge: str, hairpin: bool) -> None:
        """Make a device a port of a bridge; with `hairpin` frames may leave by the port that they came from."""
        index = self.numbers[name]
        self._netlink.ask(SET_LINK, 0, _link(index) + n.number(IFLA_MASTER, self.numbers[bridge]))
        if hairpin:
            info = n.nested(IFLA_PROTINFO, n.attribute(PORT_HAIRPIN, b"\1"))
            self._netlink.ask(SET_LINK, 0, _link(index, family=AF_BRIDGE) + info)

    def address(self, name: str, address: str) -> None:
        """Give a device an address with its prefix length; no route comes with it."""
        what = ip_interface(address)
        head = struct.pack("=BBBBI", FAMILIES[what.version], what.network.prefixlen, 0, UNIVERSE, self.numbers[name])
        flags = n.number(8, NO_PREFIX_ROUTE | (NO_DAD if what.version == 6 else 0))
        body = head + n.attribute(1, what.packed) + n.attribute(2, what.packed) + flags
        self._netlink.ask(NEW_ADDRESS, n.CREATE | n.EXCL, body)

    def route(self, destination: str, device: str, via: str, source: str, onlink: bool, table: int) -> None:
        """A route; without a device what it covers is discarded in silence."""
        what = ip_interface(destination).network
        kind = UNICAST if device else BLACKHOLE
        scope = LINK if device and not via and what.version == 4 else UNIVERSE
        flags = ON_LINK if onlink else 0
        head = struct.pack(
            "=BBBBBBBBI", FAMILIES[what.version], what.prefixlen, 0, 0, table if table < 256 else 0, STATIC, scope,
            kind, flags,
        )  # fmt: skip
        body = head + n.number(15, table)
        if what.prefixlen:
            body += n.attribute(1, what.network_address.packed)
        if device:
            body += n.number(4, self.numbers[device])
        if via:
            body += n.attribute(5, _address(via))
        if source:
            body += n.attribute(7, _address(source))
        self._netlink.ask(NEW_ROUTE, n.CREATE | n.REPLACE, body)

    def rule(self, family: int, table: int, mark: int, device: str) -> None:
        """Packets with this mark (0: any) that come in by this device ("": any) ask this table first."""
        head = struct.pack("=BBBBBBBBI", FAMILIES[family], 0, 0, 0, 0, 0, 0, 1, 0)
        body = head + n.number(6, 100 + table % 1000) + n.number(15, table)
        if mark:
            body += n.number(10, mark)
        if device:
            body += n.text(3, device)
        self._netlink.ask(NEW_RULE, n.CREATE | n.EXCL, body)

    def neighbour(self, device: str, address: str, mac: str) -> None:
        """Who has an address on a device's link, for good."""
        head = struct.pack("=BxHiHBB", _family(address), 0, self.numbers[device], PERMANENT, 0, 0)
        body = head + n.attribute(1, _address(address)) + n.attribute(2, mac_bytes(mac))
        self._netlink.ask(NEW_NEIGHBOUR, n.CREATE | n.REPLACE, body)

    def forwarding(self, device: str, mac: str, remote: str) -> None:
        """Behind which port of a bridge a link address is; with `remote`, behind which end of a VXLAN device."""
        flags = SELF if remote else MASTER
        head = struct.pack("=BxHiHBB", AF_BRIDGE, 0, self.numbers[device], PERMANENT if remote else NO_ARP, flags, 0)
        body = head + n.attribute(2, mac_bytes(mac)) + (n.attribute(1, _address(remote)) if remote else b"")
        self._netlink.ask(NEW_NEIGHBOUR, n.CREATE | n.REPLACE, body)

    def _new(self, name: str, mac: str, mtu: int, kind: str, *data: bytes) -> None:
        info = n.nested(IFLA_LINKINFO, n.attribute(INFO_KIND, kind.encode()), n.nested(INFO_DATA, *data))
        body = _link(self.take_number(name)) + _named(name, mac, mtu) + info
        self._netlink.ask(NEW_LINK, n.CREATE | n.EXCL, body)


def _named(name: str, mac: str, mtu: int) -> bytes:
    return n.text(IFLA_NAME, name) + n.attribute(IFLA_ADDRESS, mac_bytes(mac)) + n.number(IFLA_MTU, mtu)
