"""Staging a policy, enforcing it, and the project as it would be with every staged policy enforced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from designer.edits.edit import Edit, missing, refusal, refused
from designer.model import ForeignObject, NetworkPolicy, Project, object_id, split_id
from designer.model.policykinds import is_policy
from designer.model.staging import (
    CALICO_API,
    STAGED_KUBERNETES,
    carried,
    form_in_force,
    is_kept_staged,
    is_marked,
    is_staged,
    marked,
    staged_form,
)

Data = dict[str, Any]


def staged_ids(project: Project) -> tuple[str, ...]:
    """The ids of every staged policy: NetworkPolicies, then kept ones."""
    native = tuple(one.id for one in project.of(NetworkPolicy) if is_staged(one))
    return (*native, *(oid for oid in sorted(project.foreign) if is_kept_staged(project.foreign[oid].data)))


def is_staged_policy(project: Project, oid: str) -> bool:
    """Whether an object is a staged policy of any kind."""
    policy, kept = project.find(NetworkPolicy, oid), project.foreign.get(oid)
    return (policy is not None and is_staged(policy)) or (kept is not None and is_kept_staged(kept.data))


def can_be_staged(project: Project, oid: str) -> bool:
    """Whether an object is a policy that is in force and has a staged form."""
    policy = project.find(NetworkPolicy, oid)
    if policy is not None:
        return not is_staged(policy)
    kept = project.foreign.get(oid)
    return kept is not None and is_policy(kept.data) and not is_marked(kept.data)


def stage(project: Project, oid: str) -> Edit:
    """The edit that takes a policy out of force and keeps it: it says nothing to any packet until it is enforced."""
    label = f"Stage {_named(oid)}"
    policy, kept = project.find(NetworkPolicy, oid), project.foreign.get(oid)
    if policy is None and kept is None and project.get(oid) is None:
        return missing(label, project, oid)
    if is_staged_policy(project, oid):
        return refused(label, project, refusal("EDIT-10", f"{_named(oid)} is staged already", oid=oid))
    if policy is not None:
        return Edit(label, project.with_object(_marked(policy, True)), None, (oid,))
    data = None if kept is None else staged_form(kept.data)
    if kept is None or data is None:
        problem = refusal(
            "EDIT-10",
            f"{_named(oid)} cannot be staged",
            oid=oid,
            why="Only policies that the program evaluates can be kept without a say: it would have one all the same.",
            fix="Copy it into another project, and delete it here.",
        )
        return refused(label, project, problem)
    return _staged(project, kept, data, label)


def _staged(project: Project, kept: ForeignObject, data: Data, label: str) -> Edit:
    """The edit that puts the staged form of a kept policy in its place."""
    oid = f"{data['apiVersion']}/{data['kind']}:{kept.id.partition(':')[2]}"
    if oid != kept.id and oid in project.foreign:
        problem = refusal(
            "EDIT-10",
            f"{_named(kept.id)} cannot be staged: {_named(oid)} is there already",
            oid=kept.id,
            why="Calico has one staged policy of a name, and it would be lost.",
            fix="Rename or delete one of the two.",
        )
        return refused(label, project, problem)
    rest = replace(project, foreign=project.foreign.without(kept.id))
    return Edit(label, _moved(rest, kept, ForeignObject(oid, data, kept.reason)), None, (oid,))


def enforce(project: Project, oid: str) -> Edit:
    """The edit that puts a staged policy into force."""
    label = f"Enforce {_named(oid)}"
    policy = project.find(NetworkPolicy, oid)
    if policy is not None and is_staged(policy):
        return Edit(label, project.with_object(_marked(policy, False)), None, (oid,))
    kept = project.foreign.get(oid)
    if kept is None or not is_kept_staged(kept.data):
        problem = refusal("EDIT-10", f"{_named(oid)} is not staged", oid=oid, fix="Choose a policy that is staged.")
        return refused(label, project, problem)
    made, why, new = _in_force(project, kept)
    if made is None:
        return refused(label, project, refusal("EDIT-10", why, oid=oid, fix="Correct it in its YAML."))
    return Edit(label, made, None, (new,) if new else ())


def enforce_all(project: Project) -> Edit:
    """The edit that puts every staged policy into force; `problems` names those that cannot be read."""
    found = enforced(project)
    return Edit("Enforce the staged policies", found[0], None, (), tuple(refusal("EDIT-10", why) for why in found[1]))


def enforced(project: Project) -> tuple[Project, tuple[str, ...]]:
    """The project with every staged policy in force, and why some cannot be."""
    said = []
    for oid in staged_ids(project):
        policy = project.find(NetworkPolicy, oid)
        if policy is not None:
            project = project.with_object(_marked(policy, False))
            continue
        made, why, _ = _in_force(project, project.foreign[oid])
        if made is not None:
            project = made
        else:
            said.append(why)
    return project, tuple(said)


def exported(project: Project) -> tuple[Project, tuple[str, ...], tuple[str, ...]]:
    """The project with its marked policies in forms that nobody enforces; the ids of NetworkPolicies, and of others.

    A NetworkPolicy becomes Calico's staged kind of it. The standard's tiers and Cilium have no staged kind: their
    policies go into an object of the program's own, which it reads back and every cluster refuses.
    """
    native = tuple(one for one in project.of(NetworkPolicy) if is_staged(one))
    for one in native:
        data = _marked(one, False).dump()
        data |= {"apiVersion": CALICO_API, "kind": STAGED_KUBERNETES}
        oid = f"{CALICO_API}/{object_id(STAGED_KUBERNETES, one.namespace, one.name)}"
        foreign = project.foreign.set(oid, ForeignObject(oid, data))
        origin = project.provenance.get(one.id)
        provenance = project.provenance if origin is None else project.provenance.set(oid, origin)
        project = replace(project.without(one.id), foreign=foreign, provenance=provenance)
    kept = tuple(oid for oid in sorted(project.foreign) if is_marked(project.foreign[oid].data))
    for oid in kept:
        data = carried(project.foreign[oid].data)
        metadata = data["metadata"]
        into = f"{data['apiVersion']}/{object_id(data['kind'], metadata.get('namespace', ''), metadata['name'])}"
        foreign = project.foreign.without(oid).set(into, ForeignObject(into, data))
        project = replace(project, foreign=foreign)
    return project, tuple(one.id for one in native), kept


def _named(oid: str) -> str:
    """``NetworkPolicy web``, also of an object that is kept."""
    kind, _, name = split_id(oid)
    return f"{kind.rpartition('/')[2]} {name}"


def _marked(policy: NetworkPolicy, staged: bool) -> NetworkPolicy:
    """The policy with the mark, or without it."""
    return NetworkPolicy.model_validate(marked(policy.dump(), staged))


def _in_force(project: Project, kept: ForeignObject) -> tuple[Project | None, str, str]:
    """The project with a staged kept policy in force, "" and its new id; None with the reason where it cannot be read.

    ``stagedAction`` Delete takes the policy of that name away; Learn and Ignore do nothing (Calico's API).
    """
    data, action = form_in_force(kept.data)
    api, kind = str(data["apiVersion"]), str(data["kind"])
    rest = replace(project, foreign=project.foreign.without(kept.id))
    _, namespace, name = split_id(f"{kind}:{kept.id.partition(':')[2]}")
    native = kind == NetworkPolicy.KIND and api == NetworkPolicy.API_VERSION
    oid = object_id(kind, namespace or "default", name) if native else f"{api}/{kind}:{kept.id.partition(':')[2]}"
    if action in ("Learn", "Ignore"):
        return rest, "", ""
    if action == "Delete":
        return replace(rest.without(oid), foreign=rest.foreign.without(oid)), "", ""
    if not native:
        return _moved(rest, kept, ForeignObject(oid, data, kept.reason)), "", oid
    try:
        policy = NetworkPolicy.model_validate(data)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
        return None, f"{kept.id.partition('/')[2]} cannot be enforced: its field {where} cannot be read", ""
    return rest.with_object(policy), "", oid


def _moved(project: Project, old: ForeignObject, new: ForeignObject) -> Project:
    """The project with a kept object in the place of another one, from the same lines of the same file."""
    origin = project.provenance.get(old.id)
    provenance = project.provenance if origin is None else project.provenance.without(old.id).set(new.id, origin)
    return replace(project, foreign=project.foreign.set(new.id, new), provenance=provenance)
