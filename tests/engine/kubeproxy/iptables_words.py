"""The rules that a Service has in iptables mode as texts by role, and words to write down what is expected of them.

SVC, SVL, EXT, FW stand for the chains of `default/web:http`, SEP@address for that of an endpoint, MASQ for the mark.
"""

import re

from designer.engine.kubeproxy.names import chain_suffix
from designer.engine.netfilter import Program
from designer.engine.netfilter.render import render_rule
from tests.engine.kubeproxy.small_cluster import POD_A, POD_B, VIP

SHARED = {
    "filter": ("KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL"),
    "nat": ("KUBE-SERVICES", "KUBE-NODEPORTS"),
}
TITLE = "default/web:http"
TO = f"-m tcp -p tcp -d {VIP} --dport 80"


def made(program: Program) -> list[str]:
    """The Service's rules, chain by chain: what it puts into shared chains, then its own, without the frame."""
    found = []
    for name in ("filter", "nat"):
        table = program.table(name)
        assert table is not None
        for chain in table.all_chains():
            if chain.name in SHARED[name] or re.fullmatch(r"KUBE-(SVC|SVL|EXT|FW|SEP)-\w{16}", chain.name):
                texts = [_by_role(render_rule(rule, chain.name)) for rule in chain.rules]
                where = "" if name == "nat" else "filter "
                found += [where + text for text in texts if "NOTE: this must be" not in text]
    return found


def _by_role(text: str) -> str:
    own = chain_suffix(TITLE, "tcp")
    for role in ("SVC", "SVL", "EXT", "FW"):
        text = text.replace(f"KUBE-{role}-{own}", role)
    for ip in (POD_A, POD_B):
        text = text.replace(f"KUBE-SEP-{chain_suffix(TITLE, 'tcp', f'{ip}:8080')}", f"SEP@{ip}")
    return text.removeprefix("-A ").replace("-m comment --comment ", "").replace("KUBE-MARK-MASQ", "MASQ")


def to_cluster_ip(chain: str) -> str:
    return f'KUBE-SERVICES "{TITLE} cluster IP" {TO} -j {chain}'


def entering(chain: str, match: str = "! -s 10.244.0.0/16 ") -> str:
    return f'{chain} "{TITLE} cluster IP" {TO} {match}-j MASQ'


def end(ip: str) -> list[str]:
    return [
        f"SEP@{ip} {TITLE} -s {ip} -j MASQ",
        f"SEP@{ip} {TITLE} -m tcp -p tcp -j DNAT --to-destination {ip}:8080",
    ]


def choice(chain: str, *ips: str) -> list[str]:
    chances = {1: [""], 2: ["-m statistic --mode random --probability 0.5000000000 ", ""]}[len(ips)]
    pairs = zip(ips, chances, strict=True)
    return [f'{chain} "{TITLE} -> {ip}:8080" {chance}-j SEP@{ip}' for ip, chance in pairs]


def outside(*last: str, pods: str | None = "-s 10.244.0.0/16 ") -> list[str]:
    """KUBE-EXT with policy Local: local Pods and the node go everywhere, the rest where `last` says."""
    where = f"for {TITLE} external destinations"
    return [
        *([f'EXT "pod traffic {where}" {pods}-j SVC'] if pods is not None else []),
        f'EXT "masquerade LOCAL traffic {where}" -m addrtype --src-type LOCAL -j MASQ',
        f'EXT "route LOCAL traffic {where}" -m addrtype --src-type LOCAL -j SVC',
        *(f"EXT -j {chain}" for chain in last),
    ]


MASQUERADED = [f'EXT "masquerade traffic for {TITLE} external destinations" -j MASQ', "EXT -j SVC"]
AT_NODE_PORT = f"KUBE-NODEPORTS {TITLE} -m tcp -p tcp --dport 30080 -j EXT"


def refused(chain: str, what: str, match: str, target: str) -> str:
    return f'filter {chain} "{TITLE} has no {what}" {match} -j {target}'


def at(ip: str) -> str:
    return f"-m tcp -p tcp -d {ip} --dport 80"


AT_NODE = "-m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080"
