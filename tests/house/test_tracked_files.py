"""What may stand in a committed file: no path of one machine, no address of a package source, locks with hashes."""

import re
import subprocess
import tomllib

import pytest

from tests.house.source import ROOT, tracked_files

TEXT_SUFFIXES = {
    "",
    ".cfg",
    ".cnd",
    ".desktop",
    ".json",
    ".lock",
    ".md",
    ".py",
    ".sh",
    ".spec",
    ".toml",
    ".txt",
    ".xml",
    ".yaml",
    ".yml",
}
# Home folders, and mount points that only a development machine has. Written in parts: this file is tracked too.
MACHINE_PATH = re.compile(
    r"(?<![\w.$}/-])/(?:"
    + "|".join(("ro" + "ot", "wo" + "rk", "fa" + "rm", r"home/\w+", r"Users/\w+", r"tmp/[\w-]*venv"))
    + r")/\w"
)
LOCKS = ("requirements.lock", "requirements-dev.lock")
REQUIREMENT = re.compile(r"^[a-z0-9-]+==[\w.!+]+(?: ;[^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def test_no_file_names_a_path_of_one_machine() -> None:
    files = [path for path in tracked_files() if path.suffix in TEXT_SUFFIXES]
    if not files:
        pytest.skip("not a git checkout")
    found = []
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if MACHINE_PATH.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text", ["see /ho" + "me/ada/notes", "/ro" + "ot/x", "'/wo" + "rk/main'"])
def test_a_path_of_one_machine_is_caught(text: str) -> None:
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize("text", ["https://example.com/home/page", "/var/lib/kubelet", "$HOME/ro" + "ot/x", "/home/"])
def test_other_paths_are_fine(text: str) -> None:
    assert not MACHINE_PATH.search(text)


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_only_names_versions_and_hashes(name: str) -> None:
    for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
        assert line.startswith("# ") or REQUIREMENT.match(line) or HASH.match(line), f"{name}:{number}: {line}"
        assert "://" not in line, f"{name}:{number} names an address"


def pins(name: str) -> dict[str, str]:
    """package → version of one lock file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return dict(line.removesuffix(" \\").split("==") for line in lines if "==" in line)


def wanted(requirements: list[str]) -> set[str]:
    """The normalised names of requirements."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[<>=!~\[; ]", text)[0]).lower() for text in requirements}


def test_locks_cover_what_the_project_asks_for_and_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run, dev = (pins(name) for name in LOCKS)
    assert wanted(project["dependencies"]) <= run.keys()
    assert wanted(project["optional-dependencies"]["dev"]) <= dev.keys()
    assert run.items() <= dev.items(), "tests must run on the versions that people get"


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lists = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", text, re.M | re.S)
    lines = [line for block in lists for line in block.splitlines()]
    assert len(lines) > 20
    assert not [line for line in lines if not re.search(r'",\s+# \w.{8,}', line)]


def test_scripts_are_sound_shell() -> None:
    for path in [ROOT / ".ci/run", *sorted((ROOT / "packaging").glob("*.sh"))]:
        assert path.stat().st_mode & 0o100, f"{path.name} cannot be executed"
        assert "set -euo pipefail" in path.read_text(encoding="utf-8"), path.name
        subprocess.run(["bash", "-n", str(path)], check=True)
