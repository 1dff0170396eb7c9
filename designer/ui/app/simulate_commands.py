"""The Simulate menu: tracing, the player, and saved requests."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from designer.engine.trace.hops import Request
from designer.model import Scenario, scenarios_in_order
from designer.present.verification_rows import status_text
from designer.ui.app.shell import Shell
from designer.ui.app.tracing import Tracing


class SimulateCommands:
    """What asks for traces and plays them."""

    def __init__(self, shell: Shell, tracing: Tracing) -> None:
        self._shell = shell
        self._tracing = tracing

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
