"""Dressing the application: Fusion, palette, fonts and style sheet for the chosen theme, and following the system."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from designer.ui.kit.fonts import BODY, SMALL, load_fonts, ui_font
from designer.ui.kit.sheet import style_sheet
from designer.ui.kit.theme import announce_theme, current_theme, remember_theme, theme_changed
from designer.ui.kit.tokens import DARK, HIGH_CONTRAST, LIGHT, THEMES, Theme

__all__ = [
    "SYSTEM",
    "THEME_CHOICES",
    "apply_theme",
    "chosen_theme",
    "current_theme",
    "repolish",
    "set_property",
    "set_role",
    "system_theme",
    "theme_changed",
]

SYSTEM: Final = "system"
THEME_CHOICES: Final = (SYSTEM, *THEMES)

_ROLES: Final[tuple[tuple[QPalette.ColorRole, str], ...]] = (
    (QPalette.ColorRole.Window, "panel"),
    (QPalette.ColorRole.WindowText, "text"),
    (QPalette.ColorRole.Base, "panel"),
    (QPalette.ColorRole.AlternateBase, "chip"),
    (QPalette.ColorRole.Text, "text"),
    (QPalette.ColorRole.Button, "field"),
    (QPalette.ColorRole.ButtonText, "text"),
    (QPalette.ColorRole.BrightText, "error"),
    (QPalette.ColorRole.Highlight, "selection"),
    (QPalette.ColorRole.HighlightedText, "text"),
    (QPalette.ColorRole.Link, "accent_text"),
    (QPalette.ColorRole.LinkVisited, "accent_text"),
    (QPalette.ColorRole.Accent, "accent"),
    (QPalette.ColorRole.PlaceholderText, "muted"),
    (QPalette.ColorRole.ToolTipBase, "panel"),
    (QPalette.ColorRole.ToolTipText, "text"),
    (QPalette.ColorRole.Light, "hover"),
    (QPalette.ColorRole.Midlight, "line"),
    (QPalette.ColorRole.Mid, "line"),
    (QPalette.ColorRole.Dark, "line_strong"),
    (QPalette.ColorRole.Shadow, "line_strong"),
)
_DIMMED: Final = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.HighlightedText,
)


class _SystemFollower(QObject):
    """Restyles the program when the desktop changes between light and dark, while the choice is `system`."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self.choice = ""
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def _follow(self, _scheme: Qt.ColorScheme) -> None:
        if self.choice == SYSTEM and system_theme() is not current_theme():
            _dress(self._app, system_theme())


def palette_for(theme: Theme) -> QPalette:
    """The QPalette of a theme, for everything that paints without the style sheet."""
    palette = QPalette()
    for role, token in _ROLES:
        palette.setColor(role, theme.color(token))
    for role in _DIMMED:
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.color("disabled"))
    return palette


def system_theme() -> Theme:
    """The theme that the desktop asks for: high contrast, else dark or light; light where it does not say."""
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return HIGH_CONTRAST
    return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


def chosen_theme(choice: str | Theme) -> Theme:
    """The theme for one of `THEME_CHOICES`; an unknown word (an old setting) means `system`."""
    if isinstance(choice, Theme):
        return choice
    return THEMES.get(choice) or system_theme()


def _follower(app: QApplication) -> _SystemFollower:
    """The one follower of the application; made, and Fusion set, at the first call."""
    # findChild by type does not see a QObject whose wrapper is only held by its parent, so it has a name.
    found = app.findChild(QObject, "kit-system-follower")
    if isinstance(found, _SystemFollower):
        return found
    app.setStyle("Fusion")
    follower = _SystemFollower(app)
    follower.setObjectName("kit-system-follower")
    return follower


def _dress(app: QApplication, theme: Theme) -> None:
    remember_theme(theme)
    app.setPalette(palette_for(theme))
    app.setStyleSheet(style_sheet(theme))
    QToolTip.setPalette(app.palette())
    announce_theme()


def apply_theme(app: QApplication, choice: str | Theme = SYSTEM) -> Theme:
    """The theme now shown; dresses the whole application in it, at start and at every change.

    `choice` is a `Theme` or one of `THEME_CHOICES`. With `system` the program follows the desktop from then on.
    """
    load_fonts()
    follower = _follower(app)
    app.setFont(ui_font(BODY))
    QToolTip.setFont(ui_font(SMALL))
    follower.choice = SYSTEM if isinstance(choice, str) and choice not in THEMES else ""
    scheme = Qt.ColorScheme.Unknown
    if not follower.choice:
        scheme = Qt.ColorScheme.Dark if chosen_theme(choice).dark else Qt.ColorScheme.Light
    # Title bars and native dialogs should match; where the platform cannot, this does nothing.
    app.styleHints().setColorScheme(scheme)
    theme = chosen_theme(choice)
    _dress(app, theme)
    return theme


def repolish(widget: QWidget) -> None:
    """Nothing; makes the style sheet look again at a widget whose dynamic property changed."""
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # it has not looked yet, and will before the widget is first shown
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def set_property(widget: QWidget, name: str, value: bool | str) -> None:
    """Nothing; sets a dynamic property that the style sheet reads (`primary`, `framed`, `invalid`) and restyles."""
    stored = ("true" if value else "false") if isinstance(value, bool) else value
    if widget.property(name) != stored:
        widget.setProperty(name, stored)
        repolish(widget)


def set_role(widget: QWidget, role: str) -> None:
    """Nothing; gives a label or frame one of the sheet's roles: muted, small, error, warning, title, card."""
    set_property(widget, "role", role)
