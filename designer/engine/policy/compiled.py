"""NetworkPolicies as the evaluator reads them: defaults filled in, texts parsed, lines of the source attached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.controlplane.sources import source_line
from designer.engine.policy.matchers import BlockMatch, PeerMatch, PodMatch, PortMatch
from designer.engine.policy.ports import MAX_PORT, MIN_PORT
from designer.engine.policy.validate import Network, findings, parse_cidr
from designer.model import LabelSelector, NetworkPolicy, Problem, Project
from designer.model.networking import NetworkPolicyPeer, NetworkPolicyPort

Direction = Literal["ingress", "egress"]
DIRECTIONS: tuple[Direction, ...] = ("ingress", "egress")

# The API server refuses the object: a finding of our own, beside the catalogue of `domain/pitfalls.md`.
REFUSED = "NP-90"
# Since this version new objects may not hold CIDRs with host bits or leading zeros (KEP-4858).
STRICT_CIDR_VERSION = (1, 36)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule: peers OR-ed (empty: any peer) AND ports OR-ed (empty: any port), with the lines of rule and peers."""

    index: int
    peers: tuple[PeerMatch, ...]
    ports: tuple[PortMatch, ...]
    line: int = 0
    peer_lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy. `ingress` and `egress` are None where the policy does not isolate in that direction."""

    id: str
    namespace: str
    name: str
    selector: LabelSelector
    ingress: tuple[CompiledRule, ...] | None
    egress: tuple[CompiledRule, ...] | None
    file: str = ""
    line: int = 0

    def rules(self, direction: Direction) -> tuple[CompiledRule, ...] | None:
        """The rules of one direction, None where the policy says nothing about it."""
        return self.ingress if direction == "ingress" else self.egress

    def doubt(self, engine: Enforcement) -> str:
        """Why it is not sure that the engine takes this policy at all; "" where it does (`domain/cni.md`, features)."""
        ports = [port for rule in (*(self.ingress or ()), *(self.egress or ())) for port in rule.ports]
        if not engine.named_ports and any(port.name for port in ports):
            return f"{engine.engine} refuses policies with named ports"
        if not engine.end_port and any(port.is_range for port in ports):
            return f"{engine.engine} does not know endPort"
        return ""

    @property
    def text(self) -> str:
        """``shop/allow-web``."""
        return f"{self.namespace}/{self.name}"


def policy_types(policy: NetworkPolicy) -> tuple[str, ...]:
    """The directions that a policy isolates: Ingress, and Egress only where a rule for it exists, unless it says so."""
    spec = policy.spec
    return spec.policyTypes or (("Ingress", "Egress") if spec.egress else ("Ingress",))


def compile_policy(project: Project, policy: NetworkPolicy) -> tuple[CompiledPolicy | None, tuple[Problem, ...]]:
    """The compiled policy, or None with an error for everything that the API server refuses in it."""
    found = findings(policy, _strict_cidrs(project, policy))
    if found:
        return None, tuple(_refused(project, policy, path, said, fix) for path, said, fix in found)
    types = policy_types(policy)
    file, line = source_line(project, policy.id)
    inward = [(rule.from_, rule.ports, f"spec.ingress[{i}]", "from") for i, rule in enumerate(policy.spec.ingress)]
    outward = [(rule.to, rule.ports, f"spec.egress[{i}]", "to") for i, rule in enumerate(policy.spec.egress)]

    def rules(
        raw: list[tuple[tuple[NetworkPolicyPeer, ...], tuple[NetworkPolicyPort, ...], str, str]],
    ) -> tuple[CompiledRule, ...]:
        return tuple(
            CompiledRule(
                index,
                tuple(_peer(policy.namespace, peer) for peer in peers),
                tuple(map(_port, ports)),
                source_line(project, policy.id, path)[1],
                tuple(source_line(project, policy.id, f"{path}.{word}[{k}]")[1] for k in range(len(peers))),
            )
            for index, (peers, ports, path, word) in enumerate(raw)
        )

    return (
        CompiledPolicy(
            policy.id,
            policy.namespace,
            policy.name,
            policy.spec.podSelector,
            rules(inward) if "Ingress" in types else None,
            rules(outward) if "Egress" in types else None,
            file,
            line,
        ),
        (),
    )


def _strict_cidrs(project: Project, policy: NetworkPolicy) -> bool:
    """Whether the API server refuses sloppy CIDRs in it: not where a uid shows that it already took the object."""
    parts = project.cluster.kubernetesVersion.lstrip("v").split(".")
    numbers = tuple(int(part) if part.isdecimal() else 0 for part in parts[:2])
    return numbers >= STRICT_CIDR_VERSION and not policy.metadata.uid


def _refused(project: Project, policy: NetworkPolicy, path: str, said: str, fix: str) -> Problem:
    file, line = source_line(project, policy.id, path)
    return Problem(
        REFUSED,
        "error",
        f"NetworkPolicy {policy.namespace}/{policy.name}: {path} {said}",
        policy.id,
        path,
        "The API server refuses this object, so it does not exist in the cluster and is left out here.",
        fix,
        file,
        line,
    )


def _peer(namespace: str, peer: NetworkPolicyPeer) -> PeerMatch:
    if peer.ipBlock is None:
        return PodMatch(namespace, peer.namespaceSelector, peer.podSelector)
    return BlockMatch(_network(peer.ipBlock.cidr), tuple(map(_network, peer.ipBlock.except_)))


def _network(text: str) -> Network:
    network = parse_cidr(text)
    assert network is not None, "validated before"
    return network


def _port(port: NetworkPolicyPort) -> PortMatch:
    protocol = port.protocol or "TCP"
    if port.port is None:
        return PortMatch(protocol, MIN_PORT, MAX_PORT)
    if isinstance(port.port, str):
        return PortMatch(protocol, name=port.port)
    return PortMatch(protocol, port.port, port.endPort or port.port, is_range=port.endPort is not None)
