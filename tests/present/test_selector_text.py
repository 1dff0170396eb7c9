"""Selectors as text: the syntax of kubectl's -l (Kubernetes documentation, "Labels and Selectors", "API")."""

from typing import Any

import pytest

from designer.present.selector_text import (
    SelectorError,
    equality_text,
    parse_equality,
    parse_selector,
    selector_text,
)

# The examples of the documentation, and the same as a LabelSelector.
EXAMPLES: list[tuple[str, Any]] = [
    ("environment=production,tier=frontend", {"matchLabels": {"environment": "production", "tier": "frontend"}}),
    ("environment == production", {"matchLabels": {"environment": "production"}}),
    (
        "environment in (production, qa),tier notin (frontend)",
        {
            "matchExpressions": [
                {"key": "environment", "operator": "In", "values": ["production", "qa"]},
                {"key": "tier", "operator": "NotIn", "values": ["frontend"]},
            ]
        },
    ),
    ("tier != frontend", {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["frontend"]}]}),
    ("partition", {"matchExpressions": [{"key": "partition", "operator": "Exists"}]}),
    ("!partition", {"matchExpressions": [{"key": "partition", "operator": "DoesNotExist"}]}),
    ("app.kubernetes.io/name=web", {"matchLabels": {"app.kubernetes.io/name": "web"}}),
    ("app=", {"matchLabels": {"app": ""}}),
    ("*", {}),
    ("  ", None),
]


@pytest.mark.parametrize(("text", "selector"), EXAMPLES)
def test_reading(text: str, selector: Any) -> None:
    assert parse_selector(text) == selector


@pytest.mark.parametrize(("_text", "selector"), EXAMPLES)
def test_what_is_written_is_read_back_as_the_same(_text: str, selector: Any) -> None:
    assert parse_selector(selector_text(selector)) == selector


@pytest.mark.parametrize("text", ["a b", "a=b=c", "a in b", "in (a)", "=b", "a=1, a=2"])
def test_what_is_no_selector_is_refused_with_words(text: str) -> None:
    with pytest.raises(SelectorError) as refused:
        parse_selector(text)
    assert str(refused.value).endswith(".")


def test_a_service_takes_equal_labels_only() -> None:
    assert parse_equality("app=web, tier=front") == {"app": "web", "tier": "front"}
    assert parse_equality("") is None
    assert equality_text({"app": "web", "tier": "front"}) == "app=web, tier=front"
    for text in ("app", "app in (a)", "*"):
        with pytest.raises(SelectorError):
            parse_equality(text)
