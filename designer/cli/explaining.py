"""The command explain: the rule behind a problem code, a verdict or a kind of hop."""

from __future__ import annotations

from argparse import Namespace

from designer.cli.output import ANSWERED, UNUSABLE, complain, say
from designer.present.help_text import contents_text, list_text, topic_text
from designer.present.help_topics import meant, search


def run_explain(args: Namespace) -> int:
    """Print the topic that is meant; several that hold the words as a list; without words the contents."""
    text = " ".join(args.words).strip()
    if not text:
        say(contents_text())
        return ANSWERED
    topic = meant(text)
    found = (topic,) if topic is not None else search(text)
    if not found:
        complain(f"Help has nothing about {text}. `cluster-designer explain` alone lists everything that it has.")
        return UNUSABLE
    say(topic_text(found[0]) if len(found) == 1 else list_text(found))
    return ANSWERED
