"""The set-up script on machines that are not this one: each test plays a machine with stand-ins for its commands.

The package names are those of the distributions: Debian 12 has libglib2.0-0, Ubuntu 24.04 and Debian 13 renamed it to
libglib2.0-0t64 with the change to 64-bit time.
"""

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from designer.cli import doctor

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = {
    words[0]: words[1]
    for words in (line.split() for line in (ROOT / "resources/system-libraries.txt").read_text().splitlines())
    if words and not words[0].startswith("#")
}

PYTHON = r"""
case "$*" in
    *"-m venv"*)
        for last; do :; done
        mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
    *"pip check"*) [ -z "${LOCK_LACKS:-}" ] ||
        { echo "pytest requires $LOCK_LACKS, which is not installed."; exit 1; } ;;
    *"--editable"*) touch "$(dirname "$0")/cluster-designer"; chmod +x "$(dirname "$0")/cluster-designer" ;;
    *-venv*version_info*) echo python3.12-venv ;;
    *ensurepip*) [ -n "${HAS_VENV:-}" ] || exit 1 ;;
    -V) echo "Python 3.12.3" ;;
    *version_info*) [ -z "${OLD_PYTHON:-}" ] || exit 1 ;;
esac
"""


@dataclass
class Machine:
    """A pretended machine: its commands, what they were called with, and a checkout with the set-up script."""

    folder: Path

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    def command(self, name: str, body: str) -> None:
        """Gives the machine a command that notes how it was called and then does what the body says."""
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/bash\necho "{name} $*" >>"{self.folder}/calls"\n{body}\n', encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def calls(self, start: str) -> list[str]:
        """The calls that began with some words, in order."""
        path = self.folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [line for line in lines if line.startswith(start)]

    def setup(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The finished run of the set-up script on this machine."""
        return subprocess.run(
            [str(self.checkout / "packaging/setup.sh"), *arguments],
            env={"PATH": str(self.folder / "bin"), "HOME": str(self.folder), "HAS_VENV": "1", **variables},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def has_libraries(self, *libraries: str) -> None:
        """Which shared libraries the loader of this machine knows."""
        self.command("ldconfig", "\n".join(f'echo "	{name} (libc6,x86-64) => /lib/{name}"' for name in libraries))

    def offers(self, *packages: str) -> None:
        """Which packages the machine's distribution has."""
        names = "|".join(packages)
        self.command(
            "apt-cache", f'[ "$1" = madison ] && case $2 in {names}) echo "$2 | 3.12.3-1 | somewhere" ;; esac; true'
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Ubuntu 24.04 with Python and every library, somebody who is not root and may not use sudo."""
    machine = Machine(tmp_path)
    (machine.checkout / "packaging").mkdir(parents=True)
    (machine.checkout / "resources").mkdir()
    for name in (
        "packaging/setup.sh",
        "resources/system-libraries.txt",
        "pyproject.toml",
        "requirements.lock",
        "requirements-dev.lock",
    ):
        shutil.copy(ROOT / name, machine.checkout / name)
    (tmp_path / "bin").mkdir()
    for name in (
        "bash",
        "awk",
        "basename",
        "cat",
        "cp",
        "cut",
        "dirname",
        "env",
        "grep",
        "mkdir",
        "mktemp",
        "rm",
        "sed",
        "sha256sum",
        "touch",
        "chmod",
    ):
        found = shutil.which(name, path=os.defpath)
        assert found, name
        (tmp_path / "bin" / name).symlink_to(found)
    machine.command("python3", PYTHON)
    machine.command("apt-get", "true")
    machine.command("sudo", "exit 1")
    machine.command("id", "echo 1000")
    machine.has_libraries(*LIBRARIES)
    machine.offers("python3", *(p for p in LIBRARIES.values() if p != "libglib2.0-0"), "libglib2.0-0t64")
    return machine


def test_a_complete_machine_gets_the_environment_from_the_hashed_lock(machine: Machine) -> None:
    answer = machine.setup()
    assert answer.returncode == 0, answer.stderr
    assert not machine.calls("apt-get")
    installs = machine.calls("python3 -m pip install")
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    # Without it pip asks for the newest "coverage[toml]" (pytest-cov), which the lock has no hash for once it is new.
    assert "--no-deps" in installs[0]
    assert installs[0].endswith("-r " + str(machine.checkout / "requirements.lock"))
    assert "--no-deps" in installs[1]
    assert "--no-index" in installs[1]


def test_a_lock_that_lacks_a_package_is_told_and_not_taken_for_ready(machine: Machine) -> None:
    answer = machine.setup(LOCK_LACKS="colorama")
    assert answer.returncode == 1
    assert "pytest requires colorama, which is not installed." in answer.stderr
    assert "make lock" in answer.stderr
    assert machine.setup().stderr.endswith("setup: ready\n")


def test_the_second_call_does_nothing(machine: Machine) -> None:
    machine.setup()
    before = machine.calls("python3 -m")
    answer = machine.setup()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert machine.calls("python3 -m") == before


def test_a_changed_lock_is_installed(machine: Machine) -> None:
    machine.setup()
    before = machine.calls("python3 -m pip")
    with (machine.checkout / "requirements.lock").open("a") as lock:
        lock.write("# another version\n")
    machine.setup()
    assert len(machine.calls("python3 -m pip")) == 2 * len(before)


def test_the_environment_of_the_tools_serves_a_plain_run(machine: Machine) -> None:
    machine.setup("dev")
    before = machine.calls("python3 -m")
    assert str(machine.checkout / "requirements-dev.lock") in before[1]
    machine.setup("run")
    assert machine.calls("python3 -m") == before


def test_without_rights_the_one_command_is_printed_with_the_names_of_the_release(machine: Machine) -> None:
    machine.has_libraries(*(name for name in LIBRARIES if name not in {"libglib-2.0.so.0", "libEGL.so.1"}))
    answer = machine.setup()
    assert answer.returncode == 1
    commands = [line.strip() for line in answer.stderr.splitlines() if line.startswith("  ")]
    assert commands == [
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 libglib2.0-0t64"
    ]
    assert not machine.calls("apt-get")
    assert not machine.calls("python3 -m")


def test_the_old_name_is_used_where_the_release_has_it(machine: Machine) -> None:
    machine.has_libraries(*(name for name in LIBRARIES if name != "libglib-2.0.so.0"))
    machine.offers("python3", *LIBRARIES.values())
    assert "libglib2.0-0\n" in machine.setup().stderr


def test_root_gets_them_installed(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.has_libraries(*(name for name in LIBRARIES if name != "libxcb-cursor.so.0"))
    answer = machine.setup()
    assert answer.returncode == 0, answer.stderr
    assert machine.calls("apt-get")[0].startswith("apt-get update")
    assert machine.calls("apt-get install")[0].endswith("--no-install-recommends libxcb-cursor0")
    assert not machine.calls("sudo")


def test_sudo_without_a_password_is_used(machine: Machine) -> None:
    machine.command("sudo", 'shift; "$@"')
    machine.has_libraries(*(name for name in LIBRARIES if name != "libGL.so.1"))
    assert machine.setup().returncode == 0
    assert machine.calls("apt-get install")[0].endswith(" libgl1")


def test_what_apt_says_is_shown_only_when_it_fails(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.has_libraries(*(name for name in LIBRARIES if name != "libGL.so.1"))
    machine.command("apt-get", 'echo "E: no space left"; [ "$1" = update ]')
    answer = machine.setup()
    assert answer.returncode == 1
    assert "E: no space left" in answer.stderr
    machine.command("apt-get", 'echo "Setting up libgl1"')
    answer = machine.setup()
    assert answer.returncode == 0
    assert "Setting up" not in answer.stderr


def test_a_python_without_venv_is_completed(machine: Machine) -> None:
    answer = machine.setup(HAS_VENV="")
    assert answer.returncode == 1
    assert "--no-install-recommends python3.12-venv\n" in answer.stderr


def test_an_old_python_is_not_used(machine: Machine) -> None:
    machine.offers("python3.11", "python3.11-venv", *LIBRARIES.values())
    answer = machine.setup(OLD_PYTHON="1")
    assert answer.returncode == 1
    assert "--no-install-recommends python3.11 python3.11-venv\n" in answer.stderr


def test_another_distribution_is_told_what_to_look_for(machine: Machine) -> None:
    (machine.folder / "bin/apt-get").unlink()
    machine.has_libraries(*(name for name in LIBRARIES if name != "libGL.so.1"))
    answer = machine.setup()
    assert answer.returncode == 1
    assert "libgl1" in answer.stderr
    assert "sudo" not in answer.stderr


def test_libraries_are_not_looked_for_when_told_so(machine: Machine) -> None:
    machine.has_libraries("libc.so.6")
    assert machine.setup(SKIP_SYSTEM_LIBRARIES="1").returncode == 0


def test_doctor_asks_for_the_same_libraries() -> None:
    assert doctor.needed_libraries() == LIBRARIES


def test_an_unknown_word_is_a_usage_error(machine: Machine) -> None:
    answer = machine.setup("everything")
    assert answer.returncode == 2
    assert "usage:" in answer.stderr
