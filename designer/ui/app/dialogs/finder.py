"""The finder: type a part of a name or an address and go there; with actions it does anything by its name."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from designer.edits.keptreferences import is_gateway_api, kind_of
from designer.model import split_id
from designer.ui.app.actions import ACTIONS, ActionSpec
from designer.ui.app.conditions import holds, why_not
from designer.ui.app.dialogs.chooser import ChooserDialog, Target
from designer.ui.app.shell import Shell

INSERT = "&Insert"  # its actions are looked for by what they do, too


def object_targets(shell: Shell) -> Iterator[Target]:
    """Every object and derived Pod, findable by kind, name, namespace, labels' values and addresses."""
    state = shell.bridge.session.state
    for obj in shell.bridge.project.all():
        yield object_target(obj.id)
    for oid in sorted(shell.bridge.project.foreign):
        if is_gateway_api(oid):
            yield object_target(oid)
    if state is None:
        return
    for pod in state.control.pods.values():
        if pod.owner is not None:
            yield object_target(pod.id, " ".join(pod.ips))


def _addresses(shell: Shell) -> dict[str, str]:
    state = shell.bridge.session.state
    if state is None:
        return {}
    found = {service.id: " ".join(service.cluster_ips) for service in state.control.services.values()}
    found.update({node.id: " ".join(node.addresses) for node in state.control.nodes.values()})
    found.update({pod.id: " ".join(pod.ips) for pod in state.control.pods.values()})
    return found


def object_target(oid: str, addresses: str = "", *, reason: str = "") -> Target:
    """An object as something to choose; with a `reason`, as something that cannot be chosen now."""
    kind, namespace, name = kind_of(oid), *split_id(oid)[1:]
    detail = " · ".join(part for part in (kind, namespace, addresses) if part)
    search = f"{name} {kind} {namespace} {addresses}".lower()
    return Target(name, detail, search, None, oid, kind, reason)


def action_targets(shell: Shell) -> Iterator[Target]:
    """Every action that can be done now."""
    for spec in _offered():
        if holds(shell, spec.when):
            yield _action_target(spec)


def impossible_targets(shell: Shell) -> Iterator[Target]:
    """Every action that cannot be done now, with the reason."""
    for spec in _offered():
        reason = why_not(shell, spec.when)
        if reason:
            yield _action_target(spec, reason)


def _offered() -> Iterator[ActionSpec]:
    return (spec for spec in ACTIONS if spec.id != "edit.commands")


def _action_target(spec: ActionSpec, reason: str = "") -> Target:
    path = " ▸ ".join(part.replace("&", "") for part in spec.menu)
    keys = QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    search = f"{spec.words} {path} {spec.tip} {'add new create' if spec.menu[0] == INSERT else ''}"
    return Target(spec.words, f"{path}   {keys}".strip(), search.lower(), spec, reason=reason)


class FinderDialog(ChooserDialog):
    """A line to type in and the list of what fits; Enter goes there, Escape leaves."""

    def __init__(self, shell: Shell, *, with_actions: bool, parent: QWidget) -> None:
        title = "Do or find anything" if with_actions else "Find an object"
        super().__init__(title, "An action or an object" if with_actions else "A name, a kind or an address", parent)
        self._shell = shell
        addresses = _addresses(shell)
        objects = [object_target(t.oid, addresses.get(t.oid, "")) for t in object_targets(shell)]
        first, last = (action_targets(shell), impossible_targets(shell)) if with_actions else ((), ())
        self.set_targets((*first, *objects, *last))

    def take(self, target: Target) -> None:
        """Nothing; goes to the chosen object, or does the chosen action."""
        if target.action is not None:
            self._shell.window.action_set.actions[target.action.id].trigger()
        else:
            self._shell.selection.show(target.oid)
