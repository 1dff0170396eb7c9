"""The repeated groups of the forms: ports, containers, taints, rules; and the notes that are computed beside fields."""

from __future__ import annotations

from typing import Any

from designer.engine.compile import ClusterState
from designer.present.match_notes import (
    MatchNote,
    label_selector_note,
    namespace_selector_note,
    port_chain_note,
    service_selector_note,
)
from designer.present.port_chain import Chain, port_chain
from designer.ui.panels.inspector.fields import Cell, Data, Group, Note, Options

PROTOCOLS: Options = ((None, "TCP"), ("TCP", "TCP"), ("UDP", "UDP"), ("SCTP", "SCTP"))


def selected_by_service(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
    """How many Pods a Service selects."""
    if data.get("spec", {}).get("type") == "ExternalName":
        return MatchNote("")
    return service_selector_note(state, namespace, value)


def selected_by_policy(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
    """How many Pods of its namespace a policy selects."""
    return label_selector_note(state, namespace, value)


def pods_of_workload(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
    """How many Pods a workload's selector matches; a plain map counts as matchLabels."""
    plain = value is not None and not ({"matchLabels", "matchExpressions"} & set(value)) and bool(value)
    return label_selector_note(state, namespace, {"matchLabels": value} if plain else value)


def _chain(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
    spec = data.get("spec", {})
    # Without selector, or as an alias, the chain itself says all that there is to say.
    if not spec.get("selector") or spec.get("type") == "ExternalName":
        return MatchNote("")
    return port_chain_note(state, namespace, spec["selector"], value)


def _steps(state: ClusterState, namespace: str, data: Data, value: Any) -> Chain:
    return port_chain(state, namespace, str(data.get("metadata", {}).get("name", "")), data.get("spec", {}), value)


def _fresh_port(ports: list[Data]) -> Data:
    """A port that no other entry has; with a name where there are others, since then each one needs a name."""
    numbers = [port.get("port") for port in ports]
    number = next(n for n in (80, 443, 8080, 8443, *range(9000, 65536)) if n not in numbers)
    if not ports:
        return {"port": number}
    names = [port.get("name") for port in ports]
    return {"name": next(f"port-{n}" for n in range(len(ports) + 1, 65536) if f"port-{n}" not in names), "port": number}


def _any_pod(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
    return label_selector_note(state, None, value)


def _namespaces(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
    return namespace_selector_note(state, value)


def _peer(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
    """A peer in words, since what an absent selector means is easily mistaken."""
    if value.get("ipBlock"):
        return MatchNote("")
    pods, spaces = value.get("podSelector"), value.get("namespaceSelector")
    if pods is None and spaces is None:
        return MatchNote("Say which Pods, which namespaces, or an address range.", "warning")
    where = "of this namespace" if spaces is None else "of those namespaces"
    return MatchNote(f"{'All' if not pods else 'Those'} Pods {where}.")


def _rule(word: str, way: str) -> Note:
    def note(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
        parts = [] if value.get(word) else [f"{way} anywhere"]
        parts += [] if value.get("ports") else ["on every port"]
        return MatchNote(f"Allows traffic {' '.join(parts)}." if parts else "", "warning" if len(parts) == 2 else "ok")

    return note


def given_cluster_ip(state: ClusterState, oid: str) -> str:
    """The ClusterIP that a Service was given."""
    service = state.control.services.get(oid)
    return f"{service.cluster_ips[0]} (given)" if service is not None and service.cluster_ips else ""


def given_pod_cidrs(state: ClusterState, oid: str) -> str:
    """The podCIDRs that a Node was given."""
    node = state.control.nodes.get(oid.partition(":")[2])
    return f"{', '.join(node.pod_cidrs)} (given)" if node is not None and node.pod_cidrs else ""


KEY_VALUES = Group("entry", (Cell("key", "key", "mono", stretch=3), Cell("value", "value", "mono", stretch=2)))
TAINTS = Group(
    "taint",
    (
        Cell("key", "Key", "mono"),
        Cell("value", "Value", "mono"),
        Cell(
            "effect",
            "Effect",
            "choice",
            1,
            options=(
                (None, "NoSchedule"),
                ("NoSchedule", "NoSchedule"),
                ("PreferNoSchedule", "PreferNoSchedule"),
                ("NoExecute", "NoExecute"),
            ),
        ),
    ),
    titled=True,
    fresh={"key": "dedicated", "value": "example", "effect": "NoSchedule"},
)
TOLERATIONS = Group(
    "toleration",
    (
        Cell("key", "Key", "mono"),
        Cell(
            "operator",
            "Operator",
            "choice",
            options=((None, "Equal (default)"), ("Equal", "Equal"), ("Exists", "Exists")),
        ),
        Cell("value", "Value", "mono", 1),
        Cell(
            "effect",
            "Effect",
            "choice",
            1,
            options=(
                (None, "any effect"),
                ("NoSchedule", "NoSchedule"),
                ("PreferNoSchedule", "PreferNoSchedule"),
                ("NoExecute", "NoExecute"),
            ),
        ),
    ),
    titled=True,
    fresh={"operator": "Exists"},
)
CONTAINER_PORTS = Group(
    "port",
    (
        Cell("containerPort", "port", "int", stretch=3),
        Cell("name", "name", "mono", stretch=4),
        Cell("protocol", "protocol", "choice", stretch=3, options=PROTOCOLS),
        Cell("hostPort", "host port", "int", 1, 3, placeholder="host port"),
        Cell("hostIP", "host IP", "mono", 1, 4, placeholder="host IP"),
    ),
)
CONTAINERS = Group(
    "container",
    (
        Cell("name", "Name", "mono"),
        Cell("image", "Image", "mono", 1),
        Cell("ports", "Ports", line=2, group=CONTAINER_PORTS),
    ),
    titled=True,
    fresh={"name": "app", "image": "nginxinc/nginx-unprivileged:stable"},
)
INIT_CONTAINERS = Group(
    "init container",
    (
        *CONTAINERS.cells,
        Cell(
            "restartPolicy", "Runs", "choice", 3,
            options=((None, "once, before the others"), ("Always", "on, beside the others (sidecar)")),
        ),
    ),
    titled=True,
    fresh={"name": "init", "image": "busybox:stable"},
)  # fmt: skip
DNS_OPTIONS = Group(
    "option",
    (Cell("name", "name", "mono", placeholder="ndots"), Cell("value", "value", "mono", placeholder="none")),
)
HOST_ALIASES = Group(
    "line",
    (Cell("ip", "address", "mono", stretch=2), Cell("hostnames", "names", "list", stretch=3)),
    fresh={"ip": "192.0.2.10", "hostnames": ["legacy.example.com"]},
)
NODE_ADDRESSES = Group(
    "address",
    (
        Cell(
            "type",
            "type",
            "choice",
            stretch=1,
            options=(("InternalIP", "InternalIP"), ("ExternalIP", "ExternalIP"), ("Hostname", "Hostname")),
        ),
        Cell("address", "address", "mono", stretch=1),
    ),
    empty="None given: the Node gets the next address of the Nodes' network.",
)
CONDITIONS = Group(
    "condition",
    (
        Cell("type", "type", "mono", placeholder="Ready"),
        Cell("status", "status", "choice", options=(("True", "True"), ("False", "False"), ("Unknown", "Unknown"))),
    ),
)
SERVICE_PORTS = Group(
    "port",
    (
        Cell("port", "Port", "int", 0, 3),
        Cell("targetPort", "Target port", "port", 0, 4, placeholder="same"),
        Cell("protocol", "Protocol", "choice", 0, 4, options=PROTOCOLS),
        Cell("name", "Name", "mono", 1, placeholder="needed with several"),
        Cell("nodePort", "Node port", "int", 1, placeholder="given"),
        Cell("appProtocol", "App protocol", "mono", 2, placeholder="not set"),
    ),
    titled=True,
    note=_chain,
    chain=_steps,
    fresh=_fresh_port,
    empty="A Service without ports leads nowhere, unless it is headless.",
)
ENDPOINTS = Group(
    "endpoint",
    (
        Cell("addresses", "Addresses", "list"),
        Cell("nodeName", "Node", "mono", 1),
        Cell("hostname", "Hostname", "mono", 1),
        Cell(
            "conditions.ready", "Ready", "choice", 2, options=((None, "ready"), (True, "ready"), (False, "not ready"))
        ),
        Cell("zone", "Zone", "mono", 2),
        Cell(
            "conditions.serving",
            "Serving",
            "choice",
            3,
            options=((None, "as ready"), (True, "serving"), (False, "not serving")),
        ),
        Cell(
            "conditions.terminating",
            "Terminating",
            "choice",
            3,
            options=((None, "not terminating"), (True, "terminating"), (False, "not terminating")),
        ),
    ),
    titled=True,
    fresh={"addresses": ["192.0.2.10"]},
)
ENDPOINT_PORTS = Group(
    "port",
    (
        Cell("port", "port", "int", stretch=3),
        Cell("name", "name", "mono", stretch=4),
        Cell("protocol", "protocol", "choice", stretch=3, options=PROTOCOLS),
        Cell("appProtocol", "app protocol", "mono", 1),
    ),
)
PATHS = Group(
    "path",
    (
        Cell("path", "Path", "mono"),
        Cell(
            "pathType",
            "Path type",
            "choice",
            options=(
                (None, "not set"),
                ("Prefix", "Prefix"),
                ("Exact", "Exact"),
                ("ImplementationSpecific", "ImplementationSpecific"),
            ),
        ),
        Cell("backend.service.name", "Service", "mono", 1, 3),
        Cell("backend.service.port", "Port", "backend-port", 1, 2),
    ),
    titled=True,
    fresh={"path": "/", "pathType": "Prefix"},
)
PATH_RULES = Group(
    "rule",
    (Cell("host", "Host", "mono", placeholder="any host"), Cell("http.paths", "Paths", line=1, group=PATHS)),
    titled=True,
    fresh={"http": {"paths": [{"path": "/", "pathType": "Prefix"}]}},
)
TLS = Group(
    "TLS entry",
    (Cell("hosts", "Hosts", "list"), Cell("secretName", "Secret", "mono", 1)),
    titled=True,
    fresh={"hosts": ["shop.example.com"]},
)
PEERS = Group(
    "peer",
    (
        Cell("podSelector", "Pods", "selector", 0, placeholder="app=web", note=None),
        Cell("namespaceSelector", "Namespaces", "selector", 1, placeholder="this namespace", note=_namespaces),
        Cell("ipBlock.cidr", "Address range", "mono", 2, placeholder="10.0.0.0/8"),
        Cell("ipBlock.except", "Except", "list", 2),
    ),
    titled=True,
    note=_peer,
    fresh={"podSelector": {}},
)
POLICY_PORTS = Group(
    "port",
    (
        Cell("port", "port or name", "port", stretch=4),
        Cell("endPort", "to port", "int", stretch=3),
        Cell("protocol", "protocol", "choice", stretch=3, options=PROTOCOLS),
    ),
)
INGRESS_RULES = Group(
    "ingress rule",
    (Cell("from", "From", group=PEERS), Cell("ports", "Ports", line=1, group=POLICY_PORTS)),
    titled=True,
    note=_rule("from", "from"),
    fresh={"from": [{"podSelector": {}}]},
    empty="No rule: where the policy isolates Ingress, nothing comes in.",
)
EGRESS_RULES = Group(
    "egress rule",
    (Cell("to", "To", group=PEERS), Cell("ports", "Ports", line=1, group=POLICY_PORTS)),
    titled=True,
    note=_rule("to", "to"),
    fresh={"to": [{"podSelector": {}}]},
    empty="No rule: where the policy isolates Egress, nothing goes out.",
)
POOLS = Group(
    "pool",
    (Cell("name", "name", "mono", stretch=2), Cell("addresses", "addresses", "list", stretch=3)),
    empty="No pool: Services of type LoadBalancer stay pending.",
)
