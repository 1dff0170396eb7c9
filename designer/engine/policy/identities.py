"""NetworkPolicies under an engine that goes by identities, which are made of labels: what it does not take as written.

Cilium leaves some labels out of identities (pull request 28003 and its guide "Limiting Identity-Relevant Labels"), so a
selector on one may mean nobody. A namespaceSelector that only excludes means in some versions also what has no
namespace: Nodes and the outside (issue 46949). Port names of egress rules it looks up on all Pods of the cluster, and
passes over a rule whose name has several numbers there (issue 30003); newer versions ask the destination's identity
(pull requests 44429 and 45601).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from designer.engine.controlplane.sources import source_line
from designer.engine.controlplane.state import PodState
from designer.engine.policy.beyond import Unread
from designer.engine.policy.cilium_match import selector_doubt
from designer.engine.policy.compiled import DIRECTIONS, CompiledPolicy, policy_types
from designer.engine.policy.matchers import FINISHED_PHASES, PortMatch
from designer.engine.policy.ports import named_ports
from designer.model import LabelSelector, NetworkPolicy, Problem, Project

# As `tiering.NOT_TOLD`: a policy that cannot be evaluated.
NOT_TOLD = "NP-92"


def left_out(policy: NetworkPolicy) -> str:
    """Why it is not known whom a policy means under such an engine, "" where it is."""
    return next((doubt for selector in _selectors(policy) if (doubt := selector_doubt(selector))), "")


def _selectors(policy: NetworkPolicy) -> Iterator[LabelSelector]:
    spec = policy.spec
    yield spec.podSelector
    peers = (*(peer for rule in spec.ingress for peer in rule.from_), *(p for rule in spec.egress for p in rule.to))
    yield from (peer.podSelector for peer in peers if peer.podSelector is not None)


def names_among_all(policies: Iterable[CompiledPolicy], pods: Iterable[PodState]) -> tuple[CompiledPolicy, ...]:
    """The policies, their egress port names with the numbers that those have on all Pods, ascending.

    Pods with hostNetwork have no identity of their own and do not count.
    """
    made = tuple(policies)
    ports = {port for one in made for rule in one.egress or () for port in rule.ports if port.name}
    if not ports:
        return made
    specs = {id(pod.spec): pod.spec for pod in pods if pod.phase not in FINISHED_PHASES and not pod.host_network}
    known = {
        port: replace(
            port, among=tuple(sorted({n for s in specs.values() for n in named_ports(s, port.name, port.protocol)}))
        )
        for port in ports
    }
    return tuple(_renamed(one, known) for one in made)


def _renamed(policy: CompiledPolicy, known: dict[PortMatch, PortMatch]) -> CompiledPolicy:
    if policy.egress is None:
        return policy
    rules = tuple(replace(rule, ports=tuple(known.get(port, port) for port in rule.ports)) for rule in policy.egress)
    return policy if rules == policy.egress else replace(policy, egress=rules)


def unread_native(policy: NetworkPolicy, why: str) -> Unread:
    """Such a policy for what it may decide: about the Pods that the rest of its podSelector means."""
    given = policy.spec.podSelector
    labels = {key: value for key, value in given.matchLabels.items() if not _doubtful(key)}
    rest = tuple(one for one in given.matchExpressions if not _doubtful(one.key))
    types = policy_types(policy)
    return Unread(
        policy.id, "networking.k8s.io", "NetworkPolicy", policy.namespace, {}, why, f"{policy.namespace}/{policy.name}",
        LabelSelector(matchLabels=labels, matchExpressions=rest),
        tuple(one for one in DIRECTIONS if one.capitalize() in types),
    )  # fmt: skip


def _doubtful(key: str) -> bool:
    return bool(selector_doubt(LabelSelector(matchLabels={key: ""})))


def unread_problem(project: Project, one: Unread) -> Problem:
    """What a person is told of it."""
    file, line = source_line(project, one.id)
    return Problem(
        NOT_TOLD, "warning", f"{one.text} is not evaluated: {one.why}", one.id, "spec",
        "Whom it selects depends on settings that are not in the input; answers about Pods in its scope say so.",
        "Select by labels of your own.", file, line,
    )  # fmt: skip
