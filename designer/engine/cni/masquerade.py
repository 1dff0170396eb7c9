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
from designer.engine.netfilter.matches import Comment, Destination, InSet, MarkIs, Match, Source
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
    """cali-nat-outgoing: from a pool with natOutgoing to anything outside all pools."""
    pools = of_family(profile.pools, family)
    if not profile.nat_outgoing or not pools:
        return (), {}
    masq, all_pools = f"cali{family}0masq-ipam-pools", f"cali{family}0all-ipam-pools"
    rule = Rule((InSet(masq, ("src",)), InSet(all_pools, ("dst",), negated=True)), Masquerade(random_fully=True))
    sets = {name: IpSet(name, "hash:net", pools, family) for name in (masq, all_pools)}
    return (Chain("cali-nat-outgoing", (rule,)),), sets


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
