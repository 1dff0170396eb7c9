"""Regular expressions in matches, read as RE2 reads them (Gateway API leaves the dialect to the implementation)."""

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
_ONLY_RE2 = re.compile(r"\\[pPQECz]|\(\?[imsU]*U")


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


@lru_cache(maxsize=4096)
def expression(text: str) -> Expression:
    """The expression that a text is."""
    if _BEYOND_RE2.search(text):
        return Expression(text, None, doubt="it uses what RE2 has not (look-around or a backreference)")
    if _ONLY_RE2.search(text):
        return Expression(text, None, doubt="it uses what only some dialects have")
    plain = text
    for name, meant in _POSIX.items():
        plain = plain.replace(name, meant)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Expression(text, re.compile(plain, re.ASCII))
    except (re.error, RecursionError, OverflowError) as error:
        return Expression(text, None, error=f"is no regular expression: {error}")
