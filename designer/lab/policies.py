"""NetworkPolicies as nftables rules of the lab, made from the same compiled policies as the verdicts.

They stand in the forward hook before kube-proxy's filter rules, where the plugins of that kind check: after DNAT and
before SNAT, a Pod's egress and ingress on its own Node. Replies are known connections and pass. What the compiled
policies leave open ("cannot tell") is not tested, whatever these rules do with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, CompiledRule, Direction
from designer.engine.policy.matchers import FINISHED_PHASES, BlockMatch, PeerMatch, PortMatch, parse_address
from designer.engine.policy.ports import MAX_PORT, MIN_PORT, named_ports
from designer.engine.trace.ground import Ground

TABLE = "inet designer-policy"
HEAD = f"""add table {TABLE}
add chain {TABLE} forward {{ type filter hook forward priority -10; policy accept; }}
add rule {TABLE} forward ct state established,related accept
"""
WORDS: dict[int, str] = {4: "ip", 6: "ip6"}


def policy_rules(ground: Ground, node: str) -> str:
    """The table of a Node, as nft commands; "" where no policy isolates a Pod there or nothing enforces any."""
    policies = ground.state.policies
    lines: list[str] = []
    for number, pod in enumerate(ground.pods_on(node)):
        if pod.host_network or pod.phase in FINISHED_PHASES:
            continue
        for direction in reversed(DIRECTIONS):
            if policies.enforcement.enforces(direction) and policies.selecting(direction, pod):
                lines += _pod_chain(ground, pod, direction, f"{direction}-{number}")
    if not lines or policies.enforcement.hook != "forward":
        return ""
    chains = [line for line in lines if line.startswith("add chain")]
    # Egress of the sender is asked before ingress of the receiver, as its chain is jumped to first.
    jumps = sorted((line for line in lines if " jump " in line), key=lambda line: " jump ingress" in line)
    rest = [line for line in lines if not line.startswith("add chain") and " jump " not in line]
    return HEAD + "".join(f"{line}\n" for line in (*chains, *rest, *jumps))


def _pod_chain(ground: Ground, pod: PodState, direction: Direction, chain: str) -> list[str]:
    """The chain of a Pod in one direction, and the rules that lead its packets there."""
    own = "saddr" if direction == "egress" else "daddr"
    far = "daddr" if direction == "egress" else "saddr"
    lines = [f"add chain {TABLE} {chain}"]
    for policy in ground.state.policies.selecting(direction, pod):
        for rule in policy.rules(direction) or ():
            for match in _matches(ground, pod, direction, rule, far):
                lines.append(" ".join(f"add rule {TABLE} {chain} {match} return".split()))
    lines.append(f"add rule {TABLE} {chain} drop")
    for address in pod.ips:
        lines.append(f"add rule {TABLE} forward {_word(address)} {own} {address} jump {chain}")
    return lines


def _matches(ground: Ground, pod: PodState, direction: Direction, rule: CompiledRule, far: str) -> Iterable[str]:
    """Every way to fulfil a rule, as the matching part of an nft rule.

    A port name stands for numbers of the Pod that is called: for egress those of each Pod at the other end.
    """
    plain = rule.ports if direction == "ingress" else tuple(port for port in rule.ports if not port.name)
    if plain or not rule.ports:
        for where in _peers(ground, rule.peers, far):
            for ports in _ports(plain, pod):
                yield f"{where} {ports}"
    named = tuple(port for port in rule.ports if port.name) if direction == "egress" else ()
    for other in _running(ground) if named else ():
        for address in other.ips:
            if not rule.peers or any(_holds(ground, peer, other, address) for peer in rule.peers):
                for ports in _ports(named, other):
                    yield f"{_word(address)} {far} {address} {ports}"


def _peers(ground: Ground, peers: tuple[PeerMatch, ...], far: str) -> Iterable[str]:
    """The other ends that a rule means; one that holds for everybody where it names none."""
    if not peers:
        yield ""
    for other in _running(ground):
        if any(not isinstance(peer, BlockMatch) and _holds(ground, peer, other, "") for peer in peers):
            yield from (f"{_word(address)} {far} {address}" for address in other.ips)
    for peer in peers:
        if isinstance(peer, BlockMatch):
            word = WORDS[peer.network.version]
            out = f" {word} {far} != {{ {', '.join(map(str, peer.excepts))} }}" if peer.excepts else ""
            whole = f"meta nfproto ipv{peer.network.version}" if peer.network.prefixlen == 0 else ""
            yield (whole or f"{word} {far} {peer.network}") + out


def _running(ground: Ground) -> list[PodState]:
    """The Pods that selectors can mean."""
    return [p for p in ground.control.pods.values() if not p.host_network and p.phase not in FINISHED_PHASES]


def _holds(ground: Ground, peer: PeerMatch, pod: PodState, address: str) -> bool:
    """Whether a Pod at one of its addresses is meant by a peer."""
    if isinstance(peer, BlockMatch):
        where = parse_address(address)
        return where is not None and peer.covers(where)
    return peer.selects(pod.namespace, pod.labels, ground.state.policies.namespace_labels(pod.namespace))


def _word(address: str) -> str:
    return WORDS[6 if ":" in address else 4]


def _ports(ports: tuple[PortMatch, ...], target: PodState | None) -> list[str]:
    """The ports of a rule as nft matches; one that matches everything where the rule names none."""
    if not ports:
        return [""]
    found = []
    for port in ports:
        protocol = port.protocol.lower()
        if port.name:
            numbers = () if target is None else named_ports(target.spec, port.name, port.protocol)
            found += [f"{protocol} dport {number}" for number in numbers]
        elif (port.low, port.high) == (MIN_PORT, MAX_PORT):
            found.append(f"meta l4proto {protocol}")
        else:
            found.append(
                f"{protocol} dport {port.low}-{port.high}" if port.high > port.low else f"{protocol} dport {port.low}"
            )
    return found
