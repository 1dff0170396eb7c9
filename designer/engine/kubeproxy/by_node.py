"""What all Services add to the rules of a node, taken over to another node: most of it is the same on each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from designer.engine.kubeproxy.service_ports import ServicePort

Columns = dict[str, list[tuple[Any, ...]]]


def columns_on(
    columns: Columns,
    ports: tuple[tuple[ServicePort, ...], ...],
    service: Callable[[tuple[ServicePort, ...]], object],
    groups: Callable[[tuple[Any, ...]], tuple[Any, ...]],
) -> Columns:
    """The columns of another node: for each Service of `ports` what it adds, by the name of the place it goes to.

    Only Services that go by policy Local differ by node: they are made anew by `service`. The chains of the others'
    own are those of `groups`; lists in which nothing differs are the very ones of `columns`. A request may pass ten
    nodes: each costs a tenth of the first.
    """
    found = dict(columns)
    found["groups"] = [groups(own) for own in columns["groups"]]
    for place, own in enumerate(ports):
        if not any(port.uses_local for port in own):
            continue
        made = service(own)
        for name, column in columns.items():
            new = getattr(made, name)
            if name == "groups" or new != column[place]:
                if found[name] is column:
                    found[name] = column.copy()
                found[name][place] = new
    return found
