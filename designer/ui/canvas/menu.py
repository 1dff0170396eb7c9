"""The context menus of the canvas, as one table: words, icon, when they stand there, what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from designer.edits.align import LINES, SPREADS
from designer.edits.connecting import connects
from designer.edits.notes import add_note
from designer.edits.palette import PALETTE
from designer.edits.staging import can_be_staged, enforce, is_staged_policy, stage
from designer.model import COLOURS
from designer.present.destination_text import destination_text
from designer.present.selected_pods import selected_pods
from designer.ui.canvas.edge_menu import REACH, add_edge_entries, edge_near
from designer.ui.canvas.facts import OUTSIDE
from designer.ui.canvas.gestures.policy_arrow import PolicyArrow
from designer.ui.canvas.gestures.request import SENDERS
from designer.ui.canvas.gestures.stage import on_grid
from designer.ui.kit.icons import icon, kind_icon

if TYPE_CHECKING:
    from designer.ui.canvas.gestures.controller import CanvasGestures


@dataclass(frozen=True, slots=True)
class Target:
    """What a menu is about: the thing ("" for the empty canvas) and the scene point."""

    oid: str
    at: QPointF


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu. `when` says whether it stands there at all; a line with no text is a separator."""

    text: str
    icon: str = ""
    keys: str = ""
    when: Callable[[CanvasMenu, Target], bool] = lambda _menu, _target: True
    do: Callable[[CanvasMenu, Target], object] = lambda _menu, _target: None


LINE = Entry("")


class CanvasMenu:
    """Opens the menu for a thing or for the empty canvas."""

    def __init__(self, gestures: CanvasGestures) -> None:
        self.gestures = gestures
        self.stage = gestures.stage
        self.menu: QMenu | None = None

    def open_at(self, where: QPoint, at: QPointF, oid: str | None = None) -> None:
        """Nothing; opens the menu at a point of the screen, for what is at the scene point."""
        found = self.stage.scene.object_at(at) or "" if oid is None else oid
        if found and found not in self.stage.selection.ids:
            self.stage.selection.select((found,))
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = self.build(Target(found, at))
        self.menu.popup(where)

    def build(self, target: Target) -> QMenu:
        """The menu for a target, not shown yet."""
        menu = QMenu(self.stage.view)
        menu.setAccessibleName("Canvas menu")
        for entry in OBJECT_ENTRIES if target.oid else CANVAS_ENTRIES:
            if not entry.text:
                menu.addSeparator()
            elif entry.when(self, target):
                self._add(menu, entry, target)
        if not target.oid:
            self._add_kinds(menu, target)
            edge = edge_near(self.stage.scene.edges, target.at, REACH / self.stage.view.zoom)
            if edge is not None:
                add_edge_entries(menu, self, target, edge)
        else:
            self._add_colours(menu)
            self._add_layers(menu)
            if len(self.gestures.board.units()) > 1:
                self._add_arranging(menu)
        return menu

    def _add(self, menu: QMenu, entry: Entry, target: Target) -> None:
        kind = entry.icon.removeprefix("kind:")
        drawn = icon(entry.icon) if kind == entry.icon and kind else kind_icon(kind) if kind else QIcon()
        action = QAction(drawn, entry.text, menu)
        if entry.keys:
            # Shown only: the canvas itself handles the keys.
            action.setText(f"{entry.text}\t{entry.keys}")
        action.triggered.connect(lambda _checked=False: entry.do(self, target))
        menu.addAction(action)

    def _add_kinds(self, menu: QMenu, target: Target) -> None:
        kinds = QMenu("Add here", menu)
        for item in PALETTE:
            action = QAction(kind_icon(item.kind), item.label, kinds)
            action.triggered.connect(lambda _checked=False, kind=item.kind: self._make(kind, target.at))
            kinds.addAction(action)
        first = menu.actions()[0] if menu.actions() else None
        if first is not None:
            menu.insertMenu(first, kinds)
        else:
            menu.addMenu(kinds)

    def _add_colours(self, menu: QMenu) -> None:
        """Nothing; the colours that a person may give, each with a swatch and its name."""
        if not any(self.stage.scene.item_of(oid) is not None for oid in self.stage.selection.ids):
            return
        board, theme = self.gestures.board, self.stage.scene.theme
        ways = QMenu("Colour", menu)
        for place, name in enumerate(("", *COLOURS)):
            swatch = QPixmap(14, 14)
            swatch.fill(theme.tint(place - 1) if name else theme.color("canvas"))
            action = ways.addAction(QIcon(swatch), name.capitalize() or "None")
            action.triggered.connect(lambda _checked=False, chosen=name: board.colour(chosen))
        menu.addMenu(ways)

    def _add_layers(self, menu: QMenu) -> None:
        """Nothing; the layers that what is selected can be put on, with a mark at the one that it is on."""
        layers = self.gestures.layers
        if not layers.chosen():
            return
        ways, on = QMenu("Layer", menu), layers.layer_of_selection()
        for name in ("", *layers.names()):
            action = ways.addAction(name.replace("&", "&&") or "None")
            action.setCheckable(True)
            action.setChecked(name == on)
            action.triggered.connect(lambda _checked=False, chosen=name: layers.put(chosen))
        ways.addSeparator()
        ways.addAction("New layer…").triggered.connect(lambda _checked=False: self.gestures.layerWanted.emit())
        menu.addMenu(ways)

    def _add_arranging(self, menu: QMenu) -> None:
        """Nothing; ways to align and distribute, where several things are selected."""
        board = self.gestures.board
        ways = QMenu("Arrange", menu)
        for line, known in LINES.items():
            ways.addAction(known.words).triggered.connect(lambda _checked=False, name=line: board.align(name))
        ways.addSeparator()
        for way, words in SPREADS.items():
            action = ways.addAction(words)
            action.setEnabled(len(board.units()) > 2)
            action.triggered.connect(lambda _checked=False, name=way: board.distribute(name))
        menu.addMenu(ways)

    def _make(self, kind: str, at: QPointF) -> None:
        made = self.gestures.palette.make(kind, at, self.stage.namespace_at(at))
        if made:
            self.gestures.name_soon(made)

    # --- what entries ask and do

    def sends(self, target: Target) -> bool:
        """Whether a request can start there."""
        return target.oid == OUTSIDE or target.oid.partition(":")[0] in SENDERS

    def can_be_staged(self, target: Target) -> bool:
        """Whether it is a policy that is in force and has a staged form."""
        return can_be_staged(self.stage.project, target.oid)

    def is_staged(self, target: Target) -> bool:
        """Whether it is a policy that is staged."""
        return is_staged_policy(self.stage.project, target.oid)

    def asked(self, target: Target) -> str:
        """What a person would type to ask for it, "" where nobody can be asked."""
        state = self.stage.scene.state
        return destination_text(state, target.oid) if state is not None else ""

    def is_object(self, target: Target) -> bool:
        """Whether there is an object behind it, its own or the owner of a derived Pod."""
        return self.stage.object_of(target.oid) is not None

    def can_be_copied(self, target: Target) -> bool:
        """Whether there is an object behind it that can be copied: of a kind that can be drawn."""
        return self.is_object(target) and self.stage.is_copied(target.oid)

    def is_own_object(self, target: Target) -> bool:
        """Whether it is an object itself."""
        return self.stage.object_of(target.oid) == target.oid

    def is_drawn(self, target: Target) -> bool:
        """Whether it is an object of a kind that can be drawn, renamed and copied; not one that is only kept."""
        return self.is_own_object(target) and self.stage.is_copied(target.oid)

    def is_item(self, target: Target) -> bool:
        """Whether it has a place of its own in this view."""
        return self.stage.scene.item_of(target.oid) is not None

    def group(self, target: Target) -> str:
        """The id of the group that it is, or that it is in; "" for none."""
        return self.stage.scene.group_of(target.oid)

    def is_group(self, target: Target) -> bool:
        """Whether it is a group of this view, or in one."""
        return bool(self.group(target))

    def open_groups(self) -> bool:
        """Whether any group of the view is open."""
        scene = self.stage.scene
        return any(oid not in scene.places.folded and not self.gestures.board.is_collapsed(oid) for oid in scene.groups)

    def selected_by(self, target: Target) -> tuple[str, ...]:
        """Ids of the Pods that a Service, policy or workload selects."""
        state = self.stage.scene.state
        return selected_pods(state, target.oid) if state is not None else ()

    def problem_code(self, target: Target) -> str:
        """The code of its worst problem, "" where it has none."""
        item = self.stage.scene.stock.items.get(target.oid)
        return item.facts.badge.code if item is not None else ""

    def edit_yaml(self, target: Target) -> None:
        """Nothing; asks for the YAML of the object."""
        self.gestures.yamlWanted.emit(self.stage.object_of(target.oid) or target.oid)

    def add_note(self, target: Target) -> None:
        """Nothing; puts a note there and lets it be written."""
        edit = add_note(self.stage.project, "Note", on_grid(target.at.x()), on_grid(target.at.y()))
        if self.stage.apply(edit) and edit.select:
            self.gestures.name_soon(edit.select[0])


def may_call(_menu: CanvasMenu, target: Target) -> bool:
    """Whether a policy can say whom it may call."""
    return target.oid.partition(":")[0] in PolicyArrow.senders


OBJECT_ENTRIES: tuple[Entry, ...] = (
    Entry("Trace from here…", "route", "", CanvasMenu.sends, lambda m, t: m.gestures.start_request(t.oid)),
    Entry("Use as source", "", "", CanvasMenu.sends, lambda m, t: m.gestures.traceFrom.emit(t.oid)),
    Entry(
        "Trace to here",
        "arrow-right",
        "",
        lambda m, t: bool(m.asked(t)),
        lambda m, t: m.gestures.traceTo.emit(m.asked(t)),
    ),
    Entry("May call…", "kind:NetworkPolicy", "", may_call, lambda m, t: m.gestures.start_policy(t.oid)),
    Entry(
        "Connect to…",
        "arrow-right",
        "",
        lambda m, t: connects(m.stage.project, t.oid),
        lambda m, t: m.gestures.start_link(t.oid),
    ),
    LINE,
    Entry("Rename…", "edit", "F2", CanvasMenu.is_drawn, lambda m, t: m.gestures.rename(t.oid)),
    Entry("Edit YAML", "", "", CanvasMenu.is_object, CanvasMenu.edit_yaml),
    Entry(
        "Stage: keep, do not enforce",
        "",
        "",
        CanvasMenu.can_be_staged,
        lambda m, t: m.stage.apply(stage(m.stage.project, t.oid)),
    ),
    Entry(
        "What deleting it changes…",
        "",
        "",
        CanvasMenu.can_be_staged,
        lambda m, t: m.gestures.withoutWanted.emit(t.oid),
    ),
    Entry("Enforce", "", "", CanvasMenu.is_staged, lambda m, t: m.stage.apply(enforce(m.stage.project, t.oid))),
    Entry(
        "Recreate Pod",
        "refresh",
        "",
        lambda m, t: m.stage.pod(t.oid) is not None,
        lambda m, t: m.gestures.board.recreate(t.oid),
    ),
    LINE,
    Entry("Cut", "cut", "Ctrl+X", CanvasMenu.is_drawn, lambda m, t: m.gestures.board.cut()),
    Entry("Copy", "copy", "Ctrl+C", CanvasMenu.can_be_copied, lambda m, t: m.gestures.board.copy()),
    Entry("Duplicate", "", "Ctrl+D", CanvasMenu.can_be_copied, lambda m, t: m.gestures.board.duplicate()),
    Entry("Delete", "delete", "Del", CanvasMenu.is_own_object, lambda m, t: m.gestures.board.delete()),
    LINE,
    Entry(
        "Select what it selects",
        "",
        "",
        lambda m, t: bool(m.selected_by(t)),
        lambda m, t: m.stage.selection.select(m.selected_by(t)),
    ),
    Entry(
        "Keep it here",
        "pin",
        "",
        lambda m, t: m.is_item(t) and not m.gestures.board.is_pinned(t.oid),
        lambda m, t: m.gestures.board.pin(True),
    ),
    Entry(
        "Let the layout place it",
        "unpin",
        "",
        lambda m, t: m.is_item(t) and m.gestures.board.is_pinned(t.oid),
        lambda m, t: m.gestures.board.pin(False),
    ),
    Entry(
        "Collapse",
        "collapse",
        "Ctrl+G",
        lambda m, t: m.is_group(t) and not m.gestures.board.is_collapsed(m.group(t)),
        lambda m, t: m.gestures.board.toggle((m.group(t),)),
    ),
    Entry(
        "Expand",
        "expand",
        "Ctrl+G",
        lambda m, t: m.is_group(t) and m.gestures.board.is_collapsed(m.group(t)),
        lambda m, t: m.gestures.board.toggle((m.group(t),)),
    ),
    Entry(
        "Why? The rule behind its problem",
        "help",
        "F1",
        lambda m, t: bool(m.problem_code(t)),
        lambda m, t: m.gestures.helpWanted.emit(m.problem_code(t)),
    ),
    Entry("Zoom to it", "zoom-in", "", lambda m, t: True, lambda m, t: m.stage.view.zoom_to_selection((t.oid,))),
)

CANVAS_ENTRIES: tuple[Entry, ...] = (
    Entry("Add a note", "", "", lambda m, t: True, CanvasMenu.add_note),
    Entry("Paste", "paste", "Ctrl+V", lambda m, t: True, lambda m, t: m.gestures.board.paste()),
    Entry("Select all", "", "Ctrl+A", lambda m, t: True, lambda m, t: m.gestures.board.select_all()),
    LINE,
    Entry("Trace from here… to…", "route", "", lambda m, t: True, lambda m, t: m.gestures.start_request()),
    Entry("Draw a policy…", "kind:NetworkPolicy", "", lambda m, t: True, lambda m, t: m.gestures.start_policy()),
    LINE,
    Entry(
        "Collapse all",
        "collapse",
        "Ctrl+Shift+G",
        lambda m, t: m.open_groups(),
        lambda m, t: m.gestures.board.collapse_all(True),
    ),
    Entry(
        "Expand all",
        "expand",
        "Ctrl+Alt+G",
        lambda m, t: any(map(m.gestures.board.is_collapsed, m.stage.scene.groups)),
        lambda m, t: m.gestures.board.collapse_all(False),
    ),
    Entry("Lay out automatically", "layout", "", lambda m, t: True, lambda m, t: m.gestures.board.lay_out()),
    Entry("Zoom to fit", "fit", "", lambda m, t: True, lambda m, t: m.stage.view.zoom_to_fit()),
)
