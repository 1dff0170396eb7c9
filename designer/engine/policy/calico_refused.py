"""What Calico's API refuses in a rule: ports, protocols and networks that do not go together.

Sources: `validateRule` and `validateEntityRule` of libcalico-go (lib/validator/v3), which its API server and calicoctl
ask; an object written straight into the group `crd.projectcalico.org` is stored unchecked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from designer.engine.policy.ports import PROTOCOLS
from designer.engine.policy.reading import NotEvaluatedError, RefusedError, items

Ends = Mapping[str, Mapping[str, Any]]


def check_rule(ends: Ends, protocol: str, path: str) -> None:
    """Nothing, for a rule that Calico takes; `ends` are its source and destination, `protocol` as read, "" for none.

    Raises `RefusedError` for what no version takes, `NotEvaluatedError` for what only some take: the others do without
    the whole policy.
    """
    for name, end in ends.items():
        for field in ("ports", "notPorts"):
            ports = items(end.get(field), f"{path}.{name}.{field}")
            if ports:
                _check_ports(ports, protocol, path)
        selector = end.get("selector")
        if isinstance(selector, str) and "global(" in selector:
            raise RefusedError(
                f"{path}.{name}.selector", "may not hold global()", "Write it into the namespaceSelector."
            )
        spaces = end.get("namespaceSelector")
        if isinstance(spaces, str) and "global(" in spaces and spaces.strip() not in ("global()", "global( )"):
            raise RefusedError(
                f"{path}.{name}.namespaceSelector", "may hold nothing beside global()", "Make two rules of it."
            )
    _check_nets(ends, path)


def _check_ports(ports: Sequence[Any], protocol: str, path: str) -> None:
    if protocol in PROTOCOLS:
        return
    if protocol:
        raise RefusedError(f"{path}.protocol", "must be TCP, UDP or SCTP where ports are given", "Remove the ports.")
    if all(map(_is_name, ports)):
        raise NotEvaluatedError(f"only newer versions take names of ports without a protocol, as in {path}")
    raise RefusedError(f"{path}.protocol", "is required where ports are given", "Add `protocol: TCP` or UDP.")


def _is_name(port: Any) -> bool:
    return isinstance(port, str) and not port.replace(":", "").isdecimal()


def _check_nets(ends: Ends, path: str) -> None:
    seen = {":" in net for _, net in _nets(ends)}
    if len(seen) > 1:
        raise RefusedError(path, "holds networks of IPv4 and of IPv6", "Make a rule for each of the families.")
    for where, net in _nets(ends):
        if "/" not in net:
            raise RefusedError(f"{path}.{where}", f'"{net}" is not a valid CIDR', "Write an address like 10.1.2.3/32.")
    if any(net in ("0.0.0.0/0", "::/0") for where, net in _nets(ends) if ".notNets" in where):
        raise NotEvaluatedError(f"only older versions take every address among the notNets of {path}")


def _nets(ends: Ends) -> Iterator[tuple[str, str]]:
    """Each network with its field; what is no list of texts is found where it is read."""
    for name, end in ends.items():
        for field in ("nets", "notNets"):
            given = end.get(field)
            for index, net in enumerate(given if isinstance(given, (list, tuple)) else ()):
                if isinstance(net, str):
                    yield f"{name}.{field}[{index}]", net
