"""The words of Help as simple HTML; the list of keys is made from the table of actions."""

from __future__ import annotations

import platform
from html import escape
from typing import Final

from PySide6.QtCore import qVersion

from designer import __version__
from designer.model import VERDICTS
from designer.present.words import VERDICT_SIGNS
from designer.ui.app.actions import action_table

_VERDICTS: Final[dict[str, str]] = {
    "delivered": "The Pod got the packet on a port that it declares, and the reply found its way back.",
    "denied": "A NetworkPolicy does not allow it. The trace names the policy and the rule that would have to allow it.",
    "rejected": "A rule answered with an error, as kube-proxy does for a Service without a ready endpoint. The caller "
    "fails at once.",
    "dropped": "The packet vanished without an answer. The caller waits until its own timeout.",
    "no-route": "No machine on the way knows where to send the address.",
    "name-not-found": "The cluster's DNS does not know the name, in any of the Pod's search domains.",
    "connection-refused": "The packet arrived, and nothing listens on that port.",
    "no-matching-route": "The Ingress controller was reached, and no rule fits the host and path; it answers 404.",
    "cannot-tell": "Kubernetes leaves this to something that the project does not say: an implementation, a setting. "
    "The trace says which. The program never guesses.",
}


def key_table() -> str:
    """Every action that has keys, with them and its place in the menus."""
    rows = [(menu, words, keys) for menu, words, keys in action_table() if keys]
    body = "".join(
        f"<tr><td style='padding:3px 24px 3px 0'>{escape(words)}</td><td style='padding:3px 24px 3px 0'>"
        f"<b>{escape(keys)}</b></td><td style='padding:3px 0'>{escape(menu)}</td></tr>"
        for menu, words, keys in rows
    )
    return f"<table cellspacing='0'>{body}</table>"


def shortcuts() -> str:
    """How keys work on the canvas, then every action with its keys."""
    return (
        "<p>On the canvas: the wheel zooms, Space or the middle button drags, Tab goes from object to object, Enter "
        "names the selected one, the arrows move it (with Shift further, with Ctrl and Shift a hair), Ctrl with an "
        "arrow goes to the next one in that direction. Ctrl+Space keeps what is selected while Tab goes on, and takes "
        "one more there. A double click on a title collapses a group. Every other action is in the menus and under "
        "Ctrl+K.</p>"
        f"{key_table()}"
    )


def verdicts() -> str:
    """What each verdict means, with its sign."""
    rows = "".join(
        f"<tr><td style='padding:5px 18px 5px 0'><b>{VERDICT_SIGNS[name]}&nbsp;{escape(words)}</b>"
        f"</td><td style='padding:5px 0'>{escape(_VERDICTS[name])}</td></tr>"
        for name, words in VERDICTS.items()
    )
    return f"<table cellspacing='0'>{rows}</table>"


def about() -> str:
    """The program, its version and what it is made with."""
    return (
        f"<h3>Cluster Network Designer {__version__}</h3>"
        "<p>Draw or open a Kubernetes cluster's network and see exactly what every packet will do, before anything is "
        "deployed. It works offline, needs no account and sends nothing anywhere.</p>"
        "<p>Licence: Apache-2.0. Typefaces Inter and JetBrains Mono (SIL OFL 1.1), action icons Material Symbols "
        "(Apache-2.0).</p>"
        f"<p>Python {platform.python_version()}, Qt {qVersion()} (LGPL-3.0).</p>"
    )
