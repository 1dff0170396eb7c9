"""The Pods of a workload that a view does not draw itself: where it is picked, they stand for it."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from designer.engine.compile import ClusterState
from designer.ui.canvas.places import Places

MOST_RINGS = 200


class OwnedPods:
    """Remembers which Pods each workload has, until the state is another one."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._state: ClusterState | None = None
        self._by_owner: dict[str, list[str]] = {}

    def rects(self, state: ClusterState | None, oid: str) -> list[QRectF]:
        """Where the first of the Pods stand that a workload made; none where it is drawn itself."""
        if state is None or oid in self._places.stock.items or oid.startswith("Pod:"):
            return []
        if state is not self._state:
            self._state, self._by_owner = state, {}
            for pod in state.control.pods.values():
                if pod.owner:
                    self._by_owner.setdefault(pod.owner, []).append(pod.id)
        found = (self._places.pod_rect(pod) for pod in self._by_owner.get(oid, ())[:MOST_RINGS])
        return [rect for rect in found if rect is not None]

    def whole(self, state: ClusterState | None, oid: str) -> QRectF | None:
        """The rectangle round these Pods, None where there are none."""
        whole = QRectF()
        for rect in self.rects(state, oid):
            whole = whole.united(rect)
        return whole if not whole.isEmpty() else None
