"""Clusters with a Gateway ``infra/web`` for traces: its proxy Pod behind a load balancer, and backends in ``shop``."""

from dataclasses import replace
from typing import Any

import yaml

from designer.engine.compile import ClusterState, compile_project
from designer.model import KubeObject, Project
from tests.engine.l7.gateway.gate import CLASS, gateway, http
from tests.engine.l7.gateway.gate import project as kept
from tests.engine.trace.clusters import dns, make, node, pod, service, settings

POOLS = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}
ADDRESS = "192.168.10.200"
LABEL = "gateway.networking.k8s.io/gateway-name"


def proxy(
    listen: int = 80, target: int = 10080, protocol: str = "TCP", labels: dict[str, str] | None = None, **spec: Any
) -> list[KubeObject]:
    """The proxy Pod ``infra/proxy`` on node-3 with its Service, which leads from the listener's port to the Pod's."""
    own = {LABEL: "web"} if labels is None else labels
    where = spec.pop("namespace", "infra")
    ports = spec.pop("ports", [{"name": "p", "port": listen, "targetPort": target, "protocol": protocol}])
    balancer = make(
        "Service", "web-proxy", {"type": "LoadBalancer", "selector": {"app": "proxy"}, "ports": ports, **spec},
        namespace=where, labels=own,
    )  # fmt: skip
    return [pod("proxy", 3, None, namespace=where, labels={"app": "proxy", **own}), balancer]


def shop(
    *texts: str,
    more: tuple[KubeObject, ...] = (),
    proxies: list[KubeObject] | None = None,
    controller: str = "example.com/controller",
) -> ClusterState:
    """Gateway API objects in YAML, and Services shop/a with Pods a1 and a2, shop/b with b1, shop/none with no Pod."""
    text = CLASS.replace("example.com/controller", controller) + "".join(texts)
    backends = [
        pod("a1", 1, app="a", namespace="shop"), pod("a2", 2, app="a", namespace="shop"),
        pod("b1", 2, app="b", namespace="shop"), pod("client", 1, namespace="shop"),
        *(service(name, namespace="shop") for name in ("a", "b", "none")),
    ]  # fmt: skip
    names = [make("Namespace", name) for name in ("infra", "shop", "far")]
    objects = [
        *(node(n) for n in (1, 2, 3)), *names, *backends, *(proxy() if proxies is None else proxies), *dns(), *more,
    ]  # fmt: skip
    project = Project(cluster=settings("calico", loadBalancer=POOLS)).with_objects(objects)
    return compile_project(replace(project, foreign=kept(text).foreign))


def addressed(*values: str, name: str = "web", listeners: tuple[str, ...] = (), **spec: Any) -> str:
    """Gateway ``infra/<name>`` whose spec asks for addresses."""
    given = [{"type": "IPAddress", "value": value} for value in values]
    return gateway(name, *(listeners or (http(),)), addresses=given, **spec)


def bound(*values: str) -> str:
    """Gateway ``infra/web`` whose status has addresses."""
    (data,) = [one for one in yaml.safe_load_all(gateway("web", http())) if one]
    data["status"] = {"addresses": [{"type": "IPAddress", "value": value} for value in values]}
    return "---\n" + yaml.safe_dump(data)
