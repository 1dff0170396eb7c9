"""The Simulate menu: tracing, the player, and saved requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from designer.engine.trace.hops import Path, Request
from designer.model import Scenario, scenarios_in_order
from designer.present.verification_rows import status_text
from designer.ui.app.run_export import RunExport
from designer.ui.app.shell import Shell
from designer.ui.app.tracing import Tracing
from designer.ui.kit import motion

if TYPE_CHECKING:
    from designer.ui.panels.requests_panel import RequestsPanel
    from designer.ui.panels.trace_panel import TracePanel


class SimulateCommands:
    """What asks for traces and plays them."""

    def __init__(self, shell: Shell, tracing: Tracing) -> None:
        self._shell = shell
        self._tracing = tracing
        self._runs = RunExport(shell)

    def trace(self) -> None:
        """Nothing; traces what the request bar says."""
        self._shell.window.request_bar.ask()

    def ask(self, request: Request) -> None:
        """Nothing; traces a request and shows its events."""
        if self._tracing.ask(request):
            window = self._shell.window
            window.bottom.show_panel("trace")

    def ask_between(self, source: str, destination: str) -> None:
        """Nothing; traces a request that was chosen on the canvas."""
        self.ask(Request(source, destination))

    def clicks(self) -> None:
        """Nothing; lets a person click who sends and who is asked."""
        self._shell.window.start_two_clicks()

    def clear(self) -> None:
        """Nothing; shows no trace."""
        self._tracing.forget()

    def play(self) -> None:
        """Nothing; runs the packet, or stops it."""
        self._shell.player.toggle()

    def step(self, by: int) -> None:
        """Nothing; one hop forward or back."""
        self._shell.player.step(by)

    def to_start(self) -> None:
        """Nothing; to the first hop."""
        self._shell.player.pause()
        self._shell.player.seek(0.0)

    def to_end(self) -> None:
        """Nothing; to the last hop."""
        self._shell.player.pause()
        self._shell.player.seek(float(len(self._shell.player.hops)))

    def speed(self, speed: float) -> None:
        """Nothing; sets the speed of the animation and remembers it."""
        self._shell.player.speed = speed
        self._shell.settings.set("trace/speed", speed)
        self._shell.window.request_bar.playing.show_speed()

    def loop(self) -> None:
        """Nothing; begins again at the end, or not."""
        self._shell.player.loop = not self._shell.player.loop
        self._shell.settings.set("trace/loop", self._shell.player.loop)

    def predict(self) -> None:
        """Nothing; asks before each trace how it will end, or not."""
        prediction = self._shell.prediction
        prediction.arm(not prediction.armed)
        if prediction.armed:
            words = "Before each trace you are asked how it will end. Leave with Escape, or by the same menu."
            self._shell.window.messages.tell(words)
            result = self._shell.player.result
            if result is not None and not self._shell.player.playing and self._shell.player.index == 0:
                self.ask(result.request)

    def run_all(self) -> None:
        """Nothing; asks every saved request and shows which are as expected."""
        panel = cast("RequestsPanel", self._shell.window.bottom.show_panel("requests"))
        self._shell.window.sides.show_side("bottom", True)
        panel.make_stale()

    def beside(self) -> None:
        """Nothing; lays the way that is shown side by side with another, or shows its packets again."""
        panel = self._trace_panel()
        panel.beside.toggle()

    def compare_scenarios(self, one: Scenario, other: Scenario) -> None:
        """Nothing; traces a saved request and lays it side by side with another."""
        if self._tracing.ask_scenario(one):
            self._trace_panel().show_beside(other.name)

    def lay_guest(self, name: str, path: Path) -> None:
        """Nothing; lays the way that is shown side by side with one that was found in another cluster."""
        self._trace_panel().show_guest(name, path)

    def _trace_panel(self) -> TracePanel:
        self._shell.window.sides.show_side("bottom", True)
        return cast("TracePanel", self._shell.window.bottom.show_panel("trace"))

    def take_off(self) -> None:
        """Nothing; draws no saved requests on the canvas any more."""
        self._shell.overlays.clear()

    def export_run(self, form: str) -> None:
        """Nothing; asks for a file and writes the run into it."""
        self._runs.ask(form)

    def stream(self) -> None:
        """Nothing; lets packets stream along every way that is drawn, or ends it."""
        stream, messages = self._shell.stream, self._shell.window.messages
        if motion.reduced_motion():
            messages.tell("Packets do not stream while motion is reduced. Edit → Preferences… (Ctrl+,) changes it.")
            return
        stream.run(not stream.running)
        if stream.running:
            messages.tell("Packets stream on every way, as many as its share says. Shift+F5 ends it.")

    def save(self) -> None:
        """Nothing; asks for a name and the expected verdict and keeps the request in the project."""
        result = self._shell.player.result
        if result is not None:
            from designer.ui.app.dialogs.scenario import ScenarioDialog

            ScenarioDialog(self._shell.bridge, result, self._shell.window).open()

    def fill_scenarios(self, menu: QMenu) -> None:
        """Nothing; fills the submenu of saved requests."""
        menu.clear()
        for scenario in scenarios_in_order(self._shell.bridge.project.scenarios):
            self._add(menu, scenario.name, scenario)
        if menu.isEmpty():
            menu.addAction("Nothing saved yet").setEnabled(False)

    def _add(self, menu: QMenu, name: str, scenario: Scenario) -> None:
        verifier = self._shell.verifier
        status = verifier.marks.scenarios.get(name, "")
        said = f"{status_text(status)}{' before the last changes' if verifier.stale else ''}" if status else ""
        action: QAction = menu.addAction(name.replace("&", "&&") + (f"\t{said}" if said else ""))
        told = f"\nVerify on Linux: {said}" if said else ""
        action.setToolTip(f"{scenario.source} → {scenario.destination}{told}")
        action.triggered.connect(lambda _checked=False: self.run_scenario(scenario))

    def run_scenario(self, scenario: Scenario) -> None:
        """Nothing; traces a saved request."""
        if self._tracing.ask_scenario(scenario):
            self._shell.window.bottom.show_panel("trace")
