"""What a person is told of hidden layers: how much is not drawn, and that what they look for is among it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from designer.model import split_id
from designer.present.words import count_text


def hidden_count(hidden: Mapping[str, str]) -> str:
    """``3 objects hidden by layers``; "" for none. `hidden` names the layer of each."""
    return f"{count_text(len(hidden), 'object')} hidden by layers" if hidden else ""


def hidden_thing(oid: str, layer: str) -> str:
    """That one object is not drawn, and why: ``Service cart is on the hidden layer Web``."""
    kind, _, name = split_id(oid)
    return f"{kind} {name} is on the hidden layer {layer}"


def hidden_on_way(layers: Iterable[str]) -> str:
    """That stops of the shown trace are not drawn, by the layer of each; "" for none."""
    found = tuple(layers)
    names = tuple(dict.fromkeys(found))
    if not found:
        return ""
    where = f"the hidden layer {names[0]}" if len(names) == 1 else f"{len(names)} hidden layers"
    return f"{count_text(len(found), 'stop')} of this trace {'is' if len(found) == 1 else 'are'} on {where}"
