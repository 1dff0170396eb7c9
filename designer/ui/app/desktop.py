"""The window for the command line: the application object, its look, its last line of defence; and the painter."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from designer import __version__
from designer.resources import resource_path
from designer.ui.app.collecting import pace_collector, pace_threads
from designer.ui.app.crash import CrashCatcher
from designer.ui.app.desktop_motion import DesktopMotion
from designer.ui.app.folders import crash_folder, journal_folder
from designer.ui.app.settings import Settings
from designer.ui.kit.fonts import load_fonts
from designer.ui.kit.style import apply_theme

if TYPE_CHECKING:
    from designer.cli.desktop import RenderOptions
    from designer.engine.compile import ClusterState
    from designer.engine.trace.hops import TraceResult
    from designer.model import Problem

DESKTOP_NAME = "org.cluster_network_designer.Designer"
NAME = "Cluster Network Designer"


def make_application() -> QApplication:
    """The application object of this process, made and named now when there was none."""
    found = QCoreApplication.instance()
    if isinstance(found, QApplication):
        return found
    app = QApplication(sys.argv[:1])
    app.setApplicationName("cluster-designer")
    app.setApplicationDisplayName(NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(DESKTOP_NAME)
    app.setWindowIcon(QIcon(str(resource_path("icons", "app.svg"))))
    # Numbers, addresses and words are English as Kubernetes' own; a comma as decimal point would mislead.
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    load_fonts()
    return app


def scale_by(percent: int) -> None:
    """Nothing; sets the size of everything, before the application object exists; the environment comes first."""
    if percent != 100 and QGuiApplication.instance() is None:
        os.environ.setdefault("QT_SCALE_FACTOR", f"{percent / 100:g}")


def tell_crash(log: Path | None) -> None:
    """Nothing; says that something went wrong in the program itself, without a traceback."""
    where = f"\n\nA report for the developers was written to:\n{log}" if log else ""
    box = QMessageBox(QApplication.activeWindow())
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Something went wrong")
    box.setText("Something went wrong inside the program. Your project is safe, and you can go on.")
    box.setInformativeText(f"If it happens again, save, and start the program anew.{where}")
    box.exec()
    box.deleteLater()


class QtDesktop:
    """What the command line calls: `run_window` and `render`."""

    def run_window(self, path: Path | None) -> int:
        """The exit status after the window was closed."""
        multiprocessing.freeze_support()
        settings = Settings()
        scale_by(settings.get("view/scale"))
        app = make_application()
        catcher = CrashCatcher(crash_folder(), tell_crash)
        catcher.install()
        apply_theme(app, settings.get("view/theme"))
        from designer.ui.app.window import MainWindow

        window = MainWindow(settings, journal_folder())
        key = "view/reducedMotion"
        DesktopMotion(app, lambda: settings.changed.emit(key, settings.get(key)), window)
        pace_collector(window.shell.bridge)
        pace_threads()
        # What is opened comes after the first picture of the window.
        window.canvas.invite(inviting=False)
        window.show()

        def begin() -> None:
            window.start(path)
            # Until somebody has left it, and only where nobody asked for a file of their own.
            if path is None and not settings.get("window/welcomed"):
                window.commands.help.guide()

        QTimer.singleShot(0, window, begin)
        pulse = _let_ctrl_c_through(app)
        status = app.exec()
        pulse.stop()
        catcher.remove()
        return status

    def render(
        self, state: ClusterState, out: Path, trace: TraceResult | None, options: RenderOptions
    ) -> tuple[Problem, ...]:
        """Paint the canvas into `out`; what went wrong, empty when nothing did."""
        make_application()
        from designer.ui.canvas.render import paint_canvas

        return paint_canvas(state, out, trace, options)


def _let_ctrl_c_through(app: QApplication) -> QTimer:
    """A slow pulse, so that Python sees Ctrl+C in the terminal; it closes the windows, which ask about changes."""
    signal.signal(signal.SIGINT, lambda *_: app.closeAllWindows())
    pulse = QTimer(app)
    pulse.timeout.connect(lambda: None)
    pulse.start(400)
    return pulse
