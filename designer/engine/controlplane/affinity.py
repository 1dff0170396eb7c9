"""Whether a Node matches a Pod's nodeSelector and required node affinity, and which scheduling wishes are not followed.

``affinity`` and ``topologySpreadConstraints`` are not fields of the model; they are read from the kept data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.model import LabelSelectorRequirement, PodSpec, labels_match
from designer.model.selectors import requirement_matches

# Wishes that decide about the Node in Kubernetes and are not followed here: path in the spec, and its name for people.
NOT_FOLLOWED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("affinity", "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution"), "required podAffinity"),
    (("affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"), "required podAntiAffinity"),
    (("topologySpreadConstraints",), "topologySpreadConstraints"),
    (("schedulingGates",), "schedulingGates"),
)


def _at(data: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(data, Mapping):
            return None
        data = data.get(key)
    return data


def _dicts(data: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in data if isinstance(entry, Mapping)] if isinstance(data, list | tuple) else []


def required_terms(spec: PodSpec) -> list[Mapping[str, Any]] | None:
    """The nodeSelectorTerms that are required, None when the Pod requires none."""
    extra = spec.model_extra or {}
    required = _at(extra, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    return None if not isinstance(required, Mapping) else _dicts(required.get("nodeSelectorTerms"))


def not_followed(spec: PodSpec) -> tuple[str, ...]:
    """The names of scheduling wishes in `spec` that this scheduler does not follow."""
    extra = spec.model_extra or {}
    return tuple(name for path, name in NOT_FOLLOWED if _at(extra, *path)) if extra else ()


def node_matches(spec: PodSpec, name: str, labels: Mapping[str, str]) -> bool:
    """Whether a Node fulfils nodeSelector and one of the required terms (OR of terms, AND inside one)."""
    if not labels_match(spec.nodeSelector, labels):
        return False
    terms = required_terms(spec)
    return terms is None or any(_term_matches(term, name, labels) for term in terms)


def _term_matches(term: Mapping[str, Any], name: str, labels: Mapping[str, str]) -> bool:
    expressions, fields = _dicts(term.get("matchExpressions")), _dicts(term.get("matchFields"))
    if not expressions and not fields:
        return False  # an empty term matches nothing
    return all(_expression_matches(e, labels) for e in expressions) and all(
        _expression_matches(f, {"metadata.name": name}) for f in fields
    )


def _expression_matches(data: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator = str(data.get("key", "")), str(data.get("operator", ""))
    values = tuple(str(v) for v in data.get("values") or ())
    if operator in {"Gt", "Lt"}:
        try:
            found, wanted = int(labels[key]), int(values[0])
        except (KeyError, ValueError, IndexError):
            return False
        return found > wanted if operator == "Gt" else found < wanted
    requirement = LabelSelectorRequirement(key=key, operator=operator, values=values)
    return requirement_matches(requirement, labels)
