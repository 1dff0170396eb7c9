"""The tiers of a cluster: every kept policy that its engine enforces, compiled and put in its place.

What the engine does not enforce, and what cannot be evaluated, is kept apart with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.policy.admin import ADMIN as ADMIN_TIER
from designer.engine.policy.admin import BASELINE, admin_policy, admin_tiers
from designer.engine.policy.beyond import ADMIN, READ_BY, Unread, foreign_policies, unread
from designer.engine.policy.compiled import REFUSED
from designer.engine.policy.reading import Kept, RefusedError
from designer.engine.policy.tiers import NETWORK_POLICIES, Tier, TierPolicy
from designer.model import Problem, Project

# The policy is stored, and the plugin does not look at it.
NOT_ENFORCED = "NP-91"
# A rule of a policy, or the whole of it, cannot be evaluated.
NOT_TOLD = "NP-92"

# Versions of the group that Calico reads: 3.32 ClusterNetworkPolicy, 3.29 to 3.31 the older kinds.
ADMIN_VERSIONS = {"ClusterNetworkPolicy": "v1alpha2", "AdminNetworkPolicy": "v1alpha1"}
BOTH = "Calico 3.29 to 3.31 enforces this kind and 3.32 only ClusterNetworkPolicy, which the input has too"


@dataclass(frozen=True, slots=True)
class Tiers:
    """The tiers in order (empty: NetworkPolicies alone), and what stands outside of them."""

    tiers: tuple[Tier, ...] = ()
    unread: tuple[Unread, ...] = ()
    ignored: tuple[Unread, ...] = ()
    problems: tuple[Problem, ...] = ()


def policy_tiers(project: Project, engine: str) -> Tiers:
    """The tiers that a policy engine makes of a project."""
    found = foreign_policies(project)
    if not found:
        return Tiers()
    read = READ_BY.get(engine, frozenset())
    ignored = tuple(unread(one, f"{engine} does not enforce this kind") for one in found if one.group not in read)
    made = _Making(project, engine, [_not_enforced(project, one, engine) for one in ignored])
    own = [one for one in found if one.group in read]
    admin = made.admin([one for one in own if one.group == ADMIN])
    tiers = (
        admin_tiers(admin, ADMIN_TIER),
        NETWORK_POLICIES,
        admin_tiers(admin, BASELINE),
    )
    used = tuple(tier for tier in tiers if tier.steps)
    return Tiers(() if used == (NETWORK_POLICIES,) else used, tuple(made.unread), ignored, tuple(made.problems))


class _Making:
    """What is found on the way."""

    def __init__(self, project: Project, engine: str, problems: list[Problem]) -> None:
        self.project = project
        self.engine = engine
        self.problems = problems
        self.unread: list[Unread] = []

    def admin(self, found: list[Kept]) -> list[tuple[Kept, TierPolicy]]:
        """The compiled policies of `policy.networking.k8s.io`."""
        newer = any(one.kind == "ClusterNetworkPolicy" for one in found)
        made: list[tuple[Kept, TierPolicy]] = []
        for one in found:
            wanted = ADMIN_VERSIONS.get(one.kind, "v1alpha1")
            if one.version != wanted:
                self.leave(one, f"{self.engine} is not known to read {one.kind} {one.version}, only {wanted}")
            elif newer and one.kind != "ClusterNetworkPolicy":
                self.leave(one, BOTH)
            elif (policy := self.compiled(one)) is not None:
                made.append((one, policy))
        return made

    def compiled(self, one: Kept) -> TierPolicy | None:
        """The policy; None, and a problem, where it would be refused. Rules that cannot be evaluated are said."""
        try:
            policy = admin_policy(one)
        except RefusedError as error:
            self.problems.append(_refused(self.project, one, error))
            return None
        for rule in (*(policy.ingress or ()), *(policy.egress or ())):
            if rule.doubt:
                self.problems.append(_doubtful(one, policy, rule.path, rule.doubt))
        return policy

    def leave(self, one: Kept, why: str) -> None:
        """Leave a policy unevaluated."""
        self.unread.append(unread(one, why))
        self.problems.append(
            Problem(
                NOT_TOLD,
                "warning",
                f"{one.kind} {one.shown} is not evaluated: {why}",
                one.id,
                why="What it denies or allows cannot be told; answers about Pods in its scope say so.",
                fix="Check by hand what it selects.",
                file=one.file,
                line=one.line(),
            )
        )


def _doubtful(one: Kept, policy: TierPolicy, path: str, doubt: str) -> Problem:
    return Problem(
        NOT_TOLD, "info", f"{one.kind} {one.shown}: {path} cannot be evaluated", one.id, path,
        f"{doubt[0].upper()}{doubt[1:]}. Answers that hang on the rule are \"cannot tell\".",
        "Check this rule by hand.", one.file, one.line(path),
    )  # fmt: skip


def _refused(project: Project, one: Kept, error: RefusedError) -> Problem:
    return Problem(
        REFUSED, "error", f"{one.kind} {one.shown}: {error.path} {error.said}", one.id, error.path,
        "The API server refuses this object, so it does not exist in the cluster and is left out here.",
        error.fix, one.file, one.line(error.path),
    )  # fmt: skip


def _not_enforced(project: Project, one: Unread, engine: str) -> Problem:
    origin = project.provenance.get(one.id)
    return Problem(
        NOT_ENFORCED, "warning", f"{one.text} is stored but not enforced by {engine}", one.id,
        why=f"{engine} does not look at this kind of policy: it denies and allows nothing.",
        fix="Use a kind that the plugin enforces, or a plugin that enforces this kind.",
        file=origin.file if origin else "", line=origin.line if origin else 0,
    )  # fmt: skip
