"""The verdicts a trace can end in, and the shape that each is drawn with so that colour is never alone."""

from __future__ import annotations

from typing import Final

DELIVERED: Final = "delivered"
DENIED: Final = "denied"
REJECTED: Final = "rejected"
DROPPED: Final = "dropped"
NO_ROUTE: Final = "no-route"
NAME_NOT_FOUND: Final = "name-not-found"
CONNECTION_REFUSED: Final = "connection-refused"
NO_MATCHING_ROUTE: Final = "no-matching-route"
CANNOT_TELL: Final = "cannot-tell"

CHECK_CIRCLE: Final = "check-circle"
CROSS_OCTAGON: Final = "cross-octagon"
ARROW_BACK: Final = "arrow-back"
FADING_DOTS: Final = "fading-dots"
BROKEN_LABEL: Final = "broken-label"
QUESTION_DIAMOND: Final = "question-diamond"

# verdict: (the words for it, the shape, the style of the trace line up to it)
_TABLE: Final[dict[str, tuple[str, str, str]]] = {
    DELIVERED: ("delivered", CHECK_CIRCLE, "solid"),
    DENIED: ("denied by policy", CROSS_OCTAGON, "solid"),
    REJECTED: ("rejected", ARROW_BACK, "solid"),
    DROPPED: ("dropped", FADING_DOTS, "dots"),
    NO_ROUTE: ("no route", FADING_DOTS, "dots"),
    NAME_NOT_FOUND: ("name not found", BROKEN_LABEL, "dots"),
    CONNECTION_REFUSED: ("connection refused", ARROW_BACK, "solid"),
    NO_MATCHING_ROUTE: ("no matching route", BROKEN_LABEL, "solid"),
    CANNOT_TELL: ("cannot tell", QUESTION_DIAMOND, "dashed"),
}

VERDICTS: Final[tuple[str, ...]] = tuple(_TABLE)
SHAPES: Final[tuple[str, ...]] = (
    CHECK_CIRCLE,
    CROSS_OCTAGON,
    ARROW_BACK,
    FADING_DOTS,
    BROKEN_LABEL,
    QUESTION_DIAMOND,
)


def known(verdict: str) -> str:
    """The verdict itself, or `cannot-tell` for a word that this table does not hold: never a confident picture."""
    return verdict if verdict in _TABLE else CANNOT_TELL


def verdict_words(verdict: str) -> str:
    """The plain words for a verdict, as they stand beside its shape."""
    return _TABLE[known(verdict)][0]


def verdict_shape(verdict: str) -> str:
    """The name of the shape that stands for a verdict, one of `SHAPES`."""
    return _TABLE[known(verdict)][1]


def verdict_line(verdict: str) -> str:
    """The style of the trace line that ends in this verdict: `solid`, `dots` or `dashed`."""
    return _TABLE[known(verdict)][2]
