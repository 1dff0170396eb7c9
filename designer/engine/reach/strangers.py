"""Pods that are not in the input: any Pod at all, and for a matcher of a rule a Pod that just fulfils it.

For label selectors it has the labels that they ask for and no more: one Pod for each value of an `In`, and one for what
each `NotIn` and `DoesNotExist` leaves out. Expressions of Calico and selectors of Cilium are tried with every choice of
the values that they mention, the fewest labels first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product

from designer.engine.controlplane.state import PodState
from designer.engine.policy import Peer, PolicySet
from designer.engine.policy.matchers import NAMESPACE_NAME_LABEL, BlockMatch, PodMatch
from designer.engine.policy.tiers import EndMatch, TierPeer
from designer.model import EMPTY_MAP, FrozenMap, LabelSelector, LabelSelectorRequirement, PodSpec

# No namespace can be called so (RFC 1123 labels).
FOREIGN = "{namespace}"
# So many choices of labels are tried for one matcher.
MOST_TRIED = 4096
# So many values of `In` are told apart in one matcher.
MOST_VALUES = 64
OPPOSITES = {"NotIn": "In", "DoesNotExist": "Exists"}
EMPTY_SPEC = PodSpec.model_validate({})


@dataclass(frozen=True, slots=True)
class Stranger:
    """A Pod outside the input, and the labels of its namespace; `text` says which Pods it stands for."""

    text: str
    pod: PodState
    labels: FrozenMap[str, str]

    def known_to(self, policies: PolicySet) -> PolicySet:
        """The policies, knowing its namespace."""
        return replace(policies, namespaces=policies.namespaces.set(self.pod.namespace, self.labels))


def stranger(text: str, namespace: str, own: Mapping[str, str], labels: FrozenMap[str, str], account: str) -> Stranger:
    """A Pod with these labels in a namespace with those."""
    spec = EMPTY_SPEC.replace(serviceAccountName=account) if account else EMPTY_SPEC
    pod = PodState("", namespace, FOREIGN, None, (), FrozenMap(dict(own)), spec)
    return Stranger(text, pod, labels.set(NAMESPACE_NAME_LABEL, namespace))


def anybody(text: str) -> Stranger:
    """A Pod without labels in a namespace that has none."""
    return stranger(text, FOREIGN, {}, EMPTY_MAP, "")


def fulfilling(match: TierPeer, policies: PolicySet) -> Stranger | None:
    """A Pod that a matcher means; None where none can be, and for addresses."""
    if isinstance(match, BlockMatch):
        return None
    if not isinstance(match, PodMatch):
        return _tried(match, policies)
    if match.namespaces is None:
        namespace = match.own_namespace
        labels = policies.namespace_labels(namespace)
    else:
        asked = _labels(match.namespaces)
        namespace = asked.get(NAMESPACE_NAME_LABEL, FOREIGN)
        labels = policies.namespace_labels(namespace)
        for key, value in asked.items():
            labels = labels.set(key, value)
    found = stranger(match.text, namespace, _labels(match.pods) if match.pods is not None else {}, labels, "")
    return found if match.selects(namespace, found.pod.labels, found.labels) else None


def kinds(match: TierPeer) -> tuple[TierPeer, ...]:
    """The matcher itself, and for each `NotIn` and `DoesNotExist` of it the Pods that only this leaves out."""
    if not isinstance(match, PodMatch):
        return (match,)
    out = [
        _with(match, side, index, operator=OPPOSITES[item.operator])
        for side, index, item in _expressions(match)
        if item.operator in OPPOSITES
    ]
    return (match, *out)


def by_value(match: TierPeer) -> tuple[TierPeer, ...]:
    """The matcher once for each value, or choice of values, that it lists (`In`); itself where that is one."""
    if not isinstance(match, PodMatch):
        return (match,)
    found = [match]
    for side, index, item in _expressions(match):
        if item.operator == "In" and 1 < len(item.values) <= MOST_VALUES // len(found):
            found = [_with(one, side, index, values=(value,)) for one in found for value in item.values]
    return tuple(found)


def together(match: TierPeer, parts: list[TierPeer]) -> TierPeer | None:
    """One matcher for some of `by_value(match)`; None where no single one means just those."""
    if not isinstance(match, PodMatch) or len(parts) == len(by_value(match)):
        return match
    lists = [
        (side, index) for side, index, item in _expressions(match) if item.operator == "In" and len(item.values) > 1
    ]
    if len(lists) != 1:
        return None
    side, index = lists[0]
    values = [getattr(one, side).matchExpressions[index].values[0] for one in parts]
    return _with(match, side, index, values=tuple(values))


def _expressions(match: PodMatch) -> Iterator[tuple[str, int, LabelSelectorRequirement]]:
    for side in ("namespaces", "pods"):
        selector: LabelSelector | None = getattr(match, side)
        for index, item in enumerate(selector.matchExpressions if selector is not None else ()):
            yield side, index, item


def _with(match: PodMatch, side: str, index: int, **changed: object) -> PodMatch:
    """The matcher with one expression changed."""
    selector: LabelSelector = getattr(match, side)
    items = list(selector.matchExpressions)
    items[index] = items[index].replace(**changed)
    return replace(match, **{side: selector.replace(matchExpressions=tuple(items))})


def _labels(selector: LabelSelector) -> dict[str, str]:
    found = dict(selector.matchLabels)
    for item in selector.matchExpressions:
        if item.operator in ("In", "Exists"):
            found.setdefault(item.key, item.values[0] if item.values else "")
    return found


def _tried(match: EndMatch, policies: PolicySet) -> Stranger | None:
    """The first Pod of all choices that is meant for sure."""
    wish = match.wish
    spaces = (*dict.fromkeys(wish.namespaces), FOREIGN)
    for labels, own in islice(_choices(wish.space_labels, wish.labels), MOST_TRIED):
        for namespace in spaces:
            for account in (*wish.accounts, ""):
                had = dict(policies.namespace_labels(namespace)) if namespace != FOREIGN else {}
                one = stranger(match.text, namespace, own, FrozenMap({**had, **labels}), account)
                if match.answer(Peer.of_pod(one.pod), one.known_to(policies))[0]:
                    return one
    return None


def _choices(
    spaces: Mapping[str, tuple[str, ...]], labels: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Every choice of labels of a namespace and of a Pod, the fewest labels first."""
    keys = [(True, key) for key in sorted(spaces)] + [(False, key) for key in sorted(labels)]
    options = [(None, *(spaces if outer else labels)[key]) for outer, key in keys]
    picked = islice(product(*options), MOST_TRIED)
    for values in sorted(picked, key=lambda one: sum(value is not None for value in one)):
        found: tuple[dict[str, str], dict[str, str]] = ({}, {})
        for (outer, key), value in zip(keys, values, strict=True):
            if value is not None:
                found[0 if outer else 1][key] = value
        yield found
