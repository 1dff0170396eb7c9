"""What a rule's decision means to the client, in words, with the rule that decided.

Texts: `domain/services.md` section 8 and `domain/kube-proxy.md` section 3, "No endpoints".
"""

from __future__ import annotations

from designer.engine.netfilter import Outcome, RuleHit
from designer.engine.trace.hops import Evidence

# Parts of kube-proxy's own comments, and what they mean.
MEANINGS: tuple[tuple[str, str], ...] = (
    ("has no endpoints", "the Service has no usable endpoint on any node, so the connection is refused at once"),
    (
        "has no local endpoints",
        "the Service's traffic policy is Local and this node has none of its endpoints: time-out",
    ),
    ("traffic not accepted by", "the source is not in loadBalancerSourceRanges: time-out"),
    ("block incoming localnet", "packets to 127.0.0.0/8 may not come from another machine: time-out"),
)

# Targets that do something; all others are jumps between chains.
EFFECTS = ("ACCEPT", "DROP", "REJECT", "DNAT", "SNAT", "MASQUERADE", "MARK")


def deciding(outcome: Outcome) -> RuleHit | None:
    """The rule that decided: the last one hit with an effect, None where none had any."""
    return next((hit for hit in reversed(outcome.hits) if hit.target.partition(" ")[0] in EFFECTS), None)


def rejected(outcome: Outcome) -> str:
    """Why a rule stopped the packet and what the client sees, as a sentence."""
    hit = deciding(outcome)
    if outcome.masquerade and outcome.verdict == "drop":
        return "MASQUERADE finds no address to write as the source, so the packet is dropped."
    said = "Rejected" if outcome.verdict == "reject" else "Dropped"
    if outcome.policy:
        return f"{said} by the policy of the chain {outcome.policy}: time-out."
    if hit is None:
        return f"{said} by the node's rules."
    meaning = next((text for part, text in MEANINGS if part in hit.comment), "")
    if not meaning:
        meaning = "the client is refused at once" if outcome.verdict == "reject" else "the client waits until time-out"
    about = f" ({hit.comment})" if hit.comment else ""
    return f"{said} by {hit.table} {hit.chain} rule {hit.index + 1}{about}: {meaning}."


def rule_evidence(outcome: Outcome, node: str) -> tuple[Evidence, ...]:
    """The deciding rule of a walk as evidence; none where no rule had an effect."""
    hit = deciding(outcome)
    if hit is None:
        return ()
    return (Evidence(f"{hit.table} {hit.chain} rule {hit.index + 1}: {hit.target}", f"Node:{node}", hit.text),)
