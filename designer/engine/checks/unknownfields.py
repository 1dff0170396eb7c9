"""Fields that an object's kind does not have, mostly misspelt: kubectl refuses them, other clients lose them silently.

Field validation: apimachinery's strict decoding (KEP-2885), which kubectl asks for from 1.27 on. Only kinds whose
fields the model has all are looked at; an object with a uid is held by an API server, which may be newer and know more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from designer.engine.checks.survey import Survey, short
from designer.engine.compile import ClusterState
from designer.engine.l7.gateway.objects import misspelt_fields
from designer.model import Ingress, NetworkPolicy, Problem, Service
from designer.model.frozen import FrozenModel
from designer.model.meta import KubeObject, LabelSelector

WHY = "kubectl refuses such an object; a client that asks for no validation loses the field silently."


@dataclass(frozen=True, slots=True)
class Complete:
    """A kind whose model has every field that decides: the problem's code, and fields that are kept but known."""

    kind: type[KubeObject]
    code: str
    known: frozenset[str]


KINDS: tuple[Complete, ...] = (
    Complete(Service, "SVC-W04", frozenset(("status",))),
    Complete(NetworkPolicy, "NP-93", frozenset(("status",))),
    Complete(Ingress, "ING-93", frozenset(("status", "resource"))),
)


def unknown_fields(s: Survey) -> Iterator[Problem]:
    """SVC-W04, NP-93, ING-93: every unknown field of a Service, NetworkPolicy or Ingress, with what may be meant."""
    for complete in KINDS:
        for obj in s.project.of(complete.kind):
            if obj.metadata.uid:
                continue
            for path, name, part in _unknown(obj, "", complete.known):
                title = f'{short(obj.id)}: unknown field "{path}"'
                yield s.problem(complete.code, "warning", obj.id, path, title, WHY, _fix(name, part))


def misspelt_in_gateways(s: Survey) -> Iterator[Problem]:
    """GW-98: every field of an object of Gateway API that is nearly called as one that it lacks."""
    for oid in sorted(s.project.foreign):
        kept = s.project.foreign[oid]
        metadata = kept.data.get("metadata")
        if isinstance(metadata, Mapping) and metadata.get("uid"):
            continue
        for path, meant in misspelt_fields(kept):
            title = f'{_shown(oid)}: unknown field "{path}"'
            yield s.problem("GW-98", "warning", oid, path, title, WHY, f"Write {meant}, if that is meant.")


def fields_unknown(state: ClusterState) -> tuple[Problem, ...]:
    """The same for a compiled cluster: an answer hangs on whether such an object was refused or lost the field."""
    return tuple(unknown_fields(Survey(state)))


def _shown(oid: str) -> str:
    """``HTTPRoute shop/cart`` from the id of a kept object."""
    api, _, name = oid.partition(":")
    return f"{api.rpartition('/')[2]} {name}"


def _fix(name: str, part: FrozenModel) -> str:
    """What to do: the field that may be meant; a label that stands in a selector by itself belongs to matchLabels."""
    meant = get_close_matches(name, _names(part), 1)
    if meant:
        return f"Write {meant[0]}, if that is meant."
    if isinstance(part, LabelSelector):
        return f"Put {name} under matchLabels; a selector without labels matches everything."
    return "Remove it."


def _names(part: FrozenModel) -> list[str]:
    """The fields of a part as Kubernetes spells them."""
    return [info.alias or name for name, info in type(part).model_fields.items()]


def _unknown(part: FrozenModel, path: str, known: frozenset[str]) -> Iterator[tuple[str, str, FrozenModel]]:
    """Path and name of every field that is in no model, with the part that it stands in."""
    within = f"{path}." if path else ""
    for name in part.model_extra or ():
        if name not in known:
            yield f"{within}{name}", name, part
    for name, info in type(part).model_fields.items():
        if name not in part.model_fields_set or name == "metadata":
            continue
        value, below = getattr(part, name), f"{within}{info.alias or name}"
        if isinstance(value, FrozenModel):
            yield from _unknown(value, below, known)
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, FrozenModel):
                    yield from _unknown(item, f"{below}[{index}]", known)
