"""The Help menu, and every "Why?" in the window."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from designer.ui.app.shell import Shell


class HelpCommands:
    """Pages of words about the program; they stay beside the window, which can be used meanwhile."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def _show(self, title: str, text: str, *, plain: bool = False, wide: bool = True) -> None:
        from designer.ui.app.dialogs.words import WordsDialog

        WordsDialog(title, text, self._shell.window, plain=plain, wide=wide).show()

    def here(self) -> None:
        """Nothing; explains what is chosen where the keyboard is, else shows the contents of Help."""
        from designer.ui.app.help_context import key_here

        self.explain(key_here(self._shell))

    def explain(self, key: str) -> None:
        """Nothing; shows a topic in the window's Help; over a dialog, which keeps the window waiting, as a page."""
        from designer.present.help_text import heading, topic_html
        from designer.present.help_topics import topic

        dialog, found = QApplication.activeModalWidget(), topic(key)
        if dialog is None:
            self._shell.window.help_dock.open_at(key)
        elif found is not None:
            from designer.ui.app.dialogs.words import WordsDialog

            WordsDialog(heading(found), topic_html(found), dialog).open()

    def contents(self) -> None:
        """Nothing; shows the contents of Help."""
        self.explain("")

    def tour(self) -> None:
        """Nothing; shows the first steps, in words."""
        self.explain("page:first-steps")

    def guide(self) -> None:
        """Nothing; begins the guided tour, where it was left."""
        from designer.ui.app.tour import Tour

        for old in self._shell.window.findChildren(Tour):
            old.end()
        Tour(self._shell.window)

    def shortcuts(self) -> None:
        """Nothing; shows every action with its keys."""
        from designer.ui.app import help_texts

        self._show("Keyboard shortcuts", help_texts.shortcuts())

    def verdicts(self) -> None:
        """Nothing; says what each verdict means."""
        from designer.ui.app import help_texts

        self._show("Verdicts explained", help_texts.verdicts())

    def doctor(self) -> None:
        """Nothing; says what this machine has and lacks."""
        from designer.cli.doctor import doctor_report

        self._show("Doctor", doctor_report()[0], plain=True)

    def about(self) -> None:
        """Nothing; says what the program is."""
        from designer.ui.app import help_texts

        self._show("About", help_texts.about(), wide=False)
