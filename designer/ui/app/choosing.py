"""What the program asks a person with a dialog that must be answered: files, folders, and what to do with changes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

PROJECTS = "Projects (*.cnd)"
MANIFESTS = "Manifests (*.yaml *.yml *.json)"
OPENABLE = "Projects and manifests (*.cnd *.yaml *.yml *.json)"
PICTURES = ("PNG picture (*.png)", "SVG drawing (*.svg)", "PDF document (*.pdf)", "draw.io diagram (*.drawio)")


def files_to_open(parent: QWidget, title: str, folder: str, filters: str = OPENABLE) -> list[Path]:
    """The files that a person chose, none when they thought better of it."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, folder, f"{filters};;All files (*)")
    return [Path(name) for name in names]


def folder_to_open(parent: QWidget, title: str, folder: str) -> Path | None:
    """The chosen folder, None for none."""
    name = QFileDialog.getExistingDirectory(parent, title, folder)
    return Path(name) if name else None


def file_to_save(parent: QWidget, title: str, suggested: Path, filters: str, suffix: str) -> Path | None:
    """Where to write, with a suffix; None for nowhere. The dialog asks before a file is replaced."""
    name, chosen = QFileDialog.getSaveFileName(parent, title, str(suggested), filters)
    if not name:
        return None
    path = Path(name)
    if path.suffix:
        return path
    wanted = chosen.rpartition("*")[2].strip(" )") if "*." in chosen and ";;" in filters else suffix
    return path.with_name(path.name + (wanted or suffix))


def what_with_changes(parent: QWidget, name: str) -> str:
    """``save``, ``discard`` or ``cancel`` for a project with changes that no file holds."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Save changes?")
    box.setText(f"Save the changes to {name}?")
    box.setInformativeText("Without saving, they are lost.")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    answer = box.exec()
    box.deleteLater()
    return {buttons.Save: "save", buttons.Discard: "discard"}.get(buttons(answer), "cancel")


def agrees(parent: QWidget, title: str, question: str, yes: str) -> bool:
    """Whether a person agrees to something that cannot be taken back; the safe answer is the default."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, question, QMessageBox.StandardButton.Cancel, parent)
    button = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    box.exec()
    agreed = box.clickedButton() is button
    box.deleteLater()
    return agreed


def text_for(parent: QWidget, title: str, label: str, text: str = "") -> str | None:
    """What a person typed, None when they gave up."""
    typed, good = QInputDialog.getText(parent, title, label, text=text)
    return typed.strip() if good and typed.strip() else None
