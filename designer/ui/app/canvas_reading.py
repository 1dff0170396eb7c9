"""What is painted from the canvas in slices: from the scene of the window where that shows all there is."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from designer.engine.compile import ClusterState
from designer.ui.app.shell import Shell
from designer.ui.kit.slices import in_slices

if TYPE_CHECKING:
    from designer.ui.canvas.scene import CanvasScene

T = TypeVar("T")


def drawn_state(shell: Shell) -> ClusterState:
    """The cluster with drawing and kept results as they are now: to move a shape or to verify compiles nothing."""
    state: ClusterState = shell.bridge.state
    now = shell.bridge.project
    return replace(state, project=replace(state.project, canvas=now.canvas, verification=now.verification))


def scene_to_read(shell: Shell) -> CanvasScene:
    """A scene that shows the project: that of the window where it does, which saves making another, else a new one."""
    scene = shell.window.scene
    shows_all = scene.project is shell.bridge.project and not scene.lifted
    return scene if shows_all else own_scene(shell)


def own_scene(shell: Shell) -> CanvasScene:
    """A new scene of what the project is now, in the view of the window."""
    from designer.ui.canvas.render import shown_scene  # late: the first window needs none of it

    scene = shell.window.scene
    return shown_scene(drawn_state(shell), scene.current_view, scene.theme)[0]


def read_canvas(shell: Shell, words: str, work: Callable[[CanvasScene], Generator[None, None, T]]) -> T | None:
    """What `work` makes of a scene, pausing often; None where the person cancelled.

    What comes into the window's scene meanwhile would be in a part of it only: then it is made once more, of a scene
    of its own.
    """
    window = shell.window
    scene = scene_to_read(shell)
    changed: list[object] = []
    window.scene.shown.connect(changed.append)
    try:
        found = in_slices(window, words, work(scene))
    finally:
        window.scene.shown.disconnect(changed.append)
    if found is None or not changed or scene is not window.scene:
        return found
    return in_slices(window, words, work(own_scene(shell)))
