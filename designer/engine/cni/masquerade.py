"""The plugin's own rules in nat POSTROUTING, as a typed program that runs after kube-proxy's.

Source: `domain/cni.md` section 5. Only addresses decide here; which source a packet gets is MASQUERADE's business:
that of the interface it leaves by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from designer.engine.cni.profile import CniProfile
from designer.engine.cni.ranges import contains, of_family
from designer.engine.controlplane.state import Family, NodeState, PodState
from designer.engine.netfilter.ipset import IpSet
from designer.engine.netfilter.matches import AddrType, Comment, Destination, InSet, MarkIs, Match, OutInterface, Source
from designer.engine.netfilter.program import Chain, Program, Rule, Table, built_in_chains
from designer.engine.netfilter.targets import Jump, Masquerade, Return, Target
from designer.model import ClusterSettings

MULTICAST: dict[int, str] = {4: "224.0.0.0/4", 6: "ff00::/8"}
Built = tuple[tuple[Chain, ...], dict[str, IpSet]]


def masquerade_program(
    profile: CniProfile, settings: ClusterSettings, pods: Iterable[PodState], node: NodeState, family: Family
) -> Program:
    """The plugin's POSTROUTING rules on `node`, whose Pods are `pods`; a program without tables where it has none."""
    build = BUILDERS.get(profile.masquerade)
    if build is None or family not in profile.families:
        return Program(family, node.name, ())
    chains, sets = build(profile, settings, pods, node, family)
    if not chains:
        return Program(family, node.name, ())
    entry = Rule((Comment(f"{profile.plugin} masquerade"),), Jump(chains[0].name))
    built_in = built_in_chains("nat", {"POSTROUTING": (entry,)})
    return Program(family, node.name, (Table("nat", (*built_in, *chains)),), sets)


def _flannel(
    profile: CniProfile, settings: ClusterSettings, pods: Iterable[PodState], node: NodeState, family: Family
) -> Built:
    """FLANNEL-POSTRTG: six rules in Flannel's order, the first leaving kube-proxy's marked packets to kube-proxy."""
    cluster, own = of_family(profile.pools, family), of_family(node.pod_cidrs, family)
    if not cluster or not own:
        return (), {}
    bit = 1 << settings.kubeProxy.masqueradeBit
    whole, here = cluster[0], own[0]
    out = Masquerade(random_fully=True)
    lines: tuple[tuple[tuple[Match, ...], Target], ...] = (
        ((MarkIs(bit, bit),), Return()),
        ((Source(here), Destination(whole)), Return()),
        ((Source(whole), Destination(here)), Return()),
        ((Source(whole, negated=True), Destination(here)), Return()),
        ((Source(whole), Destination(MULTICAST[family], negated=True)), out),
        ((Source(whole, negated=True), Destination(whole)), out),
    )
    rules = tuple(Rule((*matches, Comment("flanneld masq")), target) for matches, target in lines)
    return (Chain("FLANNEL-POSTRTG", rules),), {}


def _calico(
    profile: CniProfile, settings: ClusterSettings, pods: Iterable[PodState], node: NodeState, family: Family
) -> Built:
    """cali-POSTROUTING: from a pool with natOutgoing to anything outside all pools, then the tunnel's own rule.

    The second is for the node's own packets that were translated towards a tunnel after they had chosen a source: they
    get the tunnel's address (Felix' static NAT chains).
    """
    pools = of_family(profile.pools, family)
    wrap = profile.encapsulation(family)
    rules: list[Rule] = []
    chains: list[Chain] = []
    sets: dict[str, IpSet] = {}
    if profile.nat_outgoing and pools:
        masq, all_pools = f"cali{family}0masq-ipam-pools", f"cali{family}0all-ipam-pools"
        out = Rule((InSet(masq, ("src",)), InSet(all_pools, ("dst",), negated=True)), Masquerade(random_fully=True))
        chains.append(Chain("cali-nat-outgoing", (out,)))
        rules.append(Rule((), Jump("cali-nat-outgoing")))
        sets = {name: IpSet(name, "hash:net", pools, family) for name in (masq, all_pools)}
    if wrap is not None:
        wrong = AddrType("src", negated=True, limit_out=True)
        rules.append(Rule((OutInterface(wrap.device), wrong, AddrType("src")), Masquerade(random_fully=True)))
    return ((Chain("cali-POSTROUTING", tuple(rules)), *chains), sets) if rules else ((), {})


def _weave(
    profile: CniProfile, settings: ClusterSettings, pods: Iterable[PodState], node: NodeState, family: Family
) -> Built:
    """WEAVE: both ways between the range and the outside, Pods of the node itself excepted."""
    pools = of_family(profile.pools, family)
    if not pools:
        return (), {}
    here = "weaver-no-masq-local"
    local = tuple(
        ip
        for pod in pods
        if not pod.host_network and (ip := pod.ip(family)) and any(contains(pool, ip) for pool in pools)
    )
    pool = pools[0]
    rules = (
        Rule((InSet(here, ("dst",)), Comment("Prevent SNAT to locally running containers")), Return()),
        Rule((Source(pool), Destination(MULTICAST[family])), Return()),
        Rule((Source(pool, negated=True), Destination(pool)), Masquerade()),
        Rule((Source(pool), Destination(pool, negated=True)), Masquerade()),
    )
    return (Chain("WEAVE", rules),), {here: IpSet(here, "hash:ip", local, family)}


BUILDERS: dict[str, Callable[[CniProfile, ClusterSettings, Iterable[PodState], NodeState, Family], Built]] = {
    "flannel": _flannel,
    "calico": _calico,
    "weave": _weave,
}
