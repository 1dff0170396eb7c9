"""The filters of a rule or of a backendRef, read once: what they change, and what of them fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from designer.engine.l7.gateway.cors import Cors, cors
from designer.engine.l7.gateway.edits import HeaderEdit, Redirect, Rewrite, header_edit, redirect, rewrite
from designer.engine.l7.gateway.objects import GatewayObject
from designer.engine.l7.gateway.world import Trouble, World
from designer.engine.l7.outcome import Mirrored

ALL = Fraction(100)
DEFAULT_DENOMINATOR = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of filters does. `failing` says why requests get 500, `undecided` why nobody can tell what they get.

    `invalid` says why the rule is no valid one and is dropped. `authority` is the Service (``ns/name``) and port that
    is asked whether the request may go on. `direct` is the status with which the Gateway itself answers, 0 for none.
    """

    request: HeaderEdit | None = None
    response: HeaderEdit | None = None
    redirect: Redirect | None = None
    rewrite: Rewrite | None = None
    cors: Cors | None = None
    mirrors: tuple[Mirrored, ...] = ()
    failing: str = ""
    undecided: str = ""
    invalid: str = ""
    authority: tuple[str, int | None] | None = None
    direct: int = 0

    @property
    def leads_nowhere(self) -> bool:
        """Whether requests never reach a backend: they are redirected, or answered by the Gateway."""
        return self.redirect is not None or bool(self.direct)


NO_FILTERS = Filters()
# A trouble and the field that it is about.
Troubles = list[tuple[str, Trouble]]


def read_filters(
    data: Sequence[Mapping[str, Any]], source: GatewayObject, world: World, path: str, troubles: Troubles
) -> Filters:
    """The filters at `path` of a route; what their references lack is added to `troubles`."""
    if not data:
        return NO_FILTERS
    found = Filters()
    for index, one in enumerate(data):
        here = f"{path}[{index}]"
        match one["type"]:
            case "RequestHeaderModifier":
                edit = header_edit(one["requestHeaderModifier"])
                found = replace(found, request=edit, invalid=found.invalid or _doubled(edit, here))
            case "ResponseHeaderModifier":
                edit = header_edit(one["responseHeaderModifier"])
                found = replace(found, response=edit, invalid=found.invalid or _doubled(edit, here))
            case "RequestRedirect":
                found = replace(found, redirect=redirect(one["requestRedirect"]))
            case "URLRewrite":
                found = replace(found, rewrite=rewrite(one["urlRewrite"]))
            case "CORS":
                found = replace(found, cors=cors(one["cors"]))
            case "RequestMirror":
                made = _mirror(one["requestMirror"], source, world, f"{here}.requestMirror.backendRef", troubles)
                found = replace(found, mirrors=(*found.mirrors, *made))
            case "ExtensionRef":
                found = _extension(found, one["extensionRef"], source, world, f"{here}.extensionRef", troubles)
            case "DirectResponse":
                found = replace(found, direct=int(one["directResponse"]["statusCode"]))
            case "ExternalAuth":
                found = _external(found, one["externalAuth"], source, world, f"{here}.externalAuth", troubles)
    return found


def _doubled(edit: HeaderEdit, here: str) -> str:
    name = edit.doubled
    return f"{here} has more than one action for header {name}" if name else ""


def _mirror(
    data: Mapping[str, Any], source: GatewayObject, world: World, path: str, troubles: Troubles
) -> tuple[Mirrored, ...]:
    """The mirror; none where its backend does not hold, which is left out of the data plane."""
    ref = data["backendRef"]
    trouble = world.backend(source, ref)
    if trouble is not None:
        troubles.append((path, trouble))
        return ()
    percent = ALL
    if "percent" in data:
        percent = Fraction(data["percent"])
    elif "fraction" in data:
        fraction = data["fraction"]
        percent = ALL * Fraction(fraction["numerator"], fraction.get("denominator", DEFAULT_DENOMINATOR))
    return (Mirrored(f"{ref.get('namespace') or source.namespace}/{ref['name']}", percent, ref.get("port")),)


def _extension(
    found: Filters, ref: Mapping[str, Any], source: GatewayObject, world: World, path: str, troubles: Troubles
) -> Filters:
    """A filter of the implementation's own: one that cannot be resolved must not be skipped, the request fails."""
    what = f"{ref['kind']} {source.namespace}/{ref['name']} ({ref['group'] or 'v1'})"
    if not world.exists(str(ref["group"]), str(ref["kind"]), source.namespace, str(ref["name"])):
        trouble = Trouble("InvalidKind", f"the filter {what} does not exist")
        troubles.append((path, trouble))
        return replace(found, failing=found.failing or trouble.text)
    return replace(found, undecided=found.undecided or f"what the filter {what} does is the implementation's affair")


def _external(
    found: Filters, data: Mapping[str, Any], source: GatewayObject, world: World, path: str, troubles: Troubles
) -> Filters:
    """An authorisation server: one that does not hold fails closed; else its answer decides."""
    trouble = world.backend(source, data["backendRef"])
    if trouble is not None:
        troubles.append((f"{path}.backendRef", trouble))
        return replace(found, failing=found.failing or trouble.text)
    ref = data["backendRef"]
    return replace(
        found,
        undecided=found.undecided or f"the authorisation server {ref['name']} decides about the request",
        authority=found.authority or (f"{ref.get('namespace') or source.namespace}/{ref['name']}", ref.get("port")),
    )
