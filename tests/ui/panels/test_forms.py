"""The table of forms against the model: every kind can be looked at, and what a form shows is what the object says."""

from collections.abc import Callable
from typing import Any

import pytest

from designer.edits.paths import parse_path, read
from designer.model import EMPTY_PROJECT, KIND_BY_NAME, KINDS, Project
from designer.ui.kit.fields import SpinBox
from designer.ui.panels.inspector import InspectorPanel
from designer.ui.panels.inspector.editors import TickEditor
from designer.ui.panels.inspector.form_view import FormView
from tests.ui.panels.conftest import Desk, sample

RICH: tuple[dict[str, Any], ...] = (
    {
        "kind": "Service",
        "metadata": {"name": "rich", "labels": {"a": "b"}},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": "10.96.1.1",
            "selector": {"app": "x", "tier": "y"},
            "ports": [
                {"port": 80, "name": "a", "targetPort": "http", "nodePort": 30001},
                {"port": 53, "protocol": "UDP"},
            ],
            "externalIPs": ["203.0.113.1", "203.0.113.2"],
            "sessionAffinity": "ClientIP",
            "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}},
            "externalTrafficPolicy": "Local",
            "loadBalancerSourceRanges": ["10.0.0.0/8"],
            "ipFamilies": ["IPv4"],
        },
    },
    {
        "kind": "NetworkPolicy",
        "metadata": {"name": "rich"},
        "spec": {
            "podSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a", "b"]}]},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}, {"namespaceSelector": {}}]}
            ],
            "egress": [
                {},
                {"to": [{"podSelector": {"matchLabels": {"a": "b"}}}], "ports": [{"port": 80, "endPort": 90}]},
            ],
        },
    },
    {
        "kind": "Ingress",
        "metadata": {"name": "rich"},
        "spec": {
            "ingressClassName": "other",
            "defaultBackend": {"service": {"name": "x", "port": {"number": 80}}},
            "tls": [{"hosts": ["a.example.com", "b.example.com"], "secretName": "s"}],
            "rules": [
                {
                    "host": "a.example.com",
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Exact",
                                "backend": {"service": {"name": "x", "port": {"name": "p"}}},
                            }
                        ]
                    },
                }
            ],
        },
    },
    {
        "kind": "Node",
        "metadata": {"name": "rich"},
        "spec": {"taints": [{"key": "a", "effect": "NoExecute"}], "unschedulable": True},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "192.168.10.9"}],
            "conditions": [{"type": "Ready", "status": "False"}],
        },
    },
    {
        "kind": "EndpointSlice",
        "metadata": {"name": "rich", "labels": {"kubernetes.io/service-name": "x"}},
        "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": False}, "nodeName": "n"}],
        "ports": [{"port": 80, "name": "http"}],
    },
    {
        "kind": "CronJob",
        "metadata": {"name": "rich"},
        "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"metadata": {"labels": {"a": "b"}}}}}},
    },
)


def rich_project() -> Project:
    project = EMPTY_PROJECT
    for data in RICH:
        project = project.with_object(KIND_BY_NAME[data["kind"]].model_validate(data))
    return project


def written_back(form: FormView) -> list[str]:
    """The paths of fields that would change the object when what they show were committed as it is."""
    found = []
    for path, row in form.rows.items():
        if isinstance(row.editor, TickEditor | SpinBox) or read(form.data(), parse_path(path)) is None:
            continue  # a default is shown, which nobody commits
        edit = form._edit(row, row.editor.value())
        if edit.problems or edit.project is not form.session.project:
            found.append(f"{path}: {row.editor.value()!r} {[problem.title for problem in edit.problems]}")
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_the_smallest_object_of_every_kind_can_be_inspected(desk_of: Callable[[Project], Desk], kind: Any) -> None:
    obj = kind.model_validate({"metadata": {"name": "small"}})
    desk = desk_of(EMPTY_PROJECT.with_object(obj))
    desk.selection.select((obj.id,))
    panel = desk.panel(InspectorPanel, 300, 600)
    assert panel.header.name.text() == "small"
    assert panel.forms
    assert [line for form in panel.forms for line in written_back(form)] == []


@pytest.mark.parametrize("name", ["shop", "two-controllers", "exposure", "broken"])
def test_what_a_form_shows_is_what_the_object_says(desk_of: Callable[[Project], Desk], name: str) -> None:
    desk = desk_of(sample(name))
    panel = desk.panel(InspectorPanel, 300, 600)
    assert [line for form in panel.forms for line in written_back(form)] == []
    seen: set[tuple[str, str]] = set()
    for obj in desk.project.all():
        if (obj.KIND, str(sorted(obj.dump().get("spec", {})))) in seen:
            continue
        seen.add((obj.KIND, str(sorted(obj.dump().get("spec", {})))))
        desk.selection.select((obj.id,))
        assert [f"{obj.id} {line}" for form in panel.forms for line in written_back(form)] == []


@pytest.mark.parametrize("data", RICH, ids=lambda data: data["kind"])
def test_rich_objects_are_shown_whole_and_written_back_as_they_are(
    desk_of: Callable[[Project], Desk], data: dict[str, Any]
) -> None:
    desk = desk_of(rich_project())
    oid = KIND_BY_NAME[data["kind"]].model_validate(data).id
    desk.selection.select((oid,))
    panel = desk.panel(InspectorPanel, 300, 600)
    assert [line for form in panel.forms for line in written_back(form)] == []
