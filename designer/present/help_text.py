"""A topic of Help as plain text and as simple HTML, and the contents as text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from html import escape

from designer.present.help_topics import Topic, chapters, topics

_WIDTH = 80  # of a terminal that nobody has widened
_NAMED = re.compile(r"\b[A-Z]{2,8}-[A-Z]?\d{2}\b")


def heading(topic: Topic) -> str:
    """The title of a topic, after its code where it has one: ``SVC-01  The selector matches no Pod``."""
    return f"{topic.key}  {topic.title}" if topic.is_code else topic.title


def topic_text(topic: Topic) -> str:
    """A topic as text: title, then each part under its heading, then the documents to read on."""
    lines = [heading(topic)]
    for head, words in topic.parts:
        lines += ["", head, *textwrap.wrap(words, _WIDTH, initial_indent="  ", subsequent_indent="  ")]
    if topic.sources:
        lines += ["", "Read on", *(f"  {name}" for name in topic.sources)]
    return "\n".join(lines)


def topic_html(topic: Topic) -> str:
    """A topic as simple HTML without its title: parts with bold headings, then the documents to read on.

    A code that stands in it is a link to its topic.
    """
    body = [f"<p><b>{escape(head)}</b><br/>{_linked(words)}</p>" for head, words in topic.parts]
    if topic.sources:
        body.append(f"<p><b>Read on</b><br/>{'<br/>'.join(escape(name) for name in topic.sources)}</p>")
    return "".join(body)


def _linked(words: str) -> str:
    def link(found: re.Match[str]) -> str:
        code = found.group()
        return f'<a href="{code}">{code}</a>' if code in topics() else code

    return _NAMED.sub(link, escape(words))


def list_text(found: Iterable[Topic]) -> str:
    """Topics as lines: by what they are asked for, and their titles."""
    rows = [(asked_as(topic), topic.title) for topic in found]
    width = max((len(key) for key, _title in rows), default=0)
    return "\n".join(f"{key:<{width}}  {title}" for key, title in rows)


def asked_as(topic: Topic) -> str:
    """The word by which a topic is asked for on the command line: a code, or the name after the kind.

    What a policy answers is called as verdicts are, so it keeps its kind.
    """
    kind, _, name = topic.key.partition(":")
    return name if name and kind != "policy" else topic.key


def contents_text() -> str:
    """All chapters with the topics in them, as text."""
    return "\n\n".join(f"{chapter.title}\n{textwrap.indent(list_text(chapter.topics), '  ')}" for chapter in chapters())
