"""The preferences: theme, motion and scale; every change holds at once but the scale."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QWidget

from designer.ui.app.actions import THEMES
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.settings import Settings
from designer.ui.kit.fields import FieldRow
from designer.ui.kit.motion import asked_by_desktop
from designer.ui.kit.style import set_role

SCALES = (100, 125, 150, 175, 200)


class PreferencesDialog(FramedDialog):
    """Writes what is chosen into the settings."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__("Preferences", parent, Buttons.Close)
        self.setObjectName("preferences")
        self._settings = settings
        self.theme = QComboBox()
        for name, words in THEMES:
            self.theme.addItem(words.replace("&", ""), name)
        self.theme.setCurrentIndex(self.theme.findData(settings.get("view/theme")))
        self.theme.currentIndexChanged.connect(self._on_theme)
        self.motion = QCheckBox("Reduce motion: show a path as numbered steps at once")
        self.motion.setChecked(settings.get("view/reducedMotion"))
        self.motion.toggled.connect(self._on_motion)
        self.scale = QComboBox()
        for percent in SCALES:
            self.scale.addItem(f"{percent} %", percent)
        self.scale.setCurrentIndex(self.scale.findData(settings.get("view/scale")))
        self.scale.currentIndexChanged.connect(self._on_scale)
        self.body.addWidget(FieldRow("Theme", self.theme))
        self.body.addWidget(FieldRow("Size of everything", self.scale, "Holds from the next start on."))
        self.body.addWidget(self.motion)
        if asked_by_desktop():
            asked = QLabel("Your desktop asks for less motion: it is reduced whatever is chosen here.")
            asked.setWordWrap(True)
            set_role(asked, "muted")
            self.body.addWidget(asked)
        self.body.addStretch(1)
        self.setMinimumWidth(400)

    def _on_theme(self) -> None:
        self._settings.set("view/theme", self.theme.currentData())

    def _on_motion(self, reduced: bool) -> None:
        self._settings.set("view/reducedMotion", reduced)

    def _on_scale(self) -> None:
        self._settings.set("view/scale", self.scale.currentData())
