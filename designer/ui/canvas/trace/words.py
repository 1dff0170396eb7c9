"""What the small card beside the token says: what changed in the packet, who let it pass, what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from designer.engine.trace.hops import RELAYS, Header, Hop, Path, Trace
from designer.present.words import VERDICT_SIGNS, short_name, verdict_text

# Words of a hop's outcome that have a sign of their own, as verdicts.
OUTCOME_VERDICTS: dict[str, str] = {
    "allowed": "delivered",
    "delivered": "delivered",
    "denied": "denied",
    "dropped": "dropped",
    "rejected": "rejected",
    "cannot tell": "cannot-tell",
    "name not found": "name-not-found",
}
MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Card:
    """The lines of a card; data is written in the monospaced face, `verdict` gives its colour ("" the trace's own)."""

    lines: tuple[str, ...]
    mono: bool = True
    verdict: str = ""


def card_of(hop: Hop, share: Fraction = Fraction(1)) -> Card | None:
    """The card of a hop, None where nothing happens that needs one; `share` is that of the choice made there."""
    changed = changed_lines(hop.before, hop.after)
    if changed:
        if share != 1:
            changed[-1] += f"  share {share.numerator}/{share.denominator}"
        return Card(tuple(changed))
    if hop.kind == "policy":
        return _policy_card(hop)
    if hop.kind == "resolve" and hop.decided_by:
        return Card((hop.what, f"→ {hop.decided_by[-1].text}"), mono=False)
    if hop.kind in RELAYS:
        return Card((hop.what, f"→ {hop.outcome}" if hop.outcome else hop.place), mono=False)
    if hop.outcome in OUTCOME_VERDICTS and OUTCOME_VERDICTS[hop.outcome] != "delivered":
        decided = hop.decided_by[0].text if hop.decided_by else hop.place
        verdict = OUTCOME_VERDICTS[hop.outcome]
        return Card((f"{VERDICT_SIGNS[verdict]} {hop.outcome}", decided), mono=False, verdict=verdict)
    return None


def _policy_card(hop: Hop) -> Card | None:
    if not hop.decided_by and hop.outcome == "allowed":
        return None
    verdict = OUTCOME_VERDICTS.get(hop.outcome, "cannot-tell")
    return Card((f"{VERDICT_SIGNS[verdict]} {hop.outcome}", policy_names(hop)), mono=False, verdict=verdict)


def policy_names(hop: Hop) -> str:
    """The policies that decided at a hop, by name."""
    names = [found.text or short_name(found.object) for found in hop.decided_by]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def changed_lines(before: Header | None, after: Header | None) -> list[str]:
    """What a hop changed in a packet: addresses as ``old`` and ``→ new``, a tunnel as its outer addresses."""
    if before is None or after is None:
        return []
    if after.outer_dst and not before.outer_dst:
        return [after.tunnel, f"{after.outer_src} → {after.outer_dst}"]
    if before.outer_dst and not after.outer_dst:
        return [f"{before.tunnel.partition(',')[0]} taken off"]
    lines = []
    for word, old, new in (
        ("to", (before.dst, before.dport), (after.dst, after.dport)),
        ("from", (before.src, before.sport), (after.src, after.sport)),
    ):
        if old != new:
            lines += [f"{word} {endpoint(*old)}", f"→ {endpoint(*new)}"]
    return lines


def endpoint(address: str, port: int) -> str:
    """An address with its port; IPv6 addresses stand in brackets."""
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{port}" if port else host


def end_card(path: Path, hop: Hop) -> Card:
    """The card at the end of a way: the verdict in words, and what decided."""
    names = policy_names(hop) if path.policies else ""
    lines = (verdict_text(path.verdict), names) if names else (verdict_text(path.verdict),)
    return Card(lines, mono=False, verdict=path.verdict)


def share_label(share: Fraction) -> str:
    """A share as a short label: ``1/3``, "" for the whole."""
    return "" if share == 1 else f"{share.numerator}/{share.denominator}"


def choices_of(trace: Trace, path: Path) -> dict[int, Fraction]:
    """The hops of a path at which the trace branches, with the share of the branch that was taken there."""
    return dict(_choices(trace, path.labels, 0))


def _choices(trace: Trace, labels: tuple[str, ...], done: int) -> Iterator[tuple[int, Fraction]]:
    done += len(trace.hops)
    taken = next((branch for branch in trace.branches if labels and branch.label == labels[0]), None)
    if taken is not None:
        yield done, taken.share
        yield from _choices(taken.trace, labels[1:], done)
