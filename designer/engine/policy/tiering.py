"""The tiers of a cluster: every kept policy that its engine enforces, compiled and put in its place.

What the engine does not enforce, and what cannot be evaluated, is kept apart with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.policy.admin import admin_policy, priority_of, tier_of
from designer.engine.policy.beyond import READ_BY, Unread, foreign_policies, unread
from designer.engine.policy.calico import calico_objects, calico_policy, order_of, tier_name
from designer.engine.policy.cilium import cilium_policies, cilium_tier, isolating_all
from designer.engine.policy.compiled import REFUSED
from designer.engine.policy.placing import CALLED, NATIVE, Placed, calico_tiers, placed_tiers
from designer.engine.policy.reading import Kept, NotEvaluatedError, RefusedError
from designer.engine.policy.tiers import Tier, TierPolicy
from designer.model import Problem, Project
from designer.model.policykinds import ADMIN_GROUP, CALICO_GROUPS, CILIUM_GROUP

# The policy is stored, and the plugin does not look at it.
NOT_ENFORCED = "NP-91"
# A rule of a policy, or the whole of it, cannot be evaluated.
NOT_TOLD = "NP-92"

# Versions of the group that Calico reads: 3.32 ClusterNetworkPolicy, 3.29 to 3.31 the older kinds.
ADMIN_VERSIONS = {"ClusterNetworkPolicy": "v1alpha2", "AdminNetworkPolicy": "v1alpha1"}
# Calico stores its objects in this group; what is written there directly passes by the checks of its API.
UNCHECKED = CALICO_GROUPS[1]
# Cilium's agents check more than the CRD does; what they refuse is stored, and `kubectl get` shows VALID False.
REFUSED_BY_SERVER = "The API server refuses this object, so it does not exist in the cluster and is left out here."
REFUSED_BY_AGENTS = (
    "The API server refuses this object, or stores it and Cilium rejects it (its column VALID says False): nothing "
    "enforces it, so it is left out here."
)
BOTH = "Calico 3.29 to 3.31 enforces this kind and 3.32 only ClusterNetworkPolicy, which the input has too"


@dataclass(frozen=True, slots=True)
class Tiers:
    """The tiers in order (empty: NetworkPolicies alone), and what stands outside of them."""

    tiers: tuple[Tier, ...] = ()
    unread: tuple[Unread, ...] = ()
    ignored: tuple[Unread, ...] = ()
    problems: tuple[Problem, ...] = ()


def policy_tiers(project: Project, enforcement: Enforcement) -> Tiers:
    """The tiers that a policy engine makes of a project."""
    engine, found = enforcement.engine, foreign_policies(project)
    # Turned off, an engine enforces none of its own kinds either, and isolates nobody.
    off = not (enforcement.ingress or enforcement.egress)
    always = [isolating_all()] if enforcement.isolates_all and not off else []
    if not found:
        return Tiers((cilium_tier(always),)) if always else Tiers()
    known = READ_BY.get(engine, frozenset())
    read = frozenset[str]() if off else known
    ignored = tuple(
        unread(one, enforcement.reason if one.group in known else f"{engine} does not enforce this kind")
        for one in found
        if one.group not in read
    )
    made = _Making(project, engine, [_not_enforced(project, one, enforcement, one.group in known) for one in ignored])
    own = [one for one in found if one.group in read]
    entries = [*made.admin([one for one in own if one.group == ADMIN_GROUP])]
    entries += made.calico([one for one in own if one.group in CALICO_GROUPS])
    tiers = placed_tiers(calico_tiers(project), [NATIVE, *entries]) if entries else ()
    parts = always + list(made.cilium([one for one in own if one.group == CILIUM_GROUP]))
    if parts:
        tiers = (cilium_tier(parts),)
    return Tiers(tiers, tuple(made.unread), ignored, tuple(made.problems))


class _Making:
    """What is found on the way."""

    def __init__(self, project: Project, engine: str, problems: list[Problem]) -> None:
        self.project = project
        self.engine = engine
        self.problems = problems
        self.unread: list[Unread] = []

    def admin(self, found: list[Kept]) -> Iterator[Placed]:
        """The compiled policies of `policy.networking.k8s.io`; those of one priority have no order among them."""
        newer = any(one.kind == "ClusterNetworkPolicy" for one in found)
        for one in found:
            wanted = ADMIN_VERSIONS.get(one.kind, "v1alpha1")
            if one.version != wanted:
                self.leave(one, f"{self.engine} is not known to read {one.kind} {one.version}, only {wanted}")
            elif newer and one.kind != "ClusterNetworkPolicy":
                self.leave(one, BOTH)
            elif (policy := self.compiled(one, partial(admin_policy, one))) is not None:
                yield Placed(tier_of(one), priority_of(one), one.id, one.name, policy)

    def calico(self, found: list[Kept]) -> Iterator[Placed]:
        """The compiled policies of Calico's own kinds."""
        objects = calico_objects(self.project) if found else None
        tiers = calico_tiers(self.project)
        for one in found:
            if objects is None or (policy := self.compiled(one, partial(calico_policy, one, objects))) is None:
                continue
            tier = CALLED.get(tier_name(one), tier_name(one))
            if tier not in tiers:
                self.leave(one, f"its tier {tier} is not in the input, so its place is not known")
            else:
                yield Placed(tier, order_of(one), one.kind, f"{one.namespace}/{one.name}", policy)

    def cilium(self, found: list[Kept]) -> Iterator[TierPolicy]:
        """The parts of Cilium's policies."""
        for one in found:
            if one.version != "v2":
                self.leave(one, f"Cilium is not known to read {one.kind} {one.version}, only v2")
                continue
            try:
                parts = cilium_policies(one)
            except NotEvaluatedError as error:
                self.leave(one, str(error))
            except RefusedError as error:
                self.problems.append(_refused(one, error))
            else:
                for part in parts:
                    self.doubts(one, part)
                    yield part

    def compiled(self, one: Kept, make: Callable[[], TierPolicy | None]) -> TierPolicy | None:
        """The policy; None, and a problem, where it would be refused. Rules that cannot be evaluated are said."""
        try:
            policy = make()
        except NotEvaluatedError as error:
            self.leave(one, str(error))
            return None
        except RefusedError as error:
            if one.group == UNCHECKED:
                self.leave(one, f"{error.path} {error.said}, which objects of {UNCHECKED} are not checked for")
            else:
                self.problems.append(_refused(one, error))
            return None
        if policy is not None:
            self.doubts(one, policy)
        return policy

    def doubts(self, one: Kept, policy: TierPolicy) -> None:
        """Say which rules cannot be evaluated."""
        for rule in (*(policy.ingress or ()), *(policy.egress or ())):
            if rule.doubt:
                self.problems.append(_doubtful(one, rule.path, rule.doubt))

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


def _doubtful(one: Kept, path: str, doubt: str) -> Problem:
    return Problem(
        NOT_TOLD, "info", f"{one.kind} {one.shown}: {path} cannot be evaluated", one.id, path,
        f"{doubt[0].upper()}{doubt[1:]}. Answers that hang on the rule are \"cannot tell\".",
        "Check this rule by hand.", one.file, one.line(path),
    )  # fmt: skip


def _refused(one: Kept, error: RefusedError) -> Problem:
    return Problem(
        REFUSED, "error", f"{one.kind} {one.shown}: {error.path} {error.said}", one.id, error.path,
        error.why or (REFUSED_BY_AGENTS if one.group == CILIUM_GROUP else REFUSED_BY_SERVER),
        error.fix, one.file, one.line(error.path),
    )  # fmt: skip


def _not_enforced(project: Project, one: Unread, enforcement: Enforcement, off: bool) -> Problem:
    """What is said of a policy that is not enforced; `off`: the engine would, were it not turned off."""
    origin, engine = project.provenance.get(one.id), enforcement.engine
    why = enforcement.reason if off else f"{engine} does not look at this kind of policy"
    fix = "Use a kind that the plugin enforces, or a plugin that enforces this kind."
    return Problem(
        NOT_ENFORCED, "warning", f"{one.text} is stored but not enforced by {engine}", one.id,
        why=f"{why}: it denies and allows nothing.", fix="Turn policy enforcement on." if off else fix,
        file=origin.file if origin else "", line=origin.line if origin else 0,
    )  # fmt: skip
