"""How the parts of the window hear of each other: canvas, panels, request bar. None of them knows another."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from designer.present.verification_rows import counts_text, differing
from designer.ui.app.shell import Shell
from designer.ui.canvas.gestures.controller import CanvasGestures
from designer.ui.panels.live import LivePanel

if TYPE_CHECKING:
    from designer.ui.panels.inspector import InspectorPanel
    from designer.ui.panels.matrix_panel import MatrixPanel
    from designer.ui.panels.problems_panel import ProblemsPanel
    from designer.ui.panels.requests_panel import RequestsPanel
    from designer.ui.panels.routes_panel import RoutesPanel
    from designer.ui.panels.tables_panel import TablesPanel
    from designer.ui.panels.trace_panel import TracePanel
    from designer.ui.panels.verify_panel import VerifyPanel


# So much of the height below the bar has the matrix when it is first looked at.
MATRIX_SHARE = 0.46


class Wiring(QObject):
    """Carries wishes from one part to another."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self._problems: ProblemsPanel | None = None

    def connect_gestures(self, gestures: CanvasGestures) -> None:
        """Nothing; requests, names and pasted text of the canvas go where they belong."""
        window = self._shell.window
        gestures.requested.connect(window.commands.simulate.ask_between)
        gestures.policyWanted.connect(window.commands.policies.change)
        gestures.traceFrom.connect(self._trace_from)
        gestures.traceTo.connect(self._trace_to)
        gestures.inspectorWanted.connect(self._inspect)
        gestures.yamlWanted.connect(self._edit_yaml)
        gestures.textPasted.connect(self._paste_text)
        gestures.withoutWanted.connect(window.commands.policies.without)
        gestures.helpWanted.connect(window.commands.help.explain)
        gestures.layerWanted.connect(window.commands.view.layer_new)

    def connect_panel(self, name: str, panel: QWidget) -> None:
        """Nothing; what a new panel wants of the others."""
        if isinstance(panel, LivePanel):
            panel.helpWanted.connect(self._shell.window.commands.help.explain)
        join = {
            "problems": self._join_problems,
            "trace": self._join_trace,
            "matrix": self._join_matrix,
            "inspector": self._join_inspector,
            "verify": self._join_verify,
            "requests": self._join_requests,
            "routes": self._join_routes,
        }.get(name)
        if join is not None:
            join(panel)

    def _join_problems(self, panel: QWidget) -> None:
        self._problems = cast("ProblemsPanel", panel)
        self._problems.countChanged.connect(self._on_problems)
        self._problems.settingWanted.connect(self._shell.window.commands.analyze.cluster)
        self._on_problems(len(self._problems.problems))

    def _join_trace(self, panel: QWidget) -> None:
        trace = cast("TracePanel", panel)
        trace.tablesWanted.connect(self._show_tables)
        trace.exportWanted.connect(self._shell.window.commands.simulate.export_run)

    def _join_requests(self, panel: QWidget) -> None:
        requests, simulate = cast("RequestsPanel", panel), self._shell.window.commands.simulate
        requests.traced.connect(simulate.run_scenario)
        requests.compared.connect(simulate.compare_scenarios)
        requests.counted.connect(lambda count: self._shell.window.bottom.set_count("requests", count))

    def _join_routes(self, panel: QWidget) -> None:
        cast("RoutesPanel", panel).traced.connect(self._shell.window.commands.simulate.ask)

    def _join_matrix(self, panel: QWidget) -> None:
        matrix = cast("MatrixPanel", panel)
        matrix.traced.connect(self._show_trace)
        matrix.policyWanted.connect(self.show_field)
        matrix.changeWanted.connect(self._shell.window.commands.policies.change)
        matrix.exposure.objectWanted.connect(self._shell.selection.show)
        self._shell.window.bottom.currentChanged.connect(lambda _tab: self._make_room())
        self._make_room()

    def _make_room(self) -> None:
        """Nothing; in the first height of the panels the matrix would have three rows."""
        if self._shell.window.bottom.is_in_front("matrix"):
            self._shell.window.sides.grow_bottom(MATRIX_SHARE)

    def _join_inspector(self, panel: QWidget) -> None:
        cast("InspectorPanel", panel).tablesWanted.connect(self._show_rules_of)

    def _join_verify(self, panel: QWidget) -> None:
        verify, commands = cast("VerifyPanel", panel), self._shell.window.commands.verify
        verify.setupWanted.connect(commands.dialog)
        verify.exportWanted.connect(commands.export)
        verify.forgetWanted.connect(commands.forget)
        verify.rowChosen.connect(commands.show_row)
        self._shell.verifier.resultChanged.connect(self._on_verified)
        self._shell.verifier.stateChanged.connect(self._on_lab_state)
        self._on_verified()

    # --- from the canvas

    def _trace_from(self, source: str) -> None:
        bar = self._shell.window.request_bar
        bar.set_source(source)
        bar.destination.setFocus(Qt.FocusReason.OtherFocusReason)
        bar.destination.selectAll()

    def _trace_to(self, destination: str) -> None:
        bar = self._shell.window.request_bar
        bar.set_destination(destination)
        bar.ask()

    def _inspect(self, oid: str) -> None:
        window = self._shell.window
        self._shell.selection.select((oid,))
        window.sides.show_side("inspector", True)
        name = window.make_inspector().header.name
        name.setFocus(Qt.FocusReason.OtherFocusReason)
        name.selectAll()

    def _edit_yaml(self, oid: str) -> None:
        window = self._shell.window
        self._shell.selection.select((oid,))
        window.sides.show_side("inspector", True)
        window.make_inspector().header.views.set_value("yaml")

    def _paste_text(self, text: str) -> None:
        self._shell.window.files.paste_text(text)

    # --- from the panels

    def _on_problems(self, count: int) -> None:
        window = self._shell.window
        window.bottom.set_count("problems", count)
        if self._problems is not None:
            window.scene.set_problems(self._problems.problems)

    def _on_lab_state(self) -> None:
        """Nothing; tells how a run ended where the person looks at something else."""
        window, verifier = self._shell.window, self._shell.verifier
        if window.bottom.is_in_front("verify") or verifier.state not in ("done", "failed"):
            return
        if verifier.state == "failed":
            words, kind = f"Verify on Linux: {verifier.words}", "error"
        else:
            found = verifier.result
            words = f"Verify on Linux: {counts_text(found)}." if found is not None else ""
            kind = "warning" if differing(found) else "success"
        window.messages.tell(words, kind, "Show", self._show_verify)

    def _show_verify(self) -> None:
        self._shell.window.sides.show_side("bottom", True)
        self._shell.window.bottom.show_panel("verify")

    def _on_verified(self) -> None:
        self._shell.window.bottom.set_count("verify", differing(self._shell.verifier.result))

    def _show_tables(self) -> None:
        self._shell.window.bottom.show_panel("tables")

    def show_field(self, oid: str, path: str) -> None:
        """Nothing; shows an object on the canvas, and a field of it in its YAML."""
        window = self._shell.window
        self._shell.selection.show(oid)
        window.sides.show_side("inspector", True)
        window.make_inspector().show_field(path)

    def _show_trace(self) -> None:
        self._shell.window.bottom.show_panel("trace")

    def _show_rules_of(self, service: str) -> None:
        tables = cast("TablesPanel", self._shell.window.bottom.show_panel("tables"))
        tables.show_service(service)
