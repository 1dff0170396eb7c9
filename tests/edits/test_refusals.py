"""The editor refuses what the API server refuses; rules: `domain/services.md` section 7, `domain/policies.md`,
`domain/ingress-gateway.md`, and the Kubernetes API reference."""

from typing import Any

import pytest

from designer.edits.fields import replace_object, set_field
from designer.edits.palette import PALETTE_KINDS
from designer.edits.refusals import CHECKS, refused_values
from designer.model import KIND_BY_NAME, KubeObject, Project

CONTAINER = {"name": "c", "ports": [{"containerPort": 80, "name": "http"}]}
INGRESS_PATH = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "a", "port": {"number": 80}}}}
EXISTS = {"matchExpressions": [{"key": "a", "operator": "Exists"}]}
CRON_POD = "spec.jobTemplate.spec.template.spec"
SPECS: dict[str, dict[str, Any]] = {
    "Service": {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [{"port": 80}],
                "sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {}}},
    "Pod": {"containers": [CONTAINER], "tolerations": [{"key": "a"}], "dnsConfig": {},
            "hostAliases": [{"ip": "10.0.0.1"}]},
    "Deployment": {"template": {"spec": {"containers": [CONTAINER]}}, "selector": EXISTS},
    "CronJob": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": {"containers": [CONTAINER]}}}}},
    "Node": {"taints": [{"key": "a"}]},
    "Ingress": {"rules": [{"http": {"paths": [INGRESS_PATH]}}]},
    "NetworkPolicy": {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}]},
}  # fmt: skip
PATH = "spec.rules[0].http.paths[0]"

# Kind, field, a value that Kubernetes takes, a value that it refuses, what the message says.
RULES: tuple[tuple[str, str, Any, Any, str], ...] = (
    ("Service", "metadata.name", "shop-1", "shop.one", "1 to 63"),
    ("Service", "metadata.name", "a" * 63, "a" * 64, "1 to 63"),
    ("Service", "metadata.annotations[a/b]", "any text: at all", None, ""),
    ("Service", "spec.ports[0].port", 65535, 0, "from 1 to 65535"),
    ("Service", "spec.ports[0].nodePort", 30000, 65536, "from 1 to 65535"),
    ("Service", "spec.ports[0].protocol", "SCTP", "HTTP", "TCP, UDP or SCTP"),
    ("Service", "spec.ports[0].name", "http-2", "Http", "lower-case"),
    ("Service", "spec.ports[0].targetPort", "http", "8080", "without quotes"),
    ("Service", "spec.ports[0].targetPort", 8080, "a--b", "up to 15"),
    ("Service", "spec.ports[0].targetPort", "a" * 15, "a" * 16, "up to 15"),
    ("Service", "spec.clusterIP", "10.96.0.9", "none", "IP address"),
    ("Service", "spec.clusterIP", "10.96.0.7", "10.96.0.07", "must not have leading 0s"),
    ("Service", "spec.ipFamilies", ["IPv4"], ["ipv6"], "IPv4 or IPv6"),
    ("Service", "spec.ipFamilyPolicy", "PreferDualStack", "DualStack", "PreferDualStack"),
    ("Service", "spec.externalIPs", ["192.0.2.9"], ["127.0.0.1"], "loopback"),
    ("Service", "spec.externalIPs", ["2001:db8::9"], ["169.254.1.1"], "link-local"),
    ("Service", "spec.externalIPs", ["192.0.2.9"], ["0.0.0.0"], "unspecified"),
    ("Service", "spec.loadBalancerSourceRanges", ["10.0.0.0/8"], ["10.1.0.0/8"], "beyond the prefix length"),
    ("Service", "spec.externalTrafficPolicy", "Cluster", "local", "Cluster or Local"),
    ("Service", "spec.internalTrafficPolicy", "Local", "Node", "Cluster or Local"),
    ("Service", "spec.healthCheckNodePort", 31000, 70000, "from 1 to 65535"),
    ("Service", "spec.sessionAffinity", "None", "Cookie", "None or ClientIP"),
    ("Service", "spec.sessionAffinityConfig.clientIP.timeoutSeconds", 86400, 86401, "from 1 to 86400"),
    ("Service", "spec.sessionAffinityConfig.clientIP.timeoutSeconds", 1, 0, "from 1 to 86400"),
    ("Service", "spec.trafficDistribution", "PreferSameNode", "PreferNear", "PreferSameNode"),
    ("Service", "spec.selector[app]", "a_B.c", "a b", "up to 63"),
    ("Pod", "spec.containers[0].name", "side-car", "side.car", "1 to 63"),
    ("Pod", "spec.containers[0].ports[0].name", "http", "8080", "a letter in it"),
    ("Pod", "spec.containers[0].ports[0].hostPort", 80, 65536, "from 1 to 65535"),
    ("Pod", "spec.containers[0].ports[0].hostIP", "10.0.0.1", "localhost", "IP address"),
    ("Pod", "spec.dnsPolicy", "None", "none", "ClusterFirst"),
    ("Pod", "spec.dnsConfig.nameservers", ["10.0.0.1"], ["dns.example.com"], "IP address"),
    ("Pod", "spec.hostAliases[0].ip", "10.0.0.2", "web", "IP address"),
    ("Pod", "spec.hostname", "web-0", "web.0", "1 to 63"),
    ("Pod", "spec.subdomain", "web", "web.shop", "1 to 63"),
    ("Pod", "spec.nodeSelector[disk]", "ssd", "a b", "up to 63"),
    ("Pod", "spec.tolerations[0].operator", "Exists", "In", "Equal, Exists"),
    ("Pod", "spec.tolerations[0].effect", "NoExecute", "Never", "NoExecute"),
    ("Deployment", "spec.template.spec.containers[0].ports[0].containerPort", 1, 0, "from 1 to 65535"),
    ("Deployment", "spec.selector.matchExpressions[0]", {"key": "a", "operator": "In", "values": ["b"]},
     {"key": "a", "operator": "In"}, "at least one value"),
    ("Deployment", "spec.selector.matchExpressions[0]", {"key": "a", "operator": "DoesNotExist"},
     {"key": "a", "operator": "Exists", "values": ["b"]}, "must be empty"),
    ("Deployment", "spec.selector.matchExpressions[0].operator", "DoesNotExist", "Matches", "NotIn"),
    ("Deployment", "spec.replicas", 0, -1, "0 or more"),
    ("CronJob", "metadata.name", "a" * 52, "a" * 53, "52 characters"),
    ("CronJob", f"{CRON_POD}.containers[0].ports[0].protocol", "UDP", "udp", "TCP, UDP or SCTP"),
    ("Node", "spec.podCIDR", "10.244.1.0/24", "10.244.1.1/24", "write 10.244.1.0/24"),
    ("Node", "spec.podCIDRs", ["fd00::/64"], ["fd00::/129"], "address range"),
    ("Node", "spec.taints[0].effect", "PreferNoSchedule", "Prefer", "NoSchedule"),
    ("Node", "metadata.name", "node.example.com", "Node", "lower-case"),
    ("Ingress", "spec.rules[0].host", "*.example.com", "a.*.com", "whole first label"),
    ("Ingress", "spec.rules[0].host", "example.com", "10.0.0.1", "not an IP address"),
    ("Ingress", f"{PATH}.path", "/a", "a", "start with '/'"),
    ("Ingress", f"{PATH}.path", "/a/.b", "/a//b", "must not hold //"),
    ("Ingress", f"{PATH}.path", "/a..", "/a/..", "must not hold /.."),
    ("Ingress", f"{PATH}.path", "/a%20", "/a%2fb", "must not hold %2f"),
    ("Ingress", f"{PATH}.pathType", "ImplementationSpecific", "Regex", "Exact, Prefix"),
    ("Ingress", f"{PATH}.backend.service.port", {"name": "http"}, {"name": "http", "number": 80}, "not both"),
    ("Ingress", f"{PATH}.backend.service.port.number", 8080, 70000, "from 1 to 65535"),
    ("Ingress", "spec.ingressClassName", "nginx.example", "Nginx", "lower-case"),
    ("NetworkPolicy", "spec.ingress[0].from[+]", {"ipBlock": {"cidr": "10.0.0.0/8"}},
     {"ipBlock": {"cidr": "10.0.0.1/8"}}, "write 10.0.0.0/8"),
    ("NetworkPolicy", "spec.ingress[0].ports[0].port", "http", "80", "without quotes"),
    ("NetworkPolicy", "spec.ingress[0].ports[0].endPort", 90, 65536, "from 1 to 65535"),
    ("NetworkPolicy", "spec.policyTypes", ["Egress"], ["egress"], "Ingress or Egress"),
)  # fmt: skip


def project_with(kind: str) -> tuple[Project, str]:
    metadata = {"name": "one", "namespace": "shop"} if KIND_BY_NAME[kind].NAMESPACED else {"name": "one"}
    obj: KubeObject = KIND_BY_NAME[kind].model_validate({"metadata": metadata, "spec": SPECS[kind]})
    return Project().with_object(obj), obj.id


@pytest.mark.parametrize(("kind", "field", "good", "bad", "words"), RULES, ids=lambda part: str(part)[:40])
def test_what_the_api_server_takes_and_refuses(kind: str, field: str, good: Any, bad: Any, words: str) -> None:
    project, oid = project_with(kind)
    taken = set_field(project, oid, field, good)
    assert taken.ok, taken.problems
    if bad is None:
        return
    edit = set_field(project, oid, field, bad)
    assert not edit.ok and edit.project is project
    assert words in edit.problems[0].title and edit.problems[0].fix
    assert edit.problems[0].field.startswith(field.partition("[")[0])


ODD: list[Any] = [None, True, -5, 1.5, "", [], [1], {}, {"a": 1}, "\0", 10**40, [[]], {"operator": []},
       {"path": 5, "pathType": "Exact"},
       {"operator": "In", "key": "a", "values": 5}, {"operator": "In", "key": 5, "values": [None]},
       {"name": [], "number": {}}]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_no_value_of_any_type_gets_an_exception_out(value: Any) -> None:
    # Fields that the model does not name may hold anything.
    assert all(isinstance(check(value), str) for _, _, check in CHECKS)
    for data in ({"metadata": value}, {"metadata": {"name": value, "labels": value}}, {"spec": value}):
        assert isinstance(refused_values("Job", "Job:a/b", {}, data), tuple)
    for data in ({"spec": {"selector": value}}, {"spec": {"selector": {"matchExpressions": [value]}}}):
        assert isinstance(refused_values("Job", "Job:a/b", {}, data), tuple)


def test_a_sound_object_is_taken_whole() -> None:
    for kind in SPECS:
        project, oid = project_with(kind)
        obj = project.get(oid)
        assert obj is not None
        bare = Project().with_object(type(obj).model_validate({"metadata": obj.dump()["metadata"]}))
        assert replace_object(bare, oid, obj.dump()).ok, kind
    assert set(SPECS) - {"CronJob"} <= set(PALETTE_KINDS)


def test_a_peer_of_a_policy_changes_its_kind_field_by_field() -> None:
    # Each form on the way is one that the API server refuses; the checker says so (NP-90) as long as it lasts.
    project, oid = project_with("NetworkPolicy")
    for field, value in (("ipBlock", {"cidr": "10.0.0.0/8"}), ("podSelector", None)):
        edit = set_field(project, oid, f"spec.ingress[0].from[0].{field}", value)
        assert edit.ok, edit.problems
        project = edit.project
    policy = project.get(oid)
    assert policy is not None and policy.dump()["spec"]["ingress"][0]["from"] == [{"ipBlock": {"cidr": "10.0.0.0/8"}}]
