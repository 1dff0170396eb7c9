"""Calico's policies evaluated slowly and literally from Calico's documentation; shares nothing with the engine.

Selectors are given as pairs of their text and of what they mean, so that nothing here reads the language. Only pods and
outside addresses are ends. All orders are different, and none is that of NetworkPolicies.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from designer.engine.controlplane.state import PodState
from designer.model import NetworkPolicy
from tests.engine.policy import specification
from tests.engine.policy.specification import End, selected

Meaning = Callable[[Mapping[str, str]], bool]

SELECTORS: dict[str, Meaning] = {
    "all()": lambda have: True,
    "app == 'x'": lambda have: have.get("app") == "x",
    "app != 'x'": lambda have: have.get("app") != "x",
    "has(tier)": lambda have: "tier" in have,
    "!has(tier) || app in {'y'}": lambda have: "tier" not in have or have.get("app") == "y",
    "app not in {'x', 'z'} && has(app)": lambda have: have.get("app") not in ("x", "z", None),
    "tier starts with 'x' || app contains 'y'": lambda have: (
        have.get("tier", "").startswith("x") or "y" in have.get("app", "")
    ),
}
ALL_PORTS = range(1, 65536)


@dataclass
class Entity:
    """Source or destination of a rule."""

    selector: str = ""
    not_selector: str = ""
    namespace_selector: str = ""
    nets: list[str] = field(default_factory=list)
    not_nets: list[str] = field(default_factory=list)

    def fields(self) -> dict[str, Any]:
        given = {
            "selector": self.selector, "notSelector": self.not_selector, "namespaceSelector": self.namespace_selector,
            "nets": self.nets, "notNets": self.not_nets,
        }  # fmt: skip
        return {key: value for key, value in given.items() if value}

    def means(self, end: End, own: str, spaces: dict[str, dict[str, str]]) -> bool:
        pod = None if isinstance(end, str) else end
        address = ipaddress.ip_address(end if isinstance(end, str) else end.ips[0])
        if self.selector or self.namespace_selector or (own and self.not_selector):
            if pod is None:
                return False
            if self.selector and not SELECTORS[self.selector](pod.labels):
                return False
            if self.namespace_selector:
                if not SELECTORS[self.namespace_selector](spaces.get(pod.namespace, {})):
                    return False
            elif own and pod.namespace != own:
                return False
        if self.not_selector and pod is not None and SELECTORS[self.not_selector](pod.labels):
            return False
        if self.nets and not any(address in ipaddress.ip_network(net) for net in self.nets):
            return False
        return not any(address in ipaddress.ip_network(net) for net in self.not_nets)


@dataclass
class Rule:
    action: str
    source: Entity
    destination: Entity
    protocol: str = ""
    ports: list[str] = field(default_factory=list)
    not_ports: list[int] = field(default_factory=list)

    def fields(self) -> dict[str, Any]:
        there = self.destination.fields()
        if self.protocol and self.ports:
            there["ports"] = [int(port) if port.isdigit() else port for port in self.ports]
        elif self.protocol and self.not_ports:
            there["notPorts"] = self.not_ports
        made: dict[str, Any] = {"action": self.action, "source": self.source.fields(), "destination": there}
        return {**made, "protocol": self.protocol} if self.protocol else made

    def matches(self, source: End, target: End, own: str, protocol: str, port: int, spaces: Any) -> bool:
        if self.protocol and self.protocol != protocol:
            return False
        if self.protocol and self.ports:
            ranges = [one.split(":") for one in self.ports]
            if not any(int(pair[0]) <= port <= int(pair[-1]) for pair in ranges):
                return False
        elif self.protocol and port in self.not_ports:
            return False
        return self.source.means(source, own, spaces) and self.destination.means(target, own, spaces)


@dataclass
class Policy:
    tier: str
    order: float
    namespace: str
    selector: str
    ingress: list[Rule] | None
    egress: list[Rule] | None

    def spec(self) -> dict[str, Any]:
        types = [name for name, rules in (("Ingress", self.ingress), ("Egress", self.egress)) if rules is not None]
        made: dict[str, Any] = {"tier": self.tier, "order": self.order, "selector": self.selector, "types": types}
        for name, rules in (("ingress", self.ingress), ("egress", self.egress)):
            if rules:
                made[name] = [rule.fields() for rule in rules]
        return made

    def governs(self, direction: str, pod: PodState) -> bool:
        rules = self.ingress if direction == "ingress" else self.egress
        inside = not self.namespace or self.namespace == pod.namespace
        return rules is not None and inside and SELECTORS[self.selector](pod.labels)


def allowed(
    tiers: list[tuple[str, bool]], found: list[Policy], policies: list[NetworkPolicy],
    spaces: dict[str, dict[str, str]], direction: str, subject: PodState, end: End, protocol: str, port: int,
) -> bool:  # fmt: skip
    """`tiers` are their names in order, each with whether it denies at its end."""
    source, target = (end, subject) if direction == "ingress" else (subject, end)
    word = "Ingress" if direction == "ingress" else "Egress"
    for tier, closes in tiers:
        governing = [one for one in found if one.tier == tier and one.governs(direction, subject)]
        asked: list[tuple[float, Policy | None]] = [(one.order, one) for one in governing]
        isolated = any(
            policy.namespace == subject.namespace
            and selected(policy.spec.podSelector, dict(subject.labels))
            and word in (policy.spec.policyTypes or (("Ingress", "Egress") if policy.spec.egress else ("Ingress",)))
            for policy in policies
        )
        if tier == "default" and isolated:
            asked.append((1000, None))
        said = ""
        for _, one in sorted(asked, key=lambda pair: pair[0]):
            if one is None:
                if specification.allowed(policies, spaces, direction, subject, end, protocol, port):
                    said = "Allow"
            else:
                rules = (one.ingress if direction == "ingress" else one.egress) or []
                hits = (r for r in rules if r.matches(source, target, one.namespace, protocol, port, spaces))
                said = next((r.action for r in hits if r.action != "Log"), "")
            if said:
                break
        if said in ("Allow", "Deny"):
            return said == "Allow"
        if not said and asked and closes:
            return False
    return True
