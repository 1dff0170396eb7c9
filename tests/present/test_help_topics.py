"""Help: every code, verdict, hop and reason that the program can give has its topic, and no topic is about nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import get_args

import pytest

from designer.engine.policy.verdict import Value
from designer.engine.trace.hops import HOP_KINDS, Verdict
from designer.engine.trace.verdicts import MEANINGS, SILENT_CHAINS
from designer.present.help_text import asked_as, contents_text, topic_html, topic_text
from designer.present.help_topics import Topic, chapters, documents, meant, reason_key, search, topic, topics
from tests.house.source import sources

CODE = re.compile(r"[A-Z]{2,8}-[A-Z]?\d{2}")


def shape(node: ast.AST) -> str:
    """The words of a string in the source, each computed part of it as ``{}``; "" for what is no string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    return ""


@cache
def shapes(folder: str = "designer") -> frozenset[str]:
    """Every string in the source below a folder."""
    return frozenset(shape(node) for one in sources(folder) for node in ast.walk(one.tree))


def codes() -> set[str]:
    """Every problem code that stands in the source."""
    return {text for text in shapes() if CODE.fullmatch(text)}


def of_kind(kind: str) -> set[str]:
    return {key.partition(":")[2] for key in topics() if key.startswith(f"{kind}:")}


def test_every_code_has_its_topic_and_no_topic_is_about_a_code_that_nobody_gives() -> None:
    assert {key for key in topics() if ":" not in key} == codes()


def test_there_are_as_many_codes_as_were_counted_by_hand() -> None:
    assert len(codes()) > 220, "the walk over the source finds the codes"


def test_every_verdict_hop_and_policy_answer_has_its_topic() -> None:
    assert of_kind("verdict") == set(get_args(Verdict))
    assert of_kind("hop") == set(HOP_KINDS)
    assert of_kind("policy") == set(get_args(Value))


def ends() -> Iterator[tuple[str, str, str]]:
    """Where the engine ends a trace with a verdict and a sentence: the place, the verdict, the sentence's shape."""
    for one in sources("designer/engine/trace"):
        for node in ast.walk(one.tree):
            if not isinstance(node, ast.Call):
                continue
            said = [shape(word) for word in (*node.args, *(keyword.value for keyword in node.keywords))]
            verdict = next((text for text in said if text in get_args(Verdict)), "")
            for text in said:
                if verdict and text not in get_args(Verdict) and " " in text and text.endswith((".", "{}")):
                    yield f"{one.path}:{node.lineno}", verdict, text


def test_every_no_route_that_is_written_out_is_explained_by_its_reason() -> None:
    found = [(place, text) for place, verdict, text in ends() if verdict == "no-route"]
    assert len(found) >= 12
    unexplained = [(place, text) for place, text in found if reason_key("no-route", text) == "verdict:no-route"]
    assert unexplained == []


@pytest.mark.parametrize("meaning", [text for _part, text in MEANINGS])
def test_what_a_rule_of_kube_proxy_means_is_explained_by_its_reason(meaning: str) -> None:
    local = "externalTrafficPolicy is Local and node-1 has no endpoint of Service a/b"
    said = meaning.format(port="port 80 of a/b", local=local, who="a Service", number="81/TCP")
    verdict = "rejected" if "refused" in said else "dropped"
    assert reason_key(verdict, said).startswith("reason:")


@pytest.mark.parametrize(("verdict", "said"), [(verdict, said) for _chain, verdict, said in SILENT_CHAINS])
def test_a_rule_without_comment_is_explained_by_its_reason(verdict: str, said: str) -> None:
    assert reason_key({"reject": "rejected", "drop": "dropped"}[verdict], said).startswith("reason:")


def test_every_reason_is_known_by_words_that_the_engine_says() -> None:
    said = "\n".join(sorted(shapes("designer/engine")))
    for one in topics().values():
        assert one.key.startswith("reason:") == bool(one.says and one.verdicts), one.key
        assert set(one.verdicts) <= set(get_args(Verdict)), one.key
        for piece in one.says:
            assert piece in said, (one.key, piece)


def test_topics_are_whole() -> None:
    for chapter in chapters():
        assert chapter.topics, chapter.name
        for one in chapter.topics:
            assert one.title and not one.title.endswith("."), one.key
            assert one.parts, one.key
            assert all(head and words.endswith(".") for head, words in one.parts), one.key
            if not one.key.startswith("page:"):
                assert len(one.parts) == 3, one.key
            assert chapter.own or one.sources, f"{one.key} names no document"


def test_every_document_is_named_by_a_topic() -> None:
    used = {name for one in topics().values() for name in one.sources}
    assert set(documents().values()) - used == set()


def test_no_key_stands_twice() -> None:
    keys = [one.key for chapter in chapters() for one in chapter.topics]
    assert len(keys) == len(set(keys)) == len(topics())


def test_every_topic_is_found_by_what_the_contents_call_it() -> None:
    for one in topics().values():
        assert meant(asked_as(one)) is one, one.key
        assert asked_as(one) in contents_text()


def test_a_verdict_is_meant_by_its_words_and_a_code_in_small_letters() -> None:
    assert meant("denied by policy") is topic("verdict:denied")
    assert meant("svc-01") is topic("SVC-01")
    assert meant("no such thing") is None


def test_search_takes_every_word_and_puts_titles_first() -> None:
    found = search("default class")
    assert [one.key for one in found[:1]] == ["ING-03"]
    assert all("default" in one.text.lower() and "class" in one.text.lower() for one in found)
    assert search("frobnicate") == ()


def test_text_and_html_hold_all_parts() -> None:
    one = Topic("XYZ-01", "A <title>", (("The rule", "a < b"),), ("A document",))
    assert topic_text(one).splitlines() == [
        "XYZ-01  A <title>",
        "",
        "The rule",
        "  a < b",
        "",
        "Read on",
        "  A document",
    ]
    assert topic_html(one) == "<p><b>The rule</b><br/>a &lt; b</p><p><b>Read on</b><br/>A document</p>"


def test_a_reason_that_nobody_explains_leads_to_its_verdict() -> None:
    assert reason_key("dropped", "Something new.") == "verdict:dropped"
    assert reason_key("denied", "has no endpoints") == "verdict:denied"
