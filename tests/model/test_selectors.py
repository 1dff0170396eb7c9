"""Label selectors as Kubernetes documents them ("Labels and Selectors"); NotIn as apimachinery's `labels.Selector`."""

import pytest

from designer.model import LabelSelector, labels_match, selector_matches

LABELS = {"environment": "production", "tier": "frontend"}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ({}, True),
        ({"matchLabels": {"environment": "production"}}, True),
        ({"matchLabels": {"environment": "qa"}}, False),
        ({"matchLabels": {"environment": "production", "tier": "backend"}}, False),
        ({"matchExpressions": [{"key": "environment", "operator": "In", "values": ["production", "qa"]}]}, True),
        ({"matchExpressions": [{"key": "absent", "operator": "In", "values": ["production"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["frontend", "backend"]}]}, False),
        # "selects all resources ... and all resources with no labels with the tier key" (documentation)
        ({"matchExpressions": [{"key": "absent", "operator": "NotIn", "values": ["frontend"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "absent", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "absent", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
        # All requirements are ANDed.
        (
            {
                "matchLabels": {"tier": "frontend"},
                "matchExpressions": [{"key": "environment", "operator": "NotIn", "values": ["production"]}],
            },
            False,
        ),
    ],
)
def test_a_selector_matches(selector: dict, matches: bool) -> None:
    assert selector_matches(LabelSelector.model_validate(selector), LABELS) is matches


def test_an_unknown_operator_matches_nothing() -> None:
    selector = LabelSelector.model_validate({"matchExpressions": [{"key": "tier", "operator": "Gt", "values": ["1"]}]})
    assert not selector_matches(selector, LABELS)


def test_a_service_selector_wants_every_pair() -> None:
    assert labels_match({"tier": "frontend"}, LABELS)
    assert not labels_match({"tier": "frontend", "zone": "a"}, LABELS)
