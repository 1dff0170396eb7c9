"""Sentences as a window shows them: no backticks, which only mark code where there is one typeface."""

from __future__ import annotations

import re
from typing import Final

# A pair of backticks around a part of one line. Those of a rule (Traefik's Host(`a`)) follow the name of a function:
# they belong to it.
_MARKED: Final = re.compile(r"(?<!\w\()(?<!\w)`([^`\n]+)`(?!\w)")
_NAME: Final = re.compile(r"[\w./\[\]-]*\w\]?")


def plain_words(text: str) -> str:
    """The sentence with names bare and everything else in quotes: ``Correct `port`.`` becomes ``Correct port.``"""
    if "`" not in text:
        return text
    return _MARKED.sub(lambda found: found[1] if _NAME.fullmatch(found[1]) else f"“{found[1]}”", text)
