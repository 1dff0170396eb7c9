"""Tries a built bundle: in an empty environment it must say the same as the source run; prints sizes and times.

    python packaging/bundle_check.py BUNDLE_FOLDER ARCHIVE SOURCE_PROGRAM

Exit status 0: every answer was the same; 1: one was not, and it is named.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SAMPLES = ("first-steps.cnd",)
STARTS = 5
# A picture may differ where text is rasterised by another font library: how much, in steps of 255, on average.
PICTURE_TOLERANCE = 1.0
# What the bundle takes from the machine it runs on: C library, graphics drivers, printing, the wire to the display.
FROM_THE_SYSTEM = re.compile(
    r"(ld-linux[\w-]*|lib(c|m|dl|rt|util|pthread|resolv|EGL|GL|GLX|OpenGL|GLdispatch|drm|gbm|xcb|cups|wayland-[a-z]+))\.so"
)


@dataclass(frozen=True)
class Program:
    """One way to start the program: the bundle or the source run, and where its files go."""

    command: Path
    home: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The finished run of one command: nothing of the caller's environment, no display, a home of its own."""
        environment = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
        }
        return subprocess.run(
            ["env", "-i", *(f"{k}={v}" for k, v in environment.items()), str(self.command), *arguments],
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def commands(sample: Path) -> list[list[str]]:
    """The commands whose text has to be the same in both runs, for one sample."""
    project = json.loads(sample.read_text(encoding="utf-8"))
    name = str(sample)
    found = [["--version"], ["check", name], ["connectivity", name, "--output", "json"]]
    scenarios = project.get("scenarios") or []
    for scenario in scenarios.values() if isinstance(scenarios, dict) else scenarios:
        ends = ["--from", scenario["source"], "--to", scenario["destination"]]
        found += [["trace", name, *ends, "--output", form] for form in ("text", "json")]
    return found


def picture_difference(one: Path, other: Path) -> float:
    """How far two pictures are apart: 0 when equal, else the mean difference of a channel; infinite for other sizes."""
    import numpy as np
    from PySide6.QtGui import QImage

    if one.read_bytes() == other.read_bytes():
        return 0.0
    images = [QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32) for path in (one, other)]
    if images[0].isNull() or images[0].size() != images[1].size():
        return float("inf")
    first, second = (np.frombuffer(image.constBits(), dtype=np.uint8).astype(np.int16) for image in images)
    return float(np.abs(first - second).mean())


def compare_texts(bundle: Program, source: Program, sample: Path) -> list[str]:
    """What the bundle says otherwise than the source run, one text a command."""
    wrong = []
    for arguments in commands(sample):
        got, expected = bundle.run(*arguments), source.run(*arguments)
        same = (got.returncode, got.stdout) == (expected.returncode, expected.stdout)
        answered = got.returncode in (0, 1) and got.stdout and "Traceback" not in got.stderr
        shown = " ".join(Path(a).name if a == str(sample) else a for a in arguments)
        print(f"  {'same' if same and answered else 'DIFFERENT':9}  {shown}")
        if not (same and answered):
            wrong.append(f"{shown}: exit {got.returncode}, {expected.returncode} from source\n{got.stderr.strip()}")
    return wrong


def compare_manifests(bundle: Program, source: Program, sample: Path) -> list[str]:
    """What the bundle writes and reads otherwise as manifests: each run exports, and checks what it exported."""
    written = []
    for program in (bundle, source):
        folder = program.home / "manifests"
        exported = program.run("export", str(sample), "-o", "manifests")
        read = program.run("check", "manifests")
        files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
        written.append((exported.returncode, files, read.returncode, read.stdout))
    same = written[0] == written[1] and written[0][0] == 0 and bool(written[0][1])
    print(
        f"  {'same' if same else 'DIFFERENT':9}  export, then check of the exported folder ({len(written[0][1])} files)"
    )
    return [] if same else ["the exported manifests, or what was read from them, differ"]


def compare_pictures(bundle: Program, source: Program, sample: Path) -> list[str]:
    """What the bundle draws otherwise than the source run."""
    for program in (bundle, source):
        answer = program.run("render", str(sample), "-o", "picture.png")
        if answer.returncode != 0 or not (program.home / "picture.png").is_file():
            return [f"render failed: {program.command.name}: {answer.stderr.strip()}"]
    apart = picture_difference(bundle.home / "picture.png", source.home / "picture.png")
    size = (bundle.home / "picture.png").stat().st_size
    same = apart <= PICTURE_TOLERANCE and size > 0
    print(
        f"  {'same' if same else 'DIFFERENT':9}  render {sample.name}: {size / 1024:.0f} KB, {apart:.3f} of 255 apart"
    )
    return [] if same else [f"the picture differs by {apart:.3f}, at most {PICTURE_TOLERANCE} is expected"]


def missing_libraries(folder: Path) -> list[str]:
    """The shared libraries that a file of the bundle needs, that the bundle lacks, and that no bare desktop has."""
    files = [p for p in folder.rglob("*") if p.is_file() and (".so" in p.name or p.name == folder.name)]
    have = {p.name for p in files}
    missing: dict[str, str] = {}
    for path in files:
        header = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=False).stdout
        for line in header.splitlines():
            words = line.split()
            if words[:1] == ["NEEDED"] and words[1] not in have and not FROM_THE_SYSTEM.match(words[1]):
                missing[words[1]] = path.name
    return [f"{library} is needed by {missing[library]} and is not in the bundle" for library in sorted(missing)]


def start_seconds(program: Program, *arguments: str) -> list[float]:
    """How long each of a few starts took, sorted, the first (cold) one left out."""
    times = []
    for _ in range(STARTS + 1):
        begin = time.perf_counter()
        program.run(*arguments)
        times.append(time.perf_counter() - begin)
    return sorted(times[1:])


def print_figures(bundle: Program, source: Program, folder: Path, archive: Path, sample: Path) -> None:
    """Prints sizes of the bundle and times of both runs."""
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    print(f"  size: {size / 1e6:.0f} MB in {folder.name}/, {archive.stat().st_size / 1e6:.0f} MB compressed")
    for arguments in (["--version"], ["render", str(sample), "-o", "picture.png"]):
        both = [statistics.median(start_seconds(program, *arguments)) for program in (bundle, source)]
        print(f"  time of `{arguments[0]}`, median of {STARTS}: bundle {both[0]:.2f} s, source {both[1]:.2f} s")


def main(folder: Path, archive: Path, source_program: Path) -> int:
    """0 when the bundle says and draws what the source run does, else 1."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="cluster-designer-bundle-") as name:
        homes = [Path(name) / part for part in ("bundle", "source")]
        for home in homes:
            home.mkdir()
        bundle = Program(folder.resolve() / "cluster-designer", homes[0])
        source = Program(source_program.absolute(), homes[1])
        print("bundle: the same as the source run?")
        for sample_name in SAMPLES:
            sample = folder.resolve() / "_internal" / "resources" / "samples" / sample_name
            for compare in (compare_texts, compare_manifests, compare_pictures):
                wrong += compare(bundle, source, sample)
        health = bundle.run("doctor")
        print(f"  {'fine' if health.returncode == 0 else 'NOT FINE':9}  doctor")
        if health.returncode != 0:
            wrong.append(f"doctor: {health.stdout}{health.stderr}")
        wrong += missing_libraries(folder.resolve())
        print("bundle: figures")
        print_figures(bundle, source, folder, archive, sample)
    for text in wrong:
        print(f"bundle: {text}", file=sys.stderr)
    print("bundle: everything is the same" if not wrong else f"bundle: {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(Path(argument) for argument in sys.argv[1:4])))
