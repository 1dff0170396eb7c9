"""CoreDNS' plugin rewrite: the name that a query is answered for (coredns plugin/rewrite, README and name.go).

A rule for an exact name rewrites the answer back by itself. The others do so where they say ``answer``; where they do
not, the answer carries the rewritten name, which some resolvers refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from designer.engine.controlplane.corefile import Plugin
from designer.engine.expressions import Expression, expression

MATCHES: dict[str, Callable[[str, str], bool]] = {
    "exact": lambda name, text: name == text,
    "prefix": lambda name, text: name.startswith(text),
    "suffix": lambda name, text: name.endswith(text),
    "substring": lambda name, text: text in name,
}
GROUP = re.compile(r"\{(\d{1,3})\}")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The `name` after a rule. `stops`: no further rule is asked. `trouble` says why the rule cannot be followed.

    `unlike` says that the answer will be for another name than the question, "" where it will not.
    """

    name: str
    stops: bool = False
    trouble: str = ""
    unlike: str = ""


@dataclass(frozen=True, slots=True)
class NameRule:
    """A rule for names: kind of match, what it matches, what comes in its place, the words behind `answer`."""

    kind: str
    source: str
    target: str
    answer: tuple[str, ...]


def rewrite_name(plugin: Plugin, name: str) -> Rewritten:
    """The name (lower case, without final dot) after one rule; rules for TTLs and EDNS0 leave the question as it is."""
    words = list(plugin.args)
    for line in plugin.lines:
        words += line
    mode = words.pop(0) if words[:1] in (["continue"], ["stop"]) else "stop"
    field_name = words.pop(0) if words else ""
    if field_name in ("ttl", "edns0"):
        return Rewritten(name)
    if field_name != "name":
        return Rewritten(name, trouble=f"rewrite {field_name}, which is not evaluated")
    kind = words.pop(0) if words and words[0] in (*MATCHES, "regex") else "exact"
    if len(words) < 2 or (len(words) > 2 and words[2] != "answer"):
        return Rewritten(name, trouble="a rewrite of names that cannot be read")
    rule = NameRule(kind, words[0], words[1].lower(), tuple(words[3:]))
    new, trouble = _by_expression(rule, name) if kind == "regex" else (_by_text(rule, name), "")
    if trouble or new is None:
        return Rewritten(name, trouble=trouble)
    return Rewritten(new, mode == "stop", "", _unlike(rule, name, new))


def _by_text(rule: NameRule, name: str) -> str | None:
    """The new name, None where the rule does not match."""
    source, target, dotted = rule.source.lower(), rule.target, f"{name}."
    if rule.kind in ("exact", "suffix"):
        source, target = f"{source.removesuffix('.')}.", f"{target.removesuffix('.')}."
    if not MATCHES[rule.kind](dotted, source):
        return None
    made = {
        "exact": lambda: target,
        "prefix": lambda: target + dotted[len(source) :],
        "suffix": lambda: dotted[: -len(source)] + target,
        "substring": lambda: dotted.replace(source, target),
    }[rule.kind]()
    return made.removesuffix(".")


def _by_expression(rule: NameRule, name: str) -> tuple[str | None, str]:
    """The new name (None where the rule does not match), and why the rule cannot be followed."""
    read = expression(rule.source)
    found, trouble = _filled(read, rule.target, f"{name}.")
    return (found.removesuffix(".") if found is not None else None), trouble


def _filled(read: Expression, target: str, dotted: str) -> tuple[str | None, str]:
    """The target with the groups of the first match in it, as Go's FindStringSubmatch finds them."""
    if read.pattern is None:
        return None, f"rewrite name regex {read.text}, of which {read.error or read.doubt}"
    if any(int(number) > read.pattern.groups for number in GROUP.findall(target)):
        return None, f"rewrite name regex {read.text}, which has fewer groups than {target} names: CoreDNS refuses it"
    match = read.pattern.search(dotted)
    if match is None:
        return None, ""
    return GROUP.sub(lambda one: match[int(one[1])] or "", target), ""


def _unlike(rule: NameRule, name: str, new: str) -> str:
    """Why the answer is for another name than the question, "" where it is rewritten back."""
    if rule.kind == "exact" or name == new or rule.answer == ("question",):
        return ""
    if rule.kind != "regex" and rule.answer == ("auto",):
        return ""
    if rule.answer[:1] == ("name",) and len(rule.answer) == 3:
        back, trouble = _filled(expression(rule.answer[1]), rule.answer[2].lower(), f"{new}.")
        if not trouble and back is not None and back.removesuffix(".") == name:
            return ""
    return (
        f"rewrite asks for {new} in place of {name} and leaves that name in the answer, which some resolvers (that of "
        "glibc) take for an answer to another question; add `answer auto` or `answer name`"
    )
