"""What the keyboard and the menus do with the selected objects: clipboard, delete, duplicate, nudge, pin."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from PySide6.QtCore import QElapsedTimer, QObject, Signal
from PySide6.QtGui import QGuiApplication

from designer.edits import clipboard
from designer.edits.align import Unit, align, distribute
from designer.edits.arrange import place
from designer.edits.collapse import collapse, expand
from designer.edits.colours import colour
from designer.edits.edit import Edit
from designer.edits.layout import Rect
from designer.edits.recreate import recreate
from designer.edits.remove import remove
from designer.model import EMPTY_MAP, FrozenMap, Placement
from designer.ui.canvas.facts import OUTSIDE
from designer.ui.canvas.gestures.card_members import carried
from designer.ui.canvas.gestures.stage import Stage
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.table import AnyItem

# Presses of arrow keys that follow each other so fast are one step.
BURST_MS = 1200


class Board(QObject):
    """The commands. `textPasted` carries clipboard text that is no copy of ours: manifests, for whoever reads them."""

    textPasted = Signal(str)

    def __init__(self, stage: Stage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._clock = QElapsedTimer()
        self._bursts = count(1)
        self._burst = 0

    def objects(self) -> tuple[str, ...]:
        """The ids of the selected things that are objects, derived Pods by their owners; not what is only kept."""
        found = (self._stage.object_of(oid) for oid in self._stage.selection.ids)
        return tuple(dict.fromkeys(oid for oid in found if oid is not None and self._stage.is_copied(oid)))

    def select_all(self) -> None:
        """Nothing; selects every object in the view; the outside is none."""
        self._stage.selection.select([oid for oid in self._stage.scene.reading_order() if oid != OUTSIDE])

    def copy(self) -> bool:
        """Whether something was put on the clipboard."""
        objects = self.objects()
        if objects:
            QGuiApplication.clipboard().setText(clipboard.copy(self._stage.project, objects))
        return bool(objects)

    def cut(self) -> None:
        """Nothing; copies and deletes in one step."""
        if self.copy():
            self.delete("Cut")

    def paste(self) -> None:
        """Nothing; pastes a copy of objects; any other text is offered to whoever reads manifests."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            return
        if clipboard.FORMAT in text[:4096]:
            self._stage.apply(clipboard.paste(self._stage.project, text, self._stage.scene.current_view))
        else:
            self.textPasted.emit(text)

    def duplicate(self) -> None:
        """Nothing; a second one of everything that is selected; the clipboard stays as it is."""
        objects = self.objects()
        if objects:
            project = self._stage.project
            text = clipboard.copy(project, objects)
            edit = clipboard.paste(project, text, self._stage.scene.current_view)
            what = f"{len(objects)} objects" if len(objects) > 1 else objects[0].rpartition("/")[2].rpartition(":")[2]
            self._stage.apply(replace(edit, label=f"Duplicate {what}"))

    def delete(self, word: str = "Delete") -> None:
        """Nothing; removes what is selected; a derived Pod is no object and stays."""
        own = tuple(oid for oid in self._stage.selection.ids if self._stage.object_of(oid) == oid)
        if word == "Cut":  # what was not copied stays
            own = tuple(oid for oid in own if self._stage.is_copied(oid))
        if not own:
            return
        edit = remove(self._stage.project, own)
        if self._stage.apply(replace(edit, label=edit.label.replace("Delete", word, 1))):
            self._stage.selection.clear()

    def recreate(self, oid: str) -> None:
        """Nothing; the Pod starts anew, with a new address."""
        pod = self._stage.pod(oid)
        if pod is not None:
            self._stage.apply(recreate(self._stage.project, pod.key))

    # --- places

    def nudge(self, dx: float, dy: float) -> bool:
        """Whether something was moved by so many scene units; quick presses are one step."""
        view, scene = self._stage.scene.current_view, self._stage.scene
        moved: dict[str, Placement] = {}
        for oid in self._stage.selection.ids:
            for part in scene.companions(oid):
                item = scene.placed_of(part)
                if item is None or (isinstance(item, FrameItem) and item.facts.members):
                    continue
                before = self._stage.project.canvas.placement(part, view)
                x, y = (before.x, before.y) if before is not None else (item.rect.x(), item.rect.y())
                for thing, (left, top) in {part: (x, y), **carried(self._stage, item)}.items():
                    moved[thing] = self._stage.placement_at(thing, view, left + dx, top + dy)
        if not moved:
            return False
        if not self._clock.isValid() or self._clock.elapsed() > BURST_MS:
            self._burst = next(self._bursts)
        self._clock.start()
        edit = place(self._stage.project, view, moved)
        return self._stage.apply(replace(edit, merge_key=f"{edit.merge_key}:{self._burst}"), select=False)

    def is_pinned(self, oid: str) -> bool:
        """Whether a person chose the place of a thing in this view."""
        found = self._stage.project.canvas.placement(oid, self._stage.scene.current_view)
        return found is not None and found.pinned

    def pin(self, pinned: bool) -> None:
        """Nothing; keeps the selected things where they are, or lets the layout have them again."""
        view = self._stage.scene.current_view
        project = self._stage.project
        items = [item for oid in self._stage.selection.ids if (item := self._stage.scene.item_of(oid)) is not None]
        if pinned:
            places = {i.oid: Placement(x=i.rect.x(), y=i.rect.y(), pinned=True) for i in items}
            self._stage.apply(replace(place(project, view, places, "Pin"), merge_key=None), select=False)
            return
        known: FrozenMap[str, Placement] = project.canvas.placements.get(view, EMPTY_MAP)
        left = known.without(*(item.oid for item in items if item.oid in known))
        self._stage.apply(_with_places("Unpin", self._stage, left), select=False)

    def units(self) -> tuple[Unit, ...]:
        """What is selected as things that move as one: a frame with what is in it; what a frame takes is not alone."""
        scene = self._stage.scene
        found: dict[str, Unit] = {}
        for oid in self._stage.selection.ids:
            item = scene.item_of(oid)
            if item is None:
                continue
            parts: dict[str, tuple[float, float]] = {}
            for part in scene.companions(oid):
                thing = scene.placed_of(part)
                if thing is not None and not _is_full_frame(thing):
                    parts |= {part: (thing.rect.x(), thing.rect.y()), **carried(self._stage, thing)}
            rect = item.rect
            found[oid] = Unit(Rect(rect.x(), rect.y(), rect.width(), rect.height()), parts)
        taken = {part for oid, unit in found.items() for part in unit.parts if part != oid}
        return tuple(unit for oid, unit in found.items() if oid not in taken)

    def align(self, line: str) -> None:
        """Nothing; brings what is selected to one line."""
        edit = align(self._stage.project, self._stage.scene.current_view, self.units(), line)
        self._stage.apply(edit, select=False)

    def distribute(self, way: str) -> None:
        """Nothing; puts the same distance between what is selected."""
        edit = distribute(self._stage.project, self._stage.scene.current_view, self.units(), way)
        self._stage.apply(edit, select=False)

    def colour(self, name: str) -> None:
        """Nothing; gives what is selected a colour, none with ""."""
        scene = self._stage.scene
        found = tuple(oid for oid in self._stage.selection.ids if scene.item_of(oid) is not None)
        if found:
            self._stage.apply(colour(self._stage.project, found, name), select=False)

    # --- groups

    def groups(self) -> tuple[str, ...]:
        """The groups that are selected, or that what is selected is in."""
        found = (self._stage.scene.group_of(oid) for oid in self._stage.selection.ids)
        return tuple(dict.fromkeys(group for group in found if group))

    def is_collapsed(self, group: str) -> bool:
        """Whether a group is shown as a card."""
        return group in self._stage.project.canvas.collapsed

    def toggle(self, groups: tuple[str, ...]) -> bool:
        """Whether groups were collapsed, or opened where all of them are collapsed."""
        project = self._stage.project
        if not groups:
            return False
        shut = all(map(self.is_collapsed, groups))
        return self._stage.apply(expand(project, groups) if shut else collapse(project, groups), select=False)

    def collapse_all(self, collapsed: bool) -> None:
        """Nothing; shows every outermost group of the view as a card, or opens all groups of the view."""
        scene, project = self._stage.scene, self._stage.project
        inner = {member for members in scene.groups.values() for member in members}
        outermost = tuple(group for group in scene.groups if group not in inner)
        edit = collapse(project, outermost) if collapsed else expand(project, tuple(scene.groups))
        self._stage.apply(edit, select=False)

    def lay_out(self) -> None:
        """Nothing; arranges everything anew that nobody pinned."""
        scene = self._stage.scene
        edit = place(self._stage.project, scene.current_view, scene.laid_out(), "Lay out")
        self._stage.apply(replace(edit, merge_key=None), select=False)


def _is_full_frame(item: AnyItem | None) -> bool:
    """Whether an item is a frame that follows what is in it."""
    return isinstance(item, FrameItem) and bool(item.facts.members)


def _with_places(label: str, stage: Stage, places: FrozenMap[str, Placement]) -> Edit:
    project, view = stage.project, stage.scene.current_view
    canvas = project.canvas.model_copy(update={"placements": project.canvas.placements.set(view, places)})
    return Edit(label, replace(project, canvas=canvas))
