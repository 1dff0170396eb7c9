"""The command dns: what a name is for a Pod, every query listed with its answer and who gave it."""

from __future__ import annotations

from argparse import Namespace

from designer.cli.commands import open_and_say, say_refused
from designer.cli.opening import compiled
from designer.cli.output import ANSWERED, UNUSABLE, say, say_json, say_problems
from designer.engine.trace.lookup import look_up
from designer.present.dns_rows import lookup_json, lookup_text


def run_dns(args: Namespace) -> int:
    """Print the lookup of one name; status 2 when the input, the Pod or the name cannot be read."""
    opened = open_and_say([args.path])
    if opened.project is None:
        return UNUSABLE
    state = compiled(opened.project)
    say_refused(opened, state)
    found, problems = look_up(state, args.source, args.name, args.type)
    if found is None:
        say_problems(problems)
        return UNUSABLE
    if args.output == "json":
        say_json(lookup_json(found))
    else:
        say(lookup_text(found))
    return ANSWERED
