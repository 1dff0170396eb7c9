"""Secrets that controllers make, by the rules of cert-manager's certificate-shim, external-secrets and sealed-secrets.

The rows are those of `validateGatewayListenerBlock`, `handleGatewayAPIListeners`, `hasShimAnnotation` and
`checkForDuplicateSecretNames` (cert-manager, pkg/controller/certificate-shim/sync.go), and of the fields' comments in
`externalsecret_types.go`.
"""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from designer.engine.l7.promised import issued_for, promised_secrets
from designer.model import EMPTY_PROJECT, ForeignObject, FrozenMap, Ingress, Project

ISSUED = "{cert-manager.io/cluster-issuer: le}"
TLS = "kubernetes.io/tls"


def holding(api: str, kind: str, spec: str, annotations: str = "{}", name: str = "one") -> Project:
    """A project that keeps one object of namespace shop."""
    metadata = {"name": name, "namespace": "shop", "annotations": yaml.safe_load(annotations)}
    data = {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": yaml.safe_load(spec)}
    oid = f"{api}/{kind}:shop/{name}"
    return replace(EMPTY_PROJECT, foreign=FrozenMap({oid: ForeignObject(oid, data)}))


def listener(more: str = "", hostname: str = "a.example.com", protocol: str = "HTTPS", tls: str = "") -> str:
    refs = tls or "{certificateRefs: [{name: cert}]}"
    return f"listeners: [{{name: l, port: 443, protocol: {protocol}, hostname: '{hostname}', tls: {refs}{more}}}]"


@pytest.mark.parametrize("kind", ["Gateway", "ListenerSet"])
@pytest.mark.parametrize(
    ("spec", "annotations", "names"),
    [
        (listener(), ISSUED, ["cert"]),
        (listener(), "{cert-manager.io/issuer: le}", ["cert"]),
        (listener(protocol="TLS"), ISSUED, ["cert"]),
        (listener(tls="{mode: Terminate, certificateRefs: [{name: cert, kind: Secret, group: ''}]}"), ISSUED, ["cert"]),
        (listener(tls="{certificateRefs: [{name: cert}, {name: old}]}"), ISSUED, ["cert", "old"]),
        (listener(tls="{certificateRefs: [{name: cert, namespace: shop}]}"), ISSUED, ["cert"]),
        # Not so: no issuer named, auto-annotations are for Ingresses, empty hostname, plain HTTP, passthrough, other
        # namespaces, other kinds; one bad reference and the listener is skipped.
        (listener(), "{}", []),
        (listener(), "{cert-manager.io/common-name: x}", []),
        (listener(), "{kubernetes.io/tls-acme: 'true'}", []),
        (listener(hostname=""), ISSUED, []),
        (listener(protocol="HTTP"), ISSUED, []),
        (listener(tls="{mode: Passthrough, certificateRefs: [{name: cert}]}"), ISSUED, []),
        (listener(tls="{certificateRefs: [{name: cert, namespace: infra}]}"), ISSUED, []),
        (listener(tls="{certificateRefs: [{name: cert}, {name: c, kind: ConfigMap}]}"), ISSUED, []),
        (listener(tls="{certificateRefs: [{name: cert, group: example.com}]}"), ISSUED, []),
        (listener(tls="{}"), ISSUED, []),
    ],
)
def test_cert_manager_issues_for_listeners(kind: str, spec: str, annotations: str, names: list[str]) -> None:
    found = promised_secrets(holding("gateway.networking.k8s.io/v1", kind, spec, annotations))
    assert found == {("shop", name): TLS for name in names}


@pytest.mark.parametrize(
    ("api", "kind", "spec", "promised"),
    [
        ("cert-manager.io/v1", "Certificate", "{secretName: cert, dnsNames: [a.example.com]}", {"cert": TLS}),
        ("cert-manager.io/v1alpha2", "Certificate", "{secretName: cert}", {"cert": TLS}),
        ("example.com/v1", "Certificate", "{secretName: cert}", {}),
        ("cert-manager.io/v1", "Issuer", "{secretName: cert}", {}),
        ("external-secrets.io/v1beta1", "ExternalSecret", "{target: {name: cert}}", {"cert": None}),
        ("external-secrets.io/v1", "ExternalSecret", "{}", {"one": None}),
        ("external-secrets.io/v1", "ExternalSecret", "{target: {template: {type: kubernetes.io/tls}}}", {"one": TLS}),
        ("external-secrets.io/v1", "ExternalSecret", "{target: {creationPolicy: Orphan}}", {"one": None}),
        ("external-secrets.io/v1", "ExternalSecret", "{target: {name: cert, creationPolicy: Merge}}", {}),
        ("external-secrets.io/v1", "ExternalSecret", "{target: {name: cert, creationPolicy: None}}", {}),
        ("bitnami.com/v1alpha1", "SealedSecret", "{template: {type: kubernetes.io/tls}}", {"one": TLS}),
        ("bitnami.com/v1alpha1", "SealedSecret", "{encryptedData: {a: x}}", {"one": None}),
        # Content that is none: nothing is promised, nothing is raised.
        ("cert-manager.io/v1", "Certificate", "{secretName: [x]}", {}),
        ("cert-manager.io/v1", "Certificate", "7", {}),
        ("external-secrets.io/v1", "ExternalSecret", "{target: [x]}", {"one": None}),
        ("gateway.networking.k8s.io/v1", "Gateway", "{listeners: {a: b}}", {}),
    ],
)
def test_controllers_that_make_secrets(api: str, kind: str, spec: str, promised: dict[str, str | None]) -> None:
    assert promised_secrets(holding(api, kind, spec)) == {("shop", name): given for name, given in promised.items()}


@pytest.mark.parametrize("listeners", ["[x]", "[{protocol: HTTPS, hostname: h, tls: x}]", "[null]", "x"])
def test_listeners_of_another_shape_promise_nothing(listeners: str) -> None:
    project = holding("gateway.networking.k8s.io/v1", "Gateway", f"{{listeners: {listeners}}}", ISSUED)
    assert promised_secrets(project) == {}


@pytest.mark.parametrize(
    ("annotations", "tls", "names"),
    [
        (ISSUED, "[{hosts: [a], secretName: cert}]", {"cert"}),
        ("{cert-manager.io/issuer: le}", "[{hosts: [a], secretName: cert}]", {"cert"}),
        ("{kubernetes.io/tls-acme: 'true'}", "[{hosts: [a], secretName: cert}]", {"cert"}),
        ("{kubernetes.io/tls-acme: 'yes'}", "[{hosts: [a], secretName: cert}]", set()),
        ("{cert-manager.io/common-name: x}", "[{hosts: [a], secretName: cert}]", set()),
        # validateIngressTLSBlock skips the entry alone; a name that stands twice stops the whole Ingress.
        (ISSUED, "[{secretName: cert}, {hosts: [b], secretName: other}]", {"other"}),
        (ISSUED, "[{hosts: [a], secretName: cert}, {hosts: [b], secretName: cert}]", set()),
        (ISSUED, "[{hosts: [a]}]", set()),
    ],
)
def test_cert_manager_issues_for_an_ingress(annotations: str, tls: str, names: set[str]) -> None:
    data: dict[str, Any] = {
        "metadata": {"name": "i", "namespace": "shop", "annotations": yaml.safe_load(annotations)},
        "spec": {"tls": yaml.safe_load(tls), "defaultBackend": {"service": {"name": "a", "port": {"number": 80}}}},
    }
    assert issued_for(Ingress.model_validate(data)) == names
