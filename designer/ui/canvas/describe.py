"""ClusterState → facts of single objects, shared by the views. No rule of Kubernetes: only how things are worded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import NodeState, PodState, ServiceState
from designer.engine.policy import DIRECTIONS, CompiledPolicy, Direction
from designer.model import (
    EMPTY_MAP,
    Canvas,
    ExternalClient,
    ExternalHost,
    FrozenMap,
    Ingress,
    IngressClass,
    IngressController,
    NetworkPolicy,
    Problem,
    replaces_kube_proxy,
    split_id,
)
from designer.model.staging import is_staged
from designer.present.kept_policies import STANDING_WORDS, KeptPolicy, kept_policies
from designer.present.words import zone_words
from designer.ui.canvas.facts import (
    BALANCER,
    NO_BADGE,
    OUTSIDE,
    TRAY,
    Badge,
    BalancerFacts,
    ControllerFacts,
    NoteFacts,
    OutsideFacts,
    PodBoxFacts,
    PolicyFacts,
    RuleRow,
    ServiceFacts,
    UnservedFacts,
)
from designer.ui.kit.tokens import tint_indexes

Memo = dict[Any, Any]

# How the plugins and their backends are written.
CNI_WORDS = {"calico": "Calico", "flannel": "Flannel", "weave": "Weave Net", "cilium": "Cilium"}
BACKEND_WORDS = {
    "vxlan": "VXLAN",
    "ipip": "IP-in-IP",
    "bgp": "BGP",
    "geneve": "Geneve",
    "fastdp": "fast datapath",
    "ebpf": "eBPF, VXLAN",
    "ebpf-vxlan-crosssubnet": "eBPF, VXLAN across subnets",
    "ebpf-ipip": "eBPF, IP-in-IP",
    "ebpf-ipip-crosssubnet": "eBPF, IP-in-IP across subnets",
    "ebpf-bgp": "eBPF, BGP",
}


# So few Pods that differ are put in their places; for more, all are sorted out anew.
FEW = 2_000


def by_node(
    pods: FrozenMap[str, PodState],
    before: FrozenMap[str, PodState] = EMPTY_MAP,
    known: Mapping[str | None, tuple[PodState, ...]] = EMPTY_MAP,
) -> dict[str | None, tuple[PodState, ...]]:
    """The Pods of each Node in their order; `known` are those of `before`: what differs from it is made anew."""
    gone, changed = pods.differing(before)
    if not before or len(gone) + len(changed) > FEW:
        found: dict[str | None, list[PodState]] = {}
        for pod in pods.values():
            found.setdefault(pod.node, []).append(pod)
        return {node: tuple(those) for node, those in found.items()}
    nodes = {before[oid].node for oid in (*gone, *changed) if oid in before} | {pods[oid].node for oid in changed}
    touched = {*gone, *changed}
    result = dict(known)
    for node in nodes:
        staying = [pod for pod in known.get(node, ()) if pod.id not in touched]
        result[node] = tuple(sorted([*staying, *(pods[oid] for oid in changed if pods[oid].node == node)], key=_id_of))
        if not result[node]:
            del result[node]
    return result


def _id_of(pod: PodState) -> str:
    return pod.id


def badges_of(problems: Iterable[Problem]) -> dict[str, Badge]:
    """The badge of each object that problems name; notes ("info") give none."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.object and problem.severity != "info":
            found.setdefault(problem.object, []).append(problem)
    badges = {}
    for oid, those in found.items():
        worst = min(those, key=lambda problem: problem.sort_key)
        badges[oid] = Badge(worst.severity, len(those), worst.title, worst.code)
    return badges


@dataclass(frozen=True)
class Describer:
    """Facts of the objects of one state; what several of them need is worked out once.

    `memo` goes from one state to the next: what was worked out from values that are the very same is used again.
    """

    state: ClusterState
    problems: tuple[Problem, ...] = ()
    memo: Memo = field(default_factory=dict)

    @cached_property
    def badges(self) -> Mapping[str, Badge]:
        """Badges by object id."""
        return badges_of((*self.state.problems, *self.problems))

    @cached_property
    def tints(self) -> Mapping[str, int]:
        """The place of each namespace in the palette."""
        return tint_indexes(self.state.project.namespaces())

    def with_canvas(self, canvas: Canvas) -> Describer:
        """The same with another drawing; what was worked out about the cluster is kept."""
        project = replace(self.state.project, canvas=canvas)
        copy = Describer(replace(self.state, project=project), self.problems, self.memo)
        for name in ("badges", "tints", "pods_by_node", "_policies", "kept_policies"):
            if name in self.__dict__:
                copy.__dict__[name] = self.__dict__[name]
        return copy

    def badge(self, oid: str) -> Badge:
        """The badge of one object."""
        return self.badges.get(oid, NO_BADGE)

    @cached_property
    def pods_by_node(self) -> Mapping[str | None, tuple[PodState, ...]]:
        """The Pods of each Node, None for those without; by namespace and name."""
        pods = self.state.control.pods
        known = self.memo.get("pods by node")
        if known is None or known[0] is not pods:
            known = self.memo["pods by node"] = (pods, by_node(pods, *(known or (EMPTY_MAP, {}))))
        found: Mapping[str | None, tuple[PodState, ...]] = known[1]
        return found

    @cached_property
    def pods_by_owner(self) -> Mapping[str, int]:
        """How many Pods each workload has (one for a Pod that stands for itself)."""
        return Counter(pod.owner or pod.id for pod in self.state.control.pods.values())

    def node(self, node: NodeState) -> PodBoxFacts:
        """A Node with its Pods; the very same facts as before where nothing differs that they come from."""
        reads = (node, self.pods_by_node.get(node.name, ()), self.badge(node.id), self.state.project.cluster)
        memo = self.memo.setdefault("nodes", {})
        known = memo.get(node.id)
        if known is None or known[0][2] != reads[2] or any(known[0][place] is not reads[place] for place in (0, 1, 3)):
            known = memo[node.id] = (reads, self._node(node, reads[1]))
        found: PodBoxFacts = known[1]
        return found

    def _node(self, node: NodeState, pods: tuple[PodState, ...]) -> PodBoxFacts:
        # Where its Pods' addresses come from: a plugin with blocks of its own (Calico) does not use the podCIDRs.
        ranges = node.blocks or node.pod_cidrs
        cidrs = " ".join(ranges[:2]) + (f" +{len(ranges) - 2}" if len(ranges) > 2 else "")
        corner = " · ".join(part for part in (cidrs, zone_words(node.zone)) if part)
        return PodBoxFacts(
            node.id,
            "node",
            node.name,
            node.addresses[0] if node.addresses else "no address",
            corner if node.ready else f"not ready · {corner}".rstrip(" ·"),
            replaces_kube_proxy(self.state.project.cluster) or "kube-proxy",
            pods,
            node.ready,
            badge=self.badge(node.id),
        )

    def tray(self) -> PodBoxFacts | None:
        """The Pods that no Node runs, None when there are none."""
        pods = self.pods_by_node.get(None, ())
        if not pods:
            return None
        reasons = list(dict.fromkeys(pod.pending for pod in pods if pod.pending))
        why = reasons[0] if len(reasons) == 1 else f"{len(reasons)} reasons" if reasons else "no Node"
        return PodBoxFacts(TRAY, "tray", "Pending", why, "", "", pods, ready=False)

    def workload(self, oid: str, pods: tuple[PodState, ...]) -> PodBoxFacts:
        """A workload (or a Pod that stands for itself) with its Pods."""
        kind, namespace, name = split_id(oid)
        ready = sum(pod.ready for pod in pods)
        return PodBoxFacts(
            oid, "workload", name, kind, f"{ready} of {len(pods)} ready", "", pods, True, namespace, self.badge(oid)
        )

    def service(self, service: ServiceState) -> ServiceFacts:
        """A Service with the address and port that it is called by."""
        return ServiceFacts(
            service.id,
            service.name,
            service_line(service),
            service.type,
            service.namespace,
            self.tints.get(service.namespace, 0),
            self.badge(service.id),
        )

    def balancer(self, service: ServiceState) -> BalancerFacts | None:
        """The load balancer of a Service of that type, None for others."""
        if service.type != "LoadBalancer":
            return None
        addresses = [entry.ip or entry.hostname or "" for entry in service.load_balancer]
        ports = ",".join(str(port.port) for port in service.ports[:2])
        line = f"{addresses[0]}:{ports}" if addresses else "no address"
        oid = f"{BALANCER}:{service.namespace}/{service.name}"
        return BalancerFacts(oid, service.id, "Load balancer", line, service.pending, self.badge(service.id))

    def controller(self, controller: IngressController) -> ControllerFacts:
        """An Ingress controller with the rules that it serves."""
        routes = self.state.routes.controllers.get(controller.id)
        rows: list[RuleRow] = []
        for ingress_id in routes.ingresses if routes else ():
            ingress = self.state.project.find(Ingress, ingress_id)
            if ingress is not None:
                rows += rule_rows(ingress)
        line = " · ".join(part for part in (self._class_of(controller), self._entry_of(controller)) if part)
        return ControllerFacts(
            controller.id, controller.name, line or controller.spec.profile, tuple(rows), self.badge(controller.id)
        )

    def _class_of(self, controller: IngressController) -> str:
        routes = self.state.routes.controllers.get(controller.id)
        string = routes.controller if routes else controller.spec.controller
        names = [c.name for c in self.state.project.of(IngressClass) if c.spec.controller == string]
        return f"class {', '.join(names)}" if names else ""

    def _entry_of(self, controller: IngressController) -> str:
        service = self.state.control.services.get(controller.spec.service or "")
        if service is None:
            return ""
        for entry in service.load_balancer:
            return entry.ip or entry.hostname or ""
        return service.cluster_ips[0] if service.cluster_ips else ""

    def unserved(self, ingress_id: str, reason: str) -> UnservedFacts | None:
        """An Ingress without controller."""
        ingress = self.state.project.find(Ingress, ingress_id)
        if ingress is None:
            return None
        return UnservedFacts(ingress.id, ingress.name, reason, tuple(rule_rows(ingress)), self.badge(ingress.id))

    def policy(self, policy: NetworkPolicy) -> PolicyFacts:
        """A NetworkPolicy with the directions in which it isolates."""
        compiled = self._policies.get(policy.id)
        ways = [] if compiled is None else [way for way in DIRECTIONS if compiled.rules(way) is not None]
        staged = STANDING_WORDS["staged"] if is_staged(policy) else ""
        return PolicyFacts(
            policy.id,
            policy.name,
            policy.namespace,
            self.tints.get(policy.namespace, 0),
            staged or (self._enforced(ways) if compiled else "refused by the API server"),
            self.badge(policy.id),
            idle=compiled is None or self._idle(ways),
            staged=bool(staged),
        )

    def _idle(self, ways: Iterable[str]) -> bool:
        """Whether the network plugin enforces no policy of these directions."""
        return not any(self.state.policies.enforcement.enforces(way) for way in ways)

    def _enforced(self, ways: list[Direction]) -> str:
        """``ingress + egress``; ``not enforced · ingress`` where the network plugin does nothing about it."""
        words = " + ".join(ways)
        return f"not enforced · {words}" if self._idle(ways) else words

    @cached_property
    def kept_policies(self) -> tuple[PolicyFacts, ...]:
        """The policies of other kinds: ClusterNetworkPolicy, those of Calico and Cilium."""
        return tuple(
            PolicyFacts(
                one.id,
                one.name,
                one.namespace,
                self.tints.get(one.namespace, 0),
                # The kind would be cut off; a reader hears it with the name.
                STANDING_WORDS["staged"] if one.standing == "staged" else one.line,
                self.badge(one.id),
                one.kind,
                one.standing != "enforced",
                one.standing == "staged",
            )
            for one in self._kept()
        )

    def _kept(self) -> tuple[KeptPolicy, ...]:
        """The kept policies; those of the last time where nothing that they come from differs."""
        policies = self.state.policies
        reads = (self.state.project.foreign, policies.tiers, policies.unread, policies.ignored, policies.problems)
        known = self.memo.get("kept policies")
        if known is None or any(new is not old for new, old in zip(reads, known[0], strict=True)):
            known = self.memo["kept policies"] = (reads, kept_policies(self.state))
        found: tuple[KeptPolicy, ...] = known[1]
        return found

    @cached_property
    def _policies(self) -> Mapping[str, CompiledPolicy]:
        return {policy.id: policy for policy in self.state.policies.all()}

    def outside(self) -> tuple[OutsideFacts, ...]:
        """Clients and hosts outside the cluster, then the rest of the world."""
        project = self.state.project
        clients = [("client", client.id, client.name, client.spec) for client in project.of(ExternalClient)]
        hosts = [("host", host.id, host.name, host.spec) for host in project.of(ExternalHost)]
        found = [
            OutsideFacts(oid, role, name, address_line(spec.addresses), self.badge(oid))
            for role, oid, name, spec in (*clients, *hosts)
        ]
        return (*found, OutsideFacts(OUTSIDE, "world", "Outside", "any address"))

    def notes(self) -> tuple[NoteFacts, ...]:
        """The notes on the canvas."""
        notes = self.state.project.canvas.notes
        return tuple(NoteFacts(oid, notes[oid].text, notes[oid].w, notes[oid].h) for oid in sorted(notes))

    def cluster_line(self) -> str:
        """One line about the cluster: ranges, network plugin, what answers for Services."""
        cluster = self.state.project.cluster
        plugin = CNI_WORDS.get(cluster.cni.plugin, cluster.cni.plugin)
        backend = BACKEND_WORDS.get(cluster.cni.backend, cluster.cni.backend)
        pods, services = " ".join(cluster.podCIDRs), " ".join(cluster.serviceCIDRs)
        proxy = "no kube-proxy" if replaces_kube_proxy(cluster) else cluster.kubeProxy.mode
        return f"{cluster.name} · pods {pods} · services {services} · {plugin} {backend} · {proxy}"


def address_line(addresses: tuple[str, ...]) -> str:
    """The first address, and how many more there are."""
    if not addresses:
        return "no address"
    return addresses[0] if len(addresses) == 1 else f"{addresses[0]} +{len(addresses) - 1}"


def service_line(service: ServiceState) -> str:
    """What a Service is called by: ``10.96.0.10:53``; "headless", or the name that it stands for."""
    if service.external_name:
        return f"→ {service.external_name}"
    ports = list(dict.fromkeys(str(port.port) for port in service.ports))
    shown = ",".join(ports[:2]) + ("…" if len(ports) > 2 else "")
    if service.headless:
        return f"headless:{shown}" if shown else "headless"
    if not service.cluster_ips:
        return "no address"
    address = service.cluster_ips[0]
    return f"[{address}]:{shown}" if ":" in address else f"{address}:{shown}"


def rule_rows(ingress: Ingress) -> list[RuleRow]:
    """The rules of an Ingress as rows, the default backend last."""
    rows = []
    for rule in ingress.spec.rules:
        host = rule.host or "*"
        for path in rule.http.paths if rule.http else ():
            backend = path.backend.service
            service = f"Service:{ingress.namespace}/{backend.name}" if backend else ""
            rows.append(RuleRow(ingress.id, f"{host}{_spaced(path.path)}", service))
    backend = ingress.spec.defaultBackend.service if ingress.spec.defaultBackend else None
    if backend is not None:
        rows.append(RuleRow(ingress.id, "everything else", f"Service:{ingress.namespace}/{backend.name}"))
    return rows or [RuleRow(ingress.id, "no rules")]


def _spaced(path: str | None) -> str:
    return f" {path}" if path else " /"
