"""Answers of Gateways and Ingress controllers as text and as JSON, with conditions and listeners of Gateway API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from designer.engine.l7.gateway import Condition, GatewayTable
from designer.engine.l7.outcome import Answer, Forwarded

# What a person asked for by its id, which may be of any JSON type, and the answer.
Answered = tuple[Any, Answer]


def number(value: Fraction) -> int | float:
    """A share as a JSON number: whole where it is whole, else the nearest one with a point."""
    return value.numerator if value.denominator == 1 else float(value)


def said(answer: Answer) -> str:
    """Why the answer is what it is, and what the client sees besides."""
    return f"{answer.reason} {answer.beside}".rstrip()


def answer_json(request: Any, answer: Answer) -> dict[str, Any]:
    """One answer; null where there is nothing to say. Only a gRPC call has ``grpcStatus``."""
    found: dict[str, Any] = {
        "id": request,
        "status": answer.status,
        "backend": answer.backend or None,
        "backends": {service: number(share) for service, share in answer.backends.items()},
        "route": answer.route or None,
        "redirect": answer.redirect or None,
        "forwarded": None if answer.forwarded is None else _forwarded(answer.forwarded),
        "responseHeaders": dict(answer.response_headers),
        "mirrors": [{"backend": one.backend, "percent": number(one.percent)} for one in answer.mirrors],
        "forwardedByBackend": {service: _forwarded(one) for service, one in answer.by_backend.items()},
        "endpoints": answer.endpoints,
        "reason": said(answer),
    }
    if answer.grpc is not None:
        found["grpcStatus"] = answer.grpc
    return found


def _forwarded(one: Forwarded) -> dict[str, Any]:
    return {"method": one.method, "url": one.url, "headers": dict(one.headers)}


def condition_json(one: Condition) -> dict[str, Any]:
    """One condition."""
    return {
        "object": one.object,
        "type": one.type,
        "status": one.status,
        "reason": one.reason,
        "listener": one.listener or None,
        "parent": one.parent or None,
        "message": one.message,
    }


def routes_json(answers: Iterable[Answered], table: GatewayTable) -> dict[str, Any]:
    """All answers, and what objects' status would say; see ``resources/schemas/route.schema.json``."""
    return {
        "results": [answer_json(*answered) for answered in answers],
        "conditions": [condition_json(one) for one in table.conditions],
        "listeners": [
            {
                "object": one.object,
                "listener": one.listener,
                "attachedRoutes": one.attached,
                "supportedKinds": list(one.kinds),
            }
            for one in table.listeners
        ],
    }


def routes_text(answers: Sequence[Answered], table: GatewayTable) -> str:
    """All answers, one below the other, then the conditions that are not as they should be."""
    lines: list[str] = []
    for request, answer in answers:
        called = request if isinstance(request, str) else json.dumps(request)
        lines += [f"{called}: {outcome(answer)}", f"  {said(answer)}", *_details(answer)]
    bad = [one for one in table.conditions if is_bad(one)]
    if bad:
        lines += ["", "Conditions that need attention:"]
        lines += [f"  {condition_text(one)}" for one in bad]
    return "\n".join(lines) if lines else "No requests."


def outcome(answer: Answer) -> str:
    """The answer in a few words: ``200 from shop/cart (2 endpoints)``, ``302 to https://…``, ``cannot tell``."""
    if answer.undecided:
        return "cannot tell"
    shown = str(answer.status) if answer.status else "no HTTP answer"
    if answer.redirect:
        return f"{shown} to {answer.redirect}"
    if answer.grpc is not None:
        shown += f", gRPC status {answer.grpc}"
    if not answer.backends:
        return shown
    parts = [
        service if share == 1 else f"{service} ({share.numerator}/{share.denominator})"
        for service, share in answer.backends.items()
    ]
    plural = "endpoint" if answer.endpoints == 1 else "endpoints"
    whence = f"{', '.join(parts)} ({answer.endpoints} {plural})"
    return f"{shown} from {whence}" if answer.status else f"connected to {whence}"


def _details(answer: Answer) -> list[str]:
    """What a filter changes, where one does."""
    lines = []
    if answer.forwarded is not None:
        lines.append(f"  goes on as {answer.forwarded.method} {answer.forwarded.url}{_shown(answer.forwarded.headers)}")
    if answer.response_headers:
        lines.append(f"  answers{_shown(answer.response_headers)}")
    for one in answer.mirrors:
        lines.append(f"  mirrored to {one.backend}: {number(one.percent)} % of requests")
    for service, forwarded in answer.by_backend.items():
        lines.append(f"  to {service}: {forwarded.url}{_shown(forwarded.headers)}")
    return lines


def _shown(headers: Mapping[str, str]) -> str:
    return " with " + ", ".join(f"{name}: {value}" for name, value in headers.items()) if headers else ""


def is_bad(one: Condition) -> bool:
    """Whether a condition is one to look at: False where True is good, True where False is good."""
    negative = ("Conflicted", "PartiallyInvalid", "OverlappingTLSConfig", "InsecureFrontendValidationMode")
    return one.status == "True" if one.type in negative else one.status != "True"


def condition_text(one: Condition) -> str:
    """``HTTPRoute shop/cart, parent Gateway infra/web: Accepted False (NotAllowedByListeners): …``."""
    where = one.object
    if one.listener:
        where += f", listener {one.listener}"
    if one.parent:
        where += f", parent {one.parent}"
    message = f": {one.message}" if one.message else ""
    return f"{where}: {one.type} {one.status} ({one.reason}){message}"
