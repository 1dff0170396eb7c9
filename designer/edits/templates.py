"""Templates: small working designs that are added in one step, each in a namespace of its own with a free name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designer.edits import shapes
from designer.edits.create import create
from designer.edits.edit import Edit, refusal, refused
from designer.edits.names import names_of, numbered
from designer.model import IngressClass, IngressController, KubeObject, Node, Project, Service

PREFIX = "Template:"
ZONE_LABEL = "topology.kubernetes.io/zone"
DB_PORT = 5432
# What a policy's Pods have to be let out to when names are to be found: the cluster's DNS (domain/policies.md).
DNS_NAMESPACE = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
DNS_PORTS = [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
Objects = list[KubeObject]


@dataclass(frozen=True, slots=True)
class Template:
    """A design: its words, what it is for, and what makes its objects (the first is selected afterwards)."""

    name: str
    label: str
    description: str
    make: Callable[[Project, str], tuple[Project, Objects]]
    namespace: str

    @property
    def kind(self) -> str:
        """Its name among the kinds of the palette: ``Template:three-tier``."""
        return f"{PREFIX}{self.name}"


def add_template(project: Project, name: str) -> Edit:
    """The edit that adds everything of a template, a key of `TEMPLATES`; two Nodes as well where there is none."""
    found = TEMPLATES.get(name.removeprefix(PREFIX))
    if found is None:
        problem = refusal("EDIT-12", f"There is no template {name}", fix=f"Choose one of {', '.join(TEMPLATES)}.")
        return refused("Add template", project, problem)
    namespace = numbered(found.namespace, set(project.namespaces()))
    begun, made = found.make(project, namespace)
    label = {"kubernetes.io/metadata.name": namespace}
    changed = begun.with_objects([shapes.build("Namespace", namespace, labels=label), *made])
    if not changed.of(Node):
        changed = changed.with_objects(_nodes(changed, ("", "")))
    return Edit(f"Add {found.label}", changed, None, tuple(obj.id for obj in made[:1]))


def _nodes(project: Project, zones: Sequence[str]) -> Objects:
    taken = names_of(project, ("Node",), "")
    nodes: Objects = []
    for zone in zones:
        name = numbered("node-1", taken)
        taken.add(name)
        labels = {"kubernetes.io/hostname": name, **({ZONE_LABEL: zone} if zone else {})}
        nodes.append(shapes.build("Node", name, labels=labels))
    return nodes


# --- parts


def _app(namespace: str, name: str, calls: Mapping[str, str] | None = None, replicas: int = 2) -> Objects:
    """A Deployment with its Service on port 80; `calls` are environment variables that name what it calls."""
    labels = {"app": name}
    made_of = shapes.container(name)
    if calls:
        made_of["env"] = [{"name": key, "value": value} for key, value in calls.items()]
    ports = [shapes.service_port(80, shapes.PORT_NAME, shapes.PORT_NAME)]
    return [
        shapes.build("Deployment", name, namespace, labels, spec=shapes.workload_spec(labels, replicas, made_of)),
        shapes.build("Service", name, namespace, labels, spec={"selector": labels, "ports": ports}),
    ]


def _database(namespace: str) -> Objects:
    """A StatefulSet of one Pod with the headless Service that gives it its name."""
    labels = {"app": "db"}
    made_of = shapes.container("db", "postgres:17", {"postgres": DB_PORT})
    ports = [shapes.service_port(DB_PORT, "postgres", "postgres")]
    spec = {"serviceName": "db", **shapes.workload_spec(labels, 1, made_of)}
    headless = {"clusterIP": "None", "selector": labels, "ports": ports}
    return [
        shapes.build("StatefulSet", "db", namespace, labels, spec=spec),
        shapes.build("Service", "db", namespace, labels, spec=headless),
    ]


def _policy(namespace: str, name: str, app: str, **spec: Any) -> KubeObject:
    """A NetworkPolicy for the Pods of an app, for all Pods with ""."""
    selector = {"matchLabels": {"app": app}} if app else {}
    types = [word for word, key in (("Ingress", "ingress"), ("Egress", "egress")) if key in spec]
    return shapes.build("NetworkPolicy", name, namespace, spec={"podSelector": selector, "policyTypes": types, **spec})


def _pods(app: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": {"app": app}}}


def _deny(namespace: str) -> Objects:
    """Nothing in or out but names: what everything else is an exception of."""
    dns = [{"to": [DNS_NAMESPACE], "ports": DNS_PORTS}]
    return [
        _policy(namespace, "default-deny", "", ingress=[], egress=[]),
        _policy(namespace, "allow-dns", "", egress=dns),
    ]


# --- designs


def _three_tiers(project: Project, namespace: str) -> tuple[Project, Objects]:
    web = _app(namespace, "web", {"API_URL": "http://api"})
    api = _app(namespace, "api", {"DATABASE": f"db:{DB_PORT}"})
    return project, [*web, *api, *_database(namespace)]


def _guarded(project: Project, namespace: str) -> tuple[Project, Objects]:
    _begun, tiers = _three_tiers(project, namespace)
    http, postgres = [{"port": shapes.PORT}], [{"port": DB_PORT}]
    rules = [
        _policy(namespace, "web", "web", ingress=[{"ports": http}], egress=[{"to": [_pods("api")], "ports": http}]),
        _policy(
            namespace,
            "api",
            "api",
            ingress=[{"from": [_pods("web")], "ports": http}],
            egress=[{"to": [_pods("db")], "ports": postgres}],
        ),
        _policy(namespace, "db", "db", ingress=[{"from": [_pods("api")], "ports": postgres}]),
    ]
    return project, [*tiers, *_deny(namespace), *rules]


def _tls(project: Project, namespace: str) -> tuple[Project, Objects]:
    """An app behind an Ingress with TLS, of the first class there is; with a controller where there is no class."""
    if not project.of(IngressClass):
        project = _reachable(create(project, "IngressController").project)
    class_name = project.of(IngressClass)[0].name
    host = f"{namespace}.example.com"
    spec = {
        "ingressClassName": class_name,
        "tls": [{"hosts": [host], "secretName": f"{namespace}-tls"}],
        "rules": [shapes.ingress_rule(host, "web", {"number": 80})],
    }
    ingress = shapes.build("Ingress", "web", namespace, spec=spec)
    return project, [ingress, *_app(namespace, "web")]


def _reachable(project: Project) -> Project:
    """The project in which controllers are reached by node port where nothing hands out load balancer addresses."""
    if project.cluster.loadBalancer.pools:
        return project
    services = [project.find(Service, found.spec.service or "") for found in project.of(IngressController)]
    waiting = [service for service in services if service is not None and service.spec.type == "LoadBalancer"]
    changed = [{**service.dump(), "spec": {**service.dump()["spec"], "type": "NodePort"}} for service in waiting]
    return project.with_objects([Service.model_validate(data) for data in changed])


def _denied(project: Project, namespace: str) -> tuple[Project, Objects]:
    return project, _deny(namespace)


def _zones(project: Project, namespace: str) -> tuple[Project, Objects]:
    """Three Nodes in three zones, and an app whose callers stay in their own zone (`trafficDistribution`)."""
    deployment, service = _app(namespace, "web", replicas=3)
    data = service.dump()
    data["spec"]["trafficDistribution"] = "PreferClose"
    close = type(service).model_validate(data)
    client = shapes.build(
        "Deployment",
        "caller",
        namespace,
        {"app": "caller"},
        spec=shapes.workload_spec(
            {"app": "caller"}, 3, {**shapes.container("caller"), "env": [{"name": "WEB_URL", "value": "http://web"}]}
        ),
    )
    return project, [deployment, close, client, *_nodes(project, ("zone-a", "zone-b", "zone-c"))]


_ALL = (
    Template("three-tier", "Three-tier app", "Web, API and database, each with its Service.", _three_tiers, "shop"),
    Template(
        "guarded",
        "App with policies",
        "The same three tiers, with everything denied but the calls between them and names.",
        _guarded,
        "guarded",
    ),
    Template(
        "tls", "Ingress with TLS", "An app with an Ingress for HTTPS, and a controller if none is there.", _tls, "site"
    ),
    Template("deny", "Default deny", "A namespace with nothing in or out but DNS; add what may pass.", _denied, "team"),
    Template(
        "zones", "Zones", "Three Nodes in three zones, and an app whose callers prefer their own.", _zones, "zonal"
    ),
)
TEMPLATES: dict[str, Template] = {template.name: template for template in _ALL}
