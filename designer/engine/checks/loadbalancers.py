"""Load balancers that do not do what their Service says: `domain/pitfalls.md`, "Services and endpoints"."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.checks.survey import Survey, short, shown
from designer.engine.policy.matchers import parse_address
from designer.engine.policy.validate import parse_cidr
from designer.model import ExternalClient, Problem

# What the annotations that switch the PROXY protocol on have in common, and the values that leave it off.
PROXY_WORDS = ("proxy-protocol", "proxyprotocol")
OFF = ("", "false", "none", "0", "off", "no")


def nobody_in_ranges(s: Survey) -> Iterator[Problem]:
    """SVC-21: source ranges in which no client of the drawing is."""
    clients = {
        client.id: tuple(a for text in client.spec.addresses if (a := parse_address(text)))
        for client in s.project.of(ExternalClient)
    }
    known = {oid: addresses for oid, addresses in clients.items() if addresses}
    for oid, service in s.control.services.items():
        ranges = tuple(net for text in service.source_ranges if (net := parse_cidr(text.strip())))
        if service.type != "LoadBalancer" or not ranges or not known:
            continue
        if any(a.version == net.version and a in net for found in known.values() for a in found for net in ranges):
            continue
        title = f"{short(oid)}: no client drawn here is in loadBalancerSourceRanges ({shown(service.source_ranges)})"
        why = f"Calls of {shown(short(client) for client in known)} to the load balancer's address are dropped."
        fix = "Add the addresses that arrive at the Nodes: the clients' own, or those of a balancer that hides them."
        yield s.problem("SVC-21", "warning", oid, "spec.loadBalancerSourceRanges", title, why, fix)


def proxy_protocol_passed_by(s: Survey) -> Iterator[Problem]:
    """SVC-25: a load balancer that writes PROXY headers, and clients inside the cluster that never meet it."""
    for oid, service in s.control.services.items():
        asked = [
            name
            for name, value in service.annotations.items()
            if any(word in name.lower() for word in PROXY_WORDS) and value.strip().lower() not in OFF
        ]
        passed_by = [entry.ip for entry in service.load_balancer if entry.ip and entry.ip_mode == "VIP"]
        if service.type == "LoadBalancer" and asked and passed_by:
            title = f"{short(oid)}: calls from inside to {shown(passed_by)} come without PROXY header"
            why = "With ipMode VIP the Node itself answers for the address: they pass the load balancer by."
            fix = "Let clients inside call the Service by its name, or have the controller set ipMode: Proxy."
            yield s.problem("SVC-25", "warning", oid, "metadata.annotations", title, why, fix)
