"""A result of Verify on Linux as rows and texts: what was predicted, what a kernel did, both sides line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

from designer.engine.trace.ask import scenario_request
from designer.engine.trace.hops import Path, Request
from designer.model import VERIFIED_SIGNS, VERIFIED_WORDS, Project, Verification, VerifiedRow
from designer.present.request_choices import source_text
from designer.present.words import count_text, short_name

SCOPE_WORDS: Final = {"scenarios": "Saved requests", "services": "Service ports", "matrix": "Pods to Pods"}
# What a reader looks for first.
STATUS_ORDER: Final = ("different", "not-testable", "confirmed")
STALE: Final = "Stale: cluster changed since"
_COUNT = re.compile(r"^(\d+ of \d+: |\d+ × )")
_ID = re.compile(r"\b([A-Z]\w+):(?=[a-z0-9])")


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One request: status with its sign, who asks, what is asked, both sides in a line, what is amiss."""

    status: str
    source: str
    request: str
    predicted: str
    observed: str
    why: str
    row: VerifiedRow


@dataclass(frozen=True, slots=True)
class SideLine:
    """A line of both sides; "" where a side has none. `differs` says that they are not the same thing."""

    predicted: str
    observed: str
    differs: bool = False


def status_text(status: str) -> str:
    """``✓ confirmed``, ``✕ different``, ``– not testable here``."""
    return f"{VERIFIED_SIGNS.get(status, '?')} {VERIFIED_WORDS.get(status, status)}"


def result_rows(found: Verification) -> tuple[ResultRow, ...]:
    """One row a request: what differs first, then what was not testable, then what was confirmed."""
    ordered = (row for status in STATUS_ORDER for row in found.rows if row_status(row) == status)
    return tuple(map(_result_row, ordered))


def _result_row(row: VerifiedRow) -> ResultRow:
    sides = brief_text(row.predicted), brief_text(row.observed)
    return ResultRow(row_status(row), source_text(row.source), asked_text(row), *sides, why_text(row), row)


def row_status(row: VerifiedRow) -> str:
    """The status of a row; "different" also where only the rules differ that were hit."""
    return "different" if row.rules is not None and row.rules.status == "different" else row.status


def asked_text(row: VerifiedRow) -> str:
    """What is asked: ``shop/cart (10.96.0.41:7070)``, with the protocol where it is not TCP."""
    asked = plain_ids(row.destination)
    return asked if row.protocol == "TCP" else f"{asked}, {row.protocol}"


def differing(found: Verification | None) -> int:
    """How many requests differ, 0 where nothing was tried."""
    return sum(row_status(row) == "different" for row in found.rows) if found is not None else 0


def why_text(row: VerifiedRow) -> str:
    """What is amiss, why it is not testable, or what a confirmation does not show; "" for nothing."""
    rules = row.rules.why if row.rules is not None and row.rules.status == "different" else ""
    return plain_ids(" ".join(text for text in (row.why, rules) if text))


def plain_ids(text: str) -> str:
    """A text with object ids as a person reads them: ``Pod default/web`` for ``Pod:default/web``."""
    return _ID.sub(r"\1 ", text)


def brief_text(lines: tuple[str, ...]) -> str:
    """The ends of one side in few words: who answers, or how many do; how else connections end."""
    ends = [_COUNT.sub("", line) for line in lines]
    answering = list(dict.fromkeys(end.partition(" answers, ")[0] for end in ends if " answers, " in end))
    told = [f"{short_name(answering[0])} answers"] if len(answering) == 1 else []
    noun = "Pods" if all(oid.startswith("Pod:") for oid in answering) else "endpoints"
    told = [f"{len(answering)} {noun} answer"] if len(answering) > 1 else told
    others = dict.fromkeys(plain_ids(end) for end in ends if " answers, " not in end)
    return "; ".join((*told, *others))


def counts_text(found: Verification) -> str:
    """``81 confirmed · 1 different · 3 not testable here``; what is not there is not counted."""
    worst = [row_status(row) for row in found.rows]
    parts = [f"{count} {word}" for status, word in VERIFIED_WORDS.items() if (count := worst.count(status))]
    return " · ".join(parts) or "nothing was tried"


def run_text(found: Verification) -> str:
    """``Service ports · iptables · 2026-11-23 15:02 UTC · 1946 connections``."""
    when = found.date.replace("T", " ").removesuffix("Z")
    sent = count_text(found.connections, "connection")
    return f"{SCOPE_WORDS.get(found.scope, found.scope)} · {found.mode} · {when} UTC · {sent}"


def other_mode_text(found: Verification, project: Project) -> str:
    """What is to be said where the lab ran in another mode than the cluster is in; "" where it did not."""
    mode = project.cluster.kubeProxy.mode
    return "" if mode == found.mode else f"Tried in {found.mode} mode; the cluster is in {mode} mode."


def end_lines(row: VerifiedRow) -> tuple[SideLine, ...]:
    """How connections end, the same end on both sides beside each other; what the difference is about is marked."""
    if row.status == "not-testable":
        return ()
    left, right = list(row.predicted), list(row.observed)
    found = []
    for line in tuple(left):
        same = next((other for other in right if _COUNT.sub("", other).startswith(_COUNT.sub("", line))), None)
        if same is not None:
            left.remove(line)
            right.remove(same)
            found.append(_line(row, line, same))
    return (*found, *(_line(row, one, other) for one, other in zip_longest(left, right, fillvalue="")))


def _line(row: VerifiedRow, predicted: str, observed: str) -> SideLine:
    """A pair of lines; it differs where what is amiss names its end."""
    ends = (_COUNT.sub("", line) for line in (predicted, observed))
    differs = row.status == "different" and any(end and end in row.why for end in ends)
    return SideLine(plain_ids(predicted), plain_ids(observed), differs)


def rule_lines(row: VerifiedRow) -> tuple[SideLine, ...]:
    """The rules of both sides rule by rule, equal ones beside each other; none where they do not differ."""
    rules = row.rules
    if rules is None or rules.status != "different":
        return ()
    predicted, observed = _hits(rules.predicted), _hits(rules.observed)
    found: list[SideLine] = []
    matcher = SequenceMatcher(None, predicted, observed, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        found += [
            SideLine(one, other, kind != "equal")
            for one, other in zip_longest(predicted[a:b], observed[c:d], fillvalue="")
        ]
    return tuple(found)


def _hits(lines: tuple[str, ...]) -> list[str]:
    """Each rule of ``node-1 prerouting: nat PREROUTING 1, nat KUBE-SERVICES 7`` in a line of its own."""
    found = []
    for line in lines:
        hook, _, hits = line.partition(": ")
        found += [f"{hook} · {hit}" for hit in hits.split(", ")]
    return found


def row_request(row: VerifiedRow, project: Project) -> Request | None:
    """The request whose trace a row is about, None where nothing can be asked any more."""
    scenario = project.scenarios.get(row.scenario)
    if scenario is not None:
        return scenario_request(scenario)
    if not row.address:
        return None
    where = f"[{row.address}]" if ":" in row.address else row.address
    protocol = row.protocol if row.protocol != "TCP" else ""
    return Request(row.source, f"{where}:{row.port}{'/' + protocol.lower() if protocol else ''}", row.protocol)


def row_path(row: VerifiedRow, paths: tuple[Path, ...]) -> int:
    """Which way of a trace a row is about: the first whose packet goes to its address, by its Node; else the first."""
    for place, path in enumerate(paths):
        sent = next((hop for hop in path.hops if hop.direction == "request" and hop.after is not None), None)
        wire = next((hop for hop in path.hops if hop.direction == "request" and hop.kind == "wire"), None)
        aimed = sent is not None and sent.after is not None and sent.after.dst == row.address
        if aimed and (not row.entry or (wire is not None and wire.toward == f"Node:{row.entry}")):
            return place
    return 0
