"""Take the README's pictures of the real window, light and dark: `packaging/pictures/window-<theme>.png`.

    python packaging/take_pictures.py

The window is opened without a screen, shows the sample *A shop in three tiers* with a request on its way, and is
painted as it would stand on a desktop. Settings and journal are those of a fresh start, in a folder that is gone
afterwards.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QSize  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from designer.ui.app.desktop import make_application  # noqa: E402
from designer.ui.app.settings import Settings  # noqa: E402
from designer.ui.app.window import MainWindow  # noqa: E402
from designer.ui.kit.style import apply_theme  # noqa: E402

PICTURES = ROOT / "packaging" / "pictures"
SIZE = QSize(1600, 1000)
SAMPLE = "shop.cnd"
# (theme, the scenario that is traced, the hop to stand at: a share of the way, what is selected)
PICTURES_TAKEN = (
    ("light", "2. The web tier calls the logic", 0.38, "Service:shop/api"),
    ("dark", "4. The web tier must not reach the data", 1.0, "NetworkPolicy:shop/db"),
)


def take(window: MainWindow, theme: str, scenario: str, share: float, selected: str) -> Path:
    """The picture's file; a missing scenario or object is an error, so that no picture shows less than it should."""
    shell = window.shell
    shell.settings.set("view/theme", theme)
    if not window.tracing.ask_scenario(shell.bridge.project.scenarios[scenario]):
        raise SystemExit(f"The scenario {scenario!r} cannot be traced.")
    if shell.bridge.project.get(selected) is None:
        raise SystemExit(f"{selected} is not in the sample.")
    shell.selection.select((selected,))
    window.bottom.show_panel("trace")
    shell.player.pause()
    shell.player.seek(len(shell.player.hops) * share)
    QTest.qWait(1200)  # what glides has arrived
    window.repaint()
    file = PICTURES / f"window-{theme}.png"
    if not window.grab().save(str(file)):
        raise SystemExit(f"{file.name} cannot be written.")
    return file


def main() -> None:
    """Nothing; takes all pictures and names their files."""
    app = make_application()
    assert isinstance(app, QApplication)
    apply_theme(app, "light")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(Settings(Path(folder) / "settings.ini"), Path(folder) / "journal")
        window.show()
        window.showNormal()  # the screen that is not there is small
        window.resize(SIZE)
        window.start(None)
        window.make_all()
        window.files.open_sample(SAMPLE)
        window.messages.withdraw_invitation()
        for each in PICTURES_TAKEN:
            print(take(window, *each).relative_to(ROOT))
        window.shell.bridge.session.close()
        window.deleteLater()


if __name__ == "__main__":
    main()
