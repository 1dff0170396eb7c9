"""The files that tell a desktop about the program agree with each other and with the program."""

import configparser
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import designer

ROOT = Path(__file__).resolve().parents[2]
LINUX = ROOT / "packaging" / "linux"
APP_ID = "org.cluster_network_designer.Designer"
MIME = "application/x-cluster-network-designer"
DESKTOP, MIME_XML, METAINFO = (LINUX / f"{APP_ID}{end}" for end in (".desktop", ".mime.xml", ".metainfo.xml"))


def desktop_entry() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read(DESKTOP, encoding="utf-8")
    return parser["Desktop Entry"]


def test_menu_entry_opens_files_of_the_type_that_is_declared() -> None:
    entry = desktop_entry()
    assert entry["Exec"] == "cluster-designer gui %f"
    assert MIME in entry["MimeType"].split(";")
    namespace = "{http://www.freedesktop.org/standards/shared-mime-info}"
    declared = ET.parse(MIME_XML).getroot().find(f"{namespace}mime-type")
    assert declared is not None
    assert declared.get("type") == MIME
    assert [glob.get("pattern") for glob in declared.iter(f"{namespace}glob")] == ["*.cnd"]


def test_description_names_the_entry_and_this_version() -> None:
    root = ET.parse(METAINFO).getroot()
    assert root.findtext("id") == APP_ID
    assert root.findtext("launchable") == DESKTOP.name
    assert root.findtext("provides/mediatype") == MIME
    assert designer.__version__ in [release.get("version") for release in root.iter("release")]


def test_changelog_has_a_place_for_what_comes() -> None:
    assert re.search(r"^## \[Unreleased\]$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize(
    ("tool", "arguments", "file"),
    [("desktop-file-validate", [], DESKTOP), ("appstreamcli", ["validate", "--no-net"], METAINFO)],
)
def test_the_desktop_s_own_validators_accept_them(tool: str, arguments: list[str], file: Path) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    answer = subprocess.run([tool, *arguments, str(file)], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
