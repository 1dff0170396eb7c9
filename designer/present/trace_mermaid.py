"""A trace as the text of a Mermaid sequence diagram: who sends what to whom, and what is decided where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from designer.engine.trace.hops import Hop, Trace, TraceResult
from designer.present.event_rows import is_changed, leaving_text
from designer.present.request_choices import source_text
from designer.present.trace_rows import decided_text
from designer.present.words import share_text, short_name, verdict_text

# Ways of a choice that are drawn; of a Service with a hundred endpoints the others go alike.
MOST_WAYS: Final = 8
# Signs that end or change a line of Mermaid's language, as the numbered entities that it knows.
_ESCAPES: Final = {
    ord("#"): "#35;",
    ord(";"): "#59;",
    ord("<"): "#lt;",
    ord(">"): "#gt;",
    ord("\n"): " ",
}


def trace_mermaid(result: TraceResult) -> str:
    """The whole trace as a Mermaid sequence diagram; random choices stand in `alt` blocks with their exact shares."""
    writer = _Writer()
    body = list(writer.trace(result.trace, "  "))
    request = result.request
    title = _escaped(f"{source_text(request.source)} → {request.destination}: {verdict_text(result.verdict)}")
    people = [f"  participant {name} as {_escaped(words)}" for words, name in writer.names.items()]
    return "\n".join(["sequenceDiagram", f"  title {title}", "  autonumber", *people, *body]) + "\n"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES).replace("%%", "#37;#37;")  # "%%" begins a comment or a directive


class _Writer:
    """Writes lines, and gives each place that a packet visits a name of its own."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def _name(self, oid: str) -> str:
        words = f"{oid.partition(':')[0]} {short_name(oid)}" if ":" in oid and not _is_address(oid) else oid
        return self.names.setdefault(words or "?", f"p{len(self.names) + 1}")

    def trace(self, trace: Trace, indent: str) -> Iterator[str]:
        """The lines of a trace and of its branches."""
        for at, hop in enumerate(trace.hops):
            yield from self._hop(hop, indent)
            if at == len(trace.hops) - 1 and trace.verdict is not None:
                end = _escaped(f"{verdict_text(trace.verdict)}. {trace.reason}")
                yield f"{indent}Note over {self._name(hop.at)}: {end}"
        for at, branch in enumerate(trace.branches[:MOST_WAYS]):
            word = "alt" if at == 0 else "else"
            yield f"{indent}{word} {_escaped(f'{share_text(branch.share)}: {branch.label}')}"
            yield from self.trace(branch.trace, indent + "  ")
        left_out = len(trace.branches) - MOST_WAYS
        if left_out > 0:
            share = sum(branch.share for branch in trace.branches[MOST_WAYS:])
            yield f"{indent}else {_escaped(f'{left_out} more ways together: {float(share) * 100:.1f} %')}"
        if trace.branches:
            yield f"{indent}end"

    def _hop(self, hop: Hop, indent: str) -> Iterator[str]:
        here = self._name(hop.at)
        if hop.toward and hop.toward != hop.at:
            arrow = "->>" if hop.direction == "request" else "-->>"
            yield f"{indent}{here}{arrow}{self._name(hop.toward)}: {_escaped(leaving_text(hop) or hop.what)}"
            return
        words = f"{hop.place}: {hop.what}" + (f" — {hop.outcome}" if hop.outcome else "")
        if (decided := decided_text(hop)) != "–":
            words += f", decided by {decided}"
        changed = f"<br/>{_escaped(leaving_text(hop))}" if is_changed(hop) else ""
        yield f"{indent}Note over {here}: {_escaped(words)}{changed}"


def _is_address(text: str) -> bool:
    return text.count(":") > 1 and "/" not in text
