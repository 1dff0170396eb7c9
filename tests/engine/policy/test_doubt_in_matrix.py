"""What a rule of a tier leaves open is open in the matrix too, port by port, and nothing beyond it.

Authority: `domain/cluster-network-policy.md` 2, row "Unknown peer" (an unknown peer fails closed), and the checks'
own rule that a way which may match leaves two ends (`domain/policies.md` sections 5 to 7).
"""

from typing import Any

import pytest

from designer.engine.controlplane.enforcement import CALICO, CILIUM, Enforcement
from designer.engine.policy.matrix import connectivity
from designer.engine.policy.tiers import tier_policies
from designer.model import ForeignObject
from tests.engine.policy.cluster import pod
from tests.engine.policy.foreign import CNP, foreign, tiered

DB = pod("shop/db", {"app": "db"}, "10.1.0.1", "n1")
WEB = pod("shop/web", {"app": "web"}, "10.1.0.2", "n2")
HOST = pod("shop/host", {}, "192.0.2.2", "n2", {"hostNetwork": True})
SHOP = {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}
TWO = (80, 81)


def admin(*rules: dict[str, Any]) -> ForeignObject:
    spec = {"tier": "Admin", "priority": 1, "subject": SHOP, "ingress": list(rules)}
    return foreign(CNP, "ClusterNetworkPolicy", "p", spec)


def calico(*rules: dict[str, Any]) -> ForeignObject:
    return foreign("projectcalico.org/v3", "NetworkPolicy", "p", {"selector": "all()", "ingress": list(rules)}, "shop")


def cilium(*rules: dict[str, Any]) -> ForeignObject:
    return foreign("cilium.io/v2", "CiliumNetworkPolicy", "p", {"endpointSelector": {}, "ingress": list(rules)}, "shop")


def tcp(number: int) -> dict[str, Any]:
    return {"protocols": [{"tcp": {"destinationPort": {"number": number}}}]}


def of_kind(action: str, **more: Any) -> dict[str, Any]:
    return {"action": action, **more}


ODD: dict[str, Any] = {"from": [{"planets": {}}]}
METHODS = {"http": {"methods": ["GET"]}}
TO_80 = {"protocol": "TCP", "destination": {"ports": [80]}}
LAYER_7 = [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"method": "GET"}]}}]


@pytest.mark.parametrize(
    ("kept", "engine", "expected"),
    [
        # Fails closed: a Pass or Deny that nobody can read may be a denial of everything.
        (admin(of_kind("Pass", **ODD)), CALICO, "??"),
        (admin(of_kind("Deny", **ODD, **tcp(80))), CALICO, "??"),
        # An Accept that nobody can read matches nothing or what it says: open by default either way.
        (admin(of_kind("Accept", **ODD, **tcp(80)), of_kind("Deny", **{"from": [SHOP]})), CALICO, "?-"),
        (admin(of_kind("Accept", **ODD, **tcp(80))), CALICO, "++"),
        # A rule before it that is read decides for its ports.
        (admin(of_kind("Accept", **{"from": [SHOP]}, **tcp(80)), of_kind("Deny", **ODD)), CALICO, "+?"),
        # Calico: the tier closes for whom no rule lets in, so a match about requests leaves just its port open.
        (calico(of_kind("Allow", **TO_80, **METHODS)), CALICO, "?-"),
        (calico(of_kind("Deny", **TO_80, **METHODS), of_kind("Allow")), CALICO, "?+"),
        (calico(of_kind("Pass", **METHODS), of_kind("Deny")), CALICO, "??"),
        # To log is no verdict: the rules behind it decide.
        (calico(of_kind("Log"), of_kind("Allow", **TO_80)), CALICO, "+-"),
        (calico(of_kind("Log")), CALICO, "--"),
        (cilium({"fromEndpoints": [{}], "toPorts": LAYER_7}), CILIUM, "?-"),
    ],
)  # fmt: skip
def test_the_matrix_leaves_open_what_the_check_leaves_open(
    kept: ForeignObject, engine: Enforcement, expected: str
) -> None:
    """From the web Pod to the database at two ports: open (+), closed (-), not told (?)."""
    c = tiered(kept, pods=(DB, WEB, HOST), namespaces={"shop": {}}, enforcement=engine)
    assert "NP-90" not in {problem.code for problem in c.policies.problems}
    values = {"allowed": "+", "denied": "-", "cannot-tell": "?"}
    assert "".join(values[c.ingress(DB, WEB, port).value] for port in TWO) == expected
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers}
    sure, unsure = (ask(by_id[WEB.id], by_id[DB.id]) for ask in (matrix.ports, matrix.undecided))
    assert "".join("+" if ("TCP", n) in sure else "?" if ("TCP", n) in unsure else "-" for n in TWO) == expected
    # The API text: a Pod with hostNetwork is never a subject, so none of this is about it.
    assert c.ingress(HOST, WEB).value == "allowed"
    assert not any(c.policies.concerns(policy, HOST) for policy in tier_policies(c.policies.tiers))
    assert matrix.ports(by_id[WEB.id], by_id[HOST.id]).text() == "all connections"
