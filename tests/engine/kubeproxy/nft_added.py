"""What Services add to the nftables table of a node: read from the text, beside that of a cluster without Services."""

from collections import Counter
from dataclasses import replace
from typing import Any

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.kubeproxy import tables_text
from designer.engine.kubeproxy.names import nft_base
from designer.model import FrozenMap
from tests.engine.kubeproxy.small_cluster import POD_A, POD_B, settings

WEB = nft_base("default/web/tcp/http")
# What is easier to read than the names in the text.
SHORT = {
    WEB: "WEB",
    nft_base("default/web/tcp/http", f"{POD_A}/8080"): "A",
    nft_base("default/web/tcp/http", f"{POD_B}/8080"): "B",
}


def added(control: ControlPlaneState, node: str = "node-1", part: str = "IPv4", /, **fields: Any) -> dict[str, Any]:
    """Chain → its rules in order; set or map → its elements, sorted; an affinity set → what is declared of it.

    Only what is not there in a cluster without Services; `part` is the family's section of the text.
    """
    bare = replace(control, services=FrozenMap({}), slices=FrozenMap({}))
    lines = [
        line for line, _ in (Counter(_lines(control, node, part, fields)) - _known(bare, node, part, fields)).items()
    ]
    found: dict[str, Any] = {}
    for line in lines:
        _, kind, _, _, name, *words = line.split(" ")
        rest = " ".join(words)
        if kind == "chain":
            found.setdefault(name, [])
        elif kind in ("set", "map"):
            found[name] = rest
        else:
            found.setdefault(name, []).append(rest if kind == "rule" else rest[2:-2])
            if kind == "element":
                found[name].sort()
    return found


def _known(control: ControlPlaneState, node: str, part: str, fields: dict[str, Any]) -> Counter[str]:
    return Counter(_lines(control, node, part, fields))


def _lines(control: ControlPlaneState, node: str, part: str, fields: dict[str, Any]) -> list[str]:
    text, problems = tables_text(control, settings(**fields), node, "nftables")
    assert not problems
    for name, short in SHORT.items():
        text = text.replace(name, short)
    section = text.partition(f"#### {part}\n")[2].partition("#### ")[0]
    return section.splitlines()
