"""Policies without a say: staged ones, and those of a kind that the plugin does not enforce, read all the same.

What they would select and in which directions is shown; nothing here decides about a packet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from designer.engine.controlplane.sources import source_line
from designer.engine.policy.admin import admin_policy
from designer.engine.policy.beyond import NAMESPACED, known_policies
from designer.engine.policy.calico import calico_objects, calico_policy
from designer.engine.policy.calico_match import CalicoObjects
from designer.engine.policy.cilium import cilium_policies
from designer.engine.policy.compiled import compile_policy
from designer.engine.policy.matchers import PodMatch
from designer.engine.policy.reading import Kept, NotEvaluatedError, RefusedError, kept
from designer.engine.policy.tiering import ADMIN_VERSIONS
from designer.engine.policy.tiers import TierPolicy
from designer.model import ForeignObject, NetworkPolicy, Problem, Project
from designer.model.policykinds import ADMIN_GROUP, CALICO_GROUPS, CILIUM_GROUP
from designer.model.staging import form_in_force, is_kept_staged

# A policy is kept and has no say: a finding of our own, beside the catalogue of `domain/pitfalls.md`.
STAGED = "NP-94"


@dataclass(frozen=True, slots=True)
class StagedPolicy:
    """A staged kept policy as it would be in force; `action` is Calico's ``stagedAction``, "Set" where it says none."""

    id: str
    kind: str
    policy: Kept
    action: str

    @property
    def text(self) -> str:
        """``StagedGlobalNetworkPolicy deny-all``."""
        return f"{self.kind} {self.policy.shown}"


def staged_kept(project: Project) -> tuple[StagedPolicy, ...]:
    """The staged policies among the kept objects, by id."""
    found = []
    for oid in sorted(project.foreign):
        data = project.foreign[oid].data
        if is_kept_staged(data):
            form, action = form_in_force(data)
            policy = kept(project, ForeignObject(oid, form), NAMESPACED)
            found.append(StagedPolicy(oid, str(data.get("kind")), policy, action))
    return tuple(found)


def idle_parts(policy: Kept, objects: CalicoObjects) -> tuple[tuple[TierPolicy, ...], str]:
    """What a policy would be where it is enforced; nothing, with the reason, where that cannot be read.

    `objects` are those of its project that Calico's policies refer to (`calico.calico_objects`).
    """
    read = {ADMIN_GROUP: ADMIN_VERSIONS.get(policy.kind, "v1alpha1"), CILIUM_GROUP: "v2"}
    wanted = read.get(policy.group, policy.version)
    if policy.version != wanted:
        return (), f"its version {policy.version} of {policy.kind} is not evaluated, only {wanted}"
    try:
        if policy.group == NetworkPolicy.API_VERSION.partition("/")[0]:
            return _native(policy), ""
        if policy.group == CILIUM_GROUP:
            return cilium_policies(policy), ""
        if policy.group in CALICO_GROUPS:
            made = calico_policy(policy, objects)
            return (made,) if made is not None else (), ""
        return (admin_policy(policy),), ""
    except RefusedError as error:
        return (), f"the API server refuses it: {error.path} {error.said}"
    except NotEvaluatedError as error:
        return (), str(error)


def _native(policy: Kept) -> tuple[TierPolicy, ...]:
    """A NetworkPolicy that Calico holds as staged: its subject and directions."""
    try:
        made, problems = compile_policy(policy.project, NetworkPolicy.model_validate(policy.data))
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
        raise RefusedError(where, "cannot be read", "Correct it.") from None
    if made is None:
        path = problems[0].field
        raise RefusedError(path, problems[0].title.partition(f"{path} ")[2], problems[0].fix)
    ways = [() if made.rules(way) is not None else None for way in ("ingress", "egress")]
    subject = PodMatch(policy.namespace, None, made.selector)
    return (TierPolicy(policy.id, policy.kind, policy.name, "", subject, ways[0], ways[1], policy.namespace),)


@dataclass(frozen=True, slots=True)
class WithoutSay:
    """A staged policy of any kind, named by `text`, and what the checker says of it."""

    text: str
    problem: Problem


def staged_natives(project: Project, policies: Iterable[NetworkPolicy]) -> tuple[WithoutSay, ...]:
    """What is said of NetworkPolicies, which are all staged."""
    return tuple(_without_say(project, one.id, f"NetworkPolicy {one.namespace}/{one.name}", "") for one in policies)


def staged_others(project: Project) -> tuple[WithoutSay, ...]:
    """What is said of the staged policies among the kept objects."""
    found = []
    objects = calico_objects(project)
    for one in staged_kept(project):
        unread = idle_parts(one.policy, objects)[1] if one.action == "Set" else ""
        found.append(_without_say(project, one.id, one.text, unread))
    return tuple(found)


def _without_say(project: Project, oid: str, text: str, unread: str) -> WithoutSay:
    file, line = source_line(project, oid)
    problem = Problem(
        STAGED,
        "warning" if unread else "info",
        f"{text} is staged, not enforced",
        oid,
        why="It is kept and has no say: it denies and allows nothing."
        + (f" What it would do cannot be told: {unread}." if unread else ""),
        fix="Enforce it when it shall take effect; delete it when it shall not.",
        file=file,
        line=line,
    )
    return WithoutSay(text, problem)


def policy_count(project: Project) -> int:
    """How many policies of all kinds a project has, enforced or not."""
    marked = {one.id for one in known_policies(project)}
    return len(project.slice(NetworkPolicy)) + len(marked.union(one.id for one in staged_kept(project)))
