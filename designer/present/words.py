"""The words of results: how a verdict, a share, a place or an object id is written for a person."""

from __future__ import annotations

from fractions import Fraction

from designer.model import VERDICTS, split_id

# A sign for each verdict, so that it is never told by colour alone; plain text has the same shapes as the canvas.
VERDICT_SIGNS: dict[str, str] = {
    "delivered": "✓",
    "denied": "✕",
    "rejected": "↩",
    "dropped": "…",
    "no-route": "…",
    "name-not-found": "⚠",
    "connection-refused": "↩",
    "no-matching-route": "↩",
    "cannot-tell": "?",
}


def verdict_text(verdict: str) -> str:
    """Sign and words of a verdict: ``✓ delivered``."""
    return f"{VERDICT_SIGNS.get(verdict, '?')} {VERDICTS.get(verdict, verdict)}"


def share_text(share: Fraction) -> str:
    """An exact share as a person reads it: ``1/3 (33.3 %)``, ``all`` for the whole."""
    if share == 1:
        return "all"
    return f"{share.numerator}/{share.denominator} ({float(share) * 100:.1f} %)"


def object_text(oid: str) -> str:
    """An object id as a person reads it: ``Service default/cart``, ``Node node-1``; without the API of a kind."""
    if not oid:
        return ""
    kind, namespace, name = split_id(oid)
    kind = kind.rpartition("/")[2]
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def short_name(oid: str) -> str:
    """The bare name of an object id."""
    return split_id(oid)[2]


def place_text(file: str, line: int) -> str:
    """``file:line``, only the file where the line is not known, "" where neither is."""
    if not file:
        return ""
    return f"{file}:{line}" if line else file


def count_text(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: ``1 Pod``, ``3 Pods``, ``2 policies``."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def ended(text: str) -> str:
    """A sentence with one full stop at its end, whether it came with one or not."""
    return f"{text.rstrip('.')}."


def zone_words(zone: str | None) -> str:
    """``zone a``; a name that begins with the word stands for itself."""
    return "" if not zone else zone if zone.startswith("zone") else f"zone {zone}"
