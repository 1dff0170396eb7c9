"""A policy as an arrow: who calls, then who is called; what comes of it is read and applied in a dialog."""

from __future__ import annotations

from typing import ClassVar

from designer.engine.compile import ClusterState
from designer.present.destination_text import callee_text
from designer.ui.canvas.gestures.request import SENDERS, TwoClicks


class PolicyArrow(TwoClicks):
    """The two clicks of a request with the words of a policy: ``A may call B``."""

    ask_source: ClassVar[str] = "Click who may call, or go there with the arrows and press Enter. Esc cancels."
    ask_destination: ClassVar[str] = (
        "Now click who may be called (or arrows and Enter): a Service, a workload, a Pod or a host. Esc cancels."
    )
    no_source: ClassVar[str] = "Policies know Pods, workloads and addresses outside: click one of these."
    no_destination: ClassVar[str] = "No policy can allow that: click a Service, a workload, a Pod or a host."
    # What a Node sends escapes policies.
    senders: ClassVar[frozenset[str]] = SENDERS - {"Node"}
    receivers: ClassVar[frozenset[str]] = (SENDERS - {"Node", "ExternalClient"}) | {"Service"}

    def destination(self, state: ClusterState, oid: str) -> str:
        """Services by their names; workloads and Pods by theirs too, with the port of the container."""
        return callee_text(state, oid)
