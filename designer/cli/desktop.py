"""What the command line needs of the window. It is handed in from above, so that `cli` need not know `ui`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from designer.engine.compile import ClusterState
    from designer.engine.trace.hops import TraceResult
    from designer.model import Problem


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How a picture is made: view, theme ("light", "dark", "high-contrast"), pixel size.

    `verified` draws what Verify on Linux said on the edges, where the project keeps a result.
    """

    view: str = "nodes"
    theme: str = "light"
    width: int = 1600
    height: int = 1000
    verified: bool = False


class Desktop(Protocol):
    """The window and the painter."""

    def run_window(self, path: Path | None) -> int:
        """Show the window, with the project at `path` or the first-steps sample; the exit status."""

    def render(
        self, state: ClusterState, out: Path, trace: TraceResult | None, options: RenderOptions
    ) -> tuple[Problem, ...]:
        """Paint the canvas into `out` (.png, .svg, .pdf or .drawio); what went wrong, empty when nothing did."""


DesktopLoader = Callable[[], Desktop]
