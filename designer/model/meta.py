"""What all Kubernetes objects share: metadata, label selectors, identity.

An object's id is ``Kind:namespace/name``, or ``Kind:name`` for cluster-scoped kinds; references between objects are
such ids, never objects.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field

from designer.model.frozen import EMPTY_MAP, FrozenMap, FrozenModel

IntOrString = int | str


def _default(text: str) -> BeforeValidator:
    """What makes `text` of an empty text: the API server takes it for a field that was not set."""
    return BeforeValidator(lambda value: text if value == "" else value)


Protocol = Annotated[str, _default("TCP")]
ServiceType = Annotated[str, _default("ClusterIP")]
Affinity = Annotated[str, _default("None")]


class ObjectMeta(FrozenModel):
    """``metadata`` of an object; only the fields that the program reads are named, the others are kept."""

    name: str = ""
    namespace: str | None = None
    labels: FrozenMap[str, str] = EMPTY_MAP
    annotations: FrozenMap[str, str] = EMPTY_MAP
    uid: str | None = None
    creationTimestamp: str | None = None
    deletionTimestamp: str | None = None
    ownerReferences: tuple[OwnerReference, ...] = ()


class OwnerReference(FrozenModel):
    """``metadata.ownerReferences[]``: who made this object."""

    apiVersion: str = ""
    kind: str = ""
    name: str = ""
    controller: bool | None = None


class LabelSelectorRequirement(FrozenModel):
    """One ``matchExpressions`` entry: In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class LabelSelector(FrozenModel):
    """``matchLabels`` and ``matchExpressions``, joined by AND; an empty selector matches everything."""

    matchLabels: FrozenMap[str, str] = EMPTY_MAP
    matchExpressions: tuple[LabelSelectorRequirement, ...] = ()


class KubeObject(FrozenModel):
    """Base of every kind: apiVersion, kind, metadata; `NAMESPACED` says where it lives."""

    KIND: ClassVar[str] = ""
    API_VERSION: ClassVar[str] = ""
    NAMESPACED: ClassVar[bool] = True

    apiVersion: str = ""
    kind: str = ""
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)

    def model_post_init(self, context: Any) -> None:
        """Fill apiVersion and kind from the class when the input left them out, so that every dump is complete."""
        if not self.kind:
            object.__setattr__(self, "kind", self.KIND)
            self.model_fields_set.add("kind")
        if not self.apiVersion:
            object.__setattr__(self, "apiVersion", self.API_VERSION)
            self.model_fields_set.add("apiVersion")

    @property
    def name(self) -> str:
        """The object's name."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """The namespace it lives in, ``default`` where a namespaced object names none, "" when cluster-scoped."""
        if not self.NAMESPACED:
            return ""
        return self.metadata.namespace or "default"

    @cached_property
    def id(self) -> str:
        """The object's id in the project; every pass asks for it, so it is put together once."""
        return object_id(self.KIND or self.kind, self.namespace, self.name)

    def __copy__(self) -> Self:
        """A copy that knows nothing of this object's id: who copies may give it another name."""
        made = super().__copy__()
        made.__dict__.pop("id", None)
        return made

    @property
    def labels(self) -> FrozenMap[str, str]:
        """The object's labels."""
        return self.metadata.labels


def object_id(kind: str, namespace: str, name: str) -> str:
    """The id of an object: ``Kind:namespace/name``, ``Kind:name`` when `namespace` is empty."""
    return f"{kind}:{namespace}/{name}" if namespace else f"{kind}:{name}"


def split_id(oid: str) -> tuple[str, str, str]:
    """Kind, namespace ("" when cluster-scoped) and name of an object id."""
    kind, _, rest = oid.partition(":")
    namespace, slash, name = rest.partition("/")
    return (kind, namespace, name) if slash else (kind, "", rest)


ObjectMeta.model_rebuild()
