"""What a swap of the network plugin, or of kube-proxy's mode, has changed: read after it was done."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from designer.engine.comparison import Comparison
from designer.ui.app.dialogs.comparison_view import ComparisonView
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.bridge.selection import Selection

LEAD = "Saved requests and every Service port were asked before and after. Undo brings the old settings back."


class ChangesDialog(FramedDialog):
    """The differences between the cluster before and after a swap."""

    def __init__(self, what: str, found: Comparison, selection: Selection, parent: QWidget) -> None:
        super().__init__(what, parent, Buttons.Close, LEAD)
        self.setObjectName("changes")
        self.view = ComparisonView("Before", "Now")
        self.view.objectWanted.connect(lambda oid: selection.select((oid,)))
        self.body.addWidget(self.view, 1)
        self.open_at(1100, 620, share=0.6)
        self.view.show_comparison(found)
