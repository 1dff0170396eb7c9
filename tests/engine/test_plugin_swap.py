"""Another network plugin for a cluster that was read from a dump: Pods start anew, with addresses of the new plugin.

A Pod's address comes from the plugin that made its sandbox (cni.md section 2: what a sandbox got, it keeps), so none
of the old ones is left after a swap; a plugin that was only taken for granted is corrected, and nothing starts anew.
"""

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from designer.edits.settings import use_cni
from designer.engine.compile import compile_project
from designer.engine.controlplane import allocate
from designer.engine.trace.hops import Request
from designer.engine.trace.tracer import trace
from designer.manifests import read_texts
from designer.model import Project

NODE = """---
apiVersion: v1
kind: Node
metadata: {name: w%(n)d, annotations: {%(sign)s}}
spec: {podCIDR: 10.244.%(n)d.0/24, podCIDRs: [10.244.%(n)d.0/24]}
status:
  addresses: [{type: InternalIP, address: 172.18.0.%(n)d}]
"""
POD = """---
apiVersion: v1
kind: Pod
metadata: {name: %(name)s, labels: {app: %(name)s}}
spec: {nodeName: w%(n)d, hostNetwork: %(host)s, containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}
status: {phase: Running, podIP: %(ip)s, podIPs: [{ip: %(ip)s}], conditions: [{type: Ready, status: "%(ready)s"}]}
"""
FLANNEL = "flannel.alpha.coreos.com/backend-type: vxlan"


def dump(sign: str) -> Project:
    rows = (("a", 1, "10.244.1.7", "false", "True"), ("b", 2, "10.244.2.9", "false", "False"),
            ("host", 1, "172.18.0.1", "true", "True"))  # fmt: skip
    pods = [POD % dict(zip(("name", "n", "ip", "host", "ready"), row, strict=True)) for row in rows]
    text = "".join([NODE % {"n": n, "sign": sign} for n in (1, 2)] + pods)
    project = read_texts([("dump.yaml", text)]).project
    return replace(project, ledger=allocate(project)[0])


@pytest.mark.parametrize(("plugin", "pool"), [("weave", "10.32.0.0/12"), ("cilium", "10.0.0.0/8")])
def test_pods_get_addresses_of_the_new_plugin(plugin: str, pool: str) -> None:
    before = dump(FLANNEL)
    state = compile_project(use_cni(before, plugin).project)
    pods = state.control.pods
    for name in ("a", "b"):
        (ip,) = pods[f"Pod:default/{name}"].ips
        assert ip_address(ip) in ip_network(pool) and not ip.startswith("10.244.")
    assert pods["Pod:default/host"].ips == ("172.18.0.1",), "a hostNetwork Pod has its Node's address with any plugin"
    assert (pods["Pod:default/a"].ready, pods["Pod:default/b"].ready) == (True, False)
    assert trace(state, Request("Pod:default/b", "Pod:default/a:80")).verdict == "delivered"


def test_another_backend_leaves_them() -> None:
    pods = compile_project(use_cni(dump(FLANNEL), "flannel", "host-gw").project).control.pods
    assert [pods[f"Pod:default/{name}"].ips for name in ("a", "b")] == [("10.244.1.7",), ("10.244.2.9",)]


def test_a_plugin_that_was_taken_for_granted_is_corrected() -> None:
    before = dump("")
    assert "setting:cni" in before.cluster.assumed
    pods = compile_project(use_cni(before, "flannel").project).control.pods
    assert [pods[f"Pod:default/{name}"].ips for name in ("a", "b")] == [("10.244.1.7",), ("10.244.2.9",)]
