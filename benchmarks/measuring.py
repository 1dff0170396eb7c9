"""What every benchmark shares: rows of a table with median, worst time, peak of memory and the target beside them."""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 7
CLEAR_REFS, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


def heading(text: str) -> None:
    """Print the head of a table about one size."""
    print(f"\n{text}")
    print(f"  {'':<42}{'processor':>11}{'median':>11}{'worst':>11}{'peak MB':>9}   target, or what it races")


def forget_peak() -> None:
    """Let the kernel note the peak of this process's memory anew; elsewhere than on Linux the old one stays."""
    try:
        CLEAR_REFS.write_text("5")
    except OSError:
        return


def peak_memory() -> int:
    """The peak of this process's memory in MB, since `forget_peak` where the kernel tells."""
    try:
        found = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(found.split()[1]) // 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


Times = list[tuple[float, float]]


def timed(run: Callable[[Any], Any], prepare: Callable[[], Any] = lambda: None, rounds: int = ROUNDS) -> Times:
    """The milliseconds on the clock and on the processor of each round of `run`.

    `run` gets what `prepare` made just before, outside the time.
    """
    times = []
    for _ in range(rounds):
        given = prepare()
        gc.collect()
        begin, busy = time.perf_counter(), time.process_time()
        run(given)
        times.append(((time.perf_counter() - begin) * 1000, (time.process_time() - busy) * 1000))
    return times


def show(name: str, times: Times, target: float | None = None, beside: str = "") -> None:
    """Print one row. `target`, in milliseconds, is held against the processor time: other programs disturb it least."""
    median, worst = statistics.median(clock for clock, _ in times), max(clock for clock, _ in times)
    busy = statistics.median(processor for _, processor in times)
    held = f"≤ {spoken(target)}  {'met' if busy <= target else 'MISSED'}" if target is not None else ""
    note = "; ".join(text for text in (held, beside) if text)
    figures = f"{spoken(busy):>11}{spoken(median):>11}{spoken(worst):>11}{peak_memory():>9}"
    print(f"  {name:<42}{figures}   {note}", flush=True)


def measure(
    name: str,
    run: Callable[[Any], Any],
    *,
    prepare: Callable[[], Any] = lambda: None,
    rounds: int = ROUNDS,
    target: float | None = None,
    beside: str = "",
) -> None:
    """Run `rounds` times and print the row."""
    forget_peak()
    show(name, timed(run, prepare, rounds), target, beside)


def spoken(milliseconds: float) -> str:
    """A time as a person reads it."""
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f} s"
    return f"{milliseconds:.1f} ms" if milliseconds >= 1 else f"{milliseconds:.3f} ms"
