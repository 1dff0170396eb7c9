"""Rules as text in pieces that fit into the send buffer of a netlink socket.

iptables of the nf_tables kind sends each table as one message, and only root of the machine may make its buffer larger.
Pieces of a table are loaded in their order, the later ones without flushing what the earlier ones brought.
"""

from __future__ import annotations

# So many lines of a table go in one piece. A rule of kube-proxy takes some 400 bytes; the buffer has 208 KiB.
MOST_LINES = 200
AFTER = "--noflush"


def pieces(tool: list[str], text: str, most: int = MOST_LINES) -> list[tuple[list[str], str]]:
    """The commands, each a tool with its text, that load a text of rules; one where it is short, or another tool's."""
    if not tool[0].endswith("tables-restore") and not tool[0].endswith("tables-nft-restore"):
        return [(tool, text)]
    first: list[str] = []
    later: list[str] = []
    for head, body in _tables(text):
        first += [head, *body[:most], "COMMIT"]
        for start in range(most, len(body), most):
            later += [head, *body[start : start + most], "COMMIT"]
    if not later:
        return [(tool, text)]
    return [(tool, "\n".join(first) + "\n"), ([*tool, AFTER], "\n".join(later) + "\n")]


def _tables(text: str) -> list[tuple[str, list[str]]]:
    """Each table of iptables-save's format: its head, and its chains and rules."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("*"):
            found.append((line, []))
        elif found and line != "COMMIT" and line and not line.startswith("#"):
            found[-1][1].append(line)
    return found
