"""Ingress controllers known by their images; images and arguments as each project's own manifests have them."""

import pytest

from designer.manifests import read_texts
from designer.manifests.ingress_controllers import image_name, registered
from designer.model import IngressController
from designer.model.core import Container

TEXT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: ctl, namespace: edge}
spec:
  template:
    metadata: {labels: {app: ctl}}
    spec:
      containers:
      - name: c
        image: "%s"
        args: %s
---
apiVersion: v1
kind: Service
metadata: {name: admission, namespace: edge}
spec: {selector: {app: ctl}, ports: [{port: 8443}]}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: edge}
spec: {type: LoadBalancer, selector: {app: ctl}, ports: [{port: 80}, {port: 443}]}
---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: edge}
spec: {type: LoadBalancer, selector: {app: another}, ports: [{port: 80}]}
"""


def controllers(image: str, args: str = "[]", more: str = "") -> tuple[IngressController, ...]:
    result = read_texts([("f.yaml", TEXT % (image, args) + more)], assuming=False)
    return result.project.of(IngressController)


@pytest.mark.parametrize(
    ("image", "profile", "controller"),
    [
        ("registry.k8s.io/ingress-nginx/controller:v1.12.0@sha256:abc", "ingress-nginx", "k8s.io/ingress-nginx"),
        ("traefik:v3.3", "traefik", "traefik.io/ingress-controller"),
        ("docker.io/library/traefik", "traefik", "traefik.io/ingress-controller"),
        ("haproxytech/kubernetes-ingress:3.1", "haproxy", "haproxy.org/ingress-controller"),
        ("quay.io/jcmoraisjr/haproxy-ingress:v0.14", "spec", "haproxy-ingress.github.io/controller"),
        ("host:5000/ingress-nginx/controller", "ingress-nginx", "k8s.io/ingress-nginx"),
    ],
)
def test_known_images(image: str, profile: str, controller: str) -> None:
    (found,) = controllers(image)
    assert (found.spec.profile, found.spec.controller) == (profile, controller)
    assert found.id == "IngressController:edge/ctl"
    assert found.spec.workload == "Deployment:edge/ctl" and found.spec.service == "Service:edge/front"


@pytest.mark.parametrize("image", ["nginx:1.27", "haproxy:3", "example.com/not-traefik", "", "traefik/whoami"])
def test_other_images(image: str) -> None:
    assert controllers(image) == ()


def test_arguments_of_ingress_nginx() -> None:
    args = (
        '["/nginx-ingress-controller", "--controller-class=example.com/internal", "--watch-ingress-without-class=true"]'
    )
    (found,) = controllers("registry.k8s.io/ingress-nginx/controller:v1", args)
    assert found.spec.controller == "example.com/internal" and found.spec.watchWithoutClass


@pytest.mark.parametrize(
    ("image", "args", "namespaces"),
    [
        ("registry.k8s.io/ingress-nginx/controller:v1", '["--watch-namespace=shop"]', ("shop",)),
        ("registry.k8s.io/ingress-nginx/controller:v1", '["--watch-namespace=$(POD_NAMESPACE)"]', ("edge",)),
        ("registry.k8s.io/ingress-nginx/controller:v1", '["--watch-namespace", ""]', ()),
        ("registry.k8s.io/ingress-nginx/controller:v1", '["--v=2"]', ()),
        ("traefik:v3.3", '["--providers.kubernetesIngress.namespaces=a,b"]', ("a", "b")),
        ("haproxytech/kubernetes-ingress:3.1", '["--namespace-whitelist=a", "--namespace-whitelist=b"]', ("a", "b")),
    ],
)
def test_namespaces_that_a_controller_watches(image: str, args: str, namespaces: tuple[str, ...]) -> None:
    """Arguments of each project's own documentation; the charts give the Pod's own namespace by its variable."""
    (found,) = controllers(image, args)
    assert found.spec.watchNamespaces == namespaces


def test_a_controller_that_the_input_names_is_not_made_again() -> None:
    own = """---
apiVersion: design.cluster-network-designer/v1
kind: IngressController
metadata: {name: mine, namespace: edge}
spec: {profile: traefik, controller: x.example.com/y, workload: "Deployment:edge/ctl"}
"""
    (found,) = controllers("traefik:v3", "[]", own)
    assert found.name == "mine"


def test_image_names() -> None:
    assert image_name("host:5000/a/b:tag@sha256:0") == "host:5000/a/b"
    assert image_name("a") == "a"


def test_haproxy_registers_its_class_behind_a_slash() -> None:
    """haproxytech/kubernetes-ingress, documentation/ingressclass.md."""
    image = "haproxytech/kubernetes-ingress:3.2"
    assert registered(Container(image=image, args=("--ingress.class=prod",)), "haproxy", "h.org/c") == "h.org/c/prod"
    assert registered(Container(image=image), "haproxy", "h.org/c") == "h.org/c"
    nginx = Container(args=("--controller-class=x/y",))
    assert registered(nginx, "ingress-nginx", "k8s.io/ingress-nginx") == "x/y"
