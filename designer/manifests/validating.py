"""Plain data → model objects; what does not fit becomes problems that name field, finding and remedy.

The checks are those of the API server's decoding: no text where a number belongs (``port: "80"`` is refused), no number
where text belongs. Objects whose name the API server would refuse are not taken, because ids are made of names.
"""

from __future__ import annotations

import re
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from designer.manifests.cleaning import PathPart, line_of, path_text
from designer.manifests.raw_objects import TEMPLATE, RawObject
from designer.model import KubeObject, Problem, object_id

# RFC 1123 subdomain, the form of most names in Kubernetes.
NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\Z")
MAX_NAME = 253
MAX_FINDINGS = 8  # of one object; more do not help anybody

# What the field must be, by pydantic's error type.
WANTED: dict[str, str] = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of usual size",
    "string_type": "text",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
    "mapping_type": "a mapping (`key: value`)",
    "tuple_type": "a list",
    "list_type": "a list",
    "float_type": "a number",
    "float_parsing": "a number",
}
UNION_MEMBERS = ("int", "str")
REFUSED = "Kubernetes would refuse this object, so the program keeps it as it is and leaves it out of the drawing."
TOO_LARGE = "No cluster holds so many (Kubernetes' own limits), so the program keeps the object and leaves it out."
Finding = tuple[tuple[PathPart, ...], str, Any]


def validated(kind: type[KubeObject], data: dict[str, Any], raw: RawObject) -> tuple[KubeObject | None, list[Problem]]:
    """The object that `data` describes, or None and the problems that stand against it.

    `data` is already converted to the kind's current version; `raw` is what the file holds, for lines.
    """
    found = name_findings(kind, data)
    obj: KubeObject | None = None
    if not found:
        obj, found = decode(kind, data)
    if obj is not None:
        return obj, []
    oid = object_id(raw.kind, (raw.namespace or "default") if kind.NAMESPACED else "", raw.name)
    return None, [problem_of(finding, raw, oid) for finding in found[:MAX_FINDINGS]]


def decode(kind: type[KubeObject], data: dict[str, Any]) -> tuple[KubeObject | None, list[Finding]]:
    """The model object, or the findings; nulls inside lists are replaced by the zero value that Go gives them."""
    try:
        text = orjson.dumps(data)
    except (TypeError, ValueError):
        return None, [((), "holds text that is no valid Unicode", None)]
    try:
        return kind.model_validate_json(text, strict=True), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    if fill_nulls(data, details):
        return decode(kind, data)
    return None, findings(details)


def fill_nulls(data: dict[str, Any], details: list[ErrorDetails]) -> bool:
    """Replace nulls in lists by ``{}`` or ``""`` in place; whether any was replaced."""
    changed = False
    for detail in details:
        zero: Any = {"model_type": {}, "dict_type": {}, "string_type": ""}.get(detail["type"])
        loc = detail["loc"]
        if zero is None or detail["input"] is not None or not loc or not isinstance(loc[-1], int):
            continue
        holder: Any = data
        for part in loc[:-1]:
            holder = holder[part]
        if holder[loc[-1]] is None:
            holder[loc[-1]] = zero
            changed = True
    return changed


def name_findings(kind: type[KubeObject], data: dict[str, Any]) -> list[Finding]:
    """What is wrong with name and namespace."""
    metadata = data.get("metadata")
    if not isinstance(metadata, dict) or "name" not in metadata:
        return [(("metadata", "name"), "is missing", None)]
    fields: tuple[PathPart, ...] = ("name", "namespace") if kind.NAMESPACED and "namespace" in metadata else ("name",)
    found: list[Finding] = []
    for field in fields:
        value = metadata[str(field)]
        if not isinstance(value, str):
            found.append((("metadata", field), "must be text", value))
        elif len(value) > MAX_NAME:
            found.append((("metadata", field), f"must have {MAX_NAME} characters at most", value))
        elif not NAME.match(value):
            rule = "must be made of lower case letters, digits, `-` and `.`, and start and end with a letter or digit"
            found.append((("metadata", field), rule, value))
    return found


def findings(details: list[ErrorDetails]) -> list[Finding]:
    """pydantic's errors by field: path, what is wrong, what was found; the members of a union are joined."""
    merged: dict[tuple[PathPart, ...], tuple[list[str], Any]] = {}
    for detail in details:
        loc: tuple[PathPart, ...] = detail["loc"]
        kind = detail["type"]
        if loc and loc[-1] in UNION_MEMBERS and kind in WANTED:
            loc = loc[:-1]
        words, _ = merged.setdefault(loc, ([], detail["input"]))
        words.append(WANTED.get(kind, "" if kind == "missing" else message_of(detail)))
    found: list[Finding] = []
    for loc, (words, value) in merged.items():
        known = [word for word in words if word]
        if not known:
            found.append((loc, "is missing", None))
        elif known[0].startswith("must"):
            found.append((loc, known[0], value))
        else:
            found.append((loc, "must be " + " or ".join(dict.fromkeys(known)), value))
    return found


def message_of(detail: ErrorDetails) -> str:
    """The words for errors that are not about types: choices and limits."""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "literal_error":
            return f"must be one of {context.get('expected', '')}".replace("'", "`")
        case "greater_than_equal":
            return f"must be {context.get('ge')} or more"
        case "less_than_equal":
            return f"must be {context.get('le')} or less"
    return f"must be something else ({detail['msg'][:1].lower()}{detail['msg'][1:]})"


def problem_of(finding: Finding, raw: RawObject, oid: str) -> Problem:
    """The problem that a finding is."""
    path, rule, value = finding
    field = path_text(path)
    shown = "" if rule == "is missing" else f", found {found_text(value)}"
    return Problem(
        "READ-06",
        "error",
        f"{raw.shown}: `{field}` {rule}{shown}" if field else f"{raw.shown} {rule}",
        object=oid,
        field=field,
        why=TOO_LARGE if rule.endswith("or less") else REFUSED,
        fix=remedy(field, rule, value),
        file=raw.file,
        line=line_of(raw.data, path) or raw.line,
    )


def found_text(value: Any) -> str:
    """A found value as the message shows it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + (value if len(value) <= 40 else value[:39] + "…") + '"'
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return str(value)


def remedy(field: str, rule: str, value: Any) -> str:
    """What to do about a finding."""
    if isinstance(value, str) and TEMPLATE.search(value):
        return "Render the Helm chart first: `helm template <chart> > manifests.yaml`, then open that file."
    if rule == "is missing":
        return f"Add `{field}`."
    if rule == "must be text" and isinstance(value, bool):
        return "Put the value in quotes: without them YAML reads yes, no, on, off, y and n as true or false."
    if rule == "must be text" and isinstance(value, (int, float)):
        return f'Put the value in quotes: "{value}".'
    if "whole number" in rule and "text" not in rule and isinstance(value, str) and value.lstrip("-").isdecimal():
        return f"Remove the quotes: {value}."
    if rule == "must be a list":
        return "Write each entry on a line of its own that starts with `- `."
    return f"Correct `{field}`." if field else "Correct the object."
