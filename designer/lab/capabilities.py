"""What this machine can, in plain words, with what to do where it cannot."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from designer.lab.client import LabError, Worker

# Ability → what it is for, and the remedy where it is missing.
WORDS: dict[str, tuple[str, str]] = {
    "settings": ("kernel settings of a namespace", "Mount /proc/sys writable; containers often have it read-only."),
    "bridge": ("bridges", "Load the kernel module bridge."),
    "bridge-netfilter": ("rules for what a bridge carries (br_netfilter)", "Load it: sudo modprobe br_netfilter."),
    "vxlan": ("VXLAN tunnels", "Load the kernel module vxlan."),
    "ipv6": ("IPv6", "Boot without ipv6.disable=1."),
    "iptables": ("iptables rules", "Install the package iptables."),
    "statistic": ("random balancing of iptables", "Load the kernel module xt_statistic."),
    "recent": ("session affinity of iptables", "Load the kernel module xt_recent."),
    "nft": ("nftables rules", "Install the package nftables."),
    "ipset": ("ip sets", "Install the package ipset."),
    "trace": (
        "the kernel's own trace of rules",
        "Use iptables of the nf_tables kind, and a kernel with nf_tables tracing.",
    ),
    "ipip": ("IPIP tunnels", "Load the kernel module: sudo modprobe ipip. Or compare VXLAN or BGP."),
    "ipvs": ("IPVS", "Install ipvsadm, and sudo modprobe -a ip_vs ip_vs_rr. Or choose iptables or nftables (--mode)."),
    "sctp": (
        "SCTP through the kernel's translation",
        "Load the kernel module xt_sctp. The kernel's own SCTP would answer too: sudo modprobe -r sctp.",
    ),
}
NO_NAMESPACES = (
    "This system does not let an ordinary user make network namespaces. On Ubuntu: sudo sysctl "
    "kernel.apparmor_restrict_unprivileged_userns=0; on Debian: sudo sysctl kernel.unprivileged_userns_clone=1; in a "
    "container give it --privileged, or seccomp=unconfined; a Flatpak cannot. Or run the program as root."
)


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing that the lab may need. `missing` is "" where it is there, `remedy` says what to do."""

    name: str
    text: str
    missing: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """All of them. `how` is "user" (a user namespace) or "root"; `restore` the tools that load iptables' rules."""

    how: str
    found: tuple[Capability, ...]
    restore: tuple[str, str]

    def missing(self, *names: str) -> str:
        """Why one of these cannot be used, with the remedy; "" where all can."""
        for one in self.found:
            if one.name in names and one.missing:
                return f"{one.text}: {one.missing}. {one.remedy}"
        return ""

    def lines(self) -> tuple[str, ...]:
        """One line each, as a person reads them."""
        rights = "as an ordinary user, in a user namespace" if self.how == "user" else "as root"
        told = [
            f"✓ {one.text}" if not one.missing else f"– {one.text}: {one.missing}. {one.remedy}" for one in self.found
        ]
        return (f"✓ network namespaces, {rights}", *told)


def capabilities(worker: Worker) -> Capabilities:
    """What the worker found out. Raises LabError where it cannot even make a network namespace."""
    word = worker.first_word()
    if "refused" in word:
        raise LabError(f"{word['refused'].capitalize()} cannot be made here: {word['why']}.", NO_NAMESPACES)
    answer: dict[str, Any] = list(worker.ask({"do": "abilities"}, "abilities"))[-1]
    found = tuple(
        Capability(name, *_texts(name, str(missing))) for name, missing in answer["abilities"].items() if name in WORDS
    )
    first, second = answer["restore"]
    return Capabilities(str(word["ready"]), found, (str(first), str(second)))


def _texts(name: str, missing: str) -> tuple[str, str, str]:
    text, remedy = WORDS[name]
    return text, missing, remedy


def check_system() -> None:
    """Nothing where the lab can be tried at all. Raises LabError on systems without Linux' namespaces."""
    if sys.platform != "linux":
        raise LabError("The kernel lab needs Linux: it builds the cluster of Linux' own network namespaces.")
