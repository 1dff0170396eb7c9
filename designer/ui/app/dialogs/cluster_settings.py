"""Settings of the whole cluster as a form: a declared table of fields, each kept by an edit as soon as it is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from designer.edits.fields import get_field
from designer.edits.settings import set_cluster, use_cni
from designer.model import CNI_BACKENDS, replaces_kube_proxy
from designer.ui.app.actions import CNI_NAMES
from designer.ui.app.dialogs.cluster_fields import PROXY_FIELDS, ClusterField, from_text, to_text
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.combo import FormCombo
from designer.ui.kit.fields import FieldRow, SpinBox
from designer.ui.kit.labels import SectionHeader
from designer.ui.kit.room import ScrollArea


def _lead(fields: Sequence[ClusterField], bridge: SessionBridge) -> str:
    """What stands above the form."""
    instead = replaces_kube_proxy(bridge.project.cluster)
    if fields is PROXY_FIELDS and instead:
        return f"{instead} answers for Services here and kube-proxy does not run: these settings count once it does."
    return "Every change holds at once and can be undone."


class ClusterDialog(FramedDialog):
    """The form. Each field is checked when it is left; a wrong one keeps its text and says what is wrong."""

    def __init__(self, title: str, fields: Sequence[ClusterField], bridge: SessionBridge, parent: QWidget) -> None:
        super().__init__(title, parent, Buttons.Close, _lead(fields, bridge))
        self.setObjectName("clusterSettings")
        self._bridge = bridge
        self.rows: dict[str, FieldRow] = {}
        self._shown: list[tuple[ClusterField, QWidget]] = []
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(10)
        for field in fields:
            if field.group:
                column.addWidget(SectionHeader(field.group))
            self._add(field, column)
        column.addStretch(1)
        scroll = self._scroll = ScrollArea()
        scroll.setWidget(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields take it, and bring themselves into sight
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(scroll)
        self._show_fitting()

    def show_field(self, path: str) -> None:
        """Nothing; scrolls to a field and puts the cursor into it; without one of that path the form stays."""
        row, layout = self.rows.get(path), self.layout()
        if row is not None and layout is not None:
            layout.activate()
            self._scroll.ensureWidgetVisible(row, 0, 60)
            row.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, field: ClusterField, column: QVBoxLayout) -> None:
        value = get_field(self._bridge.project.cluster, field.path)
        editor: QWidget
        if field.editor == "bool":
            box = QCheckBox(field.name)
            box.setChecked(bool(value))
            box.setToolTip(field.hint)
            box.toggled.connect(lambda checked: self._set(field, checked))
            column.addWidget(box)
            self._shown.append((field, box))
            return
        if field.editor == "int":
            editor = self._number(field, int(value))
        elif field.editor in ("choice", "cni"):
            editor = self._choice(field, value)
        else:
            line = QLineEdit(to_text(field, value))
            line.editingFinished.connect(lambda: self._set(field, from_text(field, line.text())))
            editor = line
        row = FieldRow(field.name, editor, field.hint)
        self.rows[field.path] = row
        self._shown.append((field, row))
        column.addWidget(row)

    def _show_fitting(self) -> None:
        """Show what counts with the settings as they are."""
        cluster = self._bridge.project.cluster
        for field, widget in self._shown:
            widget.setVisible(field.when is None or field.when(cluster))

    def _number(self, field: ClusterField, value: int) -> QSpinBox:
        box = SpinBox(field.least, field.most, value)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda number: self._set(field, number))
        return box

    def _choice(self, field: ClusterField, value: Any) -> QComboBox:
        box = FormCombo()
        if field.editor == "cni":
            for plugin, backends in CNI_BACKENDS.items():
                for backend in backends:
                    box.addItem(f"{CNI_NAMES[plugin]} · {backend}", f"{plugin}.{backend}")
            cni = self._bridge.project.cluster.cni
            box.setCurrentIndex(box.findData(f"{cni.plugin}.{cni.backend}"))
        else:
            # A value of its own, as an IPVS scheduler may be, stands among them and stays.
            for choice in dict.fromkeys((*field.choices, *([value] if value else []))):
                box.addItem(choice, choice)
            box.setCurrentIndex(box.findData(value))
        box.currentIndexChanged.connect(lambda: self._set(field, box.currentData()))
        return box

    def _set(self, field: ClusterField, value: Any) -> None:
        project = self._bridge.project
        if field.editor == "cni":
            plugin, _, backend = str(value).partition(".")
            edit = use_cni(project, plugin, backend)
        else:
            edit = set_cluster(project, field.path, value)
        row = self.rows.get(field.path)
        if edit.ok:
            self._bridge.session.end_merge()
            self._bridge.apply(edit)
            self._show_fitting()
        if row is not None:
            problem = next((p for p in edit.problems if p.severity == "error"), None)
            row.set_error(" ".join(part for part in (f"{problem.title}.", problem.fix) if part) if problem else "")

    def sizeHint(self) -> QSize:
        """Room for the form without growing over small screens."""
        return QSize(500, 620)
