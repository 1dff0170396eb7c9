"""IPIP tunnels and ipvs mode: steps and messages by hand; what this kernel has of them is loaded live."""

from __future__ import annotations

import errno
import struct
import sys
from dataclasses import replace
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.lab.capabilities import Capabilities, Capability, capabilities
from designer.lab.client import LabError, Worker
from designer.lab.plan import LabPlan, Step
from designer.lab.planning import make_plan
from designer.lab.run import NEEDED, Lab, in_mode, needs, run_lab, unbuildable
from tests.engine.trace.clusters import cluster, pod, service
from tests.lab.kernel import DUAL, able, machines, skip_unless_possible, two_nodes

if not sys.platform.startswith("linux"):
    pytest.skip("the lab is for Linux", allow_module_level=True)

from designer.lab.worker import netlink as n
from designer.lab.worker.building import ipip_device
from designer.lab.worker.rtnetlink import Links


def steps(plan: LabPlan, do: str, space: str, **told: Any) -> list[Step]:
    return [
        one for one in plan.steps
        if (one.do, one.space) == (do, space) and all(one.get(name) == value for name, value in told.items())
    ]  # fmt: skip


def test_nodes_with_ipip_have_a_tunnel_to_wherever_a_route_leads() -> None:
    """Calico's tunl0 holds a /32 of the Node's block; routes go by the other Node's address, onlink, mtu 1500 - 20."""
    state = two_nodes("calico", "ipip", "Cluster", {})
    assert not unbuildable(state)
    plan = make_plan(state)
    assert [one.get("mtu") for one in steps(plan, "ipip", "node node-1", name="tunl0")] == [1480]
    tunnel = state.control.nodes["node-1"].tunnel_ips[0]
    assert steps(plan, "address", "node node-1", device="tunl0", address=f"{tunnel}/32")
    (route,) = steps(plan, "route", "node node-1", device="tunl0")
    assert (route.get("via"), route.get("onlink")) == ("192.168.10.12", True)
    assert not steps(plan, "neighbour", "node node-1", device="tunl0")
    assert not steps(plan, "forwarding", "node node-1", device="tunl0")


def test_between_subnets_only_the_far_node_is_behind_the_tunnel() -> None:
    state = cluster(*machines(3, far=True), pod("a", 1), pod("b", 2), pod("c", 3), plugin="calico",
                    backend="ipip-crosssubnet")  # fmt: skip
    tunnelled = steps(make_plan(state), "route", "node node-1", device="tunl0")
    assert [route.get("via") for route in tunnelled] == ["192.168.20.13"]


class Asked:
    """Stands for a netlink socket: keeps what is asked, and refuses new links with an error."""

    def __init__(self, refusing: int = 0) -> None:
        self.refusing = refusing
        self.told: list[tuple[int, int, bytes]] = []

    def ask(self, kind: int, flags: int, body: bytes) -> None:
        self.told.append((kind, flags, body))
        if self.refusing and flags:
            raise n.NetlinkError(self.refusing, "refused")


def links(asked: Asked) -> Links:
    made = Links.__new__(Links)
    made._netlink = asked  # type: ignore[assignment]
    made.numbers = {"lo": 1}
    return made


def test_the_message_that_makes_a_tunnel() -> None:
    """linux/if_link.h, if_tunnel.h: RTM_NEWLINK 16; IFLA_IFNAME 3, MTU 4, LINKINFO 18; KIND 1, DATA 2; PROTO 9."""
    asked = Asked()
    made = links(asked)
    ipip_device(made, "tunl0", 1480)
    (new, on) = asked.told
    number = made.numbers["tunl0"]
    kind = struct.pack("=HH", 8, 1) + b"ipip"
    data = struct.pack("=HHHHB3x", 12, 2 | 0x8000, 5, 9, 4)
    wanted = (
        struct.pack("=BxHiII", 0, 0, number, 0, 0)
        + struct.pack("=HH", 10, 3) + b"tunl0\0\0\0"
        + struct.pack("=HHI", 8, 4, 1480)
        + struct.pack("=HH", 4 + len(kind) + len(data), 18 | 0x8000) + kind + data
    )  # fmt: skip
    assert new == (16, 0x400 | 0x200, wanted), "created, and only if it is new"
    assert on == (16, 0, struct.pack("=BxHiII", 0, 0, number, 1, 1)), "and switched on"


def test_a_tunnel_that_the_kernel_made_itself_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.if_nametoindex", {"tunl0": 2}.__getitem__)
    made = links(asked := Asked(errno.EEXIST))
    ipip_device(made, "tunl0", 1480)
    assert made.numbers["tunl0"] == 2
    assert asked.told[1] == (19, 0, struct.pack("=BxHiII", 0, 0, 2, 0, 0) + struct.pack("=HHI", 8, 4, 1480))
    with pytest.raises(n.NetlinkError):
        ipip_device(links(Asked(errno.EOPNOTSUPP)), "tunl0", 1480)


def without(*names: str) -> Capabilities:
    """A machine that lacks these."""
    every = ("settings", "bridge", "iptables", "statistic", "nft", "vxlan", "ipip", "ipvs", "ipset", "ipv6", "recent")
    found = tuple(Capability(name, name, "not there" if name in names else "", "Do this.") for name in every)
    return Capabilities("user", found, ("iptables-restore", "ip6tables-restore"))


def in_ipvs() -> ClusterState:
    return two_nodes("calico", "bgp", "Local", {"kubeProxy": {"mode": "ipvs"}})


def test_what_a_machine_lacks_is_said_before_anything_is_built() -> None:
    tunnelled, virtual = two_nodes("calico", "ipip", "Cluster", {}), in_ipvs()
    assert needs(tunnelled, without("vxlan", "ipvs")) == ""
    assert needs(tunnelled, without("ipip")) == "ipip: not there. Do this."
    assert needs(virtual, without("ipip", "vxlan")) == ""
    assert needs(virtual, without("ipvs")) == "ipvs: not there. Do this."


@pytest.mark.slow
@pytest.mark.parametrize(("name", "words"), [("ipip", "IPIP tunnels: "), ("ipvs", "IPVS: ")])
def test_a_kernel_without_it_says_so_and_what_to_do(name: str, words: str) -> None:
    found = able()
    if isinstance(found, str):
        pytest.skip(found)
    if not found.missing(name):
        pytest.skip("this kernel has it")
    if lacking := found.missing(*NEEDED):
        pytest.skip(lacking)
    state = in_ipvs() if name == "ipvs" else two_nodes("calico", "ipip", "Cluster", {})
    with pytest.raises(LabError, match=words) as refused:
        run_lab(state, "services")
    assert "modprobe" in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ipip", "ipvs"])
def test_a_kernel_with_it_agrees(name: str) -> None:
    state = in_ipvs() if name == "ipvs" else two_nodes("calico", "ipip", "Cluster", {})
    skip_unless_possible(state)
    for scope in ("services", "matrix"):
        report = run_lab(state, scope)
        assert not report.differs, report.text()


def test_virtual_servers_and_their_addresses_are_the_engines_own() -> None:
    """The text that ipvsadm -R reads, by hand (ipvsadm(8)); every address of a Service is held by kube-ipvs0."""
    state = cluster(
        pod("a", 1), pod("b", 2), pod("c", 2), service("a", sessionAffinity="ClientIP"), nodes=2, plugin="calico",
        kubeProxy={"mode": "ipvs"},
    )  # fmt: skip
    plan = make_plan(state)
    served = state.control.services["Service:default/a"].cluster_ips[0]
    at = state.control.pods["Pod:default/a"].ips[0]
    (loaded,) = steps(plan, "load", "node node-2", tool=("ipvsadm", "-R"))
    assert loaded.get("text") == f"-A -t {served}:80 -s rr -p 10800\n-a -t {served}:80 -r {at}:8080 -m -w 1\n"
    assert steps(plan, "bridge", "node node-2", name="kube-ipvs0")
    assert steps(plan, "address", "node node-2", device="kube-ipvs0", address=f"{served}/32")
    settings = dict(dict(plan.spaces)["node node-2"])
    assert settings["net/ipv4/vs/conntrack"] == "1"
    assert "net/ipv4/conf/all/arp_ignore" not in settings
    assert ("net/ipv4/vs/conntrack", "1") not in dict(make_plan(two_nodes("calico", "bgp", "Local", {})).spaces)[
        "node node-2"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("dual", [False, True])
def test_sets_and_rules_around_the_virtual_servers_are_taken_by_the_kernel(dual: bool) -> None:
    """All of ipvs mode but the virtual servers: addresses, ip sets and rules; a set is asked for its members."""
    ranges: dict[str, Any] = DUAL if dual else {}
    families: dict[str, Any] = {"ipFamilyPolicy": "RequireDualStack"} if dual else {}
    state = cluster(
        *machines(2, dual), pod("a", 1), pod("b", 2),
        service("a", type="NodePort", externalTrafficPolicy="Local", **families),
        service("b", type="LoadBalancer", loadBalancerSourceRanges=["203.0.113.0/24"]), plugin="calico",
        kubeProxy={"mode": "ipvs", "masqueradeAll": True}, **ranges,
    )  # fmt: skip
    found = skip_unless_possible(in_mode(state, "iptables"))
    lacking = found.missing("ipset")
    if lacking:
        pytest.skip(lacking)
    with Worker() as worker:
        plan = make_plan(state, capabilities(worker).restore)
        kept = tuple(one for one in plan.steps if one.get("tool") != ("ipvsadm", "-R"))
        assert len(kept) < len(plan.steps)
        Lab(state, replace(plan, steps=kept), worker).build()
        for address in state.control.services["Service:default/a"].cluster_ips:
            name = "KUBE-6-CLUSTER-IP" if ":" in address else "KUBE-CLUSTER-IP"
            ask = {"do": "apply", "tools": [["node node-1", ["ipset", "test", name, f"{address},tcp:80"], ""]]}
            assert list(worker.ask(ask)) == [{"done": "apply"}]
        wrong = {
            "do": "apply",
            "tools": [["node node-1", ["ipset", "test", "KUBE-CLUSTER-IP", "192.0.2.1,tcp:80"], ""]],
        }
        with pytest.raises(LabError):
            list(worker.ask(wrong))
