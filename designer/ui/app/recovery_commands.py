"""Work that was not saved when the program ended: finding it, going on with it, throwing it away."""

from __future__ import annotations

from dataclasses import replace

from designer.storage import RecoveryInfo, discard
from designer.ui.app.ahead import expect
from designer.ui.app.busy import while_watched
from designer.ui.app.opening import recover_prepared
from designer.ui.app.shell import Shell


class RecoveryCommands:
    """`found` is the work that dead windows left, newest first."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.found: list[RecoveryInfo] = shell.bridge.session.recoverable()

    def offer(self) -> None:
        """Nothing; offers over the canvas what there is to recover."""
        if not self.found:
            return
        from designer.ui.app.dialogs.recovery import info_text

        more = len(self.found) > 1
        words = f"Unsaved work was found: {info_text(self.found[0])}."
        todo = self.dialog if more else self.recover_newest
        self._shell.window.messages.invite(words, "Choose…" if more else "Restore", todo, "warning")

    def recover_newest(self) -> None:
        """Nothing; goes on with the newest work that a dead window left."""
        if self.found:
            self.recover(self.found[0])

    def recover(self, info: RecoveryInfo) -> bool:
        """Whether the work of a dead window is now the project; it counts as not saved."""
        window, bridge = self._shell.window, self._shell.bridge
        if not window.files.may_leave():
            return False
        worked = while_watched(window, "Reading unsaved work…", lambda watch: recover_prepared(info, watch))
        if worked is None:
            return False
        found, prepared = worked
        if prepared is not None:
            expect(self._shell, prepared)
            found = replace(found, project=prepared.project)
        outcome = bridge.session.recover(info, found)
        if outcome.ok:
            self._shell.window.files.source.forget()
        self.found = bridge.session.recoverable()
        bridge.stored.emit()
        if outcome.ok:
            window.begin_with_first_request()
        if outcome.problems:
            window.messages.show_problems(outcome.problems)
        return outcome.ok

    def discard_found(self, info: RecoveryInfo) -> None:
        """Nothing; throws away what a dead window left."""
        discard(info.journal)
        self.found = self._shell.bridge.session.recoverable()

    def dialog(self) -> None:
        """Nothing; shows what can be recovered."""
        from designer.ui.app.dialogs.recovery import RecoveryDialog

        RecoveryDialog(self, self._shell.window).open()
