"""A migration to Gateway API in words: what was converted, what was lost, and whether the rest does the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from designer.engine.l7.asked import Asked
from designer.engine.l7.outcome import Answer
from designer.engine.migration import Comparison, Difference, Loss, Migration, Undecided
from designer.manifests.writer import to_yaml
from designer.present.words import count_text, object_text

# Differences and open requests that a text shows before it only counts.
SHOWN = 20


def request_text(asked: Asked) -> str:
    """``GET http://shop.example.com/cart`` with the headers that matter."""
    headers = "".join(f" [{name}: {value}]" for name, value in asked.headers.items())
    return f"{asked.method} {asked.url()}{headers}"


def doing_text(answer: Answer) -> str:
    """What an answer does, in a few words: ``200 shop/cart (/new)``, ``301 to https://…``, ``404``."""
    if answer.undecided:
        return "cannot tell"
    if answer.redirect:
        return f"{answer.status} to {answer.redirect}"
    if answer.backends:
        shares = [
            name if share == 1 else f"{name} {share.numerator}/{share.denominator}"
            for name, share in answer.backends.items()
        ]
        sent = f" as {answer.forwarded.url}" if answer.forwarded is not None else ""
        return f"{answer.status} {', '.join(shares)}{sent}"
    return str(answer.status) if answer.status else "no connection"


def loss_rows(losses: Sequence[Loss]) -> list[tuple[str, str, str, str]]:
    """Object, field, why and what to do of every loss."""
    return [(object_text(loss.object), loss.field, loss.why, loss.fix) for loss in losses]


def difference_rows(found: Comparison) -> list[tuple[str, str, str, str]]:
    """Request, what the old does, what the new does, and what it may come of."""
    return [
        (request_text(one.asked), doing_text(one.old), doing_text(one.new), _because(one)) for one in found.differences
    ]


def difference_told(one: Difference, sides: tuple[str, str]) -> str:
    """A difference in full, a line each: the request, what both `sides` do and why, what it may come of."""
    lines = [request_text(one.asked)]
    for side, answer in zip(sides, (one.old, one.new), strict=True):
        lines.append(f"{side}: {doing_text(answer)}. {answer.reason}")
    because = _because(one)
    return "\n".join([*lines, f"Because: {because}"] if because else lines)


def _because(one: Difference) -> str:
    return "; ".join(f"{object_text(loss.object)} {loss.field}: {loss.why}" for loss in one.because)


def outcome_text(found: Comparison) -> str:
    """The result of a comparison in one sentence."""
    counted = count_text(found.compared, "request")
    if found.proven:
        return f"The same: {counted} stand for all that the rules tell apart, and each is answered alike."
    parts = []
    if found.differences:
        parts.append(f"{count_text(len(found.differences), 'request')} of {found.compared} are answered otherwise")
    if found.undecided:
        parts.append(f"about {count_text(len(found.undecided), 'request')} of {found.compared} one side cannot tell")
    words = "; ".join(parts)
    return f"{'Not the same' if found.differences else 'No difference found, but not proven'}: {words}."


def comparison_text(found: Comparison) -> str:
    """A comparison as text: each sort of difference with a counter-example, what is open, the outcome."""
    lines = []
    alike: dict[tuple[str, ...], list[Difference]] = {}
    for difference in found.differences:
        sort = (difference.asked.host, str(difference.old.status), str(difference.new.status), _because(difference))
        alike.setdefault(sort, []).append(difference)
    for number, sorts in enumerate(alike.values(), start=1):
        if number > SHOWN:
            lines.append(f"… and {len(alike) - SHOWN} sorts of differences more (--output json lists them all).")
            break
        first, more = sorts[0], len(sorts) - 1
        lines += [f"Difference {number}: {request_text(first.asked)}"]
        lines += [f"  old: {doing_text(first.old)}", f"  new: {doing_text(first.new)}"]
        lines += [f"  because: {_because(first)}"] if _because(first) else []
        lines += [f"  {count_text(more, 'request')} more of this sort"] if more else []
    reasons: dict[str, list[Undecided]] = {}
    for one in found.undecided:
        reasons.setdefault(f"{one.side}: {one.reason}", []).append(one)
    for place, (reason, ones) in enumerate(reasons.items()):
        if place >= SHOWN:
            lines.append(f"… and {len(reasons) - SHOWN} more reasons why requests are open.")
            break
        lines.append(f"Open: {count_text(len(ones), 'request')}, such as {request_text(ones[0].asked)}")
        lines.append(f"  {reason}")
    return "\n".join([*lines, *([""] if lines else []), outcome_text(found)])


def written_text(found: Migration) -> str:
    """What was written, in one sentence."""
    kinds: dict[str, int] = {}
    for data in found.objects:
        kinds[data["kind"]] = kinds.get(data["kind"], 0) + 1
    made = ", ".join(
        count_text(number, kind, f"{kind}es" if kind.endswith("s") else "") for kind, number in kinds.items()
    )
    made = made or "nothing"
    paths = count_text(found.rules, "path")
    return f"{count_text(found.ingresses, 'Ingress', 'Ingresses')} with {paths} became {made}."


def manifest_text(found: Migration, objects: Iterable[dict[str, Any]] | None = None) -> str:
    """The manifests (or some of them) as one YAML text; a comment at each route says of which Ingresses it comes."""
    listed = found.objects if objects is None else objects
    return "---\n".join(f"{_origin(found, data)}{to_yaml(data)}" for data in listed)


def _origin(found: Migration, data: dict[str, Any]) -> str:
    metadata = data["metadata"]
    names = [oid.partition(":")[2] for oid in found.origins.get((metadata.get("namespace", ""), metadata["name"]), ())]
    if data["kind"] != "HTTPRoute" or not names:
        return ""
    return f"# Of {'Ingress' if len(names) == 1 else 'Ingresses'} {', '.join(names)}.\n"


def manifest_files(found: Migration) -> tuple[tuple[str, str], ...]:
    """File name and text: one file for each kind and Namespace."""
    files: dict[str, list[dict[str, Any]]] = {}
    for data in found.objects:
        space = data["metadata"].get("namespace")
        name = f"{space}-{data['kind'].lower()}.yaml" if space else f"{data['kind'].lower()}.yaml"
        files.setdefault(name, []).append(data)
    return tuple((name, manifest_text(found, listed)) for name, listed in files.items())


def open_rows(found: Comparison) -> list[tuple[str, str, str]]:
    """Request, side and reason of what is open."""
    return [(request_text(one.asked), one.side, one.reason) for one in found.undecided]


def migration_text(found: Migration, comparison: Comparison) -> str:
    """A migration as text: what was taken for granted, what was written, the losses, the proof."""
    lines = [written_text(found)]
    lines += [f"Taken for granted: {note}" for note in found.notes]
    if found.losses:
        lines += ["", f"Not carried over ({len(found.losses)}):"]
        for place, field, why, fix in loss_rows(found.losses):
            lines += [f"  {place} {field}", f"    {why}.", f"    {fix}"]
    return "\n".join([*lines, "", "Held against the Ingresses:", comparison_text(comparison)])


def loss_json(loss: Loss) -> dict[str, str]:
    """A loss as a JSON value."""
    return {"object": object_text(loss.object), "field": loss.field, "why": loss.why, "fix": loss.fix}


def comparison_json(found: Comparison) -> dict[str, Any]:
    """A comparison as a JSON value; `verdict` is same, different or open."""
    verdict = "same" if found.proven else "different" if found.differences else "open"
    return {
        "verdict": verdict,
        "compared": found.compared,
        "summary": outcome_text(found),
        "differences": [
            {
                **_request_json(one.asked),
                "old": _answer_json(one.old),
                "new": _answer_json(one.new),
                "because": [loss_json(loss) for loss in one.because],
            }
            for one in found.differences
        ],
        "undecided": [{**_request_json(one.asked), "side": one.side, "reason": one.reason} for one in found.undecided],
    }


def _request_json(asked: Asked) -> dict[str, Any]:
    return {"method": asked.method, "url": asked.url(), "headers": dict(asked.headers)}


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "backends": {name: float(share) for name, share in answer.backends.items()},
        "route": answer.route or None,
        "redirect": answer.redirect or None,
        "forwarded": answer.forwarded.url if answer.forwarded is not None else None,
        "reason": answer.reason,
    }


def migration_json(found: Migration, comparison: Comparison) -> dict[str, Any]:
    """A migration as a JSON value: manifests, losses, notes, equivalence."""
    return {
        "manifests": list(found.objects),
        "losses": [loss_json(loss) for loss in found.losses],
        "assumed": list(found.notes),
        "ingresses": found.ingresses,
        "rules": found.rules,
        "equivalence": comparison_json(comparison),
    }
