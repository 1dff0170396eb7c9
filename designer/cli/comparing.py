"""The command compare: two clusters, or one with other settings, and what differs between them."""

from __future__ import annotations

from argparse import Namespace

from designer.cli.commands import hides_objects, open_and_say
from designer.cli.opening import compiled
from designer.cli.output import ANSWERED, FAILED, UNUSABLE, complain, say, say_json, say_problems
from designer.edits.settings import use_settings
from designer.engine.comparison import compare, usual_requests
from designer.present.comparison_rows import comparison_json, comparison_text


def run_compare(args: Namespace) -> int:
    """Print what differs; with ``--expect same-verdicts`` status 1 when a request that both know ends otherwise."""
    if args.other == "-" and args.path == "-":
        complain("Standard input can be read once only: give the other cluster as a file or a folder.")
        return UNUSABLE
    first = open_and_say([args.path])
    second = open_and_say([args.other]) if args.other is not None else first
    if first.project is None or second.project is None:
        return UNUSABLE
    plugin, _, backend = args.cni.partition(".")
    edit = use_settings(second.project, plugin, backend, args.mode)
    if not edit.ok:
        say_problems(edit.problems)
        return UNUSABLE
    if edit.project is first.project:
        complain("There is nothing to compare: give a second PATH, --cni or --mode with another value.")
        return UNUSABLE
    before, after = compiled(first.project), compiled(edit.project)
    found = compare(before, after, tuple(dict.fromkeys((*usual_requests(before), *usual_requests(after)))))
    if args.output == "json":
        say_json(comparison_json(found))
    else:
        say(comparison_text(found))
    if not args.expect:
        return ANSWERED
    if found.verdicts_changed:
        return FAILED
    if hides_objects(first) or hides_objects(second):
        complain("Same verdicts: not sure, because a part of the input could not be read (above).")
        return UNUSABLE
    return ANSWERED
