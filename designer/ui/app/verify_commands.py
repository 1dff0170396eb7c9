"""Verify on Linux in the window: the dialog, the panel, the report as a file, the trace of a result."""

from __future__ import annotations

import json
from pathlib import Path

from designer.model import VerifiedRow
from designer.present.verification_rows import STALE, row_path, row_request, run_text
from designer.ui.app import choosing
from designer.ui.app.shell import Shell
from designer.ui.app.tracing import Tracing
from designer.ui.bridge.lab import Wish

REPORTS = ("Text (*.txt)", "JSON (*.json)")


class VerifyCommands:
    """What begins and reads runs of the lab."""

    def __init__(self, shell: Shell, tracing: Tracing) -> None:
        self._shell = shell
        self._tracing = tracing

    def dialog(self) -> None:
        """Nothing; says what will happen and what this machine can, and asks what is to be tried."""
        from designer.ui.app.dialogs.verify import VerifyDialog

        window = self._shell.window
        if self._shell.verifier.running:
            window.bottom.show_panel("verify")
            return
        dialog = VerifyDialog(self._shell.bridge, self._shell.verifier, window)
        dialog.wanted.connect(self.start)
        dialog.open()

    def start(self, wish: Wish) -> None:
        """Nothing; begins a run and shows how far it is."""
        window = self._shell.window
        window.sides.show_side("bottom", True)
        window.bottom.show_panel("verify")
        self._shell.verifier.start(wish)

    def show_row(self, row: VerifiedRow) -> None:
        """Nothing; shows the trace of a request that was tried, by the way that it was tried."""
        request = row_request(row, self._shell.bridge.project)
        if request is None:
            self._tracing.forget()
        elif self._tracing.ask(request):
            self._shell.player.choose_path(row_path(row, self._shell.player.paths))

    def forget(self) -> None:
        """Nothing; takes the kept results away, as a step that can be undone."""
        if self._shell.verifier.forget():
            self._shell.window.messages.tell("The results of Verify on Linux are forgotten. Undo brings them back.")

    def export(self) -> None:
        """Nothing; asks for a file and writes the report into it."""
        if self._shell.verifier.result is None:
            return
        folder = self._shell.bridge.session.path
        suggested = (
            folder.parent if folder else Path(self._shell.settings.get("files/folder"))
        ) / "verify-on-linux.txt"
        path = choosing.file_to_save(self._shell.window, "Save the report", suggested, ";;".join(REPORTS), ".txt")
        if path is not None:
            self.write(path)

    def write(self, path: Path) -> bool:
        """Whether the report was written: JSON where the name ends so, else text."""
        from designer.lab.keeping import restored

        found = self._shell.verifier.result
        if found is None:
            return False
        report, stale = restored(found), self._shell.verifier.stale
        if path.suffix.lower() == ".json":
            text = json.dumps({"date": found.date, "stale": stale, **report.data()}, indent=2, ensure_ascii=False)
        else:
            heading = ("Verify on Linux", run_text(found), *((STALE,) if stale else ()))
            text = "\n".join((*heading, "", report.text()))
        messages = self._shell.window.messages
        try:
            path.write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            why = error.strerror or str(error)
            messages.tell(f"{path.name} could not be written: {why}. Choose another place.", "error")
            return False
        messages.tell(f"Wrote {path.name}.", "success")
        return True
