"""A cluster of two Nodes made of network namespaces, with the engine's own rules loaded: what the kernel does.

Everything lives in one unprivileged user, mount and network namespace and is gone when its process ends. The plan is
made here as plain commands; `RUNNER` carries it out and prints what each caller saw.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from designer.engine.cni import veth_name
from designer.engine.compile import ClusterState
from designer.engine.netfilter import Program, render_iptables, render_nft
from designer.engine.trace.ground import Ground

ALONE = ("unshare", "--user", "--map-root-user", "--net", "--mount")
# Weave Net's own datapath names no VNI; the Nodes of a lab agree on this one.
SOME_VNI = 42

LISTENER = """
import signal, socket, struct
signal.alarm(45)  # nothing outlives its test, whatever becomes of the one who started it
raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)); raw.setblocking(False)
s = socket.socket(); s.setsockopt(1, 2, 1); s.bind(("0.0.0.0", 8080)); s.listen(9)
print("listening", flush=True)
while True:
    c, peer = s.accept(); ttl = 0
    while True:
        try:
            data, where = raw.recvfrom(2048)
        except BlockingIOError:
            break
        head = (data[0] & 15) * 4
        if where[2] != 4 and data[9] == 6 and struct.unpack_from("!H", data, head + 2)[0] == 8080:
            ttl = data[8] if data[head + 13] & 0x12 == 0x02 else ttl  # that of the SYN
    c.send(f"{peer[0]} ttl {ttl}".encode()); c.close()
"""
CALLER = """
import json, select, socket, sys, time
found, waiting = [], []
for address, port in json.loads(sys.argv[1]):
    s = socket.socket(); s.settimeout(0.3); begun = time.monotonic()
    try:
        s.connect((address, port)); s.settimeout(1); found.append(s.recv(99).decode())
    except ConnectionRefusedError:
        found.append("rejected")
    except TimeoutError:
        waiting.append((len(found), s, begun)); found.append("dropped")  # unless an answer comes late
    except OSError:
        found.append("dropped")
for place, s, begun in waiting:
    if select.select([], [s], [], max(0, begun + 1.2 - time.monotonic()))[1]:
        error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        found[place] = "rejected" if error == 111 else "dropped" if error else s.recv(99).decode()
print(json.dumps(found))
"""
RUNNER = """
import json, subprocess, sys
plan = json.load(sys.stdin)
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
for name in plan["spaces"]:
    subprocess.run(["ip", "netns", "add", name], check=True)
for name, command, given in plan["commands"]:
    made = subprocess.run(["ip", "netns", "exec", name, *command], input=given, text=True, capture_output=True)
    if made.returncode:
        sys.exit(f"{name}: {command}: {made.stderr}")
py = [sys.executable, "-S", "-c"]
waiting = [subprocess.Popen(["ip", "netns", "exec", p, *py, plan["listener"]], stdout=subprocess.PIPE)
           for p in plan["pods"]]
for process in waiting:
    process.stdout.readline()
seen = {}
for name, calls in plan["calls"].items():
    out = subprocess.run(["ip", "netns", "exec", name, *py, plan["caller"], json.dumps(calls)], text=True,
                         capture_output=True, check=True).stdout
    seen[name] = json.loads(out)
for process in waiting:
    process.kill()
    process.wait()
print(json.dumps(seen))
"""

Calls = dict[str, list[tuple[str, int]]]


def possible() -> bool:
    """Whether this machine lets an ordinary user make such namespaces, with iptables, nft and bridges in them."""
    probe = (
        "mount -t tmpfs none /run && ip netns add x && ip netns exec x ip link add name b0 type bridge && "
        "ip netns exec x sysctl -qw net.bridge.bridge-nf-call-iptables=1 && ip netns exec x iptables -t nat -L -n && "
        "ip netns exec x nft list ruleset"
    )
    try:
        return subprocess.run([*ALONE, "sh", "-c", probe], capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def observe(state: ClusterState, calls: Calls) -> dict[str, list[str]]:
    """For each call the source and TTL that the answering Pod saw, or ``rejected`` or ``dropped``."""
    plan = {
        "spaces": ["fabric", "outside", "node-1", "node-2", *_pods(state)],
        "commands": _commands(state),
        "pods": list(_pods(state)),
        "calls": calls,
        "listener": LISTENER,
        "caller": CALLER,
    }
    command = [*ALONE, sys.executable, "-c", RUNNER]
    made = subprocess.run(command, input=json.dumps(plan), text=True, capture_output=True, timeout=40, check=False)
    assert made.returncode == 0, made.stderr
    found: dict[str, list[str]] = json.loads(made.stdout)
    return found


def _pods(state: ClusterState) -> dict[str, str]:
    return {pod.name: pod.node or "" for pod in state.control.pods.values()}


def _commands(state: ClusterState) -> list[Any]:
    """(namespace, command, standard input) in order."""
    made: list[Any] = []

    def run(space: str, text: str, given: str = "") -> None:
        made.append((space, text.split(), given))

    def veth(one: str, device: str, other: str, peer: str) -> None:
        run(one, f"ip link add {device} type veth peer name {peer} netns {other}")
        run(one, f"ip link set {device} up")
        run(other, f"ip link set {peer} up")

    for space in ("fabric", "outside", "node-1", "node-2", *_pods(state)):
        run(space, "ip link set lo up")
    run("fabric", "ip link add name fabric0 type bridge")
    run("fabric", "ip link set fabric0 up")
    run("fabric", "sysctl -qw net.bridge.bridge-nf-call-iptables=0")
    for number, space in enumerate(("node-1", "node-2", "outside")):
        veth("fabric", f"port{number}", space, "eth0")
        run("fabric", f"ip link set port{number} master fabric0")
    run("outside", "ip addr add 192.168.10.99/24 dev eth0")
    for name, other in (("node-1", "node-2"), ("node-2", "node-1")):
        _node(state, name, other, run)
    for pod, node in _pods(state).items():
        veth(node, veth_name(state.cni, "default", pod), pod, "eth0")
        _pod(state, pod, node, run)
    for name in ("node-1", "node-2"):
        rules = Ground.of(state).rules(name, 4)
        run(name, "iptables-restore", "\n".join(_without_sets(rules.iptables)) + "\n")
        if rules.nftables is not None:
            run(name, "nft -f -", render_nft(rules.nftables))
    return made


def _without_sets(program: Program) -> list[str]:
    """The lines of a program with a rule a member in place of each set, since ipset may not be installed."""
    lines, open_lines = [], list(reversed(render_iptables(program).splitlines()))
    while open_lines:
        line = open_lines.pop()
        found = re.search(r"-m set (! )?--match-set (\S+) (src|dst)\b", line)
        if found is None:
            lines.append(line)
            continue
        negated, members = found[1] or "", program.sets[found[2]].members
        assert len(members) == 1 or not negated, "one rule cannot leave out several members"
        end = "-s" if found[3] == "src" else "-d"
        open_lines += [line.replace(found[0], f"{negated}{end} {each}") for each in reversed(members)]
    return lines


def _node(state: ClusterState, name: str, other: str, run: Any) -> None:
    here, there = state.control.nodes[name], state.control.nodes[other]
    mac, peer_mac = f"02:00:00:00:00:0{name[-1]}", f"02:00:00:00:00:0{other[-1]}"
    run(name, f"ip addr add {here.addresses[0]}/24 dev eth0")
    run(name, "ip route add default via 192.168.10.99")
    for setting in (
        "ip_forward=1",
        "icmp_ratelimit=0",
        "conf.all.rp_filter=0",
        "conf.default.rp_filter=0",
        "conf.all.route_localnet=1",
    ):
        run(name, f"sysctl -qw net.ipv4.{setting}")
    if state.cni.bridge:
        run(name, f"ip link add name {state.cni.bridge} type bridge")
        run(name, f"ip link set {state.cni.bridge} up")
        run(name, f"ip addr add {here.bridge_ips[0]}/{_length(state)} dev {state.cni.bridge}")
        run(name, f"sysctl -qw net.bridge.bridge-nf-call-iptables={int(state.cni.bridge_netfilter)}")
    wrap = state.cni.encapsulation(4)
    ranges = there.blocks if state.cni.plugin == "calico" else there.pod_cidrs
    if wrap is None:
        for cidr in ranges:
            run(name, f"ip route add {cidr} via {there.addresses[0]}")
        return
    if state.cni.flat:
        _one_segment(name, wrap.device, state.cni.bridge, there.addresses[0], run)
        return
    device, local, far = wrap.device, here.addresses[0], there.tunnel_ips[0]
    run(name, f"ip link add {device} address {mac} type vxlan id {wrap.vni} dstport {wrap.port} local {local} "
              "nolearning dev eth0")  # fmt: skip
    run(name, f"ip addr add {here.tunnel_ips[0]}/32 dev {device}")
    run(name, f"ip link set {device} up")
    run(name, f"ip neigh add {far} lladdr {peer_mac} dev {device} nud permanent")
    run(name, f"bridge fdb add {peer_mac} dev {device} dst {there.addresses[0]}")
    for cidr in ranges:
        run(name, f"ip route add {cidr} via {far} dev {device} onlink")


def _length(state: ClusterState) -> str:
    """The prefix length of addresses on the Pods' bridge: of the whole range where that is one link, else of a Node."""
    return state.cni.pools[0].partition("/")[2] if state.cni.flat else "24"


def _one_segment(name: str, device: str, bridge: str, peer: str, run: Any) -> None:
    """Joins the bridges of both Nodes by a VXLAN port, as Weave Net's fast datapath does by its own means."""
    run(name, f"ip link add {device} type vxlan id {SOME_VNI} dstport 6784 dev eth0")
    run(name, f"bridge fdb append 00:00:00:00:00:00 dev {device} dst {peer}")
    run(name, f"ip link set {device} master {bridge}")
    run(name, f"ip link set {device} up")


def _pod(state: ClusterState, pod: str, node: str, run: Any) -> None:
    ip, device = state.control.pods[f"Pod:default/{pod}"].ips[0], veth_name(state.cni, "default", pod)
    if state.cni.bridge:
        run(node, f"ip link set {device} master {state.cni.bridge}")
        run(node, f"bridge link set dev {device} hairpin {'on' if state.cni.hairpin else 'off'}")
        run(pod, f"ip addr add {ip}/{_length(state)} dev eth0")
        run(pod, f"ip route add default via {state.control.nodes[node].bridge_ips[0]}")
        return
    run(node, f"sysctl -qw net.ipv4.conf.{device}.proxy_arp=1")
    run(node, f"sysctl -qw net.ipv4.neigh.{device}.proxy_delay=0")
    run(node, f"ip route add {ip} dev {device} scope link")
    run(pod, f"ip addr add {ip}/32 dev eth0")
    run(pod, f"ip route add {state.cni.gateway} dev eth0 scope link")
    run(pod, f"ip route add default via {state.cni.gateway}")
