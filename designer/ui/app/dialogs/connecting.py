"""What the selected object can be connected to, as a list: the line of the canvas without a mouse."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QWidget

from designer.edits.connecting import connect, may_connect
from designer.edits.kept import spoken_kept
from designer.edits.keptreferences import is_gateway_api
from designer.model import Project
from designer.ui.app.dialogs.chooser import ChooserDialog, Target
from designer.ui.app.dialogs.finder import object_target
from designer.ui.app.shell import Shell


def connect_targets(project: Project, source: str) -> Iterator[Target]:
    """Every other object: first what the line may lead to, then the rest, each with the reason why not."""
    objects = [obj.id for obj in project.all()] + [oid for oid in sorted(project.foreign) if is_gateway_api(oid)]
    refused = []
    for oid in objects:
        answer = may_connect(project, source, oid)
        if answer.ok:
            yield object_target(oid)
        elif answer.reason:
            refused.append(object_target(oid, reason=answer.reason))
    yield from refused


class ConnectDialog(ChooserDialog):
    """Below the list stands what the chosen connection would do; Enter makes it, as one step that Undo takes back."""

    def __init__(self, shell: Shell, source: str, parent: QWidget) -> None:
        self._shell = shell
        self._source = source
        self._project = shell.bridge.project
        super().__init__(f"Connect {spoken_kept(source)} to", "What it should lead to", parent)
        self.set_targets(connect_targets(self._project, source))

    def told(self, target: Target) -> str:
        """What the connection would do, or why it cannot be made."""
        return target.reason or may_connect(self._project, self._source, target.oid).reason

    def take(self, target: Target) -> None:
        """Nothing; connects the two, and leaves the first one selected."""
        if self._shell.bridge.apply(connect(self._shell.bridge.project, self._source, target.oid)):
            self._shell.selection.select((self._source,))
