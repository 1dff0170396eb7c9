"""Broken on purpose: each of these changes of what is loaded must be noticed by the comparison.

The predictions are those of the sound cluster; one thing of the plan is changed before it is built.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace.ground import Ground
from designer.lab.capabilities import capabilities
from designer.lab.client import Worker
from designer.lab.plan import LabPlan, Step, replaced
from designer.lab.planning import make_plan
from designer.lab.probes import aimed_at, probe_of
from designer.lab.run import Lab
from tests.lab.kernel import everything, skip_unless_possible

pytestmark = pytest.mark.slow

Mutation = Callable[[LabPlan], LabPlan]
N1, N2, N3 = "node node-1", "node node-2", "node node-3"
WEB, GUARDED, API = "default/web", "default/guarded", "ExternalHost:api"
THREE = r"mod 3 map \{ 0 : (\S+ \. \d+) , 1 : \S+ \. \d+ ,"


def text(space: str, pattern: str, new: str, count: int = 1) -> Mutation:
    """The rules loaded in a namespace, with what fits the pattern replaced; it has to be there."""

    def change(plan: LabPlan) -> LabPlan:
        steps, done = [], 0
        for step in plan.steps:
            if step.do == "load" and step.space == space and done < count:
                changed, times = re.subn(pattern, new, step.get("text"), count=count - done, flags=re.MULTILINE)
                done += times
                step = step.with_told(text=changed)
            steps.append(step)
        assert done, f"{pattern} is not loaded in {space}"
        return replaced(plan, steps)

    return change


def without(wanted: Callable[[Step], bool]) -> Mutation:
    """The plan without the first step of a kind."""

    def change(plan: LabPlan) -> LabPlan:
        place = next(number for number, step in enumerate(plan.steps) if wanted(step))
        return replaced(plan, (*plan.steps[:place], *plan.steps[place + 1 :]))

    return change


def told(wanted: Callable[[Step], bool], **values: object) -> Mutation:
    """The plan with other arguments of all steps of a kind."""

    def change(plan: LabPlan) -> LabPlan:
        assert any(map(wanted, plan.steps))
        return replaced(plan, (step.with_told(**values) if wanted(step) else step for step in plan.steps))

    return change


def setting(space: str, name: str, value: str) -> Mutation:
    """Another kernel setting of a namespace."""

    def change(plan: LabPlan) -> LabPlan:
        spaces = [(one, tuple((key, value if one == space and key == name else old) for key, old in pairs))
                  for one, pairs in plan.spaces]  # fmt: skip
        assert tuple(spaces) != plan.spaces
        return replace(plan, spaces=tuple(spaces))

    return change


def exchanged(first: str, second: str) -> Mutation:
    """Two Pods answer as each other."""

    def change(plan: LabPlan) -> LabPlan:
        names = {first: second, second: first}
        return replace(plan, listeners=tuple(replace(one, who=names.get(one.who, one.who)) for one in plan.listeners))

    return change


def is_route(space: str, device: str) -> Callable[[Step], bool]:
    return lambda step: (step.do, step.space, step.get("device")) == ("route", space, device) and bool(step.get("via"))


def is_tunnel(space: str) -> Callable[[Step], bool]:
    return lambda step: (step.do, step.space) == ("forwarding", space) and bool(step.get("remote"))


def is_address_of(space: str, device: str) -> Callable[[Step], bool]:
    return lambda step: (step.do, step.space, step.get("device")) == ("address", space, device)


def is_pod_port(step: Step) -> bool:
    return step.do == "port" and step.space.startswith("node ")


def element(space: str, name: str, comment: str) -> Mutation:
    """Elements of a set or map of nftables are left out."""
    return text(space, rf"^add element .* {name} .*{comment}.*\n", "", 9)


def masks(space: str, chain: str) -> Mutation:
    """Rules of a chain that masquerade are left out."""
    return text(space, rf"^(-A|add rule ip kube-proxy) {chain} .*(MASQUERADE|masquerade).*\n", "", 9)


# What is changed, and what source, name and port of the requests that are sent look like.
CALICO: dict[str, tuple[Mutation, str]] = {
    "an endpoint gets another port": (text(N1, r"--to-destination (\S+):8080$", r"--to-destination \1:8081", 99), WEB),
    "the first endpoint takes all": (text(N1, r"--probability 0\.3\d+", "--probability 1.0", 99), WEB),
    "one endpoint is preferred": (text(N1, r"--probability 0\.3\d+", "--probability 0.66", 99), WEB),
    "nobody is rejected": (text(N1, r"^-A .*default/nobody.* no endpoints.*\n", ""), "default/nobody"),
    "nothing is masqueraded": (masks(N1, "KUBE-POSTROUTING"), WEB),
    "node ports are not marked": (text(N2, r"^-A KUBE-EXT-\w+ .*-j KUBE-MARK-MASQ\n", "", 9), WEB),
    "Local drops nothing": (text(N1, r"^-A .*has no local endpoints.*-j DROP\n", "", 9), "default/solo"),
    "source ranges let all in": (text(N2, r"^-A KUBE-PROXY-FIREWALL .*-j DROP\n", "", 9), "default/ranges"),
    "affinity forgets": (text(N1, r"^-A KUBE-SVC-\w+ .*-m recent .*--rcheck.*\n", "", 9), "default/sticky"),
    "a rule more that does nothing": (text(N1, r"^(-A KUBE-SERVICES )", r"-A KUBE-SERVICES\n\1"), WEB),
    "a host port leads elsewhere": (text(N3, r"^(-A CNI-DN-.* -j DNAT .*):8080$", r"\1:8079"), "8099$"),
    "what leaves the pools keeps its source": (text(N1, r"^-A cali-nat-outgoing .*\n", ""), API),
    "a policy lets everybody in": (text(N2, r"^add rule .* ingress-\d+ drop\n", ""), GUARDED),
    "a policy lets nobody in": (text(N2, r"^add rule .* ingress-\d+ .* return\n", "", 99), GUARDED),
    "an exception of a block is lost": (text(N3, r" ip daddr != \{ 198\.51\.100\.16/28 \}", "", 9), API),
    "egress is free": (text(N3, r"^add rule .* egress-\d+ drop\n", ""), "Pod:default/port"),
    "a Node does not forward": (setting(N2, "net/ipv4/ip_forward", "0"), WEB),
    "a route to another Node is dropped": (without(is_route(N1, "vxlan.calico")), WEB),
    "a tunnel ends at the wrong Node": (told(is_tunnel(N1), remote="192.168.10.13"), WEB),
    "two Pods are exchanged": (exchanged("Pod:default/web-1", "Pod:default/web-3"), WEB),
    "a tunnel has no address": (without(is_address_of(N1, "vxlan.calico")), WEB),
}

FLANNEL: dict[str, tuple[Mutation, str]] = {
    "nobody may call himself": (told(is_pod_port, hairpin=False), "default/self"),
    "the bridge hides its packets": (setting(N1, "net/bridge/bridge-nf-call-iptables", "0"), "default/self"),
    "an endpoint is left out": (text(N2, THREE, r"mod 3 map { 0 : \1 , 1 : \1 ,", 99), WEB),
    "one endpoint is preferred": (text(N2, THREE, r"mod 6 map { 3 : \1 , 4 : \1 , 5 : \1 , 0 : \1 ,", 99), WEB),
    "nobody is rejected": (element(N1, "no-endpoint-services", "default/nobody"), "default/nobody"),
    "nothing is masqueraded": (masks(N1, "masquerading"), WEB),
    "the plugin masquerades nothing": (masks(N1, "FLANNEL-POSTRTG"), API),
    "a ClusterIP leads nowhere": (element(N1, "service-ips", "default/web"), r"(node-1|client) default/web 80$"),
}


@pytest.fixture(scope="module")
def calico() -> ClusterState:
    return everything("calico", "vxlan", "iptables")


@pytest.fixture(scope="module")
def flannel() -> ClusterState:
    return everything("flannel", "vxlan", "nftables")


def noticed(state: ClusterState, mutation: Mutation, word: str = "") -> bool:
    """Whether the comparison finds a difference in a lab that is changed like this."""
    skip_unless_possible(state)
    with Worker() as worker:
        able = capabilities(worker)
        sound = make_plan(state, able.restore)
        aimed = (*aimed_at(state, "services"), *aimed_at(state, "matrix"))
        chosen = [one for one in aimed if re.search(word, f"{one.origin.id} {one.label} {one.port}")]
        chosen = Random(1).sample(chosen, min(len(chosen), 60))
        probes = tuple(probe_of(Ground.of(state), sound, one) for one in chosen)
        lab = Lab(state, mutation(sound), worker)
        lab.build()
        return lab.report("services", probes, able, 20).differs


@pytest.mark.parametrize("name", CALICO)
def test_a_broken_calico_cluster_is_noticed(calico: ClusterState, name: str) -> None:
    assert noticed(calico, *CALICO[name])


@pytest.mark.parametrize("name", FLANNEL)
def test_a_broken_flannel_cluster_is_noticed(flannel: ClusterState, name: str) -> None:
    assert noticed(flannel, *FLANNEL[name])


@pytest.mark.parametrize("plugin", ["calico", "flannel"])
def test_a_sound_cluster_is_not(plugin: str, calico: ClusterState, flannel: ClusterState) -> None:
    assert not noticed(calico if plugin == "calico" else flannel, lambda plan: plan)
