"""The worker as a process: it ends when nobody asks any more, leaves nothing, touches nothing of the machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from designer.lab.capabilities import capabilities
from designer.lab.client import CancelledError, LabError, Worker, encoded, worker_command
from designer.lab.planning import make_plan
from designer.lab.run import Lab, run_lab
from tests.lab.kernel import able, skip_unless_possible, two_nodes

ROOT = Path(__file__).resolve().parents[2]
STATE = two_nodes("flannel", "vxlan", "Cluster", {})


def machine() -> tuple[str, ...]:
    """What the machine's own network holds: devices by name, routes, rules' tables as far as anybody may read them."""
    devices = [line.partition(":")[0].strip() for line in Path("/proc/self/net/dev").read_text().splitlines()[2:]]
    return (*devices, Path("/proc/self/net/route").read_text(), Path("/proc/sys/net/ipv4/ip_forward").read_text())


def gone(pid: int, seconds: float = 5) -> bool:
    """Whether a process ends within so long; one that nobody has waited for counts as ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.slow
def test_a_killed_worker_leaves_nothing() -> None:
    skip_unless_possible(STATE)
    before = machine()
    with Worker() as worker:
        plan = make_plan(STATE, capabilities(worker).restore)
        Lab(STATE, plan, worker).build()
        assert Path(f"/proc/{worker.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
        assert children(worker.pid) == [], "no process but the worker's own, so none that could outlive it"
        assert machine() == before
        os.kill(worker.pid, signal.SIGKILL)
        assert gone(worker.pid)
        with pytest.raises(LabError):
            list(worker.ask({"do": "abilities"}, "abilities"))
    assert machine() == before


def start() -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(worker_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


@pytest.mark.slow
def test_it_ends_with_its_input() -> None:
    skip_unless_possible(STATE)
    process = start()
    answer, _ = process.communicate(b"", timeout=10)
    assert json.loads(answer.splitlines()[0])["ready"] in ("user", "root")
    assert process.returncode == 0


PARENT = """
import subprocess, sys
worker = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
worker.stdout.readline()
print(worker.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_it_dies_with_the_one_who_started_it() -> None:
    skip_unless_possible(STATE)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *worker_command()], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert parent.stdout is not None and parent.stdin is not None
    pid = int(parent.stdout.readline())
    assert not gone(pid, 0.2)
    parent.kill()
    parent.wait()
    assert gone(pid)
    parent.stdout.close()
    parent.stdin.close()


@pytest.mark.slow
def test_a_cancelled_lab_ends_at_once() -> None:
    skip_unless_possible(STATE)
    asked = 0

    def cancel() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    with pytest.raises(CancelledError):
        run_lab(STATE, "services", cancel=cancel)


@pytest.mark.slow
def test_a_step_that_the_kernel_refuses_is_told() -> None:
    skip_unless_possible(STATE)
    with Worker() as worker:
        capabilities(worker)
        plan = make_plan(STATE)
        broken = {
            "do": "route",
            "space": "node node-1",
            "destination": "10.9.0.0/16",
            "device": "eth0",
            "via": "8.8.8.8",
        }
        command = plan.data()
        command["steps"].append(broken)
        with pytest.raises(LabError, match=r"route in node node-1 .*8\.8\.8\.8.*unreachable"):
            list(worker.ask(command))


def test_the_worker_needs_nothing_but_python() -> None:
    """Started without the installed packages it still answers: that it works, or what the kernel refuses."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the lab is for Linux")
    process = start()
    answer, _ = process.communicate(b"", timeout=20)
    assert {"ready", "refused"} & set(json.loads(answer.splitlines()[0]))


@pytest.mark.slow
def test_the_machine_is_described_in_plain_words() -> None:
    skip_unless_possible(STATE)
    found = able()
    assert not isinstance(found, str)
    lines = found.lines()
    assert lines[0].startswith("✓ network namespaces")
    assert all(line.startswith(("✓ ", "– ")) for line in lines)
    for one in found.found:
        assert not one.missing or one.remedy, one.name


def test_a_command_is_one_line_of_json() -> None:
    command = {"do": "build", "steps": [{"text": "a\nb \u2028"}, [1, None]], "none": [], "deep": {"x": [True]}}
    data = encoded(command)
    assert data.count(b"\n") == 1 and data.endswith(b"\n")
    assert json.loads(data) == command


class Deaf:
    """Stands for a worker that could open all but two of its listeners."""

    def ask(self, command: dict[str, object], last: str = "") -> list[dict[str, object]]:
        return [{"built": 3, "of": 9}, {"done": "build", "deaf": [0, 2]}]


def test_what_could_not_listen_is_named() -> None:
    plan = make_plan(STATE)
    lab = Lab(STATE, plan, Deaf())  # type: ignore[arg-type]
    lab.build()
    assert lab.plan.left_out == tuple(
        f"Nothing could listen on {one.protocol} port {one.port} in {one.space}: what calls it there is refused."
        for one in (plan.listeners[0], plan.listeners[2])
    )
