"""Cilium's local redirects are not evaluated, so what they take out of the way is "cannot tell".

Source: Cilium's guide "Local Redirect Policy" (serviceMatcher and addressMatcher of redirectFrontend).
"""

import pytest

from designer.edits.settings import use_cni
from designer.engine.compile import compile_project
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.manifests import read_texts

TEXT = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: 10.96.0.77, selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: shop}
spec: {clusterIP: 10.96.0.78, selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: cilium.io/v2
kind: CiliumLocalRedirectPolicy
metadata: {name: cache, namespace: shop}
spec: {redirectFrontend: {%s}, redirectBackend: {localEndpointSelector: {matchLabels: {app: cache}}}}
"""
SERVICE = "serviceMatcher: {serviceName: db, namespace: shop}"
ADDRESS = "addressMatcher: {ip: 10.96.0.77, toPorts: [{port: '80', protocol: TCP}]}"


@pytest.mark.parametrize("frontend", [SERVICE, ADDRESS])
@pytest.mark.parametrize(("to", "expected"), [("10.96.0.77:80", "cannot-tell"), ("10.96.0.78:80", "delivered")])
def test_what_is_redirected_is_not_told(frontend: str, to: str, expected: str) -> None:
    project = use_cni(read_texts([("a.yaml", TEXT % frontend)]).project, "cilium").project
    traced, problems = ask(compile_project(project), Request("Pod:shop/web", to))
    assert traced is not None, problems
    assert traced.verdict == expected
    assert ("CiliumLocalRedirectPolicy shop/cache" in traced.reason) is (expected == "cannot-tell")


def test_other_plugins_know_nothing_of_it() -> None:
    project = use_cni(read_texts([("a.yaml", TEXT % SERVICE)]).project, "calico", "bgp").project
    traced, _ = ask(compile_project(project), Request("Pod:shop/web", "10.96.0.77:80"))
    assert traced is not None and traced.verdict == "delivered"
