"""Pods with an IPv4 and an IPv6 address, seen over one family at a time: a packet carries addresses of one of them.

Only address blocks tell the families of a Pod apart (`domain/policies.md`, ipBlock: addresses as the packet carries
them). Where no address is named, what both families say alike is the answer, and what they say differently is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from designer.engine.controlplane.state import PodState
from designer.engine.policy.matchers import Peer
from designer.engine.policy.porttable import Row
from designer.engine.policy.verdict import PolicyVerdict

# Families as bits, so that those in common are one operation.
FOUR, SIX, BOTH = 1, 2, 3
FAMILY_BITS = {4: FOUR, 6: SIX}


@dataclass(frozen=True, slots=True)
class FamilySplit:
    """For every column the one that stands for it over IPv6 (over IPv4 it is itself), and the bits of its families."""

    over_six: Row
    families: npt.NDArray[np.uint8]

    def columns(self, left: int, right: int) -> tuple[tuple[int, int, int], ...]:
        """The families over which two columns may talk, each with the two columns that stand for them there.

        Empty where the families are all alike, or where the two have none in common.
        """
        six = int(self.over_six[left]), int(self.over_six[right])
        if six == (left, right):
            return ()
        common = int(self.families[left] & self.families[right])
        found = ((FOUR, left, right), (SIX, *six))
        return tuple(one for one in found if one[0] & common)


def family_bits(addresses: Iterable[str]) -> int:
    """The families of some addresses as bits; both where there is no address, since none is known."""
    found = 0
    for address in addresses:
        found |= SIX if ":" in address else FOUR
    return found or BOTH


def pod_over(pod: PodState, family: int) -> PodState:
    """The Pod with its addresses of one family (a bit) alone."""
    kept = tuple(address for address in pod.ips if family_bits((address,)) == family)
    return pod if len(kept) == len(pod.ips) else replace(pod, ips=kept)


def peer_over(peer: Peer, family: int) -> Peer:
    """The other end with its addresses of one family (a bit) alone."""
    if peer.address:
        kept = tuple(address for address in peer.addresses if family_bits((address,)) == family)
        return replace(peer, address=kept[0], others=kept[1:]) if kept else peer
    return peer if peer.pod is None else replace(peer, pod=pod_over(peer.pod, family))


def common_families(subject: PodState, peer: Peer) -> tuple[int, ...]:
    """The families (bits) over which a Pod and the other end may talk; none where that tells nothing apart."""
    if len(subject.ips) < 2 and len(peer.addresses) < 2:
        return ()
    common = family_bits(subject.ips) & family_bits(peer.addresses)
    return tuple(family for family in (FOUR, SIX) if family & common)


def over_both(four: PolicyVerdict, six: PolicyVerdict) -> PolicyVerdict:
    """One verdict for both families: theirs where they pass or deny alike, else that it cannot be told."""
    if (four.value, four.reason) == (six.value, six.reason):
        return four
    found = replace(
        four,
        reason=f"over IPv4: {four.text()} Over IPv6: {six.text()}",
        isolating=tuple(dict.fromkeys((*four.isolating, *six.isolating))),
        notes=tuple(dict.fromkeys((*four.notes, *six.notes))),
    )
    if four.passes is not six.passes:
        return replace(found, value="cannot-tell", matched=None, closest=None)
    # What passes over both is "allowed" over both: whether an engine enforces anything does not hang on the family.
    return replace(found, matched=four.matched or six.matched)
