"""The command addresses: what is used, reserved and free of every range, and what runs out first."""

from __future__ import annotations

from argparse import Namespace

from designer.cli.commands import hides_objects, open_and_say, say_refused
from designer.cli.opening import compiled
from designer.cli.output import ANSWERED, UNUSABLE, complain, say, say_json, say_pieces
from designer.present.address_rows import addresses_csv
from designer.present.room_rows import room_json, room_text


def run_addresses(args: Namespace) -> int:
    """Print ranges and forecast, with csv every address; status 2 where a part of the input could not be read."""
    opened = open_and_say([args.path])
    if opened.project is None:
        return UNUSABLE
    state = compiled(opened.project)
    say_refused(opened, state)
    match args.output:
        case "json":
            say_json(room_json(state))
        case "csv":
            say_pieces((addresses_csv(state),))
        case _:
            say(room_text(state))
    if hides_objects(opened):
        complain("A part of the input could not be read (above): more may be used than is counted here.")
        return UNUSABLE
    return ANSWERED
