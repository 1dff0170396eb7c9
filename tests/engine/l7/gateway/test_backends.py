"""Backends of routes: references, ReferenceGrants, weights, endpoints, TLS (shared_types.go, BackendRef and others)."""

from fractions import Fraction
from typing import Any

import pytest
import yaml

from tests.engine.l7.gateway.gate import CERTIFICATE, ask, codes, condition, gateway, http, https, made, route, table

GW, R = gateway("web", http()), "HTTPRoute shop/r"
GROUP = "gateway.networking.k8s.io"


def rules(*refs: dict[str, Any]) -> str:
    return yaml.safe_dump([{"backendRefs": [{"port": 80, **ref} for ref in refs]}])


def service(key: str, ready: int = 1, **spec: Any) -> str:
    namespace, _, name = key.partition("/")
    metadata = {"name": name, "namespace": namespace, "annotations": {"test/ready": str(ready)}}
    ports = {"ports": [{"port": 80, "targetPort": 8080}]}
    return "---\n" + yaml.safe_dump(
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {**ports, **spec}}
    )


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ({"name": "none"}, "BackendNotFound"),
        ({"name": "a", "port": 81}, "BackendNotFound"),
        ({"name": "a", "kind": "NonExistent"}, "InvalidKind"),
        ({"name": "a", "group": "example.com"}, "InvalidKind"),
        ({"name": "far", "namespace": "other"}, "RefNotPermitted"),
        ({"name": "none", "namespace": "other"}, "RefNotPermitted"),
        ({"name": "udp"}, "UnsupportedProtocol"),
        ({"name": "alias"}, "InvalidKind"),
    ],
)
def test_a_backend_that_does_not_hold_gives_500_and_a_reason(ref: dict[str, Any], reason: str) -> None:
    """ingress-gateway.md 6, rows 'Route ResolvedRefs', 'Accepted all the same', 'All backends invalid', 'Port of the
    Service'.
    """
    found = table(
        GW, service("other/far"), service("shop/udp", ports=[{"port": 80, "protocol": "UDP"}]),
        service("shop/alias", type="ExternalName", ports=[{"port": 80}]), route("r", rules(ref)),
    )  # fmt: skip
    answer = ask(found, "http://x/")
    assert (answer.status, answer.backend, answer.backends) == (500, "", {})
    assert condition(found, R, "Accepted") == ("True", "Accepted")
    assert condition(found, R, "ResolvedRefs") == ("False", reason)
    assert codes(found)[0][1] == "spec.rules[0].backendRefs[0]"


def test_the_pods_port_in_place_of_the_services_is_told() -> None:
    found = table(GW, route("r", rules({"name": "a", "port": 8080})))
    assert codes(found) == [("GW-06", "spec.rules[0].backendRefs[0]")]
    assert "own port: 80" in found.problems[0].fix


def grant(namespace: str, route_kind: str, source: str, **to: str) -> str:
    entry = {"group": "", "kind": "Service", **to}
    trusted = {"group": GROUP, "kind": route_kind, "namespace": source}
    return made("ReferenceGrant", f"{namespace}/g", {"from": [trusted], "to": [entry]}, f"{GROUP}/v1beta1")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (grant("other", "HTTPRoute", "shop"), True),
        (grant("other", "HTTPRoute", "shop", name="far"), True),
        (grant("other", "HTTPRoute", "shop", name="near"), False),
        (grant("other", "GRPCRoute", "shop"), False),
        (grant("other", "HTTPRoute", "infra"), False),
        (grant("shop", "HTTPRoute", "shop"), False),
        (grant("other", "HTTPRoute", "shop", kind="Secret"), False),
        (grant("other", "HTTPRoute", "shop", group="example.com"), False),
        ("", False),
    ],
)
def test_a_reference_grant_in_the_backends_namespace_permits(text: str, good: bool) -> None:
    """ingress-gateway.md 6, row 'ReferenceGrant', and ingress-gateway.md 7, row 'Service of another namespace'."""
    found = table(GW, service("other/far"), text, route("r", rules({"name": "far", "namespace": "other"})))
    answer = ask(found, "http://x/")
    assert (answer.status, answer.backend) == ((200, "other/far") if good else (500, ""))
    assert condition(found, R, "ResolvedRefs")[1] == ("ResolvedRefs" if good else "RefNotPermitted")
    told = [problem.title for problem in found.problems if problem.code == "GW-03"]
    assert [title.count(R) for title in told] == ([] if good else [1]), "told once, and names the route once"


def test_several_grants_and_entries_are_alternatives() -> None:
    """ingress-gateway.md 6, row 'Lists of a grant'."""
    texts = (grant("other", "GRPCRoute", "shop"), grant("other", "HTTPRoute", "shop").replace("name: g", "name: h"))
    found = table(GW, service("other/far"), *texts, route("r", rules({"name": "far", "namespace": "other"})))
    assert ask(found, "http://x/").status == 200


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ((None, None), (1, 1)),
        ((70, 30), (70, 30)),
        ((3, 0), (1, 0)),
        ((1_000_000, 1), (1_000_000, 1)),
        ((0, 5), (0, 1)),
    ],
)
def test_weights_are_exact_shares(weights: tuple[int | None, int | None], shares: tuple[int, int]) -> None:
    """ingress-gateway.md 6, row 'Weights'."""
    refs = [{"name": n, **({} if w is None else {"weight": w})} for n, w in zip("ab", weights, strict=True)]
    answer = ask(table(GW, route("r", rules(*refs))), "http://x/")
    total = sum(shares)
    expected = {f"shop/{n}": Fraction(s, total) for n, s in zip("ab", shares, strict=True) if s}
    assert (answer.status, answer.backends) == (200, expected)


def test_one_service_named_twice_gets_both_shares() -> None:
    refs = ({"name": "a", "weight": 1}, {"name": "b", "weight": 2}, {"name": "a", "weight": 1})
    assert ask(table(GW, route("r", rules(*refs))), "http://x/").backends == {
        "shop/a": Fraction(1, 2), "shop/b": Fraction(1, 2),
    }  # fmt: skip


def test_weight_zero_alone_and_no_backend_at_all_give_500() -> None:
    """ingress-gateway.md 6, row 'Weight 0'."""
    zero = table(GW, route("r", rules({"name": "a", "weight": 0})))
    assert ask(zero, "http://x/").status == 500
    assert codes(zero) == [("GW-05", "spec.rules[0].backendRefs")]
    assert ask(table(GW, route("r", "[{}]")), "http://x/").status == 500
    text = route("r", "null").replace("  rules: null\n", "")
    assert "rules" not in text
    assert ask(table(GW, text), "http://x/").status == 500, "the default rule takes every request and leads nowhere"


def test_the_share_of_an_invalid_backend_gets_500() -> None:
    """ingress-gateway.md 6, row 'One of several invalid'."""
    answer = ask(table(GW, route("r", rules({"name": "a", "weight": 4}, {"name": "none"}))), "http://x/")
    assert (answer.status, answer.backends) == (200, {"shop/a": Fraction(4, 5)})
    assert "20 % of requests get 500: Service shop/none does not exist" in answer.reason


def test_a_redirect_of_a_backend_needs_no_endpoint() -> None:
    # HTTPRouteFilter RequestRedirect: the Gateway answers, nothing is forwarded
    away = {"type": "RequestRedirect", "requestRedirect": {"hostname": "example.org"}}
    found = table(GW, service("shop/idle", ready=0), route("r", rules({"name": "idle", "filters": [away]})))
    answer = ask(found, "http://x/")
    assert (answer.status, answer.redirect, answer.backend) == (302, "http://example.org/", "")


def test_a_service_without_ready_endpoints_gives_503() -> None:
    """ingress-gateway.md 6, row 'No ready endpoint', and ingress-gateway.md 7, row 'No endpoints'."""
    found = table(GW, service("shop/idle", 0), service("shop/busy", 3), route("r", rules({"name": "idle"})))
    answer = ask(found, "http://x/")
    assert (answer.status, answer.endpoints, answer.backend) == (503, 0, "shop/idle")
    mixed = table(
        GW, service("shop/idle", 0), service("shop/busy", 3),
        route("r", rules({"name": "idle"}, {"name": "busy"}, {"name": "none", "weight": 2})),
    )  # fmt: skip
    answer = ask(mixed, "http://x/")
    assert (answer.status, answer.backend, answer.endpoints) == (200, "shop/busy", 3)
    assert "1/4" not in answer.reason and "25 % of requests get 503" in answer.reason
    assert "50 % of requests get 500" in answer.reason


POLICY: dict[str, Any] = {
    "targetRefs": [{"group": "", "kind": "Service", "name": "a"}],
    "validation": {
        "hostname": "a.example.com",
        "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "ca"}],
    },
}
CA = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca, namespace: shop}\ndata: {ca.crt: '%s'}\n"
GOOD_CA = CA % "-----BEGIN CERTIFICATE-----"
P = "BackendTLSPolicy shop/p"


def policy(name: str = "p", created: str = "", **changes: Any) -> str:
    spec = yaml.safe_load(yaml.safe_dump(POLICY))
    for key, value in changes.items():
        (spec if key in spec else spec["validation"])[key] = value
    return made("BackendTLSPolicy", f"shop/{name}", spec, created=created)


def test_a_valid_backend_tls_policy_changes_nothing_and_names_its_gateway() -> None:
    found = table(GW, GOOD_CA, policy(), route("r", rules({"name": "a"})))
    assert condition(found, P, "Accepted", parent="Gateway infra/web") == ("True", "Accepted")
    assert condition(found, P, "ResolvedRefs", parent="Gateway infra/web") == ("True", "ResolvedRefs")
    assert ask(found, "http://x/").status == 200
    system = policy(caCertificateRefs=[], wellKnownCACertificates="System")
    assert condition(table(GW, system, route("r", rules({"name": "a"}))), P, "Accepted") == ("True", "Accepted")


@pytest.mark.parametrize(
    ("ca", "ref", "reason"),
    [
        # conformance: backendtlspolicy-invalid-ca-certificate-ref, backendtlspolicy-invalid-kind
        (GOOD_CA, {"name": "none"}, "InvalidCACertificateRef"),
        (CA % "no certificate", {}, "InvalidCACertificateRef"),
        (GOOD_CA.replace("ca.crt", "other"), {}, "InvalidCACertificateRef"),
        (GOOD_CA, {"kind": "Secret"}, "InvalidKind"),
    ],
)
def test_an_invalid_backend_tls_policy_cuts_its_service_off(ca: str, ref: dict[str, str], reason: str) -> None:
    refs = [{"group": "", "kind": "ConfigMap", "name": "ca", **ref}]
    found = table(GW, ca, policy(caCertificateRefs=refs), route("r", rules({"name": "a"}, {"name": "b"})))
    assert condition(found, P, "ResolvedRefs") == ("False", reason)
    assert condition(found, P, "Accepted") == ("False", "NoValidCACertificate")
    assert ask(found, "http://x/").backends == {"shop/b": Fraction(1, 2)}
    assert (
        ask(table(GW, ca, policy(caCertificateRefs=refs), route("r", rules({"name": "a"}))), "http://x/").status == 500
    )


def test_a_policy_for_the_port_goes_before_one_for_the_whole_service() -> None:
    # LocalPolicyTargetReferenceWithSectionName: a section is more specific than the object without one.
    named = service("shop/n", ports=[{"name": "web", "port": 80, "targetPort": 8080}])
    target = {"group": "", "kind": "Service", "name": "n"}
    broken = policy("broken", targetRefs=[target], caCertificateRefs=[{"group": "", "kind": "ConfigMap", "name": "no"}])
    good = policy("good", targetRefs=[{**target, "sectionName": "web"}])
    alone = table(GW, named, GOOD_CA, broken, route("r", rules({"name": "n"})))
    assert ask(alone, "http://x/").status == 500
    answer = ask(table(GW, named, GOOD_CA, broken, good, route("r", rules({"name": "n"}))), "http://x/")
    assert answer.status == 200
    assert [way.tls for way in answer.ways] == ["BackendTLSPolicy shop/good: a certificate for a.example.com"]


def test_of_two_policies_for_one_target_the_older_or_first_by_name_counts() -> None:
    # conformance: backendtlspolicy-conflict-resolution
    found = table(GW, GOOD_CA, policy("p"), policy("o"), route("r", rules({"name": "a"})))
    assert condition(found, "BackendTLSPolicy shop/o", "Accepted") == ("True", "Accepted")
    assert condition(found, P, "Accepted") == ("False", "Conflicted")
    aged = table(GW, GOOD_CA, policy("o", "2025-01-01T00:00:00Z"), policy("p", "2024-01-01T00:00:00Z"))
    assert condition(aged, P, "Accepted") == ("True", "Accepted")
    port = [{**POLICY["targetRefs"][0], "sectionName": "http"}]
    apart = table(GW, GOOD_CA, policy("p", targetRefs=port), policy("o"))
    assert condition(apart, P, "Accepted") == ("True", "Accepted")


def test_a_policy_whose_service_does_not_exist() -> None:
    target = [{"group": "", "kind": "Service", "name": "none"}]
    assert condition(table(GW, GOOD_CA, policy(targetRefs=target)), P, "Accepted") == ("False", "TargetNotFound")


STREAM = "[{backendRefs: [%s]}]"
TCP = "name: tcp, port: 5432, protocol: TCP, allowedRoutes: {namespaces: {from: All}}"
UDP = "name: udp, port: 53, protocol: UDP, allowedRoutes: {namespaces: {from: All}}"


def stream(name: str, kind: str, refs: str, hosts: str = "", **how: Any) -> str:
    return route(name, STREAM % refs, hosts, kind, **how)


def test_tcp_and_udp_connections_by_port_and_weight() -> None:
    """ingress-gateway.md 6, row 'TCPRoute and UDPRoute'."""
    udp = service("shop/dns", 2, ports=[{"port": 53, "protocol": "UDP"}])
    found = table(
        gateway("web", TCP, UDP), udp,
        stream("t", "TCPRoute", "{name: a, port: 80, weight: 3}, {name: none, port: 80}"),
        stream("u", "UDPRoute", "{name: dns, port: 53}"),
    )  # fmt: skip
    tcp = ask(found, "tcp://x", method="", port=5432)
    assert (tcp.status, tcp.backends, tcp.route) == (0, {"shop/a": Fraction(3, 4)}, "TCPRoute shop/t")
    assert "25 % of connections are rejected" in tcp.reason
    dns = ask(found, "udp://x", method="", port=53)
    assert (dns.backend, dns.endpoints) == ("shop/dns", 2)
    assert ask(found, "tcp://x", method="", port=53).backend == ""
    assert condition(found, "TCPRoute shop/t", "ResolvedRefs") == ("False", "BackendNotFound")


def test_the_oldest_tcp_route_has_the_listener() -> None:
    first = stream("z", "TCPRoute", "{name: a, port: 80}", created="2024-01-01T00:00:00Z")
    second = stream("b", "TCPRoute", "{name: b, port: 80}", created="2025-01-01T00:00:00Z")
    assert ask(table(gateway("web", TCP), first, second), "tcp://x", port=5432).backend == "shop/a"


@pytest.mark.parametrize("refs", ["{name: none, port: 80}", "{name: a, port: 80, weight: 0}", "{name: idle, port: 80}"])
def test_a_connection_without_valid_backend_is_rejected(refs: str) -> None:
    """ingress-gateway.md 6, row 'Connection rejected'."""
    found = table(gateway("web", TCP), service("shop/idle", 0), stream("t", "TCPRoute", refs))
    answer = ask(found, "tcp://x", port=5432)
    assert (answer.status, answer.backend, answer.backends) == (0, "", {}) and "rejected" in answer.reason


PASS = "name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: All}}"


@pytest.mark.parametrize(
    ("sni", "expected"),
    [
        # conformance: tlsroute-hostname-intersection
        ("abc.example.com", "shop/a"), ("other.example.com", "shop/b"), ("x.y.example.com", "shop/b"),
        ("example.com", ""), ("non.matching.org", ""), ("", ""),
    ],
)  # fmt: skip
def test_tls_routes_by_server_name_the_most_specific_first(sni: str, expected: str) -> None:
    """ingress-gateway.md 6, row 'TLSRoute'."""
    found = table(
        gateway("web", PASS), stream("z", "TLSRoute", "{name: a, port: 80}", "abc.example.com"),
        stream("b", "TLSRoute", "{name: b, port: 80}", "*.example.com"),
    )  # fmt: skip
    answer = ask(found, f"tls://{sni or '10.0.0.1'}", method="", port=443)
    assert (answer.status, answer.backend) == (0, expected)
    inside = ask(found, f"https://{sni or '10.0.0.1'}/x")
    assert (inside.backend, inside.status) == (expected, 200 if expected else 0)


def test_https_and_passthrough_share_a_port_by_server_name() -> None:
    # conformance: gateway-https-and-tls-passthrough-same-port
    found = table(
        CERTIFICATE,
        gateway("web", https(more="hostname: '*.example.com'"), f"{PASS}, hostname: abc.example.com"),
        route("r", rules({"name": "a"})), stream("t", "TLSRoute", "{name: b, port: 80}", "abc.example.com"),
    )  # fmt: skip
    assert ask(found, "https://other.example.com/").backend == "shop/a"
    assert ask(found, "https://abc.example.com/").backend == "shop/b"


def test_a_terminated_tls_listener_hands_on_to_tls_and_tcp_routes() -> None:
    listener = (
        "name: tls, port: 443, protocol: TLS, tls: {mode: Terminate, certificateRefs: [{name: cert}]}, "
        "allowedRoutes: {namespaces: {from: All}}"
    )
    found = table(
        CERTIFICATE, gateway("web", listener), stream("t", "TCPRoute", "{name: a, port: 80}"),
        stream("s", "TLSRoute", "{name: b, port: 80}", "db.example.com"),
    )  # fmt: skip
    assert ask(found, "tls://db.example.com").backend == "shop/b"
    assert ask(found, "tls://other.example.com").backend == "shop/a"
