"""Dual-stack Pods: a port is open where both IP families let it pass, closed where both deny, and else not told.

A packet carries addresses of one family, so each family is read by itself from the specification (`specification.py`)
with Pods that have only their addresses of it.
"""

from dataclasses import replace
from itertools import cycle
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from designer.engine.controlplane.enforcement import CALICO, CILIUM
from designer.engine.controlplane.state import PodState
from designer.engine.policy.matchers import Peer
from designer.engine.policy.matrix import Connectivity, MatrixPeer, connectivity
from designer.engine.policy.ports import ALL_PORTS, NO_PORTS
from designer.engine.reach import Explanation, Reach, explanations
from designer.model import PodSpec
from tests.engine.policy import test_calico_specification as calico
from tests.engine.policy.agreement import plain_policies
from tests.engine.policy.cluster import Cluster, cluster, pod, policy
from tests.engine.policy.foreign import foreign, tiered
from tests.engine.policy.specification import allowed
from tests.engine.policy.test_against_specification import NAMESPACES, PORT_SPECS, labels, namespaces, policies
from tests.engine.policy.test_matrix_and_checks import PROBES, cluster_of, explained, people
from tests.engine.policy.test_matrix_and_checks import members_of as single_stack

OUT_OF_ALL_OVER_FOUR = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"
OUT_OF_ALL_OVER_BOTH = """
podSelector: {}
policyTypes: [Egress]
egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "::/0"}}]}]
"""
INTO_ALL_OVER_SIX = '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: "::/0"}}]}]}'


def two(name: str, number: int, *addresses: str) -> PodState:
    """A Pod with an address of each family, or these."""
    return replace(pod(f"a/{name}"), ips=addresses or (f"10.1.0.{number}", f"fd00:1::{number}"))


WEB, DB = two("web", 1), two("db", 2)


class Asked:
    """The matrix of a cluster, asked by names."""

    def __init__(self, c: Cluster) -> None:
        self.cluster = c
        self.matrix: Connectivity = connectivity(c.project, c.control, c.policies)
        self.peers: dict[str, MatrixPeer] = {peer.text: peer for peer in self.matrix.peers}

    def cell(self, src: str, dst: str) -> tuple[Any, Any]:
        """What is open for sure, and what cannot be told; the row says the same."""
        ends = self.peers[src], self.peers[dst]
        found = self.matrix.ports(*ends), self.matrix.undecided(*ends)
        place = self.matrix.layout.index[dst]
        row = self.matrix.table[int(self.matrix.numbers(ends[0])[place])]
        open_row = self.matrix.table[int(self.matrix.undecided_numbers(ends[0])[place])]
        assert (row, open_row) == found
        return found

    def why(self, src: str, dst: str) -> list[Explanation]:
        every = explanations(Reach(self.matrix, self.cluster.policies, (), ()))
        return [one for one in every if (one.src, one.dst) == (src, dst)]


def test_egress_to_all_of_ipv4_alone_cannot_be_told_between_dual_stack_pods() -> None:
    asked = Asked(cluster(policy(OUT_OF_ALL_OVER_FOUR), pods=(WEB, DB)))
    assert asked.cell("a/web[Pod]", "a/db[Pod]") == (NO_PORTS, ALL_PORTS)
    (why,) = asked.why("a/web[Pod]", "a/db[Pod]")
    assert why.allowed is None
    assert why.egress.verdict == "cannot-tell"
    assert why.egress.policies == ("NetworkPolicy a/p",)
    assert why.egress.reason.startswith("over IPv4: policy a/p, egress rule 1")
    assert "Over IPv6: a/web is isolated for egress by a/p; no rule matches." in why.egress.reason
    assert why.ingress.verdict == "default"


def test_a_trace_names_the_address_and_is_told() -> None:
    c = cluster(policy(OUT_OF_ALL_OVER_FOUR), pods=(WEB, DB))
    assert c.egress(WEB, Peer.of_pod(DB, "10.1.0.2")).value == "allowed"
    assert c.egress(WEB, Peer.of_pod(DB, "fd00:1::2")).value == "denied"
    asked = c.egress(WEB, DB)
    assert asked.value == "cannot-tell"
    assert asked.reason.startswith("over IPv4: Allowed: ")
    assert " Over IPv6: Denied: " in asked.reason


def test_ranges_talk_over_their_own_family() -> None:
    asked = Asked(cluster(policy(OUT_OF_ALL_OVER_FOUR), pods=(WEB, DB)))
    four, six = (one.text for one in asked.matrix.peers if one.is_range)
    assert asked.cell("a/web[Pod]", four) == (ALL_PORTS, NO_PORTS)
    assert asked.cell("a/web[Pod]", six) == (NO_PORTS, NO_PORTS)


def test_egress_to_all_of_both_families_is_open() -> None:
    asked = Asked(cluster(policy(OUT_OF_ALL_OVER_BOTH), pods=(WEB, DB)))
    assert asked.cell("a/web[Pod]", "a/db[Pod]") == (ALL_PORTS, NO_PORTS)
    (why,) = asked.why("a/web[Pod]", "a/db[Pod]")
    assert (why.allowed, why.egress.verdict) == (True, "allow")


def test_ends_that_let_different_families_pass_are_closed() -> None:
    """Over IPv4 the destination denies, over IPv6 the source: no packet arrives."""
    found = (policy(OUT_OF_ALL_OVER_FOUR, "out"), policy(INTO_ALL_OVER_SIX, "in"))
    asked = Asked(cluster(*found, pods=(WEB, DB)))
    assert asked.cell("a/web[Pod]", "a/db[Pod]") == (NO_PORTS, NO_PORTS)
    (why,) = asked.why("a/web[Pod]", "a/db[Pod]")
    assert why.allowed is False
    assert "Over IPv6:" in why.egress.reason
    assert "over IPv4:" in why.ingress.reason


def test_pods_of_one_family_are_told() -> None:
    """With a dual-stack Pod they talk over the one that they have."""
    old, new = two("old", 3, "10.1.0.3"), two("new", 4, "fd00:1::4")
    asked = Asked(cluster(policy(OUT_OF_ALL_OVER_FOUR), pods=(WEB, old, new)))
    assert asked.cell("a/web[Pod]", "a/old[Pod]") == (ALL_PORTS, NO_PORTS)
    assert asked.cell("a/old[Pod]", "a/web[Pod]") == (ALL_PORTS, NO_PORTS)
    assert asked.cell("a/web[Pod]", "a/new[Pod]") == (NO_PORTS, NO_PORTS)
    assert asked.cell("a/new[Pod]", "a/web[Pod]") == (NO_PORTS, NO_PORTS)


def test_a_pod_without_an_address_yet_may_get_one_of_each_family() -> None:
    """What is denied over IPv6 alone cannot be told of a Pod that may talk over either."""
    soon = replace(two("soon", 5), ips=())
    c = cluster(policy(OUT_OF_ALL_OVER_FOUR), pods=(WEB, soon))
    assert c.egress(soon, WEB).value == "cannot-tell"
    assert Asked(c).cell("a/soon[Pod]", "a/web[Pod]") == (NO_PORTS, ALL_PORTS)


def test_a_host_network_pod_sends_over_each_family_from_its_address_of_it() -> None:
    """Over IPv4 its packets carry no address of IPv6, so a block of those does not hold them."""
    host = replace(two("host", 6, "192.0.2.6", "2001:db8::6"), node="n2")
    host = replace(host, spec=PodSpec.model_validate({"hostNetwork": True}))
    c = cluster(policy(INTO_ALL_OVER_SIX), pods=(WEB, host))
    assert c.ingress(WEB, Peer.of_pod(host, "2001:db8::6")).value == "allowed"
    assert c.ingress(WEB, Peer.of_pod(host, "192.0.2.6")).value == "denied"
    assert c.ingress(WEB, host).value == "cannot-tell"
    assert Asked(c).cell("a/host[Pod]", "a/web[Pod]") == (NO_PORTS, ALL_PORTS)


def test_pods_without_the_other_family_are_noted() -> None:
    old = two("old", 3, "10.1.0.3")
    assert Asked(cluster(pods=(WEB, DB))).matrix.notes == ()
    (note,) = Asked(cluster(pods=(WEB, old))).matrix.notes
    assert note.startswith("a/old: no address of the other IP family")


def test_an_engine_whose_blocks_mean_no_pods_tells() -> None:
    """Cilium knows Pods by identity: no block of either family means one, so nothing parts the families."""
    asked = Asked(cluster(policy(OUT_OF_ALL_OVER_BOTH), pods=(WEB, DB), enforcement=CILIUM))
    assert asked.cell("a/web[Pod]", "a/db[Pod]") == (NO_PORTS, NO_PORTS)
    assert asked.matrix.columns.split is None


def test_the_own_addresses_of_a_pod_count_over_the_family_of_the_packet() -> None:
    """Calico's ``source.nets`` in an egress rule is about the Pod itself: over IPv6 it is in no net of IPv4."""
    spec = {
        "selector": "all()",
        "types": ["Egress"],
        "egress": [{"action": "Allow", "source": {"nets": ["10.1.0.0/16"]}}],
    }
    c = tiered(foreign(calico.V3, "GlobalNetworkPolicy", "own", spec), pods=(WEB, DB), enforcement=CALICO)
    assert c.egress(WEB, Peer.of_pod(DB, "10.1.0.2")).value == "allowed"
    assert c.egress(WEB, Peer.of_pod(DB, "fd00:1::2")).value == "denied"
    asked = Asked(c)
    assert asked.cell("a/web[Pod]", "a/db[Pod]") == (NO_PORTS, ALL_PORTS)
    every = [one.text for one in asked.matrix.peers if one.is_range]
    four, six = every[0], every[-1]
    assert ":" not in four
    assert ":" in six
    assert asked.cell("a/web[Pod]", four) == (ALL_PORTS, NO_PORTS)
    assert asked.cell("a/web[Pod]", six) == (NO_PORTS, NO_PORTS)


OF_SIX = {
    "10.0.0.0/8": "fd00::/16",
    "10.1.0.0/16": "fd00:1::/32",
    "10.1.2.0/24": "fd00:1:2::/48",
    "203.0.113.0/24": "2001:db8::/32",
    "203.0.113.64/26": "2001:db8:64::/48",
    "0.0.0.0/0": "::/0",
}
dual_people = st.lists(
    st.tuples(
        st.sampled_from(NAMESPACES), labels, st.sampled_from(PORT_SPECS), st.integers(0, 3), st.sampled_from((4, 6, 46))
    ),
    min_size=2,
    max_size=5,
)
flips = st.lists(st.booleans(), min_size=1, max_size=6)


def with_blocks_of_six(value: Any, turns: Any) -> Any:
    """The same rules with some of the blocks, by turns, made ones of IPv6."""
    if isinstance(value, list):
        return [with_blocks_of_six(one, turns) for one in value]
    if not isinstance(value, dict):
        return value
    if "cidr" in value and next(turns):
        outs = [OF_SIX[out] for out in value.get("except", ())]
        return {"cidr": OF_SIX[value["cidr"]], **({"except": outs} if outs else {})}
    return {key: with_blocks_of_six(one, turns) for key, one in value.items()}


def addressed(one: PodState, block: int, number: int, families: int) -> PodState:
    """The Pod with addresses of these families."""
    both = {"4": f"10.1.{block}.{number + 20}", "6": f"fd00:1:{block}::{number + 20}"}
    return replace(one, ips=tuple(both[digit] for digit in str(families)))


def over(one: PodState, family: int) -> PodState | None:
    """The Pod with its addresses of one family; None where it has none."""
    kept = tuple(address for address in one.ips if (":" in address) == (family == 6))
    return replace(one, ips=kept) if kept else None


def told_of(said: list[bool | None]) -> bool | None:
    """What the families come to together."""
    return said[0] if len(set(said)) == 1 else None


RANDOM = settings(max_examples=60, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow], deadline=None)


@RANDOM
@given(policies, dual_people, namespaces, flips)
def test_the_matrix_says_what_the_specification_says_of_each_family(
    found: Any, who: Any, spaces: Any, turns: Any
) -> None:
    made = plain_policies(with_blocks_of_six(found, cycle(turns)))
    members = [
        addressed(pod(f"{space}/w{n}", had, spec=spec), block, n, families)
        for n, (space, had, spec, block, families) in enumerate(who)
    ]
    c = cluster(*made, pods=members, namespaces=spaces)
    matrix = connectivity(c.project, c.control, c.policies)
    told = explained(c, matrix)
    by_id = {peer.id: peer for peer in matrix.peers if peer.id}
    for source in members:
        for target in members:
            if source is target:
                continue
            ends = [(over(source, family), over(target, family)) for family in (4, 6)]
            pairs = [(a, b) for a, b in ends if a is not None and b is not None]
            left, right = by_id[source.id], by_id[target.id]
            sure, unsure = matrix.ports(left, right), matrix.undecided(left, right)
            for protocol, number in PROBES if pairs else ():
                expected = told_of(
                    [
                        allowed(made, spaces, "egress", a, b, protocol, number)
                        and allowed(made, spaces, "ingress", b, a, protocol, number)
                        for a, b in pairs
                    ]
                )
                cell = True if (protocol, number) in sure else None if (protocol, number) in unsure else False
                assert cell is expected, (left.text, right.text, protocol, number)
                said = [one for ports, one in told[(left.text, right.text)] if (protocol, number) in ports]
                assert said == [expected], (left.text, right.text, protocol, number)
        for far in (peer for peer in matrix.peers if peer.is_range):
            one = over(source, 6 if ":" in far.text else 4)
            if one is None:
                continue
            for address in far.text.split("-"):
                out = allowed(made, spaces, "egress", one, address, "TCP", 80)
                into = allowed(made, spaces, "ingress", one, address, "TCP", 80)
                assert (("TCP", 80) in matrix.ports(by_id[source.id], far)) is out
                assert (("TCP", 80) in matrix.ports(far, by_id[source.id])) is into
            assert not matrix.undecided(by_id[source.id], far)


def asked_over(c: Cluster, src: PodState, dst: PodState, family: int, protocol: str, port: int) -> bool | None:
    """What the checks of a trace say, which name the addresses of one family."""
    ends = []
    for direction, subject, other in (("egress", src, dst), ("ingress", dst, src)):
        (address,) = (one for one in other.ips if (":" in one) == (family == 6))
        ends.append(c.policies.check(direction, subject, Peer.of_pod(other, address), protocol, port).passes)  # type: ignore[arg-type]
    return False if False in ends else None if None in ends else True


ENGINES = (CALICO, replace(CALICO, ip_block_matches_pods=None), replace(CALICO, pod_to_node_allowed=False))


@RANDOM
@given(calico.calico, policies, people, namespaces, st.sampled_from(ENGINES), flips)
def test_the_matrix_says_what_traces_say_of_each_family(
    found: Any, plain: Any, who: Any, spaces: Any, engine: Any, turns: Any
) -> None:
    """Also with hostNetwork Pods, Calico's tiers and nets, and an engine of which it is not known what blocks mean."""
    members = [
        replace(one, ips=(*one.ips, one.ips[0].replace("10.1.", "fd00:1:").replace(".", "::"))) if turn else one
        for one, turn in zip(single_stack(who), cycle(turns), strict=False)
    ]
    kept = []
    for n, one in enumerate(found):
        kind = "NetworkPolicy" if one.namespace else "GlobalNetworkPolicy"
        kept.append(foreign(calico.V3, kind, f"c{n}", one.spec(), one.namespace))
    kept += [
        foreign(calico.V3, "Tier", name, {"order": calico.ORDERS[name], **({} if shut else {"defaultAction": "Pass"})})
        for name, shut in calico.TIERS
        if name in calico.ORDERS
    ]
    c = cluster_of(kept, with_blocks_of_six(plain, cycle(turns)), members, spaces, engine)
    matrix = connectivity(c.project, c.control, c.policies)
    told = explained(c, matrix)
    by_id = {peer.id: peer for peer in matrix.peers if peer.id}
    for source in members:
        for target in members:
            if source is target:
                continue
            left, right = by_id[source.id], by_id[target.id]
            sure, unsure = matrix.ports(left, right), matrix.undecided(left, right)
            families = [4, 6] if len(source.ips) == len(target.ips) == 2 else [4]
            for protocol, port in PROBES:
                expected = told_of([asked_over(c, source, target, family, protocol, port) for family in families])
                cell = True if (protocol, port) in sure else None if (protocol, port) in unsure else False
                assert cell is expected, (left.text, right.text, protocol, port)
                said = [one for ports, one in told[(left.text, right.text)] if (protocol, port) in ports]
                assert said == [expected], (left.text, right.text, protocol, port)
