"""Peers of Cilium's policies: endpoints by the labels of their identity, and entities.

Sources: Cilium's `getEndpointSelector` (pkg/k8s/apis/cilium.io/utils: how a namespace is added), policy/api/entity.go,
and the documented identity labels. Cilium leaves some labels out of identities, so a selector on one is not decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from designer.engine.controlplane.state import PodState
from designer.engine.policy.matchers import FINISHED_PHASES, Answer, BlockMatch, Peer, selector_keys, selector_text
from designer.engine.policy.tiers import Sight, Surroundings, Wish
from designer.model import EMPTY_MAP, FrozenMap, LabelSelector, LabelSelectorRequirement, selector_matches

POD_NAMESPACE = "io.kubernetes.pod.namespace"
NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
CLUSTER = "io.cilium.k8s.policy.cluster"
# Sources that a label key may begin with; both find the labels of Pods.
SOURCES = ("k8s:", "any:")

# Label keys that Cilium's default filter leaves out of identities, by their beginning.
LEFT_OUT = (
    "io.kubernetes", "kubernetes.io", "k8s.io", "pod-template-generation", "pod-template-hash",
    "controller-revision-hash", "annotation.", "etcd_node", "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index", "batch.kubernetes.io/", "controller-uid", "job-name",
)  # fmt: skip


def plain_key(key: str) -> str:
    """A label key without its source."""
    return next((key[len(source) :] for source in SOURCES if key.startswith(source)), key)


def plain_selector(selector: LabelSelector) -> LabelSelector:
    """A selector with the sources taken off its keys; a label that it names twice must have both values."""
    labels: dict[str, str] = {}
    expressions: list[LabelSelectorRequirement] = []
    for key, value in selector.matchLabels.items():
        if plain_key(key) in labels:
            expressions.append(LabelSelectorRequirement(key=plain_key(key), operator="In", values=(value,)))
        else:
            labels[plain_key(key)] = value
    for one in selector.matchExpressions:
        made = LabelSelectorRequirement(key=plain_key(one.key), operator=one.operator, values=one.values)
        expressions.append(made)
    return LabelSelector.model_validate({"matchLabels": labels, "matchExpressions": expressions})


def selector_doubt(selector: LabelSelector) -> str:
    """Why it cannot be told what a selector means (its keys without source); "" where it can."""
    for key in selector_keys(selector):
        if ":" in key or key == CLUSTER:
            return f"the label `{key}` is not evaluated"
        if key != POD_NAMESPACE and (key.startswith(LEFT_OUT) or "beta.kubernetes.io" in key):
            return f"by default Cilium leaves the label `{key}` out of identities"
    return ""


def _identity(pod: PodState, view: Surroundings) -> dict[str, str]:
    """The labels of a Pod's identity."""
    return {
        **pod.labels,
        POD_NAMESPACE: pod.namespace,
        ACCOUNT: pod.spec.serviceAccountName or "default",
        **{f"{NAMESPACE_LABELS}{key}": value for key, value in view.namespace_labels(pod.namespace).items()},
    }


@dataclass(frozen=True, slots=True)
class EndpointMatch:
    """Pods by their identity. `namespace` limits it to one, "" to none; the selector's keys are without source.

    `plain` says that the selector asks for labels of the Pod's own only, so that the others need not be gathered.
    `beyond` says that nothing in it demands a namespace: it may mean Nodes and the outside, which have no such labels.
    """

    selector: LabelSelector
    namespace: str = ""
    plain: bool = False
    beyond: bool = False

    @classmethod
    def of(cls, selector: LabelSelector, namespace: str) -> EndpointMatch:
        """The matcher of a selector."""
        keys = selector_keys(selector)
        return cls(selector, namespace, not any(key.startswith(("io.kubernetes.", "io.cilium.")) for key in keys))

    @classmethod
    def of_peer(cls, selector: LabelSelector, namespace: str) -> EndpointMatch:
        """The matcher of a peer in a policy of `namespace` ("" for a clusterwide one).

        Cilium adds that namespace where the selector asks for neither name nor labels of one, and in a clusterwide
        policy that there is one where it does not ask for its name. A selector that only excludes namespaces thus
        means whatever has none, too; whether it does differs between versions, for newer ones demand a cluster.
        """
        keys = selector_keys(selector)
        named = POD_NAMESPACE in keys
        free = named or any(key.startswith(NAMESPACE_LABELS) for key in keys)
        beyond = (named or (free and bool(namespace))) and selector_matches(selector, EMPTY_MAP)
        return replace(cls.of(selector, "" if free else namespace), beyond=beyond)

    @property
    def text(self) -> str:
        """``endpoints app=web in namespace shop``."""
        where = f" in namespace {self.namespace}" if self.namespace else ""
        return f"endpoints {selector_text(self.selector) or 'of any label'}{where}"

    @property
    def blocks(self) -> tuple[BlockMatch, ...]:
        """None: identities are no addresses."""
        return ()

    @property
    def accounts(self) -> bool:
        """Whether the label of the service account is asked for."""
        return ACCOUNT in selector_keys(self.selector)

    @property
    def sight(self) -> Sight:
        """The labels of its selector; namespaces where it asks for their name or labels, or is limited to one."""
        keys = frozenset(selector_keys(self.selector))
        every = any(key == POD_NAMESPACE or key.startswith(NAMESPACE_LABELS) for key in keys)
        return Sight(keys, every or bool(self.namespace))

    def space(self, namespace: str, view: Surroundings) -> str:
        """Whether it is the one that it is limited to; the namespace itself where it asks for its name or labels."""
        keys = selector_keys(self.selector)
        asked = any(key == POD_NAMESPACE or key.startswith(NAMESPACE_LABELS) for key in keys)
        return namespace if asked else str(namespace == self.namespace)

    @property
    def wish(self) -> Wish:
        """The values in its selector: of labels, of the namespace's name and labels, of the service account."""
        found = {key: (value,) for key, value in self.selector.matchLabels.items()}
        for one in self.selector.matchExpressions:
            found[one.key] = (*found.get(one.key, ()), *(one.values or ("",)))
        here = (self.namespace,) if self.namespace else ()
        spaces = {k.removeprefix(NAMESPACE_LABELS): v for k, v in found.items() if k.startswith(NAMESPACE_LABELS)}
        plain = {k: v for k, v in found.items() if k not in (POD_NAMESPACE, ACCOUNT)}
        return Wish(
            FrozenMap({key: values for key, values in plain.items() if not key.startswith(NAMESPACE_LABELS)}),
            FrozenMap(spaces),
            (*here, *found.get(POD_NAMESPACE, ())),
            found.get(ACCOUNT, ()),
        )

    def answer(self, peer: Peer, view: Surroundings) -> Answer:
        """Whether the peer is such a Pod."""
        pod = peer.pod
        if pod is None and self.beyond:
            return None, f"{self.text}, which only excludes, may mean what is no Pod too, as {peer.text}"
        if pod is None:
            return False, f"{peer.text} is no Pod that endpoint selectors can match"
        if pod.phase in FINISHED_PHASES:
            return False, f"{peer.text} has ended; policies ignore it"
        inside = self.namespace in ("", pod.namespace)
        if inside and selector_matches(self.selector, pod.labels if self.plain else _identity(pod, view)):
            return True, ""
        return False, f"{peer.text} is not in {self.text}"


class _NoLabels:
    """The part of a matcher that looks neither at labels nor at address blocks."""

    __slots__ = ()

    @property
    def blocks(self) -> tuple[BlockMatch, ...]:
        """None."""
        return ()

    @property
    def accounts(self) -> bool:
        """It does not look at service accounts."""
        return False

    @property
    def sight(self) -> Sight:
        """It tells Pods from the rest only."""
        return Sight()

    def space(self, namespace: str, view: Surroundings) -> str:
        """Namespaces are all alike to it."""
        return ""

    @property
    def wish(self) -> Wish:
        """Nothing: it means every Pod or none."""
        return Wish()


@dataclass(frozen=True, slots=True)
class NamesMatch(_NoLabels):
    """``toFQDNs``: addresses outside that DNS gave for names; Pods and Nodes keep their own identities."""

    @property
    def text(self) -> str:
        """``the addresses of toFQDNs``."""
        return "the addresses of toFQDNs"

    def answer(self, peer: Peer, view: Surroundings) -> Answer:
        """False for what is inside the cluster, else not known."""
        if peer.pod is not None or peer.node:
            return False, f"{peer.text} is not outside the cluster"
        return None, "which addresses the names of `toFQDNs` have is not known here"


# As in the CRD: it has no word for the outside of one IP family.
ENTITIES = (
    "all", "world", "cluster", "host", "remote-node", "kube-apiserver", "init", "health", "unmanaged", "ingress",
    "none",
)  # fmt: skip
# Entity → what it says of a Pod, of the subject's own Node, of another Node, and of an address outside.
ANSWERS: dict[str, tuple[bool | None, bool | None, bool | None, bool | None]] = {
    "all": (True, True, True, True),
    "cluster": (True, True, True, False),
    "host": (False, True, False, False),
    "remote-node": (False, False, True, False),
    "kube-apiserver": (False, None, None, None),
    "world": (False, False, False, True),
    "ingress": (False, None, None, False),
    "init": (False, False, False, False),
    "health": (False, None, None, False),
    "unmanaged": (False, False, False, False),
    "none": (False, False, False, False),
}


@dataclass(frozen=True, slots=True)
class EntityNameMatch(_NoLabels):
    """An entity, by its name."""

    name: str

    @property
    def text(self) -> str:
        """``entity world``."""
        return f"entity {self.name}"

    def answer(self, peer: Peer, view: Surroundings) -> Answer:
        """Whether the peer belongs to the entity."""
        pod, own, other, outside = ANSWERS[self.name]
        if peer.pod is not None:
            good = pod
        elif peer.node and not peer.world:
            good = own if peer.resident else other
        else:
            good = outside
        if good is None:
            return None, f"whether {peer.text} belongs to the entity {self.name} is not known here"
        return good, "" if good else f"{peer.text} is not in {self.text}"
