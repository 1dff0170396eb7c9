"""All benchmarks one after the other, each in a process of its own: ``python -m benchmarks [--quick] [NAME...]``.

The exit status says only whether all of them ran: a missed target is printed, a crash is an error.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time

# Name of the module: arguments in full, and with --quick.
BENCHMARKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "import_manifests": ((), ("--quick",)),
    "compile_project": ((), ("--quick",)),
    "trace_request": ((), ("--quick",)),
    "kubeproxy_rules": (("10000",), ("1000",)),
    "policy_matrix": ((), ("--quick",)),
    "routes": ((), ("--quick",)),
    "matrix_frame": ((), ("--quick",)),
    "project_file": ((), ("--quick",)),
    "layout": ((), ("--quick",)),
    "canvas_frame": (("120",), ("30",)),
    "hand_frames": ((), ("--quick", "30")),
    "window_stalls": ((), ("--quick",)),
    "canvas_soak": ((), ("200",)),
    "first_window": ((), ("--quick",)),
    "lab_soak": ((), ("--quick",)),
}


def run(name: str, arguments: tuple[str, ...]) -> int:
    """The exit status of one benchmark, whose table is printed meanwhile."""
    print(f"\n=== {name} {' '.join(arguments)}".rstrip(), flush=True)
    begin = time.monotonic()
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], env=environment, check=False)
    print(f"  ({time.monotonic() - begin:.0f} s)", flush=True)
    return done.returncode


def load() -> str:
    """How busy the machine is with other things, where the system says it."""
    try:
        return f"load {os.getloadavg()[0]:.1f}"
    except OSError:
        return "load unknown"


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all; 0 when none crashed, 2 for a name that there is not."""
    quick = "--quick" in arguments
    names = [argument for argument in arguments if not argument.startswith("--")] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]}. There are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}, {load()}")
    crashed = [name for name in names if run(name, BENCHMARKS[name][quick]) != 0]
    print(f"\nCrashed: {', '.join(crashed)}" if crashed else "\nAll ran.")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
