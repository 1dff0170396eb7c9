"""All checks in one table, and the rule that a follower is not told beside its cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from designer.engine.checks import (
    addressing,
    aliases,
    apiwarnings,
    datapath,
    dependencies,
    emptybackends,
    ingresses,
    ingresspaths,
    loadbalancers,
    names,
    nodes,
    policies,
    reach,
    services,
    sharing,
    tiered,
    twins,
    unknownfields,
)
from designer.engine.checks.survey import Survey
from designer.engine.compile import ClusterState
from designer.model import Problem, replaces_kube_proxy

CheckFunction = Callable[[Survey], Iterator[Problem]]

# Codes that a check may give, and the check. Order: services, addresses, names, policies, Ingresses, Nodes.
CHECKS: tuple[tuple[tuple[str, ...], CheckFunction], ...] = (
    (("SVC-01",), services.selector_matches_nothing),
    (("SVC-02",), services.nothing_ready),
    (("SVC-03", "SVC-07"), services.target_port_unknown),
    (("SVC-04",), services.target_name_unknown),
    (("SVC-05",), sharing.several_programs),
    (("SVC-06",), sharing.same_pods),
    (("SVC-09",), aliases.address_as_name),
    (("SVC-10",), aliases.names_of_clients),
    (("SVC-11",), dependencies.undefined_port),
    (("SVC-12", "SVC-13"), services.external_local),
    (("SVC-14",), services.internal_local),
    (("SVC-15",), sharing.busy_zone),
    (("SVC-17",), sharing.one_client),
    (("SVC-18",), services.exposed_on_one_pod),
    (("SVC-19",), services.all_on_one_node),
    (("SVC-20",), services.ranges_and_node_port),
    (("SVC-21",), loadbalancers.nobody_in_ranges),
    (("SVC-22",), services.load_balancer_pending),
    (("SVC-24",), services.external_ips),
    (("SVC-25",), loadbalancers.proxy_protocol_passed_by),
    (("SVC-28",), sharing.node_port_taken),
    (("SVC-30",), services.multiplexed_protocol),
    (("SVC-08", "SVC-31"), services.headless),
    (("SVC-32",), services.old_proxy_mode),
    (("SVC-34",), aliases.circle),
    (("SVC-W01", "SVC-W02", "SVC-W03"), apiwarnings.warned),
    (("SVC-W04", "NP-93", "ING-93"), unknownfields.unknown_fields),
    (("EPS-02",), apiwarnings.refused_slices),
    (("SVC-23",), datapath.no_node_ports),
    (("SVC-29",), datapath.node_port_on_localhost),
    (("SVC-33",), services.too_long_for_a_comment),
    (("IP-01", "IP-02", "IP-03"), addressing.overlaps),
    (("IP-04",), addressing.load_balancer_pool),
    (("IP-07",), addressing.too_many_pods),
    (("IP-08",), addressing.calico_blocks),
    (("IP-09",), addressing.static_in_dynamic_band),
    (("IP-11",), addressing.range_nearly_full),
    (("IP-12", "IP-13"), addressing.hard_coded),
    (("IP-15",), addressing.one_family_pods),
    (("IP-16",), dependencies.service_variables),
    (("IP-18",), twins.node_ranges),
    (("IP-19",), twins.same_addresses),
    (("DNS-01",), dependencies.short_name_of_another_namespace),
    (("DNS-02",), dependencies.many_queries),
    (("DNS-03", "DNS-04"), names.dns_policy),
    (("DNS-11",), names.dns_config),
    (("DNS-05",), names.governing_service),
    (("DNS-06",), dependencies.peers_before_ready),
    (("DNS-07", "DNS-08"), names.dns_servers),
    (("DNS-09",), names.forward_loop),
    (("DNS-10",), names.namespace_like_domain),
    (("NP-01",), policies.not_enforced),
    (("NP-02",), dependencies.one_side_only),
    (("NP-03", "NP-04"), reach.dns_blocked),
    (("NP-05",), policies.service_port_in_rule),
    (("NP-06", "NP-14"), policies.blocks),
    (("NP-07",), reach.clients_by_address),
    (("NP-08",), policies.entries_that_look_like_one),
    (("NP-09", "NP-12"), policies.peer_matches_nothing),
    (("NP-10",), policies.egress_left_open),
    (("NP-11", "NP-22"), policies.selects_nothing),
    (("NP-13",), policies.named_port_unknown),
    (("NP-15",), policies.host_network),
    (("NP-16", "NP-17"), reach.controller_blocked),
    (("NP-18",), tiered.webhooks),
    (("NP-19",), tiered.equal_priority),
    (("NP-20",), tiered.denied_at_the_end),
    (("NP-21",), policies.unsupported),
    (("ING-01", "ING-02"), ingresses.unserved),
    (("ING-03",), ingresses.several_defaults),
    (("ING-04",), ingresses.duplicates),
    (("ING-05",), ingresses.one_host_two_controllers),
    (("ING-06", "ING-07"), ingresses.backends),
    (("ING-08",), ingresspaths.exact_without_slash),
    (("ING-09",), ingresspaths.prefix_by_character),
    (("ING-10",), ingresses.certificates),
    (("ING-11",), ingresses.tls_hosts),
    (("ING-12",), ingresses.wildcard_depth),
    (("ING-13",), ingresses.retired_controller),
    (("ING-14",), ingresses.client_address_lost),
    (("ING-15",), ingresspaths.regex_of_another),
    (("ING-96",), emptybackends.of_ingresses),
    (("ING-97",), emptybackends.unread_expressions),
    (("GW-96",), emptybackends.of_routes),
    (("GW-98",), unknownfields.misspelt_in_gateways),
    (("NODE-02",), nodes.host_port_clash),
    (("NODE-03",), nodes.mtu),
    (("NODE-05",), nodes.needs_one_link),
    (("NODE-06", "NODE-07"), nodes.bridge_flags),
    (("NODE-08",), datapath.hot_spot),
    (("NODE-12",), nodes.cluster_cidr),
    (("NODE-13",), datapath.several_cards),
    (("NODE-14",), nodes.not_ready),
    (("NODE-15",), datapath.kept_off),
    (("NODE-16",), nodes.excluded_from_load_balancers),
    (("NODE-17",), nodes.weave),
    (("NODE-18",), nodes.old_kernel),
    (("NODE-19",), nodes.proxy_refused),
    (("NODE-20",), nodes.lenient_arp),
    (("NODE-21",), nodes.other_version),
)


@dataclass(frozen=True, slots=True)
class Follower:
    """Problems that a cause explains: `followers` are codes; `same_object` limits it to problems of the same object."""

    cause: str
    followers: tuple[str, ...]
    same_object: bool = True


# `domain/pitfalls.md`, "Cross-checks worth running on every model", rule 5.
FOLLOWERS: tuple[Follower, ...] = (
    Follower("SVC-02", ("SVC-03", "SVC-18", "SVC-19", "SVC-30")),
    Follower("SVC-04", ("SVC-03",)),
    Follower("DNS-07", ("SVC-02", "SVC-01")),
    Follower("IP-01", ("IP-04", "IP-07", "IP-08", "IP-12", "IP-13", "NODE-12"), same_object=False),
    Follower("IP-02", ("IP-12", "IP-13", "NP-06"), same_object=False),
    Follower("IP-05", ("NODE-14",)),
    Follower(
        "NP-01",
        ("NP-02", "NP-03", "NP-04", "NP-05", "NP-06", "NP-07", "NP-15", "NP-16", "NP-17", "NP-18", "NP-21"),
        same_object=False,
    ),
    Follower("NP-11", ("NP-12", "NP-13")),
    Follower("NP-22", ("NP-12", "NP-13")),
    Follower("NP-90", ("NP-10",)),
    Follower("ING-90", ("ING-10", "ING-11", "ING-12")),
    Follower("NODE-17", ("IP-15",), same_object=False),
)


# Codes about kube-proxy itself: nothing to say where it does not run.
KUBE_PROXY = frozenset({"SVC-32", "SVC-33", "NODE-12", "NODE-18", "NODE-19", "NODE-20"})


def check(state: ClusterState) -> tuple[Problem, ...]:
    """All problems of a cluster: those of the passes and those of the checks, without followers, errors first."""
    survey = Survey(state)
    passed_over = KUBE_PROXY if replaces_kube_proxy(state.project.cluster) else frozenset[str]()
    found = [problem for codes, run in CHECKS if not passed_over.issuperset(codes) for problem in run(survey)]
    kept = [problem for problem in found if not (problem.object and survey.is_assumed(problem.object))]
    every = tuple(dict.fromkeys((*state.problems, *kept)))
    return tuple(sorted(_without_followers(every), key=lambda problem: problem.sort_key))


def _without_followers(problems: tuple[Problem, ...]) -> Iterator[Problem]:
    present = {(problem.code, problem.object) for problem in problems}
    codes = {problem.code for problem in problems}
    for problem in problems:
        hidden = any(
            problem.code in rule.followers
            and ((rule.cause, problem.object) in present if rule.same_object else rule.cause in codes)
            for rule in FOLLOWERS
        )
        if not hidden:
            yield problem
