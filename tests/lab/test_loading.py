"""Rules in pieces: nothing lost, nothing in another order, every chain before the rules that name it."""

import pytest

from designer.edits import create, fields
from designer.engine.compile import ClusterState, compile_project
from designer.lab.run import run_lab
from designer.lab.worker.loading import AFTER, pieces
from designer.model import Project
from tests.lab.kernel import skip_unless_possible

TEXT = """# made
*filter
:INPUT ACCEPT [0:0]
-A INPUT -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:A - [0:0]
:B - [0:0]
-A PREROUTING -j A
-A A -j B
COMMIT
"""


def test_a_short_text_and_other_tools_are_left_as_they_are() -> None:
    tool = ["iptables-nft-restore"]
    assert pieces(tool, TEXT) == [(tool, TEXT)]
    assert pieces(["nft", "-f", "-"], TEXT, 1) == [(["nft", "-f", "-"], TEXT)]
    assert pieces(["ipset", "restore"], TEXT, 1) == [(["ipset", "restore"], TEXT)]


def test_what_is_longer_follows_without_flushing_what_came_before() -> None:
    tool = ["iptables-nft-restore"]
    filters = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n"
    begun = "*nat\n:PREROUTING ACCEPT [0:0]\n:A - [0:0]\nCOMMIT\n"
    rest = "*nat\n:B - [0:0]\n-A PREROUTING -j A\nCOMMIT\n*nat\n-A A -j B\nCOMMIT\n"
    assert pieces(tool, TEXT, 2) == [(tool, filters + begun), ([*tool, AFTER], rest)]


def many(services: int, replicas: int) -> ClusterState:
    project = Project()
    for _ in range(2):
        project = create.create(project, "Node").project
    for _ in range(services):
        made = create.create(project, "Deployment")
        project = fields.set_field(made.project, made.select[0], "spec.replicas", replicas).project
        project = create.create(project, "Service", target=made.select[0]).project
    return compile_project(project)


@pytest.mark.slow
def test_a_table_larger_than_the_buffer_is_loaded_whole() -> None:
    state = many(services=30, replicas=6)
    skip_unless_possible(state)
    report = run_lab(state, "services", 12)
    assert not report.differs, report.text()
    assert (report.count("confirmed"), len(report.sequences)) == (12, 12)
