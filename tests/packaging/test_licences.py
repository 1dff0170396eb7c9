"""Everything that the bundle carries says under which licence, and its text goes along."""

import re
from pathlib import Path

from tests.house.source import ROOT
from tests.packaging.scripts import script


def test_every_bundled_package_has_a_line_and_a_text(tmp_path: Path) -> None:
    names = script("licences").write_licences(ROOT / "requirements.lock", tmp_path)
    lines = (tmp_path / "THIRD-PARTY.txt").read_text(encoding="utf-8").splitlines()[2:]
    assert {"numpy", "pydantic", "pyside6-essentials", "shiboken6"} <= set(names)
    assert [line.split()[0] for line in lines] == names
    assert not [line for line in lines if not re.search(r": \S+", line)]
    without_text = [name for name in names if not any((tmp_path / name).glob("*"))]
    # Qt's text is the system's own copy of the LGPL, which other distributions keep elsewhere.
    assert set(without_text) <= {"pyside6-essentials", "shiboken6"}


def test_qt_is_taken_under_a_licence_that_a_bundle_may_use(tmp_path: Path) -> None:
    script("licences").write_licences(ROOT / "requirements.lock", tmp_path)
    text = (tmp_path / "THIRD-PARTY.txt").read_text(encoding="utf-8")
    assert re.search(r"^pyside6-essentials \S+: .*LGPL-3\.0", text, re.M)
