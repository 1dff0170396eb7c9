"""The command connectivity: who can reach whom in the whole cluster, why, and what a change opens or closes."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from designer.cli.commands import TOLD
from designer.cli.opening import compiled, open_paths
from designer.cli.output import ANSWERED, UNUSABLE, complain, say, say_json, say_pieces, say_problems
from designer.engine.checks.unknownfields import fields_unknown
from designer.engine.compile import ClusterState
from designer.engine.reach import Reach, explanations, exposures, reach, reach_change, undecided
from designer.model import Problem
from designer.model.policykinds import POLICY_KINDS as KEPT_KINDS
from designer.present.connectivity_change import (
    change_csv,
    change_dot,
    change_json,
    change_markdown,
    change_text,
)
from designer.present.connectivity_pictures import connectivity_dot, connectivity_svg
from designer.present.connectivity_rows import (
    connectivity_csv,
    connectivity_json,
    connectivity_markdown,
    connectivity_text,
    explanations_csv,
)
from designer.session.staged import state_when_enforced

# Kinds whose objects say who may reach whom: one that the API server refuses makes every line doubtful.
POLICY_KINDS = frozenset(("NetworkPolicy",)).union(*KEPT_KINDS.values())
# Forms that have no place for what is left open; it is said on standard error.
WITHOUT_NOTES = ("json", "csv", "dot", "svg")
# What each form of the answer can hold besides the lines.
EXPLAINED = ("text", "json", "csv", "md")
EXPOSED = ("text", "json", "md")
DIFFED = ("text", "json", "csv", "md", "dot")
# Whether a Node takes a Pod, and which address it gets, is no matter of who may reach whom.
BESIDE = ("SCH-", "IPAM-")


def run_connectivity(args: Namespace) -> int:
    """Print who can reach whom; status 2 when a policy is invalid, or nothing could be read."""
    wrong = usage_error(args)
    if wrong:
        complain(wrong)
        return UNUSABLE
    if args.diff:
        return run_difference(args)
    found = answer_of(args.path, args, enforcing=args.staged)
    if found is None:
        return UNUSABLE
    if args.focus is not None:
        chosen = found.focused(args.focus)
        if chosen is None:
            names = [peer.text for peer in found.matrix.peers if not peer.is_range]
            more = f" and {len(names) - 20} more" if len(names) > 20 else ""
            complain(f"--focus {args.focus}: there is no such workload. There are: {', '.join(names[:20])}{more}.")
            return UNUSABLE
        found = chosen
    if args.output in WITHOUT_NOTES:
        for note in found.notes:
            complain(f"note: {note}")
    if args.output == "csv" and not args.explain and (unsure := sum(1 for _ in undecided(found))):
        complain(f"note: {unsure} lines cannot be told and are left out; --output text lists them with the reasons.")
    say_pieces(pieces_of(found, args))
    return ANSWERED


def usage_error(args: Namespace) -> str:
    """What is wrong with the combination of options, "" where nothing is."""
    if bool(args.diff) == (args.path is not None):
        return "Give one PATH, or --diff OLD NEW."
    if args.diff:
        if args.explain or args.exposure or args.focus is not None:
            return "--diff compares all lines: leave out --explain, --exposure and --focus."
        if args.diff == ["-", "-"]:
            return "--diff - -: standard input can be read once only; give the other input as a file or a folder."
        if args.output not in DIFFED:
            return f"--diff: choose --output {', '.join(DIFFED)}."
    if args.explain and args.output not in EXPLAINED:
        return f"--explain: choose --output {', '.join(EXPLAINED)}."
    if args.exposure and args.output not in EXPOSED:
        return f"--exposure: choose --output {', '.join(EXPOSED)}."
    return ""


def answer_of(path: str, args: Namespace, *, enforcing: bool = False) -> Reach | None:
    """Who can reach whom in one input; None, after saying why, when it cannot be answered.

    With `enforcing` its staged policies count as enforced.

    A document that cannot be read is said and skipped. A policy that the API server refuses is an error: what it was
    meant to do would be missing from every line.
    """
    opened = open_paths([path])
    problems = [p for p in opened.problems if not p.code.startswith(BESIDE)]
    say_problems(p for p in problems if p.severity == "error" or (p.severity == "warning" and p.code in TOLD))
    if opened.project is None:
        complain(f"Nothing could be read from {path}.")
        return None
    state = compiled(opened.project)
    said = {(problem.code, problem.object, problem.field) for problem in problems}
    invalid = invalid_policies((*problems, *state.problems))
    say_problems(p for p in invalid if (p.code, p.object, p.field) not in said)
    if invalid:
        complain("Correct the policies above: nobody can say who reaches whom while the API server refuses them.")
        return None
    say_problems(p for p in fields_unknown(state) if kind_of(p.object) in POLICY_KINDS)
    if taken := taken_for_granted(state):
        complain(f"note: {taken}")
    then = state_when_enforced(state) if enforcing else None
    return reach(state if then is None else then, args.ipblock)


def taken_for_granted(state: ClusterState) -> str:
    """That policies are enforced, where the input has some and does not say by whom; "" where that is not assumed."""
    policies, enforcement = state.policies, state.policies.enforcement
    if "setting:cni" not in state.project.cluster.assumed or not (policies.policies or policies.tiers):
        return ""
    if not (enforcement.ingress or enforcement.egress):
        return ""
    return f"the input does not say what enforces its policies; {enforcement.engine} is taken for granted."


def invalid_policies(problems: tuple[Problem, ...]) -> list[Problem]:
    """The errors among problems that are about policies."""
    return [p for p in dict.fromkeys(problems) if p.severity == "error" and kind_of(p.object) in POLICY_KINDS]


def kind_of(oid: str) -> str:
    """The kind in an object id, also of one that the program only keeps (``api/v1/Kind:ns/name``)."""
    return oid.partition(":")[0].rpartition("/")[2]


def pieces_of(found: Reach, args: Namespace) -> Iterator[str]:
    """The answer in the form that was asked for."""
    why = explanations(found) if args.explain else None
    exposure = exposures(found) if args.exposure else None
    match args.output:
        case "json":
            return connectivity_json(found, why, exposure)
        case "csv":
            return connectivity_csv(found) if why is None else explanations_csv(why)
        case "md":
            return connectivity_markdown(found, why, exposure)
        case "dot":
            return connectivity_dot(found)
        case "svg":
            return connectivity_svg(found)
    return connectivity_text(found, why, exposure)


def run_difference(args: Namespace) -> int:
    """Print what is opened, closed and changed in ports between two inputs."""
    # With --staged the second side is the one in which they are enforced.
    sides = [answer_of(args.diff[0], args), answer_of(args.diff[1], args, enforcing=args.staged)]
    if sides[0] is None or sides[1] is None:
        return UNUSABLE
    change = reach_change(sides[0], sides[1])
    match args.output:
        case "json":
            say_json(change_json(change))
        case "csv":
            say(change_csv(change))
        case "md":
            say(change_markdown(change))
        case "dot":
            say(change_dot(change))
        case _:
            say(change_text(change))
    return ANSWERED
