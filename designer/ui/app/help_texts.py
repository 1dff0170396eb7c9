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

_TOUR: Final = """
<ol>
<li><p><b>See a packet travel.</b> At the first start a small cluster is open and a request is ready. Press ▶ in
the bar on top, or Space. The token leaves the sending Pod, is rewritten by the rules of the Node, crosses the wire and
arrives; then the reply comes back. ← and → go hop by hop, the line beside the buttons jumps.</p></li>
<li><p><b>Read why.</b> Below, the tab <b>Trace</b> lists every hop: what happened, the packet, and what decided. Click
a row and the token goes there. <b>Tables</b> shows the rules of the Node, with the ones that were hit lit up.</p></li>
<li><p><b>Ask your own question.</b> Choose who sends in <b>From</b>, type where to in <b>To</b>, as you would in a
shell: <code>http://backend</code>, <code>backend.default:80</code>, <code>10.96.0.10:53/udp</code>. Press Enter. Or
choose Simulate, Trace by two clicks: click the sender, then the destination.</p></li>
<li><p><b>Change something.</b> Drag a <b>NetworkPolicy</b> from the palette onto the canvas, or select a
Service and change its selector on the right. The trace that is shown is asked again at once: the verdict in the
corner is always that of the cluster as it is now. Ctrl+Z takes any step back.</p></li>
<li><p><b>Open your own cluster.</b> File, Open folder of manifests, or drop files onto the window. What the files do
not say is assumed, and the import report lists it. File, Save keeps everything in one .cnd file.</p></li>
<li><p><b>Ask Linux itself.</b> Analyze, Verify on Linux builds the cluster out of network namespaces on this machine,
sends real packets, and lays what the kernel did beside what the program predicted. It touches nothing else.</p></li>
</ol>
"""

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


def tour() -> str:
    """The five-minute tour."""
    return _TOUR


def shortcuts() -> str:
    """Every action with its place in the menus and its keys; those without keys come last."""
    rows = [(menu, words, keys) for menu, words, keys in action_table() if keys]
    body = "".join(
        f"<tr><td style='padding:3px 24px 3px 0'>{escape(words)}</td><td style='padding:3px 24px 3px 0'>"
        f"<b>{escape(keys)}</b></td><td style='padding:3px 0'>{escape(menu)}</td></tr>"
        for menu, words, keys in rows
    )
    return (
        "<p>On the canvas: the wheel zooms, Space or the middle button drags, Tab goes from object to object, Enter "
        "names the selected one, the arrows move it (with Shift further, with Ctrl and Shift a hair), a double click "
        "on a title collapses a group. Every other action is in the menus and under Ctrl+K.</p>"
        f"<table cellspacing='0'>{body}</table>"
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
