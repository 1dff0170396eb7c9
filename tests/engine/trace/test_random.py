"""Whatever a project holds and a person types: a verdict, shares that add up to one, nothing raised."""

from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import HOP_KINDS, Trace
from designer.model import CNI_BACKENDS, VERDICTS
from tests.engine.trace.clusters import ask, cluster, dns, make, node, pod, policy, service

PLUGINS = [(plugin, backend) for plugin, backends in CNI_BACKENDS.items() for backend in backends]
POOLS = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}
NAMES = ("a", "b", "c", "d")


def services() -> st.SearchStrategy[dict[str, Any]]:
    """Specs of Services of all types, some of them odd."""
    return st.fixed_dictionaries(
        {
            "app": st.sampled_from([*NAMES, "nobody"]),
            "type": st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]),
            "target": st.sampled_from([8080, 9090, "http", "missing"]),
            "internalTrafficPolicy": st.sampled_from(["Cluster", "Local"]),
            "sessionAffinity": st.sampled_from(["None", "ClientIP"]),
        }
    )


# Settings of the eBPF data planes.
EBPF = st.fixed_dictionaries(
    {
        "kubeProxyReplacement": st.sampled_from([True, True, False]),
        "socketLBHostNamespaceOnly": st.booleans(),
        "autoDirectNodeRoutes": st.booleans(),
        "loadBalancerMode": st.sampled_from(["snat", "dsr", "hybrid"]),
        "loadBalancerAlgorithm": st.sampled_from(["random", "maglev"]),
        "noBackendResponse": st.sampled_from(["reject", "drop"]),
        "connectTimeLoadBalancing": st.sampled_from(["TCP", "Enabled", "Disabled"]),
        "externalServiceMode": st.sampled_from(["Tunnel", "DSR"]),
    }
)


@st.composite
def clusters(draw: st.DrawFn) -> ClusterState:
    plugin, backend = draw(st.sampled_from(PLUGINS))
    far = draw(st.booleans())
    machines = [node(1), node(2), node(3, "192.168.20.13" if far else "")]
    pods = [
        pod(
            name,
            draw(st.integers(1, 3)),
            draw(st.sampled_from([8080, None])),
            app=draw(st.sampled_from(NAMES)),
            hostNetwork=draw(st.booleans()) and draw(st.booleans()),
        )
        for name in NAMES
    ]
    made = [service(f"s{i}", **spec) for i, spec in enumerate(draw(st.lists(services(), max_size=3)))]
    headless = service("h", app=draw(st.sampled_from(NAMES)), clusterIP="None")
    policies = [
        policy(
            f"p{i}",
            {"matchLabels": {"app": draw(st.sampled_from(NAMES))}},
            policyTypes=draw(st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]])),
            ingress=[{"from": [{"podSelector": {"matchLabels": {"app": draw(st.sampled_from(NAMES))}}}]}],
        )
        for i in range(draw(st.integers(0, 2)))
    ]
    cni: dict[str, object] = {name: draw(st.booleans()) for name in ("hairpin", "bridgeNetfilter", "natOutgoing")}
    cni |= draw(EBPF) if plugin in ("calico", "cilium") else {}
    proxy = {
        "masqueradeAll": draw(st.booleans()),
        "mode": draw(st.sampled_from(["iptables", "iptables", "iptables", "nftables", "ipvs"])),
        "clusterCIDR": draw(st.sampled_from(["10.244.0.0/16", None, ""])),
    }
    host = make("ExternalHost", "api", {"addresses": ["198.51.100.20"], "names": ["api.example.com"]})
    objects = [*machines, *pods, *made, headless, *policies, host, *(dns() if draw(st.booleans()) else ())]
    return cluster(*objects, plugin=plugin, backend=backend, cni=cni, kubeProxy=proxy, loadBalancer=POOLS)


SOURCES = ["Pod:default/a", "b", "node-1", "node-3", "internet", "198.51.100.20", "nobody"]
TARGETS = [
    "http://s0", "s0", "s1:80", "h:8080", "Service:default/s0", "Service:default/s1", "Service:default/h",
    "Pod:default/c",
    "Pod:default/d:8080", "node-2:30080", "node-2:22", "10.96.0.10:53/udp", "10.100.1.1:80", "192.168.10.200:80",
    "8.8.8.8:53/udp", "https://api.example.com/", "localhost:8080", "[fd00::1]:80", "10.244.0.1:80", "10.244.250.9:80",
]  # fmt: skip


def hops_are_sound(found: Trace) -> None:
    for path in found.paths():
        for hop in path.hops:
            assert hop.kind in HOP_KINDS
            assert hop.reason.strip().endswith((".", ")", "`")), hop.reason
            assert hop.place


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clusters(), st.sampled_from(SOURCES), st.lists(st.sampled_from(TARGETS), min_size=3, max_size=6))
def test_every_trace_ends_in_a_verdict(state: ClusterState, source: str, targets: list[str]) -> None:
    for target in targets:
        found = ask(state, source, target)
        paths = found.trace.paths()
        assert sum((path.share for path in paths), start=Fraction(0)) == 1
        assert all(path.verdict in VERDICTS and path.reason for path in paths)
        assert found.verdict in {path.verdict for path in paths}
        assert found.mixed == (len({path.verdict for path in paths}) > 1)
        hops_are_sound(found.trace)


STATE = cluster(pod("a", 1), pod("b", 2), service("s0", app="b"), *dns())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_anything_typed_gets_an_answer(source: str, destination: str) -> None:
    for found in (ask(STATE, source, "s0"), ask(STATE, "a", destination), ask(STATE, source, destination)):
        assert found.verdict in VERDICTS
        assert found.reason


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"(https?://)?[a-z0-9.\-\[\]:]{1,20}(:[0-9]{1,6})?(/[a-z/]{0,6})?", fullmatch=True))
def test_almost_right_destinations_get_an_answer(destination: str) -> None:
    assert ask(STATE, "a", destination).verdict in VERDICTS


def test_the_same_request_gives_the_same_trace() -> None:
    assert ask(STATE, "a", "http://s0") == ask(STATE, "a", "http://s0")
