"""Policies by what they are for: who may reach whom, and default deny for a namespace."""

from __future__ import annotations

from designer.edits.staging import enforce, is_staged_policy, stage
from designer.engine.repair import Wanted
from designer.ui.app.shell import Shell


class PolicyCommands:
    """What opens the dialogs that change policies, and the arrow that is drawn on the canvas."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def repair(self) -> None:
        """Nothing; asks for a pair, beginning with what the request bar says."""
        asked = self._shell.window.request_bar.request()
        self.change(asked.source, asked.destination)

    def change(self, source: str, destination: str, wanted: Wanted = "possible") -> None:
        """Nothing; shows how a connection becomes possible or impossible."""
        from designer.ui.app.dialogs.repair import RepairDialog

        RepairDialog(self._shell, self._shell.window, source, destination, wanted).open()

    def draw(self) -> None:
        """Nothing; lets a person draw who may call whom: two clicks on the canvas."""
        chosen = self._shell.selection.single or ""
        self._shell.window.gestures.start_policy(chosen)

    def staged(self) -> None:
        """Nothing; shows what changes when the staged policies are enforced."""
        from designer.ui.app.dialogs.staged import StagedDialog

        StagedDialog(self._shell, self._shell.window).open()

    def without(self, policy: str = "") -> None:
        """Nothing; shows what deleting a policy opens and closes: that of the selection where none is named."""
        from designer.ui.app.dialogs.without import WithoutDialog

        chosen = policy or self._shell.selection.single or ""
        if chosen:
            WithoutDialog(self._shell, self._shell.window, chosen).open()

    def stage(self) -> None:
        """Nothing; stages the selected policy, or enforces it where it is staged."""
        bridge, chosen = self._shell.bridge, self._shell.selection.single or ""
        staged = is_staged_policy(bridge.project, chosen)
        edit = enforce(bridge.project, chosen) if staged else stage(bridge.project, chosen)
        if bridge.apply(edit) and edit.select:
            self._shell.selection.select(edit.select)

    def isolate(self) -> None:
        """Nothing; shows what default deny would close in the namespace of what is selected."""
        from designer.ui.app.dialogs.isolate import IsolateDialog

        kind, _, rest = (self._shell.selection.single or "").partition(":")
        namespace = rest if kind == "Namespace" else rest.partition("/")[0] if "/" in rest else ""
        IsolateDialog(self._shell, self._shell.window, namespace).open()
