"""What a Linux kernel said of the cluster: the kept result of a run of the lab. No engine pass reads it."""

from __future__ import annotations

from typing import Final, Literal

from designer.model.frozen import FrozenModel

VerifiedStatus = Literal["confirmed", "different", "not-testable"]
# Status → how a person reads it; the sign stands beside the word, never colour alone.
VERIFIED_WORDS: Final[dict[str, str]] = {
    "confirmed": "confirmed",
    "different": "different",
    "not-testable": "not testable here",
}
VERIFIED_SIGNS: Final[dict[str, str]] = {"confirmed": "✓", "different": "✕", "not-testable": "–"}


class VerifiedRules(FrozenModel):
    """The rules that one connection hit, hook by hook; the lines of both sides are kept where they differ."""

    status: VerifiedStatus
    predicted: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    why: str = ""


class VerifiedRow(FrozenModel):
    """One request that was tried, or that could not be.

    `source` is an object id, `destination` how the request reads. `address`, `port`, `protocol` and `entry` (the Node
    by which it came in) say which packets were sent; `target` is the id of what is called, `answerers` are the ids of
    what was predicted or observed to answer. `scenario` names the saved request that it belongs to. `predicted` and
    `observed` are lines with shares and counts, `why` says what is amiss, why it is not testable, or what the
    confirmation does not show.
    """

    source: str
    destination: str
    status: VerifiedStatus
    protocol: str = "TCP"
    predicted: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    why: str = ""
    attempts: int = 0
    address: str = ""
    port: int = 0
    entry: str = ""
    scenario: str = ""
    target: str = ""
    answerers: tuple[str, ...] = ()
    rules: VerifiedRules | None = None


class Verification(FrozenModel):
    """One run: when (UTC, to the minute), in which mode of kube-proxy, which requests, what came of them.

    `tested` is the fingerprint of the cluster that was built (`storage.fingerprint`): another one says that the result
    is stale. `leftOut` are sentences about what of the cluster the lab does not build. Nothing in it names the machine.
    """

    date: str
    mode: str
    scope: str
    tested: str
    connections: int = 0
    leftOut: tuple[str, ...] = ()
    rows: tuple[VerifiedRow, ...] = ()

    def count(self, status: str) -> int:
        """How many requests have a status."""
        return sum(row.status == status for row in self.rows)
