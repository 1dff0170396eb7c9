"""Notes on the canvas: added, written, shaped, and refused where there is none."""

from __future__ import annotations

from designer.edits.arrange import place
from designer.edits.notes import add_note, shape_note, write_note
from designer.model import Placement, Project


def test_a_note_is_added_written_and_shaped() -> None:
    edit = add_note(Project(), "first", 8, 16)
    assert edit.select == ("Note:note-1",)
    second = add_note(edit.project, "second", 0, 0)
    assert second.select == ("Note:note-2",)
    written = write_note(second.project, "Note:note-1", "other words").project
    shaped = shape_note(written, "Note:note-1", 24, 32, 10, 200).project
    note = shaped.canvas.notes["Note:note-1"]
    assert (note.text, note.x, note.y, note.w, note.h) == ("other words", 24, 32, 80, 200)
    assert shaped.canvas.notes["Note:note-2"].text == "second"


def test_the_shape_of_a_note_replaces_where_it_was_moved_to() -> None:
    project = add_note(Project(), "first", 0, 0).project
    moved = place(project, "nodes", {"Note:note-1": Placement(x=100, y=100)}).project
    shaped = shape_note(moved, "Note:note-1", 200, 200, 90, 90).project
    assert shaped.canvas.placement("Note:note-1", "nodes") is None


def test_there_is_no_step_for_a_note_that_is_not_there() -> None:
    project = Project()
    for edit in (write_note(project, "Note:x", "a"), shape_note(project, "Note:x", 0, 0, 1, 1)):
        assert not edit.ok
        assert edit.project is project
