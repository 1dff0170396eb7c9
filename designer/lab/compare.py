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
from designer.lab.prediction import Expected, Prediction
from designer.lab.probes import Probe

Status = Literal["confirmed", "different", "not-testable"]
# An end that is predicted with some share and never shows is a difference where chance would do so less often.
IMPROBABLE = 1e-9
# More than any choice needs in the largest cluster that is built: among 600 ends one takes 12,424.
MAX_ATTEMPTS = 20_000
FEW = 8
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
                return f"{self.who} answers, sees {self.source} (TTL {self.ttl})"
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
    """The result of a probe. `predicted` and `observed` are lines with shares and counts, `why` says what is amiss."""

    source: str
    destination: str
    protocol: str
    status: Status
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


def attempts_for(prediction: Prediction) -> int:
    """How often a connection is tried, so that an end that never shows is improbable; at most `MAX_ATTEMPTS`."""
    shares = prediction.shares
    if len(shares) < 2 or prediction.sticky:
        return 4 if prediction.sticky else 1
    return min(MAX_ATTEMPTS, _enough(min(shares.values())))


def attempts_of(probes: Sequence[Probe]) -> list[int]:
    """How often each probe is tried; none for those that are not testable.

    The same choice between the same ends is proved once for each Node where packets begin; afterwards a few attempts
    show that the others make it too.
    """
    found, proved = [], set()
    for probe in probes:
        told = probe.prediction
        if told.untestable:
            found.append(0)
            continue
        first = next((segment.node for way in told.ways for segment in way.segments), probe.space)
        ends = frozenset((end.kind, end.who) for end in told.shares)
        choice = (probe.address, probe.port, probe.protocol, first, ends)
        full = attempts_for(told)
        found.append(min(full, FEW) if choice in proved else full)
        proved.add(choice)
    return found


def _enough(share: Fraction) -> int:
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
    status: Status = "different" if why else "confirmed"
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
        if not any(fits(ground, probe, end, expected) for end in counts) and total >= _enough(share):
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
                return end.who in ("", probe.address) or _holds(ground, expected.who, end.who)
            return expected.kind == "refused" and probe.protocol != "TCP"
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
