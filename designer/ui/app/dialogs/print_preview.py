"""The page as the printer would get it, before anything is printed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtPrintSupport import QPrinter, QPrintPreviewWidget
from PySide6.QtWidgets import QGraphicsView, QWidget

from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.kit.buttons import push_button

LEAD = "One page, in light colours whatever the window has. Print… asks for the printer or for a PDF file."


class PrintPreview(FramedDialog):
    """Shows what `paint` puts on a page; `print_it` is what its main button does."""

    def __init__(self, parent: QWidget, paint: Callable[[QPrinter], object], print_it: Callable[[], object]) -> None:
        super().__init__("Print preview", parent, Buttons.Close, LEAD)
        self.setObjectName("printPreview")
        self.printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        self.page = QPrintPreviewWidget(self.printer, self)
        for view in (self.page, *self.page.findChildren(QGraphicsView)):  # Qt's part that takes the keyboard
            view.setAccessibleName("The page")
        self.page.paintRequested.connect(paint)
        self.body.addWidget(self.page, 1)
        self._print = print_it
        self.print_button = push_button("Print…", self._go_on, primary=True)
        self.add_button(self.print_button)
        self.page.fitInView()
        self.open_at(900, 680)

    def _go_on(self) -> None:
        self.accept()
        self._print()
