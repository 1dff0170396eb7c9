"""What to change so that a connection becomes possible or impossible: as text, JSON, YAML, and rows for a dialog."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from designer.engine.reach import ChangedLine
from designer.engine.repair import Isolation, Proposal, Repair, Said, Step
from designer.manifests import to_yaml
from designer.present.connectivity_why import ports_value
from designer.present.problem_rows import problem_json, problem_text
from designer.present.words import count_text, ended

GONE, COME, SAME = "-", "+", " "
# How much of what stays is shown around a change.
AROUND: Final = 3
NOT_ISOLATED: Final = "No policy isolates the destination, so others reach it too."


def headline(found: Repair) -> str:
    """The answer in one sentence."""
    if found.problems:
        return ended(found.problems[0].title)
    pair = f"{found.source} {'can reach' if found.wanted == 'possible' else 'cannot reach'} {found.destination}"
    if found.already:
        return f"{pair} already: nothing needs to change."
    if found.best is None:
        return f"No change of policies makes it so that {pair}."
    return f"{pair} when {count_text(len(found.best.steps), 'policy changes', 'policies change')}."


def outcome(option: Proposal) -> str:
    """What else an option changes, in one sentence."""
    if option.exact:
        return "Nothing else changes."
    return f"{count_text(len(option.beside), 'other connection changes', 'other connections change')} too."


def option_title(option: Proposal) -> str:
    """What an option does, short enough for a list: its steps."""
    return ", ".join(step.text for step in option.steps)


def line_rows(lines: Sequence[ChangedLine]) -> tuple[tuple[str, str, str, str, str], ...]:
    """Change, source, destination, ports before and after, of each line."""
    return tuple((_word(one), one.src, one.dst, one.before.text(), one.after.text()) for one in lines)


def _word(line: ChangedLine) -> str:
    if line.unclear:
        return "? cannot tell"
    if not line.before:
        return "+ opened"
    return "− closed" if not line.after else "± ports"


Opcodes = list[tuple[str, int, int, int, int]]


def step_lines(step: Step, around: int | None = AROUND) -> tuple[tuple[str, str], ...]:
    """The YAML of a policy before and after it, as (sign, line); of what stays, `around` lines at each change."""
    before, after = (to_yaml(one).splitlines() if one is not None else [] for one in (step.before, step.after))
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    whole: Opcodes = [(*code,) for code in matcher.get_opcodes()]
    groups: list[Opcodes] = [whole] if around is None else [[*one] for one in matcher.get_grouped_opcodes(around)]
    found: list[tuple[str, str]] = []
    for number, group in enumerate(groups):
        if around is not None and number:
            found.append((SAME, "…"))
        for tag, i, j, k, m in group:
            if tag == "equal":
                found += [(SAME, line) for line in before[i:j]]
                continue
            found += [(GONE, line) for line in before[i:j]]
            found += [(COME, line) for line in after[k:m]]
    return tuple(found)


def repair_text(found: Repair) -> str:
    """The whole answer for a terminal."""
    lines = [headline(found)]
    lines += [f"  {problem_text(problem)}" for problem in found.problems]
    lines += [f"  {ended(reason)}" for reason in found.reasons]
    if not found.options:
        lines += [f"  {said.what}: {said.before}" for said in found.now]
    for number, option in enumerate(found.options):
        lines += ["", *_option_lines(option, number, len(found.options))]
    if found.only is not None:
        lines += ["", f"{NOT_ISOLATED} {found.only.title}:", *_option_lines(found.only, 0, 1)]
    return "\n".join(lines)


def _option_lines(option: Proposal, number: int, count: int) -> list[str]:
    which = f"Option {number + 1} of {count}: " if count > 1 else ""
    lines = [f"{which}{option_title(option)}. {outcome(option)}"]
    for step in option.steps:
        lines += [f"  {step.text}", f"    {step.why}"]
        lines += [f"    {sign} {line}" for sign, line in step_lines(step)]
    lines.append("  Proof")
    for said in option.proof:
        lines += [f"    {said.what}", f"      before: {said.before}", f"      after:  {said.after}"]
    if option.beside:
        lines.append("  Other connections that change")
        lines += [f"    {word}: {src} => {dst} : {a} → {b}" for word, src, dst, a, b in line_rows(option.beside)]
    lines += [f"  Note: {note}" for note in option.notes]
    return lines


def repair_yaml(found: Repair) -> str:
    """The policies of the best option as they become, ready for ``kubectl apply -f -``; what goes is a comment."""
    option = found.best
    if option is None:
        return "".join(f"# {line.strip()}\n" for line in repair_text(found).splitlines() if line.strip())
    parts = []
    for step in option.steps:
        if step.after is None:
            parts.append(f"# {step.text}\n")
        else:
            parts.append(f"# {step.text}: {step.why}\n{to_yaml(step.after)}")
    return "---\n".join(parts)


def repair_json(found: Repair) -> dict[str, Any]:
    """See ``resources/schemas/repair.schema.json``."""
    return {
        "wanted": found.wanted,
        "source": found.source,
        "destination": found.destination,
        "already": found.already,
        "summary": headline(found),
        "reasons": list(found.reasons),
        "problems": [problem_json(problem) for problem in found.problems],
        "now": [{"what": said.what, "said": said.before} for said in found.now],
        "options": [_option_json(option) for option in found.options],
        "only": None if found.only is None else _option_json(found.only),
    }


def _option_json(option: Proposal) -> dict[str, Any]:
    return {
        "title": option.title,
        "exact": option.exact,
        "steps": [
            {"action": s.verb, "object": s.id, "why": s.why, "before": s.before, "after": s.after} for s in option.steps
        ],
        "proof": [{"what": said.what, "before": said.before, "after": said.after} for said in option.proof],
        "changes": [_line_json(line) for line in option.wanted],
        "others": [_line_json(line) for line in option.beside],
        "notes": list(option.notes),
    }


def _line_json(line: ChangedLine) -> dict[str, Any]:
    ports = {"before": ports_value(line.before), "after": ports_value(line.after)}
    return {"src": line.src, "dst": line.dst, **ports, **({"unclear": True} if line.unclear else {})}


def proof_rows(option: Proposal | None, now: Sequence[Said]) -> tuple[tuple[str, str, str], ...]:
    """What was asked, and the answer before and after."""
    return tuple((said.what, said.before, said.after) for said in (option.proof if option is not None else now))


def isolation_summary(found: Isolation) -> str:
    """What default deny closes, in one sentence."""
    if not found.edit.ok:
        return " ".join(f"{problem.title}. {problem.fix}" for problem in found.edit.problems)
    closed = sum(not line.after and not line.unclear for line in found.closes)
    unclear = sum(line.unclear for line in found.closes)
    changed = len(found.closes) - closed - unclear
    if not found.closes:
        return "No connection of the project closes."
    more = f", {changed} keep fewer ports" if changed else ""
    more += f"; about {unclear} it cannot be told" if unclear else ""
    return f"{count_text(closed, 'connection closes', 'connections close')}{more}."
