"""Denying outright: a rule in the Admin tier of `policy.networking.k8s.io`, where the policy engine enforces it.

Such a rule is asked before every NetworkPolicy and means just the pair and its port (NPEP-285). Engines differ in the
kind that they read: the one that the input has is taken, else ClusterNetworkPolicy.
"""

from __future__ import annotations

from typing import Any

from designer.edits.names import numbered
from designer.edits.policies import NAMESPACE_LABEL
from designer.engine.policy.beyond import READ_BY, known_policies
from designer.engine.repair.proposal import Draft, Question
from designer.engine.repair.wording import Worded
from designer.model import ForeignObject, Project
from designer.model.policykinds import ADMIN_GROUP

Data = dict[str, Any]
CLUSTER, OLDER = "ClusterNetworkPolicy", "AdminNetworkPolicy"
VERSIONS = {CLUSTER: f"{ADMIN_GROUP}/v1alpha2", OLDER: f"{ADMIN_GROUP}/v1alpha1"}
# Lower comes first; the API takes 0 to 1000.
USUAL = 100


def deny_outright(question: Question, source: Worded, target: Worded) -> Draft | None:
    """The policy that denies the pair, None where the engine reads none or an end is no Pod that selectors mean."""
    project = question.state.project
    if ADMIN_GROUP not in READ_BY.get(question.state.policies.enforcement.engine, ()):
        return None
    ends = (source, target)
    if any(not one.end.pods or one.end.host_network or one.why for one in ends):
        return None
    found = [one for one in known_policies(project) if one.group == ADMIN_GROUP]
    kinds = {one.kind for one in found}
    kind = OLDER if OLDER in kinds and CLUSTER not in kinds else CLUSTER
    taken = {one.name for one in found}
    name = numbered(f"deny-{source.end.short}-to-{target.end.short}"[:63], taken)
    priority = _before(project)
    if priority is None:
        return None
    rule: Data = {"action": "Deny", "from": [{"pods": _pods(source)}]}
    numbers, protocol = question.target.numbers, question.target.protocol
    if kind == CLUSTER:
        rule["protocols"] = [{protocol.lower(): {"destinationPort": {"number": number}}} for number in numbers]
    else:
        rule["ports"] = [{"portNumber": {"protocol": protocol, "port": number}} for number in numbers]
    spec: Data = {"tier": "Admin"} if kind == CLUSTER else {}
    spec |= {"priority": priority, "subject": {"pods": _pods(target)}, "ingress": [rule]}
    data = {"apiVersion": VERSIONS[kind], "kind": kind, "metadata": {"name": name}, "spec": spec}
    oid = f"{VERSIONS[kind]}/{kind}:{name}"
    notes = () if kinds else (f"The cluster must know the kind {kind}: install the CRDs of {ADMIN_GROUP} first.",)
    why = f"Denies {source.text} to reach {target.text}, before any NetworkPolicy is asked."
    made = ForeignObject(oid, data)
    return Draft(f"Keep {source.end.short} from {target.end.short}", ((oid, made, why),), notes)


def _pods(end: Worded) -> Data:
    """Pods by selectors, as subjects and peers of the standard's kinds have them."""
    return {
        "namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: end.end.namespace}},
        "podSelector": {"matchLabels": dict(end.labels)} if end.labels else {},
    }


def _before(project: Project) -> int | None:
    """A priority that comes before every one that is there; None where 0 is taken."""
    found = [
        one.spec.get("priority")
        for one in known_policies(project)
        if one.group == ADMIN_GROUP and one.kind != "BaselineAdminNetworkPolicy" and one.spec.get("tier") != "Baseline"
    ]
    lowest = min((number for number in found if isinstance(number, int)), default=USUAL + 1)
    return min(USUAL, lowest - 1) if lowest > 0 else None
