"""Calico's selector language: ``role == 'db' && has(env)``.

Grammar and meaning: `selector/parser` and `selector/tokenizer` of Calico's libcalico-go and its selector reference.
A comparison with a label that is absent is false; ``!=`` and ``not in`` are true there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Operator = Literal["and", "or", "not", "all", "global", "has", "==", "!=", "in", "not in", "contains", "starts", "ends"]

NAMESPACE_LABEL = "projectcalico.org/namespace"

_TOKEN = re.compile(
    r"\s*(?:(?P<call>has\(\s*(?P<key>[a-zA-Z0-9_./-]+)\s*\)|all\(\s*\)|global\(\s*\))"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<mark>==|!=|&&|\|\||[(){},!])|(?P<label>[a-zA-Z0-9_./-]+))"
)
_WORDS = re.compile(r"\s*(contains|starts\s*with|ends\s*with|not\s*in|in)")


class SelectorError(ValueError):
    """A text that is no selector."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A node: `operator` over `parts`, or over the label `key` with `values`."""

    operator: Operator
    key: str = ""
    values: tuple[str, ...] = ()
    parts: tuple[Expression, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels of something fulfil it; ``global()`` is what stands in no namespace."""
        value = labels.get(self.key)
        match self.operator:
            case "and":
                return all(part.matches(labels) for part in self.parts)
            case "or":
                return any(part.matches(labels) for part in self.parts)
            case "not":
                return not self.parts[0].matches(labels)
            case "all":
                return True
            case "global":
                return NAMESPACE_LABEL not in labels
            case "has":
                return value is not None
            case "==" | "in":
                return value is not None and value in self.values
            case "!=" | "not in":
                return value is None or value not in self.values
            case "contains":
                return value is not None and self.values[0] in value
            case "starts":
                return value is not None and value.startswith(self.values[0])
            case "ends":
                return value is not None and value.endswith(self.values[0])


ALL = Expression("all")


def parse_selector(text: str) -> Expression:
    """The expression of a selector, everything for an empty one; raises `SelectorError`."""
    reader = _Reader(_tokens(text))
    if reader.at(0) == ("end", ""):
        return ALL
    found = reader.either()
    if reader.at(0) != ("end", ""):
        raise SelectorError(f"unexpected {reader.at(0)[1] or 'text'} at its end")
    return found


Token = tuple[str, str]


def _tokens(text: str) -> list[Token]:
    """Kind (call, text, mark, label, word, end) and value of each token."""
    found: list[Token] = []
    place = 0
    while text[place:].strip():
        if found and found[-1][0] == "label":
            word = _WORDS.match(text, place)
            if word is not None:
                found.append(("word", "".join(word.group(1).split())))
                place = word.end()
                continue
        token = _TOKEN.match(text, place)
        if token is None:
            raise SelectorError(f"it cannot be read from `{text[place:].strip()[:20]}` on")
        kind = str(token.lastgroup if token.lastgroup != "key" else "call")
        value = token.group(kind)
        found.append((kind, value[1:-1] if kind == "text" else value))
        place = token.end()
    return [*found, ("end", "")]


_NAMED: dict[str, Operator] = {"contains": "contains", "startswith": "starts", "endswith": "ends"}
_SETS: dict[str, Operator] = {"in": "in", "notin": "not in"}
_EQUAL: dict[str, Operator] = {"==": "==", "!=": "!="}


class _Reader:
    """Reads tokens by recursive descent; ``||`` binds least."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0

    def at(self, ahead: int) -> Token:
        """The token so many places ahead."""
        return self.tokens[min(self.place + ahead, len(self.tokens) - 1)]

    def take(self, kind: str, value: str = "") -> str:
        """The value of the next token, which must be of this kind (and value)."""
        token = self.at(0)
        if token[0] != kind or (value and token[1] != value):
            raise SelectorError(f"{value or 'a quoted text'} is missing before `{token[1] or 'the end'}`")
        self.place += 1
        return token[1]

    def either(self) -> Expression:
        """Parts joined by ``||``."""
        parts = [self.both()]
        while self.at(0) == ("mark", "||"):
            self.place += 1
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Expression("or", parts=tuple(parts))

    def both(self) -> Expression:
        """Parts joined by ``&&``."""
        parts = [self.one()]
        while self.at(0) == ("mark", "&&"):
            self.place += 1
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Expression("and", parts=tuple(parts))

    def one(self) -> Expression:
        """One operation, perhaps negated."""
        negated = False
        while self.at(0) == ("mark", "!"):
            self.place += 1
            negated = not negated
        found = self.plain()
        return Expression("not", parts=(found,)) if negated else found

    def plain(self) -> Expression:
        """A call, an expression in brackets, or a comparison."""
        kind, value = self.at(0)
        if kind == "call":
            self.place += 1
            name, _, key = value.partition("(")
            if name == "has":
                return Expression("has", key.rstrip(")").strip())
            return ALL if name == "all" else Expression("global")
        if (kind, value) == ("mark", "("):
            self.place += 1
            found = self.either()
            self.take("mark", ")")
            return found
        key = self.take("label") if kind == "label" else self.take("label", "a label")
        return self.comparison(key)

    def comparison(self, key: str) -> Expression:
        """What stands behind a label."""
        kind, value = self.at(0)
        self.place += 1
        if kind == "mark" and value in _EQUAL:
            return Expression(_EQUAL[value], key, (self.take("text"),))
        if kind == "word" and value in _NAMED:
            return Expression(_NAMED[value], key, (self.take("text"),))
        if kind == "word" and value in _SETS:
            return Expression(_SETS[value], key, self.values())
        raise SelectorError(f"an operator is missing after `{key}`")

    def values(self) -> tuple[str, ...]:
        """``{'a', 'b'}``."""
        self.take("mark", "{")
        found: list[str] = []
        while self.at(0)[0] == "text":
            found.append(self.take("text"))
            if self.at(0) == ("mark", ","):
                self.place += 1
            else:
                break
        self.take("mark", "}")
        return tuple(found)
