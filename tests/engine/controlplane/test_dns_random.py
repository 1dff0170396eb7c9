"""Random Services and EndpointSlices: every answer of the zone against a list of all its records.

The list is made the other way round, from objects to names, as kubernetes/dns docs/specification.md writes the records
down; what CoreDNS adds to it (addresses at SRV names, endpoint names below ClusterIP Services, NODATA behind an
ExternalName) is from plugin/kubernetes/kubernetes.go and plugin/backend_lookup.go.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.engine.controlplane.dns import RecordType, Zone
from designer.model import EndpointSlice, KubeObject
from tests.engine.trace.clusters import cluster, make

ROOT = "cluster.local"
SPACES = ("one", "two")
NAMES = ("cart", "web", "one")
TARGETS = (f"cart.one.svc.{ROOT}", f"web.two.svc.{ROOT}", f"nothing.one.svc.{ROOT}")
PORTS = (("http", "TCP", 80), ("dns", "UDP", 53), ("grpc", "TCP", 90))


@dataclass(frozen=True)
class End:
    """One endpoint: address, ready, hostname."""

    address: str
    ready: bool
    hostname: str


@dataclass(frozen=True)
class Made:
    """One Service: what it is (``vip``, ``headless``, ``alias``), its ports, addresses, endpoints, alias."""

    namespace: str
    name: str
    kind: str
    ports: tuple[tuple[str, str, int], ...]
    vips: tuple[str, ...]
    ends: tuple[End, ...]
    target: str

    @property
    def own(self) -> str:
        return f"{self.name}.{self.namespace}.svc.{ROOT}"


Item = tuple[str, int, str]  # address, port, target


@dataclass
class Records:
    """All records of a zone, by (name, type); `names` are those that exist."""

    values: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    names: set[str] = field(default_factory=lambda: {ROOT, f"svc.{ROOT}", f"pod.{ROOT}"})

    def add(self, name: str, kind: str, value: str) -> None:
        self.names.add(name)
        self.values[name, kind].add(value)

    def items(self, name: str, items: list[Item]) -> None:
        """Addresses and SRV records of one name."""
        for address, port, target in items:
            self.add(name, "AAAA" if ":" in address else "A", address)
            self.add(name, "SRV", f"0 {max(100 // len(items), 1)} {port} {target}.")


def records_of(world: list[Made]) -> Records:
    found = Records()
    found.names |= {f"{space}.svc.{ROOT}" for space in SPACES} | {f"{space}.pod.{ROOT}" for space in SPACES}
    for one in world:
        if one.kind == "alias":
            found.add(one.own, "CNAME", f"{one.target}.")
            continue
        ready = [end for end in one.ends if end.ready]
        labels = {end: end.hostname or end.address.replace(".", "-").replace(":", "-") for end in ready}
        at_end = {
            port: [(end.address, port[2] + 8000, f"{labels[end]}.{one.own}") for end in ready] for port in one.ports
        }
        at_own = {port: [(vip, port[2], one.own) for vip in one.vips] for port in one.ports}
        by_port = at_own if one.kind == "vip" else at_end
        found.items(one.own, [item for items in by_port.values() for item in items])
        for (name, protocol, _), items in by_port.items():
            found.items(f"_{name}._{protocol.lower()}.{one.own}", items)
        for label in set(labels.values()):
            name = f"{label}.{one.own}"
            found.items(name, [item for items in at_end.values() for item in items if item[2] == name])
    return found


def expected(world: list[Made], found: Records, name: str, kind: str) -> tuple[str, list[str]]:
    """Code and values, aliases followed: at most eight, and none that comes back."""
    alias = next((one for one in world if one.kind == "alias" and one.own == name), None)
    if alias is not None and kind in ("A", "AAAA"):
        seen = {name}
        while alias is not None:
            if alias.target in seen:
                return "NODATA", []
            seen.add(alias.target)
            values = sorted(found.values.get((alias.target, kind), ()))
            if values:
                return "NOERROR", values
            wanted = alias.target
            alias = next((one for one in world if one.kind == "alias" and one.own == wanted), None)
        return "NODATA", []
    values = sorted(found.values.get((name, kind), ()))
    return ("NOERROR" if values else "NODATA" if name in found.names else "NXDOMAIN"), values


@st.composite
def worlds(draw: st.DrawFn) -> list[Made]:
    made = []
    for place, (space, name) in enumerate((space, name) for space in SPACES for name in NAMES):
        kind = draw(st.sampled_from(["vip", "headless", "alias", ""]))
        if not kind:
            continue
        ports = tuple(draw(st.lists(st.sampled_from(PORTS), min_size=1, max_size=3, unique=True)))
        dual = draw(st.booleans())
        vips = (f"10.96.1.{place + 1}", *([f"fd00:96::{place + 1:x}"] if dual else []))
        ends = tuple(
            End(f"172.16.{place}.{n + 1}", draw(st.booleans()), draw(st.sampled_from(["", "", "alpha", "beta"])))
            for n in range(draw(st.integers(0, 3)))
        )
        six = tuple(
            End(f"fd00:5::{place + 1:x}:{n + 1:x}", draw(st.booleans()), "") for n in range(draw(st.integers(0, 2)))
        )
        made.append(Made(space, name, kind, ports, vips, ends + six, draw(st.sampled_from(TARGETS))))
    return made


def objects_of(one: Made) -> list[KubeObject]:
    if one.kind == "alias":
        spec: dict[str, Any] = {"type": "ExternalName", "externalName": one.target}
        return [make("Service", one.name, spec, namespace=one.namespace)]
    ports = [{"name": name, "protocol": protocol, "port": port} for name, protocol, port in one.ports]
    spec = {"ports": ports, "clusterIP": "None", "clusterIPs": ["None"]}
    families = ["IPv4", "IPv6"][: len(one.vips)]
    if one.kind == "vip":
        dual = {"ipFamilies": families, "ipFamilyPolicy": "RequireDualStack" if len(families) == 2 else "SingleStack"}
        spec = {"ports": ports, "clusterIP": one.vips[0], "clusterIPs": list(one.vips), **dual}
    made: list[KubeObject] = [make("Service", one.name, spec, namespace=one.namespace)]
    for family, version in (("IPv4", 4), ("IPv6", 6)):
        ends = [end for end in one.ends if ip_address(end.address).version == version]
        data = {
            "metadata": {"name": f"{one.name}-{version}", "namespace": one.namespace,
                         "labels": {"kubernetes.io/service-name": one.name}},
            "addressType": family,
            "ports": [{"name": name, "protocol": protocol, "port": port + 8000} for name, protocol, port in one.ports],
            "endpoints": [{"addresses": [end.address], "conditions": {"ready": end.ready},
                           **({"hostname": end.hostname} if end.hostname else {})} for end in ends],
        }  # fmt: skip
        made += [EndpointSlice.model_validate(data)] if ends else []
    return made


KINDS: tuple[RecordType, ...] = ("A", "AAAA", "SRV", "CNAME")
# Names that nothing has, and those that are nearly there.
STRANGE = tuple(
    f"{name}.{ROOT}"
    for name in (
        "nothing.one.svc", "cart.none.svc", "none.svc", "alpha.nothing.one.svc", "x", "_http._udp.cart.one.svc",
        "_none._tcp.web.two.svc", "a.b.c.cart.one.svc", "cart.one", "gamma.web.one.svc", "172-16-0-1.cart.one.svc",
        "172-16-0-9.cart.one.svc", "*.one.svc",
    )
)  # fmt: skip


@given(worlds())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_that_of_the_list(world: list[Made]) -> None:
    objects = [thing for one in world for thing in objects_of(one)]
    spaces = [make("Namespace", space) for space in SPACES]
    state = cluster(*spaces, *objects, nodes=1, plugin="flannel", serviceCIDRs=["10.96.0.0/12", "fd00:96::/108"])
    assert {s.id for s in state.control.services.values()} == {f"Service:{w.namespace}/{w.name}" for w in world}
    zone = Zone.of(state.control, state.project.cluster, ())
    found = records_of(world)
    for name in sorted({*found.names, *STRANGE}):
        for kind in KINDS:
            answer = zone.ask(name, kind)
            assert (answer.rcode, sorted(answer.values)) == expected(world, found, name, kind), (name, kind)
