"""A report as a project keeps it: whole, small, deterministic, and without a word about the machine."""

import json
import os
import socket
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace.ground import Ground
from designer.lab.compare import Row
from designer.lab.keeping import called, kept, restored
from designer.lab.prediction import Expected, Prediction, Way
from designer.lab.probes import Probe
from designer.lab.report import LabReport
from designer.lab.run import run_lab
from designer.lab.sequences import SequenceRow
from designer.storage import decode, encode, fingerprint
from tests.engine.trace.clusters import cluster, make, pod, service
from tests.lab.kernel import skip_unless_possible, two_nodes

DATE = "2026-11-23T15:02Z"


def shop() -> ClusterState:
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    return cluster(
        pod("a", 1), pod("web", 2), service("web", clusterIP="10.96.0.5", type="NodePort", ports=ports),
        make("ExternalHost", "api", {"addresses": ["198.51.100.20"], "ports": ["443/tcp"]}),
    )  # fmt: skip


def report() -> LabReport:
    ends = [Expected("answered", f"Pod:default/{name}", "10.244.1.5") for name in ("web", "web-2")]
    ways = tuple(Way(Fraction(1, 2), end, ()) for end in ends)
    probe = Probe("Pod:default/a", "default/web (10.96.0.5:80)", "TCP", "pod default/a", "10.96.0.5", 80, 0,
                  Prediction(ways), "", "first")  # fmt: skip
    rows = (
        Row(probe.source, probe.destination, "TCP", "confirmed", ("1 of 2: x",), ("9 × x",), 9),
        Row(probe.source, probe.destination, "UDP", "not-testable", (), (), 0, "The lab sends no such thing."),
        Row(probe.source, "node-2 (192.168.10.12:30080)", "TCP", "different", ("x",), ("y",), 1, "Something."),
    )
    probes = (probe, replace(probe, prediction=Prediction((), "No.")),
              replace(probe, address="192.168.10.12", port=30080, entry="node-2", scenario=""))  # fmt: skip
    sequences = (
        SequenceRow(rows[0].source, rows[0].destination, "confirmed", ("node-1 forward: a b 1",), ("x",)),
        SequenceRow(rows[2].source, rows[2].destination, "different", ("p",), ("o",), "Other rules."),
    )
    answered = (("Pod:default/other",), (), ())
    return LabReport("iptables", "services", rows, sequences, 10, ("✓ bridges",), ("No SCTP.",), probes, answered)


def test_each_row_says_which_packets_it_is_about() -> None:
    found = kept(report(), shop(), "f" * 64, DATE)
    first, second, third = found.rows
    assert (first.scenario, first.target, first.address, first.port) == (
        "first",
        "Service:default/web",
        "10.96.0.5",
        80,
    )
    assert first.answerers == ("Pod:default/web", "Pod:default/web-2", "Pod:default/other")
    assert (third.entry, third.target) == ("node-2", "Service:default/web")
    assert (second.rules, second.why) == (None, "The lab sends no such thing.")
    assert (found.date, found.mode, found.scope, found.connections, found.leftOut) == (
        DATE, "iptables", "services", 10, ("No SCTP.",),
    )  # fmt: skip


def test_rules_are_kept_in_full_only_where_they_differ() -> None:
    first, _, third = kept(report(), shop(), "", DATE).rows
    assert first.rules is not None and first.rules.dump() == {"status": "confirmed"}
    assert third.rules is not None
    assert (third.rules.predicted, third.rules.observed, third.rules.why) == (("p",), ("o",), "Other rules.")


def test_a_kept_result_is_a_report_again() -> None:
    again = restored(kept(report(), shop(), "", DATE))
    told = report()
    assert again.rows == told.rows
    assert again.differs and again.text() == replace(told, abilities=()).text()
    data, before = again.data(), told.data()
    assert {key: data[key] for key in ("mode", "scope", "counts", "connections", "rows", "leftOut")} == {
        key: before[key] for key in ("mode", "scope", "counts", "connections", "rows", "leftOut")
    }


@pytest.mark.parametrize(
    ("address", "port", "oid"),
    [
        ("10.96.0.5", 80, "Service:default/web"),
        ("192.168.10.12", 30080, "Service:default/web"),
        ("127.0.0.1", 30080, "Service:default/web"),
        ("192.168.10.12", 22, "Node:node-2"),
        ("198.51.100.20", 443, "ExternalHost:api"),
        ("192.0.2.1", 80, ""),
        ("", 0, ""),
    ],
)
def test_what_has_an_address(address: str, port: int, oid: str) -> None:
    assert called(Ground.of(shop()), address, port, "TCP") == oid


def test_a_pod_has_its_address() -> None:
    state = shop()
    address = state.control.pods["Pod:default/web"].ips[0]
    assert called(Ground.of(state), address, 8080, "TCP") == "Pod:default/web"


@pytest.mark.slow
def test_a_real_run_is_saved_and_read_back_without_a_word_about_this_machine() -> None:
    state = two_nodes("calico", "vxlan", "Cluster", {})
    skip_unless_possible(state)
    found = kept(run_lab(state, "services", 20), state, fingerprint(state.project), DATE)
    assert found.count("confirmed") >= 15 and not found.count("different")
    assert any(said.startswith("20 of ") for said in found.leftOut), "a sample says that it is one"
    project = replace(state.project, verification=found)
    data = encode(project)
    again, problems = decode(data)
    assert again == project and not problems and encode(again) == data
    text = json.dumps(found.dump())
    for word in (socket.gethostname(), str(Path.home()), os.getcwd(), "/proc", "/usr"):
        assert word not in text
    assert len(data) - len(encode(state.project)) < 1500 * len(found.rows), "small: about a kilobyte a request"
