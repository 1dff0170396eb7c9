"""`domain/pitfalls.md`, "Services and endpoints": each row with a case that has it and one that has not."""

from dataclasses import replace
from typing import Any

from designer.engine.checks import check
from designer.engine.compile import compile_project
from designer.model import FrozenMap, Provenance
from tests.engine.checks.clusters import NODES, deployment, only, problems, project, service, told

WEB = deployment()


def test_svc_01_selector_matches_nothing() -> None:
    found = only("SVC-01", WEB, service(selector={"app": "wep"}))
    assert found.title == "Service shop/web: selector app=wep matches 0 of 2 Pods"
    assert "app=web" in found.fix
    assert found.field == "spec.selector"
    assert told("SVC-01", WEB, service()) == []


def test_svc_01_names_the_namespace_where_the_pods_are() -> None:
    found = only("SVC-01", deployment(namespace="other"), service())
    assert found.fix == "Pods with these labels are in namespace other: move the Service there."


def test_svc_01_is_silent_for_a_workload_scaled_to_nothing() -> None:
    assert told("SVC-01", deployment(replicas=0), service()) == []


def test_svc_02_nothing_ready() -> None:
    pending = deployment(nodeSelector={"disk": "ssd"})
    assert len(told("SVC-02", pending, service())) == 1
    assert told("SVC-02", WEB, service()) == []
    assert told("SVC-02", pending, service(publishNotReadyAddresses=True)) == []


def test_svc_03_target_port_that_nobody_declares() -> None:
    found = only("SVC-03", WEB, service(ports=[{"port": 80, "targetPort": 9090}]))
    assert found.severity == "warning"
    assert found.field == "spec.ports[0].targetPort"
    assert "8080/TCP" in found.fix
    assert told("SVC-03", WEB, service()) == []
    assert told("SVC-03", deployment(ports=()), service()) == [], (
        "containerPort is informational: nothing to compare with"
    )


def test_svc_04_named_target_port() -> None:
    named = service(ports=[{"port": 80, "targetPort": "web"}])
    assert only("SVC-04", WEB, named).severity == "error"
    other = deployment("old", {"app": "web"}, ports=({"containerPort": 80, "name": "web"},))
    assert only("SVC-04", WEB, other, named).severity == "warning"
    assert told("SVC-04", WEB, service(ports=[{"port": 80, "targetPort": "http"}])) == []


def test_svc_04_protocol_of_a_named_port() -> None:
    found = only("SVC-04", WEB, service(ports=[{"port": 80, "targetPort": "http", "protocol": "UDP"}]))
    assert found.fix == "The Pods have 'http' as TCP: make both protocols equal."


def test_svc_07_protocol_mismatch() -> None:
    assert len(told("SVC-07", WEB, service(ports=[{"port": 80, "targetPort": 8080, "protocol": "UDP"}]))) == 1
    assert told("SVC-07", WEB, service()) == []


def test_svc_08_headless_does_not_translate() -> None:
    assert len(told("SVC-08", WEB, service(clusterIP="None"))) == 1
    assert told("SVC-08", WEB, service(clusterIP="None", ports=[{"port": 8080}])) == []


def test_svc_12_external_local_with_bare_nodes() -> None:
    local = service(type="NodePort", externalTrafficPolicy="Local")
    found = only("SVC-12", deployment(replicas=1), local)
    assert found.title in [f"Service shop/web: {name} would drop its external traffic" for name in ("n1", "n2")]
    assert told("SVC-12", WEB, local) == []
    assert told("SVC-12", deployment(replicas=1), service(type="NodePort")) == []
    # In ipvs mode the virtual server gets the endpoints of all nodes instead (the reference's README).
    in_ipvs = only("SVC-12", deployment(replicas=1), local, kubeProxy={"mode": "ipvs"})
    assert "would lose its external traffic" in in_ipvs.title


def test_svc_13_uneven_shares() -> None:
    local = service(type="NodePort", externalTrafficPolicy="Local")
    pinned = (
        deployment("many", {"app": "web"}, replicas=2, nodeName="n1"),
        deployment("few", {"app": "web"}, 1, nodeName="n2"),
    )
    assert told("SVC-13", *pinned, local) == [], "2 to 1 is not more than twice"
    more = deployment("many", {"app": "web"}, replicas=3, nodeName="n1"), pinned[1]
    assert told("SVC-13", *more, local) == ["Service shop/web: with Local, some Pods get 3 times the traffic of others"]


def test_svc_14_internal_local() -> None:
    local = service(internalTrafficPolicy="Local")
    clients = deployment("client", replicas=2)
    found = only("SVC-14", deployment(replicas=1, nodeName="n1"), clients, local)
    assert found.title == "Service shop/web: clients on n2 cannot reach it"
    assert told("SVC-14", WEB, clients, local) == []
    in_ipvs = only("SVC-14", deployment(replicas=1, nodeName="n1"), clients, local, kubeProxy={"mode": "ipvs"})
    assert in_ipvs.why.endswith("refuses the connections."), "an empty virtual server"


def test_svc_18_one_pod_behind_a_load_balancer() -> None:
    pools = {"pools": [{"addresses": ["203.0.113.0/24"]}]}
    assert len(told("SVC-18", deployment(replicas=1), service(type="LoadBalancer"), loadBalancer=pools)) == 1
    assert told("SVC-18", WEB, service(type="LoadBalancer"), loadBalancer=pools) == []
    assert told("SVC-18", deployment(replicas=1), service()) == []


def test_svc_19_all_pods_on_one_node() -> None:
    assert len(told("SVC-19", deployment(nodeName="n1"), service())) == 1
    assert told("SVC-19", WEB, service()) == []
    assert told("SVC-19", WEB, service(), nodes=NODES[:1]) == [], "there is no other Node"


def test_svc_20_source_ranges_leave_the_node_port_open() -> None:
    ranges: dict[str, Any] = {"type": "LoadBalancer", "loadBalancerSourceRanges": ["203.0.113.0/24"]}
    assert len(told("SVC-20", WEB, service(**ranges))) == 1
    assert told("SVC-20", WEB, service(**ranges, allocateLoadBalancerNodePorts=False)) == []


def test_svc_22_load_balancer_pending() -> None:
    assert told("SVC-22", WEB, service(type="LoadBalancer")) == ["Service shop/web: EXTERNAL-IP stays <pending>"]
    pools = {"pools": [{"addresses": ["203.0.113.0/24"]}]}
    assert told("SVC-22", WEB, service(type="LoadBalancer"), loadBalancer=pools) == []


def test_svc_24_external_ips() -> None:
    assert len(told("SVC-24", WEB, service(externalIPs=["203.0.113.1"]))) == 1
    assert told("SVC-24", WEB, service()) == []


def test_svc_30_http2() -> None:
    assert len(told("SVC-30", WEB, service(ports=[{"port": 80, "targetPort": 8080, "name": "grpc"}]))) == 1
    assert (
        len(told("SVC-30", WEB, service(ports=[{"port": 80, "targetPort": 8080, "appProtocol": "kubernetes.io/h2c"}])))
        == 1
    )
    assert told("SVC-30", WEB, service()) == []


def test_svc_31_headless_for_load_balancing() -> None:
    headless = service(clusterIP="None", ports=[{"port": 8080}])
    assert len(told("SVC-31", WEB, headless)) == 1
    assert told("SVC-31", deployment(kind="StatefulSet"), headless) == []


def test_svc_32_ipvs() -> None:
    assert told("SVC-32", kubeProxy={"mode": "ipvs"}) == ["kube-proxy runs in ipvs mode, which is going away"]
    assert told("SVC-32", kubeProxy={"mode": "iptables"}) == []


def test_svc_33_names_that_no_comment_of_nft_holds() -> None:
    """kubernetes/kubernetes#139515: more than 128 characters of ``ns/name:port`` make nft refuse every rule."""
    nftables = {"mode": "nftables"}

    def named(name: str, port: str, **more: Any) -> Any:
        return service(name, {"app": "web"}, ports=[{"name": port, "port": 80, "targetPort": 8080}], **more)

    fits, long = named("s" * 61, "p" * 61), named("s" * 61, "p" * 62)  # with "shop/" and ":" 128 and 129 characters
    assert told("SVC-33", WEB, fits, kubeProxy=nftables) == []
    found = only("SVC-33", WEB, long, kubeProxy=nftables)
    assert found.severity == "warning"
    assert "129 characters" in found.title
    assert only("SVC-33", long, kubeProxy=nftables).severity == "error", "it has no endpoint: the comment is written"
    assert told("SVC-33", WEB, long, kubeProxy={"mode": "iptables"}) == []
    assert told("SVC-33", WEB, named("s" * 61, "p" * 62, clusterIP="None"), kubeProxy=nftables) == []


def test_followers_are_not_told_beside_their_cause() -> None:
    pending = deployment(replicas=1, nodeSelector={"disk": "ssd"})
    found = {p.code for p in problems(pending, service(ports=[{"port": 80, "targetPort": 9}], type="LoadBalancer"))}
    assert "SVC-02" in found
    assert not found & {"SVC-03", "SVC-18"}


def test_a_finding_carries_file_and_line() -> None:
    made = project(WEB, service(selector={"app": "wep"}))
    origin = Provenance(file="web.yaml", line=3, fieldLines=FrozenMap({"spec": 7, "spec.selector": 9}))
    made = replace(made, provenance=FrozenMap({"Service:shop/web": origin}))
    found = next(p for p in check(compile_project(made)) if p.code == "SVC-01")
    assert (found.file, found.line) == ("web.yaml", 9)


def test_assumed_objects_have_no_problems() -> None:
    lonely = service(selector={"app": "nobody"})
    assert told("SVC-01", lonely, assumed=["Service:shop/web"]) == []
    assert len(told("SVC-01", lonely)) == 1
