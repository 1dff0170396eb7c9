"""A trace as one HTML page that needs nothing else: no network, no script; it prints, and follows light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from designer.engine.trace.hops import Path, TraceResult
from designer.present.event_rows import coming_text, is_changed, leaving_text
from designer.present.request_choices import source_text
from designer.present.trace_rows import TraceRow, evidence_text, trace_rows
from designer.present.words import share_text, verdict_text

# The colours of verdicts in light and dark, as on the canvas; the sign before the words tells the same.
_COLORS: Final = {
    "delivered": ("#00795A", "#34D399"),
    "denied": ("#C2410C", "#FB923C"),
    "rejected": ("#A21CAF", "#E879F9"),
    "connection-refused": ("#A21CAF", "#E879F9"),
    "no-matching-route": ("#A21CAF", "#E879F9"),
    "dropped": ("#475569", "#94A3B8"),
    "no-route": ("#475569", "#94A3B8"),
    "name-not-found": ("#1D4ED8", "#93C5FD"),
    "cannot-tell": ("#B45309", "#FBBF24"),
}
_STYLE: Final = """
:root { color-scheme: light dark; --bg: #F6F7F9; --panel: #FFFFFF; --line: #D9DEE5; --text: #1B2430; --muted: #5B6673;
  --accent: #2F6FED; --chip: #F3F5F8; }
@media (prefers-color-scheme: dark) { :root { --bg: #15191F; --panel: #1B2027; --line: #323A45; --text: #E6EAF0;
  --muted: #97A3B2; --accent: #7AA7FF; --chip: #262D36; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 32px 24px 64px; background: var(--bg); color: var(--text);
  font: 15px/1.5 Inter, system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1040px; margin: 0 auto; }
h1 { font-size: 22px; margin: 0 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 40px 0 12px; }
.reason { max-width: 75ch; }
.badge { display: inline-block; border: 2px solid currentColor; border-radius: 999px; padding: 3px 14px;
  font-weight: 600; }
ol.steps { list-style: none; margin: 0; padding: 0; border-left: 2px solid var(--line); }
ol.steps > li { position: relative; margin: 0 0 12px 22px; padding: 12px 16px; background: var(--panel);
  border: 1px solid var(--line); border-radius: 8px; break-inside: avoid; }
ol.steps > li::before { content: attr(data-number); position: absolute; left: -37px; top: 10px; min-width: 26px;
  padding: 0 2px; height: 26px; border-radius: 13px; background: var(--panel); border: 2px solid var(--line);
  font-size: 12px; line-height: 22px; text-align: center; font-weight: 600; color: var(--muted); }
ol.steps > li.reply { border-left-style: dashed; }
.head { display: flex; gap: 6px 12px; flex-wrap: wrap; align-items: baseline; }
.place { font-weight: 600; overflow-wrap: anywhere; }
.layer, .way { font-size: 12px; color: var(--muted); }
.layer { border: 1px solid var(--line); border-radius: 4px; padding: 0 6px; }
.outcome { font-weight: 600; }
.packet, code { font: 13px/1.5 "JetBrains Mono", ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.packet { margin: 8px 0; padding: 6px 10px; background: var(--chip); border-radius: 6px; }
.packet .old { color: var(--muted); }
.packet .new { font-weight: 600; }
p { margin: 6px 0; }
dl { margin: 6px 0 0; display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; font-size: 13px; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--muted); font-weight: 400; }
footer { margin-top: 40px; font-size: 12px; color: var(--muted); }
a { color: var(--accent); }
figure { margin: 24px 0; }
figure svg, figure img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 8px; }
@media print { body { background: none; padding: 0; font-size: 11px; } h2 { break-after: avoid; }
  ol.steps > li { border-color: #999; } }
"""
_FOOTER: Final = (
    "What this cluster does with the request as it was designed, worked out by Cluster Network Designer. The packet is "
    "the first of its connection; where a kernel chooses at random, each way has its exact share."
)
_WAYS: Final = "<h2>Ways</h2><table><thead><tr><th>Way</th><th>Share</th><th>Choices</th><th>Verdict</th></tr></thead>"
_OUTCOMES: Final = {
    "allowed": "delivered", "delivered": "delivered", "denied": "denied", "dropped": "dropped", "rejected": "rejected",
    "refused": "connection-refused", "cannot tell": "cannot-tell", "name not found": "name-not-found",
}  # fmt: skip


def trace_html(result: TraceResult, picture: str = "") -> str:
    """The page: the question, the verdict, the ways with their shares, and every step of each way.

    `picture` is a ``data:`` address of an image of the canvas, "" for none.
    """
    request = result.request
    asked = f"{source_text(request.source)} → {request.destination}"
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(asked)}</title>",
            f"<style>{_STYLE}{''.join(_verdict_styles())}</style></head>",
            "<body><main>",
            f"<h1>{escape(asked)}</h1>",
            f"<p>{_badge(result.verdict)}{' not on every way' if result.mixed else ''}</p>",
            f'<p class="reason">{escape(result.reason)}</p>',
            *_figure(picture, asked),
            *_ways(result.trace.paths()),
            f"<footer>{_FOOTER}</footer>",
            "</main></body></html>",
            "",
        )
    )


def _verdict_styles() -> Iterator[str]:
    for verdict, (light, dark) in _COLORS.items():
        yield f".v-{verdict} {{ color: {light}; }}\n"
        yield f"@media screen and (prefers-color-scheme: dark) {{ .v-{verdict} {{ color: {dark}; }} }}\n"


def _badge(verdict: str) -> str:
    return f'<span class="badge v-{verdict}">{escape(verdict_text(verdict))}</span>'


def _figure(picture: str, asked: str) -> Iterator[str]:
    if picture:
        yield f'<figure><img src="{escape(picture)}" alt="{escape(f"The cluster with the way of {asked}")}"></figure>'


def _ways(paths: tuple[Path, ...]) -> Iterator[str]:
    if len(paths) > 1:
        yield f"{_WAYS}<tbody>"
        for number, path in enumerate(paths, start=1):
            yield (
                f'<tr><td><a href="#way-{number}">{number}</a></td><td>{escape(share_text(path.share))}</td>'
                f'<td>{escape(" · ".join(path.labels))}</td><td><span class="v-{path.verdict}">'
                f"{escape(verdict_text(path.verdict))}</span></td></tr>"
            )
        yield "</tbody></table>"
    for number, path in enumerate(paths, start=1):
        name = "Steps" if len(paths) == 1 else f"Way {number} of {len(paths)}: {' · '.join(path.labels)}"
        yield f'<h2 id="way-{number}">{escape(name)}</h2>'
        if len(paths) > 1:
            yield f"<p>{escape(share_text(path.share))} of the requests. {_badge(path.verdict)}</p>"
            yield f'<p class="reason">{escape(path.reason)}</p>'
        yield '<ol class="steps">'
        for row in trace_rows(path):
            yield from _step(row)
        yield "</ol>"


def _step(row: TraceRow) -> Iterator[str]:
    hop = row.hop
    way = "request" if hop.direction == "request" else "reply"
    verdict = _OUTCOMES.get(hop.outcome, "")
    style = f"outcome v-{verdict}" if verdict else "outcome"
    yield f'<li class="{way}" data-number="{row.number}"><div class="head">'
    yield f'<span class="place">{escape(row.place)}</span><span class="layer">{escape(row.layer)}</span>'
    yield f'<span class="way">{row.direction} {way}</span>'
    yield f'<span class="{style}">{escape(hop.outcome)}</span></div>' if hop.outcome else "</div>"
    yield f"<p>{escape(row.what)}</p>"
    if is_changed(hop):
        yield (
            f'<div class="packet"><div class="old">before {escape(coming_text(hop))}</div>'
            f'<div class="new">after&nbsp; {escape(leaving_text(hop))}</div></div>'
        )
    elif leaving_text(hop):
        yield f'<div class="packet">{escape(leaving_text(hop))}</div>'
    if hop.reason and hop.reason != row.what:
        yield f'<p class="reason">{escape(hop.reason)}</p>'
    pairs = [("Decided by", evidence_text(each)) for each in hop.decided_by]
    pairs += [(f"{hit.table} {hit.chain} {hit.index + 1}", hit.text) for hit in hop.rules]
    pairs += list(hop.details)
    if pairs:
        told = (f"<dt>{escape(name)}</dt><dd><code>{escape(text)}</code></dd>" for name, text in pairs)
        yield f"<dl>{''.join(told)}</dl>"
    yield "</li>"
