"""Policies as nftables rules of the lab, made from the same compiled policies as the verdicts.

They stand in the forward hook before kube-proxy's filter rules, where the plugins of that kind check: after DNAT and
before SNAT, a Pod's egress and ingress on its own Node. Replies are known connections and pass. What the compiled
policies leave open ("cannot tell") is not tested, whatever these rules do with it.

A Pod has a chain for each direction; one that policies in tiers select has a chain for each tier. `return` is "allowed"
there, `goto` leads to the next tier. Such a Pod's egress to its own Node is checked in the input hook, as Felix does
(`domain/policies.md` section 6).
"""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, Direction
from designer.engine.policy.matchers import FINISHED_PHASES
from designer.engine.policy.tiers import Action, Lane, Tier, TierPolicy
from designer.lab.policy_ends import Ends, word

TABLE = "inet designer-policy"
HOOK = f"""add chain {TABLE} HOOK {{ type filter hook HOOK priority -10; policy accept; }}
add rule {TABLE} HOOK ct state established,related accept
"""
HEAD = f"add table {TABLE}\n" + HOOK.replace("HOOK", "forward")
ALLOWED, DENIED = "return", "drop"


def policy_rules(ends: Ends, node: str) -> str:
    """The table of a Node, as nft commands; "" where no policy isolates a Pod there or nothing enforces any."""
    policies = ends.ground.state.policies
    lines: list[str] = []
    for number, pod in enumerate(ends.ground.pods_on(node)):
        if pod.host_network or pod.phase in FINISHED_PHASES:
            continue
        for direction in reversed(DIRECTIONS):
            if policies.enforcement.enforces(direction):
                lines += _pod_chains(ends, pod, direction, f"{direction}-{number}")
    if not lines or policies.enforcement.hook != "forward":
        return ""
    chains = [line for line in lines if line.startswith("add chain")]
    # Egress of the sender is asked before ingress of the receiver, as its chain is jumped to first.
    jumps = sorted((line for line in lines if " jump " in line), key=lambda line: " jump ingress" in line)
    rest = [line for line in lines if not line.startswith("add chain") and " jump " not in line]
    head = HEAD + (HOOK.replace("HOOK", "input") if any(f"{TABLE} input" in line for line in jumps) else "")
    return head + "".join(f"{line}\n" for line in (*chains, *rest, *jumps))


def _pod_chains(ends: Ends, pod: PodState, direction: Direction, chain: str) -> Iterator[str]:
    """The chains of a Pod in one direction, and the rules that lead its packets there; nothing where no policy does."""
    policies = ends.ground.state.policies
    tiered = any(_speaks(ends, one, pod, direction) for tier in policies.tiers for one in _members(tier))
    if tiered:
        yield from _tier_chains(ends, pod, direction, chain)
    elif policies.selecting(direction, pod):
        yield f"add chain {TABLE} {chain}"
        yield from _native(ends, pod, direction, chain)
        yield f"add rule {TABLE} {chain} {DENIED}"
    else:
        return
    own = "saddr" if direction == "egress" else "daddr"
    for address in pod.ips:
        yield f"add rule {TABLE} forward {word(address)} {own} {address} jump {chain}"
        if tiered and direction == "egress":
            yield f"add rule {TABLE} input {word(address)} {own} {address} jump {chain}"


def _native(ends: Ends, pod: PodState, direction: Direction, chain: str) -> Iterator[str]:
    """What all NetworkPolicies together allow."""
    for policy in ends.ground.state.policies.selecting(direction, pod):
        for rule in policy.rules(direction) or ():
            for match in ends.matches(pod, direction, rule):
                yield _line(chain, match, ALLOWED)


def _tier_chains(ends: Ends, pod: PodState, direction: Direction, chain: str) -> Iterator[str]:
    """A chain for each tier; the first one has the plain name, each leads on to the next one."""
    tiers = ends.ground.state.policies.tiers
    names = [chain, *(f"{chain}-tier-{number}" for number in range(2, len(tiers) + 1))]
    for place, tier in enumerate(tiers):
        onward = f"goto {names[place + 1]}" if place + 1 < len(tiers) else ALLOWED
        verdicts: dict[Action, str] = {"allow": ALLOWED, "deny": DENIED, "pass": onward}
        yield f"add chain {TABLE} {names[place]}"
        for lane in (lane for step in tier.steps for lane in step):
            yield from _lane(ends, pod, direction, names[place], lane, verdicts)
        yield f"add rule {TABLE} {names[place]} {DENIED if _closes(ends, tier, pod, direction) else onward}"


def _lane(
    ends: Ends, pod: PodState, direction: Direction, chain: str, lane: Lane, verdicts: dict[Action, str]
) -> Iterator[str]:
    """The rules of a lane in their order; those that only log, or cannot be told, decide nothing."""
    for policy in lane:
        if policy is None:
            yield from _native(ends, pod, direction, chain)
        elif _speaks(ends, policy, pod, direction):
            for rule in policy.rules(direction) or ():
                verdict = "" if rule.doubt else verdicts.get(rule.action, "")
                for match in ends.matches(pod, direction, rule) if verdict else ():
                    yield _line(chain, match, verdict)


def _line(chain: str, match: str, verdict: str) -> str:
    return " ".join(f"add rule {TABLE} {chain} {match} {verdict}".split())


def _members(tier: Tier) -> Iterator[TierPolicy]:
    return (policy for step in tier.steps for lane in step for policy in lane if policy is not None)


def _speaks(ends: Ends, policy: TierPolicy, pod: PodState, direction: Direction) -> bool:
    """Whether a policy of a tier has a say about a Pod."""
    return policy.rules(direction) is not None and ends.ground.state.policies.concerns(policy, pod)


def _closes(ends: Ends, tier: Tier, pod: PodState, direction: Direction) -> bool:
    """Whether what no rule of a tier matches is denied for a Pod."""
    isolating = any(direction in one.isolates and _speaks(ends, one, pod, direction) for one in _members(tier))
    native = any(policy is None for step in tier.steps for lane in step for policy in lane)
    return tier.closes and (isolating or (native and bool(ends.ground.state.policies.selecting(direction, pod))))
