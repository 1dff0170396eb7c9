"""One end of a connection as a rule of a Calico policy describes it: selectors, service accounts and networks.

Rules: `updateprocessors/rules.go` of libcalico-go (how selector, namespaceSelector, serviceAccounts and the policy's
own namespace are put together; `notSelector` is not limited to a namespace) and Calico's reference of entity rules.
A NetworkSet with matching labels stands for its addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from designer.engine.controlplane.state import PodState
from designer.engine.policy.calico_selector import NAMESPACE_LABEL, Expression
from designer.engine.policy.matchers import FINISHED_PHASES, Answer, BlockMatch, Peer
from designer.engine.policy.tiers import Sight, Surroundings, Wish
from designer.model import FrozenMap

NAME_LABEL = "projectcalico.org/name"
ACCOUNT_LABEL = "projectcalico.org/serviceaccount"
ORCHESTRATOR_LABEL = "projectcalico.org/orchestrator"


@dataclass(frozen=True, slots=True)
class NetworkSet:
    """A NetworkSet, or a GlobalNetworkSet (`namespace` ""): labels and networks."""

    namespace: str
    labels: FrozenMap[str, str]
    nets: tuple[BlockMatch, ...]

    def all_labels(self) -> Mapping[str, str]:
        """Its labels as selectors see them."""
        return {**self.labels, NAMESPACE_LABEL: self.namespace} if self.namespace else self.labels


@dataclass(frozen=True, slots=True, eq=False)
class CalicoObjects:
    """What Calico's policies refer to: network sets, labels of service accounts by (namespace, name), HostEndpoints."""

    sets: tuple[NetworkSet, ...] = ()
    accounts: Mapping[tuple[str, str], FrozenMap[str, str]] = field(default_factory=dict)
    host_endpoints: bool = False


@dataclass(frozen=True, slots=True)
class EntityMatch:
    """All of what is given must hold. `own_namespace` is that of a namespaced policy, "" for a global one.

    `names` and `account` are the service accounts by name and by selector; `plain` is for speed (`of` sets it).
    """

    objects: CalicoObjects
    own_namespace: str = ""
    selector: Expression | None = None
    not_selector: Expression | None = None
    namespaces: Expression | None = None
    names: tuple[str, ...] = ()
    account: Expression | None = None
    nets: tuple[BlockMatch, ...] = ()
    not_nets: tuple[BlockMatch, ...] = ()
    shown: str = ""
    plain: bool = False

    @classmethod
    def of(cls, found: EntityMatch) -> EntityMatch:
        """`found`, knowing whether its selectors ask for labels of a Pod's own only."""
        written = (found.selector, found.not_selector)
        return replace(found, plain=not any(_prefixed(one) for one in written))

    @property
    def text(self) -> str:
        """The entity as the policy words it."""
        return self.shown or "anyone"

    @property
    def blocks(self) -> tuple[BlockMatch, ...]:
        """Its networks, and those of every network set that it may mean."""
        sets = self.objects.sets if self._selects or self.not_selector is not None else ()
        return (*self.nets, *self.not_nets, *(net for one in sets for net in one.nets))

    @property
    def accounts(self) -> bool:
        """Whether it looks at service accounts, by field or by label."""
        written = (self.selector, self.not_selector)
        return bool(self.names) or self.account is not None or any(ACCOUNT_LABEL in _keys(one) for one in written)

    @property
    def sight(self) -> Sight:
        """Labels of its selectors, and namespaces where it has a selector for them or stands in one."""
        keys = frozenset((*_keys(self.selector), *_keys(self.not_selector)))
        every = self.namespaces is not None or self.account is not None or bool(self.own_namespace)
        return Sight(keys, every or NAMESPACE_LABEL in keys)

    def space(self, namespace: str, view: Surroundings) -> str:
        """Whether it means the namespace; the namespace itself where a label or an account is told by it."""
        named = NAMESPACE_LABEL in (*_keys(self.selector), *_keys(self.not_selector))
        return namespace if named or self.account is not None else str(self._in_namespace(namespace, view))

    @property
    def wish(self) -> Wish:
        """The values in its selectors, the policy's own namespace, and service accounts by name."""
        own = _values((self.selector, self.not_selector))
        named = (NAMESPACE_LABEL, NAME_LABEL)
        spaces = _values((self.namespaces,))
        names = [value for key in named for value in (*own.get(key, ()), *spaces.get(key, ()))]
        here = (self.own_namespace,) if self.own_namespace else ()
        return Wish(
            FrozenMap({key: found for key, found in own.items() if key not in (*named, ACCOUNT_LABEL)}),
            FrozenMap({key: found for key, found in spaces.items() if key not in named}),
            tuple(dict.fromkeys((*here, *names))),
            tuple(dict.fromkeys((*self.names, *own.get(ACCOUNT_LABEL, ())))),
        )

    @property
    def _selects(self) -> bool:
        """Whether it is about endpoints; a namespaced policy's own namespace counts once a selector is given."""
        given = (self.selector, self.namespaces, self.account)
        own = bool(self.own_namespace) and self.not_selector is not None
        return any(one is not None for one in given) or bool(self.names) or own

    def answer(self, peer: Peer, view: Surroundings) -> Answer:
        """Whether the peer is meant."""
        open_reason = ""
        if self._selects:
            good, said = self._selected(peer, view)
            if good is False:
                return good, said
            open_reason = said if good is None else ""
        if self.not_selector is not None:
            good, said = self._by_labels(self.not_selector, False, peer, view)
            if good:
                return False, f"{peer.text} is excluded by notSelector"
            open_reason = open_reason or (said if good is None else "")
        if self.nets:
            good, said = _any_net(self.nets, peer, view)
            if good is False:
                return False, f"{peer.text} is not in {', '.join(str(net.network) for net in self.nets)}"
            open_reason = open_reason or said
        good, said = _any_net(self.not_nets, peer, view)
        if good:
            return False, f"{peer.text} is excluded by notNets"
        open_reason = open_reason or said
        return (None, open_reason) if open_reason else (True, "")

    def _selected(self, peer: Peer, view: Surroundings) -> Answer:
        """Whether selector, namespace and service account mean the peer."""
        good, said = self._by_labels(self.selector, True, peer, view)
        if good is None:
            return good, said
        return good, "" if good else f"{peer.text} is not in {self.text}"

    def _by_labels(self, selector: Expression | None, narrow: bool, peer: Peer, view: Surroundings) -> Answer:
        """Whether a selector means the peer, or a network set with its address; `narrow`: by the other fields too."""
        if peer.pod is not None and peer.pod.phase not in FINISHED_PHASES:
            good, said = self._pod(selector, peer.pod, view, narrow)
            if good is not False:
                return good, said
        meant = [net for one in self.objects.sets if self._set(selector, one, view, narrow) for net in one.nets]
        good, said = _any_net(meant, peer, view)
        if good is not False:
            return good, said
        if peer.node and self.objects.host_endpoints:
            return None, "whether a HostEndpoint of the node matches the selector is not evaluated"
        return False, ""

    def _pod(self, selector: Expression | None, pod: PodState, view: Surroundings, narrow: bool) -> Answer:
        account = pod.spec.serviceAccountName or "default"
        if selector is not None:
            own = {NAMESPACE_LABEL: pod.namespace, ORCHESTRATOR_LABEL: "k8s", ACCOUNT_LABEL: account}
            if not selector.matches(pod.labels if self.plain else {**pod.labels, **own}):
                return False, ""
        if not narrow:
            return True, ""
        if not self._in_namespace(pod.namespace, view) or (self.names and account not in self.names):
            return False, ""
        if self.account is None:
            return True, ""
        known = self.objects.accounts.get((pod.namespace, account))
        if known is None and account != "default":
            return None, f"the labels of ServiceAccount {pod.namespace}/{account} are not in the input"
        return self.account.matches({**(known or {}), NAME_LABEL: account}), ""

    def _in_namespace(self, namespace: str, view: Surroundings) -> bool:
        """Whether something of a namespace is meant; all() in a namespaceSelector means everything that has one."""
        if self.namespaces is None:
            return not self.own_namespace or namespace == self.own_namespace
        labels = {**view.namespace_labels(namespace), NAME_LABEL: namespace, NAMESPACE_LABEL: namespace}
        return self.namespaces.matches(labels)

    def _set(self, selector: Expression | None, one: NetworkSet, view: Surroundings, narrow: bool) -> bool:
        if selector is not None and not selector.matches(one.all_labels()):
            return False
        if not narrow:
            return True
        if self.names or self.account is not None:
            return False
        if one.namespace:
            return self._in_namespace(one.namespace, view)
        if self.namespaces is None:
            return not self.own_namespace
        return _outside(self.namespaces).matches({})


def _any_net(nets: Iterable[BlockMatch], peer: Peer, view: Surroundings) -> Answer:
    """Whether one of some networks holds the peer; the reason where that cannot be told, else none."""
    answers = [net.answer(peer, view.enforcement) for net in nets]
    if any(good for good, _ in answers):
        return True, ""
    return next((answer for answer in answers if answer[0] is None), (False, ""))


def _outside(found: Expression) -> Expression:
    """A namespaceSelector for what stands in no namespace: all() means having one, so it is false there."""
    if found.operator == "all":
        return Expression("has", NAMESPACE_LABEL)
    return Expression(found.operator, found.key, found.values, tuple(map(_outside, found.parts)))


def _prefixed(found: Expression | None) -> bool:
    """Whether an expression asks for what Calico adds to a Pod's labels."""
    if found is None:
        return False
    added = found.operator == "global" or found.key.startswith("projectcalico.org/")
    return added or any(_prefixed(part) for part in found.parts)


def _values(written: Iterable[Expression | None]) -> dict[str, tuple[str, ...]]:
    """By label key every value that expressions mention; for a key that only has to be there an empty one."""
    found: dict[str, tuple[str, ...]] = {}
    for one in written:
        if one is not None:
            if one.key:
                found[one.key] = tuple(dict.fromkeys((*found.get(one.key, ()), *(one.values or ("",)))))
            for key, values in _values(one.parts).items():
                found[key] = tuple(dict.fromkeys((*found.get(key, ()), *values)))
    return found


def _keys(found: Expression | None) -> tuple[str, ...]:
    """Every label key in an expression."""
    if found is None:
        return ()
    return (*((found.key,) if found.key else ()), *(key for part in found.parts for key in _keys(part)))
