"""The topics of Help: for each problem code, verdict, hop and reason the rule behind it, and pages about the program.

The texts are data in ``resources/help``: one file a chapter, one table a topic, and ``sources.toml`` with the documents
that topics name. Keys are problem codes (``SVC-01``) or a kind and a name: ``verdict:denied``, ``hop:policy``,
``policy:allowed``, ``reason:no-endpoints``, ``page:words``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from designer.model import VERDICTS
from designer.resources import resource_path

# Chapters in the order of the contents.
CHAPTERS: Final = (
    "pages", "verdicts", "reasons", "services", "serviceapi", "addresses", "dns", "policies", "ingress", "reading",
    "asking",
)  # fmt: skip
# The parts of a topic that explains a finding, with their headings: of a rule of Kubernetes, and of one of the program.
PARTS: Final = (
    ("rule", "What Kubernetes does", "The rule"),
    ("matters", "Why it matters", "Why it matters"),
    ("fix", "What to do", "What to do"),
)
_CODE: Final = re.compile(r"[A-Za-z]{2,8}-[A-Za-z]?\d{2}")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: `parts` are headings with their texts, `sources` the documents as a person reads them.

    `says` and `verdicts` tell which reason of a trace it explains: pieces of its sentence, and the ends it stands at.
    """

    key: str
    title: str
    parts: tuple[tuple[str, str], ...]
    sources: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()

    @property
    def is_code(self) -> bool:
        """Whether the key is a problem code, which a person sees beside the problem."""
        return bool(_CODE.fullmatch(self.key))

    @property
    def text(self) -> str:
        """All its words, for the search."""
        return "\n".join((self.key, self.title, *(f"{head}\n{words}" for head, words in self.parts)))


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the contents; `own` where its rules are the program's and not those of Kubernetes."""

    name: str
    title: str
    own: bool
    topics: tuple[Topic, ...]


def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads(resource_path("help", f"{name}.toml").read_text(encoding="utf-8"))


@cache
def documents() -> Mapping[str, str]:
    """The documents that topics may name, by their short names."""
    found: Mapping[str, str] = _table("sources")["documents"]
    return found


def _topic(key: str, entry: Mapping[str, Any], own: bool) -> Topic:
    named = [(own_head if own else head, entry[name]) for name, head, own_head in PARTS if name in entry]
    parts = [(str(head), str(words)) for head, words in (*named, *entry.get("parts", ()))]
    sources = tuple(documents()[name] for name in entry.get("sources", ()))
    return Topic(
        key, entry["title"], tuple(parts), sources, tuple(entry.get("says", ())), tuple(entry.get("verdicts", ()))
    )


@cache
def chapters() -> tuple[Chapter, ...]:
    """All chapters with their topics, in the order of the contents."""
    found = []
    for name in CHAPTERS:
        table = dict(_table(name))
        head = table.pop("chapter")
        own = bool(head.get("program", False))
        topics = tuple(_topic(key, entry, own) for key, entry in table.items())
        found.append(Chapter(name, head["title"], own, topics))
    return tuple(found)


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by its key."""
    return {topic.key: topic for chapter in chapters() for topic in chapter.topics}


def topic(key: str) -> Topic | None:
    """The topic of a key, None where there is none; codes are known in small letters too."""
    return topics().get(key) or topics().get(key.upper())


def reason_key(verdict: str, reason: str) -> str:
    """The key of the topic behind an end of a trace: that of its reason where it is known, else of its verdict."""
    for found in topics().values():
        if verdict in found.verdicts and any(piece in reason for piece in found.says):
            return found.key
    return f"verdict:{verdict}"


def meant(text: str) -> Topic | None:
    """The topic that is called so: by its key, its key's name alone, or the words of a verdict; None otherwise."""
    words = " ".join(text.split())
    verdict = next((name for name, said in VERDICTS.items() if words.lower() in (name, said.lower())), "")
    names = (words, f"verdict:{verdict}", *(f"{kind}:{words.lower()}" for kind in ("hop", "policy", "reason", "page")))
    return next((found for name in names if (found := topic(name)) is not None), None)


def search(text: str, among: Iterable[Topic] | None = None) -> tuple[Topic, ...]:
    """The topics that hold every word of a text, those with the words in key or title first."""
    words = text.lower().split()
    found = [one for one in among or topics().values() if all(word in one.text.lower() for word in words)]
    return tuple(sorted(found, key=lambda one: not all(word in f"{one.key} {one.title}".lower() for word in words)))
