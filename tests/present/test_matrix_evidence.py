"""The evidence of a cell: verdict, deciding rule and its line at each end, and what the others said."""

from __future__ import annotations

from designer.engine.compile import compile_project
from designer.engine.policy.ports import NO_PORTS
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.present.matrix_evidence import PairEvidence, pair_evidence
from designer.present.matrix_request import asked_of
from designer.present.matrix_table import MatrixTable
from tests.present.matrix_cluster import POLICIES, WORKLOADS, node, project_of, shop_state, table_of


def evidence(table: MatrixTable, src: str, dst: str) -> tuple[PairEvidence, ...]:
    source, target = table.end(node(table, src)), table.end(node(table, dst))
    assert source is not None and target is not None
    return tuple(pair_evidence(table.found, source, target))


def test_the_deciding_rule_is_named_with_its_line() -> None:
    opened, closed = evidence(table_of(shop_state()), "shop/cart", "data/redis")
    assert (opened.value, opened.ports.text()) == ("allowed", "TCP 6379")
    egress, ingress = opened.ends
    assert egress.decided is None and "no policy selects" in egress.sentence
    assert ingress.decided is not None
    assert (ingress.decided.name, ingress.decided.path) == ("NetworkPolicy data/redis", "spec.ingress[0].from[0]")
    file, _, line = ingress.decided.place.partition(":")
    text = "---\n".join((*WORKLOADS, POLICIES)).splitlines()
    assert file == "all.yaml" and "namespaceSelector" in text[int(line) - 1]
    assert (closed.value, closed.ports.text()) == ("denied", "TCP 1-6378, TCP 6380-65535, UDP all, SCTP all")


def test_a_denial_says_what_every_policy_said() -> None:
    second = POLICIES.split("---\n")[0].replace("name: redis,", "name: other,").replace("6379", "9999")
    table = table_of(compile_project(project_of(*WORKLOADS, POLICIES, second)))
    (closed,) = [one for one in evidence(table, "shop/web", "data/redis") if one.value == "denied"]
    ingress = closed.ends[1]
    assert ingress.decided is None
    assert [one.name for one in ingress.others] == ["NetworkPolicy data/other", "NetworkPolicy data/redis"]
    assert all(one.words.startswith("does not match: ") for one in ingress.others)


def test_a_policy_of_a_tier_decides_with_its_own_path() -> None:
    tier = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: no-redis}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: data}}}
  ingress:
  - {name: stop, action: Deny, from: [{namespaces: {}}]}
"""
    table = table_of(compile_project(project_of(*WORKLOADS, POLICIES, tier, plugin="calico")))
    (closed,) = evidence(table, "shop/cart", "data/redis")
    decided = closed.ends[1].decided
    assert closed.value == "denied" and decided is not None
    assert decided.name == "ClusterNetworkPolicy no-redis"
    assert decided.path.startswith("spec.ingress[0]")
    assert "NetworkPolicy data/redis" in [one.name for one in closed.ends[1].others]


def test_evidence_and_cell_never_differ() -> None:
    for policies in (POLICIES, POLICIES.replace("[{port: 6379}]", "[{port: 6379, endPort: 6400}]")):
        for plugin in ("calico", "weave", "cilium", "flannel"):
            table = table_of(compile_project(project_of(*WORKLOADS, policies, plugin=plugin)))
            names = [entry.shown for entry in table.entries if entry.is_workload]
            for src in names:
                for dst in names:
                    if src != dst:
                        _agree(table, src, dst)


def _agree(table: MatrixTable, src: str, dst: str) -> None:
    opened = unclear = NO_PORTS
    for one in evidence(table, src, dst):
        if one.value == "allowed":
            opened |= one.ports
        elif one.value == "cannot-tell":
            unclear |= one.ports
    assert opened == table.ports(node(table, src), node(table, dst)), (src, dst)
    assert unclear - opened == table.unclear(node(table, src), node(table, dst)), (src, dst)


def test_a_traced_cell_ends_as_the_cell_says() -> None:
    state = shop_state()
    table = table_of(state)
    verdicts = {}
    for src, dst in (("shop/cart", "data/redis"), ("shop/web", "data/redis"), ("watch/prober", "shop/cart")):
        asked = asked_of(table, node(table, src), node(table, dst))
        assert asked is not None
        result, _ = ask(state, Request(asked.source, asked.destination))
        assert result is not None
        verdicts[src, dst] = result.verdict
    assert list(verdicts.values()) == ["delivered", "denied", "denied"]
