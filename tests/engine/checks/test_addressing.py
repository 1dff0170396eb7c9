"""`domain/pitfalls.md`, "IP addressing" and "DNS": each row with a case that has it and one that has not."""

import pytest

from tests.engine.checks.clusters import deployment, obj, only, policy, service, told

FLANNEL = {"cni": {"plugin": "flannel", "backend": "vxlan"}}


def test_ip_01_pods_and_nodes() -> None:
    found = only("IP-01", podCIDRs=["192.168.0.0/16"])
    assert found.title.startswith("Pod range 192.168.0.0/16 overlaps the Node network (192.168.10.0/24")
    assert told("IP-01") == []


def test_ip_02_pods_and_services() -> None:
    assert len(told("IP-02", podCIDRs=["10.100.0.0/16"])) == 1
    assert told("IP-02") == []


def test_ip_02_asks_a_plugin_s_own_pool_for_what_nodes_got_of_it() -> None:
    """Cilium takes 10.0.0.0/8 and gives it out from below; kubeadm's Services are far behind in it."""
    assert told("IP-02", cni={"plugin": "cilium", "backend": "vxlan"}) == []
    assert len(told("IP-02", cni={"plugin": "cilium", "backend": "vxlan", "pool": ["10.96.0.0/16"]})) == 1


def test_ip_03_services_and_hosts() -> None:
    database = obj("ExternalHost", "db", spec={"addresses": ["10.96.7.0/24"]})
    assert only("IP-03", database).title.endswith("overlaps real hosts (ExternalHost db)")
    assert told("IP-03", obj("ExternalHost", "db", spec={"addresses": ["198.51.100.1"]})) == []


def test_ip_04_load_balancer_pool() -> None:
    def pool(text: str) -> dict[str, object]:
        return {"loadBalancer": {"pools": [{"name": "edge", "addresses": [text]}]}}

    assert len(told("IP-04", **pool("192.168.10.10-192.168.10.20"))) == 1
    assert len(told("IP-04", **pool("10.96.0.0/24"))) == 1
    assert told("IP-04", **pool("192.168.10.200-192.168.10.220")) == [], "free addresses of the Node network are usual"


def test_ip_07_more_pods_than_addresses() -> None:
    assert told("IP-07", nodeCIDRMaskV4=26, **FLANNEL) == ["maxPods is 110, a Node's /26 has 61 Pod addresses"]
    assert told("IP-07", nodeCIDRMaskV4=25, **FLANNEL) == [], "a /25 has 125"


def test_ip_08_calico_blocks() -> None:
    assert len(told("IP-08", cni={"plugin": "calico", "pool": ["10.244.0.0/26"]})) == 1
    assert told("IP-08", cni={"plugin": "calico", "pool": ["10.244.0.0/25"]}) == [], "two blocks for two Nodes"


def test_ip_09_static_address_in_the_dynamic_band() -> None:
    # 10.96.0.0/12: the static band is min(max(16, 65536), 256) = 256 addresses, .1 to 10.96.1.0 (domain/ipam.md).
    assert len(told("IP-09", service(clusterIP="10.96.5.1"), deployment())) == 1
    assert told("IP-09", service(clusterIP="10.96.0.50"), deployment()) == []


def test_ip_11_range_nearly_full() -> None:
    many = [service(f"s{n}", {"app": "web"}) for n in range(12)]
    assert len(told("IP-11", *many, deployment(), serviceCIDRs=["10.96.0.0/28"])) == 1, "12 of 14"
    assert told("IP-11", *many[:5], deployment(), serviceCIDRs=["10.96.0.0/28"]) == []


def test_ip_12_and_13_hard_coded_addresses() -> None:
    def with_env(value: str) -> dict[str, object]:
        return deployment(container={"env": [{"name": "DB", "value": value}]})

    found = only("IP-12", with_env("http://10.244.1.7:80"))
    assert found.title == "Deployment shop/web: env[0] holds 10.244.1.7, a Pod address"
    assert found.field == "spec.template.spec.containers[0].env[0]"
    assert len(told("IP-13", with_env("10.96.0.20"))) == 1
    assert told("IP-12", with_env("198.51.100.7")) == []
    assert told("IP-12", with_env("--cluster-cidr=10.244.0.0/16")) == [], "a range is no Pod"
    assert told("IP-13", with_env("10.96.0.20.example.com")) == []


def test_ip_12_a_policy_that_names_one_pod() -> None:
    def to(cidr: str) -> dict[str, object]:
        return policy(f"{{podSelector: {{}}, egress: [{{to: [{{ipBlock: {{cidr: {cidr}}}}}]}}]}}")

    assert len(told("IP-12", deployment(), to("10.244.1.7/32"))) == 1
    assert told("IP-12", deployment(), to("10.244.0.0/16")) == []


def test_ip_15_dual_stack_service_of_single_stack_pods() -> None:
    dual = {"podCIDRs": ["10.244.0.0/16", "fd00:10:244::/56"], "serviceCIDRs": ["10.96.0.0/12", "fd00:10:96::/112"]}
    both = service(ipFamilyPolicy="RequireDualStack")
    assert told("IP-15", deployment(), both, **dual) == []
    status = {"phase": "Running", "podIP": "10.244.0.9", "podIPs": [{"ip": "10.244.0.9"}]}
    spec = {"nodeName": "n1", "containers": [{"name": "main", "ports": [{"containerPort": 8080}]}]}
    single = obj("Pod", "old", "shop", {"labels": {"app": "web"}, "uid": "1"}, spec=spec, status=status)
    assert told("IP-15", single, both, **dual) == [
        "Service shop/web: dual-stack, but none of its Pods has an IPv6 address"
    ]


def test_dns_03_host_network_with_cluster_first() -> None:
    assert only("DNS-03", deployment(hostNetwork=True)).field == "spec.template.spec.dnsPolicy"
    assert told("DNS-03", deployment(hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet")) == []
    assert told("DNS-03", deployment(hostNetwork=True, priorityClassName="system-node-critical")) == []


def test_dns_04_default_is_not_the_default() -> None:
    assert len(told("DNS-04", deployment(dnsPolicy="Default"))) == 1
    assert told("DNS-04", deployment()) == []
    assert told("DNS-04", deployment("coredns", {"k8s-app": "kube-dns"}, dnsPolicy="Default")) == []


def test_dns_05_governing_service() -> None:
    stateful = deployment("db", kind="StatefulSet")
    stateful["spec"]["serviceName"] = "db"
    assert "does not exist" in only("DNS-05", stateful).title
    assert "is not headless" in only("DNS-05", stateful, service("db")).title
    assert told("DNS-05", stateful, service("db", clusterIP="None")) == []


def dns(replicas: int = 2, **spec: object) -> tuple[dict[str, object], ...]:
    ports = ({"containerPort": 53, "name": "dns", "protocol": "UDP"}, {"containerPort": 53, "name": "dns-tcp"})
    servers = deployment("coredns", {"k8s-app": "kube-dns"}, replicas, ports, "kube-system", **spec)  # type: ignore[arg-type]
    entries = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53}]
    return servers, service("kube-dns", {"k8s-app": "kube-dns"}, "kube-system", ports=entries)


def test_dns_07_nobody_answers() -> None:
    found = told("DNS-07", *dns(nodeSelector={"disk": "ssd"}))
    assert found == ["Service kube-system/kube-dns: no DNS server is ready"]
    assert told("DNS-07", *dns()) == []


def test_dns_08_too_few_servers() -> None:
    assert told("DNS-08", *dns(1)) == ["Service kube-system/kube-dns: names depend on one Pod"]
    assert told("DNS-08", *dns(nodeName="n1")) == ["Service kube-system/kube-dns: names depend on Pods of one Node"]
    assert told("DNS-08", *dns()) == []


def test_dns_10_namespace_like_a_domain() -> None:
    assert told("DNS-10", obj("Namespace", "com")) == ["Namespace com is also a top-level domain"]
    assert told("DNS-10", obj("Namespace", "shop")) == []


@pytest.mark.parametrize(
    ("policy", "config", "said"),
    [
        ("None", {"nameservers": ["192.0.2.1"]}, ""),
        ("None", {"nameservers": [f"192.0.2.{n}" for n in range(3)]}, ""),
        ("None", {"nameservers": [f"192.0.2.{n}" for n in range(4)]}, "dnsConfig: it must not have more than 3"),
        ("None", {"searches": ["a.example"]}, "refuses its dnsConfig: dnsPolicy None needs at least one nameserver"),
        ("None", None, "refuses its dnsConfig: dnsPolicy None needs at least one nameserver"),
        (None, {"searches": [f"d{n}.example" for n in range(29)]}, ""),
        (None, {"searches": [f"d{n}.example" for n in range(30)]}, "too many nameservers"),  # with its own 3
        (None, {"searches": [f"d{n}.example" for n in range(33)]}, "it must not have more than 32 search paths"),
        (None, {"searches": [f"{'d' * 63}.{n}.example" for n in range(30)]}, "more than 2048 characters"),
        (None, {"nameservers": ["192.0.2.1", "192.0.2.2"]}, ""),
        (None, {"nameservers": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]}, "too many nameservers"),  # and the cluster's
    ],
)  # fmt: skip
def test_dns_11_limits(policy: str | None, config: dict[str, object] | None, said: str) -> None:
    """pkg/apis/core/validation, validatePodDNSConfig; kubelet, formDNSConfigFitsLimits: of both lists together."""
    spec: dict[str, object] = {"dnsPolicy": policy} if policy else {}
    found = told("DNS-11", deployment(**spec, **({"dnsConfig": config} if config else {})), *dns())  # type: ignore[arg-type]
    assert (len(found), said in "".join(found)) == (1 if said else 0, True)
