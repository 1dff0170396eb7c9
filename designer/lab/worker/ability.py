"""What this machine's kernel and tools can do in a namespace, each tried once."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable

from designer.lab.worker.building import ipip_device, run_tool, search_path
from designer.lab.worker.exchange import Exchange
from designer.lab.worker.netlink import NetlinkError
from designer.lab.worker.nftrace import RULES, TABLE, Tracer
from designer.lab.worker.probing import End
from designer.lab.worker.rtnetlink import Links
from designer.lab.worker.spaces import Spaces

MAC = "02:00:00:00:00:01"


def which(name: str) -> str:
    """Where a tool is, looked for in the folders of the system's tools too; "" where it is nowhere."""
    return shutil.which(name, path=search_path()) or ""


def restore_tools() -> tuple[str, str]:
    """The names of iptables-restore and ip6tables-restore, those that write nftables where there are several."""
    return tuple(  # type: ignore[return-value]
        next((name for name in (f"{tool}-nft-restore", f"{tool}-restore") if which(name)), "")
        for tool in ("iptables", "ip6tables")
    )


def abilities(spaces: Spaces) -> dict[str, str]:
    """Each ability with "" where it is there, else with what is missing as the kernel or the tool words it."""
    spaces.make("ability")
    links = Links()
    found = {name: _tried(try_it, spaces, links) for name, try_it in TRIALS.items()}
    links.close()
    spaces.enter("")
    os.close(spaces.files.pop("ability"))
    return found


def _tried(try_it: Callable[[Spaces, Links], str], spaces: Spaces, links: Links) -> str:
    try:
        return try_it(spaces, links)
    except (NetlinkError, OSError) as error:
        return os.strerror(error.errno) if error.errno else str(error)


def _bridge(_: Spaces, links: Links) -> str:
    links.bridge("lab-bridge", MAC, 1500)
    return ""


def _vxlan(_: Spaces, links: Links) -> str:
    links.vxlan("lab-vxlan", MAC, 1450, 1, 4789, "192.0.2.1")
    return ""


def _ipip(_: Spaces, links: Links) -> str:
    ipip_device(links, "tunl0", 1480)
    return ""


def _settings(spaces: Spaces, _: Links) -> str:
    return "" if spaces.set("net/ipv4/ip_forward", "1") else "/proc/sys/net cannot be written"


def _bridge_netfilter(spaces: Spaces, _: Links) -> str:
    return "" if spaces.set("net/bridge/bridge-nf-call-iptables", "1") else "br_netfilter is not loaded"


def _ipv6(spaces: Spaces, _: Links) -> str:
    return "" if spaces.set("net/ipv6/conf/all/forwarding", "1") else "IPv6 is switched off"


def _iptables(_: Spaces, links: Links) -> str:
    for tool in restore_tools():
        if not tool:
            return "not installed"
        done = run_tool([tool], "*nat\n-A PREROUTING -m addrtype --dst-type LOCAL -j RETURN\nCOMMIT\n")
        if done.returncode:
            return f"{tool}: {_first(done.stderr)}"
    return ""


def _statistic(_: Spaces, links: Links) -> str:
    rules = "*nat\n-A PREROUTING -m statistic --mode random --probability 0.5 -j RETURN\nCOMMIT\n"
    done = run_tool([restore_tools()[0] or "iptables-restore"], rules)
    return _first(done.stderr) if done.returncode else ""


def _recent(_: Spaces, links: Links) -> str:
    done = run_tool(
        [restore_tools()[0] or "iptables-restore"], "*nat\n-A PREROUTING -m recent --name lab --set\nCOMMIT\n"
    )
    return _first(done.stderr) if done.returncode else ""


def _nft(_: Spaces, links: Links) -> str:
    if not which("nft"):
        return "not installed"
    done = run_tool(["nft", "-f", "-"], "add table ip lab\ndelete table ip lab\n")
    return _first(done.stderr) if done.returncode else ""


def _ipset(_: Spaces, links: Links) -> str:
    if not which("ipset"):
        return "not installed"
    done = run_tool(["ipset", "restore"], "create lab hash:net family inet\ndestroy lab\n")
    return _first(done.stderr) if done.returncode else ""


def _trace(_: Spaces, links: Links) -> str:
    done = run_tool(["nft", "-f", "-"], RULES)
    if done.returncode:
        return _first(done.stderr)
    Tracer().listener.close()
    run_tool(["nft", "-f", "-"], f"delete table inet {TABLE}\n")
    tool = restore_tools()[0]
    old = tool and "nf_tables" not in run_tool([tool, "--version"]).stdout
    return "iptables is of the old kind, whose rules this trace does not see" if old else ""


def _ipvs(_: Spaces, links: Links) -> str:
    if not os.path.exists("/proc/net/ip_vs"):
        return "the kernel has no ip_vs"
    if not which("ipvsadm"):
        return "ipvsadm is not installed"
    done = run_tool(["ipvsadm", "-R"], "-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 192.0.2.2:80 -m -w 1\n")
    return _first(done.stderr) if done.returncode else ""


def _sctp(spaces: Spaces, links: Links) -> str:
    """A real packet through a translation on the loopback device, and one to a port of nobody.

    No SCTP socket is tried: to ask for one loads the kernel's own SCTP, whose answers would mix with the lab's.
    """
    rules = "*nat\n-A OUTPUT -p sctp -m sctp --dport 80 -j DNAT --to-destination 127.0.0.1:90\nCOMMIT\n"
    done = run_tool([restore_tools()[0] or "iptables-restore"], rules)
    if done.returncode:
        return _first(done.stderr)
    links.up("lo")
    exchange, ends = Exchange(spaces), dict[int, End]()
    exchange.open(0, spaces.current, "SCTP", 90)
    patience = (0.3, 0.0)
    aims = [(n, ("ability", 4, "SCTP", "127.0.0.1", port, 0, patience)) for n, port in enumerate((80, 81))]
    exchange.run(aims, ends.__setitem__, lambda: False)
    exchange.close()
    if ends[0] == ["answered", 0, "127.0.0.1", 64] and ends[1] == ["reset"]:
        return ""
    if ["reset"] in ends.values():
        return "something else answers: the kernel's own SCTP is loaded"
    return f"the kernel does not translate it ({ends[0][0]})"


def _first(text: str) -> str:
    line = re.sub(r"\s+", " ", text.strip())
    return line[:200] or "refused"


TRIALS: dict[str, Callable[[Spaces, Links], str]] = {
    "settings": _settings,
    "bridge": _bridge,
    "bridge-netfilter": _bridge_netfilter,
    "vxlan": _vxlan,
    "ipip": _ipip,
    "ipv6": _ipv6,
    "iptables": _iptables,
    "statistic": _statistic,
    "recent": _recent,
    "nft": _nft,
    "ipset": _ipset,
    "trace": _trace,
    "ipvs": _ipvs,
    "sctp": _sctp,
}
