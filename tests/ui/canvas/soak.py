"""A person who does anything: random actions on a canvas with mouse, keys, menus and undo, from one seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication

from designer.edits.align import LINES, SPREADS
from designer.edits.fields import set_field
from designer.edits.palette import PALETTE
from designer.edits.templates import TEMPLATES, add_template
from designer.model import CANVAS_VIEWS, Project
from designer.ui.canvas.edges import EdgeLayer
from designer.ui.canvas.pod_layer import PodLayer
from designer.ui.canvas.scene import CanvasScene
from tests.ui.canvas.bench import Bench, Key, Keys

KEYS = (Key.Key_Up, Key.Key_Down, Key.Key_Left, Key.Key_Right, Key.Key_Tab, Key.Key_Escape)
# More objects than this, and deleting comes before adding.
MOST_OBJECTS = 60


class Soak:
    """Does actions on a bench and remembers how often which; `start` is the project before the first."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench, self.random = bench, random.Random(seed)
        self.start: Project = bench.project
        self.done: Counter[str] = Counter()
        # The history keeps every step, so that all of them can be taken back.
        bench.session.session.history._limit = 1_000_000
        self._actions: dict[str, tuple[int, Callable[[], object]]] = {
            "click": (4, self._click),
            "drag": (4, self._drag),
            "give up a drag": (1, self._give_up),
            "rubber band": (1, self._band),
            "keys": (4, self._keys),
            "select": (3, self._select),
            "make": (3, self._make),
            "delete": (2, self._delete),
            "duplicate": (1, bench.gestures.board.duplicate),
            "copy and paste": (1, self._paste),
            "arrange": (2, self._arrange),
            "collapse": (2, self._collapse),
            "pin": (1, lambda: bench.gestures.board.pin(self.random.random() < 0.5)),
            "lay out": (1, bench.gestures.board.lay_out),
            "view": (2, lambda: bench.view.show_view(self.random.choice(CANVAS_VIEWS))),
            "labels": (2, self._labels),
            "rename": (1, self._rename),
            "template": (1, self._template),
            "layers": (2, self._layers),
            "undo": (6, bench.session.undo),
            "redo": (3, bench.session.redo),
            "end of a step": (1, bench.session.session.end_merge),
        }

    def act(self) -> str:
        """The name of the action that was done."""
        names = list(self._actions)
        (name,) = self.random.choices(names, [self._actions[one][0] for one in names])
        self._actions[name][1]()
        QApplication.processEvents()
        self.done[name] += 1
        return name

    def take_back(self) -> int:
        """How many steps were taken back: all of them."""
        self.bench.gestures.cancel()
        steps = 0
        while self.bench.session.session.can_undo:
            self.bench.session.undo()
            steps += 1
        return steps

    def differences(self) -> list[str]:
        """Where the scene differs from one that shows the same project for the first time: ids and facts."""
        bench, fresh = self.bench, CanvasScene()
        fresh.set_view(bench.scene.current_view)
        fresh.show(bench.session.state, bench.project)
        old, new = bench.scene.drawn(), fresh.drawn()
        other = [
            oid for oid in sorted({*old, *new}) if oid not in old or oid not in new or old[oid].facts != new[oid].facts
        ]
        return other + self._stale()

    def _stale(self) -> list[str]:
        """Which tables of the scene are not what making them anew gives; nothing while a gesture is under way."""
        scene = self.bench.scene
        if scene.lifted:
            return []
        pods, edges = PodLayer(scene.pods._tint_of, scene.pods._shielded), EdgeLayer(scene.places)
        pods.version = scene.pods.version
        pods.fill(scene.stock.boxes.items)
        edges.fill(scene.edges._given or scene.edges.edges)
        same = {
            "places of Pods": np.array_equal(pods.rects, scene.pods.rects),
            "looks of Pods": np.array_equal(pods.tints, scene.pods.tints)
            and np.array_equal(pods.flags, scene.pods.flags),
            "edges": edges.edges == scene.edges.edges,
            "ends of edges": np.array_equal(edges.ends, scene.edges.ends),
        }
        for name, table in (("frames", scene.stock.frames), ("boxes", scene.stock.boxes), ("cards", scene.stock.cards)):
            rects = [(r.left(), r.top(), r.right(), r.bottom()) for r in (item.rect for item in table.items)]
            same[name] = np.array_equal(np.array(rects).reshape(-1, 4), table.edges)
        return [f"table of {name}" for name, equal in same.items() if not equal]

    # --- actions

    def _some(self) -> str:
        order = [oid for oid in self.bench.scene.reading_order() if ":" in oid]
        return self.random.choice(order) if order else ""

    def _at(self) -> QPoint:
        oid = self._some()
        rect = self.bench.scene.rect_of(oid) if oid else None
        area = self.bench.view.viewport().rect().adjusted(8, 48, -8, -8)
        if rect is None or self.random.random() < 0.2:
            return QPoint(
                self.random.randint(area.left(), area.right()), self.random.randint(area.top(), area.bottom())
            )
        return self.bench.view.mapFromScene(QPointF(rect.center().x(), rect.top() + 12))

    def _click(self) -> None:
        self.bench.click(self._at(), self.random.choice((Keys.NoModifier, Keys.ShiftModifier)))

    def _drag(self) -> None:
        start = self._at()
        self.bench.drag(start, start + QPoint(self.random.randint(-300, 300), self.random.randint(-200, 200)))

    def _give_up(self) -> None:
        start = self._at()
        self.bench.press(start)
        self.bench.move(start + QPoint(60, 40))
        self.bench.key(Key.Key_Escape)
        self.bench.release(start + QPoint(60, 40))

    def _band(self) -> None:
        start = self.bench.free()
        self.bench.drag(start, start + QPoint(self.random.randint(50, 900), -self.random.randint(50, 600)))

    def _keys(self) -> None:
        keys = self.random.choice((Keys.NoModifier, Keys.NoModifier, Keys.ShiftModifier, Keys.ControlModifier))
        self.bench.key(self.random.choice(KEYS), keys)

    def _select(self) -> None:
        self.bench.selection.select(tuple(filter(None, (self._some() for _ in range(self.random.randint(1, 4))))))

    def _count(self) -> int:
        return sum(len(found) for found in self.bench.project.objects.values())

    def _make(self) -> None:
        if self._count() > MOST_OBJECTS:
            self._delete()
            return
        at = self.bench.view.mapToScene(self._at())
        kind = self.random.choice(PALETTE).kind
        self.bench.gestures.palette.make(kind, at, self.bench.gestures.stage.namespace_at(at))

    def _delete(self) -> None:
        self._select()
        self.bench.gestures.board.delete()

    def _paste(self) -> None:
        if self._count() <= MOST_OBJECTS and self.bench.gestures.board.copy():
            self.bench.gestures.board.paste()

    def _arrange(self) -> None:
        self._select()
        board = self.bench.gestures.board
        if self.random.random() < 0.7:
            board.align(self.random.choice(list(LINES)))
        else:
            board.distribute(self.random.choice(list(SPREADS)))

    def _collapse(self) -> None:
        board = self.bench.gestures.board
        if self.random.random() < 0.2:
            board.collapse_all(self.random.random() < 0.5)
        else:
            board.toggle(board.groups())

    def _layers(self) -> None:
        layers, chance = self.bench.gestures.layers, self.random.random()
        names = layers.names()
        if not names or (chance < 0.15 and len(names) < 6):
            self._select()
            layers.add()
        elif chance < 0.4:
            self._select()
            layers.put(self.random.choice(("", *names)))
        elif chance < 0.8:
            layers.show(self.random.choice(names), self.random.random() < 0.6)
        elif chance < 0.9:
            layers.remove(self.random.choice(names))
        else:
            layers.rename(self.random.choice(names), f"Layer {self.random.randint(1, 9)}")

    def _labels(self) -> None:
        chosen = [obj for obj in self.bench.project.all() if obj.KIND in ("Pod", "Node", "Namespace", "Service")]
        if chosen:
            labels = {"app": self.random.choice(("web", "cart", "db")), "zone": self.random.choice("abc")}
            if self.random.random() < 0.5:
                labels["topology.kubernetes.io/zone"] = self.random.choice("ab")
            self.bench.session.apply(
                set_field(self.bench.project, self.random.choice(chosen).id, "metadata.labels", labels)
            )

    def _rename(self) -> None:
        oid = self._some()
        if oid and self.bench.gestures.rename(oid):
            field = self.bench.gestures.name_field
            assert field is not None
            field.setText(f"name-{self.random.randint(0, 50)}")
            field.commit()
            if self.bench.gestures.name_field is not None:
                self.bench.gestures.name_field.close_field()

    def _template(self) -> None:
        if self._count() <= MOST_OBJECTS:
            self.bench.session.apply(add_template(self.bench.project, self.random.choice(list(TEMPLATES))))
