"""What the API server refuses in a NetworkPolicy (`domain/policies.md`, "API validation").

A refused object does not exist in a cluster, so a policy with a finding here is left out of every evaluation.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

from designer.engine.policy.ports import MAX_PORT, PROTOCOLS
from designer.model import LabelSelector, NetworkPolicy
from designer.model.networking import IPBlock, NetworkPolicyPeer, NetworkPolicyPort

# A finding: field path, what the API server says of it, what to do.
Finding = tuple[str, str, str]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

POLICY_TYPES = ("Ingress", "Egress")
_PORT_NAME = re.compile(r"^(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$")
_LABEL_VALUE = re.compile(r"^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$")
_LABEL_NAME = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$")
_LABEL_PREFIX = re.compile(r"^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$")
_ADDRESS_WITH_ZEROS = re.compile(r"(^|\.)0+(?=\d)")


def parse_cidr(text: str) -> Network | None:
    """The network that a CIDR text means, host bits cleared; None when it is no CIDR.

    Leading zeros of IPv4 octets are read as decimal, as the API server did before it refused them (KEP-4858).
    """
    if "/" not in text or text.rpartition("/")[2] != str(_number(text.rpartition("/")[2])):
        return None
    if ":" not in text:
        text = _ADDRESS_WITH_ZEROS.sub(r"\1", text)
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def is_canonical(text: str) -> bool:
    """Whether a valid CIDR text has neither leading zeros nor host bits (KEP-4858 refuses both in new objects)."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def findings(policy: NetworkPolicy, strict_cidrs: bool) -> tuple[Finding, ...]:
    """Everything that the API server would refuse in `policy`, in order of the fields.

    `strict_cidrs`: the server refuses CIDRs with host bits or leading zeros (1.36 and later, new objects).
    """
    spec = policy.spec
    found = list(selector_findings(spec.podSelector, "spec.podSelector"))
    for index, kind in enumerate(spec.policyTypes):
        if kind not in POLICY_TYPES:
            found.append((f"spec.policyTypes[{index}]", f'"{kind}" is no policy type', "Use Ingress or Egress."))
    if len(spec.policyTypes) > 2:
        found.append(("spec.policyTypes", "may not specify more than two policyTypes", "Keep Ingress and Egress once."))
    for index, rule in enumerate(spec.ingress):
        path = f"spec.ingress[{index}]"
        found += _ports(rule.ports, path)
        found += _peers(rule.from_, f"{path}.from", strict_cidrs)
    for index, out in enumerate(spec.egress):
        path = f"spec.egress[{index}]"
        found += _ports(out.ports, path)
        found += _peers(out.to, f"{path}.to", strict_cidrs)
    return tuple(found)


def _ports(ports: Sequence[NetworkPolicyPort], path: str) -> Iterator[Finding]:
    for index, port in enumerate(ports):
        yield from _port(port, f"{path}.ports[{index}]")


def _port(port: NetworkPolicyPort, path: str) -> Iterator[Finding]:
    if port.protocol is not None and port.protocol not in PROTOCOLS:
        yield f"{path}.protocol", f'"{port.protocol}" is no supported protocol', "Use TCP, UDP or SCTP."
    if isinstance(port.port, int) and not 1 <= port.port <= MAX_PORT:
        yield f"{path}.port", "a port must be between 1 and 65535", "Give a port from 1 to 65535."
    elif isinstance(port.port, str) and not _PORT_NAME.match(port.port):
        yield (
            f"{path}.port",
            f'"{port.port}" is no port name (up to 15 lower-case letters, digits and dashes, at least one letter)',
            "Give a number without quotes, or the name of a container port.",
        )
    if port.endPort is None:
        return
    if port.port is None:
        yield f"{path}.endPort", "may not be specified when `port` is not specified", "Give the first port as `port`."
    elif isinstance(port.port, str):
        yield f"{path}.endPort", "may not be specified when `port` is non-numeric", "Give `port` as a number."
    elif port.endPort < port.port:
        yield f"{path}.endPort", "must be greater than or equal to `port`", "Swap `port` and `endPort`."
    if port.endPort > MAX_PORT:
        yield f"{path}.endPort", "a port must be between 1 and 65535", "Give a port from 1 to 65535."


def _peers(peers: Sequence[NetworkPolicyPeer], path: str, strict_cidrs: bool) -> Iterator[Finding]:
    for index, peer in enumerate(peers):
        here = f"{path}[{index}]"
        selectors = peer.podSelector is not None or peer.namespaceSelector is not None
        if peer.ipBlock is None and not selectors:
            yield (
                here,
                "must specify a peer",
                "Give podSelector, namespaceSelector or ipBlock; drop `from`/`to` for any.",
            )
        if peer.ipBlock is not None and selectors:
            yield (
                here,
                "may not specify both ipBlock and another peer",
                "Make two entries: one with ipBlock, one with selectors.",
            )
        if peer.podSelector is not None:
            yield from selector_findings(peer.podSelector, f"{here}.podSelector")
        if peer.namespaceSelector is not None:
            yield from selector_findings(peer.namespaceSelector, f"{here}.namespaceSelector")
        if peer.ipBlock is not None:
            yield from _block(peer.ipBlock, f"{here}.ipBlock", strict_cidrs)


def _block(block: IPBlock, path: str, strict_cidrs: bool) -> Iterator[Finding]:
    outer = parse_cidr(block.cidr)
    yield from _cidr(block.cidr, outer, f"{path}.cidr", strict_cidrs)
    for index, text in enumerate(block.except_):
        here = f"{path}.except[{index}]"
        inner = parse_cidr(text)
        yield from _cidr(text, inner, here, strict_cidrs)
        if outer is None or inner is None:
            continue
        inside = inner.version == outer.version and inner.network_address in outer
        if not inside or inner.prefixlen <= outer.prefixlen:
            yield here, "must be a strict subset of `cidr`", f"Name a part of {block.cidr}, or remove it."


def _cidr(text: str, network: Network | None, path: str, strict_cidrs: bool) -> Iterator[Finding]:
    if network is None:
        yield path, f'"{text}" is not a valid CIDR', "Write it like 10.1.2.0/24 or 2001:db8::/64."
    elif strict_cidrs and not is_canonical(text):
        yield path, f'"{text}" has host bits or leading zeros, refused since 1.36', f"Write {network}."


def selector_findings(selector: LabelSelector, path: str) -> Iterator[Finding]:
    """What is wrong with keys, values and operators of a label selector (apimachinery, ValidateLabelSelector)."""
    for key, value in selector.matchLabels.items():
        yield from _key(key, f"{path}.matchLabels")
        if not _LABEL_VALUE.match(value):
            yield (
                f"{path}.matchLabels",
                f'"{value}" is no label value',
                "Use letters, digits, dots, dashes, underscores.",
            )
    for index, requirement in enumerate(selector.matchExpressions):
        here = f"{path}.matchExpressions[{index}]"
        yield from _key(requirement.key, f"{here}.key")
        if requirement.operator in ("In", "NotIn"):
            if not requirement.values:
                yield f"{here}.values", "must be specified when `operator` is In or NotIn", "List at least one value."
        elif requirement.operator in ("Exists", "DoesNotExist"):
            if requirement.values:
                yield (
                    f"{here}.values",
                    "may not be specified when `operator` is Exists or DoesNotExist",
                    "Remove the values, or use In or NotIn.",
                )
        else:
            yield (
                f"{here}.operator",
                f'"{requirement.operator}" is no operator',
                "Use In, NotIn, Exists or DoesNotExist.",
            )


def _key(key: str, path: str) -> Iterator[Finding]:
    prefix, slash, name = key.rpartition("/")
    if not _LABEL_NAME.match(name) or (slash and not _LABEL_PREFIX.match(prefix)):
        yield path, f'"{key}" is no label key', "Write it like app or example.com/app."
