"""The one style sheet of the program, written once with token names and filled in for a theme.

Widgets ask for a variant with dynamic properties: `primary`, `framed`, `invalid`, `role` (see `style.set_role`).
"""

from __future__ import annotations

from string import Template
from typing import Final

from designer.resources import resource_path
from designer.ui.kit.fonts import SMALL, TITLE, pixels
from designer.ui.kit.tokens import COLOR_TOKENS, Theme

_SURFACES: Final = """
QMainWindow, QDialog, QMessageBox, QWizard { background: $panel; }
QDialogButtonBox, QMessageBox { dialogbuttonbox-buttons-have-icons: 0; }
QDialog[floating="true"] { border: 1px solid $line_strong; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $panel; }
QSplitter::handle:horizontal { width: 5px; border-left: 1px solid $line; }
QSplitter::handle:vertical { height: 5px; border-top: 1px solid $line; }
QSplitter::handle:hover { border-color: $accent; }
QStackedWidget { background: transparent; border: none; }
QScrollArea { background: transparent; border: 1px solid transparent; }
QScrollArea:focus { border: 1px solid $accent; }
QDockWidget { titlebar-close-icon: url("$images/close.svg"); titlebar-normal-icon: url("$images/float.svg"); }
QDockWidget::title { background: $panel; padding: 7px 12px; border-bottom: 1px solid $line; text-align: left; }
QDockWidget::close-button, QDockWidget::float-button { border: none; border-radius: 4px; padding: 0; icon-size: 16px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $hover; }
QToolTip { background: $panel; color: $text; border: 1px solid $line_strong; padding: 4px 7px; }
QStatusBar { background: $panel; color: $muted; border-top: 1px solid $line; font-size: $small; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; font-size: $small; padding: 0 6px; }
QGroupBox { border: 1px solid $line; border-radius: 6px; margin-top: 18px; padding: 12px; }
QGroupBox::title { subcontrol-origin: margin; left: 2px; color: $muted; font-weight: 600; }
QFrame[role="card"] { background: $panel; border: 1px solid $line; border-radius: 8px; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: $small; }
QLabel[role="error"] { color: $error; font-size: $small; }
QLabel[role="warning"] { color: $warning; font-size: $small; }
QLabel[role="title"] { color: $text; font-size: $title; font-weight: 600; }
"""

_BARS: Final = """
QMenuBar { background: $panel; border-bottom: 1px solid $line; padding: 1px 4px; spacing: 2px; }
QMenuBar::item { background: transparent; color: $text; padding: 5px 10px; border-radius: 6px; }
QMenuBar::item:selected { background: $hover; }
QMenuBar::item:pressed { background: $selection; }
QMenu { background: $panel; color: $text; border: 1px solid $line_strong; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $disabled; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 8px; }
QMenu::indicator:checked { image: url("$images/check-menu.svg"); }
QMenu::right-arrow { image: url("$images/chevron-right.svg"); width: 12px; height: 12px; margin-right: 4px; }
QToolBar { background: $panel; border: none; border-bottom: 1px solid $line; spacing: 4px; padding: 6px 8px; }
QToolBar::separator { background: $line; width: 1px; margin: 4px 6px; }
QToolBar::handle { width: 0; }
QToolButton { background: transparent; color: $text; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked, QToolButton:open { background: $selection; }
QToolButton:disabled { color: $disabled; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton[popupMode="1"], QToolButton[popupMode="2"] { padding-right: 16px; }
QToolButton::menu-indicator { image: url("$images/chevron-down.svg"); width: 10px; height: 10px;
  subcontrol-position: right center; right: 3px; }
QToolButton::menu-button { border: none; width: 16px; }
QToolButton::menu-arrow { image: url("$images/chevron-down.svg"); width: 10px; height: 10px; }
QToolButton[framed="true"] { background: $field; border: 1px solid $line; }
QToolButton[framed="true"]:hover { background: $hover; }
QToolButton[framed="true"]:focus { border: 2px solid $accent; padding: 3px; }
QToolButton[primary="true"] { background: $accent; color: $on_accent; border: 1px solid $accent; }
QToolButton[primary="true"]:hover { background: $accent_hover; }
QToolButton[primary="true"]:focus { border: 4px double $on_accent; padding: 1px; }
QToolButton[primary="true"]:disabled { background: $chip; border: 1px solid $line; }
QToolBarExtension { qproperty-icon: url("$images/overflow.svg"); }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabWidget::tab-bar { left: 8px; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; padding: 7px 10px 6px 10px; margin-right: 6px;
  border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $accent_text; border-bottom: 2px solid $accent; font-weight: 600; }
QTabBar::tab:disabled { color: $disabled; }
QTabBar::tab:selected:focus { background: $hover; border: 1px solid $accent; border-bottom: 2px solid $accent;
  border-radius: 4px; padding: 6px 9px 6px 9px; }
QTabBar::close-button { image: url("$images/close.svg"); }
QTabBar QToolButton { background: $panel; border: 1px solid $line; }
"""

_INPUTS: Final = """
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox { background: $field; color: $text;
  border: 1px solid $line; border-radius: 6px; padding: 4px 9px; min-height: 18px;
  selection-background-color: $accent; selection-color: $on_accent; placeholder-text-color: $muted; }
QPlainTextEdit, QTextEdit { padding: 6px 4px; }
QLineEdit { padding: 3px 7px; min-height: 20px; }
QComboBox { selection-background-color: $selection; selection-color: $text; combobox-popup: 0; }
QComboBox QLineEdit, QComboBox QLineEdit:focus, QComboBox QLineEdit:hover { background: transparent; border: none;
  padding: 0; min-height: 0; }
QAbstractSpinBox { min-height: 15px; }
QComboBox:editable { padding-left: 7px; }
QComboBox:editable:focus { padding-left: 6px; }
QLineEdit[search="true"] { padding-left: 3px; }
QLineEdit:hover, QComboBox:hover, QAbstractSpinBox:hover { border: 1px solid $line_strong; }
QComboBox:focus, QAbstractSpinBox:focus { border: 2px solid $accent; padding: 3px 8px; }
QLineEdit:focus { border: 2px solid $accent; padding: 2px 6px; }
QAbstractSpinBox { padding: 3px 9px 2px 9px; }
QAbstractSpinBox:focus { padding: 2px 8px 1px 8px; }
QLineEdit[search="true"]:focus { padding-left: 2px; }
QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid $accent; padding: 5px 3px; }
QTextBrowser[role="page"] { background: transparent; border: 1px solid transparent; padding: 0; }
QTextBrowser[role="page"]:focus { border: 1px solid $accent; padding: 0; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"], QComboBox[invalid="true"],
QAbstractSpinBox[invalid="true"] { border: 1px solid $error; }
QLineEdit[invalid="true"]:focus, QPlainTextEdit[invalid="true"]:focus, QComboBox[invalid="true"]:focus,
QAbstractSpinBox[invalid="true"]:focus { border: 2px solid $error; }
QLineEdit:read-only, QPlainTextEdit:read-only { background: $panel; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled { color: $disabled; }
QLineEdit[bare="true"], QLineEdit[bare="true"]:focus { background: transparent; border: none; padding: 0; }
QTableView QLineEdit, QTreeView QLineEdit { border-radius: 0; padding: 0 4px; min-height: 0; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$images/chevron-down.svg"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $panel; border: none; padding: 4px; outline: none;
  selection-background-color: $selection; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; border-radius: 4px; }
QComboBox QAbstractItemView::item:hover { background: $hover; }
QComboBox QAbstractItemView::item:selected { background: $selection; color: $text; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 22px; border: none;
  background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 2px 2px 0; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url("$images/chevron-up.svg"); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url("$images/chevron-down.svg"); width: 10px; height: 10px; }
QPushButton { background: $field; color: $text; border: 1px solid $line; border-radius: 6px; padding: 5px 14px;
  min-height: 16px; }
QPushButton:hover { background: $hover; border: 1px solid $line_strong; }
QPushButton:pressed, QPushButton:checked { background: $selection; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 13px; }
QPushButton:disabled { color: $disabled; background: $chip; border: 1px solid $line; }
QPushButton[primary="true"], QDialog QPushButton:default { background: $accent; color: $on_accent;
  border: 1px solid $accent; font-weight: 600; }
QPushButton[primary="true"]:hover, QDialog QPushButton:default:hover { background: $accent_hover; }
QPushButton[primary="true"]:focus, QDialog QPushButton:default:focus { border: 4px double $on_accent;
  padding: 2px 11px; }
QPushButton[primary="true"]:disabled { background: $chip; color: $disabled; border: 1px solid $line; }
QPushButton[link="true"] { background: transparent; border: 1px solid transparent; color: $accent_text;
  padding: 3px 8px; font-weight: 600; }
QPushButton[link="true"]:hover { background: $hover; }
QPushButton[link="true"]:focus { border: 1px solid $accent; }
QPushButton[segment="true"] { background: $chip; color: $muted; border: 1px solid transparent; padding: 3px 9px; }
QPushButton[segment="true"]:hover { color: $text; }
QPushButton[segment="true"]:checked { background: $selection; color: $accent_text; }
QPushButton[segment="true"]:focus { border: 1px solid $accent; }
QPushButton[kindButton="true"] { background: $chip; border: 1px solid transparent; padding: 3px 7px; min-height: 18px;
  text-align: left; }
QPushButton[kindButton="true"]:hover { background: $hover; border: 1px solid $line; }
QPushButton[kindButton="true"]:focus { border: 1px solid $accent; padding: 3px 7px; }
QCheckBox, QRadioButton { spacing: 8px; color: $text; padding: 2px; border: 1px solid transparent;
  border-radius: 4px; }
QCheckBox:focus, QRadioButton:focus { border: 1px solid $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QRadioButton::indicator, QTreeView::indicator, QTableView::indicator,
QListView::indicator { width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px; background: $field; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked, QTreeView::indicator:checked, QTableView::indicator:checked,
QListView::indicator:checked { background: $accent; border: 1px solid $accent; image: url("$images/check.svg"); }
QCheckBox::indicator:indeterminate { background: $accent; border: 1px solid $accent; image: url("$images/dash.svg"); }
QRadioButton::indicator:checked { background: $accent; border: 1px solid $accent; image: url("$images/dot.svg"); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border: 1px solid $line; background: $chip; }
QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $accent; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; }
QSlider::handle:horizontal:focus { border: 2px solid $text; width: 10px; height: 10px; }
QProgressBar { background: $line; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; color: $text; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
"""

_VIEWS: Final = """
QAbstractItemView { background: $panel; color: $text; border: none; outline: none;
  selection-background-color: $selection; selection-color: $text; alternate-background-color: $chip; }
QTableView { gridline-color: $line; }
QTableView:focus, QTreeView:focus, QListView:focus { border: 1px solid $accent; }
QTableView, QTreeView, QListView { border: 1px solid transparent; }
QComboBox QListView, QComboBox QListView:focus { border: 1px solid $line_strong; }
QTreeView::item, QListView::item { min-height: 24px; padding: 0 4px; }
QTreeView::item:hover, QListView::item:hover { background: $hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: $selection;
  color: $text; }
QTreeView::branch:has-children:closed { image: url("$images/branch-closed.svg"); }
QTreeView::branch:has-children:open { image: url("$images/branch-open.svg"); }
QTreeView::branch:selected { background: $selection; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 5px 8px; font-size: $small; font-weight: 600; }
QHeaderView::section:hover { color: $text; }
QHeaderView::up-arrow { image: url("$images/chevron-up.svg"); width: 12px; height: 12px;
  subcontrol-position: center right; right: 2px; }
QHeaderView::down-arrow { image: url("$images/chevron-down.svg"); width: 12px; height: 12px;
  subcontrol-position: center right; right: 2px; }
QTableCornerButton::section { background: $panel; border: none; border-bottom: 1px solid $line; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: $line_strong; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
"""


def style_sheet(theme: Theme) -> str:
    """The style sheet of the whole program for a theme."""
    values = {token: theme.value(token) for token in COLOR_TOKENS}
    values["images"] = resource_path("icons", "sheet", theme.name).as_posix()
    values["small"] = f"{pixels(SMALL)}px"
    values["title"] = f"{pixels(TITLE)}px"
    return Template(_SURFACES + _BARS + _INPUTS + _VIEWS).substitute(values)
