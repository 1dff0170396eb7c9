"""A name as the destination: looked up as the sender's own resolver would, the queries themselves checked too.

The lookup is cluster DNS' (`domain/dns.md`); that its packets get through is a trace of its own: UDP 53 to the
cluster's DNS Service, with the policies of both sides.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from designer.engine.controlplane.dns import Resolution, ResolvConf, resolv_conf, resolve
from designer.engine.controlplane.musl import musl_aside
from designer.engine.trace.aim import (
    Aim,
    Aims,
    aim_at_address,
    aim_at_endpoints,
    aim_at_node,
    aim_at_service_port,
    fail,
    one,
)
from designer.engine.trace.dns_traffic import delivery
from designer.engine.trace.entrances import entrances, exposure, gateway_addresses, is_closed
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Evidence, Hop
from designer.engine.trace.origin import address_towards
from designer.engine.trace.public_names import aim_public, lookup_hop
from designer.engine.trace.request import Parsed
from designer.model import ExternalHost
from designer.model.design import ExternalSpec
from designer.model.meta import ObjectMeta


def aim_at_name(ground: Ground, origin: Origin, parsed: Parsed) -> Aims:
    """The aim for a name: a Node's, a cluster name, or one of the world outside."""
    if parsed.host.removesuffix(".") == "localhost":
        if parsed.port is None:
            return fail("cannot-tell", "No port is given for localhost. Write localhost:8080, for example.")
        return one(Aim("127.0.0.1", parsed.port, parsed.protocol, "localhost"))
    if origin.kind == "outside":
        return aim_public(ground, origin, parsed)
    if parsed.host in ground.control.nodes:
        found = aim_at_node(ground, origin, parsed.host, parsed)
        note = f"{parsed.host} is read as the Node's address; it is not looked up."
        return replace(found, notes=(note, *found.notes))
    return _look_up(ground, origin, parsed)


def _look_up(ground: Ground, origin: Origin, parsed: Parsed) -> Aims:
    pod = origin.pod
    assumed, controller, note = _public_host(ground, origin, parsed)
    hosts = (*ground.state.project.of(ExternalHost), *assumed)
    found = resolve(parsed.host, pod, ground.control, ground.settings, hosts)
    if assumed and found.object == assumed[0].id:
        found = replace(found, object=controller)
    else:
        note = ""
    conf = resolv_conf(pod, ground.control, ground.settings) if pod is not None else None
    hop = _hop(origin, found, conf, note)
    blocked, lost, why = _blocked(ground, origin, found, conf, hop)
    if blocked is not None:
        return blocked
    if lost:
        hop = replace(hop, reason=f"{hop.reason} Of the queries {share_text(lost)} may get no answer.")
    if found.status != "ok":
        return fail("name-not-found" if found.status == "name-not-found" else "cannot-tell", hop.reason, (hop,))
    aims = _aim(ground, origin, parsed, found)
    return replace(aims, hops=(hop, *aims.hops), lost=lost, lost_why=why)


def _aim(ground: Ground, origin: Origin, parsed: Parsed, found: Resolution) -> Aims:
    """What the answer's addresses mean for a sender of these families."""
    usable = tuple(a for a in found.addresses if address_towards(origin, a) or origin.kind == "node")
    if not usable:
        return fail("no-route", f"{parsed.host} is {', '.join(found.addresses)}; {origin.name} has no such family.")
    service = ground.control.services.get(found.object)
    if service is not None and service.headless:
        return aim_at_endpoints(ground, origin, service, parsed, usable)
    if service is not None and not service.external_name:
        return aim_at_service_port(ground, service, parsed, usable[0])
    return aim_at_address(ground, origin, replace(parsed, kind="address", host=usable[0]))


def _public_host(ground: Ground, origin: Origin, parsed: Parsed) -> tuple[tuple[ExternalHost, ...], str, str]:
    """The host of an Ingress or a Gateway as public DNS would have it, where one serves it; its id; the assumption."""
    name = parsed.host.removesuffix(".")
    every = entrances(ground, name)
    found = tuple(one for one in every if not is_closed(ground, one)) or every
    if len(found) != 1:
        return (), "", ""
    entrance = found[0]
    if entrance.controller is not None:
        entries, how, _ = exposure(ground, origin, entrance.controller, parsed)
        addresses = tuple(address for _, address in entries)
    else:
        addresses, how = gateway_addresses(ground, origin, entrance.gateway), f"the address of {entrance.name}"
    if not addresses:
        return (), "", ""
    spec = ExternalSpec(addresses=addresses, names=(name,))
    host = ExternalHost(metadata=ObjectMeta(name=entrance.id.rpartition("/")[2].rpartition(":")[2]), spec=spec)
    return (host,), entrance.id, f" Taken for granted: public DNS answers it with {addresses[0]}, {how}."


def _hop(origin: Origin, found: Resolution, conf: ResolvConf | None, note: str) -> Hop:
    if found.status == "ok":
        alias = f" ({found.canonical})" if found.canonical not in ("", found.name) else ""
        said = f"{found.name}{alias} is {', '.join(found.addresses)}: {_sentence(found.reason)}{note}"
        word = "found"
    else:
        word = "name not found" if found.status == "name-not-found" else "cannot tell"
        said = f"{found.name}: {_sentence(found.reason)}"
    rows = [("Queries", found.cost)]
    if conf is not None:
        rows += [("resolv.conf", line) for line in conf.text.splitlines()]
        aside = musl_aside(found, conf)
        rows += [("Other resolvers", aside)] if aside else []
    who = next((query.by for query in reversed(found.queries) if query.by not in ("", query.server)), "")
    rows += [("Answered by", who)] if who else []
    for query in found.queries:
        answers = ", ".join(query.answers) or query.rcode
        rows.append((f"{query.type} {query.name}", f"{answers} ({query.rule})"))
    decided = (Evidence(found.object.partition(":")[2], found.object),) if found.object else ()
    return Hop("resolve", "request", f"{origin.name} · resolver", origin.id, f"Who is {found.name}?", None, None, said,
               origin.node, "", word, decided, (), tuple(rows))  # fmt: skip


def _blocked(
    ground: Ground, origin: Origin, found: Resolution, conf: ResolvConf | None, hop: Hop
) -> tuple[Aims | None, Fraction, str]:
    """Why the queries get no answer: their packets, traced, do not reach the cluster's DNS; None where they do.

    Where only some of the DNS Pods are reached: the share of queries that are lost, and why.
    """
    sent = delivery(ground, origin, found, conf)
    worst = sent.worst
    if worst is None:
        return None, Fraction(0), ""
    if not sent.status:
        return None, worst.lost, sent.reason
    said = f"{origin.name} asks {worst.server} for {found.name}; this is what becomes of the question."
    lookup = replace(lookup_hop(origin, found.name, said, "no answer"), details=hop.details)
    policies = worst.policies if sent.status == "name-not-found" else ()
    failed = fail(sent.status, sent.reason, (lookup, *worst.hops))
    return replace(failed, policies=policies), Fraction(0), ""


def share_text(share: Fraction) -> str:
    """``1 of 2``."""
    return f"{share.numerator} of {share.denominator}"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
