"""The table of forms against the model: every kind can be looked at, and what a form shows is what the object says."""

from collections.abc import Callable, Iterable
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from designer.edits.paths import parse_path, read
from designer.model import EMPTY_PROJECT, KIND_BY_NAME, KINDS, Project
from designer.ui.kit.fields import SpinBox
from designer.ui.panels.inspector import InspectorPanel
from designer.ui.panels.inspector.editors import TickEditor
from designer.ui.panels.inspector.fields import Cell, Field
from designer.ui.panels.inspector.form_groups import KEY_VALUES
from designer.ui.panels.inspector.form_view import FormView
from designer.ui.panels.inspector.forms import FORMS
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
            "loadBalancerClass": "example.com/internal",
            "allocateLoadBalancerNodePorts": False,
            "healthCheckNodePort": 30900,
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
        "endpoints": [
            {
                "addresses": ["10.0.0.1"],
                "conditions": {"ready": False, "serving": True, "terminating": True},
                "nodeName": "n",
                "zone": "zone-a",
            }
        ],
        "ports": [{"port": 80, "name": "http", "appProtocol": "kubernetes.io/h2c"}],
    },
    {
        "kind": "Pod",
        "metadata": {"name": "rich"},
        "spec": {
            "containers": [{"name": "app", "ports": [{"containerPort": 80, "name": "http"}]}],
            "initContainers": [{"name": "proxy", "restartPolicy": "Always", "ports": [{"containerPort": 15001}]}],
            "serviceAccountName": "web",
            "dnsPolicy": "None",
            "dnsConfig": {
                "nameservers": ["192.0.2.53"],
                "searches": ["corp.example.com"],
                "options": [{"name": "ndots", "value": "1"}, {"name": "edns0"}],
            },
            "hostAliases": [{"ip": "192.0.2.10", "hostnames": ["legacy", "legacy.example.com"]}],
        },
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


# What no form shows, and why: the YAML tab has it.
LEFT_TO_YAML = (
    "metadata.",  # the header has name and namespace; what the API server writes is nobody's to edit
    "status.",  # shown where it bears on traffic: addresses and conditions
    "apiVersion",
    "kind",
    "spec.podCIDR",  # the first of podCIDRs, which are shown
    "spec.clusterIPs",  # told at clusterIP
    "template.metadata.",  # labels are shown
    "spec.restartPolicy",  # bears on no packet
    "env", "args", "command", "containers.restartPolicy",  # of containers: free text
    "targetRef.", "hints.",  # written by a controller
    "Deployment.spec.serviceName", "ReplicaSet.spec.serviceName", "DaemonSet.spec.serviceName",  # of StatefulSets
    "DaemonSet.spec.replicas",  # one a Node
    "ExternalClient.spec.ports",  # a client listens nowhere
)  # fmt: skip


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in models_in(part)]


def leaves(model: type[BaseModel], prefix: str = "") -> list[str]:
    """The paths of a model's values; the entries of a list stand below the list, without their number."""
    found = []
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        inner = models_in(field.annotation)
        found += leaves(inner[0], f"{path}.") if inner else [path]
    return found


def shown_paths(cells: Iterable[Field] | Iterable[Cell], prefix: str = "") -> list[str]:
    found = []
    for cell in cells:
        path = f"{prefix}{cell.path if isinstance(cell, Field) else cell.key}"
        group = cell.group
        plain = group is None or group is KEY_VALUES
        found += [path] if plain or group is None else shown_paths(group.cells, f"{path}.")
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_a_form_has_every_field_of_its_kind_that_is_not_left_to_yaml(kind: Any) -> None:
    shown = shown_paths(field for section in FORMS[kind.KIND] for field in section.fields)
    lacking = [
        path
        for path in leaves(kind)
        if not any(path == one or path.startswith(f"{one}.") or one.startswith(f"{path}.") for one in shown)
    ]
    left = [path for path in lacking if not any(part in f"{kind.KIND}.{path}" for part in LEFT_TO_YAML)]
    assert left == []
