"""The View menu: views of the canvas, zoom, layout, theme and panels."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from designer.ui.app.parts import begin, go
from designer.ui.app.shell import Shell
from designer.ui.kit.style import apply_theme


class ViewCommands:
    """What changes how the cluster is looked at."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def show(self, name: str) -> None:
        """Nothing; shows one of the three views."""
        self._shell.window.canvas.show_view(name)

    def zoom_in(self) -> None:
        """Nothing; one step nearer."""
        self._shell.window.canvas.zoom_in()

    def zoom_out(self) -> None:
        """Nothing; one step further away."""
        self._shell.window.canvas.zoom_out()

    def fit(self) -> None:
        """Nothing; shows everything."""
        self._shell.window.canvas.zoom_to_fit()

    def selection(self) -> None:
        """Nothing; shows what is selected."""
        self._shell.window.canvas.zoom_to_selection()

    def layout(self) -> None:
        """Nothing; forgets the places of this view that no person chose: the canvas arranges them anew."""
        self._shell.window.gestures.board.lay_out()
        self._shell.window.canvas.zoom_to_fit()

    def collapse(self) -> None:
        """Nothing; shows the groups of what is selected as cards, or opens them."""
        board = self._shell.window.gestures.board
        board.toggle(board.groups())

    def collapse_all(self, collapsed: bool) -> None:
        """Nothing; shows every group of the view as a card, or opens all."""
        self._shell.window.gestures.board.collapse_all(collapsed)
        self._shell.window.canvas.zoom_to_fit()

    def layers(self) -> None:
        """Nothing; opens or closes the list of layers."""
        self._shell.window.layers.toggle_panel()

    def layer_new(self) -> None:
        """Nothing; a new layer with what is selected, ready to be named."""
        self._shell.window.layers.new_layer()

    def layer_off(self) -> None:
        """Nothing; takes what is selected off its layer."""
        self._shell.window.gestures.layers.put("")

    def layers_show(self, shown: bool) -> None:
        """Nothing; shows or hides all layers."""
        self._shell.window.layers.show_all(shown)

    def minimap(self) -> None:
        """Nothing; shows or hides the minimap."""
        self._shell.settings.set("view/minimap", not self._shell.settings.get("view/minimap"))

    def theme(self, name: str) -> None:
        """Nothing; changes the colours of the program."""
        self._shell.settings.set("view/theme", name)

    def panel(self, name: str) -> None:
        """Nothing; shows or hides a side of the window."""
        window = self._shell.window
        window.sides.show_side(name, not window.sides.is_shown(name))

    def place(self, where: str) -> None:
        """Nothing; puts a side of the window somewhere else: ``palette.right``."""
        side, _, place = where.partition(".")
        self._shell.settings.set(f"window/{side}", place)
        self._shell.window.sides.arrange(self._shell.settings)

    def first_order(self) -> None:
        """Nothing; puts the tabs of the panels in the order that they had at the first start."""
        self._shell.window.bottom.order_tabs(())

    def enlarge(self) -> None:
        """Nothing; gives the panels below most of the window, or the canvas its place back."""
        sides = self._shell.window.sides
        sides.enlarge(not sides.enlarged)

    def tab(self, name: str) -> None:
        """Nothing; brings a panel below to the front, with the keyboard in it."""
        window = self._shell.window
        window.sides.show_side("bottom", True)
        begin(window.bottom.show_panel(name))

    def part(self, by: int) -> None:
        """Nothing; brings the keyboard to the next part of the window (1), or to the one before (-1)."""
        go(self._shell.window, by)


def dress(choice: str) -> None:
    """Nothing; dresses the running application in a theme."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        apply_theme(app, choice)
