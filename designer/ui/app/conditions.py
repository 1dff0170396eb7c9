"""When an action can be done, and when it has a check mark: one table of named conditions over the shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from designer.edits.connecting import connects
from designer.edits.staging import can_be_staged, is_staged_policy, staged_ids
from designer.session.cluster_dns import has_cluster_dns
from designer.ui.app.shell import Shell

Condition = Callable[[Shell, str], bool]


def _cni(shell: Shell, argument: str) -> bool:
    cni = shell.bridge.project.cluster.cni
    return argument == f"{cni.plugin}.{cni.backend}"


def _objects(shell: Shell, _argument: str) -> bool:
    return bool(shell.bridge.project.objects or shell.bridge.project.canvas.notes)


def _policy(shell: Shell, _argument: str) -> bool:
    chosen = shell.selection.single or ""
    return can_be_staged(shell.bridge.project, chosen) or is_staged_policy(shell.bridge.project, chosen)


def _on_layers(shell: Shell) -> tuple[str, ...]:
    return shell.window.gestures.layers.chosen()


def _staged(shell: Shell, _argument: str) -> bool:
    return bool(staged_ids(shell.bridge.project))


CONDITIONS: Final[dict[str, Condition]] = {
    "always": lambda shell, argument: True,
    "undo": lambda shell, argument: shell.bridge.session.can_undo,
    "redo": lambda shell, argument: shell.bridge.session.can_redo,
    "selection": lambda shell, argument: bool(shell.selection.ids),
    "several": lambda shell, argument: len(shell.selection.ids) > 1,
    "objects": _objects,
    "policy": _policy,
    "connects": lambda shell, argument: connects(shell.bridge.project, shell.selection.single or ""),
    "staged": _staged,
    "trace": lambda shell, argument: shell.player.result is not None,
    "overlays": lambda shell, argument: bool(shell.overlays.wanted),
    "ways": lambda shell, argument: bool(shell.player.paths or shell.overlays.wanted),
    "streaming": lambda shell, argument: shell.stream.running,
    "predict": lambda shell, argument: shell.prediction.armed,
    "no-dns": lambda shell, argument: not has_cluster_dns(shell.bridge.project),
    "source": lambda shell, argument: shell.window.files.source.source is not None,
    "imported": lambda shell, argument: shell.window.files.report_shown is not None,
    "diffing": lambda shell, argument: shell.window.diff.diffing.shown,
    "swapped": lambda shell, argument: shell.window.swaps.last is not None,
    "kept-result": lambda shell, argument: shell.verifier.result is not None,
    "verified": lambda shell, argument: shell.verifier.result is not None and not shell.verifier.stale,
    "recoverable": lambda shell, argument: bool(shell.window.commands.recovery.found),
    "view": lambda shell, argument: shell.window.scene.current_view == argument,
    "groups": lambda shell, argument: bool(shell.window.scene.groups),
    "group": lambda shell, argument: any(map(shell.window.scene.group_of, shell.selection.ids[:1])),
    "layers": lambda shell, argument: shell.window.layers.panel.isVisible(),
    "layered": lambda shell, argument: any(map(shell.bridge.project.canvas.layer_of.get, _on_layers(shell))),
    "layer-hidden": lambda shell, argument: any(each.hidden for each in shell.bridge.project.canvas.layers.values()),
    "layer-shown": lambda shell, argument: not all(each.hidden for each in shell.bridge.project.canvas.layers.values()),
    "minimap": lambda shell, argument: bool(shell.settings.get("view/minimap")),
    "theme": lambda shell, argument: shell.settings.get("view/theme") == argument,
    "panel": lambda shell, argument: shell.window.sides.is_shown(argument),
    "placed": lambda shell, argument: (
        shell.settings.get(f"window/{argument.partition('.')[0]}") == argument.partition(".")[2]
    ),
    "room-for": lambda shell, argument: argument != "bottom.right" or shell.window.sides.has_room_beside,
    "tabs-moved": lambda shell, argument: shell.window.bottom.moved,
    "enlarged": lambda shell, argument: shell.window.sides.enlarged,
    "speed": lambda shell, argument: f"{shell.player.speed:g}" == argument,
    "loop": lambda shell, argument: shell.player.loop,
    "cni": _cni,
}


# What to do first, of every condition that stands as `when` in the table of actions.
REASONS: Final[dict[str, str]] = {
    "undo": "There is no step to take back.",
    "redo": "No step was taken back.",
    "selection": "Select something first.",
    "several": "Select two or more things first: Shift with clicks, Ctrl+Space on the canvas, or Ctrl+A.",
    "objects": "The cluster is empty: add something first.",
    "policy": "Select a policy first.",
    "connects": "Select a Service, Ingress, NetworkPolicy, route, ListenerSet or BackendTLSPolicy first.",
    "staged": "No policy is staged.",
    "trace": "Trace a request first (Ctrl+T).",
    "ways": "Trace a request first (Ctrl+T).",
    "overlays": "No saved request is drawn on the canvas.",
    "no-dns": "The cluster has its DNS already.",
    "source": "This project was not opened from manifests.",
    "imported": "Nothing was imported into this project.",
    "diffing": "No opened and closed flows are shown.",
    "swapped": "Neither plugin nor mode was changed in this project.",
    "kept-result": "No results of Verify are kept.",
    "verified": "There are no results of Verify that hold: run Verify on Linux (F9) first.",
    "recoverable": "There is no work that was left unsaved.",
    "groups": "This view has no groups.",
    "group": "Select something in a Namespace, Node or zone first.",
    "layered": "Select something that is on a layer of its own first.",
    "layer-hidden": "No layer is hidden.",
    "layer-shown": "There is no layer that could be hidden.",
    "room-for": "The window is not wide enough.",
    "tabs-moved": "The tabs stand in their first order.",
}


def why_not(shell: Shell, name: str) -> str:
    """Why an action with this condition cannot be done now; "" where it can."""
    return "" if holds(shell, name) else REASONS[name.partition(":")[0]]


def holds(shell: Shell, name: str) -> bool:
    """Whether a condition holds; ``name:argument`` where it takes an argument. KeyError for an unknown name."""
    word, _, argument = name.partition(":")
    return CONDITIONS[word](shell, argument)
