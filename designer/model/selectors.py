"""Label selector matching, the one behaviour that the model has.

Source: Kubernetes documentation "Labels and Selectors"; `labels.Selector` of apimachinery: NotIn also matches objects
without the key.
"""

from __future__ import annotations

from collections.abc import Mapping

from designer.model.meta import LabelSelector, LabelSelectorRequirement

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


def requirement_matches(requirement: LabelSelectorRequirement, labels: Mapping[str, str]) -> bool:
    """Whether `labels` fulfil one ``matchExpressions`` entry; an unknown operator matches nothing."""
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value is not None and value in requirement.values
        case "NotIn":
            return value is None or value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


def labels_match(wanted: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every pair of `wanted` stands in `labels` (the map form that Services use)."""
    return all(labels.get(key) == value for key, value in wanted.items())


def selector_matches(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether `labels` fulfil `selector`; an empty one matches everything (an absent one: see its field)."""
    return labels_match(selector.matchLabels, labels) and all(
        requirement_matches(requirement, labels) for requirement in selector.matchExpressions
    )
