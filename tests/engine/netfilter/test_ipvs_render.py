"""Virtual servers as ipvsadm(8) writes them with -Sn, ip sets as ipset(8) saves them."""

import pytest

from designer.engine.netfilter import IpSet, IpvsProgram, Program, RealServer, VirtualServer, render_ipset, render_ipvs


@pytest.mark.parametrize(
    ("server", "text"),
    [
        (VirtualServer("tcp", "10.96.0.1", 443), "-A -t 10.96.0.1:443 -s rr\n"),
        (VirtualServer("udp", "10.96.0.10", 53, "wlc"), "-A -u 10.96.0.10:53 -s wlc\n"),
        (VirtualServer("sctp", "10.96.0.5", 2905), "-A --sctp-service 10.96.0.5:2905 -s rr\n"),
        (VirtualServer("tcp", "fd00::1", 80, persistence=600), "-A -t [fd00::1]:80 -s rr -p 600\n"),
        (
            VirtualServer("tcp", "10.96.0.1", 80, "mh", ("mh-fallback", "mh-port"), 60),
            "-A -t 10.96.0.1:80 -s mh -p 60 -b mh-fallback,mh-port\n",
        ),
        (
            VirtualServer("tcp", "fd00::1", 80, real=(RealServer("fd00::2", 8080), RealServer("fd00::3", 8081, 0))),
            (
                "-A -t [fd00::1]:80 -s rr\n"
                "-a -t [fd00::1]:80 -r [fd00::2]:8080 -m -w 1\n"
                "-a -t [fd00::1]:80 -r [fd00::3]:8081 -m -w 0\n"
            ),
        ),
    ],
)
def test_a_virtual_server(server: VirtualServer, text: str) -> None:
    program = IpvsProgram((server,), "ipvs0", (server.address,), Program(4, "n", ()))
    assert render_ipvs(program) == (
        f"## ipvs (ipvsadm -Sn syntax)\n{text}## addresses on ipvs0\n{server.address}\n"
        "## ipset (ipset save syntax)\n## iptables (iptables-restore syntax)\n"
    )


@pytest.mark.parametrize(
    ("each", "text"),
    [
        (
            IpSet("A", "hash:ip,port", ("10.96.0.1,tcp:443", "10.96.0.2,udp:53")),
            (
                "create A hash:ip,port family inet hashsize 1024 maxelem 65536\n"
                "add A 10.96.0.1,tcp:443\nadd A 10.96.0.2,udp:53\n"
            ),
        ),
        (IpSet("B", "hash:ip", (), 6), "create B hash:ip family inet6 hashsize 1024 maxelem 65536\n"),
        (IpSet("C", "bitmap:port", ("30080",), 6), "create C bitmap:port range 0-65535\nadd C 30080\n"),
    ],
)
def test_a_set(each: IpSet, text: str) -> None:
    assert render_ipset(each) == text
