"""The answer of a policy check, with what every policy had to say; the sentence is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.engine.policy.compiled import Direction

Value = Literal["allowed", "denied", "not-applicable", "cannot-tell"]
Failed = Literal["", "peer", "port", "both", "unknown", "no-rules"]


@dataclass(frozen=True, slots=True)
class RuleNote:
    """What one rule said. Indices are 0-based; `rule` is None where the policy has no rule for the direction.

    `failed` is "" where the rule matches; otherwise which part did not. `peer` and `port` are the entries that matched,
    None where none did or where the rule has no list. `reason` describes the match, or the first thing that differed.
    `line` is the line of the rule (of the matched peer where one matched), 0 where it is not known. `path` is the whole
    field path where the rule is not one of a NetworkPolicy.
    """

    policy: str
    policy_text: str
    rule: int | None
    failed: Failed
    reason: str
    peer: int | None = None
    port: int | None = None
    file: str = ""
    line: int = 0
    path: str = ""

    @property
    def field(self) -> str:
        """The rule's path without its direction prefix, e.g. ``[0]``; "" without a rule."""
        return "" if self.rule is None else f"[{self.rule}]"


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """The answer for one direction.

    `subject` and `peer` are short texts; `isolating` the ids of the policies that isolate the subject in this
    direction, or have a say in it; `matched` the rule that decides; `notes` what every rule of these policies said;
    `closest` the rule that came nearest to allowing. `reason` is the sentence without the word in front. In tiers,
    `passed` are the policies with a rule that passes to a later tier, `closing` those at the end of whose tier it is
    denied.
    """

    value: Value
    direction: Direction
    subject: str
    peer: str
    reason: str
    matched: RuleNote | None = None
    isolating: tuple[str, ...] = ()
    notes: tuple[RuleNote, ...] = ()
    closest: RuleNote | None = None
    passed: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()

    @property
    def passes(self) -> bool | None:
        """Whether the packet goes on: None where that cannot be told."""
        return None if self.value == "cannot-tell" else self.value != "denied"

    def text(self) -> str:
        """A whole sentence as `domain/policies.md`, "Explanation texts" words it."""
        word = {
            "allowed": "Allowed",
            "denied": "Denied",
            "not-applicable": "Not applicable",
            "cannot-tell": "Cannot tell",
        }[self.value]
        return f"{word}: {self.reason}"

    @property
    def field(self) -> str:
        """Path of the deciding rule or peer in its policy, e.g. ``spec.ingress[0].from[1]``; "" where none decided."""
        if self.matched is None or self.matched.rule is None:
            return ""
        if self.matched.path:
            return self.matched.path
        path = f"spec.{self.direction}[{self.matched.rule}]"
        if self.matched.peer is None:
            return path
        return f"{path}.{'from' if self.direction == 'ingress' else 'to'}[{self.matched.peer}]"
