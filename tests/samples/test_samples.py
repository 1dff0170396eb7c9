"""The samples that travel with the program: they open, are up to date, and their scenarios end as they say.

What each scenario expects follows from the manifests in `resources/samples/src` by Kubernetes' documented rules; the
remarks in `broken/` say what is wrong there.
"""

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from designer.engine.checks.table import check
from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane import allocate
from designer.engine.trace import trace
from designer.engine.trace.hops import Request
from designer.manifests import read_paths
from designer.model import VERDICTS, Ingress, IngressController, Node, Project, Service
from designer.resources import resource_path
from designer.storage import decode

NAMES = ("first-steps", "shop", "two-controllers", "gateway", "exposure", "broken")
ROOT = Path(__file__).resolve().parents[2]


def opened(name: str) -> Project:
    project, problems = decode(resource_path("samples", f"{name}.cnd").read_bytes(), name)
    assert project is not None and problems == ()
    return project


@pytest.fixture(scope="module")
def states() -> dict[str, ClusterState]:
    return {name: compile_project(opened(name)) for name in NAMES}


def builder() -> Any:
    spec = importlib.util.spec_from_file_location("build_samples", ROOT / "packaging" / "build_samples.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_sample_is_listed() -> None:
    assert {path.stem for path in resource_path("samples").glob("*.cnd")} == set(NAMES)
    assert set(builder().read_scenarios()) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_sample_is_what_its_source_gives(name: str) -> None:
    module = builder()
    project, problems = module.build(name, module.read_scenarios()[name])
    assert problems == ()
    sample = opened(name)
    # Addresses stay those that were handed out once; a later allocation keeps them.
    assert replace(project, ledger=sample.ledger) == sample, "run packaging/build_samples.py"
    ledger, _ = allocate(sample)
    assert {key: record.ips for key, record in ledger.pods.items()} == {
        key: record.ips for key, record in sample.ledger.pods.items()
    }
    assert ledger.services == sample.ledger.services


@pytest.mark.parametrize("name", NAMES)
def test_sample_compiles_without_errors_of_its_passes(name: str, states: dict[str, ClusterState]) -> None:
    assert [problem for problem in states[name].problems if problem.severity == "error"] == []
    control = states[name].control
    assert control.pods and all(pod.node and pod.ips for pod in control.pods.values())
    assert all(service.cluster_ips or service.headless for service in control.services.values())


@pytest.mark.parametrize("name", NAMES)
def test_scenarios_end_as_they_expect(name: str, states: dict[str, ClusterState]) -> None:
    scenarios = states[name].project.scenarios
    assert len(scenarios) >= 3
    for scenario in scenarios.values():
        assert scenario.expect in VERDICTS
        found = trace(states[name], Request(scenario.source, scenario.destination, method=scenario.method))
        assert found.verdict == scenario.expect, f"{scenario.name}: {found.verdict}"


def test_first_steps_is_small(states: dict[str, ClusterState]) -> None:
    project = states["first-steps"].project
    assert len(project.of(Node)) == 2 and len(list(project.all())) < 15
    assert next(iter(project.scenarios.values())).expect == "delivered"


def test_two_controllers_are_recognised(states: dict[str, ClusterState]) -> None:
    project = states["two-controllers"].project
    found = {c.spec.profile: (c.spec.workload, c.spec.service) for c in project.of(IngressController)}
    assert found == {
        "ingress-nginx": (
            "Deployment:ingress-nginx/ingress-nginx-controller",
            "Service:ingress-nginx/ingress-nginx-controller",
        ),
        "traefik": ("Deployment:traefik/traefik", "Service:traefik/traefik"),
    }
    assert {ingress.spec.ingressClassName for ingress in project.of(Ingress)} == {"nginx", "traefik"}


def test_exposure_has_every_way_in(states: dict[str, ClusterState]) -> None:
    services = [s for s in states["exposure"].project.of(Service) if s.namespace == "web"]
    assert {(s.spec.type, s.spec.externalTrafficPolicy) for s in services} == {
        ("NodePort", None),
        ("NodePort", "Local"),
        ("LoadBalancer", "Cluster"),
        ("LoadBalancer", "Local"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_sources_are_manifests_of_their_own(name: str) -> None:
    result = read_paths([ROOT / "resources" / "samples" / "src" / name])
    assert result.problems == () and result.report.of("read")


BROKEN_CODES = {"SVC-01", "SVC-04", "NP-03", "NP-05", "ING-01"}


def test_broken_shows_its_five_mistakes(states: dict[str, ClusterState]) -> None:
    problems = check(states["broken"])
    assert {problem.code for problem in problems if problem.severity == "error"} == BROKEN_CODES


@pytest.mark.parametrize("name", [name for name in NAMES if name != "broken"])
def test_the_others_have_no_errors(name: str, states: dict[str, ClusterState]) -> None:
    assert [problem for problem in check(states[name]) if problem.severity == "error"] == []
