"""The Help menu."""

from __future__ import annotations

from designer.cli.doctor import doctor_report
from designer.ui.app import help_texts
from designer.ui.app.dialogs.words import WordsDialog
from designer.ui.app.shell import Shell


class HelpCommands:
    """Pages of words about the program."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def tour(self) -> None:
        """Nothing; shows the five-minute tour beside the window, which can be used meanwhile."""
        WordsDialog("Five-minute tour", help_texts.tour(), self._shell.window).show()

    def shortcuts(self) -> None:
        """Nothing; shows every action with its keys."""
        WordsDialog("Keyboard shortcuts", help_texts.shortcuts(), self._shell.window, wide=True).show()

    def verdicts(self) -> None:
        """Nothing; says what each verdict means."""
        WordsDialog("Verdicts explained", help_texts.verdicts(), self._shell.window, wide=True).show()

    def doctor(self) -> None:
        """Nothing; says what this machine has and lacks."""
        text, _healthy = doctor_report()
        WordsDialog("Doctor", text, self._shell.window, plain=True, wide=True).show()

    def about(self) -> None:
        """Nothing; says what the program is."""
        WordsDialog("About", help_texts.about(), self._shell.window).show()
