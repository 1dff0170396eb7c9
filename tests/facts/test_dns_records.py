"""The records of the cluster zone: domain/dns.md section 1.

Expectations are those of CoreDNS' own cases (plugin/kubernetes/handler_test.go and handler_pod_insecure_test.go), said
of objects of ours, and of kubernetes/dns docs/specification.md.
"""

from typing import Any

import pytest

from designer.engine.controlplane.dns import RecordType, Zone, dashed
from designer.model import EndpointSlice, ExternalHost
from tests.engine.trace.clusters import cluster, dns, make, pod, service

ZONE = "lab.svc.cluster.local"
SHORT = {"name": "http", "port": 80}


def headless(name: str, ends: list[dict[str, Any]], ports: list[dict[str, Any]], family: str = "IPv4") -> list[Any]:
    """A Service without selector with an EndpointSlice of a person's own."""
    data = {"addressType": family, "endpoints": ends, "ports": ports}
    meta = {"name": f"{name}-{family.lower()}", "namespace": "lab", "labels": {"kubernetes.io/service-name": name}}

    spec = {"clusterIP": "None", "ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "RequireDualStack"}
    made = make("Service", name, {**spec, "ports": [SHORT] if ports else []}, namespace="lab")
    return [made, EndpointSlice.model_validate({"metadata": meta, **data})]


TWO = [{"addresses": ["172.16.0.2"]}, {"addresses": ["172.16.0.3"]}]
ALIKE = [{"addresses": [f"172.16.0.{n}"], "hostname": "alike"} for n in (4, 5)]
SIX = [{"addresses": [f"fd00:5678::{n}"]} for n in (1, 2)]
STATE = cluster(
    make("Service", "plain", {"clusterIP": "10.96.1.1", "ports": [SHORT]}, namespace="lab"),
    make("Service", "7up", {"clusterIP": "10.96.1.7", "ports": [SHORT]}, namespace="lab"),
    make("Service", "two", {"clusterIP": "10.96.1.2", "clusterIPs": ["10.96.1.2", "fd00:96::2"], "ports": [SHORT],
                            "ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv4", "IPv6"]}, namespace="lab"),
    make("Service", "six", {"clusterIP": "fd00:96::6", "ipFamilies": ["IPv6"], "ports": [SHORT]}, namespace="lab"),
    *headless("peers", [*TWO, *ALIKE], [SHORT]),
    headless("peers", SIX, [SHORT], "IPv6")[1],
    *headless("portless", [{"addresses": ["172.16.0.20"]}], []),
    make("Service", "nobody", {"clusterIP": "None", "selector": {"no": "pod"}}, namespace="lab"),
    make("Service", "out", {"type": "ExternalName", "externalName": "www.example.com"}, namespace="lab"),
    make("Service", "in", {"type": "ExternalName", "externalName": f"plain.{ZONE}"}, namespace="lab"),
    make("Service", "lost", {"type": "ExternalName", "externalName": f"missing.{ZONE}"}, namespace="lab"),
    make("Service", "self", {"type": "ExternalName", "externalName": f"self.{ZONE}"}, namespace="lab"),
    make("Service", "round", {"type": "ExternalName", "externalName": f"about.{ZONE}"}, namespace="lab"),
    make("Service", "about", {"type": "ExternalName", "externalName": f"round.{ZONE}"}, namespace="lab"),
    make("Service", "number", {"type": "ExternalName", "externalName": "192.0.2.1"}, namespace="lab"),
    make("ExternalHost", "www", {"addresses": ["192.0.2.80"], "names": ["www.example.com"]}),
    make("StatefulSet", "web", {"replicas": 1, "serviceName": "members", "selector": {"matchLabels": {"app": "web"}},
                                "template": {"metadata": {"labels": {"app": "web"}},
                                             "spec": {"containers": [{"name": "c"}]}}}, namespace="lab"),
    service("members", app="web", namespace="lab", clusterIP="None"),
    service("front", app="web", namespace="lab", clusterIP="10.96.1.9"),
    pod("alone", 1, namespace="lab"),
    *dns(),
    plugin="flannel",
    serviceCIDRs=["10.96.0.0/12", "fd00:96::/108"],
)  # fmt: skip
WEB_0 = next(p for p in STATE.control.pods.values() if p.owner == "StatefulSet:lab/web").ips[0]
ALONE = STATE.control.pods["Pod:lab/alone"].ips[0]


def ask(name: str, kind: RecordType) -> tuple[str, tuple[str, ...]]:
    """Code and values of one question to the cluster's DNS."""

    project = STATE.project
    found = Zone.of(STATE.control, project.cluster, project.of(ExternalHost)).ask(name, kind)
    return found.rcode, found.values


def back(address: str) -> str:
    """The reverse name of an IPv4 address."""
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


NOTHING: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("row", "name", "kind", "code", "values"),
    [
        ("dns.md 1, row 'ClusterIP'", f"plain.{ZONE}", "A", "NOERROR", ("10.96.1.1",)),
        ("dns.md 1, row 'ClusterIP'", f"plain.{ZONE}", "AAAA", "NODATA", NOTHING),
        ("dns.md 1, row 'ClusterIP'", f"PLAIN.{ZONE.upper()}", "A", "NOERROR", ("10.96.1.1",)),
        ("dns.md 1, row 'ClusterIP'", f"six.{ZONE}", "AAAA", "NOERROR", ("fd00:96::6",)),
        ("dns.md 1, row 'Answered with zero endpoints'", f"plain.{ZONE}", "A", "NOERROR", ("10.96.1.1",)),
        ("dns.md 1, row 'ClusterIP, SRV'", f"_http._tcp.plain.{ZONE}", "SRV", "NOERROR", (f"0 100 80 plain.{ZONE}.",)),
        ("dns.md 1, row 'ClusterIP, SRV'", f"plain.{ZONE}", "SRV", "NOERROR", (f"0 100 80 plain.{ZONE}.",)),
        ("dns.md 1, row 'ClusterIP, SRV'", f"_http._udp.plain.{ZONE}", "SRV", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'ClusterIP, SRV'", f"_grpc._tcp.plain.{ZONE}", "SRV", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Headless'", f"peers.{ZONE}", "A", "NOERROR", tuple(f"172.16.0.{n}" for n in (2, 3, 4, 5))),
        ("dns.md 1, row 'Headless'", f"peers.{ZONE}", "AAAA", "NOERROR", ("fd00:5678::1", "fd00:5678::2")),
        ("dns.md 1, rows 'Headless, SRV', 'SRV weight'", f"_http._tcp.peers.{ZONE}", "SRV", "NOERROR",
         tuple(f"0 16 80 {end}.peers.{ZONE}."
               for end in ("172-16-0-2", "172-16-0-3", "alike", "fd00-5678--1", "fd00-5678--2"))),
        ("dns.md 1, row 'Headless without ports'", f"portless.{ZONE}", "A", "NOERROR", ("172.16.0.20",)),
        ("dns.md 1, row 'Headless without ports'", f"172-16-0-20.portless.{ZONE}", "A", "NOERROR", ("172.16.0.20",)),
        ("dns.md 1, row 'Headless without ports'", f"portless.{ZONE}", "SRV", "NODATA", NOTHING),
        ("dns.md 1, row 'Endpoint name'", f"172-16-0-2.peers.{ZONE}", "A", "NOERROR", ("172.16.0.2",)),
        ("dns.md 1, row 'Endpoint name'", f"alike.peers.{ZONE}", "A", "NOERROR", ("172.16.0.4", "172.16.0.5")),
        ("dns.md 1, row 'Endpoint name'", f"fd00-5678--2.peers.{ZONE}", "AAAA", "NOERROR", ("fd00:5678::2",)),
        ("dns.md 1, row 'Endpoint name'", f"fd00-5678--2.peers.{ZONE}", "A", "NODATA", NOTHING),
        ("dns.md 1, row 'Endpoint name'", f"nobody.peers.{ZONE}", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Endpoint name'", f"{dashed(WEB_0)}.front.{ZONE}", "A", "NOERROR", (WEB_0,)),
        ("dns.md 1, row 'Endpoint name'", f"{dashed(WEB_0)}.none.{ZONE}", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, rows 'StatefulSet', 'Endpoint label'", f"web-0.members.{ZONE}", "A", "NOERROR", (WEB_0,)),
        ("dns.md 1, row 'StatefulSet'", f"web-0.front.{ZONE}", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'ExternalName'", f"out.{ZONE}", "CNAME", "NOERROR", ("www.example.com.",)),
        ("dns.md 1, row 'ExternalName'", f"out.{ZONE}", "A", "NOERROR", ("192.0.2.80",)),
        ("dns.md 1, row 'ExternalName'", f"in.{ZONE}", "A", "NOERROR", ("10.96.1.1",)),
        ("dns.md 1, row 'ExternalName'", f"number.{ZONE}", "A", "NXDOMAIN", NOTHING),
        # coredns issue 6088: the name exists, what it stands for does not; backend_lookup.go, A: circles are left out.
        ("dns.md 1, row 'ExternalName'", f"lost.{ZONE}", "A", "NODATA", NOTHING),
        ("dns.md 1, row 'ExternalName'", f"lost.{ZONE}", "CNAME", "NOERROR", (f"missing.{ZONE}.",)),
        ("dns.md 1, row 'ExternalName'", f"self.{ZONE}", "A", "NODATA", NOTHING),
        ("dns.md 1, row 'ExternalName'", f"round.{ZONE}", "AAAA", "NODATA", NOTHING),
        ("dns.md 1, row 'ExternalName'", f"a.b.in.{ZONE}", "A", "NXDOMAIN", NOTHING),  # coredns issue 6161
        ("dns.md 1, row 'ExternalName'", f"out.{ZONE}", "SRV", "NODATA", NOTHING),
        ("dns.md 1, row 'ExternalName'", f"_http._tcp.out.{ZONE}", "SRV", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'ExternalName'", f"endpoint.out.{ZONE}", "CNAME", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'ExternalName'", f"plain.{ZONE}", "CNAME", "NODATA", NOTHING),
        ("dns.md 1, row 'Pod'", "10-244-1-7.lab.pod.cluster.local", "A", "NOERROR", ("10.244.1.7",)),
        ("dns.md 1, row 'Pod'", "2001-db8--1.lab.pod.cluster.local", "AAAA", "NOERROR", ("2001:db8::1",)),
        # parse.go and findPods: labels before the address are not looked at, up to two of them; net.IP in short form.
        ("dns.md 1, row 'Pod'", "x.10-244-1-7.lab.pod.cluster.local", "A", "NOERROR", ("10.244.1.7",)),
        ("dns.md 1, row 'Pod'", "y.x.10-244-1-7.lab.pod.cluster.local", "A", "NOERROR", ("10.244.1.7",)),
        ("dns.md 1, row 'Pod'", "z.y.x.10-244-1-7.lab.pod.cluster.local", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Pod'", "2001-db8-0-0-0-0-0-1.lab.pod.cluster.local", "AAAA", "NOERROR", ("2001:db8::1",)),
        ("dns.md 1, row 'Pod'", "alone.lab.pod.cluster.local", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Pod'", "10-244-1-7.nowhere.pod.cluster.local", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Pod'", "10-244-1-700.lab.pod.cluster.local", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Reverse, ClusterIP'", back("10.96.1.1"), "PTR", "NOERROR", (f"plain.{ZONE}.",)),
        ("dns.md 1, row 'Reverse, endpoint'", back("172.16.0.2"), "PTR", "NOERROR", (f"172-16-0-2.peers.{ZONE}.",)),
        ("dns.md 1, row 'Reverse, endpoint'", back(WEB_0), "PTR", "NOERROR",
         (f"{dashed(WEB_0)}.front.{ZONE}.", f"web-0.members.{ZONE}.")),
        ("dns.md 1, row 'Reverse, endpoint'", back(ALONE), "PTR", "UNKNOWN", NOTHING),
        ("dns.md 1, row 'Namespace alone'", ZONE, "A", "NODATA", NOTHING),
        ("dns.md 1, row 'Namespace alone'", "svc.cluster.local", "A", "NODATA", NOTHING),
        ("dns.md 1, row 'Unknown'", f"missing.{ZONE}", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Unknown'", f"*.{ZONE}", "A", "NXDOMAIN", NOTHING),  # wildcards are served no more
        ("dns.md 1, row 'Unknown'", f"any.{ZONE}", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Unknown'", f"missing.{ZONE}", "AAAA", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Unknown'", "plain.nowhere.svc.cluster.local", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Unknown'", f"a.b.c.plain.{ZONE}", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'dns-version'", "dns-version.cluster.local", "TXT", "NOERROR", ("1.1.0",)),
        # kubernetes.go, Services: of this type no other name is answered, and none is looked for.
        ("dns.md 1, row 'dns-version'", f"plain.{ZONE}", "TXT", "NODATA", NOTHING),
        ("dns.md 1, row 'dns-version'", f"missing.{ZONE}", "TXT", "NODATA", NOTHING),
        ("dns.md 1, row 'dns-version'", "dns-version.cluster.local", "A", "NXDOMAIN", NOTHING),
        ("dns.md 1, row 'Name with a digit'", f"7up.{ZONE}", "A", "NOERROR", ("10.96.1.7",)),
        ("dns.md 1, row 'Dual-stack'", f"two.{ZONE}", "A", "NOERROR", ("10.96.1.2",)),
        ("dns.md 1, row 'Dual-stack'", f"two.{ZONE}", "AAAA", "NOERROR", ("fd00:96::2",)),
        ("dns.md 1, row 'Dual-stack'", f"six.{ZONE}", "A", "NODATA", NOTHING),
        ("dns.md 1, row 'SRV weight'", f"two.{ZONE}", "SRV", "NOERROR", (f"0 50 80 two.{ZONE}.",)),
        ("dns.md 2, row 'DNS Service'", "kube-dns.kube-system.svc.cluster.local", "A", "NOERROR", ("10.96.0.10",)),
    ],
)  # fmt: skip
def test_record(row: str, name: str, kind: RecordType, code: str, values: tuple[str, ...]) -> None:
    got, answers = ask(name, kind)
    assert (got, sorted(answers)) == (code, sorted(values)), row


def test_endpoint_labels() -> None:
    """dns.md 1, row 'Endpoint label': a dashed address, and a trailing dash gets a 0 (it must end a label well)."""
    assert [dashed(a) for a in ("10.244.1.7", "2001:db8::1", "2001:db8::")] == [
        "10-244-1-7", "2001-db8--1", "2001-db8--0"]  # fmt: skip


@pytest.mark.parametrize("kind", ["CNAME", "SRV", "TXT", "PTR"])
def test_of_names_outside_the_addresses_alone_are_known(kind: RecordType) -> None:
    assert ask("www.example.com", kind) == ("UNKNOWN", ())


@pytest.mark.parametrize(("publish", "count"), [(False, 1), (True, 2)])
def test_not_ready_endpoints(publish: bool, count: int) -> None:
    """dns.md 1, row 'Not ready': no Pod that is not ready has a record, unless the Service publishes them all."""
    down = {"conditions": [{"type": "Ready", "status": "False"}], "phase": "Running"}
    state = cluster(
        pod("a", 1, app="web"), pod("b", 2, app="web", status=down),
        service("web", clusterIP="None", publishNotReadyAddresses=publish), *dns(),
    )  # fmt: skip
    zone = Zone.of(state.control, state.project.cluster, ())
    assert len(zone.ask("web.default.svc.cluster.local", "A").values) == count


def test_headless_without_ready_endpoint_is_no_name() -> None:
    """dns.md 6, row 'Headless, none ready': NXDOMAIN, as no record matches."""
    assert ask(f"nobody.{ZONE}", "A") == ("NXDOMAIN", ())


def test_the_zones_own_server() -> None:
    """dns.md 2, row 'DNS Service': ``ns.dns`` is the name that the zone gives its server (plugin/kubernetes/ns.go)."""
    assert ask("ns.dns.cluster.local", "A") == ("NOERROR", ("10.96.0.10",))
