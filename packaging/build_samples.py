"""Build the sample projects: `resources/samples/src/<name>/` with `common/` → `resources/samples/<name>.cnd`.

    python packaging/build_samples.py [--check]

With --check nothing is written; the exit status says whether the built files are those of the sources. Addresses are
handed out here, so that every reader of the documentation sees the same ones.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from designer.engine.controlplane import allocate  # noqa: E402
from designer.manifests import read_texts  # noqa: E402
from designer.manifests.yaml_reader import read_document  # noqa: E402
from designer.model import FrozenMap, Problem, Project, Scenario  # noqa: E402
from designer.storage import decode, encode  # noqa: E402

SAMPLES = ROOT / "resources" / "samples"
SOURCES = SAMPLES / "src"
COMMON = "common"
SCENARIOS = "scenarios.yaml"


def read_scenarios() -> dict[str, Any]:
    """The titles and scenarios of all samples, by name."""
    found, problem = read_document((SOURCES / SCENARIOS).read_text(encoding="utf-8"), 1, SCENARIOS)
    if problem is not None:
        raise SystemExit(problem.title)
    return dict(found)


def build(name: str, about: dict[str, Any]) -> tuple[Project, tuple[Problem, ...]]:
    """The project of one sample, with addresses and scenarios, and the problems of reading and allocating it."""
    files = sorted((SOURCES / COMMON).glob("*.yaml")) + sorted((SOURCES / name).glob("*.yaml"))
    result = read_texts([(file.name, file.read_text(encoding="utf-8")) for file in files])
    scenarios = [Scenario.model_validate(entry) for entry in about["scenarios"]]
    project = replace(
        result.project,
        cluster=result.project.cluster.replace(name=about["title"]),
        scenarios=FrozenMap({scenario.name: scenario for scenario in scenarios}),
    )
    ledger, problems = allocate(project)
    return replace(project, ledger=ledger), (*result.problems, *problems)


def same_but_for_addresses(file: Path, project: Project) -> bool:
    """Whether the built file holds `project`; addresses that it was given by an earlier program stay valid."""
    built = decode(file.read_bytes(), file.name)[0] if file.exists() else None
    return built is not None and replace(project, ledger=built.ledger) == built


def main(arguments: list[str]) -> int:
    """0 when every sample was built (or, with --check, is up to date), else 1."""
    status = 0
    for name, about in read_scenarios().items():
        project, problems = build(name, about)
        for problem in problems:
            print(f"{name}: {problem.severity}: {problem.title}")
        file, data = SAMPLES / f"{name}.cnd", encode(project)
        if "--check" not in arguments:
            file.write_bytes(data)
            print(f"{file.relative_to(ROOT)}: {len(data):,} bytes")
        elif not same_but_for_addresses(file, project):
            print(f"{file.relative_to(ROOT)} is not what its source gives; run packaging/build_samples.py")
            status = 1
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
