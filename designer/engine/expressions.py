"""Regular expressions as RE2 reads them: Envoy's, and Go's in CoreDNS (Gateway API leaves the dialect open).

Python's `re` reads them where both dialects mean the same (google/re2 doc/syntax.txt); where Python takes what RE2
refuses, or the reverse, or both take it and mean something else, there is a doubt instead of an answer.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

# What Perl's dialect has and RE2 has not: look-around, backreferences, atomic groups, conditions.
_BEYOND_RE2 = re.compile(r"\(\?(=|!|<=|<!|>|\(|P=)|\\[1-9]")
# What RE2 has and Python's `re` has not, by what it means there.
_POSIX = {
    "[:alpha:]": "a-zA-Z", "[:digit:]": "0-9", "[:alnum:]": "0-9a-zA-Z", "[:upper:]": "A-Z", "[:lower:]": "a-z",
    "[:space:]": r"\s", "[:word:]": r"\w", "[:xdigit:]": "0-9A-Fa-f", "[:punct:]": r"!-/:-@\[-`{-~",
    "[:blank:]": r" \t",
}  # fmt: skip
_ONLY_RE2 = re.compile(r"\\(?:[pPQECz]|x\{)|\(\?[imsU]*U|\(\?<[A-Za-z_]")
# What Python has and RE2 has not: its end of text, comments, flags of its own, conditional and Unicode escapes.
_ONLY_PYTHON = re.compile(r"\\[ZNuU]|\(\?#|\(\?[a-zA-Z-]*[aLux]")
# Outside escapes and classes: possessive repeats, which RE2 refuses, and {,n}, which it takes as text.
_REPEATS = re.compile(r"[*+?}]\+|\{,\d*\}")
_COUNTS = re.compile(r"\{(\d+)(?:,(\d*))?\}")
MAX_REPEAT = 1000
_MID_FLAGS = re.compile(r"(?<!^)\(\?[imsU-]+\)")


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression: `error` says why no dialect takes it, `doubt` why dialects differ about it; "" where not so."""

    text: str
    pattern: re.Pattern[str] | None
    error: str = ""
    doubt: str = ""

    def matches(self, value: str, whole: bool | None) -> bool | None:
        """Whether `value` matches; None where that depends on the implementation.

        `whole`: the expression has to match all of `value`; None where that is not known.
        """
        if self.pattern is None:
            return False if self.error else None
        full = self.pattern.fullmatch(value) is not None
        if whole is True:
            return full
        part = self.pattern.search(value) is not None
        if whole is False or full == part:
            return part
        return None


def _bare(text: str) -> str:
    """The text without escaped signs and classes of signs, each of which becomes one letter."""
    return re.sub(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]", "c", text, flags=re.DOTALL)


@lru_cache(maxsize=4096)
def expression(text: str) -> Expression:
    """The expression that a text is."""
    if _BEYOND_RE2.search(text):
        return Expression(text, None, doubt="it uses what RE2 has not (look-around or a backreference)")
    bare = _bare(text)
    counts = [int(n) for low, high in _COUNTS.findall(bare) for n in (low, high) if n and len(n) < 9]
    if _ONLY_RE2.search(text) or _ONLY_PYTHON.search(text) or _MID_FLAGS.search(bare):
        return Expression(text, None, doubt="it uses what only some dialects have")
    if _REPEATS.search(bare) or any(n > MAX_REPEAT for n in counts):
        return Expression(text, None, doubt="it repeats in a way that RE2 does not take, or takes otherwise")
    plain = text
    for name, meant in _POSIX.items():
        plain = plain.replace(name, meant)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Expression(text, re.compile(plain, re.ASCII))
    except (re.error, RecursionError, OverflowError) as error:
        return Expression(text, None, error=f"is no regular expression: {error}")
