"""Labels of EndpointSlices that the controller makes: `setEndpointSliceLabels` of k8s.io/endpointslice (utils.go)."""

import pytest

from tests.engine.controlplane.clusters import nodes, project, service, state_of

NAME = "kubernetes.io/service-name"
MANAGER = "endpointslice.kubernetes.io/managed-by"
HEADLESS = "service.kubernetes.io/headless"
OWN = {NAME: "web", MANAGER: "endpointslice-controller.k8s.io"}


@pytest.mark.parametrize(
    ("given", "cluster_ip", "labels"),
    [
        ({"team": "x"}, None, {"team": "x", **OWN}),
        ({"team": "x"}, "None", {"team": "x", **OWN, HEADLESS: ""}),
        # The three that the controller keeps for itself are not taken over from the Service.
        ({NAME: "other", MANAGER: "me", HEADLESS: "yes"}, None, OWN),
        ({HEADLESS: "yes"}, "None", {**OWN, HEADLESS: ""}),
        # A Service for another proxy: its slices say so too, so kube-proxy sees neither.
        (
            {"service.kubernetes.io/service-proxy-name": "mine"},
            None,
            {"service.kubernetes.io/service-proxy-name": "mine", **OWN},
        ),
    ],
)
def test_labels_are_the_services_but_for_the_reserved_ones(
    given: dict[str, str], cluster_ip: str | None, labels: dict[str, str]
) -> None:
    spec = {"clusterIP": cluster_ip} if cluster_ip else {}
    start = project(*nodes(1), service("web", metadata={"labels": given}, selector={"app": "web"}, **spec))
    (found,) = state_of(start).slices["Service:default/web"]
    assert dict(found.labels) == labels
