"""SCTP by raw sockets: bytes by hand from RFC 9260, and Services, policies and refusals asked of the kernel."""

from __future__ import annotations

import struct
import sys
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace.ground import Ground
from designer.lab.asking import make_probes
from designer.lab.capabilities import capabilities
from designer.lab.client import Worker
from designer.lab.planning import make_plan
from designer.lab.probes import aimed_at, probe_of
from designer.lab.run import Lab, run_lab
from tests.engine.trace.clusters import cluster, make, pod, policy, service
from tests.lab.kernel import DUAL, POOLS, machines, skip_unless_possible
from tests.lab.test_mutations import text

if not sys.platform.startswith("linux"):
    pytest.skip("the lab is for Linux", allow_module_level=True)

from designer.lab.worker import sctp
from designer.lab.worker.associating import quoted_port

S = [{"name": "s", "containerPort": 9000, "protocol": "SCTP"}, {"name": "http", "containerPort": 8080}]
WAYS = [{"name": "s", "port": 90, "protocol": "SCTP", "targetPort": "s"}, {"name": "t", "port": 80, "targetPort": 8080}]


@pytest.mark.parametrize(
    ("data", "sum_"),
    [
        (b"123456789", 0xE3069283),
        # RFC 3720, appendix B.4: 32 bytes of zeros, of ones, and counting up; there with the bytes as they are sent.
        (bytes(32), int.from_bytes(bytes.fromhex("aa36918a"), "little")),
        (b"\xff" * 32, int.from_bytes(bytes.fromhex("43aba862"), "little")),
        (bytes(range(32)), int.from_bytes(bytes.fromhex("4e79dd46"), "little")),
    ],
)
def test_the_checksum(data: bytes, sum_: int) -> None:
    assert sctp.crc32c(data) == sum_


def test_an_init_as_section_3_3_2_draws_it() -> None:
    made = sctp.init(41000, 90, 0x01020304)
    assert made[:8] == struct.pack("!HHI", 41000, 90, 0), "the verification tag of an INIT is 0"
    assert made[12:16] == bytes([1, 0, 0, 20]), "type, flags, length"
    assert made[16:20] == bytes([1, 2, 3, 4]), "initiate tag"
    assert struct.unpack("!IHH", made[20:28]) == (65535, 1, 1), "window, streams out and in"
    assert len(made) == 32
    assert int.from_bytes(made[8:12], "little") == sctp.crc32c(made[:8] + bytes(4) + made[12:])


def test_what_answers_carries_the_tag_of_the_one_who_asked() -> None:
    asked = sctp.parsed(sctp.init(41000, 90, 77))
    assert asked == sctp.Packet(41000, 90, 0, sctp.INIT, 77)
    assert sctp.parsed(sctp.init_ack(asked, 5, b"3 10.0.0.1 63")) == sctp.Packet(
        90, 41000, 77, sctp.INIT_ACK, 5, b"3 10.0.0.1 63"
    )
    refused = sctp.abort(asked)
    assert sctp.parsed(refused) == sctp.Packet(90, 41000, 77, sctp.ABORT)
    assert refused[12:] == bytes([6, 0, 0, 4])
    assert sctp.parsed(b"short") is None


def test_whose_error_it_is() -> None:
    inner = sctp.init(41000, 90, 7)
    six = struct.pack("!IHBB", 6 << 28, len(inner), 132, 64) + bytes(32)
    assert quoted_port(inner, 4) == quoted_port(six + inner, 6) == quoted_port(inner, 6) == 41000


def of_everything(plugin: str, backend: str, mode: str, dual: bool) -> ClusterState:
    families: dict[str, Any] = {"ipFamilyPolicy": "RequireDualStack"} if dual else {}
    ranges: dict[str, Any] = DUAL if dual else {}
    outside = {"addresses": ["198.51.100.20"], "ports": ["443/tcp", "9/sctp"]}
    front = {
        "from": [{"podSelector": {"matchLabels": {"tier": "front"}}}],
        "ports": [{"port": 9000, "protocol": "SCTP"}],
    }
    return cluster(
        *machines(2, dual), pod("client", 1, labels={"app": "client", "tier": "front"}), pod("a", 1, app="a", ports=S),
        pod("b", 2, app="a", ports=S), pod("g", 2, app="g", ports=S),
        service("web", app="a", ports=WAYS, type="NodePort", **families),
        service("local", app="a", ports=WAYS, type="LoadBalancer", externalTrafficPolicy="Local"),
        service("nobody", ports=WAYS[:1]), service("sticky", app="a", ports=WAYS, sessionAffinity="ClientIP"),
        service("g", ports=WAYS), make("ExternalHost", "api", outside),
        policy("guard", {"matchLabels": {"app": "g"}}, policyTypes=["Ingress"], ingress=[front]),
        plugin=plugin, backend=backend, loadBalancer=POOLS, kubeProxy={"mode": mode}, **ranges,
    )  # fmt: skip


def skip_without_sctp(state: ClusterState) -> None:
    lacking = skip_unless_possible(state).missing("sctp")
    if lacking:
        pytest.skip(lacking)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("plugin", "mode", "dual"),
    [("calico", "iptables", False), ("flannel", "nftables", True), ("calico", "nftables", True)],
)
def test_the_kernel_agrees(plugin: str, mode: str, dual: bool) -> None:
    state = of_everything(plugin, "vxlan", mode, dual)
    skip_without_sctp(state)
    rows = []
    for scope, sample in (("services", 60), ("matrix", None)):
        report = run_lab(state, scope, sample, traced=0)
        assert not report.differs, report.text()
        rows += [row for row in report.rows if row.protocol == "SCTP" and row.status == "confirmed"]
    assert len(rows) > 45
    seen = {line.partition(" × ")[2].partition(",")[0] for row in rows for line in row.observed}
    assert seen >= {"Pod:default/a answers", "Pod:default/b answers", "port unreachable"}
    guarded = [row for row in rows if row.source == "Pod:default/a" and row.destination.startswith("default/g ")]
    assert guarded
    assert all(("no answer" in row.observed[0]) is (plugin == "calico") for row in guarded)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "new", "who"),
    [
        (r"(-p sctp .*--to-destination \S+):9000$", r"\1:9001", "default/web"),
        (r"^-A KUBE-SERVICES .*default/nobody.*-p sctp .*\n", "", "default/nobody"),
    ],
)
def test_broken_rules_are_noticed(pattern: str, new: str, who: str) -> None:
    state = of_everything("calico", "vxlan", "iptables", False)
    skip_without_sctp(state)
    with Worker() as worker:
        able = capabilities(worker)
        plan = make_plan(state, able.restore)
        aimed = [one for one in aimed_at(state, "services") if one.protocol == "SCTP" and one.label == who]
        probes = tuple(probe_of(Ground.of(state), plan, one) for one in aimed if one.origin.node == "node-1")
        lab = Lab(state, text("node node-1", pattern, new, 99)(plan), worker)
        lab.build()
        assert lab.report("services", probes, able, 0).differs


def test_where_the_kernel_cannot_it_is_said_and_nothing_listens() -> None:
    state = of_everything("calico", "vxlan", "iptables", False)
    plan = make_plan(state, no_sctp="Load xt_sctp.")
    assert {one.protocol for one in plan.listeners} == {"TCP"}
    told = {p.prediction.untestable for p in make_probes(state, plan, "services") if p.protocol == "SCTP"}
    assert told == {"SCTP cannot be sent here. Load xt_sctp."}
    heard = make_plan(state).listeners
    assert [one.number for one in heard] == list(range(len(heard)))
    assert {one.space for one in heard if (one.protocol, one.port) == ("SCTP", 0)} == {
        name for name, _ in plan.spaces if name != "fabric"
    }
