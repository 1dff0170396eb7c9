"""What the matrix leaves open, in sentences: policies that the engine may not take as written, rules beyond it."""

from __future__ import annotations

from collections.abc import Sequence

from designer.engine.controlplane.state import PodState
from designer.engine.policy.beyond import first_of, shown
from designer.engine.policy.classes import Columns
from designer.engine.policy.compiled import DIRECTIONS, CompiledPolicy
from designer.engine.policy.evaluate import PolicySet
from designer.engine.policy.families import BOTH, family_bits
from designer.engine.policy.matchers import BlockMatch
from designer.engine.policy.tiers import rule_blocks, sees_accounts, tier_policies

LISTED = "what hangs on it is listed as cannot tell"


def matrix_notes(policies: PolicySet, pods: Sequence[PodState], columns: Columns) -> tuple[str, ...]:
    """The sentences: what is not enforced, what cannot be evaluated, and addresses that stand in no line."""
    said = (*policies.caveats, *_plain(policies), *_made_up(policies, columns), *_beside(policies, pods))
    return (*said, *_families(policies, columns), *_single(pods, columns))


def _plain(policies: PolicySet) -> list[str]:
    engine = policies.enforcement
    notes = []
    if policies.policies and not (engine.ingress and engine.egress):
        notes.append(f"Policies are not enforced: {engine.reason or engine.engine}.")
    if policies.staged:
        notes.append(f"{first_of(policies.staged)}: staged, not enforced.")
    if policies.unread:
        notes.append(f"{shown(policies.unread)}: cannot be evaluated; {LISTED}.")
    if policies.ignored:
        notes.append(f"{shown(policies.ignored)}: not enforced by {engine.engine}.")
    for policy in policies.all():
        doubt = policy.doubt(engine)
        if doubt:
            notes.append(f"{policy.text}: {doubt}; {LISTED}.")
        ports = [port for direction in DIRECTIONS for rule in policy.rules(direction) or () for port in rule.ports]
        if not engine.sctp and any(port.protocol == "SCTP" for port in ports):
            notes.append(f"{policy.text}: it is not known what {engine.engine} does with SCTP; {LISTED}.")
        if any(port.among is not None for port in ports):
            how = "looks port names of egress rules up on all Pods in some versions, and on the destination in others"
            notes.append(f"{policy.text}: {engine.engine} {how}; {LISTED}.")
        if engine.ip_block_matches_pods is None and _blocks(policy):
            notes.append(f"{policy.text}: whether ipBlock matches Pods is not known; {LISTED}.")
    return notes


def _made_up(policies: PolicySet, columns: Columns) -> list[str]:
    """That no input says which addresses Pods have, where a block may hold some of them."""
    engine = policies.enforcement
    pods = [one.instead for one in engine.made_up if one.instead == engine.pod_ranges]
    if not pods or engine.ip_block_matches_pods is False:
        return []
    parting = [block for block in columns.blocks if block.spans(pods[0]) is None]
    if not parting:
        return []
    said = (
        "The input does not say which addresses Pods have: it is not known whether some of them are in "
        f"{first_of([one.text for one in parting])}; {LISTED}. Add what says their range (a kubeadm "
        "ClusterConfiguration, an IPPool), or say --ipblock outside."
    )
    return [said]


def _blocks(policy: CompiledPolicy) -> list[BlockMatch]:
    rules = [rule for direction in DIRECTIONS for rule in policy.rules(direction) or ()]
    return [peer for rule in rules for peer in rule.peers if isinstance(peer, BlockMatch)]


def _beside(policies: PolicySet, pods: Sequence[PodState]) -> list[str]:
    """What policies of tiers leave open: rules that cannot be evaluated, and Pods that one may select or not."""
    notes = []
    for policy in tier_policies(policies.tiers):
        for rule in (*(policy.ingress or ()), *(policy.egress or ())):
            if rule.doubt:
                notes.append(f"{policy.text}: {rule.path} cannot be evaluated ({rule.doubt}); {LISTED}.")
        unsure = [pod for pod in pods if policies.selection_doubt(policy, pod)] if sees_accounts((policy,)) else []
        if unsure:
            names = ", ".join(f"{pod.namespace}/{pod.name}" for pod in unsure[:3])
            notes.append(f"{policy.text}: whether it selects {names} is not known; {LISTED}.")
    for tier in policies.tiers:
        if any(len(step) > 1 and None not in [one for lane in step for one in lane] for step in tier.steps):
            notes.append(f"{tier.name}: some policies stand at one place; where they contradict, that is cannot tell.")
    return notes


def _families(policies: PolicySet, columns: Columns) -> list[str]:
    """Blocks of an IP family that the cluster does not have: they decide about nothing here."""
    known = {one.family for one in columns.ranges}
    blocks = [block for policy in policies.all() for block in _blocks(policy)]
    found = sorted({b.network.version for b in (*blocks, *rule_blocks(tier_policies(policies.tiers)))} - known)
    return [
        f"IPv{family} blocks of policies are not listed: no Pod here has an IPv{family} address." for family in found
    ]


def _single(pods: Sequence[PodState], columns: Columns) -> list[str]:
    """Pods with addresses of one family where the cluster has both: policies do not know that nobody answers there."""
    if len({one.family for one in columns.ranges}) < 2:
        return []
    found = [f"{pod.namespace}/{pod.name}" for pod in pods if family_bits(pod.ips) != BOTH]
    if not found:
        return []
    names = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    return [f"{names}: no address of the other IP family; lines over it say what policies let pass, and no more."]
