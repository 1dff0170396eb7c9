"""The main window: here session, canvas, panels and actions meet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QToolBar, QVBoxLayout, QWidget

from designer.engine.trace.hops import TraceResult
from designer.model import scenarios_in_order
from designer.present.trace_rows import trace_words_at
from designer.session import Change, Session
from designer.ui.app.action_set import ActionSet, Fill
from designer.ui.app.actions import RECENT, SCENARIOS
from designer.ui.app.bottom import BottomPanels, make_panel
from designer.ui.app.commands import Commands
from designer.ui.app.diff_display import DiffDisplay
from designer.ui.app.field_keys import FieldKeys
from designer.ui.app.file_commands import FileCommands
from designer.ui.app.help_dock import WIDTH as HELP_WIDTH
from designer.ui.app.help_dock import HelpDock
from designer.ui.app.layer_display import LayerDisplay
from designer.ui.app.messages import BannerPlace, Messages
from designer.ui.app.settings import Settings
from designer.ui.app.shell import Shell
from designer.ui.app.sides import Sides, first_size
from designer.ui.app.status import StatusLine, TimedCompiler
from designer.ui.app.swaps import SwapTeller
from designer.ui.app.tracing import Tracing
from designer.ui.app.view_commands import dress
from designer.ui.app.wiring import Wiring
from designer.ui.bridge.lab import Verifier
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.canvas.gestures.controller import CanvasGestures
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from designer.ui.kit import motion
from designer.ui.kit.menu_key import opened_menu
from designer.ui.panels.palette import PalettePanel
from designer.ui.panels.request_bar import RequestBar

if TYPE_CHECKING:
    from designer.ui.canvas.beside_layer import BesideLayer
    from designer.ui.canvas.lab_layer import LabLayer
    from designer.ui.canvas.overlay_layer import OverlayLayer
    from designer.ui.canvas.stream_layer import StreamLayer
    from designer.ui.canvas.trace_layer import TraceLayer
    from designer.ui.panels.inspector import InspectorPanel

PROGRAM = "Cluster Network Designer"
FIRST_SAMPLE = "first-steps.cnd"


class MainWindow(QMainWindow):
    """One project in one window. What is seen at the start is made at once, the rest while nothing else is to do."""

    scene: CanvasScene
    canvas: CanvasView
    request_bar: RequestBar
    sides: Sides
    files: FileCommands
    commands: Commands
    swaps: SwapTeller
    diff: DiffDisplay
    layers: LayerDisplay

    def __init__(self, settings: Settings, journal: Path | None = None) -> None:
        super().__init__()
        self.setObjectName("main")
        self.compiler = TimedCompiler()
        bridge = SessionBridge(Session(journal_folder=journal, compiler=self.compiler), self)
        self.shell = Shell(bridge, Selection(self), Player(self), settings, self, Verifier(bridge, self))
        self.tracing = Tracing(bridge, self.shell.player, self.shell.prediction, self)
        self.inspector: InspectorPanel | None = None
        self.trace_layer: TraceLayer | None = None
        self.lab_layer: LabLayer | None = None
        self.overlay_layer: OverlayLayer | None = None
        self.beside_layer: BesideLayer | None = None
        self.stream_layer: StreamLayer | None = None
        self.wiring = Wiring(self.shell, self)
        self.swaps = SwapTeller(self.shell, self)
        self.diff = DiffDisplay(self.shell, self)
        self._build()
        self.layers = LayerDisplay(self.shell, self)
        self.commands = Commands(self.shell, self.tracing)
        self.files = self.commands.files
        self.action_set = ActionSet(self.shell, self)
        fill: dict[tuple[str, ...], Fill] = {
            RECENT: self.files.fill_recent,
            SCENARIOS: self.commands.simulate.fill_scenarios,
        }
        self.action_set.build_menus(self.menuBar(), fill)
        self.addActions(list(self.action_set.actions.values()))
        self.field_keys = FieldKeys(self)
        self.request_bar.set_history(self.action_set.actions["edit.undo"], self.action_set.actions["edit.redo"])
        self.bottom.set_enlarge(self.action_set.actions["view.enlarge"])
        self._connect()
        self._restore()
        self.scene.show(bridge.state, bridge.project)
        self._show_state()
        self._idle = QTimer(self)
        self._idle.timeout.connect(self._make_next)

    # --- building

    def _build(self) -> None:
        shell = self.shell
        self.scene = CanvasScene(self)
        self.canvas = CanvasView(self.scene, shell.selection)
        self.gestures = CanvasGestures(self.canvas, shell.bridge, shell.selection, self)
        self.palette_panel = PalettePanel()
        self.bottom: BottomPanels = BottomPanels(shell)
        self.request_bar = RequestBar(shell.bridge, shell.selection, shell.player)
        bar = QToolBar("Request")
        bar.setObjectName("requestToolBar")
        bar.setMovable(False)
        bar.addWidget(self.request_bar)
        self.addToolBar(bar)
        # The toolbar must not be hidden by its own context menu: there would be no way to bring it back.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        place = BannerPlace()
        column.addWidget(place)
        column.addWidget(self.canvas, 1)
        inspector = QWidget()
        QVBoxLayout(inspector).setContentsMargins(0, 0, 0, 0)
        self.sides = Sides(self.palette_panel, middle, inspector, self.bottom)
        self.setCentralWidget(self.sides)
        self.help_dock = HelpDock(self)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.help_dock)
        self.resizeDocks([self.help_dock], [HELP_WIDTH], Qt.Orientation.Horizontal)
        self.messages = Messages(place, self.canvas, shell.selection, self)
        self.status = StatusLine()
        self.setStatusBar(self.status)
        self.setAcceptDrops(True)

    def _connect(self) -> None:
        shell, commands = self.shell, self.commands
        shell.bridge.changed.connect(self._on_change)
        shell.bridge.stored.connect(self._show_state)
        shell.bridge.failed.connect(self.messages.show_problems)
        shell.selection.changed.connect(self._refresh)
        shell.overlays.changed.connect(self._refresh)
        shell.stream.changed.connect(self._refresh)
        shell.prediction.changed.connect(self._refresh)
        # What is drawn of other requests could tell how the one ends that a person is asked about.
        for drawn in (shell.overlays, shell.second):
            shell.prediction.changed.connect(lambda drawn=drawn: drawn.hide(shell.prediction.asking))
        self.diff.diffing.shownChanged.connect(self._refresh)
        shell.player.traceChanged.connect(self._on_trace)
        shell.player.playingChanged.connect(self._on_playing)
        shell.settings.changed.connect(self._on_setting)
        self.scene.viewChanged.connect(self._refresh)
        self.action_set.triggered.connect(commands.run)
        self.tracing.refused.connect(self.request_bar.show_problems)
        self.tracing.asked.connect(self.request_bar.set_request)
        self.request_bar.asked.connect(commands.simulate.ask)
        self.request_bar.saveWanted.connect(commands.simulate.save)
        self.request_bar.speedChosen.connect(commands.simulate.speed)
        self.request_bar.playing.loopWanted.connect(commands.simulate.loop)
        self.palette_panel.wanted.connect(commands.edit.insert)
        self.messages.why_wanted.connect(commands.help.explain)
        self.canvas.spaceTapped.connect(commands.simulate.play)
        self.canvas.beginSample.connect(self.open_first_sample)
        self.canvas.beginOpen.connect(self.files.open)
        self.canvas.beginNode.connect(self._insert_node)
        self.bottom.made.connect(self.wiring.connect_panel)
        self.wiring.connect_gestures(self.gestures)

    def _restore(self) -> None:
        settings = self.shell.settings
        geometry = settings.get("window/geometry")
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            size = first_size(self.screen().availableSize())
            self.setWindowState(Qt.WindowState.WindowMaximized) if size is None else self.resize(size)
        docks = settings.get("window/docks")
        if not docks.isEmpty():
            self.restoreState(docks)
        self.sides.restore(settings)
        self.bottom.order_tabs(settings.get("window/tabs"))
        self.bottom.orderChanged.connect(lambda names: settings.set("window/tabs", names))
        self.shell.player.speed = settings.get("trace/speed")
        self.shell.player.loop = settings.get("trace/loop")
        self.request_bar.playing.show_speed()
        motion.set_reduced_motion(settings.get("view/reducedMotion"))
        self.canvas.show_minimap(settings.get("view/minimap"))

    # --- beginning

    def start(self, path: Path | None) -> None:
        """Nothing; opens what was asked for, or the first sample; offers what a dead window left."""
        self._add_trace_layer()
        self.canvas.invite(inviting=False)
        if path is None or not self.files.open_paths([path]):
            self.files.open_sample(FIRST_SAMPLE)
        self.canvas.invite(inviting=True)
        self.commands.recovery.offer()
        self._idle.start(0)

    def _add_trace_layer(self) -> None:
        from designer.ui.canvas.beside_layer import BesideLayer, BesideLegend  # late: the first picture needs no trace
        from designer.ui.canvas.lab_layer import LabLayer
        from designer.ui.canvas.lab_note import LabNote
        from designer.ui.canvas.overlay_layer import Legend, OverlayLayer
        from designer.ui.canvas.stream_layer import StreamLayer
        from designer.ui.canvas.trace_layer import TraceLayer

        if self.trace_layer is None:
            self.trace_layer = TraceLayer(self.scene, self.shell.player)
            self.canvas.tellers.append(lambda oid: trace_words_at(self.shell.player.hops, oid))
            self.lab_layer = LabLayer(self.scene, self.shell.player, self.shell.verifier, self.trace_layer)
            LabNote(self.lab_layer, self.canvas)
            self.overlay_layer = OverlayLayer(self.scene, self.shell.overlays)
            Legend(self.shell.overlays, self.canvas)
            self.stream_layer = StreamLayer(self.scene, self.shell.player, self.shell.overlays, self.shell.stream)
            self.beside_layer = BesideLayer(self.scene, self.shell.player, self.shell.second)
            BesideLegend(self.shell.second, self.canvas)
            # After the layer's own: the token is at its place then.
            self.shell.player.stepped.connect(self._follow_token)

    def _follow_token(self, _what: object) -> None:
        point = self.trace_layer.token_point if self.trace_layer is not None else None
        if point is not None and not self.tracing.renewing:
            self.canvas.keep_in_sight(point)

    def open_first_sample(self) -> None:
        """Nothing; opens the sample of the first start."""
        self.files.open_sample(FIRST_SAMPLE)

    def begin_with_first_request(self, *, welcome: bool = False) -> None:
        """Nothing; traces the first saved request of a project that was just opened; `welcome` says how to play it."""
        scenarios = scenarios_in_order(self.shell.bridge.project.scenarios)
        if not scenarios:
            return
        first = scenarios[0].name
        if self.tracing.ask_scenario(scenarios[0]):
            self.bottom.show_panel("trace")
            if welcome:
                words = f"{first.lstrip('0123456789. ')}: press ▶ to play the request, hop by hop."
                self.messages.invite(words, "▶ Play", self.shell.player.play)

    def _insert_node(self) -> None:
        self.commands.edit.insert("Node")

    def _make_next(self) -> None:
        if self.inspector is None:
            self.make_inspector()
        elif not self.bottom.make_next():
            self._idle.stop()

    def make_inspector(self) -> InspectorPanel:
        """The inspector, made now when it was not there."""
        if self.inspector is None:
            made = cast("InspectorPanel", make_panel("inspector", self.shell))
            self.inspector = made
            self.sides.set_inspector(made)
            self.wiring.connect_panel("inspector", made)
        return self.inspector

    def make_all(self) -> None:
        """Nothing; makes every panel now."""
        while self.inspector is None or len(self.bottom.panels) < self.bottom.count():
            self._make_next()

    # --- reacting

    def _on_change(self, change: Change) -> None:
        self.scene.reconcile(change)
        if change.replaced:
            self.compiler.forget(change.state)
            self.shell.selection.clear()
            self.shell.overlays.clear()
            self.messages.withdraw()
            # The field that had the keyboard may be gone with its form: it would go on to any other.
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.shell.selection.select([oid for oid in self.shell.selection.ids if self._exists(oid)])

    def _exists(self, oid: str) -> bool:
        return self.shell.bridge.project.get(oid) is not None or self.scene.rect_of(oid) is not None

    def _show_state(self) -> None:
        session = self.shell.bridge.session
        self.setWindowTitle(f"{self.files.name()}[*] — {PROGRAM}")
        self.setWindowModified(session.dirty)
        self.status.set_state(session.state)
        self.status.set_saved(self.compiler.took_ms, dirty=session.dirty, has_file=session.path is not None)
        self._refresh()

    def _refresh(self, _anything: object = None) -> None:
        self.action_set.refresh()

    def _on_trace(self, result: TraceResult | None) -> None:
        self.messages.withdraw_invitation()
        self.commands.edit.offer_dns(result)
        self._refresh()

    def _on_playing(self, playing: bool) -> None:
        if playing:
            self.messages.withdraw_invitation()

    def _on_setting(self, key: str, value: object) -> None:
        if key == "view/theme":
            dress(str(value))
        elif key == "view/reducedMotion":
            motion.set_reduced_motion(bool(value))
            if self.trace_layer is not None:
                self.trace_layer.rebuild()
            if value:
                self.shell.stream.run(False)
        elif key == "view/minimap":
            self.canvas.show_minimap(bool(value))
        self._refresh()

    def start_two_clicks(self) -> None:
        """Nothing; lets a person click the sender, then the destination."""
        self.gestures.start_request()

    # --- events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Nothing; takes files from the desktop."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Nothing; opens the files that were dropped, once the drop itself is over."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            QTimer.singleShot(0, self, lambda: self.files.open_paths(paths))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Space and the arrows move the packet where nothing else wanted them; Shift+F10 opens a menu.

        A key of something that cannot be done now says why.
        """
        if opened_menu(event):
            return
        reason = self.action_set.refused(event)
        if reason:
            self.messages.mention(reason)
            return
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not self.action_set.press(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing; asks about changes, remembers the window, ends the session in good order."""
        if not self.files.may_leave():
            event.ignore()
            return
        settings = self.shell.settings
        settings.set("window/geometry", self.saveGeometry())
        settings.set("window/docks", self.saveState())
        self.sides.remember(settings)
        settings.save()
        self._idle.stop()
        self.shell.player.pause()
        self.diff.close()
        layers = (self.lab_layer, self.beside_layer, self.stream_layer, self.trace_layer, self.overlay_layer)
        for layer in layers:
            if layer is not None:
                layer.close()
        self.shell.verifier.close()
        self.shell.bridge.close()
        self.shell.bridge.session.close()
        event.accept()
