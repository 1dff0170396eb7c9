"""Observed beside predicted: confirmed, different, or not testable here. A difference is never smoothed over."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from designer.engine.trace.ground import Ground
from designer.lab.plan import LabPlan
from designer.lab.prediction import ANSWERS, Expected
from designer.lab.probes import Probe
from designer.model.verified import VerifiedStatus

# An end that is predicted with some share and never shows is a difference where chance would do so less often.
IMPROBABLE = 1e-9
# What the confirmation of a sticky client does not show.
AFFINITY = "Session affinity keeps this client with one of {} predicted ends, so only that one was observed."
# Codes of "port unreachable" by ICMP type: 3 is that of IPv4's unreachable, 1 that of IPv6's.
PORT_UNREACHABLE = {3: 3, 1: 4}
# Errors of the sender's own kernel that mean: there is no way there.
NO_WAY = ("ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "EINVAL", "EACCES")


@dataclass(frozen=True, slots=True, order=True)
class Observed:
    """How one connection ended. `who` is what answered (an object id), or the address that an ICMP error came from."""

    kind: Literal["answered", "reset", "port-unreachable", "unreachable", "silent", "local"]
    who: str = ""
    source: str = ""
    ttl: int = 0

    @property
    def text(self) -> str:
        """``Pod:default/web answers, sees 10.244.1.5 (TTL 62)``."""
        match self.kind:
            case "answered":
                return ANSWERS.format(self.who, self.source, f" (TTL {self.ttl})")
            case "reset":
                return "connection refused"
            case "port-unreachable":
                return f"port unreachable, says {self.who or 'nobody known'}"
            case "unreachable":
                return f"unreachable, says {self.who or 'nobody known'}"
            case "silent":
                return "no answer"
        return f"the sender's kernel does not send it ({self.who})"


@dataclass(frozen=True, slots=True)
class Row:
    """The result of a probe. `predicted` and `observed` are lines with shares and counts.

    `why` says what is amiss, why it is not testable, or what a confirmation does not show ("" for nothing).
    """

    source: str
    destination: str
    protocol: str
    status: VerifiedStatus
    predicted: tuple[str, ...]
    observed: tuple[str, ...]
    attempts: int
    why: str = ""


def observed(plan: LabPlan, end: Sequence[Any]) -> Observed:
    """What a worker's end means."""
    match end[0]:
        case "answered":
            return Observed("answered", plan.listeners[int(end[1])].who, str(end[2]), int(end[3]))
        case "reset":
            return Observed("reset")
        case "icmp":
            here = PORT_UNREACHABLE.get(int(end[1])) == int(end[2])
            return Observed("port-unreachable" if here else "unreachable", str(end[3]))
        case "silent":
            return Observed("silent")
    return Observed("local", str(end[1]))


def enough(share: Fraction) -> int:
    """How many attempts make it improbable that an end of this share never shows."""
    return math.ceil(math.log(IMPROBABLE) / math.log(1 - float(share)))


def compare(ground: Ground, probe: Probe, ends: Sequence[Observed]) -> Row:
    """What became of a probe beside what was predicted."""
    told = probe.prediction
    if told.untestable:
        return Row(probe.source, probe.destination, probe.protocol, "not-testable", (), (), 0, told.untestable)
    counts = Counter(ends)
    predicted = tuple(f"{_share(share)}{end.text}" for end, share in told.shares.items())
    seen = tuple(f"{count} × {end.text}" for end, count in sorted(counts.items()))
    why = _amiss(ground, probe, counts)
    status: VerifiedStatus = "different" if why else "confirmed"
    if not why:
        held = AFFINITY.format(len(told.shares)) if told.sticky and len(told.shares) > 1 else ""
        why = " ".join(filter(None, (probe.note, held)))
    return Row(probe.source, probe.destination, probe.protocol, status, predicted, seen, len(ends), why)


def _share(share: Fraction) -> str:
    return "" if share == 1 else f"{share.numerator} of {share.denominator}: "


def _amiss(ground: Ground, probe: Probe, counts: Counter[Observed]) -> str:
    """What differs, "" where nothing does."""
    shares, total = probe.prediction.shares, sum(counts.values())
    if not total:
        return "The probe was not sent."
    for end in sorted(counts):
        if not any(fits(ground, probe, end, expected) for expected in shares):
            return f"Observed and not predicted: {end.text}."
    if probe.prediction.sticky:
        return "" if len(counts) == 1 else "A client with session affinity went to several endpoints."
    for expected, share in shares.items():
        if not any(fits(ground, probe, end, expected) for end in counts) and total >= enough(share):
            return f"Predicted and never observed in {total} attempts: {expected.text}."
    return ""


def fits(ground: Ground, probe: Probe, end: Observed, expected: Expected) -> bool:
    """Whether what was observed is what was expected."""
    match end.kind:
        case "answered":
            same = (expected.kind, expected.who, expected.source) == ("answered", end.who, end.source)
            return same and expected.ttl in (0, end.ttl)
        case "reset":
            return expected.kind == "refused"
        case "port-unreachable":
            if expected.kind == "rejected":
                return _holds(ground, expected.who, end.who)
            # What is called says so itself; translation gives the answer the address that was called.
            return expected.kind == "refused" and probe.protocol == "UDP" and end.who == probe.address
        case "unreachable":
            return expected.kind == "unreachable"
        case "silent":
            return expected.kind in ("silent", "unreachable")
    return expected.kind == "unreachable" and end.who in NO_WAY


def _holds(ground: Ground, node: str, address: str) -> bool:
    """Whether an address is one of the Node's own, loopback included."""
    found = ground.control.nodes.get(node)
    if found is None:
        return False
    held = (*found.addresses, *found.interface_addresses, *found.bridge_ips, *found.tunnel_ips)
    return address in held or address in ("127.0.0.1", "::1") or ground.is_local(node, address)
