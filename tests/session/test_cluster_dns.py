"""A drawn cluster gets its DNS in one step, and names lead somewhere then."""

from designer.edits.create import create
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.model import Deployment, Project, Service
from designer.session import Session
from designer.session.cluster_dns import KUBE_DNS, add_cluster_dns, has_cluster_dns


def drawn() -> Session:
    session = Session(Project())
    for kind in ("Node", "Deployment", "Service"):
        assert session.apply(create(session.project, kind)).ok
    return session


def verdict(session: Session) -> str:
    assert session.state is not None
    service = next(service for service in session.project.of(Service) if service.namespace == "default")
    workload = next(deployment.id for deployment in session.project.of(Deployment) if deployment.namespace == "default")
    result, problems = ask(session.state, Request(workload, f"http://{service.name}"))
    assert result is not None, problems
    return "|".join(sorted({path.verdict for path in result.trace.paths()}))


def test_names_lead_nowhere_until_there_is_dns() -> None:
    session = drawn()
    assert not has_cluster_dns(session.project)
    assert verdict(session) == "cannot-tell"
    assert session.apply(add_cluster_dns(session.project)).ok
    assert has_cluster_dns(session.project)
    # kubeadm gives DNS the tenth address of the Service range.
    service = session.project.get(KUBE_DNS)
    assert isinstance(service, Service)
    assert service.spec.clusterIP == "10.96.0.10"
    assert verdict(session) == "delivered"
    session.undo()
    assert not has_cluster_dns(session.project)


def test_a_cluster_that_has_dns_stays_as_it_is() -> None:
    project = add_cluster_dns(Project()).project
    assert add_cluster_dns(project).project.objects == project.objects
