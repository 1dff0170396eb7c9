"""Packets of which it cannot be told whether they are let out, and which the receiver's policies deny all the same.

A packet that either check drops is dropped: NetworkPolicy, "Two sorts of Pod isolation": for a connection to be
allowed, both the egress policy on the source and the ingress policy on the destination need to allow it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from designer.engine.compile import compile_project
from designer.engine.reach import reach
from designer.engine.trace import Request, TraceResult, trace
from designer.manifests import read_texts

# Where the input says no address of Pods, a private block may hold them.
TO_BLOCK = {"to": [{"ipBlock": {"cidr": "192.168.10.0/24"}}]}


def pod(name: str, namespace: str) -> dict[str, Any]:
    ports = [{"containerPort": 80}]
    spec = {"containers": [{"name": "main", "image": "main", "ports": ports}]}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def policy(name: str, namespace: str, **spec: Any) -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace}
    return {
        "kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", "metadata": meta,
        "spec": {"podSelector": {}, **spec},
    }  # fmt: skip


def ask(target: str, *policies: dict[str, Any]) -> tuple[TraceResult, bool]:
    """The answer, and whether the matrix leaves the port open to doubt."""
    made = [pod("one", "here"), pod("two", "there"), *policies]
    service = {
        "kind": "Service", "apiVersion": "v1", "metadata": {"name": "all", "namespace": "there"},
        "spec": {"selector": {"app": "two"}, "ports": [{"port": 80}]},
    }  # fmt: skip
    made[1]["metadata"]["labels"] = {"app": "two"}
    state = compile_project(read_texts([("all.yaml", "\n---\n".join(map(json.dumps, [*made, service])))]).project)
    control = state.control
    ends = {
        "pod": control.pods["Pod:there/two"].ips[0],
        "service": control.services["Service:there/all"].cluster_ips[0],
    }
    found = trace(state, Request("Pod:here/one", target.format(**ends), "TCP"))
    matrix = reach(state).matrix
    peers = {peer.id: peer for peer in matrix.peers if peer.id}
    return found, ("TCP", 80) in matrix.undecided(peers["Pod:here/one"], peers["Pod:there/two"])


OUT = policy("to-block", "here", policyTypes=["Egress"], egress=[TO_BLOCK])
SHUT = policy("shut", "there", policyTypes=["Ingress"])


@pytest.mark.parametrize("target", ["{pod}:80", "{service}:80"])
def test_what_the_receiver_denies_is_denied_whatever_is_let_out(target: str) -> None:
    """Both stops are shown, and the one that is sure decides."""
    found, unsure = ask(target, OUT, SHUT)
    assert (found.verdict, unsure) == ("denied", False)
    (path,) = found.trace.paths()
    stops = [(hop.outcome, hop.what) for hop in path.hops if hop.kind == "policy"]
    assert stops == [
        ("cannot tell", "Egress policy of here/one"),
        ("denied", "Ingress policy of there/two"),
    ]
    assert found.trace.paths()[0].verdict == "denied"
    assert "shut" in found.reason
    assert "cannot be told, and changes nothing" in found.reason


@pytest.mark.parametrize("target", ["{pod}:80", "{service}:80"])
def test_what_the_receiver_lets_in_stays_open(target: str) -> None:
    """Nothing behind the check that cannot be told is shown as if it happened."""
    found, unsure = ask(target, OUT, policy("open", "there", policyTypes=["Ingress"], ingress=[{}]))
    assert (found.verdict, unsure) == ("cannot-tell", True)
    (path,) = found.trace.paths()
    assert path.hops[-1].what == "Egress policy of here/one"


def test_other_failures_behind_it_stay_open() -> None:
    """A port on which nothing listens is refused or never reached, which are two different answers."""
    found, _ = ask("{pod}:81", OUT)
    assert found.verdict == "cannot-tell"


def test_a_name_that_may_not_be_looked_up_stays_open() -> None:
    """The same check stands before the name server: no name and no way in are two different answers."""
    found, _ = ask("http://all.there", OUT, SHUT)
    assert found.verdict == "cannot-tell"
    assert "DNS" in found.reason
