"""All commands of a window by the groups that the table of actions names."""

from __future__ import annotations

from designer.ui.app.actions import ActionSpec
from designer.ui.app.analyze_commands import AnalyzeCommands
from designer.ui.app.edit_commands import EditCommands
from designer.ui.app.export_commands import ExportCommands
from designer.ui.app.file_commands import FileCommands
from designer.ui.app.help_commands import HelpCommands
from designer.ui.app.policy_commands import PolicyCommands
from designer.ui.app.recovery_commands import RecoveryCommands
from designer.ui.app.shell import Shell
from designer.ui.app.simulate_commands import SimulateCommands
from designer.ui.app.tracing import Tracing
from designer.ui.app.verify_commands import VerifyCommands
from designer.ui.app.view_commands import ViewCommands


class Commands:
    """One object a group; `run` does what an action says."""

    recovery: RecoveryCommands

    def __init__(self, shell: Shell, tracing: Tracing) -> None:
        self.files = FileCommands(shell)
        self.sources = self.files.source
        self.recovery = RecoveryCommands(shell)
        self.edit = EditCommands(shell)
        self.view = ViewCommands(shell)
        self.simulate = SimulateCommands(shell, tracing)
        self.analyze = AnalyzeCommands(shell)
        self.policies = PolicyCommands(shell)
        self.verify = VerifyCommands(shell, tracing)
        self.help = HelpCommands(shell)
        self.export = ExportCommands(shell)

    def run(self, spec: ActionSpec) -> None:
        """Nothing; calls the slot of an action."""
        group, _, method = spec.slot.partition(".")
        slot = getattr(getattr(self, group), method)
        if spec.argument is None:
            slot()
        else:
            slot(spec.argument)
