"""Large steps of the session, worked out in a thread while the window waits: it then only takes what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from designer.edits.edit import Edit
from designer.ui.app.busy import while_waiting, while_watched
from designer.ui.app.opening import Prepared, is_much, merge_prepared, prepare
from designer.ui.canvas.layout_memory import remembering

if TYPE_CHECKING:
    from designer.model import Project
    from designer.ui.app.shell import Shell

WORKING_OUT = "Working out the cluster…"


def expect(shell: Shell, prepared: Prepared | None) -> None:
    """Nothing; the next step of the session is this one: compiler, journal and canvas take what was made of it."""
    if prepared is not None:
        shell.window.compiler.expect(prepared.state, prepared.took_ms)
        shell.bridge.session.encoder.expect(prepared.encoded)
        shell.window.scene.expect(prepared.drawn)


def worked_out(shell: Shell, edit: Edit, brings: Project) -> Edit | None:
    """The edit as the session is to apply it, None when the person cancelled; what `brings` holds says how large it is.

    A small one is left to the session.
    """
    if not edit.ok or not is_much(brings):
        return edit
    worked = while_watched(shell.window, WORKING_OUT, lambda watch: (prepare(edit.project, watch),))
    return None if worked is None else _ready(shell, edit, worked[0])


def merged(shell: Shell, other: Project, label: str) -> Edit | None:
    """The edit that brings `other` into the project, None when the person cancelled."""
    from designer.edits.combine import combine

    project = shell.bridge.project
    if not is_much(other):
        return combine(project, other, label)
    worked = while_watched(shell.window, WORKING_OUT, lambda watch: merge_prepared(project, other, label, watch))
    return None if worked is None else _ready(shell, *worked)


def written_out(shell: Shell) -> Project | None:
    """The project to save now, with where the layout put what nobody placed; None when the person cancelled.

    The bytes of a large one are made while the person waits.
    """
    session = shell.bridge.session
    project = remembering(session.project, shell.window.scene.stock.memory)
    if not is_much(project):
        return project
    encoder = session.encoder.twin()
    encoded = while_waiting(shell.window, "Saving…", lambda: encoder.encoded(project))
    if encoded is None:
        return None
    session.encoder.expect(encoded)
    return project


def _ready(shell: Shell, edit: Edit, prepared: Prepared | None) -> Edit:
    expect(shell, prepared)
    return edit if prepared is None else replace(edit, project=prepared.project)
