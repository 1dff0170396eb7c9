"""Writes the licences of everything that a bundle carries into a folder: one line a package, and their texts.

python packaging/licences.py LOCK_FILE FOLDER
"""

import re
import shutil
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

# Qt for Python comes without the text of its licence; Debian and Ubuntu keep it here.
SYSTEM_TEXTS = {"LGPL-3.0": ("LGPL-3", "GPL-3")}
SYSTEM_FOLDER = Path("/usr/share/common-licenses")
# They build the program, and are not in the bundle.
NOT_BUNDLED = {"editables", "hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}


def licence_of(package: Distribution) -> str:
    """The licence as the package states it: its SPDX expression, else its own words, else its classifier."""
    data = package.metadata
    for field in ("License-Expression", "License"):
        if field in data and data[field].strip():
            return data[field].strip().splitlines()[0]
    for classifier in data.get_all("Classifier") or []:
        if classifier.startswith("License ::"):
            return str(classifier.rsplit(" :: ", 1)[-1])
    return "see its home page"


def write_licences(lock: Path, folder: Path) -> list[str]:
    """The packages that were written down, by name; `folder` then holds THIRD-PARTY.txt and a folder of texts each."""
    names = [n for n in re.findall(r"^([a-z0-9-]+)==", lock.read_text(encoding="utf-8"), re.M) if n not in NOT_BUNDLED]
    lines = ["This bundle carries the following software, unchanged.", ""]
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        package = distribution(name)
        licence = licence_of(package)
        lines.append(f"{name} {package.version}: {licence}")
        texts = [
            Path(str(package.locate_file(f)))
            for f in package.files or []
            if re.search(r"licen[cs]e|copying|notice", f.name, re.I)
        ]
        for spdx, system_names in SYSTEM_TEXTS.items():
            if spdx in licence:
                texts += [SYSTEM_FOLDER / system_name for system_name in system_names]
        for text in texts:
            if text.is_file() and text.suffix != ".py":
                (folder / name).mkdir(exist_ok=True)
                shutil.copy(text, folder / name / text.name)
    (folder / "THIRD-PARTY.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return names


if __name__ == "__main__":
    write_licences(Path(sys.argv[1]), Path(sys.argv[2]))
