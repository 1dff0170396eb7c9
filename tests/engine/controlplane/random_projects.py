"""Random edits of a small project, as hypothesis strategies: what a person would do, in any order."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from designer.model import CNI_BACKENDS, PodRecord, Project
from tests.engine.controlplane.clusters import deployment, nodes, pod, project, service, settings, template, thing

Edit = Callable[[Project], Project]
NAMES = ("a", "b", "c")


def _put(obj: Any) -> Edit:
    return lambda p: p.with_object(obj)


def _drop(oid: str) -> Edit:
    return lambda p: p.without(oid)


def _recreate(index: int) -> Edit:
    def edit(p: Project) -> Project:
        keys = sorted(p.ledger.pods)
        if not keys:
            return p
        key = keys[index % len(keys)]
        old = p.ledger.pods[key]
        fresh = PodRecord(name=old.name, node=old.node, sandbox=old.sandbox + 1, previousIps=old.ips or old.previousIps)
        return replace(p, ledger=p.ledger.model_copy(update={"pods": p.ledger.pods.set(key, fresh)}))

    return edit


def _cluster(**values: Any) -> Edit:
    return lambda p: replace(p, cluster=settings(**{**p.cluster.dump(), **values}))


def _node(number: int, spec: dict[str, Any]) -> Any:
    return thing("Node", f"node-{number}", spec=spec)


SPECS = st.sampled_from(
    [
        {},
        {"hostNetwork": True},
        {"nodeSelector": {"no": "where"}},
        {"nodeName": "node-2"},
        {"tolerations": [{"operator": "Exists"}]},
    ]
)
NODE_SPECS = st.sampled_from(
    [{}, {}, {"unschedulable": True}, {"taints": [{"key": "k", "effect": "NoExecute"}]}, {"podCIDR": "10.244.2.0/28"}]
)
SERVICE_SPECS = st.sampled_from(
    [
        {"selector": {"app": "a"}},
        {"selector": {"app": "b"}, "type": "NodePort"},
        {"selector": {"app": "a"}, "type": "NodePort", "ports": [{"port": 80, "nodePort": 30001}]},
        {"selector": {"app": "c"}, "type": "LoadBalancer", "externalTrafficPolicy": "Local"},
        {"clusterIP": "10.96.0.17", "trafficDistribution": "PreferSameNode", "selector": {"app": "a"}},
        {"clusterIP": "None", "selector": {"app": "a"}},
        {"type": "ExternalName", "externalName": "a.example"},
        {"externalTrafficPolicy": "Local"},
    ]
)
EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(
        lambda n, r, s: _put(deployment(n, r, **s)), st.sampled_from(NAMES), st.integers(0, 9), SPECS
    ),
    st.builds(
        lambda n, r: _put(thing("StatefulSet", n, "default", spec={"replicas": r, "template": template({"app": n})})),
        st.sampled_from(NAMES),
        st.integers(0, 5),
    ),
    st.builds(
        lambda n: _put(thing("DaemonSet", n, "default", spec={"template": template({"app": n})})),
        st.sampled_from(NAMES),
    ),
    st.builds(lambda n: _put(pod(n, labels={"app": n})), st.sampled_from(NAMES)),
    st.builds(lambda n, s: _put(service(n, **s)), st.sampled_from(NAMES), SERVICE_SPECS),
    st.builds(lambda n, s: _put(_node(n, s)), st.integers(1, 4), NODE_SPECS),
    st.builds(lambda n: _drop(f"Node:node-{n}"), st.integers(1, 4)),
    st.builds(
        lambda k, n: _drop(f"{k}:default/{n}"),
        st.sampled_from(["Deployment", "StatefulSet", "DaemonSet", "Pod", "Service"]),
        st.sampled_from(NAMES),
    ),
    st.builds(_recreate, st.integers(0, 40)),
    st.builds(
        lambda plugin: _cluster(cni={"plugin": plugin, "backend": CNI_BACKENDS[plugin][0], "blockSize": 28}),
        st.sampled_from(sorted(CNI_BACKENDS)),
    ),
    st.builds(
        lambda ranges: _cluster(serviceCIDRs=ranges),
        st.sampled_from([["10.96.0.0/27"], ["10.96.0.0/27", "fd00:96::/120"], ["10.97.0.0/24"]]),
    ),
    st.builds(
        lambda ranges: _cluster(podCIDRs=ranges),
        st.sampled_from([["10.244.0.0/26"], ["10.244.0.0/24", "fd00:244::/60"], ["10.10.0.0/20"]]),
    ),
)  # fmt: skip


def start() -> Project:
    """A project with small ranges, so that exhaustion happens."""
    return project(
        *nodes(2),
        deployment("a", 3),
        service("a", selector={"app": "a"}),
        podCIDRs=["10.244.0.0/26"],
        nodeCIDRMaskV4=28,
        serviceCIDRs=["10.96.0.0/27"],
        nodePortRange=[30000, 30002],
        loadBalancer={"pools": [{"addresses": ["203.0.113.0/31"]}]},
        cni={"plugin": "flannel", "backend": "vxlan"},
    )
