"""Lists of choices: those of a form, and long ones, shortened while closed and whole while open."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

LONGEST = 900
"""No list is wider than this, in pixels."""


def name_combo(box: QComboBox, words: str) -> None:
    """Nothing; names a box that no label stands before.

    On Linux a screen reader hears the choice in place of a box's name: what it is about is in its description there.
    """
    box.setAccessibleName(words)
    box.setAccessibleDescription(words)


class FormCombo(QComboBox):
    """A combo box of a form: who scrolls the form with the wheel changes nothing on the way.

    A combo box of Qt takes the focus by the wheel, and then every turn is another choice.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nothing; leaves the wheel to the form."""
        event.ignore()


class LongCombo(QComboBox):
    """A combo box as narrow as its place allows, whose list is as wide as its longest choice."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name_combo(self, name)
        self.currentTextChanged.connect(self.setToolTip)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def shown_text(self) -> str:
        """The chosen text as far as it fits, with an ellipsis where it does not."""
        return self._option().currentText

    def _option(self) -> QStyleOptionComboBox:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room.width() - 4
        )
        return option

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws box and shortened text."""
        painter = QStylePainter(self)
        option = self._option()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:
        """Nothing; opens the list, wide enough to read every choice."""
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(n)) for n in range(self.count())), default=0)
        self.view().setMinimumWidth(max(self.width(), min(widest + 40, LONGEST)))
        super().showPopup()
