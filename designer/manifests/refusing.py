"""Objects of the input that the API server would refuse for a value: taken all the same, and said (READ-14).

An object that an API server has stored already (it has a uid) is not checked: its server took it. What `engine` says
about Services, NetworkPolicies and Ingresses is not said twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from designer.edits.paths import PathError, parse_path
from designer.edits.refusals import refused_values
from designer.manifests.cleaning import line_of
from designer.manifests.raw_objects import RawObject
from designer.model import DaemonSet, Deployment, KubeObject, Problem, ReplicaSet, StatefulSet, selector_matches

# Kinds whose spec the engine holds against the API server's rules; only their labels are left to this module.
CHECKED_BY_ENGINE = frozenset(("Service", "NetworkPolicy", "Ingress"))
OWN_FIELDS = ("metadata.", "spec.selector")
MAX_FINDINGS = 8  # of one object; more do not help anybody
SELECTING = (Deployment, ReplicaSet, StatefulSet, DaemonSet)
Finding = tuple[str, str, str]  # field, what is wrong, what to do


def refusals(obj: KubeObject, raw: RawObject) -> list[Problem]:
    """What the API server would refuse about `obj`, with the lines of `raw`, which it was read from."""
    if obj.metadata.uid:
        return []
    found = [*value_findings(obj), *selector_findings(obj)]
    return [problem_of(finding, obj, raw) for finding in found[:MAX_FINDINGS]]


def value_findings(obj: KubeObject) -> Iterator[Finding]:
    """Values that the editor would not take."""
    for problem in refused_values(obj.KIND, obj.id, {}, obj.dump()):
        if obj.KIND not in CHECKED_BY_ENGINE or problem.field.startswith(OWN_FIELDS):
            yield problem.field, problem.title.removeprefix(problem.field).strip(), f"Correct `{problem.field}`."


def selector_findings(obj: KubeObject) -> Iterator[Finding]:
    """A workload's selector has to be there and to match its own template (Kubernetes, "Deployments", "Selector").

    A workload without containers is a sketch that nobody deploys.
    """
    if not isinstance(obj, SELECTING) or not obj.spec.template.spec.containers:
        return
    selector, labels = obj.spec.selector, obj.spec.template.metadata.labels
    if selector is None or not (selector.matchLabels or selector.matchExpressions):
        yield "spec.selector", "is missing", "Add spec.selector.matchLabels with the labels of spec.template."
    elif not selector_matches(selector, labels):
        yield "spec.selector", "does not match the labels of spec.template", "Write the same labels in both."


def problem_of(finding: Finding, obj: KubeObject, raw: RawObject) -> Problem:
    """The problem that a finding is."""
    field, words, fix = finding
    return Problem(
        "READ-14",
        "error",
        f"{raw.shown}: `{field}` {words}",
        object=obj.id,
        field=field,
        why="Kubernetes refuses this object as it is. It is read all the same; answers hold once it is corrected.",
        fix=fix,
        file=raw.file,
        line=line_of(raw.data, field_path(field)) or raw.line,
    )


def field_path(field: str) -> tuple[str | int, ...]:
    """The parts of a field's text that lead into data."""
    try:
        return tuple(part for part in parse_path(field) if isinstance(part, (str, int)))
    except PathError:
        return ()
