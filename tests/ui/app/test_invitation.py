"""The invitation of an empty canvas, and when it would only be in the way."""

from pathlib import Path

import pytest

from designer.edits.templates import TEMPLATES, add_template
from designer.model import EMPTY_PROJECT
from designer.storage import encode
from designer.ui.app.window import MainWindow


def test_a_file_given_at_the_start_comes_without_the_invitation_to_begin(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "first.cnd"
    path.write_bytes(encode(add_template(EMPTY_PROJECT, next(iter(TEMPLATES))).project))
    seen: list[bool] = []
    opening = window.files._open_project

    def watched(of: Path) -> bool:
        seen.append(window.canvas.empty.isVisible())
        return opening(of)

    monkeypatch.setattr(window.files, "_open_project", watched)
    assert window.canvas.empty.isVisible()
    window.start(path)
    assert seen == [False]
    assert not window.canvas.empty.isVisible()
    window.files.new()
    assert window.canvas.empty.isVisible()
