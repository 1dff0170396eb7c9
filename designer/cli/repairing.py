"""The command repair: the smallest change of policies that makes a connection possible or impossible."""

from __future__ import annotations

from argparse import Namespace

from designer.cli.commands import hides_objects, open_and_say
from designer.cli.opening import compiled
from designer.cli.output import ANSWERED, FAILED, UNUSABLE, complain, say, say_json
from designer.cli.reaching import invalid_policies
from designer.engine.repair import repair_request
from designer.present.problem_rows import problem_text
from designer.present.repair_rows import repair_json, repair_text, repair_yaml


def run_repair(args: Namespace) -> int:
    """Print the proposal; status 1 where policies cannot make it so, 2 where the question was not understood."""
    opened = open_and_say([args.path])
    if opened.project is None:
        return UNUSABLE
    state = compiled(opened.project)
    invalid = invalid_policies((*opened.problems, *state.problems))
    if invalid:
        for problem in invalid:
            complain(problem_text(problem))
        complain("Correct the policies above: what to change cannot be said while the API server refuses them.")
        return UNUSABLE
    found = repair_request(state, args.source, args.destination, args.make, args.protocol.upper())
    if found.problems:
        for problem in found.problems:
            complain(problem_text(problem))
        return UNUSABLE
    match args.output:
        case "json":
            say_json(repair_json(found))
        case "yaml":
            say(repair_yaml(found))
        case _:
            say(repair_text(found))
    if hides_objects(opened):
        complain("A part of the input could not be read (above): a policy in it may say otherwise.")
        return UNUSABLE
    return ANSWERED if found.already or found.options else FAILED
