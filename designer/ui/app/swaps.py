"""Tells after each swap of the network plugin or of kube-proxy's mode what it has changed, however it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from designer.engine.compile import ClusterState
from designer.ui.app.actions import CNI_NAMES
from designer.ui.app.shell import Shell
from designer.ui.bridge.jobs import Jobs

if TYPE_CHECKING:
    from designer.engine.comparison import Comparison


@dataclass(frozen=True, slots=True)
class Swap:
    """A swap that was made: in words, and what it has changed."""

    words: str
    found: Comparison


def swap_words(before: ClusterState, after: ClusterState) -> str:
    """``Calico · vxlan → Flannel · vxlan``; "" where neither plugin nor mode differs."""
    old, new = _used(before), _used(after)
    changed = [place for place in (0, 1) if old[place] != new[place]]
    return ", ".join(f"{old[place]} → {new[place]}" for place in changed)


def _used(state: ClusterState) -> tuple[str, str]:
    cluster = state.project.cluster
    return f"{CNI_NAMES[cluster.cni.plugin]} · {cluster.cni.backend}", cluster.kubeProxy.mode


def compared(words: str, before: ClusterState, after: ClusterState) -> Swap:
    """The swap with what it has changed."""
    from designer.engine.comparison import compare, usual_requests  # late: the first window needs none of it

    return Swap(words, compare(before, after, usual_requests(before)))


class SwapTeller(QObject):
    """Compares in the background after a swap, and says in a toast what has changed; the rest is a click away."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self._before: ClusterState | None = shell.bridge.state
        self.last: Swap | None = None
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._tell)
        shell.bridge.changed.connect(self._on_change)

    def wait(self) -> bool:
        """Whether the comparison that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _on_change(self, change: object) -> None:
        session = self._shell.bridge.session
        if not session.state_is_current:
            return  # the compiled state comes with a change of its own
        before, after = self._before, session.state
        self._before = after
        if getattr(change, "replaced", False) or before is None or after is None:
            self._jobs.cancel()
            self.last = None
            return
        if words := swap_words(before, after):
            self._jobs.start(lambda: compared(words, before, after))

    def _tell(self, swap: Swap) -> None:
        from designer.present.comparison_rows import comparison_summary

        words = f"{swap.words}. {comparison_summary(swap.found)}"
        self.last = swap
        self._shell.bridge.stored.emit()  # the menu has one more thing to offer
        differs = bool(swap.found.differences)
        self._shell.window.messages.tell(words, "info", "What changed" if differs else "", self.show_last)

    def show_last(self) -> None:
        """Nothing; shows what the last swap has changed."""
        from designer.ui.app.dialogs.changes import ChangesDialog

        shell, swap = self._shell, self.last
        if swap is None:
            return
        ChangesDialog(f"What changed: {swap.words}", swap.found, shell.selection, shell.window).open()
