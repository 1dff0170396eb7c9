"""What a run can be exported as."""

from __future__ import annotations

from typing import Final

RUN_FORMS: Final = (
    ("csv", "Event &list (CSV)…", "Every hop of every way as a table"),
    ("html", "&Page with every step (HTML)…", "One file that needs no network, to read or print"),
    ("mermaid", "&Sequence diagram (Mermaid)…", "Text for documents and pull requests"),
    ("pcapng", "Packets for &Wireshark (pcapng)…", "Request and reply as each device would see them"),
    ("gif", "&Animation (GIF)…", "The canvas with the moving packet"),
    ("png", "One pict&ure a step (PNG)…", "A series of pictures, one a hop"),
)
"""The name of each form, its words in a menu with the mnemonic, and what it is good for."""
