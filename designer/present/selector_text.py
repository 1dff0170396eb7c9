"""Label selectors as one line of text, in the form that kubectl's ``-l`` takes, and back.

``app=web,tier!=db,env in (a,b),zone notin (c),gpu,!old``; ``*`` is the empty selector, which matches everything; an
empty line is no selector at all. Syntax: Kubernetes documentation "Labels and Selectors", "API".
"""

from __future__ import annotations

import re
from typing import Any

EVERYTHING = "*"
_SET = re.compile(r"^(?P<key>\S+)\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)$")
_PAIR = re.compile(r"^(?P<key>[^=!\s]+)\s*(?P<op>==|!=|=)\s*(?P<value>[^=!\s]*)$")
_KEY = re.compile(r"^(?P<no>!?)\s*(?P<key>[^=!\s()]+)$")
_COMMA = re.compile(r",(?![^(]*\))")
HELP = "Write app=web, tier!=db, env in (a,b), key or !key, separated by commas; * for everything."


class SelectorError(ValueError):
    """The text is no selector; the message says so to a person."""


def parse_selector(text: str) -> dict[str, Any] | None:
    """A LabelSelector as plain data, None for an empty line. Raises SelectorError."""
    text = text.strip()
    if not text:
        return None
    if text == EVERYTHING:
        return {}
    labels: dict[str, str] = {}
    expressions: list[dict[str, Any]] = []
    for part in (piece.strip() for piece in _COMMA.split(text)):
        if not part:
            continue
        if match := _SET.match(part):
            values = [value.strip() for value in match["values"].split(",")]
            operator = "In" if match["op"] == "in" else "NotIn"
            expressions.append({"key": match["key"], "operator": operator, "values": values})
        elif match := _PAIR.match(part):
            key, value = match["key"], match["value"]
            if match["op"] == "!=":
                expressions.append({"key": key, "operator": "NotIn", "values": [value]})
            elif labels.get(key, value) != value:
                raise SelectorError(f"{key} is asked for with two values, which no object can have.")
            else:
                labels[key] = value
        elif match := _KEY.match(part):
            expressions.append({"key": match["key"], "operator": "DoesNotExist" if match["no"] else "Exists"})
        else:
            raise SelectorError(f"“{part}” is no part of a selector. {HELP}")
    found: dict[str, Any] = {}
    if labels:
        found["matchLabels"] = labels
    if expressions:
        found["matchExpressions"] = expressions
    return found


def parse_equality(text: str) -> dict[str, str] | None:
    """A plain map of labels, as Services take it, None for an empty line. Raises SelectorError for anything else."""
    found = parse_selector(text)
    if found is None:
        return None
    if found.get("matchExpressions") or not found:
        raise SelectorError("A Service selects by equal labels only, such as app=web,tier=front.")
    return dict(found["matchLabels"])


def selector_text(selector: dict[str, Any] | None) -> str:
    """The text of a LabelSelector given as plain data."""
    if selector is None:
        return ""
    parts = [f"{key}={value}" for key, value in selector.get("matchLabels", {}).items()]
    parts += [_expression(entry) for entry in selector.get("matchExpressions", [])]
    return ", ".join(parts) or EVERYTHING


def _expression(entry: dict[str, Any]) -> str:
    key, operator, values = entry.get("key", ""), entry.get("operator", ""), entry.get("values", [])
    match operator:
        case "In":
            return f"{key} in ({','.join(values)})"
        case "NotIn":
            return f"{key} notin ({','.join(values)})"
        case "DoesNotExist":
            return f"!{key}"
    return str(key)


def equality_text(labels: dict[str, str] | None) -> str:
    """The text of a plain map of labels."""
    return ", ".join(f"{key}={value}" for key, value in labels.items()) if labels else ""
