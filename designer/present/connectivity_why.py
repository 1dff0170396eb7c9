"""Why a pair may talk or not, and what a workload takes of workloads that are not there: as text, tables and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from designer.engine.policy.ports import PortSet
from designer.engine.reach import End, Explanation, Exposed, Exposure

WHY_HEADER = (
    "source", "destination", "protocol", "from", "to", "allowed",
    "egress", "egress policies", "ingress", "ingress policies",
)  # fmt: skip
DEFAULTS = {"egress": "no policy isolates the source", "ingress": "no policy isolates the destination"}


WORDS = {True: "allowed", False: "denied", None: "cannot tell"}
ANSWERS = {True: "true", False: "false", None: "cannot tell"}
VERDICTS = {"allow": "allowed by", "deny": "denied by"}


def explained_text(why: Iterator[Explanation]) -> Iterator[str]:
    """A paragraph each: the pair with its ports, and what both ends say, with file and line."""
    yield "\nWhy:\n"
    for one in why:
        lines = [f"{one.src} => {one.dst} : {one.ports.text()} {WORDS[one.allowed]}"]
        for title, end in (("egress", one.egress), ("ingress", one.ingress)):
            lines.append(f"    {title}: {end_text(title, end)}")
        yield "\n".join(lines) + "\n"


def end_text(title: str, end: End) -> str:
    """``allowed by NetworkPolicy shop/api (api.yaml:12)``, ``denied by …``, ``open by default: …``."""
    if end.verdict == "default":
        return f"open by default: {DEFAULTS[title]}, or nothing enforces it there"
    if end.verdict == "cannot-tell":
        return f"cannot tell: {end.reason.removesuffix('.')}"
    places = ", ".join(f"{file}:{line}" if line else file for file, line in end.places)
    before = f"passed on by {', '.join(end.passed)}, then " if end.passed else ""
    return f"{before}{VERDICTS[end.verdict]} {', '.join(end.policies) or 'policies'}{f' ({places})' if places else ''}"


def explained_markdown(why: Iterator[Explanation]) -> Iterator[str]:
    """A table under a heading of its own."""
    yield "\n## Why\n\n| source | destination | ports | | egress | ingress |\n|---|---|---|---|---|---|\n"
    for one in why:
        word = WORDS[one.allowed]
        ends = f"{_short(one.egress)} | {_short(one.ingress)}"
        yield f"| {cell(one.src)} | {cell(one.dst)} | {one.ports.text()} | {word} | {ends} |\n"


def explained_csv(why: Iterator[Explanation]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of CSV, the header first; policies of one end stand in one field with ``; `` between them."""
    yield [WHY_HEADER]
    for one in why:
        ends = [text for end in (one.egress, one.ingress) for text in (end.verdict, "; ".join(end.named))]
        yield [
            (one.src, one.dst, protocol, low, high, ANSWERS[one.allowed], *ends) for protocol, low, high in one.ports
        ]


def explained_json(one: Explanation) -> dict[str, Any]:
    """``{"src", "dst", "ports", "allowed", "egress": {"verdict", "policies"}, "ingress": {…}}``, of what is told."""
    return {
        "src": one.src,
        "dst": one.dst,
        "ports": ports_value(one.ports),
        "allowed": one.allowed,
        "egress": {"verdict": one.egress.verdict, "policies": list(one.egress.named)},
        "ingress": {"verdict": one.ingress.verdict, "policies": list(one.ingress.named)},
    }


def exposed_text(exposure: Iterator[Exposure]) -> Iterator[str]:
    """What each workload takes from or sends to workloads that are not in the input."""
    yield "\nExposure to workloads that are not in the input:\n"
    for one in exposure:
        way, word = ("from", "takes") if one.direction == "ingress" else ("to", "may send")
        yield f"{one.workload} {one.direction}{'' if one.protected else ' (no policy decides)'}\n"
        for peer in one.peers:
            yield f"    {word} {_exposed(peer)} {way} {peer.peer}\n"


def exposed_markdown(exposure: Iterator[Exposure]) -> Iterator[str]:
    """A table under a heading of its own."""
    yield "\n## Exposure to workloads that are not in the input\n\n"
    yield "| workload | direction | protected | peer | ports |\n|---|---|---|---|---|\n"
    for one in exposure:
        for peer in one.peers:
            start = f"| {cell(one.workload)} | {one.direction} | {'yes' if one.protected else 'no'}"
            yield f"{start} | {cell(peer.peer)} | {_exposed(peer)} |\n"


def exposed_json(one: Exposure) -> dict[str, Any]:
    """``{"workload", "direction", "protected", "peers": [{"peer", "ports", "namedPorts"}]}``.

    A peer has ``undecided`` (ports) and ``namedPortsClosed`` besides where there is something.
    """
    peers = []
    for peer in one.peers:
        told = {"peer": peer.peer, "ports": ports_value(peer.ports), "namedPorts": list(peer.names)}
        unsure = {"undecided": ports_value(peer.unsure)} if peer.unsure else {}
        peers.append({**told, **unsure, **({"namedPortsClosed": list(peer.closed)} if peer.closed else {})})
    return {"workload": one.workload, "direction": one.direction, "protected": one.protected, "peers": peers}


def _exposed(peer: Exposed) -> str:
    parts = [peer.ports.text()] if peer.ports else []
    parts += [f"its port {name}" for name in peer.names]
    text = ", ".join(parts) or "nothing"
    if peer.closed:
        text += f" but not its port {' and '.join(peer.closed)}"
    return f"{text} (cannot tell: {peer.unsure.text()})" if peer.unsure else text


def _short(end: End) -> str:
    return "default" if end.verdict == "default" else f"{end.verdict}: {', '.join(end.named)}"


def ports_value(ports: PortSet) -> list[dict[str, Any]]:
    """``[{"protocol": "TCP", "from": 80, "to": 80}]``."""
    return [{"protocol": protocol, "from": low, "to": high} for protocol, low, high in ports]


def cell(text: str) -> str:
    """A text that stands in a Markdown table as it is."""
    return text.replace("|", "\\|")
