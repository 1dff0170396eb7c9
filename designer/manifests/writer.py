"""Plain data → YAML that kubectl and this program read back as the same values.

PyYAML writes the texts "y", "0o7" and "1e3" without quotes, which kubectl then reads as true, 7 and 1000: every text
that `yaml_reader.resolve` does not read as itself is quoted here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import yaml

from designer.manifests.yaml_reader import MERGE, resolve

BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
NO_FOLDING = 1_000_000  # columns: long texts stay on their line, for small diffs


class Dumper(BASE):  # type: ignore[misc]
    """PyYAML's dumper with our rule for quotes, without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Whether equal values are written out each time: always."""
        return True


def needs_quotes(text: str) -> bool:
    """Whether a plain `text` would be read as something else than itself."""
    if text in (MERGE, "="):
        return True
    try:
        return resolve(text) is not text
    except ValueError:
        return True


def write_text(dumper: Any, text: str) -> Any:
    """The node of a text: quoted where that is needed, as a block where it has several lines."""
    style = None
    if needs_quotes(text):
        style = "'"
    elif "\n" in text:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def write_mapping(dumper: Any, data: Mapping[str, Any]) -> Any:
    """The node of a mapping, keys in their own order."""
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items())


Dumper.add_representer(str, write_text)
Dumper.add_multi_representer(dict, write_mapping)


def to_yaml(data: Any) -> str:
    """The YAML text of plain data (mappings, lists, texts, numbers, booleans, None), one document without marker."""
    text: str = yaml.dump(
        data, Dumper=Dumper, default_flow_style=False, allow_unicode=True, sort_keys=False, width=NO_FOLDING
    )
    return text.removesuffix("...\n")


def to_json(data: Any) -> str:
    """The JSON text of plain data, indented by two."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() + "\n"
