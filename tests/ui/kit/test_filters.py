"""An event filter whose Python half is gone takes no event, and raises nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject

from designer.ui.kit.filters import while_alive


class Filter(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[QEvent.Type] = []

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.seen.append(event.type())
        return True


def test_a_filter_takes_events_until_it_is_cleared(qapp: object) -> None:
    made, event = Filter(), QEvent(QEvent.Type.User)
    assert made.eventFilter(made, event) and made.seen == [QEvent.Type.User]
    vars(made).clear()  # what the collector does to an object in a cycle
    assert not made.eventFilter(made, event)
