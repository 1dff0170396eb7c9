"""Layers in the window: the list over the canvas, and the words that say what hidden layers hide."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer

from designer.engine.trace.hops import TraceResult
from designer.present.layer_words import hidden_count, hidden_on_way, hidden_thing
from designer.ui.app.shell import Shell
from designer.ui.canvas.gestures.layer_board import LayerBoard
from designer.ui.canvas.layer_note import LayerNote
from designer.ui.canvas.layer_panel import LayerPanel
from designer.ui.kit.filters import while_alive

EDGE, TOP, GAP = 8, 44, 6


class LayerDisplay(QObject):
    """What is selected or sought and hidden is named first, then stops of the shown trace, then how much is hidden."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        window = shell.window
        self._scene, self._canvas = window.scene, window.canvas
        self.board: LayerBoard = window.gestures.layers
        self.note: LayerNote = LayerNote(self._canvas)
        self.panel: LayerPanel = LayerPanel(self.board, self._canvas)
        self._layers: tuple[str, ...] = ()
        self._sought = ""
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self.refresh)
        self.note.wanted.connect(self.show_hidden)
        self.panel.closed.connect(self.toggle_panel)
        self._scene.shown.connect(self._soon)
        shell.selection.changed.connect(self._on_selection)
        shell.selection.reveal.connect(self._on_sought)
        shell.player.traceChanged.connect(self._soon)
        self._canvas.installEventFilter(self)

    def toggle_panel(self) -> None:
        """Nothing; opens the list of layers with the keyboard in it, or closes it."""
        shown = not self.panel.isVisible()
        self.panel.setVisible(shown)
        if shown:
            self.refresh()
            (self.panel.list if self.board.names() else self.panel.new_button).setFocus()
        else:
            self._canvas.setFocus()
        self._shell.window.action_set.refresh()

    def new_layer(self) -> None:
        """Nothing; makes a layer of what is selected, ready to be named in the list."""
        if not self.panel.isVisible():
            self.toggle_panel()
        self.panel.make()

    def show_hidden(self) -> None:
        """Nothing; shows the layers that the words are about, and what was sought."""
        sought = self._sought
        for name in self._layers:
            self.board.show(name, True)
        self._canvas.setFocus()
        if sought:
            self._canvas.reveal(sought)

    def show_all(self, shown: bool) -> None:
        """Nothing; shows or hides all layers."""
        self.board.show_all(shown)

    def refresh(self) -> None:
        """Nothing; says and lists what is so now."""
        words, self._layers = self._said()
        self.note.say(words)
        if self.panel.isVisible():
            self.panel.refresh()
        self._place()

    def _said(self) -> tuple[str, tuple[str, ...]]:
        """The words, and the layers that showing what they are about takes."""
        if not self.board.hidden():
            return "", ()
        for oid in dict.fromkeys((self._sought, *self._shell.selection.ids)):
            layer = self._scene.hidden_by(oid) if oid else ""
            if layer:
                return hidden_thing(oid, layer), (layer,)
        way = self._on_way(self._shell.player.result)
        if way:
            return hidden_on_way(way), tuple(dict.fromkeys(way))
        return hidden_count(self._scene.hidden), self.board.hidden()

    def _on_way(self, result: TraceResult | None) -> tuple[str, ...]:
        """The hidden layers of the stops of a trace, one for each stop that is not drawn."""
        if result is None:
            return ()
        stops = dict.fromkeys(hop.at for path in result.trace.paths() for hop in path.hops if hop.at)
        return tuple(layer for oid in stops if (layer := self._scene.hidden_by(oid)))

    def _on_selection(self, ids: tuple[str, ...]) -> None:
        if self._sought not in ids:
            self._sought = ""
        self._soon()

    def _on_sought(self, oid: str) -> None:
        self._sought = oid if self._scene.hidden_by(oid) else ""
        self._soon()

    def _soon(self, _what: object = None) -> None:
        self._late.start(0)

    def _place(self) -> None:
        right, y = self._canvas.width() - EDGE, TOP
        for widget in (self.note, self.panel):
            if not widget.isHidden():
                widget.move(max(EDGE, right - widget.width()), y)
                widget.raise_()
                y += widget.height() + GAP

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """False always; follows the view's size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False
