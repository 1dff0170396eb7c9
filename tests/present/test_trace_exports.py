"""A trace as HTML page, Mermaid text and CSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

from designer.engine.trace.hops import Branch, Hop, Request, Trace, TraceResult
from designer.present.trace_csv import TITLES, trace_csv
from designer.present.trace_html import trace_html
from designer.present.trace_mermaid import MOST_WAYS, trace_mermaid
from tests.present.shop import answer

NODE_PORT = Request("ExternalClient:client", "http://192.168.10.12:30080")
DENIED = Request("Deployment:shop/frontend", "db:5432")
VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """Reads a page strictly: every element is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)


def test_the_page_needs_nothing_else() -> None:
    text = trace_html(answer(NODE_PORT))
    page = Page(text)
    tags = [tag for tag, _attrs in page.tags]
    assert text.startswith("<!DOCTYPE html>")
    assert not {"script", "link", "iframe", "object", "embed"} & set(tags)
    for _tag, attrs in page.tags:
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "href"):
            assert not attrs.get(name) or str(attrs[name]).startswith(("#", "data:"))
    assert not re.search(r"url\(|@import", text)
    assert "@media print" in text and 'lang="en"' in text


def test_the_page_has_every_step_of_every_way() -> None:
    result = answer(NODE_PORT)
    page = Page(trace_html(result))
    words = "".join(page.words)
    steps = [attrs["data-number"] for tag, attrs in page.tags if tag == "li"]
    assert steps == [str(number) for path in result.trace.paths() for number in range(1, len(path.hops) + 1)]
    for path in result.trace.paths():
        assert path.reason in words
        for hop in path.hops:
            assert hop.place in words and hop.what in words and hop.reason in words
    assert words.count("1/2 (50.0 %)") == 4  # in the table and over each way
    anchors = {attrs.get("id") for _tag, attrs in page.tags}
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert links == ["#way-1", "#way-2"] and {"way-1", "way-2"} <= anchors


def test_what_a_person_typed_is_no_markup() -> None:
    result = answer(DENIED)
    evil = replace(result, request=Request('"><script>alert(1)</script>', "<b>&amp;"), reason="<img src=x>")
    page = Page(trace_html(evil))
    assert "script" not in {tag for tag, _attrs in page.tags} and "img" not in {tag for tag, _attrs in page.tags}
    assert '"><script>alert(1)</script> → <b>&amp;' in "".join(page.words)


def test_a_picture_stands_in_the_page() -> None:
    page = Page(trace_html(answer(DENIED), "data:image/png;base64,AAAA"))
    (image,) = [attrs for tag, attrs in page.tags if tag == "img"]
    assert image["src"] == "data:image/png;base64,AAAA"
    assert str(image["alt"]).startswith("The cluster with the way of frontend · shop → db:5432")


# --- Mermaid: the lines of a sequence diagram as https://mermaid.js.org/syntax/sequenceDiagram.html lists them.

_LINES = re.compile(
    r"  (title [^;#\n]+|autonumber|participant p\d+ as .+)|"
    r" {2,}(Note over p\d+: .+|p\d+--?>>p\d+: .+|alt .+|else .+|end)"
)


def read_mermaid(text: str) -> list[str]:
    """The lines behind the first; AssertionError for one that the language does not know, or an open block."""
    lines = text.split("\n")
    assert lines[0] == "sequenceDiagram" and lines[-1] == ""
    depth = 0
    named = set()
    for line in lines[1:-1]:
        plain = re.sub(r"#\w+;", "", line)  # numbered entities: "Entity codes to escape characters"
        assert _LINES.fullmatch(plain), line
        assert not re.search(r"[#;]|%%", plain), line
        word = line.split()[0]
        named |= {line.split()[1]} if word == "participant" else set()
        used = set(re.findall(r"\bp\d+\b(?=[-:])", line.partition(": ")[0] + ":"))
        assert used <= named or word in ("title", "alt", "else", "participant"), line
        depth += {"alt": 1, "end": -1}.get(word, 0)
        assert depth >= 0
    assert depth == 0
    return lines[1:-1]


def test_mermaid_shows_who_sends_what_to_whom() -> None:
    lines = [line.strip() for line in read_mermaid(trace_mermaid(answer(DENIED)))]
    assert lines[0] == "title frontend · shop → db:5432: ✕ denied by policy"
    assert "participant p1 as Pod frontend-7dgh8mlph2-f4rwv" in lines
    assert "p1->>p2: 10.244.246.67:41822 → 10.244.249.195:5432" in lines
    assert lines[-1].startswith("Note over p1: ✕ denied by policy. Denied: ")


def test_mermaid_shows_ways_with_their_exact_shares() -> None:
    lines = [line.strip() for line in read_mermaid(trace_mermaid(answer(NODE_PORT)))]
    assert [line.partition(":")[0] for line in lines if line.startswith(("alt", "else"))] == [
        "alt 1/2 (50.0 %)", "else 1/2 (50.0 %)",
    ]  # fmt: skip
    assert any("-->>" in line for line in lines)


def test_mermaid_takes_any_text_and_any_number_of_ways() -> None:
    hop = Hop("send", "request", "end; #1 %%{init}%%", "Pod:x/end", "a\nb -->> <c>", None, None, "why")
    end = Trace((hop,), "delivered", "end; #2")
    branches = tuple(Branch(Fraction(1, 20), f"way {at};", end) for at in range(20))
    result = TraceResult(Request("Pod:x/end", "http://x/;#%%"), Trace((hop,), None, branches=branches), "delivered", "")
    lines = read_mermaid(trace_mermaid(result))
    assert sum(line.strip().startswith(("alt", "else")) for line in lines) == MOST_WAYS + 1
    assert "    else 12 more ways together: 60.0 %" in "\n".join(f"  {line}" for line in lines)


def test_csv_has_a_line_for_every_hop() -> None:
    result = answer(NODE_PORT)
    rows = list(csv.reader(io.StringIO(trace_csv(result))))
    assert tuple(rows[0]) == TITLES
    paths = result.trace.paths()
    assert [row[0] for row in rows[1:]] == ["1"] * len(paths[0].hops) + ["2"] * len(paths[1].hops)
    translated = next(row for row in rows if row[9] == "translated")
    assert translated[1] == "1/2" and translated[2] == "delivered"
    assert (translated[10], translated[11]) == (
        "198.51.100.7:41822 → 192.168.10.12:30080", "198.51.100.7:41822 → 10.244.124.195:8080",
    )  # fmt: skip
    assert all(len(row) == len(TITLES) for row in rows)
