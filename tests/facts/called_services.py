"""Pods and Services that the tests of Service facts call, and what they read of an answer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from designer.engine.trace.hops import TraceResult
from designer.model import KubeObject
from tests.engine.trace.clusters import make, pod

MODES = ("iptables", "nftables", "ipvs")
EVERY_MODE = pytest.mark.parametrize("mode", MODES)
POOLS = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}
NOT_READY = {"conditions": [{"type": "Ready", "status": "False"}], "phase": "Running"}
NODE_PORT: dict[str, Any] = {"type": "NodePort", "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}]}
OUTSIDE = "203.0.113.7"


def web(name: str, where: int, **spec: Any) -> KubeObject:
    """A Pod behind `web` on ``node-<where>``."""
    return pod(name, where, app="web", **spec)


def leaving(name: str, where: int) -> KubeObject:
    """A Pod behind `web` that is being deleted and still Ready."""
    one = web(name, where)
    return make("Pod", name, one.dump()["spec"], labels={"app": "web"}, deletionTimestamp="2026-01-01T00:00:00Z")


def said(found: TraceResult) -> str:
    """Everything that is said on the first way."""
    path = found.trace.paths()[0]
    return " ".join([*(hop.reason for hop in path.hops), path.reason])


def chosen(found: TraceResult) -> dict[str, Fraction]:
    """The Pods that may get the connection with their shares; the verdict where there is none."""
    ends: dict[str, Fraction] = {}
    for path in found.trace.paths():
        at = [h.at for h in path.hops if h.kind == "deliver" and h.direction == "request"]
        name = at[-1].rpartition("/")[2] if at else path.verdict
        ends[name] = ends.get(name, Fraction(0)) + path.share
    return ends


def equal(*names: str) -> dict[str, Fraction]:
    """Equal shares."""
    return dict.fromkeys(names, Fraction(1, len(names)))
